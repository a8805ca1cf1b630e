//! Orders: what a cell sorts as, and how tens of thousands of rows are sorted in a few milliseconds.
//!
//! A row's key is made once, as two numbers that compare as the row does; text is only looked at again where they
//! are equal. Names sort naturally: `web-2` before `web-10`, capitals as small letters.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;

/// Texts that are looked at to guess what the others are like.
const SAMPLE: usize = 512;

/// What a cell sorts as. Missing values come last in either direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SortKey<'a> {
    None,
    Number(i128),
    Text(&'a str),
}

/// A row to be sorted by a column; equal keys keep their places.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub key: [u64; 2],
    pub rank: u32,
    pub slot: u32,
}

impl Entry {
    pub(super) fn of(slot: u32) -> Self {
        Self {
            key: [0; 2],
            rank: 0,
            slot,
        }
    }
}

impl SortKey<'_> {
    pub(super) fn number(number: impl Into<i128>) -> Self {
        Self::Number(number.into())
    }

    /// A share, to a millionth.
    pub(super) fn share(share: Option<f64>) -> Self {
        share.map_or(Self::None, |share| {
            Self::Number((share.clamp(-1e12, 1e12) * 1e6) as i128)
        })
    }
}

impl<'a> SortKey<'a> {
    /// Text; empty text is a missing value.
    pub(super) fn text(text: &'a str) -> Self {
        if text.is_empty() {
            Self::None
        } else {
            Self::Text(text)
        }
    }
}

/// Numbers each distinct value in order of appearance, then ranks them.
pub(super) struct Ranks<K> {
    numbers: HashMap<K, u32>,
    last: Option<(K, u32)>,
}

impl<K: Copy + Eq + Hash> Ranks<K> {
    pub(super) fn new() -> Self {
        Self {
            numbers: HashMap::new(),
            last: None,
        }
    }

    pub(super) fn number(&mut self, value: K) -> u32 {
        // Neighbours mostly share their namespace, status or image.
        if let Some((last, number)) = self.last
            && last == value
        {
            return number;
        }
        let next = self.numbers.len() as u32;
        let number = *self.numbers.entry(value).or_insert(next);
        self.last = Some((value, number));
        number
    }

    /// The values by their numbers.
    fn values(&self) -> Vec<K>
    where
        K: Default,
    {
        let mut values = vec![K::default(); self.numbers.len()];
        for (value, number) in &self.numbers {
            if let Some(place) = values.get_mut(*number as usize) {
                *place = *value;
            }
        }
        values
    }

    /// The rank of each number.
    pub(super) fn ranks(self, mut compare: impl FnMut(&K, &K) -> Ordering) -> Vec<u32> {
        let mut values: Vec<(K, u32)> = self.numbers.into_iter().collect();
        values.sort_unstable_by(|one, other| compare(&one.0, &other.0));
        let mut ranks = vec![0; values.len()];
        for (rank, (_, number)) in values.iter().enumerate() {
            if let Some(place) = ranks.get_mut(*number as usize) {
                *place = rank as u32;
            }
        }
        ranks
    }
}

/// Sorts rows by a key of each, and rows with equal keys by their rank.
pub(super) fn sort_by_key<'a>(
    entries: &mut [Entry],
    descending: bool,
    mut key: impl FnMut(u32) -> SortKey<'a>,
) {
    const MISSING: [u64; 2] = [u64::MAX; 2];
    let mut texts: Vec<&str> = Vec::new();
    for entry in entries.iter_mut() {
        entry.key = match key(entry.slot) {
            SortKey::None => MISSING,
            SortKey::Number(number) => {
                let ordered = (number as u128) ^ (1 << 127);
                direct([(ordered >> 64) as u64, ordered as u64], descending)
            }
            SortKey::Text(text) => {
                texts.push(text);
                [0, texts.len() as u64 - 1]
            }
        };
    }
    if !texts.is_empty() {
        let ranks = ranks_of_texts(&texts);
        for entry in entries.iter_mut() {
            if let [0, at] = entry.key
                && let Some(rank) = ranks.get(at as usize)
            {
                entry.key = direct([0, u64::from(*rank)], descending);
            }
        }
    }
    entries.sort_unstable_by_key(|entry| (entry.key, entry.rank));
}

fn direct(key: [u64; 2], descending: bool) -> [u64; 2] {
    if descending {
        key.map(|half| !half)
    } else {
        key
    }
}

/// The rank of each text in natural order; the same texts have the same rank.
fn ranks_of_texts(texts: &[&str]) -> Vec<u32> {
    if all_differ(texts) {
        return ranks_of_distinct(texts);
    }
    let mut numbers = Ranks::new();
    let numbered: Vec<u32> = texts.iter().map(|text| numbers.number(*text)).collect();
    let ranks = ranks_of_distinct(&numbers.values());
    let rank = |number: &u32| ranks.get(*number as usize).copied().unwrap_or_default();
    numbered.iter().map(rank).collect()
}

/// Guesses whether texts are as good as all different, such as names; then looking each up would be in vain.
fn all_differ(texts: &[&str]) -> bool {
    let sample: HashSet<&str> = texts.iter().take(SAMPLE).copied().collect();
    sample.len() * 10 > texts.len().min(SAMPLE) * 9
}

