//! Silences and the matchers that say what they hold back.

use regex::Regex;

use super::{Health, Labels, Meta, Moment, Name, Text};

/// A silence at one Alertmanager. `meta.name` begins its id; `meta.created` is its start.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Silence {
    pub meta: Meta,
    pub id: Name,
    pub matchers: Matchers,
    pub starts: Option<Moment>,
    pub ends: Option<Moment>,
    pub author: Text,
    pub comment: Text,
    pub state: SilenceState,
    /// It has parts that this version of quarterdeck does not know, and so is not changed.
    pub foreign: bool,
}

/// Where a silence stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SilenceState {
    #[default]
    Active,
    /// It begins later.
    Pending,
    Expired,
}

/// What an alert's labels must be: all of them fit.
#[derive(Clone, Debug, Default)]
pub struct Matchers(Vec<Matcher>);

/// One condition on a label. A label that is not there counts as empty.
#[derive(Clone, Debug)]
pub struct Matcher {
    pub name: Text,
    pub value: Text,
    pub operator: Match,
    /// Of a pattern; none if it cannot be read, which then fits nothing.
    pattern: Option<Regex>,
}

/// How a label is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    Is,
    IsNot,
    /// The whole value fits a regular expression.
    Fits,
    FitsNot,
}

/// Largest compiled expression, in bytes.
const PATTERN_AT_MOST: usize = 1 << 20;

impl Match {
    /// Two-character signs first, so that the first one found is the one that was meant.
    const ALL: [Self; 4] = [Self::Fits, Self::FitsNot, Self::IsNot, Self::Is];

    /// `=`, `!=`, `=~`, `!~`
    pub fn sign(self) -> &'static str {
        match self {
            Self::Is => "=",
            Self::IsNot => "!=",
            Self::Fits => "=~",
            Self::FitsNot => "!~",
        }
    }

    pub fn new(regex: bool, equal: bool) -> Self {
        match (regex, equal) {
            (false, true) => Self::Is,
            (false, false) => Self::IsNot,
            (true, true) => Self::Fits,
            (true, false) => Self::FitsNot,
        }
    }

    pub fn is_regex(self) -> bool {
        matches!(self, Self::Fits | Self::FitsNot)
    }

    pub fn is_equal(self) -> bool {
        matches!(self, Self::Is | Self::Fits)
    }
}

impl Matcher {
    pub fn new(name: &str, operator: Match, value: &str) -> Self {
        let pattern = operator.is_regex().then(|| compile(value).ok()).flatten();
        Self {
            name: Text::new(name),
            value: Text::new(value),
            operator,
            pattern,
        }
    }

    /// Whether labels fit.
    pub fn fits(&self, labels: &Labels) -> bool {
        let value = labels.get(&self.name).unwrap_or_default();
        match self.operator {
            Match::Is => value == self.value.as_str(),
            Match::IsNot => value != self.value.as_str(),
            Match::Fits => self.pattern.as_ref().is_some_and(|it| it.is_match(value)),
            Match::FitsNot => self.pattern.as_ref().is_some_and(|it| !it.is_match(value)),
        }
    }
}

fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    regex::RegexBuilder::new(&format!("^(?:{pattern})$"))
        .size_limit(PATTERN_AT_MOST)
        .build()
}

impl PartialEq for Matcher {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, self.operator, &self.value) == (&other.name, other.operator, &other.value)
    }
}

impl std::fmt::Display for Matcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let value = self.value.replace('\\', "\\\\").replace('"', "\\\"");
        write!(f, "{}{}\"{value}\"", self.name, self.operator.sign())
    }
}

impl Matchers {
    pub fn new(list: Vec<Matcher>) -> Self {
        Self(list)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Matcher> {
        self.0.iter()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether labels fit all of them. None fit nothing.
    pub fn fit(&self, labels: &Labels) -> bool {
        !self.0.is_empty() && self.0.iter().all(|matcher| matcher.fits(labels))
    }

    /// Whether every alert would fit: each of them takes a label that is not there.
    pub fn fit_everything(&self) -> bool {
        self.0
            .iter()
            .all(|matcher| matcher.fits(&Labels::default()))
    }

    /// Reads `severity="critical",namespace=~"ecom.*"`, with or without braces and quotes.
    ///
    /// # Errors
    /// Says what cannot be read.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let inner = text
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'))
            .unwrap_or(text);
        let mut list = Vec::new();
        let mut rest = inner.trim();
        while !rest.is_empty() {
            let (matcher, after) = one(rest)?;
            list.push(matcher);
            rest = match after.trim_start().strip_prefix(',') {
                Some(more) => more.trim_start(),
                None if after.trim().is_empty() => "",
                None => return Err(format!("a comma is missing before: {}", after.trim())),
            };
        }
        Ok(Self(list))
    }
}

impl PartialEq for Matchers {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl std::fmt::Display for Matchers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, matcher) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(",")?;
            }
            write!(f, "{matcher}")?;
        }
        Ok(())
    }
}

/// Reads one matcher, and what is left behind it.
fn one(text: &str) -> Result<(Matcher, &str), String> {
    let end = text
        .find(['=', '!'])
        .ok_or_else(|| format!("\"{text}\" has no =, !=, =~ or !~"))?;
    let (name, rest) = text.split_at(end);
    let name = name.trim().trim_matches('"');
    if name.is_empty() {
        return Err(format!("a label's name is missing before: {rest}"));
    }
    let (operator, rest) = Match::ALL
        .iter()
        .find_map(|operator| Some((*operator, rest.strip_prefix(operator.sign())?)))
        .ok_or_else(|| format!("after {name} stands none of =, !=, =~ and !~"))?;
    let rest = rest.trim_start();
    let (value, rest) = if let Some(quoted) = rest.strip_prefix('"') {
        quoted_value(quoted).ok_or_else(|| format!("a quote is open: {rest}"))?
    } else {
        let end = rest.find(',').unwrap_or(rest.len());
        let (value, rest) = rest.split_at(end);
        (value.trim().to_owned(), rest)
    };
    if operator.is_regex() && compile(&value).is_err() {
        return Err(format!("\"{value}\" is no regular expression"));
    }
    Ok((Matcher::new(name, operator, &value), rest))
}

/// The value up to the closing quote, and what is left behind that.
fn quoted_value(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, text.get(at + 1..)?)),
            '\\' => match characters.next()?.1 {
                'n' => value.push('\n'),
                other => value.push(other),
            },
            other => value.push(other),
        }
    }
    None
}

impl SilenceState {
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Pending => "pending",
            Self::Expired => "expired",
        }
    }

    pub fn health(self) -> Health {
        match self {
            Self::Active => Health::Good,
            Self::Pending => Health::Busy,
            Self::Expired => Health::Idle,
        }
    }
}
