//! Reading objects whose shape is not certain: what is missing or of another type is empty.

use serde_json::Value;

use crate::model::{Labels, Moment, Name};

/// The text at a JSON pointer; empty if there is none.
pub(in crate::sources) fn word<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// The whole number at a pointer.
pub(in crate::sources) fn number(value: &Value, pointer: &str) -> Option<i64> {
    value.pointer(pointer).and_then(Value::as_i64)
}

/// Whether there is a `true` at a pointer.
pub(in crate::sources) fn yes(value: &Value, pointer: &str) -> bool {
    value.pointer(pointer).and_then(Value::as_bool) == Some(true)
}

/// The items of the list at a pointer.
pub(in crate::sources) fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// The texts of the list at a pointer.
pub(in crate::sources) fn words(value: &Value, pointer: &str) -> Vec<String> {
    list(value, pointer)
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// The entries of the object at a pointer.
pub(in crate::sources) fn pairs<'a>(
    value: &'a Value,
    pointer: &str,
) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let object = value.pointer(pointer).and_then(Value::as_object);
    object
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.as_str(), value))
}

/// The time at a pointer.
pub(in crate::sources) fn moment(value: &Value, pointer: &str) -> Option<Moment> {
    Moment::parse(word(value, pointer))
}

/// A value as a person writes it: text as it is, lists joined, objects as JSON.
pub(in crate::sources) fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items)
            if items
                .iter()
                .all(|item| !item.is_object() && !item.is_array()) =>
        {
            items.iter().map(plain).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

/// The text at a pointer, whatever its type; empty if there is none.
pub(in crate::sources) fn said(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).map(plain).unwrap_or_default()
}

/// The labels at a pointer.
pub(in crate::sources) fn labels(value: &Value, pointer: &str) -> Labels {
    Labels::new(
        pairs(value, pointer)
            .map(|(key, value)| {
                (
                    Name::new(key),
                    Name::new(value.as_str().unwrap_or_default()),
                )
            })
            .collect(),
    )
}
