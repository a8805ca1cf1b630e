//! How severe a line is, as its words say.

use crate::model::LogLevel;

/// Bytes of a plain line in which its level is looked for.
const HEAD: usize = 96;

/// The level that a word or number means: `warn`, `WARNING`, `E`, `50` (as pino counts).
pub fn of_word(word: &[u8]) -> LogLevel {
    let first = word.first().map_or(0, u8::to_ascii_lowercase);
    let is = |names: &[&str]| {
        let mut names = names.iter();
        names.any(|name| word.eq_ignore_ascii_case(name.as_bytes()))
    };
    match first {
        b'i' if is(&["info", "information", "informational", "inf", "i"]) => LogLevel::Info,
        b'n' if is(&["notice"]) => LogLevel::Info,
        b'l' if is(&["log"]) => LogLevel::Info,
        b'e' if is(&["error", "err", "e", "eror"]) => LogLevel::Error,
        b's' if is(&["severe"]) => LogLevel::Error,
        b'w' if is(&["warn", "warning", "wrn", "w"]) => LogLevel::Warn,
        b'd' if is(&["debug", "dbg", "d"]) => LogLevel::Debug,
        b't' if is(&["trace", "trc", "t"]) => LogLevel::Trace,
        b'v' if is(&["verbose"]) => LogLevel::Debug,
        b'f' if is(&["fatal", "ftl", "f"]) => LogLevel::Fatal,
        b'c' if is(&["critical", "crit"]) => LogLevel::Fatal,
        b'p' if is(&["panic", "dpanic"]) => LogLevel::Fatal,
        b'a' if is(&["alert"]) => LogLevel::Fatal,
        b'e' if is(&["emergency", "emerg"]) => LogLevel::Fatal,
        b'0'..=b'9' => of_number(word),
        _ => LogLevel::Unknown,
    }
}

/// Numbers as pino and bunyan count: 10 trace to 60 fatal.
fn of_number(word: &[u8]) -> LogLevel {
    match word {
        b"10" => LogLevel::Trace,
        b"20" => LogLevel::Debug,
        b"30" => LogLevel::Info,
        b"40" => LogLevel::Warn,
        b"50" => LogLevel::Error,
        b"60" => LogLevel::Fatal,
        _ => LogLevel::Unknown,
    }
}

/// The level that stands in the head of a plain line: a word in capitals (`ERROR`), in brackets (`[warn]`) or before a
/// colon (`error: …`).
pub fn in_head(line: &[u8]) -> LogLevel {
    let head = line.get(..HEAD).unwrap_or(line);
    let mut at = 0;
    while at < head.len() {
        let rest = head.get(at..).unwrap_or_default();
        let Some(skip) = rest.iter().position(u8::is_ascii_alphabetic) else {
            break;
        };
        let from = at + skip;
        let rest = head.get(from..).unwrap_or_default();
        let long = rest
            .iter()
            .position(|byte| !byte.is_ascii_alphabetic())
            .unwrap_or(rest.len());
        at = from + long;
        if !(3..=13).contains(&long) {
            continue;
        }
        let word = rest.get(..long).unwrap_or_default();
        let before = from.checked_sub(1).and_then(|at| head.get(at)).copied();
        let after = head.get(at).copied();
        let apart = |byte: Option<u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric());
        let enclosed = matches!(before, Some(b'[' | b'<' | b'('))
            && matches!(after, Some(b']' | b'>' | b')'))
            || matches!(after, Some(b':'));
        let capital = word.iter().all(u8::is_ascii_uppercase);
        let named = before != Some(b'_') && after != Some(b'_') && before != Some(b'-');
        if (capital || enclosed) && named && apart(before) && apart(after) {
            let level = of_word(word);
            // `LOG` and `ALERT` are words of their own outside of formats that mean levels by them.
            let doubtful = word.eq_ignore_ascii_case(b"log") || word.eq_ignore_ascii_case(b"alert");
            if level != LogLevel::Unknown && !doubtful {
                return level;
            }
        }
    }
    LogLevel::Unknown
}
