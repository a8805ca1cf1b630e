//! Decodes the rules of a Prometheus with their alerts.

use std::borrow::Cow;

use serde::Deserialize;

use super::decode::Metric;
use super::split;
use crate::clients::fault::Fault;
use crate::model::{
    AlertReport, AlertState, EndpointId, Health, Key, Meta, Moment, Name, Rule, Text, Uid,
    fingerprint,
};
use crate::sources::watcher::{shifted, without};

/// Missed evaluations after which rules count as not evaluated any more.
const MISSED: i64 = 3;

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow, default)]
    data: Data<'a>,
    #[serde(default)]
    warnings: Vec<String>,
}

#[derive(Default, Deserialize)]
struct Data<'a> {
    #[serde(borrow, default)]
    groups: Vec<Group<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group<'a> {
    #[serde(borrow, default)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    file: Cow<'a, str>,
    #[serde(default)]
    interval: f64,
    #[serde(borrow, default)]
    rules: Vec<Told<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    #[serde(borrow, default)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    query: Cow<'a, str>,
    #[serde(default)]
    duration: f64,
    #[serde(default)]
    labels: Metric,
    #[serde(default)]
    annotations: Metric,
    #[serde(borrow, default)]
    alerts: Vec<Raised<'a>>,
    #[serde(borrow, default)]
    health: Cow<'a, str>,
    #[serde(borrow, default)]
    last_error: Cow<'a, str>,
    #[serde(borrow, default)]
    last_evaluation: Cow<'a, str>,
    #[serde(default)]
    evaluation_time: f64,
    #[serde(borrow, default)]
    state: Cow<'a, str>,
    #[serde(borrow, default, rename = "type")]
    sort: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raised<'a> {
    #[serde(default)]
    labels: Metric,
    #[serde(default)]
    annotations: Metric,
    #[serde(borrow, default)]
    state: Cow<'a, str>,
    #[serde(borrow, default)]
    active_at: Cow<'a, str>,
    #[serde(borrow, default)]
    value: Cow<'a, str>,
}

/// What a server has by way of rules.
#[derive(Default)]
pub struct Rules {
    pub rules: Vec<Rule>,
    pub alerts: Vec<AlertReport>,
    /// What is not as it should be with the evaluation as a whole.
    pub trouble: Option<String>,
    /// When each group is evaluated next, in seconds since 1970 by our clock.
    pub next: Vec<f64>,
    /// The shortest interval of any group, in seconds.
    pub shortest: f64,
}

/// Decodes an answer of `/api/v1/rules`. `ahead` is what the server's clock is ahead of ours, in seconds.
///
/// # Errors
/// [`Fault::Strange`] if it is none.
pub fn decode(
    body: &[u8],
    endpoint: EndpointId,
    replica_labels: &[Name],
    ahead: i64,
    now: Moment,
) -> Result<Rules, Fault> {
    let answer: Answer<'_> = serde_json::from_slice(body)
        .map_err(|error| Fault::Strange(format!("something else than rules: {error}")))?;
    let mut out = Rules {
        trouble: answer.warnings.first().cloned(),
        shortest: f64::INFINITY,
        ..Rules::default()
    };
    for group in answer.data.groups {
        let mut newest: Option<Moment> = None;
        let mut took: f64 = 0.0;
        for (at, told) in group.rules.iter().enumerate() {
            if !told.sort.is_empty() && told.sort != "alerting" {
                continue;
            }
            let rule = rule(&group, told, at, endpoint, ahead);
            newest = newest.max(rule.evaluated);
            took = took.max(told.evaluation_time);
            for raised in &told.alerts {
                out.alerts
                    .push(report(raised, &rule, endpoint, replica_labels, ahead));
            }
            out.rules.push(rule);
        }
        let Some(newest) = newest.filter(|_| group.interval > 0.0) else {
            continue;
        };
        out.shortest = out.shortest.min(group.interval);
        // Times are told to the millisecond, but kept to the second: rather a little late than too early.
        out.next
            .push(newest.second() as f64 + 1.0 + group.interval + took);
        let late = now.second() - newest.second();
        if late as f64 > group.interval * MISSED as f64 + 10.0 {
            out.trouble = Some(format!(
                "rules of {} were last evaluated {} ago",
                group.name,
                crate::sources::watcher::span(late)
            ));
        }
    }
    Ok(out)
}

fn rule(group: &Group<'_>, told: &Told<'_>, at: usize, endpoint: EndpointId, ahead: i64) -> Rule {
    let uid = Uid::hash(&format!(
        "{}\u{0}{}\u{0}{}\u{0}{at}",
        group.file, group.name, told.name
    ));
    let why = Some(Text::new(&told.last_error)).filter(|why| !why.is_empty());
    let (state, health) = match (&*told.health, &*told.state) {
        // A broken rule says that it is inactive.
        ("err", _) => ("broken", Health::Bad),
        ("unknown", _) => ("not evaluated yet", Health::Busy),
        (_, "firing") => ("firing", Health::Warn),
        (_, "pending") => ("pending", Health::Busy),
        _ => ("inactive", Health::Good),
    };
    Rule {
        meta: Meta {
            key: Key { endpoint, uid },
            name: Text::new(&told.name),
            labels: told.labels.0.clone(),
            ..Meta::default()
        },
        group: Name::new(&group.name),
        file: Name::new(&group.file),
        expr: Text::new(&told.query),
        hold: told.duration.max(0.0) as u32,
        interval: group.interval.max(0.0) as u32,
        labels: told.labels.0.clone(),
        annotations: told.annotations.0.clone(),
        state: Name::new(state),
        health,
        why,
        evaluated: shifted(&told.last_evaluation, ahead),
        took_millis: (told.evaluation_time * 1000.0).max(0.0) as u32,
        alerts: u32::try_from(told.alerts.len()).unwrap_or(u32::MAX),
        limit: split::split(&told.query),
    }
}

fn report(
    raised: &Raised<'_>,
    rule: &Rule,
    endpoint: EndpointId,
    replica_labels: &[Name],
    ahead: i64,
) -> AlertReport {
    let labels = without(&raised.labels.0, replica_labels);
    let active = shifted(&raised.active_at, ahead);
    let pending = raised.state == "pending";
    AlertReport {
        meta: Meta {
            key: Key {
                endpoint,
                uid: fingerprint(&labels, &[]),
            },
            namespace: Name::new(labels.get("namespace").unwrap_or_default()),
            name: rule.meta.name.clone(),
            labels,
            ..Meta::default()
        },
        state: if pending {
            AlertState::Pending
        } else {
            AlertState::Firing
        },
        active,
        fires: active.filter(|_| pending).and_then(|it| fires(it, rule)),
        value: raised.value.parse().ok(),
        annotations: raised.annotations.0.clone(),
        rule: Some(rule.meta.key.uid),
        ..AlertReport::default()
    }
}

/// The first evaluation at which an alert has been pending for long enough.
fn fires(active: Moment, rule: &Rule) -> Option<Moment> {
    let due = active.second() + i64::from(rule.hold);
    let interval = i64::from(rule.interval.max(1));
    let evaluated = rule.evaluated.unwrap_or(active).second();
    let missing = (due - evaluated).max(1);
    let steps = (missing + interval - 1) / interval;
    Moment::from_second(evaluated + steps * interval)
}
