//! A node as a row.

use super::conditions::{State, find};
use super::sums::allotment;
use super::trouble::quote;
use super::{Interner, meta};
use crate::model::{EndpointId, Health, Node, Quantity};
use crate::sources::kubernetes::wire::message::meta::{Amount, Condition};
use crate::sources::kubernetes::wire::message::node as message;

/// The label by which a node's roles are told, and the old one.
const ROLE: &str = "node-role.kubernetes.io/";
const OLD_ROLE: &str = "kubernetes.io/role";

/// Makes the row of a node.
pub fn node(message: &message::Node, interner: &mut Interner, endpoint: EndpointId) -> Node {
    let meta = meta(message.metadata.as_ref(), interner, endpoint);
    let spec = message.spec.clone().unwrap_or_default();
    let status = message.status.clone().unwrap_or_default();
    let info = status.node_info.unwrap_or_default();
    let ready = find(&status.conditions, "Ready");
    let mut word = match ready.map(|ready| ready.status.as_str()) {
        Some("True") => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    }
    .to_owned();
    if spec.unschedulable {
        word.push_str(",SchedulingDisabled");
    }
    let (health, why) = judge(ready, &status.conditions, spec.unschedulable);
    let address = |kind: &str| {
        let found = status.addresses.iter().find(|one| one.kind == kind);
        found.map_or("", |one| one.address.as_str())
    };
    let mut roles: Vec<&str> = meta
        .labels
        .iter()
        .filter_map(|(key, value)| match key.strip_prefix(ROLE) {
            Some(role) if !role.is_empty() => Some(role),
            _ if key == OLD_ROLE && !value.is_empty() => Some(value),
            _ => None,
        })
        .collect();
    roles.sort_unstable();
    roles.dedup();
    Node {
        status: interner.name(&word),
        health,
        why: (!why.is_empty()).then(|| why.into()),
        roles: interner.name(&roles.join(",")),
        version: interner.name(&info.kubelet_version),
        internal_ip: interner.name(address("InternalIP")),
        external_ip: interner.name(address("ExternalIP")),
        os_image: interner.name(&info.os_image),
        kernel: interner.name(&info.kernel_version),
        runtime: interner.name(&info.container_runtime_version),
        cordoned: spec.unschedulable,
        taints: spec.taints.len() as u16,
        allocatable: allotment(&status.allocatable),
        capacity: allotment(&status.capacity),
        pods_capacity: pods(&status.allocatable)
            .or(pods(&status.capacity))
            .unwrap_or_default(),
        meta,
    }
}

fn pods(amounts: &[Amount]) -> Option<u32> {
    let amount = amounts.iter().find(|amount| amount.key == "pods")?;
    let quantity = Quantity::parse(&amount.value.as_ref()?.string)?;
    u32::try_from(quantity.milli / 1000).ok()
}

/// The worst condition first, in words.
fn judge(ready: Option<&Condition>, conditions: &[Condition], cordoned: bool) -> (Health, String) {
    let mut words = Vec::new();
    let mut health = Health::Good;
    match ready {
        Some(ready) if ready.status == "True" => {}
        Some(ready) if ready.status == "Unknown" => {
            health = Health::Bad;
            words.push("the kubelet has stopped reporting".to_owned());
        }
        Some(ready) => {
            health = Health::Bad;
            let message = quote(&ready.message);
            words.push(if message.is_empty() {
                "not ready".to_owned()
            } else {
                message.to_owned()
            });
        }
        None => {
            health = Health::Bad;
            words.push("the kubelet has never reported".to_owned());
        }
    }
    for condition in conditions {
        let known = match condition.kind() {
            "MemoryPressure" => "short of memory",
            "DiskPressure" => "short of disk",
            "PIDPressure" => "short of process ids",
            "NetworkUnavailable" => "its network is not set up",
            // The kubelet's silence is said once.
            "Ready" => continue,
            // Other watchdogs of nodes report trouble as true.
            other => other,
        };
        if condition.status == "True" {
            health = health.min(Health::Warn);
            words.push(if known == condition.kind() {
                format!("{known}: {}", quote(&condition.message))
            } else {
                known.to_owned()
            });
        }
    }
    if cordoned {
        health = health.min(Health::Warn);
        words.push("cordoned".to_owned());
    }
    (health, words.join("; "))
}
