//! Reports of several servers as one row, and the workload that a row is about.

use quarterdeck::model::{
    AlertReport, AlertState, Batch, Change, Endpoint, EndpointId, Engine, Feed, Key, Kind, Meta,
    Name, Pod, Row, Scope, Text, Topic, Uid, Value, Workload, WorkloadKind, fingerprint,
};
use quarterdeck::store::{Alert, Store};

use super::{at, labels};

const CLUSTER: EndpointId = EndpointId(0);
const ONE: EndpointId = EndpointId(1);
const TWO: EndpointId = EndpointId(2);
const MANAGER: EndpointId = EndpointId(3);
const NOW: &str = "2026-11-27T10:00:00Z";

fn store() -> Store {
    let mut store = Store::default();
    for (id, engine, name) in [
        (CLUSTER, Engine::Kubernetes, "eu"),
        (ONE, Engine::Prometheus, "prometheus-a"),
        (TWO, Engine::Prometheus, "prometheus-b"),
        (MANAGER, Engine::Alertmanager, "alertmanager"),
    ] {
        let endpoint = Endpoint {
            id,
            engine,
            name: Name::new(name),
            ..Endpoint::default()
        };
        apply(
            &mut store,
            id,
            Topic::Server,
            vec![Change::Endpoint(endpoint)],
            NOW,
        );
    }
    store
}

fn apply(store: &mut Store, endpoint: EndpointId, topic: Topic, changes: Vec<Change>, now: &str) {
    let feed = Feed { endpoint, topic };
    store.apply(Batch { feed, changes }, at(now));
}

fn report(endpoint: EndpointId, pairs: &[(&str, &str)], state: AlertState) -> AlertReport {
    let labels = labels(pairs);
    AlertReport {
        meta: Meta {
            key: Key {
                endpoint,
                uid: fingerprint(&labels, &[]),
            },
            namespace: Name::new(labels.get("namespace").unwrap_or_default()),
            name: Text::new(labels.get("alertname").unwrap_or_default()),
            labels,
            ..Meta::default()
        },
        state,
        ..AlertReport::default()
    }
}

/// One server's whole list.
fn told(store: &mut Store, endpoint: EndpointId, reports: Vec<AlertReport>, now: &str) {
    let mut changes = vec![Change::Listing];
    changes.extend(
        reports
            .into_iter()
            .map(|it| Change::Row(Row::Alert(Box::new(it)))),
    );
    changes.push(Change::Listed);
    apply(
        store,
        endpoint,
        Topic::Objects(Kind::Alert, Scope::All),
        changes,
        now,
    );
}

fn workload(kind: WorkloadKind, namespace: &str, name: &str, app: &str) -> Change {
    Change::Row(Row::Workload(Box::new(Workload {
        meta: Meta {
            key: Key {
                endpoint: CLUSTER,
                uid: Uid::hash(&format!("{namespace}/{name}")),
            },
            namespace: Name::new(namespace),
            name: Text::new(name),
            ..Meta::default()
        },
        kind,
        selector: labels(&[("app", app)]),
        ..Workload::default()
    })))
}

fn world(store: &mut Store) {
    let topic = |kind| Topic::Objects(kind, Scope::All);
    let deployments = vec![
        workload(WorkloadKind::Deployment, "shop", "web", "web"),
        workload(WorkloadKind::Deployment, "shop", "web-canary", "web"),
        workload(WorkloadKind::Deployment, "shop", "cart", "cart"),
        workload(WorkloadKind::Deployment, "arq", "backend", "backend"),
    ];
    apply(store, CLUSTER, topic(Kind::Deployment), deployments, NOW);
    let sets = vec![workload(WorkloadKind::StatefulSet, "shop", "db", "db")];
    apply(store, CLUSTER, topic(Kind::StatefulSet), sets, NOW);
    let pod = Pod {
        meta: Meta {
            key: Key {
                endpoint: CLUSTER,
                uid: Uid::hash("pod"),
            },
            namespace: Name::new("shop"),
            name: Text::new("cart-7d4b9c-x2x9z"),
            labels: labels(&[("app", "cart")]),
            owner: Some(std::sync::Arc::new(quarterdeck::model::Owner {
                kind: Name::new("ReplicaSet"),
                name: Name::new("cart-7d4b9c"),
                uid: Uid::hash("rs"),
            })),
            ..Meta::default()
        },
        ip: "10.1.2.3".parse().ok(),
        ..Pod::default()
    };
    apply(
        store,
        CLUSTER,
        topic(Kind::Pod),
        vec![Change::Row(Row::Pod(pod))],
        NOW,
    );
    let service = |name: &str, selector: &str| {
        let mut cells: Vec<Value> = vec![Value::None; 4];
        cells.push(Value::Name(Name::new(selector)));
        Change::Row(Row::Resource(
            Kind::Service,
            Box::new(quarterdeck::model::Resource {
                meta: Meta {
                    key: Key {
                        endpoint: CLUSTER,
                        uid: Uid::hash(name),
                    },
                    namespace: Name::new("shop"),
                    name: Text::new(name),
                    ..Meta::default()
                },
                cells: cells.into(),
                ..quarterdeck::model::Resource::default()
            }),
        ))
    };
    let services = vec![service("front", "app=web"), service("basket", "app=cart")];
    apply(store, CLUSTER, topic(Kind::Service), services, NOW);
}

