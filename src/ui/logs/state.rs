//! Why a pane of logs has no lines: which of the reasons it is, and the way out.

use super::LogPane;
use crate::model::{LogState, Moment, SourceStatus};
use crate::store::Store;
use crate::ui::Ui;
use crate::ui::commands::Command;
use crate::ui::title::grouped;
use crate::ui::trust;

/// The words in place of lines.
pub(super) fn words(ui: &Ui, pane: &LogPane, store: &Store, now: Moment) -> Vec<String> {
    let Some(book) = store.logbook(pane.reading) else {
        return vec![format!("Opening the logs of {}…", pane.name)];
    };
    if !book.is_empty() {
        if book.progress().is_some() {
            return vec!["Searching…".to_owned()];
        }
        return vec![
            format!("None of {} lines passes the filter.", grouped(book.len())),
            format!("{} takes it back.", ui.key(Command::Back)),
        ];
    }
    let totals = book.totals();
    if let Some(words) = finding(ui, pane, store, now).filter(|_| totals.streams == 0) {
        return words;
    }
    let mut words = Vec::new();
    if totals.live > 0 {
        let what = crate::ui::format::count(totals.live, "stream is", "streams are");
        words.push(format!("{what} live; nothing has been written yet."));
    }
    for stream in book.streams().iter().take(6) {
        let label = &stream.about.label;
        match &stream.state {
            LogState::Waiting { why } => words.push(format!("{label} has not started: {why}")),
            LogState::Refused { why } => words.push(format!("{label} cannot be read: {why}")),
            LogState::Reconnecting {
                cause, retry_at, ..
            } => words.push(format!(
                "{label} does not answer: {cause}{}",
                trust::retry(*retry_at, now)
            )),
            LogState::Ended { why } => {
                words.push(format!("{label} has ended ({why}) and left no lines."));
            }
            LogState::Connecting => words.push(format!("Connecting to {label}…")),
            LogState::Queued | LogState::Live => {}
        }
    }
    words
}

/// What is known while no stream is.
fn finding(ui: &Ui, pane: &LogPane, store: &Store, now: Moment) -> Option<Vec<String>> {
    let book = store.logbook(pane.reading)?;
    let mut words = Vec::new();
    for (endpoint, status) in book.finding() {
        let name = store
            .endpoint(endpoint)
            .map_or("it", |known| known.name.as_str());
        match status {
            SourceStatus::Connecting | SourceStatus::Listing { .. } => {
                words.push(format!("Looking for what runs for {}…", pane.name));
            }
            SourceStatus::Live => words.push(format!("Nothing runs for {} now.", pane.name)),
            SourceStatus::Denied { verb, resource } => {
                words.push(format!("You may not {verb} {resource} in {name}."));
                words.push("The cluster's administrator can grant it.".to_owned());
            }
            SourceStatus::Off { why } => words.push(format!("{name} tells no logs: {why}")),
            SourceStatus::Stale {
                cause, retry_at, ..
            } => {
                words.push(format!(
                    "{name} does not answer: {cause}{}",
                    trust::retry(*retry_at, now)
                ));
                words.push(format!("{} retries at once.", ui.key(Command::Refresh)));
            }
        }
    }
    if words.is_empty() {
        words.push(format!("Looking for what runs for {}…", pane.name));
    }
    Some(words)
}
