//! The form of a dialog: a field for each thing that the action can be told, checked while it is typed.

use crate::actions::{Argument, Arguments, Shape};
use crate::ui::commands::Command;
use crate::ui::widgets::field::Field;

/// A field with what is wrong with it.
pub(super) struct Entry {
    pub(super) argument: &'static Argument,
    pub(super) field: Field,
    pub(super) problem: Option<String>,
}

/// The fields of an action.
#[derive(Default)]
pub(super) struct Form {
    pub(super) entries: Vec<Entry>,
}

impl Form {
    /// A form with what is given already.
    pub(super) fn new(all: &'static [Argument], given: &Arguments) -> Self {
        let entries = all
            .iter()
            // Whole texts are written in an editor, not in a line.
            .filter(|argument| argument.shape != Shape::Text)
            .map(|argument| {
                let value = given.get(argument.name).map(ToString::to_string);
                let value = match (argument.shape, value) {
                    (Shape::Flag, Some(value)) => {
                        if value == "true" { "yes" } else { "no" }.to_owned()
                    }
                    (Shape::Flag, None) => "no".to_owned(),
                    (Shape::Pairs, Some(value)) => value.replace(',', " "),
                    (_, value) => value.unwrap_or_default(),
                };
                Entry {
                    argument,
                    field: Field::new(&value),
                    problem: None,
                }
            });
        Self {
            entries: entries.collect(),
        }
    }

    /// Puts a value into the field of an argument; false if it has none.
    pub(super) fn put(&mut self, name: &str, value: &str) -> bool {
        let entry = self
            .entries
            .iter_mut()
            .find(|entry| entry.argument.name == name);
        entry.is_some_and(|entry| {
            entry.field.set(value);
            entry.check();
            true
        })
    }

    /// The first field that must be filled in and is not.
    pub(super) fn wanting(&self) -> Option<usize> {
        let mut entries = self.entries.iter();
        entries.position(|entry| entry.argument.required && entry.field.text().trim().is_empty())
    }

    /// Gives an editing command to a field; true if its text changed.
    pub(super) fn edit(&mut self, at: usize, command: Command) -> bool {
        let Some(entry) = self.entries.get_mut(at) else {
            return false;
        };
        let before = entry.field.text().to_owned();
        match (entry.argument.shape, command) {
            (Shape::Choice(choices), Command::CursorLeft) => entry.turn(choices, -1),
            (Shape::Choice(choices), Command::CursorRight) => entry.turn(choices, 1),
            (Shape::Flag, Command::CursorLeft | Command::CursorRight) => {
                entry.turn(&["no", "yes"], 1);
            }
            (_, command) => {
                entry.field.edit(command);
            }
        }
        entry.check();
        entry.field.text() != before
    }

    /// Whether a typed character can be part of a field; any other one is meant for the dialog.
    pub(super) fn takes(&self, at: usize, typed: char) -> bool {
        let shape = self.entries.get(at).map(|entry| entry.argument.shape);
        match shape {
            Some(Shape::Number { .. }) => typed.is_ascii_digit() || typed == '-',
            Some(Shape::Flag | Shape::Choice(_)) => typed == ' ',
            _ => true,
        }
    }

    /// Types text into a field; true if its text changed.
    pub(super) fn insert(&mut self, at: usize, text: &str) -> bool {
        let Some(entry) = self.entries.get_mut(at) else {
            return false;
        };
        let before = entry.field.text().to_owned();
        match (entry.argument.shape, text) {
            (Shape::Flag, " ") => entry.turn(&["no", "yes"], 1),
            (Shape::Choice(choices), " ") => entry.turn(choices, 1),
            _ => entry.field.insert(text),
        }
        entry.check();
        entry.field.text() != before
    }

    /// What was typed, if all of it is right.
    pub(super) fn arguments(&self) -> Option<Arguments> {
        let mut arguments = Arguments::default();
        for entry in &self.entries {
            let text = entry.text();
            if !text.trim().is_empty() {
                arguments.read(entry.argument, &text).ok()?;
            }
        }
        Some(arguments)
    }
}

impl Entry {
    /// What was typed, as an argument is read: several pairs stand one a line.
    fn text(&self) -> String {
        let text = self.field.text();
        match self.argument.shape {
            Shape::Pairs => text.split_whitespace().collect::<Vec<_>>().join("\n"),
            _ => text.to_owned(),
        }
    }

    fn check(&mut self) {
        let text = self.text();
        self.problem = if text.trim().is_empty() {
            None
        } else {
            self.argument.read(&text).err()
        };
    }

    fn turn(&mut self, choices: &[&str], by: isize) {
        let at = choices
            .iter()
            .position(|choice| *choice == self.field.text());
        let next = match at {
            Some(at) => (at as isize + by).rem_euclid(choices.len().max(1) as isize) as usize,
            None => 0,
        };
        if let Some(choice) = choices.get(next) {
            self.field.set(choice);
        }
    }
}
