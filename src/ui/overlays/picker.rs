//! Pickers: a short list to choose one of, for themes and for the keys of a Secret.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Next, inside};
use crate::model::Moment;
use crate::ui::Ui;
use crate::ui::commands::Command;
use crate::ui::input::Effect;
use crate::ui::layout::{Areas, popup};
use crate::ui::screen::Screen;
use crate::ui::widgets::finder::{Finder, Item, boxed};

/// What is being chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A theme; the one before comes back when none is taken.
    Theme { before: String },
    /// A value of the opened Secret to show for a while.
    Reveal,
}

/// A list to choose one of.
pub(crate) struct Picker {
    purpose: Purpose,
    pub(super) finder: Finder,
}

impl Picker {
    /// A picker with the item `at` chosen.
    pub(crate) fn new(purpose: Purpose, names: Vec<String>, at: usize) -> Self {
        let items = names
            .into_iter()
            .map(|text| Item {
                text,
                ..Item::default()
            })
            .collect();
        Self {
            purpose,
            finder: Finder::choosing(items, at),
        }
    }

    pub(super) fn command(&mut self, ui: &mut Ui, command: Command, now: Moment) -> Next {
        match command {
            Command::Accept => self.take(ui, now),
            Command::Cancel => match &self.purpose {
                Purpose::Theme { before } => {
                    Next::CloseWith(vec![Effect::SetTheme(before.clone())])
                }
                Purpose::Reveal => Next::Close,
            },
            command => {
                if self.finder.choose(command, 10) {
                    self.preview()
                } else {
                    Next::Stay
                }
            }
        }
    }

    /// A theme is tried as soon as it is chosen.
    pub(super) fn preview(&self) -> Next {
        match (&self.purpose, self.finder.chosen()) {
            (Purpose::Theme { .. }, Some(item)) => {
                Next::Effects(vec![Effect::SetTheme(item.text.clone())])
            }
            _ => Next::Stay,
        }
    }

    fn take(&self, ui: &mut Ui, now: Moment) -> Next {
        let Some(item) = self.finder.chosen() else {
            return Next::Stay;
        };
        match self.purpose {
            Purpose::Theme { .. } => Next::CloseWith(vec![Effect::SetTheme(item.text.clone())]),
            Purpose::Reveal => {
                if let Screen::Detail(detail) = ui.screens.current_mut() {
                    detail.reveal(&item.text, now);
                }
                Next::Close
            }
        }
    }

    /// The box and its list.
    pub(super) fn places(&self, areas: Areas) -> (Rect, Rect) {
        let height = (self.finder.items.len() as u16).saturating_add(2);
        let area = popup(areas.body, 44, height.min(areas.body.height));
        (area, inside(area))
    }

    pub(super) fn draw(&self, ui: &Ui, areas: Areas, buf: &mut Buffer) {
        let (area, list) = self.places(areas);
        let title = match self.purpose {
            Purpose::Theme { .. } => "Theme",
            Purpose::Reveal => "Show which value?",
        };
        boxed(&ui.theme, title, area, buf);
        self.finder.draw(&ui.theme, list, buf);
    }
}
