//! The rules of the simulated Prometheus: their expressions are worked out over the simulated series, so that alerts follow
//! the world. An alert is active since its expression last began to hold without a gap.

use std::sync::{Arc, PoisonError};

use jiff::Timestamp;
use promql_parser::parser;
use serde_json::{Map, Value as Json, json};

use super::ask;
use super::eval::{Eval, Value};
use super::success;
use super::tsdb::missing;
use crate::demo::kubernetes::Context;
use crate::demo::web::Answer;

/// Seconds between evaluations, and how far back the beginning of an alert is looked for.
const EVERY: i64 = 10;
const BACK: i64 = 1800;
const DAY: i64 = 86_400;

/// A rule as its file has it.
struct Rule {
    group: &'static str,
    name: &'static str,
    expr: &'static str,
    /// Seconds.
    hold: i64,
    severity: &'static str,
    team: &'static str,
    summary: &'static str,
    runbook: &'static str,
}

const fn rule(
    group: &'static str,
    name: &'static str,
    expr: &'static str,
    hold: i64,
    severity: &'static str,
    summary: &'static str,
) -> Rule {
    Rule {
        group,
        name,
        expr,
        hold,
        severity,
        team: "",
        summary,
        runbook: "",
    }
}

const RULES: [Rule; 9] = [
    Rule {
        runbook: "https://runbooks.example.com/high-error-rate",
        ..rule(
            "application",
            "HighErrorRate",
            "sum by (namespace, service) (rate(http_requests_total{status=~\"5..\"}[1m])) / sum by (namespace, service) (rate(http_requests_total[1m])) > 0.05",
            60,
            "critical",
            "Error rate of {{service}} is {{value}}",
        )
    },
    rule(
        "application",
        "HighResponseTime",
        "histogram_quantile(0.95, sum by (namespace, service, le) (rate(http_request_duration_seconds_bucket[1m]))) > 0.5",
        60,
        "warning",
        "P95 of {{service}} is {{value}} s",
    ),
    // a broken rule, as every estate has one: it never fires, and says that it is inactive
    rule(
        "application",
        "CheckoutSlow",
        "http_requests_total * on (service) http_requests_total > 1",
        60,
        "warning",
        "Checkout is slow",
    ),
    rule(
        "infrastructure",
        "DeploymentReplicasMismatch",
        "kube_deployment_spec_replicas - on (namespace, deployment) kube_deployment_status_replicas_available > 0",
        30,
        "warning",
        "{{namespace}}/{{deployment}} is short of {{value}} replicas",
    ),
    rule(
        "infrastructure",
        "PodCrashLooping",
        "sum by (namespace, pod) (kube_pod_container_status_waiting_reason{reason=\"CrashLoopBackOff\"}) > 0",
        20,
        "critical",
        "{{pod}} keeps crashing",
    ),
    rule(
        "infrastructure",
        "ImagePullFailing",
        "sum by (namespace, pod) (kube_pod_container_status_waiting_reason{reason=~\"ImagePullBackOff|ErrImagePull\"}) > 0",
        60,
        "warning",
        "The image of {{pod}} cannot be pulled",
    ),
    rule(
        "infrastructure",
        "TargetDown",
        "up == 0",
        30,
        "warning",
        "{{pod}} does not answer",
    ),
    Rule {
        team: "business",
        ..rule(
            "business",
            "CertificateExpiresSoon",
            "(min by (instance) (probe_ssl_earliest_cert_expiry) - time()) / 86400 < 21",
            0,
            "info",
            "The certificate of {{instance}} expires in {{value}} days",
        )
    },
    rule(
        "watchdog",
        "Watchdog",
        "vector(1)",
        0,
        "none",
        "Alerting works",
    ),
];

/// An alert as the rules raise it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Raised {
    rule: usize,
    pub(crate) labels: Vec<(String, String)>,
    pub(crate) annotations: Vec<(String, String)>,
    pub(crate) active: i64,
    /// When it fired; none while it is pending.
    pub(crate) fired: Option<i64>,
    value: f64,
}

