//! Label and field selectors: parsed once a request, asked for each object.

use serde_json::Value;

use super::super::world::item::Item;

/// One requirement on the labels.
#[derive(Debug, Clone, PartialEq)]
enum Label {
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
    Exists(String),
    Missing(String),
}

/// What an object must be to appear in an answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selection {
    pub(crate) namespace: Option<String>,
    labels: Vec<Label>,
    /// Path, whether it must be equal, text.
    fields: Vec<(String, bool, String)>,
}

/// The fields that may be selected by, beside those of the metadata.
const FIELDS: &[&str] = &[
    "metadata.name",
    "metadata.namespace",
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "spec.unschedulable",
    "status.phase",
    "status.podIP",
    "status.successful",
    "status.nominatedNodeName",
    "involvedObject.kind",
    "involvedObject.namespace",
    "involvedObject.name",
    "involvedObject.uid",
    "involvedObject.apiVersion",
    "involvedObject.resourceVersion",
    "involvedObject.fieldPath",
    "reason",
    "reportingComponent",
    "source",
    "type",
];

impl Selection {
    /// Reads the selectors of a request; the error is what the server says of a bad one.
    pub(crate) fn parse(
        namespace: Option<String>,
        labels: Option<&str>,
        fields: Option<&str>,
    ) -> Result<Self, String> {
        Ok(Self {
            namespace,
            labels: labels.map_or(Ok(Vec::new()), parse_labels)?,
            fields: fields.map_or(Ok(Vec::new()), parse_fields)?,
        })
    }

    /// Whether anything but the namespace narrows the answer.
    pub(crate) fn narrows(&self) -> bool {
        !self.labels.is_empty() || !self.fields.is_empty()
    }

    pub(crate) fn matches(&self, item: &Item) -> bool {
        if let Some(namespace) = &self.namespace
            && item.namespace() != namespace.as_str()
        {
            return false;
        }
        self.fields
            .iter()
            .all(|(path, equal, text)| (item.field(path) == *text) == *equal)
            && (self.labels.is_empty() || self.matches_labels(&item.labels()))
    }

    fn matches_labels(&self, labels: &Value) -> bool {
        let value = |key: &str| labels.get(key).and_then(Value::as_str);
        self.labels.iter().all(|label| match label {
            Label::In(key, any) => value(key).is_some_and(|v| any.iter().any(|a| a == v)),
            Label::NotIn(key, none) => value(key).is_none_or(|v| none.iter().all(|n| n != v)),
            Label::Exists(key) => value(key).is_some(),
            Label::Missing(key) => value(key).is_none(),
        })
    }
}

/// Whether labels match a `LabelSelector` object: `matchLabels` and `matchExpressions`.
pub(crate) fn selector_matches(selector: &Value, labels: &Value) -> bool {
    let value = |key: &str| labels.get(key).and_then(Value::as_str);
    let equal = selector
        .get("matchLabels")
        .and_then(Value::as_object)
        .is_none_or(|all| all.iter().all(|(k, v)| value(k) == v.as_str()));
    let set = selector
        .get("matchExpressions")
        .and_then(Value::as_array)
        .is_none_or(|all| {
            all.iter().all(|one| {
                let found = value(one.get("key").and_then(Value::as_str).unwrap_or_default());
                let listed = |v: &str| {
                    one.get("values")
                        .and_then(Value::as_array)
                        .is_some_and(|vs| vs.iter().any(|x| x.as_str() == Some(v)))
                };
                match one.get("operator").and_then(Value::as_str) {
                    Some("In") => found.is_some_and(listed),
                    Some("NotIn") => !found.is_some_and(listed),
                    Some("Exists") => found.is_some(),
                    Some("DoesNotExist") => found.is_none(),
                    _ => false,
                }
            })
        });
    equal && set
}

fn parse_labels(text: &str) -> Result<Vec<Label>, String> {
    split(text).into_iter().map(|part| label(&part)).collect()
}

/// Splits at commas outside of parentheses.
fn split(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut deep = false;
    for c in text.chars() {
        match c {
            '(' => deep = true,
            ')' => deep = false,
            ',' if !deep => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts.retain(|p| !p.trim().is_empty());
    parts
}

fn label(part: &str) -> Result<Label, String> {
    let part = part.trim();
    let bad =
        || format!("unable to parse requirement: found '{part}', expected: ',' or 'end of string'");
    let owned = |text: &str| text.trim().to_owned();
    if let Some((head, values)) = part.split_once('(') {
        let values: Vec<String> = values.trim_end_matches(')').split(',').map(owned).collect();
        let mut words = head.split_whitespace();
        return match (words.next(), words.next(), words.next()) {
            (Some(key), Some("in"), None) => Ok(Label::In(owned(key), values)),
            (Some(key), Some("notin"), None) => Ok(Label::NotIn(owned(key), values)),
            _ => Err(bad()),
        };
    }
    if let Some((key, value)) = part.split_once("!=") {
        return Ok(Label::NotIn(owned(key), vec![owned(value)]));
    }
    if let Some((key, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
        return Ok(Label::In(owned(key), vec![owned(value)]));
    }
    if part.split_whitespace().count() != 1 {
        return Err(bad());
    }
    Ok(match part.strip_prefix('!') {
        Some(key) => Label::Missing(owned(key)),
        None => Label::Exists(owned(part)),
    })
}

fn parse_fields(text: &str) -> Result<Vec<(String, bool, String)>, String> {
    text.split(',')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (path, equal, value) = if let Some((path, value)) = part.split_once("!=") {
                (path, false, value)
            } else if let Some((path, value)) =
                part.split_once("==").or_else(|| part.split_once('='))
            {
                (path, true, value)
            } else {
                return Err(format!(
                    "invalid field selector: '{text}'; can't understand '{part}'"
                ));
            };
            if FIELDS.contains(&path) {
                Ok((path.to_owned(), equal, value.to_owned()))
            } else {
                Err(format!("field label not supported: {path}"))
            }
        })
        .collect()
}
