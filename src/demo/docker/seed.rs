//! The host as it stands at the beginning: two Compose projects, a few containers of their own, a swarm of three nodes.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::super::random::{digest, hash};
use super::service::Service;
use super::world::{Container, Life, State, World};

const MEBI: u64 = 1 << 20;
const HOUR: i64 = 3600;

/// What tells the containers of a project apart.
struct Part {
    service: &'static str,
    image: &'static str,
    life: Life,
    policy: (&'static str, u32),
    checked: bool,
    ports: &'static [(&'static str, u16, u16)],
    volume: Option<(&'static str, &'static str)>,
    depends: &'static str,
    /// Thousandths of a core, mebibytes, and the limit in mebibytes.
    load: (u64, u64, u64),
}

const PLAIN: Part = Part {
    service: "",
    image: "",
    life: Life::Steady,
    policy: ("unless-stopped", 0),
    checked: false,
    ports: &[],
    volume: None,
    depends: "",
    load: (20, 64, 0),
};

const STOREFRONT: &[Part] = &[
    Part {
        service: "web",
        image: "nginx:1.27",
        ports: &[("0.0.0.0", 80, 80), ("0.0.0.0", 443, 443)],
        checked: true,
        depends: "api:service_healthy:false",
        load: (35, 22, 128),
        ..PLAIN
    },
    Part {
        service: "api",
        image: "registry.example.com/shop:1.8",
        ports: &[("127.0.0.1", 8080, 8080)],
        checked: true,
        depends: "db:service_healthy:false,cache:service_started:false",
        load: (340, 210, 512),
        ..PLAIN
    },
    Part {
        service: "worker",
        image: "registry.example.com/shop:1.8",
        depends: "api:service_started:false",
        load: (180, 160, 384),
        ..PLAIN
    },
    Part {
        service: "mailer",
        image: "registry.example.com/mailer:0.9",
        life: Life::Ends { after: 4, code: 3 },
        policy: ("always", 0),
        load: (90, 48, 128),
        ..PLAIN
    },
    Part {
        service: "db",
        image: "postgres:16",
        checked: true,
        volume: Some(("storefront_db", "/var/lib/postgresql/data")),
        load: (120, 420, 1024),
        ..PLAIN
    },
    Part {
        service: "cache",
        image: "redis:7",
        load: (25, 38, 256),
        ..PLAIN
    },
    Part {
        service: "migrate",
        image: "registry.example.com/shop:1.8",
        life: Life::Ends { after: 6, code: 0 },
        policy: ("no", 0),
        ..PLAIN
    },
];

const MONITORING: &[Part] = &[
    Part {
        service: "grafana",
        image: "grafana/grafana:11.2",
        life: Life::Flaps { period: 45 },
        checked: true,
        ports: &[("0.0.0.0", 3000, 3000)],
        volume: Some(("monitoring_grafana", "/var/lib/grafana")),
        load: (60, 180, 512),
        ..PLAIN
    },
    Part {
        service: "loki",
        image: "grafana/loki:3.2",
        life: Life::Eats { after: 150 },
        policy: ("on-failure", 5),
        volume: Some(("monitoring_loki", "/loki")),
        load: (140, 120, 256),
        ..PLAIN
    },
];

/// The host at a time.
pub(super) fn world(now: Timestamp) -> World {
    let mut world = World::new(now);
    project(
        &mut world,
        "storefront",
        "/srv/storefront",
        STOREFRONT,
        9 * 24 * HOUR,
    );
    project(
        &mut world,
        "monitoring",
        "/srv/monitoring",
        MONITORING,
        31 * 24 * HOUR,
    );
    alone(
        &mut world,
        "registry",
        "registry:2",
        Life::Steady,
        60 * 24 * HOUR,
    );
    alone(
        &mut world,
        "import-2025",
        "registry.example.com/import:3",
        Life::Ends { after: 2, code: 1 },
        40 * HOUR,
    );
    replica(&mut world);
    around(&mut world);
    services(&mut world);
    // Whatever happened before the first look is nobody's news.
    world.take_events();
    world.history.clear();
    world
}

fn project(world: &mut World, name: &str, directory: &str, parts: &[Part], age: i64) {
    for part in parts {
        let labels = labels(name, directory, part, 1);
        let container = container(
            world.now,
            &format!("{name}-{}-1", part.service),
            part,
            labels,
            age,
        );
        world.add(container);
    }
}

