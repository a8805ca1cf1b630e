//! The time of day. Everything outside the pure middle that asks for it asks here; the middle is told.
//!
//! Servers have clocks of their own, and objects carry their times: [`Skew`] learns how far such a clock is off ours.

use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use http::HeaderMap;
use http::header::DATE;
use jiff::Timestamp;
use jiff::fmt::rfc2822;

use crate::model::Moment;

/// Dates come in whole seconds and answers take their time: less than this, in seconds, is no difference.
const NOISE: i64 = 2;
/// An answer that took longer, in seconds, says too little about the time.
const SLOW: i64 = 5;

/// Now, to the second.
pub fn now() -> Moment {
    Moment::from(Timestamp::now())
}

/// When a pause that begins now ends, rounded up to the second.
pub fn after(pause: Duration) -> Moment {
    let seconds = i64::try_from(pause.as_secs_f64().ceil() as u64).unwrap_or(i64::MAX);
    Moment::from_second(now().second().saturating_add(seconds)).unwrap_or(now())
}

/// How far a server's clock is ahead of ours, learnt from the dates of its answers.
#[derive(Debug, Default)]
pub struct Skew(AtomicI32);

impl Skew {
    /// Takes note of the head of an answer that was asked for at `asked` and has come at `answered`.
    pub fn note(&self, head: &HeaderMap, asked: Timestamp, answered: Timestamp) {
        let date = head.get(DATE).and_then(|date| date.to_str().ok());
        let Some(date) = date.and_then(|date| rfc2822::parse(date).ok()) else {
            return;
        };
        let took = answered.as_second() - asked.as_second();
        if !(0..=SLOW).contains(&took) {
            return;
        }
        let ahead = date.timestamp().as_second() - (asked.as_second() + took / 2);
        if (ahead - i64::from(self.seconds())).abs() > NOISE {
            let ahead = i32::try_from(ahead).unwrap_or_default();
            self.0.store(ahead, Ordering::Relaxed);
        }
    }

    /// Seconds that the server's clock is ahead; negative where it is behind.
    pub fn seconds(&self) -> i32 {
        self.0.load(Ordering::Relaxed)
    }
}
