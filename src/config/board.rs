//! Own boards and objectives in the configuration file: `[[board]]` with its panels, and `[[slo]]`.

use std::fmt::Write;
use std::ops::Range;
use std::path::Path;

use super::file::{Folders, path_of};
use super::read::{Located, Reader, Table, Value};
use crate::model::Unit;

/// A dashboard file larger than this is not read.
const DASHBOARD_AT_MOST: u64 = 8 << 20;
const BOARD_KEYS: &[&str] = &["name", "title", "grafana", "panel"];
const PANEL_KEYS: &[&str] = &[
    "title",
    "promql",
    "unit",
    "form",
    "legend",
    "warn_above",
    "bad_above",
    "warn_below",
    "bad_below",
];
const SLO_KEYS: &[&str] = &["name", "service", "objective", "errors", "days"];
/// Forms of panels.
pub const FORMS: &[&str] = &["lines", "stat", "gauge", "bars", "table", "strip"];

/// A board of the operator's own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BoardSettings {
    pub name: String,
    /// Empty: the dashboard's, or the name.
    pub title: String,
    /// The text of a Grafana dashboard, and the path that it was read from.
    pub grafana: Option<String>,
    pub grafana_path: Option<String>,
    pub panels: Vec<PanelSettings>,
}

/// A panel of an own board.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PanelSettings {
    pub title: String,
    pub promql: Vec<String>,
    /// A word of [`Unit::words`]; empty: a plain number.
    pub unit: String,
    /// One of [`FORMS`]; empty: lines.
    pub form: String,
    /// `{{pod}}`; empty: by labels.
    pub legend: String,
    pub warn_above: Option<f64>,
    pub bad_above: Option<f64>,
    pub warn_below: Option<f64>,
    pub bad_below: Option<f64>,
}

/// An objective.
#[derive(Clone, Debug, PartialEq)]
pub struct SloSettings {
    pub name: String,
    /// The service whose requests count; empty: all.
    pub service: String,
    /// Per cent, below 100.
    pub objective: f64,
    /// PromQL of the share of failures over `$window`; empty: counted as the golden signals are.
    pub errors: String,
    /// Days that the budget is for.
    pub days: u32,
}

impl Default for SloSettings {
    fn default() -> Self {
        Self {
            name: String::new(),
            service: String::new(),
            objective: 99.9,
            errors: String::new(),
            days: 30,
        }
    }
}

/// Reads a `[[board]]`.
pub(super) fn board(
    reader: &mut Reader<'_>,
    table: &Table<'_>,
    span: Range<usize>,
    folders: &Folders,
    others: &[BoardSettings],
) -> BoardSettings {
    let mut board = BoardSettings::default();
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "name" => {
                board.name = reader.string(value).unwrap_or_default();
                if others.iter().any(|other| other.name == board.name) {
                    let message = format!("the name \"{}\" is taken by another board", board.name);
                    reader.note(value.span(), message);
                }
            }
            "title" => board.title = reader.string(value).unwrap_or_default(),
            "grafana" => {
                if let Some(path) = reader.string(value) {
                    match dashboard(&path_of(&path, folders)) {
                        Ok(text) => board.grafana = Some(text),
                        Err(message) => reader.note(value.span(), message),
                    }
                    board.grafana_path = Some(path);
                }
            }
            "panel" => {
                for (table, span) in reader.tables("board.panel", value) {
                    let panel = panel(reader, table, span);
                    board.panels.push(panel);
                }
            }
            other => reader.unknown(key.span(), "key in [[board]]", other, BOARD_KEYS),
        }
    }
    if board.name.is_empty() || board.name.contains(char::is_whitespace) {
        let message = "a [[board]] needs a name without spaces, to be typed after :board";
        reader.note(span, message.to_owned());
    }
    board
}

fn dashboard(path: &Path) -> Result<String, String> {
    let wrong = |error: std::io::Error| format!("cannot read {}: {error}", path.display());
    let size = std::fs::metadata(path).map_err(wrong)?.len();
    if size > DASHBOARD_AT_MOST {
        let most = DASHBOARD_AT_MOST >> 20;
        return Err(format!(
            "{} is larger than {most} MiB: no dashboard is",
            path.display()
        ));
    }
    std::fs::read_to_string(path).map_err(wrong)
}

