//! Series side by side: what arithmetic, sets and aggregates make of their values, moment by moment.

use std::collections::BTreeMap;

use super::tsdb::{Labels, missing, none};

/// A series of an answer.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// Empty once something was computed.
    pub(crate) name: String,
    pub(crate) labels: Labels,
    pub(crate) values: Vec<f64>,
}

impl Row {
    pub(super) fn any(&self) -> bool {
        self.values.iter().any(|value| !missing(*value))
    }
}

pub(super) fn each(mut rows: Vec<Row>, change: impl Fn(f64) -> f64) -> Vec<Row> {
    for row in &mut rows {
        row.name.clear();
        for value in row.values.iter_mut().filter(|value| !missing(**value)) {
            *value = change(*value);
        }
    }
    rows
}

pub(super) fn zipped(
    mut rows: Vec<Row>,
    others: &[f64],
    named: bool,
    join: impl Fn(f64, f64) -> f64,
) -> Vec<Row> {
    for row in &mut rows {
        if !named {
            row.name.clear();
        }
        for (value, other) in row.values.iter_mut().zip(others) {
            *value = if missing(*value) {
                none()
            } else {
                join(*value, *other)
            };
        }
    }
    rows.retain(Row::any);
    rows
}

pub(super) fn computed(op: &str, a: f64, b: f64) -> f64 {
    let truth = |holds: bool| if holds { 1.0 } else { 0.0 };
    #[allow(clippy::float_cmp, reason = "PromQL compares exactly")]
    match op {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" => a / b,
        "%" => a % b,
        "^" => a.powf(b),
        "==" => truth(a == b),
        "!=" => truth(a != b),
        ">" => truth(a > b),
        "<" => truth(a < b),
        ">=" => truth(a >= b),
        "<=" => truth(a <= b),
        _ => f64::NAN,
    }
}

pub(super) fn sets(
    op: &str,
    left: Vec<Row>,
    right: Vec<Row>,
    key: impl Fn(&Row) -> Labels,
) -> Vec<Row> {
    let mut there: BTreeMap<Labels, Vec<bool>> = BTreeMap::new();
    let side = if op == "or" { &left } else { &right };
    for row in side {
        let known = there
            .entry(key(row))
            .or_insert_with(|| vec![false; row.values.len()]);
        for (known, value) in known.iter_mut().zip(&row.values) {
            *known |= !missing(*value);
        }
    }
    let keep = |mut row: Row, wanted: bool| {
        let known = there.get(&key(&row));
        for (at, value) in row.values.iter_mut().enumerate() {
            let found = known
                .and_then(|known| known.get(at))
                .copied()
                .unwrap_or_default();
            if found != wanted {
                *value = none();
            }
        }
        row
    };
    let rows: Vec<Row> = match op {
        "and" => left.into_iter().map(|row| keep(row, true)).collect(),
        "unless" => left.into_iter().map(|row| keep(row, false)).collect(),
        _ => {
            let more: Vec<Row> = right.into_iter().map(|row| keep(row, false)).collect();
            left.into_iter().chain(more).collect()
        }
    };
    rows.into_iter().filter(Row::any).collect()
}

pub(super) fn most(mut rows: Vec<Row>, count: usize, highest: bool) -> Vec<Row> {
    let moments = rows.first().map_or(0, |row| row.values.len());
    for at in 0..moments {
        let mut values: Vec<f64> = rows
            .iter()
            .filter_map(|row| row.values.get(at))
            .copied()
            .filter(|it| !missing(*it))
            .collect();
        values.sort_by(|a, b| {
            if highest {
                b.total_cmp(a)
            } else {
                a.total_cmp(b)
            }
        });
        let Some(edge) = values
            .get(count.min(values.len()).saturating_sub(1))
            .copied()
        else {
            continue;
        };
        let mut left = count;
        for value in rows.iter_mut().filter_map(|row| row.values.get_mut(at)) {
            let within = if highest {
                *value >= edge
            } else {
                *value <= edge
            };
            if missing(*value) || !within || left == 0 {
                *value = none();
            } else {
                left -= 1;
            }
        }
    }
    rows
}

/// The aggregate of the values of a moment; none for an operation that is not known.
pub(super) fn summed(op: &str, values: &[f64], param: f64) -> Option<f64> {
    if values.is_empty() {
        return Some(none());
    }
    let sum = || values.iter().sum::<f64>();
    Some(match op {
        "sum" => sum(),
        "avg" => sum() / values.len() as f64,
        "min" => values.iter().copied().fold(f64::INFINITY, f64::min),
        "max" => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        "count" => values.len() as f64,
        "group" => 1.0,
        "quantile" => {
            let mut sorted = values.to_vec();
            sorted.sort_by(f64::total_cmp);
            let rank = param.clamp(0.0, 1.0) * (sorted.len() - 1) as f64;
            let (low, high) = (rank.floor() as usize, rank.ceil() as usize);
            let (low_value, high_value) = (sorted.get(low)?, sorted.get(high)?);
            low_value + (high_value - low_value) * (rank - rank.floor())
        }
        _ => return None,
    })
}
