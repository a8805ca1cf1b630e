//! Logs on screen: which lines, how they look, where the operator stands in them. The lines themselves are the store's.
//!
//! A [`LogPane`] fills the screen of `l`, and follows the selection of its neighbours in the overview. It says what is
//! to be read ([`LogPane::want`]) and how it is looked at ([`LogPane::look`]); `prepare` reads the few lines that are
//! on screen and makes them into rows; drawing only writes those.

mod compose;
pub(crate) mod draw;
mod keys;
mod open;
mod panel;
mod prepare;
mod state;
mod strip;
mod take;
mod title;
mod when;

use std::collections::BTreeSet;

use ratatui::layout::Rect;

use crate::logs::{Filter, LineId, Look, Walk};
use crate::model::{LogReading, LogSince, LogTarget, LogWant, Moment};
use crate::store::Store;

pub(crate) use compose::Row;
pub(crate) use keys::Done;
pub(crate) use open::{nameable, target_of};
pub(crate) use panel::Panel;
pub(crate) use when::{Stamps, moment};

/// Lines of each stream that a pane of the overview begins with, and a screen.
const TAIL: (u32, u32) = (100, 1000);
/// Filters that can be gone back to.
const PAST: usize = 20;

/// Logs as they are looked at.
pub(crate) struct LogPane {
    pub(crate) reading: LogReading,
    /// Whose they are: `Deployment shop/shop`, `3 pods`.
    pub(crate) name: String,
    pub(crate) targets: Vec<LogTarget>,
    pub(crate) previous: bool,
    older: u32,
    /// A pane beside others.
    pub(crate) small: bool,
    filter: Filter,
    /// What was typed last, even if it is wrong.
    typed: String,
    pub(crate) problem: Option<String>,
    /// Filters that were left by a pivot.
    past: Vec<String>,
    search: Filter,
    pub(crate) search_problem: Option<String>,
    pub(crate) walk: Walk,
    /// Stays at the end as lines arrive.
    pub(crate) follow: bool,
    pub(crate) cursor: Option<LineId>,
    top: Option<LineId>,
    /// Where a selection began.
    pub(crate) anchor: Option<LineId>,
    pub(crate) wrap: bool,
    left: u16,
    pub(crate) stamps: Stamps,
    /// Times are those of the operator's zone, not UTC.
    pub(crate) local: bool,
    pub(crate) raw: bool,
    strip_on: bool,
    pub(crate) columns: Vec<String>,
    bookmarks: BTreeSet<LineId>,
    pub(crate) panel: Option<Panel>,
    panel_at: usize,
    /// Lines that had come when following stopped.
    paused_at: u64,
    rows: Vec<Row>,
    panel_rows: Vec<panel::PanelRow>,
    strip: strip::Strip,
    places: Places,
    /// What the labels of all streams begin with, and for how many streams that was worked out.
    prefix: (usize, usize),
    /// The time of the line that is looked at.
    around: Option<i64>,
}

/// Where the parts of a pane stand.
#[derive(Clone, Copy, Debug, Default)]
struct Places {
    strip: Rect,
    lines: Rect,
    panel: Rect,
}

impl LogPane {
    pub(crate) fn new(
        reading: LogReading,
        name: String,
        targets: Vec<LogTarget>,
        small: bool,
    ) -> Self {
        Self {
            reading,
            name,
            targets,
            previous: false,
            older: 0,
            small,
            filter: Filter::default(),
            typed: String::new(),
            problem: None,
            past: Vec::new(),
            search: Filter::default(),
            search_problem: None,
            walk: Walk {
                fold: true,
                ..Walk::default()
            },
            follow: true,
            cursor: None,
            top: None,
            anchor: None,
            wrap: false,
            left: 0,
            stamps: Stamps::Absolute,
            local: true,
            raw: false,
            strip_on: !small,
            columns: Vec::new(),
            bookmarks: BTreeSet::new(),
            panel: None,
            panel_at: 0,
            paused_at: 0,
            rows: Vec::new(),
            panel_rows: Vec::new(),
            strip: strip::Strip::default(),
            places: Places::default(),
            prefix: (0, 0),
            around: None,
        }
    }

    /// Looks at other lines in the way in which those before were looked at.
    pub(crate) fn take_over(&mut self, before: &Self) {
        self.set_filter(&before.typed);
        self.filter.floor = before.filter.floor;
        self.stamps = before.stamps;
        self.local = before.local;
        self.wrap = before.wrap;
        self.raw = before.raw;
        self.walk.fold = before.walk.fold;
    }

    /// What is to be read.
    pub(crate) fn want(&self) -> LogWant {
        LogWant {
            reading: self.reading,
            targets: self.targets.clone(),
            since: LogSince::Tail(if self.small { TAIL.0 } else { TAIL.1 }),
            previous: self.previous,
            follow: true,
            older: self.older,
        }
    }

    /// How it is looked at.
    pub(crate) fn look(&self) -> Look {
        Look {
            reading: self.reading,
            filter: self.filter.clone(),
            search: self.search.clone(),
            around: self.around,
            patterns: self.panel == Some(Panel::Patterns),
            small: self.small,
        }
    }

    /// What was typed as a filter.
    pub(crate) fn typed(&self) -> &str {
        &self.typed
    }

    /// Takes a filter as it is typed; one that is wrong leaves the last good one in force.
    pub(crate) fn set_filter(&mut self, text: &str) {
        text.clone_into(&mut self.typed);
        match Filter::parse(text) {
            Ok(mut filter) => {
                filter.floor = self.filter.floor;
                filter.muted = std::mem::take(&mut self.filter.muted);
                self.filter = filter;
                self.problem = None;
            }
            Err(problem) => self.problem = Some(problem),
        }
    }

    /// Puts another filter in place of the one in force, which can be gone back to.
    pub(crate) fn pivot(&mut self, text: &str) {
        if self.past.len() >= PAST {
            self.past.remove(0);
        }
        self.past.push(std::mem::take(&mut self.typed));
        self.walk.all = false;
        self.set_filter(text);
    }

    pub(crate) fn search_text(&self) -> &str {
        self.search.text()
    }

    /// Looks for something in the lines that are shown.
    pub(crate) fn set_search(&mut self, text: &str) {
        match Filter::parse(text) {
            Ok(search) => {
                self.search = search;
                self.search_problem = None;
            }
            Err(problem) => self.search_problem = Some(problem),
        }
    }

    /// Whether a second that passes changes what is shown: ages, a rate.
    pub(crate) fn ticks(&self, store: &Store, now: Moment) -> Option<Moment> {
        let book = store.logbook(self.reading)?;
        let recent =
            book.since((now.second() - title::RATE_SECONDS - 1) * crate::logs::time::SECOND) > 0;
        let waits = book.totals().reconnecting > 0;
        let ages = self.stamps == Stamps::Relative && !self.rows.is_empty();
        (recent || waits || ages).then(|| Moment::from_second(now.second() + 1))?
    }

    /// The places of a screen that is not shown are forgotten; where the operator stands is not.
    pub(crate) fn rest(&mut self) {
        self.rows = Vec::new();
        self.panel_rows = Vec::new();
        self.places = Places::default();
    }
}
