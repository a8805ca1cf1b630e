//! Carries out what was approved: record, requests, follow, record. A request is sent once; what got no answer is
//! looked at and never sent again.

use futures::stream;
use futures::{FutureExt, StreamExt};
use serde_json::Value;
use tokio::sync::{mpsc, watch};
use tokio::time::{Duration, Instant, sleep, timeout_at};

use super::follow::{Ended, Follow};
use super::steps::{self, Sent};
use super::{Open, Site, now, observe};
use crate::actions::audit::Record;
use crate::actions::facts::text;
use crate::actions::kubernetes::template;
use crate::actions::outcome::{Finished, Outcome, Progress, Report};
use crate::actions::prepared::{Approved, Preview};
use crate::actions::refusal::Refusal;
use crate::actions::step::Step;
use crate::clients::write::Writer;
use crate::model::Text;

/// How often a change that got no answer is looked for before it counts as unknown.
const LOOKS: u32 = 10;
/// Between two tries of what a budget does not let go yet.
const ASK_AGAIN: Duration = Duration::from_secs(5);
/// Patient steps under way at once.
const AT_ONCE: usize = 8;

/// Carries out an approved plan and follows it to its end. Progress goes to `reports`; `stop` set to true sends no
/// further request and stops watching.
///
/// # Errors
/// Nothing was changed, and why.
pub async fn commit(
    site: &Site,
    approved: Approved,
    reports: &mpsc::Sender<Report>,
    stop: watch::Receiver<bool>,
) -> Result<Finished, Refusal> {
    let preview = approved.preview();
    let open = site.open().await?;
    let writer = open.writer.as_ref().ok_or(Refusal::ReadOnly)?;
    if preview.place.endpoint != site.endpoint.name || *preview.place.server != open.facts.server {
        let words = "this plan was made for another cluster: look again";
        return Err(Refusal::Changed(Text::new(words)));
    }
    let intent = Record::intent(&approved, &site.desk.actor, now());
    note(site, intent).await.map_err(Refusal::Unaudited)?;
    let began = Instant::now();
    let work = Work {
        site,
        open,
        writer,
        preview,
        began,
        reports,
        stop,
    };
    let finished = match work.run().await {
        Ok(finished) => finished,
        Err(refusal) => {
            let record = Record::refused(&approved, &refusal, &site.desk.actor, now());
            // That nothing happened is known to whoever reads the refusal.
            let _ = note(site, record).await;
            return Err(refusal);
        }
    };
    let record = Record::outcome(&approved, &finished, &site.desk.actor, now());
    let mut finished = finished;
    if let Err(why) = note(site, record).await {
        let words = format!("the audit could not take the outcome: {why}");
        finished.evidence.push(Text::from(words));
    }
    let _ = reports.try_send(Report::Finished(Box::new(finished.clone())));
    Ok(finished)
}

/// Writes a record, and waits until it is on disk.
async fn note(site: &Site, record: Record) -> Result<(), Text> {
    let journal = site
        .desk
        .journal()
        .map_err(|refusal| Text::from(refusal.to_string()))?;
    let journal = journal.clone();
    let written = tokio::task::spawn_blocking(move || journal.write(&record)).await;
    match written {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(Text::from(error.to_string())),
        Err(error) => Err(Text::from(error.to_string())),
    }
}

/// One approved plan at work.
struct Work<'a> {
    site: &'a Site,
    open: &'a Open,
    writer: &'a Writer,
    preview: &'a Preview,
    began: Instant,
    reports: &'a mpsc::Sender<Report>,
    stop: watch::Receiver<bool>,
}

/// How the requests went.
enum Done {
    /// All were taken; the last answer that shows the object, and what is to be said of the way.
    All(Option<Value>, Vec<Text>),
    /// Some were not; how it ended.
    Short(Outcome),
}

