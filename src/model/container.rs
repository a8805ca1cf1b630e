//! A container as a row.

use super::{Allotment, Health, Meta, Moment, Name, Text};

/// What a container of a pod is there for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContainerRole {
    #[default]
    Main,
    Init,
    /// An init container that keeps running.
    Sidecar,
    Ephemeral,
}

/// A container of a pod. `meta.owner` is the pod; `meta.key.uid` is made of the pod's and the container's name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Container {
    pub meta: Meta,
    pub role: ContainerRole,
    pub image: Name,
    /// `Running`, `CrashLoopBackOff`, `Completed`, …
    pub state: Name,
    pub health: Health,
    pub why: Option<Text>,
    pub ready: bool,
    pub restarts: u32,
    pub started: Option<Moment>,
    pub exit_code: Option<i32>,
    pub requests: Allotment,
    pub limits: Allotment,
    /// `8080/TCP http`
    pub ports: Text,
    /// `liveness http :8080/live every 5 s`, …
    pub probes: Text,
}
