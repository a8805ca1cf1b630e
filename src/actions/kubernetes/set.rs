//! Set image and set env: one field of a template, rolled out and followed.

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::restart::{manner, refuse_paused, rollout, seen, strategy, wanted, warn};
use super::{lasting, rollback, template};
use crate::actions::Action;
use crate::actions::argument::{Argument, Arguments, Shape, Value};
use crate::actions::facts::{Facts, list, text};
use crate::actions::guard::Level;
use crate::actions::invocation::{Expected, Invocation, named};
use crate::actions::plan::{FieldChange, Plan, Undo, Warning, Weight};
use crate::actions::refusal::Refusal;
use crate::actions::step::{Operation, Permission, Step, Test};
use crate::model::{Kind, Text};

/// Sets images of containers.
pub struct SetImage;
/// Sets variables of a container.
pub struct SetEnv;

const CONTAINERS: &str = "/spec/template/spec/containers";

const IMAGE_ARGUMENTS: &[Argument] = &[Argument {
    name: "image",
    doc: "CONTAINER=IMAGE, several times",
    shape: Shape::Pairs,
    required: true,
    positional: true,
}];
const ENV_ARGUMENTS: &[Argument] = &[
    Argument {
        name: "env",
        doc: "NAME=VALUE, several times",
        shape: Shape::Pairs,
        required: true,
        positional: true,
    },
    Argument {
        name: "container",
        doc: "Which container; the first, if left out",
        shape: Shape::Word,
        required: false,
        positional: false,
    },
];

fn has_template(kind: &Kind) -> bool {
    matches!(kind, Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet)
}

impl Action for SetImage {
    fn name(&self) -> &'static str {
        "set-image"
    }

    fn title(&self) -> &'static str {
        "Set image of"
    }

    fn doc(&self) -> &'static str {
        "Run another image, and follow its rollout"
    }

    fn chord(&self) -> &'static str {
        "i"
    }

    fn applies(&self, kind: &Kind) -> bool {
        has_template(kind)
    }

    fn arguments(&self) -> &'static [Argument] {
        IMAGE_ARGUMENTS
    }

    fn needs(&self, kind: &Kind) -> Vec<Permission> {
        vec![Permission::new("patch", kind.clone())]
    }

    fn plan(&self, facts: &Facts, arguments: &Arguments) -> Result<Plan, Refusal> {
        let mut set = Set::default();
        let mut before = Vec::new();
        for (name, image) in arguments.pairs("image") {
            let (at, container) = container(facts, name)?;
            let now = text(container, "/image");
            if now == image {
                continue;
            }
            before.push((name.clone(), now.to_owned()));
            let pointer = format!("{CONTAINERS}/{at}/image");
            set.changes.push(FieldChange::new(
                &format!("containers[{name}].image"),
                &now,
                image,
            ));
            set.expects.push((pointer.clone(), image.as_str().into()));
            set.operations
                .push(Operation::replace(pointer, image.as_str()));
            if template::is_mutable(image) {
                set.warnings.push(Warning::new(
                    Weight::Caution,
                    format!("{image} is a name that moves: it cannot be told later what ran."),
                ));
            }
        }
        let undo =
            Invocation::new(&SetImage, facts.target.clone()).with("image", Value::Pairs(before));
        set.plan(
            facts,
            "Set image of",
            "Runs another image in every pod.",
            Some(undo),
        )
    }
}

