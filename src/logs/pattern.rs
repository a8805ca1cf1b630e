//! One thing to look for in lines: a literal, or a regular expression of the linear kind.
//!
//! Case counts only if a capital is looked for. Expressions are bounded in size, so that none explodes.

use memchr::memmem::Finder;
use regex::bytes::{Regex, RegexBuilder};

/// Bytes of a compiled expression.
const SIZE: usize = 1 << 20;
/// Bytes of what an expression caches while it runs.
const CACHE: usize = 4 << 20;
/// Most characters of an expression.
const LONG: usize = 1000;

/// What to look for.
#[derive(Clone, Debug)]
pub struct Pattern {
    source: String,
    how: How,
}

#[derive(Clone, Debug)]
enum How {
    Exact(Finder<'static>),
    /// A literal of which case does not count: no hit is hidden by one that crosses a line's end.
    Folded(Regex),
    Regex(Regex),
}

impl Pattern {
    /// Reads an expression.
    ///
    /// # Errors
    /// Says in one line what is wrong with it.
    pub fn new(source: &str) -> Result<Self, String> {
        if source.len() > LONG {
            return Err(format!("longer than {LONG} characters"));
        }
        let folded = !source.chars().any(char::is_uppercase);
        let literal = regex::escape(source) == source;
        let letters = source.chars().any(char::is_alphabetic);
        let how = if literal && !(folded && letters) {
            How::Exact(Finder::new(source.as_bytes()).into_owned())
        } else {
            let built = RegexBuilder::new(source)
                .case_insensitive(folded)
                .size_limit(SIZE)
                .dfa_size_limit(CACHE)
                .build();
            let regex = built.map_err(|error| plain(&error))?;
            if literal {
                How::Folded(regex)
            } else {
                How::Regex(regex)
            }
        };
        Ok(Self {
            source: source.to_owned(),
            how,
        })
    }

    pub fn source(&self) -> &str {
        &self.source
    }

    pub fn is_match(&self, line: &[u8]) -> bool {
        match &self.how {
            How::Exact(finder) => finder.find(line).is_some(),
            How::Folded(regex) | How::Regex(regex) => regex.is_match(line),
        }
    }

    /// Where it is found in a text, without empty finds.
    pub fn ranges(&self, text: &[u8]) -> Vec<std::ops::Range<usize>> {
        match &self.how {
            How::Exact(finder) => {
                let long = finder.needle().len();
                let found = finder.find_iter(text);
                found.map(|at| at..at + long).filter(|at| !at.is_empty()).collect()
            }
            How::Folded(regex) | How::Regex(regex) => {
                let found = regex.find_iter(text).map(|found| found.range());
                found.filter(|range| !range.is_empty()).collect()
            }
        }
    }

    /// Whether it can be looked for in many lines at once.
    pub(super) fn is_literal(&self) -> bool {
        !matches!(self.how, How::Regex(_)) && !self.source.is_empty()
    }

    /// The first place at or behind `from` in a text of many lines; only for literals.
    pub(super) fn find_from(&self, text: &[u8], from: usize) -> Option<std::ops::Range<usize>> {
        let rest = text.get(from..)?;
        match &self.how {
            How::Exact(finder) => {
                let at = from + finder.find(rest)?;
                Some(at..at + finder.needle().len())
            }
            How::Folded(regex) | How::Regex(regex) => {
                let found = regex.find(rest)?;
                Some(from + found.start()..from + found.end())
            }
        }
    }

    /// Whether every line that this finds is found by another one too: what was typed went on.
    pub(super) fn narrows(&self, other: &Self) -> bool {
        let same = self.source == other.source;
        same || (self.is_literal()
            && other.is_literal()
            && self.source.contains(&other.source)
            && !other.source.chars().any(char::is_uppercase))
    }
}

/// The error of an expression in one line.
fn plain(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => "the expression is too large".to_owned(),
        regex::Error::Syntax(text) => {
            let last = text.lines().last().unwrap_or_default();
            last.trim_start_matches("error: ").to_owned()
        }
        _ => "this is no regular expression".to_owned(),
    }
}
