//! Pods.

use std::borrow::Cow;
use std::net::IpAddr;

use super::columns::{
    ColumnOf, Columns, age, cluster, column, cores, name, namespace, share, share_key, stated,
    stated_key, usage, used, why,
};
use super::order::SortKey;
use super::table::{Shown, TableView, owned};
use super::{Cell, Drill, Role, World};
use crate::model::{Health, Kind, Moment, Pod};
use crate::store::{Store, why_not_ready};
use crate::ui::filter::Search;
use crate::ui::format;
use crate::ui::query::Within;

/// A restart is news for this many seconds.
const RECENT: u32 = 600;

const COLUMNS: &[ColumnOf<Pod>] = &[
    cluster(),
    namespace(),
    name(),
    column("READY", "ready", ready, |pod: &Pod, _| {
        let share = f64::from(pod.ready) / f64::from(pod.containers.max(1));
        SortKey::share(Some(share))
    })
    .right()
    .rank(1)
    .width(3, 6),
    column(
        "STATUS",
        "status",
        |pod: &Pod, _| Cell::health(pod.status.as_str(), pod.health),
        |pod: &Pod, _| SortKey::text(&pod.status),
    )
    .rank(1)
    .width(12, 24),
    column("RESTARTS", "restarts", restarts, |pod: &Pod, _| {
        SortKey::number(pod.restarts)
    })
    .rank(2)
    .width(8, 16),
    age(),
    column(
        "CPU",
        "cpu",
        |pod: &Pod, world| {
            used(
                cpu(pod, world),
                u64::from(pod.limits.cpu_millicores),
                u64::from(pod.requests.cpu_millicores),
                cores,
            )
        },
        |pod: &Pod, world| cpu(pod, world).map_or(SortKey::None, SortKey::number),
    )
    .right()
    .rank(4)
    .width(9, 12),
    column(
        "MEMORY",
        "memory",
        |pod: &Pod, world| {
            used(
                memory(pod, world),
                pod.limits.memory_bytes,
                pod.requests.memory_bytes,
                format::bytes,
            )
        },
        |pod: &Pod, world| memory(pod, world).map_or(SortKey::None, SortKey::number),
    )
    .right()
    .rank(4)
    .width(9, 12),
    column(
        "%CPU/R",
        "cpu_of_request",
        |pod: &Pod, world| share(cpu(pod, world), u64::from(pod.requests.cpu_millicores)),
        |pod: &Pod, world| share_key(cpu(pod, world), u64::from(pod.requests.cpu_millicores)),
    )
    .right()
    .rank(5)
    .width(3, 6),
    column(
        "%MEM/R",
        "memory_of_request",
        |pod: &Pod, world| share(memory(pod, world), pod.requests.memory_bytes),
        |pod: &Pod, world| share_key(memory(pod, world), pod.requests.memory_bytes),
    )
    .right()
    .rank(5)
    .width(3, 6),
    column(
        "IP",
        "ip",
        |pod: &Pod, _| {
            pod.ip
                .map_or_else(Cell::none, |ip| Cell::plain(ip.to_string()))
        },
        address,
    )
    .wide()
    .width(9, 39),
    column(
        "NODE",
        "node",
        |pod: &Pod, _| Cell::plain(pod.node.as_str()),
        |pod: &Pod, _| SortKey::text(&pod.node),
    )
    .wide()
    .width(8, 32),
    column(
        "QOS",
        "qos",
        |pod: &Pod, _| Cell::dim(pod.qos.as_str()),
        |pod: &Pod, _| SortKey::text(&pod.qos),
    )
    .wide(),
    column(
        "%CPU/L",
        "cpu_of_limit",
        |pod: &Pod, world| share(cpu(pod, world), u64::from(pod.limits.cpu_millicores)),
        |pod: &Pod, world| share_key(cpu(pod, world), u64::from(pod.limits.cpu_millicores)),
    )
    .right()
    .wide()
    .width(3, 6),
    column(
        "%MEM/L",
        "memory_of_limit",
        |pod: &Pod, world| share(memory(pod, world), pod.limits.memory_bytes),
        |pod: &Pod, world| share_key(memory(pod, world), pod.limits.memory_bytes),
    )
    .right()
    .wide()
    .width(3, 6),
    column(
        "CPU/R",
        "cpu_request",
        |pod: &Pod, _| stated(u64::from(pod.requests.cpu_millicores), cores),
        |pod: &Pod, _| stated_key(u64::from(pod.requests.cpu_millicores)),
    )
    .right()
    .wide(),
    column(
        "CPU/L",
        "cpu_limit",
        |pod: &Pod, _| stated(u64::from(pod.limits.cpu_millicores), cores),
        |pod: &Pod, _| stated_key(u64::from(pod.limits.cpu_millicores)),
    )
    .right()
    .wide(),
    column(
        "MEM/R",
        "memory_request",
        |pod: &Pod, _| stated(pod.requests.memory_bytes, format::bytes),
        |pod: &Pod, _| stated_key(pod.requests.memory_bytes),
    )
    .right()
    .wide(),
    column(
        "MEM/L",
        "memory_limit",
        |pod: &Pod, _| stated(pod.limits.memory_bytes, format::bytes),
        |pod: &Pod, _| stated_key(pod.limits.memory_bytes),
    )
    .right()
    .wide(),
    column(
        "IMAGE",
        "image",
        |pod: &Pod, _| Cell::plain(pod.image.as_str()),
        |pod: &Pod, _| SortKey::text(&pod.image),
    )
    .wide()
    .width(12, 40),
    why(),
];

