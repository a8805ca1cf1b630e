//! Where a rollout stands and how a job ended, as their rows say it.

use quarterdeck::model::{Health, Kind, Row, Workload};
use quarterdeck::sources::kubernetes::wire::Format;
use serde_json::{Value, json};

use crate::wire::row;

fn workload(kind: &Kind, object: &Value) -> Workload {
    match row(kind, Format::Json, object.to_string()) {
        Some(Row::Workload(workload)) => *workload,
        other => panic!("{other:?}"),
    }
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table of cases")]
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
