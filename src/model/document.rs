//! One object opened: its summary in words, its text and what it is related to.

use super::{Health, Moment, Name, Target, Text};

/// An opened object. Made by its source from the whole object; live while it is open.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    pub target: Target,
    /// What the operator reads first, like `kubectl describe`.
    pub summary: Vec<Section>,
    /// YAML, a line each, without managed fields; secret values masked.
    pub yaml: Vec<Text>,
    /// YAML with managed fields.
    pub yaml_managed: Vec<Text>,
    /// Owners (nearest first), then children and other related objects.
    pub related: Vec<Related>,
    /// Names of values that are masked in the summary and the YAML (a Secret's keys).
    pub masked: Vec<Text>,
    /// When it was read.
    pub read: Moment,
    /// The object is gone; this is its last state.
    pub deleted: bool,
}

/// A titled part of the summary.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    pub title: Text,
    pub facts: Vec<Fact>,
}

/// A line of the summary. Without a label it continues the one before.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fact {
    pub label: Text,
    pub value: Text,
    pub health: Health,
    /// Shown as an age behind the value.
    pub time: Option<Moment>,
}

/// An object related to the opened one.
#[derive(Clone, Debug, PartialEq)]
pub struct Related {
    /// `owner`, `child`, `service`, `autoscaler`, `budget`, `mounts`, `runs on`
    pub relation: Name,
    pub target: Target,
}
