//! A plan, its progress and its outcome as text and as JSON.

use std::fmt::Write;

use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use crate::actions::{
    Ask, FieldChange, Finished, Outcome, Prepared, Progress, Stage, Step, Table, Verdict, Weight,
};
use crate::model::Text;

/// More changes than this are counted instead.
const CHANGES: usize = 20;
/// Widest cell of a list in columns.
const CELL: usize = 48;

/// A plan for people.
pub(super) fn plan(prepared: &Prepared) -> String {
    let (plan, place) = (&prepared.plan, &prepared.place);
    let mut out = String::new();
    let _ = writeln!(out, "{}", plan.title);
    let user = if place.user.is_empty() {
        String::new()
    } else {
        format!(", as {}", place.user)
    };
    let _ = writeln!(
        out,
        "  on {} ({}{user})\n  {}",
        place.endpoint,
        place.environment.word(),
        plan.summary
    );
    for table in &plan.tables {
        let _ = write!(out, "\n{}\n", self::table(table).trim_end());
    }
    out.push('\n');
    lines(
        &mut out,
        "Changes",
        plan.changes.iter().take(CHANGES).map(change),
    );
    if plan.changes.len() > CHANGES {
        let _ = writeln!(
            out,
            "              and {} more",
            plan.changes.len() - CHANGES
        );
    }
    lines(
        &mut out,
        "Touches",
        plan.touches.iter().map(ToString::to_string),
    );
    lines(
        &mut out,
        "Will it last?",
        std::iter::once(plan.lasting.words().to_string()),
    );
    let checks = prepared.checks.iter().map(|check| match &check.verdict {
        Verdict::Passed => format!("{} ✓", check.what),
        Verdict::Failed(why) => format!("{} ✗ {why}", check.what),
        Verdict::Unverified(why) => format!("{} unverified: {why}", check.what),
    });
    lines(&mut out, "Checked", checks);
    for warning in &plan.warnings {
        let sign = match warning.weight {
            Weight::Note => "·",
            Weight::Caution => "▲",
            Weight::Raises => "✗",
        };
        let _ = writeln!(out, "  {sign} {}", warning.text);
    }
    let asks = match &prepared.confirmation.ask {
        Ask::Key => "nothing more is asked".to_owned(),
        Ask::Yes => "asks yes or no (--yes)".to_owned(),
        Ask::Typed(text) => format!("asks to type {text} (--confirm {text})"),
    };
    let reason = if prepared.confirmation.reason {
        " and a reason (--reason)"
    } else {
        ""
    };
    let (code, word) = (prepared.level.code(), prepared.level.word());
    let _ = writeln!(out, "  {code}: {word}; {asks}{reason}");
    out
}

fn change(change: &FieldChange) -> String {
    let shown = |text: &Text| {
        if text.is_empty() {
            "(none)".to_owned()
        } else {
            cut(text, 80)
        }
    };
    format!(
        "{}  {} → {}",
        change.field,
        shown(&change.before),
        shown(&change.after)
    )
}

fn lines(out: &mut String, label: &str, values: impl Iterator<Item = String>) {
    for (at, value) in values.enumerate() {
        let label = if at == 0 { label } else { "" };
        let _ = writeln!(out, "  {label:<14}{value}");
    }
}

/// A list with aligned columns; the chosen row has a mark.
pub(super) fn table(table: &Table) -> String {
    let cell = |text: &Text| cut(text, CELL);
    let widths: Vec<usize> = table
        .columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            let cells = table.rows.iter().filter_map(|row| row.cells.get(at));
            cells
                .map(|text| cell(text).width())
                .max()
                .unwrap_or(0)
                .max(column.width())
        })
        .collect();
    let mut out = String::new();
    let mut line = |mark: &str, cells: &mut dyn Iterator<Item = String>| {
        let mut text = format!("  {mark} ");
        for (cell, width) in cells.zip(&widths) {
            let pad = " ".repeat(width.saturating_sub(cell.width()) + 2);
            text.push_str(&cell);
            text.push_str(&pad);
        }
        let _ = writeln!(out, "{}", text.trim_end());
    };
    line(
        " ",
        &mut table.columns.iter().map(|column| (*column).to_owned()),
    );
    for row in &table.rows {
        let mark = if row.chosen {
            "▸"
        } else {
            row.health.glyph()
        };
        line(mark, &mut row.cells.iter().map(cell));
    }
    out
}

fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{kept}…")
}

