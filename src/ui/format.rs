//! How ages, amounts and shares are written. Pure: the same number is always the same text.

use std::borrow::Cow;

use crate::model::Moment;

const MINUTE: u32 = 60;
const HOUR: u32 = 60 * MINUTE;
const DAY: u32 = 24 * HOUR;
const YEAR: u32 = 365 * DAY;

/// What changes by itself on a calm screen changes in steps of so many seconds of the clock, all of it at once.
const TOGETHER: i64 = 30;

/// An age in seconds, much as kubectl prints it: `58s`, `4m`, `3h12m`, `6d`. Seconds end after two minutes: what is on
/// screen is read at a glance, and a calm screen stays calm.
/// Source: k8s.io/apimachinery/pkg/util/duration, "HumanDuration".
pub fn age(seconds: u32) -> String {
    let two = |big: u32, unit: char, small: u32, small_unit: char| {
        if small == 0 {
            format!("{big}{unit}")
        } else {
            format!("{big}{unit}{small}{small_unit}")
        }
    };
    match seconds {
        0..120 => format!("{seconds}s"),
        120..10_800 => format!("{}m", seconds / MINUTE),
        10_800..28_800 => two(seconds / HOUR, 'h', seconds % HOUR / MINUTE, 'm'),
        28_800..172_800 => format!("{}h", seconds / HOUR),
        172_800..691_200 => two(seconds / DAY, 'd', seconds % DAY / HOUR, 'h'),
        691_200..63_072_000 => format!("{}d", seconds / DAY),
        63_072_000..252_288_000 => two(seconds / YEAR, 'y', seconds % YEAR / DAY, 'd'),
        _ => format!("{}y", seconds / YEAR),
    }
}

/// In how many seconds [`age`] reads otherwise.
pub fn age_changes_in(seconds: u32) -> u32 {
    let step = match seconds {
        0..120 => 1,
        120..28_800 => MINUTE,
        28_800..691_200 => HOUR,
        _ => DAY,
    };
    // Between two minutes and eight hours, and between two and eight days, the smaller unit shows or rounds.
    step - seconds % step
}

/// An age in its largest unit alone, for where it stands beside something else: `58s`, `4m`, `3h`, `6d`.
pub fn about(seconds: u32) -> String {
    match seconds {
        0..MINUTE => format!("{seconds}s"),
        MINUTE..HOUR => format!("{}m", seconds / MINUTE),
        HOUR..DAY => format!("{}h", seconds / HOUR),
        _ => format!("{}d", seconds / DAY),
    }
}

/// In how many seconds [`about`] reads otherwise.
pub fn about_changes_in(seconds: u32) -> u32 {
    let step = match seconds {
        0..MINUTE => 1,
        MINUTE..HOUR => MINUTE,
        HOUR..DAY => HOUR,
        _ => DAY,
    };
    step - seconds % step
}

/// The age of a moment, or nothing where there is none.
pub fn since(moment: Option<Moment>, now: Moment) -> Cow<'static, str> {
    moment.map_or(Cow::Borrowed(""), |moment| Cow::Owned(age(moment.age(now))))
}

/// When the age of `moment` is to be shown anew after `now`: as soon as it reads otherwise while it counts seconds, and
/// up to half a minute later where it does not.
pub fn changes_at(moment: Moment, now: Moment) -> Option<Moment> {
    next_change(moment, now, age_changes_in, 2 * MINUTE)
}

/// As [`changes_at`], for an age in its largest unit.
pub fn about_changes_at(moment: Moment, now: Moment) -> Option<Moment> {
    next_change(moment, now, about_changes_in, MINUTE)
}

/// `seconds` says up to which age an age counts seconds.
fn next_change(
    moment: Moment,
    now: Moment,
    changes_in: fn(u32) -> u32,
    seconds: u32,
) -> Option<Moment> {
    let ahead = moment.second() - now.second();
    if ahead > 0 {
        return Moment::from_second(moment.second() + 1);
    }
    let age = moment.age(now);
    let change = now.second() + i64::from(changes_in(age));
    let wait = if age < seconds {
        0
    } else {
        (-change).rem_euclid(TOGETHER)
    };
    Moment::from_second(change + wait)
}

/// CPU in thousandths of a core: `3m`, `1.5`, `12`.
pub fn cores(millicores: u32) -> String {
    if millicores < 1000 {
        return format!("{millicores}m");
    }
    let tenths = (u64::from(millicores) + 50) / 100;
    if tenths.is_multiple_of(10) {
        format!("{}", tenths / 10)
    } else {
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}

/// Memory or size in bytes: `512`, `6Mi`, `1.2Gi`.
pub fn bytes(bytes: u64) -> String {
    let mut unit = 0;
    let mut tenths = u128::from(bytes) * 10;
    // A number that would read 1024 belongs to the next unit.
    while tenths >= 10_235 && unit < UNITS.len() - 1 {
        unit += 1;
        let size = 1_u128 << (10 * unit);
        tenths = (u128::from(bytes) * 10 + size / 2) / size;
    }
    let name = UNITS.get(unit).copied().unwrap_or_default();
    // Parts of a mebibyte tell an operator nothing; parts of a gibibyte do.
    if unit < 3 || tenths >= 1000 || tenths.is_multiple_of(10) {
        format!("{}{name}", (tenths + 5) / 10)
    } else {
        format!("{}.{}{name}", tenths / 10, tenths % 10)
    }
}

const UNITS: [&str; 7] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/// A share as a whole per cent: `15 %`.
pub fn percent(share: f64) -> String {
    format!("{} %", whole_percent(share))
}

/// A share as a whole number of per cent, at most 99,999.
pub fn whole_percent(share: f64) -> u32 {
    (share.clamp(0.0, 999.99) * 100.0).round() as u32
}

/// Images without their registries, which all have in common: `shop:1.8` of `registry.example.com/team/shop:1.8`.
pub fn images(images: &str) -> Cow<'_, str> {
    let last = |image: &str| image.rfind('/').map_or(0, |at| at + 1);
    if images.contains(',') {
        let short = images
            .split(',')
            .map(|image| image.get(last(image)..).unwrap_or(image));
        Cow::Owned(short.collect::<Vec<_>>().join(","))
    } else {
        Cow::Borrowed(images.get(last(images)..).unwrap_or(images))
    }
}

/// `1 pod`, `3 pods`.
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
