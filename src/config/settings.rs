//! The simple settings, each said once: where it stands in the file, its variable, what it may be, what it does.

use super::{Config, environment};

/// Favourites fit on the keys 1 to 9.
const MOST_FAVOURITES: usize = 9;
const LEVELS: &[&str] = &["off", "error", "warn", "info", "debug", "trace"];

pub(super) const ENVIRONMENTS: &[&str] = &["production", "staging", "development"];

/// A value of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Flag(bool),
    Word(String),
    Words(Vec<String>),
}

/// What a setting may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Flag,
    /// A word that is checked by whoever knows the choices: a theme, a view.
    Word,
    /// A file; empty for its usual place.
    File,
    Choice(&'static [&'static str]),
    /// A list of at most so many words.
    Words(usize),
    /// A list of these words.
    SomeOf(&'static [&'static str]),
}

/// A setting.
pub struct Setting {
    /// The table that it stands in; empty for the top of the file.
    pub section: &'static str,
    pub key: &'static str,
    /// The environment variable that sets it.
    pub variable: &'static str,
    pub shape: Shape,
    /// What it does, as said in the example file.
    pub doc: &'static str,
    pub get: fn(&Config) -> Value,
    /// Only called with a value of the setting's shape.
    pub set: fn(&mut Config, Value),
}

/// All simple settings, in the order in which they are printed.
pub const ALL: &[Setting] = &[
    Setting {
        section: "",
        key: "read_only",
        variable: "QD_READ_ONLY",
        shape: Shape::Flag,
        doc: "Never change anything: no connection that could write is even built.",
        get: |config| Value::Flag(config.read_only),
        set: |config, value| flag(&mut config.read_only, &value),
    },
    Setting {
        section: "",
        key: "locked",
        variable: "QD_LOCKED",
        shape: Shape::SomeOf(ENVIRONMENTS),
        doc: "Environments in which the dashboard changes nothing until `W` unlocks it for 15 minutes; the audit tells it.",
        get: |config| {
            Value::Words(
                config
                    .locked
                    .0
                    .iter()
                    .map(|one| one.word().to_owned())
                    .collect(),
            )
        },
        set: |config, value| {
            let mut names = Vec::new();
            words(&mut names, value);
            config.locked.0 = names
                .iter()
                .filter_map(|name| environment::named(name))
                .collect();
        },
    },
    Setting {
        section: "ui",
        key: "theme",
        variable: "QD_THEME",
        shape: Shape::Word,
        doc: "Colours. `qd config check` names the choices; files in themes/ beside this one are found too.",
        get: |config| Value::Word(config.ui.theme.clone()),
        set: |config, value| word(&mut config.ui.theme, value),
    },
    Setting {
        section: "ui",
        key: "view",
        variable: "QD_VIEW",
        shape: Shape::Word,
        doc: "What is shown at start: a view, a kind or a custom resource.",
        get: |config| Value::Word(config.ui.view.clone()),
        set: |config, value| word(&mut config.ui.view, value),
    },
    Setting {
        section: "ui",
        key: "favourites",
        variable: "QD_FAVOURITES",
        shape: Shape::Words(MOST_FAVOURITES),
        doc: "Namespaces on the keys 1 to 9; 0 shows all namespaces.",
        get: |config| Value::Words(config.ui.favourites.clone()),
        set: |config, value| words(&mut config.ui.favourites, value),
    },
    Setting {
        section: "ui",
        key: "mouse",
        variable: "QD_MOUSE",
        shape: Shape::Flag,
        doc: "Click, wheel and drag. Without it the terminal's own selection works as always.",
        get: |config| Value::Flag(config.ui.mouse),
        set: |config, value| flag(&mut config.ui.mouse, &value),
    },
    Setting {
        section: "ui",
        key: "wide",
        variable: "QD_WIDE",
        shape: Shape::Flag,
        doc: "Start with every column.",
        get: |config| Value::Flag(config.ui.wide),
        set: |config, value| flag(&mut config.ui.wide, &value),
    },
    Setting {
        section: "ui",
        key: "ascii",
        variable: "QD_ASCII",
        shape: Shape::Flag,
        doc: "Draw with plain characters only, for fonts without lines and blocks.",
        get: |config| Value::Flag(config.ui.ascii),
        set: |config, value| flag(&mut config.ui.ascii, &value),
    },
    Setting {
        section: "ui",
        key: "synchronised_output",
        variable: "QD_SYNCHRONISED_OUTPUT",
        shape: Shape::Flag,
        doc: "Ask the terminal to show frames whole. Switch off if yours shows stray characters.",
        get: |config| Value::Flag(config.ui.synchronised_output),
        set: |config, value| flag(&mut config.ui.synchronised_output, &value),
    },
    Setting {
        section: "actions",
        key: "audit",
        variable: "QD_AUDIT",
        shape: Shape::File,
        doc: "Where everything that was changed is noted; the state folder's quarterdeck/audit.jsonl, if empty.",
        get: |config| Value::Word(config.actions.audit.clone()),
        set: |config, value| word(&mut config.actions.audit, value),
    },
    Setting {
        section: "log",
        key: "level",
        variable: "QD_LOG",
        shape: Shape::Choice(LEVELS),
        doc: "What quarterdeck notes about itself: off, error, warn, info, debug or trace. Never secrets or bodies.",
        get: |config| Value::Word(config.log.level.clone()),
        set: |config, value| word(&mut config.log.level, value),
    },
];

