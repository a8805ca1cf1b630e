//! `qd keys`: every command with its keys, as they are with the configuration.
//!
//! Fields: `command` (its name under `[keys]`), `keys`, `where`, `doc`.

use std::io::{self, Write};

use super::output::Printing;
use super::output::record::Record;
use super::print;
use crate::config::{Loaded, Problem};
use crate::ui::commands::{self, Entry};
use crate::ui::keymap::Keymap;

/// Prints all keys.
pub fn run(loaded: &Loaded, printing: Printing<'_>) -> u8 {
    let keymap = Keymap::new(&loaded.config.keys);
    let records = commands::ALL.iter().map(|entry| record(&keymap, entry));
    let mut out = io::BufWriter::new(io::stdout().lock());
    let written = printing.records(&mut out, records);
    print::ended(written.and_then(|()| out.flush()))
}

/// What is wrong with the configured keys, at the places where they were set.
pub fn problems(loaded: &Loaded) -> Vec<Problem> {
    let keymap = Keymap::new(&loaded.config.keys);
    let problems = keymap.problems().iter();
    problems
        .map(|problem| loaded.problem(&format!("keys.{}", problem.name), &problem.message))
        .collect()
}

fn record(keymap: &Keymap, entry: &Entry) -> Record {
    let keys: Vec<String> = keymap.keys(entry.command).collect();
    Record::default()
        .with("command", entry.name)
        .with("keys", keys.join(", "))
        .with("where", entry.layer.name())
        .with("doc", entry.doc)
}
