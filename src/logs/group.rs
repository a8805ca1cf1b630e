//! Which lines continue the one before: frames of a stack trace, indented lines, details of a database.
//!
//! One [`Group`] follows one stream. A continued line has the level and the time of its head, so that a level floor
//! keeps whole traces and no other stream's line falls into one.

use memchr::memmem;

use super::parse::{self, Format};
use crate::model::LogLevel;

/// Most lines of one group; a longer one begins anew.
const MOST: u32 = 500;

/// What the last head began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    /// Anything that indented lines may follow.
    #[default]
    Indented,
    /// A Python traceback: a line that is not indented ends it and is part of it.
    Python { framed: bool },
    /// A Go panic: goroutines, their frames and blank lines up to `exit status`.
    Go,
}

/// The group that a stream is in.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    kind: Kind,
    open: bool,
    level: LogLevel,
    time: i64,
    lines: u32,
}

/// What a line is to its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) continues: bool,
    pub(super) level: LogLevel,
    pub(super) time: i64,
}

impl Group {
    /// Places a line of which format and level were read.
    pub(super) fn place(&mut self, line: &[u8], head: parse::Head, time: i64) -> Place {
        let near = time.abs_diff(self.time) < super::time::SECOND.unsigned_abs();
        if self.open && near && self.lines < MOST && self.takes(line, head) {
            self.lines += 1;
            return Place {
                continues: true,
                level: self.level,
                time: self.time,
            };
        }
        let (kind, level) = begins(line, head);
        *self = Self {
            kind,
            // What stands on one line by its format is followed by nothing but its database's details.
            open: !line.is_empty(),
            level,
            time,
            lines: 1,
        };
        Place {
            continues: false,
            level,
            time,
        }
    }

    fn takes(&mut self, line: &[u8], head: parse::Head) -> bool {
        if head.format == Format::Postgres {
            return parse::continues(line);
        }
        if matches!(head.format, Format::Json | Format::Klog) {
            return false;
        }
        let indented = matches!(line.first(), Some(b' ' | b'\t')) && !line.trim_ascii().is_empty();
        match &mut self.kind {
            Kind::Python { framed } => {
                if indented {
                    *framed = true;
                    return true;
                }
                if line.is_empty() || line.starts_with(b"During handling") {
                    return true;
                }
                if line.starts_with(b"The above exception") || line.starts_with(b"Traceback (") {
                    *framed = false;
                    return true;
                }
                // `PaymentError: gateway answered 502`: the last line, which says what happened.
                let said = std::mem::take(framed) && exception(line);
                if said {
                    self.kind = Kind::Python { framed: false };
                }
                said
            }
            Kind::Go => {
                let frame = line.ends_with(b")") || line.starts_with(b"created by ");
                indented || line.is_empty() || line.starts_with(b"goroutine ") || frame
            }
            Kind::Indented => {
                indented
                    || line.starts_with(b"Caused by: ")
                    || line.starts_with(b"Suppressed: ")
                    || matches!(line, b"}" | b"]" | b"},")
            }
        }
    }
}

/// What a line begins that continues nothing, and its level.
fn begins(line: &[u8], head: parse::Head) -> (Kind, LogLevel) {
    let level = |otherwise| match head.level {
        LogLevel::Unknown => otherwise,
        said => said,
    };
    if head.format == Format::Json {
        return (Kind::Indented, head.level);
    }
    if line.starts_with(b"Traceback (") {
        return (Kind::Python { framed: false }, LogLevel::Error);
    }
    if line.starts_with(b"panic: ") || line.starts_with(b"fatal error: ") {
        return (Kind::Go, LogLevel::Fatal);
    }
    let thrown = line.starts_with(b"Exception in thread ")
        || line.starts_with(b"Unhandled exception")
        || memmem::find(line.get(..64).unwrap_or(line), b"' panicked at ").is_some()
        || exception(line);
    if thrown {
        return (Kind::Indented, level(LogLevel::Error));
    }
    (Kind::Indented, head.level)
}

/// Whether a line begins with the name of an exception: `java.lang.IllegalStateException: …`, `PaymentError: …`.
fn exception(line: &[u8]) -> bool {
    let long = line
        .iter()
        .position(|byte| !byte.is_ascii_alphanumeric() && !b"._$".contains(byte))
        .unwrap_or(line.len());
    let name = line.get(..long).unwrap_or_default();
    let ends = line.get(long).is_none_or(|byte| *byte == b':');
    let named = name.ends_with(b"Error") || name.ends_with(b"Exception");
    ends && named && name.iter().any(u8::is_ascii_uppercase)
}