fn only(store: &Store) -> Alert {
    let rows: Vec<&Alert> = store
        .alerts()
        .rows()
        .iter()
        .map(|(_, alert)| alert)
        .collect();
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows[0].clone()
}

#[test]
fn a_pair_and_its_alertmanager_make_one_row() {
    let mut store = store();
    let pairs = [
        ("alertname", "Slow"),
        ("namespace", "shop"),
        ("severity", "critical"),
    ];
    let first = AlertReport {
        active: Some(at("2026-11-27T09:58:00Z")),
        value: Some(2.0),
        ..report(ONE, &pairs, AlertState::Firing)
    };
    let second = AlertReport {
        active: Some(at("2026-11-27T09:57:00Z")),
        ..report(TWO, &pairs, AlertState::Pending)
    };
    told(&mut store, ONE, vec![first], NOW);
    told(&mut store, TWO, vec![second], NOW);
    // The servers add a label when they tell an Alertmanager.
    let mut with_more = pairs.to_vec();
    with_more.push(("cluster", "eu"));
    let held = AlertReport {
        silenced_by: vec![Name::new("s1")],
        receivers: vec![Name::new("pager")],
        ..report(MANAGER, &with_more, AlertState::Silenced)
    };
    told(&mut store, MANAGER, vec![held], NOW);
    let alert = only(&store);
    assert_eq!(alert.state, AlertState::Silenced);
    assert_eq!(
        alert.meta.created,
        Some(at("2026-11-27T09:57:00Z")),
        "the earliest start"
    );
    assert_eq!(alert.reporters, [ONE, TWO, MANAGER]);
    assert_eq!(alert.receivers[0].as_str(), "pager");
    assert_eq!(alert.value, Some(2.0));
    // A second Alertmanager that does not know the silence: then it is told to somebody.
    let loud = report(MANAGER, &with_more, AlertState::Firing);
    told(&mut store, MANAGER, vec![loud], NOW);
    assert_eq!(only(&store).state, AlertState::Firing);
}

#[test]
fn what_is_over_stays_a_while_and_coming_back_is_counted() {
    let mut store = store();
    let pairs = [("alertname", "Flaps")];
    let firing = || vec![report(ONE, &pairs, AlertState::Firing)];
    told(&mut store, ONE, firing(), "2026-11-27T10:00:00Z");
    told(&mut store, ONE, Vec::new(), "2026-11-27T10:01:00Z");
    let over = only(&store);
    assert_eq!(
        (over.state, over.ended),
        (AlertState::Resolved, Some(at("2026-11-27T10:01:00Z")))
    );
    told(&mut store, ONE, firing(), "2026-11-27T10:02:00Z");
    let again = only(&store);
    assert_eq!(
        (again.state, again.ended, again.fired),
        (AlertState::Firing, None, 2)
    );
    told(&mut store, ONE, Vec::new(), "2026-11-27T10:03:00Z");
    told(&mut store, ONE, Vec::new(), "2026-11-27T10:19:00Z");
    assert!(store.alerts().rows().is_empty());
    // What never fired is not over either.
    told(
        &mut store,
        ONE,
        vec![report(ONE, &pairs, AlertState::Pending)],
        NOW,
    );
    told(&mut store, ONE, Vec::new(), NOW);
    assert!(store.alerts().rows().is_empty());
}

