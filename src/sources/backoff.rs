//! Waiting between tries: growing pauses with jitter, for whatever loop asks a server more than once.
//!
//! Each loop owns one. [`Backoff::after`] is the policy for a fault of any engine; a loop that knows more about its
//! trouble takes [`Backoff::up_to`] instead.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use crate::clients::fault::Fault;

/// The first pause of a series, and the longest.
const FIRST: Duration = Duration::from_millis(800);
pub const LONGEST: Duration = Duration::from_secs(30);
/// A server that does not listen costs little to try; so long that it is live again within seconds of its return.
const UNREACHABLE_AT_FIRST: Duration = Duration::from_secs(2);
pub const UNREACHABLE: Duration = Duration::from_secs(4);
/// How many pauses of a series count as its beginning: a good minute.
const AT_FIRST: u32 = 40;
/// A login tool is not to be started over and over.
pub const LOGIN: Duration = Duration::from_secs(30);
/// Where a permission is missing, it is asked for again this rarely.
pub const DENIED: Duration = Duration::from_mins(5);

/// Counts what failed in a row.
#[derive(Debug)]
pub struct Backoff {
    jitter: u64,
    failures: u32,
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            jitter: RandomState::new().hash_one("jitter"),
            failures: 0,
        }
    }
}

impl Backoff {
    /// All is well: the next series begins small.
    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// Failures in a row.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Counts a failure. The pause is twice the last one, but at most `longest`.
    pub fn up_to(&mut self, longest: Duration) -> Duration {
        let pause = FIRST.saturating_mul(1 << self.failures.min(6)).min(longest);
        self.failures = self.failures.saturating_add(1);
        self.spread(pause)
    }

    /// Counts a failure that need not be one: no pause after the first of a series.
    pub fn soon(&mut self) -> Duration {
        if self.failures == 0 {
            self.failures = 1;
            return Duration::ZERO;
        }
        self.up_to(LONGEST)
    }

    /// Counts a fault. The pause is what the server asked for, or what suits the fault.
    pub fn after(&mut self, fault: &Fault) -> Duration {
        match fault {
            Fault::Forbidden(_) => self.spread(DENIED),
            Fault::Unauthorized(_) => self.spread(LOGIN),
            Fault::Busy {
                retry_after: Some(asked),
                ..
            } => {
                self.failures = self.failures.saturating_add(1);
                (*asked).clamp(FIRST, LONGEST)
            }
            Fault::Unreachable(_) | Fault::Silent if self.failures < AT_FIRST => {
                self.up_to(UNREACHABLE_AT_FIRST)
            }
            Fault::Unreachable(_) | Fault::Silent => self.up_to(UNREACHABLE),
            _ => self.up_to(LONGEST),
        }
    }

    /// Between three quarters of a pause and all of it, so that many loops do not come at once.
    pub fn spread(&mut self, pause: Duration) -> Duration {
        pause.mul_f64(1.0 - 0.25 * self.share())
    }

    /// The next of a series of numbers from 0 to 1 that differs from loop to loop (splitmix64).
    pub fn share(&mut self) -> f64 {
        self.jitter = self.jitter.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.jitter;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) as f64 / u64::MAX as f64
    }
}