/// How far it is: the time, and what only changes when there is news.
pub(super) fn progress(progress: &Progress) -> (String, String) {
    let mut parts = Vec::new();
    for milestone in &progress.milestones {
        let sign = match milestone.stage {
            Stage::Done => "✓",
            Stage::Now => "▸",
            Stage::Waiting => "·",
            Stage::Failed => "✗",
        };
        let count = match milestone.count {
            Some((done, of))
                if milestone.stage != Stage::Done && !milestone.what.starts_with("steady") =>
            {
                format!(" {done} of {of}")
            }
            _ => String::new(),
        };
        parts.push(format!("{sign} {}{count}", milestone.what));
    }
    let mut line = parts.join("  ");
    if let Some(blocked) = &progress.blocked {
        let _ = write!(line, "  ▲ {blocked}");
    }
    for text in &progress.lines {
        let _ = write!(line, "\n          {text}");
    }
    (format!("{:>5.1}s  ", progress.elapsed.as_secs_f64()), line)
}

/// How it ended, for people.
pub(super) fn finished(finished: &Finished) -> String {
    let mut out = String::new();
    let sign = match finished.outcome {
        Outcome::Succeeded => "✓",
        Outcome::Failed { .. } => "✗",
        Outcome::Overridden { .. } | Outcome::Unknown { .. } => "▲",
    };
    let why = finished
        .outcome
        .why()
        .map_or_else(String::new, |why| match finished.outcome {
            Outcome::Overridden { .. } => format!(" by {why}"),
            _ => format!(": {why}"),
        });
    let seconds = finished.progress.elapsed.as_secs_f64();
    let _ = writeln!(
        out,
        "{sign} {}{why} ({seconds:.1} s)",
        finished.outcome.word()
    );
    for line in &finished.evidence {
        let _ = writeln!(out, "  {line}");
    }
    for line in &finished.progress.lines {
        let _ = writeln!(out, "  | {line}");
    }
    if let Some((why, next)) = &finished.next {
        let _ = writeln!(out, "  Next: {why}\n        {}", super::command_line(next));
    }
    if let Some(undo) = &finished.undo {
        let line = super::command_line(&undo.invocation);
        let _ = writeln!(out, "  Undo: {}\n        {line}", undo.title);
    }
    out
}

/// A plan for programs.
pub(super) fn json(prepared: &Prepared) -> Value {
    let (plan, place) = (&prepared.plan, &prepared.place);
    json!({
        "id": prepared.id,
        "action": prepared.invocation.action.name(),
        "title": plan.title,
        "summary": plan.summary,
        "endpoint": place.endpoint,
        "environment": place.environment.word(),
        "kind": prepared.target.kind.name(),
        "namespace": prepared.target.namespace,
        "name": prepared.target.name,
        "uid": prepared.target.uid.map(|uid| uid.to_string()),
        "level": prepared.level.code(),
        "confirm": match &prepared.confirmation.ask {
            Ask::Key => Value::Null,
            Ask::Yes => "yes".into(),
            Ask::Typed(text) => text.as_str().into(),
        },
        "reason_needed": prepared.confirmation.reason,
        "changes": plan.changes.iter().map(|change| json!({
            "field": change.field, "before": change.before, "after": change.after,
        })).collect::<Vec<_>>(),
        "touches": plan.touches,
        "lasting": plan.lasting.word(),
        "lasting_words": plan.lasting.words(),
        "checks": prepared.checks.iter().map(|check| {
            let (verdict, why) = match &check.verdict {
                Verdict::Passed => ("passed", None),
                Verdict::Failed(why) => ("failed", Some(why)),
                Verdict::Unverified(why) => ("unverified", Some(why)),
            };
            json!({"what": check.what, "verdict": verdict, "why": why})
        }).collect::<Vec<_>>(),
        "warnings": plan.warnings.iter().map(|warning| warning.text.as_str()).collect::<Vec<_>>(),
        "steps": plan.steps.iter().map(Step::words).collect::<Vec<_>>(),
        "lists": plan.tables.iter().map(table_json).collect::<Vec<_>>(),
    })
}

/// A list for programs: a row is an object with the columns as fields.
pub(super) fn table_json(table: &Table) -> Value {
    let rows = table.rows.iter().map(|row| {
        let mut fields = serde_json::Map::new();
        for (column, cell) in table.columns.iter().zip(&row.cells) {
            fields.insert(column.to_lowercase(), cell.as_str().into());
        }
        fields.insert("value".to_owned(), json!(row.value));
        fields.insert("chosen".to_owned(), row.chosen.into());
        fields.insert("health".to_owned(), row.health.word().into());
        Value::Object(fields)
    });
    rows.collect()
}

/// An outcome for programs.
pub(super) fn finished_json(finished: &Finished) -> Value {
    json!({
        "outcome": finished.outcome.word(),
        "why": finished.outcome.why(),
        "evidence": finished.evidence,
        "elapsed_seconds": finished.progress.elapsed.as_secs_f64(),
        "recovered_seconds": finished.progress.recovered.map(|time| time.as_secs_f64()),
        "lines": finished.progress.lines,
        "undo": finished.undo.as_ref().map(|undo| super::command_line(&undo.invocation)),
        "next": finished.next.as_ref().map(|(_, next)| super::command_line(next)),
    })
}
