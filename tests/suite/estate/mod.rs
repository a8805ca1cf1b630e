//! A small estate, always the same: one production cluster with what goes wrong in real ones.

mod objects;
mod resources;
mod watched;

pub(crate) use watched::watched;

use std::sync::Arc;

use quarterdeck::model::*;
use quarterdeck::store::Store;
use quarterdeck::ui::filter::Filter;
use quarterdeck::ui::query::Query;
use quarterdeck::ui::rows::TableState;
use quarterdeck::ui::theme::Theme;
use quarterdeck::ui::views::{ViewRef, World};
use quarterdeck::ui::widgets::table::{TableScene, draw};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use objects::{containers, events, hpas, nodes, pods, workloads};
use resources::resources;

pub(crate) const EU: EndpointId = EndpointId(1);

pub(crate) fn now() -> Moment {
    Moment::parse("2026-11-21T12:04:31Z").unwrap()
}

/// A moment so many seconds before now.
pub(crate) fn ago(seconds: i64) -> Option<Moment> {
    Moment::from_second(now().second() - seconds)
}

pub(crate) fn meta(namespace: &str, name: &str, age: i64) -> Meta {
    Meta {
        key: Key {
            endpoint: EU,
            uid: Uid::hash(&format!("{namespace}/{name}")),
        },
        namespace: namespace.into(),
        name: name.into(),
        created: ago(age),
        ..Meta::default()
    }
}

pub(crate) fn labels(pairs: &[(&str, &str)]) -> Labels {
    let pairs = pairs
        .iter()
        .map(|(key, value)| ((*key).into(), (*value).into()));
    Labels::new(pairs.collect())
}

#[allow(clippy::unnecessary_wraps, reason = "it is what a row holds")]
pub(crate) fn owner(kind: &str, namespace: &str, name: &str) -> Option<Arc<Owner>> {
    Some(Arc::new(Owner {
        kind: kind.into(),
        name: name.into(),
        uid: Uid::hash(&format!("{namespace}/{name}")),
    }))
}

pub(crate) fn pod(namespace: &str, name: &str, age: i64) -> Pod {
    Pod {
        meta: meta(namespace, name, age),
        phase: "Running".into(),
        status: "Running".into(),
        health: Health::Good,
        ready: 1,
        containers: 1,
        node: "node-a".into(),
        ip: Some([10, 244, 1, 7].into()),
        image: "registry.example.com/shop:1.8".into(),
        requests: Allotment {
            cpu_millicores: 100,
            memory_bytes: 64 << 20,
        },
        limits: Allotment {
            cpu_millicores: 500,
            memory_bytes: 128 << 20,
        },
        qos: "Burstable".into(),
        ..Pod::default()
    }
}

pub(crate) fn workload(kind: WorkloadKind, namespace: &str, name: &str, age: i64) -> Workload {
    Workload {
        meta: meta(namespace, name, age),
        kind,
        status: "Running".into(),
        health: Health::Good,
        desired: Some(2),
        ready: 2,
        updated: 2,
        available: 2,
        current: 2,
        images: "registry.example.com/shop:1.8".into(),
        containers: "shop".into(),
        selector: labels(&[("app", name)]),
        ..Workload::default()
    }
}

pub(crate) fn certificates() -> CustomKind {
    CustomKind {
        kind: "Certificate".into(),
        plural: "certificates".into(),
        singular: "certificate".into(),
        short: vec!["cert".into(), "certs".into()],
        group: "cert-manager.io".into(),
        version: "v1".into(),
        namespaced: true,
        verbs: vec!["list".into(), "watch".into()],
    }
}

/// The feed that tells of a kind.
pub(crate) fn feed(kind: Kind) -> Feed {
    Feed {
        endpoint: EU,
        topic: Topic::Objects(kind, Scope::All),
    }
}

/// Tells a store of rows of a kind.
pub(crate) fn tell(store: &mut Store, kind: Kind, rows: impl IntoIterator<Item = Row>) {
    let changes = rows.into_iter().map(Change::Row).collect();
    let feed = feed(kind);
    store.apply(Batch { feed, changes }, now());
}

