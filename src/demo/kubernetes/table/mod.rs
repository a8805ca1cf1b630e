//! Server-side tables: what `kubectl get` prints, made of columns and cells.
//!
//! `columns.txt` holds the columns of the real server's built-in kinds, word for word; custom resources take theirs from their
//! definition.

mod cells;
mod controllers;
mod pods;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::list::{partial, rows};
use super::reply::Stream;
use super::route::Query;
use crate::demo::world::Snapshot;
use crate::demo::world::item::{list, text};
use crate::demo::world::resource::Resource;

/// How much of its object a row carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Include {
    None,
    Metadata,
    Object,
}

impl Include {
    pub(crate) fn of(query: &Query) -> Self {
        match query.get("includeObject") {
            Some("None") => Self::None,
            Some("Object") => Self::Object,
            _ => Self::Metadata,
        }
    }
}

/// How one kind is printed.
pub(crate) struct Printer {
    resource: &'static Resource,
    definitions: Value,
    /// The JSON paths of a custom resource's columns, after the name; dates are marked.
    paths: Vec<(String, bool)>,
}

static COLUMNS: LazyLock<HashMap<&'static str, Value>> = LazyLock::new(|| {
    let mut kinds: HashMap<&str, Vec<Value>> = HashMap::new();
    let mut kind = "";
    for line in include_str!("../columns.txt").lines() {
        if let Some(name) = line.strip_prefix("# ") {
            kind = name;
        } else if let [name, of, format, priority, description] =
            line.splitn(5, '|').collect::<Vec<_>>().as_slice()
        {
            kinds.entry(kind).or_default().push(column(
                name,
                of,
                format,
                &description.replace("\\n", "\n"),
                priority.parse().unwrap_or(0),
            ));
        }
    }
    kinds
        .into_iter()
        .map(|(kind, columns)| (kind, columns.into()))
        .collect()
});

fn column(name: &str, of: &str, format: &str, description: &str, priority: i64) -> Value {
    json!({"name": name, "type": of, "format": format, "description": description, "priority": priority})
}

impl Printer {
    /// The printer of a kind; `definition` is that of a custom resource.
    pub(crate) fn new(resource: &'static Resource, definition: Option<&Value>) -> Self {
        if let Some(built_in) = COLUMNS
            .get(resource.plural)
            .filter(|_| !resource.message.is_empty())
        {
            return Self {
                resource,
                definitions: built_in.clone(),
                paths: Vec::new(),
            };
        }
        let mut definitions = vec![column(
            "Name",
            "string",
            "name",
            "Name must be unique within a namespace.",
            0,
        )];
        let mut paths = Vec::new();
        let declared = definition.map_or(&[] as &[Value], |d| {
            list(d, "/spec/versions/0/additionalPrinterColumns")
        });
        for one in declared {
            let priority = one.get("priority").and_then(Value::as_i64).unwrap_or(0);
            let of = text(one, "/type");
            definitions.push(column(
                text(one, "/name"),
                of,
                text(one, "/format"),
                text(one, "/description"),
                priority,
            ));
            paths.push((text(one, "/jsonPath").to_owned(), of == "date"));
        }
        if declared.is_empty() {
            definitions.push(column(
                "Age",
                "date",
                "",
                "CreationTimestamp of the object.",
                0,
            ));
            paths.push((".metadata.creationTimestamp".to_owned(), true));
        }
        Self {
            resource,
            definitions: definitions.into(),
            paths,
        }
    }

    fn row(&self, object: &Value, include: Include, now: Timestamp) -> Value {
        let cells = if self.resource.message.is_empty() {
            std::iter::once(text(object, "/metadata/name").into())
                .chain(
                    self.paths
                        .iter()
                        .map(|(path, date)| custom(object, path, *date, now)),
                )
                .collect()
        } else {
            cells::cells(self.resource, object, now)
        };
        let carried = match include {
            Include::None => Value::Null,
            Include::Metadata => partial(object, self.resource),
            Include::Object => named(self.resource, object),
        };
        json!({"cells": cells, "object": carried})
    }

    /// A table of one object, as watches and single reads send it; only a watch's first event has the columns.
    pub(crate) fn single(
        &self,
        object: &Value,
        include: Include,
        with_columns: bool,
        now: Timestamp,
    ) -> Value {
        let definitions = if with_columns {
            self.definitions.clone()
        } else {
            Value::Null
        };
        json!({"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {"resourceVersion": text(object, "/metadata/resourceVersion")},
            "columnDefinitions": definitions, "rows": [self.row(object, include, now)]})
    }

    /// Sends a table of a snapshot's objects.
    pub(crate) async fn send(
        &self,
        snapshot: &Arc<Snapshot>,
        indexes: &[u32],
        metadata: &Value,
        include: Include,
        now: Timestamp,
        tx: &Stream,
    ) {
        let head = format!(
            r#"{{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{metadata},"columnDefinitions":{},"rows":["#,
            self.definitions
        );
        let plain = ["customresourcedefinitions", "limitranges"].contains(&self.resource.plural);
        if indexes.is_empty() && plain {
            // kinds without a printer of their own have no list of rows at all when they are empty
            let table = json!({"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata, "columnDefinitions": self.definitions, "rows": null});
            let _closed = tx.send(Ok(table.to_string().into())).await;
            return;
        }
        let items = indexes.iter().map(|index| snapshot.item(*index as usize));
        rows(head.into_bytes(), items, tx, |item, out| {
            out.extend_from_slice(self.row(&item.value(), include, now).to_string().as_bytes());
        })
        .await;
    }
}

/// An object with its type.
pub(crate) fn named(resource: &Resource, object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(map) = object.as_object_mut() {
        map.insert("kind".into(), resource.kind.into());
        map.insert("apiVersion".into(), resource.api_version().into());
    }
    object
}

fn custom(object: &Value, path: &str, date: bool, now: Timestamp) -> Value {
    match lookup(object, path) {
        Value::String(at) if date => cells::since(&at, now).into(),
        other => other,
    }
}

/// The value at a path such as `.status.conditions[?(@.type=="Ready")].status`; null when there is none.
fn lookup(object: &Value, path: &str) -> Value {
    if let Some((array, rest)) = path.split_once("[?(@.")
        && let Some((key, rest)) = rest.split_once("==\"")
        && let Some((wanted, after)) = rest.split_once("\")]")
    {
        let found = list(object, &array.replace('.', "/"))
            .iter()
            .find(|one| text(one, &format!("/{key}")) == wanted);
        return found.map_or(Value::Null, |one| lookup(one, after));
    }
    object
        .pointer(&path.replace('.', "/"))
        .cloned()
        .unwrap_or_default()
}
