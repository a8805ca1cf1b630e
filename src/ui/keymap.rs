//! The keymap: which keys mean which command in which layer.
//!
//! Built once from [`super::commands::ALL`] and the configuration's `[keys]`. Keys may be sequences; what was typed of
//! one so far is kept by the caller and resolved again with each further chord.

use std::collections::BTreeMap;

use super::commands::{ALL, Command, Entry, Layer};
use crate::config::chord::{print, sequence};
use crate::config::{Chord, nearest};

/// Keys and what they mean.
#[derive(Clone, Debug)]
pub struct Keymap {
    bindings: Vec<Binding>,
    problems: Vec<KeyProblem>,
}

#[derive(Clone, Debug)]
struct Binding {
    entry: &'static Entry,
    keys: Vec<Chord>,
    custom: bool,
}

/// What is wrong with the configuration's keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyProblem {
    /// The name under `[keys]` that is at fault.
    pub name: String,
    pub message: String,
}

/// What typed chords mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    Command(Command),
    /// More is to come.
    Pending,
    Nothing,
}

impl Keymap {
    /// Default keys, but for the commands that the configuration names. Where two commands would share keys, the one
    /// that the configuration names wins (the first one, if both), and the problem is kept.
    pub fn new(custom: &BTreeMap<String, Vec<Vec<Chord>>>) -> Self {
        let mut map = Self {
            bindings: Vec::new(),
            problems: Vec::new(),
        };
        for (name, sequences) in custom {
            match ALL.iter().find(|entry| entry.name == name) {
                Some(entry) => {
                    for keys in sequences {
                        map.bind(entry, keys.clone(), true);
                    }
                }
                None => map.problems.push(KeyProblem {
                    name: name.clone(),
                    message: unknown(name),
                }),
            }
        }
        for entry in ALL.iter() {
            if !custom.contains_key(entry.name) {
                for keys in entry.keys.iter() {
                    // The suite reads every default key, so none is lost here.
                    map.bind(entry, sequence(keys).unwrap_or_default(), false);
                }
            }
        }
        map
    }

    fn bind(&mut self, entry: &'static Entry, keys: Vec<Chord>, custom: bool) {
        if keys.is_empty() {
            return;
        }
        let taken = self.bindings.iter().find(|other| {
            other.entry.layer.meets(entry.layer)
                && (other.keys.starts_with(&keys) || keys.starts_with(&other.keys))
                && !(other.entry.command == entry.command && other.keys == keys)
        });
        if let Some(other) = taken {
            // The problem belongs to what the configuration says, which is always bound first.
            let (name, loser) = if custom {
                (entry.name, other.entry.name)
            } else {
                (other.entry.name, entry.name)
            };
            let message = if custom || !other.custom {
                format!(
                    "\"{}\" is the key of both {} and {loser} ({})",
                    written(&keys),
                    entry.name,
                    entry.layer.name()
                )
            } else {
                format!(
                    "\"{}\" is the default key of {loser} too ({}); {loser} loses it, give it another",
                    written(&keys),
                    entry.layer.name()
                )
            };
            self.problems.push(KeyProblem {
                name: name.to_owned(),
                message,
            });
            return;
        }
        self.bindings.push(Binding {
            entry,
            keys,
            custom,
        });
    }

    /// What the chords typed so far mean, looked up layer by layer.
    pub fn resolve(&self, layers: &[Layer], typed: &[Chord]) -> Found {
        let mut pending = false;
        for layer in layers {
            for binding in self
                .bindings
                .iter()
                .filter(|binding| binding.entry.layer == *layer)
            {
                if binding.keys == typed {
                    return Found::Command(binding.entry.command);
                }
                pending |= binding.keys.starts_with(typed);
            }
        }
        if pending {
            Found::Pending
        } else {
            Found::Nothing
        }
    }

    /// The keys of a command, as they are written; the first one is the one to show.
    pub fn keys(&self, command: Command) -> impl Iterator<Item = String> {
        self.bindings
            .iter()
            .filter(move |binding| binding.entry.command == command)
            .map(|binding| written(&binding.keys))
    }

    /// What is wrong with the configuration's keys.
    pub fn problems(&self) -> &[KeyProblem] {
        &self.problems
    }
}

/// How a sequence is written.
pub fn written(keys: &[Chord]) -> String {
    print(keys)
}

fn unknown(name: &str) -> String {
    match nearest(name, ALL.iter().map(|entry| entry.name)) {
        Some(near) => format!("no command is called {name}; did you mean {near}?"),
        None => format!("no command is called {name}; `qd keys` lists them"),
    }
}
