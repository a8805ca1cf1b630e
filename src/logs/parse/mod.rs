//! What a line says: its format, level, time, message and fields.
//!
//! Two readers share the formats. [`head`] runs on every line as it arrives and finds no more than the format and the
//! level; [`read`] runs on the few lines that are looked at closely and finds everything. The format is told from the
//! line alone, so a container may mix them.

pub mod json;
mod klog;
mod logfmt;
mod nginx;
mod postgres;
mod record;

pub use record::{Field, Record};

use super::level;
use crate::model::LogLevel;

/// How a line is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    #[default]
    Plain,
    Json,
    /// Text, then a JSON object up to the end.
    PrefixedJson,
    Logfmt,
    Klog,
    Nginx,
    Postgres,
}

impl Format {
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain text",
            Self::Json => "JSON",
            Self::PrefixedJson => "text and JSON",
            Self::Logfmt => "logfmt",
            Self::Klog => "klog",
            Self::Nginx => "nginx",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// What is found in a line as it arrives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    pub format: Format,
    pub level: LogLevel,
}

/// Finds format and level of a line.
pub fn head(line: &[u8]) -> Head {
    let format = format(line);
    let found = match format {
        Format::Json => json::level(line),
        Format::PrefixedJson => match prefixed(line).map(|at| line.split_at(at)) {
            Some((prefix, object)) => match json::level(object) {
                LogLevel::Unknown => level::in_head(prefix),
                found => found,
            },
            None => LogLevel::Unknown,
        },
        Format::Logfmt => logfmt::level(line),
        Format::Klog => klog::level(line),
        Format::Nginx => nginx::level(line),
        Format::Postgres => postgres::level(line),
        Format::Plain => LogLevel::Unknown,
    };
    let level = match found {
        LogLevel::Unknown if format != Format::Json => level::in_head(line),
        found => found,
    };
    Head { format, level }
}

/// How a line is written.
pub fn format(line: &[u8]) -> Format {
    match line.first() {
        Some(b'{') if line.trim_ascii_end().last() == Some(&b'}') => Format::Json,
        Some(b'I' | b'W' | b'E' | b'F') if klog::is(line) => Format::Klog,
        _ if postgres::is(line) => Format::Postgres,
        _ if nginx::is(line) => Format::Nginx,
        _ if prefixed(line).is_some() => Format::PrefixedJson,
        _ if logfmt::is(line) => Format::Logfmt,
        _ => Format::Plain,
    }
}

/// Where the JSON object of a line begins that has text before it.
fn prefixed(line: &[u8]) -> Option<usize> {
    if line.trim_ascii_end().last() != Some(&b'}') {
        return None;
    }
    let at = memchr::memmem::find(line, b"{\"")?;
    let apart = line.get(at.checked_sub(1)?)?;
    (!apart.is_ascii_alphanumeric()).then_some(at)
}

/// Whether a line of a database says more of the one before it.
pub(super) fn continues(line: &[u8]) -> bool {
    postgres::continues(line)
}

/// Reads all that a line says.
pub fn read(line: &[u8]) -> Record<'_> {
    let head = head(line);
    let mut record = Record::new(head);
    match head.format {
        Format::Json => json::read(line, &mut record),
        Format::PrefixedJson => match prefixed(line).map(|at| line.split_at(at)) {
            Some((prefix, object)) => {
                record.prefix(prefix);
                json::read(object, &mut record);
            }
            None => record.prefix(line),
        },
        Format::Logfmt => logfmt::read(line, &mut record),
        Format::Klog => klog::read(line, &mut record),
        Format::Nginx => nginx::read(line, &mut record),
        Format::Postgres => postgres::read(line, &mut record),
        Format::Plain => record.prefix(line),
    }
    record
}

/// The value of one field, without reading the rest where the format allows it. A path of JSON goes down by dots.
pub fn field<'a>(line: &'a [u8], name: &str) -> Option<std::borrow::Cow<'a, str>> {
    if line.first() == Some(&b'{') {
        return json::field(line, name);
    }
    read(line).take(name)
}
