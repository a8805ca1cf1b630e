//! Scale: so many pods. It never fills in a number, and 0 is an outage that remembers the way back.

use std::time::Duration;

use super::{autoscaler, lasting, references};
use crate::actions::argument::{Argument, Arguments, Shape, Value};
use crate::actions::facts::{Facts, Topic, list, number, text};
use crate::actions::goal::Goal;
use crate::actions::guard::Level;
use crate::actions::invocation::{Expected, Invocation, named};
use crate::actions::plan::{FieldChange, Lasting, Plan, Undo, Warning, Weight};
use crate::actions::refusal::Refusal;
use crate::actions::step::{Operation, Permission, Step, Test};
use crate::actions::{Action, kubernetes};
use crate::model::{Kind, Text};

/// The action.
pub struct Scale;

const BUDGET: Duration = Duration::from_mins(2);
/// About how often an autoscaler looks.
const AUTOSCALER_LOOKS: Duration = Duration::from_secs(15);
/// More than this is a slip of the finger.
const MOST: i64 = 10_000;

const ARGUMENTS: &[Argument] = &[Argument {
    name: "replicas",
    doc: "How many pods",
    shape: Shape::Number {
        least: 0,
        most: MOST,
    },
    required: true,
    positional: true,
}];

impl Action for Scale {
    fn name(&self) -> &'static str {
        "scale"
    }

    fn title(&self) -> &'static str {
        "Scale"
    }

    fn doc(&self) -> &'static str {
        "Run so many pods; 0 stops it for maintenance and remembers how many there were"
    }

    fn chord(&self) -> &'static str {
        "s"
    }

    fn applies(&self, kind: &Kind) -> bool {
        matches!(
            kind,
            Kind::Deployment | Kind::StatefulSet | Kind::ReplicaSet
        )
    }

    fn arguments(&self) -> &'static [Argument] {
        ARGUMENTS
    }

    fn needs(&self, kind: &Kind) -> Vec<Permission> {
        vec![Permission::on("patch", kind.clone(), "scale")]
    }

    fn reads(&self, _kind: &Kind) -> &'static [Topic] {
        &[Topic::Autoscalers, Topic::Quotas, Topic::Budgets]
    }

    fn plan(&self, facts: &Facts, arguments: &Arguments) -> Result<Plan, Refusal> {
        let wanted = arguments
            .number("replicas")
            .ok_or_else(|| Refusal::Argument(Text::new("replicas: how many?")))?;
        let name = named(&facts.target);
        refuse_owned(facts)?;
        let now = facts.number("/spec/replicas").unwrap_or(1);
        if now == wanted {
            return Err(Refusal::NotPossible(Text::from(format!(
                "{name} already wants {wanted}"
            ))));
        }
        let mut warnings = Vec::new();
        let lasting = autoscaled(facts, wanted, &mut warnings)
            .unwrap_or_else(|| lasting::of(&facts.object, &["spec", "replicas"]));
        if matches!(lasting, Lasting::Persists) {
            warnings.extend(lasting::notes(&facts.object));
        }
        warn(facts, now, wanted, &mut warnings);
        // What an autoscaler takes back is not done before it has looked.
        let steady = match &lasting {
            Lasting::Reverts {
                within: Some(within),
                ..
            } => within.saturating_add(Duration::from_secs(5)),
            _ => Duration::ZERO,
        };
        let ready = facts.number("/status/readyReplicas").unwrap_or(0);
        let summary = match wanted {
            0 => format!("Stops all {now} pods: nothing of it runs until it is scaled up again."),
            _ if wanted > now => format!("Starts {} more pods.", wanted - now),
            _ => format!("Ends {} of {now} pods.", now - wanted),
        };
        Ok(Plan {
            title: Text::from(format!("Scale {name} to {wanted}")),
            summary: Text::from(summary),
            level: if wanted == 0 {
                Level::Outage
            } else {
                Level::Service
            },
            changes: vec![FieldChange::new("replicas", &now, &wanted)],
            touches: vec![Text::from(format!("{ready} of {now} pods ready now"))],
            warnings,
            lasting,
            checks: Vec::new(),
            tables: Vec::new(),
            steps: vec![Step::Patch {
                target: facts.target.clone(),
                subresource: "scale",
                tests: vec![
                    Test::new("/metadata/uid", facts.text("/metadata/uid")),
                    Test::new("/spec/replicas", now),
                ],
                changes: vec![Operation::replace("/spec/replicas", wanted)],
            }],
            goal: Goal::Replicas {
                target: facts.target.clone(),
                wanted: u32::try_from(wanted).unwrap_or_default(),
            },
            budget: BUDGET,
            steady,
            undo: Some(undo(facts, now, wanted)),
            next: None,
        })
    }
}

/// A ReplicaSet of a Deployment is the Deployment's to scale.
fn refuse_owned(facts: &Facts) -> Result<(), Refusal> {
    match references::controller_of(&facts.object) {
        Some(owner) => Err(Refusal::NotPossible(Text::from(format!(
            "{} belongs to {} {}, which would scale it back: scale that",
            named(&facts.target),
            text(owner, "/kind"),
            text(owner, "/name")
        )))),
        None => Ok(()),
    }
}

