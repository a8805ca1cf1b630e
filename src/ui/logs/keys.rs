//! What the keys do in a pane of logs.

use std::collections::BTreeSet;

use super::{LogPane, Panel, panel};
use crate::logs::time::SECOND;
use crate::logs::{Filter, LineId, Logbook, parse, text};
use crate::model::LogLevel;
use crate::store::Store;
use crate::ui::commands::{Command, LogCommand};

/// Cells of one step to the side.
const STEP: u16 = 8;

/// What a key led to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Done {
    /// Not meant for logs.
    NotMine,
    Quietly,
    Say(String),
    Copy(String),
    /// Open these logs on a screen of their own.
    Enlarge,
    /// Open the prompt of this command.
    Prompt(LogCommand),
}

impl LogPane {
    /// Carries out a command.
    pub(crate) fn command(&mut self, store: &Store, command: Command) -> Done {
        let Some(book) = store.logbook(self.reading) else {
            return Done::NotMine;
        };
        let lists = matches!(self.panel, Some(Panel::Sources | Panel::Patterns));
        let page = isize::from(self.places.lines.height.max(2) as i16) - 1;
        match command {
            Command::Down if lists => self.move_panel(1),
            Command::Up if lists => self.move_panel(-1),
            Command::Down => self.step(book, 1),
            Command::Up => self.step(book, -1),
            Command::HalfDown => self.step(book, page / 2),
            Command::HalfUp => self.step(book, -page / 2),
            Command::PageDown => self.step(book, page),
            Command::PageUp => self.step(book, -page),
            Command::Top => self.top(book),
            Command::Bottom => self.resume(),
            Command::Left => self.left = self.left.saturating_sub(STEP),
            Command::Right => self.left = self.left.saturating_add(STEP).min(8000),
            Command::NextPane if self.panel == Some(Panel::Detail) => self.move_panel(1),
            Command::PreviousPane if self.panel == Some(Panel::Detail) => self.move_panel(-1),
            Command::Open => return self.open(book),
            Command::Back => return self.back(),
            Command::Detail if !self.small => self.show(Panel::Detail),
            Command::Log(command) => return self.own(book, command),
            _ => return Done::NotMine,
        }
        Done::Quietly
    }

    fn own(&mut self, book: &Logbook, command: LogCommand) -> Done {
        use LogCommand as L;
        match command {
            L::Follow if self.follow => self.pause(book),
            L::Follow => self.resume(),
            // What a list holds is switched by the same key.
            L::Mark if self.panel == Some(Panel::Sources) => self.toggle_source(book),
            L::Mark => self.toggle_follow(book),
            L::Wrap => self.wrap = !self.wrap,
            L::Left => self.left = self.left.saturating_sub(STEP),
            L::Right => self.left = self.left.saturating_add(STEP).min(8000),
            L::Stamps => {
                self.stamps = self.stamps.next();
                return Done::Say(self.stamps.words().to_owned());
            }
            L::Zone => {
                self.local = !self.local;
                let zone = if self.local { "your time zone" } else { "UTC" };
                return Done::Say(format!("Times are those of {zone}."));
            }
            L::Raw => self.raw = !self.raw,
            L::Fold => self.fold(book),
            L::FoldAll => {
                self.walk.fold = !self.walk.fold;
                self.walk.open.clear();
            }
            L::Strip => self.strip_on = !self.strip_on,
            L::Context => self.context(),
            L::FloorUp => return self.floor(1),
            L::FloorDown => return self.floor(-1),
            L::Errors => {
                let errors = self.filter.floor == LogLevel::Error;
                self.filter.floor = if errors {
                    LogLevel::Unknown
                } else {
                    LogLevel::Error
                };
            }
            L::Next => return self.hit(book, false),
            L::Previous => return self.hit(book, true),
            L::Bookmark => self.bookmark(),
            L::NextBookmark => return self.next_bookmark(book),
            L::Pivot => return self.pivot_here(book),
            L::Sources => self.show(Panel::Sources),
            L::Patterns => self.show(Panel::Patterns),
            L::Columns => return self.column(),
            L::Select => self.select(book),
            L::Copy => return self.copy(book),
            L::CopyCommand => return self.copy_command(book),
            L::Before => {
                self.previous = !self.previous;
                let what = if self.previous { "also" } else { "no longer" };
                return Done::Say(format!(
                    "The instance before the running one is {what} read."
                ));
            }
            L::Search | L::GoTo | L::Save => return Done::Prompt(command),
        }
        Done::Quietly
    }

