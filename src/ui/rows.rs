//! The table of a pane: which rows it shows in which order, where the cursor is, what is marked, how wide columns are.
//!
//! The pane calls [`TableState::prepare`] when data or query moved and [`TableState::fit`] before each draw; drawing
//! itself only reads. The cursor holds an identity, never a row number: rows may come, go and change places, and the
//! cursor stays on its object. Only when that object is gone does it go to the neighbour, and says so.

use std::collections::{BTreeSet, HashSet};

use crate::model::{Key, Moment, Target};
use crate::store::Store;
use crate::ui::query::Query;
use crate::ui::views::{Column, Prepared, View, World};
use crate::ui::widgets::table::{self, Widths};

/// What a pane's table remembers between frames.
#[derive(Clone, Debug, Default)]
pub struct TableState {
    prepared: Prepared,
    columns: Vec<Column>,
    view: String,
    query: Query,
    ready: bool,
    cursor: Option<Key>,
    /// An object that the cursor goes to once it is there.
    wanted: Option<Key>,
    gone: Option<Gone>,
    /// The name under the cursor, to say what is gone.
    name: String,
    /// The cursor's place in the prepared rows.
    at: usize,
    /// Until the operator moves it, the cursor stays on the first row.
    moved: bool,
    top: usize,
    page: usize,
    /// Columns scrolled away to the left.
    skip: usize,
    wide: bool,
    marks: BTreeSet<Key>,
    widths: Widths,
}

/// The row under the cursor went away by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    pub name: String,
    /// The object is no more; otherwise it only no longer matches the query.
    pub deleted: bool,
}

impl TableState {
    /// Brings the rows up to date. Filters and sorts if the view or the query is another one, or, with `resort`, if
    /// the data moved. Without `resort` rows keep their places, and [`Self::fit`] drops those that vanished.
    pub fn prepare(&mut self, view: &dyn View, world: World<'_>, query: &Query, resort: bool) {
        let other_view = self.view != view.name();
        let asked = !self.ready || other_view || self.query != *query;
        let moved = view.revision(world.store) != self.prepared.revision;
        if !(asked || moved && resort) {
            return;
        }
        if other_view {
            *self = Self {
                wide: self.wide,
                page: self.page,
                wanted: self.wanted.filter(|_| !self.ready),
                ..Self::default()
            };
            view.name().clone_into(&mut self.view);
        }
        if asked {
            self.query.clone_from(query);
            self.widths.reset();
        }
        self.ready = true;
        self.columns = view.columns(world);
        self.fold_namespace();
        view.prepare(world, query, &mut self.prepared);
        self.keep_marks(view, world.store, asked);
        self.follow(view, world.store, asked);
    }

    /// Forgets the rows, but not cursor, scroll and marks: the table is not shown and needs no memory meanwhile.
    pub fn rest(&mut self) {
        self.prepared = Prepared::default();
        self.ready = false;
    }

    /// Whether the data moved since the rows were prepared last.
    pub fn is_behind(&self, view: &dyn View, store: &Store) -> bool {
        !self.ready || view.revision(store) != self.prepared.revision
    }

    /// Fits the rows into an area, header and scrollbar included: drops rows on screen that vanished, scrolls to the
    /// cursor, learns how wide columns want to be.
    pub fn fit(&mut self, view: &dyn View, world: World<'_>, area: ratatui::layout::Rect) {
        self.page = usize::from(area.height.saturating_sub(1));
        self.scroll_into_sight();
        self.drop_vanished(view, world.store);
        self.scroll_into_sight();
        let range = self.shown();
        let rows = self.prepared.rows.get(range).unwrap_or_default();
        self.widths
            .learn(view, world, &self.columns, rows, area.width);
    }

    /// The row that was under the cursor and went away by itself, told once.
    pub fn take_gone(&mut self) -> Option<Gone> {
        self.gone.take()
    }

    /// The slots on screen.
    pub fn visible(&self) -> &[u32] {
        self.prepared.rows.get(self.shown()).unwrap_or_default()
    }

    /// The second in which something on screen changes by itself.
    pub fn ticks(&self, view: &dyn View, world: World<'_>) -> Option<Moment> {
        self.visible()
            .iter()
            .filter_map(|slot| view.ticks(world, *slot))
            .min()
    }

    pub fn prepared(&self) -> &Prepared {
        &self.prepared
    }

    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    pub fn widths(&self) -> &Widths {
        &self.widths
    }

    /// The query that the rows answer.
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// The first row on screen.
    pub fn top(&self) -> usize {
        self.top
    }

    /// Columns scrolled away to the left.
    pub fn skipped(&self) -> usize {
        self.skip
    }

