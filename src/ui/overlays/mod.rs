//! Overlays: what lies over a screen and takes the keys until it is closed.

mod dialog;
mod filter;
mod follow;
mod help;
mod journal;
mod menu;
mod palette;
mod picker;
mod unlock;

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

pub(crate) use dialog::Dialog;
pub(crate) use filter::Prompt;
pub(crate) use follow::Follow;
pub(crate) use help::Help;
pub(crate) use journal::Journal;
pub(crate) use menu::Menu;
pub(crate) use palette::Palette;
pub(crate) use picker::{Picker, Purpose};
pub(crate) use unlock::Unlock;

/// What lies over the screen.
pub(crate) enum Overlay {
    Palette(Palette),
    /// A filter of rows, or a search in text.
    Prompt(Prompt),
    Help(Help),
    Picker(Picker),
    /// An action about to be confirmed.
    Dialog(Box<Dialog>),
    Menu(Menu),
    /// How an action gets on; the table keeps its keys.
    Follow(Follow),
    Journal(Journal),
    Unlock(Unlock),
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
    let types = match &ui.overlay {
        Some(Overlay::Dialog(dialog)) => match chord.key {
            KeyCode::Char(typed) if !chord.ctrl && !chord.alt => {
                dialog.takes(ui, store, typed, now)
            }
            _ => false,
        },
        Some(Overlay::Menu(_) | Overlay::Unlock(_)) => false,
        _ => true,
    };
    let layers: &[Layer] = match ui.overlay {
        Some(Overlay::OwnLog) => &[Layer::Everywhere],
        Some(Overlay::Follow(_)) => ui.layers(),
        Some(Overlay::Dialog(_) | Overlay::Unlock(_)) if !types => {
            &[Layer::Dialog, Layer::Prompt, Layer::Everywhere]
        }
        _ => &[Layer::Prompt],
    };
    ui.pending.push(chord);
    let found = ui.keymap.resolve(layers, &ui.pending);
    if found == Found::Pending {
        return Vec::new();
    }
    ui.pending.clear();
    if let (Some(Overlay::Follow(_)), Found::Command(command)) = (&ui.overlay, found) {
        return beside(ui, store, command, now);
    }
    let Some(mut overlay) = ui.overlay.take() else {
        return Vec::new();
    };
    let next = match found {
        Found::Command(command) => overlay.command(ui, store, command, now),
        _ => match chord.key {
            KeyCode::Char(character) if !chord.ctrl && !chord.alt => {
                overlay.insert(ui, store, (&character.to_string(), false), now)
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
    let takes = !matches!(
        overlay,
        Overlay::OwnLog | Overlay::Menu(_) | Overlay::Follow(_) | Overlay::Unlock(_)
    );
    let next = overlay.insert(ui, store, (text, true), now);
    follow(ui, store, overlay, next, now);
    takes
}

/// Carries out a command of the screen beside the panel of an action, which stays.
fn beside(ui: &mut Ui, store: &Store, command: Command, now: Moment) -> Vec<Effect> {
    if Follow::command(command).is_some() {
        ui.overlay = None;
        return Vec::new();
    }
    // Commands of actions mean the one that is shown, so the panel is there while they look.
    let before = match &ui.overlay {
        Some(Overlay::Follow(follow)) => follow.id,
        _ => return Vec::new(),
    };
    let effects = ui.command(store, command, now);
    if ui.overlay.is_none() {
        ui.overlay = Some(Overlay::Follow(Follow { id: before }));
    }
    effects
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
pub(super) fn draw(
    ui: &Ui,
    store: &Store,
    areas: Areas,
    now: Moment,
    buf: &mut Buffer,
) -> Option<(u16, u16)> {
    match ui.overlay.as_ref()? {
        Overlay::Palette(palette) => palette.draw(ui, areas, buf),
        Overlay::Prompt(prompt) => prompt.draw(ui, areas.footer, buf),
        Overlay::Help(help) => help.draw(ui, areas, buf),
        Overlay::Picker(picker) => {
            picker.draw(ui, areas, buf);
            None
        }
        Overlay::Dialog(dialog) => dialog.draw(ui, store, areas, now, buf),
        Overlay::Menu(menu) => {
            menu.draw(ui, areas, buf);
            None
        }
        Overlay::Follow(follow) => {
            follow.draw(ui, areas, buf);
            None
        }
        Overlay::Journal(journal) => journal.draw(ui, areas, buf),
        Overlay::Unlock(unlock) => {
            unlock.draw(ui, areas, buf);
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
            Self::Help(help) => help.command(ui, command),
            Self::Picker(picker) => picker.command(ui, command, now),
            Self::Dialog(dialog) => dialog.command(ui, store, command, now),
            Self::Menu(menu) => menu.command(command),
            Self::Journal(journal) => journal.command(ui, command),
            Self::Unlock(unlock) => unlock.command(ui, command),
            Self::Follow(_) => Follow::command(command).unwrap_or(Next::Stay),
            Self::OwnLog => match command {
                Command::Back | Command::Close | Command::OwnLog => Next::Close,
                Command::Quit | Command::Suspend | Command::Palette => Next::Run(command),
                _ => Next::Stay,
            },
        }
    }

    /// Types text, or pastes it.
    fn insert(&mut self, ui: &mut Ui, store: &Store, typed: (&str, bool), now: Moment) -> Next {
        let (text, pasted) = typed;
        match self {
            Self::Palette(palette) => palette.insert(ui, store, text),
            Self::Prompt(prompt) => prompt.insert(ui, store, text, now),
            Self::Help(help) => help.insert(text),
            Self::Dialog(dialog) => dialog.insert(text, pasted, now),
            Self::Journal(journal) => journal.insert(text),
            Self::Picker(_) | Self::Menu(_) | Self::Follow(_) | Self::Unlock(_) | Self::OwnLog => {
                Next::Stay
            }
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
            Self::Menu(menu) => {
                let (area, list) = menu.places(areas);
                Some((&mut menu.finder, area, list))
            }
            // A mouse decides nothing.
            Self::Dialog(_)
            | Self::Follow(_)
            | Self::Journal(_)
            | Self::Unlock(_)
            | Self::Prompt(_)
            | Self::Help(_)
            | Self::OwnLog => None,
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
