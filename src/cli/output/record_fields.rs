//! The fields of each kind of row, in the order that `record` documents.

use serde_json::{Value, json};

use super::record::Record;
use crate::model::{
    Allotment, Container, ContainerRole, DockerContainer, Event, Hpa, Kind, Moment, Node, Pod,
    Resource, Usage, Workload,
};
use crate::store::{Consumption, why_not_ready};
use crate::ui::views::World;

pub(super) fn pod(world: World<'_>, pod: &Pod) -> Record {
    let used = used(world.store.usage(&pod.meta.key));
    let record = Record::begin(world, &pod.meta)
        .with("phase", word(&pod.phase))
        .with("status", word(&pod.status))
        .with("ready", pod.ready)
        .with("containers", pod.containers)
        .with("restarts", pod.restarts)
        .with("node", word(&pod.node))
        .with("ip", pod.ip.map(|ip| ip.to_string()))
        .with("cpu_millicores", used.0)
        .with("memory_bytes", used.1);
    asked(record, pod.requests, pod.limits)
        .with("image", word(&pod.image))
        .with("qos", word(&pod.qos))
        .with("last_restart", time(pod.restarted))
        .with("deleting", pod.meta.deleting.is_some())
        .end(pod.health, why_not_ready(world.store, pod))
}

pub(super) fn workload(world: World<'_>, workload: &Workload) -> Record {
    let rollout = workload.rollout.as_ref();
    let schedule = workload.schedule.as_ref();
    // A sum that lacks some pods is none.
    let whole = |sum: &Consumption| sum.unknown == 0;
    let sum = world.store.consumption(workload).filter(whole);
    let record = Record::begin(world, &workload.meta)
        .with("kind", workload.kind.name())
        .with("status", word(&workload.status))
        .with("desired", workload.desired)
        .with("ready", workload.ready)
        .with("updated", workload.updated)
        .with("available", workload.available)
        .with("current", workload.current)
        .with("failed", workload.failed)
        .with("images", word(&workload.images))
        .with("container_names", word(&workload.containers))
        .with("cpu_millicores", sum.map(|sum| sum.used.cpu_millicores))
        .with("memory_bytes", sum.map(|sum| sum.used.memory_bytes));
    asked(record, workload.requests, workload.limits)
        .with(
            "revision",
            rollout.and_then(|rollout| word(&rollout.revision)),
        )
        .with("rolling", rollout.map(|rollout| rollout.rolling))
        .with(
            "rollout_since",
            time(rollout.and_then(|rollout| rollout.since)),
        )
        .with("paused", rollout.map(|rollout| rollout.paused))
        .with(
            "stuck",
            rollout.and_then(|rollout| rollout.stuck.as_deref()),
        )
        .with(
            "schedule",
            schedule.and_then(|schedule| word(&schedule.cron)),
        )
        .with(
            "time_zone",
            schedule.and_then(|schedule| word(&schedule.zone)),
        )
        .with("suspended", schedule.map(|schedule| schedule.suspended))
        .with(
            "last_schedule",
            time(schedule.and_then(|schedule| schedule.last)),
        )
        .with(
            "last_success",
            time(schedule.and_then(|schedule| schedule.last_success)),
        )
        .with("started", time(workload.started))
        .with("finished", time(workload.finished))
        .end(workload.health, workload.why.as_deref())
}

pub(super) fn hpa(world: World<'_>, hpa: &Hpa) -> Record {
    let metrics: Vec<Value> = hpa
        .metrics
        .iter()
        .map(|metric| {
            json!({
                "name": metric.name.as_str(),
                "current": word(&metric.current),
                "target": word(&metric.target),
                "share": metric.share,
            })
        })
        .collect();
    Record::begin(world, &hpa.meta)
        .with("target_kind", word(&hpa.target_kind))
        .with("target_name", word(&hpa.target_name))
        .with("min", hpa.min)
        .with("max", hpa.max)
        .with("current", hpa.current)
        .with("desired", hpa.desired)
        .with("last_scale", time(hpa.last_scale))
        .with("metrics", metrics)
        .with("status", word(&hpa.status))
        .end(hpa.health, hpa.why.as_deref())
}

pub(super) fn node(world: World<'_>, node: &Node) -> Record {
    let used = used(world.store.usage(&node.meta.key));
    let (may, has) = (amounts(node.allocatable), amounts(node.capacity));
    Record::begin(world, &node.meta)
        .with("status", word(&node.status))
        .with("roles", word(&node.roles))
        .with("version", word(&node.version))
        .with("internal_ip", word(&node.internal_ip))
        .with("external_ip", word(&node.external_ip))
        .with("os_image", word(&node.os_image))
        .with("kernel", word(&node.kernel))
        .with("runtime", word(&node.runtime))
        .with("cordoned", node.cordoned)
        .with("taints", node.taints)
        .with("cpu_millicores", used.0)
        .with("memory_bytes", used.1)
        .with("cpu_allocatable_millicores", may.0)
        .with("memory_allocatable_bytes", may.1)
        .with("cpu_capacity_millicores", has.0)
        .with("memory_capacity_bytes", has.1)
        .with("pods_capacity", node.pods_capacity)
        .end(node.health, node.why.as_deref())
}

