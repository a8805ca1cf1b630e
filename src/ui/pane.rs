//! A pane: one view with what is asked of it and where its cursor is.
//!
//! The screen owns its panes. `prepare` brings a pane up to date with the store, `area` says where it stands, drawing
//! only reads.

use ratatui::layout::Rect;

use super::filter::Filter;
use super::query::{Query, Sort, Within};
use super::rows::TableState;
use super::scope::Scoped;
use super::views::{ViewRef, World};
use crate::model::{EndpointId, Kind, Name, Target};
use crate::store::Store;

/// A table on screen.
pub(crate) struct Pane {
    pub(crate) view: ViewRef,
    /// What this pane asks for itself: filter, order, what it is narrowed to, one endpoint. The namespaces come from
    /// the scope that all panes share.
    pub(crate) query: Query,
    pub(crate) table: TableState,
    /// The row of another view that this one was opened from.
    pub(crate) origin: Option<Target>,
    /// Where the table stands, without the title.
    pub(crate) area: Rect,
    /// The query with the shared scope, as it was asked last.
    asked: Query,
}

impl Pane {
    pub(crate) fn new(view: ViewRef, wide: bool) -> Self {
        let mut table = TableState::default();
        if wide {
            table.set_wide(true);
        }
        Self {
            view,
            query: Query::default(),
            table,
            origin: None,
            area: Rect::default(),
            asked: Query::default(),
        }
    }

    /// The same pane, narrowed to what belongs to an object.
    #[must_use]
    pub(crate) fn within(mut self, within: Within, origin: Target) -> Self {
        self.query.within = Some(within);
        self.origin = Some(origin);
        self
    }

    /// What is asked of the view: the pane's own query within the shared scope. What belongs to an object is shown
    /// wherever it is.
    pub(crate) fn asked(&self, scope: &Scoped) -> Query {
        let mut query = self.query.clone();
        if query.within.is_none() {
            query.namespaces.clone_from(&scope.namespaces);
        }
        query
    }

    /// Brings the rows up to date; see [`TableState::prepare`].
    pub(crate) fn prepare(&mut self, world: World<'_>, scope: &Scoped, resort: bool) {
        self.asked = self.asked(scope);
        self.table
            .prepare(self.view.as_ref(), world, &self.asked, resort);
        self.table.fit(self.view.as_ref(), world, self.area);
    }

    /// Forgets rows of a screen that is not shown; cursor, filter and marks stay.
    pub(crate) fn rest(&mut self) {
        self.area = Rect::default();
        self.table.rest();
    }

    pub(crate) fn set_filter(&mut self, text: &str) {
        self.query.filter = Filter::parse(text);
    }

    /// The slot under the cursor.
    pub(crate) fn slot(&self, store: &Store) -> Option<u32> {
        self.table.slot(self.view.as_ref(), store)
    }

    /// The object under the cursor.
    pub(crate) fn target(&self, store: &Store) -> Option<Target> {
        self.view.target(store, self.slot(store)?)
    }

    /// The objects that are marked, or the one under the cursor.
    pub(crate) fn targets(&self, store: &Store) -> Vec<Target> {
        self.table.targets(self.view.as_ref(), store)
    }

    pub(crate) fn move_by(&mut self, store: &Store, by: isize) {
        self.table.move_by(self.view.as_ref(), store, by);
    }

    pub(crate) fn move_pages(&mut self, store: &Store, pages: isize) {
        self.table.move_pages(self.view.as_ref(), store, pages);
    }

    /// Half a page, in rows.
    pub(crate) fn half(&self) -> isize {
        (isize::from(self.area.height as i16) - 1).max(2) / 2
    }

    /// Sorts by a column; by the same again turns the order round. False if the view has no such column.
    pub(crate) fn sort(&mut self, column: &str) -> bool {
        if !self.table.columns().iter().any(|known| known.key == column) {
            return false;
        }
        let again = self
            .query
            .sort
            .as_ref()
            .filter(|sort| sort.column == column);
        let descending = again.map_or_else(|| most_first(column), |sort| !sort.descending);
        self.query.sort = Some(Sort {
            column: column.to_owned(),
            descending,
        });
        true
    }

    /// Sorts by the column beside the one sorted by now.
    pub(crate) fn sort_beside(&mut self, step: isize) {
        let wide = self.table.is_wide();
        let shown: Vec<String> = self
            .table
            .columns()
            .iter()
            .filter(|column| wide || !column.wide)
            .map(|column| column.key.to_string())
            .collect();
        let now = self
            .query
            .sort
            .as_ref()
            .and_then(|sort| shown.iter().position(|key| *key == sort.column));
        let next = match now {
            Some(at) => (at as isize + step).rem_euclid(shown.len().max(1) as isize) as usize,
            None if step > 0 => 0,
            None => shown.len().saturating_sub(1),
        };
        if let Some(column) = shown.get(next) {
            self.query.sort = Some(Sort {
                column: column.clone(),
                descending: most_first(column),
            });
        }
    }

    /// What must be watched for this pane: kinds, and the namespaces to look into (all, if there are none).
    pub(crate) fn wants(&self, scope: &Scoped) -> (Vec<Kind>, Vec<Name>) {
        let asked = self.asked(scope);
        let namespaces = match asked.within {
            Some(Within::Owner { namespace, .. } | Within::Selector { namespace, .. }) => {
                // All namespaces are watched already; watching one of them beside would cost a second stream.
                if scope.namespaces.is_empty() {
                    Vec::new()
                } else {
                    vec![namespace]
                }
            }
            Some(Within::Node { .. } | Within::Alerts { .. }) => Vec::new(),
            Some(Within::About { .. } | Within::Pod { .. }) => self
                .origin
                .as_ref()
                .filter(|origin| !origin.namespace.is_empty() && !scope.namespaces.is_empty())
                .map(|origin| vec![origin.namespace.clone()])
                .unwrap_or_default(),
            None => asked.namespaces,
        };
        (self.view.kinds(), namespaces)
    }

    /// The endpoint that this pane is narrowed to, if it is.
    pub(crate) fn endpoint(&self) -> Option<EndpointId> {
        match &self.query.within {
            Some(
                Within::Owner { endpoint, .. }
                | Within::Selector { endpoint, .. }
                | Within::Node { endpoint, .. }
                | Within::About { endpoint, .. }
                | Within::Pod { endpoint, .. },
            ) => Some(*endpoint),
            Some(Within::Alerts { .. }) => None,
            None => self.query.endpoints.first().copied(),
        }
    }
}

/// Whether the interesting end of a column is its large one.
fn most_first(column: &str) -> bool {
    ["cpu", "memory", "restarts", "count", "size", "data"]
        .iter()
        .any(|word| column.starts_with(word))
}
