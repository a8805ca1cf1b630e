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
pub use self::sums::{allotment, sums};
pub use self::workload::{daemon_set, deployment, replica_set, stateful_set};

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
    let resource = match kind {
        Kind::Pod => return Some(Row::Pod(with!(m::pod::Pod, pod))),
        Kind::Deployment => return boxed(with!(m::apps::Deployment, deployment), Row::Workload),
        Kind::StatefulSet => {
            return boxed(with!(m::apps::StatefulSet, stateful_set), Row::Workload);
        }
        Kind::DaemonSet => return boxed(with!(m::apps::DaemonSet, daemon_set), Row::Workload),
        Kind::ReplicaSet => return boxed(with!(m::apps::ReplicaSet, replica_set), Row::Workload),
        Kind::Job => return boxed(with!(m::batch::Job, job), Row::Workload),
        Kind::CronJob => return boxed(with!(m::batch::CronJob, cron_job), Row::Workload),
        Kind::HorizontalPodAutoscaler => {
            return boxed(
                with!(m::autoscaling::HorizontalPodAutoscaler, hpa),
                Row::Hpa,
            );
        }
        Kind::Node => return boxed(with!(m::node::Node, node), Row::Node),
        Kind::Event => return boxed(with!(m::event::Event, event), Row::Event),
        Kind::Service => with!(m::network::Service, service),
        Kind::Ingress => with!(m::network::Ingress, ingress),
        Kind::EndpointSlice => with!(m::network::EndpointSlice, endpoint_slice),
        Kind::ConfigMap => with!(m::core::ConfigMap, config_map),
        Kind::Secret => with!(m::core::Secret, secret),
        Kind::PersistentVolumeClaim => with!(m::core::PersistentVolumeClaim, claim),
        Kind::PodDisruptionBudget => with!(m::core::PodDisruptionBudget, budget),
        Kind::Namespace => with!(m::core::Namespace, namespace),
        Kind::Custom(_) => return None,
    };
    Some(Row::Resource(kind.clone(), Box::new(resource)))
}

fn boxed<T>(row: T, wrap: fn(Box<T>) -> Row) -> Option<Row> {
    Some(wrap(Box::new(row)))
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
