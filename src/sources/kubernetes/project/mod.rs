//! From a message of the wire to the row on screen: one file a family, pure functions without a clock.
//!
//! `listwatch` calls [`row`] for every object. What an operator reads first — the word, the health and the one line
//! that says why — is worked out here, once for each change of an object and not for each frame.

mod conditions;
mod core;
mod event;
mod hpa;
mod intern;
mod jobs;
mod metric;
mod network;
mod node;
mod pod;
mod sets;
mod sums;
mod trouble;
mod workload;

use bytes::Bytes;

pub use self::core::{budget, claim, config_map, namespace, secret};
pub use self::event::event;
pub use self::hpa::hpa;
pub use self::intern::Interner;
pub use self::jobs::{cron_job, job};
pub use self::network::{endpoint_slice, ingress, service};
pub use self::node::node;
pub use self::pod::pod;
pub use self::sets::{daemon_set, stateful_set};
pub use self::sums::{allotment, sums};
pub use self::workload::{deployment, replica_set};

use super::wire::message as m;
use super::wire::{Format, decode};
use crate::model::{EndpointId, Key, Kind, Meta, Row, Uid};

/// The row of an object of a built-in kind. None if the bytes are no object, or the kind has no row of ours.
pub fn row(
    kind: &Kind,
    format: Format,
    item: Bytes,
    interner: &mut Interner,
    endpoint: EndpointId,
) -> Option<Row> {
    macro_rules! with {
        ($message:ty, $project:path) => {
            $project(&decode::<$message>(format, item)?, interner, endpoint)
        };
    }
    let resource = |resource| Row::Resource(kind.clone(), Box::new(resource));
    let workload = |workload| Row::Workload(Box::new(workload));
    Some(match kind {
        Kind::Pod => Row::Pod(with!(m::pod::Pod, pod)),
        Kind::Deployment => workload(with!(m::apps::Deployment, deployment)),
        Kind::StatefulSet => workload(with!(m::apps::StatefulSet, stateful_set)),
        Kind::DaemonSet => workload(with!(m::apps::DaemonSet, daemon_set)),
        Kind::ReplicaSet => workload(with!(m::apps::ReplicaSet, replica_set)),
        Kind::Job => workload(with!(m::batch::Job, job)),
        Kind::CronJob => workload(with!(m::batch::CronJob, cron_job)),
        Kind::HorizontalPodAutoscaler => Row::Hpa(Box::new(with!(
            m::autoscaling::HorizontalPodAutoscaler,
            hpa
        ))),
        Kind::Node => Row::Node(Box::new(with!(m::node::Node, node))),
        Kind::Event => Row::Event(Box::new(with!(m::event::Event, event))),
        Kind::Service => resource(with!(m::network::Service, service)),
        Kind::Ingress => resource(with!(m::network::Ingress, ingress)),
        Kind::EndpointSlice => resource(with!(m::network::EndpointSlice, endpoint_slice)),
        Kind::ConfigMap => resource(with!(m::core::ConfigMap, config_map)),
        Kind::Secret => resource(with!(m::core::Secret, secret)),
        Kind::PersistentVolumeClaim => resource(with!(m::core::PersistentVolumeClaim, claim)),
        Kind::PodDisruptionBudget => resource(with!(m::core::PodDisruptionBudget, budget)),
        Kind::Namespace => resource(with!(m::core::Namespace, namespace)),
        _ => return None,
    })
}

/// Identity and version of an object of which nothing else is read.
pub fn head(format: Format, item: Bytes) -> Option<(Uid, u64)> {
    let head: m::meta::Head = decode(format, item)?;
    let meta = head.metadata.unwrap_or_default();
    Some((uid(&meta), version(&meta)))
}

/// What every object has.
fn meta(
    message: Option<&m::meta::ObjectMeta>,
    interner: &mut Interner,
    endpoint: EndpointId,
) -> Meta {
    let empty = m::meta::ObjectMeta::default();
    let message = message.unwrap_or(&empty);
    Meta {
        key: Key {
            endpoint,
            uid: uid(message),
        },
        namespace: interner.name(&message.namespace),
        name: message.name.as_str().into(),
        created: message.creation_timestamp.and_then(|time| time.moment()),
        deleting: message.deletion_timestamp.and_then(|time| time.moment()),
        version: version(message),
        labels: interner.labels(&message.labels),
        owner: interner.owner(&message.owner_references),
    }
}

/// An object without uid is known by its place.
fn uid(meta: &m::meta::ObjectMeta) -> Uid {
    if meta.uid.is_empty() {
        Uid::hash(&format!("{}/{}", meta.namespace, meta.name))
    } else {
        Uid::parse(&meta.uid)
    }
}

fn version(meta: &m::meta::ObjectMeta) -> u64 {
    meta.resource_version.parse().unwrap_or_default()
}

/// A count that the server never means to be negative.
fn count(number: i32) -> u32 {
    u32::try_from(number).unwrap_or_default()
}
