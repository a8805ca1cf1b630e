//! `qd query`: a PromQL expression, answered now or over a range, as a table, JSON, CSV or a chart.

use std::fmt::Write;
use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use serde_json::{Value, json};

use super::answers::{cause, feed};
use super::gather::Gathering;
use super::parse::{Picture, Query, QueryOutput};
use super::snapshot::render;
use super::{exit, print};
use crate::clients::clock::now;
use crate::config::Config;
use crate::model::{
    Ask, Demand, EndpointId, Engine, MetricQuery, Point, Replied, Series, SourceStatus, Topic, Unit,
};
use crate::store::{Kept, Store};
use crate::ui::theme::Theme;
use crate::ui::value::value;
use crate::ui::widgets::chart::{Chart, Legend, LegendColumn, clock, curves};
use crate::ui::{range_step, series_name};

/// How long a server may take to be found and to answer.
const PATIENCE: Duration = Duration::from_secs(40);
/// The size of a chart where there is no terminal.
const SIZE: (u16, u16) = (100, 24);

/// Asks and prints. Must be called within a runtime.
pub async fn run(config: &Config, query: &Query, theme: Option<&Theme>) -> u8 {
    let mut gathering = Gathering::start(config);
    let step = range_step(query.range.unwrap_or_default());
    let expr: Arc<str> = query.promql.as_str().into();
    let asked = |endpoint| MetricQuery {
        endpoint,
        ask: match query.range {
            Some(seconds) => Ask::Last {
                expr: Arc::clone(&expr),
                seconds,
                step,
            },
            None => Ask::Now {
                expr: Arc::clone(&expr),
            },
        },
        every: 0,
    };
    let Some(endpoint) = server(&mut gathering, query, asked).await else {
        return exit::FAILED;
    };
    let asked = asked(endpoint);
    let there = |store: &Store| store.metrics().get(&asked).is_some();
    if !gathering.until(PATIENCE, there).await {
        print::words("qd: Prometheus did not answer in time");
        return exit::FAILED;
    }
    let kept = gathering
        .store
        .metrics()
        .get(&asked)
        .cloned()
        .unwrap_or_default();
    let Kept {
        good: Some((_, reply, warnings)),
        ..
    } = kept
    else {
        let why = kept.refused.map(|(_, why)| why).unwrap_or_default();
        print::words(&format!("qd: Prometheus {why}"));
        return exit::FAILED;
    };
    for warning in &warnings {
        print::words(&format!("qd: Prometheus warns: {warning}"));
    }
    let Replied::Series(series) = reply else {
        print::words("qd: Prometheus answered with something else than values");
        return exit::FAILED;
    };
    let zone = TimeZone::system();
    print::data(&match query.output {
        QueryOutput::Table => table(&series, query.range.is_some(), &zone),
        QueryOutput::Json => json_of(&series),
        QueryOutput::Csv => csv(&series),
        QueryOutput::Chart => chart(&series, query, step, &zone, theme),
    })
}

/// The server that is meant, once it answers; says why there is none.
async fn server(
    gathering: &mut Gathering,
    query: &Query,
    asked: impl Fn(EndpointId) -> MetricQuery,
) -> Option<EndpointId> {
    let named: Vec<EndpointId> = gathering
        .endpoints()
        .filter(|endpoint| endpoint.engine == Engine::Prometheus)
        .filter(|endpoint| {
            query
                .prometheus
                .as_ref()
                .is_none_or(|name| endpoint.name.as_str() == name)
        })
        .map(|endpoint| endpoint.id)
        .collect();
    if named.is_empty() {
        let which = query
            .prometheus
            .as_ref()
            .map_or(String::new(), |name| format!(" called \"{name}\""));
        print::words(&format!(
            "qd: no Prometheus{which} is configured or found; set PROMETHEUS_URL or [[prometheus]]"
        ));
        return None;
    }
    // A connection is only made for what is wanted.
    let mut demand = Demand::default();
    demand.metrics.extend(named.iter().copied().map(asked));
    gathering.want(demand);
    let status = |store: &Store, id: EndpointId| store.status(&feed(id, Topic::Server)).cloned();
    // The first that answers is the one; those that fail are waited out.
    let live = |store: &Store| {
        named
            .iter()
            .copied()
            .find(|id| status(store, *id).is_some_and(|it| it.is_live()))
    };
    let over = |store: &Store| {
        named
            .iter()
            .all(|id| status(store, *id).is_some_and(|it| it.fails()))
    };
    gathering
        .until(PATIENCE, |store| live(store).is_some() || over(store))
        .await;
    if let Some(id) = live(&gathering.store) {
        return Some(id);
    }
    for id in &named {
        let name = gathering
            .store
            .endpoint(*id)
            .map(|endpoint| endpoint.name.clone())
            .unwrap_or_default();
        let status = status(&gathering.store, *id);
        let why = status
            .as_ref()
            .and_then(|status: &SourceStatus| cause(status));
        print::words(&format!(
            "qd: prometheus {name}: {}",
            why.unwrap_or_else(|| "no answer in time".to_owned())
        ));
    }
    None
}

