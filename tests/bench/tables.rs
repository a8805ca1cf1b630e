//! What tables cost: taking rows in, filtering, sorting, drawing.

#![allow(clippy::panic)]

use std::hint::black_box;
use std::sync::Arc;

use criterion::Criterion;
use quarterdeck::model::{
    Allotment, Batch, Change, EndpointId, Feed, Health, Key, Kind, Labels, Meta, Moment, Name,
    Owner, Pod, Row, Scope, Topic, Uid, Usage,
};
use quarterdeck::store::Store;
use quarterdeck::ui::filter::Filter;
use quarterdeck::ui::query::{Query, Sort};
use quarterdeck::ui::rows::TableState;
use quarterdeck::ui::theme::Theme;
use quarterdeck::ui::views::{self, Prepared, ViewRef, World};
use quarterdeck::ui::widgets::table::{TableScene, draw};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

const PODS: u32 = 50_000;

/// Runs all of them.
pub(crate) fn all(criterion: &mut Criterion) {
    let store = store(PODS);
    let view = views::find("pods").unwrap_or_else(|| panic!("pods are a view"));
    let world = World {
        store: &store,
        now: now(),
        several: false,
    };
    let mut prepare = |name: &str, query: &Query| {
        let mut prepared = Prepared::default();
        criterion.bench_function(name, |bench| {
            bench.iter(|| {
                view.prepare(world, black_box(query), &mut prepared);
                black_box(prepared.rows.len())
            });
        });
    };
    let filter = |text: &str| Query {
        filter: Filter::parse(text),
        ..Query::default()
    };
    let sort = |column: &str| Query {
        sort: Some(Sort {
            column: column.into(),
            descending: true,
        }),
        ..Query::default()
    };
    prepare("prepare 50,000, worst first", &Query::default());
    prepare("filter 50,000, a word", &filter("api-42"));
    prepare("filter 50,000, two words", &filter("crash api"));
    prepare(
        "filter 50,000, a regular expression",
        &filter("api-(1|2)[0-9]+$"),
    );
    prepare("filter 50,000, fuzzy", &filter("-f ap42x"));
    prepare("filter 50,000, labels", &filter("-l app=api-42"));
    prepare("sort 50,000 by name", &sort("name"));
    prepare("sort 50,000 by status", &sort("status"));
    prepare("sort 50,000 by age", &sort("age"));
    prepare("sort 50,000 by cpu", &sort("cpu"));
    criterion.bench_function("prepare 50,000 for the first time", |bench| {
        bench.iter(|| {
            let mut prepared = Prepared::default();
            view.prepare(world, &Query::default(), &mut prepared);
            black_box(prepared.rows.len())
        });
    });
    criterion.bench_function("parse a filter", |bench| {
        bench.iter(|| Filter::parse(black_box("orders-api.*crash")));
    });
    drawing(criterion, &view, world);
    changing(criterion, &view);
}

fn drawing(criterion: &mut Criterion, view: &ViewRef, world: World<'_>) {
    let area = Rect::new(0, 0, 200, 60);
    let theme = Theme::default();
    for (name, text) in [("draw 200×60", ""), ("draw 200×60, filtered", "api")] {
        let query = Query {
            filter: Filter::parse(text),
            ..Query::default()
        };
        let mut state = TableState::default();
        state.prepare(view.as_ref(), world, &query, true);
        let mut buffer = Buffer::empty(area);
        criterion.bench_function(name, |bench| {
            bench.iter(|| {
                state.fit(view.as_ref(), world, area);
                let scene = TableScene {
                    view: view.as_ref(),
                    world,
                    state: &state,
                    theme: &theme,
                    focused: true,
                    ascii: false,
                };
                draw(&scene, area, black_box(&mut buffer));
            });
        });
    }
}

/// Pods change; the table follows.
fn changing(criterion: &mut Criterion, view: &ViewRef) {
    let mut store = store(PODS);
    let shared = Shared::new();
    let mut state = TableState::default();
    let query = Query::default();
    let mut round = 0;
    criterion.bench_function("apply 250 changes and prepare 50,000", |bench| {
        bench.iter(|| {
            round += 1;
            let changed = (0..250).map(|at| shared.pod((round * 251 + at * 197) % PODS, round));
            tell(&mut store, changed.collect());
            let world = World {
                store: &store,
                now: now(),
                several: false,
            };
            state.prepare(view.as_ref(), world, &query, true);
        });
    });
    criterion.bench_function("apply 250 changes", |bench| {
        bench.iter(|| {
            round += 1;
            let changed = (0..250).map(|at| shared.pod((round * 251 + at * 197) % PODS, round));
            tell(&mut store, changed.collect());
        });
    });
}

