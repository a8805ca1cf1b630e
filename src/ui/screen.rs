//! Screens and their history: where the operator is, was, and can go back to.

use super::board::Grid;
use super::board::screen::Boards;
use super::detail::Detail;
use super::overview::Overview;
use super::pane::Pane;
use crate::model::Kind;

/// Screens that are remembered; the oldest but the overview is forgotten.
const HISTORY: usize = 30;

/// What fills the body.
pub(crate) enum Screen {
    Overview(Box<Overview>),
    Table(Box<Pane>),
    Detail(Box<Detail>),
    Boards(Box<Boards>),
}

/// The screens visited, like the pages of a browser.
pub(crate) struct Screens {
    /// Never empty: the overview comes first.
    stack: Vec<(u64, Screen)>,
    at: usize,
    /// The screen that was shown before this one.
    last: Option<u64>,
    next: u64,
    home: Screen,
}

impl Screen {
    /// The table that keys go to.
    pub(crate) fn pane(&self) -> Option<&Pane> {
        match self {
            Self::Overview(overview) => overview.pane(overview.focus),
            Self::Table(pane) => Some(pane),
            Self::Detail(detail) => detail.pane(),
            Self::Boards(_) => None,
        }
    }

    pub(crate) fn pane_mut(&mut self) -> Option<&mut Pane> {
        match self {
            Self::Overview(overview) => overview.pane_mut(overview.focus),
            Self::Table(pane) => Some(pane),
            Self::Detail(detail) => detail.pane_mut(),
            Self::Boards(_) => None,
        }
    }

    /// The charts that keys go to.
    pub(crate) fn grid(&self) -> Option<&Grid> {
        match self {
            Self::Boards(boards) => Some(&boards.grid),
            Self::Detail(detail) => detail.grid(),
            _ => None,
        }
    }

    pub(crate) fn grid_mut(&mut self) -> Option<&mut Grid> {
        match self {
            Self::Boards(boards) => Some(&mut boards.grid),
            Self::Detail(detail) => detail.grid_mut(),
            _ => None,
        }
    }

    /// Every table on screen.
    pub(crate) fn shown(&self) -> Vec<&Pane> {
        match self {
            Self::Overview(overview) => overview.shown().collect(),
            Self::Table(pane) => vec![pane],
            Self::Detail(detail) => detail.pane().into_iter().collect(),
            Self::Boards(_) => Vec::new(),
        }
    }

    /// Whether rows of a kind, or one opened, are on screen.
    pub(crate) fn shows(&self, kind: &Kind) -> bool {
        match self {
            Self::Detail(detail) if detail.target.kind == *kind => true,
            _ => self
                .shown()
                .iter()
                .any(|pane| pane.view.kinds().contains(kind)),
        }
    }

    fn rest(&mut self) {
        match self {
            Self::Overview(overview) => overview.panes_mut().for_each(Pane::rest),
            Self::Table(pane) => pane.rest(),
            Self::Detail(detail) => detail.rest(),
            Self::Boards(boards) => boards.grid.rest(),
        }
    }
}

impl Screens {
    pub(crate) fn new(home: Overview) -> Self {
        Self {
            stack: Vec::new(),
            at: 0,
            last: None,
            next: 0,
            home: Screen::Overview(Box::new(home)),
        }
    }

    /// The screen that is shown. The overview is kept apart: it is always there, at the start of history.
    pub(crate) fn current(&self) -> &Screen {
        self.at
            .checked_sub(1)
            .and_then(|at| self.stack.get(at))
            .map_or(&self.home, |(_, screen)| screen)
    }

    pub(crate) fn current_mut(&mut self) -> &mut Screen {
        match self.at.checked_sub(1) {
            Some(at) => match self.stack.get_mut(at) {
                Some((_, screen)) => screen,
                None => &mut self.home,
            },
            None => &mut self.home,
        }
    }

    /// Shows a new screen; what could be gone forward to is forgotten.
    pub(crate) fn push(&mut self, screen: Screen) {
        self.leave();
        self.stack.truncate(self.at);
        if self.stack.len() >= HISTORY {
            self.stack.remove(0);
        }
        self.next += 1;
        self.stack.push((self.next, screen));
        self.at = self.stack.len();
    }

    /// Steps through history; false at its end.
    pub(crate) fn step(&mut self, by: isize) -> bool {
        match self.at.checked_add_signed(by) {
            Some(to) if to <= self.stack.len() && to != self.at => {
                self.leave();
                self.at = to;
                true
            }
            _ => false,
        }
    }

    /// Shows the overview; the others stay in history.
    pub(crate) fn home(&mut self) {
        if self.at != 0 {
            self.leave();
            self.at = 0;
        }
    }

    /// Shows the screen that was shown before; false if there is none.
    pub(crate) fn last(&mut self) -> bool {
        let to = match self.last {
            Some(0) => Some(0),
            Some(id) => self
                .stack
                .iter()
                .position(|(known, _)| *known == id)
                .map(|at| at + 1),
            None => None,
        };
        match to {
            Some(to) if to != self.at => {
                self.leave();
                self.at = to;
                true
            }
            _ => false,
        }
    }

    fn leave(&mut self) {
        let id = self
            .at
            .checked_sub(1)
            .and_then(|at| self.stack.get(at))
            .map_or(0, |(id, _)| *id);
        self.last = Some(id);
        self.current_mut().rest();
    }
}
