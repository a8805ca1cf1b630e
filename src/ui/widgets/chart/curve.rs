//! A series made ready to be drawn: its name, its numbers, and which of the few lines it may be.

use std::sync::Arc;

use crate::model::{Point, Series};

/// Lines that a chart can tell apart. Beyond them the highest are lines and the rest share one shadow.
pub const LINES: usize = 6;

/// How a curve is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rank {
    /// A line of its own, in this colour, from 0.
    Line(u8),
    /// One of the others, of which only the reach is shown.
    Other,
}

/// One series of a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    pub name: String,
    pub points: Arc<[Point]>,
    pub rank: Rank,
    /// Of the numbers alone.
    pub last: Option<f64>,
    pub min: Option<f64>,
    pub max: Option<f64>,
    /// Values that are no numbers.
    pub not_finite: u32,
}

/// Makes curves of named series, those with a line of their own first. Colours stay with the names: a series keeps its
/// colour while the set of names is the same, whichever is highest.
pub fn curves(series: impl IntoIterator<Item = (String, Series)>) -> Vec<Curve> {
    let mut curves: Vec<Curve> = series
        .into_iter()
        .map(|(name, series)| Curve::new(name, series.points.into()))
        .collect();
    curves.sort_by(|one, other| one.name.cmp(&other.name));
    if curves.len() > LINES {
        // One line less: the others need their own shadow.
        curves.sort_by(|one, other| {
            let (one_max, other_max) = (one.height(), other.height());
            other_max
                .total_cmp(&one_max)
                .then_with(|| one.name.cmp(&other.name))
        });
        let lines = curves.get_mut(..LINES - 1).unwrap_or_default();
        lines.sort_by(|one, other| one.name.cmp(&other.name));
    }
    let many = curves.len() > LINES;
    for (at, curve) in curves.iter_mut().enumerate() {
        curve.rank = if many && at >= LINES - 1 {
            Rank::Other
        } else {
            Rank::Line(at as u8)
        };
    }
    curves
}

impl Curve {
    fn new(name: String, points: Arc<[Point]>) -> Self {
        let (mut min, mut max, mut last) = (f64::INFINITY, f64::NEG_INFINITY, None);
        let mut not_finite = 0;
        for point in points.iter() {
            if point.value.is_finite() {
                min = min.min(point.value);
                max = max.max(point.value);
                last = Some(point.value);
            } else {
                not_finite += 1;
            }
        }
        Self {
            name,
            points,
            rank: Rank::Other,
            last,
            min: last.map(|_| min),
            max: last.map(|_| max),
            not_finite,
        }
    }

    fn height(&self) -> f64 {
        self.max.unwrap_or(f64::NEG_INFINITY)
    }

    /// The value nearest to a moment, no further away than a step.
    pub fn at(&self, at_ms: i64, step_ms: i64) -> Option<f64> {
        let next = self.points.partition_point(|point| point.millis < at_ms);
        let near = [next.checked_sub(1), Some(next)];
        let points = near
            .into_iter()
            .flatten()
            .filter_map(|at| self.points.get(at));
        points
            .min_by_key(|point| point.millis.abs_diff(at_ms))
            .filter(|point| point.millis.abs_diff(at_ms) <= step_ms.max(1).unsigned_abs())
            .map(|point| point.value)
    }

    /// The sign that tells the curve without colour.
    pub fn sign(&self, ascii: bool) -> &'static str {
        match self.rank {
            Rank::Line(at) => {
                let signs = if ascii {
                    ["*", "#", "o", "+", "x", "%"]
                } else {
                    ["●", "■", "◆", "○", "□", "◇"]
                };
                signs.get(usize::from(at)).copied().unwrap_or("·")
            }
            Rank::Other if ascii => ".",
            Rank::Other => "·",
        }
    }
}
