//! The one implementation of [`View`]: a table of the store, its columns, and what its type of row knows.

use std::borrow::Cow;

use super::columns::{By, Columns};
use super::order::{Entry, SortKey, sort_by_key};
use super::{Cell, Column, Drill, Prepared, View, World};
use crate::model::{Health, Key, Kind, Meta, Moment, Target, Value};
use crate::store::{MERGED, Store, Table, Tabled};
use crate::ui::filter::Search;
use crate::ui::format;
use crate::ui::query::{Query, Within};

/// What tables have to know of a type of row.
pub(super) trait Shown: Tabled + Send + Sync + 'static {
    fn health(&self, store: &Store) -> Health;

    /// One line that says what is wrong.
    fn why<'a>(&'a self, world: World<'a>) -> Option<Cow<'a, str>>;

    /// Adds the texts that tell this row apart, besides names and reason.
    fn fields(&self, search: &mut Search<'_>);

    /// A cell of a column that is data.
    fn value(&self, _column: usize) -> Option<&Value> {
        None
    }

    /// Moments shown as ages, besides when the object was made.
    fn moments(&self) -> [Option<Moment>; 2] {
        [None; 2]
    }

    /// A moment shown as an age in its largest unit.
    fn about(&self) -> Option<Moment> {
        None
    }

    /// The row's object; `kind` is the view's.
    fn target(&self, kind: &Kind) -> Option<Target> {
        Some(target(self.meta(), kind.clone()))
    }

    fn drill(&self, _kind: &Kind) -> Drill {
        Drill::Detail
    }

    /// Whether the row belongs to what the view is narrowed to.
    fn belongs(&self, within: &Within, _store: &Store) -> bool {
        owned(self.meta(), within)
    }

    /// A moment that is counted down to, second by second.
    fn counts_down(&self) -> Option<Moment> {
        None
    }

    /// Whether it stands behind another row unless something is looked for.
    fn folded(&self) -> bool {
        false
    }

    /// Whether rows are there whatever namespaces and endpoints were chosen.
    fn everywhere() -> bool {
        false
    }
}

/// A view of a table of the store.
pub(super) struct TableView<R: 'static> {
    pub name: Cow<'static, str>,
    pub aliases: Vec<String>,
    pub title: Cow<'static, str>,
    pub doc: Cow<'static, str>,
    /// The kinds that it rests on; the first is that of its rows.
    pub kinds: Vec<Kind>,
    pub table: for<'a> fn(&'a Store, &Kind) -> Option<&'a Table<R>>,
    /// Which rows of the table are this view's.
    pub includes: fn(&R) -> bool,
    pub columns: Columns<R>,
    /// The order unless another is asked for: a column's key, and whether it descends. None: worst first.
    pub order: Option<(&'static str, bool)>,
    /// The revision of what rows show besides their table.
    pub besides: fn(&Store) -> u64,
}

/// The object of a row.
pub(super) fn target(meta: &Meta, kind: Kind) -> Target {
    Target {
        endpoint: meta.key.endpoint,
        kind,
        namespace: meta.namespace.clone(),
        name: meta.name.as_str().into(),
        uid: Some(meta.key.uid),
    }
}

/// Whether an object is controlled by what the view is narrowed to.
pub(super) fn owned(meta: &Meta, within: &Within) -> bool {
    match within {
        Within::Owner { endpoint, uid, .. } | Within::Pod { endpoint, uid } => {
            meta.key.endpoint == *endpoint
                && meta.owner.as_ref().is_some_and(|owner| owner.uid == *uid)
        }
        Within::Selector {
            endpoint,
            namespace,
            selector,
        } => {
            meta.key.endpoint == *endpoint
                && meta.namespace == *namespace
                && meta.labels.chosen_by(selector)
        }
        Within::Node { .. } | Within::About { .. } | Within::Alerts { .. } => false,
    }
}

impl<R: Shown> TableView<R> {
    fn kind(&self) -> &Kind {
        const POD: Kind = Kind::Pod;
        self.kinds.first().unwrap_or(&POD)
    }

    fn rows<'a>(&self, store: &'a Store) -> Option<&'a Table<R>> {
        (self.table)(store, self.kind())
    }

    fn row<'a>(&self, store: &'a Store, slot: u32) -> Option<&'a R> {
        self.rows(store)?.get(slot)
    }

    fn in_scope(&self, row: &R, query: &Query, store: &Store) -> bool {
        let meta = row.meta();
        (self.includes)(row)
            && !(row.folded() && query.filter.is_empty() && query.within.is_none())
            && (R::everywhere()
                || (query.endpoints.is_empty()
                    || meta.key.endpoint == MERGED
                    || query.endpoints.contains(&meta.key.endpoint))
                    && (query.namespaces.is_empty()
                        || query.everywhere.contains(&meta.key.endpoint)
                        || meta.namespace.is_empty() && !self.kind().namespaced()
                        || query.namespaces.contains(&meta.namespace)))
            && query
                .within
                .as_ref()
                .is_none_or(|within| row.belongs(within, store))
    }
}

