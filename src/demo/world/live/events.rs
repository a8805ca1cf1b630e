//! Events as the controllers and the kubelets write them: the same one again counts up instead of standing twice.

use serde_json::{Value, json};

use super::life::later;
use crate::demo::random::{hash, mix};
use crate::demo::world::item::{number, set, text};
use crate::demo::world::resource::{self, Resource};
use crate::demo::world::{Cluster, seconds};

/// How long events are kept, as of a real server.
const KEPT_MS: i64 = 3_600_000;

/// Who writes an event, and of what part of the object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) component: &'a str,
    pub(crate) host: &'a str,
    pub(crate) field: &'a str,
}

impl<'a> Source<'a> {
    pub(crate) fn controller(component: &'a str) -> Self {
        Self {
            component,
            host: "",
            field: "",
        }
    }
}

/// Writes an event about an object, or counts it up.
pub(crate) fn emit(
    c: &mut Cluster,
    of: (&'static Resource, &Value),
    warning: bool,
    reason: &str,
    message: &str,
    from: Source<'_>,
) {
    let (kind, object) = of;
    let about = json!({"kind": kind.kind, "apiVersion": kind.api_version(), "name": text(object, "/metadata/name"),
        "namespace": text(object, "/metadata/namespace"), "uid": text(object, "/metadata/uid"),
        "resourceVersion": text(object, "/metadata/resourceVersion"), "fieldPath": from.field});
    let namespace = match text(object, "/metadata/namespace") {
        "" => "default",
        namespace => namespace,
    };
    let number_of = hash(&format!(
        "{}{reason}{message}",
        text(object, "/metadata/uid")
    ));
    let name = format!(
        "{}.{:016x}",
        text(object, "/metadata/name"),
        mix(number_of, 5) >> 4 | 1 << 60
    );
    let now = seconds(c.now);
    if c.get(&resource::EVENTS, namespace, &name).is_some() {
        c.edit(&resource::EVENTS, namespace, &name, |event| {
            let count = number(event, "/count") + 1;
            set(event, "/count", count);
            set(event, "/lastTimestamp", now);
        });
        return;
    }
    let mut source = json!({"component": from.component});
    if !from.host.is_empty() {
        set(&mut source, "/host", from.host);
    }
    c.put(
        &resource::EVENTS,
        json!({"metadata": {"name": name, "namespace": namespace}, "involvedObject": about, "reason": reason, "message": message, "source": source,
            "type": if warning { "Warning" } else { "Normal" }, "count": 1, "firstTimestamp": now, "lastTimestamp": now, "eventTime": null,
            "reportingComponent": from.component, "reportingInstance": from.host}),
    );
}

/// Removes events that were last seen an hour ago.
pub(crate) fn expire(c: &mut Cluster) {
    let limit = seconds(later(c.now, -KEPT_MS));
    let old: Vec<(String, String)> = c
        .all(&resource::EVENTS)
        .iter()
        .filter(|e| text(e, "/lastTimestamp") < limit.as_str())
        .map(|e| {
            (
                text(e, "/metadata/namespace").to_owned(),
                text(e, "/metadata/name").to_owned(),
            )
        })
        .collect();
    for (namespace, name) in old {
        c.remove(&resource::EVENTS, &namespace, &name);
    }
}
