//! What an operator reads first of an object: kubectl's word, the health, and why.

use quarterdeck::model::{Health, Kind, Node, Pod, Resource, Row};
use quarterdeck::sources::kubernetes::wire::Format;
use serde_json::{Value, json};

use crate::wire::row;

fn pod(object: &Value) -> Pod {
    match row(&Kind::Pod, Format::Json, object.to_string()) {
        Some(Row::Pod(pod)) => pod,
        other => panic!("{other:?}"),
    }
}

fn node(object: &Value) -> Node {
    match row(&Kind::Node, Format::Json, object.to_string()) {
        Some(Row::Node(node)) => *node,
        other => panic!("{other:?}"),
    }
}

fn resource(kind: &Kind, object: &Value) -> Resource {
    match row(kind, Format::Json, object.to_string()) {
        Some(Row::Resource(_, resource)) => *resource,
        other => panic!("{other:?}"),
    }
}

fn waiting(reason: &str, message: &str) -> Value {
    json!({"waiting": {"reason": reason, "message": message}})
}

fn running() -> Value {
    json!({"running": {"startedAt": "2026-01-01T00:00:00Z"}})
}

fn terminated(code: i32, reason: &str) -> Value {
    json!({"terminated": {"exitCode": code, "reason": reason, "finishedAt": "2026-01-01T00:00:00Z"}})
}

fn spec(containers: &[&str], init: &Value) -> Value {
    let containers: Vec<_> = containers
        .iter()
        .map(|name| json!({"name": name, "image": "shop:9", "resources": {"limits": {"memory": "64Mi"}}}))
        .collect();
    json!({"containers": containers, "initContainers": init})
}

/// Word, health and why of a pod with one container.
fn told(phase: &str, container: &Value, more: &Value) -> (String, Health, String) {
    let mut status = json!({"phase": phase, "containerStatuses": [container]});
    for (key, value) in more.as_object().into_iter().flatten() {
        status[key] = value.clone();
    }
    let pod = pod(
        &json!({"metadata": {"name": "a"}, "spec": spec(&["shop"], &json!([])), "status": status}),
    );
    (
        pod.status.to_string(),
        pod.health,
        pod.why.map(|why| why.to_string()).unwrap_or_default(),
    )
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table of cases")]
fn a_pods_trouble_is_said_in_plain_words() {
    let nothing = json!({});
    let crash = |last: Value| json!({"name": "shop", "restartCount": 4, "state": waiting("CrashLoopBackOff", "back-off"), "lastState": last});
    for (phase, container, more, word, health, why) in [
        (
            "Running",
            json!({"name": "shop", "ready": true, "state": running()}),
            &nothing,
            "Running",
            Health::Good,
            "",
        ),
        (
            "Running",
            crash(terminated(3, "Error")),
            &nothing,
            "CrashLoopBackOff",
            Health::Bad,
            "crashes: exit 3 (Error), 4 restarts",
        ),
        (
            "Running",
            crash(terminated(137, "OOMKilled")),
            &nothing,
            "CrashLoopBackOff",
            Health::Bad,
            "out of memory (limit 64Mi), 4 restarts",
        ),
        (
            "Pending",
            json!({"name": "shop", "state": waiting("ImagePullBackOff", "Back-off pulling image \"shop:9\": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image \"docker.io/library/shop:9\": failed to resolve reference \"docker.io/library/shop:9\": docker.io/library/shop:9: not found")}),
            &nothing,
            "ImagePullBackOff",
            Health::Bad,
            "cannot pull shop:9: docker.io/library/shop:9: not found",
        ),
        (
            "Pending",
            json!({"name": "shop", "state": waiting("ContainerCreating", "")}),
            &nothing,
            "ContainerCreating",
            Health::Busy,
            "",
        ),
        (
            "Pending",
            json!({"name": "shop", "state": waiting("CreateContainerConfigError", "secret \"db\" not found")}),
            &nothing,
            "CreateContainerConfigError",
            Health::Bad,
            "cannot start: secret \"db\" not found",
        ),
        (
            "Running",
            json!({"name": "shop", "ready": false, "started": true, "state": running()}),
            &nothing,
            "Running",
            Health::Warn,
            "not ready: container shop",
        ),
        (
            "Running",
            json!({"name": "shop", "ready": false, "started": false, "state": running()}),
            &nothing,
            "Running",
            Health::Busy,
            "starting: container shop",
        ),
        (
            "Succeeded",
            json!({"name": "shop", "state": terminated(0, "Completed")}),
            &nothing,
            "Completed",
            Health::Idle,
            "",
        ),
        (
            "Failed",
            json!({"name": "shop", "state": terminated(1, "Error")}),
            &nothing,
            "Error",
            Health::Bad,
            "crashes: exit 1 (Error)",
        ),
        (
            "Failed",
            json!({}),
            &json!({"reason": "Evicted", "message": "The node was low on resource: memory.", "containerStatuses": []}),
            "Evicted",
            Health::Bad,
            "evicted: The node was low on resource: memory.",
        ),
        (
            "Pending",
            json!({}),
            &json!({"containerStatuses": [], "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable",
                "message": "0/6 nodes are available: 1 Insufficient cpu. preemption: 0/6 nodes are available"}]}),
            "Pending",
            Health::Bad,
            "cannot be scheduled: 0/6 nodes are available: 1 Insufficient cpu.",
        ),
        (
            "Pending",
            json!({}),
            &json!({"containerStatuses": [], "conditions": [{"type": "PodScheduled", "status": "False", "reason": "SchedulingGated", "message": "gated"}]}),
            "SchedulingGated",
            Health::Busy,
            "gated",
        ),
        (
            "Running",
            json!({"name": "shop", "ready": true, "restartCount": 2, "state": running(), "lastState": terminated(137, "OOMKilled")}),
            &nothing,
            "Running",
            Health::Good,
            "last out of memory (limit 64Mi), 2 restarts",
        ),
        (
            "Orbiting",
            json!({"name": "shop", "state": {}}),
            &nothing,
            "Orbiting",
            Health::Warn,
            "",
        ),
    ] {
        let (got_word, got_health, got_why) = told(phase, &container, more);
        assert_eq!(
            (got_word.as_str(), got_health, got_why.as_str()),
            (word, health, why)
        );
    }
}

