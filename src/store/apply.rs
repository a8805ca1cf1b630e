//! How a batch changes the store.

use std::collections::HashMap;

use crate::model::{
    Batch, Change, Document, EndpointId, Feed, Key, Kind, Moment, Row, Scope, Text, Topic, Uid,
    Usage, WorkloadKind,
};

use super::Store;
use super::crews::Station;

impl Store {
    /// Takes in a batch that arrived at `now`.
    pub fn apply(&mut self, batch: Batch, now: Moment) {
        self.revision += 1;
        let Batch { feed, changes } = batch;
        if self.closed.contains(&feed.endpoint) {
            return;
        }
        let joins = matches!(&feed.topic, Topic::Objects(kind, _) if *kind == Kind::Alert)
            || changes.iter().any(|change| {
                matches!(
                    change,
                    Change::Listed | Change::Row(Row::Rule(_)) | Change::Closed
                )
            });
        for change in changes {
            self.change(&feed, change, now);
        }
        if joins {
            self.merge_alerts(now);
        }
    }

    fn change(&mut self, feed: &Feed, change: Change, now: Moment) {
        match change {
            Change::Status(status) => {
                self.feeds.insert(feed.clone(), status);
            }
            Change::Limited(Some(why)) => {
                self.limits.insert(feed.clone(), why);
            }
            Change::Limited(None) => {
                self.limits.remove(feed);
            }
            Change::Endpoint(endpoint) => {
                match self
                    .endpoints
                    .iter_mut()
                    .find(|known| known.id == endpoint.id)
                {
                    Some(known) => *known = endpoint,
                    None => self.endpoints.push(endpoint),
                }
            }
            Change::Closed => self.close(feed),
            Change::Listing => {
                // One count for all feeds: a row told by another feed's list is never taken for one of this.
                self.last_list += 1;
                self.lists.insert(feed.clone(), self.last_list);
            }
            Change::Row(row) => {
                let list = self.lists.get(feed).copied().unwrap_or_default();
                self.put(row, list);
            }
            Change::Gone(uid) => self.remove(feed, uid),
            Change::Listed => {
                let list = self.lists.get(feed).copied();
                self.sweep(feed, list);
            }
            Change::Dropped => {
                self.sweep(feed, None);
                self.feeds.remove(feed);
                self.limits.remove(feed);
                self.lists.remove(feed);
                let of_feed = |document: &mut Document| document.target.endpoint == feed.endpoint;
                if feed.topic == Topic::Document {
                    // Another endpoint may have opened its own meanwhile.
                    self.document.take_if(of_feed);
                }
            }
            Change::Columns(kind, columns) => {
                self.columns.insert(kind, columns);
            }
            Change::Kinds(kinds) => {
                self.kinds.insert(feed.endpoint, kinds);
            }
            Change::Usage(key, usage) => {
                // A sample may come after its pod went; nobody would ever take it out again.
                if self.uses(&key) {
                    self.usage.insert(key, usage);
                    self.usage_revision += 1;
                }
            }
            Change::Traffic(key, traffic) => {
                if self.docker.find(&key).is_some() {
                    self.traffic.insert(key, traffic);
                    self.usage_revision += 1;
                }
            }
            Change::Samples(samples) => self.sample(feed.endpoint, &samples),
            Change::Document(document) => self.document = Some(*document),
            Change::Answer(answer) => self.metrics.answer(*answer),
            Change::Unasked(query) => self.metrics.forget(&query),
            Change::Requests(count) => self.requests.note(feed.endpoint, count, now),
        }
    }

    /// Whether there is a row that may use CPU and memory.
    fn uses(&self, key: &Key) -> bool {
        self.pods.find(key).is_some()
            || self.nodes.find(key).is_some()
            || self.docker.find(key).is_some()
            || self
                .resources
                .get(&Kind::DockerHost)
                .is_some_and(|hosts| hosts.find(key).is_some())
    }

