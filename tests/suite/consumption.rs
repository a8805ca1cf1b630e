//! What workloads use: the sum over their pods, and which pods are asked for.

use std::collections::BTreeSet;

use quarterdeck::model::*;
use quarterdeck::store::Store;
use quarterdeck::ui::views;

use crate::estate::{EU, labels, now, owner, pod, tell, workload, world};
use crate::operator::Operator;

/// A Deployment with so many pods of 100m/500m CPU and 64/128 MiB.
fn store(pods: usize) -> Store {
    let mut store = Store::default();
    let web = workload(WorkloadKind::Deployment, "shop", "web", 9_000);
    let rows = [Row::Workload(Box::new(web))];
    tell(&mut store, Kind::Deployment, rows);
    let pods = (0..pods).map(|number| {
        let mut pod = pod("shop", &format!("web-5f6d-{number}"), 600);
        pod.meta.owner = owner("ReplicaSet", "shop", "web-5f6d");
        pod.meta.labels = labels(&[("app", "web")]);
        Row::Pod(pod)
    });
    tell(&mut store, Kind::Pod, pods);
    store
}

fn sample(store: &mut Store, pod: &str, cpu_millicores: u32, mebibytes: u64) {
    let used = Allotment {
        cpu_millicores,
        memory_bytes: mebibytes << 20,
    };
    let key = Key {
        endpoint: EU,
        uid: Uid::hash(&format!("shop/{pod}")),
    };
    let feed = Feed {
        endpoint: EU,
        topic: Topic::Usage,
    };
    let changes = vec![Change::Usage(key, Usage { used, at: now() })];
    store.apply(Batch { feed, changes }, now());
}

/// The cell of a column of the first row of Deployments: its text and its bar.
fn cell(store: &Store, key: &str) -> (String, Option<f32>) {
    let view = views::find("deployments").unwrap();
    let world = world(store);
    let columns = view.columns(world);
    let at = columns.iter().position(|column| column.key == key).unwrap();
    let cell = view.cells(world, 0).swap_remove(at);
    (cell.text.into_owned(), cell.bar)
}

#[test]
fn a_workload_uses_what_its_pods_use() {
    let mut store = store(3);
    assert_eq!(cell(&store, "cpu").0, "–", "nothing is known yet");
    sample(&mut store, "web-5f6d-0", 100, 32);
    sample(&mut store, "web-5f6d-1", 150, 32);
    assert_eq!(
        cell(&store, "cpu"),
        ("~250m".to_owned(), Some(0.25)),
        "part of the whole, against the limits of the same pods"
    );
    sample(&mut store, "web-5f6d-2", 500, 64);
    assert_eq!(cell(&store, "cpu"), ("750m".to_owned(), Some(0.5)));
    assert_eq!(
        cell(&store, "memory"),
        ("128Mi".to_owned(), Some(1.0 / 3.0))
    );
}

#[test]
fn a_pod_without_a_limit_leaves_the_request_to_measure_by() {
    let mut store = store(2);
    let mut free = pod("shop", "web-5f6d-1", 600);
    free.meta.owner = owner("ReplicaSet", "shop", "web-5f6d");
    free.meta.labels = labels(&[("app", "web")]);
    free.limits = Allotment::default();
    tell(&mut store, Kind::Pod, [Row::Pod(free)]);
    sample(&mut store, "web-5f6d-0", 50, 1);
    sample(&mut store, "web-5f6d-1", 50, 1);
    assert_eq!(cell(&store, "cpu"), ("100m".to_owned(), Some(0.5)));
}

#[test]
fn pods_that_ended_or_belong_to_others_do_not_count() {
    let mut store = store(1);
    let mut ended = pod("shop", "web-5f6d-9", 600);
    ended.meta.owner = owner("ReplicaSet", "shop", "web-5f6d");
    ended.meta.labels = labels(&[("app", "web")]);
    ended.health = Health::Idle;
    let mut other = pod("shop", "web-admin-1", 600);
    other.meta.owner = owner("ReplicaSet", "shop", "web-admin");
    other.meta.labels = labels(&[("app", "web-admin")]);
    tell(&mut store, Kind::Pod, [Row::Pod(ended), Row::Pod(other)]);
    for name in ["web-5f6d-0", "web-5f6d-9", "web-admin-1"] {
        sample(&mut store, name, 10, 1);
    }
    assert_eq!(cell(&store, "cpu").0, "10m");
}

#[test]
fn the_pods_of_workloads_on_screen_are_asked_for() {
    for (pods, named) in [(3, 3), (150, 0)] {
        let mut operator = Operator::new(120, 36);
        operator.store = store(pods);
        operator.press(": deployments enter");
        operator.screen();
        let demand = operator.ui.demand(&operator.store);
        assert_eq!(demand.usage.len(), named);
        let spaces = if named == 0 {
            BTreeSet::from([(EU, Name::from("shop"))])
        } else {
            BTreeSet::new()
        };
        assert_eq!(demand.usage_in, spaces, "too many to be named");
    }
}

#[test]
fn a_pane_says_why_it_shows_no_cpu() {
    let mut operator = Operator::new(160, 40);
    operator.press(": pods enter");
    let feed = Feed {
        endpoint: EU,
        topic: Topic::Usage,
    };
    let tell = |operator: &mut Operator, status| {
        let batch = Batch {
            feed: feed.clone(),
            changes: vec![Change::Status(status)],
        };
        operator.store.apply(batch, now());
    };
    let why = "metrics-server is not installed".into();
    tell(&mut operator, SourceStatus::Off { why });
    operator.sees("no CPU or memory: metrics-server is not installed");
    let denied = SourceStatus::Denied {
        verb: "get".into(),
        resource: "pods.metrics.k8s.io".into(),
    };
    tell(&mut operator, denied);
    operator.sees("no CPU or memory: may not get pods.metrics.k8s.io");
    tell(&mut operator, SourceStatus::Live);
    operator.misses("no CPU or memory");
}