/// A second copy of the API, made from an older configuration: drift.
fn replica(world: &mut World) {
    let Some(part) = STOREFRONT.iter().find(|part| part.service == "api") else {
        return;
    };
    let mut labels = labels("storefront", "/srv/storefront", part, 2);
    let old = digest(hash("older"));
    labels.insert("com.docker.compose.config-hash".into(), old);
    let mut container = container(world.now, "storefront-api-2", part, labels, 30 * 24 * HOUR);
    container.ports.clear();
    world.add(container);
}

fn alone(world: &mut World, name: &str, image: &'static str, life: Life, age: i64) {
    let part = Part {
        image,
        life,
        policy: if life == Life::Steady {
            ("always", 0)
        } else {
            ("no", 0)
        },
        ..PLAIN
    };
    let container = container(world.now, name, &part, BTreeMap::new(), age);
    world.add(container);
}

fn labels(project: &str, directory: &str, part: &Part, number: u32) -> BTreeMap<String, String> {
    let hash = digest(hash(&format!("{project}/{}", part.service)));
    let image = format!("sha256:{}", image_id(part.image));
    [
        ("project", project.to_owned()),
        ("service", part.service.to_owned()),
        ("container-number", number.to_string()),
        ("oneoff", "False".to_owned()),
        ("config-hash", hash),
        ("image", image),
        ("depends_on", part.depends.to_owned()),
        ("project.working_dir", directory.to_owned()),
        ("project.config_files", format!("{directory}/compose.yaml")),
        ("version", "2.32.4".to_owned()),
    ]
    .into_iter()
    .map(|(key, value)| (format!("com.docker.compose.{key}"), value))
    .collect()
}

fn image_id(image: &str) -> String {
    digest(hash(image))
}

fn container(
    now: Timestamp,
    name: &str,
    part: &Part,
    labels: BTreeMap<String, String>,
    age: i64,
) -> Container {
    let created = now - SignedDuration::from_secs(age);
    let project = labels.get("com.docker.compose.project");
    let network = project.map_or("bridge".to_owned(), |project| format!("{project}_default"));
    // What ends by itself and is not started again has ended long ago.
    let over = match (part.life, part.policy.0) {
        (Life::Ends { after, code }, "no") => Some((after, code)),
        _ => None,
    };
    let fresh = matches!(
        part.life,
        Life::Ends { .. } | Life::Eats { .. } | Life::Flaps { .. }
    );
    let started = match over {
        Some(_) => created,
        None if fresh => now - SignedDuration::from_secs(1),
        None => created + SignedDuration::from_secs(20),
    };
    let (cpu, memory, limit) = part.load;
    Container {
        id: digest(hash(name)),
        name: name.to_owned(),
        image: part.image.to_owned(),
        image_id: format!("sha256:{}", image_id(part.image)),
        command: vec!["/entrypoint".to_owned(), part.service.to_owned()],
        environment: vec![
            "PATH=/usr/local/bin:/usr/bin".to_owned(),
            format!("SERVICE={}", part.service),
            "DATABASE_PASSWORD=correct horse battery staple".to_owned(),
        ],
        labels,
        created,
        state: if over.is_some() {
            State::Exited
        } else {
            State::Running
        },
        started: Some(started),
        finished: over.map(|(after, _)| started + SignedDuration::from_secs(after)),
        exit_code: over.map_or(0, |(_, code)| code),
        oom: false,
        restarts: if part.service == "mailer" { 3 } else { 0 },
        policy: part.policy.0,
        most: part.policy.1,
        life: part.life,
        checked: part.checked,
        healthy: part.checked,
        ports: part.ports.to_vec(),
        network,
        volume: part
            .volume
            .map(|(name, path)| (name.to_owned(), path.to_owned())),
        memory_limit: limit * MEBI,
        cpu_limit: if limit > 0 { 1.0 } else { 0.0 },
        load: (cpu as f64 / 1000.0, memory * MEBI),
    }
}