impl Action for SetEnv {
    fn name(&self) -> &'static str {
        "set-env"
    }

    fn title(&self) -> &'static str {
        "Set variables of"
    }

    fn doc(&self) -> &'static str {
        "Set variables of a container, and follow the rollout"
    }

    fn applies(&self, kind: &Kind) -> bool {
        has_template(kind)
    }

    fn arguments(&self) -> &'static [Argument] {
        ENV_ARGUMENTS
    }

    fn needs(&self, kind: &Kind) -> Vec<Permission> {
        vec![Permission::new("patch", kind.clone())]
    }

    fn plan(&self, facts: &Facts, arguments: &Arguments) -> Result<Plan, Refusal> {
        let first = list(&facts.object, CONTAINERS)
            .first()
            .map(|container| text(container, "/name"));
        let name = arguments.text("container").or(first).unwrap_or_default();
        let (at, container) = container(facts, name)?;
        let mut env = list(container, "/env").to_vec();
        let mut set = Set::default();
        for (variable, value) in arguments.pairs("env") {
            let known = env.iter_mut().find(|one| text(one, "/name") == variable);
            let before = known.as_ref().map_or_else(String::new, |one| {
                match one.get("value").and_then(Json::as_str) {
                    Some(value) => value.to_owned(),
                    None => "(from elsewhere)".to_owned(),
                }
            });
            if before == *value {
                continue;
            }
            let new = json!({"name": variable, "value": value});
            match known {
                Some(one) => *one = new,
                None => env.push(new),
            }
            let mut change = FieldChange::new(
                &format!("containers[{name}].env[{variable}]"),
                &before,
                value,
            );
            change.private = true;
            set.changes.push(change);
        }
        let pointer = format!("{CONTAINERS}/{at}/env");
        set.operations
            .push(Operation::add(pointer, Json::Array(env)));
        set.plan(
            facts,
            "Set variables of",
            "Restarts every pod with other variables.",
            None,
        )
    }
}

/// The container of a name and its place.
fn container<'a>(facts: &'a Facts, name: &str) -> Result<(usize, &'a Json), Refusal> {
    let containers = list(&facts.object, CONTAINERS);
    let found = containers
        .iter()
        .enumerate()
        .find(|(_, container)| text(container, "/name") == name);
    found.ok_or_else(|| {
        let names: Vec<&str> = containers
            .iter()
            .map(|container| text(container, "/name"))
            .collect();
        Refusal::Argument(Text::from(format!(
            "{} has no container \"{name}\": it has {}",
            named(&facts.target),
            names.join(", ")
        )))
    })
}

/// What is set, on its way to a plan.
#[derive(Default)]
struct Set {
    changes: Vec<FieldChange>,
    operations: Vec<Operation>,
    expects: Vec<(String, Json)>,
    warnings: Vec<Warning>,
}

impl Set {
    fn plan(
        mut self,
        facts: &Facts,
        verb: &str,
        summary: &str,
        undo: Option<Invocation>,
    ) -> Result<Plan, Refusal> {
        let name = named(&facts.target);
        refuse_paused(facts)?;
        if self.changes.is_empty() {
            return Err(Refusal::NotPossible(Text::from(format!(
                "{name} has that already"
            ))));
        }
        let strategy = strategy(facts);
        let pods = wanted(facts);
        self.warnings.extend(warn(facts, strategy, pods));
        self.warnings.extend(lasting::notes(&facts.object));
        let mut tests = seen(facts);
        // A list is changed by place, so the places must be what they were.
        for (at, container) in list(&facts.object, CONTAINERS).iter().enumerate() {
            tests.push(Test::new(
                format!("{CONTAINERS}/{at}/name"),
                text(container, "/name"),
            ));
        }
        let undo = undo.map(|mut invocation| {
            invocation.expects = self
                .expects
                .drain(..)
                .map(|(pointer, value)| Expected { pointer, value })
                .collect();
            Undo {
                title: Text::new("Set it back"),
                invocation,
            }
        });
        Ok(Plan {
            title: Text::from(format!("{verb} {name}")),
            summary: Text::new(summary),
            level: Level::Service,
            changes: self.changes,
            touches: vec![Text::from(format!(
                "{pods} pods, {}",
                manner(facts, strategy)
            ))],
            warnings: self.warnings,
            lasting: lasting::of(&facts.object, &["spec", "template"]),
            checks: Vec::new(),
            tables: Vec::new(),
            steps: vec![Step::Patch {
                target: facts.target.clone(),
                subresource: "",
                tests,
                changes: self.operations,
            }],
            goal: rollout(facts, strategy),
            budget: rollback::budget(pods)
                .saturating_mul(5)
                .min(Duration::from_mins(10)),
            steady: rollback::steady(facts),
            undo,
            next: None,
        })
    }
}
