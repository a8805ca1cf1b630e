//! A small estate, always the same: one production cluster with what goes wrong in real ones.

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

pub const EU: EndpointId = EndpointId(1);

pub fn now() -> Moment {
    Moment::parse("2026-11-21T12:04:31Z").unwrap()
}

/// A moment so many seconds before now.
pub fn ago(seconds: i64) -> Option<Moment> {
    Moment::from_second(now().second() - seconds)
}

pub fn meta(namespace: &str, name: &str, age: i64) -> Meta {
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

pub fn labels(pairs: &[(&str, &str)]) -> Labels {
    let pairs = pairs
        .iter()
        .map(|(key, value)| ((*key).into(), (*value).into()));
    Labels::new(pairs.collect())
}

pub fn owner(kind: &str, namespace: &str, name: &str) -> Option<Arc<Owner>> {
    Some(Arc::new(Owner {
        kind: kind.into(),
        name: name.into(),
        uid: Uid::hash(&format!("{namespace}/{name}")),
    }))
}

pub fn pod(namespace: &str, name: &str, age: i64) -> Pod {
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

fn shop_pod(hash: &str, age: i64) -> Pod {
    let mut pod = pod("ecommerce-prod", &format!("shop-7d9f8b6c5d-{hash}"), age);
    pod.meta.labels = labels(&[("app", "shop"), ("tier", "web")]);
    pod.meta.owner = owner("ReplicaSet", "ecommerce-prod", "shop-7d9f8b6c5d");
    pod
}

fn pods() -> Vec<Pod> {
    let mut crashing = shop_pod("8h6gw", 58);
    crashing.status = "CrashLoopBackOff".into();
    crashing.health = Health::Bad;
    crashing.why = Some("crashes: exit 3, 4 restarts".into());
    crashing.ready = 0;
    crashing.restarts = 4;
    crashing.restarted = ago(12);
    crashing.image = "registry.example.com/shop:2.0".into();
    let mut probing = shop_pod("m2lz9", 252);
    probing.health = Health::Warn;
    probing.why = Some("not ready: containers with unready status: [shop]".into());
    probing.ready = 0;
    let mut pulling = pod("storefront", "web-0", 400);
    pulling.phase = "Pending".into();
    pulling.status = "ImagePullBackOff".into();
    pulling.health = Health::Bad;
    pulling.why = Some("cannot pull web:9.9: manifest unknown".into());
    pulling.ready = 0;
    pulling.node = "node-b".into();
    let mut pending = pod("storefront", "web-10", 3_700);
    pending.phase = "Pending".into();
    pending.status = "Pending".into();
    pending.health = Health::Warn;
    pending.why =
        Some("cannot be scheduled: 0/3 nodes are available: 3 Insufficient memory".into());
    pending.ready = 0;
    pending.node = Name::default();
    pending.ip = None;
    let mut starting = pod("storefront", "web-2", 3);
    starting.status = "ContainerCreating".into();
    starting.health = Health::Busy;
    starting.ready = 0;
    let mut done = pod("ecommerce-prod", "backup-29384720-x7k2p", 36_000);
    done.status = "Completed".into();
    done.phase = "Succeeded".into();
    done.health = Health::Idle;
    done.ready = 0;
    done.meta.owner = owner("Job", "ecommerce-prod", "backup-29384720");
    let mut wide = pod("ecommerce-prod", "注文-処理-ワーカー-0", 700_000);
    wide.image = "registry.example.com/注文:1".into();
    let mut hostile = pod("ecommerce-prod", "evil\u{1b}[2J\u{202e}name", 90_000);
    hostile.restarts = 1;
    hostile.restarted = ago(80_000);
    let mut many = pod(
        "kube-system",
        "a-controller-with-a-very-long-name-that-tells-nothing-until-its-end-5f6d7c9b8-x7k2p",
        90_000_000,
    );
    many.containers = 3;
    many.ready = 3;
    many.limits = Allotment::default();
    many.node = "node-b".into();
    vec![
        crashing,
        probing,
        shop_pod("zzz11", 252),
        pulling,
        pending,
        starting,
        done,
        wide,
        hostile,
        many,
    ]
}

pub fn workload(kind: WorkloadKind, namespace: &str, name: &str, age: i64) -> Workload {
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

fn workloads() -> Vec<Workload> {
    let mut shop = workload(WorkloadKind::Deployment, "ecommerce-prod", "shop", 518_400);
    shop.status = "Degraded".into();
    shop.health = Health::Bad;
    shop.why = Some("1 of 3 new pods ready".into());
    (shop.desired, shop.ready, shop.updated, shop.available) = (Some(3), 1, 3, 1);
    shop.rollout = Some(Rollout {
        revision: "44".into(),
        rolling: true,
        since: ago(42),
        ..Rollout::default()
    });
    let mut held = workload(WorkloadKind::Deployment, "storefront", "held", 9_000);
    held.health = Health::Warn;
    held.status = "Paused".into();
    held.rollout = Some(Rollout {
        revision: "7".into(),
        paused: true,
        ..Rollout::default()
    });
    let mut db = workload(
        WorkloadKind::StatefulSet,
        "ecommerce-prod",
        "orders-db",
        518_400,
    );
    db.rollout = Some(Rollout {
        revision: "orders-db-5f6d7c9b8".into(),
        ..Rollout::default()
    });
    let agent = workload(WorkloadKind::DaemonSet, "kube-system", "agent", 5_000_000);
    let mut set = workload(
        WorkloadKind::ReplicaSet,
        "ecommerce-prod",
        "shop-7d9f8b6c5d",
        252,
    );
    set.meta.owner = owner("Deployment", "ecommerce-prod", "shop");
    let mut backup = workload(WorkloadKind::CronJob, "ecommerce-prod", "backup", 5_000_000);
    backup.desired = None;
    backup.current = 0;
    backup.schedule = Some(Schedule {
        cron: "0 2 * * *".into(),
        last: ago(36_271),
        last_success: ago(36_240),
        ..Schedule::default()
    });
    let mut job = workload(
        WorkloadKind::Job,
        "ecommerce-prod",
        "backup-29384720",
        36_271,
    );
    job.status = "Complete".into();
    job.health = Health::Idle;
    (job.desired, job.ready) = (Some(1), 1);
    job.started = ago(36_271);
    job.finished = ago(36_240);
    job.meta.owner = owner("CronJob", "ecommerce-prod", "backup");
    let mut failed = workload(WorkloadKind::Job, "storefront", "migrate", 600);
    failed.status = "Failed".into();
    failed.health = Health::Bad;
    failed.why = Some("gave up: 6 pods failed, 6 retries allowed".into());
    (failed.desired, failed.ready, failed.failed) = (Some(1), 0, 6);
    failed.started = ago(600);
    failed.finished = ago(120);
    vec![shop, held, db, agent, set, backup, job, failed]
}

fn hpas() -> Vec<Hpa> {
    let metric = |name: &str, share: Option<f64>, current: &str, target: &str| HpaMetric {
        name: name.into(),
        share,
        current: current.into(),
        target: target.into(),
    };
    let full = Hpa {
        meta: meta("ecommerce-prod", "arq-backend", 500_000),
        target_kind: "Deployment".into(),
        target_name: "arq-backend".into(),
        min: 2,
        max: 10,
        current: 10,
        desired: 10,
        last_scale: ago(720),
        metrics: vec![metric("cpu", Some(96.0 / 70.0), "96", "70 %")],
        health: Health::Warn,
        status: "At maximum".into(),
        why: Some("at its maximum for 12m; would be 14".into()),
    };
    let growing = Hpa {
        meta: meta("ecommerce-prod", "shop", 500_000),
        target_kind: "Deployment".into(),
        target_name: "shop".into(),
        min: 3,
        max: 10,
        current: 3,
        desired: 5,
        metrics: vec![
            metric("cpu", Some(15.0 / 70.0), "15", "70 %"),
            metric("memory", Some(12.0 / 80.0), "12", "80 %"),
        ],
        status: "Scaling".into(),
        ..Hpa::default()
    };
    let blind = Hpa {
        meta: meta("storefront", "web", 4_000),
        target_kind: "StatefulSet".into(),
        target_name: "web".into(),
        min: 1,
        max: 4,
        current: 1,
        desired: 1,
        metrics: vec![metric("cpu", None, "", "70 %")],
        health: Health::Bad,
        status: "Blind".into(),
        why: Some("no metrics: containers state no CPU request".into()),
        ..Hpa::default()
    };
    vec![full, growing, blind]
}

fn nodes() -> Vec<Node> {
    let node = |name: &str| Node {
        meta: meta("", name, 8_000_000),
        status: "Ready".into(),
        roles: "worker".into(),
        version: "v1.33.13".into(),
        internal_ip: "10.0.0.4".into(),
        os_image: "Debian GNU/Linux 13".into(),
        kernel: "6.12.48".into(),
        runtime: "containerd://2.1.4".into(),
        allocatable: Allotment {
            cpu_millicores: 4000,
            memory_bytes: 16 << 30,
        },
        pods_capacity: 110,
        ..Node::default()
    };
    let mut full = node("node-b");
    full.health = Health::Warn;
    full.status = "Ready,SchedulingDisabled".into();
    full.why = Some("memory pressure".into());
    full.cordoned = true;
    full.taints = 2;
    let mut bare = node("node-c");
    bare.roles = Name::default();
    bare.health = Health::Bad;
    bare.status = "NotReady".into();
    bare.why = Some("the kubelet stopped posting its status".into());
    vec![node("node-a"), full, bare]
}

fn events() -> Vec<Event> {
    let event = |name: &str, reason: &str, about: (&str, &str, &str), last: i64| Event {
        meta: meta(about.1, name, last),
        level: "Normal".into(),
        reason: reason.into(),
        count: 1,
        first: ago(last),
        last: ago(last),
        component: "kubelet".into(),
        involved: Involved {
            kind: about.0.into(),
            namespace: about.1.into(),
            name: about.2.into(),
            uid: Uid::hash(&format!("{}/{}", about.1, about.2)),
        },
        ..Event::default()
    };
    let mut probe = event(
        "e1",
        "Unhealthy",
        ("Pod", "ecommerce-prod", "shop-7d9f8b6c5d-m2lz9"),
        4,
    );
    probe.warning = true;
    probe.level = "Warning".into();
    probe.message = "Readiness probe failed: HTTP probe failed with statuscode: 503".into();
    probe.count = 31;
    probe.first = ago(240);
    let mut backoff = event(
        "e2",
        "BackOff",
        ("Pod", "ecommerce-prod", "shop-7d9f8b6c5d-8h6gw"),
        9,
    );
    backoff.warning = true;
    backoff.level = "Warning".into();
    backoff.message = "Back-off restarting failed container shop".into();
    backoff.count = 12;
    let mut scaled = event(
        "e3",
        "ScalingReplicaSet",
        ("Deployment", "ecommerce-prod", "shop"),
        42,
    );
    scaled.message = "Scaled up replica set shop-7d9f8b6c5d from 0 to 3".into();
    let mut node = event("e4", "NodeNotReady", ("Node", "default", "node-c"), 600);
    node.involved.uid = Uid::parse("node-c");
    node.message = "Node node-c status is now: NodeNotReady".into();
    vec![scaled, probe, node, backoff]
}

fn containers() -> Vec<Container> {
    let mut main = Container {
        meta: meta("ecommerce-prod", "shop", 58),
        image: "registry.example.com/shop:2.0".into(),
        state: "CrashLoopBackOff".into(),
        health: Health::Bad,
        why: Some("exit 3".into()),
        restarts: 4,
        exit_code: Some(3),
        ports: "8080/TCP http".into(),
        probes: "readiness http :8080/ready every 5 s".into(),
        ..Container::default()
    };
    main.meta.owner = owner("Pod", "ecommerce-prod", "shop-7d9f8b6c5d-8h6gw");
    let mut proxy = main.clone();
    proxy.meta = Meta {
        owner: main.meta.owner.clone(),
        ..meta("ecommerce-prod", "proxy", 58)
    };
    proxy.role = ContainerRole::Sidecar;
    proxy.state = "Running".into();
    proxy.health = Health::Good;
    proxy.why = None;
    proxy.ready = true;
    proxy.exit_code = None;
    proxy.restarts = 0;
    proxy.started = ago(57);
    vec![main, proxy]
}

fn resources() -> Vec<(Kind, Resource)> {
    let row = |kind: Kind, namespace: &str, name: &str, cells: Vec<Value>| {
        let resource = Resource {
            meta: meta(namespace, name, 500_000),
            cells: cells.into(),
            ..Resource::default()
        };
        (kind, resource)
    };
    let text = |text: &str| Value::Text(text.into());
    let name = |name: &str| Value::Name(name.into());
    let number = Value::Number;
    let mut slice = row(
        Kind::EndpointSlice,
        "ecommerce-prod",
        "shop-abc12",
        vec![
            name("shop"),
            number(0),
            number(3),
            text("10.244.1.7,10.244.1.8 + 1 more"),
            text("8080/TCP"),
            name("IPv4"),
        ],
    );
    slice.1.health = Health::Bad;
    slice.1.why = Some("no endpoint is ready".into());
    let mut budget = row(
        Kind::PodDisruptionBudget,
        "ecommerce-prod",
        "shop",
        vec![
            text("2"),
            Value::None,
            number(1),
            number(2),
            number(3),
            number(0),
        ],
    );
    budget.1.health = Health::Warn;
    budget.1.why = Some("1 of 2 wanted pods healthy".into());
    let mut expiring = row(
        Kind::Custom(Arc::new(certificates())),
        "ecommerce-prod",
        "shop-tls",
        vec![
            text("False"),
            text("shop-tls"),
            Value::Time(ago(86_400).unwrap()),
        ],
    );
    expiring.1.health = Health::Warn;
    expiring.1.why = Some("Issuing certificate as Secret does not exist".into());
    vec![
        row(
            Kind::Service,
            "ecommerce-prod",
            "shop",
            vec![
                name("ClusterIP"),
                text("10.96.12.7"),
                Value::None,
                text("80/TCP,9090/TCP"),
                text("app=shop,tier=web"),
            ],
        ),
        row(
            Kind::Service,
            "default",
            "kubernetes",
            vec![
                name("ClusterIP"),
                text("10.96.0.1"),
                Value::None,
                text("443/TCP"),
                Value::None,
            ],
        ),
        row(
            Kind::Ingress,
            "ecommerce-prod",
            "shop",
            vec![
                name("nginx"),
                text("shop.example.com"),
                text("203.0.113.7"),
                text("80, 443"),
                text("shop:80"),
            ],
        ),
        slice,
        row(
            Kind::ConfigMap,
            "ecommerce-prod",
            "shop-config",
            vec![number(4), Value::Bytes(1_843), Value::None],
        ),
        row(
            Kind::ConfigMap,
            "ecommerce-prod",
            "dashboards",
            vec![number(31), Value::Bytes(912_384), Value::None],
        ),
        row(
            Kind::Secret,
            "ecommerce-prod",
            "shop-tls",
            vec![
                name("kubernetes.io/tls"),
                number(2),
                Value::Bytes(5_120),
                Value::None,
            ],
        ),
        row(
            Kind::PersistentVolumeClaim,
            "ecommerce-prod",
            "data-orders-db-0",
            vec![
                name("Bound"),
                text("pvc-1b2c"),
                Value::Bytes(8 << 30),
                name("RWO"),
                name("standard"),
                name("Filesystem"),
            ],
        ),
        budget,
        row(Kind::Namespace, "", "ecommerce-prod", vec![name("Active")]),
        row(Kind::Namespace, "", "storefront", vec![name("Active")]),
        expiring,
    ]
}

pub fn certificates() -> CustomKind {
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
pub fn feed(kind: Kind) -> Feed {
    Feed {
        endpoint: EU,
        topic: Topic::Objects(kind, Scope::All),
    }
}

/// Tells a store of rows of a kind.
pub fn tell(store: &mut Store, kind: Kind, rows: impl IntoIterator<Item = Row>) {
    let changes = rows.into_iter().map(Change::Row).collect();
    let feed = feed(kind);
    store.apply(Batch { feed, changes }, now());
}

/// The whole estate.
pub fn store() -> Store {
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
pub fn live() -> Store {
    let mut store = store();
    for (kind, _) in Kind::built_in() {
        status(&mut store, kind.clone(), SourceStatus::Live);
    }
    store
}

/// Tells a store where the feed of a kind stands.
pub fn status(store: &mut Store, kind: Kind, status: SourceStatus) {
    let changes = vec![Change::Status(status)];
    store.apply(
        Batch {
            feed: feed(kind),
            changes,
        },
        now(),
    );
}

pub fn world(store: &Store) -> World<'_> {
    World {
        store,
        now: now(),
        several: false,
    }
}

pub fn filtered(text: &str) -> Query {
    Query {
        filter: Filter::parse(text),
        ..Query::default()
    }
}

/// A view drawn as text, as a pane would.
pub fn drawn(
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
pub fn text(buffer: &Buffer) -> String {
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
