//! The time of day. Everything outside the pure middle that asks for it asks here; the middle is told.

use std::time::Duration;

use jiff::Timestamp;

use crate::model::Moment;

/// Now, to the second.
pub fn now() -> Moment {
    Moment::from(Timestamp::now())
}

/// When a pause that begins now ends, rounded up to the second.
pub fn after(pause: Duration) -> Moment {
    let seconds = i64::try_from(pause.as_secs_f64().ceil() as u64).unwrap_or(i64::MAX);
    Moment::from_second(now().second().saturating_add(seconds)).unwrap_or(now())
}
