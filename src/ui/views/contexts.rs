//! Contexts of the kubeconfig and of the docker command: which clusters and hosts are open, and which could be.

use std::borrow::Cow;

use super::columns::{ColumnOf, Columns, column, name};
use super::order::SortKey;
use super::table::{Shown, TableView};
use super::{Cell, Drill, Role, World};
use crate::model::{Engine, Feed, Health, Kind, SourceStatus, Target, Topic};
use crate::store::{Openable, Store};
use crate::ui::filter::Search;
use crate::ui::format;
use crate::ui::query::Within;

const COLUMNS: &[ColumnOf<Openable>] = &[
    name(),
    column(
        "ENGINE",
        "engine",
        |row: &Openable, _| Cell::dim(row.context.engine.name()),
        |row: &Openable, _| SortKey::number(row.context.engine as u8),
    )
    .rank(3)
    .width(6, 10),
    column("STATE", "state", state, |row: &Openable, world| {
        SortKey::number(row.health(world.store) as u8)
    })
    .rank(1)
    .width(6, 12),
    column(
        "CURRENT",
        "current",
        |row: &Openable, _| {
            let word = if row.context.current { "current" } else { "" };
            Cell::of(word, Role::Accent)
        },
        |row: &Openable, _| SortKey::number(u8::from(!row.context.current)),
    )
    .rank(3)
    .width(7, 7),
    column(
        "CLUSTER",
        "cluster",
        |row: &Openable, _| Cell::plain(row.context.cluster.as_str()),
        |row: &Openable, _| SortKey::text(&row.context.cluster),
    )
    .rank(2),
    column(
        "SERVER",
        "server",
        |row: &Openable, _| Cell::dim(row.context.server.as_str()),
        |row: &Openable, _| SortKey::text(&row.context.server),
    )
    .rank(2)
    .width(12, 48),
    column(
        "USER",
        "user",
        |row: &Openable, _| Cell::plain(row.context.user.as_str()),
        |row: &Openable, _| SortKey::text(&row.context.user),
    )
    .rank(3),
    column(
        "NAMESPACE",
        "namespace",
        |row: &Openable, _| Cell::dim(row.context.namespace.as_str()),
        |row: &Openable, _| SortKey::text(&row.context.namespace),
    )
    .rank(4),
    super::columns::why(),
];

pub(super) fn contexts() -> TableView<Openable> {
    TableView {
        name: "contexts".into(),
        aliases: ["ctx", "context"].map(Into::into).to_vec(),
        title: "Contexts".into(),
        doc: "Clusters of the kubeconfig and Docker hosts; Enter opens one, several can be open at once"
            .into(),
        kinds: Vec::new(),
        table: |store, _| Some(store.contexts()),
        includes: |_| true,
        columns: Columns::Fixed(COLUMNS),
        order: None,
        besides: Store::revision,
    }
}

/// The state of the connection; none while the context is closed.
fn status<'a>(row: &Openable, store: &'a Store) -> Option<&'a SourceStatus> {
    let endpoint = row.context.endpoint?;
    let topic = Topic::Server;
    let known = store.status(&Feed { endpoint, topic });
    Some(known.unwrap_or(&SourceStatus::Connecting))
}

fn state<'a>(row: &'a Openable, world: World<'a>) -> Cell<'a> {
    let text = match status(row, world.store) {
        None => return Cell::dim("closed"),
        Some(SourceStatus::Connecting) => "connecting",
        Some(SourceStatus::Listing { .. } | SourceStatus::Live) => "open",
        Some(SourceStatus::Stale { .. }) => "stale",
        Some(SourceStatus::Denied { .. }) => "denied",
        Some(SourceStatus::Off { .. }) => "off",
    };
    Cell::health(text, row.health(world.store))
}

impl Shown for Openable {
    fn health(&self, store: &Store) -> Health {
        match status(self, store) {
            None | Some(SourceStatus::Off { .. }) => Health::Idle,
            Some(SourceStatus::Connecting) => Health::Busy,
            Some(SourceStatus::Listing { .. } | SourceStatus::Live) => Health::Good,
            Some(SourceStatus::Stale { .. }) => Health::Warn,
            Some(SourceStatus::Denied { .. }) => Health::Bad,
        }
    }

    fn why<'a>(&'a self, world: World<'a>) -> Option<Cow<'a, str>> {
        match status(self, world.store)? {
            SourceStatus::Stale { since, cause, .. } => Some(Cow::Owned(format!(
                "{cause}, for {}",
                format::age(since.age(world.now))
            ))),
            SourceStatus::Denied { verb, resource } => {
                Some(Cow::Owned(format!("may not {verb} {resource}")))
            }
            SourceStatus::Off { why } => Some(Cow::Borrowed(why)),
            _ => None,
        }
    }

    fn fields(&self, search: &mut Search<'_>) {
        search.field(&self.context.cluster);
        search.field(&self.context.server);
        search.field(&self.context.user);
        search.field(&self.context.namespace);
    }

    /// A context is no object of a cluster.
    fn target(&self, _: &Kind) -> Option<Target> {
        None
    }

    fn drill(&self, _: &Kind) -> Drill {
        match self.context.engine {
            Engine::Docker => Drill::UseDocker(self.meta.name.as_str().to_owned()),
            _ => Drill::UseContext(self.meta.name.as_str().to_owned()),
        }
    }

    fn belongs(&self, _: &Within, _: &Store) -> bool {
        true
    }

    fn everywhere() -> bool {
        true
    }
}
