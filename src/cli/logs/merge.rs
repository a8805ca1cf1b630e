//! Lines of several streams in one order: by time, then stream, then as they were written.
//!
//! A line leaves once every open stream has shown what it has next, or after it has waited for the others long enough.
//! Pure: time is told.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::rc::Rc;

use crate::model::{LogBlock, LogFlags, LogLevel, LogMark};

/// Bytes that may wait; beyond, lines leave in the order that is known so far.
const BYTES_AT_MOST: usize = 64 << 20;

/// Something to print.
#[derive(Clone, Debug)]
pub enum Item {
    Line {
        block: Rc<Vec<u8>>,
        from: u32,
        to: u32,
        time: i64,
        level: LogLevel,
        flags: LogFlags,
    },
    Mark(LogMark),
}

/// Streams by number, merged.
#[derive(Debug, Default)]
pub struct Merge {
    streams: Vec<Stream>,
    /// The next item of each stream that has one.
    heads: BinaryHeap<Reverse<(i64, usize)>>,
    /// Open streams that have nothing waiting.
    empty: usize,
    bytes: usize,
}

#[derive(Debug, Default)]
struct Stream {
    items: VecDeque<(u64, Item)>,
    /// More may come.
    open: bool,
}

impl Item {
    pub fn time(&self) -> i64 {
        match self {
            Self::Line { time, .. } => *time,
            Self::Mark(mark) => mark.time,
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::Line { from, to, .. } => (to - from) as usize + size_of::<Self>(),
            Self::Mark(_) => size_of::<Self>(),
        }
    }
}

impl Merge {
    /// A new stream, open; its number is the count of those before.
    pub fn open(&mut self) {
        self.streams.push(Stream {
            open: true,
            ..Stream::default()
        });
        self.empty += 1;
    }

    /// Whether more may come of a stream.
    pub fn set_open(&mut self, stream: usize, open: bool) {
        if let Some(one) = self.streams.get_mut(stream)
            && one.open != open
        {
            one.open = open;
            if one.items.is_empty() {
                if open {
                    self.empty += 1;
                } else {
                    self.empty -= 1;
                }
            }
        }
    }

    /// Takes a block of lines that arrived at a time in milliseconds.
    pub fn lines(&mut self, stream: usize, block: LogBlock, arrived: u64) {
        let bytes = Rc::new(block.bytes);
        let mut from = 0;
        for line in block.lines {
            let item = Item::Line {
                block: Rc::clone(&bytes),
                from,
                to: line.end,
                time: line.time,
                level: line.level,
                flags: line.flags,
            };
            from = line.end;
            self.push(stream, item, arrived);
        }
    }

    pub fn push(&mut self, stream: usize, item: Item, arrived: u64) {
        let Some(one) = self.streams.get_mut(stream) else {
            return;
        };
        if one.items.is_empty() {
            self.heads.push(Reverse((item.time(), stream)));
            if one.open {
                self.empty -= 1;
            }
        }
        self.bytes += item.bytes();
        one.items.push_back((arrived, item));
    }

    /// The next item, if nothing can come before it any more, or if it came before `until`.
    pub fn pop(&mut self, until: u64) -> Option<(usize, Item)> {
        let Reverse((_, stream)) = *self.heads.peek()?;
        let one = self.streams.get_mut(stream)?;
        let (arrived, _) = one.items.front()?;
        if self.empty > 0 && *arrived >= until && self.bytes <= BYTES_AT_MOST {
            return None;
        }
        let (_, item) = one.items.pop_front()?;
        self.heads.pop();
        self.bytes -= item.bytes();
        match one.items.front() {
            Some((_, next)) => self.heads.push(Reverse((next.time(), stream))),
            None if one.open => self.empty += 1,
            None => {}
        }
        Some((stream, item))
    }
}
