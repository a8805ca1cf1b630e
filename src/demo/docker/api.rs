//! What the daemon answers to questions.

use serde_json::{Value, json};

use super::json::{self, NODES};
use super::world::{Container, World};
use super::{Answer, Asked};

/// Answers a GET.
pub(super) fn read(world: &World, asked: &Asked) -> Answer {
    let path: Vec<&str> = asked.path.iter().map(String::as_str).collect();
    let now = world.now;
    match path.as_slice() {
        ["_ping"] => Answer::Json(json!("OK")),
        ["version"] => Answer::Json(json!({
            "Version": "28.5.1", "ApiVersion": "1.47", "MinAPIVersion": "1.24", "Os": "linux", "Arch": "amd64",
        })),
        ["info"] => Answer::Json(info(world)),
        ["containers", "json"] => Answer::Json(containers(world, asked)),
        ["containers", id, rest] => match world.find(id).and_then(|at| world.containers.get(at)) {
            Some(container) => match *rest {
                "json" => Answer::Json(json::inspected(container, now)),
                "top" => top(container),
                "stats" => Answer::Json(json::stats(container, now)),
                _ => no_page(),
            },
            None => missing("container", id),
        },
        ["images", "json"] => Answer::Json(json!(world.images)),
        ["images", .., "json"] => {
            let name = path.get(1..path.len() - 1).unwrap_or_default().join("/");
            image(world, &name)
        }
        ["volumes"] => Answer::Json(json!({ "Volumes": world.volumes, "Warnings": [] })),
        ["volumes", name] => one(&world.volumes, "Name", name, "volume"),
        ["networks"] => Answer::Json(json!(world.networks)),
        ["networks", name] => one(&world.networks, "Name", name, "network"),
        ["services"] => Answer::Json(world.services.iter().map(json::service).collect()),
        ["services", word] => {
            let found = world
                .services
                .iter()
                .find(|it| it.id == *word || it.name() == *word);
            found.map_or_else(
                || missing("service", word),
                |it| Answer::Json(json::service(it)),
            )
        }
        ["tasks"] => {
            let tasks = world.services.iter();
            let tasks = tasks.flat_map(|it| it.tasks.iter().map(move |task| json::task(it, task)));
            Answer::Json(tasks.collect())
        }
        ["tasks", id] => {
            let mut all = world
                .services
                .iter()
                .flat_map(|it| it.tasks.iter().map(move |task| (it, task)));
            let found = all.find(|(_, task)| task.id == *id);
            found.map_or_else(
                || missing("task", id),
                |(it, task)| Answer::Json(json::task(it, task)),
            )
        }
        ["nodes"] => Answer::Json(
            (0..NODES.len())
                .filter_map(|at| json::node(at, world))
                .collect(),
        ),
        ["nodes", id] => {
            let at = (0..NODES.len()).find(|at| json::node_id(*at) == *id);
            let node = at.and_then(|at| json::node(at, world));
            node.map_or_else(|| missing("node", id), Answer::Json)
        }
        ["system", "df"] => Answer::Json(disk(world)),
        _ => no_page(),
    }
}

pub(super) fn no_page() -> Answer {
    Answer::Refused(404, "page not found".to_owned())
}

pub(super) fn missing(what: &str, word: &str) -> Answer {
    Answer::Refused(404, format!("No such {what}: {word}"))
}

/// The list, narrowed to ids if a filter asks for them.
fn containers(world: &World, asked: &Asked) -> Value {
    let filters = asked.query.get("filters");
    let filters: Value = filters
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or(Value::Null);
    let ids = filters.get("id").and_then(Value::as_array);
    let wanted = |container: &&Container| {
        let all = asked
            .query
            .get("all")
            .is_some_and(|all| all == "1" || all == "true");
        let fits = ids.is_none_or(|ids| {
            let ids = ids.iter().filter_map(Value::as_str);
            ids.into_iter().any(|id| container.id.starts_with(id))
        });
        fits && (all || container.is_up())
    };
    let listed = world.containers.iter().filter(wanted);
    listed
        .map(|container| json::listed(container, world.now))
        .collect()
}

