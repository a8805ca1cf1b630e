//! What the screen (or a command) wants to know. Sources watch this and nothing more.

use std::collections::BTreeSet;

use super::{EndpointId, Key, Kind, LogWant, MetricQuery, Name, Scope, Target};

/// What is wanted now. Published whole whenever it changes; sources work out the difference.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Demand {
    pub objects: BTreeSet<Want>,
    /// Rows whose CPU and memory are wanted: pods, nodes, containers and hosts on screen (endpoint and uid, kind,
    /// namespace, name).
    pub usage: Vec<(Key, Kind, Name, Name)>,
    /// Namespaces of whose pods CPU and memory are wanted: they are too many to be named.
    pub usage_in: BTreeSet<(EndpointId, Name)>,
    /// CPU and memory of every pod and node in view are wanted, because they are being sorted by.
    pub usage_of_all: bool,
    /// The object that is open.
    pub document: Option<Target>,
    /// Secret values of the open document that are revealed: data keys.
    pub revealed: BTreeSet<String>,
    /// Questions to Prometheus whose answers are wanted and kept fresh.
    pub metrics: BTreeSet<MetricQuery>,
    /// Logs that are read.
    pub logs: Vec<LogWant>,
}

/// A kind wanted from an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Want {
    pub endpoint: EndpointId,
    pub kind: Kind,
    pub scope: Scope,
}
