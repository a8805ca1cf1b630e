//! The containers of an opened pod as rows. Pure.

use std::sync::Arc;

use serde_json::Value;

use super::describe;
use super::json::{list, moment, number, word};
use crate::model::{
    Allotment, Container, ContainerRole, EndpointId, Health, Key, Meta, Moment, Name, Owner,
    Quantity, Text, Uid,
};

/// A row for each container of a pod, in the order in which they start.
pub fn rows(endpoint: EndpointId, pod: &Value) -> Vec<Container> {
    let groups = [
        (
            "/spec/initContainers",
            "/status/initContainerStatuses",
            ContainerRole::Init,
        ),
        (
            "/spec/containers",
            "/status/containerStatuses",
            ContainerRole::Main,
        ),
        (
            "/spec/ephemeralContainers",
            "/status/ephemeralContainerStatuses",
            ContainerRole::Ephemeral,
        ),
    ];
    groups
        .iter()
        .flat_map(|(specs, statuses, role)| {
            list(pod, specs).iter().map(|spec| {
                let name = word(spec, "/name");
                let status = list(pod, statuses)
                    .iter()
                    .find(|status| word(status, "/name") == name);
                let sidecar =
                    *role == ContainerRole::Init && word(spec, "/restartPolicy") == "Always";
                let role = if sidecar {
                    ContainerRole::Sidecar
                } else {
                    *role
                };
                row(endpoint, pod, spec, status.unwrap_or(&Value::Null), role)
            })
        })
        .collect()
}

fn row(
    endpoint: EndpointId,
    pod: &Value,
    spec: &Value,
    status: &Value,
    role: ContainerRole,
) -> Container {
    let (pod_name, pod_uid) = (word(pod, "/metadata/name"), word(pod, "/metadata/uid"));
    let name = word(spec, "/name");
    let ready = status.get("ready").and_then(Value::as_bool) == Some(true);
    let State {
        word: state,
        health,
        why,
        started,
    } = state(status, role, ready);
    let allotment = |sort: &str| Allotment {
        cpu_millicores: amount(spec, sort, "cpu").map_or(0, Quantity::millicores),
        memory_bytes: amount(spec, sort, "memory").map_or(0, Quantity::bytes),
    };
    let ports: Vec<_> = list(spec, "/ports").iter().map(describe::port).collect();
    let probes = [
        ("livenessProbe", "liveness"),
        ("readinessProbe", "readiness"),
        ("startupProbe", "startup"),
    ];
    let probes: Vec<_> = probes
        .iter()
        .filter_map(|(key, label)| Some(format!("{label} {}", describe::probe(spec.get(key)?))))
        .collect();
    Container {
        meta: Meta {
            key: Key {
                endpoint,
                uid: Uid::hash(&format!("{pod_uid}/{name}")),
            },
            namespace: Name::new(word(pod, "/metadata/namespace")),
            name: Text::new(name),
            created: moment(pod, "/metadata/creationTimestamp"),
            deleting: moment(pod, "/metadata/deletionTimestamp"),
            version: word(pod, "/metadata/resourceVersion")
                .parse()
                .unwrap_or_default(),
            owner: Some(Arc::new(Owner {
                kind: Name::new("Pod"),
                name: Name::new(pod_name),
                uid: Uid::parse(pod_uid),
            })),
            ..Meta::default()
        },
        role,
        image: Name::new(word(spec, "/image")),
        state: Name::new(&state),
        health,
        why: why.map(Text::from),
        ready,
        restarts: number(status, "/restartCount")
            .and_then(|count| u32::try_from(count).ok())
            .unwrap_or_default(),
        started,
        exit_code: exit_code(status),
        requests: allotment("requests"),
        limits: allotment("limits"),
        ports: Text::from(ports.join(", ")),
        probes: Text::from(probes.join("; ")),
    }
}

fn amount(spec: &Value, sort: &str, name: &str) -> Option<Quantity> {
    Quantity::parse(
        spec.pointer(&format!("/resources/{sort}/{name}"))?
            .as_str()?,
    )
}

/// How it ended last, or now.
fn exit_code(status: &Value) -> Option<i32> {
    [
        "/state/terminated/exitCode",
        "/lastState/terminated/exitCode",
    ]
    .iter()
    .find_map(|pointer| number(status, pointer))
    .and_then(|code| i32::try_from(code).ok())
}

struct State {
    word: String,
    health: Health,
    why: Option<String>,
    started: Option<Moment>,
}

fn state(status: &Value, role: ContainerRole, ready: bool) -> State {
    let plain = |word: &str, health| State {
        word: word.to_owned(),
        health,
        why: None,
        started: None,
    };
    if let Some(waiting) = status.pointer("/state/waiting") {
        let reason = word(waiting, "/reason");
        if matches!(reason, "" | "ContainerCreating" | "PodInitializing") {
            return plain(
                if reason.is_empty() { "Waiting" } else { reason },
                Health::Busy,
            );
        }
        let message = word(waiting, "/message");
        let last = last_end(status);
        let why = if reason == "CrashLoopBackOff" || message.is_empty() {
            last
        } else {
            None
        };
        return State {
            why: why.or_else(|| (!message.is_empty()).then(|| message.to_owned())),
            ..plain(reason, Health::Bad)
        };
    }
    if let Some(ended) = status.pointer("/state/terminated") {
        let code = number(ended, "/exitCode").unwrap_or_default();
        let reason = word(ended, "/reason");
        let reason = if reason.is_empty() {
            "Terminated"
        } else {
            reason
        };
        let started = moment(ended, "/startedAt");
        let health = if code == 0 { Health::Idle } else { Health::Bad };
        let why = (code != 0).then(|| ended_text(ended));
        return State {
            why,
            started,
            ..plain(reason, health)
        };
    }
    let Some(running) = status.pointer("/state/running") else {
        return plain("Waiting", Health::Busy);
    };
    let waits = !ready && role == ContainerRole::Main;
    let why = if waits {
        Some("not ready".to_owned())
    } else {
        last_end(status).map(|end| format!("last: {end}"))
    };
    State {
        why,
        started: moment(running, "/startedAt"),
        ..plain("Running", if waits { Health::Warn } else { Health::Good })
    }
}

fn last_end(status: &Value) -> Option<String> {
    status.pointer("/lastState/terminated").map(ended_text)
}

/// `Error, exit 3: message`
fn ended_text(ended: &Value) -> String {
    let (reason, message) = (word(ended, "/reason"), word(ended, "/message"));
    let reason = if reason.is_empty() { "ended" } else { reason };
    let code = number(ended, "/exitCode").unwrap_or_default();
    let message = message.lines().last().unwrap_or_default();
    let message = if message.is_empty() {
        String::new()
    } else {
        format!(": {message}")
    };
    format!("{reason}, exit {code}{message}")
}
