//! What an object refers to: its pods, its controller, and what its template mounts or reads. Pure.

use std::collections::BTreeSet;

use serde_json::Value;

use super::template;
use crate::actions::facts::{list, text};
use crate::model::Kind;

/// More than this are not looked up.
const LOOKED_UP_AT_MOST: usize = 32;

/// Something that a template needs in its namespace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// `ConfigMap`
    pub kind: &'static str,
    pub plural: &'static str,
    pub name: String,
}

/// A label selector as a query has it; none for one that chooses nothing.
pub fn selector(selector: &Value) -> Option<String> {
    let mut parts = Vec::new();
    let labels = selector.get("matchLabels").and_then(Value::as_object);
    for (key, value) in labels.into_iter().flatten() {
        parts.push(format!("{key}={}", value.as_str().unwrap_or_default()));
    }
    for expression in list(selector, "/matchExpressions") {
        let key = text(expression, "/key");
        let values: Vec<&str> = list(expression, "/values")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        let values = values.join(",");
        parts.push(match text(expression, "/operator") {
            "In" => format!("{key} in ({values})"),
            "NotIn" => format!("{key} notin ({values})"),
            "Exists" => key.to_owned(),
            _ => format!("!{key}"),
        });
    }
    (!parts.is_empty()).then(|| parts.join(","))
}

/// Whether a selector of an object chooses these labels. An empty one chooses nothing.
pub fn chooses(selector: &Value, labels: &Value) -> bool {
    let pairs = selector.get("matchLabels").and_then(Value::as_object);
    let expressions = list(selector, "/matchExpressions");
    if pairs.is_none_or(serde_json::Map::is_empty) && expressions.is_empty() {
        return false;
    }
    let label = |key: &str| labels.get(key).and_then(Value::as_str);
    pairs
        .into_iter()
        .flatten()
        .all(|(key, value)| label(key) == value.as_str())
        && expressions.iter().all(|expression| {
            let found = label(text(expression, "/key"));
            let listed = list(expression, "/values")
                .iter()
                .any(|value| found.is_some() && value.as_str() == found);
            match text(expression, "/operator") {
                "In" => listed,
                "NotIn" => !listed,
                "Exists" => found.is_some(),
                _ => found.is_none(),
            }
        })
}

/// The path of an object's controller.
pub fn controller(object: &Value, namespace: &str) -> Option<String> {
    let owner = controller_of(object)?;
    let kind = Kind::find(text(owner, "/kind"))?;
    Some(format!("{}/{}", kind.path(namespace), text(owner, "/name")))
}

/// The owner reference of an object's controller.
pub fn controller_of(object: &Value) -> Option<&Value> {
    list(object, "/metadata/ownerReferences")
        .iter()
        .find(|owner| owner.get("controller") == Some(&Value::Bool(true)))
}

/// Whether an object is controlled by the one with this uid.
pub fn owned_by(object: &Value, uid: &str) -> bool {
    controller_of(object).is_some_and(|owner| text(owner, "/uid") == uid)
}

/// What a pod template needs to be there, optional references left out.
pub fn of_template(template: &Value) -> BTreeSet<Reference> {
    let mut found = BTreeSet::new();
    let spec = template.get("spec").unwrap_or(&Value::Null);
    let mut add = |kind: &'static str, plural: &'static str, name: &str, optional: bool| {
        if !name.is_empty() && !optional {
            found.insert(Reference {
                kind,
                plural,
                name: name.to_owned(),
            });
        }
    };
    let optional = |value: &Value| value.get("optional") == Some(&Value::Bool(true));
    let mut source = |value: &Value, map_name: &str, secret_name: &str| {
        if let Some(map) = value
            .get("configMap")
            .or_else(|| value.get("configMapRef"))
            .or_else(|| value.get("configMapKeyRef"))
        {
            add(
                "ConfigMap",
                "configmaps",
                text(map, map_name),
                optional(map),
            );
        }
        if let Some(secret) = value
            .get("secret")
            .or_else(|| value.get("secretRef"))
            .or_else(|| value.get("secretKeyRef"))
        {
            add(
                "Secret",
                "secrets",
                text(secret, secret_name),
                optional(secret),
            );
        }
    };
    for volume in list(spec, "/volumes") {
        source(volume, "/name", "/secretName");
        for projected in list(volume, "/projected/sources") {
            source(projected, "/name", "/name");
        }
    }
    for container in template::containers(template) {
        for env in list(container, "/env") {
            source(
                env.get("valueFrom").unwrap_or(&Value::Null),
                "/name",
                "/name",
            );
        }
        for from in list(container, "/envFrom") {
            source(from, "/name", "/name");
        }
    }
    for volume in list(spec, "/volumes") {
        let claim = text(volume, "/persistentVolumeClaim/claimName");
        add(
            "PersistentVolumeClaim",
            "persistentvolumeclaims",
            claim,
            false,
        );
    }
    for secret in list(spec, "/imagePullSecrets") {
        add("Secret", "secrets", text(secret, "/name"), false);
    }
    add(
        "ServiceAccount",
        "serviceaccounts",
        text(spec, "/serviceAccountName"),
        false,
    );
    found
}

/// What revisions need and the present template does not: that is what may be gone by now.
pub fn missing_now(object: &Value, revisions: &[Value]) -> Vec<Reference> {
    let present = of_template(object.pointer("/spec/template").unwrap_or(&Value::Null));
    let mut wanted = BTreeSet::new();
    for revision in revisions {
        wanted.extend(of_template(template::of_revision(revision)));
    }
    let mut missing: Vec<Reference> = wanted.difference(&present).cloned().collect();
    missing.truncate(LOOKED_UP_AT_MOST);
    missing
}
