//! One line as a row: its time, its stream, its level, its message and fields, each in its style.

use std::collections::BTreeSet;
use std::ops::Range;

use jiff::tz::TimeZone;
use ratatui::style::{Color, Modifier, Style};

use super::when::{self, Stamps};
use crate::logs::text::{self, Colour};
use crate::logs::{Filter, Line, LineId, Stream, parse};
use crate::model::{Health, LogFlags, LogLevel, LogMarkKind, Moment, Text};
use crate::ui::theme::{Part, Theme};
use crate::ui::title::grouped;
use crate::ui::views::Role;
use crate::ui::widgets::table::{cut_end, cut_middle, text_width};

/// Bytes of a line that a row shows; its detail shows more.
const SHOWN: usize = 8 * 1024;
/// Cells of a chosen field.
const COLUMN: u16 = 14;
/// Fields that say what the source beside the line says already.
const KNOWN: &[&str] = &[
    "pod",
    "namespace",
    "container",
    "hostname",
    "host",
    "service",
    "version",
    "app",
    "logger",
];

/// Text in one style.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    pub(crate) text: String,
    pub(crate) style: Style,
}

/// A line made ready to be written.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) id: LineId,
    pub(crate) time: i64,
    pub(crate) spans: Vec<Span>,
    /// The same without styles.
    pub(crate) plain: String,
    /// Cells that what is wrapped is moved to the right.
    pub(crate) indent: u16,
    /// What the filter and the search found in it.
    pub(crate) found: Vec<Range<usize>>,
    /// A line across the pane.
    pub(crate) mark: bool,
    /// Shown only for its context.
    pub(crate) faint: bool,
}

/// What all rows have in common.
pub(crate) struct Shape<'a> {
    pub(crate) theme: &'a Theme,
    pub(crate) zone: TimeZone,
    pub(crate) now: Moment,
    pub(crate) stamps: Stamps,
    /// Cells of the stream's label; none if there is only one stream.
    pub(crate) label: u16,
    /// What all labels begin with, in bytes.
    pub(crate) prefix: usize,
    pub(crate) columns: &'a [String],
    pub(crate) raw: bool,
    pub(crate) folded: bool,
    pub(crate) open: &'a BTreeSet<LineId>,
    pub(crate) bookmarks: &'a BTreeSet<LineId>,
    pub(crate) filter: &'a Filter,
    pub(crate) search: &'a Filter,
    /// Lines that the filter stops are shown too, faintly.
    pub(crate) context: bool,
}

impl Row {
    fn put(&mut self, text: &str, style: Style) {
        self.plain.push_str(text);
        self.spans.push(Span {
            text: text.to_owned(),
            style,
        });
    }

    /// Fills up to a number of cells from `start`.
    fn pad(&mut self, start: usize, cells: u16) {
        let used = self.plain.get(start..).map_or(0, text_width);
        let blanks = " ".repeat(usize::from(cells.saturating_sub(used)));
        self.put(&blanks, Style::default());
    }
}

