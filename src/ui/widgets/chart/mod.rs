//! Charts: values over time as lines of braille dots, with axes, thresholds, marks and a crosshair.
//!
//! Made from what `prepare` worked out ([`Curve`]) and drawn into a buffer; nothing here keeps state. What must stay
//! true: a gap in the data is a gap on screen, a value that is no number is left out and counted, and a spike is drawn
//! however many samples share its column. ratatui's own chart bridges gaps, draws NaN as a spike, mixes the dots of
//! lines that meet and has neither thresholds nor marks, so it was not taken.

mod canvas;
mod curve;
mod legend;
mod marks;
mod plot;
mod scale;
mod spark;
mod strip;
mod ticks;

use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::model::{Health, Unit};
use crate::ui::theme::{Part, Theme};
use crate::ui::value;
use crate::ui::views::Role;
use crate::ui::widgets::line::Line;
use crate::ui::widgets::table::text_width;

pub use curve::{Curve, LINES, Rank, curves};
pub use legend::{Legend, LegendColumn};
pub use marks::{Bound, Mark, MarkKind, Threshold};
pub use scale::Scale;
pub use spark::{gauge, spark};
pub use strip::{Strip, strip};
pub use ticks::{clock, ticks};

/// Rows below the plot: the axis and its times.
const FOOT: u16 = 2;

/// A chart, ready to be drawn.
#[derive(Clone, Copy)]
pub struct Chart<'a> {
    pub curves: &'a [Curve],
    /// The curve that lies above the others.
    pub selected: Option<usize>,
    /// Start and end, in milliseconds since 1970.
    pub span: (i64, i64),
    /// Milliseconds between samples; a longer pause than one and a half is a gap.
    pub step_ms: i64,
    pub unit: Unit,
    pub thresholds: &'a [Threshold],
    pub marks: &'a [Mark],
    /// The moment under the crosshair.
    pub cursor_ms: Option<i64>,
    pub zone: &'a TimeZone,
    pub theme: &'a Theme,
    pub ascii: bool,
}

/// Where the parts of a chart stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// The dots, and one column behind them for the signs of the curves.
    pub plot: Rect,
    /// Left of the plot.
    labels: u16,
    axis: Option<u16>,
    times: Option<u16>,
}

/// The style of a curve's colour.
pub fn color(theme: &Theme, rank: Rank) -> Style {
    match rank {
        Rank::Line(at) => theme.part(Part::Series(at)),
        Rank::Other => theme.role(Role::Dim),
    }
}

