//! Jobs and cron jobs.

use super::meta::{Condition, LabelSelector, ObjectMeta, ObjectReference, Time};
use super::pod::PodTemplate;

messages! {
    Job {
        metadata: Option<ObjectMeta> = message optional "1";
        spec: Option<JobSpec> = message optional "2";
        status: Option<JobStatus> = message optional "3";
    }

    JobSpec {
        parallelism: Option<i32> = int32 optional "1";
        completions: Option<i32> = int32 optional "2";
        active_deadline_seconds: Option<i64> = int64 optional "3";
        selector: Option<LabelSelector> = message optional "4";
        template: Option<PodTemplate> = message optional "6";
        backoff_limit: Option<i32> = int32 optional "7";
        suspend: bool = bool "10";
    }

    JobStatus {
        conditions: Vec<Condition> = message repeated "1";
        start_time: Option<Time> = message optional "2";
        completion_time: Option<Time> = message optional "3";
        active: i32 = int32 "4";
        succeeded: i32 = int32 "5";
        failed: i32 = int32 "6";
        ready: Option<i32> = int32 optional "9";
    }

    CronJob {
        metadata: Option<ObjectMeta> = message optional "1";
        spec: Option<CronJobSpec> = message optional "2";
        status: Option<CronJobStatus> = message optional "3";
    }

    CronJobSpec {
        schedule: String = string "1";
        concurrency_policy: String = string "3";
        suspend: bool = bool "4";
        job_template: Option<JobTemplate> = message optional "5";
        time_zone: String = string "8";
    }

    JobTemplate {
        spec: Option<JobSpec> = message optional "2";
    }

    CronJobStatus {
        active: Vec<ObjectReference> = message repeated "1";
        last_schedule_time: Option<Time> = message optional "4";
        last_successful_time: Option<Time> = message optional "5";
    }
}
