//! Dashboards of Grafana as boards, as far as they map; what was left out is told.

use std::collections::BTreeMap;

use serde_json::Value;

use super::template::named;
use super::{Form, Panel, PanelQuery};
use crate::model::{Health, Unit};
use crate::ui::widgets::chart::{Bound, Threshold};

/// Panels that are taken over at most.
const MOST: usize = 200;
/// Variables that are ours.
const OURS: [&str; 3] = ["namespace", "service", "pod"];

/// What became of a dashboard.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Imported {
    pub title: String,
    pub panels: Vec<Panel>,
    /// A line for each thing that was not taken over.
    pub left_out: Vec<String>,
}

/// Reads a dashboard's JSON model, alone or as Grafana's API wraps it.
///
/// # Errors
/// Says what the text is instead, in words for the operator.
pub fn import(text: &str) -> Result<Imported, String> {
    let value: Value =
        serde_json::from_str(text).map_err(|error| format!("This is no JSON: {error}."))?;
    let model = value.get("dashboard").unwrap_or(&value);
    if model.get("panels").is_none() && model.get("rows").is_none() {
        return Err("This JSON is no dashboard of Grafana: it has no panels.".to_owned());
    }
    let mut imported = Imported {
        title: word(model, "/title").to_owned(),
        ..Imported::default()
    };
    let values = variables(model, &mut imported.left_out);
    let mut panels = Vec::new();
    collect(model, &mut panels);
    let many = panels.len();
    for panel in panels.iter().take(MOST) {
        take(panel, &values, &mut imported);
    }
    if many > MOST {
        imported
            .left_out
            .push(format!("{} panels beyond the first {MOST}", many - MOST));
    }
    for (key, what) in [
        (
            "/annotations/list",
            "annotations: marks come from the clusters themselves",
        ),
        ("/links", "links"),
    ] {
        let custom = list(model, key)
            .iter()
            .any(|item| item.get("builtIn").is_none());
        if custom {
            imported.left_out.push(what.to_owned());
        }
    }
    Ok(imported)
}

/// Panels in order, those in rows among them.
fn collect<'a>(model: &'a Value, panels: &mut Vec<&'a Value>) {
    for panel in list(model, "/panels") {
        if word(panel, "/type") == "row" {
            collect(panel, panels);
        } else {
            panels.push(panel);
        }
    }
    for row in list(model, "/rows") {
        collect(row, panels);
    }
}

/// Values for variables that are not ours: what the dashboard was saved with, else anything.
fn variables(model: &Value, left_out: &mut Vec<String>) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    for variable in list(model, "/templating/list") {
        let name = word(variable, "/name");
        let kind = word(variable, "/type");
        if OURS.contains(&name) || kind == "datasource" {
            continue;
        }
        if kind == "interval" {
            values.insert(name.to_owned(), "$__rate_interval".to_owned());
            continue;
        }
        let current = variable.pointer("/current/value");
        let value = match current {
            Some(Value::String(text)) if !matches!(text.as_str(), "$__all" | "") => text.clone(),
            Some(Value::Array(many)) => {
                let many: Vec<&str> = many
                    .iter()
                    .filter_map(Value::as_str)
                    .filter(|it| *it != "$__all")
                    .collect();
                if many.is_empty() {
                    ".*".to_owned()
                } else {
                    many.join("|")
                }
            }
            _ => ".*".to_owned(),
        };
        left_out.push(format!("the variable ${name} is fixed to \"{value}\""));
        values.insert(name.to_owned(), value);
    }
    values
}

