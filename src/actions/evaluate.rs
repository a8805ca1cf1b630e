//! How far a goal is, by what was seen a moment ago: milestones, the first thing in the way, and the verdict. Pure; our
//! own evaluator, because "accepted" is not "done" and the server's own words come late.

use jiff::Timestamp;
use serde_json::Value;

use super::facts::{list, number, text};
use super::goal::Goal;
use super::kubernetes::{lasting, template, trouble};
use super::outcome::{Milestone, Stage};
use crate::model::{Kind, Text};

/// What was seen.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// None: it is gone.
    pub object: Option<&'a Value>,
    pub pods: &'a [Value],
    /// The controller of a pod that goes.
    pub owner: Option<&'a Value>,
}

/// Where a goal stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standing {
    pub milestones: Vec<Milestone>,
    pub blocked: Option<Text>,
    /// The pod and container whose last lines say more.
    pub crashed: Option<(String, String)>,
    pub verdict: Option<Verdict>,
}

/// What is clear already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Well,
    Failed(Text),
    Overridden(Text),
}

/// Judges what was seen. `ours` is what the server answered to our change.
pub fn evaluate(goal: &Goal, ours: Option<&Value>, seen: Seen<'_>) -> Standing {
    match goal {
        Goal::Accepted => Standing {
            verdict: Some(Verdict::Well),
            ..Standing::default()
        },
        Goal::Rollout { target } => match seen.object {
            Some(object) => rollout(&target.kind, object, ours, seen.pods),
            None => gone_meanwhile(),
        },
        Goal::Replicas { wanted, .. } => match seen.object {
            Some(object) => replicas(*wanted, object, seen.pods),
            None => gone_meanwhile(),
        },
        Goal::Field { pointer, value, .. } => match seen.object {
            Some(object) => field(pointer, value, object),
            None => gone_meanwhile(),
        },
        Goal::Gone { uid, owner, .. } => gone(uid, owner.is_some(), seen),
        Goal::Job { .. } => match seen.object {
            Some(object) => job(object, seen.pods),
            None => gone_meanwhile(),
        },
        Goal::Drained { pods, .. } => drained(pods, seen.pods),
    }
}

fn gone_meanwhile() -> Standing {
    Standing {
        verdict: Some(Verdict::Overridden(Text::new("whoever deleted it"))),
        ..Standing::default()
    }
}

/// A milestone that counts up.
fn counted(what: &str, done: i64, of: i64) -> Milestone {
    let stage = if done >= of { Stage::Done } else { Stage::Now };
    let number = |value: i64| u32::try_from(value).unwrap_or_default();
    Milestone {
        what: Text::new(what),
        stage,
        count: Some((number(done.min(of)), number(of))),
        at: None,
    }
}

/// How many pods a workload wants, has, has of the new template, has ready and has available.
struct Counts {
    wanted: i64,
    total: i64,
    updated: i64,
    available: i64,
    /// The controller has seen the last change.
    observed: bool,
}

fn counts(kind: &Kind, object: &Value) -> Counts {
    let status = |name: &str| number(object, &format!("/status/{name}"));
    let observed = status("observedGeneration") >= number(object, "/metadata/generation");
    if *kind == Kind::DaemonSet {
        let wanted = status("desiredNumberScheduled");
        return Counts {
            wanted,
            total: status("currentNumberScheduled"),
            updated: status("updatedNumberScheduled"),
            available: status("numberAvailable"),
            observed,
        };
    }
    let wanted = object
        .pointer("/spec/replicas")
        .and_then(Value::as_i64)
        .unwrap_or(1);
    let updated = if *kind == Kind::StatefulSet
        && text(object, "/status/currentRevision") == text(object, "/status/updateRevision")
    {
        // Once all pods run it, the update revision has no count of its own any more.
        status("currentReplicas").max(status("updatedReplicas"))
    } else {
        status("updatedReplicas")
    };
    Counts {
        wanted,
        total: status("replicas"),
        updated,
        available: if *kind == Kind::Deployment {
            status("availableReplicas")
        } else {
            status("readyReplicas")
        },
        observed,
    }
}

