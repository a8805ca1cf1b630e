//! The chunks of a reading, in slots, within a number of bytes.
//!
//! A line is named by its slot and its number in the chunk, which fit four bytes together; slots are used again, so a
//! name that is kept ([`LineId`]) also carries the serial of the chunk.

use lz4_flex::block::CompressTable;

use super::chunk::{Chunk, LINES, Meta};

/// A line, as long as it is kept: never mistaken for another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineId {
    serial: u32,
    pub(super) at: At,
}

/// A line's slot and number: 20 and 12 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct At(u32);

/// The chunks that there can be at once.
const SLOTS: usize = 1 << 20;

impl At {
    pub(super) fn new(slot: usize, line: usize) -> Self {
        Self((slot as u32) << 12 | line as u32)
    }

    pub(super) fn slot(self) -> usize {
        (self.0 >> 12) as usize
    }

    pub(super) fn line(self) -> usize {
        self.0 as usize % LINES
    }
}

/// The chunks.
#[derive(Default)]
pub(super) struct Shelf {
    slots: Vec<Option<Chunk>>,
    free: Vec<usize>,
    /// The chunk that takes lines.
    open: Option<usize>,
    serial: u32,
    /// Bytes of all chunks that are full.
    bytes: usize,
    table: CompressTable,
    scratch: Vec<u8>,
    spare: Vec<u8>,
}

impl Shelf {
    pub(super) fn chunk(&self, slot: usize) -> Option<&Chunk> {
        self.slots.get(slot)?.as_ref()
    }

    pub(super) fn chunk_mut(&mut self, slot: usize) -> Option<&mut Chunk> {
        self.slots.get_mut(slot)?.as_mut()
    }

    /// All chunks with their slots.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &Chunk)> {
        let slots = self.slots.iter().enumerate();
        slots.filter_map(|(slot, chunk)| Some((slot, chunk.as_ref()?)))
    }

    pub(super) fn key(&self, at: At) -> (i64, u16) {
        self.chunk(at.slot())
            .map_or((0, 0), |chunk| chunk.key(at.line()))
    }

    pub(super) fn meta(&self, at: At) -> Option<Meta> {
        self.chunk(at.slot())?.meta(at.line())
    }

    pub(super) fn id(&self, at: At) -> Option<LineId> {
        let serial = self.chunk(at.slot())?.serial;
        Some(LineId { serial, at })
    }

    /// The line, if it is still kept.
    pub(super) fn resolve(&self, id: LineId) -> Option<At> {
        let chunk = self.chunk(id.at.slot())?;
        (chunk.serial == id.serial && id.at.line() < chunk.len()).then_some(id.at)
    }

    /// The open chunk, if it has no place for one more line: it is to be sealed.
    pub(super) fn full(&self, continues: bool) -> Option<usize> {
        let slot = self.open?;
        let chunk = self.chunk(slot)?;
        let full = if continues {
            chunk.is_bursting()
        } else {
            chunk.is_full()
        };
        full.then_some(slot)
    }

    /// The chunk that takes the next line, which may be new.
    pub(super) fn open(&mut self) -> Option<usize> {
        if self.open.is_some() {
            return self.open;
        }
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None if self.slots.len() < SLOTS => {
                self.slots.push(None);
                self.slots.len() - 1
            }
            None => return None,
        };
        self.serial = self.serial.wrapping_add(1);
        let chunk = Chunk::new(self.serial, std::mem::take(&mut self.spare));
        *self.slots.get_mut(slot)? = Some(chunk);
        self.open = Some(slot);
        Some(slot)
    }

    /// Packs the open chunk.
    pub(super) fn seal(&mut self, slot: usize) {
        self.open = None;
        let Some(chunk) = self.slots.get_mut(slot).and_then(Option::as_mut) else {
            return;
        };
        if let Some(spare) = chunk.pack(&mut self.table, &mut self.scratch) {
            self.spare = spare;
        }
        self.bytes += chunk.bytes();
    }

    /// The open chunk.
    pub(super) fn opened(&self) -> Option<usize> {
        self.open
    }

    /// Bytes that all chunks take, and what is kept beside them.
    pub(super) fn bytes(&self) -> usize {
        let open = self.open.and_then(|slot| self.chunk(slot));
        self.bytes + open.map_or(0, Chunk::bytes) + self.scratch.capacity() + self.spare.capacity()
    }

    /// The full chunks, those with the oldest lines first.
    pub(super) fn oldest(&self) -> Vec<usize> {
        let full = self.iter().filter(|(slot, _)| Some(*slot) != self.open);
        let mut full: Vec<(i64, usize)> = full.map(|(slot, chunk)| (chunk.span.1, slot)).collect();
        full.sort_unstable();
        full.into_iter().map(|(_, slot)| slot).collect()
    }

    /// Takes a full chunk out.
    pub(super) fn remove(&mut self, slot: usize) -> Option<Chunk> {
        if self.open == Some(slot) {
            return None;
        }
        let chunk = self.slots.get_mut(slot)?.take()?;
        self.bytes = self.bytes.saturating_sub(chunk.bytes());
        self.free.push(slot);
        Some(chunk)
    }

    /// Notes that a full chunk takes more or fewer bytes than before.
    pub(super) fn resized(&mut self, slot: usize, before: usize) {
        if self.open != Some(slot) {
            let now = self.chunk(slot).map_or(0, Chunk::bytes);
            self.bytes = (self.bytes + now).saturating_sub(before);
        }
    }
}
