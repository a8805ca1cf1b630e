//! Text with colours: what a terminal shows as the same frame.

use std::fmt::Write;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier, Style};

use super::{lines, visible};

const RESET: &str = "\u{1b}[0m";

/// A frame with escape sequences; every line ends in the terminal's own style.
pub fn render(buffer: &Buffer) -> String {
    let mut text = String::new();
    for line in lines(buffer) {
        let mut before: Option<Style> = None;
        for (_, cell) in visible(line) {
            let style = style_of(cell);
            if before != Some(style) {
                push_style(&mut text, style);
                before = Some(style);
            }
            text.push_str(cell.symbol());
        }
        text.push_str(RESET);
        text.push('\n');
    }
    text
}

/// Adds text in a style, after which everything is as before.
pub fn push_styled(text: &mut String, content: &str, style: Style) {
    let plain = |color: Option<Color>| color.is_none_or(|color| color == Color::Reset);
    if plain(style.fg) && plain(style.bg) && style.add_modifier.is_empty() {
        text.push_str(content);
        return;
    }
    push_style(text, style);
    text.push_str(content);
    text.push_str(RESET);
}

fn style_of(cell: &Cell) -> Style {
    Style::new()
        .fg(cell.fg)
        .bg(cell.bg)
        .add_modifier(cell.modifier)
}

/// Adds the sequence that sets exactly this style.
fn push_style(text: &mut String, style: Style) {
    text.push_str("\u{1b}[0");
    for (modifier, code) in [
        (Modifier::BOLD, 1),
        (Modifier::DIM, 2),
        (Modifier::ITALIC, 3),
        (Modifier::UNDERLINED, 4),
        (Modifier::REVERSED, 7),
        (Modifier::CROSSED_OUT, 9),
    ] {
        if style.add_modifier.contains(modifier) {
            let _ = write!(text, ";{code}");
        }
    }
    for (color, ground) in [(style.fg, 0), (style.bg, 10)] {
        push_color(text, color.unwrap_or(Color::Reset), ground);
    }
    text.push('m');
}

/// Adds a colour; backgrounds are ten above.
fn push_color(text: &mut String, color: Color, ground: u8) {
    let code = match color {
        Color::Reset => return,
        Color::Rgb(red, green, blue) => {
            let _ = write!(text, ";{};2;{red};{green};{blue}", 38 + ground);
            return;
        }
        Color::Indexed(at) => {
            let _ = write!(text, ";{};5;{at}", 38 + ground);
            return;
        }
        Color::Black => 30,
        Color::Red => 31,
        Color::Green => 32,
        Color::Yellow => 33,
        Color::Blue => 34,
        Color::Magenta => 35,
        Color::Cyan => 36,
        Color::Gray => 37,
        Color::DarkGray => 90,
        Color::LightRed => 91,
        Color::LightGreen => 92,
        Color::LightYellow => 93,
        Color::LightBlue => 94,
        Color::LightMagenta => 95,
        Color::LightCyan => 96,
        Color::White => 97,
    };
    let _ = write!(text, ";{}", code + ground);
}
