//! Overlays: what lies over a screen and takes the keys until it is closed.

mod filter;
mod help;
mod log_prompt;
mod palette;
mod picker;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Ui;
use super::commands::{Command, Layer};
use super::input::{Effect, Gesture, Mouse};
use super::keymap::Found;
use super::layout::{Areas, cut_rows, popup};
use super::theme::Part;
use super::widgets::finder::{Finder, boxed};
use super::widgets::line::{Line, clear};
use crate::config::{Chord, KeyCode};
use crate::model::Moment;
use crate::store::Store;

pub(crate) use filter::Prompt;
pub(crate) use help::Help;
pub(crate) use log_prompt::LogPrompt;
pub(crate) use palette::Palette;
pub(crate) use picker::{Picker, Purpose};

/// What lies over the screen.
pub(crate) enum Overlay {
    Palette(Palette),
    /// A filter of rows, or a search in text.
    Prompt(Prompt),
    /// What is typed about logs.
    LogPrompt(LogPrompt),
    Help(Help),
    Picker(Picker),
    /// The program's own log, which the app draws into [`Ui::own_log_area`].
    OwnLog,
}

/// What an overlay wants after a key.
pub(super) enum Next {
    Stay,
    Close,
    /// Close, and do this.
    Run(Command),
    /// Close, and go where this line of the palette leads.
    Line(String),
    Effects(Vec<Effect>),
    CloseWith(Vec<Effect>),
}

/// Gives a key to the overlay that is open.
pub(super) fn key(ui: &mut Ui, store: &Store, chord: Chord, now: Moment) -> Vec<Effect> {
    let layers: &[Layer] = match ui.overlay {
        Some(Overlay::OwnLog) => &[Layer::Everywhere],
        _ => &[Layer::Prompt],
    };
    ui.pending.push(chord);
    let found = ui.keymap.resolve(layers, &ui.pending);
    if found == Found::Pending {
        return Vec::new();
    }
    ui.pending.clear();
    let Some(mut overlay) = ui.overlay.take() else {
        return Vec::new();
    };
    let next = match found {
        Found::Command(command) => overlay.command(ui, store, command, now),
        _ => match chord.key {
            KeyCode::Char(character) if !chord.ctrl && !chord.alt => {
                overlay.insert(ui, store, &character.to_string(), now)
            }
            _ => Next::Stay,
        },
    };
    follow(ui, store, overlay, next, now)
}

/// Gives pasted text to the overlay that is open; false if none takes text.
pub(super) fn paste(ui: &mut Ui, store: &Store, text: &str, now: Moment) -> bool {
    let Some(mut overlay) = ui.overlay.take() else {
        return false;
    };
    let takes = !matches!(overlay, Overlay::OwnLog);
    let next = overlay.insert(ui, store, text, now);
    follow(ui, store, overlay, next, now);
    takes
}

fn follow(ui: &mut Ui, store: &Store, overlay: Overlay, next: Next, now: Moment) -> Vec<Effect> {
    match next {
        Next::Stay => {
            ui.overlay = Some(overlay);
            Vec::new()
        }
        Next::Effects(effects) => {
            ui.overlay = Some(overlay);
            effects
        }
        Next::Close => Vec::new(),
        Next::CloseWith(effects) => effects,
        Next::Run(command) => ui.command(store, command, now),
        Next::Line(line) => ui.go(store, &line, now),
    }
}

/// Gives the mouse to the overlay that is open.
pub(super) fn mouse(ui: &mut Ui, store: &Store, mouse: Mouse, now: Moment) -> Vec<Effect> {
    let Some(areas) = ui.areas else {
        return Vec::new();
    };
    let Some(mut overlay) = ui.overlay.take() else {
        return Vec::new();
    };
    let (x, y) = (mouse.column, mouse.row);
    let next = match mouse.gesture {
        Gesture::ScrollDown => overlay.command(ui, store, Command::NextItem, now),
        Gesture::ScrollUp => overlay.command(ui, store, Command::PreviousItem, now),
        Gesture::Press => match overlay.finder_at(areas) {
            Some((finder, area, list)) => match finder.item_at(list, x, y) {
                Some(item) if finder.selected == Some(item) => {
                    overlay.command(ui, store, Command::Accept, now)
                }
                Some(item) => {
                    finder.selected = Some(item);
                    overlay.chosen()
                }
                None if area.contains((x, y).into()) => Next::Stay,
                None => overlay.command(ui, store, Command::Cancel, now),
            },
            None => Next::Stay,
        },
        _ => Next::Stay,
    };
    follow(ui, store, overlay, next, now)
}

