//! A line of input: text with a cursor, and what was typed before.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::table::text_width;
use crate::ui::commands::Command;

/// Bytes that a line of input may hold; more is cut.
const LIMIT: usize = 1000;

/// Text being typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    text: String,
    /// A byte position between two characters.
    cursor: usize,
}

impl Field {
    /// A field with text and the cursor behind it.
    pub fn new(text: &str) -> Self {
        let mut field = Self::default();
        field.insert(text);
        field
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn set(&mut self, text: &str) {
        *self = Self::new(text);
    }

    /// Inserts typed or pasted text: its first line, as far as there is room, without what would act on a terminal.
    pub fn insert(&mut self, text: &str) {
        let line = text.lines().next().unwrap_or_default();
        for character in line.chars().filter(|character| !character.is_control()) {
            if self.text.len() + character.len_utf8() > LIMIT {
                return;
            }
            self.text.insert(self.cursor, character);
            self.cursor += character.len_utf8();
        }
    }

    /// Carries out an editing command; false if it is none.
    pub fn edit(&mut self, command: Command) -> bool {
        match command {
            Command::DeleteBack => {
                let to = self.cursor;
                self.left();
                self.text.drain(self.cursor..to);
            }
            Command::DeleteForward => {
                let from = self.cursor;
                self.right();
                self.text.drain(from..self.cursor);
                self.cursor = from;
            }
            Command::DeleteWord => {
                let head = self.text.get(..self.cursor).unwrap_or_default();
                let kept = head.trim_end().rfind(' ').map_or(0, |space| space + 1);
                self.text.drain(kept..self.cursor);
                self.cursor = kept;
            }
            Command::DeleteAll => {
                self.text.clear();
                self.cursor = 0;
            }
            Command::CursorLeft => self.left(),
            Command::CursorRight => self.right(),
            Command::CursorStart => self.cursor = 0,
            Command::CursorEnd => self.cursor = self.text.len(),
            _ => return false,
        }
        true
    }

    fn left(&mut self) {
        let head = self.text.get(..self.cursor).unwrap_or_default();
        self.cursor -= head.chars().next_back().map_or(0, char::len_utf8);
    }

    fn right(&mut self) {
        let tail = self.text.get(self.cursor..).unwrap_or_default();
        self.cursor += tail.chars().next().map_or(0, char::len_utf8);
    }

    /// Draws the text so that the cursor is in sight, and returns where that is.
    pub fn draw(&self, buf: &mut Buffer, area: Rect, style: Style) -> Option<(u16, u16)> {
        let area = area.intersection(buf.area);
        if area.is_empty() {
            return None;
        }
        let head = self.text.get(..self.cursor).unwrap_or_default();
        // What does not fit goes out of sight on the left.
        let mut from = 0;
        for character in head.chars() {
            let before = head.get(from..).unwrap_or_default();
            if text_width(before) < area.width {
                break;
            }
            from += character.len_utf8();
        }
        let shown = self.text.get(from..).unwrap_or_default();
        buf.set_stringn(area.x, area.y, shown, usize::from(area.width), style);
        let before = head.get(from..).unwrap_or_default();
        Some((area.x + text_width(before).min(area.width - 1), area.y))
    }
}
