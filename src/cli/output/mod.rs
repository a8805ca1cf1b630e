//! Rows as text that other programs read: JSON, NDJSON, YAML, names, and a table for people.
//!
//! Every format shows the same rows of a prepared view. A row is a [`Record`]: flat, in a fixed order, in snake_case;
//! `record` documents the fields, and the suite holds them still.

pub mod record;
mod record_fields;
mod record_watched;
pub mod table;

use std::io::{self, Write};

use serde::Serialize;

use super::parse::Output;
use crate::store::Store;
use crate::ui::theme::Theme;
use crate::ui::views::{Prepared, View, World};
use record::Record;

/// What to print, and how.
#[derive(Clone, Copy)]
pub struct Printing<'a> {
    pub output: Output,
    /// Set when people read it on a terminal with colours.
    pub theme: Option<&'a Theme>,
}

impl Printing<'_> {
    /// Prints the rows of a view.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn rows(
        &self,
        out: &mut impl Write,
        world: World<'_>,
        view: &dyn View,
        prepared: &Prepared,
    ) -> io::Result<()> {
        match self.output {
            Output::Table { wide } => {
                let table = table::Table::of(world, view, &prepared.rows, wide);
                table.write(out, self.theme)
            }
            Output::Name => {
                for slot in &prepared.rows {
                    if let Some(name) = name(world.store, view, *slot) {
                        writeln!(out, "{name}")?;
                    }
                }
                Ok(())
            }
            Output::Json | Output::Ndjson | Output::Yaml => {
                let records = prepared.rows.iter();
                let records = records.filter_map(|slot| record::of(world, view, *slot));
                self.records(out, records)
            }
        }
    }

    /// Prints records; as a table, with their fields as columns.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn records(
        &self,
        out: &mut impl Write,
        records: impl Iterator<Item = Record>,
    ) -> io::Result<()> {
        match self.output {
            Output::Json => {
                // One row a line: small enough to page through, and a diff shows rows.
                let mut before = "[\n  ";
                for record in records {
                    out.write_all(before.as_bytes())?;
                    serde_json::to_writer(&mut *out, &record)?;
                    before = ",\n  ";
                }
                out.write_all(if before == "[\n  " { b"[]\n" } else { b"\n]\n" })
            }
            Output::Ndjson => {
                for record in records {
                    line(out, &record)?;
                }
                Ok(())
            }
            Output::Yaml => {
                let records: Vec<Record> = records.collect();
                out.write_all(yaml(&records)?.as_bytes())
            }
            Output::Name => {
                for record in records {
                    if let Some(name) = record.text("name") {
                        writeln!(out, "{name}")?;
                    }
                }
                Ok(())
            }
            Output::Table { .. } => {
                let records: Vec<Record> = records.collect();
                table::Table::of_records(&records).write(out, self.theme)
            }
        }
    }
}

/// One record as a line of NDJSON.
///
/// # Errors
/// When the writer fails.
pub fn line(out: &mut impl Write, record: &Record) -> io::Result<()> {
    serde_json::to_writer(&mut *out, record)?;
    out.write_all(b"\n")
}

/// What is printed for `-o name`, as kubectl does: `pod/shop-1`, `deployment.apps/shop`.
pub fn name(store: &Store, view: &dyn View, slot: u32) -> Option<String> {
    let target = view.target(store, slot)?;
    let singular = match (&target.kind, target.kind.info()) {
        (_, Some(info)) => info.singular.to_owned(),
        (crate::model::Kind::Custom(custom), None) if !custom.singular.is_empty() => {
            custom.singular.clone()
        }
        (kind, None) => kind.name().to_lowercase(),
    };
    let group = target.kind.group();
    let dot = if group.is_empty() { "" } else { "." };
    Some(format!("{singular}{dot}{group}/{}", target.name))
}

fn yaml(records: &impl Serialize) -> io::Result<String> {
    serde_saphyr::to_string(records).map_err(io::Error::other)
}
