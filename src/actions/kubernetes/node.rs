//! Nodes: cordon, uncordon, and drain with its table of pods, budgets and verdicts.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value as Json;

use super::{references, trouble};
use crate::actions::Action;
use crate::actions::argument::{Argument, Arguments, Shape};
use crate::actions::facts::{Facts, Topic, list, number, text};
use crate::actions::goal::Goal;
use crate::actions::guard::Level;
use crate::actions::invocation::{Invocation, named};
use crate::actions::plan::{FieldChange, Lasting, Plan, Table, TableRow, Undo, Warning, Weight};
use crate::actions::refusal::Refusal;
use crate::actions::step::{Operation, Permission, Step, Test};
use crate::model::{Health, Kind, Name, Target, Text, Uid};

/// Keeps new pods off a node.
pub struct Cordon;
/// Lets new pods onto a node again.
pub struct Uncordon;
/// Cordons a node and evicts its pods.
pub struct Drain;

const FIELD: &str = "/spec/unschedulable";
const SOON: Duration = Duration::from_secs(30);
/// How long budgets are waited for.
const DRAIN: Duration = Duration::from_mins(10);

const DRAIN_ARGUMENTS: &[Argument] = &[
    Argument {
        name: "unmanaged",
        doc: "Also evict pods that nothing owns: they do not come back",
        shape: Shape::Flag,
        required: false,
        positional: false,
    },
    Argument {
        name: "grace",
        doc: "Seconds that each pod has to end; its own, if left out",
        shape: Shape::Number {
            least: 1,
            most: 86_400,
        },
        required: false,
        positional: false,
    },
];

impl Action for Cordon {
    fn name(&self) -> &'static str {
        "cordon"
    }

    fn title(&self) -> &'static str {
        "Cordon"
    }

    fn doc(&self) -> &'static str {
        "Keep new pods off a node"
    }

    fn chord(&self) -> &'static str {
        "c"
    }

    fn applies(&self, kind: &Kind) -> bool {
        *kind == Kind::Node
    }

    fn needs(&self, kind: &Kind) -> Vec<Permission> {
        vec![Permission::new("patch", kind.clone())]
    }

    fn plan(&self, facts: &Facts, _arguments: &Arguments) -> Result<Plan, Refusal> {
        switch(facts, true)
    }
}

impl Action for Uncordon {
    fn name(&self) -> &'static str {
        "uncordon"
    }

    fn title(&self) -> &'static str {
        "Uncordon"
    }

    fn doc(&self) -> &'static str {
        "Let new pods onto a node again"
    }

    fn chord(&self) -> &'static str {
        "u"
    }

    fn applies(&self, kind: &Kind) -> bool {
        *kind == Kind::Node
    }

    fn needs(&self, kind: &Kind) -> Vec<Permission> {
        vec![Permission::new("patch", kind.clone())]
    }

    fn plan(&self, facts: &Facts, _arguments: &Arguments) -> Result<Plan, Refusal> {
        switch(facts, false)
    }
}

fn is_cordoned(facts: &Facts) -> bool {
    facts.object.pointer(FIELD) == Some(&Json::Bool(true))
}

fn switch(facts: &Facts, cordon: bool) -> Result<Plan, Refusal> {
    let name = named(&facts.target);
    let (verb, back): (&str, &'static dyn Action) = if cordon {
        ("Cordon", &Uncordon)
    } else {
        ("Uncordon", &Cordon)
    };
    if is_cordoned(facts) == cordon {
        let word = if cordon { "cordoned" } else { "not cordoned" };
        return Err(Refusal::NotPossible(Text::from(format!(
            "{name} is {word} already"
        ))));
    }
    let word = |cordoned: bool| if cordoned { "cordoned" } else { "open" };
    Ok(Plan {
        title: Text::from(format!("{verb} {name}")),
        summary: Text::new(if cordon {
            "No new pods come to it; those that run there stay."
        } else {
            "New pods may come to it again."
        }),
        level: Level::Bounded,
        changes: vec![FieldChange::new(
            "scheduling",
            &word(!cordon),
            &word(cordon),
        )],
        touches: Vec::new(),
        warnings: Vec::new(),
        lasting: Lasting::Persists,
        checks: Vec::new(),
        tables: Vec::new(),
        steps: vec![set(facts, cordon)],
        goal: Goal::Field {
            target: facts.target.clone(),
            pointer: FIELD.to_owned(),
            value: cordon.into(),
        },
        budget: SOON,
        steady: Duration::ZERO,
        undo: Some(Undo {
            title: Text::from(format!("{} it again", back.title())),
            invocation: Invocation::new(back, facts.target.clone()),
        }),
        next: None,
    })
}

fn set(facts: &Facts, cordon: bool) -> Step {
    Step::Patch {
        target: facts.target.clone(),
        subresource: "",
        tests: vec![Test::new("/metadata/uid", facts.text("/metadata/uid"))],
        changes: vec![Operation::add(FIELD, cordon)],
    }
}

