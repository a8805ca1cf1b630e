//! Patches: JSON Patch with tests, merge patch, and strategic merge as far as the demo's kinds need it. Pure.

use serde_json::{Map, Value};

use super::reply::Failure;

/// The patch formats by content type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Merge,
    Strategic,
    /// Server-side apply, merged as a strategic patch.
    Apply,
}

impl Format {
    pub(crate) fn of(content_type: &str) -> Option<Self> {
        match content_type.split(';').next()?.trim() {
            "application/json-patch+json" => Some(Self::Json),
            "application/merge-patch+json" => Some(Self::Merge),
            "application/strategic-merge-patch+json" => Some(Self::Strategic),
            "application/apply-patch+yaml" => Some(Self::Apply),
            _ => None,
        }
    }
}

/// The object with the patch applied.
pub(crate) fn apply(format: Format, object: &Value, patch: &Value) -> Result<Value, Failure> {
    let mut patched = object.clone();
    match format {
        Format::Json => json(&mut patched, patch)?,
        Format::Merge => merge(&mut patched, patch),
        Format::Strategic | Format::Apply => strategic(&mut patched, patch, ""),
    }
    Ok(patched)
}

/// What a real server says of a patch that does not fit, a failed test included.
fn unfit() -> Failure {
    Failure::new(
        422,
        "Invalid",
        "the server rejected our request due to an error in our request",
    )
    .with(Value::Object(Map::new()))
}

fn json(object: &mut Value, patch: &Value) -> Result<(), Failure> {
    let operations = patch.as_array().ok_or_else(|| {
        Failure::bad_request("json: cannot unmarshal object into Go value of type jsonpatch.Patch")
    })?;
    for operation in operations {
        let field = |name: &str| operation.get(name).and_then(Value::as_str);
        let path = field("path").ok_or_else(unfit)?;
        let value = || operation.get("value").cloned().unwrap_or_default();
        match field("op") {
            Some("test") => {
                let found = object.pointer(path).unwrap_or(&Value::Null);
                if *found != value() {
                    return Err(unfit());
                }
            }
            Some("add") => add(object, path, value())?,
            Some("replace") => *object.pointer_mut(path).ok_or_else(unfit)? = value(),
            Some("remove") => drop(remove(object, path)?),
            Some("move") => {
                let moved = remove(object, field("from").ok_or_else(unfit)?)?;
                add(object, path, moved)?;
            }
            Some("copy") => {
                let copied = object
                    .pointer(field("from").ok_or_else(unfit)?)
                    .cloned()
                    .ok_or_else(unfit)?;
                add(object, path, copied)?;
            }
            _ => return Err(unfit()),
        }
    }
    Ok(())
}

fn split(path: &str) -> Result<(&str, String), Failure> {
    let (parent, key) = path.rsplit_once('/').ok_or_else(unfit)?;
    Ok((parent, key.replace("~1", "/").replace("~0", "~")))
}

fn add(object: &mut Value, path: &str, value: Value) -> Result<(), Failure> {
    if path.is_empty() {
        *object = value;
        return Ok(());
    }
    let (parent, key) = split(path)?;
    match object.pointer_mut(parent) {
        Some(Value::Object(map)) => {
            map.insert(key, value);
        }
        Some(Value::Array(list)) if key == "-" => list.push(value),
        Some(Value::Array(list)) => {
            let at: usize = key.parse().map_err(|_| unfit())?;
            if at > list.len() {
                return Err(unfit());
            }
            list.insert(at, value);
        }
        _ => return Err(unfit()),
    }
    Ok(())
}

fn remove(object: &mut Value, path: &str) -> Result<Value, Failure> {
    let (parent, key) = split(path)?;
    match object.pointer_mut(parent) {
        Some(Value::Object(map)) => map.remove(&key).ok_or_else(unfit),
        Some(Value::Array(list)) => {
            let at: usize = key.parse().map_err(|_| unfit())?;
            if at < list.len() {
                Ok(list.remove(at))
            } else {
                Err(unfit())
            }
        }
        _ => Err(unfit()),
    }
}

/// RFC 7396.
fn merge(object: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        object.clone_from(patch);
        return;
    };
    if !object.is_object() {
        *object = Value::Object(Map::new());
    }
    let Some(map) = object.as_object_mut() else {
        return;
    };
    for (key, value) in patch {
        if value.is_null() {
            map.remove(key);
        } else {
            merge(map.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}

/// The field by which a list's elements are told apart; nothing for lists that are replaced.
fn list_key(field: &str) -> Option<&'static str> {
    Some(match field {
        "containers"
        | "initContainers"
        | "ephemeralContainers"
        | "volumes"
        | "env"
        | "imagePullSecrets" => "name",
        "volumeMounts" => "mountPath",
        "ports" => "containerPort",
        "ownerReferences" => "uid",
        "conditions" | "addresses" => "type",
        "taints" => "key",
        _ => return None,
    })
}

fn strategic(object: &mut Value, patch: &Value, field: &str) {
    match (patch, list_key(field)) {
        (Value::Object(patch), _) => {
            if patch.get("$patch").and_then(Value::as_str) == Some("replace") || !object.is_object()
            {
                *object = Value::Object(Map::new());
            }
            let Some(map) = object.as_object_mut() else {
                return;
            };
            for (key, value) in patch.iter().filter(|(key, _)| !key.starts_with('$')) {
                if value.is_null() {
                    map.remove(key);
                } else {
                    strategic(map.entry(key.clone()).or_insert(Value::Null), value, key);
                }
            }
        }
        (Value::Array(items), Some(key)) if object.is_array() => {
            let Some(list) = object.as_array_mut() else {
                return;
            };
            if items
                .iter()
                .any(|i| i.get("$patch").and_then(Value::as_str) == Some("replace"))
            {
                list.clear();
            }
            for item in items {
                let found = list.iter().position(|old| old.get(key) == item.get(key));
                match (item.get("$patch").and_then(Value::as_str), found) {
                    (Some("delete"), Some(at)) => drop(list.remove(at)),
                    (Some(_), _) => {}
                    (None, Some(at)) => {
                        if let Some(old) = list.get_mut(at) {
                            strategic(old, item, "");
                        }
                    }
                    (None, None) => list.push(item.clone()),
                }
            }
        }
        _ => object.clone_from(patch),
    }
}
