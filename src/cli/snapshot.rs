//! A drawn frame as text, as text with colours, or as a picture.

pub mod ansi;
pub mod svg;

use ratatui::buffer::{Buffer, Cell};
use unicode_width::UnicodeWidthStr;

use super::parse::Picture;
use crate::ui::theme::Theme;

/// A frame in the form that was asked for.
pub fn render(buffer: &Buffer, picture: Picture, theme: &Theme, title: &str) -> String {
    match picture {
        Picture::Text => text(buffer),
        Picture::Ansi => ansi::render(buffer),
        Picture::Svg => svg::render(buffer, theme, title),
    }
}

/// The characters alone, without blanks at the end of lines.
pub fn text(buffer: &Buffer) -> String {
    let mut text = String::new();
    for line in lines(buffer) {
        let mut row = String::new();
        for (_, cell) in visible(line) {
            row.push_str(cell.symbol());
        }
        text.push_str(row.trim_end());
        text.push('\n');
    }
    text
}

/// The lines of a frame.
fn lines(buffer: &Buffer) -> impl Iterator<Item = &[Cell]> {
    buffer.content.chunks(usize::from(buffer.area.width).max(1))
}

/// Cells with their column, without those that a wide character before them covers.
fn visible(line: &[Cell]) -> impl Iterator<Item = (usize, &Cell)> {
    let mut covered = 0;
    line.iter().enumerate().filter(move |(_, cell)| {
        if covered > 0 {
            covered -= 1;
            return false;
        }
        covered = cell.symbol().width().saturating_sub(1);
        true
    })
}