impl Action for Drain {
    fn name(&self) -> &'static str {
        "drain"
    }

    fn title(&self) -> &'static str {
        "Drain"
    }

    fn doc(&self) -> &'static str {
        "Cordon a node and evict its pods as their disruption budgets permit"
    }

    fn chord(&self) -> &'static str {
        "d"
    }

    fn applies(&self, kind: &Kind) -> bool {
        *kind == Kind::Node
    }

    fn arguments(&self) -> &'static [Argument] {
        DRAIN_ARGUMENTS
    }

    fn needs(&self, kind: &Kind) -> Vec<Permission> {
        vec![
            Permission::new("patch", kind.clone()),
            Permission::on("create", Kind::Pod, "eviction"),
        ]
    }

    fn reads(&self, _kind: &Kind) -> &'static [Topic] {
        &[Topic::Pods, Topic::Budgets]
    }

    fn plan(&self, facts: &Facts, arguments: &Arguments) -> Result<Plan, Refusal> {
        let name = named(&facts.target);
        if let Some(why) = facts.unread(Topic::Pods) {
            return Err(Refusal::NotPossible(Text::from(format!(
                "the pods on {name} cannot be read: {why}"
            ))));
        }
        let mut warnings = Vec::new();
        if let Some(why) = facts.unread(Topic::Budgets) {
            warnings.push(Warning::new(
                Weight::Caution,
                format!(
                    "Disruption budgets cannot be read ({why}): what they let go is not foreseen."
                ),
            ));
        }
        let pods = foresee(facts, arguments.flag("unmanaged"));
        let unmanaged = pods
            .iter()
            .filter(|pod| pod.fate == Fate::Unmanaged)
            .count();
        if unmanaged > 0 {
            return Err(Refusal::NotPossible(Text::from(format!(
                "{unmanaged} pods on {name} have no owner and would not come back; --unmanaged evicts them too"
            ))));
        }
        warnings.extend(cautions(&pods));
        let going: Vec<&Foreseen<'_>> = pods.iter().filter(|pod| pod.fate.goes()).collect();
        let grace = arguments
            .number("grace")
            .and_then(|grace| u32::try_from(grace).ok());
        let mut steps = Vec::new();
        if !is_cordoned(facts) {
            steps.push(set(facts, true));
        }
        steps.extend(going.iter().map(|pod| Step::Evict {
            target: pod.target(facts),
            uid: text(pod.pod, "/metadata/uid").to_owned(),
            grace_seconds: grace,
            patient: true,
        }));
        if steps.is_empty() {
            return Err(Refusal::NotPossible(Text::from(format!(
                "{name} is cordoned and has no pod to evict"
            ))));
        }
        let gone = going
            .iter()
            .map(|pod| (pod.target(facts), text(pod.pod, "/metadata/uid").to_owned()));
        let uncordon = || Invocation::new(&Uncordon, facts.target.clone());
        Ok(Plan {
            title: Text::from(format!("Drain {name}")),
            summary: Text::from(format!(
                "Keeps new pods off it and evicts {} of its {} pods.",
                going.len(),
                pods.len()
            )),
            level: Level::Outage,
            changes: vec![FieldChange::new(
                "scheduling",
                &if is_cordoned(facts) {
                    "cordoned"
                } else {
                    "open"
                },
                &"cordoned",
            )],
            touches: vec![Text::from(format!("{} pods", going.len()))],
            warnings,
            lasting: Lasting::Persists,
            checks: Vec::new(),
            tables: vec![table(&pods)],
            steps,
            goal: Goal::Drained {
                node: facts.target.clone(),
                pods: gone.collect(),
            },
            budget: DRAIN,
            steady: Duration::ZERO,
            undo: Some(Undo {
                title: Text::new("Uncordon it again; pods do not move back"),
                invocation: uncordon(),
            }),
            next: Some((
                Text::new("The node is cordoned. Uncordon it if the drain is given up."),
                uncordon(),
            )),
        })
    }
}

/// What becomes of a pod in a drain.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fate {
    Goes,
    /// Its budget has no room now.
    Waits(String),
    /// Two budgets: the server evicts it never.
    Blocked,
    Unmanaged,
    /// Of a DaemonSet, of the node itself, or ended.
    Stays(&'static str),
}

impl Fate {
    fn goes(&self) -> bool {
        matches!(self, Self::Goes | Self::Waits(_) | Self::Blocked)
    }
}

/// A pod and what becomes of it.
struct Foreseen<'a> {
    pod: &'a Json,
    owner: String,
    budget: String,
    fate: Fate,
}

impl Foreseen<'_> {
    fn target(&self, facts: &Facts) -> Target {
        Target {
            endpoint: facts.target.endpoint,
            kind: Kind::Pod,
            namespace: Name::new(text(self.pod, "/metadata/namespace")),
            name: Name::new(text(self.pod, "/metadata/name")),
            uid: Some(Uid::parse(text(self.pod, "/metadata/uid"))),
        }
    }
}

