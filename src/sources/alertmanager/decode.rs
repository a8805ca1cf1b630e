//! Decodes what an Alertmanager tells, leniently: older and newer versions leave things out.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;

use crate::clients::fault::Fault;
use crate::model::{
    AlertReport, AlertState, Endpoint, EndpointId, Health, Key, Match, Matcher, Matchers, Meta,
    Moment, Name, ScrapeTarget, Silence, SilenceState, Text, Uid, fingerprint,
};
use crate::sources::prometheus::decode::Metric;
use crate::sources::watcher::{shifted, without};

/// Silences that are kept; the newest ones.
const SILENCES: usize = 2000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    #[serde(default)]
    labels: Metric,
    #[serde(default)]
    annotations: Metric,
    #[serde(borrow, default)]
    fingerprint: Cow<'a, str>,
    #[serde(borrow, default)]
    starts_at: Cow<'a, str>,
    #[serde(borrow, default)]
    receivers: Vec<Receiver<'a>>,
    #[serde(borrow, default)]
    status: Status<'a>,
}

#[derive(Deserialize)]
struct Receiver<'a> {
    #[serde(borrow, default)]
    name: Cow<'a, str>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status<'a> {
    #[serde(borrow, default)]
    state: Cow<'a, str>,
    #[serde(default)]
    silenced_by: Option<Vec<String>>,
    #[serde(default)]
    inhibited_by: Option<Vec<String>>,
    #[serde(default)]
    muted_by: Option<Vec<String>>,
}

/// Decodes an answer of `/api/v2/alerts`.
///
/// # Errors
/// [`Fault::Strange`] if it is none.
pub fn alerts(
    body: &[u8],
    endpoint: EndpointId,
    replica_labels: &[Name],
    ahead: i64,
) -> Result<Vec<AlertReport>, Fault> {
    let list: Vec<Told<'_>> = serde_json::from_slice(body)
        .map_err(|error| Fault::Strange(format!("something else than alerts: {error}")))?;
    let report = |told: Told<'_>| report(told, endpoint, replica_labels, ahead);
    Ok(list.into_iter().map(report).collect())
}

fn report(
    told: Told<'_>,
    endpoint: EndpointId,
    replica_labels: &[Name],
    ahead: i64,
) -> AlertReport {
    let labels = without(&told.labels.0, replica_labels);
    let names = |list: Option<Vec<String>>| -> Vec<Name> {
        let list = list.unwrap_or_default();
        list.iter().map(|name| Name::new(name)).collect()
    };
    let mut silenced_by = names(told.status.silenced_by);
    silenced_by.extend(names(told.status.muted_by));
    let inhibited_by = names(told.status.inhibited_by);
    let state = match &*told.status.state {
        "suppressed" if silenced_by.is_empty() && !inhibited_by.is_empty() => AlertState::Inhibited,
        "suppressed" => AlertState::Silenced,
        // What is not processed yet is about to be told.
        _ => AlertState::Firing,
    };
    AlertReport {
        meta: Meta {
            key: Key {
                endpoint,
                uid: fingerprint(&labels, &[]),
            },
            namespace: Name::new(labels.get("namespace").unwrap_or_default()),
            name: Text::new(labels.get("alertname").unwrap_or("(no name)")),
            labels,
            ..Meta::default()
        },
        state,
        started: shifted(&told.starts_at, ahead),
        annotations: told.annotations.0,
        silenced_by,
        inhibited_by,
        own_id: Name::new(&told.fingerprint),
        receivers: told
            .receivers
            .iter()
            .map(|receiver| Name::new(&receiver.name))
            .collect(),
        ..AlertReport::default()
    }
}

/// Decodes an answer of `/api/v2/silences`.
///
/// # Errors
/// [`Fault::Strange`] if it is none.
pub fn silences(body: &[u8], endpoint: EndpointId, ahead: i64) -> Result<Vec<Silence>, Fault> {
    let list: Vec<Value> = serde_json::from_slice(body)
        .map_err(|error| Fault::Strange(format!("something else than silences: {error}")))?;
    let mut silences: Vec<Silence> = list
        .iter()
        .map(|value| silence(value, endpoint, ahead))
        .collect();
    silences.sort_by_key(|silence| (silence.state, std::cmp::Reverse(silence.ends)));
    silences.truncate(SILENCES);
    Ok(silences)
}

