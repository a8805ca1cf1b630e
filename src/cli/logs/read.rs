//! From the arguments of `qd logs` to what they ask for. Pure: the time is told.

use jiff::{SignedDuration, Timestamp};

use super::{Form, Logs, Words};
use crate::cli::args::{LogsArguments, LogsFormat};
use crate::logs::{Filter, Pattern, level};
use crate::model::{LogLevel, LogSince, Moment};

/// Reads the arguments.
///
/// # Errors
/// Says in a sentence what is wrong.
pub fn read(
    arguments: LogsArguments,
    namespaces: Option<Vec<String>>,
    now: Timestamp,
) -> Result<Logs, String> {
    let since = since(&arguments, now)?;
    let floor = match &arguments.level {
        None => LogLevel::Unknown,
        Some(word) => match level::of_word(word.as_bytes()) {
            LogLevel::Unknown => {
                let words = LogLevel::ALL.iter().skip(1).map(|level| level.word());
                let words: Vec<&str> = words.collect();
                return Err(format!(
                    "--level {word}: expected one of {}",
                    words.join(", ")
                ));
            }
            level => level,
        },
    };
    let patterns = |flag: &str, sources: &[String]| -> Result<Vec<Pattern>, String> {
        let patterns = sources.iter().map(|source| Pattern::new(source));
        patterns
            .collect::<Result<_, _>>()
            .map_err(|problem| format!("{flag}: {problem}"))
    };
    let conditions = arguments.conditions.join(" ");
    Ok(Logs {
        since,
        level: floor,
        conditions: Filter::parse(&conditions).map_err(|problem| format!("--where: {problem}"))?,
        include: patterns("--grep", &arguments.grep)?,
        exclude: patterns("--exclude", &arguments.exclude)?,
        words: Words {
            targets: arguments.targets,
            namespaces,
            selector: arguments.selector,
            container: arguments.container,
        },
        follow: arguments.follow,
        previous: arguments.previous,
        form: match arguments.output {
            LogsFormat::Pretty => Form::Pretty,
            LogsFormat::Raw => Form::Raw,
            LogsFormat::Json => Form::Json,
        },
        unordered: arguments.as_they_come,
    })
}

fn since(arguments: &LogsArguments, now: Timestamp) -> Result<LogSince, String> {
    if let Some(age) = &arguments.since {
        let wrong = || format!("--since {age}: write an age such as 30s, 10m, 2h or 1d");
        let seconds = seconds(age).ok_or_else(wrong)?;
        let from = now
            .checked_sub(SignedDuration::from_secs(seconds))
            .map_err(|_| wrong())?;
        return Ok(LogSince::Moment(from.into()));
    }
    if let Some(time) = &arguments.since_time {
        let moment = Moment::parse(time);
        let wrong = || format!("--since-time {time}: write a time such as 2026-11-27T12:00:00Z");
        return Ok(LogSince::Moment(moment.ok_or_else(wrong)?));
    }
    Ok(match arguments.tail {
        Some(lines) => LogSince::Tail(lines),
        None if arguments.follow => LogSince::default(),
        None => LogSince::Start,
    })
}

/// `90`, `30s`, `1h30m`
fn seconds(age: &str) -> Option<i64> {
    let mut total: i64 = 0;
    let mut number = String::new();
    for character in age.chars() {
        if character.is_ascii_digit() {
            number.push(character);
            continue;
        }
        let unit = match character {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            _ => return None,
        };
        let count: i64 = number.parse().ok()?;
        number.clear();
        total = total.checked_add(count.checked_mul(unit)?)?;
    }
    if !number.is_empty() {
        total = total.checked_add(number.parse().ok()?)?;
    }
    (!age.is_empty()).then_some(total)
}
