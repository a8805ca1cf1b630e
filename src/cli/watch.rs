//! `qd get -w`: after the rows, every row again that changed; a row that is gone is told once as such.

use std::collections::HashMap;
use std::io::{self, Write};
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

use super::gather::Gathering;
use super::get::{Asked, world};
use super::output::record::{self, Record};
use super::output::table::Table;
use super::output::{Printing, line, name};
use super::parse::Output;
use super::{exit, print};
use crate::model::Key;
use crate::store::Store;

/// Changes that come within this time are printed together.
const TOGETHER: Duration = Duration::from_millis(100);

/// What was printed last.
#[derive(Default)]
struct Printed {
    rows: HashMap<Key, Record>,
    widths: Vec<usize>,
    titled: bool,
}

/// Prints until interrupted (exit code 130), or nobody reads any more.
pub(super) async fn run(
    gathering: &mut Gathering,
    asked: &Asked<'_>,
    printing: Printing<'_>,
) -> u8 {
    // Listened for before the first row, so that no Ctrl-C finds nobody.
    let Ok(mut interrupt) = signal(SignalKind::interrupt()) else {
        return exit::FAILED;
    };
    let mut printed = Printed::default();
    loop {
        let written = printed.update(&gathering.store, asked, printing, &mut io::stdout().lock());
        if written.is_err() {
            return print::ended(written);
        }
        tokio::select! {
            _ = interrupt.recv() => return exit::INTERRUPTED,
            () = gathering.next() => {
                gathering.until(TOGETHER, |_| false).await;
            }
        }
    }
}

impl Printed {
    /// Prints what is not as it was.
    fn update(
        &mut self,
        store: &Store,
        asked: &Asked<'_>,
        printing: Printing<'_>,
        out: &mut impl Write,
    ) -> io::Result<()> {
        let (world, view) = (world(store), asked.view.as_ref());
        let prepared = asked.prepare(store);
        let mut now = HashMap::with_capacity(prepared.rows.len());
        let mut changed = Vec::new();
        for slot in prepared.rows {
            let (Some(key), Some(record)) = (view.key(store, slot), record::of(world, view, slot))
            else {
                continue;
            };
            if self
                .rows
                .remove(&key)
                .is_none_or(|before| !before.same(&record))
            {
                changed.push((slot, record.clone()));
            }
            now.insert(key, record);
        }
        let gone: Vec<Record> = std::mem::replace(&mut self.rows, now)
            .into_values()
            .collect();
        match printing.output {
            Output::Table { wide } => {
                let slots: Vec<u32> = changed.iter().map(|(slot, _)| *slot).collect();
                let mut table = Table::of(world, view, &slots, wide);
                table.keep_widths(&mut self.widths);
                if !self.titled {
                    self.titled = !slots.is_empty();
                    table.write_titles(out, printing.theme)?;
                }
                table.write_rows(out, printing.theme)?;
                for record in &gone {
                    let place = record
                        .text("namespace")
                        .map(|namespace| format!("{namespace}/"));
                    let name = record.text("name").unwrap_or_default();
                    print::words(&format!("{}{name} is gone", place.unwrap_or_default()));
                }
            }
            Output::Name => {
                for (slot, _) in &changed {
                    if let Some(name) = name(store, view, *slot) {
                        writeln!(out, "{name}")?;
                    }
                }
            }
            Output::Yaml => {
                for record in told(changed, gone) {
                    writeln!(out, "---")?;
                    printing.records(out, std::iter::once(record))?;
                }
            }
            Output::Json | Output::Ndjson => {
                for record in told(changed, gone) {
                    line(out, &record)?;
                }
            }
        }
        out.flush()
    }
}

/// The records to tell of; `deleted` says which are gone.
fn told(changed: Vec<(u32, Record)>, gone: Vec<Record>) -> impl Iterator<Item = Record> {
    let changed = changed
        .into_iter()
        .map(|(_, record)| record.with("deleted", false));
    changed.chain(gone.into_iter().map(|record| record.with("deleted", true)))
}
