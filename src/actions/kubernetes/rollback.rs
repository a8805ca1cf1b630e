//! Roll back: the template of an earlier revision, the last known good one unless another is chosen.
//!
//! It works in the middle of a failed rollout: revisions that still have pods are as good as others. Only the template
//! changes; replicas, strategy and the object's own annotations stay as they are.

use std::time::Duration;

use serde_json::Value as Json;

use super::restart::{annotate, manner, refuse_paused, rollout, seen, strategy, wanted, warn};
use super::revisions::{self, Proof, Revision};
use super::{autoscaler, lasting, template, trouble};
use crate::actions::argument::{Argument, Arguments, Shape, Value};
use crate::actions::facts::{Facts, Topic, text};
use crate::actions::guard::Level;
use crate::actions::invocation::{Expected, Invocation, named};
use crate::actions::plan::{Check, Plan, Table, TableRow, Undo, Verdict, Warning, Weight};
use crate::actions::refusal::Refusal;
use crate::actions::step::{Operation, Permission, Step};
use crate::actions::words::{between, span};
use crate::actions::{Action, kubernetes};
use crate::model::{Health, Kind, Target, Text, Uid};

/// The action.
pub struct Rollback;

/// The stopwatch that platforms promise.
const BUDGET: Duration = Duration::from_mins(1);
/// What every pod beyond the first three may take.
const A_POD: Duration = Duration::from_secs(10);
const BUDGET_AT_MOST: Duration = Duration::from_mins(10);
/// How long it must stay well.
const STEADY: Duration = Duration::from_secs(30);
const CAUSE: &str = "kubernetes.io/change-cause";

const ARGUMENTS: &[Argument] = &[Argument {
    name: "to",
    doc: "The revision to go back to; the last known good one, if left out",
    shape: Shape::Word,
    required: false,
    positional: false,
}];

impl Action for Rollback {
    fn name(&self) -> &'static str {
        "rollback"
    }

    fn title(&self) -> &'static str {
        "Roll back"
    }

    fn doc(&self) -> &'static str {
        "Run the template of an earlier revision again, the last known good one unless told"
    }

    fn chord(&self) -> &'static str {
        "r"
    }

    fn applies(&self, kind: &Kind) -> bool {
        matches!(kind, Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet)
    }

    fn arguments(&self) -> &'static [Argument] {
        ARGUMENTS
    }

    fn needs(&self, kind: &Kind) -> Vec<Permission> {
        vec![Permission::new("patch", kind.clone())]
    }

    fn reads(&self, kind: &Kind) -> &'static [Topic] {
        if *kind == Kind::Deployment {
            &[
                Topic::Revisions,
                Topic::Events,
                Topic::Autoscalers,
                Topic::References,
                Topic::Pods,
            ]
        } else {
            &[Topic::Revisions, Topic::Pods, Topic::References]
        }
    }

    fn lists(&self) -> bool {
        true
    }

    fn choices(&self, facts: &Facts) -> Option<Table> {
        let known = revisions::of(facts);
        Some(table(facts, &known, None))
    }

    fn plan(&self, facts: &Facts, arguments: &Arguments) -> Result<Plan, Refusal> {
        let name = named(&facts.target);
        refuse_paused(facts)?;
        if let Some(why) = facts.unread(Topic::Revisions) {
            return Err(Refusal::NotPossible(Text::from(format!(
                "the revisions of {name} cannot be read: {why}"
            ))));
        }
        let known = revisions::of(facts);
        let target = choose(&known, arguments.text("to"), &name)?;
        let present = facts
            .object
            .pointer("/spec/template")
            .unwrap_or(&Json::Null);
        let strategy = strategy(facts);
        let pods = wanted(facts);
        let mut warnings = cautions(target);
        let mut checks = Vec::new();
        references(facts, target, &mut warnings, &mut checks);
        warnings.extend(warn(facts, strategy, pods));
        warnings.extend(lasting::notes(&facts.object));
        let stuck = stuck(facts, target);
        if let Some(pod) = stuck {
            warnings.push(Warning::new(
                Weight::Caution,
                format!(
                    "{} is broken, and an ordered StatefulSet waits for it for ever: deleting it is the second step, offered then.",
                    text(pod, "/metadata/name")
                ),
            ));
        }
        let mut changes = vec![Operation::replace(
            "/spec/template",
            target.template.clone(),
        )];
        let cause = format!("quarterdeck: rolled back to revision {}", target.number);
        changes.extend(annotate(facts, "/metadata", CAUSE, cause));
        let mut touches = vec![format!("{pods} pods, {}", manner(facts, strategy))];
        if let Some(scaler) = autoscaler::of(facts) {
            touches.push(format!(
                "{} keeps its {} to {}",
                scaler.name, scaler.least, scaler.most
            ));
        }
        Ok(Plan {
            title: Text::from(format!("Roll back {name} to revision {}", target.number)),
            summary: Text::from(format!(
                "Runs {} again; replicas and settings outside the template stay.",
                template::images(&target.template).join(", ")
            )),
            level: Level::Service,
            changes: template::changes(
                &template::normal(present),
                &template::normal(&target.template),
            ),
            touches: touches.into_iter().map(Text::from).collect(),
            warnings,
            lasting: lasting::of(&facts.object, &["spec", "template"]),
            checks,
            tables: vec![table(facts, &known, Some(target))],
            steps: vec![Step::Patch {
                target: facts.target.clone(),
                subresource: "",
                tests: seen(facts),
                changes,
            }],
            goal: rollout(facts, strategy),
            budget: budget(pods),
            steady: steady(facts),
            undo: undo(facts, &known, target),
            next: stuck.map(|pod| unstick(facts, pod)),
        })
    }
}

