//! The terminal: entering and leaving it, keys in, frames out.
//!
//! `app` owns one [`Screen`] and one [`input::Keys`]. A frame is the difference to the one before, written at once by
//! a thread of its own, so that a terminal that does not read (a paused ssh session) holds up nothing but itself:
//! while it is busy no frame is made, and the next one shows what is then true. An unchanged frame writes no byte.
//!
//! Rejected: ratatui's `Terminal` and `init` (they write on every draw, restore on any thread's panic, and leave mouse
//! and paste modes on).

pub mod guard;
pub mod input;
pub mod own_log;
mod writer;

use std::io;
use std::sync::Arc;

use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::queue;
use crossterm::terminal::{BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate};
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tokio::sync::Notify;

use writer::Writer;

/// The drawn side of the terminal.
pub struct Screen {
    shown: Buffer,
    next: Buffer,
    cursor: Option<(u16, u16)>,
    /// The terminal may show anything: the next frame writes every cell.
    unknown: bool,
    synchronised: bool,
    writer: Writer,
}

impl Screen {
    /// A screen of the terminal's present size; it must have been entered.
    ///
    /// # Errors
    /// Fails if the terminal has no size or no writer can be started.
    pub fn new(synchronised: bool) -> io::Result<Self> {
        let (width, height) = crossterm::terminal::size()?;
        let area = Rect::new(0, 0, width, height);
        Ok(Self {
            shown: Buffer::empty(area),
            next: Buffer::empty(area),
            cursor: None,
            unknown: true,
            synchronised,
            writer: Writer::start()?,
        })
    }

    pub fn area(&self) -> Rect {
        self.next.area
    }

    /// Takes a new size; the next frame is drawn whole.
    pub fn resize(&mut self, width: u16, height: u16) {
        let area = Rect::new(0, 0, width, height);
        self.shown = Buffer::empty(area);
        self.next = Buffer::empty(area);
        self.unknown = true;
    }

    /// Draws the next frame whole, because something else may have written to the terminal.
    pub fn repaint(&mut self) {
        self.unknown = true;
    }

    /// Whether the terminal has taken the last frame.
    pub fn ready(&self) -> bool {
        self.writer.ready()
    }

    /// Rings when the terminal has taken a frame.
    pub fn taken(&self) -> Arc<Notify> {
        self.writer.taken()
    }

    /// Draws a frame: `paint` fills an empty buffer and says where the text cursor stands, if anywhere. Returns the
    /// bytes written. Must only be called while [`Self::ready`].
    ///
    /// # Errors
    /// Fails if the terminal is gone.
    pub fn draw(
        &mut self,
        paint: impl FnOnce(&mut Buffer) -> Option<(u16, u16)>,
    ) -> io::Result<usize> {
        self.next.reset();
        let cursor = paint(&mut self.next);
        let mut bytes = Vec::new();
        if self.unknown {
            self.shown.reset();
            queue!(bytes, Clear(ClearType::All), Hide)?;
        }
        let before = bytes.len();
        let mut changed = self.shown.diff_iter(&self.next).peekable();
        if changed.peek().is_some() {
            CrosstermBackend::new(&mut bytes).draw(changed)?;
        }
        if self.unknown || cursor != self.cursor || bytes.len() > before && cursor.is_some() {
            match cursor {
                Some((x, y)) => queue!(bytes, MoveTo(x, y), Show)?,
                None => queue!(bytes, Hide)?,
            }
        }
        self.cursor = cursor;
        self.unknown = false;
        std::mem::swap(&mut self.shown, &mut self.next);
        if bytes.is_empty() {
            return Ok(0);
        }
        let mut frame = Vec::with_capacity(bytes.len() + 16);
        if self.synchronised {
            queue!(frame, BeginSynchronizedUpdate)?;
            frame.append(&mut bytes);
            queue!(frame, EndSynchronizedUpdate)?;
        } else {
            frame = bytes;
        }
        let written = frame.len();
        self.writer.send(frame)?;
        Ok(written)
    }

    /// Writes a sequence that is no part of a frame, such as OSC 52. Lost if the terminal is busy for long.
    ///
    /// # Errors
    /// Fails if the terminal is gone.
    pub fn write(&mut self, bytes: Vec<u8>) -> io::Result<()> {
        self.writer.send(bytes)
    }
}