impl Setting {
    /// `ui.theme`, `read_only`
    pub fn path(&self) -> String {
        if self.section.is_empty() {
            self.key.to_owned()
        } else {
            format!("{}.{}", self.section, self.key)
        }
    }

    /// Reads the setting from a variable: `1`, `true`, `yes`, `on` and their opposites, words with commas between.
    ///
    /// # Errors
    /// Says what the value may be.
    pub fn parse(&self, text: &str) -> Result<Value, String> {
        match self.shape {
            Shape::Flag => match text.to_ascii_lowercase().as_str() {
                "1" | "true" | "yes" | "on" => Ok(Value::Flag(true)),
                "0" | "false" | "no" | "off" | "" => Ok(Value::Flag(false)),
                _ => Err(format!("expected true or false, found \"{text}\"")),
            },
            Shape::Word | Shape::File | Shape::Choice(_) => {
                self.check(Value::Word(text.to_owned()))
            }
            Shape::Words(_) | Shape::SomeOf(_) => self.check(Value::Words(
                text.split(',')
                    .map(|word| word.trim().to_owned())
                    .filter(|word| !word.is_empty())
                    .collect(),
            )),
        }
    }

    /// Checks a value against the shape.
    ///
    /// # Errors
    /// Says what the value may be.
    pub fn check(&self, value: Value) -> Result<Value, String> {
        match (&value, self.shape) {
            (Value::Word(word), Shape::Choice(choices)) if !choices.contains(&word.as_str()) => {
                let meant = super::nearest(word, choices.iter().copied());
                let meant =
                    meant.map_or(String::new(), |name| format!("did you mean \"{name}\"? "));
                Err(format!(
                    "\"{word}\" is not possible: {meant}one of {}",
                    choices.join(", ")
                ))
            }
            (Value::Word(word), Shape::Word) if word.is_empty() => {
                Err("must not be empty".to_owned())
            }
            (Value::Words(words), Shape::Words(most)) if words.len() > most => Err(format!(
                "at most {most} are possible, found {}",
                words.len()
            )),
            (Value::Words(words), Shape::SomeOf(choices)) => {
                let strange = words.iter().find(|word| !choices.contains(&word.as_str()));
                match strange {
                    Some(word) => Err(format!(
                        "\"{word}\" is not possible: {}",
                        choices.join(", ")
                    )),
                    None => Ok(value),
                }
            }
            _ => Ok(value),
        }
    }
}

fn flag(field: &mut bool, value: &Value) {
    if let Value::Flag(value) = value {
        *field = *value;
    }
}

fn word(field: &mut String, value: Value) {
    if let Value::Word(value) = value {
        *field = value;
    }
}

fn words(field: &mut Vec<String>, value: Value) {
    if let Value::Words(value) = value {
        *field = value;
    }
}
