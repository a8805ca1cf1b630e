//! The order in which lines are shown: by time, then stream, then arrival.
//!
//! Four bytes a line, on pages. A page knows how many of its lines a layer chose, so that any line is found by its
//! number and a late line costs one page. Lines that were written before all others of their stream go before their
//! equals, all others behind them.

use super::shelf::{At, Shelf};

/// Lines of a page that is filled from the end.
const PAGE: usize = 4096;

/// A line that is to be put in order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fresh {
    pub(super) key: (i64, u16),
    pub(super) at: At,
    pub(super) older: bool,
}

/// What is counted of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    /// Lines that the filter lets through, without marks.
    pub(super) shown: u32,
    /// Of those, lines that the search found.
    pub(super) hits: u32,
    /// Lines that were looked at by the filter, and by the search.
    pub(super) seen: [u32; 2],
}

/// Some lines that follow each other.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) lines: Vec<At>,
    pub(super) count: Count,
    /// Whether the count holds.
    pub(super) counted: bool,
}

/// A place in the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) page: usize,
    pub(super) line: usize,
}

/// All lines in order.
#[derive(Debug, Default)]
pub(super) struct Order {
    /// None of them is empty.
    pages: Vec<Page>,
    len: usize,
}

impl Order {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn pages(&self) -> &[Page] {
        &self.pages
    }

    pub(super) fn pages_mut(&mut self) -> &mut [Page] {
        &mut self.pages
    }

    /// Takes the pages out, to be put back when they were counted.
    pub(super) fn take_pages(&mut self) -> Vec<Page> {
        std::mem::take(&mut self.pages)
    }

    pub(super) fn put_pages(&mut self, pages: Vec<Page>) {
        self.pages = pages;
    }

    /// The key of the last line.
    pub(super) fn last_key(&self, shelf: &Shelf) -> Option<(i64, u16)> {
        let last = self.pages.last()?.lines.last()?;
        Some(shelf.key(*last))
    }

    /// Puts lines in order that arrived; they are sorted on the way.
    pub(super) fn insert(&mut self, mut fresh: Vec<Fresh>, shelf: &Shelf) {
        // Stable: equals stay in the order of their arrival.
        fresh.sort_by_key(|line| (line.key, !line.older));
        self.len += fresh.len();
        let mut rest = fresh.as_slice();
        while let Some(first) = rest.first() {
            let last = self.pages.len().saturating_sub(1);
            let page = self.pages.partition_point(|page| {
                let end = page.lines.last().map(|at| shelf.key(*at));
                end.is_some_and(|end| before(end, first))
            });
            if page > last || self.pages.is_empty() {
                self.append(rest);
                return;
            }
            let end = self.pages.get(page).and_then(|page| page.lines.last());
            let end = end.map_or((i64::MAX, u16::MAX), |at| shelf.key(*at));
            let taken = rest.partition_point(|line| !before(end, line));
            let (now, later) = rest.split_at(taken.max(1));
            self.merge(page, now, shelf);
            rest = later;
        }
    }

    /// Lines that come behind all others.
    fn append(&mut self, fresh: &[Fresh]) {
        let mut rest = fresh;
        while !rest.is_empty() {
            let room = match self.pages.last() {
                Some(page) if page.lines.len() < PAGE => PAGE - page.lines.len(),
                _ => {
                    self.pages.push(Page {
                        lines: Vec::with_capacity(PAGE),
                        ..Page::default()
                    });
                    PAGE
                }
            };
            let (now, later) = rest.split_at(room.min(rest.len()));
            if let Some(page) = self.pages.last_mut() {
                page.lines.extend(now.iter().map(|line| line.at));
                page.counted = false;
            }
            rest = later;
        }
    }

