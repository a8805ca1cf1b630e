//! The simulated Alertmanager: version 2 of its API over the alerts that the simulated Prometheus raises. It inhibits,
//! routes to receivers and takes silences.

use std::sync::{Arc, PoisonError};

use http::Method;
use jiff::Timestamp;
use regex::Regex;
use serde_json::{Value, json};

use super::estate::Starting;
use super::kubernetes::Context;
use super::prometheus::rules::{Raised, object, raised, time};
use super::web::{self, Answer, Asked};

/// A silence as it was posted.
#[derive(Debug, Clone)]
pub(crate) struct Silence {
    id: String,
    matchers: Vec<Value>,
    starts: Timestamp,
    ends: Timestamp,
    updated: Timestamp,
    author: String,
    comment: String,
}

/// Begins to serve on a free port of loopback; says where.
pub(crate) fn start(context: Arc<Context>) -> Starting {
    web::start(context, respond)
}

fn respond(context: &Context, asked: &Asked) -> Answer {
    let path = asked.path.as_str();
    match (&asked.method, path) {
        (&Method::GET, "/-/ready" | "/-/healthy") => Answer::text(200, "OK"),
        (&Method::GET, "/metrics") => Answer::text(
            200,
            "alertmanager_config_last_reload_successful 1\nalertmanager_notifications_failed_total{integration=\"slack\",reason=\"other\"} 0\n",
        ),
        (&Method::GET, "/api/v2/status") => Answer::json(&json!({
            "cluster": {"status": "disabled", "peers": []},
            "config": {"original": ""},
            "uptime": "2026-01-01T00:00:00.000Z",
            "versionInfo": {"version": "0.28.1", "revision": "b2099e", "branch": "HEAD", "buildUser": "", "buildDate": "", "goVersion": "go1.25.4"},
        })),
        (&Method::GET, "/api/v2/alerts") => alerts(context),
        (&Method::GET, "/api/v2/receivers") => {
            Answer::json(&json!([{"name": "pagerduty"}, {"name": "slack"}, {"name": "email"}]))
        }
        (&Method::GET, "/api/v2/silences") => {
            let now = context.clock.now();
            let list = held(context);
            Answer::json(&list.iter().map(|it| it.json(now)).collect())
        }
        (&Method::POST, "/api/v2/silences") => post(context, &asked.body),
        (method, path) => match path.strip_prefix("/api/v2/silence/") {
            Some(id) if method == Method::GET => {
                match held(context).iter().find(|it| it.id == id) {
                    Some(silence) => Answer::json(&silence.json(context.clock.now())),
                    None => Answer::json(&json!("silence not found")).with_code(404),
                }
            }
            Some(id) if method == Method::DELETE => expire(context, id),
            _ => Answer::no_page(),
        },
    }
}

fn held(context: &Context) -> Vec<Silence> {
    let silences = context.silences.lock();
    silences.unwrap_or_else(PoisonError::into_inner).clone()
}

impl Silence {
    fn is_active(&self, now: Timestamp) -> bool {
        self.starts <= now && now < self.ends
    }

    fn fits(&self, labels: &[(String, String)]) -> bool {
        self.matchers.iter().all(|matcher| {
            let text = |name: &str| {
                matcher
                    .get(name)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
            };
            let flag =
                |name: &str, usual| matcher.get(name).and_then(Value::as_bool).unwrap_or(usual);
            let own = labels.iter().find(|(name, _)| name == text("name"));
            let own = own.map(|(_, value)| value.as_str()).unwrap_or_default();
            let fits = if flag("isRegex", false) {
                Regex::new(&format!("^(?:{})$", text("value")))
                    .is_ok_and(|regex| regex.is_match(own))
            } else {
                own == text("value")
            };
            fits == flag("isEqual", true)
        })
    }

    fn json(&self, now: Timestamp) -> Value {
        let state = if now >= self.ends {
            "expired"
        } else if now < self.starts {
            "pending"
        } else {
            "active"
        };
        json!({
            "id": self.id,
            "status": {"state": state},
            "updatedAt": self.updated.to_string(),
            "comment": self.comment,
            "createdBy": self.author,
            "startsAt": self.starts.to_string(),
            "endsAt": self.ends.to_string(),
            "matchers": self.matchers,
        })
    }
}

fn label<'a>(raised: &'a Raised, name: &str) -> &'a str {
    let found = raised.labels.iter().find(|(own, _)| own == name);
    found.map(|(_, value)| value.as_str()).unwrap_or_default()
}

