//! The menu of a row: all that can be done to it, denied ones grey with the verb that is missing.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Next, inside};
use crate::actions::Action;
use crate::ui::Ui;
use crate::ui::commands::Command;
use crate::ui::layout::{Areas, popup};
use crate::ui::theme::Part;
use crate::ui::views::Role;
use crate::ui::widgets::finder::{Finder, Item, boxed};

/// Widest menu.
const WIDTH: u16 = 92;

/// What can be done, to choose one of.
pub(crate) struct Menu {
    title: String,
    entries: Vec<Entry>,
    pub(super) finder: Finder,
}

struct Entry {
    name: &'static str,
    denied: Option<String>,
}

impl Menu {
    pub(crate) fn new(
        ui: &Ui,
        title: String,
        actions: &[(&'static dyn Action, Option<String>)],
    ) -> Self {
        let items = actions.iter().map(|(action, denied)| {
            let key = ui.key_of(*action).unwrap_or_default();
            Item {
                text: format!("{key:>8}  {}", action.title()),
                doc: denied.clone().unwrap_or_else(|| action.doc().to_owned()),
                ..Item::default()
            }
        });
        let entries = actions.iter().map(|(action, denied)| Entry {
            name: action.name(),
            denied: denied.clone(),
        });
        Self {
            title,
            finder: Finder::choosing(items.collect(), 0),
            entries: entries.collect(),
        }
    }

    pub(super) fn command(&mut self, command: Command) -> Next {
        match command {
            Command::Cancel => Next::Close,
            Command::Accept => match self.finder.selected.and_then(|at| self.entries.get(at)) {
                Some(entry) => Next::Run(Command::Act(entry.name)),
                None => Next::Stay,
            },
            command => {
                self.finder.choose(command, 10);
                Next::Stay
            }
        }
    }

    /// The box and its list.
    pub(super) fn places(&self, areas: Areas) -> (Rect, Rect) {
        let height = (self.finder.items.len() as u16).saturating_add(2);
        let area = popup(areas.body, WIDTH, height.min(areas.body.height));
        (area, inside(area))
    }

    pub(super) fn draw(&self, ui: &Ui, areas: Areas, buf: &mut Buffer) {
        let (area, list) = self.places(areas);
        boxed(&ui.theme, &self.title, area, buf);
        self.finder.draw(&ui.theme, list, buf);
        let dim = ui.theme.role(Role::Dim);
        let shown = (list.y..list.bottom())
            .filter_map(|y| Some((y, self.finder.item_at(list, list.x, y)?)));
        for (y, at) in shown {
            let denied = self
                .entries
                .get(at)
                .is_some_and(|entry| entry.denied.is_some());
            if denied && self.finder.selected != Some(at) {
                let row = Rect {
                    y,
                    height: 1,
                    ..list
                };
                buf.set_style(
                    row.intersection(buf.area),
                    ui.theme.part(Part::Overlay).patch(dim),
                );
            }
        }
    }
}
