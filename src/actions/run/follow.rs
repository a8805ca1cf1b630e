//! Watches what was done until it is seen to be well, to have failed, or to be somebody else's: at most one request a
//! second, and the last lines of what crashes once.

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::{mpsc, watch};
use tokio::time::{Duration, Instant, sleep};

use super::observe::{self, Look};
use super::{Pace, now};
use crate::actions::evaluate::{self, Standing, Verdict};
use crate::actions::facts::text;
use crate::actions::goal::Goal;
use crate::actions::outcome::{Milestone, Outcome, Progress, Report, Stage};
use crate::actions::plan::Plan;
use crate::clients::kube::Reader;
use crate::model::{Target, Text};

/// What follows an action.
pub(super) struct Follow<'a> {
    pub(super) reader: &'a Reader,
    pub(super) plan: &'a Plan,
    pub(super) target: &'a Target,
    pub(super) pace: Pace,
    /// What the server answered to our change.
    pub(super) ours: Option<&'a Value>,
    pub(super) began: Instant,
    pub(super) reports: &'a mpsc::Sender<Report>,
    /// Set when the operator stops it.
    pub(super) stop: watch::Receiver<bool>,
}

/// How it ended, with what was seen.
pub(super) struct Ended {
    pub(super) outcome: Outcome,
    pub(super) progress: Progress,
    pub(super) last: Option<Value>,
}

/// What is remembered from look to look.
#[derive(Default)]
struct State {
    progress: Progress,
    /// Since when all is well.
    well: Option<Instant>,
    /// The pod whose lines were read.
    read: Option<String>,
    /// Why looking fails.
    blind: Option<Text>,
    accepted: Option<Timestamp>,
}

impl Follow<'_> {
    pub(super) async fn run(mut self) -> Ended {
        let mut look = Look::default();
        let mut state = State {
            accepted: Some(now()),
            ..State::default()
        };
        let budget = self.pace.budget.unwrap_or(self.plan.budget);
        let steady = self.pace.steady.unwrap_or(self.plan.steady);
        if !self.pace.watch {
            return Ended {
                outcome: Outcome::Unknown {
                    why: Text::new("accepted by the server; nobody waited for the outcome"),
                },
                progress: state.progress,
                last: None,
            };
        }
        loop {
            let looked = look.again(self.reader, &self.plan.goal).await;
            state.blind = looked.err().map(|fault| Text::from(fault.to_string()));
            let standing = if state.blind.is_none() {
                evaluate::evaluate(&self.plan.goal, self.ours, look.seen())
            } else {
                Standing::default()
            };
            self.lines(&mut state, &standing).await;
            let outcome = self.judge(&mut state, standing, budget, steady);
            let outcome = outcome.or_else(|| {
                self.stop.borrow().then(|| Outcome::Unknown {
                    why: Text::new("you stopped watching; it goes on by itself"),
                })
            });
            if let Some(outcome) = outcome {
                let _ = look.pods_of_job(self.reader, &self.plan.goal).await;
                self.job_lines(&mut state, look.seen().pods).await;
                return Ended {
                    outcome,
                    progress: state.progress,
                    last: look.seen().object.cloned(),
                };
            }
            // The last place is kept for the outcome: whoever reads slowly misses steps of the way, not its end.
            if self.reports.capacity() > 1 {
                let _ = self
                    .reports
                    .try_send(Report::Progress(state.progress.clone()));
            }
            tokio::select! {
                () = sleep(self.pace.every) => {}
                _ = self.stop.changed() => {}
            }
        }
    }

    /// Reads the last lines of a Job that ended.
    async fn job_lines(&self, state: &mut State, pods: &[Value]) {
        if !matches!(self.plan.goal, Goal::Job { .. }) || !state.progress.lines.is_empty() {
            return;
        }
        let newest = pods
            .iter()
            .max_by_key(|pod| text(pod, "/metadata/creationTimestamp"));
        if let Some(pod) = newest {
            let name = text(pod, "/metadata/name");
            let container = text(pod, "/spec/containers/0/name");
            let namespace = &self.target.namespace;
            state.progress.lines =
                observe::last_lines(self.reader, namespace, name, container).await;
        }
    }

    /// Reads the last lines of what crashes, once a pod.
    async fn lines(&self, state: &mut State, standing: &Standing) {
        if let Some((pod, container)) = &standing.crashed
            && state.read.as_ref() != Some(pod)
        {
            let namespace = &self.target.namespace;
            state.progress.lines =
                observe::last_lines(self.reader, namespace, pod, container).await;
            state.read = Some(pod.clone());
        }
    }

    fn judge(
        &self,
        state: &mut State,
        standing: Standing,
        budget: Duration,
        steady: Duration,
    ) -> Option<Outcome> {
        let elapsed = self.began.elapsed();
        let progress = &mut state.progress;
        progress.elapsed = elapsed;
        progress.budget = budget;
        if let Some(why) = &state.blind {
            progress.blocked = Some(Text::from(format!("cannot look: {why}")));
            return (elapsed > budget).then(|| Outcome::Unknown {
                why: Text::from(format!("it was accepted, but cannot be looked at: {why}")),
            });
        }
        let before = std::mem::take(&mut progress.milestones);
        progress.milestones = vec![Milestone {
            what: Text::new("accepted"),
            stage: Stage::Done,
            count: None,
            at: state.accepted,
        }];
        progress.milestones.extend(standing.milestones);
        evaluate::stamp(&mut progress.milestones, &before, now());
        progress.blocked = standing.blocked;
        match standing.verdict {
            Some(Verdict::Failed(why)) => return Some(Outcome::Failed { why }),
            Some(Verdict::Overridden(by)) => return Some(Outcome::Overridden { by }),
            Some(Verdict::Well) => {
                let since = *state.well.get_or_insert_with(Instant::now);
                progress.recovered.get_or_insert(elapsed);
                let stays = since.elapsed();
                if !steady.is_zero() {
                    let stage = if stays >= steady {
                        Stage::Done
                    } else {
                        Stage::Now
                    };
                    progress.milestones.push(Milestone {
                        what: Text::from(format!("steady for {} s", steady.as_secs())),
                        stage,
                        count: Some((
                            stays.as_secs().min(steady.as_secs()) as u32,
                            steady.as_secs() as u32,
                        )),
                        at: None,
                    });
                }
                return (stays >= steady).then_some(Outcome::Succeeded);
            }
            None => {
                // It was well and is not any more.
                state.well = None;
            }
        }
        (elapsed > budget).then(|| late(progress, budget))
    }
}

/// What to say when the time is over.
fn late(progress: &Progress, budget: Duration) -> Outcome {
    let seconds = budget.as_secs();
    match &progress.blocked {
        Some(why) => Outcome::Failed {
            why: Text::from(format!("not done within {seconds} s: {why}")),
        },
        None => Outcome::Unknown {
            why: Text::from(format!(
                "not done within {seconds} s, and nothing is seen to stand in the way"
            )),
        },
    }
}