/// What the last evaluation found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    at: i64,
    pub(crate) raised: Arc<Vec<Raised>>,
    broken: Vec<(usize, String)>,
}

/// The alerts of now; evaluated anew if it is time.
pub(crate) fn raised(context: &Context) -> Arc<Vec<Raised>> {
    Arc::clone(&look(context, |found| Arc::clone(&found.raised)))
}

fn look<T>(context: &Context, read: impl FnOnce(&Found) -> T) -> T {
    let mut found = context.rules.lock().unwrap_or_else(PoisonError::into_inner);
    ask::with(context, |tsdb, now| {
        let at = now.div_euclid(EVERY) * EVERY;
        if found.at == at {
            return;
        }
        let times: Vec<i64> = (0..=BACK / EVERY)
            .map(|step| at - BACK + step * EVERY)
            .collect();
        let eval = Eval {
            tsdb,
            times: &times,
        };
        let (mut raised, mut broken) = (Vec::new(), Vec::new());
        for (number, rule) in RULES.iter().enumerate() {
            let value = parser::parse(rule.expr).and_then(|expr| eval.run(&expr));
            match value {
                Ok(Value::Vector(rows)) => {
                    for row in rows {
                        let labels = row.labels.iter();
                        let labels = labels.map(|(n, v)| (n.to_string(), v.to_string()));
                        let one = one(number, rule, labels.collect(), &row.values, &times);
                        raised.extend(one);
                    }
                }
                Ok(_) => broken.push((number, "expected type instant vector".to_owned())),
                Err(words) => broken.push((number, words)),
            }
        }
        *found = Found {
            at,
            raised: Arc::new(raised),
            broken,
        };
    });
    read(&found)
}

fn one(
    number: usize,
    rule: &Rule,
    mut labels: Vec<(String, String)>,
    values: &[f64],
    times: &[i64],
) -> Option<Raised> {
    let value = *values.last().filter(|value| !missing(**value))?;
    let held = values
        .iter()
        .rev()
        .take_while(|value| !missing(**value))
        .count();
    let first = times.len().checked_sub(held)?;
    let now = *times.last()?;
    let active = if first == 0 {
        // it began before anybody looked: a time that stays
        now.div_euclid(DAY) * DAY
    } else {
        *times.get(first)?
    };
    let fills = |text: &str| {
        let number = if value < 1.0 && rule.name == "HighErrorRate" {
            format!("{:.1} %", value * 100.0)
        } else {
            format!("{value:.2}")
                .trim_end_matches('0')
                .trim_end_matches('.')
                .to_owned()
        };
        let filled = text.replace("{{value}}", &number);
        labels.iter().fold(filled, |text, (name, value)| {
            text.replace(&format!("{{{{{name}}}}}"), value)
        })
    };
    let mut annotations = vec![("summary".to_owned(), fills(rule.summary))];
    if !rule.runbook.is_empty() {
        annotations.push(("runbook_url".to_owned(), rule.runbook.to_owned()));
    }
    labels.push(("alertname".to_owned(), rule.name.to_owned()));
    labels.push(("severity".to_owned(), rule.severity.to_owned()));
    if !rule.team.is_empty() {
        labels.push(("team".to_owned(), rule.team.to_owned()));
    }
    labels.sort();
    Some(Raised {
        rule: number,
        labels,
        annotations,
        active,
        fired: Some(active + rule.hold).filter(|fired| *fired <= now),
        value,
    })
}

/// A set of pairs as an object.
pub(crate) fn object(pairs: &[(String, String)]) -> Json {
    let pairs = pairs
        .iter()
        .map(|(name, value)| (name.clone(), value.clone().into()));
    Json::Object(pairs.collect::<Map<_, _>>())
}

/// A time as Go writes it.
pub(crate) fn time(second: i64) -> String {
    Timestamp::from_second(second)
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .to_string()
}

