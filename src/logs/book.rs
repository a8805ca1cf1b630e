//! The logbook of one reading: its streams, its lines in order, what the filter and the search choose of them, and
//! what had to be let go.

use std::collections::{BTreeMap, HashMap};

use super::chunk::{LAYERS, Meta, NO_STREAM};
use super::filter::Filter;
use super::order::{Fresh, Order};
use super::patterns::Patterns;
use super::shelf::{At, LineId, Shelf};
use super::sift::{Names, Question};
use super::stream::Stream;
use super::time::SECOND;
use crate::model::{
    EndpointId, Key, LogBatch, LogBlock, LogChange, LogFlags, LogLevel, LogMark, LogMarkKind,
    LogState, SourceStatus,
};

/// The layer of the filter.
pub(super) const FILTER: usize = 0;
/// The layer of the search.
pub(super) const SEARCH: usize = 1;

/// Nanoseconds by which lines may come out of order without being called late.
const WINDOW: i64 = SECOND / 2;
/// Most streams of a reading, as a line keeps two bytes for its own.
const STREAMS: usize = u16::MAX as usize;
/// The part of the memory that is freed at once, so that freeing is rare.
const FREED: usize = 32;

/// What a layer asks and how far the answer is.
#[derive(Default)]
pub(super) struct Layer {
    pub(super) question: Question,
    pub(super) generation: u32,
    /// Slots and serials of chunks that are still to be looked at, the most urgent one last.
    pending: Vec<(usize, u32)>,
}

/// Everything that is known of one reading.
pub struct Logbook {
    pub(super) streams: Vec<Stream>,
    pub(super) names: Vec<Names>,
    by_key: HashMap<Key, u16>,
    /// Streams that had no place.
    pub(super) refused: usize,
    pub(super) finding: BTreeMap<EndpointId, SourceStatus>,
    pub(super) shelf: Shelf,
    pub(super) order: Order,
    pub(super) layers: [Layer; LAYERS],
    pub(super) patterns: Option<Patterns>,
    scratch: Vec<u8>,
    /// Most bytes that lines may take.
    cap: usize,
    /// Lines that were let go to stay within the memory.
    pub(super) evicted: u64,
    /// The time of the last line.
    newest: i64,
    /// When something turned last: a rollout, a restart.
    pub(super) turned: Option<i64>,
    revision: u64,
}

impl Logbook {
    /// An empty one whose lines take at most `cap` bytes.
    pub fn new(cap: usize) -> Self {
        let mut book = Self {
            streams: Vec::new(),
            names: Vec::new(),
            by_key: HashMap::new(),
            refused: 0,
            finding: BTreeMap::new(),
            shelf: Shelf::default(),
            order: Order::default(),
            layers: Default::default(),
            patterns: None,
            scratch: Vec::new(),
            cap,
            evicted: 0,
            newest: i64::MIN,
            turned: None,
            revision: 0,
        };
        if let Some(filter) = book.layers.first_mut() {
            filter.question.marks = true;
        }
        book
    }

    /// Grows with everything that may change what is shown.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Takes in what a source told.
    pub fn apply(&mut self, batch: LogBatch) {
        self.revision += 1;
        let mut fresh = Vec::new();
        for change in batch.changes {
            match change {
                LogChange::Finding(status) => {
                    self.finding.insert(batch.endpoint, status);
                }
                LogChange::Stream(stream) => self.name(Stream::new(*stream)),
                LogChange::State(key, state) => {
                    if let Some(stream) = self.stream_mut(key) {
                        // What it brings after a break is behind the others until it has caught up.
                        stream.caught_up |= matches!(state, LogState::Reconnecting { .. });
                        stream.state = state;
                    }
                }
                LogChange::Lines(key, block) => self.lines(key, &block, &mut fresh),
                LogChange::Mark(key, mark) => self.mark(key, &mark, &mut fresh),
                LogChange::Counts(key, counts) => {
                    if let Some(stream) = self.stream_mut(key) {
                        stream.dropped += counts.dropped;
                        stream.duplicates += counts.duplicates;
                    }
                }
                LogChange::Past(key, past) => {
                    if let Some(stream) = self.stream_mut(key) {
                        stream.past = past;
                    }
                }
            }
        }
        if fresh.is_empty() {
            return;
        }
        if let Some(open) = self.shelf.opened() {
            self.sift(open);
        }
        self.order.insert(fresh, &self.shelf);
        self.evict();
    }

    fn stream_mut(&mut self, key: Key) -> Option<&mut Stream> {
        let number = self.by_key.get(&key)?;
        self.streams.get_mut(usize::from(*number))
    }

