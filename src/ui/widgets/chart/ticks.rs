//! Round local times for an axis of time.

use jiff::Timestamp;
use jiff::tz::TimeZone;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Seconds between ticks that read as round.
const STEPS: [i64; 21] = [
    1,
    2,
    5,
    10,
    15,
    30,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
    14 * DAY,
];

/// Ticks of a span (milliseconds since 1970) that is drawn this many cells wide, with their labels.
pub fn ticks(span: (i64, i64), width: u16, zone: &TimeZone) -> Vec<(i64, String)> {
    let (start, end) = (span.0.div_euclid(1000), span.1.div_euclid(1000));
    let long = (end - start).max(1);
    // A label and the room around it.
    let wide = |step: i64| if step < MINUTE { 11 } else { 9 };
    let fits = |step: &&i64| long / **step * wide(**step) <= i64::from(width);
    let step = STEPS.iter().find(fits).copied().unwrap_or(14 * DAY);
    let offset = offset(start, zone);
    let first = (start + offset).div_euclid(step) * step - offset;
    (0..=i64::from(width))
        .map(|at| first + at * step)
        .skip_while(|at| *at < start)
        .take_while(|at| *at <= end)
        .map(|at| (at * 1000, label(at, step, zone)))
        .collect()
}

/// A time of day to the second: `12:04:30`.
pub fn clock(at_ms: i64, zone: &TimeZone) -> String {
    label(at_ms.div_euclid(1000), 1, zone)
}

fn offset(second: i64, zone: &TimeZone) -> i64 {
    let at = Timestamp::from_second(second).unwrap_or_default();
    i64::from(zone.to_offset(at).seconds())
}

fn label(second: i64, step: i64, zone: &TimeZone) -> String {
    let at = Timestamp::from_second(second).unwrap_or_default();
    let local = zone.to_datetime(at);
    let midnight = local.hour() == 0 && local.minute() == 0 && local.second() == 0;
    if step >= DAY || midnight && step >= MINUTE {
        return local.strftime("%-d %b").to_string();
    }
    if step < MINUTE {
        return local.strftime("%H:%M:%S").to_string();
    }
    local.strftime("%H:%M").to_string()
}