    /// Takes in samples that only know names: one look at every pod and node of the endpoint.
    fn sample(&mut self, endpoint: EndpointId, samples: &[(Text, Text, Usage)]) {
        self.usage_revision += 1;
        let by_name: HashMap<(&str, &str), Usage> = samples
            .iter()
            .map(|(namespace, name, usage)| ((namespace.as_str(), name.as_str()), *usage))
            .collect();
        let pods = self.pods.iter().map(|(_, pod)| &pod.meta);
        let nodes = self.nodes.iter().map(|(_, node)| &node.meta);
        for meta in pods
            .chain(nodes)
            .filter(|meta| meta.key.endpoint == endpoint)
        {
            if let Some(usage) = by_name.get(&(meta.namespace.as_str(), meta.name.as_str())) {
                self.usage.insert(meta.key, *usage);
            }
        }
    }

    fn put(&mut self, row: Row, list: u32) {
        match row {
            Row::Pod(pod) => {
                let before = self.pods.row(&pod.meta.key).map(Station::of);
                if let Some(slot) = self.pods.put(pod, list)
                    && let Some(pod) = self.pods.get(slot)
                {
                    self.crews.note(before, &Station::of(pod), slot);
                }
            }
            Row::Workload(workload) => {
                self.workloads.put(*workload, list);
            }
            Row::Hpa(hpa) => {
                self.hpas.put(*hpa, list);
            }
            Row::Node(node) => {
                self.nodes.put(*node, list);
            }
            Row::Event(event) => {
                if let Some(slot) = self.events.put(*event, list)
                    && let Some(event) = self.events.get(slot)
                {
                    self.warnings.note(event, slot);
                }
            }
            Row::Container(container) => {
                self.containers.put(*container, list);
            }
            Row::Docker(container) => {
                self.docker.put(*container, list);
            }
            Row::Alert(_) | Row::Rule(_) | Row::Target(_) | Row::Silence(_) => {
                self.alerts.put(row, list);
            }
            Row::Resource(kind, resource) => {
                self.resources.entry(kind).or_default().put(*resource, list);
            }
        }
    }

    fn remove(&mut self, feed: &Feed, uid: Uid) {
        let key = Key {
            endpoint: feed.endpoint,
            uid,
        };
        let Topic::Objects(kind, _) = &feed.topic else {
            self.containers.remove(&key);
            return;
        };
        match kind {
            Kind::Pod => {
                let slot = self.pods.find(&key);
                if let (Some(slot), Some(pod)) = (slot, self.pods.remove(&key)) {
                    self.crews.forget(&Station::of(&pod), slot);
                }
                self.usage.remove(&key);
            }
            Kind::Container => {
                self.docker.remove(&key);
                self.usage.remove(&key);
                self.traffic.remove(&key);
            }
            Kind::HorizontalPodAutoscaler => {
                self.hpas.remove(&key);
            }
            Kind::Node => {
                self.nodes.remove(&key);
                self.usage.remove(&key);
            }
            Kind::Event => {
                let slot = self.events.find(&key);
                if let (Some(slot), Some(event)) = (slot, self.events.remove(&key)) {
                    self.warnings.forget(&event, slot);
                }
            }
            Kind::Alert | Kind::AlertRule | Kind::ScrapeTarget | Kind::Silence => {
                self.alerts.remove(kind, &key);
            }
            kind => {
                if workload(kind).is_some() {
                    self.workloads.remove(&key);
                } else if let Some(table) = self.resources.get_mut(kind) {
                    table.remove(&key);
                }
            }
        }
    }

