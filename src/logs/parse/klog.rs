//! klog, as Kubernetes' own components write it: `I1127 03:50:01.123456       1 controller.go:42] "Synced" pod="a/b"`.

use std::borrow::Cow;

use super::record::{Field, Record, text_of};
use crate::model::LogLevel;

/// Whether the line begins as klog does: a letter, month and day, a time.
pub(super) fn is(line: &[u8]) -> bool {
    let digits = |from: usize, to: usize| {
        line.get(from..to)
            .is_some_and(|part| part.iter().all(u8::is_ascii_digit))
    };
    let colon = |at: usize| line.get(at) == Some(&b':');
    digits(1, 5) && line.get(5) == Some(&b' ') && digits(6, 8) && colon(8) && colon(11)
}

pub(super) fn level(line: &[u8]) -> LogLevel {
    match line.first() {
        Some(b'W') => LogLevel::Warn,
        Some(b'E') => LogLevel::Error,
        Some(b'F') => LogLevel::Fatal,
        _ => LogLevel::Info,
    }
}

/// The year is not written, so the time stays with the engine's.
pub(super) fn read<'a>(line: &'a [u8], record: &mut Record<'a>) {
    let Some(end) = memchr::memmem::find(line, b"] ") else {
        record.message = text_of(line);
        return;
    };
    let (head, rest) = line.split_at(end);
    let message = rest.get(2..).unwrap_or_default();
    let mut words = head
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    let caller = words.nth(3).unwrap_or_default();
    let structured = message.strip_prefix(b"\"").and_then(|inner| {
        let close = memchr::memchr(b'"', inner)?;
        Some((inner.get(..close)?, inner.get(close + 1..)?))
    });
    match structured {
        Some((message, pairs)) => {
            record.message = text_of(message);
            super::logfmt::read(pairs, record);
        }
        None => record.message = text_of(message),
    }
    record.fields.push(Field {
        name: Cow::Borrowed("caller"),
        value: text_of(caller),
    });
}
