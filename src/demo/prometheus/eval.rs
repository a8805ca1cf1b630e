//! A small PromQL: an expression over the simulated series, for all moments of a range at once.
//!
//! Values of a series stand side by side, one a moment; a moment without a value has [`none`]. What the boards and rules
//! of the field use is here; anything else is refused with its name, as a server refuses what it does not know.

use std::collections::BTreeMap;
use std::sync::Arc;

use promql_parser::label::Matchers;
use promql_parser::parser::{
    AggregateExpr, BinaryExpr, Call, Expr, LabelModifier, MatrixSelector, Offset,
    VectorMatchCardinality, VectorSelector,
};

use super::over::{Over, windowed};
pub(crate) use super::rows::Row;
use super::rows::{computed, each, most, sets, summed, zipped};
use super::tsdb::{Labels, Line, Tsdb, missing, none};

/// What an expression is at every moment.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Scalar(Vec<f64>),
    Vector(Vec<Row>),
    Text(String),
}

/// An evaluation: where it looks and at which seconds.
pub(crate) struct Eval<'a> {
    pub(crate) tsdb: &'a Tsdb,
    pub(crate) times: &'a [i64],
}

type Outcome = Result<Value, String>;

impl Eval<'_> {
    pub(crate) fn run(&self, expr: &Expr) -> Outcome {
        match expr {
            Expr::Paren(inner) => self.run(&inner.expr),
            Expr::NumberLiteral(number) => Ok(Value::Scalar(vec![number.val; self.times.len()])),
            Expr::StringLiteral(text) => Ok(Value::Text(text.val.clone())),
            Expr::Unary(unary) => Ok(match self.run(&unary.expr)? {
                Value::Scalar(values) => {
                    Value::Scalar(values.into_iter().map(|value| -value).collect())
                }
                Value::Vector(rows) => Value::Vector(each(rows, |value| -value)),
                text @ Value::Text(_) => text,
            }),
            Expr::VectorSelector(selector) => Ok(Value::Vector(self.select(selector))),
            Expr::Aggregate(aggregate) => self.aggregate(aggregate),
            Expr::Binary(binary) => self.binary(binary),
            Expr::Call(call) => self.call(call),
            Expr::MatrixSelector(_) => Err("a range of values must stand in a function".to_owned()),
            Expr::Subquery(_) => Err("the demo does not know subqueries".to_owned()),
            Expr::Extension(_) => Err("the demo does not know this".to_owned()),
        }
    }

    fn vector(&self, expr: &Expr) -> Result<Vec<Row>, String> {
        match self.run(expr)? {
            Value::Vector(rows) => Ok(rows),
            _ => Err("expected a vector".to_owned()),
        }
    }

    fn scalar(&self, expr: &Expr) -> Result<Vec<f64>, String> {
        match self.run(expr)? {
            Value::Scalar(values) => Ok(values),
            _ => Err("expected a number".to_owned()),
        }
    }

    fn select(&self, selector: &VectorSelector) -> Vec<Row> {
        let shift = seconds(selector.offset.as_ref());
        let rows = chosen(self.tsdb, selector).map(|(name, line)| Row {
            name: name.to_owned(),
            labels: Arc::clone(&line.labels),
            values: self.times.iter().map(|at| line.at(at - shift)).collect(),
        });
        rows.filter(Row::any).collect()
    }

    fn over(&self, selector: &MatrixSelector, over: Over, param: f64) -> Vec<Row> {
        let (range, shift) = (
            selector.range.as_secs() as i64,
            seconds(selector.vs.offset.as_ref()),
        );
        let rows = chosen(self.tsdb, &selector.vs).map(|(_, line)| Row {
            name: String::new(),
            labels: Arc::clone(&line.labels),
            values: self
                .times
                .iter()
                .map(|at| windowed(line, at - shift, range, over, param))
                .collect(),
        });
        rows.filter(Row::any).collect()
    }

    fn aggregate(&self, aggregate: &AggregateExpr) -> Outcome {
        let rows = self.vector(&aggregate.expr)?;
        let op = aggregate.op.to_string();
        let param = match &aggregate.param {
            Some(param) => self.scalar(param)?.first().copied().unwrap_or_default(),
            None => 0.0,
        };
        let mut groups: BTreeMap<Labels, Vec<Row>> = BTreeMap::new();
        for row in rows {
            groups
                .entry(group(&row.labels, aggregate.modifier.as_ref()))
                .or_default()
                .push(row);
        }
        if matches!(op.as_str(), "topk" | "bottomk") {
            let kept = groups
                .into_values()
                .flat_map(|rows| most(rows, param as usize, op == "topk"));
            return Ok(Value::Vector(kept.filter(Row::any).collect()));
        }
        let mut out = Vec::new();
        for (labels, rows) in groups {
            let values = (0..self.times.len()).map(|at| {
                let values: Vec<f64> = rows
                    .iter()
                    .filter_map(|row| row.values.get(at))
                    .copied()
                    .filter(|it| !missing(*it))
                    .collect();
                summed(&op, &values, param)
            });
            let values = values
                .collect::<Option<Vec<f64>>>()
                .ok_or_else(|| format!("the demo does not know {op}"))?;
            out.push(Row {
                name: String::new(),
                labels,
                values,
            });
        }
        Ok(Value::Vector(out.into_iter().filter(Row::any).collect()))
    }

    fn binary(&self, binary: &BinaryExpr) -> Outcome {
        let op = binary.op.to_string();
        let (left, right) = (self.run(&binary.lhs)?, self.run(&binary.rhs)?);
        let bool = binary.return_bool();
        let compares = matches!(op.as_str(), "==" | "!=" | ">" | "<" | ">=" | "<=");
        let number = |a: f64, b: f64| {
            if missing(a) || missing(b) {
                return none();
            }
            computed(&op, a, b)
        };
        // A comparison keeps the value of its left side where it holds.
        let kept = |value: f64, a: f64, b: f64| {
            let result = number(a, b);
            match (compares && !bool, result) {
                (false, result) => result,
                (true, result) if !missing(result) && result != 0.0 => value,
                (true, _) => none(),
            }
        };
        match (left, right) {
            (Value::Scalar(a), Value::Scalar(b)) => Ok(Value::Scalar(
                a.iter().zip(&b).map(|(a, b)| number(*a, *b)).collect(),
            )),
            (Value::Vector(rows), Value::Scalar(b)) => Ok(Value::Vector(zipped(
                rows,
                &b,
                compares && !bool,
                |a, b| kept(a, a, b),
            ))),
            (Value::Scalar(a), Value::Vector(rows)) => Ok(Value::Vector(zipped(
                rows,
                &a,
                compares && !bool,
                |b, a| kept(b, a, b),
            ))),
            (Value::Vector(left), Value::Vector(right)) => {
                Self::matched(binary, &op, left, right, kept)
            }
            _ => Err("text cannot be computed with".to_owned()),
        }
    }

    fn matched(
        binary: &BinaryExpr,
        op: &str,
        left: Vec<Row>,
        right: Vec<Row>,
        kept: impl Fn(f64, f64, f64) -> f64,
    ) -> Outcome {
        let modifier = binary.modifier.as_ref();
        let matching = modifier.and_then(|modifier| modifier.matching.as_ref());
        let key = |row: &Row| match matching {
            Some(LabelModifier::Include(_)) => group(&row.labels, matching),
            _ => group(
                &row.labels,
                Some(matching.unwrap_or(&LabelModifier::exclude(Vec::new()))),
            ),
        };
        if matches!(op, "and" | "or" | "unless") {
            return Ok(Value::Vector(sets(op, left, right, key)));
        }
        let card = modifier.map(|modifier| &modifier.card);
        let right_is_many = matches!(card, Some(VectorMatchCardinality::OneToMany(_)));
        let (many, one) = if right_is_many {
            (right, left)
        } else {
            (left, right)
        };
        let extra: Vec<String> = card
            .and_then(VectorMatchCardinality::labels)
            .map(|labels| labels.labels.clone())
            .unwrap_or_default();
        let grouped = matches!(
            card,
            Some(VectorMatchCardinality::OneToMany(_) | VectorMatchCardinality::ManyToOne(_))
        );
        let mut ones: BTreeMap<Labels, Row> = BTreeMap::new();
        for row in one {
            if let Some(other) = ones.insert(key(&row), row)
                && other.any()
            {
                let found = key(&other);
                // Two series may take turns, but not stand side by side.
                let now = ones.get(&found);
                let both = now.is_some_and(|row| {
                    row.values
                        .iter()
                        .zip(&other.values)
                        .any(|(a, b)| !missing(*a) && !missing(*b))
                });
                if both {
                    return Err("found duplicate series for the match group on the right hand-side of the operation".to_owned());
                }
            }
        }
        let compares = matches!(op, "==" | "!=" | ">" | "<" | ">=" | "<=") && !binary.return_bool();
        let mut out = Vec::new();
        for row in many {
            let Some(one) = ones.get(&key(&row)) else {
                continue;
            };
            let values = row.values.iter().zip(&one.values).map(|(many, one)| {
                let (a, b) = if right_is_many {
                    (*one, *many)
                } else {
                    (*many, *one)
                };
                kept(a, a, b)
            });
            let values: Vec<f64> = values.collect();
            let labels = if grouped {
                with(&row.labels, &one.labels, &extra)
            } else if compares {
                Arc::clone(&row.labels)
            } else {
                key(&row)
            };
            out.push(Row {
                name: if compares { row.name } else { String::new() },
                labels,
                values,
            });
        }
        Ok(Value::Vector(out.into_iter().filter(Row::any).collect()))
    }

    fn call(&self, call: &Call) -> Outcome {
        let name = call.func.name;
        let args: Vec<&Expr> = call.args.args.iter().map(|arg| &**arg).collect();
        if let Some(over) = Over::named(name) {
            let selector = args
                .iter()
                .find_map(|arg| matrix(arg))
                .ok_or("expected a range of values")?;
            let param = args.iter().find(|arg| matrix(arg).is_none());
            let param = match param {
                Some(param) => self.scalar(param)?.first().copied().unwrap_or_default(),
                None => 0.0,
            };
            return Ok(Value::Vector(self.over(selector, over, param)));
        }
        let first = args.first().copied();
        let rows = |at: usize| self.vector(args.get(at).copied().ok_or("too few arguments")?);
        let limit = |at: usize| self.scalar(args.get(at).copied().ok_or("too few arguments")?);
        match name {
            "time" => Ok(Value::Scalar(
                self.times.iter().map(|at| *at as f64).collect(),
            )),
            "vector" => Ok(Value::Vector(vec![Row {
                name: String::new(),
                labels: Arc::from([]),
                values: limit(0)?,
            }])),
            "scalar" => {
                let rows = rows(0)?;
                let values = match rows.as_slice() {
                    [row] => row
                        .values
                        .iter()
                        .map(|value| if missing(*value) { f64::NAN } else { *value })
                        .collect(),
                    _ => vec![f64::NAN; self.times.len()],
                };
                Ok(Value::Scalar(values))
            }
            "abs" => Ok(Value::Vector(each(rows(0)?, f64::abs))),
            "ceil" => Ok(Value::Vector(each(rows(0)?, f64::ceil))),
            "floor" => Ok(Value::Vector(each(rows(0)?, f64::floor))),
            "round" => Ok(Value::Vector(each(rows(0)?, f64::round))),
            "sort" | "sort_desc" => rows(0).map(Value::Vector),
            "clamp_min" => Ok(Value::Vector(zipped(rows(0)?, &limit(1)?, false, f64::max))),
            "clamp_max" => Ok(Value::Vector(zipped(rows(0)?, &limit(1)?, false, f64::min))),
            "timestamp" => {
                let mut rows = rows(0)?;
                for row in &mut rows {
                    row.name.clear();
                    for (value, at) in row.values.iter_mut().zip(self.times) {
                        if !missing(*value) {
                            *value = *at as f64;
                        }
                    }
                }
                Ok(Value::Vector(rows))
            }
            "absent" => {
                let rows = rows(0)?;
                let values = (0..self.times.len()).map(|at| {
                    let there = rows
                        .iter()
                        .any(|row| row.values.get(at).is_some_and(|value| !missing(*value)));
                    if there { none() } else { 1.0 }
                });
                let row = Row {
                    name: String::new(),
                    labels: Arc::from([]),
                    values: values.collect(),
                };
                Ok(Value::Vector(
                    Some(row).filter(Row::any).into_iter().collect(),
                ))
            }
            "histogram_quantile" => {
                let quantile = self
                    .scalar(first.ok_or("too few arguments")?)?
                    .first()
                    .copied()
                    .unwrap_or_default();
                Ok(Value::Vector(super::over::quantiles(
                    rows(1)?,
                    quantile,
                    self.times.len(),
                )))
            }
            "label_replace" => self.label_replace(&args),
            other => Err(format!("the demo does not know the function {other}")),
        }
    }

    fn label_replace(&self, args: &[&Expr]) -> Outcome {
        let word = |at: usize| match args.get(at).map(|arg| self.run(arg)) {
            Some(Ok(Value::Text(text))) => Ok(text),
            _ => Err("expected text".to_owned()),
        };
        let mut rows = self.vector(args.first().copied().ok_or("too few arguments")?)?;
        let (to, with, from, pattern) = (word(1)?, word(2)?, word(3)?, word(4)?);
        let pattern =
            regex::Regex::new(&format!("^(?:{pattern})$")).map_err(|error| error.to_string())?;
        for row in &mut rows {
            let value = label(&row.labels, &from).unwrap_or_default().to_owned();
            if let Some(found) = pattern.captures(&value) {
                let mut text = String::new();
                found.expand(&with, &mut text);
                let others = row.labels.iter().filter(|(name, _)| **name != *to);
                let mut pairs: Vec<(&str, &str)> =
                    others.map(|(name, value)| (&**name, &**value)).collect();
                pairs.push((&to, &text));
                row.labels = super::tsdb::labels(&pairs);
            }
        }
        Ok(Value::Vector(rows))
    }
}

