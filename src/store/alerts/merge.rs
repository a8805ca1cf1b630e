//! Puts the reports of all servers together, one alert by its labels: earliest start, active before suppressed.

use std::collections::{HashMap, HashSet};

use super::{Alert, Alerts, FOLD, HISTORIES, LATELY, MANY, MERGED, TURNS, link};
use crate::model::{
    AlertReport, AlertState, Engine, Key, Meta, Moment, Name, Severity, Uid, fingerprint,
};
use crate::store::Store;

/// Most alerts whose labels are compared one by one in a merge.
const COMPARED: usize = 500;

/// What was found out.
pub(super) struct Merged {
    alerts: Vec<Alert>,
    added: Vec<Vec<Name>>,
}

/// Works out one alert for each set of labels.
pub(super) fn merge(store: &Store) -> Merged {
    let alerts = &store.alerts;
    let mut added = alerts.added.clone();
    let mut groups: HashMap<Uid, Vec<&AlertReport>> = HashMap::new();
    let mut told = Vec::new();
    for (_, report) in alerts.reports.iter() {
        let endpoint = store.endpoint(report.meta.key.endpoint);
        if endpoint.is_some_and(|it| it.engine == Engine::Alertmanager) {
            told.push(report);
        } else {
            groups.entry(report.meta.key.uid).or_default().push(report);
        }
    }
    let raised: HashSet<Uid> = groups.keys().copied().collect();
    let mut by_name: HashMap<&str, Vec<&AlertReport>> = HashMap::new();
    for report in groups.values().filter_map(|group| group.first()) {
        by_name.entry(&report.meta.name).or_default().push(report);
    }
    let mut compared = 0;
    for report in told {
        let own = report.meta.key.uid;
        let uid = if raised.contains(&own) {
            own
        } else {
            let known = added
                .iter()
                .map(|names| fingerprint(&report.meta.labels, names))
                .find(|uid| raised.contains(uid));
            known
                .or_else(|| {
                    let others = by_name.get(&*report.meta.name)?;
                    compared += others.len();
                    if compared > COMPARED {
                        return None;
                    }
                    let (uid, names) = same(report, others)?;
                    added.push(names);
                    Some(uid)
                })
                .unwrap_or(own)
        };
        groups.entry(uid).or_default().push(report);
    }
    // Alertmanagers name what holds an alert back by ids of their own.
    let names: HashMap<&str, &str> = alerts
        .reports
        .iter()
        .filter(|(_, report)| !report.own_id.is_empty())
        .map(|(_, report)| (report.own_id.as_str(), report.meta.name.as_str()))
        .collect();
    let mut list: Vec<Alert> = groups
        .into_iter()
        .map(|(uid, group)| one(store, uid, &group, &names))
        .collect();
    link::link(store, &mut list);
    fold(&mut list);
    Merged {
        alerts: list,
        added,
    }
}

/// The alert that a report is about although it has labels beside it, and which labels these are.
fn same(report: &AlertReport, others: &[&AlertReport]) -> Option<(Uid, Vec<Name>)> {
    let labels = &report.meta.labels;
    let other = others
        .iter()
        .filter(|other| {
            let mut own = other.meta.labels.iter();
            own.all(|(name, value)| labels.get(name) == Some(value))
        })
        .max_by_key(|other| other.meta.labels.iter().count())?;
    let more = labels
        .iter()
        .filter(|(name, _)| other.meta.labels.get(name).is_none())
        .map(|(name, _)| Name::new(name));
    Some((other.meta.key.uid, more.collect()))
}

