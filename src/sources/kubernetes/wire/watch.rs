//! A watch as it arrives: one event after the other.

use bytes::Bytes;
use prost::Message;

use super::intake::Intake;
use super::json::{Part, Scanner};
use super::list::MAGIC;
use super::message::meta::Status;
use super::{Format, Garbled, ITEM_AT_MOST, loose};

/// A frame longer than this is not a long object but garbage.
const FRAME_AT_MOST: u64 = 1 << 30;

/// One event of a watch; objects are bytes without envelope.
#[derive(Clone, Debug, PartialEq)]
pub enum Word {
    /// Added or modified, which a stream with resumptions cannot tell apart.
    Is(Bytes),
    Deleted(Bytes),
    Bookmark(Bytes),
    Error(Status),
    /// An object longer than [`ITEM_AT_MOST`] was skipped.
    Oversize,
    /// A type of event that we do not know.
    Unknown,
}

/// Takes a watch apart as its bytes arrive.
#[derive(Debug)]
pub struct WatchDecoder(Inner);

#[derive(Debug)]
enum Inner {
    Protobuf(Frames),
    Json(Lines),
}

/// Frames of four bytes of length and an event.
#[derive(Debug, Default)]
struct Frames {
    intake: Intake,
    step: Step,
}

#[derive(Clone, Copy, Debug, Default)]
enum Step {
    #[default]
    Head,
    Body(u64),
    Skip(u64),
}

/// One JSON object after the other.
#[derive(Debug)]
struct Lines {
    scanner: Scanner,
    kind: Bytes,
    object: Object,
}

/// The object of an event, as far as it has been seen.
#[derive(Debug, Default)]
enum Object {
    #[default]
    Missing,
    Oversize,
    Kept(Bytes),
}

/// `metav1.WatchEvent`
#[derive(Clone, PartialEq, Message)]
struct Event {
    #[prost(string, tag = "1")]
    kind: String,
    #[prost(message, optional, tag = "2")]
    object: Option<Extension>,
}

/// `runtime.RawExtension`
#[derive(Clone, PartialEq, Message)]
struct Extension {
    #[prost(bytes = "bytes", tag = "1")]
    raw: Bytes,
}

/// `runtime.Unknown`, the envelope of every object.
#[derive(Clone, PartialEq, Message)]
struct Envelope {
    #[prost(bytes = "bytes", tag = "2")]
    raw: Bytes,
}

impl WatchDecoder {
    pub fn new(format: Format) -> Self {
        Self(match format {
            Format::Protobuf => Inner::Protobuf(Frames::default()),
            Format::Json => Inner::Json(Lines {
                scanner: Scanner::new(None),
                kind: Bytes::new(),
                object: Object::Missing,
            }),
        })
    }

    /// Adds a frame of the body.
    pub fn push(&mut self, frame: Bytes) {
        match &mut self.0 {
            Inner::Protobuf(frames) => frames.intake.push(frame),
            Inner::Json(lines) => lines.scanner.push(frame),
        }
    }

    /// The next event that has arrived whole.
    ///
    /// # Errors
    /// [`Garbled`] if the bytes are not a watch; nothing can be read after it.
    pub fn word(&mut self) -> Result<Option<Word>, Garbled> {
        match &mut self.0 {
            Inner::Protobuf(frames) => frames.next(),
            Inner::Json(lines) => lines.next(),
        }
    }

    /// Whether the bytes end between two events, and not in the middle of one.
    pub fn whole(&self) -> bool {
        match &self.0 {
            Inner::Protobuf(frames) => {
                matches!(frames.step, Step::Head) && frames.intake.is_empty()
            }
            Inner::Json(lines) => lines.scanner.between(),
        }
    }
}

impl Frames {
    fn next(&mut self) -> Result<Option<Word>, Garbled> {
        loop {
            match self.step {
                Step::Head => {
                    let Some(head) = self.intake.take(4) else {
                        return Ok(None);
                    };
                    let length = head.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
                    if length > FRAME_AT_MOST {
                        return Err(Garbled("a frame has an absurd length"));
                    }
                    self.step = if length > ITEM_AT_MOST {
                        Step::Skip(length)
                    } else {
                        Step::Body(length)
                    };
                }
                Step::Body(length) => {
                    let Some(frame) = self.intake.take(length) else {
                        return Ok(None);
                    };
                    self.step = Step::Head;
                    let event =
                        Event::decode(frame).map_err(|_| Garbled("a frame is not an event"))?;
                    let object = event.object.unwrap_or_default().raw;
                    return word(&event.kind, object, Format::Protobuf).map(Some);
                }
                Step::Skip(length) => match self.intake.skip(length) {
                    0 => {
                        self.step = Step::Head;
                        return Ok(Some(Word::Oversize));
                    }
                    length => {
                        self.step = Step::Skip(length);
                        return Ok(None);
                    }
                },
            }
        }
    }
}

impl Lines {
    fn next(&mut self) -> Result<Option<Word>, Garbled> {
        loop {
            match self.scanner.next()? {
                None => return Ok(None),
                Some(Part::Field("type", kind)) => self.kind = kind.unwrap_or_default(),
                Some(Part::Field(_, Some(object))) => self.object = Object::Kept(object),
                Some(Part::Field(_, None)) => self.object = Object::Oversize,
                Some(Part::Element(_)) => {}
                Some(Part::End) => {
                    let kind = std::mem::take(&mut self.kind);
                    let kind = kind.strip_prefix(b"\"").unwrap_or_default();
                    let kind = kind.strip_suffix(b"\"").unwrap_or_default();
                    return match std::mem::take(&mut self.object) {
                        Object::Kept(object) => {
                            word(&String::from_utf8_lossy(kind), object, Format::Json).map(Some)
                        }
                        Object::Oversize => Ok(Some(Word::Oversize)),
                        Object::Missing => Err(Garbled("an event has no object")),
                    };
                }
            }
        }
    }
}

fn word(kind: &str, object: Bytes, format: Format) -> Result<Word, Garbled> {
    if kind == "ERROR" {
        // Proxies put a JSON status into a protobuf stream.
        return Ok(Word::Error(if object.starts_with(b"{") {
            loose::from_slice(&object).unwrap_or_default()
        } else {
            Status::decode(opened(object)?).unwrap_or_default()
        }));
    }
    let object = match format {
        Format::Protobuf => opened(object)?,
        Format::Json => object,
    };
    Ok(match kind {
        "ADDED" | "MODIFIED" => Word::Is(object),
        "DELETED" => Word::Deleted(object),
        "BOOKMARK" => Word::Bookmark(object),
        _ => Word::Unknown,
    })
}

/// Takes an object out of its envelope.
fn opened(mut object: Bytes) -> Result<Bytes, Garbled> {
    if !object.starts_with(MAGIC) {
        return Err(Garbled("an object has no envelope"));
    }
    let envelope = Envelope::decode(object.split_off(MAGIC.len()));
    envelope
        .map(|envelope| envelope.raw)
        .map_err(|_| Garbled("an envelope is broken"))
}
