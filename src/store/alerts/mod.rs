//! Alerts: what every Prometheus and Alertmanager reports, put together to one row an alert, with the workload it is about.
//!
//! Reports are kept as they came; the rows are worked out anew whenever a report changes or what they are joined with was
//! listed. Alerts that are over stay a while, as this run saw them.

mod labels;
mod link;
mod merge;

use std::collections::HashMap;

use super::{Store, Table, Tabled};
use crate::model::{
    AlertReport, AlertState, EndpointId, Key, Kind, Labels, Limit, Meta, Moment, Name, Row, Rule,
    ScrapeTarget, Severity, Silence, Target, Uid,
};

pub use link::{Confidence, Link};

/// Of no endpoint: a row that is put together from several.
pub const MERGED: EndpointId = EndpointId(u16::MAX);
/// Alerts that are over are shown for so long, in seconds.
const LATELY: u32 = 900;
/// Alerts whose history is kept.
const HISTORIES: usize = 10_000;
/// Turns of one alert that are kept.
const TURNS: usize = 32;
/// Alerts of one name beyond which they are folded, if there are many in all.
const FOLD: usize = 5;
const MANY: usize = 30;

/// An alert as all servers together report it. `meta.created` is since when its condition holds; its key's endpoint is
/// [`MERGED`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Alert {
    pub meta: Meta,
    pub state: AlertState,
    pub severity: Severity,
    /// When a pending one fires if its condition goes on.
    pub fires: Option<Moment>,
    pub ended: Option<Moment>,
    pub value: Option<f64>,
    pub limit: Option<Limit>,
    pub annotations: Labels,
    pub receivers: Vec<Name>,
    /// Ids of silences.
    pub silenced_by: Vec<Name>,
    /// Names of the alerts that hold it back.
    pub inhibited_by: Vec<Name>,
    /// The rule that raises it, where one is known.
    pub rule: Option<Key>,
    /// Who reports it.
    pub reporters: Vec<EndpointId>,
    /// What it is about; none if it carries no workload.
    pub link: Option<Link>,
    /// How often it began to fire in this run.
    pub fired: u32,
    /// Others of its name that are folded behind it.
    pub folds: u32,
    /// It is folded behind another of its name.
    pub folded: bool,
}

/// What an alert went through in this run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The last turns, oldest first.
    pub turns: Vec<(Moment, AlertState)>,
    pub fired: u32,
}

/// All that is known of alerting.
#[derive(Default)]
pub struct Alerts {
    reports: Table<AlertReport>,
    rows: Table<Alert>,
    rules: Table<Rule>,
    targets: Table<ScrapeTarget>,
    silences: Table<Silence>,
    history: HashMap<Uid, History>,
    /// Labels that servers add when they tell an Alertmanager.
    added: Vec<Vec<Name>>,
}

impl Tabled for Alert {
    fn meta(&self) -> &Meta {
        &self.meta
    }
}

impl Alerts {
    /// One row an alert.
    pub fn rows(&self) -> &Table<Alert> {
        &self.rows
    }

    /// Alerts as each server reports them.
    pub fn reports(&self) -> &Table<AlertReport> {
        &self.reports
    }

    pub fn rules(&self) -> &Table<Rule> {
        &self.rules
    }

    /// What is scraped, and the Alertmanagers themselves.
    pub fn targets(&self) -> &Table<ScrapeTarget> {
        &self.targets
    }

    pub fn silences(&self) -> &Table<Silence> {
        &self.silences
    }

    /// What an alert went through in this run.
    pub fn history(&self, alert: &Uid) -> Option<&History> {
        self.history.get(alert)
    }

    /// Firing alerts that a silence holds back or would hold back.
    pub fn hit<'a>(
        &'a self,
        fits: impl Fn(&Labels) -> bool + 'a,
    ) -> impl Iterator<Item = &'a Alert> {
        let alerts = self.rows.iter().map(|(_, alert)| alert);
        alerts.filter(move |alert| alert.state != AlertState::Resolved && fits(&alert.meta.labels))
    }

    pub(super) fn put(&mut self, row: Row, list: u32) {
        match row {
            Row::Alert(report) => {
                self.reports.put(*report, list);
            }
            Row::Rule(rule) => {
                self.rules.put(*rule, list);
            }
            Row::Target(target) => {
                self.targets.put(*target, list);
            }
            Row::Silence(silence) => {
                self.silences.put(*silence, list);
            }
            _ => {}
        }
    }

    pub(super) fn remove(&mut self, kind: &Kind, key: &Key) {
        match kind {
            Kind::Alert => {
                self.reports.remove(key);
            }
            Kind::AlertRule => {
                self.rules.remove(key);
            }
            Kind::ScrapeTarget => {
                self.targets.remove(key);
            }
            Kind::Silence => {
                self.silences.remove(key);
            }
            _ => {}
        }
    }

    pub(super) fn sweep(&mut self, kind: &Kind, endpoint: EndpointId, list: Option<u32>) {
        match kind {
            Kind::Alert => {
                self.reports.sweep(endpoint, None, None, list);
            }
            Kind::AlertRule => {
                self.rules.sweep(endpoint, None, None, list);
            }
            Kind::ScrapeTarget => {
                self.targets.sweep(endpoint, None, None, list);
            }
            Kind::Silence => {
                self.silences.sweep(endpoint, None, None, list);
            }
            _ => {}
        }
    }

    pub(super) fn close(&mut self, endpoint: EndpointId) {
        for kind in [
            Kind::Alert,
            Kind::AlertRule,
            Kind::ScrapeTarget,
            Kind::Silence,
        ] {
            self.sweep(&kind, endpoint, None);
        }
    }
}

impl Alert {
    /// How urgent it is, most urgent first: firing by severity, then what is about to, then what is held back or over.
    pub fn urgency(&self) -> u8 {
        let severity = self.severity as u8;
        match self.state {
            AlertState::Firing if self.severity == Severity::None => 40,
            AlertState::Firing => severity,
            AlertState::Pending => 10 + severity,
            AlertState::Inhibited => 20 + severity,
            AlertState::Silenced => 30 + severity,
            AlertState::Resolved => 50 + severity,
        }
    }

    /// The one object that it is about; none if there is none or it could be several.
    pub fn target(&self) -> Option<&Target> {
        match self.link.as_ref()?.targets.as_slice() {
            [target] => Some(target),
            _ => None,
        }
    }
}

impl Store {
    pub fn alerts(&self) -> &Alerts {
        &self.alerts
    }

    /// Works the rows out anew.
    pub(super) fn merge_alerts(&mut self, now: Moment) {
        if self.alerts.reports.is_empty() && self.alerts.rows.is_empty() {
            return;
        }
        let merged = merge::merge(self);
        let mut alerts = std::mem::take(&mut self.alerts);
        alerts.take(merged, now);
        self.alerts = alerts;
    }
}
