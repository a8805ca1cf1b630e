//! The replica set controller: as many pods as asked for, the useless ones first to go.

use std::sync::Arc;

use serde_json::{Value, json};

use super::events::{Source, emit};
use super::pods::{create, leaving, over, owned, ready, terminate};
use crate::demo::world::Cluster;
use crate::demo::world::item::{number, set, text};
use crate::demo::world::resource;

/// Brings a replica set's pods and status to what its spec asks for.
pub(crate) fn reconcile(c: &mut Cluster, namespace: &str, name: &str) {
    let Some(own) = c.get(&resource::REPLICA_SETS, namespace, name) else {
        return;
    };
    let want = number(&own, "/spec/replicas");
    let pods = owned(c, &resource::PODS, namespace, text(&own, "/metadata/uid"));
    let mut active: Vec<Arc<Value>> = pods
        .into_iter()
        .filter(|p| !leaving(p) && !over(p))
        .collect();
    let template = own.pointer("/spec/template").cloned().unwrap_or_default();
    for _ in active.len() as i64..want {
        let pod = create(c, (&resource::REPLICA_SETS, &own), &template, None, None);
        active.push(pod);
    }
    // those without a node go first, then those not ready, then the youngest
    active.sort_by_key(|p| {
        let young = text(p, "/metadata/creationTimestamp").to_owned();
        (
            ready(p),
            !text(p, "/spec/nodeName").is_empty(),
            std::cmp::Reverse(young),
        )
    });
    let surplus = (active.len() as i64 - want).max(0) as usize;
    for pod in active.drain(..surplus) {
        emit(
            c,
            (&resource::REPLICA_SETS, &own),
            false,
            "SuccessfulDelete",
            &format!("Deleted pod: {}", text(&pod, "/metadata/name")),
            Source::controller("replicaset-controller"),
        );
        terminate(c, &pod, None);
    }
    let ready = active.iter().filter(|p| ready(p)).count();
    c.edit(&resource::REPLICA_SETS, namespace, name, |o| {
        let mut status = json!({"replicas": active.len(), "observedGeneration": number(o, "/metadata/generation")});
        if !active.is_empty() {
            set(&mut status, "/fullyLabeledReplicas", active.len());
        }
        if ready > 0 {
            set(&mut status, "/readyReplicas", ready);
            set(&mut status, "/availableReplicas", ready);
        }
        set(o, "/status", status);
    });
}
