//! A set of lines of one chunk: a bit a line.

/// Bits that grow at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bits {
    words: Vec<u64>,
    len: usize,
}

impl Bits {
    pub(super) fn has(&self, at: usize) -> bool {
        self.words
            .get(at / 64)
            .is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    pub(super) fn set(&mut self, at: usize, on: bool) {
        if let Some(word) = self.words.get_mut(at / 64) {
            let bit = 1 << (at % 64);
            if on {
                *word |= bit;
            } else {
                *word &= !bit;
            }
        }
    }

    /// Grows or shrinks; new bits are off.
    pub(super) fn resize(&mut self, len: usize) {
        self.words.resize(len.div_ceil(64), 0);
        self.len = len;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    pub(super) fn clear(&mut self) {
        self.words = Vec::new();
        self.len = 0;
    }

    /// The bits that are on, from `from`.
    pub(super) fn iter_from(&self, from: usize) -> impl Iterator<Item = usize> {
        (from..self.len).filter(|at| self.has(*at))
    }

    pub(super) fn bytes(&self) -> usize {
        self.words.capacity() * 8
    }
}
