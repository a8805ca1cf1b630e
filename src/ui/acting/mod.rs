//! What the operator is doing to the world: actions that run and have run, what may be written now, what is denied.
//!
//! The interface asks ([`Effect`]) and is told ([`News`]); who carries it out is the app. Nothing here waits.

mod begin;
mod permits;
mod work;

use crate::actions::audit::Entry;
use crate::actions::{Prepared, Refusal, Report};
use crate::model::{Environment, Moment, Text};
use crate::store::Store;

use super::Ui;
use super::input::Effect;
use super::overlays::{Follow, Journal, Overlay, Unlock};

pub(crate) use permits::Permits;
pub use permits::{Permit, Place};
pub(crate) use work::{State as ItemState, Work, elapsed};

/// Minutes for which an environment is unlocked.
pub const MINUTES: i64 = 15;
/// Actions that have ended and are remembered on screen; the audit remembers all.
const REMEMBERED: usize = 50;

/// What an action or a question of the interface led to.
#[derive(Debug)]
pub enum News {
    /// The answer to [`Effect::Prepare`], one for each that was asked.
    Prepared {
        dialog: u64,
        round: u64,
        results: Vec<Result<Prepared, Refusal>>,
    },
    /// How one of several is getting on.
    Report {
        work: u64,
        at: usize,
        report: Report,
    },
    /// A confirmed plan was not carried out after all.
    Refused {
        work: u64,
        at: usize,
        refusal: Refusal,
    },
    /// Nothing of it runs any more; what has not ended was not begun.
    Ended { work: u64 },
    /// What a user may do to objects of a kind.
    Permitted { place: Place, permits: Vec<Permit> },
    /// The records, oldest first.
    Audit(Result<Vec<Entry>, Text>),
    /// Whether the audit took note of the unlocking; if not, nothing is unlocked.
    Unlocked {
        environment: Environment,
        result: Result<(), Text>,
    },
}

/// Whether writes are let through to an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The run has no connection that could write.
    ReadOnly,
    /// Until the operator unlocks it.
    Locked,
    Open,
}

/// Actions and what may be done.
#[derive(Default)]
pub(crate) struct Acting {
    read_only: bool,
    locked: Vec<Environment>,
    /// Environments that are unlocked, and until when.
    unlocked: Vec<(Environment, Moment)>,
    /// The oldest first.
    works: Vec<Work>,
    next: u64,
    permits: Permits,
}

impl Acting {
    pub(crate) fn new(read_only: bool, locked: Vec<Environment>) -> Self {
        Self {
            read_only,
            locked,
            ..Self::default()
        }
    }

    pub(crate) fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// Whether writes are let through to an environment now.
    pub(crate) fn standing(&self, environment: Environment, now: Moment) -> Standing {
        if self.read_only {
            Standing::ReadOnly
        } else if !self.locked.contains(&environment) || self.until(environment, now).is_some() {
            Standing::Open
        } else {
            Standing::Locked
        }
    }

    /// Until when an environment is unlocked.
    pub(crate) fn until(&self, environment: Environment, now: Moment) -> Option<Moment> {
        let unlocked = self.unlocked.iter();
        unlocked
            .filter(|(one, until)| *one == environment && *until > now)
            .map(|(_, until)| *until)
            .max()
    }

    /// A number that no dialog or work had before.
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub(crate) fn works(&self) -> &[Work] {
        &self.works
    }

    pub(crate) fn work(&self, id: u64) -> Option<&Work> {
        self.works.iter().find(|work| work.id == id)
    }

    /// Those that still run.
    pub(crate) fn running(&self) -> impl Iterator<Item = &Work> {
        self.works.iter().filter(|work| !work.ended)
    }

    fn remember(&mut self, work: Work) {
        let ended = self.works.iter().filter(|work| work.ended).count();
        if ended >= REMEMBERED
            && let Some(at) = self.works.iter().position(|work| work.ended)
        {
            self.works.remove(at);
        }
        self.works.push(work);
    }

    fn work_mut(&mut self, id: u64) -> Option<&mut Work> {
        self.works.iter_mut().find(|work| work.id == id)
    }

