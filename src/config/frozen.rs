//! Frozen windows: times in which an environment should be left alone, weekly or once. Pure; whoever guards a write
//! asks [`frozen`] and decides what that means.

use std::ops::Range;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::{DateTime, Time, Weekday};
use jiff::tz::TimeZone;

use super::environment;
use super::read::{Reader, Table};
use super::settings::ENVIRONMENTS;
use crate::model::{Environment, Text};

const KEYS: &[&str] = &["environments", "from", "until", "zone", "reason"];

const MINUTES_A_DAY: u32 = 24 * 60;

/// A time in which nothing should be changed.
#[derive(Clone, Debug, PartialEq)]
pub struct FrozenWindow {
    /// Empty: every environment.
    pub environments: Vec<Environment>,
    pub span: Span,
    pub zone: TimeZone,
    /// Said to whoever wants to act: `release freeze`.
    pub reason: String,
}

/// From when until when; the end does not belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    Weekly { from: OfWeek, until: OfWeek },
    Once { from: DateTime, until: DateTime },
}

/// A minute of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfWeek {
    pub day: Weekday,
    pub time: Time,
}

/// One end of a window as it is written: `fri 16:00`, or `2026-12-20T00:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    Weekly(OfWeek),
    Once(DateTime),
}

impl Span {
    /// Puts two ends together.
    ///
    /// # Errors
    /// Says in words why they make no window.
    pub fn new(from: Edge, until: Edge) -> Result<Self, String> {
        match (from, until) {
            (Edge::Weekly(from), Edge::Weekly(until)) if from != until => {
                Ok(Self::Weekly { from, until })
            }
            (Edge::Once(from), Edge::Once(until)) if from < until => Ok(Self::Once { from, until }),
            (Edge::Weekly(_), Edge::Weekly(_)) | (Edge::Once(_), Edge::Once(_)) => {
                Err("a frozen window ends after it begins".to_owned())
            }
            _ => Err("a frozen window has two days of the week or two dates".to_owned()),
        }
    }

    fn covers(&self, at: DateTime) -> bool {
        match self {
            Self::Once { from, until } => *from <= at && at < *until,
            Self::Weekly { from, until } => {
                let now = OfWeek {
                    day: at.weekday(),
                    time: at.time(),
                }
                .minute();
                let (from, until) = (from.minute(), until.minute());
                if from < until {
                    from <= now && now < until
                } else {
                    now >= from || now < until
                }
            }
        }
    }
}

impl OfWeek {
    fn minute(self) -> u32 {
        let day = u32::from(self.day.to_monday_zero_offset().unsigned_abs());
        let hour = u32::from(self.time.hour().unsigned_abs());
        day * MINUTES_A_DAY + hour * 60 + u32::from(self.time.minute().unsigned_abs())
    }
}

impl FromStr for Edge {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unclear =
            || format!("\"{text}\" is no time: write \"fri 16:00\" or \"2026-12-20T00:00\"");
        let text = text.trim();
        let Some((day, time)) = text.split_once(' ') else {
            return text.parse().map(Self::Once).map_err(|_| unclear());
        };
        let Some(day) = weekday(day) else {
            return text
                .replace(' ', "T")
                .parse()
                .map(Self::Once)
                .map_err(|_| unclear());
        };
        let time = time.trim().parse().map_err(|_| unclear())?;
        Ok(Self::Weekly(OfWeek { day, time }))
    }
}

impl std::fmt::Display for Edge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Weekly(OfWeek { day, time }) => {
                let name = DAYS.iter().find(|(_, known)| known == day);
                let name = name.map_or("", |(name, _)| *name);
                write!(
                    f,
                    "{} {:02}:{:02}",
                    name.get(..3).unwrap_or(name),
                    time.hour(),
                    time.minute()
                )
            }
            Self::Once(at) => write!(f, "{at}"),
        }
    }
}

impl Span {
    /// Its two ends, as they are written.
    pub fn edges(&self) -> (Edge, Edge) {
        match self {
            Self::Weekly { from, until } => (Edge::Weekly(*from), Edge::Weekly(*until)),
            Self::Once { from, until } => (Edge::Once(*from), Edge::Once(*until)),
        }
    }
}

const DAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

/// A day by at least three letters of its name.
fn weekday(word: &str) -> Option<Weekday> {
    let word = word.to_ascii_lowercase();
    let found = DAYS
        .iter()
        .find(|(name, _)| word.len() >= 3 && name.starts_with(&word));
    found.map(|(_, day)| *day)
}

impl FrozenWindow {
    /// `frozen until mon 08:00: no releases over the weekend`
    pub fn words(&self) -> Text {
        let (_, until) = self.span.edges();
        if self.reason.is_empty() {
            Text::from(format!("frozen until {until}"))
        } else {
            Text::from(format!("frozen until {until}: {}", self.reason))
        }
    }
}

/// The first window that freezes an environment at this time.
pub fn frozen(
    windows: &[FrozenWindow],
    environment: Environment,
    at: Timestamp,
) -> Option<&FrozenWindow> {
    windows.iter().find(|window| {
        let meant = window.environments.is_empty() || window.environments.contains(&environment);
        meant
            && window
                .span
                .covers(at.to_zoned(window.zone.clone()).datetime())
    })
}

/// Reads a `[[frozen]]` table; what is wrong with it is noted.
pub(super) fn read(
    reader: &mut Reader<'_>,
    table: &Table<'_>,
    span: Range<usize>,
) -> Option<FrozenWindow> {
    let (mut environments, mut ends) = (Vec::new(), [None, None]);
    let (mut zone, mut reason) = (TimeZone::system(), String::new());
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "environments" => {
                for (word, place) in reader.strings(value) {
                    match environment::named(&word) {
                        Some(found) => environments.push(found),
                        None => reader.unknown(place, "environment", &word, ENVIRONMENTS),
                    }
                }
            }
            name @ ("from" | "until") => {
                let end = reader.string(value)?.parse::<Edge>();
                match end {
                    Ok(edge) if name == "from" => ends[0] = Some(edge),
                    Ok(edge) => ends[1] = Some(edge),
                    Err(message) => {
                        reader.note(value.span(), message);
                        return None;
                    }
                }
            }
            "zone" => {
                let name = reader.string(value)?;
                if let Ok(found) = TimeZone::get(&name) {
                    zone = found;
                } else {
                    let message = format!("\"{name}\" is no time zone: \"Europe/Berlin\"");
                    reader.note(value.span(), message);
                }
            }
            "reason" => reason = reader.string(value).unwrap_or_default(),
            other => reader.unknown(key.span(), "key in [[frozen]]", other, KEYS),
        }
    }
    let [Some(from), Some(until)] = ends else {
        reader.note(span, "this [[frozen]] needs from and until".to_owned());
        return None;
    };
    match Span::new(from, until) {
        Ok(span) => Some(FrozenWindow {
            environments,
            span,
            zone,
            reason,
        }),
        Err(message) => {
            reader.note(span, message);
            None
        }
    }
}