fn name(series: &Series) -> String {
    let labels: Vec<String> = series
        .labels
        .iter()
        .filter(|(label, _)| *label != "__name__")
        .map(|(label, value)| format!("{label}={value:?}"))
        .collect();
    let metric = series.labels.get("__name__").unwrap_or_default();
    if labels.is_empty() && !metric.is_empty() {
        return metric.to_owned();
    }
    format!("{metric}{{{}}}", labels.join(","))
}

fn table(series: &[Series], range: bool, zone: &TimeZone) -> String {
    if series.is_empty() {
        return "No series answers this query.\n".to_owned();
    }
    let mut rows: Vec<Vec<String>> = vec![if range {
        ["SERIES", "LAST", "MIN", "MAX", "POINTS", "AT"]
            .map(str::to_owned)
            .to_vec()
    } else {
        ["SERIES", "VALUE", "AT"].map(str::to_owned).to_vec()
    }];
    for one in series {
        let number = |number: Option<f64>| {
            number.map_or_else(|| "–".to_owned(), |it| value(Unit::Number, it))
        };
        let finite = || {
            one.points
                .iter()
                .map(|point| point.value)
                .filter(|value| value.is_finite())
        };
        let at = one
            .points
            .last()
            .map_or(String::new(), |point| clock(point.millis, zone));
        let last = number(one.points.last().map(|point| point.value));
        let mut row = vec![name(one), last];
        if range {
            row.push(number(finite().reduce(f64::min)));
            row.push(number(finite().reduce(f64::max)));
            row.push(one.points.len().to_string());
        }
        row.push(at);
        rows.push(row);
    }
    let columns = rows.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..columns)
        .map(|at| {
            rows.iter()
                .filter_map(|row| row.get(at))
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for row in &rows {
        let cells = row
            .iter()
            .zip(&widths)
            .enumerate()
            .map(|(at, (cell, width))| {
                if at == 0 {
                    format!("{cell:<width$}")
                } else {
                    format!("{cell:>width$}")
                }
            });
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// A value in JSON, which has no word for what is no number.
fn written(value: f64) -> Value {
    if value.is_finite() {
        json!(value)
    } else if value.is_nan() {
        json!("NaN")
    } else if value > 0.0 {
        json!("+Inf")
    } else {
        json!("-Inf")
    }
}

fn time(point: &Point) -> String {
    Timestamp::from_millisecond(point.millis)
        .unwrap_or_default()
        .to_string()
}

fn json_of(series: &[Series]) -> String {
    let all: Vec<Value> = series
        .iter()
        .map(|one| {
            let labels: serde_json::Map<String, Value> = one
                .labels
                .iter()
                .map(|(name, value)| (name.to_owned(), json!(value)))
                .collect();
            let points: Vec<Value> = one
                .points
                .iter()
                .map(|point| json!([time(point), written(point.value)]))
                .collect();
            json!({"labels": labels, "points": points})
        })
        .collect();
    let lines: Vec<String> = all.iter().map(Value::to_string).collect();
    if lines.is_empty() {
        return "[]\n".to_owned();
    }
    format!("[\n  {}\n]\n", lines.join(",\n  "))
}

fn csv(series: &[Series]) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut text = "series,time,value\n".to_owned();
    for one in series {
        let name = quoted(&name(one));
        for point in &one.points {
            let value = written(point.value);
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{name},{},{value}", time(point));
        }
    }
    text
}

fn chart(
    series: &[Series],
    query: &Query,
    step: u32,
    zone: &TimeZone,
    theme: Option<&Theme>,
) -> String {
    let (width, height) = terminal();
    let step_ms = i64::from(step) * 1000;
    let end = now().second() * 1000 / step_ms * step_ms;
    let start = end - i64::from(query.range.unwrap_or(3600)) * 1000;
    let named = series
        .iter()
        .map(|one| (series_name(one, "", &query.promql), one.clone()));
    let curves = curves(named);
    if curves.is_empty() {
        return "No series answers this query.\n".to_owned();
    }
    let plain = Theme::default();
    let chart = Chart {
        curves: &curves,
        selected: None,
        span: (start, end),
        step_ms,
        unit: Unit::Number,
        thresholds: &[],
        marks: &[],
        cursor_ms: None,
        zone,
        theme: theme.unwrap_or(&plain),
        ascii: false,
    };
    let legend = (curves.len() as u16 + 1).min(height / 3);
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
    chart.draw(Rect::new(0, 0, width, height - legend), &mut buffer);
    let table = Legend {
        chart: &chart,
        sort: LegendColumn::Last,
        reversed: false,
        top: 0,
    };
    table.draw(Rect::new(0, height - legend, width, legend), &mut buffer);
    let picture = if theme.is_some() {
        Picture::Ansi
    } else {
        Picture::Text
    };
    render(&buffer, picture, theme.unwrap_or(&plain), "")
}

/// The size of a chart: the terminal's width, and no more of its height than reads well.
fn terminal() -> (u16, u16) {
    if !std::io::stdout().is_terminal() {
        return SIZE;
    }
    let (width, height) = crossterm::terminal::size().unwrap_or(SIZE);
    (width.max(40), height.saturating_sub(2).clamp(12, 30))
}
