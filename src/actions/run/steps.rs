//! One step sent once, and what the server made of it. The only place where a writing client is used.

use std::time::Duration;

use serde_json::Value;

use crate::actions::facts::text;
use crate::actions::invocation::named;
use crate::actions::kubernetes::{lasting, template, trouble};
use crate::actions::refusal::Refusal;
use crate::actions::step::Step;
use crate::clients::fault::Fault;
use crate::clients::kube::Reader;
use crate::clients::write::{Answer, Broken, MANAGER, Writer};
use crate::model::{Text, Uid};

/// What became of a step.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Sent {
    /// The server took it; its answer.
    Done(Value),
    /// The object is not what was seen: nothing was changed.
    Changed(Text),
    /// Not now: a budget or too many requests. Nothing was changed.
    Later { why: Text, after: Option<Duration> },
    /// No. Nothing was changed.
    Refused(Text),
    /// The user may not. Nothing was changed.
    Denied(Text),
    /// It did not leave this machine.
    Unsent(Text),
    /// Nobody can say whether it was carried out.
    Lost(Text),
}

/// Sends a step.
pub(super) async fn send(writer: &Writer, step: &Step, dry: bool) -> Sent {
    let request = step.request(dry);
    let trial = if dry { "&dryRun=All" } else { "" };
    let path = format!("{}?fieldManager={MANAGER}{trial}", request.path);
    let answer = writer
        .send(request.method, &path, request.content_type, &request.body)
        .await;
    match answer {
        Ok(answer) => judge(step, answer),
        Err(Broken::NotSent(fault)) => Sent::Unsent(Text::from(fault.to_string())),
        Err(Broken::Lost(fault)) => Sent::Lost(Text::from(fault.to_string())),
    }
}

fn judge(step: &Step, answer: Answer) -> Sent {
    if answer.is_success() {
        return Sent::Done(answer.body);
    }
    let why = Text::from(trouble::quote(&answer.message()));
    match answer.code {
        401 => Sent::Denied(Text::new(
            "login needed: the server does not accept these credentials",
        )),
        403 if answer.reason() == "Forbidden" && why.contains("exceeded quota") => {
            Sent::Refused(why)
        }
        403 => Sent::Denied(why),
        404 if matches!(step, Step::Create { .. }) => Sent::Refused(why),
        404 => Sent::Changed(Text::from(format!("{} is gone", named(step.target())))),
        // Whoever sends a creation again finds what the first one made.
        409 if answer.reason() == "AlreadyExists" => Sent::Refused(why),
        409 => Sent::Changed(why),
        // A failed test says no more than this.
        422 if matches!(step, Step::Patch { .. }) && is_bare(&answer) => Sent::Changed(why),
        429 => Sent::Later {
            why,
            after: answer.retry_after,
        },
        // The API server refuses these before it does anything.
        400 | 405 | 406 | 413 | 415 | 422 => Sent::Refused(why),
        // One pod, two budgets: the API server says so with a 500, having done nothing.
        500 if why.contains("more than one PodDisruptionBudget") => Sent::Refused(why),
        code => Sent::Lost(Text::from(format!("the server answered {code}: {why}"))),
    }
}

/// Whether a 422 names no field: then it is a test that failed.
fn is_bare(answer: &Answer) -> bool {
    let causes = answer
        .body
        .pointer("/details/causes")
        .and_then(Value::as_array);
    causes.is_none_or(Vec::is_empty)
}

/// Says who changed what: reads the object again and compares it with what was seen.
pub(super) async fn changed(reader: &Reader, step: &Step, seen: Option<&Value>) -> Refusal {
    let target = step.target();
    let name = named(target);
    let path = format!("{}/{}", target.kind.path(&target.namespace), target.name);
    let now = match reader.json(&path, "application/json").await {
        Ok(now) => now,
        Err(Fault::NotFound) => {
            return Refusal::Changed(Text::from(format!("{name} was deleted meanwhile")));
        }
        Err(fault) => {
            return Refusal::Changed(Text::from(format!(
                "{name} is not what was seen, and cannot be read now: {fault}"
            )));
        }
    };
    if target
        .uid
        .is_some_and(|uid| uid != Uid::parse(text(&now, "/metadata/uid")))
    {
        return Refusal::Changed(Text::from(format!(
            "{name} was deleted and created again meanwhile"
        )));
    }
    let by = match lasting::last_writer(&now) {
        Some((manager, time)) => format!(" by {manager} at {time}"),
        None => String::new(),
    };
    let spec = |object: &Value| object.get("spec").cloned().unwrap_or_default();
    let what = seen.map(|seen| template::changes(&spec(seen), &spec(&now)));
    let what: Vec<String> = what
        .unwrap_or_default()
        .into_iter()
        .take(3)
        .map(|change| format!("{} {} → {}", change.field, change.before, change.after))
        .collect();
    let what = if what.is_empty() {
        String::new()
    } else {
        format!(": {}", what.join(", "))
    };
    Refusal::Changed(Text::from(format!(
        "{name} was changed meanwhile{by}{what}: look again"
    )))
}
