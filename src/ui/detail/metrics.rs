//! The metrics of the opened object: its panels, asked of the Prometheus that knows it.

use ratatui::buffer::Buffer;

use super::{Detail, Tab};
use crate::model::{EndpointId, Engine, Health, Key, Kind, Moment, Target};
use crate::store::{Alert, Store};
use crate::ui::Ui;
use crate::ui::board::{Charts, Grid, draw, say};
use crate::ui::boards::{Ground, Variables, of_alert, of_object};
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
        let alert = alert(world.store, &self.target);
        let told_by = alert.and_then(|alert| reporter(world.store, alert));
        let Some(endpoint) = told_by.or_else(|| charts.server(world.store)) else {
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
            let panels = match alert {
                // What it watches comes first, then what it is about.
                Some(alert) => {
                    let about = alert
                        .target()
                        .and_then(|target| of_object(target, "", &ground));
                    let own = std::iter::once(of_alert(alert));
                    own.chain(about.unwrap_or_default()).collect()
                }
                None => of_object(&self.target, &address, &ground).unwrap_or_default(),
            };
            if self.metrics.basis.is_none()
                && let Some(alert) = alert
            {
                charts.frame.reach(since(world.store, alert), world.now);
            }
            self.metrics.grid.set(panels);
            self.metrics.basis = Some((endpoint, found.revision));
        }
        let body = self.body();
        let about = alert.map(|alert| (alert.meta.key.uid, alert.target().cloned()));
        self.metrics.grid.alert = about.as_ref().map(|(uid, _)| *uid);
        let target = about.map_or_else(|| Some(self.target.clone()), |(_, target)| target);
        self.metrics
            .grid
            .prepare(world, charts, endpoint, target.as_ref(), &variables, body);
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

/// The alert, if it is one.
fn alert<'a>(store: &'a Store, target: &Target) -> Option<&'a Alert> {
    let key = Key {
        endpoint: target.endpoint,
        uid: target.uid?,
    };
    let alerts = store.alerts().rows();
    alerts.row(&key).filter(|_| target.kind == Kind::Alert)
}

/// The Prometheus that raises an alert.
fn reporter(store: &Store, alert: &Alert) -> Option<EndpointId> {
    let prometheus = |id: &&EndpointId| {
        let endpoint = store.endpoint(**id);
        endpoint.is_some_and(|endpoint| endpoint.engine == Engine::Prometheus)
    };
    alert.reporters.iter().find(prometheus).copied()
}

/// From when on an alert's chart is worth seeing: half an hour before it began, or four times as long as it must hold.
fn since(store: &Store, alert: &Alert) -> Option<Moment> {
    let hold = alert
        .rule
        .and_then(|rule| store.alerts().rules().row(&rule))
        .map_or(0, |rule| rule.hold);
    let before = i64::from(hold.saturating_mul(4).max(1800));
    Moment::from_second(alert.meta.created?.second() - before)
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
