//! Filters as typed after `/`: parsed on each keystroke, matched against every row without allocating.
//!
//! | Typed | Meaning |
//! |---|---|
//! | `shop crash` | rows that contain both words; case counts only if a capital is typed |
//! | `shop-(a\|b)`, `/^shop$` | a word with signs of a regular expression is one; after a slash all of it is |
//! | `!shop` | rows that do not match |
//! | `-l app=shop,tier!=web` | labels, as `kubectl get -l` takes them |
//! | `severity="critical",pod=~"web.*"` | labels, as Prometheus and Alertmanager take matchers |
//! | `-f shp` | fuzzy: the letters in this order, best match first |
//!
//! Words meet the text that tells a row apart: name, namespace, status, node, image, reason. Everything becomes an
//! automaton of the `regex` crate, whose size is limited and whose time is linear, so no filter can stall the screen.

use std::ops::Range;

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use regex::{Regex, RegexBuilder};

use crate::model::{Labels, Matchers};
use crate::ui::selector::Selector;

/// Bytes that a compiled expression may take.
const SIZE_LIMIT: usize = 1 << 20;

/// A filter as typed, ready to match.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    text: String,
    inverse: bool,
    rule: Rule,
    problem: Option<String>,
}

#[derive(Clone, Debug, Default)]
enum Rule {
    #[default]
    All,
    Words(Vec<Regex>),
    Labels(Selector),
    Matchers(Matchers),
    Fuzzy(Pattern),
}

impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Filter {
    /// Reads a filter. Whatever is typed is one; what could not be read as meant is told by [`Self::problem`].
    pub fn parse(text: &str) -> Self {
        let typed = text.trim();
        let (inverse, rest) = match typed.strip_prefix('!') {
            Some(rest) => (true, rest.trim_start()),
            None => (false, typed),
        };
        let mut problem = None;
        let rule = if rest.is_empty() {
            Rule::All
        } else if let Some(labels) = option(rest, "-l") {
            match Selector::parse(labels) {
                Ok(selector) => Rule::Labels(selector),
                Err(error) => {
                    problem = Some(error);
                    Rule::All
                }
            }
        } else if let Some(matchers) = matchers(rest) {
            matchers.map_or_else(
                |error| {
                    problem = Some(error);
                    Rule::All
                },
                Rule::Matchers,
            )
        } else if let Some(letters) = option(rest, "-f") {
            let pattern = Pattern::parse(letters, CaseMatching::Smart, Normalization::Smart);
            if letters.is_empty() {
                Rule::All
            } else {
                Rule::Fuzzy(pattern)
            }
        } else {
            let (words, error) = words(rest);
            problem = error;
            Rule::Words(words)
        };
        Self {
            text: text.to_owned(),
            inverse,
            rule,
            problem,
        }
    }

    /// As typed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether every row matches.
    pub fn is_empty(&self) -> bool {
        matches!(self.rule, Rule::All)
    }

    /// What could not be read as it was meant, in words.
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// Whether matches have a rank by which they are sorted unless an order was asked for.
    pub fn ranks(&self) -> bool {
        matches!(self.rule, Rule::Fuzzy(_)) && !self.inverse
    }

    /// Something to find with what the filter is about in many texts.
    pub fn marker(&self) -> Marker<'_> {
        Marker {
            filter: self,
            characters: Vec::new(),
            found: Vec::new(),
            matcher: self.matcher(),
        }
    }

    /// Whether only names are looked at.
    pub fn is_about_names(&self) -> bool {
        matches!(self.rule, Rule::Fuzzy(_))
    }

    fn matcher(&self) -> Option<Matcher> {
        self.is_about_names()
            .then(|| Matcher::new(Config::DEFAULT.match_paths()))
    }

    /// Something to match many rows with; holds the scratch space.
    pub fn search(&self) -> Search<'_> {
        Search {
            filter: self,
            text: String::new(),
            letters: Vec::new(),
            matcher: self.matcher(),
            addresses: looks_like_address(&self.text),
            anchored: self.text.contains(['^', '$']),
        }
    }
}

/// Finds the parts of texts that a filter is about; for showing them.
pub struct Marker<'a> {
    filter: &'a Filter,
    characters: Vec<char>,
    found: Vec<u32>,
    matcher: Option<Matcher>,
}

impl Marker<'_> {
    /// Adds the byte ranges of what was found.
    pub fn find(&mut self, text: &str, ranges: &mut Vec<Range<usize>>) {
        match (&self.filter.rule, self.filter.inverse) {
            (Rule::Words(words), false) => {
                for word in words {
                    let found = word.find_iter(text).map(|found| found.range());
                    ranges.extend(found.filter(|range| !range.is_empty()));
                }
            }
            (Rule::Fuzzy(pattern), false) => {
                let Some(matcher) = &mut self.matcher else {
                    return;
                };
                self.found.clear();
                let letters = Utf32Str::new(text, &mut self.characters);
                if pattern.indices(letters, matcher, &mut self.found).is_none() {
                    return;
                }
                self.found.sort_unstable();
                for (at, (start, character)) in text.char_indices().enumerate() {
                    if self.found.binary_search(&(at as u32)).is_ok() {
                        ranges.push(start..start + character.len_utf8());
                    }
                }
            }
            _ => {}
        }
    }
}

