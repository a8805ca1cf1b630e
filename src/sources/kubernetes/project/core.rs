//! Config maps, secrets, volume claims, disruption budgets and namespaces as rows. Cells stand in the order of
//! `model::columns`.

use super::conditions::{having, words};
use super::trouble::quote;
use super::{Interner, meta};
use crate::model::{EndpointId, Health, Meta, Quantity, Resource, Value};
use crate::sources::kubernetes::wire::message::core as message;
use crate::sources::kubernetes::wire::message::meta::{Blob, IntOrString};

/// Makes the row of a config map.
pub fn config_map(
    message: &message::ConfigMap,
    interner: &mut Interner,
    endpoint: EndpointId,
) -> Resource {
    let entries = message.data.len() + message.binary_data.len();
    let size = size(&message.data) + size(&message.binary_data);
    plain(
        meta(message.metadata.as_ref(), interner, endpoint),
        [
            Value::Number(entries as i64),
            Value::Bytes(size),
            yes(message.immutable, interner),
        ],
    )
}

/// Makes the row of a secret, of whose values only the size is kept.
pub fn secret(
    message: &message::Secret,
    interner: &mut Interner,
    endpoint: EndpointId,
) -> Resource {
    plain(
        meta(message.metadata.as_ref(), interner, endpoint),
        [
            name(&message.kind, interner),
            Value::Number(message.data.len() as i64),
            Value::Bytes(size(&message.data)),
            yes(message.immutable, interner),
        ],
    )
}

/// Makes the row of a volume claim.
pub fn claim(
    message: &message::PersistentVolumeClaim,
    interner: &mut Interner,
    endpoint: EndpointId,
) -> Resource {
    let meta = meta(message.metadata.as_ref(), interner, endpoint);
    let spec = message.spec.clone().unwrap_or_default();
    let status = message.status.clone().unwrap_or_default();
    let capacity = status
        .capacity
        .iter()
        .find(|amount| amount.key == "storage")
        .and_then(|amount| Quantity::parse(&amount.value.as_ref()?.string));
    let resizing = having(&status.conditions, "FileSystemResizePending", "True")
        .map(|_| "waits for its pod to restart, to grow the file system".to_owned())
        .or_else(|| {
            having(&status.conditions, "Resizing", "True").map(|_| "is being resized".to_owned())
        })
        .or_else(|| {
            having(&status.conditions, "ControllerResizeError", "True")
                .map(|error| quote(&error.message).to_owned())
        });
    let (health, why) = match status.phase.as_str() {
        _ if meta.deleting.is_some() => (Health::Busy, resizing),
        "Bound" if resizing.is_some() => (Health::Busy, resizing),
        "Bound" => (Health::Good, None),
        "Pending" => (Health::Warn, Some("no volume is bound yet".to_owned())),
        "Lost" => (Health::Bad, Some("its volume is lost".to_owned())),
        _ => (Health::Warn, None),
    };
    let modes: Vec<&str> = status.access_modes.iter().map(|mode| short(mode)).collect();
    let word = if meta.deleting.is_some() {
        "Terminating"
    } else {
        &status.phase
    };
    Resource {
        cells: Box::new([
            name(word, interner),
            text(&spec.volume_name),
            capacity.map_or(Value::None, |capacity| Value::Bytes(capacity.bytes())),
            name(&modes.join(","), interner),
            name(
                spec.storage_class_name.as_deref().unwrap_or_default(),
                interner,
            ),
            name(spec.volume_mode.as_deref().unwrap_or_default(), interner),
        ]),
        health,
        why: why.map(Into::into),
        meta,
    }
}

fn short(mode: &str) -> &str {
    match mode {
        "ReadWriteOnce" => "RWO",
        "ReadOnlyMany" => "ROX",
        "ReadWriteMany" => "RWX",
        "ReadWriteOncePod" => "RWOP",
        other => other,
    }
}

/// Makes the row of a disruption budget.
pub fn budget(
    message: &message::PodDisruptionBudget,
    interner: &mut Interner,
    endpoint: EndpointId,
) -> Resource {
    let meta = meta(message.metadata.as_ref(), interner, endpoint);
    let spec = message.spec.clone().unwrap_or_default();
    let status = message.status.clone().unwrap_or_default();
    let failing = having(&status.conditions, "DisruptionAllowed", "False")
        .filter(|condition| condition.reason == "SyncFailed");
    let (health, why) = if let Some(failing) = failing {
        (Health::Warn, Some(quote(&words(failing)).to_owned()))
    } else if status.expected_pods == 0 {
        (Health::Idle, Some("no pods match".to_owned()))
    } else if status.current_healthy < status.desired_healthy {
        let why = format!(
            "{} of {} wanted pods healthy",
            status.current_healthy, status.desired_healthy
        );
        (Health::Warn, Some(why))
    } else if status.disruptions_allowed == 0 {
        (Health::Good, Some("allows no eviction now".to_owned()))
    } else {
        (Health::Good, None)
    };
    Resource {
        cells: Box::new([
            amount(spec.min_available.as_ref()),
            amount(spec.max_unavailable.as_ref()),
            Value::Number(status.current_healthy.into()),
            Value::Number(status.desired_healthy.into()),
            Value::Number(status.expected_pods.into()),
            Value::Number(status.disruptions_allowed.into()),
        ]),
        health,
        why: why.map(Into::into),
        meta,
    }
}

/// Makes the row of a namespace.
pub fn namespace(
    message: &message::Namespace,
    interner: &mut Interner,
    endpoint: EndpointId,
) -> Resource {
    let meta = meta(message.metadata.as_ref(), interner, endpoint);
    let status = message.status.clone().unwrap_or_default();
    let remains = [
        "NamespaceDeletionContentFailure",
        "NamespaceDeletionDiscoveryFailure",
        "NamespaceContentRemaining",
        "NamespaceFinalizersRemaining",
    ];
    let stuck = remains
        .iter()
        .find_map(|kind| having(&status.conditions, kind, "True"))
        .map(|condition| quote(&condition.message).into());
    Resource {
        cells: Box::new([name(&status.phase, interner)]),
        health: match (status.phase.as_str(), &stuck) {
            ("Terminating", Some(_)) => Health::Warn,
            ("Terminating", None) => Health::Busy,
            _ => Health::Good,
        },
        why: stuck,
        meta,
    }
}

/// A row without a health of its own.
pub(super) fn plain<const N: usize>(meta: Meta, cells: [Value; N]) -> Resource {
    Resource {
        health: if meta.deleting.is_some() {
            Health::Busy
        } else {
            Health::Good
        },
        why: None,
        cells: Box::new(cells),
        meta,
    }
}

pub(super) fn name(word: &str, interner: &mut Interner) -> Value {
    if word.is_empty() {
        Value::None
    } else {
        Value::Name(interner.name(word))
    }
}

pub(super) fn text(words: &str) -> Value {
    if words.is_empty() {
        Value::None
    } else {
        Value::Text(words.into())
    }
}

fn yes(yes: bool, interner: &mut Interner) -> Value {
    if yes {
        name("yes", interner)
    } else {
        Value::None
    }
}

fn amount(amount: Option<&IntOrString>) -> Value {
    match amount {
        None => Value::None,
        Some(amount) if amount.kind == 0 => Value::Number(amount.int.into()),
        Some(amount) => Value::Text(amount.word.as_str().into()),
    }
}

fn size(blobs: &[Blob]) -> u64 {
    blobs.iter().map(|blob| blob.value.len() as u64).sum()
}
