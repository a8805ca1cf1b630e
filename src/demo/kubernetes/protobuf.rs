//! Kubernetes' protobuf, written from JSON values by a table: `schema.txt` holds each message's fields with their numbers.
//!
//! A field reads `name=number:TYPE`. Types are `s`tring, `i`nteger, `b`oolean, `d`ouble, `x` bytes in base64, `T`ime, `U` time in
//! microseconds, `D`uration, `Q`uantity, `I` integer or string, `R`aw JSON, or another message; before it may stand `?` optional,
//! `*` repeated, `%` map by string, `^` part of the enclosing object. What must stay true: a field without a mark is always
//! written, empty or not, since that is what the real server does.

use std::collections::HashMap;
use std::sync::LazyLock;

use base64::Engine as _;
use serde_json::{Map, Value};

/// What opens each protobuf body.
pub(crate) const MAGIC: &[u8] = b"k8s\0";

#[derive(Clone, Copy, PartialEq)]
enum Form {
    Always,
    Optional,
    Repeated,
    Map,
    Inline,
}

#[derive(Clone, Copy)]
enum Type {
    String,
    Integer,
    Boolean,
    Double,
    Bytes,
    Time,
    Duration,
    Quantity,
    IntOrString,
    Raw,
    Message(usize),
}

struct Field {
    name: &'static str,
    number: u64,
    form: Form,
    of: Type,
}

struct Schema {
    messages: Vec<Vec<Field>>,
    names: HashMap<&'static str, usize>,
}

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| parse(include_str!("schema.txt")));

fn parse(text: &'static str) -> Schema {
    let names: HashMap<&str, usize> = text
        .lines()
        .enumerate()
        .filter_map(|(index, line)| Some((line.split(' ').next()?, index)))
        .collect();
    let messages = text
        .lines()
        .map(|line| {
            line.split(' ')
                .skip(1)
                .filter_map(|f| field(f, &names))
                .collect()
        })
        .collect();
    Schema { messages, names }
}

fn field(text: &'static str, names: &HashMap<&'static str, usize>) -> Option<Field> {
    let (name, rest) = text.split_once('=')?;
    let (number, of) = rest.split_once(':')?;
    let (form, of) = match of.split_at_checked(1)? {
        ("?", of) => (Form::Optional, of),
        ("*", of) => (Form::Repeated, of),
        ("%", of) => (Form::Map, of),
        ("^", of) => (Form::Inline, of),
        _ => (Form::Always, of),
    };
    let of = match of {
        "s" => Type::String,
        "i" => Type::Integer,
        "b" => Type::Boolean,
        "d" => Type::Double,
        "x" => Type::Bytes,
        "T" | "U" => Type::Time,
        "D" => Type::Duration,
        "Q" => Type::Quantity,
        "I" => Type::IntOrString,
        "R" => Type::Raw,
        message => Type::Message(*names.get(message)?),
    };
    Some(Field {
        name,
        number: number.parse().ok()?,
        form,
        of,
    })
}

/// Appends the fields of `object` as the named message, without a length.
pub(crate) fn message(name: &str, object: &Value, out: &mut Vec<u8>) {
    if let Some(index) = SCHEMA.names.get(name) {
        fields(*index, object.as_object(), out);
    }
}

fn fields(index: usize, object: Option<&Map<String, Value>>, out: &mut Vec<u8>) {
    for field in SCHEMA.messages.get(index).into_iter().flatten() {
        if field.form == Form::Inline {
            if let Type::Message(inner) = field.of {
                nested(field.number, out, |out| fields(inner, object, out));
            }
            continue;
        }
        let found = object
            .and_then(|o| o.get(field.name))
            .filter(|v| !v.is_null());
        match (field.form, found) {
            (Form::Repeated, Some(Value::Array(items))) => {
                for item in items {
                    one(field.number, field.of, Some(item), out);
                }
            }
            (Form::Map, Some(Value::Object(entries))) => {
                for (key, item) in entries {
                    nested(field.number, out, |out| {
                        bytes(1, key.as_bytes(), out);
                        one(2, field.of, Some(item), out);
                    });
                }
            }
            (Form::Optional, Some(item)) => one(field.number, field.of, Some(item), out),
            (Form::Always, item) => one(field.number, field.of, item, out),
            _ => {}
        }
    }
}