fn fingerprint(raised: &Raised) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for (name, value) in &raised.labels {
        for byte in name.bytes().chain([255]).chain(value.bytes()).chain([255]) {
            hash ^= u64::from(byte);
            hash = hash.wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    format!("{hash:016x}")
}

fn alerts(context: &Context) -> Answer {
    let now = context.clock.now();
    let silences = held(context);
    let raised = raised(context);
    let firing: Vec<&Raised> = raised.iter().filter(|it| it.fired.is_some()).collect();
    let list: Vec<Value> = firing
        .iter()
        .map(|alert| {
            let silenced: Vec<&str> = silences
                .iter()
                .filter(|silence| silence.is_active(now) && silence.fits(&alert.labels))
                .map(|silence| silence.id.as_str())
                .collect();
            // a critical one of the same service holds the warnings back
            let same = |other: &&&Raised| {
                ["namespace", "service"]
                    .iter()
                    .all(|name| label(other, name) == label(alert, name))
                    && !label(other, "service").is_empty()
            };
            let inhibited: Vec<String> = firing
                .iter()
                .filter(|_| label(alert, "severity") == "warning")
                .filter(|other| label(other, "severity") == "critical")
                .filter(same)
                .map(|other| fingerprint(other))
                .collect();
            let receiver = match (label(alert, "team"), label(alert, "severity")) {
                ("business", _) => "email",
                (_, "critical") => "pagerduty",
                _ => "slack",
            };
            let held = !silenced.is_empty() || !inhibited.is_empty();
            json!({
                "labels": object(&alert.labels),
                "annotations": object(&alert.annotations),
                "fingerprint": fingerprint(alert),
                "startsAt": time(alert.fired.unwrap_or(alert.active)),
                "endsAt": time(now.as_second() + 240),
                "updatedAt": now.to_string(),
                "generatorURL": "http://prometheus/graph",
                "receivers": [{"name": receiver}],
                "status": {
                    "state": if held { "suppressed" } else { "active" },
                    "silencedBy": silenced, "inhibitedBy": inhibited, "mutedBy": [],
                },
            })
        })
        .collect();
    Answer::json(&Value::Array(list))
}

fn refused(words: &str) -> Answer {
    Answer::json(&json!(words)).with_code(400)
}

/// Takes a silence; the same matchers keep their id, others end the old one.
fn post(context: &Context, body: &[u8]) -> Answer {
    let Ok(posted) = serde_json::from_slice::<Value>(body) else {
        return Answer::json(&json!({"code": 602, "message": "body is no JSON"})).with_code(400);
    };
    let text = |name: &str| posted.get(name).and_then(Value::as_str).unwrap_or_default();
    let moment = |name: &str| text(name).parse::<Timestamp>().ok();
    let (Some(starts), Some(ends)) = (moment("startsAt"), moment("endsAt")) else {
        return refused("bad time");
    };
    let now = context.clock.now();
    if ends <= now {
        return refused("invalid silence: end time can't be in the past");
    }
    let matchers = posted
        .get("matchers")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let number = context.shared.lock().next();
    let mut silence = Silence {
        id: format!(
            "{:08x}-{:04x}-4000-8000-{:012x}",
            number >> 32,
            number & 0xffff,
            number >> 16
        ),
        matchers,
        starts: starts.max(now),
        ends,
        updated: now,
        author: text("createdBy").to_owned(),
        comment: text("comment").to_owned(),
    };
    if silence.matchers.is_empty() || silence.fits(&[]) {
        return refused("invalid silence: at least one matcher must not match the empty string");
    }
    let mut silences = context
        .silences
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let id = text("id");
    if !id.is_empty() {
        let Some(old) = silences.iter_mut().find(|it| it.id == id) else {
            return Answer::json(&json!("silence not found")).with_code(404);
        };
        if old.matchers == silence.matchers && now < old.ends {
            silence.id.clone_from(&old.id);
            *old = silence;
            return Answer::json(&json!({"silenceID": id}));
        }
        old.ends = old.ends.min(now);
    }
    let id = silence.id.clone();
    silences.push(silence);
    Answer::json(&json!({"silenceID": id}))
}

fn expire(context: &Context, id: &str) -> Answer {
    let now = context.clock.now();
    let mut silences = context
        .silences
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    match silences.iter_mut().find(|it| it.id == id) {
        Some(silence) => {
            silence.ends = silence.ends.min(now);
            silence.updated = now;
            Answer::json(&json!({}))
        }
        None => Answer::json(&json!(format!("silence {id} not found"))).with_code(404),
    }
}
