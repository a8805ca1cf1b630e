//! The way out of a source: collects changes, keeps the last one of each object, and sends them in batches.
//!
//! Every source task owns one outlet for each feed. While the store keeps up, a lone change leaves at once and a burst
//! leaves every 50 ms; while it does not, changes of the same object fall together here, so that memory stays bounded
//! and the screen skips states that nobody could have read. The order of changes against `Listing`, `Listed` and the
//! status is kept, as their meaning rests on it.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::model::{Batch, Change, Feed, Meta, Row, Uid};

/// Most changes in one batch: about a millisecond of the store's work.
const BATCH: usize = 512;
/// Most changes that wait before the source has to.
const ROOM: usize = 4096;
/// How long changes gather.
const GATHER: Duration = Duration::from_millis(50);

/// Collects and sends the changes of one feed.
pub struct Outlet {
    feed: Feed,
    batches: mpsc::Sender<Batch>,
    pending: VecDeque<Change>,
    /// Where an object's change waits, counted since the outlet was made; smaller than `sent` means it has left.
    places: HashMap<Uid, u64>,
    sent: u64,
    first: Option<Instant>,
    last_sent: Option<Instant>,
    urgent: bool,
}

impl Outlet {
    pub fn new(feed: Feed, batches: mpsc::Sender<Batch>) -> Self {
        Self {
            feed,
            batches,
            pending: VecDeque::new(),
            places: HashMap::new(),
            sent: 0,
            first: None,
            last_sent: None,
            urgent: false,
        }
    }

    pub fn feed(&self) -> &Feed {
        &self.feed
    }

    /// Takes a change. It takes the place of a waiting one that it makes worthless: the same object's row, the status
    /// or document before it.
    pub fn push(&mut self, change: Change) {
        if self.batches.is_closed() {
            return;
        }
        if let Some(uid) = subject(&change) {
            match self
                .places
                .get(&uid)
                .and_then(|place| place.checked_sub(self.sent))
                .and_then(|place| self.pending.get_mut(usize::try_from(place).ok()?))
            {
                Some(waiting) => {
                    if !older(&change, waiting) {
                        *waiting = change;
                    }
                    return;
                }
                None => {
                    self.places
                        .insert(uid, self.sent + self.pending.len() as u64);
                }
            }
        } else {
            self.places.clear();
            if !matches!(change, Change::Requests(_) | Change::Listing) {
                self.urgent = true;
            }
            if let Some(last) = self.pending.back_mut()
                && replaces(&change, last)
            {
                *last = match (change, &*last) {
                    (Change::Requests(more), Change::Requests(some)) => {
                        Change::Requests(some.saturating_add(more))
                    }
                    (change, _) => change,
                };
                return;
            }
        }
        self.first.get_or_insert_with(Instant::now);
        self.pending.push_back(change);
    }

    /// What waits leaves without gathering: the first page of a list.
    pub fn urge(&mut self) {
        self.urgent = true;
    }

    /// Waits until changes are due and the channel has room, and sends a batch of them. Never resolves while there is
    /// nothing to send. Cancel-safe: made for a `select!` next to reading.
    pub async fn due(&mut self) {
        let Some(first) = self.first else {
            return std::future::pending().await;
        };
        if !self.urgent && self.pending.len() < BATCH {
            let after = self.last_sent.map_or(first, |sent| sent + GATHER);
            tokio::time::sleep_until(after).await;
        }
        self.send().await;
    }

    /// Sends all that waits.
    pub async fn flush(&mut self) {
        while !self.pending.is_empty() {
            self.send().await;
        }
    }

    /// Waits, sending, while more changes wait than fit: so a slow store slows the socket.
    pub async fn room(&mut self) {
        while self.pending.len() > ROOM {
            self.send().await;
        }
    }

    /// Sends one batch as soon as the channel has room; what waits is dropped if nobody listens any more.
    async fn send(&mut self) {
        let Ok(permit) = self.batches.reserve().await else {
            self.pending.clear();
            self.settle();
            return;
        };
        let count = self.pending.len().min(BATCH);
        let changes: Vec<Change> = self.pending.drain(..count).collect();
        self.sent += count as u64;
        for uid in changes.iter().filter_map(subject) {
            if self
                .places
                .get(&uid)
                .is_some_and(|place| *place < self.sent)
            {
                self.places.remove(&uid);
            }
        }
        permit.send(Batch {
            feed: self.feed.clone(),
            changes,
        });
        self.last_sent = Some(Instant::now());
        if self.pending.is_empty() {
            self.settle();
        }
    }

    fn settle(&mut self) {
        self.places.clear();
        self.first = None;
        self.urgent = false;
    }
}

/// The object that a change is about, if later changes of it make this one worthless.
fn subject(change: &Change) -> Option<Uid> {
    match change {
        Change::Gone(uid) => Some(*uid),
        Change::Usage(key, _) => Some(key.uid),
        // A row has both samples; this one must not take the other's place.
        Change::Traffic(key, _) => Some(Uid::hash(&key.uid.to_string())),
        Change::Row(row) => Some(meta(row).key.uid),
        _ => None,
    }
}

/// Whether a row is an older state of the object than the one that waits.
fn older(change: &Change, waiting: &Change) -> bool {
    match (change, waiting) {
        (Change::Row(row), Change::Row(waiting)) => {
            let (new, old) = (meta(row).version, meta(waiting).version);
            new != 0 && new < old
        }
        _ => false,
    }
}

pub(crate) fn meta(row: &Row) -> &Meta {
    match row {
        Row::Pod(row) => &row.meta,
        Row::Workload(row) => &row.meta,
        Row::Hpa(row) => &row.meta,
        Row::Node(row) => &row.meta,
        Row::Event(row) => &row.meta,
        Row::Container(row) => &row.meta,
        Row::Docker(row) => &row.meta,
        Row::Alert(row) => &row.meta,
        Row::Rule(row) => &row.meta,
        Row::Target(row) => &row.meta,
        Row::Silence(row) => &row.meta,
        Row::Resource(_, row) => &row.meta,
    }
}

/// Whether a change says all that the one before it said.
fn replaces(change: &Change, last: &Change) -> bool {
    matches!(
        (change, last),
        (Change::Status(_), Change::Status(_))
            | (Change::Endpoint(_), Change::Endpoint(_))
            | (Change::Kinds(_), Change::Kinds(_))
            | (Change::Document(_), Change::Document(_))
            | (Change::Requests(_), Change::Requests(_))
    )
}
