//! The dialog of an action: what it would do, what it is told, and the answer that confirms it.
//!
//! It opens at once and fills in when the facts were read; it never waits for them. Cancel has the focus: Enter on an
//! untouched dialog leaves it. Only a key that a finger pressed anew decides; what is pasted or held never does. What was
//! looked at is read again every [`AGAIN`] seconds, and if it is no longer so, the answer given so far is forgotten and
//! what changed is shown.

mod answer;
mod differ;
mod draw;
mod foot;
mod form;
mod sheet;

use crate::actions::invocation::path;
use crate::actions::{Action, Arguments, Ask, Expected, Invocation, Prepared, Refusal, Several};
use crate::model::{Moment, Target, Text};
use crate::store::Store;
use crate::ui::Ui;
use crate::ui::acting::Standing;
use crate::ui::commands::Command;
use crate::ui::input::Effect;
use crate::ui::widgets::field::Field;

use super::Next;
use differ::differences;
use form::Form;
use sheet::Sheet;

/// Seconds after which what was looked at is read again.
const AGAIN: i64 = 10;

/// What has the focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Focus {
    Cancel,
    /// A field of the form.
    Field(usize),
    /// The text that confirms.
    Typed,
    Reason,
    /// The button that does it.
    Go,
}

/// Where the plan stands.
enum State {
    /// It is being worked out, since then.
    Reading(Moment),
    Ready(Box<Several>),
    /// Something is missing in the form.
    Wanting(String),
    Refused(Vec<(Text, Refusal)>),
}

/// An action about to be confirmed.
pub(crate) struct Dialog {
    pub(crate) id: u64,
    action: &'static dyn Action,
    targets: Vec<Target>,
    expects: Vec<Expected>,
    /// What cannot be typed in the form: an edited text.
    given: Arguments,
    /// What is known of the object from the screen, while the facts are read.
    glance: Vec<Text>,
    form: Form,
    /// The row chosen of a list that can be chosen from.
    row: Option<usize>,
    state: State,
    /// The plan before the one that is being worked out.
    before: Option<Box<Several>>,
    /// Which question is the newest; answers to older ones are dropped.
    round: u64,
    /// Whether the newest question was asked by itself.
    refreshing: bool,
    asked_at: Moment,
    /// What is no longer as it was when the operator looked first.
    changed: Vec<Text>,
    focus: Focus,
    typed: Field,
    reason: Field,
    /// Since when an answer could be given.
    since: Moment,
    unlocking: bool,
    said: Option<String>,
    sheet: Sheet,
    top: usize,
    page: usize,
    /// Lines of the sheet that were on screen.
    seen: usize,
}

impl Dialog {
    /// A dialog for what was asked, and the first question.
    pub(crate) fn open(
        id: u64,
        asked: Invocation,
        others: Vec<Target>,
        glance: Vec<Text>,
        now: Moment,
    ) -> (Self, Vec<Effect>) {
        let action = asked.action;
        let form = Form::new(action.arguments(), &asked.arguments);
        let focus = form.wanting().map_or(Focus::Cancel, Focus::Field);
        let mut targets = vec![asked.target];
        targets.extend(others);
        let mut dialog = Self {
            id,
            action,
            targets,
            expects: asked.expects,
            given: asked.arguments,
            glance,
            form,
            row: None,
            state: State::Reading(now),
            before: None,
            round: 0,
            refreshing: false,
            asked_at: now,
            changed: Vec::new(),
            focus,
            typed: Field::default(),
            reason: Field::default(),
            since: now,
            unlocking: false,
            said: None,
            sheet: Sheet::default(),
            top: 0,
            page: 1,
            seen: 0,
        };
        let effects = dialog.ask(now);
        (dialog, effects)
    }

    /// What the plan is asked to be.
    fn asked(&self) -> Option<Vec<Invocation>> {
        let typed = self.form.arguments()?;
        let mut arguments = self.given.clone();
        for argument in self.action.arguments() {
            let in_form = self
                .form
                .entries
                .iter()
                .any(|entry| entry.argument.name == argument.name);
            if in_form {
                arguments.unset(argument.name);
            }
        }
        for (name, value) in typed.iter() {
            arguments = arguments.with(name, value.clone());
        }
        let targets = self.targets.iter().map(|target| Invocation {
            action: self.action,
            target: target.clone(),
            arguments: arguments.clone(),
            expects: self.expects.clone(),
        });
        Some(targets.collect())
    }

    /// Asks for the plan anew.
    fn ask(&mut self, now: Moment) -> Vec<Effect> {
        let Some(asked) = self.asked() else {
            return Vec::new();
        };
        self.round += 1;
        self.refreshing = false;
        self.asked_at = now;
        if let State::Ready(several) = std::mem::replace(&mut self.state, State::Reading(now)) {
            self.before = Some(several);
        }
        vec![Effect::Prepare {
            dialog: self.id,
            round: self.round,
            asked,
        }]
    }

