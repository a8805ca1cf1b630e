//! Pod templates: what of them counts, their images, and how two of them differ. Pure.

use serde_json::Value;

use crate::actions::facts::{list, text};
use crate::actions::plan::FieldChange;
use crate::model::Text;

/// Marks that change with every restart and say nothing about what runs.
const RESTARTED: [&str; 2] = [
    "kubectl.kubernetes.io/restartedAt",
    "kube.kubernetes.io/restartedAt",
];
/// Put there by the controller, one a ReplicaSet.
const HASH: &str = "pod-template-hash";
/// More lines of a difference than this are not read by anybody.
const LINES_AT_MOST: usize = 400;

/// The template that a ReplicaSet or a ControllerRevision keeps.
pub fn of_revision(revision: &Value) -> &Value {
    revision
        .pointer("/data/spec/template")
        .or_else(|| revision.pointer("/spec/template"))
        .unwrap_or(&Value::Null)
}

/// All containers of a template, init containers first.
pub fn containers(template: &Value) -> impl Iterator<Item = &Value> {
    list(template, "/spec/initContainers")
        .iter()
        .chain(list(template, "/spec/containers"))
}

/// A template as it can be set: without the controller's hash and without patch directives.
pub fn settable(template: &Value) -> Value {
    let mut template = template.clone();
    remove(&mut template, "/metadata/labels", HASH);
    if let Some(map) = template.as_object_mut() {
        map.remove("$patch");
    }
    template
}

/// A template without all that changes while the same thing runs, for comparing.
pub fn normal(template: &Value) -> Value {
    let mut template = settable(template);
    for mark in RESTARTED {
        remove(&mut template, "/metadata/annotations", mark);
    }
    remove_null(&mut template, "/metadata/creationTimestamp");
    for part in ["/metadata/annotations", "/metadata/labels"] {
        let empty = template
            .pointer(part)
            .is_some_and(|value| value.as_object().is_none_or(serde_json::Map::is_empty));
        if empty {
            let (parent, key) = part.rsplit_once('/').unwrap_or_default();
            remove(&mut template, parent, key);
        }
    }
    template
}

/// When a template was restarted by hand, as its mark says.
pub fn restarted(template: &Value) -> Option<&str> {
    let annotations = template.pointer("/metadata/annotations")?;
    RESTARTED
        .iter()
        .find_map(|mark| annotations.get(*mark)?.as_str())
}

/// The images of a template, in order and without repetition.
pub fn images(template: &Value) -> Vec<&str> {
    let mut images: Vec<&str> = Vec::new();
    for container in list(template, "/spec/containers") {
        let image = text(container, "/image");
        if !images.contains(&image) {
            images.push(image);
        }
    }
    images
}

/// Whether an image may be another one tomorrow: no digest, and no tag or `latest`.
pub fn is_mutable(image: &str) -> bool {
    if image.contains('@') {
        return false;
    }
    let name = image.rsplit('/').next().unwrap_or(image);
    name.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}

/// What differs, field by field; lists of named things are compared by name.
pub fn changes(before: &Value, after: &Value) -> Vec<FieldChange> {
    let mut found = Vec::new();
    compare("", before, after, &mut found);
    found
}

fn compare(path: &str, before: &Value, after: &Value, found: &mut Vec<FieldChange>) {
    if before == after || found.len() >= LINES_AT_MOST {
        return;
    }
    let below = |key: &str| {
        if path.is_empty() {
            key.to_owned()
        } else {
            format!("{path}.{key}")
        }
    };
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => {
            let mut keys: Vec<&String> = old.keys().chain(new.keys()).collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                let at = |map: &serde_json::Map<String, Value>| {
                    map.get(key).cloned().unwrap_or_default()
                };
                compare(&below(key), &at(old), &at(new), found);
            }
        }
        (Value::Array(old), Value::Array(new)) if named(old) && named(new) => {
            let name = |item: &Value| text(item, "/name").to_owned();
            let mut names: Vec<String> = old.iter().chain(new).map(name).collect();
            names.sort();
            names.dedup();
            for wanted in names {
                let find = |items: &[Value]| {
                    let item = items.iter().find(|item| name(item) == wanted);
                    item.cloned().unwrap_or_default()
                };
                compare(&format!("{path}[{wanted}]"), &find(old), &find(new), found);
            }
        }
        _ => {
            let path = path.trim_start_matches("spec.");
            let mut change = FieldChange::new(path, &words(before), &words(after));
            change.private = path.contains(".env[");
            found.push(change);
        }
    }
}

fn named(items: &[Value]) -> bool {
    items.iter().all(|item| item.get("name").is_some())
}

fn words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A difference as lines: `-`, `+` or a space first.
pub fn diff(before: &Value, after: &Value) -> Vec<Text> {
    let text = |value: &Value| serde_saphyr::to_string(value).unwrap_or_default();
    let (before, after) = (text(before), text(after));
    let diff = similar::TextDiff::from_lines(before.as_str(), after.as_str());
    let mut lines = Vec::new();
    for group in diff.grouped_ops(2) {
        for op in group {
            for change in diff.iter_changes(&op) {
                let sign = match change.tag() {
                    similar::ChangeTag::Delete => '-',
                    similar::ChangeTag::Insert => '+',
                    similar::ChangeTag::Equal => ' ',
                };
                lines.push(Text::from(format!("{sign}{}", change.value().trim_end())));
            }
        }
    }
    lines.truncate(LINES_AT_MOST);
    lines
}

fn remove(value: &mut Value, parent: &str, key: &str) {
    if let Some(map) = value.pointer_mut(parent).and_then(Value::as_object_mut) {
        map.remove(key);
    }
}

fn remove_null(value: &mut Value, pointer: &str) {
    if value.pointer(pointer) == Some(&Value::Null) {
        let (parent, key) = pointer.rsplit_once('/').unwrap_or_default();
        remove(value, parent, key);
    }
}
