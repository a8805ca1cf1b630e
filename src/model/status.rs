//! The state of a source: whether what it told is what is.

use super::{Moment, Text};

/// Where a source stands. Rows stay whatever it says; this is how their age and the cause are known.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum SourceStatus {
    #[default]
    Connecting,
    /// Rows arrive; `total` is what the server says there are.
    Listing {
        total: Option<u64>,
    },
    Live,
    /// What is shown was true at `since`.
    Stale {
        since: Moment,
        cause: Text,
        retry_at: Option<Moment>,
    },
    /// The user lacks a permission: `list`, `pods`.
    Denied {
        verb: Text,
        resource: Text,
    },
    /// Not there, or not asked for.
    Off {
        why: Text,
    },
}

impl SourceStatus {
    /// Whether nothing new comes.
    pub fn fails(&self) -> bool {
        matches!(
            self,
            Self::Stale { .. } | Self::Denied { .. } | Self::Off { .. }
        )
    }

    pub fn is_live(&self) -> bool {
        matches!(self, Self::Live)
    }
}
