//! One line of the screen, written from left to right: knows what room is left and never writes beyond it.

use std::borrow::Cow;

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
    let width = width.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split_inclusive(' ') {
        let wide = text_width(word.trim_end());
        if used > 0 && used + wide > width {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
            used = 0;
        }
        if wide <= width {
            line.push_str(word);
            used = used.saturating_add(text_width(word));
            continue;
        }
        for character in word.chars() {
            let cells = text_width(character.encode_utf8(&mut [0; 4]));
            if used + cells > width {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push(character);
            used += cells;
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}
