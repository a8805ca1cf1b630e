//! Reading TOML with places: every value knows where it stands, and every problem is noted instead of ending the
//! reading, so that one run shows them all. Used for the configuration and for themes.

use std::ops::{Range, RangeInclusive};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Place, Problem};

/// A table of the file.
pub type Table<'a> = DeTable<'a>;
/// A value of the file.
pub type Value<'a> = DeValue<'a>;
/// Something of the file that knows where it stands.
pub type Located<T> = Spanned<T>;

/// A file being read, with the problems found so far.
pub struct Reader<'a> {
    name: &'a str,
    text: &'a str,
    pub problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    /// Parses a file. What cannot be parsed is noted, and the rest is still read.
    pub fn new(name: &'a str, text: &'a str) -> (Self, Table<'a>) {
        let mut reader = Self {
            name,
            text,
            problems: Vec::new(),
        };
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            reader.note(error.span().unwrap_or(0..0), error.message().to_owned());
        }
        (reader, table.into_inner())
    }

    /// Where bytes of the file stand.
    pub fn place(&self, span: Range<usize>) -> Place {
        Place::new(self.name, self.text, span)
    }

    /// Notes a problem at a place.
    pub fn note(&mut self, span: Range<usize>, message: String) {
        let place = self.place(span);
        self.problems.push(Problem::new(Some(place), message));
    }

    /// Notes a problem at a place whose text must not be shown.
    pub fn hide(&mut self, span: Range<usize>, message: String) {
        let mut place = self.place(span);
        if let Place::File { text, length, .. } = &mut place {
            let shown = text.find('=').map_or(0, |at| at + 1);
            text.truncate(shown);
            text.push_str(" …");
            *length = 1;
        }
        self.problems.push(Problem::new(Some(place), message));
    }

    /// Notes a word that is none of `valid`.
    pub fn unknown(&mut self, span: Range<usize>, what: &str, word: &str, valid: &[&str]) {
        let place = self.place(span);
        self.problems
            .push(Problem::unknown(Some(place), what, word, valid));
    }

    /// Notes a value of the wrong type.
    pub fn expected(&mut self, value: &Located<Value<'_>>, what: &str) {
        let message = format!(
            "expected {what}, found {}",
            article(value.get_ref().type_str())
        );
        self.note(value.span(), message);
    }

    /// A string; anything else is noted.
    pub fn string(&mut self, value: &Located<Value<'_>>) -> Option<String> {
        let text = value.get_ref().as_str().map(str::to_owned);
        if text.is_none() {
            self.expected(value, "a string in quotes");
        }
        text
    }

    /// True or false; anything else is noted.
    pub fn boolean(&mut self, value: &Located<Value<'_>>) -> Option<bool> {
        let answer = value.get_ref().as_bool();
        if answer.is_none() {
            self.expected(value, "true or false");
        }
        answer
    }

    /// A whole number within a range; anything else is noted.
    pub fn number(
        &mut self,
        value: &Located<Value<'_>>,
        range: RangeInclusive<u32>,
    ) -> Option<u32> {
        let number = value.get_ref().as_integer().and_then(|digits| {
            let digits = digits.as_str().replace('_', "");
            digits.parse().ok().filter(|number| range.contains(number))
        });
        if number.is_none() {
            let what = format!("a whole number from {} to {}", range.start(), range.end());
            self.expected(value, &what);
        }
        number
    }

    /// A list of strings, or one string for a list of one, each with its place; anything else is noted.
    pub fn strings(&mut self, value: &Located<Value<'_>>) -> Vec<(String, Range<usize>)> {
        if let Some(one) = value.get_ref().as_str() {
            return vec![(one.to_owned(), value.span())];
        }
        let Some(list) = value.get_ref().as_array() else {
            self.expected(value, "a list of strings");
            return Vec::new();
        };
        let mut strings = Vec::with_capacity(list.len());
        for item in list {
            if let Some(text) = self.string(item) {
                strings.push((text, item.span()));
            }
        }
        strings
    }

    /// A table; anything else is noted.
    pub fn table<'v, 't>(&mut self, value: &'v Located<Value<'t>>) -> Option<&'v Table<'t>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.expected(value, "a table");
        }
        table
    }

    /// The tables of a list written as `[[name]]`; anything else is noted.
    pub fn tables<'v, 't>(
        &mut self,
        name: &str,
        value: &'v Located<Value<'t>>,
    ) -> Vec<(&'v Table<'t>, Range<usize>)> {
        let Some(list) = value.get_ref().as_array() else {
            self.expected(
                value,
                &format!("a list: write [[{name}]] with two brackets"),
            );
            return Vec::new();
        };
        let mut tables = Vec::with_capacity(list.len());
        for item in list {
            if let Some(table) = self.table(item) {
                tables.push((table, item.span()));
            }
        }
        tables
    }
}

fn article(word: &str) -> String {
    let vowel = word.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {word}", if vowel { "an" } else { "a" })
}