pub(super) fn event(world: World<'_>, event: &Event) -> Record {
    let about = &event.involved;
    Record::begin(world, &event.meta)
        .with("level", word(&event.level))
        .with("reason", word(&event.reason))
        .with("message", word(&event.message))
        .with("count", event.count)
        .with("first", time(event.first))
        .with("last", time(event.last))
        .with("component", word(&event.component))
        .with("object_kind", word(&about.kind))
        .with("object_namespace", word(&about.namespace))
        .with("object_name", word(&about.name))
        .with("object_uid", about.uid.to_string())
}

pub(super) fn container(world: World<'_>, container: &Container) -> Record {
    let pod = container.meta.owner.as_ref();
    let role = match container.role {
        ContainerRole::Main => "main",
        ContainerRole::Init => "init",
        ContainerRole::Sidecar => "sidecar",
        ContainerRole::Ephemeral => "ephemeral",
    };
    let record = Record::begin(world, &container.meta)
        .with("pod", pod.map(|pod| pod.name.as_str()))
        .with("role", role)
        .with("image", word(&container.image))
        .with("state", word(&container.state))
        .with("ready", container.ready)
        .with("restarts", container.restarts)
        .with("started", time(container.started))
        .with("exit_code", container.exit_code);
    asked(record, container.requests, container.limits)
        .with("ports", word(&container.ports))
        .with("probes", word(&container.probes))
        .end(container.health, container.why.as_deref())
}

pub(super) fn docker(world: World<'_>, container: &DockerContainer) -> Record {
    let endpoint = world.store.endpoint(container.meta.key.endpoint);
    let running = container.state.as_str() == "running";
    let key = &container.meta.key;
    let used = used(world.store.usage(key).filter(|_| running));
    let moved = world.store.traffic(key).filter(|_| running);
    let limits = amounts(container.limits);
    let age = container.meta.created.map(|created| created.age(world.now));
    Record::default()
        .with("endpoint", endpoint.map(|endpoint| endpoint.name.as_str()))
        .with("id", container.id.as_str())
        .with("name", container.meta.name.as_str())
        .with("state", word(&container.state))
        .with("status", word(&container.status))
        .with("health", container.health.word())
        .with("healthcheck", container.healthcheck.word())
        .with("exit_code", container.exit_code)
        .with("oom_killed", container.oom_killed)
        .with("image", word(&container.image))
        .with("image_id", word(&container.image_id))
        .with("project", word(&container.meta.namespace))
        .with("service", word(&container.service))
        .with("restarts", container.restarts)
        .with("started", time(container.started))
        .with("finished", time(container.finished))
        .with("ports", word(&container.ports))
        .with("cpu_millicores", used.0)
        .with("memory_bytes", used.1)
        .with("cpu_limit_millicores", limits.0)
        .with("memory_limit_bytes", limits.1)
        .with("network_received_bytes", moved.map(|it| it.received_bytes))
        .with("network_sent_bytes", moved.map(|it| it.sent_bytes))
        .with("disk_read_bytes", moved.map(|it| it.read_bytes))
        .with("disk_written_bytes", moved.map(|it| it.written_bytes))
        .with("age_seconds", age)
        .with("why", container.why.as_deref())
}

pub(super) fn resource(world: World<'_>, kind: &Kind, resource: &Resource) -> Record {
    let mut record = Record::begin(world, &resource.meta).with("kind", kind.name().to_owned());
    for (column, cell) in world.store.columns(kind).iter().zip(&resource.cells) {
        record = record.with(column.key.as_str().to_owned(), self::cell(cell));
    }
    record.end(resource.health, resource.why.as_deref())
}

/// Text, or null where there is none.
pub(super) fn word(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn cell(value: &crate::model::Value) -> Value {
    use crate::model::Value as Cell;
    match value {
        Cell::None => Value::Null,
        Cell::Text(text) => Value::from(text.as_str()),
        Cell::Name(name) => Value::from(name.as_str()),
        Cell::Number(number) => Value::from(*number),
        Cell::Bytes(bytes) => Value::from(*bytes),
        Cell::Time(moment) => Value::from(moment.timestamp().to_string()),
    }
}

fn time(moment: Option<Moment>) -> Option<String> {
    Some(moment?.timestamp().to_string())
}

fn used(usage: Option<&Usage>) -> (Option<u32>, Option<u64>) {
    // What is used may well be nothing, which differs from unknown.
    let used = usage.map(|usage| usage.used);
    (
        used.map(|used| used.cpu_millicores),
        used.map(|used| used.memory_bytes),
    )
}

/// Zero means that none was stated.
fn amounts(amount: Allotment) -> (Option<u32>, Option<u64>) {
    (
        Some(amount.cpu_millicores).filter(|cpu| *cpu > 0),
        Some(amount.memory_bytes).filter(|memory| *memory > 0),
    )
}

fn asked(record: Record, requests: Allotment, limits: Allotment) -> Record {
    let (requests, limits) = (amounts(requests), amounts(limits));
    record
        .with("cpu_request_millicores", requests.0)
        .with("cpu_limit_millicores", limits.0)
        .with("memory_request_bytes", requests.1)
        .with("memory_limit_bytes", limits.1)
}