fn alert(raised: &Raised) -> Json {
    json!({
        "labels": object(&raised.labels),
        "annotations": object(&raised.annotations),
        "state": if raised.fired.is_some() { "firing" } else { "pending" },
        "activeAt": time(raised.active),
        "value": format!("{:e}", raised.value),
    })
}

/// `/api/v1/alerts`
pub(super) fn alerts(context: &Context) -> Answer {
    let raised = raised(context);
    let list: Vec<Json> = raised.iter().map(alert).collect();
    success(&json!({"alerts": list}))
}

/// `/api/v1/rules`
pub(super) fn rules(context: &Context) -> Answer {
    look(context, |found| {
        let mut groups: Vec<(&str, Vec<Json>)> = Vec::new();
        for (number, rule) in RULES.iter().enumerate() {
            let of_rule = || found.raised.iter().filter(|raised| raised.rule == number);
            let broken = found.broken.iter().find(|(at, _)| *at == number);
            let state = if of_rule().any(|raised| raised.fired.is_some()) {
                "firing"
            } else if of_rule().next().is_some() {
                "pending"
            } else {
                "inactive"
            };
            let mut labels = json!({"severity": rule.severity});
            if !rule.team.is_empty()
                && let Some(map) = labels.as_object_mut()
            {
                map.insert("team".into(), rule.team.into());
            }
            let told = json!({
                "state": state,
                "name": rule.name,
                "query": rule.expr,
                "duration": rule.hold,
                "keepFiringFor": 0,
                "labels": labels,
                "annotations": {"summary": rule.summary.replace("{{", "{{ $labels.").replace("}}", " }}")},
                "alerts": of_rule().map(alert).collect::<Vec<_>>(),
                "health": if broken.is_some() { "err" } else { "ok" },
                "lastError": broken.map(|(_, words)| words.as_str()).unwrap_or_default(),
                "evaluationTime": 0.002,
                "lastEvaluation": time(found.at),
                "type": "alerting",
            });
            match groups.iter_mut().find(|(name, _)| *name == rule.group) {
                Some((_, list)) => list.push(told),
                None => groups.push((rule.group, vec![told])),
            }
        }
        let groups: Vec<Json> = groups
            .into_iter()
            .map(|(name, rules)| {
                json!({
                    "name": name, "file": "/etc/prometheus/rules.yaml", "rules": rules, "interval": EVERY,
                    "limit": 0, "evaluationTime": 0.004, "lastEvaluation": time(found.at),
                })
            })
            .collect();
        success(&json!({"groups": groups}))
    })
}

/// `/api/v1/targets`: what is scraped, by its series of health.
pub(super) fn targets(context: &Context) -> Answer {
    ask::with(context, |tsdb, now| {
        let times = [now];
        let eval = Eval {
            tsdb,
            times: &times,
        };
        let rows = match parser::parse("up").and_then(|expr| eval.run(&expr)) {
            Ok(Value::Vector(rows)) => rows,
            _ => Vec::new(),
        };
        let list: Vec<Json> = rows
            .iter()
            .filter_map(|row| {
                let value = *row.values.first().filter(|value| !missing(**value))?;
                let labels: Vec<(String, String)> = row
                    .labels
                    .iter()
                    .map(|(n, v)| (n.to_string(), v.to_string()))
                    .collect();
                let label = |name: &str| {
                    let found = labels.iter().find(|(own, _)| own == name);
                    found.map(|(_, value)| value.clone()).unwrap_or_default()
                };
                let down = value == 0.0;
                Some(json!({
                    "discoveredLabels": {},
                    "labels": object(&labels),
                    "scrapePool": label("job"),
                    "scrapeUrl": format!("http://{}/metrics", label("instance")),
                    "globalUrl": "",
                    "lastError": if down { "connection refused" } else { "" },
                    "lastScrape": time(now),
                    "lastScrapeDuration": 0.004,
                    "health": if down { "down" } else { "up" },
                    "scrapeInterval": "10s",
                    "scrapeTimeout": "10s",
                }))
            })
            .collect();
        success(&json!({"activeTargets": list, "droppedTargets": []}))
    })
}
