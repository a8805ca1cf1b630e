//! The prompt of `/`: a filter of rows or a search in text, obeyed with each key.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Next;
use crate::model::Moment;
use crate::store::Store;
use crate::ui::Ui;
use crate::ui::commands::Command;
use crate::ui::footer;
use crate::ui::screen::Screen;
use crate::ui::theme::Part;
use crate::ui::title::grouped;
use crate::ui::widgets::field::Field;
use crate::ui::widgets::reader::Reader;

/// A filter or search being typed.
pub(crate) struct Prompt {
    field: Field,
    search: bool,
}

impl Prompt {
    /// A prompt for what has the focus; none if it has neither rows nor text.
    pub(crate) fn open(ui: &Ui) -> Option<Self> {
        let screen = ui.screens.current();
        if let Some(pane) = screen.pane() {
            return Some(Self {
                field: Field::new(pane.query.filter.text()),
                search: false,
            });
        }
        match screen {
            Screen::Detail(detail) => Some(Self {
                field: Field::new(detail.reader()?.search()),
                search: true,
            }),
            _ => None,
        }
    }

    pub(super) fn command(
        &mut self,
        ui: &mut Ui,
        store: &Store,
        command: Command,
        now: Moment,
    ) -> Next {
        match command {
            Command::Accept | Command::Complete => return Next::Close,
            Command::Cancel => {
                self.field.set("");
                self.obey(ui, store, now);
                return Next::Close;
            }
            Command::NextItem => return Next::Effects(ui.command(store, Command::Down, now)),
            Command::PreviousItem => return Next::Effects(ui.command(store, Command::Up, now)),
            Command::NextPage => return Next::Effects(ui.command(store, Command::PageDown, now)),
            Command::PreviousPage => return Next::Effects(ui.command(store, Command::PageUp, now)),
            // Deleting from an empty prompt leaves it, as it leaves the one of vi.
            Command::DeleteBack if self.field.text().is_empty() => return Next::Close,
            _ => {}
        }
        if self.field.edit(command) {
            self.obey(ui, store, now);
        }
        Next::Stay
    }

    pub(super) fn insert(&mut self, ui: &mut Ui, store: &Store, text: &str, now: Moment) -> Next {
        self.field.insert(text);
        self.obey(ui, store, now);
        Next::Stay
    }

    fn obey(&self, ui: &mut Ui, store: &Store, now: Moment) {
        let text = self.field.text();
        match ui.screens.current_mut() {
            Screen::Detail(detail) if self.search => {
                let Some(mut reader) = detail.reader().cloned() else {
                    return;
                };
                reader.set_search(text);
                detail.with_lines(store, now, |lines| reader.seek(lines));
                if let Some(own) = detail.reader_mut() {
                    *own = reader;
                }
            }
            screen => {
                if let Some(pane) = screen.pane_mut() {
                    pane.set_filter(text);
                }
            }
        }
    }

    pub(super) fn draw(&self, ui: &Ui, area: Rect, buf: &mut Buffer) -> Option<(u16, u16)> {
        let (hint, bad) = self.hint(ui);
        let place = footer::prompt(ui, "/", &hint, bad, area, buf);
        self.field.draw(buf, place, ui.theme.part(Part::Input))
    }

    /// How many rows match, or what is wrong with the filter.
    fn hint(&self, ui: &Ui) -> (String, bool) {
        let screen = ui.screens.current();
        if self.search {
            let found = match screen {
                Screen::Detail(detail) => detail.reader().and_then(Reader::found),
                _ => None,
            };
            let text = found.unwrap_or_else(|| "search".to_owned());
            return (text, false);
        }
        let Some(pane) = screen.pane() else {
            return (String::new(), false);
        };
        if let Some(problem) = pane.query.filter.problem() {
            return (problem.to_owned(), true);
        }
        if self.field.text().is_empty() {
            return ("text, regex, !not, -l labels, -f fuzzy".to_owned(), false);
        }
        let prepared = pane.table.prepared();
        let text = format!(
            "{} of {}",
            grouped(prepared.rows.len()),
            grouped(prepared.total)
        );
        (text, false)
    }
}
