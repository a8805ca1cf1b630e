//! Views: what can be shown as a table, one file each, and the list of them all.
//!
//! A view says which kinds it rests on, its columns, and how a row becomes cells. Help, palette, `qd get`, snapshots
//! and completions derive from [`ALL`]. Views only read the store; what was filtered and sorted is kept in
//! [`Prepared`], which belongs to the pane.

use std::borrow::Cow;
use std::sync::Arc;

use crate::model::{Health, Key, Kind, Moment, Target};
use crate::store::Store;
use crate::ui::query::Query;

/// What a view may look at.
#[derive(Clone, Copy)]
pub struct World<'a> {
    pub store: &'a Store,
    pub now: Moment,
    /// Several endpoints are open, so a column says which.
    pub several: bool,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// `RESTARTS`
    pub header: Cow<'static, str>,
    /// `restarts`: the key in JSON and in `:sort`.
    pub key: Cow<'static, str>,
    pub right: bool,
    /// Only shown in wide mode.
    pub wide: bool,
    /// Columns with a higher number go first when room is short; 0 stays to the end.
    pub rank: u8,
    /// Never narrower than this many cells while shown.
    pub min: u16,
    /// Never wider than this, unless room is left over.
    pub max: u16,
}

/// What a cell means; the theme gives it a colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Role {
    #[default]
    Plain,
    /// Of little weight: ages, namespaces, what is as it should be.
    Dim,
    /// The name of the row.
    Strong,
    Accent,
    Health(Health),
}

/// A cell of a row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cell<'a> {
    pub text: Cow<'a, str>,
    pub role: Role,
    /// A bar before the text: the filled share (may exceed 1).
    pub bar: Option<f32>,
}

/// Rows of a view that match a query, in order. Owned by the pane, made by [`View::prepare`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prepared {
    /// Slots of the view's table.
    pub rows: Vec<u32>,
    /// Rows in scope, before the filter.
    pub total: usize,
    /// Rows of `rows` by health, in the order of [`Health::ALL`].
    pub by_health: [usize; 5],
    /// The table's revision that this was made from.
    pub revision: u64,
}

/// Where Enter leads from a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Drill {
    /// Open the object's detail.
    Detail,
    /// Another view, narrowed to what belongs to the row.
    Into {
        view: &'static str,
        within: crate::ui::query::Within,
    },
    /// Work in this namespace from now on.
    UseNamespace(String),
    /// Open this context.
    UseContext(String),
}

/// A view. Slots are those of the view's own table in the store.
pub trait View: Send + Sync {
    /// `pods`: unique; what is typed after `:` and `qd get`.
    fn name(&self) -> &str;
    /// `po`, `pod`
    fn aliases(&self) -> Vec<String>;
    /// `Pods`
    fn title(&self) -> &str;
    /// One sentence for help.
    fn doc(&self) -> &str;
    /// The kinds that must be watched while it is shown.
    fn kinds(&self) -> Vec<Kind>;
    fn columns(&self, world: World<'_>) -> Vec<Column>;
    /// The revision of what the rows are made from; rows are prepared again when it moves.
    fn revision(&self, store: &Store) -> u64;
    /// Filters and sorts.
    fn prepare(&self, world: World<'_>, query: &Query, prepared: &mut Prepared);
    /// The cells of a row, one for each of [`Self::columns`].
    fn cells<'a>(&self, world: World<'a>, slot: u32) -> Vec<Cell<'a>>;
    fn health(&self, store: &Store, slot: u32) -> Health;
    fn key(&self, store: &Store, slot: u32) -> Option<Key>;
    /// The slot of a row that the pane remembers by identity.
    fn slot(&self, store: &Store, key: &Key) -> Option<u32>;
    fn target(&self, store: &Store, slot: u32) -> Option<Target>;
    fn drill(&self, store: &Store, slot: u32) -> Option<Drill>;
    /// The next second in which a cell of this row changes by itself (an age); none if never.
    fn ticks(&self, world: World<'_>, slot: u32) -> Option<Moment>;
}

/// A view, shared by the panes that show it.
pub type ViewRef = Arc<dyn View>;
