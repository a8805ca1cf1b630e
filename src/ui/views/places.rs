//! The places of rows: slots of a table by namespace, name and endpoint, kept from one preparation to the next.
//!
//! What a row is called never changes while it lives, so only rows that came are compared with others; everything
//! else (health, columns) sorts numbers. Belongs to [`super::Prepared`].

use super::fingerprint;
use super::order::{Ranks, Texts, natural};
use crate::model::{Health, Meta};
use crate::store::{Table, Tabled};

const NOWHERE: u32 = u32::MAX;
/// The row is there, but was not selected.
const SEEN: u8 = 1;

/// Slots in their places.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Places {
    order: Vec<u32>,
    /// By slot: what is known of the row there.
    slots: Vec<Place>,
    /// By slot: whether the row was seen and selected in this preparation.
    marks: Vec<u8>,
    fresh: Vec<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Place {
    /// Of the row that stands there.
    print: u32,
    /// Its place in the order.
    rank: u32,
}

impl Places {
    /// Begins a preparation.
    pub(super) fn begin(&mut self) {
        self.marks.clear();
        self.marks.resize(self.slots.len(), 0);
        self.fresh.clear();
    }

    /// Takes note of a row of the table.
    pub(super) fn see(&mut self, slot: u32, meta: &Meta) {
        let at = slot as usize;
        let print = fingerprint(&meta.key);
        if at >= self.slots.len() {
            let unknown = Place {
                print,
                rank: NOWHERE,
            };
            self.slots.resize(at + 1, unknown);
            self.marks.resize(at + 1, 0);
        }
        if let Some(place) = self.slots.get_mut(at)
            && place.print != print
        {
            *place = Place {
                print,
                rank: NOWHERE,
            };
        }
        if let Some(mark) = self.marks.get_mut(at) {
            *mark = SEEN;
        }
    }

    /// Selects a row that was seen.
    pub(super) fn select(&mut self, slot: u32, health: Health) {
        let at = slot as usize;
        if let Some(mark) = self.marks.get_mut(at) {
            *mark = SEEN + 1 + health as u8;
        }
        if self.rank(slot) == NOWHERE {
            self.fresh.push(slot);
        }
    }

    /// Places the rows that were selected for the first time.
    pub(super) fn settle<R: Tabled>(&mut self, table: &Table<R>) {
        if self.fresh.is_empty() {
            return;
        }
        let (marks, slots) = (&self.marks, &mut self.slots);
        self.order.retain(|slot| {
            let at = *slot as usize;
            let there = marks.get(at).is_some_and(|mark| *mark >= SEEN)
                && slots.get(at).is_some_and(|place| place.rank != NOWHERE);
            if !there && let Some(place) = slots.get_mut(at) {
                place.rank = NOWHERE;
            }
            there
        });
        let mut fresh = std::mem::take(&mut self.fresh);
        if fresh.len() > self.order.len() / 4 {
            self.order.append(&mut fresh);
            sort(table, &mut self.order);
        } else {
            sort(table, &mut fresh);
            self.order = insert(table, &self.order, &fresh);
        }
        for (rank, slot) in self.order.iter().enumerate() {
            if let Some(place) = self.slots.get_mut(*slot as usize) {
                place.rank = rank as u32;
            }
        }
    }

    /// The place of a row that was selected.
    pub(super) fn rank(&self, slot: u32) -> u32 {
        let place = self.slots.get(slot as usize);
        place.map_or(NOWHERE, |place| place.rank)
    }

    pub(super) fn print(&self, slot: u32) -> u32 {
        let place = self.slots.get(slot as usize);
        place.map_or(0, |place| place.print)
    }

    /// The selected rows, worst first and then in their places.
    pub(super) fn worst_first(&self, rows: &mut Vec<u32>) {
        let mut buckets: [Vec<u32>; 5] = Default::default();
        for slot in &self.order {
            let mark = self.marks.get(*slot as usize).copied().unwrap_or_default();
            let health = usize::from(mark).checked_sub(usize::from(SEEN) + 1);
            if let Some(bucket) = health.and_then(|health| buckets.get_mut(health)) {
                bucket.push(*slot);
            }
        }
        rows.extend(buckets.into_iter().flatten());
    }
}

/// Sorts slots by what their rows are called.
fn sort<R: Tabled>(table: &Table<R>, slots: &mut [u32]) {
    let mut namespaces = Ranks::new();
    let mut numbers = Vec::with_capacity(slots.len());
    let mut names = Texts::with_capacity(slots.len());
    for slot in slots.iter() {
        let meta = table.get(*slot).map(Tabled::meta);
        let namespace = meta.map_or("", |meta| meta.namespace.as_str());
        numbers.push(namespaces.number(namespace));
        names.push(meta.map_or("", |meta| meta.name.as_str()), 4);
    }
    let ranks = namespaces.ranks(|one, other| natural(one, other).then_with(|| one.cmp(other)));
    let rank = |number: &u32| ranks.get(*number as usize).copied().unwrap_or_default();
    names.lead(numbers.iter().map(rank));
    let unsorted = slots.to_vec();
    let slot = |at: u32| unsorted.get(at as usize).copied().unwrap_or_default();
    let sorted = names.sort(&|one, other| compare(table, slot(one), slot(other)));
    for (place, chunk) in slots.iter_mut().zip(sorted) {
        *place = slot(chunk.id);
    }
}

/// Puts a few slots among many; both are sorted.
fn insert<R: Tabled>(table: &Table<R>, order: &[u32], fresh: &[u32]) -> Vec<u32> {
    let mut merged = Vec::with_capacity(order.len() + fresh.len());
    let mut rest = order;
    for slot in fresh {
        let at = rest.partition_point(|other| compare(table, *other, *slot).is_lt());
        let (before, after) = rest.split_at(at);
        merged.extend_from_slice(before);
        merged.push(*slot);
        rest = after;
    }
    merged.extend_from_slice(rest);
    merged
}

fn compare<R: Tabled>(table: &Table<R>, one: u32, other: u32) -> std::cmp::Ordering {
    let (Some(one), Some(other)) = (table.get(one), table.get(other)) else {
        return one.cmp(&other);
    };
    let (one, other) = (one.meta(), other.meta());
    let spaces = (one.namespace.as_str(), other.namespace.as_str());
    natural(spaces.0, spaces.1)
        .then_with(|| spaces.0.cmp(spaces.1))
        .then_with(|| natural(&one.name, &other.name))
        .then_with(|| one.name.cmp(&other.name))
        .then_with(|| one.key.cmp(&other.key))
}
