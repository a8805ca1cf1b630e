//! What stands behind the fleet's pods: namespaces, nodes, deployments and their replica sets, each made when asked for.
//!
//! Their resource version is the world's first: only pods of the fleet change.

use serde_json::{Value, json};

use super::layout::Layout;
use super::objects::{Condition, Names, labels, pod_spec, with};
use super::template::rfc3339;
use crate::demo::random::{mix, uid};

fn created(layout: Layout, number: u32, salt: u64, epoch: i64) -> String {
    rfc3339(epoch - 1800 - (mix(u64::from(number), layout.seed ^ salt) % 5_000_000) as i64)
}

pub(super) fn namespace(layout: Layout, space: u32, version: &str, epoch: i64) -> Value {
    let name = Layout::namespace_name(space);
    json!({"metadata": {"name": name, "uid": uid(layout.seed ^ (3 << 60 | u64::from(space))), "resourceVersion": version,
        "creationTimestamp": created(layout, space, 31, epoch - 5_000_000),
        "labels": {"kubernetes.io/metadata.name": name, "environment": "production"}},
        "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}})
}

pub(super) fn node(layout: Layout, node: u32, version: &str, epoch: i64) -> Value {
    let name = Layout::node_name(node);
    let zone = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
        .get(node as usize % 3)
        .copied()
        .unwrap_or("eu-west-1a");
    let size =
        json!({"cpu": "32", "memory": "131072Mi", "pods": "110", "ephemeral-storage": "200Gi"});
    let since = created(layout, node, 32, epoch);
    let condition = |kind: &str, status: &str, reason: &str, message: &str| {
        json!({"type": kind, "status": status, "reason": reason, "message": message, "lastHeartbeatTime": rfc3339(epoch),
            "lastTransitionTime": since})
    };
    json!({"metadata": {"name": name, "uid": uid(layout.seed ^ (4 << 60 | u64::from(node))), "resourceVersion": version,
        "creationTimestamp": since, "labels": {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
        "topology.kubernetes.io/region": "eu-west-1", "topology.kubernetes.io/zone": zone,
        "node.kubernetes.io/instance-type": "m6i.8xlarge", "node-role.kubernetes.io/worker": ""}},
        "spec": {"podCIDR": format!("10.{}.{}.0/24", 100 + node / 156, node % 156), "providerID": format!("aws:///{zone}/i-{:017x}", mix(u64::from(node), 33))},
        "status": {"capacity": size, "allocatable": size,
            "addresses": [{"type": "InternalIP", "address": address(node)}, {"type": "Hostname", "address": name}],
            "conditions": [
                condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
                condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
                condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
                condition("Ready", "True", "KubeletReady", "kubelet is posting ready status")],
            "nodeInfo": {"machineID": "", "systemUUID": "", "bootID": "", "kernelVersion": "6.1.0-25-amd64", "osImage": "Debian GNU/Linux 12 (bookworm)",
                "containerRuntimeVersion": "containerd://1.7.24", "kubeletVersion": "v1.33.5", "kubeProxyVersion": "",
                "operatingSystem": "linux", "architecture": "amd64"}}})
}

/// A node's address, always fourteen characters.
pub(super) fn address(node: u32) -> String {
    format!(
        "10.2{:02}.1{:02}.1{:02}",
        node / 10_000 % 56,
        node / 100 % 100,
        node % 100
    )
}

fn names(layout: Layout, deployment: u32) -> Names {
    let (service, role) = layout.parts(deployment);
    Names {
        namespace: layout.namespace(deployment),
        service: service.to_owned(),
        role: role.to_owned(),
        name: layout.deployment_name(deployment),
        version: layout.version(deployment),
    }
}

fn counts(layout: Layout, deployment: u32) -> (u32, u32) {
    let pods = layout.pods_of(deployment);
    let all = pods.end - pods.start;
    let ready = pods
        .filter(|pod| Condition::of(*pod, layout.seed).ready())
        .count();
    (all, ready as u32)
}

/// A deployment, or with `set` its replica set.
pub(super) fn workload(
    layout: Layout,
    deployment: u32,
    set: bool,
    version: &str,
    epoch: i64,
) -> Value {
    let names = names(layout, deployment);
    let hash = layout.hash(deployment);
    let all = labels(
        &names.service,
        &names.role,
        &names.name,
        &names.version,
        &names.namespace,
    );
    let (replicas, ready) = counts(layout, deployment);
    let since = created(layout, deployment, 34, epoch);
    let pod = with(all.clone(), "pod-template-hash", &hash);
    let mut selector = json!({"app.kubernetes.io/instance": names.name});
    let mut template = json!({"metadata": {"labels": all, "annotations": {"prometheus.io/scrape": "true", "prometheus.io/port": "9090"}},
        "spec": pod_spec(&names)});
    if set {
        selector = with(selector, "pod-template-hash", &hash);
        if let Some(metadata) = template.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.insert("labels".into(), pod.clone());
        }
    }
    let revision = (1 + deployment % 9).to_string();
    let mut metadata = json!({"name": names.name, "namespace": names.namespace, "uid": layout.deployment_uid(deployment),
        "resourceVersion": version, "generation": 1, "creationTimestamp": since, "labels": if set { pod } else { all },
        "annotations": {"deployment.kubernetes.io/revision": revision}});
    if set && let Some(metadata) = metadata.as_object_mut() {
        metadata.insert("name".into(), format!("{}-{hash}", names.name).into());
        metadata.insert("uid".into(), layout.set_uid(deployment).into());
        metadata.insert("ownerReferences".into(), json!([{"apiVersion": "apps/v1", "kind": "Deployment", "name": names.name,
            "uid": layout.deployment_uid(deployment), "controller": true, "blockOwnerDeletion": true}]));
    }
    let mut status = json!({"observedGeneration": 1, "replicas": replicas, "readyReplicas": ready, "availableReplicas": ready});
    let mut spec =
        json!({"replicas": replicas, "selector": {"matchLabels": selector}, "template": template});
    if set && let Some(status) = status.as_object_mut() {
        status.insert("fullyLabeledReplicas".into(), replicas.into());
    } else if let (Some(spec), Some(status)) = (spec.as_object_mut(), status.as_object_mut()) {
        spec.insert("strategy".into(), json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}}));
        spec.insert("revisionHistoryLimit".into(), 10.into());
        spec.insert("progressDeadlineSeconds".into(), 600.into());
        status.insert("updatedReplicas".into(), replicas.into());
        if ready < replicas {
            status.insert("unavailableReplicas".into(), (replicas - ready).into());
        }
        // a quarter may be missing before a deployment counts as unavailable
        let enough = ready >= replicas - replicas / 4;
        status.insert("conditions".into(), json!([
            {"type": "Available", "status": if enough { "True" } else { "False" }, "lastUpdateTime": since, "lastTransitionTime": since,
             "reason": if enough { "MinimumReplicasAvailable" } else { "MinimumReplicasUnavailable" },
             "message": if enough { "Deployment has minimum availability." } else { "Deployment does not have minimum availability." }},
            {"type": "Progressing", "status": "True", "lastUpdateTime": since, "lastTransitionTime": since, "reason": "NewReplicaSetAvailable",
             "message": format!("ReplicaSet \"{}-{hash}\" has successfully progressed.", names.name)}]));
    }
    json!({"metadata": metadata, "spec": spec, "status": status})
}