/// What an autoscaler will make of it; none if there is none.
fn autoscaled(facts: &Facts, wanted: i64, warnings: &mut Vec<Warning>) -> Option<Lasting> {
    if let Some(why) = facts.unread(Topic::Autoscalers) {
        warnings.push(Warning::new(
            Weight::Caution,
            format!("Whether an autoscaler holds it cannot be seen: {why}"),
        ));
        return Some(Lasting::Unknown {
            why: Text::new("Autoscalers cannot be read."),
        });
    }
    let scaler = autoscaler::of(facts)?;
    let (name, least, most) = (&scaler.name, scaler.least, scaler.most);
    if wanted == 0 {
        warnings.push(Warning::new(
            Weight::Note,
            format!(
                "{name} stops working while there are 0 pods, and starts again with the first."
            ),
        ));
        return None;
    }
    let words = if wanted < least {
        format!("{name} keeps at least {least} and sets that back at once.")
    } else if wanted > most {
        format!("{name} keeps at most {most} and sets that back at once.")
    } else if scaler.active {
        format!("{name} ({least} to {most}) moves it on by load: set its bounds to keep a number.")
    } else {
        // An autoscaler that is off turns on again with the first pod.
        format!("{name} ({least} to {most}) takes over again with the first pods.")
    };
    warnings.push(Warning::new(Weight::Caution, words));
    Some(Lasting::Reverts {
        by: Text::new(name),
        within: Some(AUTOSCALER_LOOKS),
    })
}

/// What else is worth knowing.
fn warn(facts: &Facts, now: i64, wanted: i64, warnings: &mut Vec<Warning>) {
    if facts.object.pointer("/spec/paused") == Some(&true.into()) {
        warnings.push(Warning::new(
            Weight::Note,
            "Its rollout is paused; scaling works all the same.",
        ));
    }
    if wanted == 1 && now > 1 {
        warnings.push(Warning::new(
            Weight::Caution,
            "A single pod: every restart of it is an outage.",
        ));
    }
    let labels = facts.object.pointer("/spec/template/metadata/labels");
    for budget in facts.list(Topic::Budgets) {
        let least = budget
            .pointer("/spec/minAvailable")
            .and_then(serde_json::Value::as_i64);
        let chosen = budget
            .pointer("/spec/selector")
            .zip(labels)
            .is_some_and(|(selector, labels)| references::chooses(selector, labels));
        if let Some(least) = least.filter(|least| chosen && wanted < *least && wanted > 0) {
            warnings.push(Warning::new(
                Weight::Caution,
                format!(
                    "The disruption budget {} wants {least} available: no pod could be evicted.",
                    text(budget, "/metadata/name")
                ),
            ));
        }
    }
    if wanted > now {
        warnings.extend(quotas(facts, wanted - now));
    }
    if facts.target.kind == Kind::StatefulSet && wanted < now {
        let name = &facts.target.name;
        let policy = facts.text("/spec/persistentVolumeClaimRetentionPolicy/whenScaled");
        let claims = !list(&facts.object, "/spec/volumeClaimTemplates").is_empty();
        let kept = match (claims, policy) {
            (false, _) => "",
            (true, "Delete") => " Their volumes are deleted with them.",
            (true, _) => " Their volumes are kept.",
        };
        let weight = if claims && policy == "Delete" {
            Weight::Raises
        } else {
            Weight::Note
        };
        let range = if now - wanted == 1 {
            format!("{name}-{}", now - 1)
        } else {
            format!("{name}-{} to {name}-{wanted}", now - 1)
        };
        warnings.push(Warning::new(
            weight,
            format!("Ends {range}, the highest first.{kept}"),
        ));
    }
}

/// Quotas that more pods do not fit into.
fn quotas(facts: &Facts, more: i64) -> Option<Warning> {
    facts.list(Topic::Quotas).iter().find_map(|quota| {
        let amount = |part: &str| -> Option<i64> {
            let amount = quota.pointer(&format!("/status/{part}/pods"))?;
            amount
                .as_str()
                .map_or_else(|| amount.as_i64(), |text| text.parse().ok())
        };
        let left = amount("hard")? - amount("used")?;
        (left < more).then(|| {
            Warning::new(
                Weight::Caution,
                format!(
                    "The quota {} has room for {} more pods only.",
                    text(quota, "/metadata/name"),
                    left.max(0)
                ),
            )
        })
    })
}

fn undo(facts: &Facts, before: i64, after: i64) -> Undo {
    let words = if after == 0 {
        format!("Resume with {before}")
    } else {
        format!("Scale back to {before}")
    };
    let mut invocation = Invocation::new(&kubernetes::scale::Scale, facts.target.clone())
        .with("replicas", Value::Number(before));
    invocation.expects.push(Expected {
        pointer: "/spec/replicas".to_owned(),
        value: after.into(),
    });
    Undo {
        title: Text::from(words),
        invocation,
    }
}

/// How many pods it had before it was scaled to 0, as the audit remembers.
pub fn remembered(facts: &Facts) -> Option<i64> {
    if number(&facts.object, "/spec/replicas") != 0 {
        return None;
    }
    facts.history.iter().rev().find_map(|record| {
        let change = record.changes.first()?;
        let before = change.strip_prefix("replicas: ")?.strip_suffix(" -> 0")?;
        before.parse().ok()
    })
}
