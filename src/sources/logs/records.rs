//! The body of a Kubernetes log with `timestamps=true`: lines that begin with the time of their first record.
//!
//! The kubelet writes a time only behind a newline, so the 16 KiB records of a long line join by themselves. What
//! stands without a time is either the rest of a line whose beginning was not asked for, or the kubelet itself speaking.

use super::line::{Line, Lines};
use super::stamp;

/// Splits one answer of `pods/log`.
#[derive(Debug, Default)]
pub struct Records {
    lines: Lines,
}

impl Records {
    /// Takes the next bytes of the body and hands on every line that is complete.
    pub fn feed(&mut self, bytes: &[u8], mut each: impl FnMut(Line<'_>)) {
        self.lines.feed(bytes, |line, cut| each(read(line, cut)));
    }

    /// Hands on the line that has begun, as no more of it will come.
    pub fn end(&mut self, mut each: impl FnMut(Line<'_>)) {
        self.lines.end(|line, cut| each(read(line, cut)));
    }

    /// When the line was begun whose end has not come.
    pub fn begun(&self) -> Option<i64> {
        stamp::split(self.lines.begun()).map(|(time, _)| time)
    }
}

fn read(line: &[u8], cut: u64) -> Line<'_> {
    let (time, text) = match stamp::split(line) {
        Some((time, text)) => (Some(time), text),
        None => (None, line),
    };
    Line {
        time,
        text,
        cut,
        stderr: false,
    }
}
