//! The scale of values: round steps that hold everything shown, from nothing where nothing is below it.

use crate::model::Unit;
use crate::ui::value;

/// Rows between two ticks.
const APART: u16 = 3;

/// From the lowest to the highest value of a chart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    pub low: f64,
    pub high: f64,
    pub step: f64,
}

impl Scale {
    /// A scale for pairs of lowest and highest values.
    pub fn new(values: impl Iterator<Item = (f64, f64)>, unit: Unit, rows: u16) -> Self {
        let (mut low, mut high) = (0.0_f64, 0.0_f64);
        for (min, max) in values {
            if min.is_finite() && max.is_finite() {
                low = low.min(min);
                high = high.max(max);
            }
        }
        if high <= low {
            high = low
                + match unit {
                    Unit::Ratio => 0.01,
                    _ => 1.0,
                };
        }
        let parts = f64::from((rows / APART).clamp(1, 8));
        let base = value::base(unit, high.abs().max(low.abs()));
        let step = round((high - low) / parts / base) * base;
        Self {
            low: (low / step).floor() * step,
            high: (high / step).ceil() * step,
            step,
        }
    }

    /// The ticks, lowest first.
    pub fn ticks(&self) -> impl Iterator<Item = f64> + use<> {
        let count = ((self.high - self.low) / self.step)
            .round()
            .clamp(0.0, 64.0) as u32;
        let (low, step) = (self.low, self.step);
        (0..=count).map(move |at| {
            let tick = low + f64::from(at) * step;
            // Sums of steps miss nothing by a hair.
            if tick.abs() < step / 1e6 { 0.0 } else { tick }
        })
    }

    /// How far up a value lies, from 0 to 1; values beyond the scale lie at its ends.
    pub fn part(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    /// The row of a value, from the top.
    pub fn row(&self, value: f64, rows: u16) -> u16 {
        self.dot(value, rows) / 4
    }

    /// The row of dots of a value, from the top; a row of cells has four.
    pub(super) fn dot(&self, value: f64, rows: u16) -> u16 {
        let last = (u32::from(rows) * 4).saturating_sub(1);
        ((1.0 - self.part(value)) * f64::from(last)).round() as u16
    }
}

/// The next of 1, 2, 2.5, 5 times a power of ten.
fn round(step: f64) -> f64 {
    if step <= 0.0 || !step.is_finite() {
        return 1.0;
    }
    let power = 10_f64.powf(step.log10().floor());
    let part = step / power;
    let round = [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .find(|round| part <= round * 1.000_001);
    round.unwrap_or(10.0) * power
}