fn matrix(expr: &Expr) -> Option<&MatrixSelector> {
    match expr {
        Expr::MatrixSelector(selector) => Some(selector),
        Expr::Paren(inner) => matrix(&inner.expr),
        _ => None,
    }
}

fn seconds(offset: Option<&Offset>) -> i64 {
    match offset {
        Some(Offset::Pos(by)) => by.as_secs() as i64,
        Some(Offset::Neg(by)) => -(by.as_secs() as i64),
        None => 0,
    }
}

/// The series that a selector chooses.
pub(crate) fn chosen<'a>(
    tsdb: &'a Tsdb,
    selector: &'a VectorSelector,
) -> impl Iterator<Item = (&'a str, &'a Line)> {
    let Matchers {
        matchers,
        or_matchers,
    } = &selector.matchers;
    let named = move |name: &str| {
        selector.name.as_deref().is_none_or(|wanted| wanted == name)
            && matchers
                .iter()
                .filter(|matcher| matcher.name == "__name__")
                .all(|matcher| matcher.is_match(name))
    };
    let fits = move |line: &Line| {
        let all = |matchers: &[promql_parser::label::Matcher]| {
            matchers
                .iter()
                .filter(|matcher| matcher.name != "__name__")
                .all(|matcher| matcher.is_match(line.label(&matcher.name).unwrap_or_default()))
        };
        all(matchers) && (or_matchers.is_empty() || or_matchers.iter().any(|some| all(some)))
    };
    tsdb.lines(named).filter(move |(_, line)| fits(line))
}

pub(crate) fn label<'l>(labels: &'l Labels, name: &str) -> Option<&'l str> {
    labels
        .iter()
        .find(|(known, _)| &**known == name)
        .map(|(_, value)| &**value)
}

fn group(labels: &Labels, modifier: Option<&LabelModifier>) -> Labels {
    let keeps = |name: &str| match modifier {
        None => false,
        Some(LabelModifier::Include(by)) => by.labels.iter().any(|label| label == name),
        Some(LabelModifier::Exclude(without)) => !without.labels.iter().any(|label| label == name),
    };
    labels
        .iter()
        .filter(|(name, _)| keeps(name))
        .cloned()
        .collect()
}

/// Labels of the many side with some of the one side.
fn with(many: &Labels, one: &Labels, extra: &[String]) -> Labels {
    let mut pairs: Vec<(&str, &str)> = many
        .iter()
        .filter(|(name, _)| !extra.iter().any(|label| **label == **name))
        .map(|(name, value)| (&**name, &**value))
        .collect();
    pairs.extend(
        extra
            .iter()
            .filter_map(|name| Some((name.as_str(), label(one, name)?))),
    );
    super::tsdb::labels(&pairs)
}
