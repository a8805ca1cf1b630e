//! What a dialog says about a plan, line by line: pure words with their roles, to be scrolled through.

use std::borrow::Cow;

use crate::actions::{Prepared, Several, Table, Verdict, Weight};
use crate::model::{Health, Text};
use crate::ui::views::Role;
use crate::ui::widgets::line::wrap;
use crate::ui::widgets::reader::{Lines, Span};
use crate::ui::widgets::table::{cut_end, text_width};

/// Cells of what stands before a line: `Will it last?`.
const LABEL: u16 = 15;
/// Cells between the columns of a list.
const GAP: u16 = 2;
/// Rows of a list beyond which only those around the chosen one are shown.
const ROWS: usize = 12;

/// A line of the sheet.
pub(super) type Words = Vec<(String, Role)>;

/// The sheet of a plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sheet {
    pub(super) lines: Vec<Words>,
    /// The lines that say what changes; they must have been on screen where the guard asks for that.
    pub(super) changes_end: usize,
    /// The line of the chosen row of a list.
    pub(super) chosen: Option<usize>,
}

impl Lines for Sheet {
    fn count(&self) -> usize {
        self.lines.len()
    }

    fn line(&self, at: usize) -> Vec<Span<'_>> {
        let words = self.lines.get(at).into_iter().flatten();
        words
            .map(|(text, role)| Span {
                text: Cow::Borrowed(text.as_str()),
                role: *role,
            })
            .collect()
    }
}

/// The sheet of what would be done, for a width. `row` is the chosen row of the list that can be chosen from.
pub(super) fn sheet(several: &Several, row: Option<usize>, width: u16) -> Sheet {
    let mut sheet = Sheet::default();
    match several.plans() {
        [alone] => sheet.plan(alone, row, width),
        plans => sheet.many(plans, width),
    }
    sheet
}

impl Sheet {
    fn plan(&mut self, prepared: &Prepared, row: Option<usize>, width: u16) {
        let plan = &prepared.plan;
        for text in wrap(&plan.summary, width) {
            self.say(vec![(text, Role::Plain)]);
        }
        for table in &plan.tables {
            self.blank();
            self.table(table, row.filter(|_| table.chooses.is_some()), width);
        }
        if !plan.changes.is_empty() {
            self.blank();
            let widest = plan
                .changes
                .iter()
                .map(|change| text_width(&change.field))
                .max();
            let column = widest.unwrap_or_default().min(width / 3);
            for (at, change) in plan.changes.iter().enumerate() {
                self.change(at, change, column, width);
            }
        }
        let diff = plan.tables.iter().flat_map(|table| &table.rows);
        let diff = match row {
            Some(row) => diff.clone().nth(row).map(|row| row.diff.as_slice()),
            None => diff
                .clone()
                .find(|row| row.chosen)
                .map(|row| row.diff.as_slice()),
        };
        self.diff(diff.unwrap_or_default());
        self.changes_end = self.lines.len();
        self.blank();
        if !plan.touches.is_empty() {
            let touches: Vec<&str> = plan.touches.iter().map(Text::as_str).collect();
            self.labelled("Touches", &touches.join(" · "), Role::Plain, width);
        }
        if let Some(frozen) = &prepared.place.frozen {
            let text = format!(
                "{} {frozen}; it counts as graver and wants a reason",
                Health::Bad.glyph()
            );
            self.labelled("", &text, Role::Health(Health::Bad), width);
        }
        for warning in &plan.warnings {
            let health = match warning.weight {
                Weight::Note => Health::Idle,
                Weight::Caution => Health::Warn,
                Weight::Raises => Health::Bad,
            };
            let text = format!("{} {}", health.glyph(), warning.text);
            self.labelled("", &text, Role::Health(health), width);
        }
        let role = match plan.lasting.word() {
            "reverts" | "unknown" => Role::Health(Health::Warn),
            _ => Role::Plain,
        };
        self.labelled("Will it last?", &plan.lasting.words(), role, width);
        self.checks(prepared, width);
        let level = format!("{} {}", prepared.level.code(), prepared.level.word());
        let undo = match &plan.undo {
            Some(undo) => format!("{level}; undo: {}", undo.title),
            None => format!("{level}; no undo"),
        };
        self.labelled("Weight", &undo, Role::Dim, width);
    }