    pub(super) fn pause(&mut self, book: &Logbook) {
        self.follow = false;
        self.paused_at = book.totals().lines;
    }

    fn resume(&mut self) {
        self.follow = true;
        self.anchor = None;
    }

    fn toggle_follow(&mut self, book: &Logbook) {
        if self.follow {
            self.pause(book);
        } else {
            self.resume();
        }
    }

    /// Moves by shown lines; at the first one older lines are asked for, behind the last one lines are followed.
    pub(super) fn step(&mut self, book: &Logbook, by: isize) {
        if self.follow {
            if by > 0 {
                return;
            }
            self.pause(book);
        }
        let lines = by.unsigned_abs();
        let found = if by < 0 {
            book.before(self.cursor, lines, &self.walk)
        } else {
            book.after(self.cursor, false, lines, &self.walk)
        };
        match found.last() {
            Some(id) => self.cursor = Some(*id),
            None if by > 0 => self.resume(),
            None => {}
        }
        if by < 0 && found.len() < lines {
            self.ask_older(book);
        }
    }

    fn top(&mut self, book: &Logbook) {
        if self.follow {
            self.pause(book);
        }
        self.cursor = book.after(None, true, 1, &self.walk).first().copied();
        self.ask_older(book);
    }

    fn ask_older(&mut self, book: &Logbook) {
        if book.has_past() && !book.is_asking() {
            self.older += 1;
        }
    }

    /// Goes to a line and stays there.
    pub(crate) fn go_to(&mut self, book: &Logbook, id: LineId) {
        if self.follow {
            self.pause(book);
        }
        self.cursor = Some(id);
    }

    /// Goes to the first line at or after a time.
    pub(crate) fn go_to_time(&mut self, book: &Logbook, time: i64) {
        if let Some(id) = book.at_time(time, &self.walk) {
            self.go_to(book, id);
        }
        if book.span().is_some_and(|(first, _)| time < first) {
            self.ask_older(book);
        }
    }

    /// The time of the line under the cursor.
    pub(super) fn cursor_time(&self) -> Option<i64> {
        let cursor = self.cursor?;
        let row = self.rows.iter().find(|row| row.id == cursor)?;
        Some(row.time)
    }

    fn open(&mut self, book: &Logbook) -> Done {
        if self.small {
            return Done::Enlarge;
        }
        match self.panel {
            Some(Panel::Sources) => self.only_source(book),
            Some(Panel::Patterns) => {
                if let Some(filter) = self.chosen().and_then(|row| row.filter.clone()) {
                    self.panel = None;
                    self.pivot(&filter);
                }
            }
            Some(Panel::Detail) => self.panel = None,
            None => {
                if self.follow {
                    self.pause(book);
                }
                self.show(Panel::Detail);
            }
        }
        Done::Quietly
    }

    fn show(&mut self, panel: Panel) {
        self.panel = if self.panel == Some(panel) {
            None
        } else {
            Some(panel)
        };
        self.panel_at = 0;
    }

    /// Undoes the nearest thing.
    fn back(&mut self) -> Done {
        if self.anchor.take().is_some() || self.panel.take().is_some() {
            return Done::Quietly;
        }
        if std::mem::take(&mut self.walk.all) {
            return Done::Quietly;
        }
        if !self.search.is_open() {
            self.search = Filter::default();
            return Done::Quietly;
        }
        if let Some(before) = self.past.pop() {
            self.set_filter(&before);
            return Done::Quietly;
        }
        if !self.typed.is_empty() {
            self.set_filter("");
            return Done::Quietly;
        }
        Done::NotMine
    }

    fn fold(&mut self, book: &Logbook) {
        let Some(cursor) = self.cursor else { return };
        if self.follow {
            self.pause(book);
        }
        if !self.walk.open.remove(&cursor) {
            self.walk.open.insert(cursor);
        }
    }

    /// Shows what stands around the line under the cursor, or hides it again.
    fn context(&mut self) {
        self.walk.all = !self.walk.all;
        self.follow = false;
    }

    fn floor(&mut self, by: isize) -> Done {
        let at = LogLevel::ALL
            .iter()
            .position(|level| *level == self.filter.floor);
        let next = at.unwrap_or(0).saturating_add_signed(by);
        self.filter.floor = LogLevel::ALL
            .get(next)
            .copied()
            .unwrap_or(self.filter.floor);
        Done::Say(match self.filter.floor {
            LogLevel::Unknown => "Lines of every level.".to_owned(),
            floor => format!("Lines of level {} and above.", floor.word()),
        })
    }

