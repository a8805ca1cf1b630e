//! Run a CronJob now: one Job of its template, followed to its end.

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::{pause, references};
use crate::actions::Action;
use crate::actions::argument::Arguments;
use crate::actions::facts::{Facts, Topic, list, number, put, text};
use crate::actions::goal::Goal;
use crate::actions::guard::Level;
use crate::actions::invocation::named;
use crate::actions::plan::{FieldChange, Lasting, Plan, Warning, Weight};
use crate::actions::refusal::Refusal;
use crate::actions::step::{Permission, Step};
use crate::model::{Kind, Name, Target, Text};

/// The action.
pub struct Trigger;

/// How long a job without a deadline of its own is followed.
const BUDGET: Duration = Duration::from_hours(1);
/// Names of jobs end up in labels, which hold 63 characters.
const LONGEST_NAME: usize = 63;

impl Action for Trigger {
    fn name(&self) -> &'static str {
        "trigger"
    }

    fn title(&self) -> &'static str {
        "Run now"
    }

    fn doc(&self) -> &'static str {
        "Run a CronJob's job now, and follow it to its end"
    }

    fn chord(&self) -> &'static str {
        "t"
    }

    fn applies(&self, kind: &Kind) -> bool {
        *kind == Kind::CronJob
    }

    fn needs(&self, _kind: &Kind) -> Vec<Permission> {
        vec![Permission::new("create", Kind::Job)]
    }

    fn reads(&self, _kind: &Kind) -> &'static [Topic] {
        &[Topic::Jobs]
    }

    fn plan(&self, facts: &Facts, _arguments: &Arguments) -> Result<Plan, Refusal> {
        let name = named(&facts.target);
        let job = job_name(facts);
        let target = Target {
            kind: Kind::Job,
            name: Name::new(&job),
            uid: None,
            ..facts.target.clone()
        };
        let deadline = facts.number("/spec/jobTemplate/spec/activeDeadlineSeconds");
        let deadline = deadline.and_then(|seconds| u64::try_from(seconds).ok());
        Ok(Plan {
            title: Text::from(format!("Run {name} now")),
            summary: Text::from(format!("Makes the Job {job} from its template.")),
            level: Level::Bounded,
            changes: vec![FieldChange::new("Job", &"", &job)],
            touches: touches(facts),
            warnings: warnings(facts),
            lasting: Lasting::Once,
            checks: Vec::new(),
            tables: Vec::new(),
            steps: vec![Step::Create {
                target: target.clone(),
                body: body(facts, &job),
            }],
            goal: Goal::Job { target },
            budget: deadline.map_or(BUDGET, |seconds| Duration::from_secs(seconds + 30)),
            steady: Duration::ZERO,
            undo: None,
            next: None,
        })
    }
}

/// Fixed by the plan, so that the same plan makes one job however often it is sent.
fn job_name(facts: &Facts) -> String {
    let suffix = format!("-manual-{}", facts.now.strftime("%y%m%d%H%M%S"));
    let room = LONGEST_NAME - suffix.len();
    let stem: String = facts.target.name.chars().take(room).collect();
    format!("{}{suffix}", stem.trim_end_matches(['-', '.']))
}

fn body(facts: &Facts, name: &str) -> Json {
    let template = |part: &str| {
        let pointer = format!("/spec/jobTemplate/{part}");
        facts
            .object
            .pointer(&pointer)
            .cloned()
            .unwrap_or_else(|| json!({}))
    };
    let mut annotations = template("metadata/annotations");
    put(
        &mut annotations,
        "cronjob.kubernetes.io/instantiate",
        "manual",
    );
    json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": name,
            "namespace": &*facts.target.namespace,
            "annotations": annotations,
            "labels": template("metadata/labels"),
            // Not blockOwnerDeletion: it needs a permission on finalizers that operators rarely have.
            "ownerReferences": [{
                "apiVersion": "batch/v1",
                "kind": "CronJob",
                "name": &*facts.target.name,
                "uid": facts.text("/metadata/uid"),
                "controller": true,
            }],
        },
        "spec": template("spec"),
    })
}

fn touches(facts: &Facts) -> Vec<Text> {
    let zone = facts.text("/spec/timeZone");
    let zone = if zone.is_empty() {
        String::new()
    } else {
        format!(" {zone}")
    };
    let mut touches = vec![Text::from(format!(
        "its schedule stays: {}{zone}",
        facts.text("/spec/schedule")
    ))];
    let last = facts.text("/status/lastScheduleTime");
    if !last.is_empty() {
        touches.push(Text::from(format!("last run by schedule at {last}")));
    }
    touches
}

fn warnings(facts: &Facts) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let uid = facts.text("/metadata/uid");
    let running: Vec<&str> = facts
        .list(Topic::Jobs)
        .iter()
        .filter(|job| references::owned_by(job, uid) && number(job, "/status/active") > 0)
        .map(|job| text(job, "/metadata/name"))
        .collect();
    if !running.is_empty() {
        warnings.push(Warning::new(
            Weight::Raises,
            format!("It runs already: {}.", running.join(", ")),
        ));
    }
    if facts.text("/spec/concurrencyPolicy") == "Forbid" {
        warnings.push(Warning::new(
            Weight::Note,
            "It forbids runs at the same time, but does not count this one: the next by schedule may overlap.",
        ));
    }
    if facts.object.pointer("/spec/suspend") == Some(&Json::Bool(true)) {
        warnings.push(Warning::new(
            Weight::Note,
            "Its schedule is suspended; this run is not.",
        ));
    }
    if list(&facts.object, "/status/active").is_empty() && pause::running(facts) > 0 {
        warnings.push(Warning::new(Weight::Note, "What runs was started by hand."));
    }
    warnings
}
