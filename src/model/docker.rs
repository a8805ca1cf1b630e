//! A container of a Docker daemon as a row.

use super::{Allotment, Health, Meta, Moment, Name, Text};

/// What a container's health check says last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Healthcheck {
    /// The container has none.
    #[default]
    None,
    Starting,
    Healthy,
    Unhealthy,
}

/// A container of a daemon. `meta.namespace` is its Compose project or Swarm stack, `meta.owner` its Compose service
/// or Swarm service; `meta.key.uid` is made of `id` by [`super::Uid::parse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DockerContainer {
    pub meta: Meta,
    /// All 64 digits: an action aims at this, never at the name.
    pub id: Text,
    /// As the container was made from it: `shop:1.8`.
    pub image: Name,
    /// `sha256:…` of the image that it runs.
    pub image_id: Name,
    /// `running`, `exited`, `restarting`, `paused`, `created`, `dead`, `removing`, as the daemon says it.
    pub state: Name,
    /// The word on screen: `Running`, `Unhealthy`, `Exited 3`, `OOM killed`, …
    pub status: Name,
    pub health: Health,
    pub why: Option<Text>,
    pub healthcheck: Healthcheck,
    /// Of its last end; none while it runs for the first time.
    pub exit_code: Option<i32>,
    pub oom_killed: bool,
    /// By its restart policy, since it was started by hand.
    pub restarts: u32,
    pub started: Option<Moment>,
    pub finished: Option<Moment>,
    /// The Compose or Swarm service; empty for neither.
    pub service: Name,
    /// `0.0.0.0:8080→80/tcp`
    pub ports: Text,
    pub limits: Allotment,
}

impl Healthcheck {
    /// `healthy`; none where there is no check.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Starting => Some("starting"),
            Self::Healthy => Some("healthy"),
            Self::Unhealthy => Some("unhealthy"),
        }
    }
}