impl Work<'_> {
    async fn run(self) -> Result<Finished, Refusal> {
        let plan = &self.preview.plan;
        match self.send_all().await? {
            Done::Short(outcome) => Ok(Finished {
                outcome,
                evidence: Vec::new(),
                progress: Progress {
                    elapsed: self.began.elapsed(),
                    budget: plan.budget,
                    ..Progress::default()
                },
                undo: plan.undo.clone(),
                next: plan.next.clone(),
            }),
            Done::All(ours, mut evidence) => {
                let ended = Follow {
                    reader: &self.open.reader,
                    plan,
                    target: &self.preview.target,
                    pace: self.site.desk.pace,
                    ours: ours.as_ref(),
                    began: self.began,
                    reports: self.reports,
                    stop: self.stop.clone(),
                }
                .run()
                .await;
                evidence.extend(shown(&ended));
                let well = ended.outcome == Outcome::Succeeded;
                Ok(Finished {
                    evidence,
                    // What was overridden is not ours to undo.
                    undo: plan
                        .undo
                        .clone()
                        .filter(|_| !matches!(ended.outcome, Outcome::Overridden { .. })),
                    next: plan.next.clone().filter(|_| !well),
                    outcome: ended.outcome,
                    progress: ended.progress,
                })
            }
        }
    }

    /// Sends the steps in order; patient ones that follow each other at the same time.
    async fn send_all(&self) -> Result<Done, Refusal> {
        let steps = &self.preview.plan.steps;
        let mut answer = None;
        let mut said = Vec::new();
        let mut sent = 0;
        while let Some(step) = steps.get(sent) {
            if *self.stop.borrow() {
                return Ok(Done::Short(stopped(sent, steps.len())));
            }
            let patient = steps
                .iter()
                .skip(sent)
                .take_while(|step| matches!(step, Step::Evict { patient: true, .. }))
                .count();
            if patient > 0 {
                let group: Vec<&Step> = steps.iter().skip(sent).take(patient).collect();
                if let Some(outcome) = self.send_patiently(&group).await {
                    return Ok(Done::Short(outcome));
                }
                sent += patient;
                continue;
            }
            match steps::send(self.writer, step, false).await {
                Sent::Done(body) => answer = Some(body),
                Sent::Lost(why) => {
                    let Some(object) = self.look_for(step).await else {
                        return Ok(Done::Short(unknown(&why)));
                    };
                    let words = format!("the answer was lost ({why}), but the change is there");
                    said.push(Text::from(words));
                    answer = Some(object);
                }
                refused if sent == 0 => return Err(self.refusal(step, refused).await),
                refused => {
                    let why = self.refusal(step, refused).await;
                    let words = format!("step {} of {} failed: {why}", sent + 1, steps.len());
                    return Ok(Done::Short(Outcome::Failed {
                        why: Text::from(words),
                    }));
                }
            }
            sent += 1;
        }
        Ok(Done::All(answer, said))
    }

    /// Sends steps that may have to wait for a budget; an outcome if not all of them could be.
    async fn send_patiently(&self, group: &[&Step]) -> Option<Outcome> {
        let budget = self
            .site
            .desk
            .pace
            .budget
            .unwrap_or(self.preview.plan.budget);
        let deadline = self.began + budget;
        // Boxed, so that whoever runs this in a task of its own can be shown that it may move between threads.
        let each = group.iter().map(|step| self.insist(step, deadline).boxed());
        let all = stream::iter(each.collect::<Vec<_>>())
            .buffer_unordered(AT_ONCE)
            .collect::<Vec<Option<Text>>>();
        let refused: Vec<Text> = all.await.into_iter().flatten().collect();
        if *self.stop.borrow() {
            return Some(stopped(group.len() - refused.len(), group.len()));
        }
        let first = refused.first()?;
        let more = match refused.len() {
            1 => String::new(),
            many => format!(", and {} more", many - 1),
        };
        Some(Outcome::Failed {
            why: Text::from(format!("{first}{more}")),
        })
    }

    /// Sends a step until it is taken, the time is over or the operator stops; why not.
    async fn insist(&self, step: &Step, deadline: Instant) -> Option<Text> {
        let mut stop = self.stop.clone();
        loop {
            if *stop.borrow() {
                return Some(Text::new("stopped"));
            }
            let name = step.target().name.clone();
            let (why, after) = match steps::send(self.writer, step, false).await {
                // Gone already is what was wanted.
                Sent::Done(_) | Sent::Changed(_) => return None,
                Sent::Later { why, after } => (why, after.unwrap_or(ASK_AGAIN)),
                Sent::Lost(why) => match self.look_for(step).await {
                    Some(_) => return None,
                    None => return Some(Text::from(format!("{name}: no answer: {why}"))),
                },
                Sent::Refused(why) | Sent::Denied(why) | Sent::Unsent(why) => {
                    return Some(Text::from(format!("{name}: {why}")));
                }
            };
            if Instant::now() + after > deadline {
                return Some(Text::from(format!("{name}: {why}")));
            }
            tokio::select! {
                () = sleep(after.max(Duration::from_millis(200))) => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Looks whether a step that got no answer was carried out after all.
    async fn look_for(&self, step: &Step) -> Option<Value> {
        let every = self.site.desk.pace.every;
        let deadline = Instant::now() + every.saturating_mul(LOOKS);
        loop {
            let look = observe::took_effect(&self.open.reader, step);
            if let Ok(Ok(Some(object))) = timeout_at(deadline, look).await {
                return Some(object);
            }
            if Instant::now() + every > deadline {
                return None;
            }
            sleep(every).await;
        }
    }

    /// Why the server did not take a step, in the words of who reads it.
    async fn refusal(&self, step: &Step, sent: Sent) -> Refusal {
        match sent {
            Sent::Changed(_) => {
                steps::changed(&self.open.reader, step, Some(&self.preview.seen)).await
            }
            Sent::Later { why, .. } | Sent::Refused(why) | Sent::Denied(why) => {
                Refusal::Rejected(why)
            }
            Sent::Unsent(why) | Sent::Lost(why) => Refusal::Unreachable(why),
            Sent::Done(_) => Refusal::Rejected(Text::default()),
        }
    }
}

/// What to say of a request of which nobody knows whether it was carried out.
fn unknown(why: &Text) -> Outcome {
    Outcome::Unknown {
        why: Text::from(format!(
            "sent, but no answer came ({why}) and the change is not to be seen; it was not sent again"
        )),
    }
}

fn stopped(done: usize, of: usize) -> Outcome {
    Outcome::Failed {
        why: Text::from(format!("stopped after {done} of {of} requests")),
    }
}

/// What shows the outcome: revision, images, readiness.
fn shown(ended: &Ended) -> Vec<Text> {
    let mut evidence = Vec::new();
    if let Some(object) = &ended.last {
        let revision = object
            .pointer("/metadata/annotations/deployment.kubernetes.io~1revision")
            .and_then(Value::as_str)
            .or_else(|| Some(text(object, "/status/updateRevision")))
            .filter(|revision| !revision.is_empty());
        if let Some(revision) = revision {
            evidence.push(Text::from(format!("revision {revision}")));
        }
        let images = object
            .pointer("/spec/template")
            .map(template::images)
            .unwrap_or_default();
        if !images.is_empty() {
            evidence.push(Text::from(format!("image {}", images.join(", "))));
        }
    }
    for milestone in &ended.progress.milestones {
        if let Some((done, of)) = milestone.count {
            evidence.push(Text::from(format!("{} {done} of {of}", milestone.what)));
        }
    }
    if let Some(recovered) = ended.progress.recovered {
        evidence.push(Text::from(format!(
            "well after {:.1} s",
            recovered.as_secs_f64()
        )));
    }
    evidence
}
