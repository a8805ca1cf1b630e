//! Lines as they are printed: raw bytes, one JSON object a line, or a line for people with time, stream and level.

use std::io::{self, Write};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::style::Style;
use serde::Serialize;

use crate::cli::snapshot::ansi;
use crate::logs::{parse, text};
use crate::model::{Health, LogFlags, LogLevel, LogMark, LogMarkKind, LogStream};
use crate::ui::theme::{Part, Theme};
use crate::ui::views::Role;

/// How lines are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// Time, stream, level, message and fields; control characters made visible.
    #[default]
    Pretty,
    /// The bytes that were written, and nothing else.
    Raw,
    /// An object a line.
    Json,
}

/// Prints lines of several streams.
pub struct Printer<'a, W: Write> {
    pub out: W,
    pub form: Form,
    /// Set when people read it on a terminal with colours.
    pub theme: Option<&'a Theme>,
    pub zone: TimeZone,
    /// Streams are named, as there is more than one.
    pub several: bool,
    line: String,
}

/// A line to be printed.
pub struct Printed<'a> {
    pub stream: &'a LogStream,
    pub time: i64,
    pub level: LogLevel,
    pub flags: LogFlags,
    pub bytes: &'a [u8],
}

#[derive(Serialize)]
struct Record<'a> {
    time: String,
    namespace: &'a str,
    object: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    container: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    level: &'a str,
    #[serde(skip_serializing_if = "is_false")]
    stderr: bool,
    #[serde(skip_serializing_if = "is_false")]
    previous: bool,
    #[serde(skip_serializing_if = "is_false")]
    cut: bool,
    line: &'a str,
}

#[derive(Serialize)]
struct MarkRecord<'a> {
    time: String,
    namespace: &'a str,
    object: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    container: &'a str,
    event: &'a str,
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_false(value: &bool) -> bool {
    !value
}

impl<'a, W: Write> Printer<'a, W> {
    pub fn new(out: W, form: Form, theme: Option<&'a Theme>) -> Self {
        Self {
            out,
            form,
            theme,
            zone: TimeZone::system(),
            several: false,
            line: String::new(),
        }
    }

    /// Prints a line.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn line(&mut self, printed: &Printed<'_>) -> io::Result<()> {
        match self.form {
            Form::Raw => {
                self.out.write_all(printed.bytes)?;
                self.out.write_all(b"\n")
            }
            Form::Json => {
                let object = &printed.stream.object;
                let record = Record {
                    time: stamp(printed.time),
                    namespace: &object.namespace,
                    object: &object.name,
                    container: &printed.stream.container,
                    level: printed.level.word(),
                    stderr: printed.flags.has(LogFlags::STDERR),
                    previous: printed.flags.has(LogFlags::PREVIOUS),
                    cut: printed.flags.has(LogFlags::CUT),
                    line: &String::from_utf8_lossy(printed.bytes),
                };
                serde_json::to_writer(&mut self.out, &record)?;
                self.out.write_all(b"\n")
            }
            Form::Pretty => self.pretty(printed),
        }
    }

    /// Prints what happened between the lines; raw output has no place for it.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn mark(&mut self, stream: Option<&LogStream>, mark: &LogMark) -> io::Result<()> {
        match (self.form, stream) {
            (Form::Raw, _) | (Form::Json, None) => Ok(()),
            (Form::Json, Some(stream)) => {
                let event = MarkRecord {
                    time: stamp(mark.time),
                    namespace: &stream.object.namespace,
                    object: &stream.object.name,
                    container: &stream.container,
                    event: &mark.words,
                };
                serde_json::to_writer(&mut self.out, &event)?;
                self.out.write_all(b"\n")
            }
            (Form::Pretty, stream) => {
                let label = stream.map_or("", |stream| stream.label.as_str());
                let words = format!("── {label} {} ──", mark.words);
                let health = match mark.kind {
                    LogMarkKind::Failure => Health::Bad,
                    LogMarkKind::Gap | LogMarkKind::Event | LogMarkKind::Alert => Health::Warn,
                    LogMarkKind::Turn | LogMarkKind::Rollout => Health::Idle,
                };
                let style = self.style(Role::Health(health));
                self.line.clear();
                self.time(mark.time);
                self.push(&words, style);
                self.end()
            }
        }
    }

    fn pretty(&mut self, printed: &Printed<'_>) -> io::Result<()> {
        self.line.clear();
        let continues = printed.flags.has(LogFlags::CONTINUES);
        self.time(printed.time);
        if self.several {
            let label = printed.stream.label.as_str();
            let style = self.of_stream(label);
            self.push(label, style);
            self.line.push(' ');
        }
        if continues {
            self.line.push_str("      ");
            let line = String::from_utf8_lossy(printed.bytes);
            self.push(&text::plain(&line), None);
            return self.end();
        }
        let record = parse::read(printed.bytes);
        let style = self.of_level(printed.level);
        self.push(
            &format!("{:<5} ", printed.level.word().to_uppercase()),
            style,
        );
        let message = text::plain(&record.message);
        self.push(&message, style.filter(|_| printed.level >= LogLevel::Error));
        let dim = self.style(Role::Dim);
        for field in &record.fields {
            self.line.push(' ');
            self.push(&text::plain(&field.name), dim);
            self.push("=", dim);
            self.push(&text::plain(&field.value), None);
        }
        if printed.flags.has(LogFlags::CUT) {
            self.push(" … cut: longer than 1 MB", dim);
        }
        self.end()
    }

    fn time(&mut self, nanos: i64) {
        let time = Timestamp::from_nanosecond(i128::from(nanos)).unwrap_or_default();
        let time = time
            .to_zoned(self.zone.clone())
            .strftime("%H:%M:%S%.3f ")
            .to_string();
        let dim = self.style(Role::Dim);
        self.push(&time, dim);
    }

    fn end(&mut self) -> io::Result<()> {
        self.line.push('\n');
        self.out.write_all(self.line.as_bytes())
    }

    fn push(&mut self, text: &str, style: Option<Style>) {
        match style {
            Some(style) => ansi::push_styled(&mut self.line, text, style),
            None => self.line.push_str(text),
        }
    }

    fn style(&self, role: Role) -> Option<Style> {
        self.theme.map(|theme| theme.role(role))
    }

    fn of_level(&self, level: LogLevel) -> Option<Style> {
        let role = match level {
            LogLevel::Fatal | LogLevel::Error => Role::Health(Health::Bad),
            LogLevel::Warn => Role::Health(Health::Warn),
            LogLevel::Info => Role::Health(Health::Good),
            LogLevel::Debug | LogLevel::Trace | LogLevel::Unknown => Role::Dim,
        };
        self.style(role)
    }

    /// Each stream has a colour that its name decides.
    fn of_stream(&self, label: &str) -> Option<Style> {
        let sum = label.bytes().fold(0_u32, |sum, byte| {
            sum.wrapping_mul(31).wrapping_add(u32::from(byte))
        });
        self.theme
            .map(|theme| theme.part(Part::Series((sum % 6) as u8)))
    }
}

fn stamp(nanos: i64) -> String {
    let time = Timestamp::from_nanosecond(i128::from(nanos)).unwrap_or_default();
    format!("{time:.9}")
}
