//! What was done, by whom, to what, and what became of it: the records, and the file that keeps them.
//!
//! A [`Record`] is written before the first request and another after the outcome; both are on disk before the next
//! thing happens. Values that may be secret never become part of one.

mod journal;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::argument::Value;
use super::outcome::Finished;
use super::prepared::{Approved, Preview};
use super::refusal::Refusal;
use crate::model::Target;

pub use journal::{Entry, Journal};

/// One line of the audit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// Joins an intent with its outcome.
    pub id: String,
    pub at: Timestamp,
    /// `intent`, `outcome` or `refused`.
    pub event: String,
    /// `rollback`
    pub action: String,
    pub title: String,
    pub kind: String,
    pub namespace: String,
    pub name: String,
    pub uid: String,
    /// Where: the endpoint's name, its cluster and its server.
    pub endpoint: String,
    pub cluster: String,
    pub server: String,
    pub environment: String,
    /// Who: on this machine, and to the server.
    pub user: String,
    pub host: String,
    pub identity: String,
    pub version: String,
    pub arguments: BTreeMap<String, String>,
    /// `containers[shop].image: shop:2.0 -> shop:1.8`
    pub changes: Vec<String>,
    pub level: String,
    pub confirmed_by: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub break_glass: bool,
    pub reason: String,
    pub warnings: Vec<String>,
    pub lasting: String,
    /// The requests, in order.
    pub steps: Vec<String>,
    /// Of an outcome: `succeeded`, `failed`, `overridden`, `unknown`.
    pub outcome: String,
    pub why: String,
    pub evidence: Vec<String>,
    /// From the first request to the outcome.
    pub took_seconds: u64,
    /// How it can be undone: `qd scale deployment/shop -n shop --replicas 3`.
    pub undo: String,
}

/// Who acts: found once, at the first action of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actor {
    pub user: String,
    pub host: String,
}

impl Record {
    /// What is written before the first request.
    pub fn intent(approved: &Approved, actor: &Actor, at: Timestamp) -> Self {
        let preview = approved.preview();
        let plan = &preview.plan;
        Self {
            reason: approved.reason().to_string(),
            changes: plan
                .changes
                .iter()
                .map(|change| {
                    let (before, after) = if change.private {
                        ("(hidden)", "(hidden)")
                    } else {
                        (change.before.as_str(), change.after.as_str())
                    };
                    format!("{}: {before} -> {after}", change.field)
                })
                .collect(),
            confirmed_by: preview.confirmation.word().to_owned(),
            break_glass: preview.confirmation.break_glass,
            warnings: plan
                .warnings
                .iter()
                .map(|warning| warning.text.to_string())
                .collect(),
            lasting: plan.lasting.word().to_owned(),
            steps: plan
                .steps
                .iter()
                .map(|step| step.words().to_string())
                .collect(),
            ..Self::about(preview, "intent", actor, at)
        }
    }

    /// What is written after the outcome.
    pub fn outcome(approved: &Approved, finished: &Finished, actor: &Actor, at: Timestamp) -> Self {
        let elapsed: Duration = finished.progress.elapsed;
        Self {
            outcome: finished.outcome.word().to_owned(),
            why: finished
                .outcome
                .why()
                .map_or_else(String::new, ToString::to_string),
            evidence: finished.evidence.iter().map(ToString::to_string).collect(),
            took_seconds: elapsed.as_secs(),
            undo: finished
                .undo
                .as_ref()
                .map_or_else(String::new, |undo| undo.title.to_string()),
            ..Self::about(approved.preview(), "outcome", actor, at)
        }
    }

    /// What is written when a confirmed plan is not carried out after all.
    pub fn refused(approved: &Approved, refusal: &Refusal, actor: &Actor, at: Timestamp) -> Self {
        Self {
            outcome: "refused".to_owned(),
            why: refusal.to_string(),
            ..Self::about(approved.preview(), "refused", actor, at)
        }
    }

    fn about(preview: &Preview, event: &str, actor: &Actor, at: Timestamp) -> Self {
        let (target, place) = (&preview.target, &preview.place);
        Self {
            id: preview.id.clone(),
            at,
            event: event.to_owned(),
            action: preview.invocation.action.name().to_owned(),
            title: preview.plan.title.to_string(),
            kind: target.kind.name().to_owned(),
            namespace: target.namespace.to_string(),
            name: target.name.to_string(),
            uid: target.uid.map_or_else(String::new, |uid| uid.to_string()),
            endpoint: place.endpoint.to_string(),
            cluster: place.cluster.to_string(),
            server: place.server.to_string(),
            environment: place.environment.word().to_owned(),
            user: actor.user.clone(),
            host: actor.host.clone(),
            identity: place.user.to_string(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            arguments: preview
                .invocation
                .arguments
                .iter()
                .map(|(name, value)| (name.to_owned(), harmless(value)))
                .collect(),
            level: preview.level.code().to_owned(),
            ..Self::default()
        }
    }

    /// Whether a record is about this object on this endpoint.
    pub fn is_about(&self, endpoint: &str, target: &Target) -> bool {
        self.endpoint == endpoint
            && self.kind == target.kind.name()
            && *self.namespace == *target.namespace
            && *self.name == *target.name
    }
}

/// An argument without what may be secret: the values of pairs, and whole texts.
fn harmless(value: &Value) -> String {
    match value {
        Value::Pairs(pairs) => {
            let names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
            names.join(",")
        }
        Value::Text(text) => format!("({} lines)", text.lines().count()),
        other => other.to_string(),
    }
}

impl Actor {
    /// The user and the machine, as the process's environment and the system name them.
    pub fn of_process() -> Self {
        let name = ["USER", "LOGNAME"]
            .into_iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
        let id = rustix::process::getuid().as_raw();
        Self {
            user: name.unwrap_or_else(|| format!("uid {id}")),
            host: rustix::system::uname()
                .nodename()
                .to_string_lossy()
                .into_owned(),
        }
    }
}
