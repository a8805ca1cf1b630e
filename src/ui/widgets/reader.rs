//! Reads text: a cursor on a line, scrolling, wrapping, searching. The lines come from outside and are only looked at
//! where they are on screen, but for a search.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::line::{Line, wrap_ranges};
use super::table::text_width;
use crate::ui::theme::{Part, Theme};
use crate::ui::views::Role;

/// A piece of a line in one style.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span<'a> {
    pub text: Cow<'a, str>,
    pub role: Role,
}

/// Text made of lines.
pub trait Lines {
    fn count(&self) -> usize;
    fn line(&self, at: usize) -> Vec<Span<'_>>;

    /// Cells that what is wrapped of a line is moved to the right.
    fn indent(&self, _at: usize) -> u16 {
        0
    }

    /// The line without styles.
    fn plain(&self, at: usize) -> String {
        self.line(at)
            .iter()
            .map(|span| span.text.as_ref())
            .collect()
    }
}

/// Where the reader is.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    pub cursor: usize,
    top: usize,
    /// Cells scrolled away to the left.
    left: u16,
    pub wrap: bool,
    search: String,
    /// Lines that the search found.
    hits: Vec<usize>,
    area: Rect,
    count: usize,
}

/// Cells of one step to the side.
const STEP: u16 = 8;

impl Reader {
    /// A reader that wraps long lines.
    pub fn wrapped() -> Self {
        Self {
            wrap: true,
            ..Self::default()
        }
    }

    /// Fits the text into an area: cursor and scroll stay within it, and the search is brought up to date.
    pub fn prepare(&mut self, lines: &dyn Lines, area: Rect) {
        self.area = area;
        self.count = lines.count();
        self.cursor = self.cursor.min(self.count.saturating_sub(1));
        self.find(lines);
        let page = usize::from(area.height).max(1);
        self.top = self.top.min(self.cursor);
        if self.cursor - self.top >= page {
            self.top = self.cursor + 1 - page;
        }
        if self.wrap {
            self.left = 0;
            let heights = |range: std::ops::RangeInclusive<usize>| -> usize {
                range
                    .map(|at| wrap_ranges(&lines.plain(at), area.width, lines.indent(at)).len())
                    .sum()
            };
            while self.top < self.cursor && heights(self.top..=self.cursor) > page {
                self.top += 1;
            }
        } else {
            self.top = self.top.min(self.count.saturating_sub(page));
        }
    }

    fn find(&mut self, lines: &dyn Lines) {
        self.hits.clear();
        if self.search.is_empty() {
            return;
        }
        for at in 0..lines.count() {
            if !found(&lines.plain(at), &self.search).is_empty() {
                self.hits.push(at);
            }
        }
    }

    pub fn move_by(&mut self, by: isize) {
        let last = self.count.saturating_sub(1);
        self.cursor = self.cursor.saturating_add_signed(by).min(last);
    }

    /// Moves by half pages.
    pub fn move_halves(&mut self, halves: isize) {
        let by = halves * (isize::from(self.area.height.min(1000) as i16) / 2).max(1);
        self.top = self.top.saturating_add_signed(by);
        self.move_by(by);
    }

    /// Scrolls by rows; the cursor goes along only where it would leave the screen.
    pub fn scroll(&mut self, by: isize) {
        let page = usize::from(self.area.height).max(1);
        let last = self.count.saturating_sub(page);
        self.top = self.top.saturating_add_signed(by).min(last);
        self.cursor = self.cursor.clamp(self.top, self.top + page - 1);
    }

    pub fn scroll_sideways(&mut self, steps: isize) {
        let by = steps * isize::from(STEP as i16);
        self.left = usize::from(self.left).saturating_add_signed(by).min(2000) as u16;
    }

    pub fn search(&self) -> &str {
        &self.search
    }

    pub fn set_search(&mut self, text: &str) {
        text.clone_into(&mut self.search);
    }

    /// Goes to the first hit at or behind the cursor: while a search is being typed.
    pub fn seek(&mut self, lines: &dyn Lines) {
        self.find(lines);
        if let Some(hit) = self
            .hits
            .iter()
            .find(|hit| **hit >= self.cursor)
            .or(self.hits.first())
        {
            self.cursor = *hit;
        }
    }

    /// Goes to the next hit, or the one before; false if there is none.
    pub fn next_hit(&mut self, back: bool) -> bool {
        let next = if back {
            let before = self.hits.iter().rev().find(|hit| **hit < self.cursor);
            before.or(self.hits.last())
        } else {
            let after = self.hits.iter().find(|hit| **hit > self.cursor);
            after.or(self.hits.first())
        };
        match next {
            Some(hit) => {
                self.cursor = *hit;
                true
            }
            None => false,
        }
    }

