//! The requests of a plan, as data: each knows its words, its request and what it was made from. Guard, dry run, audit
//! and commit work on these once, for all actions.

use serde_json::{Value, json};

use super::invocation::path;
use crate::model::{Kind, Target, Text};

/// One request that writes. Each acts only on the object that was seen.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// A JSON Patch whose tests pin what was seen.
    Patch {
        target: Target,
        /// `scale`; empty for the object itself.
        subresource: &'static str,
        tests: Vec<Test>,
        changes: Vec<Operation>,
    },
    /// Asks the disruption budgets, then deletes a pod.
    Evict {
        target: Target,
        uid: String,
        grace_seconds: Option<u32>,
        /// Asks again while a budget has no room.
        patient: bool,
    },
    Delete {
        target: Target,
        uid: String,
        grace_seconds: Option<u32>,
        propagation: Propagation,
    },
    /// Creates an object under a name that is fixed beforehand, so that sending it twice cannot make two.
    Create { target: Target, body: Value },
}

/// A value that must still be there.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// A JSON pointer.
    pub pointer: String,
    pub value: Value,
}

/// A change of a patch.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation {
    /// Sets a value, whether it was there or not.
    Add {
        pointer: String,
        value: Value,
    },
    Replace {
        pointer: String,
        value: Value,
    },
    Remove {
        pointer: String,
    },
}

/// What happens to the objects that a deleted one owns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Propagation {
    #[default]
    Background,
    Foreground,
    Orphan,
}

/// A permission that a step needs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Permission {
    pub verb: &'static str,
    pub kind: Kind,
    /// `scale`, `eviction`; empty for the object itself.
    pub subresource: &'static str,
}

/// A request, ready to be sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub method: http::Method,
    /// Without a query.
    pub path: String,
    pub content_type: &'static str,
    pub body: Value,
}

impl Permission {
    pub const fn new(verb: &'static str, kind: Kind) -> Self {
        Self {
            verb,
            kind,
            subresource: "",
        }
    }

    pub const fn on(verb: &'static str, kind: Kind, subresource: &'static str) -> Self {
        Self {
            verb,
            kind,
            subresource,
        }
    }

    /// `deployments/scale`
    pub fn resource(&self) -> String {
        if self.subresource.is_empty() {
            self.kind.resource()
        } else {
            format!("{}/{}", self.kind.resource(), self.subresource)
        }
    }
}

impl Propagation {
    pub fn word(self) -> &'static str {
        match self {
            Self::Background => "Background",
            Self::Foreground => "Foreground",
            Self::Orphan => "Orphan",
        }
    }
}

impl Step {
    pub fn target(&self) -> &Target {
        match self {
            Self::Patch { target, .. }
            | Self::Evict { target, .. }
            | Self::Delete { target, .. }
            | Self::Create { target, .. } => target,
        }
    }

    /// `patch deployments/scale ecommerce-prod/shop`
    pub fn words(&self) -> Text {
        let target = self.target();
        let (verb, subresource) = match self {
            Self::Patch { subresource, .. } => ("patch", *subresource),
            Self::Evict { .. } => ("evict", ""),
            Self::Delete { .. } => ("delete", ""),
            Self::Create { .. } => ("create", ""),
        };
        let slash = if subresource.is_empty() { "" } else { "/" };
        let plural = target.kind.plural();
        Text::from(format!(
            "{verb} {plural}{slash}{subresource} {}",
            path(target)
        ))
    }

    /// The request. `dry` is said in the body too where the server reads it there.
    pub fn request(&self, dry: bool) -> Request {
        let target = self.target();
        let collection = target.kind.path(&target.namespace);
        let object = format!("{collection}/{}", target.name);
        match self {
            Self::Patch {
                subresource,
                tests,
                changes,
                ..
            } => {
                let slash = if subresource.is_empty() { "" } else { "/" };
                let tests = tests
                    .iter()
                    .map(|test| json!({"op": "test", "path": test.pointer, "value": test.value}));
                let changes = changes.iter().map(Operation::json);
                Request {
                    method: http::Method::PATCH,
                    path: format!("{object}{slash}{subresource}"),
                    content_type: "application/json-patch+json",
                    body: tests.chain(changes).collect(),
                }
            }
            Self::Evict {
                uid, grace_seconds, ..
            } => Request {
                method: http::Method::POST,
                path: format!("{object}/eviction"),
                content_type: "application/json",
                body: json!({
                    "apiVersion": "policy/v1",
                    "kind": "Eviction",
                    "metadata": {"name": &*target.name, "namespace": &*target.namespace},
                    "deleteOptions": options(uid, *grace_seconds, None, dry),
                }),
            },
            Self::Delete {
                uid,
                grace_seconds,
                propagation,
                ..
            } => {
                let mut body = options(uid, *grace_seconds, Some(*propagation), dry);
                if let Some(map) = body.as_object_mut() {
                    map.insert("apiVersion".to_owned(), "v1".into());
                    map.insert("kind".to_owned(), "DeleteOptions".into());
                }
                Request {
                    method: http::Method::DELETE,
                    path: object,
                    content_type: "application/json",
                    body,
                }
            }
            Self::Create { body, .. } => Request {
                method: http::Method::POST,
                path: collection,
                content_type: "application/json",
                body: body.clone(),
            },
        }
    }
}

/// DeleteOptions that act only on the object that was seen.
fn options(uid: &str, grace: Option<u32>, propagation: Option<Propagation>, dry: bool) -> Value {
    let mut options = json!({"preconditions": {"uid": uid}});
    if let Some(map) = options.as_object_mut() {
        if let Some(grace) = grace {
            map.insert("gracePeriodSeconds".to_owned(), grace.into());
        }
        if let Some(propagation) = propagation {
            map.insert("propagationPolicy".to_owned(), propagation.word().into());
        }
        if dry {
            map.insert("dryRun".to_owned(), json!(["All"]));
        }
    }
    options
}

impl Test {
    pub fn new(pointer: impl Into<String>, value: impl Into<Value>) -> Self {
        Self {
            pointer: pointer.into(),
            value: value.into(),
        }
    }
}

impl Operation {
    pub fn add(pointer: impl Into<String>, value: impl Into<Value>) -> Self {
        Self::Add {
            pointer: pointer.into(),
            value: value.into(),
        }
    }

    pub fn replace(pointer: impl Into<String>, value: impl Into<Value>) -> Self {
        Self::Replace {
            pointer: pointer.into(),
            value: value.into(),
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Add { pointer, value } => json!({"op": "add", "path": pointer, "value": value}),
            Self::Replace { pointer, value } => {
                json!({"op": "replace", "path": pointer, "value": value})
            }
            Self::Remove { pointer } => json!({"op": "remove", "path": pointer}),
        }
    }
}

/// A key as a part of a JSON pointer.
pub fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