fn panel(reader: &mut Reader<'_>, table: &Table<'_>, span: Range<usize>) -> PanelSettings {
    let mut panel = PanelSettings::default();
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "title" => panel.title = reader.string(value).unwrap_or_default(),
            "promql" => {
                let queries = reader.strings(value).into_iter();
                panel.promql = queries.map(|(query, _)| query).collect();
            }
            "unit" => {
                let words: Vec<&str> = Unit::words().collect();
                panel.unit = choice(reader, value, "unit", &words);
            }
            "form" => panel.form = choice(reader, value, "form", FORMS),
            "legend" => panel.legend = reader.string(value).unwrap_or_default(),
            "warn_above" => panel.warn_above = number(reader, value),
            "bad_above" => panel.bad_above = number(reader, value),
            "warn_below" => panel.warn_below = number(reader, value),
            "bad_below" => panel.bad_below = number(reader, value),
            other => reader.unknown(key.span(), "key in [[board.panel]]", other, PANEL_KEYS),
        }
    }
    if panel.promql.iter().all(|query| query.trim().is_empty()) {
        reader.note(span, "this panel asks nothing: give promql".to_owned());
    }
    if panel.title.is_empty() {
        panel.title = panel.promql.first().cloned().unwrap_or_default();
    }
    panel
}

/// Reads an `[[slo]]`.
pub(super) fn slo(reader: &mut Reader<'_>, table: &Table<'_>, span: Range<usize>) -> SloSettings {
    let mut slo = SloSettings::default();
    let mut given = false;
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "name" => slo.name = reader.string(value).unwrap_or_default(),
            "service" => slo.service = reader.string(value).unwrap_or_default(),
            "objective" => {
                given = true;
                if let Some(objective) = number(reader, value) {
                    if objective > 0.0 && objective < 100.0 {
                        slo.objective = objective;
                    } else {
                        let message =
                            "an objective is more than 0 and less than 100 per cent, such as 99.9";
                        reader.note(value.span(), message.to_owned());
                    }
                }
            }
            "errors" => {
                slo.errors = reader.string(value).unwrap_or_default();
                if !slo.errors.contains("$window") {
                    let message = "errors counts over $window, such as sum(rate(failures_total[$window])) / …";
                    reader.note(value.span(), message.to_owned());
                }
            }
            "days" => match number(reader, value) {
                Some(days) if (1.0..=366.0).contains(&days) => slo.days = days as u32,
                Some(_) => reader.note(value.span(), "a budget is for 1 to 366 days".to_owned()),
                None => {}
            },
            other => reader.unknown(key.span(), "key in [[slo]]", other, SLO_KEYS),
        }
    }
    if !given {
        reader.note(
            span,
            "this [[slo]] promises nothing: give objective, in per cent".to_owned(),
        );
    }
    slo
}

fn choice(
    reader: &mut Reader<'_>,
    value: &Located<Value<'_>>,
    what: &str,
    words: &[&str],
) -> String {
    let word = reader.string(value).unwrap_or_default();
    if !words.contains(&word.as_str()) {
        reader.unknown(value.span(), what, &word, words);
    }
    word
}

fn number(reader: &mut Reader<'_>, value: &Located<Value<'_>>) -> Option<f64> {
    let found = match value.get_ref() {
        Value::Integer(number) => number.as_str().replace('_', "").parse().ok(),
        Value::Float(number) => number.as_str().replace('_', "").parse().ok(),
        _ => None,
    };
    let found = found.filter(|number: &f64| number.is_finite());
    if found.is_none() {
        reader.expected(value, "a number");
    }
    found
}

/// Boards and objectives as the file says them.
pub(super) fn print(text: &mut String, boards: &[BoardSettings], slos: &[SloSettings]) {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let line = |text: &mut String, key: &str, value: &str| {
        if !value.is_empty() {
            let _ = writeln!(text, "{key} = {}", quoted(value));
        }
    };
    for board in boards {
        text.push_str("\n[[board]]\n");
        line(text, "name", &board.name);
        line(text, "title", &board.title);
        line(
            text,
            "grafana",
            board.grafana_path.as_deref().unwrap_or_default(),
        );
        for panel in &board.panels {
            text.push_str("\n[[board.panel]]\n");
            line(text, "title", &panel.title);
            let queries: Vec<String> = panel.promql.iter().map(|query| quoted(query)).collect();
            let _ = writeln!(text, "promql = [{}]", queries.join(", "));
            line(text, "unit", &panel.unit);
            line(text, "form", &panel.form);
            line(text, "legend", &panel.legend);
            let limits = [
                ("warn_above", panel.warn_above),
                ("bad_above", panel.bad_above),
                ("warn_below", panel.warn_below),
                ("bad_below", panel.bad_below),
            ];
            for (key, limit) in limits {
                if let Some(limit) = limit {
                    let _ = writeln!(text, "{key} = {limit:?}");
                }
            }
        }
    }
    for slo in slos {
        text.push_str("\n[[slo]]\n");
        line(text, "name", &slo.name);
        line(text, "service", &slo.service);
        let _ = writeln!(text, "objective = {:?}", slo.objective);
        line(text, "errors", &slo.errors);
        let _ = writeln!(text, "days = {}", slo.days);
    }
}
