//! What joins rows: the newest warning about each object.

use std::collections::HashMap;

use super::table::KeyHash;
use crate::model::{Event, Key, Moment};

/// Warnings that never say why something does not run: they come with healthy objects as well.
const BESIDE_THE_POINT: [&str; 4] = [
    "MissingClusterDNS",
    "DNSConfigForming",
    "DeprecatedAnnotation",
    "PossibleMemoryBackedVolumesOnDisk",
];

/// The newest warning event of each object, by slot of the event table.
#[derive(Default)]
pub(super) struct Warnings {
    newest: HashMap<Key, (u32, Option<Moment>), KeyHash>,
}

impl Warnings {
    pub(super) fn last(&self, object: &Key) -> Option<u32> {
        self.newest.get(object).map(|(slot, _)| *slot)
    }

    pub(super) fn note(&mut self, event: &Event, slot: u32) {
        if !event.warning || BESIDE_THE_POINT.contains(&event.reason.as_str()) {
            return;
        }
        let object = about(event);
        let known = self.newest.get(&object);
        if known.is_none_or(|(known, last)| *known == slot || *last <= event.last) {
            self.newest.insert(object, (slot, event.last));
        }
    }

    /// Forgets an event that is gone; the object then has no known warning until its next one.
    pub(super) fn forget(&mut self, event: &Event, slot: u32) {
        let object = about(event);
        if self.last(&object) == Some(slot) {
            self.newest.remove(&object);
        }
    }

    /// Works everything out anew, after events went in bulk.
    pub(super) fn rebuild<'a>(&mut self, events: impl Iterator<Item = (u32, &'a Event)>) {
        self.newest.clear();
        for (slot, event) in events {
            self.note(event, slot);
        }
    }
}

fn about(event: &Event) -> Key {
    Key {
        endpoint: event.meta.key.endpoint,
        uid: event.involved.uid,
    }
}
