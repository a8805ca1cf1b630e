//! The answer to a dialog: what may be given now, and what happens when it is.

use super::{Dialog, Focus, State};
use crate::actions::{Answer, Ask, Several, Unconfirmed};
use crate::model::{Environment, Moment};
use crate::store::Store;
use crate::ui::Ui;
use crate::ui::acting::Standing;
use crate::ui::overlays::Next;

impl Dialog {
    /// What may be written where this dialog aims.
    pub(super) fn standing(&self, ui: &Ui, store: &Store, now: Moment) -> Standing {
        ui.acting.standing(self.environment(store), now)
    }

    /// The gravest environment that it aims at: as the plan knows it, else as the endpoint does.
    pub(super) fn environment(&self, store: &Store) -> Environment {
        if let State::Ready(several) = &self.state {
            return several.environment();
        }
        let endpoints = self
            .targets
            .iter()
            .map(|target| store.endpoint(target.endpoint));
        let known = endpoints
            .map(|endpoint| endpoint.map_or(Environment::Production, |one| one.environment));
        known.max().unwrap_or_default()
    }

    /// Seconds until an answer counts.
    pub(super) fn armed_in(&self, several: &Several, now: Moment) -> i64 {
        let arm = several.confirmation().arm;
        if arm.is_zero() {
            return 0;
        }
        // A dialog that opened at the end of a second is armed no earlier than asked.
        let wait = i64::try_from(arm.as_secs())
            .unwrap_or(i64::MAX)
            .saturating_add(1);
        (self.since.second().saturating_add(wait) - now.second()).max(0)
    }

    /// What Enter does, by what has the focus.
    pub(super) fn accept(&mut self, ui: &mut Ui, store: &Store, now: Moment) -> Next {
        match self.focus {
            Focus::Cancel => Next::Close,
            Focus::Field(_) => {
                self.turn(ui, 1, now);
                Next::Stay
            }
            Focus::Typed if self.typed.text().is_empty() => Next::Close,
            Focus::Typed | Focus::Reason => self.confirm(ui, store, false, now),
            Focus::Go => self.confirm(ui, store, true, now),
        }
    }

    /// Does it, if all that was asked is answered.
    pub(super) fn confirm(&mut self, ui: &mut Ui, store: &Store, yes: bool, now: Moment) -> Next {
        match self.may(ui, store, yes, now) {
            Ok(next) => next,
            Err(words) => {
                self.said = Some(words);
                Next::Stay
            }
        }
    }

    fn may(&mut self, ui: &mut Ui, store: &Store, yes: bool, now: Moment) -> Result<Next, String> {
        match self.standing(ui, store, now) {
            Standing::Open => {}
            Standing::ReadOnly => return Err("This run is read only: it cannot write.".to_owned()),
            Standing::Locked => {
                let environment = self.environment(store).word();
                let key = ui.key(crate::ui::commands::Command::Unlock);
                return Err(format!("{environment} is locked: {key} unlocks it."));
            }
        }
        let several = match &self.state {
            State::Ready(several) => several,
            State::Reading(_) => return Err("The facts are still being read.".to_owned()),
            State::Wanting(words) => return Err(words.clone()),
            State::Refused(_) => return Err("This cannot be done; see above.".to_owned()),
        };
        let seconds = self.armed_in(several, now);
        if seconds > 0 {
            return Err(format!("Look first: it takes an answer in {seconds} s."));
        }
        if several.confirmation().diff && self.seen < self.sheet.changes_end {
            return Err("Scroll down to see all that changes.".to_owned());
        }
        let answer = Answer {
            yes,
            typed: self.typed.text().to_owned(),
            reason: self.reason.text().to_owned(),
        };
        match several.approve(&answer, now.timestamp()) {
            Ok(approved) => Ok(Next::CloseWith(ui.commit(approved))),
            Err(Unconfirmed::NeedsReason) => {
                self.focus = Focus::Reason;
                Err("A reason is needed; the audit keeps it.".to_owned())
            }
            Err(Unconfirmed::NeedsTyped(text)) => Err(format!("To confirm, type exactly: {text}")),
            Err(Unconfirmed::NeedsYes) => {
                let key = ui.key(crate::ui::commands::Command::Confirm);
                Err(format!("{key} confirms."))
            }
            Err(expired @ Unconfirmed::Expired(_)) => {
                let words = expired.to_string();
                self.forget(now);
                Ok(Next::Effects(self.ask(now))).inspect(|_| self.said = Some(words))
            }
        }
    }

    /// Asks whether to unlock, where that is what stands in the way.
    pub(super) fn unlock(&mut self, ui: &Ui, store: &Store, now: Moment) {
        match self.standing(ui, store, now) {
            Standing::Locked => self.unlocking = true,
            Standing::Open => self.said = Some("It is not locked.".to_owned()),
            Standing::ReadOnly => {
                self.said = Some("This run is read only: it cannot write.".to_owned());
            }
        }
    }

    /// Gives the focus to what comes next.
    pub(super) fn turn(&mut self, ui: &Ui, by: isize, _now: Moment) {
        let mut order: Vec<Focus> = (0..self.form.entries.len())
            .filter(|at| !self.is_hidden(*at))
            .map(Focus::Field)
            .collect();
        if let State::Ready(several) = &self.state
            && !ui.acting.is_read_only()
        {
            let confirmation = several.confirmation();
            if matches!(confirmation.ask, Ask::Typed(_)) {
                order.push(Focus::Typed);
            }
            if confirmation.reason {
                order.push(Focus::Reason);
            }
            if !matches!(confirmation.ask, Ask::Typed(_)) {
                order.push(Focus::Go);
            }
        }
        order.push(Focus::Cancel);
        let at = order.iter().position(|focus| *focus == self.focus);
        let count = order.len() as isize;
        let next = at.map_or(0, |at| (at as isize + by).rem_euclid(count));
        self.focus = order.get(next as usize).copied().unwrap_or(Focus::Cancel);
    }

    /// Whether a field is set by choosing a row of a list instead.
    pub(super) fn is_hidden(&self, at: usize) -> bool {
        let name = self.form.entries.get(at).map(|entry| entry.argument.name);
        self.chooses().is_some() && self.chooses() == name
    }
}
