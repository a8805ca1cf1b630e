//! `managedFields`: who last wrote which part of an object, kept as the real server keeps it, so that clients can tell who
//! changed what.

use serde_json::{Map, Value, json};

use super::item::{list, set, text};

/// Who writes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Writer<'a> {
    pub(crate) manager: &'a str,
    /// `Update` or `Apply`.
    pub(crate) operation: &'a str,
    pub(crate) subresource: &'a str,
    pub(crate) api_version: &'a str,
}

/// Notes in `object` that the writer made it from `old`.
pub(crate) fn record(old: Option<&Value>, object: &mut Value, writer: Writer<'_>, now: &str) {
    let mut fields = Map::new();
    for part in ["metadata", "spec", "data", "status"] {
        let before = old.and_then(|o| o.get(part)).unwrap_or(&Value::Null);
        let after = object.get(part).unwrap_or(&Value::Null);
        if let Some(changed) = changed(before, after, part == "metadata") {
            fields.insert(format!("f:{part}"), changed);
        }
    }
    if fields.is_empty() {
        return;
    }
    let fields = Value::Object(fields);
    let mine = |e: &Value| {
        text(e, "/manager") == writer.manager
            && text(e, "/operation") == writer.operation
            && text(e, "/subresource") == writer.subresource
    };
    let mut entries = list(object, "/metadata/managedFields").to_vec();
    for entry in entries.iter_mut().filter(|e| !mine(e)) {
        if let Some(theirs) = entry.get_mut("fieldsV1") {
            subtract(theirs, &fields);
        }
    }
    entries.retain(|e| {
        mine(e)
            || e.get("fieldsV1")
                .and_then(Value::as_object)
                .is_some_and(|f| !f.is_empty())
    });
    if let Some(entry) = entries.iter_mut().find(|e| mine(e)) {
        set(entry, "/time", now);
        if let Some(own) = entry.get_mut("fieldsV1") {
            unite(own, &fields);
        }
    } else {
        let mut entry = json!({"manager": writer.manager, "operation": writer.operation, "apiVersion": writer.api_version, "time": now,
            "fieldsType": "FieldsV1", "fieldsV1": fields});
        if !writer.subresource.is_empty() {
            set(&mut entry, "/subresource", writer.subresource);
        }
        entries.push(entry);
    }
    set(object, "/metadata/managedFields", entries);
}

/// The parts that differ, as a field set; nothing when all is equal.
fn changed(before: &Value, after: &Value, metadata: bool) -> Option<Value> {
    if before == after {
        return None;
    }
    match after {
        Value::Object(map) => {
            let mut fields = Map::new();
            for (key, value) in map {
                let served = [
                    "managedFields",
                    "resourceVersion",
                    "uid",
                    "generation",
                    "creationTimestamp",
                    "name",
                    "namespace",
                ];
                if metadata && served.contains(&key.as_str()) {
                    continue;
                }
                if let Some(inner) = changed(before.get(key).unwrap_or(&Value::Null), value, false)
                {
                    fields.insert(format!("f:{key}"), inner);
                }
            }
            (!fields.is_empty() || (!metadata && map.is_empty())).then_some(Value::Object(fields))
        }
        Value::Array(items)
            if items.iter().all(|i| i.get("name").is_some()) && !items.is_empty() =>
        {
            let mut fields = Map::new();
            for item in items {
                let name = item.get("name").unwrap_or(&Value::Null);
                let old = before
                    .as_array()
                    .and_then(|b| b.iter().find(|o| o.get("name") == Some(name)));
                if let Some(inner) = changed(old.unwrap_or(&Value::Null), item, false) {
                    fields.insert(format!("k:{{\"name\":{name}}}"), inner);
                }
            }
            (!fields.is_empty()).then_some(Value::Object(fields))
        }
        _ => Some(json!({})),
    }
}

fn subtract(from: &mut Value, fields: &Value) {
    let (Some(map), Some(fields)) = (from.as_object_mut(), fields.as_object()) else {
        return;
    };
    for (key, inner) in fields {
        let leaf = inner.as_object().is_none_or(Map::is_empty);
        if leaf {
            map.remove(key);
        } else if let Some(own) = map.get_mut(key) {
            subtract(own, inner);
            if own.as_object().is_some_and(Map::is_empty) {
                map.remove(key);
            }
        }
    }
}

fn unite(into: &mut Value, fields: &Value) {
    let (Some(map), Some(fields)) = (into.as_object_mut(), fields.as_object()) else {
        return;
    };
    for (key, inner) in fields {
        unite(map.entry(key.clone()).or_insert_with(|| json!({})), inner);
    }
}
