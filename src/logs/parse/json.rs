//! JSON lines, read member by member without building a tree. Nesting is walked, never recursed into without bound.

use std::borrow::Cow;

use memchr::memchr2;

use super::record::{LEVELS, Record, text_of};
use crate::logs::level;
use crate::model::LogLevel;

/// How deep objects are taken apart into fields; what lies deeper stays JSON text.
const DEPTH: usize = 3;
/// Most fields of one line.
const FIELDS: usize = 256;

/// The members of an object: raw names and raw values.
pub struct Members<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Members<'a> {
    /// Reads the members of the object that the text begins with.
    pub fn of(bytes: &'a [u8]) -> Self {
        let open = bytes.iter().position(|byte| *byte == b'{');
        Self {
            bytes,
            at: open.map_or(bytes.len(), |at| at + 1),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip(&mut self, also: u8) {
        while self
            .peek()
            .is_some_and(|byte| byte.is_ascii_whitespace() || byte == also)
        {
            self.at += 1;
        }
    }

    /// Steps over a string and returns what is between its quotes.
    fn string(&mut self) -> Option<&'a [u8]> {
        let from = self.at + 1;
        self.at = close(self.bytes, self.at)?;
        self.bytes.get(from..self.at - 1)
    }

    /// Steps over a value and returns it with its quotes or brackets.
    fn value(&mut self) -> Option<&'a [u8]> {
        let from = self.at;
        match self.peek()? {
            b'"' => {
                self.string()?;
            }
            b'{' | b'[' => self.nested()?,
            _ => {
                let rest = self.bytes.get(from..)?;
                let ends =
                    |byte: &u8| matches!(byte, b',' | b'}' | b']') || byte.is_ascii_whitespace();
                self.at += rest.iter().position(ends)?;
                if self.at == from {
                    return None;
                }
            }
        }
        self.bytes.get(from..self.at)
    }

    fn nested(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'"' => {
                    self.at = close(self.bytes, self.at)?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Some(());
            }
        }
    }
}

/// The position behind the string that begins at `at`.
fn close(bytes: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        let rest = bytes.get(at..)?;
        let found = memchr2(b'"', b'\\', rest)?;
        at += found + 1;
        if rest.get(found) == Some(&b'"') {
            return Some(at);
        }
        at += 1;
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        self.skip(b',');
        if self.peek()? != b'"' {
            self.at = self.bytes.len();
            return None;
        }
        let name = self.string()?;
        self.skip(b':');
        let value = self.value()?;
        Some((name, value))
    }
}

/// The level that an object says.
pub fn level(object: &[u8]) -> LogLevel {
    for (name, value) in Members::of(object) {
        let found = match name.first() {
            Some(b'l' | b's' | b'@') if LEVELS.iter().any(|known| known.as_bytes() == name) => {
                level::of_word(unquoted(value))
            }
            // As the Elastic Common Schema nests it.
            Some(b'l') if name == b"log" && value.first() == Some(&b'{') => level(value),
            _ => LogLevel::Unknown,
        };
        if found != LogLevel::Unknown {
            return found;
        }
    }
    LogLevel::Unknown
}

fn unquoted(value: &[u8]) -> &[u8] {
    value
        .strip_prefix(b"\"")
        .and_then(|value| value.strip_suffix(b"\""))
        .unwrap_or(value)
}

/// A value as text: strings without quotes and escapes, the rest as it is written.
fn text(value: &[u8]) -> Cow<'_, str> {
    if value.first() != Some(&b'"') {
        return text_of(value);
    }
    let inner = unquoted(value);
    if memchr::memchr(b'\\', inner).is_none() {
        return text_of(inner);
    }
    match serde_json::from_slice::<String>(value) {
        Ok(text) => Cow::Owned(text),
        Err(_) => text_of(inner),
    }
}

/// Reads every member into a record.
pub(super) fn read<'a>(object: &'a [u8], record: &mut Record<'a>) {
    members(object, "", DEPTH, record);
    record.settle();
}

fn members<'a>(object: &'a [u8], path: &str, depth: usize, record: &mut Record<'a>) {
    for (name, value) in Members::of(object) {
        if record.fields.len() >= FIELDS {
            return;
        }
        let name = if path.is_empty() {
            text_of(name)
        } else {
            Cow::Owned(format!("{path}.{}", text_of(name)))
        };
        if depth > 1 && value.first() == Some(&b'{') && value.len() > 2 {
            members(value, &name, depth - 1, record);
        } else {
            record.put(name, text(value));
        }
    }
}

/// The value of one member, or of one further down, named with dots.
pub fn field<'a>(object: &'a [u8], name: &str) -> Option<Cow<'a, str>> {
    let mut nested = None;
    for (key, value) in Members::of(object) {
        if key == name.as_bytes() {
            return Some(text(value));
        }
        let inner = name.as_bytes().strip_prefix(key);
        if let Some(rest) = inner.and_then(|rest| rest.strip_prefix(b"."))
            && value.first() == Some(&b'{')
        {
            nested = nested.or_else(|| field(value, std::str::from_utf8(rest).ok()?));
        }
    }
    nested
}