fn take(panel: &Value, values: &BTreeMap<String, String>, imported: &mut Imported) {
    let title = match word(panel, "/title") {
        "" => "untitled",
        title => title,
    };
    let kind = word(panel, "/type");
    let form = match kind {
        "timeseries" | "graph" | "trend" | "barchart" => Form::Lines,
        "stat" | "singlestat" => Form::Stat,
        "gauge" => Form::Gauge,
        "bargauge" | "piechart" => Form::Bars,
        "table" | "table-old" => Form::Table,
        "heatmap" | "state-timeline" | "status-history" => Form::Strip,
        kind => {
            imported
                .left_out
                .push(format!("\"{title}\": panels of type {kind}"));
            return;
        }
    };
    let mut out = Panel {
        title: title.to_owned(),
        form,
        ..Panel::default()
    };
    let mut foreign = 0;
    for target in list(panel, "/targets") {
        let promql = word(target, "/expr");
        if promql.is_empty() {
            foreign += 1;
            continue;
        }
        if target.get("hide").and_then(Value::as_bool) == Some(true) {
            continue;
        }
        let legend = match word(target, "/legendFormat") {
            "__auto" => "",
            legend => legend,
        };
        out.queries.push(PanelQuery {
            promql: replace(promql, values),
            legend: legend.to_owned(),
        });
    }
    if out.queries.is_empty() {
        imported
            .left_out
            .push(format!("\"{title}\": it asks nothing of Prometheus"));
        return;
    }
    if foreign > 0 {
        imported.left_out.push(format!(
            "\"{title}\": {foreign} queries that are none of PromQL"
        ));
    }
    let unit = match word(panel, "/fieldConfig/defaults/unit") {
        "" => match word(panel, "/yaxes/0/format") {
            "" => word(panel, "/format"),
            unit => unit,
        },
        unit => unit,
    };
    out.unit = Unit::of_grafana(unit).unwrap_or_else(|| {
        imported.left_out.push(format!(
            "\"{title}\": the unit {unit}; values stand as they are"
        ));
        Unit::Number
    });
    out.thresholds = thresholds(panel, title, imported);
    for (key, what) in [
        ("/transformations", "transformations"),
        ("/fieldConfig/overrides", "overrides of single fields"),
    ] {
        if !list(panel, key).is_empty() {
            imported.left_out.push(format!("\"{title}\": {what}"));
        }
    }
    if panel.get("repeat").is_some_and(|repeat| !repeat.is_null()) {
        imported.left_out.push(format!(
            "\"{title}\": repeating for each value of a variable"
        ));
    }
    imported.panels.push(out);
}

/// Steps of colours as limits: the trouble lies above where colours grow from green to red, below where they start red.
fn thresholds(panel: &Value, title: &str, imported: &mut Imported) -> Vec<Threshold> {
    let steps = list(panel, "/fieldConfig/defaults/thresholds/steps");
    if word(panel, "/fieldConfig/defaults/thresholds/mode") == "percentage" && steps.len() > 1 {
        imported
            .left_out
            .push(format!("\"{title}\": limits in per cent of a range"));
        return Vec::new();
    }
    let health = |step: &Value| {
        let color = word(step, "/color");
        if color.contains("red") {
            Some(Health::Bad)
        } else if ["orange", "yellow"].iter().any(|name| color.contains(name)) {
            Some(Health::Warn)
        } else {
            None
        }
    };
    // Grafana gives every new panel a red step at 80; without a sign that it is meant it would paint nonsense.
    let shown = word(panel, "/fieldConfig/defaults/custom/thresholdsStyle/mode");
    let drawn =
        !matches!(shown, "" | "off") || !matches!(word(panel, "/type"), "timeseries" | "graph");
    let mut limits = Vec::new();
    for pair in steps.windows(2) {
        let [before, after] = pair else { continue };
        let Some(value) = after.get("value").and_then(Value::as_f64) else {
            continue;
        };
        let (below, above) = (health(before), health(after));
        let (bound, health) = match (below, above) {
            (None, Some(health)) => (Bound::Above, health),
            (Some(health), None) => (Bound::Below, health),
            (Some(Health::Warn), Some(Health::Bad)) => (Bound::Above, Health::Bad),
            (Some(Health::Bad), Some(Health::Warn)) => (Bound::Below, Health::Bad),
            _ => continue,
        };
        if drawn {
            limits.push(Threshold {
                value,
                bound,
                health,
            });
        }
    }
    limits
}

/// A query with the dashboard's own variables filled in.
fn replace(promql: &str, values: &BTreeMap<String, String>) -> String {
    let mut out = String::with_capacity(promql.len());
    let mut rest = promql;
    while let Some(at) = rest.find(['$', '[']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let (text, length) = match named(from) {
            Some((name, length)) => (values.get(name).map(String::as_str), length),
            None => (None, 1),
        };
        out.push_str(text.or_else(|| from.get(..length)).unwrap_or_default());
        rest = from.get(length..).unwrap_or_default();
    }
    out + rest
}

fn word<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}
