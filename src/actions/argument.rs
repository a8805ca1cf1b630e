//! What an action can be told, once for the dialog's form and the command's flags.
//!
//! An [`Argument`] describes and reads; [`Arguments`] are the values of one invocation. Text is checked where it is
//! typed, so that a plan only ever sees values of the right shape.

use std::collections::BTreeMap;
use std::fmt;

/// What an action can be told.
#[derive(Clone, Copy, Debug)]
pub struct Argument {
    /// The flag, and the field's label: `replicas`.
    pub name: &'static str,
    pub doc: &'static str,
    pub shape: Shape,
    /// Without it there is no plan. Never filled in by itself: a forgotten number must not become 0.
    pub required: bool,
    /// Whether the command takes it also without its flag, behind the target.
    pub positional: bool,
}

/// What a value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A whole number within bounds, both included.
    Number {
        least: i64,
        most: i64,
    },
    /// There or not.
    Flag,
    /// A word without spaces: a revision, an image, a name.
    Word,
    Choice(&'static [&'static str]),
    /// Several `NAME=VALUE`; a command repeats the flag, a form takes one a line.
    Pairs,
    /// Any text, with its lines.
    Text,
}

/// A value of an argument's shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Number(i64),
    Flag(bool),
    Word(String),
    Pairs(Vec<(String, String)>),
    Text(String),
}

/// The values of one invocation; only names and shapes that its action has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arguments(BTreeMap<&'static str, Value>);

/// Longest word, pair or text in bytes; the API server takes no larger object either.
const LONGEST_WORD: usize = 4096;
const LONGEST_TEXT: usize = 1 << 20;

impl Argument {
    /// Reads what was typed.
    ///
    /// # Errors
    /// Says what the value may be.
    pub fn read(&self, text: &str) -> Result<Value, String> {
        let name = self.name;
        match self.shape {
            Shape::Number { least, most } => {
                let number: i64 = text
                    .trim()
                    .parse()
                    .map_err(|_| format!("{name}: \"{}\" is no whole number", shown(text)))?;
                if (least..=most).contains(&number) {
                    Ok(Value::Number(number))
                } else {
                    Err(format!(
                        "{name}: {number} is not between {least} and {most}"
                    ))
                }
            }
            Shape::Flag => match text.trim() {
                "true" | "yes" | "on" | "" => Ok(Value::Flag(true)),
                "false" | "no" | "off" => Ok(Value::Flag(false)),
                _ => Err(format!("{name}: \"{}\" is neither yes nor no", shown(text))),
            },
            Shape::Word => word(name, text).map(Value::Word),
            Shape::Choice(choices) => {
                let word = word(name, text)?;
                if choices.contains(&word.as_str()) {
                    Ok(Value::Word(word))
                } else {
                    Err(format!(
                        "{name}: \"{word}\" is none of {}",
                        choices.join(", ")
                    ))
                }
            }
            Shape::Pairs => text
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .map(|line| pair(name, line))
                .collect::<Result<Vec<_>, _>>()
                .map(Value::Pairs),
            Shape::Text if text.len() > LONGEST_TEXT => Err(format!("{name}: more than 1 MB")),
            Shape::Text => Ok(Value::Text(text.to_owned())),
        }
    }
}

/// What was typed, made harmless and short enough to be said again.
fn shown(text: &str) -> String {
    crate::model::Text::new(text).chars().take(40).collect()
}

fn word(name: &str, text: &str) -> Result<String, String> {
    let word = text.trim();
    if word.is_empty() {
        return Err(format!("{name}: nothing was given"));
    }
    if word.len() > LONGEST_WORD {
        return Err(format!("{name}: longer than {LONGEST_WORD} bytes"));
    }
    if word
        .chars()
        .any(|character| character.is_whitespace() || character.is_control())
    {
        return Err(format!("{name}: \"{}\" is not one word", shown(text)));
    }
    Ok(word.to_owned())
}

fn pair(name: &str, line: &str) -> Result<(String, String), String> {
    match line.split_once('=') {
        Some((key, value)) if !key.is_empty() && value.len() <= LONGEST_WORD => {
            Ok((word(name, key)?, value.to_owned()))
        }
        _ => Err(format!(
            "{name}: write NAME=VALUE instead of \"{}\"",
            shown(line)
        )),
    }
}

impl Arguments {
    /// Sets a value; pairs join those that are there.
    pub fn set(&mut self, argument: &Argument, value: Value) {
        if let (Some(Value::Pairs(old)), Value::Pairs(new)) =
            (self.0.get_mut(argument.name), &value)
        {
            old.extend(new.iter().cloned());
        } else {
            self.0.insert(argument.name, value);
        }
    }

    /// As [`Arguments::set`], reading what was typed.
    ///
    /// # Errors
    /// As [`Argument::read`].
    pub fn read(&mut self, argument: &Argument, text: &str) -> Result<(), String> {
        let value = argument.read(text)?;
        self.set(argument, value);
        Ok(())
    }

    /// Forgets a value.
    pub fn unset(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// The same arguments with one value by its name, for inverse plans.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: Value) -> Self {
        self.0.insert(name, value);
        self
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    pub fn number(&self, name: &str) -> Option<i64> {
        match self.get(name)? {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// A word or a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            Value::Word(text) | Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn flag(&self, name: &str) -> bool {
        matches!(self.get(name), Some(Value::Flag(true)))
    }

    pub fn pairs(&self, name: &str) -> &[(String, String)] {
        match self.get(name) {
            Some(Value::Pairs(pairs)) => pairs,
            _ => &[],
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.0.iter().map(|(name, value)| (*name, value))
    }

    /// The required arguments that are missing.
    pub fn missing<'a>(&'a self, all: &'a [Argument]) -> impl Iterator<Item = &'a Argument> {
        all.iter()
            .filter(|argument| argument.required && !self.0.contains_key(argument.name))
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Word(text) | Self::Text(text) => f.write_str(text),
            Self::Pairs(pairs) => {
                for (at, (key, value)) in pairs.iter().enumerate() {
                    let comma = if at == 0 { "" } else { "," };
                    write!(f, "{comma}{key}={value}")?;
                }
                Ok(())
            }
        }
    }
}
