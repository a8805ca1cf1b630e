//! Bytes that arrive in frames, taken out in units of any length. A unit that lies inside one frame is not copied.

use bytes::{Buf, Bytes, BytesMut};

use super::Garbled;

/// Where frames go in and units come out. Asking again for a unit that is not there yet costs nothing.
#[derive(Debug, Default)]
pub(super) struct Intake {
    /// The begin of a unit whose end has not arrived.
    held: BytesMut,
    frame: Bytes,
    varint: u64,
    shift: u32,
    taken: u64,
}

impl Intake {
    /// Adds a frame. What is left of the one before is held.
    pub(super) fn push(&mut self, frame: Bytes) {
        if !self.frame.is_empty() {
            self.held.extend_from_slice(&self.frame);
        }
        self.frame = frame;
    }

    /// Bytes taken out so far.
    pub(super) fn taken(&self) -> u64 {
        self.taken
    }

    /// Whether bytes wait that no unit was made of.
    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty() && self.frame.is_empty() && self.shift == 0
    }

    /// Takes `count` bytes once they are all there.
    pub(super) fn take(&mut self, count: u64) -> Option<Bytes> {
        let wanted = usize::try_from(count).ok()?;
        if self.held.is_empty() && self.frame.len() >= wanted {
            self.taken += count;
            return Some(self.frame.split_to(wanted));
        }
        let missing = wanted.saturating_sub(self.held.len());
        if missing > self.frame.len() {
            self.held.extend_from_slice(&self.frame);
            self.frame.clear();
            return None;
        }
        self.held.extend_from_slice(&self.frame.split_to(missing));
        self.taken += count;
        Some(self.held.split_to(wanted).freeze())
    }

    /// Drops up to `count` bytes and says how many are still to be dropped.
    pub(super) fn skip(&mut self, count: u64) -> u64 {
        let here = usize::try_from(count).unwrap_or(usize::MAX);
        let held = here.min(self.held.len());
        self.held.advance(held);
        let framed = (here - held).min(self.frame.len());
        self.frame.advance(framed);
        let dropped = (held + framed) as u64;
        self.taken += dropped;
        count - dropped
    }

    /// Takes a varint; none until its last byte is there.
    pub(super) fn varint(&mut self) -> Result<Option<u64>, Garbled> {
        while let Some(byte) = self.byte() {
            if self.shift >= 64 {
                return Err(Garbled("a number is too long"));
            }
            self.varint |= u64::from(byte & 0x7f) << self.shift;
            self.shift += 7;
            if byte & 0x80 == 0 {
                self.shift = 0;
                return Ok(Some(std::mem::take(&mut self.varint)));
            }
        }
        Ok(None)
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = if self.held.is_empty() {
            (!self.frame.is_empty()).then(|| self.frame.get_u8())
        } else {
            Some(self.held.get_u8())
        };
        self.taken += u64::from(byte.is_some());
        byte
    }
}
