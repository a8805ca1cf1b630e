//! Jobs and cron jobs as rows.

use super::conditions::having;
use super::trouble::quote;
use super::workload::{Template, selector};
use super::{Interner, count, meta};
use crate::model::{EndpointId, Health, Schedule, Workload, WorkloadKind};
use crate::sources::kubernetes::wire::message::batch as message;

/// Makes the row of a job.
pub fn job(message: &message::Job, interner: &mut Interner, endpoint: EndpointId) -> Workload {
    let spec = message.spec.clone().unwrap_or_default();
    let status = message.status.clone().unwrap_or_default();
    let meta = meta(message.metadata.as_ref(), interner, endpoint);
    let (active, succeeded) = (count(status.active), count(status.succeeded));
    let failed = count(status.failed);
    let done = having(&status.conditions, "Complete", "True");
    let broken = having(&status.conditions, "Failed", "True");
    let (word, health, why) = if let Some(broken) = broken {
        (
            "Failed",
            Health::Bad,
            broke(&broken.reason, &broken.message, &spec, failed),
        )
    } else if done.is_some() {
        ("Complete", Health::Idle, String::new())
    } else if meta.deleting.is_some() {
        ("Terminating", Health::Busy, String::new())
    } else if spec.suspend {
        ("Suspended", Health::Idle, String::new())
    } else if having(&status.conditions, "FailureTarget", "True").is_some() {
        (
            "Failing",
            Health::Bad,
            "its pods are being stopped".to_owned(),
        )
    } else if failed > 0 {
        let limit = spec.backoff_limit.unwrap_or(6);
        (
            "Running",
            Health::Warn,
            format!("{failed} of its pods failed, {limit} retries allowed"),
        )
    } else if active > 0 {
        ("Running", Health::Busy, String::new())
    } else {
        ("Pending", Health::Busy, String::new())
    };
    let ended = broken
        .or(done)
        .and_then(|one| one.last_transition_time?.moment());
    let template = Template::of(spec.template.as_ref(), interner);
    Workload {
        kind: WorkloadKind::Job,
        status: interner.name(word),
        health,
        why: (!why.is_empty()).then(|| why.into()),
        // Without completions a job of many is done with its first success.
        desired: Some(count(spec.completions.or(spec.parallelism).unwrap_or(1))),
        ready: succeeded,
        updated: 0,
        available: status.ready.map_or(0, count),
        current: active,
        failed,
        images: template.images,
        containers: template.containers,
        selector: selector(spec.selector.as_ref(), interner),
        requests: template.requests,
        limits: template.limits,
        rollout: None,
        schedule: None,
        finished: status
            .completion_time
            .and_then(|time| time.moment())
            .or(ended),
        started: status.start_time.and_then(|time| time.moment()),
        meta,
    }
}

fn broke(reason: &str, message: &str, spec: &message::JobSpec, failed: u32) -> String {
    match reason {
        "BackoffLimitExceeded" => {
            let limit = spec.backoff_limit.unwrap_or(6);
            format!("gave up: {failed} pods failed, {limit} retries allowed")
        }
        "DeadlineExceeded" => match spec.active_deadline_seconds {
            Some(seconds) => format!("took longer than its deadline of {seconds} s"),
            None => "took longer than its deadline".to_owned(),
        },
        _ if message.is_empty() => reason.to_owned(),
        _ => format!("{reason}: {}", quote(message)),
    }
}

/// Makes the row of a cron job.
pub fn cron_job(
    message: &message::CronJob,
    interner: &mut Interner,
    endpoint: EndpointId,
) -> Workload {
    let spec = message.spec.clone().unwrap_or_default();
    let status = message.status.clone().unwrap_or_default();
    let meta = meta(message.metadata.as_ref(), interner, endpoint);
    let job = spec.job_template.and_then(|template| template.spec);
    let template = Template::of(job.as_ref().and_then(|job| job.template.as_ref()), interner);
    let last = status.last_schedule_time.and_then(|time| time.moment());
    let last_success = status.last_successful_time.and_then(|time| time.moment());
    let running = status.active.len() as u32;
    let (word, health, why) = if meta.deleting.is_some() {
        ("Terminating", Health::Busy, "")
    } else if spec.suspend {
        ("Suspended", Health::Idle, "")
    } else if running > 0 {
        ("Running", Health::Busy, "")
    } else if last.is_some() && last_success < last {
        // Every finished run is later than its schedule, so the last one has not succeeded.
        let why = if last_success.is_none() {
            "no run has succeeded yet"
        } else {
            "the last run has not succeeded"
        };
        ("Scheduled", Health::Warn, why)
    } else {
        ("Scheduled", Health::Good, "")
    };
    Workload {
        kind: WorkloadKind::CronJob,
        status: interner.name(word),
        health,
        why: (!why.is_empty()).then(|| why.into()),
        desired: None,
        ready: 0,
        updated: 0,
        available: 0,
        current: running,
        failed: 0,
        images: template.images,
        containers: template.containers,
        selector: interner.labels(&[]),
        requests: template.requests,
        limits: template.limits,
        rollout: None,
        schedule: Some(Schedule {
            cron: interner.name(&spec.schedule),
            zone: interner.name(&spec.time_zone),
            suspended: spec.suspend,
            last,
            last_success,
        }),
        finished: None,
        started: last,
        meta,
    }
}
