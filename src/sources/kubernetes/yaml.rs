//! An object as YAML, the way kubectl prints it: keys in alphabetical order, lists not indented, text of several lines
//! as a block, quotes where the text could be taken for something else. Pure.
//!
//! The rules are those of go-yaml, which kubectl prints with; only its folding of long lines is left out, so that a
//! value stays on one line for searching. Each line becomes inert text of at most 4 KB.

use serde_json::Value;

use crate::model::{Moment, Text};

/// Most bytes of a line.
const LINE_AT_MOST: usize = 4096;
/// Most lines; an object may have 1.5 MB.
const LINES_AT_MOST: usize = 50_000;

/// The lines of an object.
pub fn lines(value: &Value) -> Vec<Text> {
    let mut writer = Writer { lines: Vec::new() };
    writer.node(value, 0, String::new());
    let count = writer.lines.len();
    let mut lines: Vec<Text> = writer
        .lines
        .iter()
        .take(LINES_AT_MOST)
        .map(|line| line_text(line))
        .collect();
    if count > LINES_AT_MOST {
        lines.push(Text::from(format!(
            "# … {} more lines",
            count - LINES_AT_MOST
        )));
    }
    lines
}

/// A line as text, cut with a note of how much is missing.
pub(super) fn line_text(line: &str) -> Text {
    if line.len() <= LINE_AT_MOST {
        return Text::new(line);
    }
    let mut end = LINE_AT_MOST;
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    let head = line.get(..end).unwrap_or_default();
    Text::from(format!("{head} … ({} more bytes)", line.len() - end))
}

struct Writer {
    lines: Vec<String>,
}

impl Writer {
    /// Writes a node whose first line begins with `head`, which already holds a key or dash; what follows it stands at
    /// `indent`.
    fn node(&mut self, value: &Value, indent: usize, head: String) {
        match value {
            Value::Object(map) if map.is_empty() => self.lines.push(join(head, "{}")),
            Value::Array(items) if items.is_empty() => self.lines.push(join(head, "[]")),
            Value::Object(map) => {
                // A map in a list begins on the line of the dash.
                let mut first = head.ends_with("- ").then_some(head.clone());
                if first.is_none() && !head.is_empty() {
                    self.lines.push(head.trim_end().to_owned());
                }
                for (key, value) in map {
                    let start = first.take().unwrap_or_else(|| " ".repeat(indent));
                    let head = format!("{start}{}: ", scalar(key, true));
                    let below = match value {
                        // A list stands at the column of its key.
                        Value::Array(_) => indent,
                        _ => indent + 2,
                    };
                    self.node(value, below, head);
                }
            }
            Value::Array(items) => {
                let mut first = head.ends_with("- ").then_some(head.clone());
                if first.is_none() && !head.is_empty() {
                    self.lines.push(head.trim_end().to_owned());
                }
                for item in items {
                    let start = first.take().unwrap_or_else(|| " ".repeat(indent));
                    self.node(item, indent + 2, format!("{start}- "));
                }
            }
            Value::String(text) if text.contains('\n') && analyse(text).block => {
                self.block(text, indent, &head);
            }
            Value::String(text) => self.lines.push(join(head, &scalar(text, false))),
            other => self.lines.push(join(head, &other.to_string())),
        }
    }

    /// Writes text of several lines as a literal block.
    fn block(&mut self, text: &str, indent: usize, head: &str) {
        // After a dash the node's indent is already that of its content.
        let hint = if text.starts_with([' ', '\n']) {
            "2"
        } else {
            ""
        };
        let chomp = match text.strip_suffix('\n') {
            None => "-",
            Some(rest) if rest.is_empty() || rest.ends_with('\n') => "+",
            Some(_) => "",
        };
        self.lines.push(format!("{head}|{hint}{chomp}"));
        let body = text.strip_suffix('\n').unwrap_or(text);
        let pad = " ".repeat(indent);
        for line in body.split('\n') {
            self.lines.push(if line.is_empty() {
                String::new()
            } else {
                format!("{pad}{line}")
            });
        }
    }
}

fn join(mut head: String, value: &str) -> String {
    head.push_str(value);
    head
}

/// What the characters of a text permit.
struct Allows {
    plain: bool,
    single: bool,
    block: bool,
}

