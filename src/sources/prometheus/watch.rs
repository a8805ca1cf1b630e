//! Asks for rules and alerts right after the server has evaluated them, and for its targets while these are on screen.

use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio::time::sleep;

use super::decode::Metric;
use super::{metrics, rules};
use crate::clients::clock;
use crate::clients::fault::Fault;
use crate::model::{
    AlertReport, AlertState, Ask, Batch, Demand, EndpointId, Health, Key, Kind, Labels, Meta,
    Moment, Name, Replied, Row, ScrapeTarget, Series, SourceStatus, Text, Uid, fingerprint,
};
use crate::sources::backoff::Backoff;
use crate::sources::watcher::told::Told;
use crate::sources::watcher::{self, Line, clock_words, shifted, wants, without};

/// Never more often than this, however many groups there are.
const OFTEN: f64 = 2.0;
/// Never more rarely than this: rules may have been reloaded.
const RARELY: f64 = 15.0;
/// How often targets are asked for.
const TARGETS: Duration = Duration::from_secs(10);
/// How far back alerts that are over are looked for, in seconds, and how many are kept.
const LATELY: u32 = 3600;
const RECENT: usize = 200;

/// Follows the rules until dropped.
pub(super) async fn rules(
    line: Line,
    id: EndpointId,
    replica_labels: Vec<Name>,
    mut demand: watch::Receiver<Demand>,
    batches: mpsc::Sender<Batch>,
) {
    let mut alerts = Told::new(id, Kind::Alert, batches.clone());
    let mut all = Told::new(id, Kind::AlertRule, batches);
    let mut backoff = Backoff::default();
    let mut good = clock::now();
    let mut recent = None;
    loop {
        let wanted = |demand: &Demand| {
            let mut objects = demand.objects.iter();
            objects.any(|want| {
                want.endpoint == id && matches!(want.kind, Kind::Alert | Kind::AlertRule)
            })
        };
        if demand.wait_for(wanted).await.is_err() {
            return;
        }
        if recent.is_none() {
            recent = over(&line, id, &replica_labels).await;
        }
        let pause = match ask(&line, id, &replica_labels).await {
            Ok(mut found) => {
                backoff.reset();
                good = clock::now();
                let pause = next(&found);
                let clock = clock_words(line.ahead());
                let trouble = found.trouble.take().or(clock).map(Text::from);
                add_recent(&mut found.alerts, recent.as_deref().unwrap_or_default());
                // An alert shows its rule's limit, so rules come first.
                let list = found.rules.into_iter().map(Box::new).map(Row::Rule);
                all.list(list.collect(), None).await;
                let list = found.alerts.into_iter().map(Box::new).map(Row::Alert);
                alerts.list(list.collect(), trouble).await;
                pause
            }
            Err(fault) => {
                let pause = backoff.after(&fault);
                let status = match &fault {
                    Fault::Refused { code: 404, .. } => SourceStatus::Off {
                        why: Text::new("this server has no rules"),
                    },
                    fault => watcher::status(fault, good, pause),
                };
                alerts.say(status.clone()).await;
                all.say(status).await;
                pause
            }
        };
        sleep(pause).await;
    }
}

async fn ask(line: &Line, id: EndpointId, replica_labels: &[Name]) -> Result<rules::Rules, Fault> {
    let answer = line
        .reader
        .get("/api/v1/rules", &[("type", "alert")])
        .await?;
    line.note(&answer);
    rules::decode(&answer.body, id, replica_labels, line.ahead(), clock::now())
}

/// Until a group has been evaluated again.
fn next(found: &rules::Rules) -> Duration {
    let now = Timestamp::now().as_millisecond() as f64 / 1000.0;
    let often = OFTEN.min(found.shortest).max(0.5);
    let next = found.next.iter().copied().filter(|at| *at > now);
    let wait = next.fold(RARELY, |wait, at| wait.min(at - now));
    Duration::from_secs_f64(wait.clamp(often, RARELY))
}

/// Alerts that fired lately and are over, from the server's own memory of them.
async fn over(line: &Line, id: EndpointId, replica_labels: &[Name]) -> Option<Vec<AlertReport>> {
    let question = Ask::Last {
        expr: "ALERTS{alertstate=\"firing\"}".into(),
        seconds: LATELY,
        step: 60,
    };
    let answer = metrics::ask(line, &question).await.ok()?;
    let Replied::Series(list) = answer.reply else {
        return None;
    };
    let now = clock::now();
    let reports = list
        .into_iter()
        .filter_map(|series| ended(&series, id, replica_labels, now));
    Some(reports.take(RECENT).collect())
}

