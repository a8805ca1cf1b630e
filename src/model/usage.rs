//! What a pod, container or node uses now.

use super::{Allotment, Moment};

/// A sample of CPU and memory, with the time it is from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    pub used: Allotment,
    pub at: Moment,
}

/// What a container moves over its networks and its disks, in bytes a second; and since it was started, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Traffic {
    pub received_per_second: u64,
    pub sent_per_second: u64,
    pub read_per_second: u64,
    pub written_per_second: u64,
    pub received_bytes: u64,
    pub sent_bytes: u64,
    pub read_bytes: u64,
    pub written_bytes: u64,
}
