//! Looking at the lines of a logbook: stepping through what is shown, finding a line by number, time or search, and
//! reading the few that are on screen.

use std::collections::BTreeSet;

use super::book::{FILTER, Logbook, SEARCH};
use super::chunk::NO_STREAM;
use super::order::{Count, Place};
use super::shelf::{At, LineId};
use crate::model::{LogFlags, LogLevel, LogMarkKind};

/// Which lines are stepped through.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Walk {
    /// Also what the filter stops.
    pub all: bool,
    /// Groups show their head only, but for those whose head is in `open`.
    pub fold: bool,
    pub open: BTreeSet<LineId>,
}

/// A line that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub id: LineId,
    /// Nanoseconds since 1970.
    pub time: i64,
    /// The number of its stream; none for a mark that concerns all.
    pub stream: Option<u16>,
    pub level: LogLevel,
    pub flags: LogFlags,
    /// As they were written.
    pub bytes: Vec<u8>,
    /// Lines that continue this one.
    pub more: usize,
    /// Whether the filter lets it through.
    pub passes: bool,
    /// Whether the search found it.
    pub hit: bool,
}

impl Line {
    /// The kind and words of a mark.
    pub fn mark(&self) -> Option<(LogMarkKind, std::borrow::Cow<'_, str>)> {
        if !self.flags.has(LogFlags::MARK) {
            return None;
        }
        let (kind, words) = self.bytes.split_first()?;
        let kind = LogMarkKind::ALL.get(usize::from(*kind))?;
        Some((*kind, String::from_utf8_lossy(words)))
    }
}

impl Logbook {
    fn passes(&self, at: At) -> bool {
        self.chosen(FILTER, at)
    }

    /// Whether a layer chose a line; an open filter chooses all of them, an open search none.
    fn chosen(&self, number: usize, at: At) -> bool {
        let Some(layer) = self.layers.get(number) else {
            return false;
        };
        if layer.question.is_open() {
            return number == FILTER;
        }
        let known = self.shelf.chunk(at.slot());
        let known = known.and_then(|chunk| chunk.verdicts.get(number));
        known.is_some_and(|known| {
            known.generation == layer.generation && known.bits.has(at.line())
        })
    }

    fn place(&self, id: LineId) -> Option<Place> {
        self.order.find(self.shelf.resolve(id)?, &self.shelf)
    }

    /// Whether the line at a place continues the one before it.
    fn continues(&self, place: Place, at: At) -> bool {
        let flags = self.shelf.meta(at).map(|meta| meta.flags);
        if !flags.is_some_and(|flags| flags.has(LogFlags::CONTINUES)) {
            return false;
        }
        let before = self.order.back(place).next();
        before.is_some_and(|(_, before)| self.shelf.key(before) == self.shelf.key(at))
    }

    /// The head of the group that a line is in.
    fn head(&self, mut place: Place, mut at: At) -> At {
        while self.continues(place, at) {
            match self.order.back(place).next() {
                Some((before, line)) => (place, at) = (before, line),
                None => break,
            }
        }
        at
    }

    fn visible(&self, place: Place, at: At, walk: &Walk) -> bool {
        if !walk.all && !self.passes(at) {
            return false;
        }
        if !walk.fold || !self.continues(place, at) {
            return true;
        }
        let head = self.id(self.head(place, at));
        head.is_some_and(|head| walk.open.contains(&head))
    }

    /// At most `count` lines that follow, beginning with the line itself if `with` says so; from the first line if
    /// none is given.
    pub fn after(&self, from: Option<LineId>, with: bool, count: usize, walk: &Walk) -> Vec<LineId> {
        let start = match from {
            Some(id) => self.place(id),
            None => Some(Place { page: 0, line: 0 }),
        };
        let Some(start) = start else {
            return Vec::new();
        };
        let places = self.order.from(start).filter(|(place, at)| {
            (with || from.is_none() || *place != start) && self.visible(*place, *at, walk)
        });
        places.filter_map(|(_, at)| self.id(at)).take(count).collect()
    }

    /// At most `count` lines that come before, nearest first; the last lines if none is given.
    pub fn before(&self, from: Option<LineId>, count: usize, walk: &Walk) -> Vec<LineId> {
        let start = match from {
            Some(id) => self.place(id),
            None => Some(self.order.end()),
        };
        let Some(start) = start else {
            return Vec::new();
        };
        let places = self.order.back(start);
        let places = places.filter(|(place, at)| self.visible(*place, *at, walk));
        places.filter_map(|(_, at)| self.id(at)).take(count).collect()
    }

