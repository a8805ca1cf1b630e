//! CPU, memory and traffic of the containers that are wanted: which streams are open, and what they said.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::host::Host;
use super::send;
use super::stats::{STREAMS, Sample, Streams};
use super::things::host_uid;
use crate::clients::docker::Reader;
use crate::model::{
    Allotment, Change, Demand, Key, Kind, Moment, SourceStatus, Text, Topic, Uid, Usage,
};

/// Samples that come together are told together.
const GATHER: Duration = Duration::from_millis(200);

/// What is followed.
pub(super) struct Follow {
    reader: Reader,
    streams: Streams,
    samples_tx: mpsc::Sender<(Key, Sample)>,
    samples_rx: mpsc::Receiver<(Key, Sample)>,
    pending: BTreeMap<Key, Sample>,
    flush: Option<Instant>,
    /// Of all running containers, while the host's own sum is wanted.
    latest: HashMap<Uid, Usage>,
    running: usize,
    host_wanted: bool,
    live: bool,
    limited: bool,
    /// Which containers run may have changed.
    pub(super) again: bool,
}

impl Follow {
    pub(super) fn new(reader: Reader) -> Self {
        let (samples_tx, samples_rx) = mpsc::channel(256);
        Self {
            reader,
            streams: Streams::default(),
            samples_tx,
            samples_rx,
            pending: BTreeMap::new(),
            flush: None,
            latest: HashMap::new(),
            running: 0,
            host_wanted: false,
            live: false,
            limited: false,
            again: false,
        }
    }

    /// Opens and closes streams for what is wanted now.
    pub(super) async fn demanded(&mut self, demand: &Demand, host: &Host) {
        self.again = false;
        let endpoint = host.endpoint.id;
        let mut asked = false;
        let mut rows: HashMap<Uid, Key> = HashMap::new();
        self.host_wanted = false;
        for (key, kind, ..) in &demand.usage {
            if key.endpoint == endpoint {
                asked = true;
                self.host_wanted |= *kind == Kind::DockerHost;
                rows.insert(key.uid, *key);
            }
        }
        let all = self.host_wanted || demand.usage_of_all && asked;
        let running = host
            .containers
            .iter()
            .filter(|(_, known)| known.row.state.as_str() == "running");
        self.running = running.clone().count();
        let mut wanted: BTreeMap<String, Key> = running
            .clone()
            .filter(|(_, known)| rows.contains_key(&known.row.meta.key.uid))
            .map(|(id, known)| (id.clone(), known.row.meta.key))
            .collect();
        if all {
            // Rows on screen come first, if there are too many.
            let others = running.map(|(id, known)| (id.clone(), known.row.meta.key));
            for (id, key) in others {
                if wanted.len() >= STREAMS {
                    break;
                }
                wanted.insert(id, key);
            }
        }
        self.latest
            .retain(|uid, _| wanted.values().any(|key| key.uid == *uid));
        self.streams.follow(&wanted, &self.reader, &self.samples_tx);
        let mut changes = Vec::new();
        let limited = all && self.running > STREAMS;
        if limited != self.limited {
            self.limited = limited;
            let words = format!("CPU and memory of {STREAMS} of {} containers", self.running);
            changes.push(Change::Limited(limited.then(|| Text::from(words))));
        }
        // Nothing that runs is asked for: nothing is waited for.
        if asked && wanted.is_empty() && !self.live && !host.containers.is_empty() {
            self.live = true;
            changes.push(Change::Status(SourceStatus::Live));
        }
        send(&host.batches, host.feed(Topic::Usage), changes).await;
    }

    /// Takes in a sample, or tells those that have come.
    pub(super) async fn next(&mut self, host: &Host) {
        let flush = self.flush;
        tokio::select! {
            sample = self.samples_rx.recv() => {
                if let Some((key, sample)) = sample {
                    self.pending.insert(key, sample);
                    if self.host_wanted {
                        self.latest.insert(key.uid, sample.usage);
                    }
                    self.flush.get_or_insert_with(|| Instant::now() + GATHER);
                }
            }
            () = sleep_until(flush.unwrap_or_else(Instant::now)), if flush.is_some() => {
                self.tell(host).await;
            }
        }
    }

    async fn tell(&mut self, host: &Host) {
        self.flush = None;
        let mut changes = Vec::with_capacity(self.pending.len() * 2 + 2);
        for (key, sample) in std::mem::take(&mut self.pending) {
            changes.push(Change::Usage(key, sample.usage));
            changes.push(Change::Traffic(key, sample.traffic));
        }
        changes.extend(self.sum(host));
        if !self.live {
            changes.push(Change::Status(SourceStatus::Live));
        }
        send(&host.batches, host.feed(Topic::Usage), changes).await;
        self.live = true;
    }

    /// What all containers use together; only told when every one of them is known.
    fn sum(&self, host: &Host) -> Option<Change> {
        if !self.host_wanted || self.latest.len() < self.running {
            return None;
        }
        let mut used = Allotment::default();
        let mut at: Option<Moment> = None;
        for usage in self.latest.values() {
            used += usage.used;
            at = at.max(Some(usage.at));
        }
        let key = Key {
            endpoint: host.endpoint.id,
            uid: host_uid(&host.endpoint.server),
        };
        Some(Change::Usage(key, Usage { used, at: at? }))
    }
}
