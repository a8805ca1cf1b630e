//! What keeps pods or containers running: one row type over all of them, on every engine.

use super::{Allotment, Health, Kind, Labels, Meta, Moment, Name, Text};

/// Which controller a workload is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WorkloadKind {
    #[default]
    Deployment,
    StatefulSet,
    DaemonSet,
    ReplicaSet,
    Job,
    CronJob,
    /// Its `meta.namespace` is the project.
    Compose,
    /// Its `meta.namespace` is the stack; empty for a service without one.
    Swarm,
}

/// A workload.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Workload {
    pub meta: Meta,
    pub kind: WorkloadKind,
    /// The word on screen: `Running`, `Rolling out`, `Paused`, `Stuck`, `Suspended`, `Complete`, `Failed`, …
    pub status: Name,
    pub health: Health,
    /// One line that says what is wrong or under way.
    pub why: Option<Text>,
    /// Pods wanted; a Job's completions; none where it has no such number.
    pub desired: Option<u32>,
    pub ready: u32,
    pub updated: u32,
    pub available: u32,
    /// Pods that exist now; for Jobs and CronJobs those that run.
    pub current: u32,
    /// A Job's failed pods.
    pub failed: u32,
    /// Images of all containers, joined with a comma.
    pub images: Name,
    pub containers: Name,
    /// Which pods are its own; exact values only.
    pub selector: Labels,
    pub requests: Allotment,
    pub limits: Allotment,
    pub rollout: Option<Rollout>,
    pub schedule: Option<Schedule>,
    /// When a Job ended.
    pub finished: Option<Moment>,
    pub started: Option<Moment>,
}

/// Where a rollout stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rollout {
    /// A Deployment's revision number, a StatefulSet's or DaemonSet's update revision hash.
    pub revision: Name,
    /// Whether pods of an older revision are still being replaced.
    pub rolling: bool,
    /// Since when it has progressed last.
    pub since: Option<Moment>,
    pub paused: bool,
    /// Why it does not go on, in plain words.
    pub stuck: Option<Text>,
}

/// When a CronJob runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schedule {
    /// `0 2 * * *`
    pub cron: Name,
    /// Empty: the time zone of the controller.
    pub zone: Name,
    pub suspended: bool,
    pub last: Option<Moment>,
    pub last_success: Option<Moment>,
}

impl WorkloadKind {
    pub fn kind(self) -> Kind {
        match self {
            Self::Deployment => Kind::Deployment,
            Self::StatefulSet => Kind::StatefulSet,
            Self::DaemonSet => Kind::DaemonSet,
            Self::ReplicaSet => Kind::ReplicaSet,
            Self::Job => Kind::Job,
            Self::CronJob => Kind::CronJob,
            Self::Compose => Kind::ComposeService,
            Self::Swarm => Kind::SwarmService,
        }
    }

    /// `Deployment`
    pub fn name(self) -> &'static str {
        match self {
            Self::Deployment => "Deployment",
            Self::StatefulSet => "StatefulSet",
            Self::DaemonSet => "DaemonSet",
            Self::ReplicaSet => "ReplicaSet",
            Self::Job => "Job",
            Self::CronJob => "CronJob",
            Self::Compose => "Compose",
            Self::Swarm => "Swarm",
        }
    }
}
