//! All that one line says.

use std::borrow::Cow;

use super::{Format, Head};
use crate::logs::time;
use crate::model::LogLevel;

/// Names under which formats keep the message, best first.
const MESSAGES: &[&str] = &["message", "msg", "log", "text", "event", "error"];
/// Names under which formats keep the time.
const TIMES: &[&str] = &[
    "time",
    "timestamp",
    "ts",
    "@timestamp",
    "t",
    "datetime",
    "date",
];
/// Names under which formats keep the level.
pub(super) const LEVELS: &[&str] = &[
    "level",
    "lvl",
    "severity",
    "severity_text",
    "severityText",
    "loglevel",
    "log_level",
    "levelname",
    "log.level",
    "@l",
];
/// Names under which formats keep what joins the lines of one request.
const TRACES: &[&str] = &[
    "trace_id",
    "traceId",
    "traceID",
    "trace",
    "trace.id",
    "dd.trace_id",
    "request_id",
    "requestId",
    "correlation_id",
];

/// A field of a line: its name (a path with dots where it is nested) and its value as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    pub name: Cow<'a, str>,
    pub value: Cow<'a, str>,
}

/// A line taken apart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record<'a> {
    pub format: Format,
    pub level: LogLevel,
    /// When the writer says it was written, in nanoseconds since 1970.
    pub time: Option<i64>,
    pub message: Cow<'a, str>,
    /// What is neither time nor level nor message, in the order of the line.
    pub fields: Vec<Field<'a>>,
}

impl<'a> Record<'a> {
    pub(super) fn new(head: Head) -> Self {
        Self {
            format: head.format,
            level: head.level,
            ..Self::default()
        }
    }

    /// Takes a field in: time, level and message find their places, the rest is kept as it is.
    pub(super) fn put(&mut self, name: Cow<'a, str>, value: Cow<'a, str>) {
        if LEVELS.contains(&name.as_ref()) && self.level != LogLevel::Unknown {
            return;
        }
        if self.time.is_none()
            && TIMES.contains(&name.as_ref())
            && let Some(time) = moment(&value)
        {
            self.time = Some(time);
            return;
        }
        self.fields.push(Field { name, value });
    }

    /// Moves the message to its place, once all fields are in.
    pub(super) fn settle(&mut self) {
        if !self.message.is_empty() {
            return;
        }
        let found = MESSAGES.iter().find_map(|name| {
            let mut fields = self.fields.iter();
            fields.position(|field| field.name == *name && !field.value.is_empty())
        });
        if let Some(at) = found {
            self.message = self.fields.remove(at).value;
        }
    }

    /// Takes plain text in: a time at its beginning and the message behind it.
    pub(super) fn prefix(&mut self, text: &'a [u8]) {
        let mut rest = text;
        if let Some((time, long)) = time::leading(text) {
            self.time = Some(time);
            rest = text.get(long..).unwrap_or_default();
        }
        self.message = text_of(rest.trim_ascii());
    }

    /// The value of a field, also of those that have a place of their own.
    pub fn get(&self, name: &str) -> Option<&str> {
        if name == "message" || name == "msg" {
            return Some(&self.message);
        }
        let mut fields = self.fields.iter();
        let found = fields.find(|field| field.name == name);
        found.map(|field| field.value.as_ref())
    }

    pub(super) fn take(mut self, name: &str) -> Option<Cow<'a, str>> {
        if name == "message" || name == "msg" {
            return Some(self.message);
        }
        let at = self.fields.iter().position(|field| field.name == name)?;
        Some(self.fields.swap_remove(at).value)
    }

    /// The field that joins the lines of one request, if the line has one.
    pub fn trace(&self) -> Option<&Field<'a>> {
        TRACES.iter().find_map(|name| {
            let mut fields = self.fields.iter();
            fields.find(|field| field.name == *name && !field.value.is_empty())
        })
    }
}

/// Bytes as text; what is not UTF-8 becomes a mark.
pub(super) fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

fn moment(value: &str) -> Option<i64> {
    match time::leading(value.as_bytes()) {
        Some((time, _)) => Some(time),
        None => time::since_1970(value.parse().ok()?),
    }
}
