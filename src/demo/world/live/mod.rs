//! What makes the world live: controllers and kubelets that run from one due time to the next, up to the world's clock.
//!
//! It depends on the seed and on the world's time only, so that two worlds of one seed are alike. What must stay true: a step
//! leaves nothing undone that was due, and every change goes through the store.

pub(crate) mod autoscalers;
pub(crate) mod daemons;
pub(crate) mod deployments;
pub(crate) mod events;
pub(crate) mod images;
pub(crate) mod jobs;
pub(crate) mod kubelet;
pub(crate) mod life;
pub(crate) mod load;
pub(crate) mod nodes;
pub(crate) mod pods;
mod progress;
pub(crate) mod revisions;
pub(crate) mod schedule;
pub(crate) mod services;
pub(crate) mod sets;
pub(crate) mod stateful;
pub(crate) mod status;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;
use serde_json::Value;

use self::images::Image;
use self::life::{Life, later};
use self::load::Habits;
use super::Cluster;
use super::item::{list, text};
use super::resource::{self, Resource};
use crate::demo::scenario::Step;

/// A namespace and a name.
pub(crate) type Key = (String, String);
/// How often the controllers may run over one namespace before they are taken to disagree.
const ROUNDS: usize = 12;

/// What the controllers know beside the objects.
#[derive(Debug, Default, Clone)]
pub(crate) struct Live {
    pub(crate) images: Vec<Image>,
    pub(crate) lives: BTreeMap<Key, Life>,
    pub(crate) habits: BTreeMap<Key, Habits>,
    /// What changed: controllers by name, and without a name what follows from a namespace's pods. The empty namespace is
    /// that of the nodes.
    pub(crate) dirty: BTreeSet<Key>,
    /// When a controller must be looked at again.
    pub(crate) alarms: BTreeSet<(Timestamp, Key)>,
    /// When a deployment last began a rollout.
    pub(crate) rolled: BTreeMap<Key, String>,
    /// What each autoscaler's metrics lately asked for.
    pub(crate) advice: BTreeMap<Key, VecDeque<(Timestamp, i64)>>,
    /// Lost nodes, and when their pods are moved away.
    pub(crate) evictions: BTreeMap<String, Timestamp>,
    /// Steps of the scenario still to come, in order.
    pub(crate) plan: VecDeque<(Timestamp, Step)>,
    pub(crate) clocks: Clocks,
}

/// When the periodic controllers next run; those without a time sleep.
#[derive(Debug, Default, Clone)]
pub(crate) struct Clocks {
    pub(crate) autoscalers: Option<Timestamp>,
    pub(crate) cron: Option<Timestamp>,
    pub(crate) expiry: Option<Timestamp>,
    pub(crate) heartbeat: Option<Timestamp>,
}

impl Live {
    /// What a workload's pods are like.
    pub(crate) fn habits(&self, namespace: &str, workload: &str) -> Habits {
        // the set of a deployment ends in a hash that the deployment's name has not
        let key = |name: &str| (namespace.to_owned(), name.to_owned());
        self.habits
            .get(&key(workload))
            .or_else(|| self.habits.get(&key(workload.rsplit_once('-')?.0)))
            .cloned()
            .unwrap_or_default()
    }

    fn next_due(&self) -> Option<Timestamp> {
        let clocks = [
            self.clocks.autoscalers,
            self.clocks.cron,
            self.clocks.expiry,
            self.clocks.heartbeat,
        ];
        self.lives
            .values()
            .filter_map(|l| l.due)
            .chain(clocks.into_iter().flatten())
            .chain(self.alarms.first().map(|(at, _)| *at))
            .chain(self.evictions.values().copied())
            .chain(self.plan.front().map(|(at, _)| *at))
            .min()
    }
}

/// Lets the world live until `until`.
pub(crate) fn run(c: &mut Cluster, until: Timestamp) {
    settle(c);
    while let Some(due) = c.live.next_due().filter(|due| *due <= until) {
        c.now = c.now.max(due);
        step(c);
        settle(c);
    }
    c.now = c.now.max(until);
}

