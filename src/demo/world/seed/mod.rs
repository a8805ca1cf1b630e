//! The world's beginning: the estate is applied in its past, and the controllers run through that past up to now, so that
//! every age, revision and event has its reason.

mod around;
pub(crate) mod spec;
mod workload;

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde_json::json;

use self::spec::{Workload, estate, parse_seconds};
use super::item::{set, text};
use super::live::images::{Does, behaviour};
use super::live::life::later;
use super::live::load::{Habits, bytes};
use super::live::{self, autoscalers, jobs};
use super::managed::{Writer, record};
use super::resource;
use super::{Cluster, seconds};
use crate::demo::scenario::{Act, Scenario, Step};

/// How long before now autoscalers, cron jobs and events begin; before that only rollouts happen.
const RECENT_MS: i64 = 30 * 60_000;
const NIGHTS: i64 = 3;

/// Beginnings of fixed worlds: which cluster, seed, time, fleet and scenario.
type Begun = (&'static str, u64, Timestamp, usize, String);

/// How many beginnings are kept.
const KEPT: usize = 12;

static BEGUN: Mutex<Vec<(Begun, Cluster)>> = Mutex::new(Vec::new());

/// A cluster with its estate as of `now`. That of a `fixed` world is kept, since whoever asks for one asks for it again.
pub(crate) fn cluster(
    name: &'static str,
    seed: u64,
    now: Timestamp,
    pods: usize,
    scenario: &Scenario,
    fixed: bool,
) -> Cluster {
    let key: Begun = (name, seed, now, pods, scenario.name.clone());
    let lock = || BEGUN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, begun)) = lock().iter().find(|(k, _)| *k == key) {
        return begun.clone();
    }
    let mut cluster = Cluster::new(name, seed, now, pods);
    fill(&mut cluster, scenario);
    if fixed {
        let mut begun = lock();
        if begun.len() == KEPT {
            begun.remove(0);
        }
        begun.push((key, cluster.clone()));
    }
    cluster
}

