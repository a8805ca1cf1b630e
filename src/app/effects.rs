//! What the interface asks of the outside, carried out.

use color_eyre::eyre::Result;

use super::{App, signals};
use crate::clients::clock::now;
use crate::clients::docker::contexts;
use crate::clients::kubeconfig;
use crate::model::{Context, EndpointId, Engine, Name, SourceStatus};
use crate::sources;
use crate::terminal::guard;
use crate::ui::Effect;
use crate::ui::theme::Theme;

impl App {
    pub(super) fn effect(&mut self, effect: Effect) -> Result<()> {
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
            Effect::OpenDocker(word) => self.open_docker(&word),
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
                .filter(|endpoint| endpoint.engine.runs() && endpoint.id != opened)
                .map(|endpoint| endpoint.id)
                .collect();
            for id in others {
                self.close(id);
            }
        }
        self.tell_contexts();
    }

    fn open_docker(&mut self, word: &str) {
        let opening = sources::docker::of_word(&self.loaded.config, word);
        self.fleet.open(&sources::DOCKER, opening);
        self.tell_contexts();
    }

    /// Tells the store which contexts there are, and which of them are open.
    pub(super) fn tell_contexts(&mut self) {
        // What is wrong with the kubeconfig was said when an endpoint was to be opened from it.
        let mut contexts = kubeconfig::contexts(None).unwrap_or_default();
        contexts.extend(self.docker_contexts());
        for context in &mut contexts {
            let open = self.fleet.endpoints().find(|endpoint| {
                endpoint.engine == context.engine && endpoint.name == context.name
            });
            context.endpoint = open.map(|endpoint| endpoint.id);
        }
        self.store.set_contexts(contexts);
    }

    /// Docker hosts: the contexts of the docker command, those of the configuration, and others that are open.
    fn docker_contexts(&self) -> Vec<Context> {
        let current = contexts::current();
        let mut found: Vec<Context> = contexts::contexts()
            .into_iter()
            .map(|context| Context {
                engine: Engine::Docker,
                current: current.as_ref() == Some(&context.name),
                name: Name::new(&context.name),
                cluster: Name::new(&context.description),
                server: Name::new(&context.host),
                ..Context::default()
            })
            .collect();
        let configured = sources::docker::find(&self.loaded.config);
        let configured = configured.iter().map(|opening| &opening.endpoint);
        let open = self.fleet.endpoints();
        for endpoint in configured.chain(open.filter(|it| it.engine == Engine::Docker)) {
            if !found.iter().any(|known| known.name == endpoint.name) {
                found.push(Context {
                    engine: Engine::Docker,
                    name: endpoint.name.clone(),
                    server: endpoint.server.clone(),
                    ..Context::default()
                });
            }
        }
        found
    }

    fn set_theme(&mut self, name: &str) {
        match Theme::load(name, self.loaded.themes().as_deref(), self.able) {
            Ok(theme) => self.ui.set_theme(theme),
            Err(problems) => self.ui.say(problems.to_string(), true, now()),
        }
    }

    fn close(&mut self, id: EndpointId) {
        if let Some(batch) = self.fleet.close(id) {
            self.store.apply(batch, now());
            self.tell_contexts();
        }
    }
}
