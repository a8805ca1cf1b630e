//! The prompts of logs: a filter and a search, obeyed with each key; a time to go to; a file to save to.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Next;
use crate::model::Moment;
use crate::store::Store;
use crate::ui::Ui;
use crate::ui::commands::{Command, LogCommand};
use crate::ui::footer;
use crate::ui::input::{Effect, SaveLogs};
use crate::ui::logs::{self, LogPane};
use crate::ui::theme::Part;
use crate::ui::title::grouped;
use crate::ui::widgets::field::Field;

/// Times that can be typed.
const TIMES: &str = "12:04, 12:04:31, 2026-11-27 12:04, -5m";

/// What is being typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Filter,
    Search,
    Time,
    Save,
}

/// A line that is typed about logs.
pub(crate) struct LogPrompt {
    field: Field,
    purpose: Purpose,
    /// What the prompt says about what was typed, and whether that is bad.
    hint: (String, bool),
}

impl LogPrompt {
    /// The prompt of `/` in logs.
    pub(crate) fn filter(pane: &LogPane) -> Self {
        Self {
            field: Field::new(pane.typed()),
            purpose: Purpose::Filter,
            hint: (String::new(), false),
        }
    }

    /// The prompt that a command opens.
    pub(crate) fn of(command: LogCommand, pane: &LogPane) -> Self {
        let (purpose, text) = match command {
            LogCommand::GoTo => (Purpose::Time, String::new()),
            LogCommand::Save => (Purpose::Save, format!("{}.log", file_name(&pane.name))),
            _ => (Purpose::Search, pane.search_text().to_owned()),
        };
        Self {
            field: Field::new(&text),
            purpose,
            hint: (String::new(), false),
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
            Command::Accept | Command::Complete => return self.take(ui, store, now),
            Command::Cancel => {
                if matches!(self.purpose, Purpose::Filter | Purpose::Search) {
                    self.field.set("");
                    self.obey(ui);
                }
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
            self.obey(ui);
        }
        Next::Stay
    }

    pub(super) fn insert(&mut self, ui: &mut Ui, text: &str) -> Next {
        self.field.insert(text);
        self.obey(ui);
        Next::Stay
    }

    /// A filter and a search are obeyed while they are typed.
    fn obey(&mut self, ui: &mut Ui) {
        self.hint = (String::new(), false);
        let Some(pane) = ui.log_pane_mut() else {
            return;
        };
        match self.purpose {
            Purpose::Filter => pane.set_filter(self.field.text()),
            Purpose::Search => pane.set_search(self.field.text()),
            Purpose::Time | Purpose::Save => {}
        }
    }

    fn take(&mut self, ui: &mut Ui, store: &Store, now: Moment) -> Next {
        match self.purpose {
            Purpose::Filter => Next::Close,
            Purpose::Search => Next::Run(Command::Log(LogCommand::Next)),
            Purpose::Time => {
                let zone = ui.zone();
                let Some(pane) = ui.log_pane_mut() else {
                    return Next::Close;
                };
                let Some(book) = store.logbook(pane.reading) else {
                    return Next::Close;
                };
                let zone = if pane.local {
                    zone
                } else {
                    jiff::tz::TimeZone::UTC
                };
                let Some(time) = logs::moment(self.field.text(), LogPane::last_time(book), &zone)
                else {
                    self.hint = (format!("no time: {TIMES}"), true);
                    return Next::Stay;
                };
                pane.go_to_time(book, time);
                Next::Close
            }
            Purpose::Save => {
                let Some(save) = self.save(ui) else {
                    self.hint = ("a file name is needed".to_owned(), true);
                    return Next::Stay;
                };
                ui.say(format!("Saving to {}…", save.path), false, now);
                Next::CloseWith(vec![Effect::SaveLogs(save)])
            }
        }
    }

    /// What is to be saved where: a path, and words with a dash in front of it or behind it.
    fn save(&self, ui: &Ui) -> Option<SaveLogs> {
        let pane = ui.log_pane()?;
        let words = self.field.text().split_whitespace();
        let (flags, path): (Vec<&str>, Vec<&str>) = words.partition(|word| word.starts_with("--"));
        let path = path.join(" ");
        (!path.is_empty()).then(|| SaveLogs {
            reading: pane.reading,
            all: flags.contains(&"--all"),
            raw: flags.contains(&"--raw"),
            path,
        })
    }

    pub(super) fn draw(
        &self,
        ui: &Ui,
        store: &Store,
        area: Rect,
        buf: &mut Buffer,
    ) -> Option<(u16, u16)> {
        let sign = match self.purpose {
            Purpose::Filter => "/",
            Purpose::Search => "search ",
            Purpose::Time => "go to ",
            Purpose::Save => "save to ",
        };
        let (hint, bad) = self.hint(ui, store);
        let place = footer::prompt(ui, sign, &hint, bad, area, buf);
        self.field.draw(buf, place, ui.theme.part(Part::Input))
    }

    fn hint(&self, ui: &Ui, store: &Store) -> (String, bool) {
        if !self.hint.0.is_empty() {
            return self.hint.clone();
        }
        let Some(pane) = ui.log_pane() else {
            return (String::new(), false);
        };
        let book = store.logbook(pane.reading);
        let problem = match self.purpose {
            Purpose::Filter => pane.problem.clone(),
            Purpose::Search => pane.search_problem.clone(),
            Purpose::Time | Purpose::Save => None,
        };
        if let Some(problem) = problem {
            return (problem, true);
        }
        let empty = self.field.text().is_empty();
        let text = match (self.purpose, book) {
            (Purpose::Filter, _) if empty => {
                "text, regex, !not, status>=500, service=api".to_owned()
            }
            (Purpose::Filter, Some(book)) => {
                format!("{} of {}", grouped(book.shown()), grouped(book.len()))
            }
            (Purpose::Search, Some(book)) if !empty => {
                format!("{} found", grouped(book.hits(None).0))
            }
            (Purpose::Search, _) => "text or regex in what is shown".to_owned(),
            (Purpose::Time, _) => TIMES.to_owned(),
            (Purpose::Save, _) => {
                "what is shown; .ndjson for NDJSON, --all for all lines, --raw as written"
                    .to_owned()
            }
            (Purpose::Filter, None) => String::new(),
        };
        (text, false)
    }
}

/// A name for a file from the name of what is read.
fn file_name(name: &str) -> String {
    let last = name.rsplit([' ', '/']).next().unwrap_or(name);
    let safe = last.chars().map(|character| {
        if character.is_alphanumeric() || "-_.".contains(character) {
            character
        } else {
            '-'
        }
    });
    let safe: String = safe.collect();
    if safe.is_empty() {
        "logs".to_owned()
    } else {
        safe
    }
}
