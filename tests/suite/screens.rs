//! What whole screens show: the overview, single views, overlays, details, at several sizes and in every state.

use proptest::prelude::*;
use quarterdeck::config::Config;
use quarterdeck::model::*;
use quarterdeck::store::Store;

use crate::estate::{self, EU, ago, live, now, status};
use crate::operator::Operator;

/// The screen after these keys, at both sizes.
fn snapshot(name: &str, store: fn() -> Store, keys: &str) {
    for size in [(80, 24), (160, 48)] {
        let mut operator = Operator::with(store(), &Config::default(), size);
        operator.press(keys);
        insta::assert_snapshot!(format!("{name}_{}", size.0), operator.screen());
    }
}

/// The estate with an opened Secret.
fn opened() -> Store {
    let mut store = live();
    let key = estate::meta("ecommerce-prod", "shop-tls", 0).key;
    document(
        &mut store,
        &Kind::Secret,
        "ecommerce-prod",
        "shop-tls",
        key.uid,
    );
    store
}

/// The estate with the crashing pod opened.
fn pod_opened() -> Store {
    let mut store = live();
    let name = "shop-7d9f8b6c5d-8h6gw";
    let uid = estate::meta("ecommerce-prod", name, 0).key.uid;
    document(&mut store, &Kind::Pod, "ecommerce-prod", name, uid);
    store
}

fn fact(label: &str, value: &str, health: Health, time: Option<Moment>) -> Fact {
    Fact {
        label: label.into(),
        value: value.into(),
        health,
        time,
    }
}

fn document(store: &mut Store, kind: &Kind, namespace: &str, name: &str, uid: Uid) {
    let target = |kind: Kind, name: &str| Target {
        endpoint: EU,
        kind,
        namespace: namespace.into(),
        name: name.into(),
        uid: None,
    };
    let yaml = format!(
        "apiVersion: v1\nkind: {}\nmetadata:\n  name: {name}\n  namespace: {namespace}\nspec:\n  # why\n  containers:\n  - name: shop\n    image: registry.example.com/shop:2.0\n    command: [\"a long line that goes on\", \"and on\", \"and on\", \"until it leaves every screen\"]",
        kind.name()
    );
    let lines: Vec<Text> = yaml.lines().map(Text::new).collect();
    let mut managed = lines.clone();
    managed.insert(5, "  managedFields: []".into());
    let document = Document {
        target: Target {
            uid: Some(uid),
            ..target(kind.clone(), name)
        },
        summary: vec![
            Section {
                title: "".into(),
                facts: vec![
                    fact("Status", "CrashLoopBackOff", Health::Bad, ago(12)),
                    fact("Node", "node-a", Health::Good, None),
                    fact("Labels", "app=shop", Health::Good, None),
                    fact("", "tier=web", Health::Good, None),
                ],
            },
            Section {
                title: "Conditions".into(),
                facts: vec![
                    fact("Ready", "False: ContainersNotReady", Health::Warn, ago(58)),
                    fact("PodScheduled", "True", Health::Good, ago(58)),
                ],
            },
        ],
        yaml: lines,
        yaml_managed: managed,
        related: vec![
            Related {
                relation: "owner".into(),
                target: target(Kind::ReplicaSet, "shop-7d9f8b6c5d"),
            },
            Related {
                relation: "service".into(),
                target: target(Kind::Service, "shop"),
            },
        ],
        masked: if *kind == Kind::Secret {
            vec!["password".into(), "token".into()]
        } else {
            Vec::new()
        },
        read: now(),
        deleted: false,
    };
    let feed = Feed {
        endpoint: EU,
        topic: Topic::Document,
    };
    let changes = vec![
        Change::Status(SourceStatus::Live),
        Change::Document(Box::new(document)),
    ];
    store.apply(Batch { feed, changes }, now());
}

fn nothing() -> Store {
    Store::default()
}

fn stale() -> Store {
    let mut store = live();
    let feed = Feed {
        endpoint: EU,
        topic: Topic::Server,
    };
    let status = SourceStatus::Stale {
        since: ago(42).unwrap(),
        cause: "connection refused".into(),
        retry_at: Moment::from_second(now().second() + 3),
    };
    let changes = vec![Change::Status(status)];
    store.apply(Batch { feed, changes }, now());
    store
}