    /// What would be done to each of several objects.
    fn many(&mut self, plans: &[Prepared], width: u16) {
        let rest = plans.len() - 1;
        let text = format!(
            "{} objects. The first is changed alone; the other {rest} follow only if it ends well, and nothing goes on \
             behind a failure.",
            plans.len()
        );
        for text in wrap(&text, width) {
            self.say(vec![(text, Role::Plain)]);
        }
        self.blank();
        for (at, prepared) in plans.iter().enumerate() {
            let sign = if at == 0 { "1st " } else { "    " };
            let path = crate::actions::invocation::path(&prepared.target);
            self.say(vec![
                (sign.to_owned(), Role::Dim),
                (path, Role::Strong),
                (format!("  {}", prepared.place.endpoint), Role::Dim),
            ]);
            for change in &prepared.plan.changes {
                let text = format!(
                    "      {}  {} → {}",
                    change.field, change.before, change.after
                );
                self.say(vec![(cut_end(&text, width), Role::Plain)]);
            }
            let warnings = prepared.plan.warnings.iter();
            for warning in warnings.filter(|warning| warning.weight != Weight::Note) {
                let text = format!("      ▲ {}", warning.text);
                self.say(vec![(cut_end(&text, width), Role::Health(Health::Warn))]);
            }
            let failed = prepared
                .checks
                .iter()
                .filter(|check| check.verdict != Verdict::Passed);
            for check in failed {
                let (text, role) = verdict(&check.what, &check.verdict);
                self.say(vec![(cut_end(&format!("      {text}"), width), role)]);
            }
        }
        self.changes_end = self.lines.len();
    }

    fn change(&mut self, at: usize, change: &crate::actions::FieldChange, column: u16, width: u16) {
        let label = if at == 0 { "Changes" } else { "" };
        let field = crate::ui::widgets::table::cut_middle(&change.field, column);
        let pad = usize::from(column.saturating_sub(text_width(&field)) + GAP);
        let mut words = vec![
            (padded(label, LABEL), Role::Dim),
            (format!("{field}{}", " ".repeat(pad)), Role::Plain),
        ];
        let room = width.saturating_sub(LABEL + column + GAP);
        let none = |text: &Text| {
            if text.is_empty() {
                "–".to_owned()
            } else {
                text.to_string()
            }
        };
        let (before, after) = (none(&change.before), none(&change.after));
        if text_width(&before) + text_width(&after) + 5 <= room {
            words.push((before, Role::Health(Health::Bad)));
            words.push(("  →  ".to_owned(), Role::Dim));
            words.push((after, Role::Health(Health::Good)));
            self.say(words);
            return;
        }
        // What is too long for a line stands on lines of its own.
        self.say(words);
        for (sign, text, health) in [("- ", before, Health::Bad), ("+ ", after, Health::Good)] {
            for line in wrap(&text, width.saturating_sub(LABEL + 2)) {
                let words = vec![
                    (padded("", LABEL), Role::Dim),
                    (format!("{sign}{line}"), Role::Health(health)),
                ];
                self.say(words);
            }
        }
    }