    fn hit(&mut self, book: &Logbook, back: bool) -> Done {
        // In context, hits are what the filter lets through.
        let found = if self.search.is_open() && self.walk.all {
            let filtered = crate::logs::Walk {
                all: false,
                ..self.walk.clone()
            };
            if back {
                book.before(self.cursor, 1, &filtered).first().copied()
            } else {
                book.after(self.cursor, false, 1, &filtered)
                    .first()
                    .copied()
            }
        } else {
            book.next_hit(self.cursor, back, &self.walk)
        };
        match found {
            Some(id) => {
                self.go_to(book, id);
                Done::Quietly
            }
            None if self.search.is_open() => {
                Done::Say("Nothing is searched yet: s searches in what is shown.".to_owned())
            }
            None => Done::Say(format!("\"{}\" is not found.", self.search.text())),
        }
    }

    fn bookmark(&mut self) {
        if let Some(cursor) = self.cursor
            && !self.bookmarks.remove(&cursor)
        {
            self.bookmarks.insert(cursor);
        }
    }

    fn next_bookmark(&mut self, book: &Logbook) -> Done {
        self.bookmarks.retain(|id| !book.read(&[*id]).is_empty());
        let mut marks: Vec<(usize, LineId)> = self
            .bookmarks
            .iter()
            .filter_map(|id| Some((book.number(*id)?, *id)))
            .collect();
        marks.sort_unstable();
        let here = self.cursor.and_then(|id| book.number(id));
        let next = marks
            .iter()
            .find(|(number, _)| here.is_none_or(|here| *number > here));
        match next.or(marks.first()).map(|(_, id)| *id) {
            Some(id) => {
                self.go_to(book, id);
                Done::Quietly
            }
            None => Done::Say("No line is marked yet: b marks one.".to_owned()),
        }
    }

    /// Shows all lines with the field that is chosen, or with what joins the lines of one request.
    fn pivot_here(&mut self, book: &Logbook) -> Done {
        let chosen = self.chosen().filter(|_| self.panel == Some(Panel::Detail));
        let chosen = chosen.and_then(|row| row.filter.clone());
        let asked = chosen.or_else(|| {
            let line = book.read(&[self.cursor?]).into_iter().next()?;
            let record = parse::read(&line.bytes);
            let trace = record.trace()?;
            panel::asks(&trace.name, &trace.value)
        });
        match asked {
            Some(asked) => {
                self.pivot(&asked);
                Done::Say(format!(
                    "All lines with {}; esc goes back.",
                    text::plain(&asked)
                ))
            }
            None => Done::Say(
                "This line names no trace or request; enter shows its fields to choose from."
                    .to_owned(),
            ),
        }
    }

    fn toggle_source(&mut self, book: &Logbook) {
        let stream = self.chosen().and_then(|row| book.stream(row.stream?));
        if let Some(key) = stream.map(|stream| stream.about.key)
            && !self.filter.muted.remove(&key)
        {
            self.filter.muted.insert(key);
        }
    }

    /// Shows one source alone, or all of them again.
    fn only_source(&mut self, book: &Logbook) {
        let Some(key) = self
            .chosen()
            .and_then(|row| book.stream(row.stream?))
            .map(|stream| stream.about.key)
        else {
            return;
        };
        let others = book.streams().iter().map(|stream| stream.about.key);
        let others = others.filter(|other| *other != key).collect();
        self.filter.muted = if self.filter.muted == others {
            BTreeSet::default()
        } else {
            others
        };
    }

    /// Makes the chosen field of the line a column, or no column any more.
    fn column(&mut self) -> Done {
        let chosen = self.chosen().filter(|_| self.panel == Some(Panel::Detail));
        let name = chosen
            .and_then(|row| row.filter.as_ref())
            .and_then(|filter| filter.trim_matches('"').split_once('='))
            .map(|(name, _)| name.to_owned());
        let Some(name) = name else {
            if !self.columns.is_empty() {
                self.columns.clear();
                return Done::Say("All fields again.".to_owned());
            }
            return Done::Say(
                "enter shows the fields of the line; choose one with tab first.".to_owned(),
            );
        };
        match self.columns.iter().position(|known| *known == name) {
            Some(at) => {
                self.columns.remove(at);
            }
            None => self.columns.push(name),
        }
        Done::Quietly
    }

    /// The time of the last line, which typed times are read against.
    pub(crate) fn last_time(book: &Logbook) -> i64 {
        book.span().map_or(SECOND, |(_, last)| last)
    }
}
