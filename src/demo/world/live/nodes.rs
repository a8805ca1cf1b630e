//! The node controller: nodes that are not heard of, and their pods.

use serde_json::{Value, json};

use super::events::{Source, emit};
use super::kubelet;
use super::life::{Stage, later};
use super::pods::terminate;
use crate::demo::world::item::{list, set, text};
use crate::demo::world::resource;
use crate::demo::world::{Cluster, seconds};

/// Seconds after which pods are moved away from a lost node.
const PATIENCE_MS: i64 = 30_000;

/// Takes a node's kubelet away, or gives it back.
pub(crate) fn lose(c: &mut Cluster, name: &str, lost: bool) {
    let now = seconds(c.now);
    let node = c.edit(&resource::NODES, "", name, |node| {
        let (yes, reason, says) = if lost {
            ("Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.")
        } else {
            ("True", "KubeletReady", "kubelet is posting ready status")
        };
        let mut all = list(node, "/status/conditions").to_vec();
        for one in &mut all {
            let kind = text(one, "/type").to_owned();
            if kind == "Ready" || lost {
                set(one, "/status", if kind == "Ready" { yes } else { "Unknown" });
                set(one, "/reason", reason);
                set(one, "/message", says);
                set(one, "/lastTransitionTime", now.clone());
            } else {
                set(one, "/status", "False");
                set(one, "/reason", format!("KubeletHasNo{kind}"));
                set(one, "/message", "kubelet has none");
            }
            if !lost {
                set(one, "/lastHeartbeatTime", now.clone());
            }
        }
        set(node, "/status/conditions", all);
        let mut taints: Vec<Value> = list(node, "/spec/taints").iter().filter(|t| text(t, "/key") != "node.kubernetes.io/unreachable").cloned().collect();
        if lost {
            for effect in ["NoSchedule", "NoExecute"] {
                taints.push(json!({"key": "node.kubernetes.io/unreachable", "effect": effect, "timeAdded": now}));
            }
        }
        set(node, "/spec/taints", taints);
    });
    let Some(node) = node else { return };
    let (reason, says) = if lost {
        ("NodeNotReady", "NodeNotReady")
    } else {
        ("NodeReady", "NodeReady")
    };
    emit(
        c,
        (&resource::NODES, &node),
        lost,
        reason,
        &format!("Node {name} status is now: {says}"),
        Source::controller("node-controller"),
    );
    let keys: Vec<(String, String)> = c
        .live
        .lives
        .iter()
        .filter(|(_, l)| l.node == name)
        .map(|(key, _)| key.clone())
        .collect();
    let at = c.now;
    for key in keys {
        if let Some(life) = c.live.lives.get_mut(&key) {
            life.lost = lost;
            life.unready_since = at;
            if !lost && life.leaves.is_some() {
                life.due = Some(later(at, 1000));
            }
        }
        if let (Some(pod), Some(life)) = (
            c.get(&resource::PODS, &key.0, &key.1),
            c.live.lives.get(&key).cloned(),
        ) {
            kubelet::report(c, &pod, &life);
            if lost {
                emit(
                    c,
                    (&resource::PODS, &pod),
                    true,
                    "NodeNotReady",
                    "Node is not ready",
                    Source::controller("node-controller"),
                );
            }
        }
    }
    if lost {
        c.live
            .evictions
            .insert(name.to_owned(), later(at, PATIENCE_MS));
    } else {
        c.live.evictions.remove(name);
    }
}

/// Gives cordoned nodes their taint, and takes it off the others.
pub(crate) fn taint(c: &mut Cluster) {
    const KEY: &str = "node.kubernetes.io/unschedulable";
    let now = seconds(c.now);
    for node in c.all(&resource::NODES) {
        let cordoned = node.pointer("/spec/unschedulable") == Some(&Value::Bool(true));
        let tainted = list(&node, "/spec/taints")
            .iter()
            .any(|t| text(t, "/key") == KEY);
        if cordoned != tainted {
            c.edit(&resource::NODES, "", text(&node, "/metadata/name"), |o| {
                let mut taints: Vec<Value> = list(o, "/spec/taints")
                    .iter()
                    .filter(|t| text(t, "/key") != KEY)
                    .cloned()
                    .collect();
                if cordoned {
                    taints.push(json!({"key": KEY, "effect": "NoSchedule", "timeAdded": now}));
                }
                set(o, "/spec/taints", taints);
            });
        }
    }
}

/// Asks the pods of nodes that have been lost for too long to go; daemons stay.
pub(crate) fn evict(c: &mut Cluster) {
    let now = c.now;
    let due: Vec<String> = c
        .live
        .evictions
        .iter()
        .filter(|(_, at)| **at <= now)
        .map(|(node, _)| node.clone())
        .collect();
    for node in due {
        c.live.evictions.remove(&node);
        for pod in c.all(&resource::PODS) {
            let daemon = list(&pod, "/metadata/ownerReferences")
                .iter()
                .any(|o| text(o, "/kind") == "DaemonSet");
            if text(&pod, "/spec/nodeName") == node && !daemon {
                emit(
                    c,
                    (&resource::PODS, &pod),
                    false,
                    "TaintManagerEviction",
                    &format!(
                        "Marking for deletion Pod {}/{}",
                        text(&pod, "/metadata/namespace"),
                        text(&pod, "/metadata/name")
                    ),
                    Source::controller("taint-eviction-controller"),
                );
                terminate(c, &pod, None);
            }
        }
    }
}

/// Throws a pod off its node for want of memory; it stays as a record.
pub(crate) fn throw_off(c: &mut Cluster, namespace: &str, name: &str, says: &str) {
    let key = (namespace.to_owned(), name.to_owned());
    let now = c.now;
    let Some(pod) = c.get(&resource::PODS, namespace, name) else {
        return;
    };
    if let Some(life) = c.live.lives.get_mut(&key) {
        says.clone_into(&mut life.says);
        life.enter(Stage::Evicted, now, None);
    }
    emit(
        c,
        (&resource::PODS, &pod),
        true,
        "Evicted",
        says,
        Source {
            component: "kubelet",
            host: text(&pod, "/spec/nodeName"),
            field: "",
        },
    );
    if let Some(life) = c.live.lives.get(&key).cloned() {
        kubelet::report(c, &pod, &life);
    }
}

/// Renews what the kubelets say of their nodes.
pub(crate) fn heartbeat(c: &mut Cluster) {
    let now = seconds(c.now);
    for lease in c.all(&resource::LEASES) {
        let name = text(&lease, "/metadata/name").to_owned();
        let alive = c.get(&resource::NODES, "", &name).is_some_and(|n| {
            list(&n, "/status/conditions")
                .iter()
                .any(|k| text(k, "/type") == "Ready" && text(k, "/status") == "True")
        });
        if alive {
            c.edit(&resource::LEASES, "kube-node-lease", &name, |o| {
                set(o, "/spec/renewTime", now.replace('Z', ".000000Z"));
            });
        }
    }
}
