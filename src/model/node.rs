//! A node of a cluster.

use super::{Allotment, Health, Meta, Name, Text};

/// A node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    pub meta: Meta,
    /// `Ready`, `NotReady`, `Ready,SchedulingDisabled`, as kubectl says it.
    pub status: Name,
    pub health: Health,
    /// Its bad conditions in words.
    pub why: Option<Text>,
    /// `control-plane,worker`; empty when it has none.
    pub roles: Name,
    /// Of the kubelet.
    pub version: Name,
    pub internal_ip: Name,
    pub external_ip: Name,
    pub os_image: Name,
    pub kernel: Name,
    pub runtime: Name,
    pub cordoned: bool,
    pub taints: u16,
    pub allocatable: Allotment,
    pub capacity: Allotment,
    pub pods_capacity: u32,
}
