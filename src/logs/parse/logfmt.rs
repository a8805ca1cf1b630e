//! logfmt: `time=… level=warn msg="slow answer" took=1.2s`.

use std::borrow::Cow;

use super::record::{LEVELS, Record, text_of};
use crate::logs::level;
use crate::model::LogLevel;

/// Pairs that make a line logfmt, from its beginning or behind a time.
const PAIRS: usize = 2;

/// The pairs of a line; words without a value are left out.
struct Pairs<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            self.rest = self.rest.trim_ascii_start();
            if self.rest.is_empty() {
                return None;
            }
            let end = self
                .rest
                .iter()
                .position(|byte| matches!(byte, b'=' | b' '))
                .unwrap_or(self.rest.len());
            let (name, rest) = self.rest.split_at(end);
            self.rest = rest;
            let Some(after) = rest.strip_prefix(b"=") else {
                continue;
            };
            let long = match after.first() {
                Some(b'"') => quoted(after),
                _ => memchr::memchr(b' ', after).unwrap_or(after.len()),
            };
            let (value, rest) = after.split_at(long);
            self.rest = rest;
            return Some((name, value));
        }
    }
}

/// How long the quoted value is that a text begins with, quotes and all.
fn quoted(text: &[u8]) -> usize {
    let mut escaped = true;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn named(name: &[u8]) -> bool {
    name.first().is_some_and(u8::is_ascii_alphabetic)
        && name
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-.@/".contains(byte))
}

/// Whether the line begins with pairs.
pub(super) fn is(line: &[u8]) -> bool {
    let Some(equals) = memchr::memchr(b'=', line) else {
        return false;
    };
    // The first pair stands at the beginning: else this is a sentence with an assignment in it.
    if !line.get(..equals).is_some_and(named) {
        return false;
    }
    let pairs = Pairs { rest: line };
    let names = pairs.take(PAIRS).filter(|(name, _)| named(name));
    names.count() == PAIRS
}

pub(super) fn level(line: &[u8]) -> LogLevel {
    for (name, value) in (Pairs { rest: line }) {
        if LEVELS.iter().any(|known| known.as_bytes() == name) {
            return level::of_word(unquoted(value));
        }
    }
    LogLevel::Unknown
}

fn unquoted(value: &[u8]) -> &[u8] {
    value
        .strip_prefix(b"\"")
        .map_or(value, |rest| rest.strip_suffix(b"\"").unwrap_or(rest))
}

pub(super) fn read<'a>(line: &'a [u8], record: &mut Record<'a>) {
    for (name, value) in (Pairs { rest: line }) {
        record.put(text_of(name), text(value));
    }
    record.settle();
}

fn text(value: &[u8]) -> Cow<'_, str> {
    let inner = unquoted(value);
    if inner.len() == value.len() || memchr::memchr(b'\\', inner).is_none() {
        return text_of(inner);
    }
    match serde_json::from_slice::<String>(value) {
        Ok(text) => Cow::Owned(text),
        Err(_) => text_of(inner),
    }
}
