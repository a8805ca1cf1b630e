//! Bars of eighth blocks: how much of something is used.

const EIGHTHS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// The character of a bar's cell: `at` counts cells from the left of a bar that is `width` cells wide.
/// Anything above nothing shows at least a sliver.
pub fn cell(share: f32, width: u16, at: u16, ascii: bool) -> char {
    let full = u32::from(width) * 8;
    let share = if share.is_finite() { share } else { 0.0 };
    let exact = share.clamp(0.0, 1.0) * full as f32;
    let eighths = if exact > 0.0 {
        (exact.round() as u32).max(1)
    } else {
        0
    };
    let here = eighths.saturating_sub(u32::from(at) * 8).min(8);
    if ascii {
        return if here >= 4 || here > 0 && at == 0 {
            '#'
        } else {
            ' '
        };
    }
    EIGHTHS.get(here as usize).copied().unwrap_or('█')
}

/// A bar as text, always `width` cells wide.
pub fn text(share: f32, width: u16) -> String {
    (0..width).map(|at| cell(share, width, at, false)).collect()
}

/// What a block character becomes where only ASCII can be shown.
pub fn plain(character: char) -> Option<char> {
    match character {
        '█' | '▉' | '▊' | '▋' | '▌' | '▍' | '▎' | '▏' => Some('#'),
        '…' | '◐' => Some('~'),
        '–' => Some('-'),
        '→' | '▸' => Some('>'),
        '✗' => Some('X'),
        '▲' => Some('!'),
        '●' => Some('*'),
        '◌' | '·' => Some('.'),
        _ => None,
    }
}