pub(super) fn pods() -> TableView<Pod> {
    TableView {
        name: "pods".into(),
        aliases: vec!["po".into(), "pod".into()],
        title: "Pods".into(),
        doc: "Every pod, what is wrong with it, and what it uses".into(),
        kinds: vec![Kind::Pod, Kind::Event],
        table: |store, _| Some(store.pods()),
        includes: |_| true,
        columns: Columns::Fixed(COLUMNS),
        order: None,
        besides: Store::usage_revision,
    }
}

fn cpu(pod: &Pod, world: World<'_>) -> Option<u64> {
    usage(pod, world).map(|used| u64::from(used.cpu_millicores))
}

fn memory(pod: &Pod, world: World<'_>) -> Option<u64> {
    usage(pod, world).map(|used| used.memory_bytes)
}

fn ready<'a>(pod: &'a Pod, _: World<'a>) -> Cell<'a> {
    let text = format!("{}/{}", pod.ready, pod.containers);
    match pod.health {
        Health::Idle => Cell::dim(text),
        health if pod.ready < pod.containers => Cell::health(text, health),
        _ => Cell::plain(text),
    }
}

fn restarts<'a>(pod: &'a Pod, world: World<'a>) -> Cell<'a> {
    let Some(last) = pod.restarted.filter(|_| pod.restarts > 0) else {
        return Cell::number(pod.restarts);
    };
    let ago = last.age(world.now);
    let role = if ago < RECENT {
        Role::Health(Health::Warn)
    } else {
        Role::Plain
    };
    Cell::of(
        format!("{} ({} ago)", pod.restarts, format::about(ago)),
        role,
    )
}

fn address<'a>(pod: &'a Pod, _: World<'a>) -> SortKey<'a> {
    match pod.ip {
        None => SortKey::None,
        Some(IpAddr::V4(ip)) => SortKey::number(ip.to_bits()),
        // One bit less than the address has; all IPv6 come after all IPv4.
        Some(IpAddr::V6(ip)) => SortKey::Number((ip.to_bits() >> 1) as i128 | 1 << 40),
    }
}

impl Shown for Pod {
    fn health(&self, _: &Store) -> Health {
        self.health
    }

    fn why<'a>(&'a self, world: World<'a>) -> Option<Cow<'a, str>> {
        why_not_ready(world.store, self).map(Cow::Borrowed)
    }

    fn fields(&self, search: &mut Search<'_>) {
        search.field(&self.status);
        search.field(&self.node);
        search.field(&self.image);
        if let Some(ip) = self.ip {
            search.address(ip);
        }
    }

    fn about(&self) -> Option<Moment> {
        self.restarted.filter(|_| self.restarts > 0)
    }

    fn drill(&self, _: &Kind) -> Drill {
        Drill::Into {
            view: "pod-containers",
            within: Within::Pod {
                endpoint: self.meta.key.endpoint,
                uid: self.meta.key.uid,
            },
        }
    }

    fn belongs(&self, within: &Within, _: &Store) -> bool {
        let meta = &self.meta;
        match within {
            // A Deployment's pods are owned by ReplicaSets that nobody may be watching; its selector knows them.
            Within::Owner {
                endpoint,
                uid,
                namespace,
                selector,
            } => {
                meta.key.endpoint == *endpoint
                    && meta.namespace == *namespace
                    && (meta.owner.as_ref().is_some_and(|owner| owner.uid == *uid)
                        || meta.labels.chosen_by(selector))
            }
            Within::Node { endpoint, node } => meta.key.endpoint == *endpoint && self.node == *node,
            Within::Pod { endpoint, uid } => meta.key.endpoint == *endpoint && meta.key.uid == *uid,
            other => owned(meta, other),
        }
    }
}