    pub fn is_wide(&self) -> bool {
        self.wide
    }

    pub fn set_wide(&mut self, wide: bool) {
        self.wide = wide;
        self.skip = 0;
        self.widths.reset();
    }

    pub fn cursor(&self) -> Option<Key> {
        self.cursor
    }

    /// The cursor's place, counted from 0.
    pub fn index(&self) -> Option<usize> {
        self.cursor.map(|_| self.at)
    }

    /// The slot under the cursor.
    pub fn slot(&self, view: &dyn View, store: &Store) -> Option<u32> {
        view.slot(store, &self.cursor?)
    }

    /// Puts the cursor on an object, now or once it appears.
    pub fn select(&mut self, view: &dyn View, store: &Store, key: Key) {
        self.wanted = Some(key);
        if self.ready {
            self.follow(view, store, false);
        }
    }

    /// Puts the cursor on a row by its place; beyond the end means the last.
    pub fn select_index(&mut self, view: &dyn View, store: &Store, index: usize) {
        self.moved = true;
        self.land(view, store, index);
    }

    pub fn move_by(&mut self, view: &dyn View, store: &Store, by: isize) {
        self.select_index(view, store, self.at.saturating_add_signed(by));
    }

    /// Moves by whole pages; the cursor keeps its line.
    pub fn move_pages(&mut self, view: &dyn View, store: &Store, pages: isize) {
        let by = pages.saturating_mul(self.page.max(1) as isize);
        self.top = self
            .top
            .saturating_add_signed(by)
            .min(self.prepared.rows.len().saturating_sub(self.page));
        self.move_by(view, store, by);
    }

    pub fn home(&mut self, view: &dyn View, store: &Store) {
        self.select_index(view, store, 0);
    }

    pub fn end(&mut self, view: &dyn View, store: &Store) {
        self.select_index(view, store, usize::MAX);
    }

    /// Scrolls the rows under the cursor, which moves only if it would leave the screen.
    pub fn scroll_by(&mut self, view: &dyn View, store: &Store, rows: isize) {
        let last = self.prepared.rows.len().saturating_sub(self.page);
        self.top = self.top.saturating_add_signed(rows).min(last);
        let bottom = self.top + self.page.saturating_sub(1);
        let at = self.at.clamp(self.top, bottom);
        if at != self.at {
            self.select_index(view, store, at);
        }
    }

    /// Scrolls by columns; the name stays.
    pub fn scroll_columns(&mut self, by: isize) {
        let last = self.columns.len().saturating_sub(2);
        self.skip = self.skip.saturating_add_signed(by).min(last);
    }

    /// Marks the row under the cursor, or takes its mark away.
    pub fn toggle_mark(&mut self) {
        if let Some(key) = self.cursor
            && !self.marks.remove(&key)
        {
            self.marks.insert(key);
        }
    }

    /// Marks all rows from the nearest marked one to the cursor.
    pub fn mark_range(&mut self, view: &dyn View, store: &Store) {
        let marked = |slot: &u32| {
            view.key(store, *slot)
                .is_some_and(|key| self.marks.contains(&key))
        };
        let nearest = self
            .prepared
            .rows
            .iter()
            .enumerate()
            .filter(|(_, slot)| marked(slot))
            .map(|(at, _)| at)
            .min_by_key(|at| at.abs_diff(self.at))
            .unwrap_or(self.at);
        let (from, to) = (nearest.min(self.at), nearest.max(self.at));
        let rows = self.prepared.rows.get(from..=to).unwrap_or_default();
        let keys: Vec<Key> = rows
            .iter()
            .filter_map(|slot| view.key(store, *slot))
            .collect();
        self.marks.extend(keys);
    }

    pub fn clear_marks(&mut self) {
        self.marks.clear();
    }

    /// Marked rows; all of them are among the prepared ones.
    pub fn marks(&self) -> &BTreeSet<Key> {
        &self.marks
    }

    /// What an action would aim at: the marked rows in their order on screen, else the one under the cursor.
    pub fn targets(&self, view: &dyn View, store: &Store) -> Vec<Target> {
        if self.marks.is_empty() {
            return self
                .slot(view, store)
                .and_then(|slot| view.target(store, slot))
                .into_iter()
                .collect();
        }
        let slots: HashSet<u32> = self
            .marks
            .iter()
            .filter_map(|key| view.slot(store, key))
            .collect();
        self.prepared
            .rows
            .iter()
            .filter(|slot| slots.contains(slot))
            .filter_map(|slot| view.target(store, *slot))
            .collect()
    }