/// go-yaml's yaml_emitter_analyze_scalar, for block context.
fn analyse(text: &str) -> Allows {
    let mut allows = Allows {
        plain: !(text.starts_with("---") || text.starts_with("...")),
        single: true,
        block: true,
    };
    let characters: Vec<char> = text.chars().collect();
    let blank = |at: usize| {
        characters
            .get(at)
            .is_none_or(|c| matches!(c, ' ' | '\t' | '\n' | '\r'))
    };
    let mut previous = 'x';
    for (at, &character) in characters.iter().enumerate() {
        let (first, last) = (at == 0, at + 1 == characters.len());
        if first {
            match character {
                '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"'
                | '%' | '@' | '`' => allows.plain = false,
                '?' | ':' | '-' if blank(1) => allows.plain = false,
                _ => {}
            }
        } else if (character == ':' && blank(at + 1))
            || (character == '#' && matches!(previous, ' ' | '\t' | '\n' | '\r'))
        {
            allows.plain = false;
        }
        match character {
            ' ' => {
                if first || last {
                    allows.plain = false;
                }
                if last {
                    allows.block = false;
                }
                if previous == '\n' && !first {
                    allows.plain = false;
                    allows.single = false;
                }
            }
            '\n' => {
                allows.plain = false;
                if previous == ' ' && !first {
                    allows.single = false;
                    allows.block = false;
                }
            }
            character if !printable(character) => {
                allows = Allows {
                    plain: false,
                    single: false,
                    block: false,
                };
                return allows;
            }
            _ => {}
        }
        previous = character;
    }
    allows
}

/// go-yaml's is_printable; what lies beyond the basic plane is not, for it.
fn printable(character: char) -> bool {
    matches!(character,
        '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

/// Text of one line: plain where nothing else could be read from it, quoted where it could.
fn scalar(text: &str, key: bool) -> String {
    if text.is_empty() {
        return "\"\"".to_owned();
    }
    if means_something_else(text) {
        return double(text);
    }
    let allows = analyse(text);
    if allows.plain && !(key && text.contains('\n')) {
        text.to_owned()
    } else if allows.single && !text.contains('\n') {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        double(text)
    }
}

/// Whether plain text would be read as a number, a time, a truth value or nothing.
fn means_something_else(text: &str) -> bool {
    const WORDS: [&str; 31] = [
        "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON", "n", "N", "no",
        "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF", "~", "null", "Null", "NULL",
        ".nan", ".NaN", ".NAN", "<<", "=",
    ];
    if WORDS.contains(&text) {
        // The lone equals sign is a word of YAML 1.1 that go-yaml does not know.
        return text != "=";
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return true;
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) {
        return false;
    }
    number(unsigned) || sexagesimal(unsigned) || date(text)
}

fn number(text: &str) -> bool {
    let bare = text.replace('_', "");
    let radix = |prefix: &str, radix: u32| {
        bare.strip_prefix(prefix)
            .is_some_and(|digits| u64::from_str_radix(digits, radix).is_ok())
    };
    if radix("0x", 16) || radix("0X", 16) || radix("0b", 2) || radix("0o", 8) {
        return true;
    }
    let (mantissa, exponent) = match bare.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (bare.as_str(), None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let whole = match mantissa.split_once('.') {
        Some(("", fraction)) => digits(fraction),
        Some((whole, fraction)) => digits(whole) && (fraction.is_empty() || digits(fraction)),
        None => digits(mantissa),
    };
    let exponent = exponent
        .is_none_or(|exponent| digits(exponent.strip_prefix(['-', '+']).unwrap_or(exponent)));
    whole && exponent
}

/// `12:30:45`, a number to base 60 in YAML 1.1.
fn sexagesimal(text: &str) -> bool {
    let mut parts = text.split(':');
    let first = parts.next().unwrap_or_default();
    let mut rest = parts.peekable();
    rest.peek().is_some()
        && first.starts_with(|c: char| c.is_ascii_digit())
        && first
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'_')
        && rest.all(|part| {
            let part = part.split_once('.').map_or(part, |(whole, _)| whole);
            matches!(part.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9'])
        })
}

fn date(text: &str) -> bool {
    let head = text.get(..10).unwrap_or(text);
    let mut parts = head.splitn(3, '-');
    let digits = |part: Option<&str>, least: usize, most: usize| {
        part.is_some_and(|part| {
            (least..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    let calendar =
        digits(parts.next(), 4, 4) && digits(parts.next(), 1, 2) && digits(parts.next(), 1, 2);
    calendar
        && (text.len() <= 10
            || Moment::parse(text).is_some()
            || Moment::parse(&text.replacen(' ', "T", 1)).is_some())
}

/// Double quotes with escapes.
fn double(text: &str) -> String {
    use std::fmt::Write;
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            '\0' => quoted.push_str("\\0"),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{b}' => quoted.push_str("\\v"),
            '\u{c}' => quoted.push_str("\\f"),
            '\u{1b}' => quoted.push_str("\\e"),
            '\u{85}' => quoted.push_str("\\N"),
            '\u{feff}' => quoted.push_str("\\uFEFF"),
            character if printable(character) => quoted.push(character),
            character => {
                let code = character as u32;
                let _ = match code {
                    0..=0xff => write!(quoted, "\\x{code:02X}"),
                    0x100..=0xffff => write!(quoted, "\\u{code:04X}"),
                    // Shown as itself: an emoji is more use than its number.
                    _ => write!(quoted, "{character}"),
                };
            }
        }
    }
    quoted.push('"');
    quoted
}