fn denied() -> Store {
    let mut store = live();
    let status_of = SourceStatus::Denied {
        verb: "list".into(),
        resource: "secrets".into(),
    };
    status(&mut store, Kind::Secret, status_of);
    let changes = vec![Change::Dropped];
    let feed = estate::feed(Kind::Secret);
    let again = store.status(&feed).cloned().unwrap();
    store.apply(
        Batch {
            feed: feed.clone(),
            changes,
        },
        now(),
    );
    status(&mut store, Kind::Secret, again);
    store
}

fn connecting() -> Store {
    let mut store = Store::default();
    let feed = Feed {
        endpoint: EU,
        topic: Topic::Server,
    };
    let endpoint = Endpoint {
        id: EU,
        name: "kind-dev".into(),
        environment: Environment::Development,
        ..Endpoint::default()
    };
    let changes = vec![
        Change::Endpoint(endpoint),
        Change::Status(SourceStatus::Connecting),
    ];
    store.apply(Batch { feed, changes }, now());
    store
}

fn listing() -> Store {
    let mut store = live();
    let reading = SourceStatus::Listing {
        total: Some(50_000),
    };
    status(&mut store, Kind::Pod, reading);
    store
}

/// Two clusters, one of which does not answer.
fn several() -> Store {
    let mut store = live();
    let endpoint = Endpoint {
        id: EndpointId(2),
        name: "eks-us-1".into(),
        environment: Environment::Staging,
        ..Endpoint::default()
    };
    let feed = Feed {
        endpoint: EndpointId(2),
        topic: Topic::Server,
    };
    let status = SourceStatus::Stale {
        since: ago(95).unwrap(),
        cause: "no route to host".into(),
        retry_at: None,
    };
    let changes = vec![Change::Endpoint(endpoint), Change::Status(status)];
    store.apply(Batch { feed, changes }, now());
    store
}

#[test]
fn screens() {
    snapshot("overview", live, "tab shift-tab");
    snapshot("overview_zoomed", live, "z");
    snapshot("pods", live, ": pods enter");
    snapshot("pods_filtered", live, ": pods enter / shop enter");
    snapshot("pods_filtering", live, ": pods enter / shop");
    snapshot("pods_marked", live, ": pods enter space space");
    snapshot("drilled", live, "enter");
    snapshot("palette", live, ":");
    snapshot("palette_typed", live, ": po");
    snapshot("palette_unknown", live, ": depolyments enter");
    snapshot("palette_namespace", live, ": pods space s");
    snapshot("help", live, "?");
    snapshot("help_searched", live, "? sort");
    snapshot("themes", live, "t");
    snapshot("own_log", live, "L");
    snapshot("contexts", live, ": ctx enter");
}

#[test]
fn details() {
    snapshot("detail", pod_opened, ": pods enter d");
    snapshot("detail_yaml", pod_opened, ": pods enter y");
    snapshot("detail_search", pod_opened, ": pods enter y / name");
    snapshot("detail_events", pod_opened, ": pods enter E");
    snapshot("detail_related", pod_opened, ": pods enter d shift-tab");
    snapshot("detail_containers", pod_opened, ": pods enter d tab");
    snapshot("detail_reading", live, ": pods enter d");
    snapshot(
        "detail_secret",
        opened,
        ": secrets space ecommerce-prod enter d",
    );
}

#[test]
fn states() {
    snapshot("nothing_open", nothing, ": pods enter");
    snapshot("connecting", connecting, ": pods enter");
    snapshot("stale", stale, ": pods enter");
    snapshot("stale_overview", stale, "esc");
    snapshot("denied", denied, ": secrets enter");
    snapshot("listing", listing, ": pods enter");
    snapshot("several", several, "esc");
    snapshot("no_match", live, ": pods enter / zzzz enter");
    snapshot("empty", live, ": pods space nowhere enter");
}

#[test]
fn a_secret_is_shown_for_a_while_only() {
    let mut operator = Operator::with(opened(), &Config::default(), (120, 36));
    let target = operator.store.document().unwrap().target.clone();
    operator.press(": secrets enter /");
    operator.write(&target.name);
    operator.press("enter d").sees("values are masked");
    operator.press("x").sees("Show which value?").sees("token");
    operator.press("down enter").sees("token is shown for 15s");
    let demand = operator.ui.demand(&operator.store);
    assert_eq!(demand.revealed.iter().collect::<Vec<_>>(), ["token"]);
    operator.wait(5).sees("token is shown for 10s");
    operator.wait(10).sees("values are masked");
    assert!(operator.ui.demand(&operator.store).revealed.is_empty());
}

