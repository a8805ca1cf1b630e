//! Beginning an action: from a key on a row to the dialog, and from the answer to what runs.

use super::permits::Place;
use super::work::Work;
use crate::actions::{self, Action, Approved, Invocation, several};
use crate::model::{Engine, Kind, Moment, Target, Text};
use crate::store::Store;
use crate::ui::Ui;
use crate::ui::commands::Command;
use crate::ui::detail::owner_of;
use crate::ui::input::Effect;
use crate::ui::overlays::{Dialog, Follow, Menu, Overlay};
use crate::ui::screen::Screen;

/// How far up from a row an action looks for an object that it can be done to: pod, ReplicaSet, Deployment.
const UP: usize = 3;

impl Ui {
    /// The objects that an action is meant for: those that are marked, or the one under the cursor, or the opened one.
    fn meant(&self, store: &Store) -> Vec<Target> {
        let screen = self.screens.current();
        match screen {
            Screen::Detail(detail) => {
                let target = detail.relation(store);
                vec![target.unwrap_or_else(|| detail.target.clone())]
            }
            _ => screen
                .pane()
                .map(|pane| pane.targets(store))
                .unwrap_or_default(),
        }
    }

    /// The kind and place of the row under the cursor, whose permissions the footer and the menu show.
    pub(super) fn place_of_row(&self, store: &Store) -> Option<Place> {
        let target = self.meant(store).into_iter().next()?;
        actions::of(&target.kind).next()?;
        Some(place(&target))
    }

    /// The actions for the row under the cursor, each with why it is denied.
    pub(crate) fn actions_of_row(
        &self,
        store: &Store,
    ) -> Vec<(&'static dyn Action, Option<String>)> {
        let Some(target) = self.meant(store).into_iter().next() else {
            return Vec::new();
        };
        let place = place(&target);
        actions::of(&target.kind)
            .map(|action| (action, self.acting.permits.denied(action, &place)))
            .collect()
    }

    /// The key that opens an action's dialog: its own, or the one that it shares with an action for another kind.
    pub(crate) fn key_of(&self, action: &dyn Action) -> Option<String> {
        let own = self.keymap.keys(Command::Act(action.name())).next();
        own.or_else(|| {
            let same = |other: &&&dyn Action| {
                !action.chord().is_empty() && other.chord() == action.chord()
            };
            let first = actions::ALL.iter().find(same)?;
            self.keymap.keys(Command::Act(first.name())).next()
        })
    }

    /// Opens the menu of all that can be done to the row.
    pub(crate) fn open_menu(&mut self, store: &Store, now: Moment) {
        let actions = self.actions_of_row(store);
        match self.meant(store).first() {
            None => self.say("No object is selected.", false, now),
            Some(target) if actions.is_empty() => {
                let words = nothing(&target.kind);
                self.say(words, false, now);
            }
            Some(target) => {
                let title = actions::invocation::named(target).to_string();
                self.overlay = Some(Overlay::Menu(Menu::new(self, title, &actions)));
            }
        }
    }

    /// Opens the dialog of an action for what is meant.
    pub(crate) fn act(&mut self, store: &Store, name: &str, now: Moment) -> Vec<Effect> {
        let Some(action) = actions::find(name) else {
            return Vec::new();
        };
        if self.held {
            return Vec::new();
        }
        let meant = self.meant(store);
        // One key may mean another action on objects of another kind.
        let shared = |kind: &Kind| {
            let same =
                |other: &&dyn Action| !action.chord().is_empty() && other.chord() == action.chord();
            actions::of(kind).find(same)
        };
        let action = match meant.first() {
            Some(first) if !action.applies(&first.kind) => shared(&first.kind).unwrap_or(action),
            _ => action,
        };
        let Some(first) = meant.first() else {
            self.say("No object is selected.", false, now);
            return Vec::new();
        };
        let mut targets = Vec::new();
        for target in &meant {
            match fitting(store, action, target) {
                Some(target) if !targets.contains(&target) => targets.push(target),
                Some(_) => {}
                None => {
                    let words = if first.kind.engine() == Engine::Docker {
                        nothing(&first.kind)
                    } else {
                        let (title, kind) = (action.title(), first.kind.name());
                        format!("{title} means nothing to a {kind}.")
                    };
                    self.say(words, false, now);
                    return Vec::new();
                }
            }
        }
        let Some(first) = targets.first().cloned() else {
            return Vec::new();
        };
        if targets.iter().any(|target| target.kind != first.kind) {
            self.say("The marked objects are of several kinds.", true, now);
            return Vec::new();
        }
        let most = targets.iter().map(|target| {
            let endpoint = store.endpoint(target.endpoint);
            several::most(endpoint.map_or_else(Default::default, |endpoint| endpoint.environment))
        });
        let most = most.min().unwrap_or_default();
        if targets.len() > most {
            let words = format!(
                "{} objects are marked; at most {most} are changed at once here.",
                targets.len()
            );
            self.say(words, true, now);
            return Vec::new();
        }
        let denied = targets
            .iter()
            .find_map(|target| self.acting.permits.denied(action, &place(target)));
        if let Some(denied) = denied {
            self.say(
                format!("{} is not permitted: this user {denied}.", action.title()),
                true,
                now,
            );
            return Vec::new();
        }
        targets.remove(0);
        self.begin(store, Invocation::new(action, first), targets, now)
    }

