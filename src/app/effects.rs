//! What the interface asks of the outside, carried out.

use color_eyre::eyre::Result;

use super::acting::World;
use super::{App, signals};
use crate::clients::clock::now;
use crate::clients::kubeconfig;
use crate::model::{EndpointId, SourceStatus};
use crate::sources;
use crate::terminal::guard;
use crate::ui::Effect;
use crate::ui::theme::Theme;

impl App {
    pub(super) fn effect(&mut self, effect: Effect) -> Result<()> {
        let world = World {
            fleet: &self.fleet,
            store: &self.store,
        };
        let Some(effect) = self.acts.carry_out(world, effect) else {
            return Ok(());
        };
        match effect {
            Effect::Quit => self.over = Some(0),
            Effect::Suspend => self.suspend()?,
            Effect::Redraw => self.screen.repaint(),
            Effect::Copy(text) => {
                if let Some(sequence) = self.clipboard.copy(&text) {
                    self.screen.write(sequence)?;
                }
            }
            Effect::OpenContext { name, alone } => self.open_context(&name, alone),
            Effect::CloseEndpoint(id) => self.close(id),
            Effect::RetryNow => {
                let store = &self.store;
                let waits = |id| {
                    store.statuses().any(|(feed, status)| {
                        feed.endpoint == id && matches!(status, SourceStatus::Stale { .. })
                    })
                };
                self.fleet.retry(waits);
            }
            Effect::SetTheme(name) => self.set_theme(&name),
            Effect::SetMouse(on) => self.screen.write(guard::mouse(on)?)?,
            // These were carried out above.
            Effect::Prepare { .. }
            | Effect::Commit { .. }
            | Effect::Permissions(_)
            | Effect::ReadAudit
            | Effect::Unlock(_) => {}
        }
        Ok(())
    }

    /// Hands the terminal back to the shell until it continues us.
    pub(super) fn suspend(&mut self) -> Result<()> {
        guard::leave();
        signals::stop()?;
        guard::enter(self.ui.takes_mouse())?;
        let (width, height) = crossterm::terminal::size()?;
        self.screen.resize(width, height);
        self.resize(width, height);
        self.frame.dirty = true;
        self.frame.urgent = true;
        Ok(())
    }

    fn open_context(&mut self, name: &str, alone: bool) {
        let opening = sources::kubernetes::of_context(&self.loaded.config, name);
        let opened = self.fleet.open(&sources::KUBERNETES, opening);
        if alone {
            let others: Vec<EndpointId> = self
                .fleet
                .endpoints()
                .map(|endpoint| endpoint.id)
                .filter(|id| *id != opened)
                .collect();
            for id in others {
                self.close(id);
            }
        }
        self.tell_contexts();
    }

    /// Tells the store which contexts there are, and which of them are open.
    pub(super) fn tell_contexts(&mut self) {
        // What is wrong with the kubeconfig was said when an endpoint was to be opened from it.
        let mut contexts = kubeconfig::contexts(None).unwrap_or_default();
        for context in &mut contexts {
            let open = self
                .fleet
                .endpoints()
                .find(|endpoint| endpoint.name == context.name);
            context.endpoint = open.map(|endpoint| endpoint.id);
        }
        self.store.set_contexts(contexts);
    }

    fn set_theme(&mut self, name: &str) {
        match Theme::load(name, self.loaded.themes().as_deref(), self.able) {
            Ok(theme) => self.ui.set_theme(theme),
            Err(problems) => self.ui.say(problems.to_string(), true, now()),
        }
    }

    fn close(&mut self, id: EndpointId) {
        self.acts.close(id);
        if let Some(batch) = self.fleet.close(id) {
            self.store.apply(batch, now());
            self.tell_contexts();
        }
    }
}
