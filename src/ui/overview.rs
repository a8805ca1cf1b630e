//! The overview: the panes that are watched at once, and how they share the screen.

use super::layout::{
    self, ALERTS, AUTOSCALING, CONTAINERS, PANES, PODS, Shares, WORKLOADS, Worlds,
};
use super::pane::Pane;
use super::views;
use crate::model::Engine;
use crate::store::Store;
use ratatui::layout::Rect;

/// The first screen.
pub(crate) struct Overview {
    tiles: [Tile; PANES],
    pub(crate) focus: usize,
    pub(crate) zoom: bool,
    pub(crate) shares: Shares,
    /// The panes last used of the upper and the middle band, shown where there is room for one only.
    active: [usize; 2],
    pub(crate) layout: layout::Overview,
    worlds: Worlds,
}

/// What stands in a pane.
pub(crate) enum Tile {
    Table(Box<Pane>),
    /// Words that say what the pane waits for.
    Note {
        title: &'static str,
        words: &'static str,
    },
}

impl Overview {
    pub(crate) fn new(wide: bool) -> Self {
        let table = |name: &str, title: &'static str| match views::find(name) {
            Some(view) => Tile::Table(Box::new(Pane::new(view, wide))),
            None => Tile::Note {
                title,
                words: "This view is not part of this build.",
            },
        };
        Self {
            tiles: [
                table("alerts", "Alerts"),
                table("hpa", "Autoscaling"),
                table("workloads", "Workloads"),
                table("pods", "Pods"),
                table("containers", "Containers"),
                Tile::Note {
                    title: "Logs",
                    words: "Logs of the selected row will stand here; none are read yet.",
                },
            ],
            focus: WORKLOADS,
            zoom: false,
            shares: Shares::default(),
            active: [AUTOSCALING, WORKLOADS],
            layout: layout::Overview::default(),
            worlds: Worlds {
                clusters: true,
                hosts: false,
            },
        }
    }

    pub(crate) fn tile(&self, pane: usize) -> Option<&Tile> {
        self.tiles.get(pane)
    }

    pub(crate) fn pane(&self, pane: usize) -> Option<&Pane> {
        match self.tiles.get(pane)? {
            Tile::Table(pane) => Some(pane),
            Tile::Note { .. } => None,
        }
    }

    pub(crate) fn pane_mut(&mut self, pane: usize) -> Option<&mut Pane> {
        match self.tiles.get_mut(pane)? {
            Tile::Table(pane) => Some(pane),
            Tile::Note { .. } => None,
        }
    }

    /// Every table, shown or not.
    pub(crate) fn panes_mut(&mut self) -> impl Iterator<Item = &mut Pane> {
        self.tiles.iter_mut().filter_map(|tile| match tile {
            Tile::Table(pane) => Some(pane.as_mut()),
            Tile::Note { .. } => None,
        })
    }

    /// The tables on screen.
    pub(crate) fn shown(&self) -> impl Iterator<Item = &Pane> {
        self.layout
            .placed
            .iter()
            .filter_map(|placed| self.pane(placed.pane))
    }

    /// Lays the panes out. Without anything open, it looks as if a cluster were.
    pub(crate) fn arrange(&mut self, body: Rect, store: &Store) {
        let hosts = store.has(Engine::Docker);
        self.worlds = Worlds {
            clusters: store.has(Engine::Kubernetes) || !hosts,
            hosts,
        };
        if !self.worlds.shows(self.focus) {
            self.focus = WORKLOADS;
        }
        for (band, usual) in [(0, ALERTS), (1, WORKLOADS)] {
            if let Some(active) = self.active.get_mut(band)
                && !self.worlds.shows(*active)
            {
                *active = usual;
            }
        }
        self.layout = layout::overview(
            body,
            self.shares,
            self.focus,
            self.active,
            self.zoom,
            self.worlds,
        );
        for pane in self.panes_mut() {
            pane.area = Rect::default();
        }
        for placed in self.layout.placed.clone() {
            if let Some(pane) = self.pane_mut(placed.pane) {
                pane.area = placed.body;
            }
        }
    }

    /// Gives a pane the focus, and shows it where it shares its place.
    pub(crate) fn focus(&mut self, pane: usize) {
        self.focus = pane.min(PANES - 1);
        match self.focus {
            ALERTS | AUTOSCALING => self.active[0] = self.focus,
            WORKLOADS | PODS | CONTAINERS => self.active[1] = self.focus,
            _ => {}
        }
    }

    /// Gives the pane after (or, with -1, before) the focused one the focus.
    pub(crate) fn focus_beside(&mut self, step: isize) {
        let mut next = self.focus as isize;
        for _ in 0..PANES {
            next = (next + step).rem_euclid(PANES as isize);
            if self.worlds.shows(next as usize) {
                break;
            }
        }
        self.focus(next as usize);
    }

    /// Makes the focused pane higher or wider, by thousandths of the body.
    pub(crate) fn resize(&mut self, rows: i16, columns: i16) {
        let stacked = self
            .layout
            .dividers
            .iter()
            .any(|(_, divider)| *divider == layout::Divider::MiddleStack);
        if rows != 0 {
            self.shares.resize_height(self.focus, rows, stacked);
        }
        if columns != 0 {
            self.shares.resize_width(self.focus, columns);
        }
    }

    /// The title of a pane, also of one that is not shown.
    pub(crate) fn title(&self, pane: usize) -> &str {
        match self.tiles.get(pane) {
            Some(Tile::Note { title, .. }) => title,
            Some(Tile::Table(_)) if pane == AUTOSCALING => "Autoscaling",
            Some(Tile::Table(table)) => table.view.title(),
            None => "",
        }
    }
}
