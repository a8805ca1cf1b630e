//! The stateful set controller: pods by ordinal, one after the other, each with its own volume.

use std::sync::Arc;

use serde_json::{Value, json};

use super::pods::{create, leaving, over, owned, ready, terminate};
use super::revisions;
use crate::demo::random::{hash, uid};
use crate::demo::world::Cluster;
use crate::demo::world::item::{list, number, set, text};
use crate::demo::world::resource;

/// Brings a stateful set's pods and status to what its spec asks for.
pub(crate) fn reconcile(c: &mut Cluster, namespace: &str, name: &str) {
    let Some(own) = c.get(&resource::STATEFUL_SETS, namespace, name) else {
        return;
    };
    let want = number(&own, "/spec/replicas");
    let update = revisions::current(c, &resource::STATEFUL_SETS, &own);
    let pods = owned(c, &resource::PODS, namespace, text(&own, "/metadata/uid"));
    let ordinal = |pod: &Value| -> i64 {
        text(pod, "/metadata/name")
            .rsplit('-')
            .next()
            .and_then(|n| n.parse().ok())
            .unwrap_or(-1)
    };
    let at = |n: i64| pods.iter().find(|p| ordinal(p) == n).cloned();
    let parallel = text(&own, "/spec/podManagementPolicy") == "Parallel";
    let mut held = false;
    for n in 0..want {
        match at(n) {
            None => {
                place(c, &own, n, &update);
                held = !parallel;
            }
            Some(pod) if over(&pod) && !leaving(&pod) => terminate(c, &pod, Some(0)),
            Some(pod) if !ready(&pod) || leaving(&pod) => held = !parallel,
            Some(_) => {}
        }
        if held {
            break;
        }
    }
    let above = pods
        .iter()
        .filter(|p| ordinal(p) >= want)
        .max_by_key(|p| ordinal(p));
    if let Some(last) = above {
        if !leaving(last) {
            terminate(c, last, None);
        }
    } else if !held && text(&own, "/spec/updateStrategy/type") != "OnDelete" {
        let partition = number(&own, "/spec/updateStrategy/rollingUpdate/partition");
        let stale: Option<&Arc<Value>> = pods
            .iter()
            .filter(|p| ordinal(p) >= partition && revisions::of(p) != update)
            .max_by_key(|p| ordinal(p));
        let busy = pods.iter().any(|p| leaving(p) || !ready(p));
        if let Some(pod) = stale.filter(|_| !busy) {
            terminate(c, pod, None);
        }
    }
    report(c, namespace, name, &update);
}

fn place(c: &mut Cluster, own: &Value, n: i64, update: &str) {
    let name = format!("{}-{n}", text(own, "/metadata/name"));
    let mut template = revisions::template(own, update);
    set(
        &mut template,
        "/metadata/labels/statefulset.kubernetes.io~1pod-name",
        name.clone(),
    );
    set(
        &mut template,
        "/metadata/labels/apps.kubernetes.io~1pod-index",
        n.to_string(),
    );
    set(&mut template, "/spec/hostname", name.clone());
    set(
        &mut template,
        "/spec/subdomain",
        text(own, "/spec/serviceName"),
    );
    let volumes = revisions::volumes(own, &name);
    if !volumes.is_empty() {
        set(&mut template, "/spec/volumes", volumes);
    }
    for claim in list(own, "/spec/volumeClaimTemplates") {
        bind(c, own, claim, &name);
    }
    create(
        c,
        (&resource::STATEFUL_SETS, own),
        &template,
        Some(name),
        None,
    );
}

/// A claim and the volume behind it; both stay when the pod goes.
fn bind(c: &mut Cluster, own: &Value, template: &Value, pod: &str) {
    let namespace = text(own, "/metadata/namespace");
    let name = format!("{}-{pod}", text(template, "/metadata/name"));
    if c.get(&resource::CLAIMS, namespace, &name).is_some() {
        return;
    }
    let (size, class) = (
        text(template, "/spec/resources/requests/storage"),
        text(template, "/spec/storageClassName"),
    );
    let id = uid(hash(&format!("{namespace}/{name}")) ^ c.seed);
    let volume = format!("pvc-{id}");
    let mut spec = template.get("spec").cloned().unwrap_or_default();
    set(&mut spec, "/volumeName", volume.clone());
    let labels = own
        .pointer("/spec/selector/matchLabels")
        .cloned()
        .unwrap_or_default();
    let modes = json!(["ReadWriteOnce"]);
    c.put(&resource::CLAIMS, json!({"metadata": {"name": name, "namespace": namespace, "uid": id, "labels": labels, "finalizers": ["kubernetes.io/pvc-protection"]},
        "spec": spec, "status": {"phase": "Bound", "accessModes": modes, "capacity": {"storage": size}}}));
    c.put(&resource::VOLUMES, json!({"metadata": {"name": volume, "finalizers": ["kubernetes.io/pv-protection"]}, "spec": {"capacity": {"storage": size},
        "accessModes": modes, "persistentVolumeReclaimPolicy": "Delete", "storageClassName": class, "volumeMode": "Filesystem",
        "claimRef": {"kind": "PersistentVolumeClaim", "apiVersion": "v1", "namespace": namespace, "name": name, "uid": id},
        "csi": {"driver": "ebs.csi.aws.com", "volumeHandle": format!("vol-{}", &volume.get(4..12).unwrap_or_default()), "fsType": "ext4"}},
        "status": {"phase": "Bound"}}));
}

fn report(c: &mut Cluster, namespace: &str, name: &str, update: &str) {
    let Some(own) = c.get(&resource::STATEFUL_SETS, namespace, name) else {
        return;
    };
    let pods: Vec<Arc<Value>> = owned(c, &resource::PODS, namespace, text(&own, "/metadata/uid"))
        .into_iter()
        .filter(|p| !over(p))
        .collect();
    let of_update = |p: &&Arc<Value>| revisions::of(p) == update;
    let updated = pods.iter().filter(of_update).count();
    let ready_now = pods.iter().filter(|p| ready(p)).count();
    let want = number(&own, "/spec/replicas");
    let mut before = text(&own, "/status/currentRevision").to_owned();
    let update_name = format!("{name}-{update}");
    if before.is_empty()
        || (updated as i64 == want && pods.len() as i64 == want && ready_now as i64 == want)
    {
        before.clone_from(&update_name);
    }
    let current = if before == update_name {
        updated
    } else {
        pods.len() - updated
    };
    c.edit(&resource::STATEFUL_SETS, namespace, name, |o| {
        let status = json!({"observedGeneration": number(o, "/metadata/generation"), "replicas": pods.len(), "readyReplicas": ready_now,
            "availableReplicas": ready_now, "currentReplicas": current, "updatedReplicas": updated, "currentRevision": before,
            "updateRevision": update_name, "collisionCount": 0});
        set(o, "/status", status);
    });
}
