//! Restart: every pod is replaced by a new one of the same template, one after the other.

use std::time::Duration;

use serde_json::{Value, json};

use super::lasting;
use crate::actions::Action;
use crate::actions::argument::Arguments;
use crate::actions::facts::{Facts, text};
use crate::actions::goal::Goal;
use crate::actions::guard::Level;
use crate::actions::invocation::named;
use crate::actions::plan::{FieldChange, Lasting, Plan, Warning, Weight};
use crate::actions::refusal::Refusal;
use crate::actions::step::{Operation, Permission, Step, Test, escaped};
use crate::model::{Kind, Text};

/// The action.
pub struct Restart;

/// The mark that kubectl leaves, so that both tools see each other's restarts.
const MARK: &str = "kubectl.kubernetes.io/restartedAt";
const BUDGET: Duration = Duration::from_mins(5);
const STEADY: Duration = Duration::from_secs(10);

impl Action for Restart {
    fn name(&self) -> &'static str {
        "restart"
    }

    fn title(&self) -> &'static str {
        "Restart"
    }

    fn doc(&self) -> &'static str {
        "Replace every pod by a new one, as the update strategy has it"
    }

    fn chord(&self) -> &'static str {
        "R"
    }

    fn applies(&self, kind: &Kind) -> bool {
        matches!(kind, Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet)
    }

    fn needs(&self, kind: &Kind) -> Vec<Permission> {
        vec![Permission::new("patch", kind.clone())]
    }

    fn plan(&self, facts: &Facts, _arguments: &Arguments) -> Result<Plan, Refusal> {
        let name = named(&facts.target);
        refuse_paused(facts)?;
        let pods = wanted(facts);
        if pods == 0 {
            return Err(Refusal::NotPossible(Text::from(format!(
                "{name} has no pods to restart"
            ))));
        }
        let strategy = strategy(facts);
        let mut warnings = warn(facts, strategy, pods);
        let lasting = match lasting::of(&facts.object, &["spec", "template"]) {
            Lasting::Reverts { by, .. } => {
                warnings.push(Warning::new(
                    Weight::Caution,
                    format!("{by} may take the mark off again, which restarts the pods once more."),
                ));
                Lasting::Once
            }
            _ => Lasting::Once,
        };
        let now = facts.now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let pointer = format!("/spec/template/metadata/annotations/{}", escaped(MARK));
        let before = text(&facts.object, &pointer);
        Ok(Plan {
            title: Text::from(format!("Restart {name}")),
            summary: Text::from(format!(
                "Replaces {pods} pods by new ones of the same template."
            )),
            level: Level::Service,
            changes: vec![FieldChange::new("restarted at", &before, &now)],
            touches: vec![Text::from(format!(
                "{pods} pods, {}",
                manner(facts, strategy)
            ))],
            warnings,
            lasting,
            checks: Vec::new(),
            tables: Vec::new(),
            steps: vec![Step::Patch {
                target: facts.target.clone(),
                subresource: "",
                tests: seen(facts),
                changes: annotate(facts, "/spec/template/metadata", MARK, now),
            }],
            goal: rollout(facts, strategy),
            budget: BUDGET,
            steady: STEADY,
            undo: None,
            next: None,
        })
    }
}

/// The tests that pin an object and what its owner wants of it.
pub fn seen(facts: &Facts) -> Vec<Test> {
    let mut tests = vec![Test::new("/metadata/uid", facts.text("/metadata/uid"))];
    if let Some(generation) = facts.number("/metadata/generation") {
        tests.push(Test::new("/metadata/generation", generation));
    }
    tests
}

/// Sets an annotation of the metadata at a pointer, making the map if there is none.
pub fn annotate(
    facts: &Facts,
    metadata: &str,
    key: &str,
    value: impl Into<Value>,
) -> Vec<Operation> {
    let value = value.into();
    let annotations = format!("{metadata}/annotations");
    if facts
        .object
        .pointer(&annotations)
        .is_some_and(Value::is_object)
    {
        vec![Operation::add(
            format!("{annotations}/{}", escaped(key)),
            value,
        )]
    } else if facts.object.pointer(metadata).is_some_and(Value::is_object) {
        vec![Operation::add(annotations, json!({key: value}))]
    } else {
        vec![Operation::add(
            metadata,
            json!({"annotations": {key: value}}),
        )]
    }
}

