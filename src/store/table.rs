//! A table: rows in slots that never move, found by identity.
//!
//! Slots stand in blocks, so growing never copies rows. A slot's number stays its row's until the row is gone; views
//! keep slot numbers only between two revisions of the table.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};

use crate::model::{
    AlertReport, Container, DockerContainer, EndpointId, Event, Hpa, Key, Meta, Name, Node, Pod,
    Resource, Rule, ScrapeTarget, Silence, Workload, WorkloadKind,
};

const BLOCK: usize = 256;

/// A row that a table can hold.
pub trait Tabled {
    fn meta(&self) -> &Meta;
    /// Which of several feeds of one table tells of this row.
    fn sort(&self) -> WorkloadKind {
        WorkloadKind::default()
    }
}

macro_rules! tabled {
    ($($row:ty),*) => {$(
        impl Tabled for $row {
            fn meta(&self) -> &Meta {
                &self.meta
            }
        }
    )*};
}
tabled!(
    Pod,
    Hpa,
    Node,
    Event,
    Container,
    DockerContainer,
    Resource,
    AlertReport,
    Rule,
    ScrapeTarget,
    Silence
);

impl Tabled for Workload {
    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn sort(&self) -> WorkloadKind {
        self.kind
    }
}

struct Slot<T> {
    row: T,
    list: u32,
}

/// Rows by identity.
pub struct Table<T> {
    blocks: Vec<Vec<Option<Slot<T>>>>,
    free: Vec<u32>,
    index: HashMap<Key, u32, KeyHash>,
    revision: u64,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            blocks: Vec::new(),
            free: Vec::new(),
            index: HashMap::default(),
            revision: 0,
        }
    }
}

impl<T: Tabled> Table<T> {
    pub fn len(&self) -> usize {
        self.index.len()
    }

    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// Grows with every change to the table.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    pub fn get(&self, slot: u32) -> Option<&T> {
        let slot = slot as usize;
        let entry = self.blocks.get(slot / BLOCK)?.get(slot % BLOCK)?;
        entry.as_ref().map(|slot| &slot.row)
    }

    pub fn find(&self, key: &Key) -> Option<u32> {
        self.index.get(key).copied()
    }

    /// The row with an identity.
    pub fn row(&self, key: &Key) -> Option<&T> {
        self.get(self.find(key)?)
    }

    /// All rows with their slots, in slot order.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &T)> {
        self.blocks.iter().enumerate().flat_map(|(block, slots)| {
            slots.iter().enumerate().filter_map(move |(at, slot)| {
                Some(((block * BLOCK + at) as u32, &slot.as_ref()?.row))
            })
        })
    }

    /// An empty table that counts on from a revision.
    pub(super) fn newer_than(revision: u64) -> Self {
        Self {
            revision: revision + 1,
            ..Self::default()
        }
    }

    /// Puts a row in, told by the list with this number. An older version of the same object is ignored, though it
    /// still counts as told.
    pub(super) fn put(&mut self, row: T, list: u32) -> Option<u32> {
        let key = row.meta().key;
        if let Some(slot) = self.find(&key) {
            let entry = self.entry(slot)?.as_mut()?;
            entry.list = list;
            let (old, new) = (entry.row.meta().version, row.meta().version);
            if new != 0 && new < old {
                return Some(slot);
            }
            entry.row = row;
            self.revision += 1;
            return Some(slot);
        }
        self.revision += 1;
        let entry = Some(Slot { row, list });
        let slot = if let Some(slot) = self.free.pop() {
            *self.entry(slot)? = entry;
            slot
        } else {
            if self.blocks.last().is_none_or(|block| block.len() == BLOCK) {
                self.blocks.push(Vec::with_capacity(BLOCK));
            }
            let before = (self.blocks.len() - 1) * BLOCK;
            let block = self.blocks.last_mut()?;
            block.push(entry);
            (before + block.len() - 1) as u32
        };
        self.index.insert(key, slot);
        Some(slot)
    }

    pub(super) fn remove(&mut self, key: &Key) -> Option<T> {
        let slot = self.index.remove(key)?;
        self.revision += 1;
        self.free.push(slot);
        self.entry(slot)?.take().map(|slot| slot.row)
    }

    /// Removes the rows of one feed (an endpoint's, of one sort, in one namespace if given) that its list, whose
    /// number is given, did not tell; all of them if there is no list. Returns how many.
    pub(super) fn sweep(
        &mut self,
        endpoint: EndpointId,
        sort: Option<WorkloadKind>,
        namespace: Option<&Name>,
        list: Option<u32>,
    ) -> usize {
        let mut gone = 0;
        for (at, slot) in self.blocks.iter_mut().flatten().enumerate() {
            let Some(entry) = slot else { continue };
            let meta = entry.row.meta();
            if meta.key.endpoint != endpoint
                || Some(entry.list) == list
                || sort.is_some_and(|sort| sort != entry.row.sort())
                || namespace.is_some_and(|namespace| *namespace != meta.namespace)
            {
                continue;
            }
            self.index.remove(&meta.key);
            // Blocks are full but for the last, so a slot's place in the sequence is its number.
            self.free.push(at as u32);
            *slot = None;
            gone += 1;
        }
        if gone > 0 {
            self.revision += 1;
        }
        gone
    }

    fn entry(&mut self, slot: u32) -> Option<&mut Option<Slot<T>>> {
        let slot = slot as usize;
        self.blocks.get_mut(slot / BLOCK)?.get_mut(slot % BLOCK)
    }
}

/// Hashes a [`Key`] by taking bytes of its uid, which are evenly spread already.
#[derive(Clone, Copy, Default)]
pub struct KeyHash;

/// See [`KeyHash`].
#[derive(Default)]
pub struct KeyHasher(u64);

impl BuildHasher for KeyHash {
    type Hasher = KeyHasher;
    fn build_hasher(&self) -> KeyHasher {
        KeyHasher(0)
    }
}

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            for (to, from) in word.iter_mut().zip(chunk) {
                *to = *from;
            }
            self.0 = (self.0.rotate_left(5) ^ u64::from_le_bytes(word))
                .wrapping_mul(0x517c_c1b7_2722_0a95);
        }
    }

    fn write_u16(&mut self, number: u16) {
        self.0 ^= u64::from(number);
    }

    fn write_usize(&mut self, _length: usize) {}
}