fn ended(
    series: &Series,
    id: EndpointId,
    replica_labels: &[Name],
    now: Moment,
) -> Option<AlertReport> {
    let last = Moment::from_second(series.points.last()?.millis / 1000)?;
    if last.age(now) < 150 {
        return None;
    }
    let first = Moment::from_second(series.points.first()?.millis / 1000)?;
    let own = ["__name__", "alertstate"];
    let labels = series.labels.iter();
    let labels = labels.filter(|(name, _)| !own.contains(name));
    let labels = labels.map(|(name, value)| (Name::new(name), Name::new(value)));
    let labels = without(&Labels::new(labels.collect()), replica_labels);
    Some(AlertReport {
        meta: Meta {
            key: Key {
                endpoint: id,
                uid: fingerprint(&labels, &[]),
            },
            namespace: Name::new(labels.get("namespace").unwrap_or_default()),
            name: Text::new(labels.get("alertname")?),
            labels,
            ..Meta::default()
        },
        state: AlertState::Resolved,
        active: Some(first),
        ended: Some(last),
        ..AlertReport::default()
    })
}

/// Adds those that are over and did not come back.
fn add_recent(alerts: &mut Vec<AlertReport>, recent: &[AlertReport]) {
    let now = clock::now();
    let there: std::collections::HashSet<Uid> =
        alerts.iter().map(|alert| alert.meta.key.uid).collect();
    alerts.extend(
        recent
            .iter()
            .filter(|alert| !there.contains(&alert.meta.key.uid))
            .filter(|alert| alert.ended.is_some_and(|ended| ended.age(now) < LATELY))
            .cloned(),
    );
}

#[derive(serde::Deserialize)]
struct Targets {
    data: Active,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Active {
    #[serde(default)]
    active_targets: Vec<Target>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Target {
    #[serde(default)]
    labels: Metric,
    #[serde(default)]
    scrape_pool: String,
    #[serde(default)]
    scrape_url: String,
    #[serde(default)]
    last_error: String,
    #[serde(default)]
    last_scrape: String,
    #[serde(default)]
    last_scrape_duration: f64,
    #[serde(default)]
    health: String,
    #[serde(default)]
    scrape_interval: String,
}

/// Follows the targets while they are wanted, until dropped.
pub(super) async fn targets(
    line: Line,
    id: EndpointId,
    mut demand: watch::Receiver<Demand>,
    batches: mpsc::Sender<Batch>,
) {
    let mut told = Told::new(id, Kind::ScrapeTarget, batches);
    let mut backoff = Backoff::default();
    let mut good = clock::now();
    loop {
        if !wants(&demand, id, &Kind::ScrapeTarget) {
            if demand.changed().await.is_err() {
                return;
            }
            continue;
        }
        let pause = match line
            .reader
            .get("/api/v1/targets", &[("state", "active")])
            .await
        {
            Ok(answer) => {
                line.note(&answer);
                match serde_json::from_slice::<Targets>(&answer.body) {
                    Ok(list) => {
                        backoff.reset();
                        good = clock::now();
                        let ahead = line.ahead();
                        let rows = list.data.active_targets.into_iter();
                        let rows =
                            rows.map(|target| Row::Target(Box::new(row(&target, id, ahead))));
                        told.list(rows.collect(), None).await;
                        TARGETS
                    }
                    Err(error) => {
                        let words = format!("something else than targets: {error}");
                        failed(&mut told, &mut backoff, &Fault::Strange(words), good).await
                    }
                }
            }
            Err(fault) => failed(&mut told, &mut backoff, &fault, good).await,
        };
        sleep(pause).await;
    }
}

async fn failed(told: &mut Told, backoff: &mut Backoff, fault: &Fault, good: Moment) -> Duration {
    let pause = backoff.after(fault);
    told.say(watcher::status(fault, good, pause)).await;
    pause
}

fn row(target: &Target, endpoint: EndpointId, ahead: i64) -> ScrapeTarget {
    let instance = target
        .labels
        .0
        .get("instance")
        .unwrap_or(&target.scrape_url);
    let uid = Uid::hash(&format!("{}\u{0}{}", target.scrape_pool, target.scrape_url));
    let (health, state) = match target.health.as_str() {
        "up" => (Health::Good, "up"),
        "down" => (Health::Bad, "down"),
        _ => (Health::Busy, "not scraped yet"),
    };
    ScrapeTarget {
        meta: Meta {
            key: Key { endpoint, uid },
            namespace: Name::new(target.labels.0.get("namespace").unwrap_or_default()),
            name: Text::new(instance),
            labels: target.labels.0.clone(),
            ..Meta::default()
        },
        pool: Name::new(&target.scrape_pool),
        url: Text::new(&target.scrape_url),
        health,
        state: Name::new(state),
        why: Some(Text::new(&target.last_error)).filter(|why| !why.is_empty()),
        scraped: shifted(&target.last_scrape, ahead),
        took_millis: (target.last_scrape_duration * 1000.0).max(0.0) as u32,
        interval: seconds(&target.scrape_interval),
    }
}

/// Reads `1m30s`, `15s`, `500ms`; 0 for anything else.
fn seconds(text: &str) -> u32 {
    let mut total = 0.0;
    let mut digits = String::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character.is_ascii_digit() {
            digits.push(character);
            continue;
        }
        let number: f64 = digits.parse().unwrap_or_default();
        digits.clear();
        total += match character {
            'h' => number * 3600.0,
            'm' if characters.peek() == Some(&'s') => {
                characters.next();
                number / 1000.0
            }
            'm' => number * 60.0,
            's' => number,
            _ => 0.0,
        };
    }
    f64::ceil(total) as u32
}
