//! Delete and evict: an object goes, and only the one that was seen. Evicting asks the disruption budgets first.

use std::time::Duration;

use super::{lasting, references, trouble};
use crate::actions::Action;
use crate::actions::argument::{Argument, Arguments, Shape};
use crate::actions::facts::{Facts, Topic, list, number, text};
use crate::actions::goal::Goal;
use crate::actions::guard::Level;
use crate::actions::invocation::named;
use crate::actions::plan::{FieldChange, Lasting, Plan, Warning, Weight};
use crate::actions::refusal::Refusal;
use crate::actions::step::{Permission, Propagation, Step};
use crate::model::{Kind, Name, Target, Text, Uid};

/// Deletes any object.
pub struct Delete;
/// Deletes a pod, if its disruption budget lets it go.
pub struct Evict;

const BUDGET: Duration = Duration::from_mins(2);

const GRACE: Argument = Argument {
    name: "grace",
    doc: "Seconds that it has to end; its own, if left out",
    shape: Shape::Number {
        least: 1,
        most: 86_400,
    },
    required: false,
    positional: false,
};
const DELETE_ARGUMENTS: &[Argument] = &[
    GRACE,
    Argument {
        name: "cascade",
        doc: "What happens to what it owns: deleted after it, before it, or left",
        shape: Shape::Choice(&["background", "foreground", "orphan"]),
        required: false,
        positional: false,
    },
    Argument {
        name: "force",
        doc: "Forget a pod without waiting for its node: two of a StatefulSet may run at once",
        shape: Shape::Flag,
        required: false,
        positional: false,
    },
];
const EVICT_ARGUMENTS: &[Argument] = &[GRACE];

impl Action for Evict {
    fn name(&self) -> &'static str {
        "evict"
    }

    fn title(&self) -> &'static str {
        "Evict"
    }

    fn doc(&self) -> &'static str {
        "Let a pod go if its disruption budget permits; its controller makes another"
    }

    fn chord(&self) -> &'static str {
        "e"
    }

    fn applies(&self, kind: &Kind) -> bool {
        *kind == Kind::Pod
    }

    fn arguments(&self) -> &'static [Argument] {
        EVICT_ARGUMENTS
    }

    fn needs(&self, kind: &Kind) -> Vec<Permission> {
        vec![Permission::on("create", kind.clone(), "eviction")]
    }

    fn reads(&self, _kind: &Kind) -> &'static [Topic] {
        &[Topic::Owners, Topic::Budgets]
    }

    fn plan(&self, facts: &Facts, arguments: &Arguments) -> Result<Plan, Refusal> {
        let step = Step::Evict {
            target: facts.target.clone(),
            uid: facts.text("/metadata/uid").to_owned(),
            grace_seconds: grace(arguments),
            patient: false,
        };
        let name = named(&facts.target);
        let mut plan = pod_goes(facts, step, format!("Evict {name}"))?;
        plan.touches.extend(budgets(facts));
        Ok(plan)
    }
}

impl Action for Delete {
    fn name(&self) -> &'static str {
        "delete"
    }

    fn title(&self) -> &'static str {
        "Delete"
    }

    fn doc(&self) -> &'static str {
        "Delete an object; for pods, evict is kinder"
    }

    fn chord(&self) -> &'static str {
        "D"
    }

    fn applies(&self, kind: &Kind) -> bool {
        *kind != Kind::Event
    }

    fn arguments(&self) -> &'static [Argument] {
        DELETE_ARGUMENTS
    }

    fn needs(&self, kind: &Kind) -> Vec<Permission> {
        vec![Permission::new("delete", kind.clone())]
    }

    fn reads(&self, kind: &Kind) -> &'static [Topic] {
        match kind {
            Kind::Pod => &[Topic::Owners, Topic::Budgets],
            Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet | Kind::ReplicaSet => {
                &[Topic::Pods]
            }
            _ => &[],
        }
    }

    fn plan(&self, facts: &Facts, arguments: &Arguments) -> Result<Plan, Refusal> {
        let force = arguments.flag("force");
        let name = named(&facts.target);
        let propagation = match arguments.text("cascade") {
            Some("foreground") => Propagation::Foreground,
            Some("orphan") => Propagation::Orphan,
            _ => Propagation::Background,
        };
        let step = Step::Delete {
            target: facts.target.clone(),
            uid: facts.text("/metadata/uid").to_owned(),
            grace_seconds: if force { Some(0) } else { grace(arguments) },
            propagation,
        };
        if facts.target.kind == Kind::Pod {
            let mut plan = pod_goes(facts, step, format!("Delete {name}"))?;
            plan.level = plan.level.max(Level::Service);
            if force {
                plan.level = Level::Loss;
                plan.summary = Text::new(
                    "Forgets the pod without waiting for its node: its processes may still run.",
                );
            } else if !budgets(facts).is_empty() {
                plan.warnings.push(Warning::new(
                    Weight::Caution,
                    "Deleting does not ask its disruption budget; evicting does.",
                ));
            }
            return Ok(plan);
        }
        if force {
            let words = "force: only pods can be forgotten without waiting";
            return Err(Refusal::Argument(Text::new(words)));
        }
        Ok(object_goes(facts, step, propagation))
    }
}

fn grace(arguments: &Arguments) -> Option<u32> {
    arguments
        .number("grace")
        .and_then(|grace| u32::try_from(grace).ok())
}

