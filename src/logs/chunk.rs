//! A chunk: some hundred lines in the order in which they arrived, of whatever streams. What is asked of all lines
//! stands in columns; their text is packed once the chunk is full.

use super::bits::Bits;
use crate::model::{LogFlags, LogLevel};

/// Bytes of text from which a chunk is full.
pub(super) const BYTES: usize = 60 * 1024;
/// Most lines of a chunk, as line numbers within it have 12 bits.
pub(super) const LINES: usize = 4096;
/// The stream of a mark that concerns the whole reading.
pub(super) const NO_STREAM: u16 = u16::MAX;

/// What lines are chosen by: the filter, and the search.
pub(super) const LAYERS: usize = 2;

/// What a layer found in a chunk.
#[derive(Clone, Debug, Default)]
pub(super) struct Verdict {
    /// Of the question that was asked.
    pub(super) generation: u32,
    /// Lines that were looked at.
    pub(super) upto: usize,
    pub(super) bits: Bits,
}

/// The text of a chunk.
#[derive(Debug)]
enum Body {
    Open(Vec<u8>),
    Packed { bytes: Box<[u8]>, raw: usize },
}

/// A line's columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Meta {
    pub(super) time: i64,
    pub(super) stream: u16,
    pub(super) level: LogLevel,
    pub(super) flags: LogFlags,
}

/// Lines with their columns.
#[derive(Debug)]
pub(super) struct Chunk {
    /// Counts the chunks of the reading; tells a chunk from one that had its slot before.
    pub(super) serial: u32,
    times: Vec<i64>,
    ends: Vec<u32>,
    streams: Vec<u16>,
    levels: Vec<LogLevel>,
    flags: Vec<LogFlags>,
    body: Body,
    pub(super) verdicts: [Verdict; LAYERS],
    /// The flags that any line has.
    pub(super) any: LogFlags,
    /// The span of its times.
    pub(super) span: (i64, i64),
}

impl Chunk {
    pub(super) fn new(serial: u32, text: Vec<u8>) -> Self {
        Self {
            serial,
            times: Vec::new(),
            ends: Vec::new(),
            streams: Vec::new(),
            levels: Vec::new(),
            flags: Vec::new(),
            body: Body::Open(text),
            verdicts: Default::default(),
            any: LogFlags::NONE,
            span: (i64::MAX, i64::MIN),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.times.len()
    }

    /// Whether a line that begins a group would go into the next chunk.
    pub(super) fn is_full(&self) -> bool {
        self.text_len() >= BYTES || self.len() >= LINES
    }

    /// Whether even a line that continues a group has no place any more.
    pub(super) fn is_bursting(&self) -> bool {
        self.text_len() >= 4 * BYTES || self.len() >= LINES
    }

    fn text_len(&self) -> usize {
        self.ends.last().map_or(0, |end| *end as usize)
    }

    pub(super) fn push(&mut self, meta: Meta, line: &[u8]) {
        let Body::Open(text) = &mut self.body else {
            return;
        };
        text.extend_from_slice(line);
        self.ends.push(text.len() as u32);
        self.times.push(meta.time);
        self.streams.push(meta.stream);
        self.levels.push(meta.level);
        self.flags.push(meta.flags);
        self.any = self.any.with(meta.flags);
        self.span = (self.span.0.min(meta.time), self.span.1.max(meta.time));
    }

    pub(super) fn meta(&self, line: usize) -> Option<Meta> {
        Some(Meta {
            time: *self.times.get(line)?,
            stream: *self.streams.get(line)?,
            level: *self.levels.get(line)?,
            flags: *self.flags.get(line)?,
        })
    }

    pub(super) fn time(&self, line: usize) -> i64 {
        self.times.get(line).copied().unwrap_or_default()
    }

    /// What the order goes by before the arrival.
    pub(super) fn key(&self, line: usize) -> (i64, u16) {
        let stream = self.streams.get(line).copied().unwrap_or(NO_STREAM);
        (self.time(line), stream)
    }

    /// Every line's columns, in order.
    pub(super) fn metas(&self) -> impl Iterator<Item = Meta> {
        let columns = self.times.iter().zip(&self.streams);
        let columns = columns.zip(self.levels.iter().zip(&self.flags));
        columns.map(|((time, stream), (level, flags))| Meta {
            time: *time,
            stream: *stream,
            level: *level,
            flags: *flags,
        })
    }

    pub(super) fn levels(&self) -> &[LogLevel] {
        &self.levels
    }

    pub(super) fn streams(&self) -> &[u16] {
        &self.streams
    }

    pub(super) fn ends(&self) -> &[u32] {
        &self.ends
    }

    /// Whether a line continues the one before it in this chunk.
    pub(super) fn continues(&self, line: usize) -> bool {
        let Some(before) = line.checked_sub(1) else {
            return false;
        };
        self.flags
            .get(line)
            .is_some_and(|flags| flags.has(LogFlags::CONTINUES))
            && self.streams.get(line) == self.streams.get(before)
    }

    /// Where a line's bytes stand in the text.
    pub(super) fn range(&self, line: usize) -> std::ops::Range<usize> {
        let from = line.checked_sub(1).and_then(|at| self.ends.get(at));
        let to = self.ends.get(line).copied().unwrap_or_default() as usize;
        from.map_or(0, |end| *end as usize)..to
    }

    /// The whole text; `scratch` takes it where it has to be unpacked.
    pub(super) fn text<'a>(&'a self, scratch: &'a mut Vec<u8>) -> &'a [u8] {
        match &self.body {
            Body::Open(text) => text,
            Body::Packed { bytes, raw } => {
                scratch.resize(*raw, 0);
                // What was packed here unpacks.
                let long = lz4_flex::block::decompress_into(bytes, scratch).unwrap_or_default();
                scratch.get(..long).unwrap_or_default()
            }
        }
    }

    /// Packs the text and gives its buffer back for the next chunk.
    pub(super) fn pack(
        &mut self,
        table: &mut lz4_flex::block::CompressTable,
        scratch: &mut Vec<u8>,
    ) -> Option<Vec<u8>> {
        let Body::Open(text) = &mut self.body else {
            return None;
        };
        let mut text = std::mem::take(text);
        scratch.resize(lz4_flex::block::get_maximum_output_size(text.len()), 0);
        let packed = lz4_flex::block::compress_into_with_table(&text, scratch, table).ok();
        let packed = packed.and_then(|long| scratch.get(..long));
        match packed {
            Some(packed) if packed.len() < text.len() => {
                self.body = Body::Packed {
                    bytes: packed.into(),
                    raw: text.len(),
                };
            }
            _ => {
                // Nothing is gained: it stays as it is.
                text.shrink_to_fit();
                self.body = Body::Open(text);
                self.shrink();
                return None;
            }
        }
        self.shrink();
        text.clear();
        Some(text)
    }

    fn shrink(&mut self) {
        self.times.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.streams.shrink_to_fit();
        self.levels.shrink_to_fit();
        self.flags.shrink_to_fit();
    }

    /// What it takes in memory, in bytes.
    pub(super) fn bytes(&self) -> usize {
        let body = match &self.body {
            Body::Open(text) => text.capacity(),
            Body::Packed { bytes, .. } => bytes.len(),
        };
        let verdicts: usize = self.verdicts.iter().map(|known| known.bits.bytes()).sum();
        let columns = self.times.capacity() * 8
            + self.ends.capacity() * 4
            + self.streams.capacity() * 2
            + self.levels.capacity()
            + self.flags.capacity();
        body + columns + verdicts + size_of::<Self>()
    }
}
