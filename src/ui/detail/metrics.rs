//! The metrics of the opened object: its panels, asked of the Prometheus that knows it.

use ratatui::buffer::Buffer;

use super::{Detail, Tab};
use crate::model::{Health, Key, Kind, Target};
use crate::store::Store;
use crate::ui::Ui;
use crate::ui::board::{Charts, Grid, draw, say};
use crate::ui::boards::{Ground, Variables, of_object};
use crate::ui::views::World;

/// The panels of an object.
#[derive(Default)]
pub(crate) struct Metrics {
    pub(crate) grid: Grid,
    /// What the panels were made from.
    basis: Option<(crate::model::EndpointId, u64)>,
}

impl Detail {
    /// The charts, while their tab is shown.
    pub(crate) fn grid(&self) -> Option<&Grid> {
        (self.tab() == Tab::Metrics).then_some(&self.metrics.grid)
    }

    pub(crate) fn grid_mut(&mut self) -> Option<&mut Grid> {
        (self.tab() == Tab::Metrics).then_some(&mut self.metrics.grid)
    }

    /// Brings the charts up to date, while their tab is shown.
    pub(crate) fn prepare_metrics(&mut self, world: World<'_>, charts: &mut Charts) {
        if self.tab() != Tab::Metrics {
            return;
        }
        let Some(endpoint) = charts.server(world.store) else {
            return;
        };
        charts.probe.take(endpoint, world.store, world.now);
        let variables = Variables::default();
        if let Some(found) = charts.probe.of(endpoint).filter(|found| found.told)
            && self.metrics.basis != Some((endpoint, found.revision))
        {
            let ground = Ground {
                known: &found.known,
                variables: &variables,
            };
            let address = address(world.store, &self.target);
            self.metrics
                .grid
                .set(of_object(&self.target, &address, &ground).unwrap_or_default());
            self.metrics.basis = Some((endpoint, found.revision));
        }
        let body = self.body();
        let target = self.target.clone();
        self.metrics
            .grid
            .prepare(world, charts, endpoint, Some(&target), &variables, body);
    }

    pub(super) fn draw_metrics(&self, ui: &Ui, world: World<'_>, buf: &mut Buffer) {
        let grid = &self.metrics.grid;
        if !grid.is_empty() {
            draw(ui, grid, world.now, buf);
            return;
        }
        let words = match ui.charts.server(world.store) {
            None => "No Prometheus is open: name one with [[prometheus]] in the configuration or PROMETHEUS_URL.".to_owned(),
            Some(endpoint) => match ui.charts.probe.of(endpoint).and_then(|found| found.failed.as_ref()) {
                Some(why) => format!("What Prometheus has cannot be read: {why}"),
                None => "Asking Prometheus what it has…".to_owned(),
            },
        };
        say(ui, Health::Idle, &[words], self.body(), buf);
    }
}

/// The address of a node, by which its exporter may be known.
fn address(store: &Store, target: &Target) -> String {
    let key = target.uid.map(|uid| Key {
        endpoint: target.endpoint,
        uid,
    });
    let node = match (&target.kind, key) {
        (Kind::Node, Some(key)) => store.nodes().row(&key),
        _ => None,
    };
    node.map(|node| node.internal_ip.to_string())
        .unwrap_or_default()
}