    /// Merges lines into a page, and splits it when it has grown too large.
    fn merge(&mut self, at: usize, fresh: &[Fresh], shelf: &Shelf) {
        let Some(page) = self.pages.get_mut(at) else {
            return;
        };
        let old = std::mem::take(&mut page.lines);
        let mut merged = Vec::with_capacity(old.len() + fresh.len());
        let mut fresh = fresh.iter().peekable();
        for line in old {
            let key = shelf.key(line);
            while let Some(new) = fresh.next_if(|new| !before(key, new)) {
                merged.push(new.at);
            }
            merged.push(line);
        }
        merged.extend(fresh.map(|new| new.at));
        page.counted = false;
        if merged.len() <= 2 * PAGE {
            page.lines = merged;
            return;
        }
        let parts = merged.chunks(PAGE).map(|part| Page {
            lines: part.to_vec(),
            ..Page::default()
        });
        let parts: Vec<Page> = parts.collect();
        self.pages.splice(at..=at, parts);
    }

    /// Takes out the lines of slots that are about to go, none of which is later than `upto`.
    pub(super) fn evict(&mut self, gone: impl Fn(usize) -> bool, upto: i64, shelf: &Shelf) {
        for page in &mut self.pages {
            let first = page.lines.first();
            if first.is_some_and(|at| shelf.key(*at).0 > upto) {
                break;
            }
            page.lines.retain(|at| !gone(at.slot()));
            page.counted = false;
        }
        self.pages.retain(|page| !page.lines.is_empty());
        self.len = self.pages.iter().map(|page| page.lines.len()).sum();
    }

    /// The place of a line.
    pub(super) fn find(&self, wanted: At, shelf: &Shelf) -> Option<Place> {
        let mut place = self.lower(shelf.key(wanted), shelf);
        loop {
            let page = self.pages.get(place.page)?;
            while let Some(at) = page.lines.get(place.line) {
                if *at == wanted {
                    return Some(place);
                }
                if shelf.key(*at) > shelf.key(wanted) {
                    return None;
                }
                place.line += 1;
            }
            place = Place {
                page: place.page + 1,
                line: 0,
            };
        }
    }

    /// The first place whose line does not come before a key; behind the last one if there is none.
    pub(super) fn lower(&self, key: (i64, u16), shelf: &Shelf) -> Place {
        let page = self.pages.partition_point(|page| {
            let end = page.lines.last().map(|at| shelf.key(*at));
            end.is_some_and(|end| end < key)
        });
        let lines = self.pages.get(page);
        let line = lines.map_or(0, |page| {
            page.lines.partition_point(|at| shelf.key(*at) < key)
        });
        Place { page, line }
    }

    /// The places from here to the end.
    pub(super) fn from(&self, place: Place) -> impl Iterator<Item = (Place, At)> {
        let pages = self.pages.iter().enumerate().skip(place.page);
        pages.flat_map(move |(page, lines)| {
            let skip = if page == place.page { place.line } else { 0 };
            let lines = lines.lines.iter().enumerate().skip(skip);
            lines.map(move |(line, at)| (Place { page, line }, *at))
        })
    }

    /// The places before here, nearest first.
    pub(super) fn back(&self, place: Place) -> impl Iterator<Item = (Place, At)> {
        let upto = self.pages.len().min(place.page + 1);
        let pages = self.pages.get(..upto).unwrap_or_default();
        pages
            .iter()
            .enumerate()
            .rev()
            .flat_map(move |(page, lines)| {
                let upto = if page == place.page {
                    place.line.min(lines.lines.len())
                } else {
                    lines.lines.len()
                };
                let lines = lines.lines.get(..upto).unwrap_or_default();
                let lines = lines.iter().enumerate().rev();
                lines.map(move |(line, at)| (Place { page, line }, *at))
            })
    }

    /// The place behind the last line.
    pub(super) fn end(&self) -> Place {
        Place {
            page: self.pages.len(),
            line: 0,
        }
    }
}

/// Whether a line with this key stands before a fresh one.
fn before(key: (i64, u16), fresh: &Fresh) -> bool {
    key < fresh.key || (key == fresh.key && !fresh.older)
}
