//! How busy everything is: smooth curves from the seed and the time, bent by scenarios.

use jiff::Timestamp;
use serde_json::Value;

use super::images::{Does, behaviour};
use super::life::Life;
use crate::demo::random::{fraction, hash};
use crate::demo::world::Cluster;
use crate::demo::world::item::{list, text};
use crate::demo::world::resource;

/// What a workload's pods are like.
#[derive(Debug, Clone)]
pub(crate) struct Habits {
    /// Millicores that all its pods together burn on an average day.
    pub(crate) demand: f64,
    /// Bytes that each pod holds.
    pub(crate) uses: f64,
    /// Seconds until a pod is ready.
    pub(crate) ready: i64,
    /// How far traffic swings around its average by itself.
    pub(crate) swing: f64,
    /// Traffic as a factor: where it was, where it goes, since when, over how many seconds.
    pub(crate) traffic: (f64, f64, Timestamp, i64),
    /// Memory that fills up: since when, and over how many seconds to the limit.
    pub(crate) fill: Option<(Timestamp, i64)>,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            demand: 10.0,
            uses: 32.0 * 1024.0 * 1024.0,
            ready: 3,
            swing: 0.12,
            traffic: (1.0, 1.0, Timestamp::UNIX_EPOCH, 1),
            fill: None,
        }
    }
}

impl Habits {
    /// The traffic at a time, as a factor of an average day's.
    pub(crate) fn traffic_at(&self, now: Timestamp) -> f64 {
        let (from, to, since, over) = self.traffic;
        let part = (now.as_second() - since.as_second()) as f64 / over.max(1) as f64;
        from + (to - from) * part.clamp(0.0, 1.0)
    }
}

/// `100m` or `2` in millicores.
pub(crate) fn millicores(text: &str) -> i64 {
    match text.strip_suffix('m') {
        Some(milli) => milli.parse().unwrap_or(0),
        None => (text.parse::<f64>().unwrap_or(0.0) * 1000.0) as i64,
    }
}

/// `128Mi` or `1Gi` in bytes.
pub(crate) fn bytes(text: &str) -> i64 {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: f64 = digits.parse().unwrap_or(0.0);
    let unit = match text.get(digits.len()..) {
        Some("Ki") => 1024.0,
        Some("Mi") => 1024.0 * 1024.0,
        Some("Gi") => 1024.0 * 1024.0 * 1024.0,
        _ => 1.0,
    };
    (number * unit) as i64
}

/// A smooth curve around one: two slow waves whose phase is the subject's own, and a little unrest.
pub(crate) fn wave(subject: u64, now: Timestamp, swing: f64) -> f64 {
    let second = now.as_second() as f64;
    let phase = fraction(subject, 1) * std::f64::consts::TAU;
    let slow = (second / 140.0 + phase).sin();
    let quick = (second / 37.0 + phase * 3.0).sin();
    let step = (now.as_second() / 15) as u64;
    let unrest = fraction(subject ^ step, 2) - 0.5;
    1.0 + swing * (0.7 * slow + 0.3 * quick) + 0.04 * unrest
}

/// The course of a pod's load: all but the time.
#[derive(Debug, Clone)]
pub(crate) struct Course {
    habits: Habits,
    workload: u64,
    own: u64,
    sharing: f64,
    limit_cpu: f64,
    limit: f64,
    filling: Option<(Timestamp, i64)>,
    ready: bool,
}

impl Course {
    /// Of a pod that runs.
    pub(crate) fn of(c: &Cluster, pod: &Value, life: &Life) -> Option<Self> {
        let started = life.started?;
        if !matches!(life.stage, super::life::Stage::Running) {
            return None;
        }
        let namespace = text(pod, "/metadata/namespace");
        let habits = c.live.habits(namespace, &life.workload);
        let sharing = c
            .live
            .lives
            .iter()
            .filter(|((ns, _), l)| ns == namespace && l.workload == life.workload && l.ready())
            .count()
            .max(1);
        let container = list(pod, "/spec/containers").first()?;
        let image = behaviour(&c.live.images, text(container, "/image"));
        let filling = match image.does {
            Does::OutOfMemory | Does::Leak => Some((started, image.after)),
            _ => habits.fill.map(|(since, over)| (since.max(started), over)),
        };
        Some(Self {
            workload: hash(&life.workload) ^ c.seed,
            own: hash(&life.uid),
            sharing: sharing as f64,
            limit_cpu: millicores(text(container, "/resources/limits/cpu")) as f64,
            limit: bytes(text(container, "/resources/limits/memory")) as f64,
            filling,
            ready: life.ready(),
            habits,
        })
    }

    /// How busy all pods of the workload are together, as a factor of an average day.
    pub(crate) fn traffic(&self, now: Timestamp) -> f64 {
        wave(self.workload, now, self.habits.swing) * self.habits.traffic_at(now)
    }

    /// What the pod's part of the workload's demand is, in millicores on an average day.
    pub(crate) fn part(&self) -> f64 {
        self.habits.demand / self.sharing
    }

    /// What the pod uses at a time, in millicores and bytes.
    pub(crate) fn at(&self, now: Timestamp) -> (f64, f64) {
        let common = self.traffic(now);
        let own = wave(self.own, now, 0.06);
        let mut cpu = if self.ready {
            self.part() * common * own
        } else {
            self.habits.demand * 0.04
        };
        if self.limit_cpu > 0.0 {
            cpu = cpu.min(self.limit_cpu * 0.99);
        }
        let mut memory =
            self.habits.uses * (1.0 + 0.03 * (own - 1.0) / 0.06) * (0.94 + 0.06 * common.min(2.0));
        if let Some((since, over)) = self.filling {
            let part =
                ((now.as_second() - since.as_second()) as f64 / over.max(1) as f64).clamp(0.0, 1.0);
            memory += (self.limit.max(memory) - memory) * part;
        }
        if self.limit > 0.0 {
            memory = memory.min(self.limit);
        }
        (cpu.max(1.0), memory)
    }
}

/// What a pod's main container uses now, in millicores and bytes; nothing while it does not run.
pub(crate) fn usage(c: &Cluster, pod: &Value, life: &Life) -> Option<(i64, i64)> {
    let (cpu, memory) = Course::of(c, pod, life)?.at(c.now);
    Some((cpu as i64, memory as i64))
}

/// What a node uses now, in millicores and bytes: its pods and its own.
pub(crate) fn node_usage(c: &Cluster, node: &Value) -> (i64, i64) {
    let name = text(node, "/metadata/name");
    let pods = c.within_all(&resource::PODS);
    let (mut cpu, mut memory) = (180, 900 << 20);
    for pod in pods {
        let key = (
            text(pod, "/metadata/namespace").to_owned(),
            text(pod, "/metadata/name").to_owned(),
        );
        if let Some(life) = c.live.lives.get(&key).filter(|l| l.node == name)
            && let Some((m, b)) = usage(c, pod, life)
        {
            cpu += m;
            memory += b;
        }
    }
    let pressed = list(node, "/status/conditions")
        .iter()
        .any(|k| text(k, "/type") == "MemoryPressure" && text(k, "/status") == "True");
    if pressed {
        // something beside the pods holds the rest
        let all = bytes(text(node, "/status/allocatable/memory"));
        memory = memory.max(all / 100 * 96);
    }
    (cpu, memory)
}
