//! The time that every chart shows: one range, one pause, one crosshair for all of them.

use jiff::tz::TimeZone;

use crate::model::{Ask, Moment};

const MINUTE: u32 = 60;
const HOUR: u32 = 60 * MINUTE;
const DAY: u32 = 24 * HOUR;

/// Ranges that keys step through, in seconds.
pub(crate) const RANGES: [u32; 12] = [
    5 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
    14 * DAY,
    30 * DAY,
];
/// Seconds between samples; a multiple of the one before, so that grids meet.
const STEPS: [u32; 13] = [
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
];
/// Samples of a series that are asked for at most: a column of dots each on a wide screen, and far below what a server
/// refuses.
const SAMPLES: u32 = 240;
/// Refreshes that keys step through, in seconds; the first stands for as often as there is something new.
const REFRESHES: [u32; 5] = [0, 5, 10, 30, 60];

/// What all charts share.
#[derive(Clone, Debug)]
pub(crate) struct TimeFrame {
    /// Seconds.
    range: u32,
    /// The end, while time stands still.
    pub(crate) paused: Option<Moment>,
    /// The moment under the crosshair.
    pub(crate) cursor_ms: Option<i64>,
    /// Seconds between two questions; 0: as often as there is something new.
    refresh: u32,
    pub(crate) zone: TimeZone,
}

impl TimeFrame {
    pub(crate) fn new(zone: TimeZone) -> Self {
        Self {
            range: HOUR,
            paused: None,
            cursor_ms: None,
            refresh: 0,
            zone,
        }
    }

    /// The range in seconds.
    pub(crate) fn range(&self) -> u32 {
        self.range
    }

    pub(crate) fn set_range(&mut self, seconds: u32) {
        self.range = seconds.clamp(MINUTE, 366 * DAY);
        self.cursor_ms = None;
    }

    /// Widens the range so that it reaches back to a moment.
    pub(crate) fn reach(&mut self, since: Option<Moment>, now: Moment) {
        let age = since.map_or(0, |since| since.age(now));
        if age > self.range {
            self.set_range(age);
        }
    }

    /// The next longer or shorter range; false at the end.
    pub(crate) fn step_range(&mut self, longer: bool) -> bool {
        let next = if longer {
            RANGES.iter().find(|range| **range > self.range)
        } else {
            RANGES.iter().rev().find(|range| **range < self.range)
        };
        match next {
            Some(range) => self.set_range(*range),
            None => return false,
        }
        true
    }

    /// The next way of refreshing.
    pub(crate) fn step_refresh(&mut self) {
        let at = REFRESHES.iter().position(|known| *known == self.refresh);
        let next = at.map_or(0, |at| (at + 1) % REFRESHES.len());
        self.refresh = REFRESHES.get(next).copied().unwrap_or_default();
    }

    /// Seconds between samples.
    pub(crate) fn step(&self) -> u32 {
        range_step(self.range)
    }

    /// Seconds until charts are asked for again.
    pub(crate) fn every(&self) -> u32 {
        match self.refresh {
            0 => self.step().clamp(5, 5 * MINUTE),
            seconds => seconds,
        }
    }

    /// Start and end on the grid of steps, in milliseconds since 1970.
    pub(crate) fn span(&self, now: Moment) -> (i64, i64) {
        let step = i64::from(self.step());
        let end = self.paused.unwrap_or(now).second() / step * step;
        ((end - i64::from(self.range)) * 1000, end * 1000)
    }

    /// The question of a query over this time.
    pub(crate) fn ask(&self, promql: &str) -> (Ask, u32) {
        let step = self.step();
        match self.paused {
            None => {
                let ask = Ask::Last {
                    expr: promql.into(),
                    seconds: self.range,
                    step,
                };
                (ask, self.every())
            }
            Some(end) => {
                let long = i64::from(step);
                let end = end.second() / long * long;
                let start = Moment::from_second(end - i64::from(self.range));
                let to = Moment::from_second(end);
                let ask = match (start, to) {
                    (Some(from), Some(to)) => Ask::Between {
                        expr: promql.into(),
                        from,
                        to,
                        step,
                    },
                    _ => Ask::Now {
                        expr: promql.into(),
                    },
                };
                (ask, 0)
            }
        }
    }

    /// Moves the crosshair by so many hundredths of the range; it appears at the end.
    pub(crate) fn move_cursor(&mut self, by: i64, now: Moment) {
        let (start, end) = self.span(now);
        let step = i64::from(self.step()) * 1000;
        let part = ((end - start) / 100 / step).max(1) * step;
        let at = match self.cursor_ms {
            None => end - if by < 0 { 0 } else { step },
            Some(at) => at + by * part,
        };
        self.cursor_ms = Some(at.clamp(start, end));
    }

    /// `last 1 h`, `1 h until 12:04:30`
    pub(crate) fn words(&self) -> String {
        let range = length(self.range);
        match self.paused {
            None => format!("last {range}"),
            Some(end) => {
                let clock = crate::ui::widgets::chart::clock(end.second() * 1000, &self.zone);
                format!("{range} until {clock}")
            }
        }
    }

    /// `every 15 s`, `paused`
    pub(crate) fn pace(&self) -> String {
        match self.paused {
            Some(_) => "paused".to_owned(),
            None => format!("every {}", length(self.every())),
        }
    }
}

/// Seconds between the samples of a range of so many seconds.
pub fn range_step(range: u32) -> u32 {
    let fits = |step: &&u32| range / **step <= SAMPLES;
    STEPS.iter().find(fits).copied().unwrap_or(DAY)
}

/// A length of time in its largest whole unit: `90 s`, `15 min`, `3 h`, `7 d`.
pub(crate) fn length(seconds: u32) -> String {
    for (unit, name) in [(DAY, "d"), (HOUR, "h"), (MINUTE, "min")] {
        if seconds >= unit && seconds.is_multiple_of(unit) {
            return format!("{} {name}", seconds / unit);
        }
    }
    format!("{seconds} s")
}

/// Reads a typed range: `90m`, `1h30m`, `2d`, `45s`, `1w`; a bare number is minutes.
///
/// # Errors
/// Says how a range is written.
pub fn parse(text: &str) -> Result<u32, String> {
    let wrong = || {
        format!(
            "\"{}\" is no range: write 15m, 6h, 2d or 1h30m, from 1m to 366d",
            text.trim()
        )
    };
    let mut rest = text.trim();
    let mut sum: u64 = 0;
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let digits = rest
            .find(|it: char| !it.is_ascii_digit())
            .unwrap_or(rest.len());
        let (number, behind) = rest.split_at(digits);
        let number: u64 = number.parse().map_err(|_| wrong())?;
        let letters = behind
            .find(|it: char| it.is_ascii_digit())
            .unwrap_or(behind.len());
        let (unit, next) = behind.split_at(letters);
        let unit = match unit.trim() {
            "s" | "sec" => 1,
            "" | "m" | "min" => MINUTE,
            "h" => HOUR,
            "d" => DAY,
            "w" => 7 * DAY,
            _ => return Err(wrong()),
        };
        sum = sum.saturating_add(number.saturating_mul(u64::from(unit)));
        rest = next.trim_start();
    }
    let most = u64::from(366 * DAY);
    if !(u64::from(MINUTE)..=most).contains(&sum) {
        return Err(wrong());
    }
    Ok(sum as u32)
}
