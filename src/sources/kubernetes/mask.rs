//! Keeps secret values off the screen: in a Secret's data and in every annotation that repeats it. Pure.

use std::collections::BTreeSet;

use base64::Engine;
use serde_json::{Map, Value};

/// Masks the values of a Secret in place, but for the revealed keys, which are decoded. Returns the keys that are
/// masked. Other kinds stay as they are.
pub fn mask(object: &mut Value, revealed: &BTreeSet<String>) -> Vec<String> {
    let core = object.get("apiVersion").and_then(Value::as_str) == Some("v1");
    if !core || object.get("kind").and_then(Value::as_str) != Some("Secret") {
        return Vec::new();
    }
    let values = values(object);
    annotations(object, &values);
    let mut masked = BTreeSet::new();
    for (field, encoded) in [("data", true), ("stringData", false)] {
        let Some(data) = object.get_mut(field).and_then(Value::as_object_mut) else {
            continue;
        };
        for (key, value) in data {
            let text = value.as_str().unwrap_or_default();
            let bytes = if encoded {
                decode(text)
            } else {
                Some(text.as_bytes().to_vec())
            };
            *value = Value::String(if revealed.contains(key) {
                show(text, bytes)
            } else {
                masked.insert(key.clone());
                hide(bytes.map_or(text.len(), |bytes| bytes.len()))
            });
        }
    }
    masked.into_iter().collect()
}

/// What stands for a value of so many bytes.
pub fn hide(bytes: usize) -> String {
    format!(
        "•••••••• ({bytes} byte{})",
        if bytes == 1 { "" } else { "s" }
    )
}

fn decode(text: &str) -> Option<Vec<u8>> {
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

/// A revealed value: its text, or what it was where it is no text.
fn show(raw: &str, bytes: Option<Vec<u8>>) -> String {
    let Some(bytes) = bytes else {
        return raw.to_owned();
    };
    let count = bytes.len();
    String::from_utf8(bytes)
        .unwrap_or_else(|_| format!("{raw} (base64 of {count} bytes that are no text)"))
}

/// The values as they could stand elsewhere: encoded and decoded. Short ones would be found by chance.
fn values(object: &Value) -> Vec<String> {
    let mut values = Vec::new();
    for field in ["data", "stringData"] {
        let data = object.get(field).and_then(Value::as_object);
        for text in data
            .into_iter()
            .flat_map(Map::values)
            .filter_map(Value::as_str)
        {
            values.push(text.to_owned());
            values.extend(decode(text).and_then(|bytes| String::from_utf8(bytes).ok()));
        }
    }
    values.retain(|value| value.len() >= 4);
    values
}

/// Masks annotations that hold the manifest, as `kubectl apply` and others leave it, or any of the values.
fn annotations(object: &mut Value, values: &[String]) {
    let annotations = object
        .pointer_mut("/metadata/annotations")
        .and_then(Value::as_object_mut);
    for value in annotations.into_iter().flat_map(Map::values_mut) {
        let Some(text) = value.as_str() else {
            continue;
        };
        let mut cleaned = text.to_owned();
        if let Ok(mut manifest @ Value::Object(_)) = serde_json::from_str::<Value>(text) {
            for field in ["data", "stringData"] {
                let data = manifest.get_mut(field).and_then(Value::as_object_mut);
                for (_, value) in data.into_iter().flatten() {
                    let text = value.as_str().unwrap_or_default();
                    let count = decode(text).map_or(text.len(), |bytes| bytes.len());
                    *value = Value::String(hide(count));
                }
            }
            cleaned = manifest.to_string();
            if text.ends_with('\n') {
                cleaned.push('\n');
            }
        } else if text.contains("\"data\"") || text.contains("\"stringData\"") {
            cleaned = hide(text.len());
        }
        if values
            .iter()
            .any(|secret| cleaned.contains(secret.as_str()))
        {
            cleaned = hide(text.len());
        }
        *value = Value::String(cleaned);
    }
}