/// Makes a row of a line.
pub(crate) fn row(line: &Line, stream: Option<&Stream>, shape: &Shape<'_>) -> Row {
    let mut row = Row {
        id: line.id,
        time: line.time,
        spans: Vec::new(),
        plain: String::new(),
        indent: 0,
        found: Vec::new(),
        mark: false,
        faint: shape.context && !line.passes,
    };
    if let Some((kind, words)) = line.mark() {
        mark(&mut row, kind, &words, stream, shape);
        return row;
    }
    let theme = shape.theme;
    let dim = theme.role(Role::Dim);
    let booked = shape.bookmarks.contains(&line.id);
    row.put(if booked { "◆" } else { " " }, theme.part(Part::Marked));
    let continues = line.flags.has(LogFlags::CONTINUES);
    if shape.stamps != Stamps::Off {
        let start = row.plain.len();
        if !continues {
            let late = line.flags.has(LogFlags::LATE);
            let style = if late {
                theme.role(Role::Health(Health::Warn))
            } else {
                dim
            };
            row.put(
                &when::stamp(line.time, shape.stamps, shape.now, &shape.zone),
                style,
            );
        }
        row.pad(start, shape.stamps.width() + 1);
        if line.flags.has(LogFlags::LATE) {
            row.put("late ", theme.role(Role::Health(Health::Warn)));
        }
    }
    if shape.label > 0 {
        let start = row.plain.len();
        if let Some(stream) = stream.filter(|_| !continues) {
            row.put(&label(stream, shape), source_style(theme, line.stream));
        }
        row.pad(start, shape.label + 1);
    }
    row.indent = text_width(&row.plain).min(40);
    let bytes = line.bytes.get(..SHOWN).unwrap_or(&line.bytes);
    let from = row.plain.len();
    if shape.raw || continues {
        ansi(
            &mut row,
            &String::from_utf8_lossy(bytes),
            level_style(theme, line.level, continues),
        );
    } else {
        record(&mut row, line, bytes, shape);
    }
    remarks(&mut row, line, shape);
    let message = row.plain.get(from..).unwrap_or_default().as_bytes();
    let asked = shape
        .filter
        .shown_patterns()
        .chain(shape.search.shown_patterns());
    let found = asked.flat_map(|pattern| pattern.ranges(message));
    row.found = found
        .map(|range| range.start + from..range.end + from)
        .collect();
    row
}

fn record(row: &mut Row, line: &Line, bytes: &[u8], shape: &Shape<'_>) {
    let theme = shape.theme;
    let dim = theme.role(Role::Dim);
    let record = parse::read(bytes);
    let level = match line.level {
        LogLevel::Unknown => record.level,
        level => level,
    };
    let start = row.plain.len();
    row.put(
        &level.word().to_uppercase(),
        level_style(theme, level, false),
    );
    row.pad(start, 6);
    for name in shape.columns {
        let start = row.plain.len();
        let value = record.get(name).unwrap_or("–");
        row.put(
            &cut_end(&Text::new(value), COLUMN),
            theme.role(Role::Accent),
        );
        row.pad(start, COLUMN + 1);
    }
    let folded = line.more > 0 && shape.folded;
    if folded {
        let sign = if shape.open.contains(&line.id) {
            "▾ "
        } else {
            "▸ "
        };
        row.put(sign, theme.role(Role::Accent));
    }
    let style = match level {
        LogLevel::Error | LogLevel::Fatal => theme.role(Role::Strong),
        LogLevel::Trace | LogLevel::Debug => dim,
        _ => theme.role(Role::Plain),
    };
    // A word that says the level again is left out.
    let said = record.message.as_ref();
    let again = said
        .strip_prefix(level.word().to_uppercase().as_str())
        .filter(|_| level != LogLevel::Unknown);
    let message = again.map_or(said, |rest| rest.trim_start_matches([':', ' ', ']']));
    ansi(row, message, style);
    if !shape.columns.is_empty() {
        return;
    }
    for field in record
        .fields
        .iter()
        .filter(|field| !KNOWN.contains(&field.name.as_ref()))
    {
        row.put("  ", Style::default());
        row.put(&format!("{}=", Text::new(&field.name)), dim);
        let value = Text::from(text::plain(&field.value));
        let value = if is_id(&value) {
            cut_middle(&value, 12)
        } else {
            value.to_string()
        };
        row.put(&value, theme.role(Role::Plain));
    }
}

