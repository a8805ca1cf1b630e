//! Columns: what a column of a type of row is, and those that every table has.

use std::borrow::Cow;

use super::order::SortKey;
use super::table::Shown;
use super::{Cell, Column, Role, World};
use crate::model::{Allotment, ColumnInfo, Engine, Health, Kind, Moment, Value};
use crate::store::Store;
use crate::ui::format;

/// A column that may take what room is left.
pub(super) const FREE: u16 = u16::MAX;

/// A column of a type of row.
pub(super) struct ColumnOf<R: 'static> {
    header: &'static str,
    key: &'static str,
    right: bool,
    wide: bool,
    several: Several,
    rank: u8,
    min: u16,
    max: u16,
    cell: for<'a> fn(&'a R, World<'a>) -> Cell<'a>,
    sort: for<'a> fn(&'a R, World<'a>) -> SortKey<'a>,
}

/// Of what there must be several for a column to be shown.
#[derive(Clone, Copy)]
enum Several {
    No,
    Clusters,
    Hosts,
    Places,
}

/// The columns of a view.
pub(super) enum Columns<R: 'static> {
    Fixed(&'static [ColumnOf<R>]),
    /// Head, then columns that are data (the model's, or if there are none the server's), then tail.
    Plain {
        head: &'static [ColumnOf<R>],
        own: Vec<ColumnInfo>,
        tail: &'static [ColumnOf<R>],
    },
}

/// How a column is sorted by.
pub(super) enum By<R: 'static> {
    Column(for<'a> fn(&'a R, World<'a>) -> SortKey<'a>),
    Value(usize),
}

/// A column with the usual measures: left-aligned, of middling weight.
pub(super) const fn column<R>(
    header: &'static str,
    key: &'static str,
    cell: for<'a> fn(&'a R, World<'a>) -> Cell<'a>,
    sort: for<'a> fn(&'a R, World<'a>) -> SortKey<'a>,
) -> ColumnOf<R> {
    ColumnOf {
        header,
        key,
        right: false,
        wide: false,
        several: Several::No,
        rank: 3,
        min: 4,
        max: 32,
        cell,
        sort,
    }
}

impl<R> ColumnOf<R> {
    pub(super) const fn right(self) -> Self {
        Self {
            right: true,
            ..self
        }
    }

    /// Only shown in wide mode.
    pub(super) const fn wide(self) -> Self {
        Self {
            wide: true,
            rank: 6,
            ..self
        }
    }

    pub(super) const fn rank(self, rank: u8) -> Self {
        Self { rank, ..self }
    }

    pub(super) const fn width(self, min: u16, max: u16) -> Self {
        Self { min, max, ..self }
    }

    fn shown(&self, world: World<'_>) -> bool {
        let open = |engine| {
            let endpoints = world.store.endpoints().iter();
            endpoints.filter(|it| it.engine == engine).count()
        };
        match self.several {
            Several::No => true,
            Several::Clusters => {
                world.several && (open(Engine::Kubernetes) != 1 || open(Engine::Docker) == 0)
            }
            Several::Hosts => {
                world.several && (open(Engine::Docker) != 1 || open(Engine::Kubernetes) == 0)
            }
            Several::Places => world.several,
        }
    }

    fn describe(&self) -> Column {
        Column {
            header: Cow::Borrowed(self.header),
            key: Cow::Borrowed(self.key),
            right: self.right,
            wide: self.wide,
            rank: self.rank,
            min: self.min,
            max: self.max,
        }
    }
}

