//! Looks at what a goal is about, one request a look: the object and its pods in turn.

use serde_json::Value;

use crate::actions::evaluate::Seen;
use crate::actions::facts::text;
use crate::actions::goal::Goal;
use crate::actions::kubernetes::references;
use crate::clients::fault::Fault;
use crate::clients::kube::Reader;
use crate::model::{Kind, Target, Text};

const JSON: &str = "application/json";
/// Lines of a crashed container that are told.
const LINES: usize = 5;

/// What was seen so far.
#[derive(Default)]
pub(super) struct Look {
    object: Option<Value>,
    pods: Vec<Value>,
    owner: Option<Value>,
    turn: u32,
}

impl Look {
    pub(super) fn seen(&self) -> Seen<'_> {
        Seen {
            object: self.object.as_ref(),
            pods: &self.pods,
            owner: self.owner.as_ref(),
        }
    }

    /// Looks again: the object at first and at every other look.
    pub(super) async fn again(&mut self, reader: &Reader, goal: &Goal) -> Result<(), Fault> {
        let even = self.turn.is_multiple_of(2);
        self.turn += 1;
        match goal {
            Goal::Accepted => {}
            Goal::Field { target, .. } => self.object = get(reader, target).await?,
            Goal::Rollout { target } | Goal::Replicas { target, .. } | Goal::Job { target } => {
                if even {
                    self.object = get(reader, target).await?;
                } else if let Some(object) = &self.object {
                    self.pods = pods(reader, object, target).await?;
                }
            }
            Goal::Gone { target, owner, .. } => match owner {
                Some(owner) if !even => {
                    self.owner = get(reader, owner).await?;
                    if let Some(owner) = self.owner.as_mut().and_then(Value::as_object_mut) {
                        let kind = goal_kind(goal);
                        owner.insert("kind".to_owned(), kind.into());
                    }
                }
                _ => self.object = get(reader, target).await?,
            },
            Goal::Drained { node, .. } => {
                let path = format!(
                    "/api/v1/pods?limit=500&fieldSelector=spec.nodeName%3D{}",
                    node.name
                );
                self.pods = items(reader, &path).await?;
            }
        }
        Ok(())
    }

    /// Reads the pods of a Job that ended before they were looked at.
    pub(super) async fn pods_of_job(&mut self, reader: &Reader, goal: &Goal) -> Result<(), Fault> {
        if let (Goal::Job { target }, Some(object)) = (goal, &self.object) {
            self.pods = pods(reader, object, target).await?;
        }
        Ok(())
    }
}

fn goal_kind(goal: &Goal) -> String {
    match goal {
        Goal::Gone {
            owner: Some(owner), ..
        } => owner.kind.name().to_owned(),
        _ => String::new(),
    }
}

/// The object; none if it is gone.
pub(super) async fn get(reader: &Reader, target: &Target) -> Result<Option<Value>, Fault> {
    let path = format!("{}/{}", target.kind.path(&target.namespace), target.name);
    match reader.json(&path, JSON).await {
        Ok(object) => Ok(Some(object)),
        Err(Fault::NotFound) => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// The pods of the object: those that its selector chooses, a Job's by the name that its controller gives them.
async fn pods(reader: &Reader, object: &Value, target: &Target) -> Result<Vec<Value>, Fault> {
    let selector = if target.kind == Kind::Job {
        Some(format!("job-name={}", target.name))
    } else {
        object
            .pointer("/spec/selector")
            .and_then(references::selector)
    };
    let Some(selector) = selector else {
        return Ok(Vec::new());
    };
    let path = format!(
        "{}?limit=500&labelSelector={}",
        Kind::Pod.path(&target.namespace),
        super::gather::encode(&selector)
    );
    items(reader, &path).await
}

async fn items(reader: &Reader, path: &str) -> Result<Vec<Value>, Fault> {
    let mut list = reader.json(path, JSON).await?;
    Ok(match list.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    })
}

/// The last lines of a container that crashed: of the run before, else of this one.
pub(super) async fn last_lines(
    reader: &Reader,
    namespace: &str,
    pod: &str,
    container: &str,
) -> Vec<Text> {
    for previous in [true, false] {
        let path = format!(
            "{}/{pod}/log?container={container}&tailLines={LINES}&limitBytes=8192&previous={previous}",
            Kind::Pod.path(namespace)
        );
        if let Ok(text) = reader.text(&path).await {
            let lines: Vec<Text> = text.lines().map(Text::new).collect();
            if !lines.is_empty() {
                return lines;
            }
        }
    }
    Vec::new()
}

/// Whether a step that got no answer was carried out, as far as the object shows it.
pub(super) async fn took_effect(
    reader: &Reader,
    step: &crate::actions::step::Step,
) -> Result<Option<Value>, Fault> {
    use crate::actions::step::{Operation, Step};
    let found = get(reader, step.target()).await?;
    Ok(match step {
        Step::Create { .. } => found,
        Step::Evict { uid, .. } | Step::Delete { uid, .. } => match found {
            None => Some(Value::Null),
            Some(object) => {
                let other = text(&object, "/metadata/uid") != uid;
                let leaving = !text(&object, "/metadata/deletionTimestamp").is_empty();
                (other || leaving).then_some(object)
            }
        },
        Step::Patch { changes, .. } => found.filter(|object| {
            changes.iter().all(|change| match change {
                Operation::Add { pointer, value } | Operation::Replace { pointer, value } => {
                    object.pointer(pointer) == Some(value)
                }
                Operation::Remove { pointer } => object.pointer(pointer).is_none(),
            })
        }),
    })
}
