//! What can end a turn of the loop, how long to wait after it, and what the screen says meanwhile.

use std::time::Duration;

use crate::clients::fault::Fault;
use crate::sources::backoff::{Backoff, DENIED, LONGEST, UNREACHABLE};
use crate::sources::kubernetes::wire::Garbled;

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
#[derive(Debug, Default)]
pub(super) struct Retry {
    pub(super) backoff: Backoff,
    logins: u32,
    denials: u32,
    garbled: u32,
    /// Whether a list was ever complete.
    pub(super) listed: bool,
}

impl Retry {
    /// The server answered.
    pub(super) fn answered(&mut self) {
        self.logins = 0;
        self.denials = 0;
    }

    /// What the server says is good, and has been for a while.
    pub(super) fn calm(&mut self) {
        self.backoff.reset();
        self.garbled = 0;
    }

    pub(super) fn next(&mut self, trouble: Trouble) -> Step {
        let (wait, say) = match trouble {
            Trouble::Otherwise => (Duration::ZERO, Say::Nothing),
            Trouble::Expired => {
                return Step {
                    wait: self.backoff.soon(),
                    say: Say::Nothing,
                    relist: true,
                };
            }
            Trouble::Cut(cause) => {
                let wait = self.backoff.soon();
                let say = if wait.is_zero() {
                    Say::Nothing
                } else {
                    Say::Stale(cause)
                };
                (wait.min(UNREACHABLE), say)
            }
            Trouble::Quiet => {
                let wait = self.backoff.soon();
                let say = if wait.is_zero() {
                    Say::Nothing
                } else {
                    Say::Stale("the connection is silent".to_owned())
                };
                (wait, say)
            }
            Trouble::Short => {
                let wait = self.backoff.up_to(LONGEST);
                let say = if self.backoff.failures() > 2 {
                    Say::Stale("the server ends every watch at once".to_owned())
                } else {
                    Say::Nothing
                };
                (wait, say)
            }
            Trouble::Garbled(garbled) => {
                self.garbled += 1;
                let relist = self.garbled.is_multiple_of(3);
                let wait = self.backoff.soon();
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
            }
            Fault::Forbidden(_) => {
                self.denials += 1;
                if self.listed && self.denials < 3 {
                    return (DENIED_AT_FIRST, Say::Stale(fault.to_string()));
                }
                return (self.backoff.spread(DENIED), Say::Denied);
            }
            Fault::NotFound => return (self.backoff.spread(MISSING), Say::Missing),
            _ => {}
        }
        (self.backoff.after(fault), Say::Stale(fault.to_string()))
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
