//! The deployment controller: a replica set a template, and a rolling update from the old ones to the new one.

use std::sync::Arc;

use serde_json::{Value, json};

use super::events::{Source, emit};
use super::pods::{owned, reference};
use super::progress;
use crate::demo::random::{hash, letters};
use crate::demo::world::item::{list, number, set as put, text, unset};
use crate::demo::world::resource;
use crate::demo::world::{Cluster, seconds};

const REVISION: &str = "/metadata/annotations/deployment.kubernetes.io~1revision";
const FROM: Source<'_> = Source {
    component: "deployment-controller",
    host: "",
    field: "",
};

fn revision(object: &Value) -> i64 {
    text(object, REVISION).parse().unwrap_or(0)
}

pub(super) fn replicas(object: &Value) -> i64 {
    number(object, "/spec/replicas")
}

/// A count or a share such as `25%` of the replicas.
pub(super) fn share(value: Option<&Value>, of: i64, up: bool) -> i64 {
    match value {
        Some(Value::Number(n)) => n.as_i64().unwrap_or(0),
        Some(Value::String(text)) => {
            let percent: i64 = text.trim_end_matches('%').parse().unwrap_or(25);
            if up {
                (of * percent + 99) / 100
            } else {
                of * percent / 100
            }
        }
        _ if up => (of + 3) / 4,
        _ => of / 4,
    }
}

/// Brings a deployment's replica sets and status to what its spec asks for.
pub(crate) fn reconcile(c: &mut Cluster, namespace: &str, name: &str) {
    let Some(deployment) = c.get(&resource::DEPLOYMENTS, namespace, name) else {
        return;
    };
    let sets = owned(
        c,
        &resource::REPLICA_SETS,
        namespace,
        text(&deployment, "/metadata/uid"),
    );
    let paused = deployment.pointer("/spec/paused") == Some(&Value::Bool(true));
    let current = sets
        .iter()
        .find(|set| same_template(set, &deployment))
        .cloned();
    let newest = sets.iter().map(|s| revision(s)).max().unwrap_or(0);
    let current = match current {
        Some(set) => Some(promote(c, &set, newest)),
        None if paused => None,
        None => Some(create(c, &deployment, newest + 1)),
    };
    let own = current
        .as_deref()
        .map(|s| text(s, "/metadata/name").to_owned());
    let old: Vec<Arc<Value>> = sets
        .into_iter()
        .filter(|s| Some(text(s, "/metadata/name")) != own.as_deref())
        .collect();
    scale(c, &deployment, current.as_deref(), &old, paused);
    if let Some(set) = &current {
        let wanted = text(set, REVISION).to_owned();
        c.edit(&resource::DEPLOYMENTS, namespace, name, |d| {
            put(d, REVISION, wanted);
        });
    }
    forget(c, &deployment, &old);
    progress::report(c, namespace, name);
}

pub(super) fn same_template(set: &Value, deployment: &Value) -> bool {
    let mut template = set.pointer("/spec/template").cloned().unwrap_or_default();
    unset(&mut template, "/metadata/labels/pod-template-hash");
    Some(&template) == deployment.pointer("/spec/template")
}

/// An old set that is wanted again becomes the newest revision.
fn promote(c: &mut Cluster, set: &Arc<Value>, newest: i64) -> Arc<Value> {
    if revision(set) == newest {
        return Arc::clone(set);
    }
    let (namespace, name) = (
        text(set, "/metadata/namespace"),
        text(set, "/metadata/name"),
    );
    let mut history: Vec<String> = text(
        set,
        "/metadata/annotations/deployment.kubernetes.io~1revision-history",
    )
    .split(',')
    .filter(|r| !r.is_empty())
    .map(str::to_owned)
    .collect();
    history.push(revision(set).to_string());
    let now = seconds(c.now);
    let (owner, namespace_owner) = (
        list(set, "/metadata/ownerReferences")
            .first()
            .map(|o| text(o, "/name").to_owned())
            .unwrap_or_default(),
        namespace.to_owned(),
    );
    c.live.rolled.insert((namespace_owner, owner), now);
    c.edit(&resource::REPLICA_SETS, namespace, name, |o| {
        put(o, REVISION, (newest + 1).to_string());
        put(
            o,
            "/metadata/annotations/deployment.kubernetes.io~1revision-history",
            history.join(","),
        );
    })
    .unwrap_or_else(|| Arc::clone(set))
}

fn create(c: &mut Cluster, deployment: &Value, revision: i64) -> Arc<Value> {
    let mut template = deployment
        .pointer("/spec/template")
        .cloned()
        .unwrap_or_default();
    let key = letters(hash(&template.to_string()), 10);
    put(
        &mut template,
        "/metadata/labels/pod-template-hash",
        key.clone(),
    );
    let mut selector = deployment
        .pointer("/spec/selector")
        .cloned()
        .unwrap_or_default();
    put(&mut selector, "/matchLabels/pod-template-hash", key.clone());
    let labels = template
        .pointer("/metadata/labels")
        .cloned()
        .unwrap_or_default();
    let (name, namespace) = (
        text(deployment, "/metadata/name"),
        text(deployment, "/metadata/namespace"),
    );
    let now = seconds(c.now);
    c.live
        .rolled
        .insert((namespace.to_owned(), name.to_owned()), now);
    let mut annotations = deployment
        .pointer("/metadata/annotations")
        .cloned()
        .unwrap_or_else(|| json!({}));
    for (key, value) in [
        ("revision", revision),
        ("desired-replicas", replicas(deployment)),
        ("max-replicas", replicas(deployment) + 1),
    ] {
        put(
            &mut annotations,
            &format!("/deployment.kubernetes.io~1{key}"),
            value.to_string(),
        );
    }
    unset(
        &mut annotations,
        "/kubectl.kubernetes.io~1last-applied-configuration",
    );
    c.put(
        &resource::REPLICA_SETS,
        json!({"metadata": {"name": format!("{name}-{key}"), "namespace": namespace, "labels": labels, "generation": 1,
            "annotations": annotations,
            "ownerReferences": [reference(&resource::DEPLOYMENTS, deployment)]},
            "spec": {"replicas": 0, "selector": selector, "template": template}, "status": {"replicas": 0, "observedGeneration": 1}}),
    )
}

