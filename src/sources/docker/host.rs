//! What is known of a host, and what the store was told of it. It outlives connections, so that a daemon that comes back
//! finds its rows in place.

use std::collections::{BTreeMap, BTreeSet};

use tokio::sync::mpsc;

use super::compose::{self, Tags};
use super::names::Names;
use super::project::Known;
use super::send;
use super::swarm::{Making, Swarm};
use super::things;
use super::told::Told;
use super::wire::{Image, Info, Listed, Network, Volume};
use crate::clients::clock;
use crate::model::{
    Batch, Change, Endpoint, Feed, Kind, Moment, Row, Scope, SourceStatus, Topic, Uid, Want,
};

/// Kinds that only a manager of a swarm knows.
pub(super) const SWARM: [Kind; 4] = [
    Kind::SwarmService,
    Kind::SwarmTask,
    Kind::SwarmNode,
    Kind::SwarmStack,
];

/// A host.
pub(super) struct Host {
    pub(super) endpoint: Endpoint,
    pub(super) batches: mpsc::Sender<Batch>,
    pub(super) names: Names,
    /// By id.
    pub(super) containers: BTreeMap<String, Known>,
    /// Rows of containers that the store has yet to be told.
    changed: BTreeSet<String>,
    gone: Vec<Uid>,
    told: BTreeMap<Kind, Told>,
    pub(super) images: Vec<Image>,
    pub(super) tags: Tags,
    pub(super) volumes: Vec<Volume>,
    pub(super) networks: Vec<Network>,
    /// Of volumes, in bytes, as they were measured last.
    pub(super) sizes: BTreeMap<String, i64>,
    pub(super) info: Option<Info>,
    pub(super) swarm: Option<Swarm>,
    /// The daemon's time of the last event, in nanoseconds.
    pub(super) last_event: Option<i64>,
    /// When the daemon was heard last.
    pub(super) heard: Moment,
    server: SourceStatus,
    containers_status: Option<SourceStatus>,
    /// Whether containers were listed on this connection, and whether each of them was looked at since.
    pub(super) listed: bool,
    settled: bool,
}

impl Host {
    pub(super) fn new(endpoint: Endpoint, batches: mpsc::Sender<Batch>) -> Self {
        Self {
            endpoint,
            batches,
            names: Names::default(),
            containers: BTreeMap::new(),
            changed: BTreeSet::new(),
            gone: Vec::new(),
            told: BTreeMap::new(),
            images: Vec::new(),
            tags: Tags::new(),
            volumes: Vec::new(),
            networks: Vec::new(),
            sizes: BTreeMap::new(),
            info: None,
            swarm: None,
            last_event: None,
            heard: clock::now(),
            server: SourceStatus::Connecting,
            containers_status: None,
            listed: false,
            settled: false,
        }
    }

    pub(super) fn feed(&self, topic: Topic) -> Feed {
        Feed {
            endpoint: self.endpoint.id,
            topic,
        }
    }

    pub(super) fn objects(&self, kind: &Kind) -> Feed {
        self.feed(Topic::Objects(kind.clone(), Scope::All))
    }

    pub(super) async fn tell_endpoint(&self) {
        let change = Change::Endpoint(self.endpoint.clone());
        send(&self.batches, self.feed(Topic::Server), vec![change]).await;
    }

    pub(super) async fn tell_server(&mut self, status: SourceStatus) {
        self.server = status.clone();
        let mut changes = vec![Change::Status(status.clone())];
        send(&self.batches, self.feed(Topic::Server), changes).await;
        // A host serves no kinds beyond ours, so nobody has to wait for more.
        changes = vec![Change::Status(status)];
        send(&self.batches, self.feed(Topic::Discovery), changes).await;
    }

    /// Everything that was told is old by now, and so is what is wanted beside it.
    pub(super) async fn stale(&mut self, status: &SourceStatus, wants: &BTreeSet<Want>) {
        self.tell_server(status.clone()).await;
        self.containers_status = Some(status.clone());
        let feed = self.objects(&Kind::Container);
        send(&self.batches, feed, vec![Change::Status(status.clone())]).await;
        self.want(wants).await;
        let wanted: Vec<Kind> = self.told.keys().cloned().collect();
        for kind in wanted {
            self.tell_status(&kind, status.clone()).await;
        }
        self.tell_host().await;
    }

