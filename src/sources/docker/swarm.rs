//! Swarm services, tasks, nodes and stacks as rows. Pure.

use std::collections::{BTreeMap, HashMap};

use super::names::Names;
use super::project::{STACK, time};
use super::wire::{Amount, Node, Service, Task};
use crate::model::{
    Allotment, EndpointId, Health, Key, Kind, Meta, Moment, Name, Resource, Rollout, Row, Text,
    Uid, Value, Workload, WorkloadKind,
};

/// What a manager said of its swarm.
#[derive(Clone, Debug, Default)]
pub(super) struct Swarm {
    pub(super) services: Vec<Service>,
    pub(super) tasks: Vec<Task>,
    pub(super) nodes: Vec<Node>,
}

/// Endpoint and shared names, which every row needs.
pub(super) struct Making<'a> {
    pub(super) endpoint: EndpointId,
    pub(super) names: &'a mut Names,
}

impl Making<'_> {
    fn key(&self, id: &str) -> Key {
        Key {
            endpoint: self.endpoint,
            uid: Uid::parse(id),
        }
    }

    fn word(&mut self, text: &str) -> Value {
        if text.is_empty() {
            Value::None
        } else {
            Value::Name(self.names.name(text))
        }
    }
}

/// Where a service stands.
struct Standing {
    desired: u32,
    running: u32,
    health: Health,
    status: &'static str,
    why: String,
}

impl Swarm {
    fn tasks_of<'a>(&'a self, service: &'a str) -> impl Iterator<Item = &'a Task> {
        self.tasks
            .iter()
            .filter(move |task| task.service == service)
    }

    fn standing(&self, service: &Service) -> Standing {
        let wanted = |task: &&Task| task.desired == "running" || task.desired == "ready";
        let running = self
            .tasks_of(&service.id)
            .filter(|task| wanted(task) && task.status.state == "running")
            .count() as u32;
        let placed = self.tasks_of(&service.id).filter(wanted).count() as u32;
        let counts = service.counts.as_ref();
        let desired = match &service.spec.mode.replicated {
            Some(mode) => mode.replicas,
            None => counts.map_or(placed, |counts| counts.desired),
        };
        let running = if self.tasks.is_empty() {
            counts.map_or(running, |counts| counts.running)
        } else {
            running
        };
        // A task that failed is replaced; the newest failure says why.
        let failed = self
            .tasks_of(&service.id)
            .filter(|task| !task.status.error.is_empty())
            .max_by(|one, other| one.status.time.cmp(&other.status.time));
        let error = failed.map_or("", |task| task.status.error.as_str());
        let update = &service.update;
        let (health, status) = match (update.state.as_str(), running) {
            ("paused" | "rollback_paused", _) => (Health::Bad, "Update paused"),
            (_, 0) if desired > 0 => (Health::Bad, "Down"),
            ("rollback_started", _) => (Health::Warn, "Rolling back"),
            ("updating", _) if error.is_empty() => (Health::Busy, "Updating"),
            ("updating", _) => (Health::Warn, "Updating"),
            (_, running) if running < desired => (Health::Warn, "Degraded"),
            (_, _) if desired == 0 => (Health::Idle, "Scaled to 0"),
            _ => (Health::Good, "Running"),
        };
        let mut why = Vec::new();
        if health < Health::Good {
            if !error.is_empty() {
                why.push(error.to_owned());
            }
            let said = &update.message;
            if matches!(
                update.state.as_str(),
                "paused" | "rollback_paused" | "rollback_started"
            ) && !said.is_empty()
            {
                why.push(said.clone());
            }
            if why.is_empty() && running < desired {
                why.push(self.waiting(service).unwrap_or_default());
            }
        }
        why.retain(|part| !part.is_empty());
        Standing {
            desired,
            running,
            health,
            status,
            why: why.join(" · "),
        }
    }

    /// Why tasks that have not failed do not run either.
    fn waiting(&self, service: &Service) -> Option<String> {
        let task = self
            .tasks_of(&service.id)
            .find(|task| task.desired == "running" && task.status.state != "running")?;
        Some(format!("{}: {}", task.status.state, task.status.message))
    }

    pub(super) fn services(&self, making: &mut Making<'_>) -> Vec<Row> {
        let rows = self.services.iter();
        rows.map(|service| {
            let standing = self.standing(service);
            Row::Workload(Box::new(workload(service, &standing, making)))
        })
        .collect()
    }