/// Images, volumes and networks.
fn around(world: &mut World) {
    let created = world.now.as_second() - 30 * 24 * HOUR;
    let sizes: &[(&str, u64)] = &[
        ("nginx:1.27", 192),
        ("registry.example.com/shop:1.7", 88),
        ("registry.example.com/shop:1.8", 91),
        ("registry.example.com/shop:2.0", 96),
        ("registry.example.com/mailer:0.9", 54),
        ("registry.example.com/import:3", 71),
        ("postgres:16", 438),
        ("redis:7", 117),
        ("registry:2", 25),
        ("grafana/grafana:11.2", 486),
        ("grafana/loki:3.2", 83),
        ("", 90),
    ];
    for (name, size) in sizes {
        let tags: Vec<&str> = if name.is_empty() {
            Vec::new()
        } else {
            vec![name]
        };
        world.images.push(json!({
            "Id": format!("sha256:{}", image_id(name)), "ParentId": "", "RepoTags": tags,
            "RepoDigests": [], "Created": created, "Size": size * 1_000_000, "SharedSize": -1,
            "Containers": -1, "Labels": null,
        }));
    }
    let at = (world.now - SignedDuration::from_secs(30 * 24 * HOUR)).to_string();
    for (name, project, size) in [
        ("storefront_db", "storefront", 812_u64),
        ("monitoring_grafana", "monitoring", 46),
        ("monitoring_loki", "monitoring", 2310),
        ("storefront_uploads_old", "storefront", 1290),
    ] {
        world.volumes.push(json!({
            "Name": name, "Driver": "local", "Scope": "local", "CreatedAt": at, "Options": null,
            "Mountpoint": format!("/var/lib/docker/volumes/{name}/_data"),
            "Labels": { "com.docker.compose.project": project },
            "Size": size * 1_000_000,
        }));
    }
    for (name, driver, scope, subnet, project) in [
        ("bridge", "bridge", "local", "172.17.0.0/16", ""),
        ("host", "host", "local", "", ""),
        ("none", "null", "local", "", ""),
        ("ingress", "overlay", "swarm", "10.0.0.0/24", ""),
        (
            "storefront_default",
            "bridge",
            "local",
            "172.20.0.0/16",
            "storefront",
        ),
        (
            "monitoring_default",
            "bridge",
            "local",
            "172.21.0.0/16",
            "monitoring",
        ),
    ] {
        let pools: Vec<Value> = match subnet {
            "" => Vec::new(),
            subnet => vec![json!({ "Subnet": subnet })],
        };
        let labels = match project {
            "" => json!({}),
            project => json!({ "com.docker.compose.project": project }),
        };
        world.networks.push(json!({
            "Name": name, "Id": digest(hash(&format!("network/{name}"))), "Created": at,
            "Driver": driver, "Scope": scope, "Internal": false, "IPAM": { "Config": pools },
            "Labels": labels,
        }));
    }
}

fn services(world: &mut World) {
    let created = world.now - SignedDuration::from_secs(12 * 24 * HOUR);
    let stack = |name: &str| json!({ "com.docker.stack.namespace": name });
    let specs = [
        (
            "payments_api",
            "registry.example.com/payments:4.1",
            json!({ "Replicated": { "Replicas": 3 } }),
            stack("payments"),
        ),
        (
            "payments_worker",
            "registry.example.com/payments:4.1",
            json!({ "Replicated": { "Replicas": 2 } }),
            stack("payments"),
        ),
        ("edge", "traefik:3.1", json!({ "Global": {} }), json!({})),
    ];
    let mut number = world.number;
    for (name, image, mode, labels) in specs {
        let spec = json!({
            "Name": name, "Labels": labels, "Mode": mode,
            "TaskTemplate": { "ContainerSpec": { "Image": image }, "ForceUpdate": 0 },
            "UpdateConfig": { "Parallelism": 1, "FailureAction": "pause" },
        });
        let mut service = Service {
            id: super::super::random::letters(hash(name), 13) + "0000payments",
            spec,
            previous: None,
            created,
            updated: created,
            version: 10,
            update: None,
            tasks: Vec::new(),
        };
        let slots = if name == "payments_api" { 3 } else { 2 };
        for slot in 1..=slots {
            service.begin(slot, image, created, &mut number);
        }
        for task in &mut service.tasks {
            task.state = "running";
        }
        world.services.push(service);
    }
    world.number = number;
    // Somebody rolled out a version that does not run.
    if let Some(at) = world
        .services
        .iter()
        .position(|it| it.name() == "payments_worker")
        && let Some(mut spec) = world.services.get(at).map(|it| it.spec.clone())
        && let Some(image) = spec.pointer_mut("/TaskTemplate/ContainerSpec/Image")
    {
        *image = json!("registry.example.com/payments:2.0");
        world.update(at, spec);
    }
}
