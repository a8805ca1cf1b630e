//! Deployments, StatefulSets, DaemonSets, ReplicaSets, Jobs and CronJobs.

use serde_json::Value;

use super::parts;
use super::pod::span;
use super::sheet::Sheet;
use crate::model::{Health, Kind};
use crate::sources::kubernetes::json::{list, moment, number, said, word, yes};

pub(super) fn describe(sheet: &mut Sheet, kind: &Kind, object: &Value) {
    match kind {
        Kind::Deployment => deployment(sheet, object),
        Kind::StatefulSet => stateful_set(sheet, object),
        Kind::DaemonSet => daemon_set(sheet, object),
        Kind::ReplicaSet => replicas(sheet, object),
        Kind::Job => job(sheet, object),
        _ => cron_job(sheet, object),
    }
    if *kind != Kind::CronJob {
        sheet.fact("Selector", parts::selector(object, "/spec/selector"));
    }
    let observed = number(object, "/status/observedGeneration");
    let generation = number(object, "/metadata/generation");
    if let (Some(observed), Some(generation)) = (observed, generation)
        && observed < generation
    {
        let value = format!("generation {generation} was not looked at yet (last: {observed})");
        sheet.flag("Controller", value, Health::Busy);
    }
    let template = if *kind == Kind::CronJob {
        "/spec/jobTemplate/spec/template"
    } else {
        "/spec/template"
    };
    template_of(sheet, object.pointer(template).unwrap_or(&Value::Null));
    sheet.section("Claims");
    for claim in list(object, "/spec/volumeClaimTemplates") {
        let size = said(claim, "/spec/resources/requests/storage");
        let class = word(claim, "/spec/storageClassName");
        let modes = parts::joined(claim, "/spec/accessModes");
        let facts = [size.as_str(), class, modes.as_str()];
        let facts: Vec<_> = facts.into_iter().filter(|part| !part.is_empty()).collect();
        sheet.fact(word(claim, "/metadata/name"), facts.join(", "));
    }
}

/// `3 wanted, 2 updated, 2 ready, 1 unavailable`
fn replicas(sheet: &mut Sheet, object: &Value) {
    let count = |key: &str| number(object, &format!("/status/{key}"));
    let wanted = number(object, "/spec/replicas").unwrap_or(1);
    let ready = count("readyReplicas").unwrap_or_default();
    let mut words = vec![format!("{wanted} wanted")];
    for (key, label) in [
        ("updatedReplicas", "updated"),
        ("readyReplicas", "ready"),
        ("availableReplicas", "available"),
        ("unavailableReplicas", "unavailable"),
    ] {
        if let Some(number) =
            count(key).filter(|number| key != "unavailableReplicas" || *number > 0)
        {
            words.push(format!("{number} {label}"));
        }
    }
    let health = match (wanted, ready) {
        (0, _) => Health::Idle,
        (wanted, ready) if ready >= wanted => Health::Good,
        (_, 0) => Health::Bad,
        _ => Health::Warn,
    };
    sheet.flag("Replicas", words.join(", "), health);
}

fn deployment(sheet: &mut Sheet, object: &Value) {
    replicas(sheet, object);
    if yes(object, "/spec/paused") {
        sheet.flag(
            "Paused",
            "changes to the template do nothing until it goes on",
            Health::Warn,
        );
    }
    let revision = object
        .pointer("/metadata/annotations/deployment.kubernetes.io~1revision")
        .and_then(Value::as_str)
        .unwrap_or_default();
    sheet.fact("Revision", revision);
    let strategy = word(object, "/spec/strategy/type");
    let surge = said(object, "/spec/strategy/rollingUpdate/maxSurge");
    let unavailable = said(object, "/spec/strategy/rollingUpdate/maxUnavailable");
    sheet.fact(
        "Strategy",
        if surge.is_empty() && unavailable.is_empty() {
            strategy.to_owned()
        } else {
            format!("{strategy}, at most {surge} more and {unavailable} unavailable")
        },
    );
    seconds(sheet, object, "Ready for", "/spec/minReadySeconds", 0);
    seconds(
        sheet,
        object,
        "Deadline",
        "/spec/progressDeadlineSeconds",
        600,
    );
    sheet.fact("History", said(object, "/spec/revisionHistoryLimit"));
}

fn stateful_set(sheet: &mut Sheet, object: &Value) {
    replicas(sheet, object);
    let (current, update) = (
        word(object, "/status/currentRevision"),
        word(object, "/status/updateRevision"),
    );
    if current == update {
        sheet.fact("Revision", current);
    } else {
        sheet.flag("Revision", format!("{current} → {update}"), Health::Busy);
    }
    let partition =
        number(object, "/spec/updateStrategy/rollingUpdate/partition").unwrap_or_default();
    let strategy = word(object, "/spec/updateStrategy/type");
    sheet.fact(
        "Strategy",
        if partition > 0 {
            format!("{strategy}, only ordinals from {partition}")
        } else {
            strategy.to_owned()
        },
    );
    sheet.fact("Pods", word(object, "/spec/podManagementPolicy"));
    sheet.fact("Service", word(object, "/spec/serviceName"));
    let (deleted, scaled) = (
        word(
            object,
            "/spec/persistentVolumeClaimRetentionPolicy/whenDeleted",
        ),
        word(
            object,
            "/spec/persistentVolumeClaimRetentionPolicy/whenScaled",
        ),
    );
    if deleted == "Delete" || scaled == "Delete" {
        let value = format!("when deleted: {deleted}, when scaled down: {scaled}");
        sheet.flag("Claims", value, Health::Warn);
    }
}

