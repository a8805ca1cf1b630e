//! nginx and Apache: access lines in the common and the combined layout, and nginx's error lines.

use std::borrow::Cow;

use super::record::{Field, Record, text_of};
use crate::logs::{level, time};
use crate::model::LogLevel;

/// The parts of an access line.
struct Access<'a> {
    remote: &'a [u8],
    when: &'a [u8],
    request: &'a [u8],
    status: &'a [u8],
    bytes: &'a [u8],
    rest: &'a [u8],
}

fn access(line: &[u8]) -> Option<Access<'_>> {
    let open = memchr::memmem::find(line.get(..160).unwrap_or(line), b" [")?;
    let remote = line.get(..memchr::memchr(b' ', line)?)?;
    let after = line.get(open + 2..)?;
    let close = memchr::memmem::find(after, b"] \"")?;
    let when = after.get(..close)?;
    let after = after.get(close + 3..)?;
    let end = memchr::memmem::find(after, b"\" ")?;
    let request = after.get(..end)?;
    let after = after.get(end + 2..)?;
    let status = after.get(..3)?;
    if !status.iter().all(u8::is_ascii_digit) || after.get(3).is_some_and(|byte| *byte != b' ') {
        return None;
    }
    let rest = after.get(4..).unwrap_or_default();
    let long = memchr::memchr(b' ', rest).unwrap_or(rest.len());
    let (bytes, rest) = rest.split_at(long);
    Some(Access {
        remote,
        when,
        request,
        status,
        bytes,
        rest,
    })
}

/// The bracketed level of an error line, with where it ends.
fn error(line: &[u8]) -> Option<(&[u8], usize)> {
    let (_, long) = time::leading(line)?;
    if line.get(4) != Some(&b'/') {
        return None;
    }
    let rest = line.get(long..)?.strip_prefix(b" [")?;
    let close = memchr::memchr(b']', rest)?;
    Some((rest.get(..close)?, long + close + 3))
}

pub(super) fn is(line: &[u8]) -> bool {
    error(line).is_some() || access(line).is_some()
}

pub(super) fn level(line: &[u8]) -> LogLevel {
    if let Some((word, _)) = error(line) {
        return level::of_word(word);
    }
    match access(line).and_then(|access| access.status.first().copied()) {
        Some(b'5') => LogLevel::Error,
        Some(b'4') => LogLevel::Warn,
        _ => LogLevel::Info,
    }
}

pub(super) fn read<'a>(line: &'a [u8], record: &mut Record<'a>) {
    if let Some((_, end)) = error(line) {
        record.time = time::leading(line).map(|(time, _)| time);
        record.message = text_of(line.get(end..).unwrap_or_default().trim_ascii());
        return;
    }
    let Some(access) = access(line) else {
        record.message = text_of(line);
        return;
    };
    let mut words = access.request.split(|byte| *byte == b' ');
    let method = words.next().unwrap_or_default();
    let path = words.next().unwrap_or_default();
    record.message = text_of(access.request);
    let quoted = access.rest.split(|byte| *byte == b'"');
    let mut quoted = quoted.filter(|part| !part.trim_ascii().is_empty());
    let referrer = quoted.next().unwrap_or_default();
    let agent = quoted.next().unwrap_or_default();
    for (name, value) in [
        ("status", access.status),
        ("bytes", access.bytes),
        ("remote", access.remote),
        ("method", method),
        ("path", path),
        ("referrer", referrer),
        ("agent", agent),
        ("written", access.when),
    ] {
        if !value.is_empty() && value != b"-" {
            record.fields.push(Field {
                name: Cow::Borrowed(name),
                value: text_of(value),
            });
        }
    }
}
