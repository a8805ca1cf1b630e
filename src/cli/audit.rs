//! `qd audit`: what was done, by whom, to what, and what became of it; the newest last.
//!
//! Fields: `at` `user` `action` `cluster` `namespace` `kind` `name` `outcome` `took_seconds` `why` `reason` `changes`.

use std::io::{self, Write};

use super::output::Printing;
use super::output::record::Record;
use super::{exit, print};
use crate::actions::audit::{Entry, Journal};
use crate::actions::run::{Desk, Pace};
use crate::config::Config;

/// Prints the audit.
pub fn run(config: &Config, printing: Printing<'_>) -> u8 {
    let desk = Desk::new(config, Pace::default());
    let entries = desk
        .journal()
        .map_err(|refusal| refusal.to_string())
        .and_then(|journal: &Journal| journal.entries().map_err(|error| error.to_string()));
    let entries = match entries {
        Ok(entries) => entries,
        Err(why) => {
            print::words(&format!("qd: the audit cannot be read: {why}"));
            return exit::FAILED;
        }
    };
    if entries.is_empty() {
        print::words("qd: nothing was changed yet");
    }
    let mut out = io::BufWriter::new(io::stdout().lock());
    let written = printing.records(&mut out, entries.iter().map(record));
    print::ended(written.and_then(|()| out.flush()))
}

fn record(entry: &Entry) -> Record {
    let (intent, end) = (&entry.intent, entry.end.as_ref());
    let word = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let unknown = "its run ended before the outcome was known";
    Record::default()
        .with("at", intent.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
        .with("user", intent.user.as_str())
        .with("action", intent.action.as_str())
        .with("cluster", intent.endpoint.as_str())
        .with("namespace", word(&intent.namespace))
        .with("kind", intent.kind.as_str())
        .with("name", intent.name.as_str())
        .with("outcome", end.map_or("unknown", |end| end.outcome.as_str()))
        .with("took_seconds", end.map(|end| end.took_seconds))
        .with(
            "why",
            end.map_or_else(|| word(unknown), |end| word(&end.why)),
        )
        .with("reason", word(&intent.reason))
        .with("changes", intent.changes.join("; "))
}
