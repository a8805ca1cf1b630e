//! Values that JSON writes in another shape than protobuf: times, quantities, numbers-or-words, maps.

use std::fmt;
use std::marker::PhantomData;

use base64::Engine;
use bytes::Bytes;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::model::Moment;

messages! {
    /// An entry of a map of words.
    Pair {
        key: String = string "1";
        value: String = string "2";
    }

    /// An entry of a map of quantities.
    Amount {
        key: String = string "1";
        value: Option<Quantity> = message optional "2";
    }
}

/// A point in time.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct Time {
    #[prost(int64, tag = "1")]
    pub seconds: i64,
}

/// An amount as it was written.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Quantity {
    #[prost(string, tag = "1")]
    pub string: String,
}

/// A number or a word such as `25%`.
#[derive(Clone, PartialEq, prost::Message)]
pub struct IntOrString {
    #[prost(int64, tag = "1")]
    pub kind: i64,
    #[prost(int32, tag = "2")]
    pub int: i32,
    #[prost(string, tag = "3")]
    pub word: String,
}

/// An entry of a map of data; the value is only measured.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Blob {
    #[prost(string, tag = "1")]
    pub key: String,
    #[prost(bytes = "bytes", tag = "2")]
    pub value: Bytes,
}

impl Time {
    pub fn moment(&self) -> Option<Moment> {
        Moment::from_second(self.seconds)
    }
}

impl fmt::Display for IntOrString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind == 0 {
            self.int.fmt(f)
        } else {
            self.word.fmt(f)
        }
    }
}

/// Any value of JSON, reduced to what a field of one of these types can use.
enum Scalar {
    None,
    Int(i64),
    Word(String),
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Scalar;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }
            fn visit_str<E>(self, word: &str) -> Result<Scalar, E> {
                Ok(Scalar::Word(word.to_owned()))
            }
            fn visit_string<E>(self, word: String) -> Result<Scalar, E> {
                Ok(Scalar::Word(word))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Scalar, E> {
                Ok(Scalar::Int(number))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Scalar, E> {
                Ok(Scalar::Int(i64::try_from(number).unwrap_or(i64::MAX)))
            }
            fn visit_f64<E>(self, number: f64) -> Result<Scalar, E> {
                Ok(Scalar::Word(number.to_string()))
            }
            fn visit_bool<E>(self, _: bool) -> Result<Scalar, E> {
                Ok(Scalar::None)
            }
            fn visit_unit<E>(self) -> Result<Scalar, E> {
                Ok(Scalar::None)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Scalar, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Scalar::None)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Scalar::None)
            }
        }
        deserializer.deserialize_any(Any)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = match Scalar::deserialize(deserializer)? {
            Scalar::Word(word) => word
                .parse::<jiff::Timestamp>()
                .map_or(0, jiff::Timestamp::as_second),
            _ => 0,
        };
        Ok(Self { seconds })
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let string = match Scalar::deserialize(deserializer)? {
            Scalar::Word(word) => word,
            Scalar::Int(number) => number.to_string(),
            Scalar::None => String::new(),
        };
        Ok(Self { string })
    }
}

impl<'de> Deserialize<'de> for IntOrString {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Scalar::deserialize(deserializer)? {
            Scalar::Word(word) => Self {
                kind: 1,
                int: 0,
                word,
            },
            Scalar::Int(number) => Self {
                kind: 0,
                int: i32::try_from(number).unwrap_or_default(),
                word: String::new(),
            },
            Scalar::None => Self::default(),
        })
    }
}

/// Reads a JSON object into a list of entries.
fn entries<'de, D, V, T>(deserializer: D, entry: fn(String, V) -> T) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    V: Deserialize<'de>,
{
    struct Entries<V, T>(fn(String, V) -> T, PhantomData<V>);
    impl<'de, V: Deserialize<'de>, T> Visitor<'de> for Entries<V, T> {
        type Value = Vec<T>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }
        fn visit_unit<E>(self) -> Result<Vec<T>, E> {
            Ok(Vec::new())
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<T>, A::Error> {
            let mut list = Vec::new();
            while let Some((key, value)) = map.next_entry()? {
                list.push((self.0)(key, value));
            }
            Ok(list)
        }
    }
    deserializer.deserialize_map(Entries(entry, PhantomData))
}

pub(super) fn pairs<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Pair>, D::Error> {
    entries(deserializer, |key, value| Pair { key, value })
}

pub(super) fn amounts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Amount>, D::Error> {
    entries(deserializer, |key, value| Amount {
        key,
        value: Some(value),
    })
}

/// Data as it is.
pub(super) fn words<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Blob>, D::Error> {
    entries(deserializer, |key, value: String| Blob {
        key,
        value: value.into(),
    })
}

/// Data in base64.
pub(super) fn blobs<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Blob>, D::Error> {
    entries(deserializer, |key, value: String| Blob {
        key,
        value: base64::engine::general_purpose::STANDARD
            .decode(value)
            .unwrap_or_default()
            .into(),
    })
}