/// Fills a cluster with its estate as of now.
fn fill(c: &mut Cluster, scenario: &Scenario) {
    let Some(entry) = estate().clusters.iter().find(|e| e.name == c.name) else {
        return;
    };
    let now = c.now;
    let images = &estate().images;
    c.live.images.clone_from(images);
    let calm = |image: &str| {
        scenario.troubles || matches!(behaviour(images, image).does, Does::Serve | Does::Exit)
    };
    let wanted = |w: &&Workload| {
        let troubled =
            parse_seconds(&w.age) < 7200 || w.image.ends_with("-broken") || w.name == "cart";
        scenario.troubles || !troubled
    };
    let born = later(now, -parse_seconds("52d") * 1000);
    c.now = born;
    let since = seconds(later(now, -parse_seconds("3h") * 1000));
    put_all(c, around::once(&resource::CERTIFICATES, &resource::BACKUPS));
    for name in ["default", "kube-node-lease", "kube-public", "kube-system"] {
        put_all(c, around::namespace(name, None));
    }
    for (number, node) in entry.nodes.iter().enumerate() {
        put_all(c, around::node(number, node, &seconds(born)));
    }
    for namespace in &entry.namespaces {
        put_all(c, around::namespace(&namespace.name, Some(namespace)));
    }
    put_all(
        c,
        vec![(
            &resource::SERVICES,
            json!({"metadata": {"name": "kubernetes", "namespace": "default", "labels": {"component": "apiserver"}},
        "spec": {"type": "ClusterIP", "clusterIP": "10.96.0.1", "clusterIPs": ["10.96.0.1"], "sessionAffinity": "None",
            "ports": [{"name": "https", "protocol": "TCP", "port": 443, "targetPort": 6443}]}, "status": {"loadBalancer": {}}}),
        )],
    );
    let mut timeline: Vec<(Timestamp, Happening<'_>)> = Vec::new();
    for w in entry.workloads.iter().filter(wanted) {
        timeline.push((
            later(now, -parse_seconds(&w.age) * 1000),
            Happening::Applied(w),
        ));
        for change in w.changes.iter().filter(|change| calm(&change.image)) {
            let act = Act::SetImage {
                namespace: w.namespace.clone(),
                name: w.name.clone(),
                image: change.image.clone(),
            };
            timeline.push((
                later(now, -parse_seconds(&change.at) * 1000),
                Happening::Step(Step::once(act)),
            ));
        }
    }
    for night in (1..=NIGHTS).rev() {
        timeline.push((later(now, -night * 86_400_000), Happening::Nights));
    }
    timeline.push((later(now, -RECENT_MS), Happening::Wakes));
    if scenario.troubles {
        timeline.push((
            later(now, -parse_seconds("3h") * 1000),
            Happening::Trouble(&entry.nodes),
        ));
    }
    timeline.sort_by_key(|(at, _)| *at);
    for (at, happening) in timeline {
        live::run(c, at);
        happening.happen(c, scenario, &since);
    }
    live::run(c, now);
    finish(c, now);
    scenario.plan(c);
    live::run(c, now);
}

/// Something in the estate's past.
enum Happening<'a> {
    Applied(&'a Workload),
    Step(Step),
    /// A day of cron jobs, of which only the due minutes are looked at.
    Nights,
    /// From here on everything runs.
    Wakes,
    Trouble(&'a [spec::Node]),
}

impl Happening<'_> {
    fn happen(self, c: &mut Cluster, scenario: &Scenario, since: &str) {
        match self {
            Self::Applied(w) => apply(c, w, scenario),
            Self::Step(step) => step.perform(c),
            Self::Nights => night(c),
            Self::Wakes => {
                let now = c.now;
                c.live.clocks.autoscalers = Some(now);
                c.live.clocks.cron = Some(jobs::next_minute(now));
                c.live.clocks.expiry = Some(later(now, RECENT_MS));
                c.live.clocks.heartbeat = Some(later(now, RECENT_MS - 5000));
            }
            Self::Trouble(nodes) => {
                for (number, node) in nodes
                    .iter()
                    .enumerate()
                    .filter(|(_, n)| n.pressure || n.cordoned)
                {
                    let fresh = around::node(number, node, since);
                    for (kind, mut object) in fresh {
                        if kind.id == resource::NODES.id
                            && let Some(old) = c.get(kind, "", &node.name)
                        {
                            set(&mut object, "/metadata/uid", text(&old, "/metadata/uid"));
                            set(
                                &mut object,
                                "/metadata/creationTimestamp",
                                text(&old, "/metadata/creationTimestamp"),
                            );
                            c.put(kind, object);
                        }
                    }
                }
            }
        }
        live::settle(c);
    }
}

fn put_all(c: &mut Cluster, objects: around::Objects) {
    for (kind, object) in objects {
        c.put(kind, object);
    }
}

fn apply(c: &mut Cluster, w: &Workload, scenario: &Scenario) {
    let mut demand = f64::from(w.demand);
    // on a calm day nothing stands at its limit
    if !scenario.troubles && demand > 2000.0 {
        demand = 520.0;
    }
    let habits = Habits {
        demand,
        uses: bytes(&w.uses) as f64,
        ready: i64::from(w.ready),
        swing: w.swing,
        ..Habits::default()
    };
    c.live
        .habits
        .insert((w.namespace.clone(), w.name.clone()), habits);
    let troubled = w.autoscaler.as_ref().is_some_and(|a| a.target.is_some()) || w.replicas == 0;
    let beside = around::beside(w);
    let keep = |kind: &resource::Resource| {
        scenario.troubles || !troubled || kind.id != resource::AUTOSCALERS.id
    };
    put_all(
        c,
        beside.into_iter().filter(|(kind, _)| keep(kind)).collect(),
    );
    let (kind, mut object) = workload::object(w);
    let now = seconds(c.now);
    let writer = Writer {
        manager: "helm",
        operation: "Update",
        subresource: "",
        api_version: "apps/v1",
    };
    record(None, &mut object, writer, &now);
    c.put(kind, object);
}

/// Lets the cron jobs of the day that now begins run, minute by minute only where one is due.
fn night(c: &mut Cluster) {
    let crons: Vec<(String, String)> = c
        .all(&resource::CRON_JOBS)
        .iter()
        .filter(|j| {
            j.pointer("/spec/suspend") != Some(&json!(true))
                && !text(j, "/spec/schedule").starts_with("*/")
        })
        .map(|j| {
            (
                text(j, "/metadata/namespace").to_owned(),
                text(j, "/spec/schedule").to_owned(),
            )
        })
        .collect();
    let mut minute = jobs::next_minute(c.now);
    for _ in 0..24 * 60 {
        if crons
            .iter()
            .any(|(_, schedule)| jobs::matches(schedule, minute))
        {
            live::run(c, minute);
            jobs::tick(c);
            live::run(c, later(minute, 55_000));
        }
        minute = later(minute, 60_000);
    }
}

/// The last of the past: events older than an hour go, and what began before begins its rounds.
fn finish(c: &mut Cluster, now: Timestamp) {
    live::events::expire(c);
    if c.name == "demo-eu" {
        for day in 0..4_i64 {
            let began = later(now, -(day * 86_400_000) - 9 * 3_600_000);
            let (kind, object) = around::backup(
                "ecommerce-prod",
                day as usize,
                &seconds(began),
                &seconds(later(began, 184_000)),
            );
            c.put(kind, object);
        }
    }
    c.live.clocks.autoscalers = Some(autoscalers::next(now));
}
