//! What the operator sees and does: screens, panes, overlays, keys.
//!
//! The app loop owns one [`Ui`] beside the store. It gives it what the operator does ([`Ui::handle`]), lets it work
//! out rows and places ([`Ui::prepare`]) and draws ([`Ui::draw`], which only reads); [`Ui::demand`] says what is on
//! screen, so that nothing else is watched, and [`Ui::next_tick`] when something on it changes by itself. There is no
//! clock, no I/O and no task in here: the same inputs give the same screen.

pub mod acting;
mod board;
pub mod boards;
pub mod commands;
mod demand;
mod detail;
mod empty;
pub mod filter;
mod footer;
pub mod format;
mod frame;
mod go;
mod header;
mod input;
pub mod keymap;
mod layout;
mod mouse;
mod notice;
mod overlays;
mod overview;
mod pane;
pub mod query;
pub mod rows;
mod scope;
mod screen;
pub mod selector;
pub mod theme;
mod title;
mod trust;
mod update;
pub mod value;
pub mod views;
pub mod widgets;

use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;

use crate::config::{Chord, Config, Remembered};
use crate::model::{Moment, Name};
use crate::store::Store;

use acting::Acting;
use board::{Charts, Look};
pub use board::{parse_range as range, range_step, series_name};
use commands::{Command, Layer};
pub use demand::usage;
pub use input::{Effect, Gesture, Input, Mouse};
use keymap::{Found, Keymap};
use layout::Areas;
use mouse::MouseState;
use notice::Notice;
use overlays::Overlay;
use overview::Overview;
use scope::Scoped;
use screen::{Screen, Screens};
use theme::Theme;
use views::World;

/// Number keys for namespaces.
const FAVOURITES: usize = 9;
/// Lines of the palette that are remembered.
const SAID: usize = 100;

/// How the interface begins.
#[derive(Clone, Debug, Default)]
pub struct Start {
    pub theme: Theme,
    /// Names of all themes, for the picker.
    pub themes: Vec<String>,
    /// A line of the palette that says where to begin: `pods`, `pods shop`; empty for the configured view.
    pub line: String,
    /// Namespaces to look into; empty: all.
    pub namespaces: Vec<String>,
    /// Where the operator lives; none: UTC.
    pub zone: Option<TimeZone>,
    /// What was chosen at the keys in runs before.
    pub remembered: Remembered,
}

/// Facts about the operator: where he is, what he typed, what he chose.
pub struct Ui {
    theme: Theme,
    themes: Vec<String>,
    keymap: Keymap,
    /// Namespaces on the keys 1–9: those of the configuration, then those added at the keys.
    favourites: Vec<String>,
    /// How many of them the configuration names.
    fixed: usize,
    wide: bool,
    ascii: bool,
    mouse_on: bool,
    size: (u16, u16),
    areas: Option<Areas>,
    screens: Screens,
    scope: Scoped,
    charts: Charts,
    overlay: Option<Overlay>,
    acting: Acting,
    notice: Option<Notice>,
    /// What was typed of a sequence of keys.
    pending: Vec<Chord>,
    /// The key that is being obeyed was not pressed anew; see [`Input::Held`].
    held: bool,
    mouse: MouseState,
    said: Vec<String>,
    /// A line that waits for the first store that it can be run on.
    line: String,
}

