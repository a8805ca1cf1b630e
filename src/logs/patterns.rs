//! What kinds of lines there are: messages with their changing parts taken out, and how often each came.

use std::collections::HashMap;

use super::book::{FILTER, Logbook};
use super::parse;
use super::shelf::Shelf;
use crate::model::{LogFlags, LogLevel};

/// Most kinds that are told apart; what comes beyond is counted together.
const MOST: usize = 2000;
/// Bytes of a message that are looked at.
const LONG: usize = 240;

/// A kind of line.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    /// The message with `#` for each changing part.
    pub text: String,
    pub level: LogLevel,
    pub count: u64,
    /// The times of the first and the last such line.
    pub first: i64,
    pub last: i64,
}

/// All kinds of lines that the filter lets through.
#[derive(Default)]
pub(super) struct Patterns {
    templates: HashMap<u64, Template>,
    /// Lines beyond the kinds that are told apart.
    pub(super) others: u64,
    /// Lines of each chunk that were counted, by its serial.
    done: HashMap<u32, usize>,
}

impl Patterns {
    pub(super) fn has_work(&self, shelf: &Shelf) -> bool {
        shelf
            .iter()
            .any(|(_, chunk)| self.done.get(&chunk.serial).copied().unwrap_or(0) < chunk.len())
    }

    pub(super) fn work(&mut self, book: &Logbook, lines: usize) {
        let Some(layer) = book.layers.first() else {
            return;
        };
        let open = layer.question.is_open();
        let mut left = lines;
        let mut scratch = Vec::new();
        let mut kept = HashMap::new();
        let mut masked = Vec::new();
        for (_, chunk) in book.shelf.iter() {
            let from = self.done.get(&chunk.serial).copied().unwrap_or(0);
            kept.insert(chunk.serial, from);
            let known = chunk.verdicts.get(FILTER);
            let known = known.filter(|known| known.generation == layer.generation);
            if left == 0 || from >= chunk.len() || (!open && known.is_none()) {
                continue;
            }
            kept.insert(chunk.serial, chunk.len());
            left = left.saturating_sub(chunk.len() - from);
            let text = chunk.text(&mut scratch);
            for (at, meta) in chunk.metas().enumerate().skip(from) {
                let chosen = open || known.is_some_and(|known| known.bits.has(at));
                let skip = meta.flags.has(LogFlags::MARK) || meta.flags.has(LogFlags::CONTINUES);
                if !chosen || skip {
                    continue;
                }
                let line = text.get(chunk.range(at)).unwrap_or_default();
                mask(&message(line), &mut masked);
                self.count(&masked, meta.level, meta.time);
            }
        }
        // Chunks that are gone need not be remembered.
        self.done = kept;
    }

    fn count(&mut self, masked: &[u8], level: LogLevel, time: i64) {
        let mut hash = hash(masked);
        hash ^= level as u64;
        if let Some(known) = self.templates.get_mut(&hash) {
            known.count += 1;
            known.first = known.first.min(time);
            known.last = known.last.max(time);
        } else if self.templates.len() < MOST {
            self.templates.insert(
                hash,
                Template {
                    text: String::from_utf8_lossy(masked).into_owned(),
                    level,
                    count: 1,
                    first: time,
                    last: time,
                },
            );
        } else {
            self.others += 1;
        }
    }
}

impl Logbook {
    /// The kinds of lines: those that began after the last turn (a rollout, a restart) first, then the most frequent
    /// ones; and how many lines were not told apart. None while they are not counted.
    pub fn templates(&self) -> Option<(Vec<&Template>, u64)> {
        let patterns = self.patterns.as_ref()?;
        let mut all: Vec<&Template> = patterns.templates.values().collect();
        all.sort_by(|one, other| {
            let order = (self.is_new(other), other.count).cmp(&(self.is_new(one), one.count));
            order.then_with(|| one.text.cmp(&other.text))
        });
        Some((all, patterns.others))
    }

    /// Whether a kind of line came for the first time after the last turn.
    pub fn is_new(&self, template: &Template) -> bool {
        let began = self.span().map(|(first, _)| first);
        self.turned
            .is_some_and(|turned| template.first >= turned && began.is_some_and(|began| began < turned))
    }
}

/// The message of a line, without reading what is not needed.
fn message(line: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    use std::borrow::Cow;
    if line.first() == Some(&b'{') {
        let found = parse::json::field(line, "message").or_else(|| parse::json::field(line, "msg"));
        return match found {
            Some(Cow::Borrowed(text)) => Cow::Borrowed(text.as_bytes()),
            Some(Cow::Owned(text)) => Cow::Owned(text.into_bytes()),
            None => Cow::Borrowed(line),
        };
    }
    match parse::read(line).message {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    }
}

/// Replaces every word that holds a digit by `#`.
fn mask(message: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let message = message.get(..LONG).unwrap_or(message);
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte) || byte >= 0x80;
    let mut at = 0;
    while let Some(byte) = message.get(at).copied() {
        if !is_word(byte) {
            out.push(byte);
            at += 1;
            continue;
        }
        let rest = message.get(at..).unwrap_or_default();
        let long = rest.iter().position(|byte| !is_word(*byte)).unwrap_or(rest.len());
        let word = rest.get(..long).unwrap_or_default();
        if word.iter().any(u8::is_ascii_digit) {
            out.push(b'#');
        } else {
            out.extend_from_slice(word);
        }
        at += long;
    }
}

fn hash(bytes: &[u8]) -> u64 {
    let mut state: u64 = 0xcbf2_9ce4_8422_2325;
    for part in bytes.chunks(8) {
        let mut word = [0; 8];
        for (to, from) in word.iter_mut().zip(part) {
            *to = *from;
        }
        state = (state ^ u64::from_le_bytes(word)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        state ^= state >> 29;
    }
    state
}
