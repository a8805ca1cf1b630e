//! Rows as aligned columns: what people read, and `awk` too. On a terminal cells have the theme's colours.

use std::io::{self, Write};

use ratatui::style::Style;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use super::record::Record;
use crate::cli::snapshot::ansi;
use crate::ui::theme::{Part, Theme};
use crate::ui::views::{Role, View, World};

const GAP: &str = "   ";

/// Text in columns.
pub struct Table {
    headers: Vec<Header>,
    rows: Vec<Vec<(String, Role)>>,
}

/// A column's title and how wide and where its cells stand.
struct Header {
    text: String,
    right: bool,
    width: usize,
}

impl Table {
    /// The rows of a view in their order.
    pub fn of(world: World<'_>, view: &dyn View, slots: &[u32], wide: bool) -> Self {
        let columns = view.columns(world);
        let shown = |at: usize| columns.get(at).is_some_and(|column| wide || !column.wide);
        let headers = columns
            .iter()
            .enumerate()
            .filter(|(at, _)| shown(*at))
            .map(|(_, column)| Header::new(&column.header, column.right))
            .collect();
        let row = |slot: &u32| {
            let cells = view.cells(world, *slot).into_iter().enumerate();
            cells
                .filter(|(at, _)| shown(*at))
                .map(|(_, cell)| (cell.text.trim().to_owned(), cell.role))
                .collect()
        };
        Self::new(headers, slots.iter().map(row).collect())
    }

    /// Records with their fields as columns.
    pub fn of_records(records: &[Record]) -> Self {
        let first = records.first();
        let headers = first.map_or_else(Vec::new, |first| {
            first
                .fields()
                .map(|(name, value)| {
                    Header::new(&name.to_uppercase().replace('_', " "), value.is_number())
                })
                .collect()
        });
        let rows = records.iter().map(|record| {
            let cells = record.fields();
            cells
                .map(|(_, value)| (plain(value), Role::Plain))
                .collect()
        });
        Self::new(headers, rows.collect())
    }

    fn new(mut headers: Vec<Header>, rows: Vec<Vec<(String, Role)>>) -> Self {
        for row in &rows {
            for (header, (text, _)) in headers.iter_mut().zip(row) {
                header.width = header.width.max(text.width());
            }
        }
        Self { headers, rows }
    }

    /// Columns never get narrower than they were, so that lines printed later stay in line.
    pub fn keep_widths(&mut self, widths: &mut Vec<usize>) {
        widths.resize(self.headers.len().max(widths.len()), 0);
        for (header, width) in self.headers.iter_mut().zip(widths) {
            header.width = header.width.max(*width);
            *width = header.width;
        }
    }

    /// Writes titles and rows, with colours if there is a theme.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(&self, out: &mut impl Write, theme: Option<&Theme>) -> io::Result<()> {
        self.write_titles(out, theme)?;
        self.write_rows(out, theme)
    }

    /// Writes the titles; nothing if there is no row.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write_titles(&self, out: &mut impl Write, theme: Option<&Theme>) -> io::Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let style = theme.map(|theme| theme.part(Part::ColumnHeader));
        let titles = self
            .headers
            .iter()
            .map(|header| (header.text.as_str(), style));
        self.line(out, titles)
    }

    /// Writes the rows.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write_rows(&self, out: &mut impl Write, theme: Option<&Theme>) -> io::Result<()> {
        for row in &self.rows {
            let cells = row.iter();
            let cells =
                cells.map(|(text, role)| (text.as_str(), theme.map(|theme| theme.role(*role))));
            self.line(out, cells)?;
        }
        Ok(())
    }

    fn line<'a>(
        &self,
        out: &mut impl Write,
        cells: impl Iterator<Item = (&'a str, Option<Style>)>,
    ) -> io::Result<()> {
        let mut line = String::new();
        // Room that nothing follows is left out.
        let mut owed = 0;
        for (at, (header, (text, style))) in self.headers.iter().zip(cells).enumerate() {
            let room = header.width.saturating_sub(text.width());
            let before = if header.right { room } else { 0 };
            let gap = if at == 0 { 0 } else { GAP.len() };
            owed += gap + before;
            if text.is_empty() {
                owed += room - before;
                continue;
            }
            line.push_str(&" ".repeat(owed));
            match style {
                Some(style) => ansi::push_styled(&mut line, text, style),
                None => line.push_str(text),
            }
            owed = room - before;
        }
        line.push('\n');
        out.write_all(line.as_bytes())
    }
}

impl Header {
    fn new(text: &str, right: bool) -> Self {
        Self {
            text: text.to_owned(),
            right,
            width: text.width(),
        }
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        other => other.to_string(),
    }
}