fn step(c: &mut Cluster) {
    let now = c.now;
    while c.live.plan.front().is_some_and(|(at, _)| *at <= now) {
        if let Some((_, step)) = c.live.plan.pop_front() {
            step.perform(c);
        }
    }
    kubelet::run(c);
    nodes::evict(c);
    while c.live.alarms.first().is_some_and(|(at, _)| *at <= now) {
        if let Some((_, key)) = c.live.alarms.pop_first() {
            c.live.dirty.insert(key);
        }
    }
    if c.live.clocks.autoscalers.is_some_and(|at| at <= now) {
        c.live.clocks.autoscalers = Some(autoscalers::next(now));
        autoscalers::run(c);
    }
    if c.live.clocks.cron.is_some_and(|at| at <= now) {
        c.live.clocks.cron = Some(jobs::next_minute(now));
        jobs::tick(c);
    }
    if c.live.clocks.expiry.is_some_and(|at| at <= now) {
        c.live.clocks.expiry = Some(later(now, 30_000));
        events::expire(c);
    }
    if c.live.clocks.heartbeat.is_some_and(|at| at <= now) {
        c.live.clocks.heartbeat = Some(later(now, 10_000));
        nodes::heartbeat(c);
    }
}

/// Runs the controllers until nothing changes.
pub(crate) fn settle(c: &mut Cluster) {
    for _ in 0..ROUNDS {
        let dirty = std::mem::take(&mut c.live.dirty);
        if dirty.is_empty() {
            return;
        }
        let (follows, named): (Vec<Key>, Vec<Key>) =
            dirty.into_iter().partition(|(_, name)| name.is_empty());
        for (namespace, name) in &named {
            reconcile(c, namespace, name);
        }
        for (namespace, _) in &follows {
            if namespace.is_empty() {
                nodes_changed(c);
            } else {
                services::reconcile(c, namespace);
            }
        }
    }
}

fn reconcile(c: &mut Cluster, namespace: &str, name: &str) {
    jobs::reconcile(c, namespace, name);
    deployments::reconcile(c, namespace, name);
    sets::reconcile(c, namespace, name);
    stateful::reconcile(c, namespace, name);
    daemons::reconcile(c, namespace, name);
}

/// Daemons follow the nodes, and pods that wait for one are looked at again.
fn nodes_changed(c: &mut Cluster) {
    nodes::taint(c);
    let daemons: Vec<Key> = c
        .within_all(&resource::DAEMON_SETS)
        .map(|d| {
            (
                text(d, "/metadata/namespace").to_owned(),
                text(d, "/metadata/name").to_owned(),
            )
        })
        .collect();
    for (namespace, name) in daemons {
        daemons::reconcile(c, &namespace, &name);
    }
    let now = c.now;
    for life in c
        .live
        .lives
        .values_mut()
        .filter(|l| l.stage == life::Stage::Unscheduled)
    {
        life.due = Some(life.due.map_or(now, |due| due.min(later(now, 500))));
    }
}

/// Removes an object and, after it, what it owns.
pub(crate) fn collect(c: &mut Cluster, kind: &'static Resource, object: &Value) {
    let (namespace, name, uid) = (
        text(object, "/metadata/namespace"),
        text(object, "/metadata/name"),
        text(object, "/metadata/uid"),
    );
    c.remove(kind, namespace, name);
    for child in [
        &resource::REPLICA_SETS,
        &resource::JOBS,
        &resource::REVISIONS,
        &resource::SLICES,
    ] {
        for owned in pods::owned(c, child, namespace, uid) {
            collect(c, child, &owned);
        }
    }
    for pod in pods::owned(c, &resource::PODS, namespace, uid) {
        if pods::over(&pod) {
            pods::gone(c, namespace, text(&pod, "/metadata/name"));
        } else {
            pods::terminate(c, &pod, None);
        }
    }
}

/// Takes an owner's reference off what it owned, which then stays alone.
pub(crate) fn orphan(c: &mut Cluster, namespace: &str, uid: &str) {
    for child in [
        &resource::REPLICA_SETS,
        &resource::JOBS,
        &resource::REVISIONS,
        &resource::PODS,
    ] {
        for owned in pods::owned(c, child, namespace, uid) {
            c.edit(child, namespace, text(&owned, "/metadata/name"), |o| {
                let left: Vec<Value> = list(o, "/metadata/ownerReferences")
                    .iter()
                    .filter(|r| text(r, "/uid") != uid)
                    .cloned()
                    .collect();
                super::item::set(o, "/metadata/ownerReferences", left);
            });
        }
    }
}
