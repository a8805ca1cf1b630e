//! The queries of the simulated Prometheus' HTTP API: instant and range queries, names of labels and their values.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use promql_parser::parser::{self, Expr};
use serde_json::{Map, Value as Json, json};

use super::eval::{Eval, Row, Value, chosen};
use super::scrape;
use super::tsdb::{Labels, Tsdb, missing};
use super::{failure, success};
use crate::demo::kubernetes::Context;
use crate::demo::web::{Answer, Asked};

/// Points of a series that are answered at most.
const POINTS: i64 = 11_000;

/// Answers a query; none if it is something else that is asked.
pub(super) fn respond(context: &Context, asked: &Asked) -> Option<Answer> {
    let known = match asked.path.as_str() {
        "/api/v1/query" | "/api/v1/query_range" | "/api/v1/labels" | "/api/v1/series" => true,
        path => path.starts_with("/api/v1/label/") && path.ends_with("/values"),
    };
    if !known {
        return None;
    }
    Some(with(context, |tsdb, now| match asked.path.as_str() {
        "/api/v1/query" => instant(tsdb, asked, now),
        "/api/v1/query_range" => range(tsdb, asked, now),
        "/api/v1/labels" => labels(tsdb, asked),
        "/api/v1/series" => series(tsdb, asked),
        path => {
            let name = path
                .trim_start_matches("/api/v1/label/")
                .trim_end_matches("/values");
            values(tsdb, asked, name)
        }
    }))
}

/// Brings the samples up to the world's time and looks at them.
pub(crate) fn with<T>(context: &Context, look: impl FnOnce(&Tsdb, i64) -> T) -> T {
    let mut tsdb = context
        .metrics
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let now = keep_up(context, &mut tsdb);
    look(&tsdb, now)
}

/// Scrapes what is due, once somebody has looked: until then nobody pays for it.
pub(crate) fn tick(context: &Context) {
    // Whoever asks now keeps up as well.
    if let Ok(mut tsdb) = context.metrics.try_lock()
        && tsdb.begun()
    {
        keep_up(context, &mut tsdb);
    }
}

fn keep_up(context: &Context, tsdb: &mut Tsdb) -> i64 {
    let cluster = {
        let cluster = context.shared.lock();
        let now = cluster.now.as_second();
        if tsdb.due(now).is_empty() {
            return now;
        }
        // A copy, so that the world goes on while hours of samples are told for the first time.
        cluster.clone()
    };
    scrape::keep_up(tsdb, &cluster);
    cluster.now.as_second()
}

fn parsed(asked: &Asked) -> Result<Expr, Answer> {
    let text = asked.query.get("query").unwrap_or_default();
    parser::parse(text).map_err(|error| {
        // The parser says what is wrong and not where; the end is where one looks.
        let column = text.chars().count() + 1;
        let words = format!("invalid parameter \"query\": 1:{column}: parse error: {error}");
        failure(400, "bad_data", &words)
    })
}

fn number(asked: &Asked, key: &str) -> Option<f64> {
    let text = asked.query.get(key)?;
    text.parse().ok().or_else(|| {
        let time: jiff::Timestamp = text.parse().ok()?;
        Some(time.as_second() as f64)
    })
}

fn instant(tsdb: &Tsdb, asked: &Asked, now: i64) -> Answer {
    let expr = match parsed(asked) {
        Ok(expr) => expr,
        Err(answer) => return answer,
    };
    let at = number(asked, "time").map_or(now, |time| time as i64);
    let times = [at];
    match (Eval {
        tsdb,
        times: &times,
    })
    .run(&expr)
    {
        Ok(Value::Scalar(values)) => {
            let value = values.first().copied().unwrap_or(f64::NAN);
            success(&json!({"resultType": "scalar", "result": [at, written(value)]}))
        }
        Ok(Value::Text(text)) => success(&json!({"resultType": "string", "result": [at, text]})),
        Ok(Value::Vector(rows)) => {
            let result: Vec<Json> = rows
                .iter()
                .filter_map(|row| {
                    let value = row
                        .values
                        .first()
                        .copied()
                        .filter(|value| !missing(*value))?;
                    Some(json!({"metric": metric(row), "value": [at, written(value)]}))
                })
                .collect();
            success(&json!({"resultType": "vector", "result": result}))
        }
        Err(words) => failure(422, "execution", &words),
    }
}

