//! What was told of a range that is asked for again and again. Pure.
//!
//! Lines may be alike down to the nanosecond, so each is counted: a line is new when a pass over the range has brought it
//! more often than it was told.

use std::collections::HashMap;

/// Lines that were told, and how often.
#[derive(Debug, Default)]
pub struct Seen {
    told: HashMap<(i64, u64), u32>,
    /// How often this pass has brought them.
    pass: HashMap<(i64, u64), u32>,
}

impl Seen {
    /// A pass over the range begins, from this time on; what lies before will not come again.
    pub fn pass(&mut self, from: i64) {
        self.told.retain(|(time, _), _| *time >= from);
        self.pass.clear();
    }

    /// The next page of the pass begins with all lines of this time, also those that the page before ended with.
    pub fn page(&mut self, from: i64) {
        self.pass.retain(|(time, _), _| *time < from);
    }

    /// Whether a line is new.
    pub fn is_new(&mut self, time: i64, hash: u64) -> bool {
        let mark = (time, hash);
        let brought = self.pass.entry(mark).or_default();
        *brought += 1;
        let told = self.told.entry(mark).or_default();
        let new = *brought > *told;
        if new {
            *told = *brought;
        }
        new
    }
}
