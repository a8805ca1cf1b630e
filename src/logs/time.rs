//! Times of log lines: reads the layouts that log lines and engines use, without allocating.
//!
//! A time is nanoseconds since 1970. One without a zone is taken for UTC, as containers run in it.

/// Nanoseconds of a second.
pub const SECOND: i64 = 1_000_000_000;

/// Reads a time at the beginning of a text, such as `2026-11-27T03:50:01.123456789Z`, `2026-11-27 03:50:01,123 UTC` or
/// `2026/11/27 03:50:01`, and says how many bytes it takes.
pub fn leading(text: &[u8]) -> Option<(i64, usize)> {
    let digits = |from: usize, count: usize| -> Option<i64> {
        let mut value = 0;
        for byte in text.get(from..from + count)? {
            if !byte.is_ascii_digit() {
                return None;
            }
            value = value * 10 + i64::from(byte - b'0');
        }
        Some(value)
    };
    let is = |at: usize, choices: &[u8]| text.get(at).is_some_and(|byte| choices.contains(byte));
    let date = is(4, b"-/") && is(7, b"-/") && is(10, b"T t") && is(13, b":") && is(16, b":");
    if !date {
        return None;
    }
    let (year, month, day) = (digits(0, 4)?, digits(5, 2)?, digits(8, 2)?);
    let (hour, minute, second) = (digits(11, 2)?, digits(14, 2)?, digits(17, 2)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 {
        return None;
    }
    let mut at = 19;
    let mut nanos = 0;
    if is(at, b".,") && text.get(at + 1).is_some_and(u8::is_ascii_digit) {
        at += 1;
        let mut scale = SECOND;
        while let Some(byte) = text.get(at).filter(|byte| byte.is_ascii_digit()) {
            scale /= 10;
            nanos += i64::from(byte - b'0') * scale;
            at += 1;
        }
    }
    let mut offset = 0;
    match text.get(at) {
        Some(b'Z' | b'z') => at += 1,
        Some(sign @ (b'+' | b'-')) if digits(at + 1, 2).is_some() => {
            let hours = digits(at + 1, 2)?;
            let colon = usize::from(is(at + 3, b":"));
            let minutes = digits(at + 3 + colon, 2);
            let seconds = hours * 3600 + minutes.unwrap_or_default() * 60;
            offset = if *sign == b'-' { -seconds } else { seconds };
            at += if minutes.is_some() { 5 + colon } else { 3 };
        }
        _ => {
            if text.get(at..at + 4) == Some(b" UTC") {
                at += 4;
            }
        }
    }
    let second = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset;
    Some((second.checked_mul(SECOND)?.checked_add(nanos)?, at))
}

/// Reads a number as a time since 1970, whose size tells its unit: seconds, milliseconds, microseconds or nanoseconds.
pub fn since_1970(number: f64) -> Option<i64> {
    let nanos = match number.abs() {
        small if small < 1e8 => return None,
        seconds if seconds < 1e11 => number * 1e9,
        millis if millis < 1e14 => number * 1e6,
        micros if micros < 1e17 => number * 1e3,
        _ => number,
    };
    (nanos.abs() < 9e18).then_some(nanos as i64)
}

/// Days from 1970-01-01 to a day of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let month = (month + 9) % 12;
    let of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}
