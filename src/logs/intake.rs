//! Where a source puts the lines of one stream: it reads format and level of each and gathers them in blocks.
//!
//! Runs in the source's task, off the main loop. One intake follows one stream, in order; older lines that are read in
//! between go through another.

use super::group::Group;
use super::{parse, time};
use crate::model::{LogBlock, LogFlags, LogLine};

/// Most bytes of a line; the rest is cut off, and the line says so.
pub const LINE_BYTES: usize = 1024 * 1024;

/// Gathers the lines of one stream.
#[derive(Debug, Default)]
pub struct Intake {
    block: LogBlock,
    group: Group,
    format: parse::Format,
}

impl Intake {
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a line without its line end. `time` is the engine's, in nanoseconds since 1970; without one the line's own
    /// time counts, else that of its arrival.
    pub fn push(&mut self, line: &[u8], time: Option<i64>, arrived: i64, flags: LogFlags) {
        let mut flags = flags;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let line = match line.get(..LINE_BYTES) {
            Some(kept) if line.len() > LINE_BYTES => {
                flags = flags.with(LogFlags::CUT);
                kept
            }
            _ => line,
        };
        let head = parse::head(line);
        let time = time
            .or_else(|| own_time(line, head.format))
            .unwrap_or_else(|| {
                flags = flags.with(LogFlags::UNTIMED);
                arrived
            });
        let place = self.group.place(line, head, time);
        if place.continues {
            flags = flags.with(LogFlags::CONTINUES);
        } else {
            self.format = head.format;
        }
        self.block.bytes.extend_from_slice(line);
        self.block.lines.push(LogLine {
            time: place.time,
            end: self.block.bytes.len() as u32,
            level: place.level,
            flags,
        });
    }

    pub fn is_empty(&self) -> bool {
        self.block.is_empty()
    }

    /// Whether the block is to be handed over before another line is taken.
    pub fn is_full(&self) -> bool {
        self.block.is_full()
    }

    /// How the last line was written that continues no other.
    pub fn format(&self) -> parse::Format {
        self.format
    }

    /// Hands over what was gathered.
    pub fn take(&mut self) -> LogBlock {
        // As much room again: a busy stream stays busy.
        let next = LogBlock {
            bytes: Vec::with_capacity(self.block.bytes.len()),
            lines: Vec::with_capacity(self.block.lines.len()),
            older: false,
        };
        std::mem::replace(&mut self.block, next)
    }
}

fn own_time(line: &[u8], format: parse::Format) -> Option<i64> {
    if format == parse::Format::Plain {
        return time::leading(line).map(|(time, _)| time);
    }
    parse::read(line).time
}
