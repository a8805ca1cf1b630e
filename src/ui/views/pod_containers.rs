//! Containers of the opened pod.

use std::borrow::Cow;

use super::columns::{ColumnOf, Columns, age_key, column, cores, name, stated, stated_key};
use super::order::SortKey;
use super::table::{Shown, TableView};
use super::{Cell, Drill, World};
use crate::model::{Container, ContainerRole, Health, Kind, Moment, Target};
use crate::store::Store;
use crate::ui::filter::Search;
use crate::ui::format;

const COLUMNS: &[ColumnOf<Container>] = &[
    name(),
    column(
        "ROLE",
        "role",
        |container: &Container, _| Cell::dim(role(container.role)),
        |container: &Container, _| SortKey::number(container.role as u8),
    )
    .width(4, 10),
    column(
        "READY",
        "ready",
        |container: &Container, _| Cell::plain(if container.ready { "yes" } else { "no" }),
        |container: &Container, _| SortKey::number(u8::from(container.ready)),
    )
    .rank(2)
    .width(3, 5),
    column(
        "STATE",
        "state",
        |container: &Container, _| Cell::health(container.state.as_str(), container.health),
        |container: &Container, _| SortKey::text(&container.state),
    )
    .rank(1)
    .width(8, 24),
    column(
        "EXIT",
        "exit_code",
        |container: &Container, _| {
            container
                .exit_code
                .map_or_else(Cell::none, |code| Cell::plain(code.to_string()))
        },
        |container: &Container, _| container.exit_code.map_or(SortKey::None, SortKey::number),
    )
    .right()
    .rank(2),
    column(
        "RESTARTS",
        "restarts",
        |container: &Container, _| Cell::number(container.restarts),
        |container: &Container, _| SortKey::number(container.restarts),
    )
    .right()
    .rank(1),
    column(
        "STARTED",
        "started",
        |container: &Container, world| Cell::age(container.started, world.now),
        |container: &Container, _| age_key(container.started),
    )
    .right()
    .rank(3),
    column(
        "IMAGE",
        "image",
        |container: &Container, _| Cell::plain(container.image.as_str()),
        |container: &Container, _| SortKey::text(&container.image),
    )
    .rank(2)
    .width(16, 60),
    column(
        "PORTS",
        "ports",
        |container: &Container, _| Cell::plain(container.ports.as_str()),
        |container: &Container, _| SortKey::text(&container.ports),
    )
    .rank(5),
    column(
        "CPU/R",
        "cpu_request",
        |container: &Container, _| stated(u64::from(container.requests.cpu_millicores), cores),
        |container: &Container, _| stated_key(u64::from(container.requests.cpu_millicores)),
    )
    .right()
    .rank(5),
    column(
        "CPU/L",
        "cpu_limit",
        |container: &Container, _| stated(u64::from(container.limits.cpu_millicores), cores),
        |container: &Container, _| stated_key(u64::from(container.limits.cpu_millicores)),
    )
    .right()
    .rank(5),
    column(
        "MEM/R",
        "memory_request",
        |container: &Container, _| stated(container.requests.memory_bytes, format::bytes),
        |container: &Container, _| stated_key(container.requests.memory_bytes),
    )
    .right()
    .rank(5),
    column(
        "MEM/L",
        "memory_limit",
        |container: &Container, _| stated(container.limits.memory_bytes, format::bytes),
        |container: &Container, _| stated_key(container.limits.memory_bytes),
    )
    .right()
    .rank(5),
    column(
        "PROBES",
        "probes",
        |container: &Container, _| Cell::dim(container.probes.as_str()),
        |container: &Container, _| SortKey::text(&container.probes),
    )
    .wide()
    .width(8, 60),
    super::columns::why(),
];

pub(super) fn pod_containers() -> TableView<Container> {
    TableView {
        name: "pod-containers".into(),
        aliases: Vec::new(),
        title: "Containers".into(),
        doc: "The containers of the opened pod: state, exit codes, limits, probes".into(),
        kinds: vec![Kind::Pod],
        table: |store, _| Some(store.containers()),
        includes: |_| true,
        columns: Columns::Fixed(COLUMNS),
        order: None,
        besides: |_| 0,
    }
}

fn role(role: ContainerRole) -> &'static str {
    match role {
        ContainerRole::Main => "main",
        ContainerRole::Init => "init",
        ContainerRole::Sidecar => "sidecar",
        ContainerRole::Ephemeral => "ephemeral",
    }
}

impl Shown for Container {
    fn health(&self, _: &Store) -> Health {
        self.health
    }

    fn why<'a>(&'a self, _: World<'a>) -> Option<Cow<'a, str>> {
        self.why.as_deref().map(Cow::Borrowed)
    }

    fn fields(&self, search: &mut Search<'_>) {
        search.field(&self.state);
        search.field(&self.image);
        search.field(&self.ports);
    }

    fn moments(&self) -> [Option<Moment>; 2] {
        [self.started, None]
    }

    /// The pod: containers are no objects of their own.
    fn target(&self, _: &Kind) -> Option<Target> {
        let owner = self.meta.owner.as_ref()?;
        Some(Target {
            endpoint: self.meta.key.endpoint,
            kind: Kind::Pod,
            namespace: self.meta.namespace.clone(),
            name: owner.name.clone(),
            uid: Some(owner.uid),
        })
    }

    fn drill(&self, _: &Kind) -> Drill {
        Drill::Detail
    }
}