    pub(super) fn tasks(&self, making: &mut Making<'_>) -> Vec<Row> {
        let services: HashMap<&str, &Service> = self
            .services
            .iter()
            .map(|service| (service.id.as_str(), service))
            .collect();
        let nodes: HashMap<&str, &str> = self
            .nodes
            .iter()
            .map(|node| (node.id.as_str(), node.about.hostname.as_str()))
            .collect();
        let rows = self.tasks.iter();
        rows.map(|task| {
            let service = services.get(task.service.as_str()).copied();
            let node = nodes.get(task.node.as_str()).copied();
            row(Kind::SwarmTask, of_task(task, service, node, making))
        })
        .collect()
    }

    pub(super) fn nodes(&self, making: &mut Making<'_>) -> Vec<Row> {
        let rows = self.nodes.iter();
        rows.map(|node| {
            let tasks = self
                .tasks
                .iter()
                .filter(|task| task.node == node.id && task.status.state == "running");
            row(Kind::SwarmNode, of_node(node, tasks.count(), making))
        })
        .collect()
    }

    pub(super) fn stacks(&self, making: &mut Making<'_>) -> Vec<Row> {
        let mut stacks: BTreeMap<&str, Vec<(&Service, Standing)>> = BTreeMap::new();
        for service in &self.services {
            if let Some(stack) = service.spec.labels.get(STACK) {
                let standing = self.standing(service);
                stacks.entry(stack).or_default().push((service, standing));
            }
        }
        let rows = stacks.into_iter();
        rows.map(|(stack, services)| row(Kind::SwarmStack, of_stack(stack, &services, making)))
            .collect()
    }
}

fn row(kind: Kind, resource: Resource) -> Row {
    Row::Resource(kind, Box::new(resource))
}

fn workload(service: &Service, standing: &Standing, making: &mut Making<'_>) -> Workload {
    let spec = &service.spec;
    let stack = spec.labels.get(STACK).map_or("", String::as_str);
    // Inside a stack every name begins with the stack's, which stands beside it already.
    let image = spec
        .task
        .container
        .image
        .split('@')
        .next()
        .unwrap_or_default();
    let updating = matches!(
        service.update.state.as_str(),
        "updating" | "rollback_started"
    );
    let stuck = matches!(service.update.state.as_str(), "paused" | "rollback_paused");
    Workload {
        meta: Meta {
            key: making.key(&service.id),
            namespace: making.names.name(stack),
            name: Text::new(&spec.name),
            created: Moment::parse(&service.created),
            labels: making.names.labels(&spec.labels),
            version: service.version.index,
            ..Meta::default()
        },
        kind: WorkloadKind::Swarm,
        status: making.names.name(standing.status),
        health: standing.health,
        why: (!standing.why.is_empty()).then(|| Text::new(&standing.why)),
        desired: Some(standing.desired),
        ready: standing.running,
        updated: standing.running,
        available: standing.running,
        current: standing.running,
        images: making.names.name(image),
        requests: allotment(&spec.task.resources.reservations),
        limits: allotment(&spec.task.resources.limits),
        rollout: Some(Rollout {
            revision: Name::default(),
            rolling: updating,
            since: time(&service.update.started),
            paused: false,
            stuck: stuck.then(|| Text::new(&service.update.message)),
        })
        .filter(|rollout| rollout.rolling || rollout.stuck.is_some()),
        ..Workload::default()
    }
}

fn allotment(amount: &Amount) -> Allotment {
    Allotment {
        cpu_millicores: u32::try_from(amount.nano_cpus / 1_000_000).unwrap_or(u32::MAX),
        memory_bytes: amount.memory,
    }
}

