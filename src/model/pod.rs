//! A pod as a row: what an operator reads of it, in a few hundred bytes.

use std::net::IpAddr;

use super::{Allotment, Health, Meta, Moment, Name, Text};

/// A pod. Sums run over the containers that stay (init containers only while they matter).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pod {
    pub meta: Meta,
    /// `Running`, as the server says it; empty when it says nothing.
    pub phase: Name,
    /// The word on screen, computed as kubectl does: `CrashLoopBackOff`, `Init:0/1`, `Terminating`, …
    pub status: Name,
    pub health: Health,
    /// One line that says what is wrong, as far as the object itself tells.
    pub why: Option<Text>,
    pub ready: u16,
    pub containers: u16,
    pub restarts: u32,
    pub restarted: Option<Moment>,
    /// Empty until scheduled.
    pub node: Name,
    pub ip: Option<IpAddr>,
    /// The first container's image.
    pub image: Name,
    pub requests: Allotment,
    pub limits: Allotment,
    /// `Burstable`, as the server says it.
    pub qos: Name,
    /// Since when the Ready condition has been what it is.
    pub ready_changed: Option<Moment>,
}
