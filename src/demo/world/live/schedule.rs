//! Which node a pod comes to, and what the scheduler says when there is none.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::events::{Source, emit};
use super::life::Life;
use crate::demo::world::Cluster;
use crate::demo::world::item::{list, set, text};
use crate::demo::world::resource;

/// Binds the pod to the node with the fewest pods among those that fit; false when none does.
pub(crate) fn place(c: &mut Cluster, pod: &Value, life: &mut Life) -> bool {
    let (namespace, name) = (
        text(pod, "/metadata/namespace").to_owned(),
        text(pod, "/metadata/name").to_owned(),
    );
    if life.node.is_empty() {
        let nodes = c.all(&resource::NODES);
        let mut against: BTreeMap<String, usize> = BTreeMap::new();
        let mut best: Option<(usize, String)> = None;
        for node in &nodes {
            if let Some(why) = refusal(pod, node) {
                *against.entry(why).or_default() += 1;
                continue;
            }
            let own = text(node, "/metadata/name").to_owned();
            let load = c.live.lives.values().filter(|l| l.node == own).count();
            if best.as_ref().is_none_or(|(least, _)| load < *least) {
                best = Some((load, own));
            }
        }
        let Some((_, node)) = best else {
            let reasons: Vec<String> = against
                .iter()
                .map(|(why, count)| format!("{count} {why}"))
                .collect();
            let (all, reasons) = (nodes.len(), reasons.join(", "));
            life.says = format!(
                "0/{all} nodes are available: {reasons}. preemption: 0/{all} nodes are available: {all} Preemption is not helpful for scheduling."
            );
            let says = life.says.clone();
            emit(
                c,
                (&resource::PODS, pod),
                true,
                "FailedScheduling",
                &says,
                Source::controller("default-scheduler"),
            );
            return false;
        };
        life.node = node;
    }
    let node = life.node.clone();
    c.edit(&resource::PODS, &namespace, &name, |pod| {
        set(pod, "/spec/nodeName", node.clone());
    });
    emit(
        c,
        (&resource::PODS, pod),
        false,
        "Scheduled",
        &format!("Successfully assigned {namespace}/{name} to {node}"),
        Source::controller("default-scheduler"),
    );
    true
}

/// Why the pod cannot go to the node, in the scheduler's words.
pub(crate) fn refusal(pod: &Value, node: &Value) -> Option<String> {
    let tolerated = |taint: &Value| {
        list(pod, "/spec/tolerations").iter().any(|t| {
            let key = text(t, "/key");
            let effect = text(t, "/effect");
            (key.is_empty() || key == text(taint, "/key"))
                && (effect.is_empty() || effect == text(taint, "/effect"))
        })
    };
    let tolerates_all = list(pod, "/spec/tolerations")
        .iter()
        .any(|t| text(t, "/key").is_empty());
    if node.pointer("/spec/unschedulable") == Some(&Value::Bool(true)) && !tolerates_all {
        return Some("node(s) were unschedulable".to_owned());
    }
    if let Some(taint) = list(node, "/spec/taints")
        .iter()
        .find(|t| text(t, "/effect") != "PreferNoSchedule" && !tolerated(t))
    {
        return Some(format!(
            "node(s) had untolerated taint {{{}: {}}}",
            text(taint, "/key"),
            text(taint, "/value")
        ));
    }
    let fits = pod
        .pointer("/spec/nodeSelector")
        .and_then(Value::as_object)
        .is_none_or(|wanted| {
            wanted.iter().all(|(key, value)| {
                node.pointer("/metadata/labels").and_then(|l| l.get(key)) == Some(value)
            })
        });
    if !fits {
        return Some("node(s) didn't match Pod's node affinity/selector".to_owned());
    }
    None
}

/// The address of a node.
pub(crate) fn address(c: &Cluster, node: &str) -> String {
    c.get(&resource::NODES, "", node)
        .map(|n: Arc<Value>| text(&n, "/status/addresses/0/address").to_owned())
        .unwrap_or_default()
}

/// An address for a new pod on a node.
pub(crate) fn new_ip(c: &mut Cluster, node: &str) -> String {
    let network = c
        .get(&resource::NODES, "", node)
        .map(|n| text(&n, "/spec/podCIDR").to_owned())
        .unwrap_or_default();
    let prefix = network
        .rsplit_once('.')
        .map_or("10.42.0", |(prefix, _)| prefix)
        .to_owned();
    let mut last = c.next() % 250 + 2;
    // the next free one
    while c
        .live
        .lives
        .values()
        .any(|l| l.ip == format!("{prefix}.{last}"))
        && last < 254
    {
        last += 1;
    }
    format!("{prefix}.{last}")
}