fn ranks_of_distinct(texts: &[&str]) -> Vec<u32> {
    let mut sorting = Texts::with_capacity(texts.len());
    for text in texts {
        sorting.push(text, 8);
    }
    let text = |at: u32| texts.get(at as usize).copied().unwrap_or_default();
    let mut ranks = vec![0; texts.len()];
    let mut rank = 0;
    let mut before: Option<Chunk> = None;
    for row in sorting.sort(&|one, other| text(one).cmp(text(other))) {
        let same = |before: Chunk| before.bytes == row.bytes && text(before.id) == text(row.id);
        rank += u32::from(!before.is_some_and(same));
        if let Some(place) = ranks.get_mut(row.id as usize) {
            *place = rank;
        }
        before = Some(row);
    }
    ranks
}

/// Texts that are sorted sixteen bytes at a time: nearly all comparisons are of two numbers.
pub(super) struct Texts<'a> {
    chunks: Vec<Chunk>,
    /// What comes behind the chunk, by id.
    rests: Vec<Encoded<'a>>,
}

/// Bytes of a text, and its place among those that were pushed.
#[derive(Clone, Copy)]
pub(super) struct Chunk {
    bytes: [u64; 2],
    pub(super) id: u32,
}

impl<'a> Texts<'a> {
    pub(super) fn with_capacity(count: usize) -> Self {
        Self {
            chunks: Vec::with_capacity(count),
            rests: Vec::with_capacity(count),
        }
    }

    /// Adds a text. With four `lead`ing bytes instead of eight there is room for a number that is sorted by first.
    pub(super) fn push(&mut self, text: &'a str, lead: usize) {
        let mut rest = Encoded::new(text);
        let id = self.rests.len() as u32;
        let bytes = [rest.bytes(lead), rest.bytes(8)];
        self.chunks.push(Chunk { bytes, id });
        self.rests.push(rest);
    }

    /// Sets the numbers that are sorted by first, in the order in which texts were pushed.
    pub(super) fn lead(&mut self, numbers: impl Iterator<Item = u32>) {
        for (chunk, number) in self.chunks.iter_mut().zip(numbers) {
            let [first, _] = &mut chunk.bytes;
            *first |= u64::from(number) << 32;
        }
    }

    /// Sorts naturally; texts that read the same by `tie` of their ids.
    pub(super) fn sort(mut self, tie: &impl Fn(u32, u32) -> Ordering) -> Vec<Chunk> {
        sort_chunks(&mut self.chunks, &mut self.rests, tie);
        self.chunks
    }
}

fn sort_chunks(
    chunks: &mut [Chunk],
    rests: &mut [Encoded<'_>],
    tie: &impl Fn(u32, u32) -> Ordering,
) {
    chunks.sort_unstable_by_key(|chunk| chunk.bytes);
    for run in chunks.chunk_by_mut(|one, other| one.bytes == other.bytes) {
        let [first, _, ..] = run else { continue };
        // No text holds a zero byte, so a chunk that ends in one ends its text.
        let ended = first.bytes[1].trailing_zeros() >= 8;
        if ended {
            run.sort_unstable_by(|one, other| tie(one.id, other.id));
            continue;
        }
        for chunk in run.iter_mut() {
            if let Some(rest) = rests.get_mut(chunk.id as usize) {
                chunk.bytes = [rest.bytes(8), rest.bytes(8)];
            }
        }
        sort_chunks(run, rests, tie);
    }
}

/// Compares text naturally, ignoring case.
pub(super) fn natural(one: &str, other: &str) -> Ordering {
    Encoded::new(one).cmp(Encoded::new(other))
}

/// A text as bytes that compare naturally: small letters, and before each run of digits a byte that grows with its
/// length, so that longer numbers come later.
struct Encoded<'a> {
    text: &'a [u8],
    /// Digits of the present run that are still to come.
    run: usize,
    /// The length of a run too long for its marker.
    length: Option<u8>,
}

impl<'a> Encoded<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text: text.as_bytes(),
            run: 0,
            length: None,
        }
    }

    /// The next bytes as a number, the first of them weighing most; zeros behind the end.
    fn bytes(&mut self, count: usize) -> u64 {
        (0..count).fold(0, |half, _| half << 8 | u64::from(self.next().unwrap_or(0)))
    }
}

impl Iterator for Encoded<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        if let Some(length) = self.length.take() {
            return Some(length);
        }
        let (first, rest) = self.text.split_first()?;
        if self.run > 0 {
            self.run -= 1;
            self.text = rest;
            return Some(*first);
        }
        if !first.is_ascii_digit() {
            self.text = rest;
            return Some(first.to_ascii_lowercase());
        }
        let digits = self
            .text
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let zeros = self.text.iter().take_while(|byte| **byte == b'0').count();
        let skipped = zeros.min(digits - 1);
        self.text = self.text.get(skipped..)?;
        self.run = digits - skipped;
        if self.run < 10 {
            return Some(b'0' + self.run as u8 - 1);
        }
        self.length = Some(self.run.min(255) as u8);
        Some(b'9')
    }
}
