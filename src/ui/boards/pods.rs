//! Pods and containers: CPU, memory, restarts, why they wait. From cAdvisor and kube-state-metrics.

use super::ground::{CONTAINERS, NAMESPACES, PODS as POD_LABELS};
use super::{Builder, Form, Ground, Panel};
use crate::model::{Health, Unit};

pub(super) const PODS: Builder = Builder {
    name: "pods",
    title: "Pods",
    doc: "CPU, memory, throttling and restarts by pod, and why pods wait",
    build,
};

pub(super) const CPU: &str = "container_cpu_usage_seconds_total";
pub(super) const MEMORY: &str = "container_memory_working_set_bytes";
pub(super) const RESTARTS: &str = "kube_pod_container_status_restarts_total";
const LIMITS: &str = "kube_pod_container_resource_limits";
const PERIODS: &str = "container_cpu_cfs_periods_total";
const THROTTLED: &str = "container_cpu_cfs_throttled_periods_total";
const PHASE: &str = "kube_pod_status_phase";
const WAITING: &str = "kube_pod_container_status_waiting_reason";
const CADVISOR: &str = "cAdvisor's metrics are missing: scrape the kubelets at /metrics/cadvisor.";
const STATE: &str = "kube-state-metrics is missing.";

/// Families whose labels must be known.
pub(super) const FAMILIES: [&str; 4] = [CPU, MEMORY, RESTARTS, PHASE];

pub(super) fn any(ground: &Ground<'_>) -> bool {
    [CPU, MEMORY, PHASE].iter().any(|name| ground.has(name))
}

/// Namespace, pod and container, as a family calls them.
pub(super) struct Names {
    pub(super) namespace: &'static str,
    pub(super) pod: &'static str,
    /// None where containers are not told apart: then a pod's own group stands for it.
    pub(super) container: Option<&'static str>,
}

pub(super) fn names(ground: &Ground<'_>, family: &str) -> Names {
    Names {
        namespace: ground.known.label_or(family, NAMESPACES, "namespace"),
        pod: ground.known.label_or(family, POD_LABELS, "pod"),
        container: if ground.known.knows(family) {
            ground.known.label(family, CONTAINERS)
        } else {
            Some("container")
        },
    }
}

/// What leaves sums over a pod's cgroup and the pause container out, which would count twice.
pub(super) fn real(names: &Names) -> String {
    let pod = names.pod;
    match names.container {
        Some(container) => format!("{container}!=\"\",{container}!=\"POD\",{pod}!=\"\""),
        None => format!("{pod}!=\"\""),
    }
}

fn by_pod(ground: &Ground<'_>, family: &str, rate: bool) -> (String, String) {
    let names = names(ground, family);
    let selector = ground.select(family, &real(&names));
    let inner = if rate {
        format!("rate({selector}[$__rate_interval])")
    } else {
        selector
    };
    let promql = format!("sum by ({}, {}) ({inner})", names.namespace, names.pod);
    (promql, format!("{{{{{}}}}}", names.pod))
}

pub(super) fn cpu(ground: &Ground<'_>) -> Panel {
    if !ground.has(CPU) {
        return Panel::lacking("CPU by pod", CADVISOR);
    }
    let (promql, legend) = by_pod(ground, CPU, true);
    Panel::new("CPU by pod", Unit::Cores, promql, &legend)
}

pub(super) fn memory(ground: &Ground<'_>) -> Panel {
    if !ground.has(MEMORY) {
        return Panel::lacking("Memory by pod", CADVISOR);
    }
    let (promql, legend) = by_pod(ground, MEMORY, false);
    Panel::new("Memory by pod", Unit::Bytes, promql, &legend)
}

