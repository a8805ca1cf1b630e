//! The Kubernetes wire: bytes in, items out. Pure and incremental, so that a list of any size passes through in the
//! memory of one item.
//!
//! `listwatch` feeds body frames into a [`ListDecoder`] or [`WatchDecoder`] and gives each item's bytes to `project`,
//! which decodes them with [`decode`]. Protobuf is the rule and JSON the fallback; both yield the same messages.
//! Nothing here panics, whatever the bytes.

mod intake;
mod json;
mod list;
mod loose;
pub mod message;
mod watch;

use bytes::Bytes;
use serde::de::DeserializeOwned;

pub use list::{ListDecoder, Piece};
pub use message::meta::{ListMeta, Status};
pub use watch::{WatchDecoder, Word};

/// The longest item that is decoded; longer ones are skipped and counted.
pub const ITEM_AT_MOST: u64 = 32 * 1024 * 1024;

/// How a body is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Protobuf,
    Json,
}

/// Bytes that are not what the format says. Whatever was read from them before stays true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the data is garbled: {0}")]
pub struct Garbled(pub &'static str);

impl Format {
    /// The format of an answer by its content type, if it is one that we asked for.
    pub fn of(content_type: &str) -> Option<Self> {
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        match essence {
            "application/vnd.kubernetes.protobuf" => Some(Self::Protobuf),
            "application/json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// Decodes one object. None if the bytes are not an object at all; a field of the wrong type is left empty.
pub fn decode<M>(format: Format, item: Bytes) -> Option<M>
where
    M: prost::Message + Default + DeserializeOwned,
{
    match format {
        Format::Protobuf => M::decode(item).ok(),
        Format::Json => loose::from_slice(&item),
    }
}