impl Ui {
    pub fn new(config: &Config, start: Start) -> Self {
        let line = if start.line.is_empty() {
            config.ui.view.clone()
        } else {
            start.line
        };
        let mut favourites = config.ui.favourites.clone();
        let fixed = favourites.len();
        for name in start.remembered.favourites {
            if favourites.len() < FAVOURITES && !favourites.contains(&name) {
                favourites.push(name);
            }
        }
        let mut ui = Self {
            theme: start.theme,
            themes: start.themes,
            keymap: Keymap::new(&config.keys),
            favourites,
            fixed,
            wide: config.ui.wide,
            ascii: config.ui.ascii,
            mouse_on: config.ui.mouse,
            size: (0, 0),
            areas: None,
            screens: Screens::new(Overview::new(config.ui.wide)),
            scope: Scoped {
                namespaces: start
                    .namespaces
                    .iter()
                    .map(|name| Name::new(name))
                    .collect(),
            },
            charts: Charts::new(config, start.zone.unwrap_or(TimeZone::UTC)),
            overlay: None,
            acting: Acting::new(config.read_only, config.locked.0.clone()),
            notice: None,
            pending: Vec::new(),
            held: false,
            mouse: MouseState::default(),
            said: Vec::new(),
            line: String::new(),
        };
        if !matches!(line.trim(), "" | "overview") {
            ui.line = line;
        }
        ui
    }

    /// What is wrong with the configured keys.
    pub fn key_problems(&self) -> &[keymap::KeyProblem] {
        self.keymap.problems()
    }

    /// Whether the terminal shall report the mouse.
    pub fn takes_mouse(&self) -> bool {
        self.mouse_on
    }

    /// Puts another theme in place, after [`Effect::SetTheme`].
    pub fn set_theme(&mut self, theme: Theme) {
        self.theme = theme;
    }

    /// Tells the operator something; an error stays until a key is pressed.
    pub fn say(&mut self, text: impl Into<String>, error: bool, now: Moment) {
        self.notice = Some(if error {
            Notice::error(text)
        } else {
            Notice::new(text, now)
        });
    }

    /// Obeys the operator and says what the outside shall do.
    pub fn handle(&mut self, store: &Store, input: Input, now: Moment) -> Vec<Effect> {
        match input {
            Input::Resize(width, height) => {
                self.size = (width, height);
                self.areas = layout::areas(width, height);
                Vec::new()
            }
            // Nothing on screen depends on whether the terminal has the focus.
            Input::Focus(_) => Vec::new(),
            Input::Paste(text) => {
                if !overlays::paste(self, store, &text, now) {
                    self.say("Nothing here takes pasted text.", false, now);
                }
                Vec::new()
            }
            Input::Mouse(mouse) => self.mouse(store, mouse, now),
            Input::Key(chord) => {
                self.held = false;
                self.key_pressed(store, chord, now)
            }
            Input::Held(chord) => {
                self.held = true;
                let effects = self.key_pressed(store, chord, now);
                self.held = false;
                effects
            }
        }
    }

    fn key_pressed(&mut self, store: &Store, chord: Chord, now: Moment) -> Vec<Effect> {
        if self.notice.as_ref().is_some_and(|notice| notice.error) {
            self.notice = None;
        }
        if self.overlay.is_some() {
            return overlays::key(self, store, chord, now);
        }
        self.pending.push(chord);
        match self.keymap.resolve(self.layers(), &self.pending) {
            Found::Pending => Vec::new(),
            Found::Command(command) => {
                self.pending.clear();
                self.command(store, command, now)
            }
            Found::Nothing => {
                // A key that does not go on with the sequence begins anew.
                let began = self.pending.len() > 1;
                self.pending.clear();
                if began {
                    return self.key_pressed(store, chord, now);
                }
                Vec::new()
            }
        }
    }