fn range(tsdb: &Tsdb, asked: &Asked, now: i64) -> Answer {
    let expr = match parsed(asked) {
        Ok(expr) => expr,
        Err(answer) => return answer,
    };
    let start = number(asked, "start").map_or(now - 3600, |time| time as i64);
    let end = number(asked, "end").map_or(now, |time| time as i64);
    let step = number(asked, "step").map_or(15, |step| step as i64).max(1);
    if (end - start) / step > POINTS {
        let words = "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)";
        return failure(400, "bad_data", words);
    }
    let times: Vec<i64> = (0..=(end - start).max(0) / step)
        .map(|at| start + at * step)
        .collect();
    let rows = match (Eval {
        tsdb,
        times: &times,
    })
    .run(&expr)
    {
        Ok(Value::Vector(rows)) => rows,
        Ok(Value::Scalar(values)) => vec![Row {
            name: String::new(),
            labels: Labels::from([]),
            values,
        }],
        Ok(Value::Text(_)) => {
            let words = "invalid parameter \"query\": invalid expression type \"string\" for range query, must be Scalar or instant Vector";
            return failure(400, "bad_data", words);
        }
        Err(words) => return failure(422, "execution", &words),
    };
    let result: Vec<Json> = rows
        .iter()
        .map(|row| {
            let points = times
                .iter()
                .zip(&row.values)
                .filter(|(_, value)| !missing(**value));
            let points: Vec<Json> = points
                .map(|(at, value)| json!([at, written(*value)]))
                .collect();
            json!({"metric": metric(row), "values": points})
        })
        .collect();
    success(&json!({"resultType": "matrix", "result": result}))
}

/// A value as Prometheus writes it.
fn written(value: f64) -> String {
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned()
    } else {
        value.to_string()
    }
}

fn metric(row: &Row) -> Json {
    let mut map = Map::new();
    if !row.name.is_empty() {
        map.insert("__name__".to_owned(), row.name.clone().into());
    }
    for (name, value) in row.labels.iter() {
        map.insert(name.to_string(), value.to_string().into());
    }
    Json::Object(map)
}

/// The series that `match[]` chooses, or all of them; what does not parse chooses none.
fn matching<T>(tsdb: &Tsdb, asked: &Asked, take: impl Fn(&str, &Labels) -> T) -> Vec<T> {
    match asked.query.get("match[]") {
        None => tsdb
            .lines(|_| true)
            .map(|(name, line)| take(name, &line.labels))
            .collect(),
        Some(selector) => match parser::parse(selector) {
            Ok(Expr::VectorSelector(selector)) => chosen(tsdb, &selector)
                .map(|(name, line)| take(name, &line.labels))
                .collect(),
            _ => Vec::new(),
        },
    }
}

fn labels(tsdb: &Tsdb, asked: &Asked) -> Answer {
    let of = |_: &str, labels: &Labels| {
        labels
            .iter()
            .map(|(name, _)| name.to_string())
            .collect::<Vec<_>>()
    };
    let mut names: BTreeSet<String> = matching(tsdb, asked, of).into_iter().flatten().collect();
    if !names.is_empty() {
        names.insert("__name__".to_owned());
    }
    success(&json!(names))
}

fn values(tsdb: &Tsdb, asked: &Asked, label: &str) -> Answer {
    if label == "__name__" && asked.query.get("match[]").is_none() {
        let names: Vec<&str> = tsdb.names().collect();
        return success(&json!(names));
    }
    let of = |name: &str, labels: &Labels| match label {
        "__name__" => Some(name.to_owned()),
        label => super::eval::label(labels, label).map(str::to_owned),
    };
    let values: BTreeSet<String> = matching(tsdb, asked, of).into_iter().flatten().collect();
    success(&json!(values))
}

fn series(tsdb: &Tsdb, asked: &Asked) -> Answer {
    let of = |name: &str, labels: &Labels| {
        metric(&Row {
            name: name.to_owned(),
            labels: Labels::clone(labels),
            values: Vec::new(),
        })
    };
    success(&json!(matching(tsdb, asked, of)))
}
