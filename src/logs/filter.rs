//! A filter: layers that a line has to pass. A level floor, streams that are switched off, and what was typed: words,
//! expressions and conditions on fields, all of which have to hold.
//!
//! | Typed | Lets through |
//! |---|---|
//! | `payment` | lines with this word; capitals count only if some are typed |
//! | `time(out|d out)` | lines that the expression finds |
//! | `"order placed"` | the words as they stand |
//! | `!health` | lines without it |
//! | `status>=500` | lines whose field is a number that large |
//! | `service=api`, `path!=/live` | lines whose field is this, or is not |
//! | `path~^/cart` | lines whose field the expression finds |
//!
//! A group (a stack trace with its head) passes or fails as a whole: a condition holds for it if it holds for any line.

use std::collections::BTreeSet;

use super::parse;
use super::pattern::Pattern;
use crate::model::{Key, LogLevel};

/// What a line has to pass.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    text: String,
    pub(super) terms: Vec<Term>,
    /// The mildest level that is shown.
    pub floor: LogLevel,
    /// Streams that are switched off.
    pub muted: BTreeSet<Key>,
}

/// One condition.
#[derive(Clone, Debug)]
pub(super) struct Term {
    pub(super) negated: bool,
    pub(super) test: Test,
}

#[derive(Clone, Debug)]
pub(super) enum Test {
    Text(Pattern),
    Field(Box<Predicate>),
}

/// A condition on a field.
#[derive(Clone, Debug)]
pub(super) struct Predicate {
    name: String,
    compare: Compare,
    value: String,
    number: Option<f64>,
    pattern: Option<Pattern>,
    /// What a line must contain to have the field.
    needle: memchr::memmem::Finder<'static>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compare {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Matches,
}

/// Longest first, as one may begin with another.
const COMPARES: &[(&str, Compare)] = &[
    ("!=", Compare::NotEqual),
    (">=", Compare::GreaterOrEqual),
    ("<=", Compare::LessOrEqual),
    ("=~", Compare::Matches),
    ("=", Compare::Equal),
    ("~", Compare::Matches),
    (">", Compare::Greater),
    ("<", Compare::Less),
];

impl Filter {
    /// Reads what was typed; floor and streams are left open.
    ///
    /// # Errors
    /// Says in one line what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut terms = Vec::new();
        for word in words(text) {
            let (negated, rest) = match word.strip_prefix('!') {
                Some(rest) if !rest.is_empty() => (true, rest),
                _ => (false, word.as_str()),
            };
            if let Some(test) = test(rest)? {
                terms.push(Term { negated, test });
            }
        }
        Ok(Self {
            text: text.to_owned(),
            terms,
            ..Self::default()
        })
    }

    /// What was typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether everything passes.
    pub fn is_open(&self) -> bool {
        self.terms.is_empty() && self.floor == LogLevel::Unknown && self.muted.is_empty()
    }

    /// Whether what was typed lets a line through, of a stream with this label and container; floor and streams are not
    /// asked.
    pub fn passes(&self, line: &[u8], label: &str, container: &str) -> bool {
        let mut terms = self.terms.iter();
        terms.all(|term| term.test.holds(line, label, container) != term.negated)
    }

    /// The patterns that shown lines contain, to be made visible in them.
    pub fn shown_patterns(&self) -> impl Iterator<Item = &Pattern> {
        let asked = self.terms.iter().filter(|term| !term.negated);
        asked.filter_map(|term| match &term.test {
            Test::Text(pattern) => Some(pattern),
            Test::Field(_) => None,
        })
    }

    /// Whether two filters ask the same.
    pub fn same(&self, other: &Self) -> bool {
        self.text == other.text && self.floor == other.floor && self.muted == other.muted
    }

    /// Whether no line passes that another filter stops.
    pub(super) fn narrows(&self, other: &Self) -> bool {
        let covered = |old: &Term| {
            self.terms.iter().any(|new| {
                new.negated == old.negated
                    && match (&new.test, &old.test) {
                        (Test::Text(new), Test::Text(old_text)) if !old.negated => {
                            new.narrows(old_text)
                        }
                        (Test::Text(new), Test::Text(old)) => new.source() == old.source(),
                        (Test::Field(new), Test::Field(old)) => new.same(old),
                        _ => false,
                    }
            })
        };
        self.floor >= other.floor
            && self.muted.is_superset(&other.muted)
            && other.terms.iter().all(covered)
    }
}