/// Whether a value is a long id that nobody reads to its end.
fn is_id(value: &str) -> bool {
    value.len() >= 24
        && value
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// What is to be known of a line beside what it says.
fn remarks(row: &mut Row, line: &Line, shape: &Shape<'_>) {
    let dim = shape.theme.role(Role::Dim);
    if line.more > 0 && shape.folded && !shape.open.contains(&line.id) {
        let lines = if line.more == 1 { "line" } else { "lines" };
        row.put(&format!("  (+{} {lines})", grouped(line.more)), dim);
    }
    if line.bytes.len() > SHOWN {
        let size = crate::ui::format::bytes(line.bytes.len() as u64);
        row.put(&format!(" … ({size} in all)"), dim);
    }
    if line.flags.has(LogFlags::CUT) {
        row.put(
            " ✂ cut at 1 MiB",
            shape.theme.role(Role::Health(Health::Warn)),
        );
    }
}

/// Text with the colours that it asks for.
fn ansi(row: &mut Row, said: &str, style: Style) {
    for part in text::parts(said) {
        let look = part.look;
        let mut style = style;
        if let Some(colour) = look.foreground {
            style = style.fg(color(colour));
        }
        if let Some(colour) = look.background {
            style = style.bg(color(colour));
        }
        for (on, modifier) in [
            (look.bold, Modifier::BOLD),
            (look.dim, Modifier::DIM),
            (look.italic, Modifier::ITALIC),
            (look.underlined, Modifier::UNDERLINED),
        ] {
            if on {
                style = style.add_modifier(modifier);
            }
        }
        row.put(&part.text, style);
    }
}

fn color(colour: Colour) -> Color {
    match colour {
        Colour::Index(index) => Color::Indexed(index),
        Colour::Rgb(red, green, blue) => Color::Rgb(red, green, blue),
    }
}

fn mark(row: &mut Row, kind: LogMarkKind, words: &str, stream: Option<&Stream>, shape: &Shape<'_>) {
    let health = match kind {
        LogMarkKind::Failure | LogMarkKind::Alert => Health::Bad,
        LogMarkKind::Gap | LogMarkKind::Event => Health::Warn,
        LogMarkKind::Turn | LogMarkKind::Rollout => Health::Idle,
    };
    let theme = shape.theme;
    let rule = theme.part(Part::Border);
    row.mark = true;
    row.put("─────── ", rule);
    if let Some(stream) = stream {
        row.put(
            &format!("{} ", stream.about.label),
            theme.role(Role::Strong),
        );
    }
    row.put(&Text::new(words), theme.role(Role::Health(health)));
    let at = when::clock(row.time, &shape.zone);
    let at = at.get(..8).unwrap_or(&at);
    row.put(&format!(", {at} "), theme.role(Role::Dim));
}

/// The label of a stream without what all of them begin with.
fn label(stream: &Stream, shape: &Shape<'_>) -> String {
    let label = stream.about.label.as_str();
    match label.get(shape.prefix..) {
        Some(rest) if shape.prefix > 3 && !rest.is_empty() => {
            cut_middle(&format!("…{rest}"), shape.label)
        }
        _ => cut_middle(label, shape.label),
    }
}

/// Streams keep one of a few colours, so that the eye can follow one.
fn source_style(theme: &Theme, stream: Option<u16>) -> Style {
    match stream.map(|stream| stream % 4) {
        Some(0) => theme.role(Role::Accent),
        Some(1) => theme.role(Role::Health(Health::Good)),
        Some(2) => theme.role(Role::Health(Health::Busy)),
        _ => theme.role(Role::Plain),
    }
}

/// The style of a level's word.
pub(crate) fn level_style(theme: &Theme, level: LogLevel, quiet: bool) -> Style {
    match level {
        _ if quiet => theme.role(Role::Dim),
        LogLevel::Fatal | LogLevel::Error => theme.role(Role::Health(Health::Bad)),
        LogLevel::Warn => theme.role(Role::Health(Health::Warn)),
        LogLevel::Info => theme.role(Role::Health(Health::Good)),
        LogLevel::Unknown => theme.role(Role::Plain),
        LogLevel::Trace | LogLevel::Debug => theme.role(Role::Dim),
    }
}
