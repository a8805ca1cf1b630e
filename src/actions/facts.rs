//! What a plan rests on: the object and what surrounds it, read live a moment ago.
//!
//! `run` gathers these; plans only read them. What could not be read is told apart from what is empty, so that no plan
//! takes a missing permission for an absence.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use crate::model::{Environment, Name, Target, Text};

/// Where something would be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The endpoint's name on screen.
    pub endpoint: Name,
    pub cluster: Name,
    pub server: Name,
    pub user: Name,
    pub environment: Environment,
    /// Why nothing should be changed there now: a freeze window.
    pub frozen: Option<Text>,
}

/// What can be read beside the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// The pods that the object's selector chooses; of a node, those that run on it.
    Pods,
    /// ReplicaSets or ControllerRevisions of the object.
    Revisions,
    /// Autoscalers of the namespace.
    Autoscalers,
    /// Disruption budgets of the namespace; of a node, all.
    Budgets,
    Services,
    Quotas,
    /// Events of the namespace about rollouts.
    Events,
    /// Jobs of the namespace.
    Jobs,
    /// Nodes of the cluster.
    Nodes,
    /// The object's controller, and its controller.
    Owners,
    /// DaemonSets of the cluster.
    Daemons,
    /// What the templates of its revisions refer to: ConfigMaps, Secrets, claims, service accounts.
    References,
}

/// What a plan rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    pub place: Place,
    /// With the uid of what was read.
    pub target: Target,
    pub object: Value,
    /// What was read, or why it could not be.
    pub around: BTreeMap<Topic, Result<Vec<Value>, Text>>,
    /// What the audit remembers of this object, oldest first.
    pub history: Vec<super::audit::Record>,
    pub now: Timestamp,
}

impl Facts {
    /// What was read of a topic; nothing if it could not be.
    pub fn list(&self, topic: Topic) -> &[Value] {
        match self.around.get(&topic) {
            Some(Ok(list)) => list,
            _ => &[],
        }
    }

    /// Why a topic could not be read.
    pub fn unread(&self, topic: Topic) -> Option<&Text> {
        self.around.get(&topic)?.as_ref().err()
    }

    pub fn text(&self, pointer: &str) -> &str {
        text(&self.object, pointer)
    }

    pub fn number(&self, pointer: &str) -> Option<i64> {
        self.object.pointer(pointer)?.as_i64()
    }
}

/// The text at a pointer; empty if there is none.
pub fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// The number at a pointer; 0 if there is none.
pub fn number(value: &Value, pointer: &str) -> i64 {
    value
        .pointer(pointer)
        .and_then(Value::as_i64)
        .unwrap_or_default()
}

/// The list at a pointer; empty if there is none.
pub fn list<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
}

/// The time at a pointer.
pub fn time(value: &Value, pointer: &str) -> Option<Timestamp> {
    text(value, pointer).parse().ok()
}

/// Sets a field of an object; what is no object becomes one.
pub fn put(value: &mut Value, key: &str, new: impl Into<Value>) {
    if !value.is_object() {
        *value = Value::Object(serde_json::Map::new());
    }
    if let Some(map) = value.as_object_mut() {
        map.insert(key.to_owned(), new.into());
    }
}