    /// Removes the rows of a feed that a list did not tell.
    fn sweep(&mut self, feed: &Feed, list: Option<u32>) {
        let endpoint = feed.endpoint;
        let (kind, namespace) = match &feed.topic {
            Topic::Objects(kind, Scope::All) => (kind, None),
            Topic::Objects(kind, Scope::Namespace(namespace)) => (kind, Some(namespace)),
            Topic::Document => {
                self.containers.sweep(endpoint, None, None, list);
                return;
            }
            Topic::Usage => {
                self.usage.retain(|key, _| key.endpoint != endpoint);
                self.traffic.retain(|key, _| key.endpoint != endpoint);
                return;
            }
            Topic::Server | Topic::Discovery | Topic::Metrics => return,
        };
        match kind {
            Kind::Pod => {
                if self.pods.sweep(endpoint, None, namespace, list) > 0 {
                    self.crews.rebuild(self.pods.iter());
                    self.forget_usage();
                }
            }
            Kind::Container => {
                if self.docker.sweep(endpoint, None, namespace, list) > 0 {
                    self.forget_usage();
                }
            }
            Kind::HorizontalPodAutoscaler => {
                self.hpas.sweep(endpoint, None, namespace, list);
            }
            Kind::Node => {
                self.nodes.sweep(endpoint, None, namespace, list);
            }
            Kind::Event => {
                if self.events.sweep(endpoint, None, namespace, list) > 0 {
                    self.warnings.rebuild(self.events.iter());
                }
            }
            Kind::Alert | Kind::AlertRule | Kind::ScrapeTarget | Kind::Silence => {
                self.alerts.sweep(kind, endpoint, list);
            }
            kind => {
                if let Some(sort) = workload(kind) {
                    self.workloads.sweep(endpoint, Some(sort), namespace, list);
                } else if let Some(table) = self.resources.get_mut(kind) {
                    table.sweep(endpoint, None, namespace, list);
                }
            }
        }
    }

    /// Forgets the usage of rows that are gone.
    fn forget_usage(&mut self) {
        let mut usage = std::mem::take(&mut self.usage);
        usage.retain(|key, _| self.uses(key));
        self.usage = usage;
        let docker = &self.docker;
        self.traffic.retain(|key, _| docker.find(key).is_some());
    }

    /// Forgets an endpoint.
    fn close(&mut self, feed: &Feed) {
        let gone = feed.endpoint;
        self.closed.insert(gone);
        self.pods.sweep(gone, None, None, None);
        self.workloads.sweep(gone, None, None, None);
        self.hpas.sweep(gone, None, None, None);
        self.nodes.sweep(gone, None, None, None);
        self.events.sweep(gone, None, None, None);
        self.containers.sweep(gone, None, None, None);
        self.docker.sweep(gone, None, None, None);
        for table in self.resources.values_mut() {
            table.sweep(gone, None, None, None);
        }
        self.crews.rebuild(self.pods.iter());
        self.warnings.rebuild(self.events.iter());
        self.usage.retain(|key, _| key.endpoint != gone);
        self.traffic.retain(|key, _| key.endpoint != gone);
        self.feeds.retain(|feed, _| feed.endpoint != gone);
        self.limits.retain(|feed, _| feed.endpoint != gone);
        self.lists.retain(|feed, _| feed.endpoint != gone);
        self.kinds.remove(&gone);
        self.metrics.close(gone);
        self.alerts.close(gone);
        self.endpoints.retain(|endpoint| endpoint.id != gone);
        if self
            .document
            .as_ref()
            .is_some_and(|document| document.target.endpoint == gone)
        {
            self.document = None;
        }
    }
}

/// The sort of workload that a kind is.
fn workload(kind: &Kind) -> Option<WorkloadKind> {
    Some(match kind {
        Kind::Deployment => WorkloadKind::Deployment,
        Kind::StatefulSet => WorkloadKind::StatefulSet,
        Kind::DaemonSet => WorkloadKind::DaemonSet,
        Kind::ReplicaSet => WorkloadKind::ReplicaSet,
        Kind::Job => WorkloadKind::Job,
        Kind::CronJob => WorkloadKind::CronJob,
        Kind::ComposeService => WorkloadKind::Compose,
        Kind::SwarmService => WorkloadKind::Swarm,
        _ => return None,
    })
}
