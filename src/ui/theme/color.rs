//! Arithmetic with colours: contrast, and the nearest that a smaller palette has.

use ratatui::style::Color;

/// Levels of red, green and blue in the cube of the 256 colours.
const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// Reads `#rrggbb` and `#rgb`.
pub(super) fn hex(text: &str) -> Option<Color> {
    let digits = text.strip_prefix('#')?;
    let number = u32::from_str_radix(digits, 16).ok()?;
    let (red, green, blue) = match digits.len() {
        6 => (number >> 16, number >> 8 & 0xff, number & 0xff),
        3 => (
            (number >> 8) * 17,
            (number >> 4 & 0xf) * 17,
            (number & 0xf) * 17,
        ),
        _ => return None,
    };
    Some(Color::Rgb(red as u8, green as u8, blue as u8))
}

/// The contrast of two colours by WCAG, from 1 to 21; none if the look of one is the terminal's own affair.
pub fn contrast(one: Color, other: Color) -> Option<f64> {
    let (one, other) = (luminance(one)?, luminance(other)?);
    Some((one.max(other) + 0.05) / (one.min(other) + 0.05))
}

/// One colour with so many thousandths of another; none if the look of one is the terminal's own affair.
pub(super) fn mix(ground: Color, other: Color, thousandths: u16) -> Option<Color> {
    let (Color::Rgb(r, g, b), Color::Rgb(red, green, blue)) = (ground, other) else {
        return None;
    };
    let part = |ground: u8, other: u8| {
        let (ground, other) = (u32::from(ground), u32::from(other));
        let share = u32::from(thousandths.min(1000));
        ((ground * (1000 - share) + other * share) / 1000) as u8
    };
    Some(Color::Rgb(part(r, red), part(g, green), part(b, blue)))
}

/// Whether a colour is a light one, as a background.
pub(super) fn light(color: Color) -> bool {
    luminance(color).is_some_and(|luminance| luminance > 0.4)
}

/// The nearest of the 256 colours; the first 16 are left out because users change them.
pub(super) fn indexed(red: u8, green: u8, blue: u8) -> Color {
    let cube = |value: u8| {
        LEVELS
            .iter()
            .enumerate()
            .min_by_key(|(_, level)| level.abs_diff(value))
            .map_or((0, 0), |(at, level)| (at as u8, *level))
    };
    let (r, g, b) = (cube(red), cube(green), cube(blue));
    let distance = |one: (u8, u8, u8)| {
        // Red and blue weigh less to the eye than green.
        let part = |a: u8, b: u8, weight: u32| weight * u32::from(a.abs_diff(b)).pow(2);
        part(one.0, red, 3) + part(one.1, green, 6) + part(one.2, blue, 2)
    };
    let mean = (u16::from(red) + u16::from(green) + u16::from(blue)) / 3;
    let step = (mean.saturating_sub(3) / 10).min(23) as u8;
    let grey = 8 + 10 * step;
    if distance((grey, grey, grey)) < distance((r.1, g.1, b.1)) {
        Color::Indexed(232 + step)
    } else {
        Color::Indexed(16 + 36 * r.0 + 6 * g.0 + b.0)
    }
}

/// The one of the terminal's own colours that means the same. Greys become the terminal's text colour.
pub(super) fn ansi(red: u8, green: u8, blue: u8, on_light: bool) -> Color {
    let (most, least) = (red.max(green).max(blue), red.min(green).min(blue));
    let spread = f64::from(most - least);
    if spread < 56.0 {
        return Color::Reset;
    }
    let (r, g, b) = (f64::from(red), f64::from(green), f64::from(blue));
    let hue = if most == red {
        60.0 * (g - b) / spread
    } else if most == green {
        60.0 * (b - r) / spread + 120.0
    } else {
        60.0 * (r - g) / spread + 240.0
    };
    match hue.rem_euclid(360.0) as u16 {
        0..18 | 340..=360 => Color::Red,
        // The usual yellow cannot be read on white.
        18..72 if on_light => Color::Magenta,
        18..72 => Color::Yellow,
        72..165 => Color::Green,
        165..215 => Color::Cyan,
        215..265 if on_light => Color::Blue,
        // The usual blue cannot be read on black.
        215..265 => Color::LightBlue,
        _ => Color::Magenta,
    }
}

fn luminance(color: Color) -> Option<f64> {
    let (red, green, blue) = match color {
        Color::Rgb(red, green, blue) => (red, green, blue),
        Color::Indexed(at @ 16..=231) => {
            let at = at - 16;
            let level = |at: u8| LEVELS.get(usize::from(at)).copied();
            (level(at / 36)?, level(at / 6 % 6)?, level(at % 6)?)
        }
        Color::Indexed(at @ 232..) => {
            let grey = 8 + 10 * (at - 232);
            (grey, grey, grey)
        }
        _ => return None,
    };
    let linear = |value: u8| {
        let value = f64::from(value) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    Some(0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue))
}
