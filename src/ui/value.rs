//! How measured values are written: three digits that count and the unit. Pure: the same value is always the same text.

use crate::model::Unit;

const MINUTE: f64 = 60.0;
const HOUR: f64 = 60.0 * MINUTE;
const DAY: f64 = 24.0 * HOUR;

/// A value with its unit: `20.7 %`, `2.3 s`, `412m`, `6.2Mi/s`.
pub fn value(unit: Unit, value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        let sign = if value > 0.0 { "+Inf" } else { "-Inf" };
        return sign.to_owned();
    }
    match unit {
        Unit::Number => decimal(value),
        Unit::Ratio => format!("{} %", digits(value * 100.0)),
        Unit::Percent => format!("{} %", digits(value)),
        Unit::Seconds => seconds(value),
        Unit::Milliseconds => seconds(value / 1000.0),
        Unit::Bytes => binary(value),
        Unit::BytesPerSecond => format!("{}/s", binary(value)),
        Unit::PerSecond => format!("{}/s", decimal(value)),
        Unit::Cores if value.abs() < 0.9995 => format!("{}m", digits(value * 1000.0)),
        Unit::Cores => digits(value),
    }
}

/// What a tick of an axis says: as [`value`], but nothing is nothing in every unit.
pub fn tick(unit: Unit, amount: f64) -> String {
    if amount == 0.0 {
        "0".to_owned()
    } else {
        value(unit, amount)
    }
}

/// What the steps of an axis up to `most` are multiples of: a minute, a mebibyte, one.
pub(crate) fn base(unit: Unit, most: f64) -> f64 {
    let most = most.abs();
    match unit {
        Unit::Bytes | Unit::BytesPerSecond => {
            let mut base = 1.0;
            while most >= base * 1024.0 && base < 1e18 {
                base *= 1024.0;
            }
            base
        }
        Unit::Seconds | Unit::Milliseconds => {
            let scale = if unit == Unit::Seconds { 1.0 } else { 1000.0 };
            let seconds = most / scale;
            let base = [DAY, HOUR, MINUTE]
                .into_iter()
                .find(|base| seconds >= 2.0 * base);
            base.unwrap_or(1.0) * scale
        }
        _ => 1.0,
    }
}

/// Three digits that count, without zeros at the end: `1.23`, `45.6`, `789`, `0.0012`.
pub fn digits(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 {
        return "0".to_owned();
    }
    if size < 1e-4 {
        return format!("{value:.1e}");
    }
    // Where the number lies decides how many places are worth reading.
    let before = size.log10().floor() as i32;
    let places = (2 - before).clamp(0, 6) as usize;
    let text = format!("{value:.places$}");
    if !text.contains('.') {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn decimal(value: f64) -> String {
    scaled(value, 1000.0, &["", "k", "M", "G", "T", "P"])
}

fn binary(value: f64) -> String {
    scaled(value, 1024.0, &["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"])
}

fn scaled(value: f64, step: f64, names: &[&str]) -> String {
    let (mut value, mut at) = (value, 0);
    // What would be written as 1000 belongs to the next name.
    while value.abs() >= step - 0.5 && at + 1 < names.len() {
        value /= step;
        at += 1;
    }
    format!(
        "{}{}",
        digits(value),
        names.get(at).copied().unwrap_or_default()
    )
}

fn seconds(value: f64) -> String {
    let size = value.abs();
    let (value, name) = if size >= 2.0 * DAY {
        (value / DAY, " d")
    } else if size >= 2.0 * HOUR {
        (value / HOUR, " h")
    } else if size >= 2.0 * MINUTE {
        (value / MINUTE, " min")
    } else if size >= 0.9995 || size == 0.0 {
        (value, " s")
    } else if size >= 0.000_999_5 {
        (value * 1e3, " ms")
    } else {
        (value * 1e6, " µs")
    };
    format!("{}{name}", digits(value))
}