    /// The layers in which keys are looked up now.
    fn layers(&self) -> &'static [Layer] {
        let screen = self.screens.current();
        match screen.pane() {
            Some(pane) if pane.view.name() == "contexts" => {
                &[Layer::Contexts, Layer::Rows, Layer::Everywhere]
            }
            Some(_) => &[Layer::Rows, Layer::Objects, Layer::Everywhere],
            None => match screen {
                _ if screen.grid().is_some() => &[Layer::Charts, Layer::Everywhere],
                Screen::Detail(_) => &[Layer::Text, Layer::Objects, Layer::Everywhere],
                _ => &[Layer::Everywhere],
            },
        }
    }

    /// Works out places and rows for the next frame. Without `resort`, rows keep their places although data moved.
    pub fn prepare(&mut self, store: &Store, now: Moment, resort: bool) {
        if !self.line.is_empty() && go::can_be_told(store, &self.line) {
            let line = std::mem::take(&mut self.line);
            self.go(store, &line, now);
        }
        if self
            .notice
            .as_ref()
            .is_some_and(|notice| notice.is_over(now))
        {
            self.notice = None;
        }
        if let Some(Overlay::Palette(mut palette)) = self
            .overlay
            .take_if(|overlay| matches!(overlay, Overlay::Palette(_)))
        {
            palette.prepare(self, store);
            self.overlay = Some(Overlay::Palette(palette));
        }
        let Some(areas) = self.areas else { return };
        if let Some(Overlay::Dialog(dialog)) = &mut self.overlay {
            dialog.prepare(areas);
        }
        let world = world(store, now);
        let mut gone = None;
        match self.screens.current_mut() {
            Screen::Overview(overview) => {
                overview.arrange(areas.body, store);
                let shown: Vec<usize> = overview
                    .layout
                    .placed
                    .iter()
                    .map(|placed| placed.pane)
                    .collect();
                for at in shown {
                    if let Some(pane) = overview.pane_mut(at) {
                        pane.prepare(world, &self.scope, resort);
                        gone = gone.or(pane.table.take_gone());
                    }
                }
            }
            Screen::Table(pane) => {
                (_, pane.area) = layout::cut_rows(areas.body, 1);
                pane.prepare(world, &self.scope, resort);
                gone = pane.table.take_gone();
            }
            Screen::Detail(detail) => {
                detail.prepare(world, areas.body, &self.scope, resort);
                detail.prepare_metrics(world, &mut self.charts);
            }
            Screen::Boards(boards) => {
                boards.prepare(world, &mut self.charts, &self.scope.namespaces, areas.body);
            }
        }
        if let Some(gone) = gone.filter(|gone| gone.deleted && !gone.name.is_empty()) {
            self.say(format!("{} is gone.", gone.name), false, now);
        }
    }

    /// Draws the screen that was prepared and returns where the text cursor stands, if there is one.
    pub fn draw(&self, store: &Store, now: Moment, buf: &mut Buffer) -> Option<(u16, u16)> {
        frame::draw(self, store, now, buf)
    }

    /// Whether rows on screen are not in the order that the data asks for, because they were prepared without
    /// `resort`.
    pub fn unsorted(&self, store: &Store) -> bool {
        let mut shown = self.screens.current().shown().into_iter();
        shown.any(|pane| pane.table.is_behind(pane.view.as_ref(), store))
    }

    fn look(&self) -> Look<'_> {
        Look {
            theme: &self.theme,
            ascii: self.ascii,
        }
    }

    /// The key to show for a command, or how to run it without one.
    fn key(&self, command: Command) -> String {
        self.keymap.keys(command).next().unwrap_or_else(|| {
            let name = command.entry().map_or("", |entry| entry.name);
            format!(":{name}")
        })
    }

    /// The namespace on a number key.
    fn favourite(&self, slot: u8) -> Option<&str> {
        let at = usize::from(slot).checked_sub(1)?;
        self.favourites.get(at).map(String::as_str)
    }

    /// Lines of the palette that were run, oldest first.
    fn said(&self) -> &[String] {
        &self.said
    }

    fn remember(&mut self, line: &str) {
        self.said.retain(|said| said != line);
        if self.said.len() >= SAID {
            self.said.remove(0);
        }
        self.said.push(line.to_owned());
    }

    /// Columns that the focused table can be sorted by.
    fn column_keys(&self) -> Vec<String> {
        let columns = self
            .screens
            .current()
            .pane()
            .map(|pane| pane.table.columns());
        let columns = columns.unwrap_or_default().iter();
        columns.map(|column| column.key.to_string()).collect()
    }
}

fn world(store: &Store, now: Moment) -> World<'_> {
    World {
        store,
        now,
        several: store.places().count() > 1,
    }
}