fn rollout(kind: &Kind, object: &Value, ours: Option<&Value>, pods: &[Value]) -> Standing {
    if let Some(by) = overridden(object, ours) {
        return Standing {
            verdict: Some(Verdict::Overridden(by)),
            ..Standing::default()
        };
    }
    let counts = counts(kind, object);
    let template = object.pointer("/spec/template").unwrap_or(&Value::Null);
    let is_new = |pod: &&Value| runs(pod, template) && !trouble::is_leaving(pod);
    let new = pods.iter().filter(is_new);
    let ready = new.clone().filter(|pod| trouble::is_ready(pod)).count() as i64;
    let observed = counts.observed;
    let updated = if observed { counts.updated } else { 0 };
    let done = observed
        && updated >= counts.wanted
        && counts.total <= counts.wanted
        && counts.available >= counts.wanted;
    let ready = if done {
        counts.wanted
    } else {
        ready.min(updated)
    };
    let old = if observed {
        counts.total - updated
    } else {
        counts.total
    };
    let mut old_gone = counted("old pods gone", i64::from(old <= 0), 1);
    old_gone.count = (old > 0).then(|| (0, u32::try_from(old).unwrap_or_default()));
    let mut standing = Standing {
        milestones: vec![
            counted("new pods", updated, counts.wanted),
            counted("ready", ready, counts.wanted),
            old_gone,
        ],
        ..Standing::default()
    };
    if done {
        standing.verdict = Some(Verdict::Well);
        return standing;
    }
    block(&mut standing, pods.iter().filter(is_new));
    if standing.blocked.is_none() {
        // An ordered StatefulSet waits for what is broken, whatever revision it is of.
        block(&mut standing, pods.iter());
    }
    if observed {
        conditions(object, &mut standing);
    }
    standing
}

/// Takes the first thing that keeps these pods from being ready.
fn block<'a>(standing: &mut Standing, pods: impl Iterator<Item = &'a Value>) {
    if let Some((pod, trouble)) = trouble::worst(pods) {
        let name = text(pod, "/metadata/name");
        standing.blocked = Some(Text::from(format!("{name}: {}", trouble.words)));
        standing.crashed = trouble
            .crashed
            .map(|container| (name.to_owned(), container));
    }
}

/// What the controller itself says stands in the way.
fn conditions(object: &Value, standing: &mut Standing) {
    for condition in list(object, "/status/conditions") {
        let (kind, status) = (text(condition, "/type"), text(condition, "/status"));
        let message = trouble::quote(text(condition, "/message"));
        match (kind, status, text(condition, "/reason")) {
            ("ReplicaFailure", "True", _) => {
                standing
                    .blocked
                    .get_or_insert(Text::from(format!("no pods can be made: {message}")));
            }
            ("Progressing", "False", "ProgressDeadlineExceeded") => {
                let why = standing
                    .blocked
                    .clone()
                    .unwrap_or_else(|| Text::from(message));
                let why = format!("its progress deadline is over: {why}");
                standing.verdict = Some(Verdict::Failed(Text::from(why)));
            }
            _ => {}
        }
    }
}

/// Who set another template after ours.
fn overridden(object: &Value, ours: Option<&Value>) -> Option<Text> {
    let ours = ours?.pointer("/spec/template")?;
    let now = object.pointer("/spec/template")?;
    if template::settable(ours) == template::settable(now) {
        return None;
    }
    Some(writer(object))
}

fn writer(object: &Value) -> Text {
    match lasting::last_writer(object) {
        Some((manager, time)) => Text::from(format!("{manager} at {time}")),
        None => Text::new("someone else"),
    }
}

/// Whether a pod was made from a template, as far as can be told from outside: admission may have added to it.
pub fn runs(pod: &Value, template: &Value) -> bool {
    let containers = list(template, "/spec/containers");
    let same = containers.iter().all(|container| {
        let name = text(container, "/name");
        let found = list(pod, "/spec/containers")
            .iter()
            .find(|other| text(other, "/name") == name);
        found.is_some_and(|found| {
            text(found, "/image") == text(container, "/image")
                && list(container, "/env")
                    .iter()
                    .all(|env| list(found, "/env").contains(env))
        })
    });
    let marks = template
        .pointer("/metadata/annotations")
        .and_then(Value::as_object);
    let marked = marks.into_iter().flatten().all(|(key, value)| {
        let found = pod.pointer("/metadata/annotations");
        found.and_then(|found| found.get(key)) == Some(value)
    });
    same && marked
}

fn replicas(wanted: u32, object: &Value, pods: &[Value]) -> Standing {
    let spec = number(object, "/spec/replicas");
    let wanted = i64::from(wanted);
    if spec != wanted {
        let by = writer(object);
        let by = format!("{by}, which wants {spec}");
        return Standing {
            verdict: Some(Verdict::Overridden(Text::from(by))),
            ..Standing::default()
        };
    }
    let status = |name: &str| number(object, &format!("/status/{name}"));
    let observed = status("observedGeneration") >= number(object, "/metadata/generation");
    let (total, ready) = (status("replicas"), status("readyReplicas"));
    let mut standing = Standing {
        milestones: vec![counted("ready", ready, wanted)],
        ..Standing::default()
    };
    if total > wanted {
        let mut extra = counted("surplus pods gone", 0, 1);
        extra.count = Some((0, u32::try_from(total - wanted).unwrap_or_default()));
        standing.milestones.push(extra);
    }
    if observed && ready == wanted && total == wanted {
        standing.verdict = Some(Verdict::Well);
        return standing;
    }
    block(&mut standing, pods.iter());
    if observed {
        conditions(object, &mut standing);
    }
    standing
}

