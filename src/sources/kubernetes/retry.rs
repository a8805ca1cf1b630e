//! Waiting between tries, and how a fault shows as a status. The loops of this folder that ask more than once use it.

use std::time::Duration;

use jiff::Timestamp;

use crate::clients::fault::Fault;
use crate::model::{Kind, Moment, SourceStatus, Text};

const FIRST: Duration = Duration::from_millis(800);
const LAST: Duration = Duration::from_secs(30);
/// A server that does not listen costs little to try; so it is live again within seconds of its return.
const UNREACHABLE: Duration = Duration::from_secs(4);
/// Where a permission is missing, it is asked for again this rarely.
pub(in crate::sources) const DENIED: Duration = Duration::from_mins(5);

/// Growing pauses with jitter, from 0.8 to 30 s.
#[derive(Debug, Default)]
pub(in crate::sources) struct Backoff {
    tries: u32,
}

impl Backoff {
    pub(in crate::sources) fn reset(&mut self) {
        self.tries = 0;
    }

    /// The next pause: what the server asked for, else twice the last one, less up to a quarter.
    pub(in crate::sources) fn next(&mut self, fault: &Fault) -> Duration {
        let pause = FIRST.saturating_mul(1 << self.tries.min(6)).min(LAST);
        self.tries += 1;
        match fault {
            Fault::Forbidden(_) => DENIED,
            Fault::Busy {
                retry_after: Some(after),
                ..
            } => (*after).max(FIRST),
            Fault::Unreachable(_) | Fault::Silent => spread(pause.min(UNREACHABLE)),
            // A login tool is not to be started over and over.
            Fault::Unauthorized(_) => spread(LAST),
            _ => spread(pause),
        }
    }
}

fn spread(pause: Duration) -> Duration {
    pause.mul_f64(1.0 - 0.25 * share())
}

/// A share between 0 and 1 that differs from call to call, so that clients do not come back in step.
fn share() -> f64 {
    let nanos = Timestamp::now().subsec_nanosecond().unsigned_abs();
    f64::from(nanos % 1000) / 1000.0
}

/// Now, to the second.
pub(in crate::sources) fn now() -> Moment {
    Timestamp::now().into()
}

/// When a pause that begins now ends.
pub(in crate::sources) fn after(pause: Duration) -> Moment {
    Moment::from_second(now().second() + pause.as_secs_f64().ceil() as i64).unwrap_or(now())
}

/// How a fault of listing or watching a kind shows.
pub(in crate::sources) fn status(fault: &Fault, kind: &Kind, since: Moment, pause: Duration) -> SourceStatus {
    match fault {
        Fault::Forbidden(_) => SourceStatus::Denied {
            verb: Text::new("list"),
            resource: Text::from(kind.resource()),
        },
        fault => SourceStatus::Stale {
            since,
            cause: Text::from(fault.to_string()),
            retry_at: Some(after(pause)),
        },
    }
}
