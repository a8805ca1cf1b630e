//! Functions over ranges of samples, and quantiles of histograms.

use std::collections::BTreeMap;

use super::eval::{Row, label};
use super::tsdb::{Labels, Line, missing, none};

/// A function over the samples of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    Rate,
    Irate,
    Increase,
    Delta,
    Deriv,
    Predict,
    Avg,
    Min,
    Max,
    Sum,
    Count,
    Last,
    Changes,
}

impl Over {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "rate" => Self::Rate,
            "irate" => Self::Irate,
            "increase" => Self::Increase,
            "delta" => Self::Delta,
            "deriv" => Self::Deriv,
            "predict_linear" => Self::Predict,
            "avg_over_time" => Self::Avg,
            "min_over_time" => Self::Min,
            "max_over_time" => Self::Max,
            "sum_over_time" => Self::Sum,
            "count_over_time" => Self::Count,
            "last_over_time" => Self::Last,
            "changes" => Self::Changes,
            _ => return None,
        })
    }
}

/// What a function makes of the samples of the last `range` seconds.
pub(crate) fn windowed(line: &Line, at: i64, range: i64, over: Over, param: f64) -> f64 {
    let samples: Vec<(i64, f64)> = line.within(at - range, at).collect();
    let values = || samples.iter().map(|(_, value)| *value);
    let (Some(first), Some(last)) = (samples.first(), samples.last()) else {
        return none();
    };
    match over {
        Over::Avg => values().sum::<f64>() / samples.len() as f64,
        Over::Min => values().fold(f64::INFINITY, f64::min),
        Over::Max => values().fold(f64::NEG_INFINITY, f64::max),
        Over::Sum => values().sum(),
        Over::Count => samples.len() as f64,
        Over::Last => last.1,
        Over::Changes => {
            let pairs = samples.windows(2);
            pairs
                .filter(|pair| matches!(pair, [a, b] if (a.1 - b.1).abs() > 0.0))
                .count() as f64
        }
        // The others need two samples to tell a direction.
        _ if samples.len() < 2 => none(),
        Over::Delta => (last.1 - first.1) / (last.0 - first.0) as f64 * range as f64,
        Over::Rate => grown(&samples) / (last.0 - first.0) as f64,
        Over::Increase => grown(&samples) / (last.0 - first.0) as f64 * range as f64,
        Over::Irate => {
            let two = samples.get(samples.len() - 2..).unwrap_or_default();
            grown(two) / (last.0 - two.first().map_or(first.0, |sample| sample.0)) as f64
        }
        Over::Deriv => line_through(&samples, at).0,
        Over::Predict => {
            let (slope, now) = line_through(&samples, at);
            now + slope * param
        }
    }
}

/// How far a counter went; one that fell began anew.
fn grown(samples: &[(i64, f64)]) -> f64 {
    let steps = samples.windows(2).map(|pair| match pair {
        [(_, a), (_, b)] if b >= a => b - a,
        [_, (_, b)] => *b,
        _ => 0.0,
    });
    steps.sum()
}

/// Slope a second and value at a moment of the line nearest to the samples.
fn line_through(samples: &[(i64, f64)], at: i64) -> (f64, f64) {
    let count = samples.len() as f64;
    let xs = || samples.iter().map(|(second, _)| (second - at) as f64);
    let (mean_x, mean_y) = (
        xs().sum::<f64>() / count,
        samples.iter().map(|(_, value)| value).sum::<f64>() / count,
    );
    let both: f64 = xs()
        .zip(samples)
        .map(|(x, (_, y))| (x - mean_x) * (y - mean_y))
        .sum();
    let own: f64 = xs().map(|x| (x - mean_x).powi(2)).sum();
    let slope = if own > 0.0 { both / own } else { 0.0 };
    (slope, mean_y - slope * mean_x)
}

/// Quantiles of histograms whose buckets stand as series with the label `le`.
pub(crate) fn quantiles(rows: Vec<Row>, quantile: f64, moments: usize) -> Vec<Row> {
    let mut histograms: BTreeMap<Labels, Vec<(f64, Row)>> = BTreeMap::new();
    for row in rows {
        let Some(bound) = label(&row.labels, "le").and_then(|le| le.parse::<f64>().ok()) else {
            continue;
        };
        let others: Labels = row
            .labels
            .iter()
            .filter(|(name, _)| &**name != "le")
            .cloned()
            .collect();
        histograms.entry(others).or_default().push((bound, row));
    }
    let mut out = Vec::new();
    for (labels, mut buckets) in histograms {
        buckets.sort_by(|one, other| one.0.total_cmp(&other.0));
        let values = (0..moments).map(|at| {
            let counts: Vec<(f64, f64)> = buckets
                .iter()
                .filter_map(|(bound, row)| Some((*bound, *row.values.get(at)?)))
                .filter(|(_, count)| !missing(*count))
                .collect();
            if counts.is_empty() {
                none()
            } else {
                within(&counts, quantile)
            }
        });
        out.push(Row {
            name: String::new(),
            labels,
            values: values.collect(),
        });
    }
    out
}

/// Where a quantile lies in cumulative buckets; in the last one it is the highest bound that is finite.
fn within(counts: &[(f64, f64)], quantile: f64) -> f64 {
    let total = counts.last().map_or(0.0, |(_, count)| *count);
    if total <= 0.0 || counts.len() < 2 {
        return f64::NAN;
    }
    let rank = quantile * total;
    let (mut low, mut before) = (0.0, 0.0);
    for (bound, count) in counts {
        if *count >= rank {
            if bound.is_infinite() {
                return low;
            }
            let inside = count - before;
            let part = if inside > 0.0 {
                (rank - before) / inside
            } else {
                1.0
            };
            return low + (bound - low) * part;
        }
        (low, before) = (*bound, *count);
    }
    low
}
