//! What a pod asks for and may use, summed as the scheduler and `kubectl describe` do.

use crate::model::{Allotment, Quantity};
use crate::sources::kubernetes::wire::message::meta::Amount;
use crate::sources::kubernetes::wire::message::pod::{Container, PodSpec};

/// CPU and memory out of a map of quantities.
pub fn allotment(amounts: &[Amount]) -> Allotment {
    let mut sum = Allotment::default();
    for amount in amounts {
        let quantity = || Quantity::parse(&amount.value.as_ref()?.string);
        match amount.key.as_str() {
            "cpu" => sum.cpu_millicores = quantity().map_or(0, Quantity::millicores),
            "memory" => sum.memory_bytes = quantity().map_or(0, Quantity::bytes),
            _ => {}
        }
    }
    sum
}

/// Requests and limits of a pod: what its containers and sidecars take together, or what its hungriest init container
/// takes next to the sidecars started before it, whichever is more; what the pod as a whole states goes before that;
/// the overhead of its runtime comes on top.
pub fn sums(spec: &PodSpec) -> (Allotment, Allotment) {
    let whole = spec.resources.as_ref();
    let mut requests = side(spec, requests_of);
    let mut limits = side(spec, limits_of);
    if let Some(whole) = whole {
        requests = stated(allotment(&whole.requests), requests);
        limits = stated(allotment(&whole.limits), limits);
    }
    let overhead = allotment(&spec.overhead);
    requests += overhead;
    // An overhead raises a limit, but makes none.
    if limits.cpu_millicores > 0 {
        limits.cpu_millicores = limits
            .cpu_millicores
            .saturating_add(overhead.cpu_millicores);
    }
    if limits.memory_bytes > 0 {
        limits.memory_bytes = limits.memory_bytes.saturating_add(overhead.memory_bytes);
    }
    (requests, limits)
}

fn requests_of(container: &Container) -> Allotment {
    let resources = container.resources.as_ref();
    resources.map_or_else(Allotment::default, |stated| allotment(&stated.requests))
}

fn limits_of(container: &Container) -> Allotment {
    let resources = container.resources.as_ref();
    resources.map_or_else(Allotment::default, |stated| allotment(&stated.limits))
}

fn side(spec: &PodSpec, of: fn(&Container) -> Allotment) -> Allotment {
    let mut running = Allotment::default();
    for container in &spec.containers {
        running += of(container);
    }
    let mut sidecars = Allotment::default();
    let mut starting = Allotment::default();
    for container in &spec.init_containers {
        let mut together = of(container);
        together += sidecars;
        if is_sidecar(container) {
            sidecars = together;
        }
        starting = most(starting, together);
    }
    running += sidecars;
    most(running, starting)
}

/// Whether an init container keeps running.
pub(super) fn is_sidecar(container: &Container) -> bool {
    container.restart_policy == "Always"
}

fn most(one: Allotment, other: Allotment) -> Allotment {
    Allotment {
        cpu_millicores: one.cpu_millicores.max(other.cpu_millicores),
        memory_bytes: one.memory_bytes.max(other.memory_bytes),
    }
}

fn stated(whole: Allotment, sum: Allotment) -> Allotment {
    Allotment {
        cpu_millicores: if whole.cpu_millicores > 0 {
            whole.cpu_millicores
        } else {
            sum.cpu_millicores
        },
        memory_bytes: if whole.memory_bytes > 0 {
            whole.memory_bytes
        } else {
            sum.memory_bytes
        },
    }
}