/// The words of a text; quotes and brackets of an expression keep blanks together.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    let mut escaped = false;
    let mut depth = 0_usize;
    for character in text.chars() {
        match character {
            '(' if !escaped && !quoted => depth += 1,
            ')' if !escaped && !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        match character {
            _ if escaped => {
                word.push('\\');
                word.push(character);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            blank if blank.is_whitespace() && !quoted && depth == 0 => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            other => word.push(other),
        }
    }
    if escaped {
        word.push('\\');
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

fn test(word: &str) -> Result<Option<Test>, String> {
    let named = word
        .find(|character: char| !character.is_alphanumeric() && !"_-.@/".contains(character))
        .filter(|at| *at > 0)
        .map(|at| word.split_at(at));
    if let Some((name, rest)) = named {
        let found = COMPARES.iter().find(|(sign, _)| rest.starts_with(sign));
        if let Some((sign, compare)) = found {
            let value = rest.get(sign.len()..).unwrap_or_default();
            // Still being typed: nothing is asked yet.
            if value.is_empty() {
                return Ok(None);
            }
            let predicate = Predicate::new(name, *compare, value)?;
            return Ok(Some(Test::Field(Box::new(predicate))));
        }
    }
    Pattern::new(word).map(|pattern| Some(Test::Text(pattern)))
}

impl Predicate {
    fn new(name: &str, compare: Compare, value: &str) -> Result<Self, String> {
        let number = value.parse().ok();
        let ordered = !matches!(
            compare,
            Compare::Equal | Compare::NotEqual | Compare::Matches
        );
        if ordered && number.is_none() {
            return Err(format!("{name} can only be compared with a number"));
        }
        let pattern = match compare {
            Compare::Matches => Some(Pattern::new(value)?),
            _ => None,
        };
        let last = name.rsplit('.').next().unwrap_or(name);
        Ok(Self {
            name: name.to_owned(),
            compare,
            value: value.to_owned(),
            number,
            pattern,
            needle: memchr::memmem::Finder::new(last.as_bytes()).into_owned(),
        })
    }

    fn same(&self, other: &Self) -> bool {
        self.name == other.name && self.compare == other.compare && self.value == other.value
    }

    /// Text that every line holds which passes, if that is known.
    pub(super) fn literal(&self) -> Option<&str> {
        let plain = self.value.bytes().all(|byte| byte.is_ascii_alphanumeric());
        // A number may be written in more than one way.
        (self.compare == Compare::Equal && plain && self.number.is_none()).then_some(&self.value)
    }

    /// Whether the field is about the stream and not in the line.
    pub(super) fn of_stream(&self) -> bool {
        matches!(self.name.as_str(), "source" | "pod" | "container")
    }

    /// Whether a line passes. A field that is not there is only unequal.
    pub(super) fn holds(&self, line: &[u8]) -> bool {
        if self.name == "message" || self.name == "msg" || self.needle.find(line).is_some() {
            return match parse::field(line, &self.name) {
                Some(value) => self.compares(&value),
                None => self.missing(line),
            };
        }
        self.missing(line)
    }

    /// Fields that some formats have without naming them, such as the status of an access line.
    fn missing(&self, line: &[u8]) -> bool {
        if line.first() == Some(&b'{') {
            return self.compare == Compare::NotEqual;
        }
        match parse::field(line, &self.name) {
            Some(value) => self.compares(&value),
            None => self.compare == Compare::NotEqual,
        }
    }

    pub(super) fn compares(&self, found: &str) -> bool {
        let numbers = || Some((found.trim().parse::<f64>().ok()?, self.number?));
        let ordered = |holds: fn(f64, f64) -> bool| {
            numbers().is_some_and(|(found, asked)| holds(found, asked))
        };
        let equal = found == self.value
            || numbers().is_some_and(|(found, asked)| (found - asked).abs() < f64::EPSILON);
        match self.compare {
            Compare::Equal => equal,
            Compare::NotEqual => !equal,
            Compare::Less => ordered(|found, asked| found < asked),
            Compare::LessOrEqual => ordered(|found, asked| found <= asked),
            Compare::Greater => ordered(|found, asked| found > asked),
            Compare::GreaterOrEqual => ordered(|found, asked| found >= asked),
            Compare::Matches => {
                let pattern = self.pattern.as_ref();
                pattern.is_some_and(|pattern| pattern.is_match(found.as_bytes()))
            }
        }
    }

    /// The streams that pass, for a field of the stream.
    pub(super) fn holds_for(&self, label: &str, container: &str) -> bool {
        let subject = if self.name == "container" {
            container
        } else {
            label
        };
        match self.compare {
            // The label of a pod carries the container behind a slash.
            Compare::Equal => {
                subject == self.value || label.split('/').any(|part| part == self.value)
            }
            Compare::NotEqual => subject != self.value,
            _ => self.compares(subject),
        }
    }
}

impl Test {
    /// Whether a line passes, of a stream with this label and container.
    pub(super) fn holds(&self, line: &[u8], label: &str, container: &str) -> bool {
        match self {
            Self::Text(pattern) => pattern.is_match(line),
            Self::Field(field) if field.of_stream() => field.holds_for(label, container),
            Self::Field(field) => field.holds(line),
        }
    }
}
