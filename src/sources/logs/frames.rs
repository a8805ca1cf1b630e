//! The body of a Docker log with `timestamps=1`: frames of two streams, or raw bytes when the container has a terminal.
//!
//! Whether it has one is told by the caller from the container's configuration and never guessed from the bytes, which
//! the container chooses. A frame is no line: 16 KiB pieces of a long line come as frames of their own, each with a time
//! that is not part of the text. The two streams are joined apart, so that they never run into each other.

use super::line::{LINE_AT_MOST, Line, Lines};
use super::stamp;

/// Longest payload of a frame that is believed, in bytes; log drivers write a megabyte at most.
const FRAME_AT_MOST: u32 = 16 << 20;
/// Docker cuts lines into pieces of this many bytes.
const PIECE: usize = 16 << 10;
const HEADER: usize = 8;

/// Bytes that are no frame: the connection is of no more use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Garbled {
    #[error("a frame of {0} bytes")]
    Huge(u32),
    #[error("bytes that are no frame")]
    NoFrame,
}

/// Splits one answer of the logs endpoint.
#[derive(Debug)]
pub struct Frames {
    tty: bool,
    header: Vec<u8>,
    /// Bytes of the current frame that are still to come, and whose they are.
    left: usize,
    source: Source,
    /// The frame's first bytes, until the time is complete.
    head: Option<Vec<u8>>,
    out: Joined,
    err: Joined,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Out,
    Err,
    /// The daemon speaks.
    System,
}

/// The line of one stream that is being joined.
#[derive(Debug, Default)]
struct Joined {
    lines: Lines,
    time: Option<i64>,
    /// Whether the next frame begins a line.
    middle: bool,
    /// Bytes of the current line, for raw streams.
    length: usize,
}

impl Frames {
    /// For a container with a terminal (`Config.Tty`) or without one.
    pub fn new(tty: bool) -> Self {
        Self {
            tty,
            header: Vec::new(),
            left: 0,
            source: Source::Out,
            head: None,
            out: Joined::default(),
            err: Joined::default(),
        }
    }

