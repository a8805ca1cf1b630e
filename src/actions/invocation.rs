//! What was asked for: an action, its target and what it is told. Made by a key, a form, a command or an undo.

use std::fmt;

use serde_json::Value as Json;

use super::argument::Arguments;
use super::{Action, argument};
use crate::model::{Name, Target};

/// One thing to be done to one object.
#[derive(Clone)]
pub struct Invocation {
    pub action: &'static dyn Action,
    /// With a uid the plan holds only for the object that was seen.
    pub target: Target,
    pub arguments: Arguments,
    /// What must still be so, or the plan is refused: an undo only undoes what is still ours.
    pub expects: Vec<Expected>,
}

/// A value that the object must have.
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    /// A JSON pointer: `/spec/replicas`.
    pub pointer: String,
    pub value: Json,
}

impl Invocation {
    pub fn new(action: &'static dyn Action, target: Target) -> Self {
        Self {
            action,
            target,
            arguments: Arguments::default(),
            expects: Vec::new(),
        }
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: argument::Value) -> Self {
        self.arguments = self.arguments.with(name, value);
        self
    }
}

impl fmt::Debug for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invocation")
            .field("action", &self.action.name())
            .field("target", &self.target)
            .field("arguments", &self.arguments)
            .field("expects", &self.expects)
            .finish()
    }
}

impl PartialEq for Invocation {
    fn eq(&self, other: &Self) -> bool {
        self.action.name() == other.action.name()
            && self.target == other.target
            && self.arguments == other.arguments
            && self.expects == other.expects
    }
}

/// `Deployment ecommerce-prod/shop`: how a target is named everywhere.
pub fn named(target: &Target) -> Name {
    Name::new(&format!("{} {}", target.kind.name(), path(target)))
}

/// `ecommerce-prod/shop`, or the name alone for kinds without a namespace.
pub fn path(target: &Target) -> String {
    if target.namespace.is_empty() {
        target.name.to_string()
    } else {
        format!("{}/{}", target.namespace, target.name)
    }
}