    fn shown(&self) -> std::ops::Range<usize> {
        let len = self.prepared.rows.len();
        self.top.min(len)..(self.top + self.page).min(len)
    }

    fn scroll_into_sight(&mut self) {
        if self.cursor.is_some() {
            let above = self.page.saturating_sub(1);
            self.top = self.top.clamp(self.at.saturating_sub(above), self.at);
        }
        let last = self.prepared.rows.len().saturating_sub(self.page);
        self.top = self.top.min(last);
    }

    /// Drops rows on screen whose object is gone, so that what is shown is there.
    fn drop_vanished(&mut self, view: &dyn View, store: &Store) {
        if !self.is_behind(view, store) {
            return;
        }
        let mut at = self.top;
        while at < (self.top + self.page).min(self.prepared.rows.len()) {
            if self.prepared.holds(view, store, at) {
                at += 1;
            } else {
                self.prepared.drop(at);
                if at < self.at {
                    self.at -= 1;
                } else if at == self.at {
                    self.lose(view, store);
                }
            }
        }
    }

    /// A column in which all rows say the same is only shown in wide mode.
    fn fold_namespace(&mut self) {
        if self.query.namespaces.len() == 1
            && let Some(column) = self
                .columns
                .iter_mut()
                .find(|column| column.key == "namespace")
        {
            column.wide = true;
        }
    }

    /// Forgets marks of rows that are no longer shown: an action must never hit what cannot be seen.
    fn keep_marks(&mut self, view: &dyn View, store: &Store, asked: bool) {
        if self.marks.is_empty() {
            return;
        }
        self.marks.retain(|key| view.slot(store, key).is_some());
        if asked || !self.query.filter.is_empty() || self.query.faults_only {
            let rows: HashSet<u32> = self.prepared.rows.iter().copied().collect();
            self.marks.retain(|key| {
                view.slot(store, key)
                    .is_some_and(|slot| rows.contains(&slot))
            });
        }
    }

    /// Finds the cursor's object among the rows, or a new place for the cursor.
    fn follow(&mut self, view: &dyn View, store: &Store, asked: bool) {
        if let Some(place) = self.wanted.and_then(|key| self.place(view, store, &key)) {
            self.wanted = None;
            self.select_index(view, store, place);
            return;
        }
        if !self.moved {
            self.land(view, store, 0);
            return;
        }
        let place = self.cursor.and_then(|key| self.place(view, store, &key));
        if let Some(place) = place {
            // The object keeps its line on the screen, as far as there are rows to fill it.
            let line = self.at.saturating_sub(self.top);
            self.top = place.saturating_sub(line);
            self.at = place;
            self.note_name(view, store);
        } else if asked {
            self.top = 0;
            self.land(view, store, 0);
        } else {
            self.lose(view, store);
        }
    }

    fn place(&self, view: &dyn View, store: &Store, key: &Key) -> Option<usize> {
        let slot = view.slot(store, key)?;
        self.prepared.rows.iter().position(|row| *row == slot)
    }

    /// The row under the cursor is not there any more: the cursor goes to its neighbour.
    fn lose(&mut self, view: &dyn View, store: &Store) {
        if let Some(key) = self.cursor.filter(|_| self.moved) {
            self.gone = Some(Gone {
                name: std::mem::take(&mut self.name),
                deleted: view.slot(store, &key).is_none(),
            });
        }
        self.land(view, store, self.at);
    }

    fn land(&mut self, view: &dyn View, store: &Store, index: usize) {
        let last = self.prepared.rows.len().saturating_sub(1);
        self.at = index.min(last);
        let slot = self.prepared.rows.get(self.at);
        self.cursor = slot.and_then(|slot| view.key(store, *slot));
        self.note_name(view, store);
    }

    fn note_name(&mut self, view: &dyn View, store: &Store) {
        self.name.clear();
        if let Some(target) = self
            .slot(view, store)
            .and_then(|slot| view.target(store, slot))
        {
            self.name.push_str(&target.name);
        }
    }
}

/// What is where in a drawn table; for the mouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    /// A column's header, by its place in [`TableState::columns`].
    Header(usize),
    /// A row, by its place among the prepared ones.
    Row(usize),
}

impl TableState {
    /// What stands at a position of the area that the table was drawn into.
    pub fn hit(&self, area: ratatui::layout::Rect, x: u16, y: u16) -> Option<Hit> {
        if !area.contains(ratatui::layout::Position { x, y }) {
            return None;
        }
        if y == area.y {
            return table::column_at(self, area, x).map(Hit::Header);
        }
        let at = self.top + usize::from(y - area.y - 1);
        (at < self.prepared.rows.len()).then_some(Hit::Row(at))
    }
}
