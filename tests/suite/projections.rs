//! What an operator reads first of an object: kubectl's word, the health, and why.

use quarterdeck::model::{Health, Hpa, Kind, Node, Pod, Resource, Row, Workload};
use quarterdeck::sources::kubernetes::wire::Format;
use serde_json::{Value, json};

use crate::wire::row;

fn pod(object: &Value) -> Pod {
    match row(&Kind::Pod, Format::Json, object.to_string()) {
        Some(Row::Pod(pod)) => pod,
        other => panic!("{other:?}"),
    }
}

fn workload(kind: &Kind, object: &Value) -> Workload {
    match row(kind, Format::Json, object.to_string()) {
        Some(Row::Workload(workload)) => *workload,
        other => panic!("{other:?}"),
    }
}

fn hpa(spec: &Value, status: &Value) -> Hpa {
    let object = json!({"metadata": {"name": "shop"}, "spec": spec, "status": status});
    match row(
        &Kind::HorizontalPodAutoscaler,
        Format::Json,
        object.to_string(),
    ) {
        Some(Row::Hpa(hpa)) => *hpa,
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
fn rollouts_say_where_they_stand() {
    let deployment = |spec: Value, status: Value| {
        let meta = json!({"name": "shop", "generation": 5, "annotations": {"deployment.kubernetes.io/revision": "44"}});
        workload(
            &Kind::Deployment,
            &json!({"metadata": meta, "spec": spec, "status": status}),
        )
    };
    let complete =
        json!([{"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}]);
    let progressing =
        json!([{"type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated"}]);
    let status = |replicas: u32, updated: u32, ready: u32, conditions: &Value| {
        json!({"observedGeneration": 5, "replicas": replicas, "updatedReplicas": updated, "readyReplicas": ready,
            "availableReplicas": ready, "conditions": conditions})
    };
    for (spec, status, word, health, rolling) in [
        (
            json!({"replicas": 3}),
            status(3, 3, 3, &complete),
            "Running",
            Health::Good,
            false,
        ),
        (
            json!({"replicas": 3}),
            status(4, 1, 3, &progressing),
            "Rolling out",
            Health::Busy,
            true,
        ),
        (
            json!({"replicas": 3}),
            status(3, 3, 1, &complete),
            "Degraded",
            Health::Warn,
            false,
        ),
        (
            json!({"replicas": 3}),
            status(3, 3, 0, &complete),
            "Degraded",
            Health::Bad,
            false,
        ),
        (
            json!({"replicas": 9}),
            status(3, 3, 3, &complete),
            "Scaling",
            Health::Busy,
            false,
        ),
        (
            json!({"replicas": 0}),
            status(0, 0, 0, &complete),
            "Scaled to 0",
            Health::Idle,
            false,
        ),
        (
            json!({"replicas": 3, "paused": true}),
            status(3, 3, 3, &complete),
            "Paused",
            Health::Warn,
            false,
        ),
        (
            json!({"replicas": 3}),
            json!({"observedGeneration": 4}),
            "Rolling out",
            Health::Busy,
            true,
        ),
    ] {
        let row = deployment(spec, status);
        let rollout = row.rollout.unwrap();
        assert_eq!(
            (&*row.status, row.health, rollout.rolling),
            (word, health, rolling)
        );
        assert_eq!(&*rollout.revision, "44");
    }
    let late = json!([{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "ReplicaSet \"shop-1\" has timed out progressing."}]);
    let stuck = deployment(json!({"replicas": 3}), status(4, 1, 3, &late));
    assert_eq!((&*stuck.status, stuck.health), ("Stuck", Health::Bad));
    assert!(stuck.rollout.unwrap().stuck.unwrap().contains("timed out"));
    let quota = json!([{"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "exceeded quota: compute"}]);
    let stuck = deployment(json!({"replicas": 3}), status(2, 2, 2, &quota));
    assert_eq!(
        stuck.why.unwrap().as_str(),
        "cannot make pods: exceeded quota: compute"
    );

    let set = |spec: Value, updated: u32| {
        workload(
            &Kind::StatefulSet,
            &json!({"metadata": {"name": "db"}, "spec": spec, "status": {"replicas": 3, "readyReplicas": 3,
            "availableReplicas": 3, "updatedReplicas": updated, "currentRevision": "db-old", "updateRevision": "db-new"}}),
        )
    };
    let rolling = set(json!({"replicas": 3}), 1);
    assert_eq!(
        (&*rolling.status, &*rolling.rollout.unwrap().revision),
        ("Rolling out", "new")
    );
    let held = set(
        json!({"replicas": 3, "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}}),
        1,
    );
    assert_eq!((&*held.status, held.health), ("Running", Health::Good));
    assert_eq!(
        held.why.unwrap().as_str(),
        "held at partition 2: 1 of 3 pods are new"
    );
    let by_hand = set(
        json!({"replicas": 3, "updateStrategy": {"type": "OnDelete"}}),
        1,
    );
    assert!(
        by_hand
            .why
            .unwrap()
            .contains("2 old pods wait to be deleted by hand")
    );
}

#[test]
fn jobs_say_how_they_ended() {
    let job = |spec: Value, status: Value| {
        workload(
            &Kind::Job,
            &json!({"metadata": {"name": "j"}, "spec": spec, "status": status}),
        )
    };
    let ended = |kind: &str, reason: &str| json!([{"type": kind, "status": "True", "reason": reason, "message": "m", "lastTransitionTime": "2026-01-01T00:00:00Z"}]);
    let done = job(
        json!({"completions": 2}),
        json!({"succeeded": 2, "conditions": ended("Complete", "")}),
    );
    assert_eq!(
        (&*done.status, done.health, done.ready, done.desired),
        ("Complete", Health::Idle, 2, Some(2))
    );
    assert!(done.finished.is_some());
    let failed = job(
        json!({"backoffLimit": 1}),
        json!({"failed": 2, "conditions": ended("Failed", "BackoffLimitExceeded")}),
    );
    assert_eq!(
        failed.why.unwrap().as_str(),
        "gave up: 2 pods failed, 1 retries allowed"
    );
    let late = job(
        json!({"activeDeadlineSeconds": 60}),
        json!({"conditions": ended("Failed", "DeadlineExceeded")}),
    );
    assert_eq!(
        late.why.unwrap().as_str(),
        "took longer than its deadline of 60 s"
    );
    assert_eq!(
        &*job(json!({"suspend": true}), json!({})).status,
        "Suspended"
    );
    let cron = |spec: Value, status: Value| {
        workload(
            &Kind::CronJob,
            &json!({"metadata": {"name": "c"}, "spec": spec, "status": status}),
        )
    };
    assert_eq!(
        cron(json!({"suspend": true}), json!({})).health,
        Health::Idle
    );
    let missed = cron(
        json!({"schedule": "0 2 * * *"}),
        json!({"lastScheduleTime": "2026-01-02T00:00:00Z", "lastSuccessfulTime": "2026-01-01T00:05:00Z"}),
    );
    assert_eq!(
        missed.why.unwrap().as_str(),
        "the last run has not succeeded"
    );
}

#[test]
fn autoscalers_say_why_they_do_not_scale() {
    let spec = json!({"minReplicas": 2, "maxReplicas": 10, "scaleTargetRef": {"kind": "Deployment", "name": "shop"}, "metrics": [
        {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}}]});
    let metrics = |percent: u32| json!([{"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": percent, "averageValue": "9m"}}}]);
    let condition = |kind: &str, status: &str, reason: &str, message: &str| json!({"type": kind, "status": status, "reason": reason, "message": message});
    let able = condition("AbleToScale", "True", "ReadyForNewScale", "");
    let active = condition("ScalingActive", "True", "ValidMetricFound", "");
    for (replicas, desired, percent, conditions, word, health, why) in [
        (
            3,
            3,
            70,
            json!([able, active]),
            "Steady",
            Health::Good,
            "on target",
        ),
        (
            3,
            5,
            120,
            json!([able, active]),
            "Scaling",
            Health::Busy,
            "scaling from 3 to 5",
        ),
        (
            10,
            10,
            96,
            json!([
                able,
                active,
                condition("ScalingLimited", "True", "TooManyReplicas", "")
            ]),
            "At maximum",
            Health::Warn,
            "at its maximum of 10; the metrics ask for 14",
        ),
        (
            2,
            2,
            10,
            json!([
                able,
                active,
                condition("ScalingLimited", "True", "TooFewReplicas", "")
            ]),
            "At minimum",
            Health::Good,
            "at its minimum of 2; the metrics ask for 1",
        ),
        (
            3,
            3,
            20,
            json!([
                condition("AbleToScale", "True", "ScaleDownStabilized", ""),
                active
            ]),
            "Steady",
            Health::Good,
            "waits: scale-down stabilisation",
        ),
        (
            0,
            0,
            0,
            json!([
                able,
                condition("ScalingActive", "False", "ScalingDisabled", "")
            ]),
            "Off",
            Health::Idle,
            "off: target is scaled to 0",
        ),
        (
            3,
            3,
            0,
            json!([
                able,
                condition(
                    "ScalingActive",
                    "False",
                    "FailedGetResourceMetric",
                    "the HPA was unable to compute the replica count: failed to get cpu utilization: missing request for cpu in container shop of Pod shop-1"
                )
            ]),
            "Blind",
            Health::Bad,
            "blind: container shop has no cpu request",
        ),
        (
            3,
            3,
            0,
            json!([
                able,
                condition(
                    "ScalingActive",
                    "False",
                    "FailedGetResourceMetric",
                    "failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)"
                )
            ]),
            "Blind",
            Health::Bad,
            "blind: the cluster has no metrics API (metrics-server)",
        ),
        (
            3,
            3,
            0,
            json!([
                able,
                condition("ScalingActive", "False", "InvalidSelector", "x")
            ]),
            "Blind",
            Health::Bad,
            "blind: its target has no usable selector",
        ),
        (
            3,
            3,
            0,
            json!([condition(
                "AbleToScale",
                "False",
                "FailedGetScale",
                "deployments.apps \"shop\" not found"
            )]),
            "Blind",
            Health::Bad,
            "its target Deployment/shop does not exist",
        ),
    ] {
        let status = json!({"currentReplicas": replicas, "desiredReplicas": desired, "currentMetrics": metrics(percent), "conditions": conditions});
        let row = hpa(&spec, &status);
        let got = row
            .why
            .clone()
            .map(|why| why.to_string())
            .unwrap_or_default();
        assert_eq!(
            (&*row.status, row.health, got.as_str()),
            (word, health, why)
        );
    }
}

#[test]
fn metrics_of_every_type_are_compared_with_their_targets() {
    let spec = json!({"metrics": [
        {"type": "Pods", "pods": {"metric": {"name": "rps"}, "target": {"type": "AverageValue", "averageValue": "1500m"}}},
        {"type": "Object", "object": {"metric": {"name": "queue"}, "describedObject": {"kind": "Service", "name": "s"}, "target": {"type": "Value", "value": "10k"}}},
        {"type": "External", "external": {"metric": {"name": "lag"}, "target": {"type": "AverageValue", "averageValue": "30"}}},
        {"type": "ContainerResource", "containerResource": {"name": "memory", "container": "shop", "target": {"type": "AverageValue", "averageValue": "128Mi"}}},
        {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}},
    ]});
    let status = json!({"currentMetrics": [
        {"type": "ContainerResource", "containerResource": {"name": "memory", "container": "shop", "current": {"averageValue": "67108864"}}},
        {"type": "Pods", "pods": {"metric": {"name": "rps"}, "current": {"averageValue": "3"}}},
        {"type": "Object", "object": {"metric": {"name": "queue"}, "describedObject": {"kind": "Service", "name": "s"}, "current": {"value": "2500"}}},
        {"type": ""},
    ]});
    let metrics = hpa(&spec, &status).metrics;
    let said: Vec<_> = metrics
        .iter()
        .map(|one| {
            format!(
                "{} {}/{} {:?}",
                one.name, one.current, one.target, one.share
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            "rps 3/1.5 Some(2.0)",
            "queue 2500/10k Some(0.25)",
            "lag /30 None",
            "memory of shop 64Mi/128Mi Some(0.5)",
            "cpu /70 % None",
        ]
    );
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
