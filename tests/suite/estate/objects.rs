//! The objects of the estate that have a row type of their own, and what is wrong with them.

use quarterdeck::model::*;

use super::{ago, labels, meta, owner, pod, workload};

fn shop_pod(hash: &str, age: i64) -> Pod {
    let mut pod = pod("ecommerce-prod", &format!("shop-7d9f8b6c5d-{hash}"), age);
    pod.meta.labels = labels(&[("app", "shop"), ("tier", "web")]);
    pod.meta.owner = owner("ReplicaSet", "ecommerce-prod", "shop-7d9f8b6c5d");
    pod
}

pub(super) fn pods() -> Vec<Pod> {
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

pub(super) fn workloads() -> Vec<Workload> {
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

pub(super) fn hpas() -> Vec<Hpa> {
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

pub(super) fn nodes() -> Vec<Node> {
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

pub(super) fn events() -> Vec<Event> {
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

pub(super) fn containers() -> Vec<Container> {
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
