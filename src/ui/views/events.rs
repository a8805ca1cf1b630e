//! Events, newest first.

use std::borrow::Cow;

use super::columns::{ColumnOf, Columns, FREE, age_key, cluster, column, namespace};
use super::order::SortKey;
use super::table::{Shown, TableView, owned};
use super::{Cell, Drill, Role, World};
use crate::model::{Event, Health, Key, Kind, Moment, Target, Uid};
use crate::store::Store;
use crate::ui::filter::Search;
use crate::ui::query::Within;

const COLUMNS: &[ColumnOf<Event>] = &[
    column(
        "LAST",
        "last",
        |event: &Event, world| Cell::age(last(event), world.now),
        |event: &Event, _| age_key(last(event)),
    )
    .right()
    .rank(0)
    .width(4, 6),
    cluster(),
    namespace(),
    column(
        "TYPE",
        "type",
        |event: &Event, world| {
            if event.warning {
                Cell::health(event.level.as_str(), event.health(world.store))
            } else {
                Cell::dim(event.level.as_str())
            }
        },
        |event: &Event, _| SortKey::text(&event.level),
    )
    .rank(3)
    .width(7, 9),
    column(
        "REASON",
        "reason",
        |event: &Event, _| Cell::plain(event.reason.as_str()),
        |event: &Event, _| SortKey::text(&event.reason),
    )
    .rank(0)
    .width(8, 24),
    column("OBJECT", "object", object, |event: &Event, _| {
        SortKey::text(&event.involved.name)
    })
    .rank(0)
    .width(16, 48),
    column(
        "COUNT",
        "count",
        |event: &Event, _| Cell::number(event.count),
        |event: &Event, _| SortKey::number(event.count),
    )
    .right()
    .rank(4)
    .width(1, 7),
    column(
        "FIRST",
        "first",
        |event: &Event, world| Cell::age(event.first, world.now),
        |event: &Event, _| age_key(event.first),
    )
    .right()
    .wide(),
    column(
        "SOURCE",
        "component",
        |event: &Event, _| Cell::dim(event.component.as_str()),
        |event: &Event, _| SortKey::text(&event.component),
    )
    .wide(),
    column(
        "MESSAGE",
        "message",
        |event: &Event, _| {
            Cell::of(
                event.message.as_str(),
                if event.warning {
                    Role::Plain
                } else {
                    Role::Dim
                },
            )
        },
        |event: &Event, _| SortKey::text(&event.message),
    )
    .rank(0)
    .width(20, FREE),
];

pub(super) fn events() -> TableView<Event> {
    TableView {
        name: "events".into(),
        aliases: ["ev", "event"].map(Into::into).to_vec(),
        title: "Events".into(),
        doc: "What happened, newest first".into(),
        kinds: vec![Kind::Event],
        table: |store, _| Some(store.events()),
        includes: |_| true,
        columns: Columns::Fixed(COLUMNS),
        order: Some(("last", false)),
        besides: |_| 0,
    }
}

fn last(event: &Event) -> Option<Moment> {
    event.last.or(event.first).or(event.meta.created)
}

fn object<'a>(event: &'a Event, _: World<'a>) -> Cell<'a> {
    let involved = &event.involved;
    Cell::of(format!("{}/{}", involved.kind, involved.name), Role::Strong)
}

impl Shown for Event {
    fn health(&self, _: &Store) -> Health {
        if self.warning {
            Health::Warn
        } else {
            Health::Idle
        }
    }

    fn why<'a>(&'a self, _: World<'a>) -> Option<Cow<'a, str>> {
        Some(Cow::Borrowed(&self.message))
    }

    fn fields(&self, search: &mut Search<'_>) {
        search.field(&self.level);
        search.field(&self.reason);
        search.field(&self.involved.kind);
        search.field(&self.involved.name);
        search.field(&self.component);
    }

    fn moments(&self) -> [Option<Moment>; 2] {
        [last(self), self.first]
    }

    /// What it is about is what the operator wants to see.
    fn drill(&self, _: &Kind) -> Drill {
        let involved = &self.involved;
        Kind::find(&involved.kind).map_or(Drill::Detail, |kind| {
            // Events about nodes carry the node's name in place of its uid.
            let uid = Some(involved.uid).filter(|uid| {
                *uid != Uid::default()
                    && *uid != Uid::parse("")
                    && *uid != Uid::parse(&involved.name)
            });
            Drill::Open(Target {
                endpoint: self.meta.key.endpoint,
                namespace: if kind.namespaced() {
                    involved.namespace.clone()
                } else {
                    "".into()
                },
                kind,
                name: involved.name.clone(),
                uid,
            })
        })
    }

    fn belongs(&self, within: &Within, store: &Store) -> bool {
        let Within::About { endpoint, uid } = within else {
            return owned(&self.meta, within);
        };
        if self.meta.key.endpoint != *endpoint {
            return false;
        }
        let node = || {
            let key = Key {
                endpoint: *endpoint,
                uid: *uid,
            };
            store
                .nodes()
                .row(&key)
                .is_some_and(|node| node.meta.name.as_str() == self.involved.name.as_str())
        };
        self.involved.uid == *uid || self.involved.kind.as_str() == Kind::Node.name() && node()
    }
}