/// Nothing that is paused rolls out.
pub fn refuse_paused(facts: &Facts) -> Result<(), Refusal> {
    if facts.object.pointer("/spec/paused") == Some(&Value::Bool(true)) {
        return Err(Refusal::NotPossible(Text::from(format!(
            "{} is paused: nothing would roll out; resume it first",
            named(&facts.target)
        ))));
    }
    Ok(())
}

/// How many pods it wants.
pub fn wanted(facts: &Facts) -> i64 {
    if facts.target.kind == Kind::DaemonSet {
        return facts.number("/status/desiredNumberScheduled").unwrap_or(0);
    }
    facts.number("/spec/replicas").unwrap_or(1)
}

/// `RollingUpdate`, `Recreate`, `OnDelete`
pub fn strategy(facts: &Facts) -> &str {
    let pointer = if facts.target.kind == Kind::Deployment {
        "/spec/strategy/type"
    } else {
        "/spec/updateStrategy/type"
    };
    match facts.text(pointer) {
        "" => "RollingUpdate",
        strategy => strategy,
    }
}

/// How the pods are replaced.
pub fn manner(facts: &Facts, strategy: &str) -> String {
    let amount = |pointer: &str| match facts.object.pointer(pointer) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    match (strategy, &facts.target.kind) {
        ("Recreate", _) => "all at once".to_owned(),
        ("OnDelete", _) => "each when it is deleted".to_owned(),
        (_, Kind::Deployment) => {
            let surge = amount("/spec/strategy/rollingUpdate/maxSurge");
            let down = amount("/spec/strategy/rollingUpdate/maxUnavailable");
            format!(
                "rolling: up to {} more, up to {} fewer meanwhile",
                surge.as_deref().unwrap_or("25%"),
                down.as_deref().unwrap_or("25%")
            )
        }
        _ => {
            let down = amount("/spec/updateStrategy/rollingUpdate/maxUnavailable");
            format!("{} at a time", down.as_deref().unwrap_or("1"))
        }
    }
}

/// What a rollout risks.
pub fn warn(facts: &Facts, strategy: &str, pods: i64) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut caution = |weight, words: &str| warnings.push(Warning::new(weight, words));
    match strategy {
        "Recreate" => caution(
            Weight::Raises,
            "Its strategy is Recreate: all pods end before the first new one starts.",
        ),
        "OnDelete" => caution(
            Weight::Caution,
            "Its strategy is OnDelete: no pod changes until it is deleted.",
        ),
        _ if pods == 1 && facts.target.kind == Kind::StatefulSet => caution(
            Weight::Caution,
            "There is a single pod: it is gone until the new one is ready.",
        ),
        _ => {}
    }
    let down = facts
        .object
        .pointer("/spec/strategy/rollingUpdate/maxUnavailable");
    let all = down.is_some_and(|down| {
        down.as_str() == Some("100%") || down.as_i64().is_some_and(|down| down >= pods)
    });
    if all && facts.target.kind == Kind::Deployment {
        caution(
            Weight::Raises,
            "maxUnavailable covers all pods: they may all be gone at once.",
        );
    }
    let generation = facts.number("/metadata/generation");
    let rolling = facts.target.kind == Kind::Deployment
        && (facts.number("/status/observedGeneration") != generation
            || facts.number("/status/updatedReplicas").unwrap_or(0) < pods);
    if rolling {
        caution(
            Weight::Note,
            "A rollout is under way; this one takes its place.",
        );
    }
    warnings
}

/// When a change of the template is done.
pub fn rollout(facts: &Facts, strategy: &str) -> Goal {
    if strategy == "OnDelete" {
        Goal::Accepted
    } else {
        Goal::Rollout {
            target: facts.target.clone(),
        }
    }
}
