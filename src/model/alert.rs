//! An alert as one server reports it, and the rule that raises it.

use super::{Health, Labels, Meta, Moment, Name, Text, Uid, Unit};

/// An alert as one Prometheus or Alertmanager reports it. `meta.name` is the alert's name, `meta.namespace` its label,
/// `meta.labels` all its labels but those by which members of a pair differ, `meta.key.uid` their [`fingerprint`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlertReport {
    pub meta: Meta,
    pub state: AlertState,
    /// When its condition began to hold: the start of pending. Only Prometheus knows.
    pub active: Option<Moment>,
    /// When it fires if its condition goes on: the first evaluation that finds it pending for long enough.
    pub fires: Option<Moment>,
    /// When it began to fire, as an Alertmanager says it.
    pub started: Option<Moment>,
    /// When it was over, for one that is.
    pub ended: Option<Moment>,
    pub value: Option<f64>,
    pub annotations: Labels,
    /// The rule that raises it, at the same server.
    pub rule: Option<Uid>,
    /// Ids of the silences that hold it back.
    pub silenced_by: Vec<Name>,
    /// The servers' own ids of the alerts that hold it back.
    pub inhibited_by: Vec<Name>,
    /// The server's own id of it.
    pub own_id: Name,
    pub receivers: Vec<Name>,
}

/// Where an alert stands, most urgent first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlertState {
    #[default]
    Firing,
    Pending,
    /// A more important one fires.
    Inhibited,
    Silenced,
    /// Over, lately.
    Resolved,
}

/// How bad an alert is, by its label `severity`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Critical,
    Warning,
    /// It has another severity, or says none.
    #[default]
    Other,
    Info,
    /// It always fires, to show that alerting works.
    None,
}

/// A rule that raises alerts. `meta.name` is the alert's name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rule {
    pub meta: Meta,
    pub group: Name,
    pub file: Name,
    /// As it is written: PromQL.
    pub expr: Text,
    /// Seconds that the expression must hold before it fires.
    pub hold: u32,
    /// Seconds between evaluations.
    pub interval: u32,
    pub labels: Labels,
    /// Templates as they are written.
    pub annotations: Labels,
    /// `inactive`, `pending`, `firing`, `broken`, `not evaluated yet`
    pub state: Name,
    pub health: Health,
    /// Why it is broken.
    pub why: Option<Text>,
    pub evaluated: Option<Moment>,
    /// How long the last evaluation took, in milliseconds.
    pub took_millis: u32,
    /// Alerts that it raises now, pending ones included.
    pub alerts: u32,
    pub limit: Option<Limit>,
}

/// An expression taken apart: what is watched and where it becomes an alert.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Limit {
    /// The side that is watched: PromQL.
    pub left: Text,
    /// `>`, `>=`, `<`, `<=`, `==`, `!=`
    pub operator: Name,
    /// None: the limit is itself a series.
    pub bound: Option<f64>,
    /// The limit as it is written: PromQL.
    pub right: Text,
    /// What the value counts, as far as the expression shows.
    pub unit: Unit,
    /// The value is whether something is up: one or nothing.
    pub up: bool,
}

/// What Prometheus scrapes, or an Alertmanager's own state. `meta.name` is the instance.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScrapeTarget {
    pub meta: Meta,
    /// The job that it is scraped for.
    pub pool: Name,
    pub url: Text,
    pub health: Health,
    /// `up`, `down`, `unknown`
    pub state: Name,
    pub why: Option<Text>,
    pub scraped: Option<Moment>,
    pub took_millis: u32,
    /// Seconds between scrapes; 0 where it is not told.
    pub interval: u32,
}

/// The identity of labels: the same ones make the same alert, whoever reports it. `without` names those that do not
/// count.
pub fn fingerprint(labels: &Labels, without: &[Name]) -> Uid {
    let mut text = String::new();
    for (name, value) in labels.iter() {
        if without.iter().any(|label| label.as_str() == name) {
            continue;
        }
        text.push_str(name);
        text.push('\u{0}');
        text.push_str(value);
        text.push('\u{0}');
    }
    Uid::hash(&text)
}

impl AlertState {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Firing => "firing",
            Self::Pending => "pending",
            Self::Inhibited => "inhibited",
            Self::Silenced => "silenced",
            Self::Resolved => "resolved",
        }
    }
}

impl Severity {
    /// By the words that rules use for it.
    pub fn of(label: Option<&str>) -> Self {
        match label.unwrap_or_default().to_ascii_lowercase().as_str() {
            "critical" | "page" | "fatal" | "emergency" | "disaster" | "high" | "error" | "p1"
            | "sev1" => Self::Critical,
            "warning" | "warn" | "medium" | "average" | "ticket" | "p2" | "sev2" => Self::Warning,
            "info" | "information" | "informational" | "notice" | "low" => Self::Info,
            "none" => Self::None,
            _ => Self::Other,
        }
    }

    /// The word in JSON and on screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Warning => "warning",
            Self::Other => "unknown",
            Self::Info => "info",
            Self::None => "none",
        }
    }

    /// How an alert of this severity shows while it fires.
    pub fn health(self) -> Health {
        match self {
            Self::Critical => Health::Bad,
            Self::Warning | Self::Other => Health::Warn,
            Self::Info => Health::Idle,
            Self::None => Health::Good,
        }
    }
}
