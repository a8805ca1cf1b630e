//! Nodes.

use std::borrow::Cow;

use super::columns::{
    ColumnOf, Columns, age, cluster, column, cores, name, stated, stated_key, usage, used, why,
};
use super::order::SortKey;
use super::table::{Shown, TableView};
use super::{Cell, Drill, World};
use crate::model::{Health, Kind, Node};
use crate::store::Store;
use crate::ui::filter::Search;
use crate::ui::format;
use crate::ui::query::Within;

const COLUMNS: &[ColumnOf<Node>] = &[
    cluster(),
    name(),
    column(
        "STATUS",
        "status",
        |node: &Node, _| Cell::health(node.status.as_str(), node.health),
        |node: &Node, _| SortKey::text(&node.status),
    )
    .rank(1)
    .width(6, 26),
    column(
        "ROLES",
        "roles",
        |node: &Node, _| {
            if node.roles.is_empty() {
                Cell::none()
            } else {
                Cell::plain(node.roles.as_str())
            }
        },
        |node: &Node, _| SortKey::text(&node.roles),
    )
    .rank(4)
    .width(5, 24),
    column(
        "VERSION",
        "version",
        |node: &Node, _| Cell::plain(node.version.as_str()),
        |node: &Node, _| SortKey::text(&node.version),
    )
    .rank(4)
    .width(7, 20),
    column(
        "CPU",
        "cpu",
        |node: &Node, world| {
            used(
                cpu(node, world),
                u64::from(node.allocatable.cpu_millicores),
                0,
                cores,
            )
        },
        |node: &Node, world| cpu(node, world).map_or(SortKey::None, SortKey::number),
    )
    .right()
    .rank(2)
    .width(9, 12),
    column(
        "MEMORY",
        "memory",
        |node: &Node, world| {
            used(
                memory(node, world),
                node.allocatable.memory_bytes,
                0,
                format::bytes,
            )
        },
        |node: &Node, world| memory(node, world).map_or(SortKey::None, SortKey::number),
    )
    .right()
    .rank(2)
    .width(9, 12),
    column("PODS", "pods", pods, |node: &Node, world| {
        SortKey::number(world.store.pods_on(node))
    })
    .right()
    .rank(2)
    .width(3, 9),
    age(),
    column(
        "CPU/A",
        "cpu_allocatable",
        |node: &Node, _| stated(u64::from(node.allocatable.cpu_millicores), cores),
        |node: &Node, _| stated_key(u64::from(node.allocatable.cpu_millicores)),
    )
    .right()
    .wide(),
    column(
        "MEM/A",
        "memory_allocatable",
        |node: &Node, _| stated(node.allocatable.memory_bytes, format::bytes),
        |node: &Node, _| stated_key(node.allocatable.memory_bytes),
    )
    .right()
    .wide(),
    column(
        "TAINTS",
        "taints",
        |node: &Node, _| Cell::number(node.taints),
        |node: &Node, _| SortKey::number(node.taints),
    )
    .right()
    .wide(),
    column(
        "INTERNAL-IP",
        "internal_ip",
        |node: &Node, _| Cell::plain(node.internal_ip.as_str()),
        |node: &Node, _| SortKey::text(&node.internal_ip),
    )
    .wide(),
    column(
        "EXTERNAL-IP",
        "external_ip",
        |node: &Node, _| {
            if node.external_ip.is_empty() {
                Cell::none()
            } else {
                Cell::plain(node.external_ip.as_str())
            }
        },
        |node: &Node, _| SortKey::text(&node.external_ip),
    )
    .wide(),
    column(
        "OS",
        "os_image",
        |node: &Node, _| Cell::plain(node.os_image.as_str()),
        |node: &Node, _| SortKey::text(&node.os_image),
    )
    .wide(),
    column(
        "KERNEL",
        "kernel",
        |node: &Node, _| Cell::plain(node.kernel.as_str()),
        |node: &Node, _| SortKey::text(&node.kernel),
    )
    .wide(),
    column(
        "RUNTIME",
        "runtime",
        |node: &Node, _| Cell::plain(node.runtime.as_str()),
        |node: &Node, _| SortKey::text(&node.runtime),
    )
    .wide(),
    why(),
];

pub(super) fn nodes() -> TableView<Node> {
    TableView {
        name: "nodes".into(),
        aliases: ["no", "node"].map(Into::into).to_vec(),
        title: "Nodes".into(),
        doc: "Nodes: conditions, load, pods".into(),
        kinds: vec![Kind::Node, Kind::Pod],
        table: |store, _| Some(store.nodes()),
        includes: |_| true,
        columns: Columns::Fixed(COLUMNS),
        order: None,
        besides: Store::usage_revision,
    }
}

fn cpu(node: &Node, world: World<'_>) -> Option<u64> {
    usage(node, world).map(|used| u64::from(used.cpu_millicores))
}

fn memory(node: &Node, world: World<'_>) -> Option<u64> {
    usage(node, world).map(|used| used.memory_bytes)
}

fn pods<'a>(node: &'a Node, world: World<'a>) -> Cell<'a> {
    if world.store.pods().is_empty() {
        return Cell::none();
    }
    let pods = world.store.pods_on(node);
    match node.pods_capacity {
        0 => Cell::number(pods),
        most if pods >= most => Cell::health(format!("{pods}/{most}"), Health::Warn),
        most => Cell::plain(format!("{pods}/{most}")),
    }
}

impl Shown for Node {
    fn health(&self, _: &Store) -> Health {
        self.health
    }

    fn why<'a>(&'a self, _: World<'a>) -> Option<Cow<'a, str>> {
        self.why.as_deref().map(Cow::Borrowed)
    }

    fn fields(&self, search: &mut Search<'_>) {
        search.field(&self.status);
        search.field(&self.roles);
        search.field(&self.version);
        search.field(&self.internal_ip);
        search.field(&self.external_ip);
        search.field(&self.os_image);
    }

    fn drill(&self, _: &Kind) -> Drill {
        Drill::Into {
            view: "pods",
            within: Within::Node {
                endpoint: self.meta.key.endpoint,
                node: self.meta.name.as_str().into(),
            },
        }
    }
}