/// Goes through the pods as a drain would, taking from each budget what it lets go.
fn foresee(facts: &Facts, unmanaged: bool) -> Vec<Foreseen<'_>> {
    let budgets = facts.list(Topic::Budgets);
    let mut left: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    let mut foreseen = Vec::new();
    for pod in facts.list(Topic::Pods) {
        let namespace = text(pod, "/metadata/namespace");
        let labels = pod.pointer("/metadata/labels").unwrap_or(&Json::Null);
        let over: Vec<&Json> = budgets
            .iter()
            .filter(|budget| {
                text(budget, "/metadata/namespace") == namespace
                    && budget
                        .pointer("/spec/selector")
                        .is_some_and(|selector| references::chooses(selector, labels))
            })
            .collect();
        let owner = references::controller_of(pod);
        let fate = match (stays(pod, owner), over.as_slice()) {
            (Some(why), _) => Fate::Stays(why),
            (None, _) if owner.is_none() && !unmanaged => Fate::Unmanaged,
            // A pod that does not run yet needs no budget.
            (None, _) if text(pod, "/status/phase") == "Pending" => Fate::Goes,
            (None, []) => Fate::Goes,
            (None, [budget]) => {
                let name = text(budget, "/metadata/name");
                let room = left
                    .entry((namespace, name))
                    .or_insert_with(|| number(budget, "/status/disruptionsAllowed"));
                *room -= 1;
                if *room >= 0 {
                    Fate::Goes
                } else {
                    Fate::Waits(name.to_owned())
                }
            }
            (None, _) => Fate::Blocked,
        };
        let names: Vec<&str> = over
            .iter()
            .map(|budget| text(budget, "/metadata/name"))
            .collect();
        foreseen.push(Foreseen {
            pod,
            owner: owner.map_or_else(String::new, |owner| {
                format!("{} {}", text(owner, "/kind"), text(owner, "/name"))
            }),
            budget: names.join(", "),
            fate,
        });
    }
    foreseen
}

/// Why a drain leaves a pod where it is.
fn stays(pod: &Json, owner: Option<&Json>) -> Option<&'static str> {
    let mirror = pod
        .pointer("/metadata/annotations")
        .and_then(|annotations| annotations.get("kubernetes.io/config.mirror"));
    if mirror.is_some() {
        return Some("belongs to the node");
    }
    if owner.is_some_and(|owner| text(owner, "/kind") == "DaemonSet") {
        return Some("of a DaemonSet");
    }
    if matches!(text(pod, "/status/phase"), "Succeeded" | "Failed") {
        return Some("has ended");
    }
    trouble::is_leaving(pod).then_some("is ending already")
}

fn cautions(pods: &[Foreseen<'_>]) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let going = || pods.iter().filter(|pod| pod.fate.goes());
    let waiting = going()
        .filter(|pod| matches!(pod.fate, Fate::Waits(_)))
        .count();
    if waiting > 0 {
        warnings.push(Warning::new(
            Weight::Caution,
            format!(
                "{waiting} pods wait for room in their budget; each is tried again until then."
            ),
        ));
    }
    let blocked = going().filter(|pod| pod.fate == Fate::Blocked).count();
    if blocked > 0 {
        warnings.push(Warning::new(
            Weight::Caution,
            format!("{blocked} pods have more than one budget: the server evicts such pods never."),
        ));
    }
    let keeps = |pod: &&Foreseen<'_>| {
        list(pod.pod, "/spec/volumes")
            .iter()
            .any(|volume| volume.get("emptyDir").is_some())
    };
    let keeping = going().filter(keeps).count();
    if keeping > 0 {
        warnings.push(Warning::new(
            Weight::Caution,
            format!("{keeping} pods lose what they keep in emptyDir volumes."),
        ));
    }
    warnings
}

fn table(pods: &[Foreseen<'_>]) -> Table {
    let rows = pods.iter().map(|pod| {
        let (verdict, health) = match &pod.fate {
            Fate::Goes => ("goes at once".to_owned(), Health::Good),
            Fate::Waits(budget) => (format!("waits for budget {budget}"), Health::Warn),
            Fate::Blocked => ("two budgets: is never evicted".to_owned(), Health::Bad),
            Fate::Unmanaged => ("has no owner".to_owned(), Health::Bad),
            Fate::Stays(why) => (format!("stays: {why}"), Health::Idle),
        };
        let name = format!(
            "{}/{}",
            text(pod.pod, "/metadata/namespace"),
            text(pod.pod, "/metadata/name")
        );
        TableRow {
            cells: vec![
                Text::from(name),
                Text::new(&pod.owner),
                Text::new(&pod.budget),
                Text::from(verdict),
            ],
            health,
            ..TableRow::default()
        }
    });
    Table {
        title: Text::new("Pods"),
        columns: vec!["POD", "OWNER", "BUDGET", "VERDICT"],
        rows: rows.collect(),
        chooses: None,
    }
}
