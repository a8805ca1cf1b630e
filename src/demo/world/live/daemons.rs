//! The daemon set controller: one pod on every node that takes it.

use std::sync::Arc;

use serde_json::{Value, json};

use super::pods::{complete, create, leaving, over, owned, ready, terminate};
use super::{revisions, schedule};
use crate::demo::world::Cluster;
use crate::demo::world::item::{list, number, set, text};
use crate::demo::world::resource;

/// Brings a daemon set's pods and status to what its spec asks for.
pub(crate) fn reconcile(c: &mut Cluster, namespace: &str, name: &str) {
    let Some(own) = c.get(&resource::DAEMON_SETS, namespace, name) else {
        return;
    };
    let update = revisions::current(c, &resource::DAEMON_SETS, &own);
    let pods = owned(c, &resource::PODS, namespace, text(&own, "/metadata/uid"));
    let template = revisions::template(&own, &update);
    let nodes: Vec<String> = c
        .all(&resource::NODES)
        .iter()
        .filter(|n| takes(&template, n))
        .map(|n| text(n, "/metadata/name").to_owned())
        .collect();
    let home = |pod: &Value| {
        c.live
            .lives
            .get(&(namespace.to_owned(), text(pod, "/metadata/name").to_owned()))
            .map(|l| l.node.clone())
            .unwrap_or_default()
    };
    let placed: Vec<(String, Arc<Value>)> = pods
        .iter()
        .filter(|p| !over(p))
        .map(|p| (home(p), Arc::clone(p)))
        .collect();
    for node in &nodes {
        if !placed.iter().any(|(at, _)| at == node) {
            let mut template = template.clone();
            tolerate(&mut template);
            create(
                c,
                (&resource::DAEMON_SETS, &own),
                &template,
                None,
                Some(node),
            );
        }
    }
    for (node, pod) in &placed {
        if !nodes.contains(node) && !leaving(pod) {
            terminate(c, pod, None);
        }
    }
    let most = number(&own, "/spec/updateStrategy/rollingUpdate/maxUnavailable").max(1) as usize;
    let away = placed
        .iter()
        .filter(|(_, p)| leaving(p) || !ready(p))
        .count();
    if text(&own, "/spec/updateStrategy/type") != "OnDelete" {
        let stale = placed
            .iter()
            .filter(|(_, p)| revisions::of(p) != update && !leaving(p));
        // a stale pod that is not ready costs nothing to replace
        let (broken, fine): (Vec<_>, Vec<_>) = stale.partition(|(_, p)| !ready(p));
        for (_, pod) in broken
            .into_iter()
            .chain(fine.into_iter().take(most.saturating_sub(away)))
        {
            terminate(c, pod, None);
        }
    }
    report(c, namespace, name, &update, nodes.len());
}

/// Daemons stay where others may not: on cordoned nodes and under pressure.
fn tolerate(template: &mut Value) {
    let mut all = list(template, "/spec/tolerations").to_vec();
    for key in [
        "memory-pressure",
        "disk-pressure",
        "pid-pressure",
        "unschedulable",
    ] {
        all.push(json!({"key": format!("node.kubernetes.io/{key}"), "operator": "Exists", "effect": "NoSchedule"}));
    }
    for key in ["not-ready", "unreachable"] {
        all.push(json!({"key": format!("node.kubernetes.io/{key}"), "operator": "Exists", "effect": "NoExecute"}));
    }
    set(template, "/spec/tolerations", all);
}

fn takes(template: &Value, node: &Value) -> bool {
    let mut pod = template.clone();
    tolerate(&mut pod);
    if let Some(spec) = pod.get_mut("spec") {
        complete(spec);
    }
    let mut open = node.clone();
    set(&mut open, "/spec/unschedulable", false);
    schedule::refusal(&pod, &open).is_none()
}

fn report(c: &mut Cluster, namespace: &str, name: &str, update: &str, desired: usize) {
    let Some(own) = c.get(&resource::DAEMON_SETS, namespace, name) else {
        return;
    };
    let pods: Vec<Arc<Value>> = owned(c, &resource::PODS, namespace, text(&own, "/metadata/uid"))
        .into_iter()
        .filter(|p| !over(p))
        .collect();
    let ready_now = pods.iter().filter(|p| ready(p)).count();
    let updated = pods.iter().filter(|p| revisions::of(p) == update).count();
    c.edit(&resource::DAEMON_SETS, namespace, name, |o| {
        let mut status = json!({"observedGeneration": number(o, "/metadata/generation"), "currentNumberScheduled": pods.len().min(desired),
            "desiredNumberScheduled": desired, "numberMisscheduled": 0, "numberReady": ready_now, "updatedNumberScheduled": updated});
        if ready_now > 0 {
            set(&mut status, "/numberAvailable", ready_now);
        }
        if ready_now < desired {
            set(&mut status, "/numberUnavailable", desired - ready_now);
        }
        set(o, "/status", status);
    });
}
