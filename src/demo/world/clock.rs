//! The world's clock: the wall's, or one that stands still until the owner moves it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;

/// Where the world's time comes from.
#[derive(Debug)]
pub(crate) enum Clock {
    Wall,
    /// Milliseconds since 1970; moved only by `advance`.
    Fixed(AtomicI64),
}

impl Clock {
    pub(crate) fn new(epoch: Option<Timestamp>) -> Self {
        epoch.map_or(Self::Wall, |at| {
            Self::Fixed(AtomicI64::new(at.as_millisecond()))
        })
    }

    pub(crate) fn now(&self) -> Timestamp {
        match self {
            Self::Wall => Timestamp::now(),
            Self::Fixed(at) => Timestamp::from_millisecond(at.load(Ordering::SeqCst))
                .unwrap_or(Timestamp::UNIX_EPOCH),
        }
    }

    /// Moves a fixed clock; the wall's is left alone.
    pub(crate) fn advance(&self, by: Duration) {
        if let Self::Fixed(at) = self {
            at.fetch_add(i64::try_from(by.as_millis()).unwrap_or(0), Ordering::SeqCst);
        }
    }
}