fn one(store: &Store, uid: Uid, group: &[&AlertReport], names: &HashMap<&str, &str>) -> Alert {
    let is_told = |report: &&&AlertReport| {
        let endpoint = store.endpoint(report.meta.key.endpoint);
        endpoint.is_some_and(|it| it.engine == Engine::Alertmanager)
    };
    let raised = || group.iter().filter(|report| !is_told(report));
    let told = || group.iter().filter(is_told);
    // A Prometheus knows the labels as the rule gives them.
    let first = raised().next().or_else(|| group.first());
    let Some(first) = first else {
        return Alert::default();
    };
    let best = raised().map(|report| report.state).min();
    let held = told().map(|report| report.state).min();
    let state = match (best, held) {
        // What holds an alert back is known by an Alertmanager alone.
        (Some(AlertState::Firing) | None, Some(held)) => held,
        (Some(state), _) => state,
        (None, None) => AlertState::Firing,
    };
    let rule = raised().find_map(|report| {
        let endpoint = report.meta.key.endpoint;
        report.rule.map(|uid| Key { endpoint, uid })
    });
    let mut alert = Alert {
        meta: Meta {
            key: Key {
                endpoint: MERGED,
                uid,
            },
            created: group
                .iter()
                .filter_map(|report| report.active)
                .min()
                .or_else(|| group.iter().filter_map(|report| report.started).min()),
            ..first.meta.clone()
        },
        state,
        severity: Severity::of(first.meta.labels.get("severity")),
        fires: raised().filter_map(|report| report.fires).min(),
        ended: group.iter().filter_map(|report| report.ended).max(),
        value: raised().find_map(|report| report.value),
        limit: rule.and_then(|rule| store.alerts.rules.row(&rule)?.limit.clone()),
        annotations: first.annotations.clone(),
        rule,
        ..Alert::default()
    };
    for report in group {
        alert.reporters.push(report.meta.key.endpoint);
        add(&mut alert.receivers, &report.receivers);
        add(&mut alert.silenced_by, &report.silenced_by);
        let by = report.inhibited_by.iter();
        let by = by.map(|id| {
            names
                .get(id.as_str())
                .map_or_else(|| id.clone(), |it| Name::new(it))
        });
        add(&mut alert.inhibited_by, &by.collect::<Vec<_>>());
    }
    alert.reporters.sort_unstable();
    alert.reporters.dedup();
    if alert.state != AlertState::Pending {
        alert.fires = None;
    }
    if alert.state != AlertState::Resolved {
        alert.ended = None;
    }
    alert
}

fn add(list: &mut Vec<Name>, more: &[Name]) {
    for name in more {
        if !list.contains(name) {
            list.push(name.clone());
        }
    }
}

/// In a storm, those of one name and state stand behind their first.
fn fold(list: &mut [Alert]) {
    // The order of a map must not decide who stands in front.
    list.sort_by_key(|alert| alert.meta.key.uid);
    if list.len() <= MANY {
        return;
    }
    let mut first: HashMap<(String, AlertState), (usize, u32)> = HashMap::new();
    for (at, alert) in list.iter().enumerate() {
        let group = (alert.meta.name.as_str().to_owned(), alert.state);
        first.entry(group).or_insert((at, 0)).1 += 1;
    }
    for at in 0..list.len() {
        let Some(alert) = list.get_mut(at) else { break };
        let group = (alert.meta.name.as_str().to_owned(), alert.state);
        let Some((leader, count)) = first.get(&group) else {
            continue;
        };
        if *count as usize > FOLD {
            if *leader == at {
                alert.folds = count - 1;
            } else {
                alert.folded = true;
            }
        }
    }
}

impl Alerts {
    /// Takes the worked out alerts in, keeps those that are over for a while, and writes the history of this run.
    pub(super) fn take(&mut self, merged: Merged, now: Moment) {
        self.added = merged.added;
        let there: HashSet<Uid> = merged.alerts.iter().map(|it| it.meta.key.uid).collect();
        for mut alert in merged.alerts {
            self.turn(&mut alert, now);
            if self.rows.row(&alert.meta.key) != Some(&alert) {
                self.rows.put(alert, 0);
            }
        }
        let missing: Vec<Alert> = self
            .rows
            .iter()
            .filter(|(_, alert)| !there.contains(&alert.meta.key.uid))
            .map(|(_, alert)| alert.clone())
            .collect();
        for mut alert in missing {
            let over = alert.state == AlertState::Resolved;
            let told = alert.state == AlertState::Pending
                || over && alert.ended.is_none_or(|ended| ended.age(now) > LATELY);
            if told {
                self.rows.remove(&alert.meta.key);
            } else if !over {
                alert.state = AlertState::Resolved;
                alert.ended = Some(now);
                alert.fires = None;
                alert.folded = false;
                alert.folds = 0;
                self.turn(&mut alert, now);
                self.rows.put(alert, 0);
            }
        }
    }

    fn turn(&mut self, alert: &mut Alert, now: Moment) {
        let uid = alert.meta.key.uid;
        if self.history.len() >= HISTORIES && !self.history.contains_key(&uid) {
            return;
        }
        let history = self.history.entry(uid).or_default();
        let before = history.turns.last().map(|(_, state)| *state);
        if before != Some(alert.state) {
            if history.turns.len() >= TURNS {
                history.turns.remove(0);
            }
            let at = match alert.state {
                AlertState::Resolved => alert.ended.unwrap_or(now),
                // The first look finds it as it has been for some time.
                _ if before.is_none() => alert.meta.created.unwrap_or(now),
                _ => now,
            };
            history.turns.push((at, alert.state));
            let from = matches!(
                before,
                None | Some(AlertState::Pending | AlertState::Resolved)
            );
            if alert.state == AlertState::Firing && from {
                history.fired += 1;
            }
        }
        alert.fired = history.fired;
    }
}
