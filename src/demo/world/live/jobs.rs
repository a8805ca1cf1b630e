//! The job and cron job controllers.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::events::{Source, emit};
use super::life::later;
use super::pods::{create, leaving, owned, ready, reference};
use crate::demo::world::item::{list, number, set, text};
use crate::demo::world::resource;
use crate::demo::world::{Cluster, seconds};

const JOB: Source<'_> = Source {
    component: "job-controller",
    host: "",
    field: "",
};
const CRON: Source<'_> = Source {
    component: "cronjob-controller",
    host: "",
    field: "",
};

/// Brings a job's pods and status to what its spec asks for.
pub(crate) fn reconcile(c: &mut Cluster, namespace: &str, name: &str) {
    let Some(job) = c.get(&resource::JOBS, namespace, name) else {
        return;
    };
    if finished(&job) || job.pointer("/metadata/deletionTimestamp").is_some() {
        return;
    }
    let pods = owned(c, &resource::PODS, namespace, text(&job, "/metadata/uid"));
    let phase = |word: &str| {
        pods.iter()
            .filter(|p| text(p, "/status/phase") == word)
            .count() as i64
    };
    let (succeeded, failed) = (phase("Succeeded"), phase("Failed"));
    let active = pods
        .iter()
        .filter(|p| !leaving(p) && !matches!(text(p, "/status/phase"), "Succeeded" | "Failed"))
        .count() as i64;
    let want = job
        .pointer("/spec/completions")
        .and_then(Value::as_i64)
        .unwrap_or(1);
    let limit = job
        .pointer("/spec/backoffLimit")
        .and_then(Value::as_i64)
        .unwrap_or(6);
    let suspended = job.pointer("/spec/suspend") == Some(&Value::Bool(true));
    let (complete, broken) = (succeeded >= want, failed > limit);
    let mut running = active;
    if !complete && !broken && !suspended {
        let parallel = number(&job, "/spec/parallelism").max(1);
        for _ in active..parallel.min(want - succeeded) {
            let mut template = job.pointer("/spec/template").cloned().unwrap_or_default();
            for (key, value) in [
                ("batch.kubernetes.io~1job-name", name),
                ("job-name", name),
                (
                    "batch.kubernetes.io~1controller-uid",
                    text(&job, "/metadata/uid"),
                ),
            ] {
                set(&mut template, &format!("/metadata/labels/{key}"), value);
            }
            create(c, (&resource::JOBS, &job), &template, None, None);
            running += 1;
        }
    }
    let now = seconds(c.now);
    let ready_now = pods.iter().filter(|p| ready(p)).count();
    let updated = c.edit(&resource::JOBS, namespace, name, |o| {
        for (key, value) in [("active", running), ("succeeded", succeeded), ("failed", failed)] {
            if value > 0 || o.pointer(&format!("/status/{key}")).is_some() {
                set(o, &format!("/status/{key}"), value);
            }
        }
        set(o, "/status/ready", ready_now);
        set(o, "/status/terminating", 0);
        if text(o, "/status/startTime").is_empty() && !suspended {
            set(o, "/status/startTime", now.clone());
        }
        if complete {
            set(o, "/status/active", 0);
            set(o, "/status/completionTime", now.clone());
            let condition = |kind: &str| json!({"type": kind, "status": "True", "lastProbeTime": now, "lastTransitionTime": now, "reason": "CompletionsReached",
                "message": "Reached expected number of succeeded pods"});
            set(o, "/status/conditions", json!([condition("SuccessCriteriaMet"), condition("Complete")]));
        } else if broken {
            set(o, "/status/active", 0);
            let condition = |kind: &str| json!({"type": kind, "status": "True", "lastProbeTime": now, "lastTransitionTime": now, "reason": "BackoffLimitExceeded",
                "message": "Job has reached the specified backoff limit"});
            set(o, "/status/conditions", json!([condition("FailureTarget"), condition("Failed")]));
        }
    });
    if let Some(job) = updated.filter(|_| complete || broken) {
        if complete {
            emit(
                c,
                (&resource::JOBS, &job),
                false,
                "Completed",
                "Job completed",
                JOB,
            );
        } else {
            emit(
                c,
                (&resource::JOBS, &job),
                true,
                "BackoffLimitExceeded",
                "Job has reached the specified backoff limit",
                JOB,
            );
        }
        settle(c, &job, complete);
    }
}

/// Whether a job has ended, well or not.
pub(crate) fn finished(job: &Value) -> bool {
    list(job, "/status/conditions")
        .iter()
        .any(|c| matches!(text(c, "/type"), "Complete" | "Failed") && text(c, "/status") == "True")
}

