//! The simulated estate behind `qd demo`: a living world, and one small server an engine that speaks its wire protocol on loopback.
//!
//! `main` and the tests start it; nothing else imports it. It imports nothing of the crate, so that what works against it works
//! because of the wire protocol and not because both sides share a mistake.

pub(crate) mod alertmanager;
pub(crate) mod docker;
mod estate;
pub(crate) mod kubernetes;
pub(crate) mod prometheus;
pub(crate) mod random;
pub(crate) mod scenario;
pub(crate) mod web;
pub(crate) mod world;

pub use estate::{Engine, Error, Estate, Options, Server, serve};
pub use kubernetes::Seen;
pub use kubernetes::faults::{Fault, Poke};
pub use scenario::{Described, scenarios};

/// The engines of the estate; each cluster has a server of each, unless the engine says where it is.
pub const ALL: &[Engine] = &[
    Engine {
        name: "kubernetes",
        doc: "an API server with workloads, rollouts, autoscalers, metrics and logs",
        start: kubernetes::start,
        at: None,
    },
    Engine {
        name: "docker",
        doc: "a Docker host with Compose projects and a swarm",
        start: docker::start,
        at: Some(("demo-staging", "demo-web")),
    },
    Engine {
        name: "prometheus",
        doc: "a Prometheus whose rules and targets follow the cluster",
        start: prometheus::start,
        at: None,
    },
    Engine {
        name: "alertmanager",
        doc: "an Alertmanager that takes silences",
        start: alertmanager::start,
        at: None,
    },
];
