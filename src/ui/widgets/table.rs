//! Draws a table: its header and the rows on screen, straight into the buffer. Only reads; what must be learnt before
//! (rows, scroll, widths) is learnt by [`TableState`].

use std::borrow::Cow;
use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthChar;

use super::bar;
use super::columns::{BAR, FREE};
pub use super::columns::{Placed, Widths, gap, layout_columns, text_width};
use crate::model::Health;
use crate::ui::filter::Marker;
use crate::ui::rows::TableState;
use crate::ui::theme::{Part, Theme};
use crate::ui::views::{Cell, Column, Role, View, World};

/// Cells before the first column: mark, health, space.
const GUTTER: u16 = 3;

/// What a table is drawn from.
#[derive(Clone, Copy)]
pub struct TableScene<'a> {
    pub view: &'a dyn View,
    pub world: World<'a>,
    pub state: &'a TableState,
    pub theme: &'a Theme,
    pub focused: bool,
    /// Only ASCII can be shown: bars and signs become plain characters.
    pub ascii: bool,
}

/// Draws the table into an area that it may use to the last cell. [`TableState::fit`] was called with the same area.
pub fn draw(scene: &TableScene<'_>, area: Rect, buf: &mut Buffer) {
    let area = area.intersection(buf.area);
    if area.width <= GUTTER || area.height == 0 {
        return;
    }
    let placed = placed(scene.state, area);
    header(scene, &placed, area, buf);
    let mut brush = Brush {
        buf,
        ascii: scene.ascii,
        marker: scene.state.query().filter.marker(),
        ranges: Vec::new(),
    };
    for (line, slot) in (1..area.height).zip(scene.state.visible()) {
        row(scene, &placed, area, area.y + line, *slot, &mut brush);
    }
    scrollbar(scene, area, buf);
}

/// The column whose header stands at a position.
pub fn column_at(state: &TableState, area: Rect, x: u16) -> Option<usize> {
    let x = x.checked_sub(area.x + GUTTER)?;
    placed(state, area)
        .into_iter()
        .rev()
        .find(|placed| placed.x <= x)
        .map(|placed| placed.column)
}

fn placed(state: &TableState, area: Rect) -> Vec<Placed> {
    let bar = u16::from(state.prepared().rows.len() > usize::from(area.height.saturating_sub(1)));
    layout_columns(
        state.columns(),
        state.widths().natural(),
        area.width.saturating_sub(GUTTER + bar),
        state.is_wide(),
        state.skipped(),
    )
}

fn header(scene: &TableScene<'_>, placed: &[Placed], area: Rect, buf: &mut Buffer) {
    let style = scene.theme.part(Part::ColumnHeader);
    buf.set_style(Rect { height: 1, ..area }, style);
    let sort = scene.state.query().sort.as_ref();
    for place in placed {
        let Some(column) = scene.state.columns().get(place.column) else {
            continue;
        };
        let arrow = sort.filter(|sort| sort.column == column.key).map(|sort| {
            match (sort.descending, scene.ascii) {
                (true, false) => '↓',
                (false, false) => '↑',
                (true, true) => 'v',
                (false, true) => '^',
            }
        });
        let text = match arrow {
            Some(arrow) => Cow::Owned(format!("{}{arrow}", column.header)),
            None => Cow::Borrowed(column.header.as_ref()),
        };
        // The arrow may stand in the gap behind a column that is just as wide as its name.
        let room = place.width
            + u16::from(arrow.is_some()).min(
                area.right()
                    .saturating_sub(area.x + GUTTER + place.x + place.width),
            );
        let width = text_width(&text).min(room);
        let indent = if column.right {
            place.width.saturating_sub(width)
        } else {
            0
        };
        let x = area.x + GUTTER + place.x + indent;
        buf.set_stringn(x, area.y, &text, usize::from(room), style);
    }
}

