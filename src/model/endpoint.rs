//! An endpoint: one cluster or daemon that is open.

use super::{EndpointId, Name};

/// Which engine an endpoint speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Engine {
    #[default]
    Kubernetes,
    /// A Docker Engine, or Podman behind its compatible socket.
    Docker,
    Prometheus,
    Alertmanager,
}

/// What it would mean to break something there. An unknown one counts as production.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Environment {
    Development,
    Staging,
    #[default]
    Production,
}

/// One open endpoint. Facts that the server has not told yet are empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Endpoint {
    pub id: EndpointId,
    pub engine: Engine,
    /// The name on screen: the context's, or the configured one.
    pub name: Name,
    pub cluster: Name,
    pub server: Name,
    pub user: Name,
    pub version: Name,
    /// The namespace that the context names.
    pub namespace: Name,
    pub environment: Environment,
    /// Whether the connection does not check the server's certificate.
    pub insecure: bool,
    /// Seconds that the server's clock is ahead of ours. Times of its objects are by that clock.
    pub ahead: i32,
}

impl Engine {
    pub const ALL: [Self; 4] = [
        Self::Kubernetes,
        Self::Docker,
        Self::Prometheus,
        Self::Alertmanager,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Kubernetes => "kubernetes",
            Self::Docker => "docker",
            Self::Prometheus => "prometheus",
            Self::Alertmanager => "alertmanager",
        }
    }

    /// Whether things run there: only then does it count as a place where something can be broken.
    pub fn runs(self) -> bool {
        matches!(self, Self::Kubernetes | Self::Docker)
    }
}

impl Environment {
    pub fn word(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Staging => "staging",
            Self::Production => "production",
        }
    }
}
