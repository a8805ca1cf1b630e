//! Pause and resume: the rollout of a Deployment, the schedule of a CronJob, the scaling of an autoscaler. Each says
//! what it wants and never flips what it finds.

use std::time::Duration;

use serde_json::Value as Json;

use super::restart::{annotate, seen};
use super::{autoscaler, lasting};
use crate::actions::Action;
use crate::actions::argument::Arguments;
use crate::actions::facts::{Facts, Topic, number, put, text};
use crate::actions::goal::Goal;
use crate::actions::guard::Level;
use crate::actions::invocation::{Invocation, named};
use crate::actions::plan::{FieldChange, Plan, Undo, Warning, Weight};
use crate::actions::refusal::Refusal;
use crate::actions::step::{Operation, Permission, Step, Test, escaped};
use crate::model::{Kind, Text};

/// Pauses.
pub struct Pause;
/// Resumes.
pub struct Resume;

const BUDGET: Duration = Duration::from_secs(30);
/// Where the behaviour of a paused autoscaler is kept until it is resumed.
const BEHAVIOUR: &str = "quarterdeck/behavior-before-pause";

fn pausable(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Deployment | Kind::CronJob | Kind::HorizontalPodAutoscaler
    )
}

impl Action for Pause {
    fn name(&self) -> &'static str {
        "pause"
    }

    fn title(&self) -> &'static str {
        "Pause"
    }

    fn doc(&self) -> &'static str {
        "Pause a Deployment's rollouts, a CronJob's schedule or an autoscaler"
    }

    fn applies(&self, kind: &Kind) -> bool {
        pausable(kind)
    }

    fn needs(&self, kind: &Kind) -> Vec<Permission> {
        vec![Permission::new("patch", kind.clone())]
    }

    fn reads(&self, kind: &Kind) -> &'static [Topic] {
        jobs(kind)
    }

    fn plan(&self, facts: &Facts, _arguments: &Arguments) -> Result<Plan, Refusal> {
        plan(facts, true)
    }
}

impl Action for Resume {
    fn name(&self) -> &'static str {
        "resume"
    }

    fn title(&self) -> &'static str {
        "Resume"
    }

    fn doc(&self) -> &'static str {
        "Resume what was paused: a rollout, a schedule, an autoscaler"
    }

    fn applies(&self, kind: &Kind) -> bool {
        pausable(kind)
    }

    fn needs(&self, kind: &Kind) -> Vec<Permission> {
        vec![Permission::new("patch", kind.clone())]
    }

    fn reads(&self, kind: &Kind) -> &'static [Topic] {
        jobs(kind)
    }

    fn plan(&self, facts: &Facts, _arguments: &Arguments) -> Result<Plan, Refusal> {
        plan(facts, false)
    }
}

fn jobs(kind: &Kind) -> &'static [Topic] {
    if *kind == Kind::CronJob {
        &[Topic::Jobs]
    } else {
        &[]
    }
}

fn plan(facts: &Facts, pause: bool) -> Result<Plan, Refusal> {
    let name = named(&facts.target);
    let scaler = facts.target.kind == Kind::HorizontalPodAutoscaler;
    let paused = if scaler {
        is_off(&facts.object)
    } else {
        facts.object.pointer(flag(facts)) == Some(&Json::Bool(true))
    };
    if paused == pause {
        let word = if pause { "paused" } else { "not paused" };
        return Err(Refusal::NotPossible(Text::from(format!(
            "{name} is {word} already"
        ))));
    }
    let (steps, goal, field) = if scaler {
        refuse_keda(facts)?;
        let (step, behaviour) = behaviour(facts, pause);
        let goal = Goal::Field {
            target: facts.target.clone(),
            pointer: "/spec/behavior/scaleUp/selectPolicy".to_owned(),
            value: behaviour,
        };
        (vec![step], goal, "scaling")
    } else {
        let pointer = flag(facts);
        let step = Step::Patch {
            target: facts.target.clone(),
            subresource: "",
            tests: seen(facts),
            changes: vec![Operation::add(pointer, pause)],
        };
        let goal = Goal::Field {
            target: facts.target.clone(),
            pointer: pointer.to_owned(),
            value: pause.into(),
        };
        let field = pointer.rsplit('/').next().unwrap_or_default();
        (vec![step], goal, field)
    };
    let (verb, summary, warnings) = words(facts, pause);
    let back: &'static dyn Action = if pause { &Resume } else { &Pause };
    let word = |paused: bool| if paused { "paused" } else { "running" };
    Ok(Plan {
        title: Text::from(format!("{verb} {name}")),
        summary: Text::from(summary),
        level: Level::Service,
        changes: vec![FieldChange::new(field, &word(paused), &word(pause))],
        touches: Vec::new(),
        warnings,
        lasting: lasting::of(&facts.object, &["spec", field]),
        checks: Vec::new(),
        tables: Vec::new(),
        steps,
        goal,
        budget: BUDGET,
        steady: Duration::ZERO,
        undo: Some(Undo {
            title: Text::from(format!("{} it again", back.title())),
            invocation: Invocation::new(back, facts.target.clone()),
        }),
        next: None,
    })
}