impl<R: Shown> Columns<R> {
    fn parts<'a>(
        &'a self,
        store: &'a Store,
        kind: &Kind,
    ) -> (
        &'static [ColumnOf<R>],
        &'a [ColumnInfo],
        &'static [ColumnOf<R>],
    ) {
        match self {
            Self::Fixed(columns) => (columns, &[], &[]),
            Self::Plain { head, own, tail } if own.is_empty() => {
                (head, store.served_columns(kind), tail)
            }
            Self::Plain { head, own, tail } => (head, own, tail),
        }
    }

    pub(super) fn describe(&self, world: World<'_>, kind: &Kind) -> Vec<Column> {
        let (head, infos, tail) = self.parts(world.store, kind);
        let fixed = |columns: &'static [ColumnOf<R>]| {
            columns
                .iter()
                .filter(move |column| column.shown(world))
                .map(ColumnOf::describe)
        };
        let plain = infos.iter().enumerate().map(|(at, info)| Column {
            header: Cow::Owned(info.header.to_string()),
            key: Cow::Owned(info.key.to_string()),
            right: info.right,
            wide: info.wide,
            // What the server names first is what its authors find most telling.
            rank: if info.wide {
                6
            } else {
                (at as u8).saturating_add(2).min(5)
            },
            min: 6,
            max: 32,
        });
        fixed(head).chain(plain).chain(fixed(tail)).collect()
    }

    pub(super) fn cells<'a>(&self, world: World<'a>, kind: &Kind, row: &'a R) -> Vec<Cell<'a>> {
        let (head, infos, tail) = self.parts(world.store, kind);
        let mut cells = Vec::with_capacity(head.len() + infos.len() + tail.len());
        let fixed = |columns: &[ColumnOf<R>], cells: &mut Vec<Cell<'a>>| {
            let shown = columns.iter().filter(|column| column.shown(world));
            cells.extend(shown.map(|column| (column.cell)(row, world)));
        };
        fixed(head, &mut cells);
        for at in 0..infos.len() {
            cells.push(
                row.value(at)
                    .map_or_else(Cell::default, |value| plain(value, world.now)),
            );
        }
        fixed(tail, &mut cells);
        cells
    }

    pub(super) fn by(&self, store: &Store, kind: &Kind, key: &str) -> Option<By<R>> {
        let (head, infos, tail) = self.parts(store, kind);
        let mut fixed = head.iter().chain(tail);
        if let Some(column) = fixed.find(|column| column.key == key) {
            return Some(By::Column(column.sort));
        }
        let at = infos.iter().position(|info| info.key.as_str() == key)?;
        Some(By::Value(at))
    }
}

impl<R: Shown> By<R> {
    pub(super) fn key<'a>(&self, row: &'a R, world: World<'a>) -> SortKey<'a> {
        match self {
            Self::Column(sort) => sort(row, world),
            Self::Value(at) => row.value(*at).map_or(SortKey::None, value_key),
        }
    }
}

fn plain(value: &Value, now: Moment) -> Cell<'_> {
    match value {
        Value::None => Cell::default(),
        Value::Text(text) => Cell::plain(text.as_str()),
        Value::Name(name) => Cell::plain(name.as_str()),
        Value::Number(number) => Cell::plain(number.to_string()),
        Value::Bytes(bytes) => Cell::plain(format::bytes(*bytes)),
        Value::Time(time) => Cell::dim(format::age(time.age(now))),
    }
}

fn value_key(value: &Value) -> SortKey<'_> {
    match value {
        Value::None => SortKey::None,
        Value::Text(text) => SortKey::text(text),
        Value::Name(name) => SortKey::text(name),
        Value::Number(number) => SortKey::number(*number),
        Value::Bytes(bytes) => SortKey::number(*bytes),
        Value::Time(time) => age_key(Some(*time)),
    }
}

/// Ages sort youngest first.
pub(super) fn age_key<'a>(moment: Option<Moment>) -> SortKey<'a> {
    moment.map_or(SortKey::None, |moment| SortKey::number(-moment.second()))
}

impl<'a> Cell<'a> {
    pub(super) fn plain(text: impl Into<Cow<'a, str>>) -> Self {
        Self::of(text, Role::Plain)
    }

    pub(super) fn dim(text: impl Into<Cow<'a, str>>) -> Self {
        Self::of(text, Role::Dim)
    }

    pub(super) fn health(text: impl Into<Cow<'a, str>>, health: Health) -> Self {
        Self::of(text, Role::Health(health))
    }

    pub(super) fn of(text: impl Into<Cow<'a, str>>, role: Role) -> Self {
        Self {
            text: text.into(),
            role,
            bar: None,
        }
    }

    /// A number; nothing at all is shown in the background.
    pub(super) fn number(number: impl Into<u64>) -> Self {
        let number = number.into();
        let role = if number == 0 { Role::Dim } else { Role::Plain };
        Self::of(number.to_string(), role)
    }

    pub(super) fn age(moment: Option<Moment>, now: Moment) -> Self {
        Self::dim(format::since(moment, now))
    }

    /// What is not known, or does not apply.
    pub(super) fn none() -> Self {
        Self::dim("–")
    }
}

/// The endpoint, while several places are open where things run.
pub(super) const fn endpoint<R: Shown>() -> ColumnOf<R> {
    ColumnOf {
        header: "ENDPOINT",
        several: Several::Places,
        ..cluster()
    }
}

/// The Docker host, while several are open.
pub(super) const fn host<R: Shown>() -> ColumnOf<R> {
    ColumnOf {
        header: "HOST",
        several: Several::Hosts,
        ..cluster()
    }
}

/// The cluster, while several are open.
pub(super) const fn cluster<R: Shown>() -> ColumnOf<R> {
    ColumnOf {
        several: Several::Clusters,
        ..column("CLUSTER", "cluster", cluster_cell::<R>, cluster_sort::<R>)
            .rank(2)
            .width(6, 20)
    }
}