#[test]
fn init_containers_and_sidecars_count_as_kubectl_counts() {
    let init = json!([
        {"name": "migrate"},
        {"name": "proxy", "restartPolicy": "Always"},
        {"name": "warm"},
    ]);
    let at = |statuses: Value, main: Value| {
        pod(
            &json!({"metadata": {"name": "a"}, "spec": spec(&["shop", "worker"], &init), "status":
            {"phase": "Pending", "initContainerStatuses": statuses, "containerStatuses": main}}),
        )
    };
    let waits = json!([{"name": "shop", "state": waiting("PodInitializing", "")}]);
    let first = at(
        json!([{"name": "migrate", "state": running()}]),
        waits.clone(),
    );
    assert_eq!(
        (&*first.status, first.ready, first.containers),
        ("Init:0/3", 0, 3)
    );
    assert_eq!(first.health, Health::Busy);
    let crashing = at(
        json!([{"name": "migrate", "restartCount": 5, "state": waiting("CrashLoopBackOff", ""), "lastState": terminated(2, "Error")}]),
        waits.clone(),
    );
    assert_eq!(
        (&*crashing.status, crashing.restarts),
        ("Init:CrashLoopBackOff", 5)
    );
    assert_eq!(
        crashing.why.unwrap().as_str(),
        "init container migrate: crashes: exit 2 (Error), 5 restarts"
    );
    let failed = at(
        json!([{"name": "migrate", "state": {"terminated": {"exitCode": 7}}}]),
        waits.clone(),
    );
    assert_eq!(&*failed.status, "Init:ExitCode:7");
    let sidecar = json!({"name": "proxy", "ready": true, "started": true, "restartCount": 1, "state": running()});
    let third = at(
        json!([{"name": "migrate", "restartCount": 3, "state": terminated(0, "Completed")}, sidecar, {"name": "warm", "state": waiting("PodInitializing", "")}]),
        waits,
    );
    assert_eq!((&*third.status, third.ready), ("Init:2/3", 1));
    let up = at(
        json!([{"name": "migrate", "restartCount": 3, "state": terminated(0, "Completed")}, sidecar, {"name": "warm", "state": terminated(0, "Completed")}]),
        json!([{"name": "shop", "ready": true, "restartCount": 2, "state": running()}, {"name": "worker", "state": terminated(0, "Completed")}]),
    );
    // Init containers that are done no longer count; the sidecar does.
    assert_eq!(
        (&*up.status, up.ready, up.containers, up.restarts),
        ("NotReady", 2, 3, 3)
    );
}

