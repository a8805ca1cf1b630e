//! Budgets, namespaces, events, and any other kind as an outline.

use serde_json::Value;

use super::parts;
use super::sheet::Sheet;
use crate::model::Health;
use crate::sources::kubernetes::json::{list, moment, number, pairs, plain, said, word};

/// How deep an outline goes.
const DEPTH: usize = 4;

pub(super) fn budget(sheet: &mut Sheet, object: &Value) {
    let count = |key: &str| number(object, &format!("/status/{key}")).unwrap_or_default();
    let allowed = count("disruptionsAllowed");
    let health = if allowed > 0 || count("expectedPods") == 0 {
        Health::Good
    } else {
        Health::Warn
    };
    let value = if allowed == 0 && count("expectedPods") > 0 {
        "none: evictions and drains will wait".to_owned()
    } else {
        allowed.to_string()
    };
    sheet.flag("Disruptions allowed", value, health);
    sheet.fact("Least available", said(object, "/spec/minAvailable"));
    sheet.fact("Most unavailable", said(object, "/spec/maxUnavailable"));
    let (healthy, wanted) = (count("currentHealthy"), count("desiredHealthy"));
    let health = if healthy >= wanted {
        Health::Good
    } else {
        Health::Bad
    };
    sheet.flag(
        "Healthy",
        format!("{healthy} of {}, {wanted} needed", count("expectedPods")),
        health,
    );
    sheet.fact(
        "Unhealthy pods",
        word(object, "/spec/unhealthyPodEvictionPolicy"),
    );
    sheet.fact("Selector", parts::selector(object, "/spec/selector"));
}

pub(super) fn namespace(sheet: &mut Sheet, object: &Value) {
    let phase = word(object, "/status/phase");
    let health = if phase == "Active" {
        Health::Good
    } else {
        Health::Busy
    };
    sheet.flag("Status", phase, health);
}

pub(super) fn event(sheet: &mut Sheet, object: &Value) {
    let level = word(object, "/type");
    let health = if level == "Warning" {
        Health::Warn
    } else {
        Health::Good
    };
    sheet.flag("Type", level, health);
    sheet.flag("Reason", word(object, "/reason"), health);
    sheet.lines(
        "Message",
        word(object, "/message").lines().map(str::to_owned),
    );
    let object_of = |key: &str| word(object, &format!("/involvedObject/{key}")).to_owned();
    let place = [object_of("namespace"), object_of("name")];
    let place: Vec<_> = place
        .iter()
        .filter(|part| !part.is_empty())
        .map(String::as_str)
        .collect();
    sheet.fact(
        "About",
        format!("{} {}", object_of("kind"), place.join("/")),
    );
    sheet.fact("Part", object_of("fieldPath"));
    let count = number(object, "/count").or_else(|| number(object, "/series/count"));
    sheet.fact(
        "Count",
        count.map(|count| count.to_string()).unwrap_or_default(),
    );
    sheet.time(
        "First",
        moment(object, "/firstTimestamp").or_else(|| moment(object, "/eventTime")),
    );
    let last =
        moment(object, "/lastTimestamp").or_else(|| moment(object, "/series/lastObservedTime"));
    sheet.time("Last", last);
    let source = word(object, "/reportingComponent");
    let source = if source.is_empty() {
        word(object, "/source/component")
    } else {
        source
    };
    let host = word(object, "/source/host");
    sheet.fact(
        "From",
        if host.is_empty() {
            source.to_owned()
        } else {
            format!("{source} on {host}")
        },
    );
    sheet.fact("Action", word(object, "/action"));
}

/// The spec and status of a kind that is not known here, and whatever else it holds.
pub(super) fn outline(sheet: &mut Sheet, object: &Value) {
    let phase = said(object, "/status/phase");
    sheet.fact("Phase", phase);
    let known = ["apiVersion", "kind", "metadata", "spec", "status"];
    let others = pairs(object, "")
        .map(|(key, _)| key)
        .filter(|key| !known.contains(key));
    for field in ["status", "spec"].into_iter().chain(others) {
        let Some(value) = object.get(field) else {
            continue;
        };
        let mut title = field.to_owned();
        if let Some(first) = title.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        sheet.section(&title);
        if value.is_object() {
            walk(sheet, value, "", DEPTH, field == "status");
        } else {
            leaf(sheet, field, value);
        }
    }
}

fn walk(sheet: &mut Sheet, value: &Value, path: &str, depth: usize, status: bool) {
    for (key, value) in pairs(value, "") {
        // Conditions have a section of their own.
        if status && path.is_empty() && key == "conditions" {
            continue;
        }
        let path = if path.is_empty() {
            key.to_owned()
        } else {
            format!("{path}.{key}")
        };
        match value {
            Value::Object(map) if !map.is_empty() && depth > 1 => {
                walk(sheet, value, &path, depth - 1, status);
            }
            value => leaf(sheet, &path, value),
        }
    }
}

fn leaf(sheet: &mut Sheet, label: &str, value: &Value) {
    match value {
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            let lines = list(value, "").iter().take(20).map(|item| match item {
                Value::Object(map) => {
                    let parts: Vec<_> = map
                        .iter()
                        .map(|(key, value)| format!("{key}: {}", plain(value)))
                        .collect();
                    parts.join(", ")
                }
                item => plain(item),
            });
            sheet.lines(label, lines);
            if items.len() > 20 {
                sheet.fact("", format!("… {} more", items.len() - 20));
            }
        }
        Value::String(text) if text.contains('\n') => {
            sheet.lines(label, text.lines().take(20).map(str::to_owned));
        }
        value => sheet.fact(label, plain(value)),
    }
}