fn now() -> Moment {
    Moment::from_second(1_790_000_000).unwrap_or_else(|| panic!("a time"))
}

fn tell(store: &mut Store, pods: Vec<Pod>) {
    let changes = pods
        .into_iter()
        .map(|pod| Change::Row(Row::Pod(pod)))
        .collect();
    let feed = Feed {
        endpoint: EndpointId(1),
        topic: Topic::Objects(Kind::Pod, Scope::All),
    };
    store.apply(Batch { feed, changes }, now());
}

fn store(pods: u32) -> Store {
    let mut store = Store::default();
    let shared = Shared::new();
    tell(&mut store, (0..pods).map(|at| shared.pod(at, 0)).collect());
    let samples = (0..pods).map(|at| {
        let used = Allotment {
            cpu_millicores: at * 7919 % 1000,
            memory_bytes: u64::from(at * 104_729 % 512) << 20,
        };
        Change::Usage(key(at), Usage { used, at: now() })
    });
    let feed = Feed {
        endpoint: EndpointId(1),
        topic: Topic::Usage,
    };
    let changes = samples.collect();
    store.apply(Batch { feed, changes }, now());
    store
}

fn key(at: u32) -> Key {
    Key {
        endpoint: EndpointId(1),
        uid: Uid::parse(&format!(
            "{:08x}-0000-4000-8000-{:012x}",
            spread(at),
            u64::from(spread(at ^ 0x5555)) << 8 | 7
        )),
    }
}

/// Spreads numbers as random ones would be.
fn spread(at: u32) -> u32 {
    (u64::from(at).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as u32
}

/// What many pods have in common, as an interner would keep it.
struct Shared {
    namespaces: Vec<Name>,
    nodes: Vec<Name>,
    images: Vec<Name>,
    words: [Name; 4],
    apps: Vec<(Labels, Arc<Owner>)>,
}

impl Shared {
    fn new() -> Self {
        let names = |prefix: &str, count: u32| -> Vec<Name> {
            (0..count)
                .map(|at| Name::new(&format!("{prefix}-{at}")))
                .collect()
        };
        let apps = (0..500).map(|at| {
            let labels = Labels::new(vec![("app".into(), Name::new(&format!("api-{at}")))]);
            let owner = Owner {
                kind: "ReplicaSet".into(),
                name: Name::new(&format!("api-{at}-7d9f8b6c5d")),
                uid: Uid::hash(&format!("owner {at}")),
            };
            (labels, Arc::new(owner))
        });
        Self {
            namespaces: names("team", 40),
            nodes: names("ip-10-0-17.eu-west-1.compute.internal", 300),
            images: names("registry.example.com/platform/api:1.42", 500),
            words: ["Running", "CrashLoopBackOff", "Burstable", ""].map(Name::from),
            apps: apps.collect(),
        }
    }

    fn pod(&self, at: u32, version: u32) -> Pod {
        // Spread as a hash would, so that neighbours in the table are none in the order.
        let app = at * 7919 % 500;
        let hash = u64::from(at).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        let sick = (at + version).is_multiple_of(97);
        let [running, crashing, qos, _] = self.words.clone();
        let (labels, owner) = self
            .apps
            .get(app as usize)
            .cloned()
            .unwrap_or_else(|| panic!("an app"));
        let pick = |list: &[Name]| {
            list.get(app as usize % list.len())
                .cloned()
                .unwrap_or_default()
        };
        Pod {
            meta: Meta {
                key: key(at),
                namespace: pick(&self.namespaces),
                name: format!("api-{app}-7d9f8b6c5d-{hash:06x}").into(),
                created: Moment::from_second(1_789_000_000 + i64::from(at * 7919 % 900_000)),
                version: u64::from(version) + 1,
                labels,
                owner: Some(owner),
                ..Meta::default()
            },
            phase: running.clone(),
            status: if sick { crashing } else { running },
            health: if sick { Health::Bad } else { Health::Good },
            why: sick.then(|| "crashes: exit 3, 4 restarts".into()),
            ready: u16::from(!sick),
            containers: 1,
            restarts: at % 5,
            node: pick(&self.nodes),
            ip: Some([10, 244, (at >> 8) as u8, at as u8].into()),
            image: pick(&self.images),
            requests: Allotment {
                cpu_millicores: 100,
                memory_bytes: 64 << 20,
            },
            limits: Allotment {
                cpu_millicores: 500,
                memory_bytes: 512 << 20,
            },
            qos,
            ..Pod::default()
        }
    }
}
