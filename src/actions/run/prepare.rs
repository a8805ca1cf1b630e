//! From an invocation to a plan that can be confirmed: permission, gathering, planning, guard, dry run. Nothing is
//! changed by any of it.

use std::sync::atomic::{AtomicU32, Ordering};

use futures::future::join_all;
use jiff::Timestamp;
use serde_json::Value;

use super::steps::{self, Sent};
use super::{Open, Site, gather};
use crate::actions::invocation::Invocation;
use crate::actions::plan::{Check, Verdict};
use crate::actions::prepared::Prepared;
use crate::actions::refusal::Refusal;
use crate::actions::step::{Permission, Step};
use crate::clients::kube::Review;
use crate::model::{Target, Text};

/// More steps than this are not tried one by one beforehand; a plan that needs it says what it worked out itself.
const TRIED_AT_MOST: usize = 50;

/// Works out what would be done and whether it could be.
///
/// # Errors
/// Why it is not done.
pub async fn prepare(site: &Site, invocation: Invocation) -> Result<Prepared, Refusal> {
    let desk = &site.desk;
    if desk.may_write.is_none() {
        return Err(Refusal::ReadOnly);
    }
    let missing: Vec<&str> = invocation
        .arguments
        .missing(invocation.action.arguments())
        .map(|argument| argument.name)
        .collect();
    if !missing.is_empty() {
        return Err(Refusal::Argument(Text::from(format!(
            "missing: {}",
            missing.join(", ")
        ))));
    }
    writable(site).await?;
    let open = site.open().await?;
    let needs = invocation.action.needs(&invocation.target.kind);
    let (permission, facts) = tokio::join!(
        permission(open, &needs, &invocation.target),
        gather::facts(site, &invocation),
    );
    let permission = permission?;
    let facts = facts?;
    let plan = invocation.action.plan(&facts, &invocation.arguments)?;
    let mut checks = vec![permission];
    checks.extend(dry_run(open, &plan.steps).await?);
    checks.extend(plan.checks.iter().cloned());
    let id = id(facts.now);
    Ok(Prepared::new(id, invocation, &facts, plan, checks))
}

/// Which of an action's needs the server denies; an error if it does not answer.
///
/// # Errors
/// No answer.
pub async fn permitted(
    site: &Site,
    needs: &[Permission],
    target: &Target,
) -> Result<Check, Refusal> {
    permission(site.open().await?, needs, target).await
}

/// The audit is looked at first: without it there is no use in asking.
async fn writable(site: &Site) -> Result<(), Refusal> {
    let journal = site.desk.journal()?.clone();
    let checked = tokio::task::spawn_blocking(move || journal.check()).await;
    match checked {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(Refusal::Unaudited(Text::from(error.to_string()))),
        Err(error) => Err(Refusal::Unaudited(Text::from(error.to_string()))),
    }
}

async fn permission(open: &Open, needs: &[Permission], target: &Target) -> Result<Check, Refusal> {
    let asked = needs.iter().map(|need| async move {
        let review = Review::Access {
            verb: need.verb,
            group: need.kind.group().to_owned(),
            resource: need.kind.plural().to_owned(),
            subresource: need.subresource,
            namespace: target.namespace.to_string(),
        };
        (need, open.reader.review(&review).await)
    });
    let mut unanswered = None;
    for (need, answer) in join_all(asked).await {
        match answer {
            Ok(answer) if answer.pointer("/status/allowed") == Some(&Value::Bool(false)) => {
                return Err(Refusal::Denied {
                    verb: Text::new(need.verb),
                    resource: Text::from(need.resource()),
                    namespace: Text::new(&target.namespace),
                });
            }
            Ok(_) => {}
            Err(fault) => unanswered = Some(fault),
        }
    }
    Ok(Check::new(
        "permission",
        match unanswered {
            None => Verdict::Passed,
            // The server is the authority; it will say no itself.
            Some(fault) => Verdict::Unverified(Text::from(fault.to_string())),
        },
    ))
}

/// Lets the server try each step without keeping anything of it.
async fn dry_run(open: &Open, all: &[Step]) -> Result<Option<Check>, Refusal> {
    let Some(writer) = &open.writer else {
        return Err(Refusal::ReadOnly);
    };
    if all.is_empty() {
        return Ok(None);
    }
    let tried = all.iter().take(TRIED_AT_MOST);
    let answers = join_all(tried.map(|step| steps::send(writer, step, true))).await;
    let mut verdict = Verdict::Passed;
    for (step, sent) in all.iter().zip(answers) {
        match sent {
            Sent::Done(_) => {}
            Sent::Changed(_) => {
                return Err(steps::changed(&open.reader, step, None).await);
            }
            // A budget that is full now may have room when it is this pod's turn.
            Sent::Later { why, .. } if matches!(step, Step::Evict { patient: true, .. }) => {
                verdict = Verdict::Failed(why);
            }
            Sent::Later { why, .. } | Sent::Refused(why) if refuses_trial(&why) => {
                verdict = Verdict::Unverified(why);
            }
            Sent::Later { why, .. } | Sent::Refused(why) | Sent::Denied(why) => {
                return Err(Refusal::Rejected(why));
            }
            Sent::Unsent(why) => return Err(Refusal::Unreachable(why)),
            // A trial changes nothing, so it does not matter whether it arrived.
            Sent::Lost(why) => verdict = Verdict::Unverified(why),
        }
    }
    Ok(Some(Check::new("server dry run", verdict)))
}

/// Whether a webhook only refuses to be tried.
fn refuses_trial(why: &Text) -> bool {
    why.contains("does not support dry run")
}

/// A name for this operation, which is also fit for an object's name: time, process and count.
fn id(now: Timestamp) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let process = std::process::id();
    format!("{}-{process:x}-{count:x}", now.strftime("%Y%m%d-%H%M%S"))
}