/// Matches rows, one after the other.
pub struct Search<'a> {
    filter: &'a Filter,
    /// The fields of the row, a line each.
    text: String,
    letters: Vec<char>,
    matcher: Option<Matcher>,
    addresses: bool,
    anchored: bool,
}

impl Search<'_> {
    /// Begins a row. The name comes first, then its namespace, both also as `namespace/name`.
    pub fn row(&mut self, namespace: &str, name: &str) {
        self.text.clear();
        if !namespace.is_empty() {
            self.text.push_str(namespace);
            self.text.push('/');
        }
        self.text.push_str(name);
        if self.anchored {
            self.field(name);
            self.field(namespace);
        }
    }

    /// Whether reasons are looked into.
    pub fn wants_reasons(&self) -> bool {
        matches!(self.filter.rule, Rule::Words(_))
    }

    /// Adds a field of the row.
    pub fn field(&mut self, text: &str) {
        // A fuzzy filter is about names: with reasons and images in it, everything would match.
        if !text.is_empty() && matches!(self.filter.rule, Rule::Words(_)) {
            self.text.push('\n');
            self.text.push_str(text);
        }
    }

    /// Adds an address, if the filter could be about one.
    pub fn address(&mut self, address: impl std::fmt::Display) {
        use std::fmt::Write;
        if self.addresses && matches!(self.filter.rule, Rule::Words(_)) {
            let _ = write!(self.text, "\n{address}");
        }
    }

    /// Whether the row matches, and how well: higher is better.
    pub fn matches(&mut self, labels: &Labels) -> Option<u32> {
        let rank = match &self.filter.rule {
            Rule::All => return Some(0),
            Rule::Words(words) => words
                .iter()
                .all(|word| word.is_match(&self.text))
                .then_some(0),
            Rule::Labels(selector) => selector.matches(labels).then_some(0),
            Rule::Matchers(matchers) => matchers.fit(labels).then_some(0),
            Rule::Fuzzy(pattern) => self.matcher.as_mut().and_then(|matcher| {
                pattern.score(Utf32Str::new(&self.text, &mut self.letters), matcher)
            }),
        };
        match (rank, self.filter.inverse) {
            (None, true) => Some(0),
            (Some(_), true) => None,
            (rank, false) => rank,
        }
    }
}

/// Matchers, if it begins like some: a label, a sign, and a quote.
fn matchers(text: &str) -> Option<Result<Matchers, String>> {
    let inner = text.trim_start_matches('{');
    let name = inner.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))?;
    let rest = inner.get(name..)?;
    let rest = ["=~", "!~", "!=", "="]
        .iter()
        .find_map(|sign| rest.strip_prefix(sign))?;
    (name > 0 && rest.trim_start().starts_with('"')).then(|| Matchers::parse(text))
}

fn option<'a>(text: &'a str, option: &str) -> Option<&'a str> {
    let rest = text.strip_prefix(option)?;
    (rest.is_empty() || rest.starts_with(char::is_whitespace)).then(|| rest.trim())
}

/// The expressions that all have to match, and what was wrong with them as typed.
fn words(text: &str) -> (Vec<Regex>, Option<String>) {
    if let Some(whole) = text.strip_prefix('/') {
        return match expression(whole) {
            Ok(regex) => (vec![regex], None),
            Err(error) => (plain(whole), Some(error)),
        };
    }
    let mut problem = None;
    let mut list = Vec::new();
    for word in text.split_whitespace() {
        if !is_expression(word) {
            list.extend(plain(word));
            continue;
        }
        match expression(word) {
            Ok(regex) => list.push(regex),
            Err(error) => {
                // Cut at its spaces an expression may be none: `(one two)`.
                if let Ok(whole) = expression(text) {
                    return (vec![whole], None);
                }
                problem.get_or_insert(error);
                list.extend(plain(word));
            }
        }
    }
    (list, problem)
}

/// A dot alone does not make an expression: images, versions and addresses are full of them.
fn is_expression(word: &str) -> bool {
    word.contains([
        '*', '+', '?', '(', ')', '[', ']', '{', '}', '^', '$', '|', '\\',
    ])
}

fn expression(text: &str) -> Result<Regex, String> {
    build(text, text).map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "the expression is too large".to_owned(),
        regex::Error::Syntax(words) => {
            let last = words.lines().last().unwrap_or_default();
            format!("not an expression: {}", last.trim_start_matches("error: "))
        }
        _ => "not an expression".to_owned(),
    })
}

fn plain(word: &str) -> Vec<Regex> {
    build(&regex::escape(word), word).into_iter().collect()
}

fn build(pattern: &str, typed: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern)
        .case_insensitive(!typed.chars().any(char::is_uppercase))
        .multi_line(true)
        .size_limit(SIZE_LIMIT)
        .dfa_size_limit(SIZE_LIMIT)
        .build()
}

fn looks_like_address(text: &str) -> bool {
    text.contains(['.', ':']) && text.contains(|c: char| c.is_ascii_hexdigit())
}