impl<R: Shown> View for TableView<R> {
    fn name(&self) -> &str {
        &self.name
    }

    fn aliases(&self) -> Vec<String> {
        self.aliases.clone()
    }

    fn title(&self) -> &str {
        &self.title
    }

    fn doc(&self) -> &str {
        &self.doc
    }

    fn kinds(&self) -> Vec<Kind> {
        self.kinds.clone()
    }

    fn columns(&self, world: World<'_>) -> Vec<Column> {
        self.columns.describe(world, self.kind())
    }

    fn revision(&self, store: &Store) -> u64 {
        let table = self.rows(store).map_or(0, Table::revision);
        table + (self.besides)(store)
    }

    fn prepare(&self, world: World<'_>, query: &Query, prepared: &mut Prepared) {
        let store = world.store;
        prepared.clear();
        prepared.revision = self.revision(store);
        let Some(table) = self.rows(store) else {
            return;
        };
        let by: Option<(By<R>, bool)> = match &query.sort {
            Some(sort) => self
                .columns
                .by(store, self.kind(), &sort.column)
                .map(|by| (by, sort.descending)),
            None => self.order.and_then(|(key, descending)| {
                Some((self.columns.by(store, self.kind(), key)?, descending))
            }),
        };
        let ranked = query.filter.ranks() && query.sort.is_none();
        let filtered = !query.filter.is_empty();
        let mut search = query.filter.search();
        let mut ratings = Vec::new();
        let mut entries = Vec::new();
        prepared.places.begin();
        for (slot, row) in table.iter() {
            let meta = row.meta();
            prepared.places.see(slot, meta);
            if !self.in_scope(row, query, store) {
                continue;
            }
            prepared.total += 1;
            let health = row.health(store);
            if query.faults_only && health > Health::Busy {
                continue;
            }
            if filtered {
                search.row(&meta.namespace, &meta.name);
                row.fields(&mut search);
                if search.wants_reasons()
                    && let Some(why) = row.why(world)
                {
                    search.field(&why);
                }
                let Some(rating) = search.matches(&meta.labels) else {
                    continue;
                };
                if ranked {
                    ratings.push((slot, rating));
                }
            }
            if let Some(count) = prepared.by_health.get_mut(health as usize) {
                *count += 1;
            }
            prepared.places.select(slot, health);
            if by.is_some() || ranked {
                entries.push(Entry::of(slot));
            }
        }
        prepared.places.settle(table);
        for entry in &mut entries {
            entry.rank = prepared.places.rank(entry.slot);
        }
        if ranked {
            sort_by_key(&mut entries, true, |slot| {
                let at = ratings.binary_search_by_key(&slot, |(slot, _)| *slot);
                let rated = at.ok().and_then(|at| ratings.get(at));
                rated.map_or(SortKey::None, |(_, score)| SortKey::number(*score))
            });
        } else if let Some((by, descending)) = by {
            sort_by_key(&mut entries, descending, |slot| {
                let row = table.get(slot);
                row.map_or(SortKey::None, |row| {
                    by.key(row, world.by_clock_of(row.meta().key.endpoint))
                })
            });
        } else {
            prepared.places.worst_first(&mut prepared.rows);
        }
        prepared.rows.extend(entries.iter().map(|entry| entry.slot));
    }

    fn cells<'a>(&self, world: World<'a>, slot: u32) -> Vec<Cell<'a>> {
        self.row(world.store, slot)
            .map(|row| {
                let world = world.by_clock_of(row.meta().key.endpoint);
                self.columns.cells(world, self.kind(), row)
            })
            .unwrap_or_default()
    }

    fn health(&self, store: &Store, slot: u32) -> Health {
        self.row(store, slot)
            .map_or(Health::Idle, |row| row.health(store))
    }

    fn key(&self, store: &Store, slot: u32) -> Option<Key> {
        self.row(store, slot).map(|row| row.meta().key)
    }

    fn slot(&self, store: &Store, key: &Key) -> Option<u32> {
        self.rows(store)?.find(key)
    }

    fn target(&self, store: &Store, slot: u32) -> Option<Target> {
        self.row(store, slot)?.target(self.kind())
    }

    fn drill(&self, store: &Store, slot: u32) -> Option<Drill> {
        Some(self.row(store, slot)?.drill(self.kind()))
    }

    fn ticks(&self, world: World<'_>, slot: u32) -> Option<Moment> {
        let row = self.row(world.store, slot)?;
        let theirs = world.by_clock_of(row.meta().key.endpoint).now;
        let [one, other] = row.moments();
        [row.meta().created, one, other]
            .into_iter()
            .flatten()
            .filter_map(|moment| format::changes_at(moment, theirs))
            .chain(
                row.counts_down()
                    .filter(|until| *until >= world.now)
                    .and_then(|_| Moment::from_second(world.now.second() + 1)),
            )
            .chain(
                row.about()
                    .and_then(|moment| format::about_changes_at(moment, theirs)),
            )
            .min()
            .map(|tick| tick.plus(world.now.second() - theirs.second()))
    }
}
