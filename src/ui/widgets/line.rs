//! One line of the screen, written from left to right: knows what room is left and never writes beyond it.

use std::borrow::Cow;
use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::table::{cut_end, text_width};

/// A pen on one line of the buffer.
pub struct Line<'a> {
    buf: &'a mut Buffer,
    x: u16,
    y: u16,
    end: u16,
}

impl<'a> Line<'a> {
    /// A pen at the start of the area's first row. Writes nothing if the area is empty.
    pub fn new(buf: &'a mut Buffer, area: Rect) -> Self {
        let area = area.intersection(buf.area);
        Self {
            buf,
            x: area.x,
            y: area.y,
            end: if area.height == 0 {
                area.x
            } else {
                area.right()
            },
        }
    }

    /// Cells that are left.
    pub fn room(&self) -> u16 {
        self.end.saturating_sub(self.x)
    }

    /// Where the next character goes.
    pub fn x(&self) -> u16 {
        self.x
    }

    /// Writes text, cut at its end if need be.
    pub fn put(&mut self, text: &str, style: Style) -> &mut Self {
        let room = self.room();
        if room == 0 {
            return self;
        }
        let text = if text_width(text) > room {
            Cow::Owned(cut_end(text, room))
        } else {
            Cow::Borrowed(text)
        };
        let (x, _) = self
            .buf
            .set_stringn(self.x, self.y, text, usize::from(room), style);
        self.x = x;
        self
    }

    /// Leaves cells free.
    pub fn skip(&mut self, cells: u16) -> &mut Self {
        self.x = self.x.saturating_add(cells).min(self.end);
        self
    }

    /// Fills up to a column with a character.
    pub fn fill(&mut self, until: u16, symbol: &str, style: Style) -> &mut Self {
        while self.x < until.min(self.end) {
            if let Some(cell) = self.buf.cell_mut((self.x, self.y)) {
                cell.set_symbol(symbol).set_style(style);
            }
            self.x += 1;
        }
        self
    }
}

/// Gives a whole area one style and makes it blank.
pub fn clear(buf: &mut Buffer, area: Rect, style: Style) {
    let area = area.intersection(buf.area);
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            if let Some(cell) = buf.cell_mut((x, y)) {
                cell.reset();
                cell.set_style(style);
            }
        }
    }
}

/// Breaks text into lines of at most `width` cells, at spaces where there are any.
pub fn wrap(text: &str, width: u16) -> Vec<String> {
    let lines = wrap_ranges(text, width, 0).into_iter();
    lines
        .map(|range| text.get(range).unwrap_or_default().to_owned())
        .collect()
}

/// Where text is broken into lines; lines behind the first are shorter by `indent` cells. Spaces at breaks belong to
/// no line. There is always one line.
pub fn wrap_ranges(text: &str, width: u16, indent: u16) -> Vec<Range<usize>> {
    let mut lines: Vec<Range<usize>> = Vec::new();
    let (mut start, mut end, mut used) = (0, 0, 0_u16);
    let room = |lines: &[Range<usize>]| {
        let indent = if lines.is_empty() { 0 } else { indent };
        width.saturating_sub(indent).max(1)
    };
    let mut at = 0;
    for word in text.split_inclusive(' ') {
        let bare = word.trim_end_matches(' ');
        let wide = text_width(bare);
        if used > 0 && used.saturating_add(wide) > room(&lines) {
            lines.push(start..end);
            (start, end, used) = (at, at, 0);
        }
        let mut behind = at;
        for character in bare.chars() {
            let cells = text_width(character.encode_utf8(&mut [0; 4]));
            if used > 0 && used.saturating_add(cells) > room(&lines) {
                lines.push(start..behind);
                (start, used) = (behind, 0);
            }
            behind += character.len_utf8();
            used = used.saturating_add(cells);
            end = behind;
        }
        used = used.saturating_add((word.len() - bare.len()) as u16);
        at += word.len();
    }
    if end > start || lines.is_empty() {
        lines.push(start..end.max(start));
    }
    lines
}
