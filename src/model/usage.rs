//! What a pod or node uses now.

use super::{Allotment, Moment};

/// A sample of CPU and memory, with the time it is from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    pub used: Allotment,
    pub at: Moment,
}