    /// `3 of 17`, of lines that the search found; nothing while none is searched.
    pub fn found(&self) -> Option<String> {
        if self.search.is_empty() {
            return None;
        }
        let all = self.hits.len();
        Some(match self.hits.iter().position(|hit| *hit == self.cursor) {
            Some(at) => format!("{} of {all}", at + 1),
            None if all == 0 => "not found".to_owned(),
            None => format!("{all} found"),
        })
    }

    /// The line at a row of the screen, unless lines are wrapped.
    pub fn line_at(&self, y: u16) -> Option<usize> {
        let at = self.top + usize::from(y.checked_sub(self.area.y)?);
        (at < self.count && y < self.area.bottom() && !self.wrap).then_some(at)
    }

    /// The lines on screen, at most.
    pub fn visible(&self) -> std::ops::Range<usize> {
        self.top..(self.top + usize::from(self.area.height)).min(self.count)
    }

    pub fn draw(&self, lines: &dyn Lines, theme: &Theme, buf: &mut Buffer) {
        let area = self.area.intersection(buf.area);
        let mut y = area.y;
        let mut at = self.top;
        while y < area.bottom() && at < lines.count() {
            let row = Rect {
                y,
                height: 1,
                ..area
            };
            let used = if self.wrap {
                let rest = Rect {
                    height: area.bottom() - y,
                    ..row
                };
                self.wrapped_line(lines, at, rest, (theme, buf))
            } else {
                self.single(&lines.line(at), row, theme, buf);
                1
            };
            if at == self.cursor {
                let whole = Rect {
                    height: used,
                    ..row
                };
                buf.set_style(whole, theme.part(Part::Cursor));
            }
            y += used;
            at += 1;
        }
    }

    fn single(&self, spans: &[Span<'_>], row: Rect, theme: &Theme, buf: &mut Buffer) {
        let plain: String = spans.iter().map(|span| span.text.as_ref()).collect();
        let mut skip = self.left;
        let mut line = Line::new(buf, row);
        for span in spans {
            let wide = text_width(&span.text);
            if skip >= wide {
                skip -= wide;
                continue;
            }
            let text = drop_cells(&span.text, skip);
            skip = 0;
            line.put(text, theme.role(span.role));
        }
        self.highlight(&plain, self.left, row, theme, buf);
    }

    /// Draws a line on as many rows as it needs and returns how many that were.
    fn wrapped_line(
        &self,
        lines: &dyn Lines,
        at: usize,
        room: Rect,
        pen: (&Theme, &mut Buffer),
    ) -> u16 {
        let (theme, buf) = pen;
        let spans = lines.line(at);
        let plain = lines.plain(at);
        let indent = lines.indent(at).min(room.width / 2);
        let mut used = 0;
        for (y, range) in (room.y..room.bottom()).zip(wrap_ranges(&plain, room.width, indent)) {
            let shift = if used == 0 { 0 } else { indent };
            let row = Rect {
                x: room.x + shift,
                y,
                width: room.width - shift,
                height: 1,
            };
            let mut line = Line::new(buf, row);
            let mut from = 0;
            for span in &spans {
                let to = from + span.text.len();
                let part = range.start.max(from)..range.end.min(to);
                if part.start < part.end {
                    let text = span.text.get(part.start - from..part.end - from);
                    line.put(text.unwrap_or_default(), theme.role(span.role));
                }
                from = to;
            }
            let text = plain.get(range).unwrap_or_default();
            self.highlight(text, 0, row, theme, buf);
            used += 1;
        }
        used.max(1)
    }

    /// Marks what the search found in a drawn text, of which `left` cells are scrolled away.
    fn highlight(&self, text: &str, left: u16, row: Rect, theme: &Theme, buf: &mut Buffer) {
        for range in found(text, &self.search) {
            let from = text.get(..range.start).map_or(0, text_width);
            let wide = text.get(range).map_or(0, text_width);
            let to = (from + wide).saturating_sub(left);
            let from = from.saturating_sub(left);
            let hit = Rect {
                x: row.x.saturating_add(from),
                width: to.saturating_sub(from),
                ..row
            };
            buf.set_style(hit.intersection(row), theme.part(Part::Match));
        }
    }
}

/// Text without its first cells.
fn drop_cells(text: &str, cells: u16) -> &str {
    let mut left = cells;
    for (at, character) in text.char_indices() {
        if left == 0 {
            return text.get(at..).unwrap_or_default();
        }
        let wide = text_width(character.encode_utf8(&mut [0; 4]));
        left = left.saturating_sub(wide);
    }
    if left == 0 && cells == 0 { text } else { "" }
}

/// Where a text contains what is searched. Case counts only if a capital is searched.
fn found(text: &str, search: &str) -> Vec<std::ops::Range<usize>> {
    if search.is_empty() {
        return Vec::new();
    }
    if search.chars().any(char::is_uppercase) || !text.is_ascii() {
        return text
            .match_indices(search)
            .map(|(at, hit)| at..at + hit.len())
            .collect();
    }
    text.to_ascii_lowercase()
        .match_indices(search)
        .map(|(at, hit)| at..at + hit.len())
        .collect()
}
