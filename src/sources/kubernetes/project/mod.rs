//! From a message of the wire to the row on screen: one file a family, pure functions without a clock.
//!
//! `listwatch` calls [`row`] for every object. What an operator reads first — the word, the health and the one line
//! that says why — is worked out here, once for each change of an object and not for each frame.

mod conditions;
mod intern;
mod pod;
mod sums;
mod trouble;

use bytes::Bytes;

pub use self::intern::Interner;
pub use self::pod::pod;
pub use self::sums::{allotment, sums};

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
    let resource: crate::model::Resource = match kind {
        Kind::Pod => return Some(Row::Pod(with!(m::pod::Pod, pod))),
        _ => return None,
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
