//! A list as it arrives: its metadata, then one item after the other.

use bytes::Bytes;
use prost::Message;

use super::intake::Intake;
use super::json::{Part, Scanner};
use super::message::meta::ListMeta;
use super::{Format, Garbled, ITEM_AT_MOST, loose};

/// What a list yields.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    Meta(ListMeta),
    /// The bytes of one object, without envelope.
    Item(Bytes),
    /// An object longer than [`ITEM_AT_MOST`] was skipped.
    Oversize,
}

/// Takes a list apart as its bytes arrive.
#[derive(Debug)]
pub struct ListDecoder(Inner);

#[derive(Debug)]
enum Inner {
    Protobuf(Protobuf),
    Json(Scanner),
}

impl ListDecoder {
    pub fn new(format: Format) -> Self {
        Self(match format {
            Format::Protobuf => Inner::Protobuf(Protobuf::default()),
            Format::Json => Inner::Json(Scanner::new(Some("items"))),
        })
    }

    /// Adds a frame of the body.
    pub fn push(&mut self, frame: Bytes) {
        match &mut self.0 {
            Inner::Protobuf(list) => list.intake.push(frame),
            Inner::Json(list) => list.push(frame),
        }
    }

    /// The next piece that has arrived whole.
    ///
    /// # Errors
    /// [`Garbled`] if the bytes are not a list; nothing follows then.
    pub fn piece(&mut self) -> Result<Option<Piece>, Garbled> {
        match &mut self.0 {
            Inner::Protobuf(list) => list.next(),
            Inner::Json(list) => loop {
                return Ok(Some(match list.next()? {
                    None => return Ok(None),
                    Some(Part::Element(Some(item))) => Piece::Item(item),
                    Some(Part::Element(None)) => Piece::Oversize,
                    Some(Part::Field("metadata", Some(value))) => {
                        Piece::Meta(loose::from_slice(&value).unwrap_or_default())
                    }
                    Some(_) => continue,
                }));
            },
        }
    }

    /// Whether the list has arrived to its end.
    pub fn complete(&self) -> bool {
        match &self.0 {
            Inner::Protobuf(list) => list.complete(),
            Inner::Json(list) => list.ended(),
        }
    }
}

/// What opens every protobuf body of Kubernetes.
pub(super) const MAGIC: &[u8] = b"k8s\0";

/// Fields of the envelope (`runtime.Unknown`) and of every list.
const RAW: u64 = 2;
const METADATA: u64 = 1;
const ITEMS: u64 = 2;

/// Where the walk through the bytes stands.
#[derive(Clone, Copy, Debug, Default)]
enum Step {
    #[default]
    Magic,
    Tag,
    Varint,
    Length {
        field: u64,
    },
    Take {
        field: u64,
        length: u64,
    },
    Skip {
        length: u64,
        oversize: bool,
    },
}

#[derive(Debug, Default)]
struct Protobuf {
    intake: Intake,
    step: Step,
    /// Where the list inside the envelope ends, while the walk is inside it.
    end: Option<u64>,
    /// Whether the list has been inside the envelope.
    seen: bool,
}

impl Protobuf {
    fn next(&mut self) -> Result<Option<Piece>, Garbled> {
        loop {
            match self.step {
                Step::Magic => match self.intake.take(MAGIC.len() as u64) {
                    None => return Ok(None),
                    Some(magic) if magic == MAGIC => self.step = Step::Tag,
                    Some(_) => return Err(Garbled("it does not begin as Kubernetes protobuf")),
                },
                Step::Tag => {
                    if self.end.is_some_and(|end| self.intake.taken() >= end) {
                        self.end = None;
                    }
                    let Some(tag) = self.intake.varint()? else {
                        return Ok(None);
                    };
                    self.step = match tag & 7 {
                        0 => Step::Varint,
                        1 => Step::Skip {
                            length: 8,
                            oversize: false,
                        },
                        2 => Step::Length { field: tag >> 3 },
                        5 => Step::Skip {
                            length: 4,
                            oversize: false,
                        },
                        _ => return Err(Garbled("a field has no known type")),
                    };
                }
                Step::Varint => match self.intake.varint()? {
                    None => return Ok(None),
                    Some(_) => self.step = Step::Tag,
                },
                Step::Length { field } => match self.intake.varint()? {
                    None => return Ok(None),
                    Some(length) => self.step = self.field(field, length)?,
                },
                Step::Take { field, length } => {
                    let Some(bytes) = self.intake.take(length) else {
                        return Ok(None);
                    };
                    self.step = Step::Tag;
                    return Ok(Some(if field == ITEMS {
                        Piece::Item(bytes)
                    } else {
                        Piece::Meta(ListMeta::decode(bytes).unwrap_or_default())
                    }));
                }
                Step::Skip { length, oversize } => match self.intake.skip(length) {
                    0 => {
                        self.step = Step::Tag;
                        if oversize {
                            return Ok(Some(Piece::Oversize));
                        }
                    }
                    length => {
                        self.step = Step::Skip { length, oversize };
                        return Ok(None);
                    }
                },
            }
        }
    }

    /// What to do with a field of that length.
    fn field(&mut self, field: u64, length: u64) -> Result<Step, Garbled> {
        let Some(end) = self.end else {
            if field == RAW && !self.seen {
                self.seen = true;
                self.end = Some(self.intake.taken().saturating_add(length));
                return Ok(Step::Tag);
            }
            return Ok(Step::Skip {
                length,
                oversize: false,
            });
        };
        if self.intake.taken().saturating_add(length) > end {
            return Err(Garbled("a field is longer than the list"));
        }
        Ok(match field {
            METADATA | ITEMS if length <= ITEM_AT_MOST => Step::Take { field, length },
            _ => Step::Skip {
                length,
                oversize: field == ITEMS,
            },
        })
    }

    fn complete(&self) -> bool {
        let outside = self.end.is_none_or(|end| self.intake.taken() >= end);
        self.seen && outside && matches!(self.step, Step::Tag) && self.intake.is_empty()
    }
}
