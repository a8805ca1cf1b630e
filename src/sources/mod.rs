//! Sources: what tells the store about the world. Each runs in tasks of its own and speaks only in batches.
//!
//! [`ALL`] lists them; [`fleet::Fleet`] opens their endpoints. A source watches the demand (what is on screen) and asks
//! its endpoint for no more than that.

pub mod alertmanager;
pub mod backoff;
pub mod docker;
pub mod fleet;
pub mod kubernetes;
pub mod outlet;
pub mod prometheus;
pub mod watcher;

use std::future::Future;
use std::pin::Pin;

use tokio::sync::{mpsc, watch};

use crate::clients::connect::KubeChoice;
use crate::clients::docker::Daemon;
use crate::config::Config;
use crate::model::{Batch, Demand, Endpoint, Engine, LogBatch};
use watcher::Place;

/// One kind of engine that can be watched.
pub struct Source {
    pub engine: Engine,
    /// One sentence for `qd doctor` and the documentation.
    pub doc: &'static str,
    /// The endpoints that the configuration names, or that are found without one.
    pub find: fn(&Config) -> Vec<Opening>,
    /// Watches one endpoint until it is dropped.
    pub run: fn(Opening, watch::Receiver<Demand>, mpsc::Sender<Batch>) -> Running,
    /// Reads the logs of one endpoint, as far as [`Demand::logs`] asks for them, until it is dropped. It runs in a task
    /// and on connections of its own, so that a storm of lines delays no row.
    pub logs: Option<ReadLogs>,
}

/// Reads logs of one endpoint.
pub type ReadLogs = fn(Opening, watch::Receiver<Demand>, mpsc::Sender<LogBatch>) -> Running;

/// A source at work on one endpoint.
pub type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

/// An endpoint to be opened.
#[derive(Clone, Debug, PartialEq)]
pub struct Opening {
    /// What is known before it was asked; its id is given when it is opened.
    pub endpoint: Endpoint,
    pub how: How,
}

/// How an endpoint is reached.
#[derive(Clone, Debug, PartialEq)]
pub enum How {
    Kubernetes(KubeChoice),
    /// Clones share one connection.
    Docker(Daemon),
    Watcher(Place),
}

/// Every source.
pub static ALL: &[&Source] = &[&KUBERNETES, &DOCKER, &PROMETHEUS, &ALERTMANAGER];

/// Clusters.
pub static KUBERNETES: Source = Source {
    engine: Engine::Kubernetes,
    doc: "Kubernetes: configured clusters, else the kubeconfig's current context, else the cluster we run in.",
    find: kubernetes::find,
    run: |opening, demand, batches| match opening.how {
        How::Kubernetes(choice) => {
            Box::pin(kubernetes::run(choice, opening.endpoint, demand, batches))
        }
        _ => Box::pin(async {}),
    },
    logs: None,
};

/// Rules, alerts, targets and metrics.
pub static PROMETHEUS: Source = Source {
    engine: Engine::Prometheus,
    doc: "Prometheus: configured servers, else PROMETHEUS_URL, else localhost:9090, else Services in the clusters.",
    find: |config| watcher::find(config, Engine::Prometheus),
    run: |opening, demand, batches| {
        let endpoint = opening.endpoint;
        match opening.how {
            How::Watcher(place) => Box::pin(prometheus::run(place, endpoint, demand, batches)),
            _ => Box::pin(async {}),
        }
    },
    logs: None,
};

/// Silences, inhibition and receivers.
pub static ALERTMANAGER: Source = Source {
    engine: Engine::Alertmanager,
    doc: "Alertmanager: configured servers, else ALERTMANAGER_URL, else localhost:9093, else Services in the clusters.",
    find: |config| watcher::find(config, Engine::Alertmanager),
    run: |opening, demand, batches| {
        let endpoint = opening.endpoint;
        match opening.how {
            How::Watcher(place) => Box::pin(alertmanager::run(place, endpoint, demand, batches)),
            _ => Box::pin(async {}),
        }
    },
    logs: None,
};

/// Docker hosts.
pub static DOCKER: Source = Source {
    engine: Engine::Docker,
    doc: "Docker: configured hosts, else DOCKER_HOST, the docker command's context, or a socket that is there.",
    find: docker::find,
    run: |opening, demand, batches| match opening.how {
        How::Docker(daemon) => Box::pin(docker::run(daemon, opening.endpoint, demand, batches)),
        _ => Box::pin(async {}),
    },
    logs: None,
};