#[test]
fn what_is_on_screen_is_what_is_watched() {
    let mut operator = Operator::new(120, 36);
    operator.press(": services enter");
    let demand = operator.ui.demand(&operator.store);
    let kinds: Vec<&Kind> = demand.objects.iter().map(|want| &want.kind).collect();
    assert!(kinds.contains(&&Kind::Service));
    assert!(!kinds.contains(&&Kind::Ingress));
    operator.press(": pods space storefront enter");
    let demand = operator.ui.demand(&operator.store);
    let want = Want {
        endpoint: EU,
        kind: Kind::Pod,
        scope: Scope::Namespace("storefront".into()),
    };
    assert!(demand.objects.contains(&want));
    assert!(!demand.usage.is_empty());
    operator.press("d");
    let demand = operator.ui.demand(&operator.store);
    assert_eq!(demand.document.map(|target| target.kind), Some(Kind::Pod));
}

#[test]
fn an_idle_screen_waits_for_the_next_age() {
    let mut operator = Operator::new(120, 36);
    operator.press(": pods enter").screen();
    let tick = operator.ui.next_tick(&operator.store, now()).unwrap();
    assert!(tick > now());
    // Nothing on this screen has an age.
    operator.press(": ctx enter").wait(30);
    assert_eq!(operator.ui.next_tick(&operator.store, operator.now), None);
}

#[test]
fn a_row_that_goes_away_is_said() {
    let mut operator = Operator::new(120, 36);
    operator.press(": pods enter j").screen();
    let pod = operator
        .store
        .pods()
        .iter()
        .map(|(_, pod)| pod.meta.clone());
    let pods: Vec<Meta> = pod.collect();
    for meta in pods {
        let changes = vec![Change::Gone(meta.key.uid)];
        let feed = estate::feed(Kind::Pod);
        operator.store.apply(Batch { feed, changes }, now());
        operator.screen();
    }
    operator.sees("is gone.").sees("No pods in this cluster.");
}

#[test]
fn a_small_screen_says_what_it_needs() {
    let mut operator = Operator::new(19, 4);
    operator.sees("needs 20×5");
    operator.resize(20, 5).misses("needs");
    // Below 80×24 only the focused pane is left, with the cluster and what it means.
    operator.resize(60, 15);
    operator
        .sees("PRODUCTION")
        .sees("eks-eu-1")
        .sees("Workloads")
        .misses("Prometheus");
}

#[test]
fn a_first_view_waits_until_its_kind_is_known() {
    let mut config = Config::default();
    config.ui.view = "certs".to_owned();
    let mut operator = Operator::with(connecting(), &config, (120, 36));
    operator.sees("Workloads").misses("No view");
    operator.store = live();
    operator.sees("━ Certificate").misses("No view");
}

#[test]
fn a_resize_storm_is_survived() {
    let mut operator = Operator::new(80, 24);
    for step in 0_u32..1000 {
        let (width, height) = ((step * 37 % 251) as u16, (step * 13 % 81) as u16);
        operator.resize(width, height).screen();
    }
    operator.resize(120, 36).sees("Workloads");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn no_size_and_no_keys_break_a_screen(
        width in 0_u16..=250,
        height in 0_u16..=80,
        keys in proptest::collection::vec(
            prop_oneof![
                Just("j"), Just("tab"), Just("z"), Just("enter"), Just("esc"), Just("d"), Just("y"),
                Just("w"), Just("/"), Just(":"), Just("?"), Just("t"), Just("right"), Just("G"),
                Just("space"), Just("ctrl-up"), Just("ctrl-right"), Just("!"), Just("N"), Just("x"),
                Just("o"), Just("p"), Just("L"), Just("0"), Just("backspace"), Just("down"),
            ],
            0..12,
        ),
    ) {
        let mut operator = Operator::with(pod_opened(), &Config::default(), (width, height));
        for key in keys {
            operator.press(key).screen();
        }
        operator.resize(height * 2, width / 3).screen();
    }
}
