//! Draws a pane of logs from the rows that were made ready.

use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::compose::Row;
use super::{LogPane, panel, state, strip};
use crate::model::Moment;
use crate::store::Store;
use crate::ui::theme::Part;
use crate::ui::views::Role;
use crate::ui::widgets::line::{Line, wrap_ranges};
use crate::ui::widgets::table::text_width;
use crate::ui::{Ui, empty};

/// What stands above the lines.
pub(crate) use super::title::of as title;

/// Draws everything below the title.
pub(crate) fn draw(
    ui: &Ui,
    pane: &LogPane,
    focused: bool,
    store: &Store,
    now: Moment,
    buf: &mut Buffer,
) {
    let zone = if pane.local { ui.zone() } else { TimeZone::UTC };
    strip::draw(ui, pane, &zone, buf);
    let area = pane.places.lines.intersection(buf.area);
    if pane.rows.is_empty() {
        let words = state::words(ui, pane, store, now);
        empty::say(ui, &words, area, buf);
    }
    lines(ui, pane, focused, area, buf);
    panel::draw(ui, pane, buf);
}

fn lines(ui: &Ui, pane: &LogPane, focused: bool, area: Rect, buf: &mut Buffer) {
    let selected = pane.selected();
    let mut y = area.y;
    for row in &pane.rows {
        if y >= area.bottom() {
            return;
        }
        let room = Rect {
            y,
            height: area.bottom() - y,
            ..area
        };
        let used = if row.mark {
            rule(ui, row, room, buf);
            1
        } else if pane.wrap {
            wrapped(ui, row, room, buf)
        } else {
            single(ui, row, pane.left, room, buf);
            1
        };
        let whole = Rect {
            height: used,
            ..room
        };
        if row.faint {
            buf.set_style(whole, ui.theme.role(Role::Dim));
        }
        if selected.contains(&row.id) {
            buf.set_style(whole, ui.theme.part(Part::Marked));
        }
        // While lines run by themselves, the last one is no choice of the operator's.
        if Some(row.id) == pane.cursor && !(pane.follow && pane.small) {
            let part = if focused && !pane.follow {
                Part::Cursor
            } else {
                Part::CursorUnfocused
            };
            buf.set_style(whole, ui.theme.part(part));
        }
        y += used;
    }
}

/// A line across the pane.
fn rule(ui: &Ui, row: &Row, area: Rect, buf: &mut Buffer) {
    let mut line = Line::new(buf, area);
    for span in &row.spans {
        line.put(&span.text, span.style);
    }
    line.fill(area.right(), "─", ui.theme.part(Part::Border));
}

fn single(ui: &Ui, row: &Row, left: u16, area: Rect, buf: &mut Buffer) {
    let mut line = Line::new(buf, area);
    // Time and source stay where they are while the text is scrolled.
    let mut at = 0;
    let mut skip = left;
    for span in &row.spans {
        let wide = text_width(&span.text);
        if at < row.indent {
            line.put(&span.text, span.style);
        } else if skip >= wide {
            skip -= wide;
        } else {
            line.put(behind(&span.text, skip), span.style);
            skip = 0;
        }
        at = at.saturating_add(wide);
    }
    for range in &row.found {
        let from = row.plain.get(..range.start).map_or(0, text_width);
        let wide = row.plain.get(range.clone()).map_or(0, text_width);
        let Some(from) = from.checked_sub(left).filter(|from| *from >= row.indent) else {
            continue;
        };
        highlight(ui, area, from, wide, buf);
    }
}

/// Draws a row on as many lines as it needs and says how many that were.
fn wrapped(ui: &Ui, row: &Row, room: Rect, buf: &mut Buffer) -> u16 {
    let indent = row.indent.min(room.width / 2);
    let mut used = 0;
    for (y, range) in (room.y..room.bottom()).zip(wrap_ranges(&row.plain, room.width, indent)) {
        let shift = if used == 0 { 0 } else { indent };
        let place = Rect {
            x: room.x + shift,
            y,
            width: room.width - shift,
            height: 1,
        };
        let mut line = Line::new(buf, place);
        let mut from = 0;
        for span in &row.spans {
            let to = from + span.text.len();
            let part = range.start.max(from)..range.end.min(to);
            if part.start < part.end {
                let text = span.text.get(part.start - from..part.end - from);
                line.put(text.unwrap_or_default(), span.style);
            }
            from = to;
        }
        for found in &row.found {
            let part = range.start.max(found.start)..range.end.min(found.end);
            if part.start < part.end {
                let from = row.plain.get(range.start..part.start).map_or(0, text_width);
                let wide = row.plain.get(part).map_or(0, text_width);
                highlight(ui, place, from, wide, buf);
            }
        }
        used += 1;
    }
    used.max(1)
}

fn highlight(ui: &Ui, area: Rect, from: u16, wide: u16, buf: &mut Buffer) {
    let hit = Rect {
        x: area.x.saturating_add(from),
        width: wide,
        height: 1,
        ..area
    };
    let row = Rect { height: 1, ..area };
    buf.set_style(hit.intersection(row), ui.theme.part(Part::Match));
}

/// Text without its first cells.
fn behind(text: &str, cells: u16) -> &str {
    let mut left = cells;
    for (at, character) in text.char_indices() {
        if left == 0 {
            return text.get(at..).unwrap_or_default();
        }
        left = left.saturating_sub(text_width(character.encode_utf8(&mut [0; 4])));
    }
    if cells == 0 { text } else { "" }
}