/// A usage as a share of the limits, where there are limits.
fn of_limit(ground: &Ground<'_>, title: &str, family: &str, resource: &str, rate: bool) -> Panel {
    if !ground.has(family) {
        return Panel::lacking(title, CADVISOR);
    }
    if !ground.has(LIMITS) {
        return Panel::lacking(title, format!("{STATE} It tells the limits."));
    }
    let (usage, legend) = by_pod(ground, family, rate);
    let used = names(ground, family);
    let limits = ground.select(LIMITS, &format!("resource=\"{resource}\""));
    let by = names(ground, LIMITS);
    let mut whole = format!("sum by ({}, {}) ({limits})", by.namespace, by.pod);
    // Both sides must speak of the same labels to be divided.
    if by.namespace != used.namespace || by.pod != used.pod {
        let renamed = format!(
            "label_replace(label_replace({whole}, \"{}\", \"$1\", \"{}\", \"(.*)\"), \"{}\", \"$1\", \"{}\", \"(.*)\")",
            used.namespace, by.namespace, used.pod, by.pod
        );
        whole = format!("sum by ({}, {}) ({renamed})", used.namespace, used.pod);
    }
    Panel::new(title, Unit::Ratio, format!("{usage} / {whole}"), &legend)
        .above(0.8, Health::Warn)
        .above(0.95, Health::Bad)
        .note("Pods without a limit are not here.")
}

pub(super) fn cpu_of_limit(ground: &Ground<'_>) -> Panel {
    of_limit(ground, "CPU of its limit", CPU, "cpu", true)
}

fn throttling(ground: &Ground<'_>) -> Panel {
    if !ground.has(PERIODS) || !ground.has(THROTTLED) {
        return Panel::lacking(
            "CPU throttled",
            format!("{CADVISOR} No container with a CPU limit is seen."),
        );
    }
    let (throttled, legend) = by_pod(ground, THROTTLED, true);
    let (all, _) = by_pod(ground, PERIODS, true);
    Panel::new(
        "CPU throttled",
        Unit::Ratio,
        format!("{throttled} / ({all} > 0)"),
        &legend,
    )
    .above(0.25, Health::Warn)
}

pub(super) fn restarts(ground: &Ground<'_>) -> Panel {
    if !ground.has(RESTARTS) {
        return Panel::lacking("Restarts in 15 min", STATE);
    }
    let names = names(ground, RESTARTS);
    let selector = ground.select(RESTARTS, "");
    let by = format!("{}, {}", names.namespace, names.pod);
    let promql = format!("round(sum by ({by}) (increase({selector}[15m]))) > 0");
    Panel::new(
        "Restarts in 15 min",
        Unit::Number,
        promql,
        &format!("{{{{{}}}}}", names.pod),
    )
    .form(Form::Strip)
}

pub(super) fn status(ground: &Ground<'_>) -> Panel {
    if !ground.has(PHASE) {
        return Panel::lacking("Pods by phase", STATE);
    }
    let promql = format!("sum by (phase) ({}) > 0", ground.select(PHASE, ""));
    Panel::new("Pods by phase", Unit::Number, promql, "{{phase}}")
}

fn waiting(ground: &Ground<'_>) -> Panel {
    if !ground.has(PHASE) {
        return Panel::lacking("Why containers wait", STATE);
    }
    let names = names(ground, RESTARTS);
    let by = format!("{}, {}, reason", names.namespace, names.pod);
    let promql = format!("sum by ({by}) ({}) > 0", ground.select(WAITING, ""));
    let legend = format!("{{{{reason}}}}  {{{{{}}}}}", names.pod);
    Panel::new("Why containers wait", Unit::Number, promql, &legend)
        .form(Form::Table)
        .note("Empty is good: no container waits.")
}

fn short(ground: &Ground<'_>) -> Panel {
    let title = "Replicas that are missing";
    let (wanted, there) = (
        "kube_deployment_spec_replicas",
        "kube_deployment_status_replicas_available",
    );
    if !ground.has(wanted) || !ground.has(there) {
        return Panel::lacking(title, STATE);
    }
    let namespace = names(ground, RESTARTS).namespace;
    let promql = format!(
        "{} - on ({namespace}, deployment) {} > 0",
        ground.select(wanted, ""),
        ground.select(there, "")
    );
    Panel::new(
        title,
        Unit::Number,
        promql,
        &format!("{{{{deployment}}}} in {{{{{namespace}}}}}"),
    )
    .form(Form::Table)
    .note("Empty is good: every deployment has what it asks for.")
}

fn build(ground: &Ground<'_>) -> Result<Vec<Panel>, String> {
    if !any(ground) {
        return Err(format!("{CADVISOR} {STATE}"));
    }
    Ok(vec![
        cpu(ground),
        memory(ground),
        cpu_of_limit(ground),
        of_limit(ground, "Memory of its limit", MEMORY, "memory", false),
        throttling(ground),
        restarts(ground),
        status(ground),
        waiting(ground),
        short(ground),
    ])
}
