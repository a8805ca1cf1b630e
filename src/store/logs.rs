//! Logbooks: one a reading, for as long as the screen wants it.

use std::collections::BTreeMap;

use super::Store;
use crate::logs::{Logbook, Look};
use crate::model::{LogBatch, LogReading};

/// The share of the memory that a reading beside another one gets.
const SMALL: usize = 8;

/// What is read, and how much of it may be kept.
pub(super) struct Logs {
    books: BTreeMap<LogReading, Logbook>,
    /// Bytes of all lines of a reading.
    cap: usize,
    revision: u64,
}

impl Default for Logs {
    fn default() -> Self {
        Self {
            books: BTreeMap::new(),
            cap: 256 << 20,
            revision: 0,
        }
    }
}

impl Store {
    /// Says how many bytes the lines of a reading may take.
    pub fn set_log_memory(&mut self, bytes: usize) {
        self.logs.cap = bytes;
    }

    /// The logbook of a reading, if it is wanted.
    pub fn logbook(&self, reading: LogReading) -> Option<&Logbook> {
        self.logs.books.get(&reading)
    }

    /// Takes in what a source tells of a reading; says whether it is the first of its lines.
    pub fn apply_logs(&mut self, batch: LogBatch) -> bool {
        // What is still under way of a reading that ended is nobody's any more.
        let Some(book) = self.logs.books.get_mut(&batch.reading) else {
            return false;
        };
        let was_empty = book.is_empty();
        book.apply(batch);
        self.logs.revision += 1;
        was_empty && !book.is_empty()
    }

    /// Keeps the logbooks that are looked at, and lets each know what is asked of it.
    pub fn look(&mut self, looks: Vec<Look>) {
        let logs = &mut self.logs;
        logs.books
            .retain(|reading, _| looks.iter().any(|look| look.reading == *reading));
        for look in looks {
            let cap = if look.small {
                logs.cap / SMALL
            } else {
                logs.cap
            };
            let book = logs
                .books
                .entry(look.reading)
                .or_insert_with(|| Logbook::new(cap));
            book.set_filter(look.filter, look.around);
            book.set_search(look.search, look.around);
            book.set_patterns(look.patterns);
        }
    }

    /// Counts what is to be shown of the logs.
    pub fn settle_logs(&mut self) {
        self.logs.books.values_mut().for_each(Logbook::settle);
    }

    /// Whether lines wait to be looked at.
    pub fn has_log_work(&self) -> bool {
        self.logs.books.values().any(Logbook::has_work)
    }

    /// Looks at about so many lines that wait.
    pub fn work_logs(&mut self, lines: usize) {
        for book in self.logs.books.values_mut().filter(|book| book.has_work()) {
            book.work(lines);
        }
    }
}