fn of_task(
    task: &Task,
    service: Option<&Service>,
    node: Option<&str>,
    making: &mut Making<'_>,
) -> Resource {
    let spec = service.map(|service| &service.spec);
    let name = spec.map_or(task.service.as_str(), |spec| spec.name.as_str());
    let stack = spec.and_then(|spec| spec.labels.get(STACK));
    let place = match task.slot {
        0 => task.node.get(..12).unwrap_or(&task.node).to_owned(),
        slot => slot.to_string(),
    };
    let short = task.id.get(..12).unwrap_or(&task.id);
    let status = &task.status;
    let ended = task.desired != "running" && task.desired != "ready";
    let health = match status.state.as_str() {
        "failed" | "rejected" => Health::Bad,
        "running" if ended => Health::Busy,
        "running" => Health::Good,
        "complete" | "shutdown" | "remove" => Health::Idle,
        "orphaned" => Health::Warn,
        _ if ended => Health::Idle,
        _ => Health::Busy,
    };
    let code = status
        .container
        .exit_code
        .filter(|_| status.state != "running");
    let id = &status.container.id;
    let owner = making
        .names
        .owner("Swarm service", name, Uid::parse(&task.service));
    Resource {
        meta: Meta {
            key: making.key(&task.id),
            namespace: making.names.name(stack.map_or("", String::as_str)),
            name: Text::from(format!("{name}.{place}.{short}")),
            created: Moment::parse(&task.created),
            labels: making.names.labels(&task.labels),
            owner: Some(owner),
            ..Meta::default()
        },
        health,
        why: match (status.error.as_str(), health) {
            ("", Health::Busy) => Some(Text::new(&status.message)),
            ("", _) => None,
            (error, _) => Some(Text::new(error)),
        },
        cells: [
            making.word(name),
            making.word(&status.state),
            making.word(&task.desired),
            making.word(node.unwrap_or(&task.node)),
            making.word(
                task.spec
                    .container
                    .image
                    .split('@')
                    .next()
                    .unwrap_or_default(),
            ),
            making.word(id.get(..12).unwrap_or(id)),
            code.map_or(Value::None, |code| Value::Number(i64::from(code))),
        ]
        .into(),
    }
}

fn of_node(node: &Node, tasks: usize, making: &mut Making<'_>) -> Resource {
    let (state, availability) = (node.status.state.as_str(), node.spec.availability.as_str());
    let health = match (state, availability) {
        ("ready", "active") => Health::Good,
        ("ready", _) => Health::Warn,
        _ => Health::Bad,
    };
    let why = match (state, availability) {
        ("ready", "active") => String::new(),
        ("ready", "drain") => "drained: it takes no tasks".to_owned(),
        ("ready", _) => "paused: it takes no new tasks".to_owned(),
        (state, _) => format!("{state} {}", node.status.message).trim().to_owned(),
    };
    let role = match (node.manager.leader, node.manager.reachability.as_str()) {
        (true, _) => "leader",
        (false, "unreachable") => "manager, unreachable",
        (false, _) => node.spec.role.as_str(),
    };
    let about = &node.about;
    Resource {
        meta: Meta {
            key: making.key(&node.id),
            name: Text::new(&about.hostname),
            created: Moment::parse(&node.created),
            labels: making.names.labels(&node.spec.labels),
            ..Meta::default()
        },
        health,
        why: (!why.is_empty()).then(|| Text::from(why)),
        cells: [
            making.word(state),
            making.word(availability),
            making.word(role),
            Value::Number(tasks as i64),
            making.word(&about.engine.version),
            making.word(&node.status.address),
            Value::Number((about.resources.nano_cpus / 1_000_000_000) as i64),
            Value::Bytes(about.resources.memory),
            making.word(&format!(
                "{}/{}",
                about.platform.os, about.platform.architecture
            )),
        ]
        .into(),
    }
}

fn of_stack(stack: &str, services: &[(&Service, Standing)], making: &mut Making<'_>) -> Resource {
    let worst = services.iter().min_by_key(|(_, standing)| standing.health);
    let health = worst.map_or(Health::Idle, |(_, standing)| standing.health);
    let status = worst.map_or("", |(_, standing)| standing.status);
    let why = worst
        .filter(|(_, standing)| !standing.why.is_empty())
        .map(|(service, standing)| Text::from(format!("{}: {}", service.spec.name, standing.why)));
    let sum = |of: fn(&Standing) -> u32| services.iter().map(|(_, it)| i64::from(of(it))).sum();
    Resource {
        meta: Meta {
            key: making.key(&format!("stack/{stack}")),
            name: Text::new(stack),
            created: services
                .iter()
                .filter_map(|(service, _)| Moment::parse(&service.created))
                .min(),
            ..Meta::default()
        },
        health,
        why,
        cells: [
            making.word(status),
            Value::Number(services.len() as i64),
            Value::Number(sum(|standing| standing.running)),
            Value::Number(sum(|standing| standing.desired)),
        ]
        .into(),
    }
}
