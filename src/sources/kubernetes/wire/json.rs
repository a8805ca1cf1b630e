//! Finds the values of a JSON object as its bytes arrive, without reading what is inside them.
//!
//! It serves lists (one object whose `items` come out one by one) and watches (one object after the other). Only the
//! values that somebody wants are kept; whether they are well formed is for their decoder to say.

use bytes::{Buf, Bytes, BytesMut};

use super::{Garbled, ITEM_AT_MOST};

/// The fields of a list or an event that are wanted.
const WANTED: [&str; 3] = ["metadata", "type", "object"];
/// No key of a list or an event is longer.
const KEY_AT_MOST: usize = 256;

/// What comes out; a value that was too long is none.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part {
    Field(&'static str, Option<Bytes>),
    /// An element of the array that is taken apart.
    Element(Option<Bytes>),
    /// The object ends.
    End,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    Start,
    /// Before a key or the end.
    Next,
    Key,
    Colon,
    /// Before a value of the object.
    Begin,
    /// Before an element of the array.
    Element,
    Value,
    Ended,
}

/// What is being read.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Purpose {
    Nothing,
    Field(&'static str),
    Array,
    Element,
}

#[derive(Debug)]
pub(super) struct Scanner {
    /// The array that is taken apart.
    array: Option<&'static str>,
    frame: Bytes,
    kept: BytesMut,
    step: Step,
    purpose: Purpose,
    depth: u32,
    quoted: bool,
    escaped: bool,
    oversize: bool,
}

impl Scanner {
    pub(super) fn new(array: Option<&'static str>) -> Self {
        Self {
            array,
            frame: Bytes::new(),
            kept: BytesMut::new(),
            step: Step::Start,
            purpose: Purpose::Nothing,
            depth: 0,
            quoted: false,
            escaped: false,
            oversize: false,
        }
    }

    /// Adds a frame.
    pub(super) fn push(&mut self, frame: Bytes) {
        if self.frame.is_empty() {
            self.frame = frame;
        } else {
            let mut both = BytesMut::from(std::mem::take(&mut self.frame));
            both.extend_from_slice(&frame);
            self.frame = both.freeze();
        }
    }

    /// Whether the object of a list has ended.
    pub(super) fn ended(&self) -> bool {
        self.step == Step::Ended
    }

    /// Whether the bytes end between two objects.
    pub(super) fn between(&self) -> bool {
        matches!(self.step, Step::Start | Step::Ended)
            && self.frame.iter().all(u8::is_ascii_whitespace)
    }

    pub(super) fn next(&mut self) -> Result<Option<Part>, Garbled> {
        if self.step == Step::Ended && self.array.is_none() {
            self.step = Step::Start;
        }
        loop {
            match self.step {
                Step::Key => {
                    if !self.key()? {
                        return Ok(None);
                    }
                    continue;
                }
                Step::Value => {
                    if !self.value() {
                        return Ok(None);
                    }
                    if let Some(part) = self.found() {
                        return Ok(Some(part));
                    }
                    continue;
                }
                Step::Ended => {
                    self.frame.clear();
                    return Ok(None);
                }
                _ => {}
            }
            let Some(byte) = self.frame.first().copied() else {
                return Ok(None);
            };
            match (self.step, byte) {
                (_, b' ' | b'\t' | b'\n' | b'\r') | (Step::Next | Step::Element, b',') => {}
                (Step::Start, b'{') | (Step::Element, b']') => self.step = Step::Next,
                (Step::Next, b'}') => {
                    self.frame.advance(1);
                    self.step = Step::Ended;
                    return Ok(Some(Part::End));
                }
                (Step::Next, b'"') => {
                    self.kept.clear();
                    self.step = Step::Key;
                }
                (Step::Colon, b':') => self.step = Step::Begin,
                (Step::Begin, b'[') if self.purpose == Purpose::Array => self.step = Step::Element,
                // No value begins so; taken for an empty one, it would come out for ever.
                (Step::Begin | Step::Element, b'}' | b']' | b',' | b':') => {
                    return Err(Garbled("a value is missing"));
                }
                (Step::Begin | Step::Element, _) => {
                    self.purpose = match (self.step, self.purpose) {
                        (Step::Element, _) => Purpose::Element,
                        (_, Purpose::Array) => Purpose::Nothing,
                        (_, purpose) => purpose,
                    };
                    self.kept.clear();
                    self.step = Step::Value;
                    continue;
                }
                _ => return Err(Garbled("it is not JSON of Kubernetes")),
            }
            self.frame.advance(1);
        }
    }

    /// Reads a key to its end; false if that has not arrived.
    fn key(&mut self) -> Result<bool, Garbled> {
        while !self.frame.is_empty() {
            let byte = self.frame.get_u8();
            if byte == b'"' && !self.escaped {
                let key = self.kept.as_ref();
                self.purpose = if self.array.is_some_and(|array| array.as_bytes() == key) {
                    Purpose::Array
                } else {
                    let wanted = WANTED.iter().find(|wanted| wanted.as_bytes() == key);
                    wanted.map_or(Purpose::Nothing, |wanted| Purpose::Field(wanted))
                };
                self.step = Step::Colon;
                return Ok(true);
            }
            self.escaped = byte == b'\\' && !self.escaped;
            if self.kept.len() == KEY_AT_MOST {
                return Err(Garbled("a key is too long"));
            }
            self.kept.extend_from_slice(&[byte]);
        }
        Ok(false)
    }

    /// Reads a value to its end; false if that has not arrived.
    fn value(&mut self) -> bool {
        let mut length = 0;
        let mut ended = false;
        for byte in &self.frame {
            if self.quoted {
                if *byte == b'"' && !self.escaped {
                    self.quoted = false;
                    ended = self.depth == 0;
                }
                self.escaped = *byte == b'\\' && !self.escaped;
            } else {
                match byte {
                    b'"' => self.quoted = true,
                    b'{' | b'[' => self.depth += 1,
                    // The end of what holds a number or a word is not part of it.
                    b'}' | b']' | b',' if self.depth == 0 => {
                        ended = true;
                        break;
                    }
                    b'}' | b']' => {
                        self.depth -= 1;
                        ended = self.depth == 0;
                    }
                    _ => {}
                }
            }
            length += 1;
            if ended {
                break;
            }
        }
        let bytes = self.frame.split_to(length);
        if self.purpose != Purpose::Nothing && !self.oversize {
            self.oversize = (self.kept.len() + length) as u64 > ITEM_AT_MOST;
            if self.oversize {
                self.kept = BytesMut::new();
            } else {
                self.kept.extend_from_slice(&bytes);
            }
        }
        ended
    }

    /// Hands out the value that was read, if somebody wants it.
    fn found(&mut self) -> Option<Part> {
        let value = (!std::mem::take(&mut self.oversize)).then(|| self.kept.split().freeze());
        match self.purpose {
            Purpose::Element => {
                self.step = Step::Element;
                Some(Part::Element(value))
            }
            Purpose::Field(key) => {
                self.step = Step::Next;
                Some(Part::Field(key, value))
            }
            Purpose::Nothing | Purpose::Array => {
                self.step = Step::Next;
                None
            }
        }
    }
}
