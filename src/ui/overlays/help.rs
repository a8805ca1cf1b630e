//! Help: every key, view and sign, made from the lists and searchable.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Next, input_line, inside};
use crate::model::Health;
use crate::ui::Ui;
use crate::ui::commands::{ALL, Command, Group};
use crate::ui::layout::{Areas, cut_rows};
use crate::ui::theme::Part;
use crate::ui::views::{self, Role};
use crate::ui::widgets::finder::{Finder, boxed};
use crate::ui::widgets::line::Line;
use crate::ui::widgets::table::{cut_end, text_width};

/// Cells of a column of help.
const COLUMN: u16 = 62;
/// Cells of the keys in it.
const KEYS: u16 = 22;

/// Help, and what is searched in it.
#[derive(Default)]
pub(crate) struct Help {
    finder: Finder,
    top: usize,
}

enum Row {
    Blank,
    Title(String),
    Entry { keys: String, doc: String },
}

impl Help {
    pub(super) fn command(&mut self, ui: &Ui, command: Command) -> Next {
        let page = ui.areas.map_or(1, page);
        let last = self.rows(ui).len().saturating_sub(page);
        match command {
            Command::Cancel => return Next::Close,
            Command::Accept | Command::NextItem => self.top += 1,
            Command::PreviousItem => self.top = self.top.saturating_sub(1),
            Command::NextPage => self.top += page,
            Command::PreviousPage => self.top = self.top.saturating_sub(page),
            command => {
                if self.finder.field.edit(command) {
                    self.top = 0;
                }
            }
        }
        self.top = self.top.min(last);
        Next::Stay
    }

    pub(super) fn insert(&mut self, text: &str) -> Next {
        self.finder.field.insert(text);
        self.top = 0;
        Next::Stay
    }

    /// Everything that contains all searched words.
    fn rows(&self, ui: &Ui) -> Vec<Row> {
        let search = self.finder.field.text().to_lowercase();
        let wanted = |text: &str| {
            let text = text.to_lowercase();
            search.split_whitespace().all(|word| text.contains(word))
        };
        let mut rows = Vec::new();
        let mut section = |title: &str, entries: Vec<(String, String)>| {
            let found: Vec<_> = entries
                .into_iter()
                .filter(|(keys, doc)| wanted(&format!("{title} {keys} {doc}")))
                .collect();
            if found.is_empty() {
                return;
            }
            if !rows.is_empty() {
                rows.push(Row::Blank);
            }
            rows.push(Row::Title(title.to_owned()));
            rows.extend(
                found
                    .into_iter()
                    .map(|(keys, doc)| Row::Entry { keys, doc }),
            );
        };
        for group in Group::ALL {
            let entries = ALL.iter().filter(|entry| entry.group == group);
            let entries = entries.map(|entry| {
                let keys: Vec<String> = ui.keymap.keys(entry.command).collect();
                let keys = if keys.is_empty() {
                    format!(":{}", entry.name)
                } else {
                    keys.join("  ")
                };
                (keys, doc(ui, entry.command, entry.doc))
            });
            section(group.title(), entries.collect());
        }
        let views = views::ALL.iter().map(|view| {
            let names = std::iter::once(view.name().to_owned()).chain(view.aliases());
            let names: Vec<String> = names.take(3).map(|name| format!(":{name}")).collect();
            (names.join(" "), view.doc().to_owned())
        });
        section("Views", views.collect());
        let signs = [
            (Health::Bad, "broken: somebody should look now"),
            (Health::Warn, "degraded, or about to break"),
            (Health::Busy, "on its way"),
            (Health::Good, "well"),
            (Health::Idle, "ended or switched off as it should be"),
        ];
        let signs = signs.map(|(health, doc)| (health.glyph().to_owned(), doc.to_owned()));
        section("Signs", signs.to_vec());
        rows
    }

    pub(super) fn draw(&self, ui: &Ui, areas: Areas, buf: &mut Buffer) -> Option<(u16, u16)> {
        let inner = boxed(&ui.theme, "Help", areas.body, buf);
        if inner.is_empty() {
            return None;
        }
        let (input, list) = cut_rows(inner, 1);
        let rows = self.rows(ui);
        if rows.is_empty() {
            Line::new(buf, list)
                .skip(1)
                .put("Nothing in help contains that.", ui.theme.role(Role::Dim));
        }
        let columns = (list.width / COLUMN).max(1);
        let width = list.width / columns;
        let places = (0..columns).flat_map(|column| {
            (list.y..list.bottom()).map(move |y| Rect {
                x: list.x + column * width,
                y,
                width,
                height: 1,
            })
        });
        for (place, row) in places.zip(rows.iter().skip(self.top)) {
            let mut line = Line::new(buf, place);
            line.skip(1);
            match row {
                Row::Blank => {}
                Row::Title(title) => {
                    line.put(title, ui.theme.part(Part::Title));
                }
                Row::Entry { keys, doc } => {
                    let keys = cut_end(keys, KEYS);
                    line.skip(1).put(&keys, ui.theme.part(Part::Key));
                    line.skip(KEYS.saturating_sub(text_width(&keys)) + 1)
                        .put(doc, ui.theme.part(Part::KeyName));
                }
            }
        }
        input_line(ui, "search: ", &self.finder, input, buf)
    }
}

/// Rows that fit.
fn page(areas: Areas) -> usize {
    let inner = inside(areas.body);
    let rows = usize::from(inner.height.saturating_sub(1)).max(1);
    rows * usize::from((inner.width / COLUMN).max(1))
}

fn doc(ui: &Ui, command: Command, doc: &str) -> String {
    match command {
        Command::Favourite(slot @ 1..) => match ui.favourite(slot) {
            Some(name) => format!("Namespace {name}"),
            None => format!("{doc} (none yet)"),
        },
        _ => doc.to_owned(),
    }
}
