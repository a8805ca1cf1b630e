//! What stands on a chart beside its curves: thresholds, marks of what happened, the crosshair.

use std::cmp::Reverse;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{Chart, Places, Scale, clock};
use crate::model::Health;
use crate::ui::theme::Part;
use crate::ui::value;
use crate::ui::views::Role;
use crate::ui::widgets::line::Line;
use crate::ui::widgets::table::text_width;

/// Marks that have a line each at most.
const LINES: usize = 6;

/// On which side of a threshold trouble lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bound {
    #[default]
    Above,
    Below,
}

/// A limit that values should keep to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Threshold {
    pub value: f64,
    pub bound: Bound,
    /// What it means to be beyond.
    pub health: Health,
}

/// What a mark tells of, most weighty first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MarkKind {
    Firing,
    Rollout,
    Restart,
    Pending,
    Scaled,
    Resolved,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    pub at_ms: i64,
    pub kind: MarkKind,
    /// `rollout 42 → 43  shop:1.8 → shop:1.9`
    pub words: String,
}

impl Threshold {
    /// Whether a value is beyond the limit.
    pub fn broken_by(&self, value: f64) -> bool {
        match self.bound {
            Bound::Above => value > self.value,
            Bound::Below => value < self.value,
        }
    }
}

impl MarkKind {
    pub fn sign(self, ascii: bool) -> &'static str {
        match self {
            Self::Firing if ascii => "X",
            Self::Firing => "✗",
            Self::Rollout if ascii => "^",
            Self::Rollout => "▲",
            Self::Restart if ascii => "@",
            Self::Restart => "↻",
            Self::Pending if ascii => "?",
            Self::Pending => "◌",
            Self::Scaled if ascii => "=",
            Self::Scaled => "⇕",
            Self::Resolved if ascii => "v",
            Self::Resolved => "✓",
        }
    }

    pub(crate) fn role(self) -> Role {
        match self {
            Self::Firing => Role::Health(Health::Bad),
            Self::Restart | Self::Pending => Role::Health(Health::Warn),
            Self::Rollout | Self::Scaled => Role::Accent,
            Self::Resolved => Role::Health(Health::Good),
        }
    }
}

/// Tints the cells beyond each threshold.
pub(super) fn shade(chart: &Chart<'_>, scale: &Scale, dots: Rect, buf: &mut Buffer) {
    // The gravest tint comes last.
    let mut limits: Vec<_> = chart.thresholds.iter().collect();
    limits.sort_by_key(|limit| Reverse(limit.health));
    for limit in limits {
        let Some(tint) = chart.theme.shade(limit.health) else {
            continue;
        };
        let row = scale.row(limit.value, dots.height);
        let area = match limit.bound {
            Bound::Above => Rect {
                height: row,
                ..dots
            },
            Bound::Below => Rect {
                y: dots.y + row + 1,
                height: dots.height.saturating_sub(row + 1),
                ..dots
            },
        };
        buf.set_style(area.intersection(buf.area), Style::new().bg(tint));
    }
}

/// A dashed line for each threshold, where no curve is, and its value at the left.
pub(super) fn limits(chart: &Chart<'_>, scale: &Scale, dots: Rect, buf: &mut Buffer) {
    for limit in chart.thresholds {
        let y = dots.y + scale.row(limit.value, dots.height);
        if !(dots.top()..dots.bottom()).contains(&y) {
            continue;
        }
        let style = chart.theme.role(Role::Health(limit.health));
        for x in dots.left()..dots.right() {
            put_if_free(buf, x, y, chart.sign("╌"), style);
        }
        let text = format!(" {} ", value::value(chart.unit, limit.value));
        let wide = text_width(&text);
        // The words stand on the dashes, so only where nothing but dashes is.
        let place = Rect::new(dots.x + 1, y, wide, 1);
        let free = (place.left()..place.right()).all(|x| {
            buf.cell((x, y))
                .is_some_and(|cell| cell.symbol() == chart.sign("╌"))
        });
        if wide + 12 < dots.width && free {
            Line::new(buf, place).put(&text, style);
        }
    }
}

/// A thin line at each mark, where nothing else is, and its sign on the axis.
pub(super) fn verticals(chart: &Chart<'_>, places: &Places, buf: &mut Buffer) {
    let dots = places.dots();
    let mut marks: Vec<(u16, &Mark)> = chart
        .marks
        .iter()
        .filter_map(|mark| Some((chart.column(mark.at_ms, dots)?, mark)))
        .collect();
    // Where several share a column the weightiest is seen.
    marks.sort_by_key(|(_, mark)| Reverse(mark.kind));
    // Many lines would hide what they are about; the signs say enough then.
    let few = marks.len() <= LINES;
    for (x, mark) in marks {
        let style = chart.theme.role(mark.kind.role());
        let lined = few || matches!(mark.kind, MarkKind::Firing | MarkKind::Pending);
        for y in (dots.top()..dots.bottom()).filter(|_| lined) {
            put_if_free(buf, x, y, chart.sign("╎"), chart.theme.part(Part::Border));
        }
        let y = places.axis.unwrap_or(dots.bottom().saturating_sub(1));
        let cell = Rect::new(x, y, 1, 1);
        Line::new(buf, cell).put(mark.kind.sign(chart.ascii), style);
    }
}

/// Where the time under the crosshair is written.
pub(super) fn badge(chart: &Chart<'_>, places: &Places) -> Option<Rect> {
    let dots = places.dots();
    let at = chart.cursor_ms?;
    let x = chart.column(at, dots)?;
    let wide = text_width(&clock(at, chart.zone)) + 2;
    let from = x
        .saturating_sub(wide / 2)
        .max(dots.x)
        .min(dots.right().saturating_sub(wide).max(dots.x));
    Some(Rect::new(from, places.times?, wide, 1))
}

/// The column under the crosshair, and its time on the line of times.
pub(super) fn crosshair(chart: &Chart<'_>, places: &Places, buf: &mut Buffer) {
    let dots = places.dots();
    let Some((at, x)) = chart
        .cursor_ms
        .and_then(|at| Some((at, chart.column(at, dots)?)))
    else {
        return;
    };
    let style = chart.theme.role(Role::Accent);
    for y in dots.top()..dots.bottom() {
        put_if_free(buf, x, y, chart.sign("│"), style);
    }
    if let Some(place) = badge(chart, places) {
        let text = clock(at, chart.zone);
        let badge = chart.theme.part(Part::Title);
        Line::new(buf, place.intersection(buf.area)).put(&format!(" {text} "), badge);
    }
}

/// Writes a sign unless a curve or a label is there.
fn put_if_free(buf: &mut Buffer, x: u16, y: u16, sign: &str, style: Style) {
    if let Some(cell) = buf.cell_mut((x, y))
        && matches!(cell.symbol(), " " | "╌" | "╎" | "-")
    {
        cell.set_symbol(sign).set_style(style);
    }
}