    /// The line itself if it is shown, else the nearest one that is, later ones first.
    pub fn near(&self, id: LineId, walk: &Walk) -> Option<LineId> {
        self.place(id)?;
        let after = self.after(Some(id), true, 1, walk);
        let found = after.first().copied();
        found.or_else(|| self.before(Some(id), 1, walk).first().copied())
    }

    /// The first line that was written at a time or later; the last one if there is none.
    pub fn at_time(&self, time: i64, walk: &Walk) -> Option<LineId> {
        let start = self.order.lower((time, 0), &self.shelf);
        let mut places = self.order.from(start);
        let found = places.find(|(place, at)| self.visible(*place, *at, walk));
        match found {
            Some((_, at)) => self.id(at),
            None => self.before(None, 1, walk).first().copied(),
        }
    }

    /// The shown line with this number, from 0.
    pub fn nth(&self, number: usize) -> Option<LineId> {
        let mut left = number;
        for (page, lines) in self.order.pages().iter().enumerate() {
            let shown = lines.count.shown as usize;
            if left >= shown {
                left -= shown;
                continue;
            }
            for (_, at) in self.order.from(Place { page, line: 0 }) {
                if self.passes(at) && !self.is_mark(at) {
                    if left == 0 {
                        return self.id(at);
                    }
                    left -= 1;
                }
            }
        }
        None
    }

    /// How many shown lines come before a line.
    pub fn number(&self, id: LineId) -> Option<usize> {
        let place = self.place(id)?;
        let pages = self.order.pages();
        let before = pages.iter().take(place.page);
        let before: usize = before.map(|page| page.count.shown as usize).sum();
        let page = pages.get(place.page)?.lines.iter().take(place.line);
        let here = page.filter(|at| self.passes(**at) && !self.is_mark(**at));
        Some(before + here.count())
    }

    fn is_mark(&self, at: At) -> bool {
        let meta = self.shelf.meta(at);
        meta.is_some_and(|meta| meta.flags.has(LogFlags::MARK))
    }

    /// The next line that the search found among those that are walked, or the one before; round at the end.
    pub fn next_hit(&self, from: Option<LineId>, back: bool, walk: &Walk) -> Option<LineId> {
        let start = from.and_then(|id| self.place(id));
        let start = start.unwrap_or(if back {
            self.order.end()
        } else {
            Place { page: 0, line: 0 }
        });
        let hit = |at: At| self.chosen(SEARCH, at) && (walk.all || self.passes(at));
        let pages = self.order.pages();
        // A page of which is known that nothing was found in it need not be walked.
        let barren = |page: usize| {
            let known = pages.get(page);
            known.is_some_and(|page| page.counted && page.count.hits == 0 && !walk.all)
        };
        let count = pages.len();
        let turn = |step: usize| if back {
            (start.page + 2 * count.max(1) - step) % count.max(1)
        } else {
            (start.page + step) % count.max(1)
        };
        for step in 0..=count {
            let page = turn(step);
            if barren(page) {
                continue;
            }
            let lines = pages.get(page).map(|page| page.lines.as_slice())?;
            let mut here = lines.iter().enumerate().filter(|(line, at)| {
                let past = match (step, back) {
                    (0, false) => *line > start.line || from.is_none(),
                    (0, true) => *line < start.line || start.page >= count,
                    _ => true,
                };
                past && hit(**at)
            });
            let found = if back { here.next_back() } else { here.next() };
            if let Some((_, at)) = found {
                return self.id(*at);
            }
        }
        None
    }

    /// Counts what is not counted. To be called before anything is asked by number.
    pub fn settle(&mut self) {
        let mut pages = self.order.take_pages();
        for page in pages.iter_mut().filter(|page| !page.counted) {
            let mut count = Count::default();
            for at in &page.lines {
                let Some(chunk) = self.shelf.chunk(at.slot()) else {
                    continue;
                };
                for (number, seen) in count.seen.iter_mut().enumerate() {
                    let (Some(layer), Some(known)) =
                        (self.layers.get(number), chunk.verdicts.get(number))
                    else {
                        continue;
                    };
                    let known = known.generation == layer.generation && at.line() < known.upto;
                    *seen += u32::from(layer.question.is_open() || known);
                }
                let mark = chunk.any.has(LogFlags::MARK) && self.is_mark(*at);
                if !mark && self.passes(*at) {
                    count.shown += 1;
                    count.hits += u32::from(self.chosen(SEARCH, *at));
                }
            }
            page.count = count;
            let all = page.lines.len() as u32;
            page.counted = count.seen.iter().all(|seen| *seen == all);
        }
        self.order.put_pages(pages);
    }