    /// Takes the next bytes of the body and hands on every line that is complete.
    ///
    /// # Errors
    /// When the bytes are no frames.
    pub fn feed(
        &mut self,
        mut bytes: &[u8],
        mut each: impl FnMut(Line<'_>),
    ) -> Result<(), Garbled> {
        if self.tty {
            self.raw(bytes, &mut each);
            return Ok(());
        }
        while !bytes.is_empty() {
            if self.left == 0 {
                let taken = (HEADER - self.header.len()).min(bytes.len());
                let (head, rest) = bytes.split_at(taken);
                self.header.extend_from_slice(head);
                bytes = rest;
                if self.header.len() == HEADER {
                    self.open()?;
                }
                continue;
            }
            let (payload, rest) = bytes.split_at(self.left.min(bytes.len()));
            bytes = rest;
            self.left -= payload.len();
            self.payload(payload, &mut each);
        }
        Ok(())
    }

    /// Hands on the lines that have begun, as no more of them will come.
    pub fn end(&mut self, mut each: impl FnMut(Line<'_>)) {
        if let Some(head) = self.head.take().filter(|head| !head.is_empty()) {
            self.begin(&head, &mut each);
        }
        for (joined, stderr) in [(&mut self.out, false), (&mut self.err, true)] {
            let time = joined.time.take();
            joined.lines.end(|text, cut| {
                each(Line {
                    time,
                    text,
                    cut,
                    stderr,
                });
            });
        }
    }

    /// When the oldest line was begun whose end has not come.
    pub fn begun(&self) -> Option<i64> {
        [&self.out, &self.err]
            .into_iter()
            .filter(|joined| joined.middle || !joined.lines.begun().is_empty())
            .filter_map(|joined| joined.time)
            .min()
    }

    fn open(&mut self) -> Result<(), Garbled> {
        let header: [u8; HEADER] = self
            .header
            .as_slice()
            .try_into()
            .map_err(|_| Garbled::NoFrame)?;
        self.header.clear();
        let [source, 0, 0, 0, a, b, c, d] = header else {
            return Err(Garbled::NoFrame);
        };
        self.source = match source {
            0 | 1 => Source::Out,
            2 => Source::Err,
            3 => Source::System,
            _ => return Err(Garbled::NoFrame),
        };
        let length = u32::from_be_bytes([a, b, c, d]);
        if length > FRAME_AT_MOST {
            return Err(Garbled::Huge(length));
        }
        self.left = length as usize;
        self.head = Some(Vec::new());
        Ok(())
    }

    /// Bytes of the current frame.
    fn payload(&mut self, bytes: &[u8], each: &mut impl FnMut(Line<'_>)) {
        let Some(mut head) = self.head.take() else {
            let stderr = self.source == Source::Err;
            return self.joined().text(bytes, stderr, each);
        };
        if head.is_empty() && (self.left == 0 || bytes.len() > stamp::LONGEST) {
            return self.begin(bytes, each);
        }
        head.extend_from_slice(bytes);
        if self.left == 0 || head.len() > stamp::LONGEST {
            self.begin(&head, each);
        } else {
            self.head = Some(head);
        }
    }

    /// The first bytes of a frame, with its time: that of the line if the frame begins one, else it is dropped.
    fn begin(&mut self, bytes: &[u8], each: &mut impl FnMut(Line<'_>)) {
        let stderr = self.source == Source::Err;
        let system = self.source == Source::System;
        let joined = self.joined();
        let text = match stamp::split(bytes) {
            Some((time, text)) if !system => {
                if !joined.middle {
                    joined.time = Some(time);
                }
                text
            }
            _ => {
                if !joined.middle {
                    joined.time = None;
                }
                bytes
            }
        };
        joined.text(text, stderr, each);
    }

    fn joined(&mut self) -> &mut Joined {
        match self.source {
            Source::Err => &mut self.err,
            Source::Out | Source::System => &mut self.out,
        }
    }

    /// A terminal's bytes, in which every 16 KiB piece of a line has a time before it.
    fn raw(&mut self, bytes: &[u8], each: &mut impl FnMut(Line<'_>)) {
        let held = self.head.take().map(|mut held| {
            held.extend_from_slice(bytes);
            held
        });
        let mut bytes = held.as_deref().unwrap_or(bytes);
        loop {
            let joined = &mut self.out;
            let at_piece = joined.length.is_multiple_of(PIECE);
            if at_piece {
                let newline = memchr::memchr(b'\n', bytes);
                let Some(whole) = newline.or((bytes.len() > stamp::LONGEST).then_some(bytes.len()))
                else {
                    // The time may not have come whole.
                    self.head = Some(bytes.to_vec());
                    return;
                };
                let head = bytes.get(..whole).unwrap_or(bytes);
                if let Some((time, length)) = stamp::read(head)
                    && head.get(length).is_none_or(|byte| *byte == b' ')
                {
                    if joined.length == 0 {
                        joined.time = Some(time);
                    }
                    bytes = bytes.get((length + 1).min(whole)..).unwrap_or_default();
                } else if joined.length == 0 {
                    joined.time = None;
                }
            }
            let room = PIECE - joined.length % PIECE;
            let newline = memchr::memchr(b'\n', bytes).map_or(usize::MAX, |at| at + 1);
            let (text, rest) = bytes.split_at(room.min(newline).min(bytes.len()));
            joined.text(text, false, each);
            if rest.is_empty() {
                return;
            }
            bytes = rest;
        }
    }
}

impl Joined {
    /// Text of the stream, without any times.
    fn text(&mut self, text: &[u8], stderr: bool, each: &mut impl FnMut(Line<'_>)) {
        let time = self.time;
        self.lines.feed(text, |text, cut| {
            each(Line {
                time,
                text,
                cut,
                stderr,
            });
        });
        match memchr::memrchr(b'\n', text) {
            Some(at) => self.length = text.len() - at - 1,
            None => self.length = self.length.saturating_add(text.len()),
        }
        if !text.is_empty() {
            self.middle = text.last() != Some(&b'\n');
        }
        debug_assert!(self.lines.begun().len() <= LINE_AT_MOST);
    }
}