fn field(pointer: &str, value: &Value, object: &Value) -> Standing {
    let found = object.pointer(pointer).unwrap_or(&Value::Null);
    let absent = |value: &Value| value.is_null() || *value == Value::Bool(false);
    let same = found == value || (absent(found) && absent(value));
    let observed = number(object, "/status/observedGeneration");
    let seen = observed == 0 || observed >= number(object, "/metadata/generation");
    Standing {
        verdict: match (same, seen) {
            (false, _) => Some(Verdict::Overridden(writer(object))),
            (true, true) => Some(Verdict::Well),
            (true, false) => None,
        },
        ..Standing::default()
    }
}

fn gone(uid: &str, has_owner: bool, seen: Seen<'_>) -> Standing {
    let left = seen
        .object
        .is_some_and(|object| text(object, "/metadata/uid") == uid);
    let mut standing = Standing {
        milestones: vec![counted("gone", i64::from(!left), 1)],
        ..Standing::default()
    };
    if let Some(finalizer) = seen
        .object
        .filter(|_| left)
        .and_then(|object| list(object, "/metadata/finalizers").first()?.as_str())
    {
        standing.blocked = Some(Text::from(format!(
            "it waits for the finalizer {finalizer}"
        )));
    }
    let replaced = match seen.owner {
        None => !has_owner,
        Some(owner) => {
            let kind = Kind::find(text(owner, "/kind")).unwrap_or(Kind::ReplicaSet);
            let counts = counts(&kind, owner);
            let ready = if kind == Kind::DaemonSet {
                counts.available
            } else {
                number(owner, "/status/readyReplicas")
            };
            standing
                .milestones
                .push(counted("ready again", ready, counts.wanted));
            ready >= counts.wanted
        }
    };
    if !left && replaced {
        standing.verdict = Some(Verdict::Well);
    } else if standing.blocked.is_none() {
        block(&mut standing, seen.pods.iter());
    }
    standing
}

fn job(object: &Value, pods: &[Value]) -> Standing {
    let wanted = object
        .pointer("/spec/completions")
        .and_then(Value::as_i64)
        .unwrap_or(1);
    let mut standing = Standing {
        milestones: vec![
            counted(
                "started",
                i64::from(!text(object, "/status/startTime").is_empty()),
                1,
            ),
            counted("complete", number(object, "/status/succeeded"), wanted),
        ],
        ..Standing::default()
    };
    block(&mut standing, pods.iter());
    for condition in list(object, "/status/conditions") {
        if text(condition, "/status") != "True" {
            continue;
        }
        match text(condition, "/type") {
            "Complete" => standing.verdict = Some(Verdict::Well),
            "Failed" => {
                let message = trouble::quote(text(condition, "/message"));
                let cause = standing.blocked.take().map(|cause| format!(" ({cause})"));
                let why = format!("{message}{}", cause.unwrap_or_default());
                standing.verdict = Some(Verdict::Failed(Text::from(why)));
            }
            _ => {}
        }
    }
    standing
}

fn drained(wanted: &[(crate::model::Target, String)], pods: &[Value]) -> Standing {
    let left: Vec<&Value> = pods
        .iter()
        .filter(|pod| {
            wanted
                .iter()
                .any(|(_, uid)| text(pod, "/metadata/uid") == uid)
        })
        .collect();
    let of = wanted.len() as i64;
    let gone = of - left.len() as i64;
    Standing {
        milestones: vec![counted("pods gone", gone, of)],
        blocked: left.first().map(|pod| {
            let more = match left.len() {
                1 => String::new(),
                many => format!(" and {} more", many - 1),
            };
            Text::from(format!(
                "still there: {}{more}",
                text(pod, "/metadata/name")
            ))
        }),
        crashed: None,
        verdict: left.is_empty().then_some(Verdict::Well),
    }
}

/// Fills in when each milestone was reached, given those of the look before.
pub fn stamp(milestones: &mut [Milestone], before: &[Milestone], now: Timestamp) {
    for milestone in milestones {
        if milestone.stage == Stage::Done {
            let known = before
                .iter()
                .find(|old| old.what == milestone.what && old.stage == Stage::Done);
            milestone.at = known.and_then(|old| old.at).or(Some(now));
        }
    }
}