fn daemon_set(sheet: &mut Sheet, object: &Value) {
    let count = |key: &str| number(object, &format!("/status/{key}")).unwrap_or_default();
    let (wanted, ready) = (count("desiredNumberScheduled"), count("numberReady"));
    let words = format!(
        "{wanted} wanted, {} scheduled, {} updated, {ready} ready, {} available",
        count("currentNumberScheduled"),
        count("updatedNumberScheduled"),
        count("numberAvailable")
    );
    let health = match (wanted, ready) {
        (0, _) => Health::Idle,
        (wanted, ready) if ready >= wanted => Health::Good,
        (_, 0) => Health::Bad,
        _ => Health::Warn,
    };
    sheet.flag("Pods", words, health);
    if count("numberMisscheduled") > 0 {
        let value = format!(
            "{} on nodes that should have none",
            count("numberMisscheduled")
        );
        sheet.flag("Misplaced", value, Health::Warn);
    }
    let strategy = word(object, "/spec/updateStrategy/type");
    let surge = said(object, "/spec/updateStrategy/rollingUpdate/maxSurge");
    let unavailable = said(object, "/spec/updateStrategy/rollingUpdate/maxUnavailable");
    sheet.fact(
        "Strategy",
        if unavailable.is_empty() {
            strategy.to_owned()
        } else {
            format!("{strategy}, at most {surge} more and {unavailable} unavailable")
        },
    );
    sheet.fact(
        "Node selector",
        parts::selector(object, "/spec/template/spec/nodeSelector"),
    );
}

fn job(sheet: &mut Sheet, object: &Value) {
    let count = |key: &str| number(object, &format!("/status/{key}")).unwrap_or_default();
    let wanted = number(object, "/spec/completions").unwrap_or(1);
    let failed = count("failed");
    let ended = |sort: &str| {
        list(object, "/status/conditions").iter().any(|condition| {
            word(condition, "/type") == sort && word(condition, "/status") == "True"
        })
    };
    let health = if ended("Failed") {
        Health::Bad
    } else if ended("Complete") {
        Health::Idle
    } else if failed > 0 {
        Health::Warn
    } else {
        Health::Busy
    };
    let words = format!(
        "{} of {wanted} completed, {} running, {failed} failed",
        count("succeeded"),
        count("active")
    );
    sheet.flag("Pods", words, health);
    if yes(object, "/spec/suspend") {
        sheet.flag("Suspended", "no pods are started", Health::Idle);
    }
    sheet.time("Started", moment(object, "/status/startTime"));
    sheet.time("Completed", moment(object, "/status/completionTime"));
    let times = (
        moment(object, "/status/startTime"),
        moment(object, "/status/completionTime"),
    );
    if let (Some(started), Some(completed)) = times {
        sheet.fact("Took", span(started.age(completed)));
    }
    sheet.fact("Parallel", said(object, "/spec/parallelism"));
    sheet.fact(
        "Retries",
        format!("at most {}", said(object, "/spec/backoffLimit")),
    );
    seconds(sheet, object, "Deadline", "/spec/activeDeadlineSeconds", -1);
    seconds(
        sheet,
        object,
        "Kept for",
        "/spec/ttlSecondsAfterFinished",
        -1,
    );
}

fn cron_job(sheet: &mut Sheet, object: &Value) {
    let zone = word(object, "/spec/timeZone");
    let zone = if zone.is_empty() {
        String::new()
    } else {
        format!(" ({zone})")
    };
    sheet.fact(
        "Schedule",
        format!("{}{zone}", word(object, "/spec/schedule")),
    );
    if yes(object, "/spec/suspend") {
        sheet.flag("Suspended", "no jobs are started", Health::Idle);
    }
    sheet.time("Last run", moment(object, "/status/lastScheduleTime"));
    sheet.time("Last success", moment(object, "/status/lastSuccessfulTime"));
    let active = list(object, "/status/active")
        .iter()
        .map(|job| word(job, "/name").to_owned());
    sheet.lines("Running", active);
    sheet.fact("Concurrency", word(object, "/spec/concurrencyPolicy"));
    seconds(
        sheet,
        object,
        "Start within",
        "/spec/startingDeadlineSeconds",
        -1,
    );
    let (good, bad) = (
        said(object, "/spec/successfulJobsHistoryLimit"),
        said(object, "/spec/failedJobsHistoryLimit"),
    );
    if !good.is_empty() || !bad.is_empty() {
        sheet.fact("Keeps", format!("{good} successful, {bad} failed"));
    }
}

/// A number of seconds, unless it is the usual one.
fn seconds(sheet: &mut Sheet, object: &Value, label: &str, pointer: &str, usual: i64) {
    if let Some(seconds) = number(object, pointer).filter(|seconds| *seconds != usual) {
        sheet.fact(label, format!("{seconds} s"));
    }
}

/// What the pods will be.
fn template_of(sheet: &mut Sheet, template: &Value) {
    let spec = template.get("spec").unwrap_or(&Value::Null);
    for (containers, sort) in [
        ("/containers", "Container"),
        ("/initContainers", "Init container"),
    ] {
        for container in list(spec, containers) {
            let sidecar = sort == "Init container" && word(container, "/restartPolicy") == "Always";
            let sort = if sidecar { "Sidecar" } else { sort };
            sheet.section(&format!("{sort} {}", word(container, "/name")));
            parts::container_spec(sheet, container);
        }
    }
    parts::volumes(sheet, spec);
    sheet.section("Pod template");
    sheet.fact("Labels", parts::selector(template, "/metadata/labels"));
    sheet.fact("Service account", word(spec, "/serviceAccountName"));
    sheet.fact("Node selector", parts::selector(spec, "/nodeSelector"));
    sheet.fact("Priority class", word(spec, "/priorityClassName"));
    parts::tolerations(sheet, spec);
}
