//! Secrets: never in the file itself, only where they lie. Whoever connects reads them; nothing prints them.

use std::path::PathBuf;

use super::file::{Folders, path_of};
use super::read::{Located, Reader, Value};

/// Where a secret lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Secret {
    File(PathBuf),
    /// An environment variable.
    Variable(String),
    /// What a program prints: the program and its arguments.
    Command(Vec<String>),
}

/// How a secret is written.
const FORMS: &str =
    "{ env = \"NAME\" }, { file = \"path\" } or { command = [\"program\", \"argument\"] }";
const KEYS: &[&str] = &["env", "file", "command"];

/// Reads where a secret lies. A secret that stands there itself is refused without being quoted.
pub fn read(
    reader: &mut Reader<'_>,
    value: &Located<Value<'_>>,
    folders: &Folders,
) -> Option<Secret> {
    let Some(table) = value.get_ref().as_table() else {
        let message = format!("a secret does not stand in this file: write {FORMS}");
        reader.hide(value.span(), message);
        return None;
    };
    let mut found = None;
    for (key, value) in table {
        let secret = match key.get_ref().as_ref() {
            "env" => reader.string(value).map(Secret::Variable),
            "file" => reader
                .string(value)
                .map(|path| Secret::File(path_of(&path, folders))),
            "command" => {
                let words = reader.strings(value).into_iter().map(|(word, _)| word);
                Some(Secret::Command(words.collect())).filter(|secret| match secret {
                    Secret::Command(words) => !words.is_empty(),
                    _ => true,
                })
            }
            other => {
                reader.unknown(key.span(), "key of a secret", other, KEYS);
                continue;
            }
        };
        if found.is_some() {
            reader.note(key.span(), "a secret lies in one place only".to_owned());
        }
        found = found.or(secret);
    }
    if found.is_none() {
        reader.note(value.span(), format!("where does it lie? write {FORMS}"));
    }
    found
}

impl Secret {
    /// As it is written in the file: where it lies, never what it is.
    pub fn print(&self) -> String {
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        match self {
            Self::File(path) => format!("{{ file = {} }}", quoted(&path.display().to_string())),
            Self::Variable(name) => format!("{{ env = {} }}", quoted(name)),
            Self::Command(words) => {
                let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
                format!("{{ command = [{}] }}", words.join(", "))
            }
        }
    }
}