fn row(
    scene: &TableScene<'_>,
    placed: &[Placed],
    area: Rect,
    y: u16,
    slot: u32,
    brush: &mut Brush<'_>,
) {
    let store = scene.world.store;
    let key = scene.view.key(store, slot);
    let marked = key.is_some_and(|key| scene.state.marks().contains(&key));
    let health = scene.view.health(store, slot);
    let whole = Rect {
        y,
        height: 1,
        ..area
    };
    if marked {
        brush.buf.set_style(whole, scene.theme.part(Part::Marked));
        brush.text(area.x, y, "✓", 1, scene.theme.part(Part::Marked));
    }
    let glyph = scene.theme.role(Role::Health(health));
    brush.text(area.x + 1, y, health.glyph(), 1, glyph);
    let cells = scene.view.cells(scene.world, slot);
    let found = scene.theme.part(Part::Match);
    for place in placed {
        let (Some(column), Some(cell)) = (
            scene.state.columns().get(place.column),
            cells.get(place.column),
        ) else {
            continue;
        };
        let x = area.x + GUTTER + place.x;
        let mut style = scene.theme.role(cell.role);
        if marked && cell.role == Role::Plain {
            style = Style::new();
        }
        let text = draw_cell(scene, column, cell, x, y, place.width, style, health, brush);
        let Some((x, text)) = text else { continue };
        let mut ranges = std::mem::take(&mut brush.ranges);
        ranges.clear();
        brush.marker.find(&text, &mut ranges);
        brush.highlight(x, y, &text, &ranges, found);
        brush.ranges = ranges;
    }
    if key.is_some() && scene.state.cursor() == key {
        let part = if scene.focused {
            Part::Cursor
        } else {
            Part::CursorUnfocused
        };
        brush.buf.set_style(whole, scene.theme.part(part));
    }
}

/// Draws a cell and returns its text as drawn, and where, if a filter may have matched it.
#[allow(
    clippy::too_many_arguments,
    reason = "the inner step of the loop over cells"
)]
fn draw_cell<'a>(
    scene: &TableScene<'_>,
    column: &Column,
    cell: &'a Cell<'_>,
    x: u16,
    y: u16,
    width: u16,
    style: Style,
    health: Health,
    brush: &mut Brush<'_>,
) -> Option<(u16, Cow<'a, str>)> {
    let mut from = x;
    let mut room = width;
    if let Some(share) = cell.bar
        && width > BAR
    {
        let bar_style = match cell.role {
            Role::Health(_) => style,
            _ => scene.theme.part(Part::Bar),
        };
        let empty = scene.theme.part(Part::BarEmpty);
        for at in 0..BAR {
            let block = bar::cell(share, BAR, at, brush.ascii);
            brush.put(
                x + at,
                y,
                block,
                if block == ' ' { empty } else { bar_style },
            );
        }
        from += BAR + 1;
        room = width.saturating_sub(BAR + 1);
    }
    let wide = text_width(&cell.text);
    let text = if wide <= room {
        Cow::Borrowed(cell.text.as_ref())
    } else if let Some(main) = without_aside(column, &cell.text, room) {
        Cow::Borrowed(main)
    } else if column.max == FREE || !is_name(&cell.text) {
        Cow::Owned(cut_end(&cell.text, room))
    } else {
        Cow::Owned(cut_middle(&cell.text, room))
    };
    if column.right {
        from += room.saturating_sub(text_width(&text));
    }
    // A row that is well keeps its reasons in the background.
    let style = if column.max == FREE && cell.role == Role::Plain && health > Health::Busy {
        scene.theme.role(Role::Dim)
    } else {
        style
    };
    brush.text(from, y, &text, room, style);
    let filter = &scene.state.query().filter;
    let searched = if filter.is_about_names() {
        column.key == "name"
    } else {
        !column.right && !filter.is_empty()
    };
    searched.then_some((from, text))
}