/// The whole estate.
#[allow(clippy::too_many_lines, reason = "it is a list")]
pub(crate) fn store() -> Store {
    let mut store = Store::default();
    let server = Feed {
        endpoint: EU,
        topic: Topic::Server,
    };
    let endpoint = Endpoint {
        id: EU,
        name: "eks-eu-1".into(),
        cluster: "eks-eu-1".into(),
        ..Endpoint::default()
    };
    let columns = ["READY", "SECRET", "RENEWED"].map(|header| ColumnInfo {
        header: header.into(),
        key: header.to_lowercase().as_str().into(),
        wide: false,
        right: false,
    });
    let changes = vec![
        Change::Endpoint(endpoint),
        Change::Status(SourceStatus::Live),
        Change::Kinds(vec![certificates()]),
        Change::Columns(Kind::Custom(Arc::new(certificates())), columns.to_vec()),
    ];
    store.apply(
        Batch {
            feed: server,
            changes,
        },
        now(),
    );
    tell(&mut store, Kind::Pod, pods().into_iter().map(Row::Pod));
    for workload in workloads() {
        tell(
            &mut store,
            workload.kind.kind(),
            [Row::Workload(Box::new(workload))],
        );
    }
    tell(
        &mut store,
        Kind::HorizontalPodAutoscaler,
        hpas().into_iter().map(|row| Row::Hpa(Box::new(row))),
    );
    tell(
        &mut store,
        Kind::Node,
        nodes().into_iter().map(|row| Row::Node(Box::new(row))),
    );
    tell(
        &mut store,
        Kind::Event,
        events().into_iter().map(|row| Row::Event(Box::new(row))),
    );
    let changes = containers()
        .into_iter()
        .map(|row| Change::Row(Row::Container(Box::new(row))))
        .collect();
    let document = Feed {
        endpoint: EU,
        topic: Topic::Document,
    };
    store.apply(
        Batch {
            feed: document,
            changes,
        },
        now(),
    );
    for (kind, resource) in resources() {
        tell(
            &mut store,
            kind.clone(),
            [Row::Resource(kind, Box::new(resource))],
        );
    }
    let sample = |namespace: &str, name: &str, cpu: u32, mebibytes: u64| {
        let usage = Usage {
            used: Allotment {
                cpu_millicores: cpu,
                memory_bytes: mebibytes << 20,
            },
            at: now(),
        };
        Change::Usage(meta(namespace, name, 0).key, usage)
    };
    let changes = vec![
        sample("ecommerce-prod", "shop-7d9f8b6c5d-m2lz9", 3, 125),
        sample("ecommerce-prod", "shop-7d9f8b6c5d-zzz11", 412, 64),
        sample(
            "kube-system",
            "a-controller-with-a-very-long-name-that-tells-nothing-until-its-end-5f6d7c9b8-x7k2p",
            1_234,
            1_300,
        ),
        sample("", "node-a", 3_100, 9_000),
        sample("", "node-b", 800, 15_900),
    ];
    let usage = Feed {
        endpoint: EU,
        topic: Topic::Usage,
    };
    store.apply(
        Batch {
            feed: usage,
            changes,
        },
        now(),
    );
    let context = |name: &str, endpoint| Context {
        engine: Engine::Kubernetes,
        name: name.into(),
        cluster: name.into(),
        server: format!("https://{name}.example.com:6443").as_str().into(),
        user: "admin".into(),
        namespace: "default".into(),
        current: endpoint == Some(EU),
        endpoint,
    };
    store.set_contexts(vec![
        context("kind-dev", None),
        context("eks-eu-1", Some(EU)),
        context("eks-us-1", None),
    ]);
    store
}

/// The whole estate with every feed of its endpoint live.
pub(crate) fn live() -> Store {
    let mut store = store();
    for (kind, _) in Kind::built_in() {
        status(&mut store, kind.clone(), SourceStatus::Live);
    }
    store
}

/// Tells a store where the feed of a kind stands.
pub(crate) fn status(store: &mut Store, kind: Kind, status: SourceStatus) {
    let changes = vec![Change::Status(status)];
    store.apply(
        Batch {
            feed: feed(kind),
            changes,
        },
        now(),
    );
}

pub(crate) fn world(store: &Store) -> World<'_> {
    World {
        store,
        now: now(),
        several: false,
    }
}

pub(crate) fn filtered(text: &str) -> Query {
    Query {
        filter: Filter::parse(text),
        ..Query::default()
    }
}

/// A view drawn as text, as a pane would.
pub(crate) fn drawn(
    view: &ViewRef,
    store: &Store,
    state: &mut TableState,
    query: &Query,
    size: (u16, u16),
) -> String {
    let area = Rect::new(0, 0, size.0, size.1);
    let world = world(store);
    state.prepare(view.as_ref(), world, query, true);
    state.fit(view.as_ref(), world, area);
    let mut buffer = Buffer::empty(area);
    let scene = TableScene {
        view: view.as_ref(),
        world,
        state,
        theme: &Theme::default(),
        focused: true,
        ascii: false,
    };
    draw(&scene, area, &mut buffer);
    text(&buffer)
}

/// The characters of a buffer, a line each, without the blanks at their ends.
pub(crate) fn text(buffer: &Buffer) -> String {
    let mut text = String::new();
    for y in buffer.area.top()..buffer.area.bottom() {
        let mut line = String::new();
        let mut skip = 0;
        for x in buffer.area.left()..buffer.area.right() {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let symbol = buffer[(x, y)].symbol();
            skip = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
            line.push_str(symbol);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
