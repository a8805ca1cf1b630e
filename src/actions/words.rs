//! Lengths of time in words, for plans and outcomes.

use std::time::Duration;

use jiff::Timestamp;

/// `58s`, `14m`, `5h`, `6d`
pub fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..120 => format!("{seconds}s"),
        120..7_200 => format!("{}m", seconds / 60),
        7_200..172_800 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// The time from one moment to a later one; none if it is not later.
pub fn between(from: Timestamp, to: Timestamp) -> Option<Duration> {
    Duration::try_from(to.duration_since(from)).ok()
}