    /// Asks again whether what was looked at is still so; the plan stays on screen meanwhile.
    pub(crate) fn refresh(&mut self, now: Moment) -> Vec<Effect> {
        let State::Ready(_) = self.state else {
            return Vec::new();
        };
        if self.refreshes().is_none_or(|at| at > now) {
            return Vec::new();
        }
        let Some(asked) = self.asked() else {
            return Vec::new();
        };
        self.round += 1;
        self.refreshing = true;
        self.asked_at = now;
        vec![Effect::Prepare {
            dialog: self.id,
            round: self.round,
            asked,
        }]
    }

    /// When what was looked at is read again.
    pub(crate) fn refreshes(&self) -> Option<Moment> {
        Moment::from_second(self.asked_at.second() + AGAIN)
    }

    /// When the dialog changes by itself: while it reads, until it is armed, when it reads again.
    pub(crate) fn ticks(&self, now: Moment) -> Option<Moment> {
        let next = || Moment::from_second(now.second() + 1);
        match &self.state {
            State::Reading(_) => next(),
            State::Ready(several) if self.armed_in(several, now) > 0 => next(),
            State::Ready(_) => self.refreshes(),
            _ => None,
        }
    }

    /// Takes the answer to the newest question.
    pub(crate) fn told(
        &mut self,
        round: u64,
        results: Vec<Result<Prepared, Refusal>>,
        now: Moment,
    ) {
        if round != self.round {
            return;
        }
        if !self.refreshing {
            self.said = None;
        }
        let mut plans = Vec::new();
        let mut refused = Vec::new();
        for (target, result) in self.targets.iter().zip(results) {
            match result {
                Ok(prepared) => plans.push(prepared),
                Err(refusal) => refused.push((Text::from(path(target)), refusal)),
            }
        }
        if refused.is_empty() {
            match Several::new(plans) {
                Ok(several) => self.ready(several, now),
                Err(refusal) => self.state = State::Refused(vec![(Text::default(), refusal)]),
            }
            return;
        }
        // A form that is not filled in yet is no fault of the operator's.
        let wanting = self.form.wanting().is_some()
            && refused
                .iter()
                .all(|(_, refusal)| matches!(refusal, Refusal::Argument(_)));
        self.state = match refused.first() {
            Some((_, refusal)) if wanting => State::Wanting(refusal.to_string()),
            _ => State::Refused(refused),
        };
    }

    fn ready(&mut self, several: Several, now: Moment) {
        let before = match std::mem::replace(&mut self.state, State::Reading(now)) {
            State::Ready(before) => Some(before),
            _ => self.before.take(),
        };
        let differs = before.map(|before| differences(&before, &several));
        match differs {
            Some(differs) if !differs.is_empty() => {
                self.changed = differs;
                self.forget(now);
            }
            Some(_) if self.refreshing => {}
            _ => self.since = now,
        }
        // The row that the plan rests on, until the operator chooses another.
        if self.row.is_none()
            && let [alone] = several.plans()
        {
            let chosen =
                |table: &crate::actions::Table| table.rows.iter().position(|row| row.chosen);
            let tables = alone.plan.tables.iter();
            self.row = tables
                .filter(|table| table.chooses.is_some())
                .find_map(chosen);
        }
        self.state = State::Ready(Box::new(several));
    }

    /// Forgets the answer given so far.
    fn forget(&mut self, now: Moment) {
        self.typed = Field::default();
        self.since = now;
        self.seen = 0;
        if matches!(self.focus, Focus::Typed | Focus::Go | Focus::Reason) {
            self.focus = Focus::Cancel;
        }
    }

