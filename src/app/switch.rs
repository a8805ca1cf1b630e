//! Opening and closing contexts while the program runs. One that is to take the place of the others does so when it
//! answers: until then their rows stay, and if it fails they stay for good.

use super::App;
use crate::clients::clock::now;
use crate::model::{EndpointId, Engine, Feed, SourceStatus, Topic};
use crate::sources;

/// A context that takes the place of all others as soon as it answers.
pub(super) struct Switch {
    to: EndpointId,
    name: String,
    /// It was opened for this, and is closed again if it fails.
    opened: bool,
}

impl App {
    pub(super) fn open_context(&mut self, name: &str, alone: bool) {
        let before: Vec<EndpointId> = self.fleet.endpoints().map(|endpoint| endpoint.id).collect();
        let opening = sources::kubernetes::of_context(&self.loaded.config, name);
        let to = self.fleet.open(&sources::KUBERNETES, opening);
        let opened = !before.contains(&to);
        if !alone {
            self.tell_contexts();
            return;
        }
        let next = Switch {
            to,
            name: name.to_owned(),
            opened,
        };
        if let Some(given_up) = self.switch.replace(next)
            && given_up.to != to
            && given_up.opened
        {
            self.close(given_up.to);
        }
        self.tell_contexts();
        self.follow_switch();
    }

    pub(super) fn open_docker(&mut self, word: &str) {
        let opening = sources::docker::of_word(&self.loaded.config, word);
        self.fleet.open(&sources::DOCKER, opening);
        self.tell_contexts();
    }

    pub(super) fn close(&mut self, id: EndpointId) {
        self.switch.take_if(|switch| switch.to == id);
        self.acts.close(id);
        if let Some(batch) = self.fleet.close(id) {
            self.store.apply(batch, now());
            self.tell_contexts();
        }
    }

    /// Looks whether the context that is to take the place of the others has answered or failed.
    pub(super) fn follow_switch(&mut self) {
        let Some(switch) = &self.switch else { return };
        let to = switch.to;
        let others: Vec<_> = self
            .fleet
            .endpoints()
            .filter(|endpoint| endpoint.engine == Engine::Kubernetes && endpoint.id != to)
            .map(|endpoint| (endpoint.id, endpoint.name.to_string()))
            .collect();
        let feed = Feed {
            endpoint: to,
            topic: Topic::Server,
        };
        let cause = match self.store.status(&feed) {
            None | Some(SourceStatus::Connecting) => return,
            Some(SourceStatus::Live | SourceStatus::Listing { .. }) => None,
            Some(SourceStatus::Stale { cause, .. }) => Some(cause.to_string()),
            Some(SourceStatus::Off { why }) => Some(why.to_string()),
            Some(SourceStatus::Denied { verb, resource }) => {
                Some(format!("may not {verb} {resource}"))
            }
        };
        let Some(switch) = self.switch.take() else {
            return;
        };
        match cause {
            // With nothing else to show, it goes on trying, and the screen says so.
            Some(_) if others.is_empty() => {}
            Some(cause) => {
                let names: Vec<_> = others.into_iter().map(|(_, name)| name).collect();
                let text = format!(
                    "{} does not open: {cause}. Still on {}.",
                    switch.name,
                    names.join(", ")
                );
                self.ui.say(text, true, now());
                if switch.opened {
                    self.close(to);
                }
            }
            None => {
                for (id, _) in others {
                    self.close(id);
                }
            }
        }
    }

    /// Tells the store which contexts there are, and which of them are open.
    pub(super) fn tell_contexts(&mut self) {
        self.store.set_contexts(self.fleet.contexts());
    }
}
