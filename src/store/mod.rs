//! Facts about the world: tables of rows, the state of the feeds that fill them, and what joins rows together.
//!
//! One task owns the store and applies batches; everything else borrows it. There is no clock and no I/O here: the
//! same batches give the same store. A list marks and sweeps: rows that a list does not tell again are gone at its
//! end, so a reconnect never blanks a table and never holds two copies of it.

mod alerts;
mod apply;
mod consumption;
mod contexts;
mod crews;
mod findings;
mod links;
mod metrics;
mod requests;
mod table;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::model::{
    ColumnInfo, Container, Context, CustomKind, DockerContainer, Document, Endpoint, EndpointId,
    Engine, Event, Feed, Hpa, Key, Kind, Moment, Node, Pod, Resource, SourceStatus, Text, Traffic,
    Usage, Workload, columns,
};

pub use alerts::{Alert, Alerts, Confidence, History, Link, MERGED};
pub use consumption::Consumption;
pub use contexts::Openable;
pub use findings::{why_not_ready, why_workload};
pub use metrics::{Kept, Metrics};
pub use requests::Requests;
pub use table::{KeyHash, Table, Tabled};

/// Everything known about the world.
#[derive(Default)]
pub struct Store {
    revision: u64,
    endpoints: Vec<Endpoint>,
    pods: Table<Pod>,
    workloads: Table<Workload>,
    hpas: Table<Hpa>,
    nodes: Table<Node>,
    events: Table<Event>,
    containers: Table<Container>,
    docker: Table<DockerContainer>,
    resources: BTreeMap<Kind, Table<Resource>>,
    columns: BTreeMap<Kind, Vec<ColumnInfo>>,
    kinds: BTreeMap<EndpointId, Vec<CustomKind>>,
    feeds: BTreeMap<Feed, SourceStatus>,
    limits: BTreeMap<Feed, Text>,
    /// The list that each feed is in, or was in last: rows carry it, and a finished list sweeps those of older ones.
    lists: HashMap<Feed, u32>,
    last_list: u32,
    usage: HashMap<Key, Usage, KeyHash>,
    traffic: HashMap<Key, Traffic, KeyHash>,
    usage_revision: u64,
    contexts: Table<Openable>,
    crews: crews::Crews,
    warnings: links::Warnings,
    document: Option<Document>,
    metrics: metrics::Metrics,
    alerts: alerts::Alerts,
    requests: Requests,
    /// Endpoints whose late news nobody wants any more.
    closed: BTreeSet<EndpointId>,
}

impl Store {
    /// Grows with every applied batch.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    pub fn pods(&self) -> &Table<Pod> {
        &self.pods
    }

    pub fn workloads(&self) -> &Table<Workload> {
        &self.workloads
    }

    pub fn hpas(&self) -> &Table<Hpa> {
        &self.hpas
    }

    pub fn nodes(&self) -> &Table<Node> {
        &self.nodes
    }

    pub fn events(&self) -> &Table<Event> {
        &self.events
    }

    /// Containers of the opened pod.
    pub fn containers(&self) -> &Table<Container> {
        &self.containers
    }

    /// Containers of Docker hosts.
    pub fn docker(&self) -> &Table<DockerContainer> {
        &self.docker
    }

    /// Rows of a kind that is shown as a plain table.
    pub fn resources(&self, kind: &Kind) -> Option<&Table<Resource>> {
        self.resources.get(kind)
    }

    /// The columns of a kind that is shown as a plain table: our own, or what the server said.
    pub fn columns(&self, kind: &Kind) -> Vec<ColumnInfo> {
        match kind {
            Kind::Custom(_) => self.columns.get(kind).cloned().unwrap_or_default(),
            _ => columns(kind),
        }
    }

    /// The columns of a kind as the server said them; none for kinds whose columns are our own.
    pub fn served_columns(&self, kind: &Kind) -> &[ColumnInfo] {
        self.columns.get(kind).map_or(&[], Vec::as_slice)
    }

    /// Contexts that could be opened, or are.
    pub fn contexts(&self) -> &Table<Openable> {
        &self.contexts
    }

    /// Tells which contexts there are.
    pub fn set_contexts(&mut self, contexts: Vec<Context>) {
        self.revision += 1;
        self.contexts = contexts::table(contexts, self.contexts.revision());
    }

    /// Grows with every sample of CPU and memory.
    pub fn usage_revision(&self) -> u64 {
        self.usage_revision
    }

    /// How many pods are on a node.
    pub fn pods_on(&self, node: &Node) -> u32 {
        self.crews.pods_on(node.meta.key.endpoint, &node.meta.name)
    }

    /// Open endpoints, in the order in which they were opened.
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// Open endpoints where things run: clusters and hosts, but not what watches them.
    pub fn places(&self) -> impl Iterator<Item = &Endpoint> {
        let endpoints = self.endpoints.iter();
        endpoints.filter(|endpoint| endpoint.engine.runs())
    }

    pub fn endpoint(&self, id: EndpointId) -> Option<&Endpoint> {
        self.endpoints.iter().find(|endpoint| endpoint.id == id)
    }

    /// What the clock of an endpoint shows `now`: ages of its objects are measured by it.
    pub fn clock(&self, id: EndpointId, now: Moment) -> Moment {
        let ahead = self.endpoint(id).map_or(0, |endpoint| endpoint.ahead);
        now.plus(i64::from(ahead))
    }

    /// Whether an endpoint of this engine is open.
    pub fn has(&self, engine: Engine) -> bool {
        self.endpoints
            .iter()
            .any(|endpoint| endpoint.engine == engine)
    }

    /// Kinds that an endpoint serves, as far as discovery went.
    pub fn kinds(&self, endpoint: EndpointId) -> &[CustomKind] {
        self.kinds.get(&endpoint).map_or(&[], Vec::as_slice)
    }

    pub fn status(&self, feed: &Feed) -> Option<&SourceStatus> {
        self.feeds.get(feed)
    }

    /// The state of every feed, in a fixed order.
    pub fn statuses(&self) -> impl Iterator<Item = (&Feed, &SourceStatus)> {
        self.feeds.iter()
    }

    /// Why a feed shows less than all: the permission that is missing.
    pub fn limit(&self, feed: &Feed) -> Option<&Text> {
        self.limits.get(feed)
    }

    /// CPU and memory in use by a pod, container or node, where it was asked for.
    pub fn usage(&self, key: &Key) -> Option<&Usage> {
        self.usage.get(key)
    }

    /// What a container moves over networks and disks, where it was asked for.
    pub fn traffic(&self, key: &Key) -> Option<&Traffic> {
        self.traffic.get(key)
    }

    /// The newest warning event about an object.
    pub fn last_warning(&self, key: &Key) -> Option<&Event> {
        self.warnings
            .last(key)
            .and_then(|event| self.events.get(event))
    }

    pub fn document(&self) -> Option<&Document> {
        self.document.as_ref()
    }

    /// Answers to questions to Prometheus.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Requests that we cause.
    pub fn requests(&self) -> &Requests {
        &self.requests
    }
}
