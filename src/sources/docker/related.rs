//! What an object of a host is related to, as far as is known without asking. Pure.

use super::compose::{DEPENDS_ON, DIRECTORY, dependencies, project_uid, service_uid};
use super::host::Host;
use super::project::{Known, PROJECT, SERVICE, SWARM_SERVICE, SWARM_SERVICE_ID};
use crate::model::{EndpointId, Kind, Name, Related, Target, Uid};

const TASK: &str = "com.docker.swarm.task.id";
const TASK_NAME: &str = "com.docker.swarm.task.name";
/// Most related objects of one relation; an image may have thousands of containers.
const MOST: usize = 200;

/// The containers that belong to an object.
pub(super) fn containers<'a>(
    host: &'a Host,
    target: &'a Target,
) -> impl Iterator<Item = (&'a str, &'a Known)> {
    let own = move |known: &Known| match target.kind {
        Kind::Container => Some(known.row.meta.key.uid) == target.uid,
        Kind::ComposeService => {
            let uid = service_uid(
                known.label(PROJECT),
                known.label(DIRECTORY),
                known.label(SERVICE),
            );
            Some(uid) == target.uid && !known.one_off()
        }
        Kind::ComposeProject => {
            let uid = project_uid(known.label(PROJECT), known.label(DIRECTORY));
            Some(uid) == target.uid && !known.label(PROJECT).is_empty()
        }
        Kind::SwarmService => {
            let id = known.label(SWARM_SERVICE_ID);
            !id.is_empty() && Some(Uid::parse(id)) == target.uid
        }
        Kind::SwarmTask => {
            let id = known.label(TASK);
            !id.is_empty() && Some(Uid::parse(id)) == target.uid
        }
        Kind::SwarmStack => known.label(super::project::STACK) == target.name.as_str(),
        Kind::Image => Some(Uid::parse(&known.row.image_id)) == target.uid,
        Kind::Volume => known.volumes.contains(&target.name),
        Kind::Network => known.networks.contains(&target.name),
        _ => false,
    };
    host.containers
        .iter()
        .filter(move |(_, known)| own(known))
        .map(|(id, known)| (id.as_str(), known))
}

/// Everything that is related to an object.
pub(super) fn find(host: &Host, target: &Target) -> Vec<Related> {
    let endpoint = host.endpoint.id;
    let mut related = Vec::new();
    if target.kind == Kind::Container {
        if let Some((_, known)) = containers(host, target).next() {
            of_container(host, known, &mut related);
        }
        return related;
    }
    let relation = match target.kind {
        Kind::Image | Kind::Volume | Kind::Network => "used by",
        _ => "child",
    };
    for (_, known) in containers(host, target).take(MOST) {
        related.push(Related {
            relation: Name::new(relation),
            target: of(known),
        });
    }
    if target.kind == Kind::ComposeService
        && let Some((_, known)) = containers(host, target).next()
    {
        let (project, directory) = (known.label(PROJECT), known.label(DIRECTORY));
        related.insert(0, compose_project(endpoint, project, directory));
        for name in dependencies(known.label(DEPENDS_ON)) {
            related.push(compose_service(
                "depends on",
                endpoint,
                project,
                directory,
                &name,
            ));
        }
    }
    related
}

fn of_container(host: &Host, known: &Known, related: &mut Vec<Related>) {
    let endpoint = host.endpoint.id;
    let (project, service) = (known.label(PROJECT), known.label(SERVICE));
    let directory = known.label(DIRECTORY);
    let mut add = |relation: &str, kind: Kind, name: &str, uid: Option<Uid>| {
        let space = matches!(kind, Kind::SwarmService | Kind::SwarmTask);
        related.push(Related {
            relation: Name::new(relation),
            target: Target {
                endpoint,
                namespace: if space {
                    known.row.meta.namespace.clone()
                } else {
                    Name::default()
                },
                kind,
                name: Name::new(name),
                uid,
            },
        });
    };
    let image = &known.row.image;
    let swarm = known.label(SWARM_SERVICE_ID);
    if !swarm.is_empty() {
        let name = known.label(SWARM_SERVICE);
        add("owner", Kind::SwarmService, name, Some(Uid::parse(swarm)));
        let task = known.label(TASK);
        add(
            "task",
            Kind::SwarmTask,
            known.label(TASK_NAME),
            Some(Uid::parse(task)),
        );
    }
    add(
        "image",
        Kind::Image,
        image,
        Some(Uid::parse(&known.row.image_id)),
    );
    for network in &known.networks {
        add("network", Kind::Network, network, None);
    }
    for volume in &known.volumes {
        add("mounts", Kind::Volume, volume, None);
    }
    if !project.is_empty() && !service.is_empty() {
        related.insert(
            0,
            compose_service("owner", endpoint, project, directory, service),
        );
        related.insert(1, compose_project(endpoint, project, directory));
        for name in dependencies(known.label(DEPENDS_ON)) {
            related.push(compose_service(
                "depends on",
                endpoint,
                project,
                directory,
                &name,
            ));
        }
    }
}

fn of(known: &Known) -> Target {
    let meta = &known.row.meta;
    Target {
        endpoint: meta.key.endpoint,
        kind: Kind::Container,
        namespace: meta.namespace.clone(),
        name: Name::new(&meta.name),
        uid: Some(meta.key.uid),
    }
}

fn compose_service(
    relation: &str,
    endpoint: EndpointId,
    project: &str,
    directory: &str,
    service: &str,
) -> Related {
    Related {
        relation: Name::new(relation),
        target: Target {
            endpoint,
            kind: Kind::ComposeService,
            namespace: Name::new(project),
            name: Name::new(service),
            uid: Some(service_uid(project, directory, service)),
        },
    }
}

fn compose_project(endpoint: EndpointId, project: &str, directory: &str) -> Related {
    Related {
        relation: Name::new("project"),
        target: Target {
            endpoint,
            kind: Kind::ComposeProject,
            namespace: Name::default(),
            name: Name::new(project),
            uid: Some(project_uid(project, directory)),
        },
    }
}