/// Draws the overlay that is open and returns where the text cursor stands.
pub(super) fn draw(ui: &Ui, store: &Store, areas: Areas, buf: &mut Buffer) -> Option<(u16, u16)> {
    match ui.overlay.as_ref()? {
        Overlay::Palette(palette) => palette.draw(ui, areas, buf),
        Overlay::Prompt(prompt) => prompt.draw(ui, areas.footer, buf),
        Overlay::LogPrompt(prompt) => prompt.draw(ui, store, areas.footer, buf),
        Overlay::Help(help) => help.draw(ui, areas, buf),
        Overlay::Picker(picker) => {
            picker.draw(ui, areas, buf);
            None
        }
        Overlay::OwnLog => {
            clear(buf, areas.body, ui.theme.part(Part::Overlay));
            boxed(&ui.theme, "quarterdeck's own log", areas.body, buf);
            None
        }
    }
}

impl Overlay {
    fn command(&mut self, ui: &mut Ui, store: &Store, command: Command, now: Moment) -> Next {
        match self {
            Self::Palette(palette) => palette.command(ui, store, command),
            Self::Prompt(prompt) => prompt.command(ui, store, command, now),
            Self::LogPrompt(prompt) => prompt.command(ui, store, command, now),
            Self::Help(help) => help.command(ui, command),
            Self::Picker(picker) => picker.command(ui, command, now),
            Self::OwnLog => match command {
                Command::Back | Command::Close | Command::OwnLog => Next::Close,
                Command::Quit | Command::Suspend | Command::Palette => Next::Run(command),
                _ => Next::Stay,
            },
        }
    }

    fn insert(&mut self, ui: &mut Ui, store: &Store, text: &str, now: Moment) -> Next {
        match self {
            Self::Palette(palette) => palette.insert(ui, store, text),
            Self::Prompt(prompt) => prompt.insert(ui, store, text, now),
            Self::LogPrompt(prompt) => prompt.insert(ui, text),
            Self::Help(help) => help.insert(text),
            Self::Picker(_) | Self::OwnLog => Next::Stay,
        }
    }

    /// The list of the overlay with its whole area and that of its rows.
    fn finder_at(&mut self, areas: Areas) -> Option<(&mut Finder, Rect, Rect)> {
        match self {
            Self::Palette(palette) => {
                let (area, list) = Palette::places(areas);
                Some((&mut palette.finder, area, list))
            }
            Self::Picker(picker) => {
                let (area, list) = picker.places(areas);
                Some((&mut picker.finder, area, list))
            }
            Self::Prompt(_) | Self::LogPrompt(_) | Self::Help(_) | Self::OwnLog => None,
        }
    }

    /// What follows when an item was chosen by the mouse but not taken.
    fn chosen(&self) -> Next {
        match self {
            Self::Picker(picker) => picker.preview(),
            _ => Next::Stay,
        }
    }
}

impl Ui {
    /// Where the app draws the program's own log, while it is open.
    pub fn own_log_area(&self) -> Option<Rect> {
        let areas = self.areas?;
        matches!(self.overlay, Some(Overlay::OwnLog)).then(|| inside(areas.body))
    }
}

/// What is inside a box.
pub(super) fn inside(area: Rect) -> Rect {
    Rect {
        x: area.x + 1,
        y: area.y + 1,
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(2),
    }
}

/// A popup with room for a line of input and this many rows: the box, the input, the rows.
pub(super) fn input_box(areas: Areas, width: u16, rows: usize) -> (Rect, Rect, Rect) {
    let height = (rows as u16).saturating_add(3).min(areas.body.height);
    let area = popup(areas.body, width, height);
    let (input, list) = cut_rows(inside(area), 1);
    (area, input, list)
}

/// Draws a line of input behind a sign, and returns where the cursor stands.
pub(super) fn input_line(
    ui: &Ui,
    sign: &str,
    finder: &Finder,
    area: Rect,
    buf: &mut Buffer,
) -> Option<(u16, u16)> {
    let style = ui.theme.part(Part::Input);
    buf.set_style(area.intersection(buf.area), style);
    let mut line = Line::new(buf, area);
    line.skip(1).put(sign, ui.theme.part(Part::Key));
    let x = line.x();
    let place = Rect {
        x,
        width: area.right().saturating_sub(x),
        ..area
    };
    finder.field.draw(buf, place, style)
}
