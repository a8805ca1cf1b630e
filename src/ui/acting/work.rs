//! A confirmed action: how each of its objects gets on, and how it ended.

use crate::actions::{Approved, Finished, Invocation, Outcome, Progress, Refusal, Report, Stage};
use crate::model::{Health, Target, Text};
use crate::ui::format;

/// An action that runs or has run, on one object or on several.
pub(crate) struct Work {
    pub(crate) id: u64,
    /// `Roll back Deployment ecommerce-prod/shop to revision 42`
    pub(crate) title: Text,
    pub(crate) items: Vec<Item>,
    /// Nothing of it runs any more.
    pub(crate) ended: bool,
}

/// One object of it.
pub(crate) struct Item {
    pub(crate) target: Target,
    pub(crate) state: State,
}

/// How an object gets on.
pub(crate) enum State {
    /// Its turn has not come.
    Waiting,
    Running(Progress),
    Finished(Box<Finished>),
    Refused(Refusal),
    /// It was not begun, because one before it did not end well.
    Left,
}

impl Work {
    pub(super) fn new(id: u64, approved: &[Approved]) -> Self {
        let title = match approved {
            [alone] => alone.preview().plan.title.clone(),
            several => {
                let first = several.first().map(Approved::preview);
                let action = first.map_or("", |preview| preview.invocation.action.title());
                let plural = first.map_or("", |preview| preview.target.kind.plural());
                Text::from(format!("{action} {} {plural}", several.len()))
            }
        };
        let items = approved.iter().map(|approved| Item {
            target: approved.preview().target.clone(),
            state: State::Waiting,
        });
        let mut items: Vec<Item> = items.collect();
        if let (Some(item), Some(first)) = (items.first_mut(), approved.first()) {
            item.state = State::Running(Progress {
                budget: first.preview().plan.budget,
                ..Progress::default()
            });
        }
        Self {
            id,
            title,
            items,
            ended: false,
        }
    }

    pub(super) fn told(&mut self, at: usize, report: Report) {
        if let Some(item) = self.items.get_mut(at) {
            item.state = match report {
                Report::Progress(progress) => State::Running(progress),
                Report::Finished(finished) => State::Finished(finished),
            };
        }
    }

    pub(super) fn refused(&mut self, at: usize, refusal: Refusal) {
        if let Some(item) = self.items.get_mut(at) {
            item.state = State::Refused(refusal);
        }
    }

    pub(super) fn end(&mut self) {
        self.ended = true;
        for item in &mut self.items {
            if matches!(item.state, State::Waiting | State::Running(_)) {
                item.state = State::Left;
            }
        }
    }

    /// The object that is being changed, or was last.
    pub(crate) fn current(&self) -> Option<&Item> {
        let running = self
            .items
            .iter()
            .find(|item| matches!(item.state, State::Running(_)));
        let last = || {
            let done = |item: &&Item| !matches!(item.state, State::Waiting | State::Left);
            self.items.iter().rfind(done)
        };
        running.or_else(last)
    }

    /// One line about where it is: `2 of 3 ready, 14s of 60s`.
    pub(crate) fn line(&self) -> String {
        let mut words = Vec::new();
        if self.items.len() > 1 {
            let ended = |item: &&Item| matches!(item.state, State::Finished(_) | State::Refused(_));
            let done = self.items.iter().filter(ended).count();
            words.push(format!("{done} of {} objects", self.items.len()));
        }
        if let Some(Item {
            state: State::Running(progress),
            ..
        }) = self.current()
        {
            let at = |stage| progress.milestones.iter().find(|one| one.stage == stage);
            let now = at(Stage::Now).or_else(|| at(Stage::Failed));
            words.extend(now.map(|milestone| match milestone.count {
                Some((have, all)) => format!("{} {have} of {all}", milestone.what),
                None => milestone.what.to_string(),
            }));
            words.push(elapsed(progress));
        }
        words.join(", ")
    }

    /// How it ended, in a sentence, and whether it ended well.
    pub(crate) fn ending(&self) -> (String, bool) {
        let title = &self.title;
        let well = |item: &&Item| matches!(&item.state, State::Finished(finished) if finished.outcome == Outcome::Succeeded);
        let good = self.items.iter().filter(well).count();
        if good == self.items.len() {
            let took = match self.items.as_slice() {
                [
                    Item {
                        state: State::Finished(finished),
                        ..
                    },
                ] => {
                    let progress = &finished.progress;
                    let took = progress.recovered.unwrap_or(progress.elapsed);
                    format!(" in {}", format::age(took.as_secs() as u32))
                }
                _ => String::new(),
            };
            return (format!("✓ {title}: done{took}."), true);
        }
        let why = self.items.iter().find_map(|item| match &item.state {
            State::Finished(finished) if finished.outcome != Outcome::Succeeded => {
                let why = finished
                    .outcome
                    .why()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                Some(match finished.outcome {
                    Outcome::Overridden { .. } => format!("overridden by {why}"),
                    _ => format!("{}: {why}", finished.outcome.word()),
                })
            }
            State::Refused(refusal) => Some(format!("not done: {refusal}")),
            _ => None,
        });
        let why = why.unwrap_or_else(|| "not known".to_owned());
        if self.items.len() > 1 {
            let left = self
                .items
                .iter()
                .filter(|item| matches!(item.state, State::Left))
                .count();
            let words = format!("✗ {title}: {good} done, {left} not begun; {why}.");
            return (words, false);
        }
        (format!("✗ {title}: {why}."), false)
    }

    /// How it can be undone, where it can: of several, the newest first.
    pub(crate) fn undo(&self) -> Option<(&Text, &Invocation)> {
        self.items.iter().rev().find_map(|item| match &item.state {
            State::Finished(finished) => {
                let undo = finished.undo.as_ref()?;
                Some((&undo.title, &undo.invocation))
            }
            _ => None,
        })
    }

    /// What should be done next, where its end says so.
    pub(crate) fn next(&self) -> Option<(&Text, &Invocation)> {
        self.items.iter().find_map(|item| match &item.state {
            State::Finished(finished) => finished.next.as_ref().map(|(why, next)| (why, next)),
            _ => None,
        })
    }
}

impl Item {
    /// Sign and words of where it stands.
    pub(crate) fn standing(&self) -> (&'static str, Health, String) {
        match &self.state {
            State::Waiting => ("·", Health::Idle, "waits".to_owned()),
            State::Left => ("·", Health::Idle, "not begun".to_owned()),
            State::Running(progress) => ("▸", Health::Busy, elapsed(progress)),
            State::Refused(refusal) => ("✗", Health::Bad, refusal.to_string()),
            State::Finished(finished) => {
                let why = finished
                    .outcome
                    .why()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                match &finished.outcome {
                    Outcome::Succeeded => ("✓", Health::Good, "done".to_owned()),
                    Outcome::Failed { .. } => ("✗", Health::Bad, format!("failed: {why}")),
                    Outcome::Overridden { .. } => {
                        ("▲", Health::Warn, format!("overridden by {why}"))
                    }
                    Outcome::Unknown { .. } => ("?", Health::Warn, format!("unknown: {why}")),
                }
            }
        }
    }
}

/// `14s of 60s`
pub(crate) fn elapsed(progress: &Progress) -> String {
    let (elapsed, budget) = (progress.elapsed.as_secs(), progress.budget.as_secs());
    if budget == 0 {
        format::age(elapsed as u32)
    } else {
        format!(
            "{} of {}",
            format::age(elapsed as u32),
            format::age(budget as u32)
        )
    }
}
