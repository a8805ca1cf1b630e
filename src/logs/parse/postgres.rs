//! PostgreSQL: `2026-11-27 03:50:01.123 UTC [42] ERROR:  duplicate key`, with whatever prefix between time and word.

use std::borrow::Cow;

use super::record::{Field, Record, text_of};
use crate::logs::time;
use crate::model::LogLevel;

/// Words before the colon, and what they mean. Details belong to the line before and have its level.
const WORDS: &[(&str, LogLevel)] = &[
    ("LOG", LogLevel::Info),
    ("ERROR", LogLevel::Error),
    ("FATAL", LogLevel::Fatal),
    ("PANIC", LogLevel::Fatal),
    ("WARNING", LogLevel::Warn),
    ("NOTICE", LogLevel::Info),
    ("INFO", LogLevel::Info),
    ("DETAIL", LogLevel::Unknown),
    ("HINT", LogLevel::Unknown),
    ("STATEMENT", LogLevel::Unknown),
    ("CONTEXT", LogLevel::Unknown),
];
/// Bytes in which the word is looked for.
const HEAD: usize = 160;

/// The word, its meaning and where the message begins.
fn word(line: &[u8]) -> Option<(&'static str, LogLevel, usize)> {
    if !line.first().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let head = line.get(..HEAD).unwrap_or(line);
    let at = memchr::memmem::find(head, b":  ")?;
    let before = head.get(..at)?;
    let from = before
        .iter()
        .rposition(|byte| !byte.is_ascii_alphanumeric())?
        + 1;
    let word = before.get(from..)?;
    let known = WORDS.iter().find(|(known, _)| known.as_bytes() == word)?;
    Some((known.0, known.1, at + 3))
}

pub(super) fn is(line: &[u8]) -> bool {
    word(line).is_some() && time::leading(line).is_some()
}

/// Whether the line says more of the one before it.
pub(in crate::logs) fn continues(line: &[u8]) -> bool {
    word(line).is_some_and(|(_, level, _)| level == LogLevel::Unknown)
}

pub(super) fn level(line: &[u8]) -> LogLevel {
    word(line).map_or(LogLevel::Unknown, |(_, level, _)| level)
}

pub(super) fn read<'a>(line: &'a [u8], record: &mut Record<'a>) {
    let Some((word, level, end)) = word(line) else {
        record.message = text_of(line);
        return;
    };
    record.time = time::leading(line).map(|(time, _)| time);
    record.message = match level {
        LogLevel::Unknown => text_of(line.get(end - word.len() - 3..).unwrap_or_default()),
        _ => text_of(line.get(end..).unwrap_or_default()),
    };
    let open = memchr::memchr(b'[', line);
    let process = open.and_then(|open| {
        let rest = line.get(open + 1..end)?;
        rest.get(..memchr::memchr(b']', rest)?)
    });
    if let Some(process) = process {
        record.fields.push(Field {
            name: Cow::Borrowed("pid"),
            value: text_of(process),
        });
    }
}