/// How long a rollout of so many pods may take.
pub fn budget(pods: i64) -> Duration {
    let more = u32::try_from(pods.saturating_sub(3)).unwrap_or_default();
    (BUDGET + A_POD.saturating_mul(more)).min(BUDGET_AT_MOST)
}

/// How long a rollout must stay well.
pub fn steady(facts: &Facts) -> Duration {
    let least = facts.number("/spec/minReadySeconds").unwrap_or_default();
    STEADY.max(Duration::from_secs(
        u64::try_from(least).unwrap_or_default(),
    ))
}

/// The revision that is meant.
fn choose<'a>(
    known: &'a [Revision],
    to: Option<&str>,
    name: &str,
) -> Result<&'a Revision, Refusal> {
    let impossible = |words: String| Err(Refusal::NotPossible(Text::from(words)));
    let Some(to) = to else {
        return match revisions::last_known_good(known) {
            Some(revision) => Ok(revision),
            None if known.len() > 1 => impossible(format!(
                "every other revision of {name} was seen to fail; choose one with --to"
            )),
            None => impossible(format!(
                "{name} has no other revision to go back to (its history holds {})",
                known.len()
            )),
        };
    };
    let wanted: i64 = to.parse().map_err(|_| {
        Refusal::Argument(Text::from(format!("to: \"{to}\" is no revision number")))
    })?;
    match known
        .iter()
        .find(|revision| revision.number == wanted || revision.also.contains(&wanted))
    {
        Some(revision) if revision.current => {
            impossible(format!("{name} runs revision {wanted} already"))
        }
        Some(revision) => Ok(revision),
        None => {
            let numbers: Vec<String> = known.iter().map(Revision::numbers).collect();
            impossible(format!(
                "{name} has no revision {wanted}; it has {}",
                numbers.join(", ")
            ))
        }
    }
}

fn cautions(target: &Revision) -> Vec<Warning> {
    let mut warnings = Vec::new();
    match &target.proof {
        Proof::Good(_) => {}
        Proof::Unproven => warnings.push(Warning::new(
            Weight::Caution,
            format!("Nobody saw revision {} available: unproven.", target.number),
        )),
        Proof::Bad(how) => warnings.push(Warning::new(
            Weight::Raises,
            format!("Revision {} {how}.", target.number),
        )),
    }
    for image in template::images(&target.template) {
        if template::is_mutable(image) {
            warnings.push(Warning::new(
                Weight::Caution,
                format!("{image} is a name that moves: it may be another image than it was then."),
            ));
        }
    }
    warnings
}