fn one(number: u64, of: Type, item: Option<&Value>, out: &mut Vec<u8>) {
    let text = || item.and_then(Value::as_str).unwrap_or_default();
    match of {
        Type::String => bytes(number, text().as_bytes(), out),
        Type::Integer => {
            varint(number << 3, out);
            varint(item.and_then(Value::as_i64).unwrap_or(0) as u64, out);
        }
        Type::Boolean => {
            varint(number << 3, out);
            out.push(u8::from(item.and_then(Value::as_bool).unwrap_or(false)));
        }
        Type::Double => {
            varint(number << 3 | 1, out);
            let value = item.and_then(Value::as_f64).unwrap_or(0.0);
            out.extend_from_slice(&value.to_le_bytes());
        }
        Type::Bytes => {
            let raw = base64::engine::general_purpose::STANDARD
                .decode(text())
                .unwrap_or_default();
            bytes(number, &raw, out);
        }
        Type::Time => nested(number, out, |out| time(text(), out)),
        Type::Duration => nested(number, out, |out| {
            varint(8, out);
            varint(nanoseconds(text()), out);
        }),
        Type::Quantity => nested(number, out, |out| match item {
            Some(Value::Number(n)) => bytes(1, n.to_string().as_bytes(), out),
            _ => bytes(1, text().as_bytes(), out),
        }),
        Type::IntOrString => nested(number, out, |out| int_or_string(item, out)),
        Type::Raw => nested(number, out, |out| {
            if let Some(item) = item {
                bytes(1, item.to_string().as_bytes(), out);
            }
        }),
        Type::Message(index) => nested(number, out, |out| {
            fields(index, item.and_then(Value::as_object), out);
        }),
    }
}

fn int_or_string(item: Option<&Value>, out: &mut Vec<u8>) {
    let text = item.and_then(Value::as_str);
    varint(8, out);
    varint(u64::from(text.is_some()), out);
    varint(16, out);
    varint(item.and_then(Value::as_i64).unwrap_or(0) as u64, out);
    bytes(3, text.unwrap_or_default().as_bytes(), out);
}

fn time(text: &str, out: &mut Vec<u8>) {
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        varint(8, out);
        varint(at.as_second() as u64, out);
        varint(16, out);
        varint(at.subsec_nanosecond() as u64, out);
    }
}

/// Nanoseconds of a Go duration in whole seconds, such as `15s` or `1m3s`.
fn nanoseconds(text: &str) -> u64 {
    let mut total = 0;
    let mut number = 0;
    for c in text.chars() {
        match c {
            '0'..='9' => number = number * 10 + u64::from(c as u32 - '0' as u32),
            unit => {
                total += number
                    * match unit {
                        'h' => 3600,
                        'm' => 60,
                        _ => 1,
                    };
                number = 0;
            }
        }
    }
    total * 1_000_000_000
}

/// Appends a length-delimited field whose content `write` makes.
pub(crate) fn nested(number: u64, out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    varint(number << 3 | 2, out);
    let start = out.len();
    out.push(0);
    write(out);
    let length = out.len() - start - 1;
    if length < 0x80 {
        if let Some(byte) = out.get_mut(start) {
            *byte = length as u8;
        }
    } else {
        let mut prefix = Vec::with_capacity(5);
        varint(length as u64, &mut prefix);
        out.splice(start..=start, prefix);
    }
}

/// Appends a length-delimited field.
pub(crate) fn bytes(number: u64, content: &[u8], out: &mut Vec<u8>) {
    varint(number << 3 | 2, out);
    varint(content.len() as u64, out);
    out.extend_from_slice(content);
}

/// Appends one variable-length integer.
pub(crate) fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// How many bytes `varint` appends.
pub(crate) fn varint_length(value: u64) -> usize {
    (70 - (value | 1).leading_zeros() as usize) / 7
}

/// What stands before `length` bytes of a message in the envelope, and after them.
pub(crate) fn envelope(api_version: &str, kind: &str, length: usize) -> (Vec<u8>, &'static [u8]) {
    let mut head = MAGIC.to_vec();
    nested(1, &mut head, |out| {
        bytes(1, api_version.as_bytes(), out);
        bytes(2, kind.as_bytes(), out);
    });
    varint(2 << 3 | 2, &mut head);
    varint(length as u64, &mut head);
    // an empty contentEncoding and an empty contentType
    (head, &[0x1a, 0, 0x22, 0])
}

/// A whole body: the envelope around one message.
pub(crate) fn body(api_version: &str, kind: &str, content: &[u8]) -> Vec<u8> {
    let (mut out, tail) = envelope(api_version, kind, content.len());
    out.extend_from_slice(content);
    out.extend_from_slice(tail);
    out
}
