//! Sifts a chunk: which of its lines a layer chooses. Columns first, text only if something is left to look at.

use super::bits::Bits;
use super::chunk::{Chunk, NO_STREAM};
use super::filter::{Filter, Predicate, Term, Test};
use super::pattern::Pattern;
use crate::model::{LogFlags, LogLevel};

/// What a stream means to a filter, by its number.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    pub(super) label: String,
    pub(super) container: String,
    pub(super) muted: bool,
}

/// What a layer asks.
#[derive(Clone, Debug, Default)]
pub(super) struct Question {
    pub(super) filter: Filter,
    /// Marks pass if their stream does.
    pub(super) marks: bool,
}

impl Question {
    /// Whether nothing has to be looked at.
    pub(super) fn is_open(&self) -> bool {
        self.filter.is_open()
    }

    /// Brings what is known of a chunk up to date and says how many lines were looked at.
    pub(super) fn sift(
        &self,
        layer: usize,
        generation: u32,
        chunk: &mut Chunk,
        streams: &[Names],
        scratch: &mut Vec<u8>,
    ) -> usize {
        let Some(verdict) = chunk.verdicts.get_mut(layer) else {
            return 0;
        };
        let mut known = std::mem::take(verdict);
        if known.generation != generation {
            known.generation = generation;
            known.upto = 0;
            known.bits.clear();
        }
        // A group that goes on is judged anew as a whole.
        let mut from = known.upto;
        while from > 0 && from < chunk.len() && chunk.continues(from) {
            from -= 1;
        }
        let looked = chunk.len().saturating_sub(from);
        if looked > 0 {
            known.bits.resize(chunk.len());
            self.judge(chunk, from, &mut known.bits, streams, scratch);
            known.upto = chunk.len();
        }
        if let Some(verdict) = chunk.verdicts.get_mut(layer) {
            *verdict = known;
        }
        looked
    }

    fn judge(
        &self,
        chunk: &Chunk,
        from: usize,
        bits: &mut Bits,
        streams: &[Names],
        scratch: &mut Vec<u8>,
    ) {
        let filter = &self.filter;
        let marked = chunk.any.has(LogFlags::MARK);
        let muted = |stream: u16| {
            let names = streams.get(usize::from(stream));
            stream != NO_STREAM && names.is_some_and(|names| names.muted)
        };
        let any_muted = streams.iter().any(|names| names.muted);
        let columns = chunk.levels().iter().zip(chunk.streams()).enumerate();
        let mut any = false;
        for (at, (level, stream)) in columns.skip(from) {
            let high = *level >= filter.floor || filter.floor == LogLevel::Unknown;
            let pass = high && !(any_muted && muted(*stream));
            any |= pass;
            bits.set(at, pass);
        }
        let mut marks = Vec::new();
        if marked {
            for (at, meta) in chunk.metas().enumerate().skip(from) {
                if meta.flags.has(LogFlags::MARK) {
                    bits.set(at, false);
                    marks.push((at, self.marks && !muted(meta.stream)));
                }
            }
        }
        if any {
            let mut hits = Bits::default();
            for term in &filter.terms {
                hits.clear();
                hits.resize(chunk.len());
                term.hits(chunk, from, bits, &mut hits, streams, scratch);
                spread(chunk, from, &mut hits);
                let passing: Vec<usize> = bits.iter_from(from).collect();
                for at in passing {
                    if hits.has(at) == term.negated {
                        bits.set(at, false);
                    }
                }
                if bits.is_empty() {
                    break;
                }
            }
        }
        for (at, pass) in marks {
            bits.set(at, pass);
        }
    }
}

/// A hit in one line of a group is one in all of them.
fn spread(chunk: &Chunk, from: usize, hits: &mut Bits) {
    if !chunk.any.has(LogFlags::CONTINUES) {
        return;
    }
    let mut at = from;
    while at < chunk.len() {
        let mut end = at + 1;
        let mut hit = hits.has(at);
        while end < chunk.len() && chunk.continues(end) {
            hit |= hits.has(end);
            end += 1;
        }
        if hit {
            (at..end).for_each(|line| hits.set(line, true));
        }
        at = end;
    }
}

impl Term {
    /// Sets the bits of the lines for which the condition holds, among those that are still in.
    fn hits(
        &self,
        chunk: &Chunk,
        from: usize,
        among: &Bits,
        hits: &mut Bits,
        streams: &[Names],
        scratch: &mut Vec<u8>,
    ) {
        let text = chunk.text(scratch);
        match &self.test {
            Test::Text(pattern) if pattern.is_literal() => literal(chunk, text, from, pattern, hits),
            Test::Field(field) if field.literal().is_some() && !field.of_stream() => {
                equal(chunk, text, from, field, hits);
            }
            test => {
                let mut names = Names::default();
                let mut of = None;
                for at in among.iter_from(from) {
                    let Some(stream) = chunk.streams().get(at) else {
                        break;
                    };
                    if of != Some(*stream) {
                        names = streams.get(usize::from(*stream)).cloned().unwrap_or_default();
                        of = Some(*stream);
                    }
                    let line = text.get(chunk.range(at)).unwrap_or_default();
                    if test.holds(line, &names.label, &names.container) {
                        hits.set(at, true);
                    }
                }
            }
        }
    }
}

/// Looks for a literal in all lines at once. A find that crosses the end of a line is none.
fn literal(chunk: &Chunk, text: &[u8], from: usize, pattern: &Pattern, hits: &mut Bits) {
    let mut at = chunk.range(from).start;
    let mut line = from;
    while let Some(found) = pattern.find_from(text, at) {
        let ends = chunk.ends().get(line..).unwrap_or_default();
        line += ends.partition_point(|end| *end as usize <= found.start);
        let range = chunk.range(line);
        if found.end <= range.end {
            hits.set(line, true);
            at = range.end;
            line += 1;
        } else {
            at = found.start + 1;
        }
        if line >= chunk.len() {
            return;
        }
    }
}

/// Looks for the value of a field in all lines at once, and reads the field only where it is found.
fn equal(chunk: &Chunk, text: &[u8], from: usize, field: &Predicate, hits: &mut Bits) {
    let needle = field.literal().unwrap_or_default().as_bytes();
    let finder = memchr::memmem::Finder::new(needle);
    let mut at = chunk.range(from).start;
    let mut line = from;
    while let Some(skip) = text.get(at..).and_then(|rest| finder.find(rest)) {
        let found = at + skip;
        let ends = chunk.ends().get(line..).unwrap_or_default();
        line += ends.partition_point(|end| *end as usize <= found);
        if line >= chunk.len() {
            return;
        }
        let range = chunk.range(line);
        at = range.end.max(found + 1);
        if field.holds(text.get(range).unwrap_or_default()) {
            hits.set(line, true);
        }
        line += 1;
    }
}
