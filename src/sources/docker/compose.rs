//! Compose projects and services, which the daemon knows only by the labels of containers. Pure.
//!
//! Two projects of one name from different directories are two projects: their containers share a name on the daemon,
//! and an action on one of them would hit the other.

use std::collections::{BTreeMap, BTreeSet};

use super::names::Names;
use super::project::{Known, PROJECT, SERVICE};
use crate::model::{
    EndpointId, Health, Healthcheck, Key, Kind, Meta, Moment, Name, Resource, Rollout, Row, Text,
    Uid, Value, Workload, WorkloadKind,
};

pub(super) const DIRECTORY: &str = "com.docker.compose.project.working_dir";
pub(super) const FILES: &str = "com.docker.compose.project.config_files";
const CONFIG_HASH: &str = "com.docker.compose.config-hash";
pub(super) const DEPENDS_ON: &str = "com.docker.compose.depends_on";
/// Digits of a hash that tell revisions apart on screen.
const SHORT: usize = 8;

/// Image names and the ids that they mean now; empty while the images were not listed.
pub(super) type Tags = BTreeMap<String, String>;

/// Identity of a project.
pub(super) fn project_uid(project: &str, directory: &str) -> Uid {
    Uid::hash(&format!("compose/{directory}/{project}"))
}

/// Identity of a service of a project.
pub(super) fn service_uid(project: &str, directory: &str, service: &str) -> Uid {
    Uid::hash(&format!("compose/{directory}/{project}/{service}"))
}

/// Containers of one project, by service.
struct Project<'a> {
    directory: &'a str,
    services: BTreeMap<&'a str, Vec<&'a Known>>,
}

fn projects<'a>(
    containers: impl Iterator<Item = &'a Known>,
) -> BTreeMap<(&'a str, &'a str), Project<'a>> {
    let mut projects = BTreeMap::new();
    for known in containers {
        let (name, directory) = (known.label(PROJECT), known.label(DIRECTORY));
        let service = known.label(SERVICE);
        if name.is_empty() || service.is_empty() || known.one_off() {
            continue;
        }
        projects
            .entry((name, directory))
            .or_insert_with(|| Project {
                directory,
                services: BTreeMap::new(),
            })
            .services
            .entry(service)
            .or_insert_with(Vec::new)
            .push(known);
    }
    for project in projects.values_mut() {
        for replicas in project.services.values_mut() {
            replicas.sort_by(|one, other| one.row.meta.name.cmp(&other.row.meta.name));
        }
    }
    projects
}

/// Names that several directories use.
fn shared<'a>(projects: &BTreeMap<(&'a str, &'a str), Project<'a>>) -> BTreeSet<&'a str> {
    let names: Vec<&str> = projects.keys().map(|(name, _)| *name).collect();
    let twins = names.windows(2).filter_map(|pair| match pair {
        [one, other] if one == other => Some(*one),
        _ => None,
    });
    twins.collect()
}

/// The services of all projects as rows.
pub(super) fn services<'a>(
    containers: impl Iterator<Item = &'a Known>,
    tags: &Tags,
    endpoint: EndpointId,
    names: &mut Names,
) -> Vec<Row> {
    let projects = projects(containers);
    let shared = shared(&projects);
    let mut rows = Vec::new();
    for ((name, directory), project) in &projects {
        for (service, replicas) in &project.services {
            let twin = shared.contains(name).then_some(*directory);
            let uid = service_uid(name, directory, service);
            let key = Key { endpoint, uid };
            let workload = of_service(key, name, service, replicas, tags, twin, names);
            rows.push(Row::Workload(Box::new(workload)));
        }
    }
    rows
}

