//! Orders: what a cell sorts as, and how tens of thousands of rows are sorted in a few milliseconds.
//!
//! A row's key is made once, as two numbers that compare as the row does; text is only looked at again where they
//! are equal. Names sort naturally: `web-2` before `web-10`, capitals as small letters.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::hash::Hash;

/// What a cell sorts as. Missing values come last in either direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SortKey<'a> {
    None,
    Number(i128),
    Text(&'a str),
}

/// A row to be sorted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub key: [u64; 2],
    pub slot: u32,
    pub print: u32,
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

/// Sorts entries, which stand in their place order already, by a key of each; equal keys keep their places.
pub(super) fn sort_by_key<'a>(
    entries: &mut [Entry],
    descending: bool,
    mut key: impl FnMut(u32) -> SortKey<'a>,
) {
    const MISSING: [u64; 2] = [u64::MAX; 2];
    let mut texts = Ranks::new();
    let mut has_text = false;
    for entry in entries.iter_mut() {
        entry.key = match key(entry.slot) {
            SortKey::None => MISSING,
            SortKey::Number(number) => {
                let ordered = (number as u128) ^ (1 << 127);
                direct([(ordered >> 64) as u64, ordered as u64], descending)
            }
            SortKey::Text(text) => {
                has_text = true;
                [0, u64::from(texts.number(text))]
            }
        };
    }
    if has_text {
        let ranks = ranks_of_texts(texts);
        for entry in entries.iter_mut() {
            if let [0, number] = entry.key
                && let Some(rank) = ranks.get(number as usize)
            {
                entry.key = direct([0, u64::from(*rank)], descending);
            }
        }
    }
    entries.sort_by_key(|entry| entry.key);
}

fn direct(key: [u64; 2], descending: bool) -> [u64; 2] {
    if descending {
        key.map(|half| !half)
    } else {
        key
    }
}

/// Ranks texts; those that read the same but for case share a rank.
fn ranks_of_texts(texts: Ranks<&str>) -> Vec<u32> {
    let mut values: Vec<([u64; 2], &str, u32)> = texts
        .numbers
        .into_iter()
        .map(|(text, number)| (prefix(text), text, number))
        .collect();
    let compare = |one: &([u64; 2], &str, u32), other: &([u64; 2], &str, u32)| {
        one.0.cmp(&other.0).then_with(|| natural(one.1, other.1))
    };
    values.sort_unstable_by(compare);
    let mut ranks = vec![0; values.len()];
    let mut rank = 0;
    let mut before: Option<&([u64; 2], &str, u32)> = None;
    for value in &values {
        if before.is_some_and(|before| compare(before, value).is_ne()) {
            rank += 1;
        }
        if let Some(place) = ranks.get_mut(value.2 as usize) {
            *place = rank;
        }
        before = Some(value);
    }
    ranks
}

/// Compares text naturally, ignoring case.
pub(super) fn natural(one: &str, other: &str) -> Ordering {
    Encoded::new(one).cmp(Encoded::new(other))
}

/// The first sixteen bytes of a text as it sorts.
pub(super) fn prefix(text: &str) -> [u64; 2] {
    let mut bytes = Encoded::new(text);
    let mut half = || {
        (0..8).fold(0, |half, _| {
            half << 8 | u64::from(bytes.next().unwrap_or(0))
        })
    };
    [half(), half()]
}

/// A text as bytes that compare naturally: small letters, and before each run of digits a byte that grows with its
/// length, so that longer numbers come later.
struct Encoded<'a> {
    bytes: &'a [u8],
    /// Digits of the present run that are still to come.
    run: usize,
    /// The length of a run too long for its marker.
    length: Option<u8>,
}

impl<'a> Encoded<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            bytes: text.as_bytes(),
            run: 0,
            length: None,
        }
    }
}

impl Iterator for Encoded<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        if let Some(length) = self.length.take() {
            return Some(length);
        }
        let (first, rest) = self.bytes.split_first()?;
        if self.run > 0 {
            self.run -= 1;
            self.bytes = rest;
            return Some(*first);
        }
        if !first.is_ascii_digit() {
            self.bytes = rest;
            return Some(first.to_ascii_lowercase());
        }
        let digits = self
            .bytes
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let zeros = self.bytes.iter().take_while(|byte| **byte == b'0').count();
        let skipped = zeros.min(digits - 1);
        self.bytes = self.bytes.get(skipped..)?;
        self.run = digits - skipped;
        if self.run < 10 {
            return Some(b'0' + self.run as u8 - 1);
        }
        self.length = Some(self.run.min(255) as u8);
        Some(b'9')
    }
}
