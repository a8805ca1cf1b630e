//! A frame as a picture: a window with round corners, every cell in its place of a grid, no outside files.

use std::fmt::Write;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

use super::{lines, visible};
use crate::ui::theme::{Part, Theme};

/// A cell in pixels. `textLength` holds every run to it, whichever font is there.
const CELL_WIDTH: f64 = 8.4;
const CELL_HEIGHT: f64 = 18.0;
const FONT_SIZE: f64 = 14.0;
/// From the top of a cell to the line that letters stand on.
const BASE: f64 = 13.5;
const PADDING: f64 = 14.0;
/// The bar with the window's buttons and title.
const BAR: f64 = 34.0;
const FONTS: &str = "'JetBrains Mono','Cascadia Mono','SF Mono',Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace";
/// What a terminal's own colours look like in the picture.
const OWN: [&str; 16] = [
    "#15181e", "#e06c75", "#8cc570", "#e0b060", "#61a8e8", "#c678dd", "#56b6c2", "#c8ccd4",
    "#6b7280", "#ff8078", "#a5e08a", "#f2cf80", "#8cc4ff", "#e0a0f5", "#7fd8e2", "#ffffff",
];
const OWN_TEXT: &str = "#d3dae4";
const OWN_GROUND: &str = "#12161d";

/// Cells next to each other that look the same.
struct Run {
    column: usize,
    cells: usize,
    text: String,
    ink: String,
    ground: String,
    modifier: Modifier,
}

/// A frame as an SVG file.
pub fn render(buffer: &Buffer, theme: &Theme, title: &str) -> String {
    let paper = theme.part(Part::Background);
    let ground = hex(paper.bg.unwrap_or(Color::Reset), OWN_GROUND);
    let ink = hex(paper.fg.unwrap_or(Color::Reset), OWN_TEXT);
    let width = f64::from(buffer.area.width) * CELL_WIDTH + 2.0 * PADDING;
    let height = f64::from(buffer.area.height) * CELL_HEIGHT + BAR + PADDING;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
         height=\"{height:.0}\" role=\"img\" aria-label=\"{title}\">\n\
         <rect x=\"0.5\" y=\"0.5\" width=\"{w:.0}\" height=\"{h:.0}\" rx=\"10\" fill=\"{ground}\" \
         stroke=\"{ink}\" stroke-opacity=\"0.25\"/>\n",
        w = width - 1.0,
        h = height - 1.0,
        title = escape(title),
    );
    for (at, fill) in ["#ff5f57", "#febc2e", "#28c840"].iter().enumerate() {
        let x = 20.0 + 20.0 * at as f64;
        let _ = writeln!(
            svg,
            "<circle cx=\"{x}\" cy=\"17\" r=\"6\" fill=\"{fill}\"/>"
        );
    }
    let _ = writeln!(
        svg,
        "<text x=\"{:.0}\" y=\"22\" text-anchor=\"middle\" font-family=\"{FONTS}\" font-size=\"13\" fill=\"{ink}\" \
         fill-opacity=\"0.7\">{}</text>",
        width / 2.0,
        escape(title),
    );
    let _ = writeln!(
        svg,
        "<g font-family=\"{FONTS}\" font-size=\"{FONT_SIZE}\" xml:space=\"preserve\">"
    );
    for (row, line) in lines(buffer).enumerate() {
        let top = BAR + row as f64 * CELL_HEIGHT;
        let runs = runs(line, &ink, &ground);
        push_grounds(&mut svg, &runs, top, &ground);
        for run in &runs {
            push_text(&mut svg, run, top);
        }
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

fn runs(line: &[Cell], ink: &str, ground: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (column, cell) in visible(line) {
        let (mut front, mut back) = (hex(cell.fg, ink), hex(cell.bg, ground));
        let mut modifier = cell.modifier;
        if modifier.contains(Modifier::REVERSED) {
            std::mem::swap(&mut front, &mut back);
            modifier.remove(Modifier::REVERSED);
        }
        let cells = cell.symbol().width().max(1);
        match runs.last_mut() {
            Some(run)
                if run.ink == front
                    && run.ground == back
                    && run.modifier == modifier
                    && run.column + run.cells == column =>
            {
                run.text.push_str(cell.symbol());
                run.cells += cells;
            }
            _ => runs.push(Run {
                column,
                cells,
                text: cell.symbol().to_owned(),
                ink: front,
                ground: back,
                modifier,
            }),
        }
    }
    runs
}

/// Runs on the same ground share one area, so that no seam shows between them.
fn push_grounds(svg: &mut String, runs: &[Run], top: f64, paper: &str) {
    for area in runs.chunk_by(|one, other| one.ground == other.ground) {
        let Some(first) = area.first().filter(|run| run.ground != paper) else {
            continue;
        };
        let cells: usize = area.iter().map(|run| run.cells).sum();
        let _ = writeln!(
            svg,
            "<rect x=\"{:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{CELL_HEIGHT}\" fill=\"{}\" \
             shape-rendering=\"crispEdges\"/>",
            PADDING + first.column as f64 * CELL_WIDTH,
            cells as f64 * CELL_WIDTH,
            first.ground,
        );
    }
}

fn push_text(svg: &mut String, run: &Run, top: f64) {
    let x = PADDING + run.column as f64 * CELL_WIDTH;
    if run.text.trim().is_empty() {
        return;
    }
    // Leading blanks are skipped by place, since viewers differ in how they keep them.
    let blanks = run
        .text
        .chars()
        .take_while(|character| *character == ' ')
        .count();
    let text = run.text.trim_matches(' ');
    let trailing = run.text.len() - run.text.trim_end_matches(' ').len();
    let cells = run.cells - blanks - trailing;
    let mut looks = String::new();
    for (modifier, attribute) in [
        (Modifier::BOLD, " font-weight=\"700\""),
        (Modifier::DIM, " fill-opacity=\"0.6\""),
        (Modifier::ITALIC, " font-style=\"italic\""),
        (Modifier::UNDERLINED, " text-decoration=\"underline\""),
    ] {
        if run.modifier.contains(modifier) {
            looks.push_str(attribute);
        }
    }
    let _ = writeln!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" textLength=\"{:.1}\" lengthAdjust=\"spacingAndGlyphs\" fill=\"{}\"{looks}>{}</text>",
        x + blanks as f64 * CELL_WIDTH,
        top + BASE,
        cells as f64 * CELL_WIDTH,
        run.ink,
        escape(text),
    );
}