#[test]
fn a_pod_that_goes_is_terminating_unless_its_node_is_lost() {
    let gone = |status: Value| {
        pod(
            &json!({"metadata": {"name": "a", "deletionTimestamp": "2026-01-01T00:00:30Z"}, "spec": {}, "status": status}),
        )
    };
    assert_eq!(&*gone(json!({"phase": "Running"})).status, "Terminating");
    let ended = gone(
        json!({"phase": "Failed", "containerStatuses": [{"name": "a", "state": terminated(2, "Error")}]}),
    );
    assert_eq!((ended.health, ended.why), (Health::Busy, None));
    let lost = gone(json!({"phase": "Running", "reason": "NodeLost"}));
    assert_eq!((&*lost.status, lost.health), ("Unknown", Health::Bad));
}

#[test]
fn requests_sum_as_the_scheduler_sums() {
    let cpu = |milli: &str| json!({"requests": {"cpu": milli, "memory": "1Mi"}});
    let pod = pod(&json!({"spec": {
        "containers": [{"name": "a", "resources": cpu("100m")}, {"name": "b", "resources": cpu("50m")}],
        "initContainers": [
            {"name": "s", "restartPolicy": "Always", "resources": cpu("20m")},
            {"name": "i", "resources": cpu("400m")},
        ],
        "overhead": {"cpu": "5m"},
    }}));
    // The init container next to the sidecar outweighs what runs later.
    assert_eq!(pod.requests.cpu_millicores, 425);
    assert_eq!(pod.requests.memory_bytes, 3 << 20);
    assert_eq!(pod.limits.cpu_millicores, 0);
}

#[test]
fn nodes_say_what_they_are_short_of() {
    let ready = json!({"type": "Ready", "status": "True"});
    let pressed = node(
        &json!({"metadata": {"name": "n", "labels": {"node-role.kubernetes.io/control-plane": ""}},
        "spec": {"unschedulable": true, "taints": [{"key": "k"}]},
        "status": {"conditions": [ready, {"type": "MemoryPressure", "status": "True"}, {"type": "DiskPressure", "status": "False"}],
            "allocatable": {"cpu": "3500m", "memory": "8Gi", "pods": "110"}}}),
    );
    assert_eq!(
        (&*pressed.status, pressed.health),
        ("Ready,SchedulingDisabled", Health::Warn)
    );
    assert_eq!(pressed.why.unwrap().as_str(), "short of memory; cordoned");
    assert_eq!(
        (
            &*pressed.roles,
            pressed.pods_capacity,
            pressed.allocatable.cpu_millicores
        ),
        ("control-plane", 110, 3500)
    );
    let silent = node(&json!({"status": {"conditions": [{"type": "Ready", "status": "Unknown"}]}}));
    assert_eq!((&*silent.status, silent.health), ("NotReady", Health::Bad));
    assert_eq!(&*node(&json!({})).status, "Unknown");
}

#[test]
fn plain_tables_have_a_cell_for_each_column() {
    for (kind, info) in Kind::built_in() {
        let columns = quarterdeck::model::columns(kind);
        if !columns.is_empty() {
            assert_eq!(
                resource(kind, &json!({"metadata": {"name": "a"}}))
                    .cells
                    .len(),
                columns.len(),
                "{}",
                info.plural
            );
        }
    }
    let secret = resource(&Kind::Secret, &json!({"data": {"a": "YWJj", "b": "YQ=="}}));
    assert_eq!(
        format!("{:?}", secret.cells),
        "[None, Number(2), Bytes(4), None]",
        "only sizes of values are kept"
    );
    let ingress = resource(
        &Kind::Ingress,
        &json!({"spec": {"tls": [{}], "rules": [
        {"host": "a.example", "http": {"paths": [{"backend": {"service": {"name": "shop", "port": {"number": 80}}}}]}}]}}),
    );
    assert_eq!(
        format!("{:?}", ingress.cells),
        r#"[None, Text("a.example"), None, Name("80, 443"), Text("shop:80")]"#
    );
    let pending = resource(
        &Kind::Service,
        &json!({"spec": {"type": "LoadBalancer", "ports": [{"port": 80, "nodePort": 31000}]}}),
    );
    assert_eq!(pending.health, Health::Busy);
    assert!(format!("{:?}", pending.cells).contains("80:31000/TCP"));
}