    fn name(&mut self, stream: Stream) {
        let names = Names {
            label: stream.about.label.to_string(),
            container: stream.about.container.to_string(),
            muted: self.filter().is_some_and(|filter| filter.muted.contains(&stream.about.key)),
        };
        let key = stream.about.key;
        if let Some(number) = self.by_key.get(&key).map(|number| usize::from(*number)) {
            if let Some(known) = self.streams.get_mut(number) {
                known.about = stream.about;
            }
            if let Some(known) = self.names.get_mut(number) {
                *known = names;
            }
            return;
        }
        if self.streams.len() >= STREAMS {
            self.refused += 1;
            return;
        }
        self.by_key.insert(key, self.streams.len() as u16);
        self.streams.push(stream);
        self.names.push(names);
    }

    fn lines(&mut self, key: Key, block: &LogBlock, fresh: &mut Vec<Fresh>) {
        let Some(number) = self.by_key.get(&key).copied() else {
            return;
        };
        let newest = self.newest;
        let Some(stream) = self.streams.get_mut(usize::from(number)) else {
            return;
        };
        stream.lines += block.lines.len() as u64;
        let mut caught_up = stream.caught_up;
        let mut late = 0;
        for (line, bytes) in block.iter() {
            let mut flags = line.flags;
            if !block.older {
                if line.time >= newest.saturating_sub(WINDOW) {
                    caught_up = true;
                } else if caught_up {
                    flags = flags.with(LogFlags::LATE);
                    late += 1;
                }
                self.newest = self.newest.max(line.time);
            }
            let meta = Meta {
                time: line.time,
                stream: number,
                level: line.level,
                flags,
            };
            self.push(meta, bytes, block.older, fresh);
        }
        if let Some(stream) = self.streams.get_mut(usize::from(number)) {
            stream.caught_up = caught_up;
            stream.late += late;
        }
    }

    fn mark(&mut self, key: Option<Key>, mark: &LogMark, fresh: &mut Vec<Fresh>) {
        let number = key.and_then(|key| self.by_key.get(&key).copied());
        let meta = Meta {
            time: mark.time,
            stream: number.unwrap_or(NO_STREAM),
            level: LogLevel::Unknown,
            flags: LogFlags::MARK,
        };
        let turns = matches!(
            mark.kind,
            LogMarkKind::Turn | LogMarkKind::Failure | LogMarkKind::Rollout
        );
        if turns {
            self.turned = self.turned.max(Some(mark.time));
        }
        let kind = LogMarkKind::ALL.iter().position(|kind| *kind == mark.kind);
        let mut bytes = vec![kind.unwrap_or_default() as u8];
        bytes.extend_from_slice(mark.words.as_bytes());
        self.push(meta, &bytes, false, fresh);
    }

    fn push(&mut self, meta: Meta, line: &[u8], older: bool, fresh: &mut Vec<Fresh>) {
        if let Some(full) = self.shelf.full(meta.flags.has(LogFlags::CONTINUES)) {
            self.sift(full);
            self.shelf.seal(full);
        }
        let Some(slot) = self.shelf.open() else {
            return;
        };
        let Some(chunk) = self.shelf.chunk_mut(slot) else {
            return;
        };
        fresh.push(Fresh {
            key: (meta.time, meta.stream),
            at: At::new(slot, chunk.len()),
            older,
        });
        chunk.push(meta, line);
    }

    /// Brings what the layers know of a chunk up to date; says how many lines were looked at.
    fn sift(&mut self, slot: usize) -> usize {
        let mut looked = 0;
        let before = self.shelf.chunk(slot).map_or(0, super::chunk::Chunk::bytes);
        for (number, layer) in self.layers.iter().enumerate() {
            if layer.question.is_open() {
                continue;
            }
            if let Some(chunk) = self.shelf.chunk_mut(slot) {
                looked += layer.question.sift(
                    number,
                    layer.generation,
                    chunk,
                    &self.names,
                    &mut self.scratch,
                );
            }
        }
        self.shelf.resized(slot, before);
        looked
    }

    /// Shows other lines. What is nearest to `around` in time is looked at first, by [`Self::work`].
    pub fn set_filter(&mut self, filter: Filter, around: Option<i64>) {
        if self.filter().is_some_and(|known| known.same(&filter)) {
            return;
        }
        for (stream, names) in self.streams.iter().zip(&mut self.names) {
            names.muted = filter.muted.contains(&stream.about.key);
        }
        self.ask(FILTER, filter, around);
        if let Some(patterns) = &mut self.patterns {
            *patterns = Patterns::default();
        }
    }

