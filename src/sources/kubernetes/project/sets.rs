//! Stateful sets and daemon sets as rows.

use super::workload::{Pods, Template, Verdict, progress, row, selector, standing, unseen_change};
use super::{Interner, count, meta};
use crate::model::{EndpointId, Health, Rollout, Workload, WorkloadKind};
use crate::sources::kubernetes::wire::message::apps as message;
use crate::sources::kubernetes::wire::message::meta::ObjectMeta;

/// Makes the row of a stateful set.
pub fn stateful_set(
    message: &message::StatefulSet,
    interner: &mut Interner,
    endpoint: EndpointId,
) -> Workload {
    let spec = message.spec.clone().unwrap_or_default();
    let status = message.status.clone().unwrap_or_default();
    let meta_message = message.metadata.as_ref();
    let generation = meta_message.map_or(0, |meta| meta.generation);
    let desired = count(spec.replicas.unwrap_or(1));
    let pods = Pods {
        desired,
        current: count(status.replicas),
        ready: count(status.ready_replicas),
        updated: count(status.updated_replicas),
        available: count(status.available_replicas),
    };
    let strategy = spec.update_strategy.unwrap_or_default();
    let partition = strategy
        .rolling_update
        .map_or(0, |update| count(update.partition));
    let changed = !status.update_revision.is_empty()
        && !status.current_revision.is_empty()
        && status.update_revision != status.current_revision;
    let unseen = status.observed_generation < generation;
    // Pods below the partition stay as they are, so only the rest has to be new.
    let due = desired.saturating_sub(partition);
    let by_hand = strategy.kind == "OnDelete";
    // Without a revision change the controller does not count updated pods.
    let rolling = unseen || changed && !by_hand && pods.updated < due;
    let verdict = if unseen {
        unseen_change()
    } else if changed && by_hand {
        let old = pods.current.saturating_sub(pods.updated);
        Verdict::new(
            "Waiting",
            Health::Warn,
            format!("{old} old pods wait to be deleted by hand (OnDelete)"),
        )
    } else if rolling {
        let why = format!("{} of {due} pods are new", pods.updated);
        Verdict::new("Rolling out", Health::Busy, why)
    } else if changed && partition > 0 {
        let mut verdict = standing(pods);
        if verdict.why.is_empty() {
            verdict.why = format!(
                "held at partition {partition}: {} of {desired} pods are new",
                pods.updated
            );
        }
        verdict
    } else {
        standing(pods)
    };
    let revision = hash(&status.update_revision, meta_message);
    let rollout = Rollout {
        revision: interner.name(revision),
        rolling,
        since: None,
        paused: changed && partition >= desired && partition > 0,
        stuck: None,
    };
    row(
        meta(meta_message, interner, endpoint),
        WorkloadKind::StatefulSet,
        pods,
        verdict,
        Template::of(spec.template.as_ref(), interner),
        selector(spec.selector.as_ref(), interner),
        Some(rollout),
        interner,
    )
}

/// The part of a revision's name that tells it apart: `orders-db-7d9f` without the set's name.
fn hash<'a>(revision: &'a str, meta: Option<&ObjectMeta>) -> &'a str {
    let name = meta.map_or("", |meta| &meta.name);
    let rest = revision.strip_prefix(name);
    rest.and_then(|rest| rest.strip_prefix('-'))
        .unwrap_or(revision)
}

/// Makes the row of a daemon set.
pub fn daemon_set(
    message: &message::DaemonSet,
    interner: &mut Interner,
    endpoint: EndpointId,
) -> Workload {
    let spec = message.spec.clone().unwrap_or_default();
    let status = message.status.clone().unwrap_or_default();
    let meta_message = message.metadata.as_ref();
    let generation = meta_message.map_or(0, |meta| meta.generation);
    let pods = Pods {
        desired: count(status.desired_number_scheduled),
        current: count(status.current_number_scheduled),
        ready: count(status.number_ready),
        updated: count(status.updated_number_scheduled),
        available: count(status.number_available),
    };
    let by_hand = spec
        .update_strategy
        .is_some_and(|strategy| strategy.kind == "OnDelete");
    let unseen = status.observed_generation < generation;
    let old = pods.current.saturating_sub(pods.updated);
    let rolling = unseen || !by_hand && pods.updated < pods.desired;
    let verdict = if unseen {
        unseen_change()
    } else if by_hand && old > 0 {
        Verdict::new(
            "Waiting",
            Health::Warn,
            format!("{old} old pods wait to be deleted by hand (OnDelete)"),
        )
    } else if rolling {
        Verdict::new("Rolling out", Health::Busy, progress(pods, old))
    } else if pods.desired == 0 && pods.current == 0 {
        Verdict::new("No nodes", Health::Idle, "no node matches")
    } else if status.number_misscheduled > 0 {
        let mut verdict = standing(pods);
        if verdict.why.is_empty() {
            verdict.why = format!(
                "{} pods on nodes that should have none",
                status.number_misscheduled
            );
        }
        verdict
    } else {
        standing(pods)
    };
    let rollout = Rollout {
        // A daemon set's status names no revision; its generation counts the changes of its template.
        revision: interner.name(&if generation > 0 {
            generation.to_string()
        } else {
            String::new()
        }),
        rolling,
        since: None,
        paused: false,
        stuck: None,
    };
    row(
        meta(meta_message, interner, endpoint),
        WorkloadKind::DaemonSet,
        pods,
        verdict,
        Template::of(spec.template.as_ref(), interner),
        selector(spec.selector.as_ref(), interner),
        Some(rollout),
        interner,
    )
}