    /// Opens the dialog of what was asked for.
    pub(crate) fn begin(
        &mut self,
        store: &Store,
        asked: Invocation,
        others: Vec<Target>,
        now: Moment,
    ) -> Vec<Effect> {
        let id = self.acting.number();
        let glance = if others.is_empty() {
            glance(store, &asked.target)
        } else {
            vec![Text::from(format!("{} objects", others.len() + 1))]
        };
        let (dialog, effects) = Dialog::open(id, asked, others, glance, now);
        self.overlay = Some(Overlay::Dialog(Box::new(dialog)));
        effects
    }

    /// Hands over what was confirmed, and follows it.
    pub(crate) fn commit(&mut self, approved: Vec<Approved>) -> Vec<Effect> {
        let id = self.acting.number();
        self.acting.remember(Work::new(id, &approved));
        self.overlay = Some(Overlay::Follow(Follow { id }));
        if let Some(pane) = self.screens.current_mut().pane_mut() {
            pane.table.clear_marks();
        }
        vec![Effect::Commit { work: id, approved }]
    }

    /// Opens the dialog that undoes the newest action that can be undone.
    pub(crate) fn undo(&mut self, store: &Store, now: Moment) -> Vec<Effect> {
        if self.held {
            return Vec::new();
        }
        let shown = match &self.overlay {
            Some(Overlay::Follow(follow)) => self.acting.work(follow.id),
            _ => None,
        };
        let newest = || {
            self.acting
                .works()
                .iter()
                .rev()
                .find(|work| work.undo().is_some())
        };
        let undo = shown.or_else(newest).and_then(Work::undo);
        if let Some(invocation) = undo.map(|(_, invocation)| invocation.clone()) {
            return self.begin(store, invocation, Vec::new(), now);
        }
        self.say("There is nothing to undo.", false, now);
        Vec::new()
    }

    /// Opens the dialog of what the shown action says should be done next.
    pub(crate) fn go_on(&mut self, store: &Store, now: Moment) -> Vec<Effect> {
        let shown = match &self.overlay {
            Some(Overlay::Follow(follow)) => self.acting.work(follow.id),
            _ => None,
        };
        match shown.and_then(Work::next).map(|(_, next)| next.clone()) {
            Some(next) if !self.held => self.begin(store, next, Vec::new(), now),
            _ => Vec::new(),
        }
    }
}

/// Why an object has no actions at all.
fn nothing(kind: &Kind) -> String {
    if kind.engine() == Engine::Docker {
        "Nothing on a Docker host can be changed with this version; it is only shown.".to_owned()
    } else {
        format!("Nothing can be done to a {}.", kind.name())
    }
}

/// The object of this target that an action can be done to: itself, or what controls it.
fn fitting(store: &Store, action: &dyn Action, target: &Target) -> Option<Target> {
    let mut next = target.clone();
    for _ in 0..=UP {
        if action.applies(&next.kind) {
            return Some(next);
        }
        next = owner_of(store, &next)?;
    }
    None
}

fn place(target: &Target) -> Place {
    Place {
        endpoint: target.endpoint,
        namespace: target.namespace.clone(),
        kind: target.kind.clone(),
    }
}

/// What the screen knows of an object while the facts are read.
fn glance(store: &Store, target: &Target) -> Vec<Text> {
    let mut words = Vec::new();
    let Some(uid) = target.uid else { return words };
    let key = crate::model::Key {
        endpoint: target.endpoint,
        uid,
    };
    if target.kind == Kind::Pod {
        if let Some(pod) = store.pods().row(&key) {
            words.push(Text::from(format!("now {}", pod.status)));
        }
        return words;
    }
    if let Some(workload) = store.workloads().row(&key) {
        words.push(Text::from(match workload.desired {
            Some(desired) => format!("now {} of {desired} ready", workload.ready),
            None => format!("now {}", workload.status),
        }));
        if !workload.images.is_empty() {
            words.push(Text::new(&workload.images));
        }
        if let Some(why) = crate::store::why_workload(store, workload) {
            words.push(Text::from(why.into_owned()));
        }
    }
    words
}