    /// Whether the action is one of a list that can be chosen from, and which argument a row sets.
    fn chooses(&self) -> Option<&'static str> {
        let several = match &self.state {
            State::Ready(several) => several,
            _ => self.before.as_ref()?,
        };
        let [alone] = several.plans() else {
            return None;
        };
        alone.plan.tables.iter().find_map(|table| table.chooses)
    }

    /// Chooses another row; the plan is worked out for it.
    fn choose(&mut self, by: isize, now: Moment) -> Vec<Effect> {
        let several = match &self.state {
            State::Ready(several) => several,
            _ => match &self.before {
                Some(several) => several,
                None => return Vec::new(),
            },
        };
        let [alone] = several.plans() else {
            return Vec::new();
        };
        let Some(table) = alone
            .plan
            .tables
            .iter()
            .find(|table| table.chooses.is_some())
        else {
            return Vec::new();
        };
        let mut at = self.row;
        loop {
            at = match at {
                None if by > 0 => Some(0),
                None => return Vec::new(),
                Some(at) => at.checked_add_signed(by),
            };
            let Some(row) = at.and_then(|at| table.rows.get(at)) else {
                return Vec::new();
            };
            if let (Some(value), Some(name)) = (&row.value, table.chooses) {
                let value = value.clone();
                self.row = at;
                if !self.form.put(name, &value)
                    && let Some(argument) =
                        self.action.arguments().iter().find(|one| one.name == name)
                {
                    let _ = self.given.read(argument, &value);
                }
                self.forget(now);
                self.changed.clear();
                return self.ask(now);
            }
        }
    }

    pub(super) fn command(
        &mut self,
        ui: &mut Ui,
        store: &Store,
        command: Command,
        now: Moment,
    ) -> Next {
        use Command as C;
        self.said = None;
        match command {
            C::Cancel if self.unlocking => self.unlocking = false,
            C::Cancel | C::Refuse => return Next::Close,
            C::Complete => self.turn(ui, 1, now),
            C::PreviousField => self.turn(ui, -1, now),
            C::NextItem | C::PreviousItem => {
                let by = if command == C::NextItem { 1 } else { -1 };
                if self.chooses().is_some() {
                    return Next::Effects(self.choose(by, now));
                }
                self.scroll(by);
            }
            C::NextPage => self.scroll(self.page as isize),
            C::PreviousPage => self.scroll(-(self.page as isize)),
            C::Accept | C::Confirm if ui.held => {
                self.said = Some("Held keys and pasted text decide nothing.".to_owned());
            }
            C::Accept => return self.accept(ui, store, now),
            C::Confirm if self.unlocking => {
                self.unlocking = false;
                return Next::Effects(vec![Effect::Unlock(self.environment(store))]);
            }
            C::Confirm => return self.confirm(ui, store, true, now),
            C::Unlock => self.unlock(ui, store, now),
            command => return Next::Effects(self.edit(command, now)),
        }
        Next::Stay
    }

    /// Whether a typed character is text now, and not a key.
    pub(super) fn takes(&self, ui: &Ui, store: &Store, typed: char, now: Moment) -> bool {
        match self.focus {
            Focus::Field(at) if self.form.takes(at, typed) => true,
            Focus::Reason => true,
            _ => {
                !self.unlocking
                    && self.wants_typed()
                    && self.standing(ui, store, now) == Standing::Open
            }
        }
    }

    fn wants_typed(&self) -> bool {
        match &self.state {
            State::Ready(several) => matches!(several.confirmation().ask, Ask::Typed(_)),
            _ => false,
        }
    }

    pub(super) fn insert(&mut self, text: &str, pasted: bool, now: Moment) -> Next {
        self.said = None;
        let meant = |at| pasted || text.chars().all(|typed| self.form.takes(at, typed));
        match self.focus {
            Focus::Field(at) if meant(at) => {
                if self.form.insert(at, text) {
                    return Next::Effects(self.form_changed(now));
                }
            }
            Focus::Reason => self.reason.insert(text),
            Focus::Field(at) if !self.wants_typed() => {
                let name = self
                    .form
                    .entries
                    .get(at)
                    .map_or("", |entry| entry.argument.name);
                self.said = Some(format!("{name} does not take \"{text}\"."));
            }
            _ if !self.wants_typed() => {}
            _ if pasted => {
                self.said = Some("Type it by hand: what is pasted confirms nothing.".to_owned());
            }
            _ => {
                self.focus = Focus::Typed;
                self.typed.insert(text);
            }
        }
        Next::Stay
    }

    fn edit(&mut self, command: Command, now: Moment) -> Vec<Effect> {
        match self.focus {
            Focus::Field(at) => {
                if self.form.edit(at, command) {
                    return self.form_changed(now);
                }
            }
            Focus::Typed => {
                self.typed.edit(command);
            }
            Focus::Reason => {
                self.reason.edit(command);
            }
            Focus::Cancel | Focus::Go => {}
        }
        Vec::new()
    }

    /// Works the plan out anew with what was typed, if all of it can be read.
    fn form_changed(&mut self, now: Moment) -> Vec<Effect> {
        self.typed = Field::default();
        self.changed.clear();
        let wrong = self
            .form
            .entries
            .iter()
            .find_map(|entry| entry.problem.clone());
        if let Some(problem) = wrong {
            // A plan for something else than what stands in the form must not be confirmed.
            self.round += 1;
            self.state = State::Wanting(problem);
            return Vec::new();
        }
        self.ask(now)
    }

    fn scroll(&mut self, by: isize) {
        let last = self.sheet.lines.len().saturating_sub(self.page);
        self.top = self.top.saturating_add_signed(by).min(last);
    }
}