    /// Takes up the kinds that are wanted, and drops those that are not any more. True if there is a new one.
    pub(super) async fn want(&mut self, wants: &BTreeSet<Want>) -> bool {
        let own = wants
            .iter()
            .filter(|want| want.endpoint == self.endpoint.id)
            .map(|want| want.kind.clone())
            .filter(|kind| *kind != Kind::Container);
        let wanted: BTreeSet<Kind> = own.collect();
        let dropped: Vec<Kind> = self
            .told
            .keys()
            .filter(|kind| !wanted.contains(kind))
            .cloned()
            .collect();
        for kind in dropped {
            if let Some(told) = self.told.remove(&kind) {
                send(&self.batches, told.feed, vec![Change::Dropped]).await;
            }
        }
        let mut new = false;
        for kind in wanted {
            if !self.told.contains_key(&kind) {
                new = true;
                let told = Told::new(self.objects(&kind));
                self.told.insert(kind, told);
            }
        }
        new
    }

    pub(super) fn wants(&self, kind: &Kind) -> bool {
        self.told.contains_key(kind)
    }

    pub(super) fn wants_swarm(&self) -> bool {
        SWARM.iter().any(|kind| self.wants(kind))
    }

    /// Tells where the feed of a kind stands.
    pub(super) async fn tell_status(&mut self, kind: &Kind, status: SourceStatus) {
        if let Some(told) = self.told.get_mut(kind) {
            let change = told.status(status);
            let feed = told.feed.clone();
            send(&self.batches, feed, change.into_iter().collect()).await;
        }
    }

    /// Tells the rows of a kind, all there are.
    async fn tell(&mut self, kind: &Kind, rows: Vec<Row>) {
        if let Some(told) = self.told.get_mut(kind) {
            let settled = match kind {
                Kind::DockerHost => self.info.is_some(),
                kind if SWARM.contains(kind) => true,
                _ => self.settled,
            };
            let changes = told.update(rows, settled);
            let feed = told.feed.clone();
            send(&self.batches, feed, changes).await;
        }
    }

    /// Where the feed of containers stands.
    pub(super) async fn tell_containers(&mut self, status: SourceStatus) {
        if self.containers_status.as_ref() != Some(&status) {
            self.containers_status = Some(status.clone());
            let feed = self.objects(&Kind::Container);
            send(&self.batches, feed, vec![Change::Status(status)]).await;
        }
    }

    /// Takes in a list of all containers and tells them at once.
    pub(super) async fn list(&mut self, listed: Vec<Listed>, now: Moment) {
        let mut before = std::mem::take(&mut self.containers);
        self.changed.clear();
        self.gone.clear();
        let mut changes = vec![Change::Listing];
        for item in listed {
            let old = before.remove(&item.id);
            let known = Known::listed(&item, old.as_ref(), self.endpoint.id, &mut self.names, now);
            changes.push(Change::Row(Row::Docker(Box::new(known.row.clone()))));
            self.containers.insert(item.id, known);
        }
        changes.push(Change::Listed);
        let feed = self.objects(&Kind::Container);
        send(&self.batches, feed, changes).await;
        if !self.settled {
            let total = Some(self.containers.len() as u64);
            self.tell_containers(SourceStatus::Listing { total }).await;
        }
        self.listed = true;
        self.names.prune();
    }

    /// A connection begins.
    pub(super) fn unsettle(&mut self) {
        self.listed = false;
        self.settled = false;
    }

    /// Every container was looked at: what is told is what is.
    pub(super) async fn settle(&mut self) {
        if self.listed && !self.settled {
            self.settled = true;
            self.flush().await;
            self.tell_containers(SourceStatus::Live).await;
        }
    }

    /// Takes in some containers; those of `asked` that are not among them are gone.
    pub(super) fn relist(&mut self, listed: Vec<Listed>, asked: &BTreeSet<String>, now: Moment) {
        let mut missing = asked.clone();
        for item in listed {
            missing.remove(&item.id);
            let old = self.containers.remove(&item.id);
            let mut known =
                Known::listed(&item, old.as_ref(), self.endpoint.id, &mut self.names, now);
            known.looked_at = false;
            self.changed.insert(item.id.clone());
            self.containers.insert(item.id, known);
        }
        for id in missing {
            self.remove(&id);
        }
    }

    pub(super) fn remove(&mut self, id: &str) {
        if let Some(known) = self.containers.remove(id) {
            self.changed.remove(id);
            self.gone.push(known.row.meta.key.uid);
        }
    }

