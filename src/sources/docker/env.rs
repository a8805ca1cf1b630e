//! Keeps values of environment variables off the screen: they hold passwords as often as not. Pure.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::sources::kubernetes::mask::hide;

/// Masks every `Env` in place, wherever it stands, but for the revealed names. Returns the names that are masked.
pub(super) fn mask(object: &mut Value, revealed: &BTreeSet<String>) -> BTreeSet<String> {
    let mut masked = BTreeSet::new();
    walk(object, revealed, &mut masked);
    masked
}

fn walk(value: &mut Value, revealed: &BTreeSet<String>, masked: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => {
            for item in items {
                walk(item, revealed, masked);
            }
        }
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::Array(list) if key == "Env" => {
                        for variable in list {
                            cover(variable, revealed, masked);
                        }
                    }
                    value => walk(value, revealed, masked),
                }
            }
        }
        _ => {}
    }
}

fn cover(variable: &mut Value, revealed: &BTreeSet<String>, masked: &mut BTreeSet<String>) {
    let Some((name, content)) = variable.as_str().and_then(|text| text.split_once('=')) else {
        return;
    };
    if !revealed.contains(name) && !content.is_empty() {
        masked.insert(name.to_owned());
        *variable = Value::String(format!("{name}={}", hide(content.len())));
    }
}