pub(super) const fn namespace<R: Shown>() -> ColumnOf<R> {
    column(
        "NAMESPACE",
        "namespace",
        |row: &R, _| Cell::dim(row.meta().namespace.as_str()),
        |row: &R, _| SortKey::text(&row.meta().namespace),
    )
    .rank(1)
    .width(9, 24)
}

/// The Compose project or Swarm stack, which is Docker's namespace.
pub(super) const fn project<R: Shown>() -> ColumnOf<R> {
    ColumnOf {
        header: "PROJECT",
        ..namespace()
    }
}

pub(super) const fn name<R: Shown>() -> ColumnOf<R> {
    column(
        "NAME",
        "name",
        |row: &R, _| Cell::of(row.meta().name.as_str(), Role::Strong),
        |row: &R, _| SortKey::text(&row.meta().name),
    )
    .rank(0)
    .width(16, 48)
}

pub(super) const fn age<R: Shown>() -> ColumnOf<R> {
    column(
        "AGE",
        "age",
        |row: &R, world| Cell::age(row.meta().created, world.now),
        |row: &R, _| age_key(row.meta().created),
    )
    .right()
    .rank(2)
    .width(6, 6)
}

pub(super) const fn why<R: Shown>() -> ColumnOf<R> {
    column("WHY", "why", why_cell::<R>, why_sort::<R>)
        .rank(0)
        .width(14, FREE)
}

fn cluster_cell<'a, R: Shown>(row: &'a R, world: World<'a>) -> Cell<'a> {
    Cell::dim(cluster_name(row, world))
}

fn cluster_sort<'a, R: Shown>(row: &'a R, world: World<'a>) -> SortKey<'a> {
    SortKey::text(cluster_name(row, world))
}

fn cluster_name<'a, R: Shown>(row: &R, world: World<'a>) -> &'a str {
    let endpoint = world.store.endpoint(row.meta().key.endpoint);
    endpoint.map_or("", |endpoint| endpoint.name.as_str())
}

fn why_cell<'a, R: Shown>(row: &'a R, world: World<'a>) -> Cell<'a> {
    let text = row.why(world).unwrap_or_default();
    match row.health(world.store) {
        health @ (Health::Bad | Health::Warn) => Cell::health(text, health),
        _ => Cell::dim(text),
    }
}

fn why_sort<'a, R: Shown>(row: &'a R, world: World<'a>) -> SortKey<'a> {
    match row.why(world) {
        Some(Cow::Borrowed(why)) => SortKey::text(why),
        // Joined reasons are made anew each time; these rows sort by how bad they are.
        Some(Cow::Owned(_)) => SortKey::number(row.health(world.store) as u8),
        None => SortKey::None,
    }
}

/// An amount in use as a bar against what it may use at most, else against what it asked for.
pub(super) fn used<'a>(
    used: Option<u64>,
    limit: u64,
    request: u64,
    text: fn(u64) -> String,
) -> Cell<'a> {
    let Some(used) = used else {
        return Cell::none();
    };
    let most = if limit > 0 { limit } else { request };
    let share = (most > 0).then(|| used as f32 / most as f32);
    let role = match share {
        Some(share) if limit > 0 && share >= 0.95 => Role::Health(Health::Bad),
        Some(share) if limit > 0 && share >= 0.8 => Role::Health(Health::Warn),
        _ => Role::Plain,
    };
    Cell {
        bar: Some(share.unwrap_or(0.0)),
        ..Cell::of(text(used), role)
    }
}

/// An amount in use as a share of what was stated; nothing was stated if that is 0.
pub(super) fn share<'a>(used: Option<u64>, of: u64) -> Cell<'a> {
    match used {
        Some(used) if of > 0 => {
            Cell::plain(format::whole_percent(used as f64 / of as f64).to_string())
        }
        _ => Cell::none(),
    }
}

pub(super) fn share_key<'a>(used: Option<u64>, of: u64) -> SortKey<'a> {
    SortKey::share(used.filter(|_| of > 0).map(|used| used as f64 / of as f64))
}

/// CPU and memory in use by a row, where they are known.
pub(super) fn usage<R: Shown>(row: &R, world: World<'_>) -> Option<Allotment> {
    world.store.usage(&row.meta().key).map(|usage| usage.used)
}

pub(super) fn cores(millicores: u64) -> String {
    format::cores(u32::try_from(millicores).unwrap_or(u32::MAX))
}

/// A stated amount; 0 means none was.
pub(super) fn stated<'a>(amount: u64, text: fn(u64) -> String) -> Cell<'a> {
    if amount == 0 {
        Cell::none()
    } else {
        Cell::plain(text(amount))
    }
}

pub(super) fn stated_key<'a>(amount: u64) -> SortKey<'a> {
    if amount == 0 {
        SortKey::None
    } else {
        SortKey::number(amount)
    }
}
