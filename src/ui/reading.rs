//! Readings of logs: opening them from rows, letting those of the overview follow the selection, and what the store is to
//! know of them.

use jiff::tz::TimeZone;

use super::Ui;
use super::input::Effect;
use super::layout::LOGS;
use super::logs::{self, Done, LogPane};
use super::overlays::{LogPrompt, Overlay};
use super::screen::Screen;
use super::title::grouped;
use crate::logs::Look;
use crate::model::{LogReading, LogTarget, LogWant, Moment};
use crate::store::Store;
use crate::ui::commands::Command;

impl Ui {
    /// The logs that keys go to.
    pub(super) fn log_pane(&self) -> Option<&LogPane> {
        self.screens.current().logs()
    }

    pub(super) fn log_pane_mut(&mut self) -> Option<&mut LogPane> {
        self.screens.current_mut().logs_mut()
    }

    /// The operator's time zone.
    pub(super) fn zone(&self) -> TimeZone {
        self.zone.clone()
    }

    fn next_reading(&mut self) -> LogReading {
        self.readings += 1;
        LogReading(self.readings)
    }

    /// Opens the logs of the marked rows, of the row under the cursor, or of the opened object.
    pub(super) fn open_logs(&mut self, store: &Store, now: Moment) {
        let found = match self.screens.current() {
            Screen::Detail(detail) => logs::target_of(&detail.target).map(|target| {
                let kind = detail.target.kind.name();
                let name = format!("{kind} {}", super::detail::place(&detail.target));
                (name, vec![target])
            }),
            screen => screen.pane().and_then(|pane| logs::nameable(pane, store)),
        };
        match found {
            Some((name, targets)) => self.show_logs(name, targets),
            None => self.say("Nothing here writes logs.", false, now),
        }
    }

    /// Opens the logs of something that is known before any row is: what the command line names.
    pub fn read_logs(&mut self, name: &str, targets: Vec<LogTarget>) {
        self.show_logs(name.to_owned(), targets);
    }

    fn show_logs(&mut self, name: String, targets: Vec<LogTarget>) {
        let pane = LogPane::new(self.next_reading(), name, targets, false);
        self.screens.push(Screen::Logs(Box::new(pane)));
    }

    /// Gives a command to the logs that have the focus; none if it is not for them.
    pub(super) fn log_command(
        &mut self,
        store: &Store,
        command: Command,
        now: Moment,
    ) -> Option<Vec<Effect>> {
        if command == Command::Filter {
            let prompt = LogPrompt::filter(self.log_pane()?);
            self.overlay = Some(Overlay::LogPrompt(prompt));
            return Some(Vec::new());
        }
        let pane = self.log_pane_mut()?;
        match pane.command(store, command) {
            Done::NotMine => return None,
            Done::Quietly => {}
            Done::Say(words) => self.say(words, false, now),
            Done::Copy(text) => {
                let lines = text.lines().count();
                let what = if lines > 1 {
                    format!("{} lines", grouped(lines))
                } else {
                    format!("\"{}\"", super::widgets::table::cut_end(&text, 60))
                };
                self.say(format!("Copied {what}."), false, now);
                return Some(vec![Effect::Copy(text)]);
            }
            Done::Enlarge => {
                let (name, targets) = (pane.name.clone(), pane.targets.clone());
                self.show_logs(name, targets);
            }
            Done::Prompt(command) => {
                let prompt = LogPrompt::of(command, pane);
                self.overlay = Some(Overlay::LogPrompt(prompt));
            }
        }
        Some(Vec::new())
    }

    /// Lets the logs of the overview follow the row that is selected beside them. Rows that are only passed by open
    /// nothing.
    pub(super) fn follow_selection(&mut self, store: &Store, now: Moment) {
        let Screen::Overview(overview) = self.screens.current() else {
            return;
        };
        if !overview.shows(LOGS) {
            return;
        }
        let selected = overview
            .pane(overview.focus)
            .and_then(|pane| pane.target(store));
        let Some(selected) = selected.filter(|target| logs::target_of(target).is_some()) else {
            return;
        };
        let shown = overview.logs(LOGS).map(|pane| pane.targets.as_slice());
        let Some(target) = logs::target_of(&selected) else {
            return;
        };
        if shown == Some(std::slice::from_ref(&target)) {
            self.beside = None;
            return;
        }
        let since = match &self.beside {
            Some((known, since)) if *known == selected => *since,
            _ => now,
        };
        self.beside = Some((selected.clone(), since));
        if shown.is_some() && since.age(now) == 0 {
            return;
        }
        self.beside = None;
        let name = super::detail::place(&selected);
        let mut pane = LogPane::new(self.next_reading(), name, vec![target], true);
        if let Screen::Overview(overview) = self.screens.current_mut() {
            // What was chosen of one row's logs is chosen of the next one's.
            if let Some(before) = overview.logs(LOGS) {
                pane.take_over(before);
            }
            overview.set_logs(pane);
        }
    }

    /// When the overview shows the logs of another row.
    pub(super) fn selection_tick(&self) -> Option<Moment> {
        let (_, since) = self.beside.as_ref()?;
        Moment::from_second(since.second() + 1)
    }

    /// The logs that go on being read: those on screen, and the last ones that were opened.
    fn readings(&self) -> impl Iterator<Item = &LogPane> {
        let current = self.screens.current();
        let beside = match current {
            Screen::Overview(overview) if overview.shows(LOGS) => overview.logs(LOGS),
            _ => None,
        };
        beside.into_iter().chain(self.screens.reading())
    }

    /// What of the logs the sources shall read.
    pub(super) fn log_wants(&self) -> Vec<LogWant> {
        self.readings().map(LogPane::want).collect()
    }

    /// How the logs are looked at: the store keeps what is looked at, and looks for what is asked.
    pub fn looks(&self) -> Vec<Look> {
        self.readings().map(LogPane::look).collect()
    }

    /// When something of the logs on screen changes by itself.
    pub(super) fn log_ticks(&self, store: &Store, now: Moment) -> Option<Moment> {
        let pane = match self.screens.current() {
            Screen::Overview(overview) if overview.shows(LOGS) => overview.logs(LOGS),
            screen => screen.logs(),
        };
        pane.and_then(|pane| pane.ticks(store, now))
    }
}
