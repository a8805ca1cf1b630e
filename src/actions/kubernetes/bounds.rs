//! The bounds of an autoscaler: how few and how many pods it may run.

use std::time::Duration;

use super::{lasting, pause};
use crate::actions::Action;
use crate::actions::argument::{Argument, Arguments, Shape, Value};
use crate::actions::facts::Facts;
use crate::actions::goal::Goal;
use crate::actions::guard::Level;
use crate::actions::invocation::{Expected, Invocation, named};
use crate::actions::plan::{FieldChange, Plan, Undo, Warning, Weight};
use crate::actions::refusal::Refusal;
use crate::actions::step::{Operation, Permission, Step, Test};
use crate::model::{Kind, Text};

/// The action.
pub struct Bounds;

const BUDGET: Duration = Duration::from_mins(1);
const MOST: i64 = 10_000;

const fn bound(name: &'static str, doc: &'static str) -> Argument {
    Argument {
        name,
        doc,
        shape: Shape::Number {
            least: 0,
            most: MOST,
        },
        required: false,
        positional: false,
    }
}

const ARGUMENTS: &[Argument] = &[
    bound("min", "The fewest pods"),
    bound("max", "The most pods"),
];

impl Action for Bounds {
    fn name(&self) -> &'static str {
        "hpa"
    }

    fn title(&self) -> &'static str {
        "Set bounds of"
    }

    fn doc(&self) -> &'static str {
        "Set how few and how many pods an autoscaler may run"
    }

    fn chord(&self) -> &'static str {
        "s"
    }

    fn applies(&self, kind: &Kind) -> bool {
        *kind == Kind::HorizontalPodAutoscaler
    }

    fn arguments(&self) -> &'static [Argument] {
        ARGUMENTS
    }

    fn needs(&self, kind: &Kind) -> Vec<Permission> {
        vec![Permission::new("patch", kind.clone())]
    }

    fn plan(&self, facts: &Facts, arguments: &Arguments) -> Result<Plan, Refusal> {
        let name = named(&facts.target);
        pause::refuse_keda(facts)?;
        let now = (
            facts.number("/spec/minReplicas").unwrap_or(1),
            facts.number("/spec/maxReplicas").unwrap_or(1),
        );
        let least = arguments.number("min").unwrap_or(now.0);
        let most = arguments.number("max").unwrap_or(now.1);
        if arguments.number("min").is_none() && arguments.number("max").is_none() {
            return Err(Refusal::Argument(Text::new("give --min, --max or both")));
        }
        if least > most || most == 0 {
            let words = format!(
                "min {least} and max {most}: the fewest must not be more than the most, and the most at least 1"
            );
            return Err(Refusal::Argument(Text::from(words)));
        }
        if (least, most) == now {
            return Err(Refusal::NotPossible(Text::from(format!(
                "{name} has min {least} and max {most} already"
            ))));
        }
        let mut changes = Vec::new();
        let mut operations = Vec::new();
        let mut set = |field: &str, pointer: &str, before: i64, after: i64| {
            if before != after {
                changes.push(FieldChange::new(field, &before, &after));
                operations.push(Operation::add(pointer, after));
            }
        };
        set("min", "/spec/minReplicas", now.0, least);
        set("max", "/spec/maxReplicas", now.1, most);
        let mut tests = vec![
            Test::new("/metadata/uid", facts.text("/metadata/uid")),
            Test::new("/spec/maxReplicas", now.1),
        ];
        if facts.number("/spec/minReplicas").is_some() {
            tests.push(Test::new("/spec/minReplicas", now.0));
        }
        let (warnings, level) = resize(facts, least, most);
        let last = if now.1 == most {
            ("min", least)
        } else {
            ("max", most)
        };
        Ok(Plan {
            title: Text::from(format!("Set bounds of {name} to {least} to {most}")),
            summary: Text::from(format!("Lets it run from {least} to {most} pods.")),
            level,
            changes,
            touches: vec![Text::from(format!(
                "{} {}",
                facts.text("/spec/scaleTargetRef/kind"),
                facts.text("/spec/scaleTargetRef/name")
            ))],
            warnings,
            lasting: lasting::of(&facts.object, &["spec", &format!("{}Replicas", last.0)]),
            checks: Vec::new(),
            tables: Vec::new(),
            steps: vec![Step::Patch {
                target: facts.target.clone(),
                subresource: "",
                tests,
                changes: operations,
            }],
            goal: Goal::Field {
                target: facts.target.clone(),
                pointer: format!("/spec/{}Replicas", last.0),
                value: last.1.into(),
            },
            budget: BUDGET,
            steady: Duration::ZERO,
            undo: Some(undo(facts, now, (least, most))),
            next: None,
        })
    }
}

/// What the new bounds do at once.
fn resize(facts: &Facts, least: i64, most: i64) -> (Vec<Warning>, Level) {
    let mut warnings = Vec::new();
    let mut level = Level::Service;
    let current = facts.number("/status/currentReplicas").unwrap_or(0);
    if current < least {
        warnings.push(Warning::new(
            Weight::Caution,
            format!(
                "It has {current} pods: {} more start at once.",
                least - current
            ),
        ));
    } else if current > most {
        warnings.push(Warning::new(
            Weight::Caution,
            format!("It has {current} pods: {} end at once.", current - most),
        ));
    }
    if least == 0 {
        level = Level::Outage;
        warnings.push(Warning::new(
            Weight::Caution,
            "0 pods need the feature HPAScaleToZero and an object or external metric.",
        ));
    }
    (warnings, level)
}

fn undo(facts: &Facts, before: (i64, i64), after: (i64, i64)) -> Undo {
    let mut invocation = Invocation::new(&Bounds, facts.target.clone())
        .with("min", Value::Number(before.0))
        .with("max", Value::Number(before.1));
    for (pointer, value) in [
        ("/spec/minReplicas", after.0),
        ("/spec/maxReplicas", after.1),
    ] {
        invocation.expects.push(Expected {
            pointer: pointer.to_owned(),
            value: value.into(),
        });
    }
    Undo {
        title: Text::from(format!(
            "Set its bounds back to {} to {}",
            before.0, before.1
        )),
        invocation,
    }
}
