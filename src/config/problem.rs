//! What is wrong with a file, a variable or a flag, said so that it can be mended at once: the place, the word that is
//! wrong, what would be right.

use std::fmt;
use std::ops::Range;

/// Where a setting was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Line and column count from 1, columns in characters.
    File {
        name: String,
        line: usize,
        column: usize,
        /// The whole line, to be shown.
        text: String,
        /// How many characters are wrong.
        length: usize,
    },
    Variable(String),
    Flag(String),
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// None: the thing as a whole, such as a file that cannot be read.
    pub place: Option<Place>,
    pub message: String,
    /// What would be right.
    pub help: String,
}

/// All problems that were found, at least one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Problems(pub Vec<Problem>);

impl Place {
    /// The place of bytes in a file.
    pub fn new(name: &str, text: &str, span: Range<usize>) -> Self {
        let start = text.floor_char_boundary(span.start.min(text.len()));
        let end = text.floor_char_boundary(span.end.clamp(start, text.len()));
        let before = text.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = text.get(line_start..).and_then(|rest| rest.lines().next());
        let line = line.unwrap_or_default();
        let column = before.get(line_start..).unwrap_or_default().chars().count();
        let wrong = text.get(start..end).unwrap_or_default().lines().next();
        Self::File {
            name: name.to_owned(),
            line: before.matches('\n').count() + 1,
            column: column + 1,
            text: line.to_owned(),
            length: wrong.unwrap_or_default().chars().count().max(1),
        }
    }
}

impl Problem {
    pub fn new(place: Option<Place>, message: impl Into<String>) -> Self {
        Self {
            place,
            message: message.into(),
            help: String::new(),
        }
    }

    /// Adds what would be right.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// A word that is none of those that may stand there: names the nearest and all.
    pub fn unknown(place: Option<Place>, what: &str, word: &str, valid: &[&str]) -> Self {
        let problem = match super::nearest(word, valid.iter().copied()) {
            Some(name) => Self::new(
                place,
                format!("unknown {what} \"{word}\": did you mean \"{name}\"?"),
            ),
            None => Self::new(place, format!("unknown {what} \"{word}\"")),
        };
        problem.help(format!("one of: {}", valid.join(", ")))
    }

    /// The same problem in one line.
    pub fn line(&self) -> String {
        let place = self.place.as_ref().map(|place| format!("{place}: "));
        let help = if self.help.is_empty() {
            String::new()
        } else {
            format!(" ({})", self.help)
        };
        format!("{}{}{help}", place.unwrap_or_default(), self.message)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File {
                name, line, column, ..
            } => write!(f, "{name}:{line}:{column}"),
            Self::Variable(name) | Self::Flag(name) => f.write_str(name),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.message)?;
        if let Some(Place::File {
            line,
            column,
            text,
            length,
            ..
        }) = &self.place
        {
            let gutter = line.to_string();
            let blank = " ".repeat(gutter.len());
            // A tab before the place must take the same room below as above.
            let indent: String = text
                .chars()
                .take(column - 1)
                .map(|character| if character == '\t' { '\t' } else { ' ' })
                .collect();
            let carets = "^".repeat(
                (*length)
                    .min(text.chars().count().saturating_sub(column - 1))
                    .max(1),
            );
            write!(f, "\n  {gutter} │ {text}\n  {blank} │ {indent}{carets}")?;
        }
        if !self.help.is_empty() {
            write!(f, "\n    {}", self.help)?;
        }
        Ok(())
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}
