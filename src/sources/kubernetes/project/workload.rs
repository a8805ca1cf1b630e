//! Deployments and replica sets as rows: where their rollout stands and why it does not go on. What all workloads have
//! in common stands here too.

use std::fmt::Write;

use super::conditions::{self, find, having};
use super::sums::sums;
use super::trouble::quote;
use super::{Interner, count, meta};
use crate::model::{
    Allotment, EndpointId, Health, Labels, Meta, Name, Rollout, Text, Workload, WorkloadKind,
};
use crate::sources::kubernetes::wire::message::apps as message;
use crate::sources::kubernetes::wire::message::meta::{LabelSelector, ObjectMeta};
use crate::sources::kubernetes::wire::message::pod::{PodSpec, PodTemplate};

/// Under which annotation a deployment's revision stands.
const REVISION: &str = "deployment.kubernetes.io/revision";

/// What a workload's template says.
pub(super) struct Template {
    pub(super) images: Name,
    pub(super) containers: Name,
    pub(super) requests: Allotment,
    pub(super) limits: Allotment,
}

impl Template {
    pub(super) fn of(template: Option<&PodTemplate>, interner: &mut Interner) -> Self {
        let nothing = PodSpec::default();
        let spec = template.and_then(|template| template.spec.as_ref());
        let spec = spec.unwrap_or(&nothing);
        let (requests, limits) = sums(spec);
        let mut images = String::new();
        let mut containers = String::new();
        for container in &spec.containers {
            let comma = if images.is_empty() { "" } else { "," };
            let _ = write!(images, "{comma}{}", container.image);
            let _ = write!(containers, "{comma}{}", container.name);
        }
        Self {
            images: interner.name(&images),
            containers: interner.name(&containers),
            requests,
            limits,
        }
    }
}

/// The exact values of a selector; none if it also has expressions, which exact values cannot stand for.
pub(super) fn selector(selector: Option<&LabelSelector>, interner: &mut Interner) -> Labels {
    match selector {
        Some(selector) if selector.match_expressions.is_empty() => {
            interner.labels(&selector.match_labels)
        }
        _ => interner.labels(&[]),
    }
}

/// How far the pods of a workload are.
#[derive(Clone, Copy)]
pub(super) struct Pods {
    pub(super) desired: u32,
    pub(super) current: u32,
    pub(super) ready: u32,
    pub(super) updated: u32,
    pub(super) available: u32,
}

/// What a rollout comes to: the word, the health and the line that says why.
pub(super) struct Verdict {
    pub(super) status: &'static str,
    pub(super) health: Health,
    pub(super) why: String,
}

impl Verdict {
    pub(super) fn new(status: &'static str, health: Health, why: impl Into<String>) -> Self {
        Self {
            status,
            health,
            why: why.into(),
        }
    }
}

#[allow(
    clippy::too_many_arguments,
    reason = "the one place where a row is put together"
)]
pub(super) fn row(
    meta: Meta,
    kind: WorkloadKind,
    pods: Pods,
    verdict: Verdict,
    template: Template,
    selector: Labels,
    rollout: Option<Rollout>,
    interner: &mut Interner,
) -> Workload {
    let deleting = meta.deleting.is_some();
    Workload {
        kind,
        status: interner.name(if deleting {
            "Terminating"
        } else {
            verdict.status
        }),
        health: if deleting {
            Health::Busy
        } else {
            verdict.health
        },
        why: (!verdict.why.is_empty()).then(|| verdict.why.into()),
        desired: Some(pods.desired),
        ready: pods.ready,
        updated: pods.updated,
        available: pods.available,
        current: pods.current,
        failed: 0,
        images: template.images,
        containers: template.containers,
        selector,
        requests: template.requests,
        limits: template.limits,
        rollout,
        schedule: None,
        finished: None,
        started: None,
        meta,
    }
}

/// The verdict on pods whose rollout is over.
pub(super) fn standing(pods: Pods) -> Verdict {
    if pods.desired == 0 && pods.current == 0 {
        return Verdict::new("Scaled to 0", Health::Idle, "");
    }
    if pods.current > pods.desired {
        let why = format!(
            "{} of {} pods too many",
            pods.current - pods.desired,
            pods.current
        );
        return Verdict::new("Scaling", Health::Busy, why);
    }
    if pods.ready >= pods.desired && pods.available >= pods.desired {
        return Verdict::new("Running", Health::Good, "");
    }
    if pods.current < pods.desired {
        let why = format!("{} of {} pods exist", pods.current, pods.desired);
        return Verdict::new("Scaling", Health::Busy, why);
    }
    if pods.ready >= pods.desired {
        let why = format!(
            "{} of {} ready pods not long enough",
            pods.desired - pods.available,
            pods.desired
        );
        return Verdict::new("Scaling", Health::Busy, why);
    }
    let health = if pods.ready == 0 {
        Health::Bad
    } else {
        Health::Warn
    };
    Verdict::new(
        "Degraded",
        health,
        format!("{} of {} pods ready", pods.ready, pods.desired),
    )
}

pub(super) fn unseen_change() -> Verdict {
    Verdict::new(
        "Rolling out",
        Health::Busy,
        "the controller has not seen the change yet",
    )
}