fn top(container: &Container) -> Answer {
    if !container.is_up() {
        return Answer::Refused(409, format!("Container {} is not running", container.id));
    }
    let command = container.command.join(" ");
    Answer::Json(json!({
        "Titles": ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"],
        "Processes": [
            ["root", "4242", "4200", "0", "08:00", "?", "00:00:02", command],
            ["app", "4263", "4242", "1", "08:00", "?", "00:01:12", format!("{command} --worker")],
        ],
    }))
}

fn image(world: &World, word: &str) -> Answer {
    let found = world.images.iter().find(|image| {
        let id = image.get("Id").and_then(Value::as_str).unwrap_or_default();
        let tags = image.get("RepoTags").and_then(Value::as_array);
        id == word || tags.is_some_and(|tags| tags.iter().any(|tag| tag.as_str() == Some(word)))
    });
    found.map_or_else(
        || missing("image", word),
        |image| {
            let mut image = image.clone();
            if let Some(map) = image.as_object_mut() {
                map.insert("Os".into(), json!("linux"));
                map.insert("Architecture".into(), json!("amd64"));
                map.insert("Created".into(), json!(world.born.to_string()));
                map.insert(
                    "Config".into(),
                    json!({ "Env": ["PATH=/usr/bin"], "Cmd": ["serve"] }),
                );
                map.insert(
                    "RootFS".into(),
                    json!({ "Layers": ["sha256:1", "sha256:2"] }),
                );
            }
            Answer::Json(image)
        },
    )
}

fn one(list: &[Value], key: &str, word: &str, what: &str) -> Answer {
    let found = list.iter().find(|item| {
        let said = |key: &str| item.get(key).and_then(Value::as_str) == Some(word);
        said(key) || said("Id")
    });
    found.map_or_else(|| missing(what, word), |item| Answer::Json(item.clone()))
}

fn info(world: &World) -> Value {
    let up = world.containers.iter().filter(|it| it.is_up()).count();
    json!({
        "ID": "demo", "Name": "demo-web", "Containers": world.containers.len(), "ContainersRunning": up,
        "ContainersPaused": 0, "ContainersStopped": world.containers.len() - up, "Images": world.images.len(),
        "NCPU": 4, "MemTotal": 16_u64 << 30, "OperatingSystem": "Debian GNU/Linux 13 (trixie)",
        "KernelVersion": "6.12.48", "Architecture": "x86_64", "Driver": "overlay2", "CgroupVersion": "2",
        "DockerRootDir": "/var/lib/docker", "ServerVersion": "28.5.1", "LoggingDriver": "json-file",
        "Warnings": [], "Swarm": { "LocalNodeState": "active", "ControlAvailable": true, "Error": "", "Nodes": 3 },
    })
}

fn disk(world: &World) -> Value {
    let volumes: Vec<Value> = world
        .volumes
        .iter()
        .map(|volume| {
            let mut volume = volume.clone();
            let name = volume
                .get("Name")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let used = world
                .containers
                .iter()
                .filter(|it| it.volume.as_ref().is_some_and(|(volume, _)| volume == name));
            let usage = json!({ "RefCount": used.count(), "Size": volume.get("Size") });
            if let Some(map) = volume.as_object_mut() {
                map.insert("UsageData".into(), usage);
            }
            volume
        })
        .collect();
    let images: Vec<Value> = world
        .images
        .iter()
        .map(|image| {
            let mut image = image.clone();
            let id = image.get("Id").and_then(Value::as_str).unwrap_or_default();
            let used = world
                .containers
                .iter()
                .filter(|it| it.image_id == id)
                .count();
            if let Some(map) = image.as_object_mut() {
                map.insert("Containers".into(), json!(used));
            }
            image
        })
        .collect();
    let containers: Vec<Value> = world
        .containers
        .iter()
        .map(|it| json!({ "Id": it.id, "SizeRw": it.load.1 / 9 }))
        .collect();
    json!({
        "LayersSize": 1_700_000_000_u64, "Images": images, "Containers": containers, "Volumes": volumes,
        "BuildCache": [{ "ID": "cache", "Size": 640_000_000, "InUse": false }],
    })
}
