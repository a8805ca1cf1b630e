//! Server-side tables: what `kubectl get` prints, made of columns and cells.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::reply::Stream;
use super::route::Query;
use crate::demo::world::Snapshot;
use crate::demo::world::item::text;
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

/// Sends a table of a snapshot's objects.
pub(crate) async fn send(
    resource: &'static Resource,
    snapshot: &Arc<Snapshot>,
    indexes: &[u32],
    metadata: &Value,
    include: Include,
    now: Timestamp,
    tx: &Stream,
) {
    let head = format!(
        r#"{{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{metadata},"columnDefinitions":{},"rows":["#,
        columns(resource)
    );
    let items = indexes.iter().map(|index| snapshot.item(*index as usize));
    super::list::rows(head.into_bytes(), items, tx, |item, out| {
        out.extend_from_slice(
            row(resource, &item.value(), include, now)
                .to_string()
                .as_bytes(),
        );
    })
    .await;
    let _ = Bytes::new();
}

/// A table of one object, as watches and single reads send it.
pub(crate) fn single(
    resource: &Resource,
    object: &Value,
    include: Include,
    with_columns: bool,
    now: Timestamp,
) -> Value {
    let definitions = if with_columns {
        columns(resource)
    } else {
        json!([])
    };
    json!({"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {"resourceVersion": text(object, "/metadata/resourceVersion")},
        "columnDefinitions": definitions, "rows": [row(resource, object, include, now)]})
}

fn columns(_resource: &Resource) -> Value {
    json!([{"name": "Name", "type": "string", "format": "name", "description": "", "priority": 0}])
}

fn row(_resource: &Resource, object: &Value, _include: Include, _now: Timestamp) -> Value {
    json!({"cells": [text(object, "/metadata/name")], "object": {}})
}