    /// When what the header says of it changes by itself.
    pub(crate) fn ticks(&self, now: Moment) -> Option<Moment> {
        let ends = self.unlocked.iter().map(|(_, until)| *until);
        let minute = ends
            .clone()
            .filter(|until| *until > now)
            .filter_map(|until| {
                let left = until.second() - now.second();
                Moment::from_second(now.second() + 1 + (left - 1) % 60)
            });
        minute.min()
    }
}

impl Ui {
    /// Takes in what an action or a question led to.
    pub fn told(&mut self, store: &Store, news: News, now: Moment) {
        match news {
            News::Prepared {
                dialog,
                round,
                results,
            } => {
                if let Some(Overlay::Dialog(open)) = &mut self.overlay
                    && open.id == dialog
                {
                    open.told(round, results, now);
                }
            }
            News::Report { work, at, report } => {
                if let Some(work) = self.acting.work_mut(work) {
                    work.told(at, report);
                }
            }
            News::Refused { work, at, refusal } => {
                if let Some(work) = self.acting.work_mut(work) {
                    work.refused(at, refusal);
                }
            }
            News::Ended { work } => self.ended(work, now),
            News::Permitted { place, permits } => self.acting.permits.told(place, permits, now),
            News::Audit(entries) => {
                if let Some(Overlay::Journal(journal)) = &mut self.overlay {
                    journal.told(entries);
                }
            }
            News::Unlocked {
                environment,
                result: Ok(()),
            } => {
                let until = Moment::from_second(now.second() + MINUTES * 60);
                self.acting.unlocked.retain(|(one, _)| *one != environment);
                self.acting
                    .unlocked
                    .extend(until.map(|until| (environment, until)));
                let words = format!("{} is unlocked for {MINUTES} minutes.", environment.word());
                self.say(words, false, now);
            }
            News::Unlocked {
                result: Err(why), ..
            } => {
                self.say(
                    format!("Nothing is unlocked without an audit: {why}"),
                    true,
                    now,
                );
            }
        }
        let _ = store;
    }

    fn ended(&mut self, id: u64, now: Moment) {
        let Some(work) = self.acting.work_mut(id) else {
            return;
        };
        work.end();
        let (words, well) = work.ending();
        let watched = matches!(&self.overlay, Some(Overlay::Follow(follow)) if follow.id == id);
        if !watched {
            let key = self.key(super::commands::Command::Works);
            self.say(format!("{words} {key} shows it."), !well, now);
        }
    }

    /// What the interface wants to know by itself.
    pub fn wishes(&mut self, store: &Store, now: Moment) -> Vec<Effect> {
        let mut effects = match &mut self.overlay {
            Some(Overlay::Dialog(dialog)) => dialog.refresh(now),
            _ => Vec::new(),
        };
        if let Some(place) = self.place_of_row(store)
            && self.acting.permits.asks(&place, now)
        {
            effects.push(Effect::Permissions(place));
        }
        effects
    }

    /// Opens the audit and has it read.
    pub(crate) fn open_audit(&mut self) -> Vec<Effect> {
        self.overlay = Some(Overlay::Journal(Journal::default()));
        vec![Effect::ReadAudit]
    }

    /// Asks whether to unlock what is locked, of all that is open the gravest.
    pub(crate) fn open_unlock(&mut self, store: &Store, now: Moment) {
        if self.acting.read_only {
            self.say(
                "This run is read only: it has no connection that could write.",
                false,
                now,
            );
            return;
        }
        let environments = store
            .endpoints()
            .iter()
            .map(|endpoint| endpoint.environment);
        let locked = environments.filter(|one| self.acting.standing(*one, now) == Standing::Locked);
        match locked.max() {
            Some(environment) => self.overlay = Some(Overlay::Unlock(Unlock { environment })),
            None => self.say("Nothing here is locked.", false, now),
        }
    }

    /// Shows the action that was begun last, or the one before the one shown.
    pub(crate) fn show_works(&mut self, now: Moment) {
        let shown = match &self.overlay {
            Some(Overlay::Follow(follow)) => Some(follow.id),
            _ => None,
        };
        let works = self.acting.works();
        let at = shown.and_then(|id| works.iter().position(|work| work.id == id));
        let next = match at {
            Some(0) | None => works.last(),
            Some(at) => works.get(at - 1),
        };
        match next.map(|work| work.id) {
            Some(id) => self.overlay = Some(Overlay::Follow(Follow { id })),
            None => self.say("Nothing was changed in this run.", false, now),
        }
    }
}
