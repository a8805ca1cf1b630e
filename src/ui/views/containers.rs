//! Containers of Docker hosts.

use std::borrow::Cow;

use super::columns::{
    ColumnOf, Columns, FREE, age, age_key, column, cores, host, name, project, stated, stated_key,
    usage, used, why,
};
use super::order::SortKey;
use super::table::{Shown, TableView};
use super::{Cell, Drill, Role, World};
use crate::model::{DockerContainer, Health, Healthcheck, Kind, Moment, Traffic};
use crate::store::Store;
use crate::ui::filter::Search;
use crate::ui::format;

/// A restart is news for this many seconds.
const RECENT: u32 = 600;

const COLUMNS: &[ColumnOf<DockerContainer>] = &[
    host(),
    project(),
    name(),
    column("STATE", "state", state, |row: &DockerContainer, _| {
        SortKey::text(&row.status)
    })
    .rank(1)
    .width(8, 20),
    column("RESTARTS", "restarts", restarts, |row, _| {
        SortKey::number(row.restarts)
    })
    .rank(2)
    .width(8, 16),
    age(),
    column(
        "CPU",
        "cpu",
        |row: &DockerContainer, world| {
            used(
                cpu(row, world),
                u64::from(row.limits.cpu_millicores),
                0,
                cores,
            )
        },
        |row, world| cpu(row, world).map_or(SortKey::None, SortKey::number),
    )
    .right()
    .rank(3)
    .width(9, 12),
    column(
        "MEMORY",
        "memory",
        |row: &DockerContainer, world| {
            used(
                memory(row, world),
                row.limits.memory_bytes,
                0,
                format::bytes,
            )
        },
        |row, world| memory(row, world).map_or(SortKey::None, SortKey::number),
    )
    .right()
    .rank(3)
    .width(9, 12),
    column(
        "NET IN/OUT",
        "network",
        |row: &DockerContainer, world| {
            pair(row, world, |it| {
                (it.received_per_second, it.sent_per_second)
            })
        },
        |row, world| sum(row, world, |it| it.received_per_second + it.sent_per_second),
    )
    .right()
    .rank(5)
    .width(9, 15),
    column(
        "DISK R/W",
        "disk",
        |row: &DockerContainer, world| {
            pair(row, world, |it| (it.read_per_second, it.written_per_second))
        },
        |row, world| sum(row, world, |it| it.read_per_second + it.written_per_second),
    )
    .right()
    .rank(6)
    .width(8, 15),
    column(
        "IMAGE",
        "image",
        |row: &DockerContainer, _| Cell::plain(format::images(&row.image)),
        |row, _| SortKey::text(&row.image),
    )
    .rank(4)
    .width(10, 32),
    column(
        "PORTS",
        "ports",
        |row: &DockerContainer, _| Cell::plain(row.ports.as_str()),
        |row, _| SortKey::text(&row.ports),
    )
    .rank(5)
    .width(8, 36),
    column(
        "SERVICE",
        "service",
        |row: &DockerContainer, _| Cell::plain(row.service.as_str()),
        |row, _| SortKey::text(&row.service),
    )
    .wide(),
    column(
        "EXIT",
        "exit_code",
        |row: &DockerContainer, _| {
            row.exit_code
                .map_or_else(Cell::none, |code| Cell::plain(code.to_string()))
        },
        |row, _| row.exit_code.map_or(SortKey::None, SortKey::number),
    )
    .right()
    .wide(),
    column(
        "STARTED",
        "started",
        |row: &DockerContainer, world| Cell::age(row.started, world.now),
        |row, _| age_key(row.started),
    )
    .right()
    .wide(),
    column(
        "CPU/L",
        "cpu_limit",
        |row: &DockerContainer, _| stated(u64::from(row.limits.cpu_millicores), cores),
        |row, _| stated_key(u64::from(row.limits.cpu_millicores)),
    )
    .right()
    .wide(),
    column(
        "MEM/L",
        "memory_limit",
        |row: &DockerContainer, _| stated(row.limits.memory_bytes, format::bytes),
        |row, _| stated_key(row.limits.memory_bytes),
    )
    .right()
    .wide(),
    column(
        "ID",
        "id",
        |row: &DockerContainer, _| Cell::dim(row.id.get(..12).unwrap_or(&row.id)),
        |row, _| SortKey::text(&row.id),
    )
    .wide()
    .width(12, FREE),
    why(),
];