/// The plan for a pod that goes.
fn pod_goes(facts: &Facts, step: Step, title: String) -> Result<Plan, Refusal> {
    let uid = facts.text("/metadata/uid").to_owned();
    let name = named(&facts.target);
    let force = matches!(
        &step,
        Step::Delete {
            grace_seconds: Some(0),
            ..
        }
    );
    if trouble::is_leaving(&facts.object) && !force {
        return Err(Refusal::NotPossible(Text::from(format!(
            "{name} is ending already"
        ))));
    }
    let mut warnings = Vec::new();
    let owner = facts.list(Topic::Owners).first();
    let named_owner = references::controller_of(&facts.object);
    let summary = if let Some(owner) = named_owner {
        format!(
            "The pod ends; {} {} makes another.",
            text(owner, "/kind"),
            text(owner, "/name")
        )
    } else {
        warnings.push(Warning::new(
            Weight::Raises,
            "Nothing owns this pod: it will not come back.",
        ));
        "The pod ends and does not come back.".to_owned()
    };
    let wanted = owner.and_then(|owner| owner.pointer("/spec/replicas")?.as_i64());
    if wanted == Some(1) && trouble::is_ready(&facts.object) {
        warnings.push(Warning::new(
            Weight::Raises,
            "It is the only pod of its workload: it is gone until the next one is ready.",
        ));
    }
    if list(&facts.object, "/spec/volumes")
        .iter()
        .any(|volume| volume.get("emptyDir").is_some())
    {
        warnings.push(Warning::new(
            Weight::Note,
            "What it keeps in emptyDir volumes goes with it.",
        ));
    }
    let owner = named_owner.and_then(|reference| {
        let kind = Kind::find(text(reference, "/kind"))?;
        matches!(kind, Kind::ReplicaSet | Kind::StatefulSet | Kind::DaemonSet).then(|| Target {
            kind,
            name: Name::new(text(reference, "/name")),
            uid: Some(Uid::parse(text(reference, "/uid"))),
            ..facts.target.clone()
        })
    });
    Ok(Plan {
        title: Text::from(title),
        summary: Text::from(summary),
        level: Level::Bounded,
        changes: vec![FieldChange::new(
            "pod",
            &facts.text("/status/phase"),
            &"gone",
        )],
        touches: vec![Text::from(format!(
            "on node {}",
            facts.text("/spec/nodeName")
        ))],
        warnings,
        lasting: Lasting::Once,
        checks: Vec::new(),
        tables: Vec::new(),
        steps: vec![step],
        goal: Goal::Gone {
            target: facts.target.clone(),
            uid,
            owner,
        },
        budget: BUDGET,
        steady: Duration::ZERO,
        undo: None,
        next: None,
    })
}

/// The disruption budgets over the pod, and how many they let go now.
fn budgets(facts: &Facts) -> Vec<Text> {
    let labels = facts.object.pointer("/metadata/labels");
    let over = facts.list(Topic::Budgets).iter().filter(|budget| {
        let selector = budget.pointer("/spec/selector").zip(labels);
        selector.is_some_and(|(selector, labels)| references::chooses(selector, labels))
    });
    over.map(|budget| {
        Text::from(format!(
            "budget {} lets {} go now",
            text(budget, "/metadata/name"),
            number(budget, "/status/disruptionsAllowed")
        ))
    })
    .collect()
}

/// The plan for any other object that goes.
fn object_goes(facts: &Facts, step: Step, propagation: Propagation) -> Plan {
    let name = named(&facts.target);
    let mut warnings = Vec::new();
    let mut level = Level::Outage;
    let owned = match propagation {
        Propagation::Background => "what it owns goes after it",
        Propagation::Foreground => "what it owns goes before it",
        Propagation::Orphan => "what it owns stays, without an owner",
    };
    match facts.target.kind {
        Kind::Namespace => {
            level = Level::Loss;
            warnings.push(Warning::new(
                Weight::Raises,
                "Everything in the namespace goes with it, volumes and secrets too.",
            ));
        }
        Kind::PersistentVolumeClaim => {
            level = Level::Loss;
            warnings.push(Warning::new(
                Weight::Raises,
                "The data of the volume may go with the claim.",
            ));
        }
        Kind::Job => level = Level::Service,
        _ => {}
    }
    if let Some(owner) = references::controller_of(&facts.object) {
        warnings.push(Warning::new(
            Weight::Note,
            format!(
                "{} {} owns it and may make it again.",
                text(owner, "/kind"),
                text(owner, "/name")
            ),
        ));
    }
    for finalizer in list(&facts.object, "/metadata/finalizers") {
        let finalizer = finalizer.as_str().unwrap_or_default();
        warnings.push(Warning::new(
            Weight::Caution,
            format!("It waits for the finalizer {finalizer} before it is gone."),
        ));
    }
    let pods = facts.list(Topic::Pods).len();
    let mut touches = vec![Text::new(owned)];
    if pods > 0 && propagation != Propagation::Orphan {
        touches.push(Text::from(format!("{pods} pods end")));
    }
    let lasting = match lasting::of(&facts.object, &["spec"]) {
        Lasting::Persists => Lasting::Once,
        managed => managed,
    };
    Plan {
        title: Text::from(format!("Delete {name}")),
        summary: Text::from(format!("It is gone for good; {owned}.")),
        level,
        changes: vec![FieldChange::new(
            facts.target.kind.name(),
            &"there",
            &"gone",
        )],
        touches,
        warnings,
        lasting,
        checks: Vec::new(),
        tables: Vec::new(),
        steps: vec![step],
        goal: Goal::Gone {
            target: facts.target.clone(),
            uid: facts.text("/metadata/uid").to_owned(),
            owner: None,
        },
        budget: BUDGET,
        steady: Duration::ZERO,
        undo: None,
        next: None,
    }
}
