//! Rules that find what is wrong by joining rows: pure, and cheap enough to ask for every row on screen.

use std::borrow::Cow;

use crate::model::{Health, Kind, Pod, Workload, WorkloadKind};

use super::Store;

/// Pods of one controller that are looked at; in a mass outage the first ones tell the story.
const LOOKED_AT: usize = 64;

/// Why a pod is not well, in one line: what the pod itself tells, else the newest warning about it (a failing probe
/// is only told there). Nothing while it is well.
pub fn why_not_ready<'a>(store: &'a Store, pod: &'a Pod) -> Option<&'a str> {
    if !matches!(pod.health, Health::Bad | Health::Warn | Health::Busy) {
        return None;
    }
    let told = pod.why.as_deref();
    if told.is_some_and(|why| !why.starts_with("not ready")) {
        return told;
    }
    store
        .last_warning(&pod.meta.key)
        .map(|event| event.message.as_str())
        .filter(|message| !message.is_empty())
        .or(told)
}

/// Why a workload is not well, in one line: the first blocking cause among its pods, and what the workload itself
/// tells beyond counting them.
pub fn why_workload<'a>(store: &'a Store, workload: &'a Workload) -> Option<Cow<'a, str>> {
    let told = workload.why.as_deref().filter(|why| !why.is_empty());
    if matches!(workload.health, Health::Good | Health::Idle) {
        return told.map(Cow::Borrowed);
    }
    let cause = worst_pod(store, workload).and_then(|pod| why_not_ready(store, pod));
    match (cause, told) {
        (Some(cause), Some(told)) if !counts(told) && told != cause => {
            Some(Cow::Owned(format!("{cause} · {told}")))
        }
        (Some(cause), _) => Some(Cow::Borrowed(cause)),
        (None, told) => told.map(Cow::Borrowed),
    }
}

/// The pod that is worst off among those of a workload that are in trouble.
fn worst_pod<'a>(store: &'a Store, workload: &Workload) -> Option<&'a Pod> {
    store
        .crews_of(workload)
        .flat_map(|pods| {
            pods.filter(|pod| matches!(pod.health, Health::Bad | Health::Warn))
                .take(LOOKED_AT)
        })
        .take(LOOKED_AT * LOOKED_AT)
        .min_by_key(|pod| (pod.health, std::cmp::Reverse(pod.restarts), pod.meta.key))
}

impl Store {
    /// The pods of a workload.
    pub fn pods_of(&self, workload: &Workload) -> impl Iterator<Item = &Pod> {
        self.crews_of(workload).flatten()
    }

    /// The pods of a workload, by controller.
    fn crews_of(&self, workload: &Workload) -> impl Iterator<Item = impl Iterator<Item = &Pod>> {
        let meta = &workload.meta;
        self.crews
            .of(meta.key.endpoint, &meta.namespace, &meta.name)
            .filter_map(|slots| {
                // All pods of a controller have the same owner and, where it matters, the same labels.
                let mut pods = slots.iter().filter_map(|slot| self.pods.get(*slot));
                let first = pods.next()?;
                own(workload, first).then(|| std::iter::once(first).chain(pods))
            })
    }
}

/// Whether a pod, whose controller's name begins with the workload's, is the workload's own.
fn own(workload: &Workload, pod: &Pod) -> bool {
    let Some(owner) = &pod.meta.owner else {
        return false;
    };
    let name = workload.meta.name.as_str();
    match workload.kind {
        WorkloadKind::Deployment => {
            owner.name.as_bytes().get(name.len()) == Some(&b'-')
                && pod.meta.labels.chosen_by(&workload.selector)
        }
        WorkloadKind::CronJob => {
            owner.name.as_bytes().get(name.len()) == Some(&b'-')
                && owner.kind.as_str() == Kind::Job.name()
        }
        _ => owner.uid == workload.meta.key.uid,
    }
}

/// Whether a reason only counts pods, which the READY column does already: `1 of 3 ready`.
fn counts(why: &str) -> bool {
    why.starts_with(|c: char| c.is_ascii_digit()) && why.contains(" of ")
        || why.starts_with("not ready")
}