/// Where a kind keeps that it is paused.
fn flag(facts: &Facts) -> &'static str {
    if facts.target.kind == Kind::CronJob {
        "/spec/suspend"
    } else {
        "/spec/paused"
    }
}

fn words(facts: &Facts, pause: bool) -> (&'static str, String, Vec<Warning>) {
    let note = |words: String| vec![Warning::new(Weight::Note, words)];
    let verb = if pause { "Pause" } else { "Resume" };
    match (&facts.target.kind, pause) {
        (Kind::CronJob, true) => {
            let running = running(facts);
            let mut warnings = note(format!(
                "Runs of its schedule ({}) are skipped until it is resumed.",
                facts.text("/spec/schedule")
            ));
            if running > 0 {
                warnings.extend(note(format!("{running} jobs that run now go on.")));
            }
            (
                "Suspend",
                "Starts no more jobs by its schedule.".to_owned(),
                warnings,
            )
        }
        (Kind::CronJob, false) => {
            let mut warnings = Vec::new();
            if facts
                .object
                .pointer("/spec/startingDeadlineSeconds")
                .is_none()
            {
                warnings = note(
                    "It has no starting deadline: a run that was missed may start at once."
                        .to_owned(),
                );
            }
            (
                verb,
                format!("Starts jobs by {} again.", facts.text("/spec/schedule")),
                warnings,
            )
        }
        (Kind::HorizontalPodAutoscaler, true) => (
            verb,
            "The number of pods stays what it is, whatever the load.".to_owned(),
            Vec::new(),
        ),
        (Kind::HorizontalPodAutoscaler, false) => (
            verb,
            "The number of pods follows the load again.".to_owned(),
            Vec::new(),
        ),
        (_, true) => (
            verb,
            "Changes of its template start no rollout until it is resumed.".to_owned(),
            note("Rolling back and restarting wait too; scaling works.".to_owned()),
        ),
        (_, false) => (
            verb,
            "What was changed meanwhile rolls out now.".to_owned(),
            Vec::new(),
        ),
    }
}

/// Jobs of the CronJob that run now.
pub fn running(facts: &Facts) -> usize {
    let uid = facts.text("/metadata/uid");
    let jobs = facts.list(Topic::Jobs).iter();
    jobs.filter(|job| super::references::owned_by(job, uid) && number(job, "/status/active") > 0)
        .count()
}

/// What KEDA made is KEDA's to change.
pub fn refuse_keda(facts: &Facts) -> Result<(), Refusal> {
    let scaler = autoscaler::read(&facts.object);
    if scaler.name.starts_with("KEDA") {
        return Err(Refusal::NotPossible(Text::from(format!(
            "{} owns {} and would set it back: change that",
            scaler.name,
            named(&facts.target)
        ))));
    }
    Ok(())
}

/// Whether an autoscaler scales neither up nor down.
fn is_off(hpa: &Json) -> bool {
    ["Up", "Down"]
        .iter()
        .all(|way| text(hpa, &format!("/spec/behavior/scale{way}/selectPolicy")) == "Disabled")
}

/// The step that switches an autoscaler, and what its upward policy is then. The behaviour that it had is kept on it.
fn behaviour(facts: &Facts, pause: bool) -> (Step, Json) {
    let before = facts
        .object
        .pointer("/spec/behavior")
        .cloned()
        .unwrap_or_default();
    let kept = format!("/metadata/annotations/{}", escaped(BEHAVIOUR));
    let mut changes = Vec::new();
    let after = if pause {
        changes.extend(annotate(facts, "/metadata", BEHAVIOUR, before.to_string()));
        let mut after = before.clone();
        for way in ["scaleUp", "scaleDown"] {
            policy(&mut after, way, "Disabled");
        }
        after
    } else {
        let remembered = serde_json::from_str::<Json>(text(&facts.object, &kept)).ok();
        if remembered.is_some() {
            changes.push(Operation::Remove { pointer: kept });
        }
        let mut after = remembered.unwrap_or_else(|| before.clone());
        for way in ["scaleUp", "scaleDown"] {
            if text(&after, &format!("/{way}/selectPolicy")) == "Disabled" {
                policy(&mut after, way, "Max");
            }
        }
        after
    };
    let policy = after
        .pointer("/scaleUp/selectPolicy")
        .cloned()
        .unwrap_or_default();
    changes.push(if after.is_null() {
        Operation::Remove {
            pointer: "/spec/behavior".to_owned(),
        }
    } else {
        Operation::add("/spec/behavior", after)
    });
    let mut tests = vec![Test::new("/metadata/uid", facts.text("/metadata/uid"))];
    if !before.is_null() {
        tests.push(Test::new("/spec/behavior", before));
    }
    let step = Step::Patch {
        target: facts.target.clone(),
        subresource: "",
        tests,
        changes,
    };
    (step, policy)
}

/// Sets which policy an autoscaler takes one way.
fn policy(behaviour: &mut Json, way: &str, policy: &str) {
    let mut rules = behaviour.get(way).cloned().unwrap_or_default();
    put(&mut rules, "selectPolicy", policy);
    put(behaviour, way, rules);
}
