//! One object at one version, stored whole or synthesised from the fleet, with the few questions that lists and watches ask.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::fleet::Member;
use super::resource::Resource;
use crate::demo::kubernetes::protobuf;

/// An object as lists and watches hand it out.
#[derive(Debug, Clone)]
pub(crate) enum Item {
    Whole(Arc<Value>),
    Fleet(Member),
}

/// Reading by JSON pointer without an allocation a step, which the controllers do all the time.
pub(crate) trait Dig {
    fn dig(&self, pointer: &str) -> Option<&Value>;
}

impl Dig for Value {
    fn dig(&self, pointer: &str) -> Option<&Value> {
        if pointer.contains('~') {
            return self.pointer(pointer);
        }
        pointer
            .split('/')
            .skip(1)
            .try_fold(self, |at, key| match at {
                Self::Object(map) => map.get(key),
                Self::Array(list) => list.get(key.parse::<usize>().ok()?),
                _ => None,
            })
    }
}

/// The text at a JSON pointer, empty when there is none.
pub(crate) fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object
        .dig(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// The number at a JSON pointer, zero when there is none.
pub(crate) fn number(object: &Value, pointer: &str) -> i64 {
    object.dig(pointer).and_then(Value::as_i64).unwrap_or(0)
}

/// The list at a JSON pointer, empty when there is none.
pub(crate) fn list<'a>(object: &'a Value, pointer: &str) -> &'a [Value] {
    object
        .dig(pointer)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// A key as it stands in the object.
fn unescaped(key: &str) -> String {
    if key.contains('~') {
        key.replace("~1", "/").replace("~0", "~")
    } else {
        key.to_owned()
    }
}

/// Sets the value at a JSON pointer, making the objects on the way.
pub(crate) fn set(object: &mut Value, pointer: &str, value: impl Into<Value>) {
    let mut at = object;
    for key in pointer.split('/').skip(1) {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        let Some(map) = at.as_object_mut() else {
            return;
        };
        at = map.entry(unescaped(key)).or_insert(Value::Null);
    }
    *at = value.into();
}

/// Removes the key at a JSON pointer.
pub(crate) fn unset(object: &mut Value, pointer: &str) {
    if let Some((parent, key)) = pointer.rsplit_once('/')
        && let Some(map) = object.pointer_mut(parent).and_then(Value::as_object_mut)
    {
        map.remove(unescaped(key).as_str());
    }
}

impl Item {
    pub(crate) fn namespace(&self) -> Cow<'_, str> {
        match self {
            Self::Whole(object) => text(object, "/metadata/namespace").into(),
            Self::Fleet(member) => member.namespace().into(),
        }
    }

    pub(crate) fn name(&self) -> Cow<'_, str> {
        match self {
            Self::Whole(object) => text(object, "/metadata/name").into(),
            Self::Fleet(member) => member.name().into(),
        }
    }

    pub(crate) fn labels(&self) -> Cow<'_, Value> {
        match self {
            Self::Whole(object) => object
                .pointer("/metadata/labels")
                .map_or(Cow::Owned(Value::Null), Cow::Borrowed),
            Self::Fleet(member) => Cow::Owned(member.labels()),
        }
    }

    /// The text of a field such as `status.phase`, empty when there is none.
    pub(crate) fn field(&self, path: &str) -> String {
        if let Self::Fleet(member) = self
            && let Some(known) = member.field(path)
        {
            return known;
        }
        match path {
            "metadata.name" => return self.name().into_owned(),
            "metadata.namespace" => return self.namespace().into_owned(),
            _ => {}
        }
        let pointer = format!("/{}", path.replace('.', "/"));
        match self.value().pointer(&pointer) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => String::new(),
            Some(other) => other.to_string(),
        }
    }

    /// The whole object, without `kind` and `apiVersion`.
    pub(crate) fn value(&self) -> Cow<'_, Value> {
        match self {
            Self::Whole(object) => Cow::Borrowed(object),
            Self::Fleet(member) => Cow::Owned(member.value()),
        }
    }

    /// Appends the object as JSON; with `named`, its kind stands before the rest.
    pub(crate) fn json(&self, resource: &Resource, named: bool, out: &mut Vec<u8>) {
        let start = out.len();
        if named {
            out.extend_from_slice(
                format!(
                    r#"{{"kind":"{}","apiVersion":"{}","#,
                    resource.kind,
                    resource.api_version()
                )
                .as_bytes(),
            );
        }
        let body = out.len();
        match self {
            Self::Whole(object) => out.extend_from_slice(object.to_string().as_bytes()),
            Self::Fleet(member) => member.json(out),
        }
        if named && body > start {
            // the body's own opening brace
            out.remove(body);
        }
    }

    /// Appends the object as a protobuf message.
    pub(crate) fn protobuf(&self, resource: &Resource, out: &mut Vec<u8>) {
        match self {
            Self::Whole(object) => protobuf::message(resource.message, object, out),
            Self::Fleet(member) => member.protobuf(out),
        }
    }
}