/// A colour as SVG writes it; the terminal's own colours have a look of ours.
fn hex(color: Color, own: &str) -> String {
    let named = |at: usize| OWN.get(at).map_or(own, |hex| *hex).to_owned();
    match color {
        Color::Reset => own.to_owned(),
        Color::Rgb(red, green, blue) => format!("#{red:02x}{green:02x}{blue:02x}"),
        Color::Indexed(at @ 0..=15) => named(usize::from(at)),
        Color::Indexed(at @ 16..=231) => {
            let level = |part: u8| if part == 0 { 0 } else { 55 + 40 * part };
            let at = at - 16;
            format!(
                "#{:02x}{:02x}{:02x}",
                level(at / 36),
                level(at / 6 % 6),
                level(at % 6)
            )
        }
        Color::Indexed(at) => {
            let grey = 8 + 10 * (at - 232);
            format!("#{grey:02x}{grey:02x}{grey:02x}")
        }
        Color::Black => named(0),
        Color::Red => named(1),
        Color::Green => named(2),
        Color::Yellow => named(3),
        Color::Blue => named(4),
        Color::Magenta => named(5),
        Color::Cyan => named(6),
        Color::Gray => named(7),
        Color::DarkGray => named(8),
        Color::LightRed => named(9),
        Color::LightGreen => named(10),
        Color::LightYellow => named(11),
        Color::LightBlue => named(12),
        Color::LightMagenta => named(13),
        Color::LightCyan => named(14),
        Color::White => named(15),
    }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // XML has no room for controls, and sanitised text has none.
            character if character.is_control() => escaped.push(' '),
            character => escaped.push(character),
        }
    }
    escaped
}
