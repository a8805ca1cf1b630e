//! A pod as a row: kubectl's word for it, and what is wrong with it.

use std::fmt::Write;

use super::conditions::{find, having};
use super::sums::{is_sidecar, sums};
use super::trouble::{self, Trouble, quote};
use super::{Interner, meta};
use crate::model::{EndpointId, Health, Moment, Pod};
use crate::sources::kubernetes::wire::message::pod as message;
use message::{Container, ContainerState, ContainerStatus, PodSpec, PodStatus, Terminated};

/// Makes the row of a pod.
pub fn pod(message: &message::Pod, interner: &mut Interner, endpoint: EndpointId) -> Pod {
    let (no_spec, no_status) = (PodSpec::default(), PodStatus::default());
    let spec = message.spec.as_ref().unwrap_or(&no_spec);
    let status = message.status.as_ref().unwrap_or(&no_status);
    let meta = meta(message.metadata.as_ref(), interner, endpoint);
    let glance = glance(spec, status, meta.deleting.is_some());
    let (health, why) = judge(spec, status, &glance, meta.deleting.is_some());
    let (requests, limits) = sums(spec);
    Pod {
        phase: interner.name(&status.phase),
        status: interner.name(&glance.word),
        health,
        why: (!why.is_empty()).then(|| why.into()),
        ready: glance.ready,
        containers: glance.containers,
        restarts: glance.restarts,
        restarted: glance.restarted,
        node: interner.name(&spec.node_name),
        ip: status.pod_ip.parse().ok(),
        image: interner.name(spec.containers.first().map_or("", |first| &first.image)),
        requests,
        limits,
        qos: interner.name(&status.qos_class),
        ready_changed: find(&status.conditions, "Ready")
            .and_then(|ready| ready.last_transition_time?.moment()),
        meta,
    }
}

/// What kubectl's columns say.
#[derive(Debug, Default)]
struct Glance {
    word: String,
    ready: u16,
    containers: u16,
    restarts: u32,
    restarted: Option<Moment>,
    /// Init containers have not finished.
    initializing: bool,
}

/// Follows `printPod` of kubectl step by step. Source: k8s.io/kubernetes/pkg/printers/internalversion/printers.go.
fn glance(spec: &PodSpec, status: &PodStatus, deleting: bool) -> Glance {
    let mut seen = Glance {
        word: status.phase.clone(),
        containers: spec.containers.len() as u16,
        ..Glance::default()
    };
    if !status.reason.is_empty() {
        seen.word.clone_from(&status.reason);
    }
    if status
        .conditions
        .iter()
        .any(|one| one.kind == "PodScheduled" && one.reason == "SchedulingGated")
    {
        "SchedulingGated".clone_into(&mut seen.word);
    }
    let sidecar = |name: &str| {
        let found = spec.init_containers.iter().find(|one| one.name == name);
        found.is_some_and(is_sidecar)
    };
    let sidecars = spec.init_containers.iter().filter(|one| is_sidecar(one));
    seen.containers += sidecars.count() as u16;

    let (mut sidecar_restarts, mut sidecar_restarted) = (0, None);
    for (at, container) in status.init_container_statuses.iter().enumerate() {
        seen.restarts += super::count(container.restart_count);
        seen.restarted = seen.restarted.max(last_end(container));
        let sidecar = sidecar(&container.name);
        if sidecar {
            sidecar_restarts += super::count(container.restart_count);
            sidecar_restarted = sidecar_restarted.max(last_end(container));
        }
        let terminated = ended(container);
        let waiting = container
            .state
            .as_ref()
            .and_then(|state| state.waiting.as_ref());
        if terminated.is_some_and(|ended| ended.exit_code == 0) {
            continue;
        }
        if sidecar && container.started == Some(true) {
            seen.ready += u16::from(container.ready);
            continue;
        }
        seen.word = match (terminated, waiting) {
            (Some(ended), _) if !ended.reason.is_empty() => format!("Init:{}", ended.reason),
            (Some(ended), _) if ended.signal != 0 => format!("Init:Signal:{}", ended.signal),
            (Some(ended), _) => format!("Init:ExitCode:{}", ended.exit_code),
            (_, Some(waiting))
                if !waiting.reason.is_empty() && waiting.reason != "PodInitializing" =>
            {
                format!("Init:{}", waiting.reason)
            }
            _ => format!("Init:{at}/{}", spec.init_containers.len()),
        };
        seen.initializing = true;
        break;
    }

    if !seen.initializing || having(&status.conditions, "Initialized", "True").is_some() {
        seen.restarts = sidecar_restarts;
        seen.restarted = sidecar_restarted;
        let mut running = false;
        for container in status.container_statuses.iter().rev() {
            seen.restarts += super::count(container.restart_count);
            seen.restarted = seen.restarted.max(last_end(container));
            let state = container.state.as_ref();
            let waiting = state.and_then(|state| state.waiting.as_ref());
            match (waiting, ended(container)) {
                (Some(waiting), _) if !waiting.reason.is_empty() => {
                    seen.word.clone_from(&waiting.reason);
                }
                (_, Some(ended)) if !ended.reason.is_empty() => {
                    seen.word.clone_from(&ended.reason);
                }
                (_, Some(ended)) if ended.signal != 0 => {
                    seen.word = format!("Signal:{}", ended.signal);
                }
                (_, Some(ended)) => seen.word = format!("ExitCode:{}", ended.exit_code),
                _ if container.ready && state.is_some_and(|state| state.running.is_some()) => {
                    running = true;
                    seen.ready += 1;
                }
                _ => {}
            }
        }
        if seen.word == "Completed" && running {
            let ready = having(&status.conditions, "Ready", "True").is_some();
            if ready { "Running" } else { "NotReady" }.clone_into(&mut seen.word);
        }
    }

    if deleting && status.reason == "NodeLost" {
        "Unknown".clone_into(&mut seen.word);
    } else if deleting && !matches!(status.phase.as_str(), "Failed" | "Succeeded") {
        "Terminating".clone_into(&mut seen.word);
    }
    seen
}