/// Tells the job's cron job that it ended, and removes jobs beyond its history.
fn settle(c: &mut Cluster, job: &Value, well: bool) {
    let namespace = text(job, "/metadata/namespace");
    let Some(owner) = list(job, "/metadata/ownerReferences")
        .first()
        .map(|o| text(o, "/name").to_owned())
    else {
        return;
    };
    let (name, now) = (text(job, "/metadata/name").to_owned(), seconds(c.now));
    let Some(cron) = c.edit(&resource::CRON_JOBS, namespace, &owner, |o| {
        let active: Vec<Value> = list(o, "/status/active")
            .iter()
            .filter(|a| text(a, "/name") != name)
            .cloned()
            .collect();
        set(o, "/status/active", active);
        if well {
            set(o, "/status/lastSuccessfulTime", now);
        }
    }) else {
        return;
    };
    emit(
        c,
        (&resource::CRON_JOBS, &cron),
        false,
        "SawCompletedJob",
        &format!(
            "Saw completed job: {name}, condition: {}",
            if well { "Complete" } else { "Failed" }
        ),
        CRON,
    );
    for (well, limit) in [
        (true, "/spec/successfulJobsHistoryLimit"),
        (false, "/spec/failedJobsHistoryLimit"),
    ] {
        let mut ended: Vec<Arc<Value>> =
            owned(c, &resource::JOBS, namespace, text(&cron, "/metadata/uid"))
                .into_iter()
                .filter(|j| finished(j) && well == (number(j, "/status/succeeded") > 0))
                .collect();
        ended.sort_by(|a, b| {
            text(a, "/metadata/creationTimestamp").cmp(text(b, "/metadata/creationTimestamp"))
        });
        let surplus = ended
            .len()
            .saturating_sub(number(&cron, limit).max(0) as usize);
        for old in ended.into_iter().take(surplus) {
            super::collect(c, &resource::JOBS, &old);
        }
    }
}

/// Starts the jobs of all cron jobs whose minute has come.
pub(crate) fn tick(c: &mut Cluster) {
    let Some(minute) = Timestamp::from_second(c.now.as_second() / 60 * 60).ok() else {
        return;
    };
    for cron in c.all(&resource::CRON_JOBS) {
        if cron.pointer("/spec/suspend") != Some(&Value::Bool(true))
            && matches(text(&cron, "/spec/schedule"), minute)
        {
            trigger(c, &cron, minute);
        }
    }
}

fn trigger(c: &mut Cluster, cron: &Value, minute: Timestamp) {
    let (namespace, name) = (
        text(cron, "/metadata/namespace"),
        text(cron, "/metadata/name"),
    );
    let job_name = format!("{name}-{}", minute.as_second() / 60);
    if c.get(&resource::JOBS, namespace, &job_name).is_some() {
        return;
    }
    if !list(cron, "/status/active").is_empty() && text(cron, "/spec/concurrencyPolicy") == "Forbid"
    {
        emit(
            c,
            (&resource::CRON_JOBS, cron),
            false,
            "JobAlreadyActive",
            "Not starting job because prior execution is running and concurrency policy is Forbid",
            CRON,
        );
        return;
    }
    let at = seconds(minute);
    let labels = cron
        .pointer("/spec/jobTemplate/metadata/labels")
        .cloned()
        .unwrap_or_else(|| json!({}));
    let mut spec = cron
        .pointer("/spec/jobTemplate/spec")
        .cloned()
        .unwrap_or_default();
    if spec.pointer("/completions").is_none() {
        set(&mut spec, "/completions", 1);
    }
    let job = c.put(&resource::JOBS, json!({"metadata": {"name": job_name, "namespace": namespace, "labels": labels, "generation": 1,
        "annotations": {"batch.kubernetes.io/cronjob-scheduled-timestamp": at}, "ownerReferences": [reference(&resource::CRON_JOBS, cron)]},
        "spec": spec, "status": {}}));
    let active = json!([{"kind": "Job", "apiVersion": "batch/v1", "namespace": namespace, "name": job_name, "uid": text(&job, "/metadata/uid")}]);
    c.edit(&resource::CRON_JOBS, namespace, name, |o| {
        set(o, "/status/active", active);
        set(o, "/status/lastScheduleTime", at);
    });
    emit(
        c,
        (&resource::CRON_JOBS, cron),
        false,
        "SuccessfulCreate",
        &format!("Created job {job_name}"),
        CRON,
    );
}

/// The next minute, as a time.
pub(crate) fn next_minute(now: Timestamp) -> Timestamp {
    Timestamp::from_second((now.as_second() / 60 + 1) * 60).unwrap_or_else(|_| later(now, 60_000))
}

/// Whether a schedule such as `*/10 2 * * 0` has the minute, in UTC.
pub(crate) fn matches(schedule: &str, minute: Timestamp) -> bool {
    let at = minute.to_zoned(TimeZone::UTC);
    let now = [
        i64::from(at.minute()),
        i64::from(at.hour()),
        i64::from(at.day()),
        i64::from(at.month()),
        i64::from(at.weekday().to_sunday_zero_offset()),
    ];
    let fields: Vec<&str> = schedule.split_whitespace().collect();
    fields.len() == 5
        && fields
            .iter()
            .zip(now)
            .all(|(field, value)| field.split(',').any(|part| one(part, value)))
}

fn one(part: &str, value: i64) -> bool {
    let (range, step) = part.split_once('/').map_or((part, 1), |(range, step)| {
        (range, step.parse().unwrap_or(1))
    });
    let (low, high) = match (range, range.split_once('-')) {
        ("*", _) => (0, 59),
        (_, Some((low, high))) => (low.parse().unwrap_or(0), high.parse().unwrap_or(59)),
        (only, None) => {
            let only = only.parse().unwrap_or(-1);
            (only, only)
        }
    };
    (low..=high).contains(&value) && (value - low) % step.max(1) == 0
}