    /// Lines in all, marks among them.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    pub fn is_empty(&self) -> bool {
        self.order.len() == 0
    }

    /// Lines that the filter lets through, as far as was counted.
    pub fn shown(&self) -> usize {
        let pages = self.order.pages().iter();
        pages.map(|page| page.count.shown as usize).sum()
    }

    /// Lines that the search found, and how many of them stand at or before a line.
    pub fn hits(&self, upto: Option<LineId>) -> (usize, usize) {
        let pages = self.order.pages();
        let all = pages.iter().map(|page| page.count.hits as usize).sum();
        let before = upto.and_then(|id| self.place(id)).map_or(0, |place| {
            let before = pages.iter().take(place.page);
            let before: usize = before.map(|page| page.count.hits as usize).sum();
            let here = pages.get(place.page).map(|page| page.lines.as_slice());
            let here = here.unwrap_or_default().iter().take(place.line + 1);
            let here = here.filter(|at| self.chosen(SEARCH, **at) && self.passes(**at));
            before + here.count()
        });
        (all, before)
    }

    /// The share of lines that the filter has looked at, in percent; none when it has looked at all of them.
    pub fn progress(&self) -> Option<usize> {
        let open = self.layers.iter().all(|layer| layer.question.is_open());
        let pages = self.order.pages().iter();
        let seen: usize = pages
            .map(|page| page.count.seen.iter().map(|seen| *seen as usize).min().unwrap_or(0))
            .sum();
        let all = self.order.len();
        (!open && seen < all).then(|| seen * 100 / all.max(1))
    }

    /// Lines that were written at a time or later.
    pub fn since(&self, time: i64) -> usize {
        let place = self.order.lower((time, 0), &self.shelf);
        let pages = self.order.pages().iter().skip(place.page);
        let rest: usize = pages.map(|page| page.lines.len()).sum();
        rest.saturating_sub(place.line)
    }

    /// The times of the first and the last line.
    pub fn span(&self) -> Option<(i64, i64)> {
        let first = self.order.from(Place { page: 0, line: 0 }).next()?;
        let last = self.order.last_key(&self.shelf)?;
        Some((self.shelf.key(first.1).0, last.0))
    }

    /// Reads lines, in the order in which they are asked for; those that are gone are left out.
    pub fn read(&self, ids: &[LineId]) -> Vec<Line> {
        let mut scratch = Vec::new();
        let mut unpacked: Vec<(usize, Vec<u8>)> = Vec::new();
        let mut lines = Vec::with_capacity(ids.len());
        for id in ids {
            let Some(at) = self.shelf.resolve(*id) else {
                continue;
            };
            let Some(chunk) = self.shelf.chunk(at.slot()) else {
                continue;
            };
            let Some(meta) = chunk.meta(at.line()) else {
                continue;
            };
            if !unpacked.iter().any(|(slot, _)| *slot == at.slot()) {
                // Lines of a screen come from few chunks.
                if unpacked.len() >= 16 {
                    unpacked.remove(0);
                }
                unpacked.push((at.slot(), chunk.text(&mut scratch).to_vec()));
            }
            let text = unpacked.iter().find(|(slot, _)| *slot == at.slot());
            let bytes = text.and_then(|(_, text)| text.get(chunk.range(at.line())));
            lines.push(Line {
                id: *id,
                time: meta.time,
                stream: (meta.stream != NO_STREAM).then_some(meta.stream),
                level: meta.level,
                flags: meta.flags,
                bytes: bytes.unwrap_or_default().to_vec(),
                more: self.more(at),
                passes: self.passes(at),
                hit: self.chosen(SEARCH, at),
            });
        }
        lines
    }

    /// How many lines continue a line.
    fn more(&self, at: At) -> usize {
        let Some(place) = self.order.find(at, &self.shelf) else {
            return 0;
        };
        let after = self.order.from(place).skip(1);
        let after = after.take_while(|(_, next)| {
            let flags = self.shelf.meta(*next).map(|meta| meta.flags);
            flags.is_some_and(|flags| flags.has(LogFlags::CONTINUES))
                && self.shelf.key(*next) == self.shelf.key(at)
        });
        after.count()
    }
}
