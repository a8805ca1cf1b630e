//! Controller revisions: the templates that stateful sets and daemon sets once had, for going back to.

use serde_json::{Value, json};

use super::pods::{owned, reference};
use crate::demo::random::{hash, letters};
use crate::demo::world::Cluster;
use crate::demo::world::item::{list, number, set, text};
use crate::demo::world::resource::{self, Resource};

/// The hash of the owner's present template; its revision is made, or made the newest.
pub(crate) fn current(c: &mut Cluster, kind: &'static Resource, owner: &Value) -> String {
    let template = owner.pointer("/spec/template").cloned().unwrap_or_default();
    let (name, namespace) = (
        text(owner, "/metadata/name"),
        text(owner, "/metadata/namespace"),
    );
    let key = letters(hash(&template.to_string()), 10);
    let own = format!("{name}-{key}");
    let known = owned(
        c,
        &resource::REVISIONS,
        namespace,
        text(owner, "/metadata/uid"),
    );
    let newest = known
        .iter()
        .map(|r| number(r, "/revision"))
        .max()
        .unwrap_or(0);
    match known.iter().find(|r| text(r, "/metadata/name") == own) {
        Some(found) if number(found, "/revision") == newest => {}
        Some(_) => {
            c.edit(&resource::REVISIONS, namespace, &own, |r| {
                set(r, "/revision", newest + 1);
            });
        }
        None => {
            let mut data = json!({"spec": {"template": template}});
            set(&mut data, "/spec/template/$patch", "replace");
            let mut labels = owner
                .pointer("/spec/selector/matchLabels")
                .cloned()
                .unwrap_or_else(|| json!({}));
            set(&mut labels, "/controller-revision-hash", key.clone());
            c.put(&resource::REVISIONS, json!({"metadata": {"name": own, "namespace": namespace, "labels": labels,
                "ownerReferences": [reference(kind, owner)]}, "data": data, "revision": newest + 1}));
        }
    }
    let limit = owner
        .pointer("/spec/revisionHistoryLimit")
        .and_then(Value::as_i64)
        .unwrap_or(10)
        .max(0) as usize;
    let mut all = owned(
        c,
        &resource::REVISIONS,
        namespace,
        text(owner, "/metadata/uid"),
    );
    all.sort_by_key(|r| number(r, "/revision"));
    let surplus = all.len().saturating_sub(limit + 2);
    for old in all.into_iter().take(surplus) {
        c.remove(
            &resource::REVISIONS,
            namespace,
            text(&old, "/metadata/name"),
        );
    }
    key
}

/// The template of a pod of the owner with the hash in its labels.
pub(crate) fn template(owner: &Value, key: &str) -> Value {
    let mut template = owner.pointer("/spec/template").cloned().unwrap_or_default();
    set(
        &mut template,
        "/metadata/labels/controller-revision-hash",
        key,
    );
    template
}

/// The hash of the template that a pod was made from.
pub(crate) fn of(pod: &Value) -> &str {
    text(pod, "/metadata/labels/controller-revision-hash")
}

/// The volumes of a stateful pod, by claim.
pub(crate) fn volumes(owner: &Value, pod: &str) -> Vec<Value> {
    list(owner, "/spec/volumeClaimTemplates")
        .iter()
        .map(|claim| {
            let name = text(claim, "/metadata/name");
            json!({"name": name, "persistentVolumeClaim": {"claimName": format!("{name}-{pod}")}})
        })
        .collect()
}
