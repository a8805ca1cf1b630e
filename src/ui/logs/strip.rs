//! The strip above the lines: how many were written when, the worst level of each stretch as its colour, and where the
//! cursor stands.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::LogPane;
use super::compose::level_style;
use super::when;
use crate::logs::{Bucket, Logbook};
use crate::model::LogLevel;
use crate::ui::Ui;
use crate::ui::theme::Part;
use crate::ui::views::Role;
use crate::ui::widgets::line::Line;

const BARS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// What the strip shows.
#[derive(Debug, Default)]
pub(super) struct Strip {
    span: (i64, i64),
    buckets: Vec<Bucket>,
    /// The state of the logbook that this was counted from, and what was counted.
    of: (u64, u16, bool),
}

impl Strip {
    /// Counts anew if anything has changed.
    pub(super) fn prepare(&mut self, book: &Logbook, width: u16, all: bool) {
        let of = (book.revision(), width, all);
        if self.of == of {
            return;
        }
        self.of = of;
        self.span = book.span().unwrap_or_default();
        self.buckets = book.histogram(self.span, usize::from(width.saturating_sub(2)), all);
    }

    /// The time that stands at a column.
    pub(super) fn time_at(&self, column: u16) -> i64 {
        let buckets = self.buckets.len().max(1) as i128;
        let wide = i128::from(self.span.1) - i128::from(self.span.0);
        let at = i128::from(self.span.0) + wide * i128::from(column) / buckets;
        at as i64
    }

    fn column_of(&self, time: i64) -> Option<u16> {
        let wide = (self.span.1 - self.span.0).max(1) as f64;
        let share = time.checked_sub(self.span.0)? as f64 / wide;
        let last = self.buckets.len().checked_sub(1)?;
        Some((share.clamp(0.0, 1.0) * last as f64) as u16)
    }
}

/// Draws the strip and the times below it.
pub(super) fn draw(ui: &Ui, pane: &LogPane, zone: &jiff::tz::TimeZone, buf: &mut Buffer) {
    let area = pane.places.strip;
    let strip = &pane.strip;
    if area.height < 2 || strip.buckets.is_empty() {
        return;
    }
    let sums = strip
        .buckets
        .iter()
        .map(|bucket| bucket.iter().sum::<u32>());
    let most = sums.clone().max().unwrap_or(0).max(1);
    let mut line = Line::new(buf, Rect { height: 1, ..area });
    line.skip(1);
    for (bucket, sum) in strip.buckets.iter().zip(sums) {
        let level = LogLevel::ALL.iter().rev();
        let worst = level
            .copied()
            .find(|level| bucket.get(*level as usize).is_some_and(|count| *count > 0));
        // Anything at all is seen.
        let high = if sum == 0 { 0 } else { (sum * 8 / most).max(1) };
        let bar = BARS.get(high as usize).copied().unwrap_or(" ");
        let bar = if ui.ascii && sum > 0 { "#" } else { bar };
        let style = match worst {
            Some(level @ (LogLevel::Warn | LogLevel::Error | LogLevel::Fatal)) => {
                level_style(&ui.theme, level, false)
            }
            _ => ui.theme.role(Role::Dim),
        };
        line.put(bar, style);
    }
    let below = Rect {
        y: area.y + 1,
        height: 1,
        ..area
    };
    let dim = ui.theme.role(Role::Dim);
    let short = |time| {
        let clock = when::clock(time, zone);
        clock.get(..8).unwrap_or_default().to_owned()
    };
    Line::new(buf, below).skip(1).put(&short(strip.span.0), dim);
    let end = Rect {
        x: below.right().saturating_sub(9),
        width: 9.min(below.width),
        ..below
    };
    Line::new(buf, end).put(&short(strip.span.1), dim);
    let time = pane.cursor_time();
    if let Some(column) = time.and_then(|time| strip.column_of(time)) {
        let place = Rect {
            x: below.x + 1 + column,
            width: 1,
            ..below
        };
        Line::new(buf, place).put("▲", ui.theme.part(Part::Key));
    }
}