fn resize(c: &mut Cluster, deployment: &Value, set: &Value, to: i64) {
    let from = replicas(set);
    if from == to {
        return;
    }
    let (namespace, name) = (
        text(set, "/metadata/namespace"),
        text(set, "/metadata/name"),
    );
    c.edit(&resource::REPLICA_SETS, namespace, name, |o| {
        put(o, "/spec/replicas", to);
        let generation = number(o, "/metadata/generation") + 1;
        put(o, "/metadata/generation", generation);
        put(
            o,
            "/metadata/annotations/deployment.kubernetes.io~1desired-replicas",
            replicas(deployment).to_string(),
        );
    });
    let word = if to > from { "up" } else { "down" };
    emit(
        c,
        (&resource::DEPLOYMENTS, deployment),
        false,
        "ScalingReplicaSet",
        &format!("Scaled {word} replica set {name} from {from} to {to}"),
        FROM,
    );
}

fn scale(
    c: &mut Cluster,
    deployment: &Value,
    current: Option<&Value>,
    old: &[Arc<Value>],
    paused: bool,
) {
    let want = replicas(deployment);
    let Some(current) = current else {
        // paused before its first rollout of this template: the latest of the old ones follows the scale
        if let Some(last) = old.iter().max_by_key(|s| revision(s)) {
            resize(c, deployment, last, want);
        }
        return;
    };
    let older: i64 = old.iter().map(|s| replicas(s)).sum();
    if older == 0 {
        resize(c, deployment, current, want);
        return;
    }
    if paused {
        return;
    }
    if text(deployment, "/spec/strategy/type") == "Recreate" {
        for set in old {
            resize(c, deployment, set, 0);
        }
        if old.iter().all(|s| number(s, "/status/replicas") == 0) {
            resize(c, deployment, current, want);
        }
        return;
    }
    let surge = share(
        deployment.pointer("/spec/strategy/rollingUpdate/maxSurge"),
        want,
        true,
    );
    let missing = share(
        deployment.pointer("/spec/strategy/rollingUpdate/maxUnavailable"),
        want,
        false,
    );
    let missing = if surge == 0 && missing == 0 {
        1
    } else {
        missing
    };
    let room = (want + surge - older - replicas(current)).max(0);
    let grown = (replicas(current) + room).min(want);
    resize(c, deployment, current, grown);
    let available: i64 = old
        .iter()
        .chain(std::iter::once(&Arc::new(current.clone())))
        .map(|s| number(s, "/status/availableReplicas"))
        .sum();
    let new_unavailable = grown - number(current, "/status/availableReplicas");
    let mut spare = older + grown - (want - missing) - new_unavailable;
    let mut sorted: Vec<&Arc<Value>> = old.iter().filter(|s| replicas(s) > 0).collect();
    sorted.sort_by_key(|s| revision(s));
    // first the old pods that are of no use anyway, then as many as availability allows
    for healthy in [false, true] {
        let mut left = if healthy {
            (available - (want - missing)).max(0)
        } else {
            spare
        };
        for set in &sorted {
            let fresh = c.get(
                &resource::REPLICA_SETS,
                text(set, "/metadata/namespace"),
                text(set, "/metadata/name"),
            );
            let Some(fresh) = fresh else { continue };
            let useless = replicas(&fresh) - number(&fresh, "/status/availableReplicas");
            let most = if healthy {
                replicas(&fresh)
            } else {
                useless.max(0)
            };
            let drop = most.min(left).min(spare);
            if drop > 0 {
                resize(c, deployment, &fresh, replicas(&fresh) - drop);
                left -= drop;
                spare -= drop;
            }
        }
    }
}

/// Removes the oldest empty sets beyond the history that the deployment keeps.
fn forget(c: &mut Cluster, deployment: &Value, old: &[Arc<Value>]) {
    let keep = deployment
        .pointer("/spec/revisionHistoryLimit")
        .and_then(Value::as_i64)
        .unwrap_or(10)
        .max(0) as usize;
    let mut empty: Vec<&Arc<Value>> = old
        .iter()
        .filter(|s| replicas(s) == 0 && number(s, "/status/replicas") == 0)
        .collect();
    empty.sort_by_key(|s| revision(s));
    let surplus = empty.len().saturating_sub(keep);
    for set in empty.into_iter().take(surplus) {
        c.remove(
            &resource::REPLICA_SETS,
            text(set, "/metadata/namespace"),
            text(set, "/metadata/name"),
        );
    }
}