fn of_service(
    key: Key,
    project: &str,
    service: &str,
    replicas: &[&Known],
    tags: &Tags,
    twin: Option<&str>,
    names: &mut Names,
) -> Workload {
    let rows = || replicas.iter().map(|known| &known.row);
    let running = rows().filter(|row| is_running(&row.state)).count() as u32;
    let ready = rows()
        .filter(|row| is_running(&row.state))
        .filter(|row| matches!(row.healthcheck, Healthcheck::None | Healthcheck::Healthy))
        .count() as u32;
    let worst = rows().min_by_key(|row| row.health);
    let ended = rows().filter(|row| row.health == Health::Idle).count() as u32;
    let drift = drift(replicas, tags);
    let mut health = worst.map_or(Health::Idle, |row| row.health);
    let mut why: Vec<String> = worst
        .and_then(|row| row.why.as_ref())
        .map(ToString::to_string)
        .into_iter()
        .collect();
    // Some of several stopped is not what was wanted; all of them is.
    if health == Health::Good && ended > 0 || health == Health::Idle && running > 0 {
        health = Health::Warn;
        why.push(format!("{ended} of {} stopped", replicas.len()));
    }
    if let Some(drift) = &drift {
        health = health.min(Health::Warn);
        why.push(drift.clone());
    }
    if let Some(directory) = twin {
        why.push(format!(
            "another project is called {project} too; this one is {directory}"
        ));
    }
    let status = match health {
        Health::Bad => worst.map_or("Failing", |row| row.status.as_str()),
        Health::Warn if drift.is_some() => "Drifted",
        Health::Warn => worst.map_or("Degraded", |row| row.status.as_str()),
        Health::Busy => "Starting",
        Health::Good => "Running",
        Health::Idle => "Stopped",
    };
    let first = replicas.first();
    let hash = first.map_or("", |known| known.label(CONFIG_HASH));
    let images: BTreeSet<&str> = rows().map(|row| row.image.as_str()).collect();
    let images: Vec<&str> = images.into_iter().collect();
    let desired = replicas.len() as u32;
    Workload {
        meta: Meta {
            key,
            namespace: names.name(project),
            name: Text::new(service),
            created: rows().filter_map(|row| row.meta.created).min(),
            labels: names.labels(&BTreeMap::from([
                (PROJECT.to_owned(), project.to_owned()),
                (SERVICE.to_owned(), service.to_owned()),
            ])),
            owner: Some(names.owner("Compose project", project, {
                let directory = first.map_or("", |known| known.label(DIRECTORY));
                project_uid(project, directory)
            })),
            ..Meta::default()
        },
        kind: WorkloadKind::Compose,
        status: names.name(status),
        health,
        why: (!why.is_empty()).then(|| Text::from(why.join(" · "))),
        // What is all stopped is wanted so: as with a workload that is scaled to nothing.
        desired: Some(if health == Health::Idle { 0 } else { desired }),
        ready,
        updated: desired,
        available: ready,
        current: running,
        images: names.name(&images.join(",")),
        rollout: (!hash.is_empty()).then(|| Rollout {
            revision: names.name(hash.get(..SHORT).unwrap_or(hash)),
            ..Rollout::default()
        }),
        started: rows().filter_map(|row| row.started).max(),
        ..Workload::default()
    }
}

pub(super) fn is_running(state: &str) -> bool {
    state == "running"
}

/// What of a service is not as it was last defined.
fn drift(replicas: &[&Known], tags: &Tags) -> Option<String> {
    let hashes: BTreeSet<&str> = replicas
        .iter()
        .map(|known| known.label(CONFIG_HASH))
        .collect();
    if hashes.len() > 1 {
        return Some("its containers are of different configurations".to_owned());
    }
    let older = replicas.iter().find(|known| {
        let row = &known.row;
        let now = tags.get(row.image.as_str());
        is_running(&row.state) && now.is_some_and(|now| now != row.image_id.as_str())
    });
    older.map(|known| format!("{} is another image by now", known.row.image))
}

/// The projects as rows.
pub(super) fn project_rows<'a>(
    containers: impl Iterator<Item = &'a Known>,
    endpoint: EndpointId,
    names: &mut Names,
) -> Vec<Row> {
    let projects = projects(containers);
    let shared = shared(&projects);
    let mut rows = Vec::new();
    for ((name, directory), project) in &projects {
        let containers: Vec<&Known> = project.services.values().flatten().copied().collect();
        let running = containers
            .iter()
            .filter(|known| is_running(&known.row.state));
        let running = running.count();
        let worst = containers.iter().min_by_key(|known| known.row.health);
        let mut health = worst.map_or(Health::Idle, |known| known.row.health);
        if running > 0 && health == Health::Idle {
            health = Health::Good;
        }
        let mut why: Vec<String> = worst
            .filter(|_| health < Health::Good)
            .and_then(|known| {
                let reason = known.row.why.as_ref()?;
                Some(format!("{}: {reason}", known.row.service))
            })
            .into_iter()
            .collect();
        if shared.contains(name) {
            health = health.min(Health::Warn);
            why.push("another directory has a project of this name".to_owned());
        }
        let status = match (health, running) {
            (Health::Bad, _) => "Failing",
            (Health::Warn, _) => "Degraded",
            (Health::Busy, _) => "Starting",
            (_, 0) => "Stopped",
            _ => "Running",
        };
        let files = containers.first().map_or("", |known| known.label(FILES));
        rows.push(Row::Resource(
            Kind::ComposeProject,
            Box::new(Resource {
                meta: Meta {
                    key: Key {
                        endpoint,
                        uid: project_uid(name, directory),
                    },
                    name: Text::new(name),
                    created: created(&containers),
                    ..Meta::default()
                },
                health,
                why: (!why.is_empty()).then(|| Text::from(why.join(" · "))),
                cells: [
                    Value::Name(names.name(status)),
                    Value::Number(project.services.len() as i64),
                    Value::Number(running as i64),
                    Value::Number(containers.len() as i64),
                    Value::Name(names.name(project.directory)),
                    Value::Text(Text::new(files)),
                ]
                .into(),
            }),
        ));
    }
    rows
}

fn created(containers: &[&Known]) -> Option<Moment> {
    containers
        .iter()
        .filter_map(|known| known.row.meta.created)
        .min()
}

/// The services that a container's service waits for: `api`, from `api:service_started:false`.
pub(super) fn dependencies(label: &str) -> Vec<Name> {
    label
        .split(',')
        .filter_map(|part| part.split(':').next())
        .filter(|name| !name.is_empty())
        .map(Name::new)
        .collect()
}