fn ended(container: &ContainerStatus) -> Option<&Terminated> {
    container.state.as_ref()?.terminated.as_ref()
}

fn last_end(container: &ContainerStatus) -> Option<Moment> {
    let ended: &Terminated = container.last_state.as_ref()?.terminated.as_ref()?;
    ended.finished_at?.moment()
}

/// How it is, and why in one line.
fn judge(spec: &PodSpec, status: &PodStatus, glance: &Glance, deleting: bool) -> (Health, String) {
    if status.reason == "NodeLost" || status.phase == "Unknown" {
        return (Health::Bad, "its node does not answer".to_owned());
    }
    if deleting {
        // How a container ends that was told to end is nobody's trouble.
        return (Health::Busy, String::new());
    }
    match status.phase.as_str() {
        "Succeeded" => return (Health::Idle, String::new()),
        "Failed" => return (Health::Bad, failed(spec, status)),
        _ => {}
    }
    if let Some(scheduled) = having(&status.conditions, "PodScheduled", "False") {
        return if scheduled.reason == "SchedulingGated" {
            (Health::Busy, quote(&scheduled.message).to_owned())
        } else {
            // What preemption could not do either follows from the first sentence.
            let message = scheduled.message.split(" preemption:").next();
            let message = quote(message.unwrap_or_default());
            (Health::Bad, format!("cannot be scheduled: {message}"))
        };
    }
    if glance.initializing {
        let init = init_trouble(spec, status);
        if let Some(trouble) = init {
            return (trouble.health, trouble.why);
        }
        return (Health::Busy, String::new());
    }
    main_trouble(spec, status, glance)
}

fn failed(spec: &PodSpec, status: &PodStatus) -> String {
    match (status.reason.as_str(), status.message.as_str()) {
        ("", "") => {}
        ("Evicted", "") => return "evicted".to_owned(),
        ("Evicted", message) => return format!("evicted: {}", quote(message)),
        (reason, "") => return reason.to_owned(),
        ("", message) => return quote(message).to_owned(),
        (reason, message) => return format!("{reason}: {}", quote(message)),
    }
    if let Some(trouble) = init_trouble(spec, status)
        && trouble.health == Health::Bad
    {
        return trouble.why;
    }
    troubles(spec, status)
        .next()
        .map_or_else(String::new, |(_, trouble)| trouble.why)
}

/// What the init container that is up has.
fn init_trouble(spec: &PodSpec, status: &PodStatus) -> Option<Trouble> {
    status.init_container_statuses.iter().find_map(|container| {
        let stated = spec
            .init_containers
            .iter()
            .find(|one| one.name == container.name);
        let mut trouble = trouble::of(container, stated)?;
        if !trouble.why.is_empty() {
            trouble.why = format!("init container {}: {}", container.name, trouble.why);
        }
        (trouble.health != Health::Busy).then_some(trouble)
    })
}

/// Containers that are in trouble, with a name where there are several.
fn troubles<'a>(
    spec: &'a PodSpec,
    status: &'a PodStatus,
) -> impl Iterator<Item = (&'a ContainerStatus, Trouble)> {
    status.container_statuses.iter().filter_map(|container| {
        let mut trouble = trouble::of(container, stated(spec, container))?;
        if spec.containers.len() > 1 && !trouble.why.is_empty() {
            trouble.why = format!("{}: {}", container.name, trouble.why);
        }
        Some((container, trouble))
    })
}

fn stated<'a>(spec: &'a PodSpec, status: &ContainerStatus) -> Option<&'a Container> {
    spec.containers.iter().find(|one| one.name == status.name)
}

fn main_trouble(spec: &PodSpec, status: &PodStatus, glance: &Glance) -> (Health, String) {
    if let Some((_, worst)) = troubles(spec, status).min_by_key(|(_, trouble)| trouble.health) {
        return (worst.health, worst.why);
    }
    if status.phase == "Pending" {
        return (Health::Busy, String::new());
    }
    if status.phase != "Running" {
        // A pod without a status, or in a phase that we do not know.
        return (Health::Warn, String::new());
    }
    let all = status
        .init_container_statuses
        .iter()
        .filter(|one| one.started == Some(true))
        .chain(&status.container_statuses);
    let mut waiting = all.filter(|one| !one.ready && running(one)).peekable();
    if waiting.peek().is_some() {
        let starting = waiting
            .clone()
            .all(|one| one.started == Some(false) && one.restart_count == 0);
        let (health, mut why) = if starting {
            (Health::Busy, "starting: container".to_owned())
        } else {
            (Health::Warn, "not ready: container".to_owned())
        };
        for (at, container) in waiting.enumerate() {
            let _ = write!(why, "{} {}", if at == 0 { "" } else { "," }, container.name);
        }
        return (health, why);
    }
    if glance.ready >= glance.containers
        && let Some(ready) = having(&status.conditions, "Ready", "False")
    {
        let words = if ready.message.is_empty() {
            &ready.reason
        } else {
            &ready.message
        };
        return (Health::Warn, format!("not ready: {}", quote(words)));
    }
    let mut before = status
        .container_statuses
        .iter()
        .filter_map(|container| trouble::before(container, stated(spec, container)));
    (Health::Good, before.next().unwrap_or_default())
}

fn running(container: &ContainerStatus) -> bool {
    let state: Option<&ContainerState> = container.state.as_ref();
    state.is_some_and(|state| state.running.is_some())
}
