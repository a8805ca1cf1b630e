//! Taking lines out of a pane of logs: selecting and copying; and what the mouse points at.

use super::{Done, LogPane};
use crate::logs::{LineId, Logbook, Walk, text};
use crate::store::Store;

impl LogPane {
    pub(super) fn select(&mut self, book: &Logbook) {
        if self.anchor.take().is_none() {
            if self.follow {
                self.pause(book);
            }
            self.anchor = self.cursor;
        }
    }

    /// The rows on screen that are part of the selection.
    pub(super) fn selected(&self) -> Vec<LineId> {
        let (Some(anchor), Some(cursor)) = (self.anchor, self.cursor) else {
            return Vec::new();
        };
        let at = |id: LineId| self.rows.iter().position(|row| row.id == id);
        let cursor = at(cursor).unwrap_or(0);
        // An end that is not on screen lies beyond the end of it that the cursor is farther from.
        let anchor = at(anchor).unwrap_or(if cursor * 2 > self.rows.len() {
            0
        } else {
            self.rows.len()
        });
        let range = cursor.min(anchor)..=cursor.max(anchor);
        let rows = self.rows.iter().enumerate();
        rows.filter(|(at, _)| range.contains(at))
            .map(|(_, row)| row.id)
            .collect()
    }

    pub(super) fn copy(&mut self, book: &Logbook) -> Done {
        let ids = match (self.anchor.take(), self.cursor) {
            (Some(anchor), Some(cursor)) => between(book, anchor, cursor, &self.walk),
            (None, Some(cursor)) => vec![cursor],
            _ => Vec::new(),
        };
        let lines = book.read(&ids).into_iter().map(|line| match line.mark() {
            Some((_, words)) => format!("-- {words}"),
            None => text::plain(&String::from_utf8_lossy(&line.bytes)),
        });
        let lines: Vec<String> = lines.collect();
        if lines.is_empty() {
            return Done::Say("There is nothing to copy.".to_owned());
        }
        Done::Copy(lines.join("\n"))
    }

    pub(super) fn copy_command(&self, book: &Logbook) -> Done {
        let line = self
            .cursor
            .and_then(|id| book.read(&[id]).into_iter().next());
        let number = line.and_then(|line| line.stream).unwrap_or(0);
        match book.stream(number).map(|stream| &stream.about.command) {
            Some(command) if !command.is_empty() => Done::Copy(command.to_string()),
            _ => Done::Say("No command shows the same.".to_owned()),
        }
    }

    /// Scrolls by shown lines.
    pub(crate) fn wheel(&mut self, store: &Store, by: isize) {
        if let Some(book) = store.logbook(self.reading) {
            self.step(book, by);
        }
    }

    /// Puts the cursor where the mouse was pressed: on a line, or at a time of the strip.
    pub(crate) fn press(&mut self, store: &Store, x: u16, y: u16) {
        let Some(book) = store.logbook(self.reading) else {
            return;
        };
        if self.places.strip.contains((x, y).into()) {
            let time = self
                .strip
                .time_at(x.saturating_sub(self.places.strip.x + 1));
            self.go_to_time(book, time);
            return;
        }
        if self.places.panel.contains((x, y).into()) {
            let at = y.saturating_sub(self.places.panel.y + 1);
            self.panel_at = usize::from(at).min(self.panel_rows.len().saturating_sub(1));
            return;
        }
        if self.wrap || !self.places.lines.contains((x, y).into()) {
            return;
        }
        let at = usize::from(y - self.places.lines.y);
        if let Some(id) = self.rows.get(at).map(|row| row.id) {
            self.go_to(book, id);
        }
    }
}

/// Shown lines from one to another, whichever comes first; at most ten thousand.
fn between(book: &Logbook, one: LineId, other: LineId, walk: &Walk) -> Vec<LineId> {
    const MOST: usize = 10_000;
    let (one, other) = match (book.number(one), book.number(other)) {
        (Some(first), Some(second)) if first > second => (other, one),
        _ => (one, other),
    };
    let mut ids = book.after(Some(one), true, MOST, walk);
    if let Some(end) = ids.iter().position(|id| *id == other) {
        ids.truncate(end + 1);
    }
    ids
}
