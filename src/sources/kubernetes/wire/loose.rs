//! Reads JSON into a message, leaving empty what does not fit, so that one odd field never costs a row.
//!
//! Well-formed objects, which nearly all are, are read directly. Only when that fails does the object become a
//! [`Value`], from which every field takes what it can.

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::Value;

type Error = serde::de::value::Error;

/// Reads an object; none if the text is not an object.
pub(super) fn from_slice<M: DeserializeOwned>(text: &[u8]) -> Option<M> {
    if !text.trim_ascii_start().starts_with(b"{") {
        return None;
    }
    serde_json::from_slice(text).ok().or_else(|| {
        let value: Value = serde_json::from_slice(text).ok()?;
        M::deserialize(Loose(&value)).ok()
    })
}

/// A value that answers whatever type is asked of it.
#[derive(Clone, Copy)]
struct Loose<'de>(&'de Value);

impl Loose<'_> {
    fn integer(self) -> i64 {
        match self.0 {
            Value::Number(number) => number
                .as_i64()
                .or_else(|| number.as_f64().map(|number| number as i64))
                .unwrap_or_default(),
            Value::String(word) => word.parse().unwrap_or_default(),
            _ => 0,
        }
    }
}

impl<'de> IntoDeserializer<'de, Error> for Loose<'de> {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Loose<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(yes) => visitor.visit_bool(*yes),
            Value::Number(number) => match number.as_i64() {
                Some(number) => visitor.visit_i64(number),
                None => visitor.visit_f64(number.as_f64().unwrap_or_default()),
            },
            Value::String(word) => visitor.visit_str(word),
            Value::Array(_) => self.deserialize_seq(visitor),
            Value::Object(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_bool(self.0.as_bool().unwrap_or_default())
    }

    fn deserialize_i32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let number = self.integer();
        visitor.visit_i32(i32::try_from(number).unwrap_or_default())
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_i64(self.integer())
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::String(word) => visitor.visit_str(word),
            Value::Number(number) => visitor.visit_string(number.to_string()),
            _ => visitor.visit_str(""),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Null | Value::Array(_) => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let list = self.0.as_array().map(Vec::as_slice).unwrap_or_default();
        visitor.visit_seq(SeqDeserializer::new(list.iter().map(Loose)))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let entries = self.0.as_object().into_iter().flatten();
        visitor.visit_map(MapDeserializer::new(
            entries.map(|(key, value)| (key.as_str(), Loose(value))),
        ))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    forward_to_deserialize_any! {
        i8 i16 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct newtype_struct tuple
        tuple_struct enum identifier ignored_any
    }
}