    fn table(&mut self, table: &Table, row: Option<usize>, width: u16) {
        if !table.title.is_empty() {
            self.say(vec![(table.title.to_string(), Role::Dim)]);
        }
        let count = table.columns.len();
        let mut widths: Vec<u16> = table.columns.iter().map(|name| text_width(name)).collect();
        for row in &table.rows {
            for (wide, cell) in widths.iter_mut().zip(&row.cells) {
                *wide = (*wide).max(text_width(cell));
            }
        }
        let room = width.saturating_sub(6);
        squeeze(
            &mut widths,
            room.saturating_sub(GAP * count.saturating_sub(1) as u16),
        );
        let cells = |texts: &mut dyn Iterator<Item = &str>| {
            let mut line = String::new();
            for (wide, text) in widths.iter().zip(texts) {
                line.push_str(&padded(&cut_end(text, *wide), wide + GAP));
            }
            line.trim_end().to_owned()
        };
        if table.columns.iter().any(|name| !name.is_empty()) {
            let heads = cells(&mut table.columns.iter().copied());
            self.say(vec![(format!("      {heads}"), Role::Dim)]);
        }
        let chosen = row.or_else(|| table.rows.iter().position(|row| row.chosen));
        let first = chosen.map_or(0, |at| (at + 1).saturating_sub(ROWS));
        if first > 0 {
            self.say(vec![(format!("      {first} more above"), Role::Dim)]);
        }
        for (at, row) in table.rows.iter().enumerate().skip(first).take(ROWS) {
            let is_chosen = chosen == Some(at) && table.chooses.is_some();
            let sign = if is_chosen { " ▸ " } else { "   " };
            let line = cells(&mut row.cells.iter().map(Text::as_str));
            if is_chosen {
                self.chosen = Some(self.lines.len());
            }
            let can = table.chooses.is_none() || row.value.is_some();
            let role = match (is_chosen, can, row.health) {
                (true, ..) => Role::Strong,
                (_, false, _) => Role::Dim,
                (_, _, Health::Good) => Role::Plain,
                (_, _, health) => Role::Health(health),
            };
            self.say(vec![
                (sign.to_owned(), Role::Accent),
                (format!("{} ", row.health.glyph()), Role::Health(row.health)),
                (format!(" {line}"), role),
            ]);
        }
        let below = table.rows.len().saturating_sub(first + ROWS);
        if below > 0 {
            self.say(vec![(format!("      {below} more below"), Role::Dim)]);
        }
    }

    fn diff(&mut self, lines: &[Text]) {
        if lines.is_empty() {
            return;
        }
        self.blank();
        for line in lines {
            let role = match line.chars().next() {
                Some('-') => Role::Health(Health::Bad),
                Some('+') => Role::Health(Health::Good),
                _ => Role::Dim,
            };
            self.say(vec![
                (padded("", LABEL), Role::Dim),
                (line.to_string(), role),
            ]);
        }
    }

    fn checks(&mut self, prepared: &Prepared, width: u16) {
        let passed = prepared
            .checks
            .iter()
            .filter(|check| check.verdict == Verdict::Passed);
        let passed: Vec<String> = passed.map(|check| format!("{} ✓", check.what)).collect();
        if !passed.is_empty() {
            self.labelled("Checked", &passed.join("   "), Role::Plain, width);
        }
        for check in &prepared.checks {
            if check.verdict != Verdict::Passed {
                let (text, role) = verdict(&check.what, &check.verdict);
                self.labelled("", &text, role, width);
            }
        }
    }

    /// Words behind a label, wrapped beside it.
    fn labelled(&mut self, label: &str, text: &str, role: Role, width: u16) {
        for (at, line) in wrap(text, width.saturating_sub(LABEL))
            .into_iter()
            .enumerate()
        {
            let label = if at == 0 { label } else { "" };
            self.say(vec![(padded(label, LABEL), Role::Dim), (line, role)]);
        }
    }

    fn say(&mut self, words: Words) {
        self.lines.push(words);
    }

    fn blank(&mut self) {
        if self.lines.last().is_some_and(|line| !line.is_empty()) {
            self.lines.push(Vec::new());
        }
    }
}

/// A check that did not pass, in words.
fn verdict(what: &Text, verdict: &Verdict) -> (String, Role) {
    match verdict {
        Verdict::Passed => (format!("{what} ✓"), Role::Plain),
        Verdict::Failed(why) => (format!("✗ {what}: {why}"), Role::Health(Health::Bad)),
        Verdict::Unverified(why) => (format!("? {what}: {why}"), Role::Health(Health::Warn)),
    }
}

/// Narrows the widest columns until all fit.
fn squeeze(widths: &mut [u16], room: u16) {
    while widths.iter().sum::<u16>() > room {
        let Some(widest) = widths.iter_mut().max() else {
            return;
        };
        if *widest <= 4 {
            return;
        }
        *widest -= 1;
    }
}

fn padded(text: &str, width: u16) -> String {
    let pad = width.saturating_sub(text_width(text));
    format!("{text}{}", " ".repeat(usize::from(pad)))
}
