//! Older lines than those that were read: engines cannot page backwards, so a larger tail is asked for, and what is
//! known already is dropped.
//!
//! The tail grows geometrically: by as much as is known. Reading ends at the first known line, so nothing is carried
//! twice. Pure.

use super::line::Line;

/// Fewest and most lines of one step back.
const STEP_AT_LEAST: u64 = 1_000;
const STEP_AT_MOST: u64 = 100_000;

/// What is known of the oldest end of one instance's log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Older {
    /// Lines read since that end; at least as many records are in the engine's file.
    pub known: u64,
    /// The oldest lines, oldest first; the very first may be the rest of a line that the tail cut.
    pub oldest: Vec<(i64, Box<[u8]>)>,
}

/// Lines kept to recognise the end by.
const OLDEST: usize = 2;

/// One step back.
#[derive(Debug)]
pub struct Step {
    /// Lines to ask for.
    pub tail: u64,
    /// Lines of it that should be new.
    pub more: u64,
    oldest: Vec<(i64, Box<[u8]>)>,
    met: bool,
}

impl Older {
    /// A line was read, the first of all as well as those that follow.
    pub fn read(&mut self, line: &Line<'_>) {
        self.known += 1;
        if self.oldest.len() < OLDEST
            && let Some(time) = line.time
        {
            self.oldest.push((time, line.text.into()));
        }
    }

    /// What to ask for next.
    pub fn step(&self) -> Step {
        let more = self.known.clamp(STEP_AT_LEAST, STEP_AT_MOST);
        Step {
            tail: self.known + more,
            more,
            oldest: self.oldest.clone(),
            met: false,
        }
    }

    /// Older lines were found; these are the oldest of them.
    pub fn grown(&mut self, count: u64, oldest: Vec<(i64, Box<[u8]>)>) {
        self.known += count;
        if !oldest.is_empty() {
            self.oldest = oldest;
        }
    }
}

impl Step {
    /// Whether a line is older than all that is known. Once it is not, all that follows is known, and the rest of the
    /// answer need not be read.
    pub fn is_older(&mut self, line: &Line<'_>) -> bool {
        if self.met {
            return false;
        }
        let Some(time) = line.time else { return false };
        let known = |(at, text): &(i64, Box<[u8]>)| *at == time && **text == *line.text;
        // Where the first known line was cut by the tail, the second one still is what it was. Behind both of them in
        // time, neither is there any more.
        let behind = self.oldest.iter().all(|(at, _)| time > *at) && !self.oldest.is_empty();
        self.met = self.oldest.iter().any(known) || behind;
        !self.met
    }

    /// Whether the known lines were reached, so that nothing is missing between.
    pub fn met(&self) -> bool {
        self.met
    }
}
