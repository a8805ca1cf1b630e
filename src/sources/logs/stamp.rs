//! The time that engines write before each line: RFC 3339 with up to nine digits after the second.
//!
//! Read by its fixed layout, as it is read for every line.

/// Bytes of the longest stamp: `2026-11-27T12:04:30.123456789+05:30`.
pub const LONGEST: usize = 35;

/// Reads the stamp that a line begins with: nanoseconds since 1970, and the text behind the one space that follows it.
pub fn split(line: &[u8]) -> Option<(i64, &[u8])> {
    let (time, length) = read(line)?;
    match line.get(length) {
        Some(b' ') => Some((time, line.get(length + 1..)?)),
        None => Some((time, &[])),
        Some(_) => None,
    }
}

/// Reads a stamp, and says how many bytes it has.
pub fn read(bytes: &[u8]) -> Option<(i64, usize)> {
    let fixed: &[u8; 19] = bytes.first_chunk()?;
    let [
        y1,
        y2,
        y3,
        y4,
        b'-',
        m1,
        m2,
        b'-',
        d1,
        d2,
        b'T',
        h1,
        h2,
        b':',
        n1,
        n2,
        b':',
        s1,
        s2,
    ] = *fixed
    else {
        return None;
    };
    let year = i64::from(pair(y1, y2)?) * 100 + i64::from(pair(y3, y4)?);
    let (month, day) = (pair(m1, m2)?, pair(d1, d2)?);
    let (hour, minute, second) = (pair(h1, h2)?, pair(n1, n2)?, pair(s1, s2)?);
    if !(1..=12).contains(&month)
        || !(1..=31).contains(&day)
        || hour > 23
        || minute > 59
        || second > 60
    {
        return None;
    }
    let mut at = fixed.len();
    let mut nanos = 0;
    if bytes.get(at) == Some(&b'.') {
        at += 1;
        let mut unit = 100_000_000;
        while let Some(digit) = bytes.get(at).and_then(|byte| digit(*byte)) {
            nanos += i64::from(digit) * unit;
            unit /= 10;
            at += 1;
        }
    }
    let mut offset = 0;
    match bytes.get(at)? {
        b'Z' => at += 1,
        sign @ (b'+' | b'-') => {
            let [o1, o2, b':', p1, p2] = *bytes.get(at + 1..)?.first_chunk::<5>()? else {
                return None;
            };
            offset = i64::from(pair(o1, o2)?) * 3600 + i64::from(pair(p1, p2)?) * 60;
            if *sign == b'-' {
                offset = -offset;
            }
            at += 6;
        }
        _ => return None,
    }
    let clock = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
    let seconds = days(year, i64::from(month), i64::from(day)) * 86_400 + clock - offset;
    Some((seconds.checked_mul(1_000_000_000)?.checked_add(nanos)?, at))
}

/// Days from 1970-01-01 to a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years that begin in March have their leap day at the end.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    era * 146_097 + of_era - 719_468
}

fn pair(tens: u8, ones: u8) -> Option<u32> {
    Some(digit(tens)? * 10 + digit(ones)?)
}

fn digit(byte: u8) -> Option<u32> {
    byte.is_ascii_digit().then(|| u32::from(byte - b'0'))
}
