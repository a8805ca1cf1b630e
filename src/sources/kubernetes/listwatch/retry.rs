//! What can end a turn of the loop, how long to wait after it, and what the screen says meanwhile. Pure but for the seed.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use crate::clients::fault::Fault;
use crate::sources::kubernetes::wire::Garbled;

/// The first wait of a series, and the longest.
const FIRST: Duration = Duration::from_millis(800);
const LONGEST: Duration = Duration::from_secs(30);
/// A server that does not listen costs little to try; so long that it is live again within seconds of its return.
const UNREACHABLE_AT_FIRST: Duration = Duration::from_secs(2);
const UNREACHABLE: Duration = Duration::from_secs(4);
/// How many waits of a series count as its beginning: about a minute.
const AT_FIRST: u32 = 30;
const LOGIN: Duration = Duration::from_secs(30);
const DENIED: Duration = Duration::from_mins(5);
const MISSING: Duration = Duration::from_mins(1);
/// A permission that was there may be missing while a server starts.
const DENIED_AT_FIRST: Duration = Duration::from_secs(2);

/// Why a list or a watch ended.
#[derive(Debug)]
pub(super) enum Trouble {
    Fault(Fault),
    /// The version to go on from is no longer kept.
    Expired,
    /// The connection broke in the middle.
    Cut(String),
    /// Nothing came for too long.
    Quiet,
    Garbled(Garbled),
    /// The watch ended as soon as it began.
    Short,
    /// The server does not do what was asked; there is another way.
    Otherwise,
}

/// What to do about it.
#[derive(Debug, PartialEq)]
pub(super) struct Step {
    pub(super) wait: Duration,
    pub(super) say: Say,
    /// Whether to list again.
    pub(super) relist: bool,
}

#[derive(Debug, PartialEq)]
pub(super) enum Say {
    /// What is shown is still believed.
    Nothing,
    Stale(String),
    Denied,
    Missing,
}

/// Counts what went wrong in a row.
#[derive(Debug)]
pub(super) struct Retry {
    jitter: u64,
    failures: u32,
    logins: u32,
    denials: u32,
    garbled: u32,
    /// Whether a list was ever complete.
    pub(super) listed: bool,
}

impl Retry {
    pub(super) fn new() -> Self {
        Self {
            jitter: RandomState::new().hash_one("jitter"),
            failures: 0,
            logins: 0,
            denials: 0,
            garbled: 0,
            listed: false,
        }
    }

    /// The server answered.
    pub(super) fn answered(&mut self) {
        self.logins = 0;
        self.denials = 0;
    }

    /// What the server says is good, and has been for a while.
    pub(super) fn calm(&mut self) {
        self.failures = 0;
        self.garbled = 0;
    }

    pub(super) fn next(&mut self, trouble: Trouble) -> Step {
        let (wait, say) = match trouble {
            Trouble::Otherwise => (Duration::ZERO, Say::Nothing),
            Trouble::Expired => {
                return Step {
                    wait: self.soon(),
                    say: Say::Nothing,
                    relist: true,
                };
            }
            Trouble::Cut(cause) => {
                let wait = self.soon();
                let say = if wait.is_zero() {
                    Say::Nothing
                } else {
                    Say::Stale(cause)
                };
                (wait.min(UNREACHABLE), say)
            }
            Trouble::Quiet => {
                let wait = self.soon();
                let say = if wait.is_zero() {
                    Say::Nothing
                } else {
                    Say::Stale("the connection is silent".to_owned())
                };
                (wait, say)
            }
            Trouble::Short => {
                self.failures += 1;
                let say = if self.failures > 2 {
                    Say::Stale("the server ends every watch at once".to_owned())
                } else {
                    Say::Nothing
                };
                (self.backoff(LONGEST), say)
            }
            Trouble::Garbled(garbled) => {
                self.garbled += 1;
                let relist = self.garbled.is_multiple_of(3);
                let wait = self.soon();
                return Step {
                    wait,
                    say: if self.garbled < 3 {
                        Say::Nothing
                    } else {
                        Say::Stale(garbled.to_string())
                    },
                    relist,
                };
            }
            Trouble::Fault(fault) => self.fault(&fault),
        };
        Step {
            wait,
            say,
            relist: false,
        }
    }

    fn fault(&mut self, fault: &Fault) -> (Duration, Say) {
        match fault {
            Fault::Unauthorized(_) => {
                self.logins += 1;
                if self.logins == 1 {
                    // The client may have refreshed its credentials by now.
                    return (Duration::ZERO, Say::Nothing);
                }
                (self.spread(LOGIN), Say::Stale(fault.to_string()))
            }
            Fault::Forbidden(_) => {
                self.denials += 1;
                if self.listed && self.denials < 3 {
                    return (DENIED_AT_FIRST, Say::Stale(fault.to_string()));
                }
                (self.spread(DENIED), Say::Denied)
            }
            Fault::NotFound => (self.spread(MISSING), Say::Missing),
            Fault::Busy { retry_after, .. } => {
                self.failures += 1;
                let wait =
                    retry_after.map_or_else(|| self.backoff(LONGEST), |wait| wait.min(LONGEST));
                (wait, Say::Stale(fault.to_string()))
            }
            Fault::Unreachable(_) | Fault::Silent => {
                self.failures += 1;
                let longest = if self.failures <= AT_FIRST {
                    UNREACHABLE_AT_FIRST
                } else {
                    UNREACHABLE
                };
                (self.backoff(longest), Say::Stale(fault.to_string()))
            }
            _ => {
                self.failures += 1;
                (self.backoff(LONGEST), Say::Stale(fault.to_string()))
            }
        }
    }

    /// At once the first time, later after a wait.
    fn soon(&mut self) -> Duration {
        self.failures += 1;
        if self.failures == 1 {
            Duration::ZERO
        } else {
            self.backoff(LONGEST)
        }
    }

    fn backoff(&mut self, longest: Duration) -> Duration {
        let doublings = self.failures.saturating_sub(1).min(6);
        let wait = (FIRST * (1 << doublings)).min(longest);
        self.spread(wait)
    }

    /// Between three quarters of a wait and all of it, so that many loops do not come at once.
    fn spread(&mut self, wait: Duration) -> Duration {
        wait.mul_f64(1.0 - 0.25 * self.share())
    }

    /// How long a watch is asked to last, in seconds: 180 ± 10 %.
    pub(super) fn watch_seconds(&mut self) -> u64 {
        162 + (36.0 * self.share()) as u64
    }

    /// The next of a series of numbers from 0 to 1 (splitmix64).
    fn share(&mut self) -> f64 {
        self.jitter = self.jitter.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.jitter;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) as f64 / u64::MAX as f64
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Garbled> for Trouble {
    fn from(garbled: Garbled) -> Self {
        Self::Garbled(garbled)
    }
}