/// Reads one silence.
pub fn silence(value: &Value, endpoint: EndpointId, ahead: i64) -> Silence {
    let text = |path: &str| {
        value
            .pointer(path)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let moment = |path: &str| -> Option<Moment> { shifted(text(path), ahead) };
    let id = text("/id");
    let list = value.pointer("/matchers").and_then(Value::as_array);
    let flag = |matcher: &Value, name: &str| matcher.get(name).and_then(Value::as_bool);
    let matchers = list.into_iter().flatten().map(|matcher| {
        let word = |name: &str| {
            matcher
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let operator = Match::new(
            flag(matcher, "isRegex").unwrap_or(false),
            // Before 0.22 there were no negative ones.
            flag(matcher, "isEqual").unwrap_or(true),
        );
        Matcher::new(word("name"), operator, word("value"))
    });
    let matchers = Matchers::new(matchers.collect());
    let more = |path: &str| match value.pointer(path) {
        Some(Value::Object(map)) => !map.is_empty(),
        Some(Value::Array(sets)) => sets.len() > 1,
        _ => false,
    };
    let starts = moment("/startsAt");
    Silence {
        meta: Meta {
            key: Key {
                endpoint,
                uid: Uid::hash(id),
            },
            name: Text::new(id.get(..8).unwrap_or(id)),
            created: starts,
            ..Meta::default()
        },
        id: Name::new(id),
        foreign: matchers.is_empty() || more("/annotations") || more("/matcherSets"),
        matchers,
        starts,
        ends: moment("/endsAt"),
        author: Text::new(text("/createdBy")),
        comment: Text::new(text("/comment")),
        state: match text("/status/state") {
            "expired" => SilenceState::Expired,
            "pending" => SilenceState::Pending,
            _ => SilenceState::Active,
        },
    }
}

/// The version in an answer of `/api/v2/status`; empty if it does not say.
pub fn version(body: &[u8]) -> String {
    let status: Option<Value> = serde_json::from_slice(body).ok();
    let version = status
        .as_ref()
        .and_then(|status| status.pointer("/versionInfo/version")?.as_str());
    version.unwrap_or_default().to_owned()
}

/// How the server is, by its own metrics; none where it does not show them.
pub fn itself(metrics: Option<&[u8]>, endpoint: &Endpoint) -> ScrapeTarget {
    let why = metrics.and_then(|bytes| trouble(&String::from_utf8_lossy(bytes)));
    ScrapeTarget {
        meta: Meta {
            key: Key {
                endpoint: endpoint.id,
                uid: Uid::hash("itself"),
            },
            name: Text::new(&endpoint.name),
            ..Meta::default()
        },
        pool: Name::new("alertmanager itself"),
        url: Text::new(&endpoint.server),
        health: if why.is_some() {
            Health::Bad
        } else {
            Health::Good
        },
        state: Name::new(if why.is_some() { "failing" } else { "up" }),
        why: why.map(Text::from),
        ..ScrapeTarget::default()
    }
}

/// What an Alertmanager's metrics say is wrong: a configuration that was not taken, notifications that failed.
fn trouble(text: &str) -> Option<String> {
    let mut words = Vec::new();
    for line in text.lines() {
        let Some((series, value)) = line.rsplit_once(' ') else {
            continue;
        };
        let value: f64 = value.parse().unwrap_or_default();
        if series == "alertmanager_config_last_reload_successful" && value == 0.0 {
            words.push(
                "its configuration could not be reloaded: the old one is in force".to_owned(),
            );
        }
        if let Some(labels) = series.strip_prefix("alertmanager_notifications_failed_total")
            && value > 0.0
        {
            let by = labels
                .split_once("integration=\"")
                .and_then(|(_, rest)| rest.split('"').next());
            words.push(format!(
                "{value} notifications by {} failed",
                by.unwrap_or("?")
            ));
        }
    }
    (!words.is_empty()).then(|| words.join("; "))
}
