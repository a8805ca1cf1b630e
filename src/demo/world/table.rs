//! One kind's objects and the ring of their latest changes, from which watches are fed.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde_json::Value;

use super::item::Item;

/// How much a kind remembers; a watch that is further behind is told 410.
const REMEMBERED: usize = 24_000;
/// What the change of a stored object weighs beside that of a fleet's pod, which is held in a few bytes.
const WHOLE: usize = 12;

/// What happened to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Added,
    Modified,
    Deleted,
}

impl Change {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Added => "ADDED",
            Self::Modified => "MODIFIED",
            Self::Deleted => "DELETED",
        }
    }
}

/// One change at one version.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) version: u64,
    pub(crate) change: Change,
    pub(crate) item: Item,
    /// What the object was, for watches whose selector it left.
    pub(crate) before: Option<Arc<Value>>,
}

/// The objects of one kind by namespace and name.
#[derive(Debug, Default, Clone)]
pub(crate) struct Table {
    pub(crate) objects: BTreeMap<(String, String), Arc<Value>>,
    history: VecDeque<Event>,
    weight: usize,
    /// Changes up to this version are forgotten.
    pub(crate) compacted: u64,
    /// The version of the latest change.
    pub(crate) latest: u64,
}

impl Table {
    pub(crate) fn record(&mut self, event: Event) {
        self.latest = event.version;
        self.weight += weight(&event);
        self.history.push_back(event);
        while self.weight > REMEMBERED {
            let Some(old) = self.history.pop_front() else {
                break;
            };
            self.weight -= weight(&old);
            self.compacted = old.version;
        }
    }

    /// Forgets all changes up to and including `version`.
    pub(crate) fn compact(&mut self, version: u64) {
        while self.history.front().is_some_and(|e| e.version <= version) {
            if let Some(old) = self.history.pop_front() {
                self.weight -= weight(&old);
            }
        }
        self.compacted = self.compacted.max(version);
    }

    /// The changes after `version`, oldest first, at most `most`.
    pub(crate) fn since(&self, version: u64, most: usize) -> impl Iterator<Item = &Event> {
        let start = self.history.partition_point(|e| e.version <= version);
        self.history.range(start..).take(most)
    }
}

fn weight(event: &Event) -> usize {
    match event.item {
        Item::Whole(_) => WHOLE,
        Item::Fleet(_) => 1,
    }
}