pub(super) fn containers() -> TableView<DockerContainer> {
    TableView {
        name: "containers".into(),
        aliases: ["co", "container", "ps"].map(Into::into).to_vec(),
        title: "Containers".into(),
        doc: "Containers of Docker hosts: state, health, exit codes, what they use".into(),
        kinds: vec![Kind::Container],
        table: |store, _| Some(store.docker()),
        includes: |_| true,
        columns: Columns::Fixed(COLUMNS),
        order: None,
        besides: Store::usage_revision,
    }
}

/// `Running`, `Exited 3`; a check that says all is well is told by a dot.
fn state<'a>(row: &'a DockerContainer, _: World<'a>) -> Cell<'a> {
    match row.healthcheck {
        Healthcheck::Healthy if row.health == Health::Good => Cell::health("Healthy", row.health),
        _ => Cell::health(row.status.as_str(), row.health),
    }
}

fn restarts<'a>(row: &'a DockerContainer, world: World<'a>) -> Cell<'a> {
    let Some(last) = row.started.filter(|_| row.restarts > 0) else {
        return Cell::number(row.restarts);
    };
    let ago = last.age(world.now);
    let role = if ago < RECENT {
        Role::Health(Health::Warn)
    } else {
        Role::Plain
    };
    Cell::of(
        format!("{} ({} ago)", row.restarts, format::about(ago)),
        role,
    )
}

fn cpu(row: &DockerContainer, world: World<'_>) -> Option<u64> {
    running(row).then(|| usage(row, world).map(|used| u64::from(used.cpu_millicores)))?
}

fn memory(row: &DockerContainer, world: World<'_>) -> Option<u64> {
    running(row).then(|| usage(row, world).map(|used| used.memory_bytes))?
}

/// What it used before it ended is not what it uses.
fn running(row: &DockerContainer) -> bool {
    row.state.as_str() == "running"
}

fn traffic<'a>(row: &DockerContainer, world: World<'a>) -> Option<&'a Traffic> {
    running(row).then(|| world.store.traffic(&row.meta.key))?
}

/// `12Ki/3Ki` a second.
fn pair<'a>(
    row: &'a DockerContainer,
    world: World<'a>,
    of: fn(&Traffic) -> (u64, u64),
) -> Cell<'a> {
    match traffic(row, world).map(of) {
        None => Cell::none(),
        Some((0, 0)) => Cell::dim("0"),
        Some((one, other)) => {
            let text = format!("{}/{}", format::bytes(one), format::bytes(other));
            Cell::plain(text)
        }
    }
}

fn sum<'a>(row: &'a DockerContainer, world: World<'a>, of: fn(&Traffic) -> u64) -> SortKey<'a> {
    traffic(row, world).map_or(SortKey::None, |traffic| SortKey::number(of(traffic)))
}

impl Shown for DockerContainer {
    fn health(&self, _: &Store) -> Health {
        self.health
    }

    fn why<'a>(&'a self, _: World<'a>) -> Option<Cow<'a, str>> {
        self.why.as_deref().map(Cow::Borrowed)
    }

    fn fields(&self, search: &mut Search<'_>) {
        search.field(&self.status);
        search.field(&self.state);
        search.field(&self.image);
        search.field(&self.service);
        search.field(&self.ports);
        search.field(&self.id);
    }

    fn moments(&self) -> [Option<Moment>; 2] {
        [self.started, None]
    }

    fn about(&self) -> Option<Moment> {
        self.started.filter(|_| self.restarts > 0)
    }

    fn drill(&self, _: &Kind) -> Drill {
        Drill::Detail
    }
}