/// [`ObjectMeta`] out of the metadata that also has annotations.
fn plain(meta: Option<&message::DeploymentMeta>) -> Option<ObjectMeta> {
    let meta = meta?;
    Some(ObjectMeta {
        name: meta.name.clone(),
        namespace: meta.namespace.clone(),
        uid: meta.uid.clone(),
        resource_version: meta.resource_version.clone(),
        generation: meta.generation,
        creation_timestamp: meta.creation_timestamp,
        deletion_timestamp: meta.deletion_timestamp,
        labels: meta.labels.clone(),
        owner_references: meta.owner_references.clone(),
    })
}

fn revision(meta: Option<&message::DeploymentMeta>, interner: &mut Interner) -> Name {
    let annotations = meta.map_or(&[][..], |meta| &meta.annotations);
    let revision = annotations.iter().find(|pair| pair.key == REVISION);
    interner.name(revision.map_or("", |pair| &pair.value))
}

/// Makes the row of a deployment.
pub fn deployment(
    message: &message::Deployment,
    interner: &mut Interner,
    endpoint: EndpointId,
) -> Workload {
    let spec = message.spec.clone().unwrap_or_default();
    let status = message.status.clone().unwrap_or_default();
    let metadata = plain(message.metadata.as_ref());
    let generation = metadata.as_ref().map_or(0, |meta| meta.generation);
    let pods = Pods {
        desired: count(spec.replicas.unwrap_or(1)),
        current: count(status.replicas),
        ready: count(status.ready_replicas),
        updated: count(status.updated_replicas),
        available: count(status.available_replicas),
    };
    let progressing = find(&status.conditions, "Progressing");
    // What keeps pods from being made at all outweighs that they do not come in time.
    let stuck = having(&status.conditions, "ReplicaFailure", "True")
        .map(|failure| format!("cannot make pods: {}", quote(&failure.message)))
        .or_else(|| {
            let late = progressing.filter(|one| one.reason == "ProgressDeadlineExceeded")?;
            Some(format!("no progress in time: {}", quote(&late.message)))
        });
    let unseen = status.observed_generation < generation;
    let old = pods.current.saturating_sub(pods.updated);
    // Once complete, missing pods are a matter of scaling or of their health.
    let complete = progressing.is_some_and(|one| one.reason == "NewReplicaSetAvailable");
    let behind = pods.updated < pods.desired || pods.available < pods.updated;
    let rolling = unseen || old > 0 || !complete && progressing.is_some() && behind;
    let verdict = if let Some(stuck) = &stuck {
        Verdict::new("Stuck", Health::Bad, stuck.clone())
    } else if spec.paused {
        Verdict::new("Paused", Health::Warn, "the rollout is paused")
    } else if unseen {
        unseen_change()
    } else if rolling {
        Verdict::new("Rolling out", Health::Busy, progress(pods, old))
    } else {
        standing(pods)
    };
    let rollout = Rollout {
        revision: revision(message.metadata.as_ref(), interner),
        rolling: rolling && !(pods.desired == 0 && pods.current == 0),
        since: progressing
            .and_then(|one| one.last_update_time.or(one.last_transition_time)?.moment()),
        paused: spec.paused,
        stuck: stuck.map(Text::from),
    };
    row(
        meta(metadata.as_ref(), interner, endpoint),
        WorkloadKind::Deployment,
        pods,
        verdict,
        Template::of(spec.template.as_ref(), interner),
        selector(spec.selector.as_ref(), interner),
        Some(rollout),
        interner,
    )
}

/// `2 of 3 new pods ready, 1 old left`
pub(super) fn progress(pods: Pods, old: u32) -> String {
    let mut words = if pods.updated < pods.desired {
        format!("{} of {} pods are new", pods.updated, pods.desired)
    } else {
        let ready = pods.available.saturating_sub(old).min(pods.updated);
        format!("{ready} of {} new pods ready", pods.desired)
    };
    if old > 0 {
        let _ = write!(words, ", {old} old left");
    }
    words
}

/// Makes the row of a replica set.
pub fn replica_set(
    message: &message::ReplicaSet,
    interner: &mut Interner,
    endpoint: EndpointId,
) -> Workload {
    let spec = message.spec.clone().unwrap_or_default();
    let status = message.status.clone().unwrap_or_default();
    let metadata = plain(message.metadata.as_ref());
    let pods = Pods {
        desired: count(spec.replicas.unwrap_or(1)),
        current: count(status.replicas),
        ready: count(status.ready_replicas),
        updated: count(status.replicas),
        available: count(status.available_replicas),
    };
    let failure = having(&status.conditions, "ReplicaFailure", "True");
    let verdict = match failure {
        Some(failure) => {
            let why = if failure.message.is_empty() {
                conditions::words(failure)
            } else {
                quote(&failure.message).to_owned()
            };
            Verdict::new("Stuck", Health::Bad, format!("cannot make pods: {why}"))
        }
        None => standing(pods),
    };
    let revision = revision(message.metadata.as_ref(), interner);
    let rollout = (!revision.is_empty()).then(|| Rollout {
        revision,
        ..Rollout::default()
    });
    row(
        meta(metadata.as_ref(), interner, endpoint),
        WorkloadKind::ReplicaSet,
        pods,
        verdict,
        Template::of(spec.template.as_ref(), interner),
        selector(spec.selector.as_ref(), interner),
        rollout,
        interner,
    )
}