    /// Looks for something in the lines that are shown; an open filter looks for nothing.
    pub fn set_search(&mut self, search: Filter, around: Option<i64>) {
        let known = self.layers.get(SEARCH);
        if known.is_some_and(|layer| !layer.question.filter.same(&search)) {
            self.ask(SEARCH, search, around);
        }
    }

    fn ask(&mut self, number: usize, filter: Filter, around: Option<i64>) {
        self.revision += 1;
        let Some(layer) = self.layers.get_mut(number) else {
            return;
        };
        let narrows = !layer.question.is_open() && filter.narrows(&layer.question.filter);
        let before = layer.generation;
        layer.question.filter = filter;
        layer.generation = layer.generation.wrapping_add(1);
        layer.pending.clear();
        for page in self.order.pages_mut() {
            page.counted = false;
        }
        if layer.question.is_open() {
            return;
        }
        let around = around.unwrap_or(self.newest);
        let mut pending: Vec<(u64, usize, u32)> = Vec::new();
        let mut hopeless = Vec::new();
        for (slot, chunk) in self.shelf.iter() {
            let known = chunk.verdicts.get(number);
            let nothing = known.is_some_and(|known| {
                known.generation == before && known.upto == chunk.len() && known.bits.is_empty()
            });
            if narrows && nothing {
                hopeless.push(slot);
            } else {
                let (first, last) = chunk.span;
                let nearest = around.clamp(first.min(last), last.max(first));
                pending.push((nearest.abs_diff(around), slot, chunk.serial));
            }
        }
        pending.sort_unstable_by(|one, other| other.cmp(one));
        let pending = pending.into_iter().map(|(_, slot, serial)| (slot, serial));
        layer.pending = pending.collect();
        let generation = layer.generation;
        for slot in hopeless {
            let chunk = self.shelf.chunk_mut(slot);
            if let Some(known) = chunk.and_then(|chunk| chunk.verdicts.get_mut(number)) {
                known.generation = generation;
            }
        }
    }

    /// Starts or stops counting what kinds of lines there are.
    pub fn set_patterns(&mut self, on: bool) {
        match (&self.patterns, on) {
            (None, true) => self.patterns = Some(Patterns::default()),
            (Some(_), false) => self.patterns = None,
            _ => {}
        }
    }

    /// Whether there is something left to look at.
    pub fn has_work(&self) -> bool {
        self.layers.iter().any(|layer| !layer.pending.is_empty())
            || self
                .patterns
                .as_ref()
                .is_some_and(|patterns| patterns.has_work(&self.shelf))
    }

    /// Looks at about so many lines that wait.
    pub fn work(&mut self, lines: usize) {
        self.revision += 1;
        let mut left = lines;
        for number in 0..LAYERS {
            while left > 0 {
                let next = self.layers.get_mut(number).and_then(|layer| layer.pending.pop());
                let Some((slot, serial)) = next else { break };
                if self.shelf.chunk(slot).is_some_and(|chunk| chunk.serial == serial) {
                    left = left.saturating_sub(self.sift(slot).max(1));
                }
            }
        }
        if let Some(mut patterns) = self.patterns.take() {
            if left > 0 {
                patterns.work(self, left);
            }
            self.patterns = Some(patterns);
        }
    }

    /// Lets the oldest lines go where more is held than may be.
    fn evict(&mut self) {
        if self.bytes() <= self.cap {
            return;
        }
        let enough = self.cap - self.cap / FREED;
        let mut gone = Vec::new();
        let mut upto = i64::MIN;
        let mut bytes = self.bytes();
        for slot in self.shelf.oldest() {
            if bytes <= enough {
                break;
            }
            let Some(chunk) = self.shelf.chunk(slot) else {
                continue;
            };
            bytes = bytes.saturating_sub(chunk.bytes() + chunk.len() * size_of::<At>());
            upto = upto.max(chunk.span.1);
            self.evicted += chunk.len() as u64;
            gone.push(slot);
        }
        gone.sort_unstable();
        let is_gone = |slot: usize| gone.binary_search(&slot).is_ok();
        self.order.evict(is_gone, upto, &self.shelf);
        for slot in gone {
            self.shelf.remove(slot);
        }
    }

    /// What the lines take in memory, in bytes.
    pub fn bytes(&self) -> usize {
        self.shelf.bytes() + self.order.len() * size_of::<At>()
    }

    /// A name for a line that is kept.
    pub(super) fn id(&self, at: At) -> Option<LineId> {
        self.shelf.id(at)
    }
}