fn scrollbar(scene: &TableScene<'_>, area: Rect, buf: &mut Buffer) {
    let page = usize::from(area.height.saturating_sub(1));
    let len = scene.state.prepared().rows.len();
    if len <= page || page == 0 {
        return;
    }
    let thumb = (page * page / len).clamp(1, page);
    let travel = page - thumb;
    let hidden = len - page;
    let from = (scene.state.top() * travel + hidden / 2) / hidden;
    let x = area.right() - 1;
    for line in 0..page {
        let inside = (from..from + thumb).contains(&line);
        let (symbol, part) = match (inside, scene.ascii) {
            (true, false) => ("┃", Part::Border),
            (false, false) => ("│", Part::BarEmpty),
            (true, true) => ("#", Part::Border),
            (false, true) => ("|", Part::BarEmpty),
        };
        let y = area.y + 1 + line as u16;
        buf.set_string(x, y, symbol, scene.theme.part(part));
    }
}

/// Writes into the buffer; plain ASCII, which nearly everything is, goes byte by byte.
struct Brush<'a> {
    buf: &'a mut Buffer,
    ascii: bool,
    marker: Marker<'a>,
    ranges: Vec<Range<usize>>,
}

impl Brush<'_> {
    fn put(&mut self, x: u16, y: u16, character: char, style: Style) {
        if let Some(cell) = self.buf.cell_mut((x, y)) {
            cell.set_char(character).set_style(style);
        }
    }

    fn text(&mut self, x: u16, y: u16, text: &str, room: u16, style: Style) {
        if text.is_ascii() {
            for (x, byte) in (x..x.saturating_add(room)).zip(text.bytes()) {
                self.put(x, y, char::from(byte), style);
            }
        } else if self.ascii {
            let plain: String = text
                .chars()
                .map(|character| bar::plain(character).unwrap_or(character))
                .collect();
            self.buf.set_stringn(x, y, plain, usize::from(room), style);
        } else if x < self.buf.area.right() {
            self.buf.set_stringn(x, y, text, usize::from(room), style);
        }
    }

    /// Gives parts of a drawn text the style of matches.
    fn highlight(&mut self, x: u16, y: u16, text: &str, ranges: &[Range<usize>], style: Style) {
        for range in ranges {
            let before = text.get(..range.start).map_or(0, text_width);
            let inside = text.get(range.clone()).map_or(0, text_width);
            let part = Rect::new(x.saturating_add(before), y, inside, 1);
            self.buf.set_style(part.intersection(self.buf.area), style);
        }
    }
}

/// What stands before a remark in brackets, if that is what does not fit: `4` of `4 (12s ago)`.
fn without_aside<'a>(column: &Column, text: &'a str, room: u16) -> Option<&'a str> {
    let (main, _) = text.split_once(" (")?;
    (column.max != FREE && text_width(main) <= room).then_some(main)
}

/// Names are made of parts, and often only the last part tells them apart.
fn is_name(text: &str) -> bool {
    text.contains(['-', '/', '.', ':']) && !text.contains(' ')
}

/// Cuts free text at its end.
pub fn cut_end(text: &str, room: u16) -> String {
    if text_width(text) <= room {
        return text.to_owned();
    }
    let mut cut = String::new();
    take(text.chars(), room.saturating_sub(1), &mut cut);
    if room > 0 {
        cut.push('…');
    }
    cut
}

/// Cuts a name in its middle: `orders-api-…-x7k2p`. The end, which tells names apart, keeps half of the room.
pub fn cut_middle(text: &str, room: u16) -> String {
    if text_width(text) <= room {
        return text.to_owned();
    }
    if room == 0 {
        return String::new();
    }
    let tail_room = (room - 1) / 2;
    let mut tail = String::new();
    let used = take(text.chars().rev(), tail_room, &mut tail);
    let mut cut = String::with_capacity(text.len());
    take(text.chars(), room - 1 - used, &mut cut);
    cut.push('…');
    cut.extend(tail.chars().rev());
    cut
}

/// Takes characters as long as they fit and returns the cells that they take.
fn take(characters: impl Iterator<Item = char>, room: u16, into: &mut String) -> u16 {
    let mut used = 0;
    for character in characters {
        let width = character.width().unwrap_or(0) as u16;
        if used + width > room {
            break;
        }
        used += width;
        into.push(character);
    }
    used
}
