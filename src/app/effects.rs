//! What the interface asks of the outside, carried out.

use color_eyre::eyre::Result;

use super::acting::World;
use super::{App, signals};
use crate::clients::clock::now;
use crate::config::Remembered;
use crate::model::SourceStatus;
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
            Effect::Remember(remembered) => self.remember(remembered),
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

    fn set_theme(&mut self, name: &str) {
        match Theme::load(name, self.loaded.themes().as_deref(), self.able) {
            Ok(theme) => self.ui.set_theme(theme),
            Err(problems) => self.ui.say(problems.to_string(), true, now()),
        }
    }

    /// Remembers for the next run, beside the loop: a home that hangs must not hold the keys.
    fn remember(&self, remembered: Remembered) {
        let Some(path) = self.remembered.clone() else {
            return;
        };
        tokio::task::spawn_blocking(move || {
            if let Err(error) = remembered.save(&path) {
                tracing::warn!("{} cannot be written: {error}", path.display());
            }
        });
    }
}