#[test]
fn a_server_that_is_closed_takes_its_reports_along_and_others_stay() {
    let mut store = store();
    told(
        &mut store,
        ONE,
        vec![report(ONE, &[("alertname", "A")], AlertState::Firing)],
        NOW,
    );
    told(
        &mut store,
        TWO,
        vec![report(TWO, &[("alertname", "B")], AlertState::Firing)],
        NOW,
    );
    apply(&mut store, ONE, Topic::Server, vec![Change::Closed], NOW);
    let states: Vec<(String, AlertState)> = store
        .alerts()
        .rows()
        .iter()
        .map(|(_, alert)| (alert.meta.name.to_string(), alert.state))
        .collect();
    assert!(
        states.contains(&("B".to_owned(), AlertState::Firing)),
        "{states:?}"
    );
    assert!(
        states.contains(&("A".to_owned(), AlertState::Resolved)),
        "{states:?}"
    );
}

/// Labels, the workload's name and why; both empty if there is none.
type Case = (
    &'static [(&'static str, &'static str)],
    &'static str,
    &'static str,
);

#[test]
fn labels_lead_to_a_workload_or_to_none() {
    let cases: [Case; 12] = [
        (
            &[("namespace", "shop"), ("deployment", "cart")],
            "cart",
            "exact: label namespace + deployment",
        ),
        (
            &[
                ("exported_namespace", "arq"),
                ("namespace", "shop"),
                ("deployment", "backend"),
            ],
            "backend",
            "exact: label exported_namespace + deployment",
        ),
        (
            &[("namespace", "shop"), ("pod", "cart-7d4b9c-x2x9z")],
            "cart",
            "exact: label namespace + pod → Pod → ReplicaSet → Deployment",
        ),
        (
            &[("namespace", "shop"), ("pod", "cart-6f5d8b-aaaaa")],
            "cart",
            "likely: label namespace + pod: the pod is gone, its name begins so",
        ),
        (
            &[("namespace", "shop"), ("pod", "db-0")],
            "db",
            "likely: label namespace + pod: the pod is gone, its name begins so",
        ),
        (
            &[("namespace", "shop"), ("service", "basket")],
            "cart",
            "exact: label namespace + service → Service → Deployment",
        ),
        (
            &[("instance", "10.1.2.3:8080")],
            "cart",
            "likely: label instance → address of a Pod → ReplicaSet → Deployment",
        ),
        (
            &[("service", "backend")],
            "backend",
            "likely: label service, in any namespace",
        ),
        (
            &[("namespace", "shop"), ("service", "front")],
            "",
            "several: label namespace + service → Service → Deployment",
        ),
        (&[("product", "mug"), ("team", "business")], "", ""),
        (
            &[("namespace", "shop"), ("job", "cart")],
            "cart",
            "likely: label namespace + job: of the same name",
        ),
        (&[("instance", "127.0.0.1:9100")], "", ""),
    ];
    for (pairs, name, reason) in cases {
        let mut store = store();
        world(&mut store);
        let mut all = vec![("alertname", "X")];
        all.extend(pairs);
        told(
            &mut store,
            ONE,
            vec![report(ONE, &all, AlertState::Firing)],
            NOW,
        );
        let alert = only(&store);
        let target = alert.target().map(|target| target.name.to_string());
        assert_eq!(target.unwrap_or_default(), name, "{pairs:?}");
        let why = alert
            .link
            .as_ref()
            .map(|link| format!("{}: {}", link.confidence.word(), link.reason));
        assert_eq!(why.unwrap_or_default(), reason, "{pairs:?}");
    }
}

#[test]
fn a_storm_is_folded_behind_its_first_and_found_again_by_looking() {
    let mut store = store();
    let pods: Vec<String> = (0..40).map(|number| format!("pod-{number}")).collect();
    let storm = pods.iter().map(|pod| {
        report(
            ONE,
            &[("alertname", "PodDown"), ("pod", pod)],
            AlertState::Firing,
        )
    });
    told(&mut store, ONE, storm.collect(), NOW);
    let rows: Vec<&Alert> = store
        .alerts()
        .rows()
        .iter()
        .map(|(_, alert)| alert)
        .collect();
    assert_eq!(rows.len(), 40);
    assert_eq!(rows.iter().filter(|alert| !alert.folded).count(), 1);
    assert_eq!(rows.iter().map(|alert| alert.folds).max(), Some(39));
}