    /// Changes a container, if it is there.
    pub(super) fn change(&mut self, id: &str, change: impl FnOnce(&mut Known, &mut Names)) {
        if let Some(known) = self.containers.get_mut(id) {
            let before = known.row.clone();
            change(known, &mut self.names);
            if known.row != before {
                self.changed.insert(id.to_owned());
            }
        }
    }

    /// Reasons that are true for a while only.
    pub(super) fn age(&mut self, now: Moment) {
        let restarted: Vec<String> = self
            .containers
            .iter()
            .filter(|(_, known)| known.row.restarts > 0)
            .map(|(id, _)| id.clone())
            .collect();
        for id in restarted {
            self.change(&id, |known, _| known.judge(now));
        }
    }

    /// Whether there is something to tell of containers.
    pub(super) fn moved(&self) -> bool {
        !self.changed.is_empty() || !self.gone.is_empty()
    }

    /// Tells what changed: containers, and whatever is made from them.
    pub(super) async fn flush(&mut self) {
        let mut changes: Vec<Change> = std::mem::take(&mut self.gone)
            .into_iter()
            .map(Change::Gone)
            .collect();
        for id in std::mem::take(&mut self.changed) {
            if let Some(known) = self.containers.get(&id) {
                changes.push(Change::Row(Row::Docker(Box::new(known.row.clone()))));
            }
        }
        let feed = self.objects(&Kind::Container);
        send(&self.batches, feed, changes).await;
        self.tell_derived().await;
    }

    /// Tells every kind that is made from containers alone.
    pub(super) async fn tell_derived(&mut self) {
        let id = self.endpoint.id;
        if self.wants(&Kind::ComposeService) {
            let known = self.containers.values();
            let rows = compose::services(known, &self.tags, id, &mut self.names);
            self.tell(&Kind::ComposeService, rows).await;
        }
        if self.wants(&Kind::ComposeProject) {
            let rows = compose::project_rows(self.containers.values(), id, &mut self.names);
            self.tell(&Kind::ComposeProject, rows).await;
        }
        self.tell_host().await;
        for kind in [Kind::Image, Kind::Volume, Kind::Network] {
            if self.wants(&kind) {
                self.tell_things(&kind).await;
            }
        }
    }

    pub(super) async fn tell_host(&mut self) {
        if !self.wants(&Kind::DockerHost) {
            return;
        }
        let mut making = Making {
            endpoint: self.endpoint.id,
            names: &mut self.names,
        };
        let row = things::host(
            self.info.as_ref(),
            &self.endpoint.name,
            &self.endpoint.server,
            &self.server,
            self.containers.values(),
            &mut making,
        );
        // The row itself says that the host is not reachable, and stays true then.
        self.tell(&Kind::DockerHost, vec![row]).await;
        if !self.server.is_live() {
            self.tell_status(&Kind::DockerHost, self.server.clone())
                .await;
        }
    }

    /// Tells images, volumes or networks, once they were listed.
    pub(super) async fn tell_things(&mut self, kind: &Kind) {
        let mut making = Making {
            endpoint: self.endpoint.id,
            names: &mut self.names,
        };
        if !self.listed {
            return;
        }
        let known = self.containers.values();
        let (listed, rows) = match kind {
            Kind::Image => (
                !self.images.is_empty(),
                things::images(&self.images, known, &mut making),
            ),
            Kind::Volume => (
                !self.volumes.is_empty(),
                things::volumes(&self.volumes, &self.sizes, known, &mut making),
            ),
            _ => (
                !self.networks.is_empty(),
                things::networks(&self.networks, known, &mut making),
            ),
        };
        if listed {
            self.tell(kind, rows).await;
        }
    }

    /// Tells that there is none of a kind.
    pub(super) async fn tell_none(&mut self, kind: &Kind) {
        self.tell(kind, Vec::new()).await;
    }

    /// Tells what a manager said.
    pub(super) async fn tell_swarm(&mut self) {
        let Some(swarm) = self.swarm.take() else {
            return;
        };
        for kind in SWARM {
            if !self.wants(&kind) {
                continue;
            }
            let mut making = Making {
                endpoint: self.endpoint.id,
                names: &mut self.names,
            };
            let rows = match kind {
                Kind::SwarmService => swarm.services(&mut making),
                Kind::SwarmTask => swarm.tasks(&mut making),
                Kind::SwarmNode => swarm.nodes(&mut making),
                _ => swarm.stacks(&mut making),
            };
            self.tell(&kind, rows).await;
        }
        self.swarm = Some(swarm);
    }
}
