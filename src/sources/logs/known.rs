//! What has been told of one instance of a container, so that a new connection goes on where the last one broke off:
//! nothing lost, nothing twice, and a word where that cannot be proved.
//!
//! Engines go on from a time, Kubernetes from a whole second, so the same lines come again. [`Known`] keeps time and
//! hash of the lines of the last seconds, asks from there, and drops each line as often as it was told. Lines come back
//! in the order of the engine's file: if one comes that is new before the last known one came back, that file is gone
//! (rotated), and what stood between them may be lost. Pure: no clock, no I/O.

use std::collections::{HashMap, VecDeque};

use super::line::Line;

const SECOND: i64 = 1_000_000_000;
/// Stdout and stderr may be this many seconds apart in one file.
const SKEW_SECONDS: i64 = 1;
/// Lines remembered; behind a faster burst the older ones of it are known by their time alone.
const LINES_AT_MOST: usize = 1 << 18;

/// What to do with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    New,
    /// Told before.
    Again,
    /// From before the first line that was told.
    Before,
    /// New, but the last known line did not come back: lines after that time may be missing.
    AfterGap {
        since: i64,
    },
}

/// The lines of the last seconds of one instance.
#[derive(Debug)]
pub struct Known {
    lines: VecDeque<(i64, u64)>,
    /// The time of the first line told.
    first: Option<i64>,
    /// Reading began with the first line that there is: none was left out before it.
    all: bool,
    newest: i64,
    /// Lines up to this time were told, though not all of them are remembered one by one.
    forgotten: Option<i64>,
    most: usize,
    again: Option<Again>,
}

/// The lines that a new connection brings again.
#[derive(Debug)]
struct Again {
    expected: HashMap<(i64, u64), u32>,
    /// Something known has come back; what follows stands behind it in the file.
    met: bool,
    /// Until it has come, what comes may follow on a gap.
    last: Option<(i64, u64)>,
    /// What is newer was never told.
    until: i64,
    /// A line of this time had begun, but was not told.
    begun: Option<i64>,
}

impl Default for Known {
    fn default() -> Self {
        Self::remembering(LINES_AT_MOST)
    }
}

impl Known {
    /// As the default, with room for so many lines.
    pub fn remembering(most: usize) -> Self {
        Self {
            lines: VecDeque::new(),
            first: None,
            all: false,
            newest: i64::MIN,
            forgotten: None,
            most,
            again: None,
        }
    }

    /// Reading begins with the first line that there is, not with a tail or a time.
    pub fn of_all() -> Self {
        Self {
            all: true,
            ..Self::default()
        }
    }

    /// The time before which lines were left out on purpose.
    fn begin(&self) -> Option<i64> {
        self.first.filter(|_| !self.all)
    }

    /// From which second on to ask again, floored; none if nothing was told. `begun` is when a line was begun whose end
    /// has not come.
    pub fn since(&self, begun: Option<i64>) -> Option<i64> {
        self.first?;
        let from = begun.map_or(self.newest, |begun| begun.min(self.newest));
        Some(from.div_euclid(SECOND) - SKEW_SECONDS)
    }

    /// The time of the newest line told.
    pub fn newest(&self) -> Option<i64> {
        self.first.map(|_| self.newest)
    }

    /// A new connection begins, from [`Known::since`] with the same `begun`.
    pub fn again(&mut self, begun: Option<i64>) {
        let from = self.from();
        let mut expected = HashMap::with_capacity(self.lines.len());
        for line in &self.lines {
            *expected.entry(*line).or_default() += 1;
        }
        self.again = (!self.lines.is_empty()).then(|| Again {
            met: false,
            expected,
            last: self.lines.iter().rfind(|(time, _)| *time >= from).copied(),
            until: self.newest,
            begun,
        });
    }

    /// Judges a line that comes, and remembers it if it is new. A line without a time is the engine's own word.
    pub fn judge(&mut self, line: &Line<'_>) -> Verdict {
        let Some(time) = line.time else {
            return Verdict::New;
        };
        let mark = (time, hash(line.text, line.stderr));
        let verdict = match &mut self.again {
            None => Verdict::New,
            Some(again) => {
                let waiting = again.last.is_some();
                // As `begin`, which would borrow all of us.
                let begin = self.first.filter(|_| !self.all);
                let verdict = again.judge(mark, begin, self.forgotten);
                // Behind the last known line, all is new.
                let proved = waiting && again.last.is_none() && verdict == Verdict::Again;
                if proved || (again.last.is_none() && time > again.until) {
                    self.again = None;
                }
                verdict
            }
        };
        if matches!(verdict, Verdict::New | Verdict::AfterGap { .. }) {
            self.remember(mark);
        }
        verdict
    }

    /// Whether a line is one of those that should come again.
    pub fn expects(&self, line: &Line<'_>) -> bool {
        let (Some(again), Some(time)) = (&self.again, line.time) else {
            return false;
        };
        let count = again.expected.get(&(time, hash(line.text, line.stderr)));
        count.is_some_and(|count| *count > 0)
            || (!again.met && self.begin().is_some_and(|begin| time < begin))
    }

    /// Whether the last known line has come back: the file is the same, and nothing is missing.
    pub fn is_proved(&self) -> bool {
        self.again.as_ref().is_none_or(|again| again.last.is_none())
    }

    /// The connection has come to its end by itself. Says since when lines may be missing if the last known one has not
    /// come back.
    pub fn ended(&mut self) -> Option<i64> {
        let again = self.again.take()?;
        again.last.map(|(time, _)| time)
    }

    fn remember(&mut self, mark: (i64, u64)) {
        self.first = Some(self.first.map_or(mark.0, |first| first.min(mark.0)));
        self.newest = self.newest.max(mark.0);
        self.lines.push_back(mark);
        let from = self.from();
        while let Some((time, _)) = self.lines.front()
            && (*time < from || self.lines.len() > self.most)
        {
            self.forgotten = self.forgotten.max(Some(*time));
            self.lines.pop_front();
        }
    }

    /// The time from which on lines are remembered.
    fn from(&self) -> i64 {
        (self.newest.div_euclid(SECOND).saturating_sub(SKEW_SECONDS)).saturating_mul(SECOND)
    }
}

impl Again {
    fn judge(&mut self, mark: (i64, u64), first: Option<i64>, forgotten: Option<i64>) -> Verdict {
        let (time, _) = mark;
        if let Some(count) = self.expected.get_mut(&mark).filter(|count| **count > 0) {
            *count -= 1;
            self.met = true;
            if *count == 0 && self.last == Some(mark) {
                self.last = None;
            }
            return Verdict::Again;
        }
        if !self.met && first.is_some_and(|first| time < first) {
            return Verdict::Before;
        }
        if forgotten.is_some_and(|forgotten| time <= forgotten) && self.begun != Some(time) {
            return Verdict::Again;
        }
        match self.last.take() {
            Some((since, _)) => Verdict::AfterGap { since },
            None => Verdict::New,
        }
    }
}

/// A hash of a line: eight bytes at a step, as it is made of every line.
fn hash(text: &[u8], stderr: bool) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let step = |state: u64, word: u64| (state.rotate_left(29) ^ word).wrapping_mul(ODD);
    let (words, rest) = text.as_chunks::<8>();
    let mut state = step(text.len() as u64, u64::from(stderr));
    for word in words {
        state = step(state, u64::from_le_bytes(*word));
    }
    let mut last = [0; 8];
    for (slot, byte) in last.iter_mut().zip(rest) {
        *slot = *byte;
    }
    state = step(state, u64::from_le_bytes(last));
    state ^ (state >> 32)
}
