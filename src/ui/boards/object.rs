//! The panels of one object: its CPU, memory, restarts, requests, errors and latency.

use super::ground::{SERVICES, alternatives};
use super::pods::{self, CPU, MEMORY, names, real};
use super::{Ground, Panel, Variables, docker, golden, nodes};
use crate::model::{Kind, Target, Unit};

/// Kinds that have series of their own.
pub const MEASURED: [Kind; 9] = [
    Kind::Pod,
    Kind::Deployment,
    Kind::StatefulSet,
    Kind::DaemonSet,
    Kind::ReplicaSet,
    Kind::Job,
    Kind::CronJob,
    Kind::Node,
    Kind::Service,
];

const NOTHING: &str = "This Prometheus has neither cAdvisor's nor kube-state-metrics' series.";

/// The panels of an object; none for kinds that have no series of their own. `address` is a node's own.
pub fn of_object(target: &Target, address: &str, ground: &Ground<'_>) -> Option<Vec<Panel>> {
    let name = target.name.as_str();
    let namespace = vec![target.namespace.to_string()];
    let exact = alternatives(&[name.to_owned()]);
    let like = match target.kind {
        Kind::Pod => exact,
        Kind::Deployment => format!("{exact}-[a-z0-9]+-[a-z0-9]+"),
        Kind::StatefulSet => format!("{exact}-[0-9]+"),
        Kind::DaemonSet | Kind::ReplicaSet | Kind::Job => format!("{exact}-[a-z0-9]+"),
        Kind::CronJob => format!("{exact}-[0-9]+-[a-z0-9]+"),
        Kind::Node => return Some(of_node(name, address, ground)),
        Kind::Service => {
            let variables = Variables {
                namespace,
                service: vec![name.to_owned()],
                ..Variables::default()
            };
            let ground = Ground {
                variables: &variables,
                ..*ground
            };
            return Some(golden::of(&ground));
        }
        _ => return None,
    };
    let variables = Variables {
        namespace,
        pods_like: Some(like),
        ..Variables::default()
    };
    let own = Ground {
        variables: &variables,
        ..*ground
    };
    let mut panels = of_pods(&own, target.kind == Kind::Pod);
    panels.extend(requests(&own, name));
    if panels.is_empty() {
        panels.push(Panel::lacking("Metrics", NOTHING));
    }
    Some(panels)
}

/// The panels of a container of Docker, by its name.
pub fn of_container(name: &str) -> Vec<Panel> {
    let exact = alternatives(&[name.to_owned()]);
    docker::panels(&format!("name=~\"/?{exact}\""))
}

fn of_pods(ground: &Ground<'_>, one: bool) -> Vec<Panel> {
    if !pods::any(ground) {
        return Vec::new();
    }
    if !one {
        return vec![
            pods::cpu(ground),
            pods::memory(ground),
            pods::restarts(ground),
        ];
    }
    // Of a single pod its containers are worth telling apart.
    let mut panels = Vec::new();
    for (title, family, unit, rate) in [
        ("CPU", CPU, Unit::Cores, true),
        ("Memory", MEMORY, Unit::Bytes, false),
    ] {
        if !ground.has(family) {
            panels.push(Panel::lacking(title, "cAdvisor's metrics are missing."));
            continue;
        }
        let names = names(ground, family);
        let selector = ground.select(family, &real(&names));
        let inner = if rate {
            format!("rate({selector}[$__rate_interval])")
        } else {
            selector
        };
        let by = names.container.unwrap_or(names.pod);
        let promql = format!("sum by ({by}) ({inner})");
        panels.push(Panel::new(title, unit, promql, &format!("{{{{{by}}}}}")));
    }
    panels.push(pods::restarts(ground));
    panels
}

/// What a workload serves: by its pods where requests are counted by pod, else by the service of its name.
fn requests(own: &Ground<'_>, name: &str) -> Vec<Panel> {
    let Some((counter, _, _, pod)) = golden::request_labels(own) else {
        return Vec::new();
    };
    if pod.is_some() {
        return golden::of(own);
    }
    let variables = Variables {
        pods_like: None,
        service: vec![name.to_owned()],
        ..own.variables.clone()
    };
    // Without a label for services nothing says which requests are its own.
    if own.known.label(counter, SERVICES).is_none() {
        return Vec::new();
    }
    golden::of(&Ground {
        variables: &variables,
        ..*own
    })
}

fn of_node(name: &str, address: &str, ground: &Ground<'_>) -> Vec<Panel> {
    if !ground.has("node_cpu_seconds_total") {
        return vec![Panel::lacking(
            "Metrics",
            "The node exporter is missing: no node_cpu_seconds_total.",
        )];
    }
    let mut known = vec![name.to_owned()];
    if !address.is_empty() {
        known.push(address.to_owned());
    }
    let exact = alternatives(&known);
    // An exporter is found by the node's name or address, or by a label that discovery gave it.
    let labelled = ground.known.label(
        "node_cpu_seconds_total",
        &["node", "nodename", "kubernetes_node"],
    );
    let (matchers, found) = match labelled {
        Some(label) => (format!("{label}=~\"{exact}\""), label),
        None => (format!("instance=~\"({exact})(:[0-9]+)?\""), "instance"),
    };
    let mut panels = nodes::panels(ground, &matchers);
    for panel in panels.iter_mut().filter(|panel| panel.note.is_empty()) {
        panel.note = format!(
            "The node exporter is known by the node's name or address in its label {found}."
        );
    }
    panels
}