impl Chart<'_> {
    /// The scale of the values, for this many rows.
    pub fn scale(&self, rows: u16) -> Scale {
        let curves = self.curves.iter();
        let values = curves.filter_map(|curve| Some((curve.min?, curve.max?)));
        let limits = self
            .thresholds
            .iter()
            .map(|limit| (limit.value, limit.value));
        Scale::new(values.chain(limits), self.unit, rows)
    }

    /// Where everything stands in an area.
    pub fn places(&self, area: Rect) -> Places {
        let foot = if area.height >= FOOT + 2 { FOOT } else { 0 };
        let rows = area.height - foot;
        let scale = self.scale(rows);
        let widest = scale
            .ticks()
            .map(|tick| text_width(&value::tick(self.unit, tick)))
            .max()
            .unwrap_or_default();
        // A label must not eat the plot: below half the width it goes.
        let labels = if area.width > 2 * (widest + 3) {
            widest + 1
        } else {
            0
        };
        let left = (labels + 1).min(area.width);
        Places {
            plot: Rect {
                x: area.x + left,
                width: area.width - left,
                height: rows,
                ..area
            },
            labels,
            axis: (foot > 0).then(|| area.y + rows),
            times: (foot > 0).then(|| area.y + rows + 1),
        }
    }

    /// The moment at a column of the screen, for the mouse.
    pub fn moment_at(&self, area: Rect, x: u16) -> Option<i64> {
        let plot = self.places(area).dots();
        if plot.width == 0 || !(plot.left()..plot.right()).contains(&x) {
            return None;
        }
        let (start, end) = self.span;
        let part = (f64::from(x - plot.x) + 0.5) / f64::from(plot.width);
        let at = start as f64 + part * (end - start) as f64;
        let step = self.step_ms.max(1);
        Some(((at as i64 - start) + step / 2) / step * step + start)
    }

    /// Draws it all.
    pub fn draw(&self, area: Rect, buf: &mut Buffer) {
        let area = area.intersection(buf.area);
        if area.is_empty() || self.span.1 <= self.span.0 {
            return;
        }
        let places = self.places(area);
        let scale = self.scale(places.plot.height);
        let dots = places.dots();
        self.axes(&scale, &places, buf);
        marks::shade(self, &scale, dots, buf);
        plot::draw(self, &scale, dots, buf);
        marks::limits(self, &scale, dots, buf);
        marks::verticals(self, &places, buf);
        marks::crosshair(self, &places, buf);
        plot::signs(self, &scale, &places, buf);
    }

    /// The labels of the values, the line beside them, the line below and the times.
    fn axes(&self, scale: &Scale, places: &Places, buf: &mut Buffer) {
        let dim = self.theme.role(Role::Dim);
        let line = self.theme.part(Part::Border);
        let plot = places.plot;
        let upright = plot.x.saturating_sub(1);
        let named: Vec<(u16, f64)> = scale
            .ticks()
            .map(|tick| (plot.y + scale.row(tick, plot.height), tick))
            .collect();
        for y in plot.top()..plot.bottom() {
            let tick = named.iter().find(|(row, _)| *row == y);
            let sign = if tick.is_some() { "┤" } else { "│" };
            let cell = Rect::new(upright, y, 1, 1);
            Line::new(buf, cell).put(self.sign(sign), line);
            if let Some((_, tick)) = tick
                && places.labels > 0
            {
                let text = value::tick(self.unit, *tick);
                let free = (places.labels - 1).saturating_sub(text_width(&text));
                let place = Rect::new(upright - places.labels, y, places.labels, 1);
                Line::new(buf, place).skip(free).put(&text, dim);
            }
        }
        let Some(axis) = places.axis else { return };
        let below = Rect::new(upright, axis, plot.right().saturating_sub(upright), 1);
        let end = below.right();
        Line::new(buf, below)
            .put(self.sign("└"), line)
            .fill(end, self.sign("─"), line);
        let Some(row) = places.times else { return };
        let badge = marks::badge(self, places);
        let mut free = upright;
        for (at, label) in ticks(self.span, places.dots().width, self.zone) {
            let Some(x) = self.column(at, places.dots()) else {
                continue;
            };
            let cell = Rect::new(x, axis, 1, 1);
            Line::new(buf, cell).put(self.sign("┬"), line);
            // The label stands under its tick, moved to where there is room.
            let wide = text_width(&label);
            let from = x.saturating_sub(wide / 2).max(upright);
            let from = from.min(plot.right().saturating_sub(wide));
            let hidden =
                badge.is_some_and(|badge| from < badge.right() && badge.left() < from + wide);
            if from >= free && !hidden {
                Line::new(buf, Rect::new(from, row, wide, 1)).put(&label, dim);
                free = from + wide + 1;
            }
        }
    }

    /// A curve's value as of now: none for one that has ended while others go on.
    pub fn current(&self, curve: &Curve) -> Option<f64> {
        let newest = |curve: &Curve| curve.points.last().map(|point| point.millis);
        let now = self.curves.iter().filter_map(newest).max()?;
        let here = newest(curve)?;
        curve
            .last
            .filter(|_| now - here <= self.step_ms.max(1) * 3 / 2)
    }

    /// The column of the screen at a moment; none outside the span.
    pub(super) fn column(&self, at_ms: i64, dots: Rect) -> Option<u16> {
        let (start, end) = self.span;
        if at_ms < start || at_ms > end || dots.width == 0 {
            return None;
        }
        let last = u32::from(dots.width) * 2 - 1;
        let part = (at_ms - start) as f64 / (end - start) as f64;
        let dot = (part * f64::from(last)).round() as u16;
        Some(dots.x + dot / 2)
    }

    /// A sign of the frame, as this terminal can show it.
    pub(super) fn sign<'s>(&self, sign: &'s str) -> &'s str {
        if !self.ascii {
            return sign;
        }
        match sign {
            "│" | "╎" => "|",
            "┤" | "└" | "┬" => "+",
            "─" | "╌" => "-",
            _ => sign,
        }
    }
}

impl Places {
    /// The plot without the column of signs.
    pub fn dots(&self) -> Rect {
        Rect {
            width: self.plot.width.saturating_sub(1),
            ..self.plot
        }
    }
}

/// The worst that thresholds say of a value.
pub fn judge(thresholds: &[Threshold], value: f64) -> Option<Health> {
    thresholds
        .iter()
        .filter(|limit| limit.broken_by(value))
        .map(|limit| limit.health)
        .min()
}
