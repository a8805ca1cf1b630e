//! An event of a cluster: what happened to which object.

use super::{Meta, Moment, Name, Text, Uid};

/// An event, counted over its repetitions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Event {
    pub meta: Meta,
    /// Anything but `Normal`.
    pub warning: bool,
    /// `Normal` or `Warning`, as the server says it.
    pub level: Name,
    /// `BackOff`
    pub reason: Name,
    pub message: Text,
    pub count: u32,
    pub first: Option<Moment>,
    pub last: Option<Moment>,
    /// `kubelet`
    pub component: Name,
    pub involved: Involved,
}

/// The object that an event is about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Involved {
    pub kind: Name,
    pub namespace: Name,
    pub name: Name,
    pub uid: Uid,
}
