//! Times beside lines, and times that are typed to be gone to.

use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};

use crate::logs::time::SECOND;
use crate::model::Moment;
use crate::ui::format;

/// How the time of a line is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Stamps {
    #[default]
    Absolute,
    Relative,
    Off,
}

impl Stamps {
    pub(crate) fn next(self) -> Self {
        match self {
            Self::Absolute => Self::Relative,
            Self::Relative => Self::Off,
            Self::Off => Self::Absolute,
        }
    }

    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Absolute => "Times of day.",
            Self::Relative => "Ages.",
            Self::Off => "No times.",
        }
    }

    /// The cells that it takes, without the gap behind it.
    pub(crate) fn width(self) -> u16 {
        match self {
            Self::Absolute => 12,
            Self::Relative => 4,
            Self::Off => 0,
        }
    }
}

/// The time of a line as it stands beside it.
pub(crate) fn stamp(time: i64, stamps: Stamps, now: Moment, zone: &TimeZone) -> String {
    match stamps {
        Stamps::Absolute => clock(time, zone),
        Stamps::Relative => {
            let age = (now.second() - time.div_euclid(SECOND)).clamp(0, i64::from(u32::MAX));
            format!("{:>4}", format::age(age as u32))
        }
        Stamps::Off => String::new(),
    }
}

/// `12:04:30.121`
pub(crate) fn clock(time: i64, zone: &TimeZone) -> String {
    let local = timestamp(time).to_zoned(zone.clone());
    format!("{}.{:03}", local.strftime("%H:%M:%S"), local.millisecond())
}

/// `2026-11-27 12:04:30.121456789 +01`
pub(crate) fn exact(time: i64, zone: &TimeZone) -> String {
    let local = timestamp(time).to_zoned(zone.clone());
    format!(
        "{}.{:09} {}",
        local.strftime("%Y-%m-%d %H:%M:%S"),
        local.subsec_nanosecond(),
        local.strftime("%Z")
    )
}

fn timestamp(time: i64) -> Timestamp {
    Timestamp::from_nanosecond(i128::from(time)).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Reads a time that was typed: `12:04`, `12:04:31`, `2026-11-27 12:04`, an RFC 3339 time, or `-5m` before the last
/// line. A time of day is that of the last line's day, or of the day before if it would lie after it.
pub(crate) fn moment(text: &str, last: i64, zone: &TimeZone) -> Option<i64> {
    let text = text.trim();
    if let Some(ago) = text.strip_prefix('-') {
        let split = ago.find(|character: char| !character.is_ascii_digit())?;
        let (number, unit) = ago.split_at(split);
        let seconds = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            _ => return None,
        };
        let back = number.parse::<i64>().ok()?.checked_mul(seconds)?;
        return last.checked_sub(back.checked_mul(SECOND)?);
    }
    let nanos = |stamp: Timestamp| i64::try_from(stamp.as_nanosecond()).ok();
    if let Ok(stamp) = text.parse::<Timestamp>() {
        return nanos(stamp);
    }
    if let Ok(local) = text.parse::<civil::DateTime>()
        && text.len() > 10
    {
        return nanos(local.to_zoned(zone.clone()).ok()?.timestamp());
    }
    let clock: civil::Time = match text.len() {
        5 => format!("{text}:00").parse().ok()?,
        _ => text.parse().ok()?,
    };
    let day = timestamp(last).to_zoned(zone.clone()).date();
    let on = |day: civil::Date| {
        nanos(
            day.to_datetime(clock)
                .to_zoned(zone.clone())
                .ok()?
                .timestamp(),
        )
    };
    let time = on(day)?;
    if time > last {
        return on(day.yesterday().ok()?);
    }
    Some(time)
}