/// Whether what the revision refers to is still there.
fn references(
    facts: &Facts,
    target: &Revision,
    warnings: &mut Vec<Warning>,
    checks: &mut Vec<Check>,
) {
    let needed = super::references::of_template(&target.template);
    for looked_up in facts.list(Topic::References) {
        let (kind, name) = (text(looked_up, "/kind"), text(looked_up, "/name"));
        if !needed
            .iter()
            .any(|need| need.kind == kind && need.name == name)
        {
            continue;
        }
        let what = format!("{kind} {name}");
        let verdict = match looked_up.get("there").and_then(Json::as_bool) {
            Some(true) => Verdict::Passed,
            Some(false) => {
                let words = format!("{what}, which revision {} needs, is gone.", target.number);
                warnings.push(Warning::new(Weight::Raises, words));
                Verdict::Failed(Text::new("gone"))
            }
            None => Verdict::Unverified(Text::new("cannot be seen")),
        };
        checks.push(Check::new(what, verdict));
    }
}

/// The pod that an ordered StatefulSet would wait for: broken, and not of the revision it shall have.
fn stuck<'a>(facts: &'a Facts, target: &Revision) -> Option<&'a Json> {
    let ordered = facts.target.kind == Kind::StatefulSet
        && facts.text("/spec/podManagementPolicy") != "Parallel";
    facts.list(Topic::Pods).iter().find(|pod| {
        ordered
            && text(pod, "/metadata/labels/controller-revision-hash") != target.name
            && trouble::of(pod).is_some()
    })
}

fn unstick(facts: &Facts, pod: &Json) -> (Text, Invocation) {
    let name = text(pod, "/metadata/name");
    let target = Target {
        kind: Kind::Pod,
        name: crate::model::Name::new(name),
        uid: Some(Uid::parse(text(pod, "/metadata/uid"))),
        ..facts.target.clone()
    };
    let words = format!(
        "{name} is broken and of the revision that was left; an ordered StatefulSet waits for it. Delete it, and it comes back with the right one."
    );
    (
        Text::from(words),
        Invocation::new(&kubernetes::delete::Delete, target),
    )
}

/// The list of revisions, with what each would change against now.
pub fn table(facts: &Facts, known: &[Revision], target: Option<&Revision>) -> Table {
    let present = template::normal(
        facts
            .object
            .pointer("/spec/template")
            .unwrap_or(&Json::Null),
    );
    let good = revisions::last_known_good(known).map(|revision| revision.number);
    let rows = known.iter().map(|revision| {
        let age = revision.began.and_then(|began| between(began, facts.now));
        let mut known_as = revision.words();
        if good == Some(revision.number) {
            known_as.push_str(if revision.is_good() {
                " · last known good"
            } else {
                " · stayed longest"
            });
        }
        let stayed = if revision.current {
            None
        } else {
            revision.stayed
        };
        TableRow {
            cells: vec![
                Text::from(revision.numbers()),
                Text::from(template::images(&revision.template).join(", ")),
                Text::from(age.map_or_else(String::new, |age| format!("{} ago", span(age)))),
                Text::from(stayed.map_or_else(String::new, span)),
                Text::from(if revision.current {
                    format!("runs now: {known_as}")
                } else {
                    known_as
                }),
                Text::new(&revision.cause),
            ],
            health: match (&revision.proof, revision.current) {
                (Proof::Good(_), _) => Health::Good,
                (Proof::Bad(_), _) => Health::Bad,
                (Proof::Unproven, true) => Health::Warn,
                (Proof::Unproven, false) => Health::Idle,
            },
            value: (!revision.current).then(|| revision.number.to_string()),
            chosen: target.is_some_and(|target| target.number == revision.number),
            diff: template::diff(&present, &template::normal(&revision.template)),
        }
    });
    Table {
        title: Text::new("Revisions"),
        columns: vec!["REVISION", "IMAGE", "AGE", "STAYED", "SEEN", "CAUSE"],
        rows: rows.collect(),
        chooses: Some("to"),
    }
}

/// Forward again, while it is still what we set.
fn undo(facts: &Facts, known: &[Revision], target: &Revision) -> Option<Undo> {
    let before = known.iter().find(|revision| revision.current)?;
    let mut invocation = Invocation::new(&Rollback, facts.target.clone())
        .with("to", Value::Word(before.number.to_string()));
    invocation.expects.push(Expected {
        pointer: "/spec/template".to_owned(),
        value: target.template.clone(),
    });
    Some(Undo {
        title: Text::from(format!("Go forward to revision {} again", before.number)),
        invocation,
    })
}
