//! The estate as it stands in `estate.toml`: what the seed builds from.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use crate::demo::world::live::images::Image;

/// Labels, settings and the like.
pub(crate) type Pairs = BTreeMap<String, String>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Estate {
    #[serde(rename = "image")]
    pub(crate) images: Vec<Image>,
    #[serde(rename = "cluster")]
    pub(crate) clusters: Vec<Cluster>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cluster {
    pub(crate) name: String,
    #[serde(rename = "namespace")]
    pub(crate) namespaces: Vec<Namespace>,
    #[serde(rename = "node")]
    pub(crate) nodes: Vec<Node>,
    #[serde(rename = "workload")]
    pub(crate) workloads: Vec<Workload>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Namespace {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) labels: Pairs,
    #[serde(default)]
    pub(crate) quota: Pairs,
    #[serde(default)]
    pub(crate) limits: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Node {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) control: bool,
    #[serde(default)]
    pub(crate) pressure: bool,
    #[serde(default)]
    pub(crate) cordoned: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Workload {
    pub(crate) namespace: String,
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) replicas: u32,
    pub(crate) age: String,
    pub(crate) image: String,
    pub(crate) init: String,
    pub(crate) changes: Vec<Change>,
    pub(crate) port: u16,
    pub(crate) health: String,
    /// Request and limit, such as `100m/500m`.
    pub(crate) cpu: String,
    pub(crate) memory: String,
    /// What all its pods together burn on an average day, in millicores.
    pub(crate) demand: u32,
    /// What each pod holds in memory.
    pub(crate) uses: String,
    /// Seconds until a pod is ready.
    pub(crate) ready: u32,
    /// How far its traffic swings by itself, as a share.
    pub(crate) swing: f64,
    pub(crate) host: String,
    pub(crate) disk: String,
    pub(crate) budget: Option<Value>,
    pub(crate) autoscaler: Option<Autoscaler>,
    pub(crate) config: Pairs,
    pub(crate) secret: Pairs,
    pub(crate) labels: Pairs,
    pub(crate) selector: Pairs,
    pub(crate) command: Vec<String>,
    pub(crate) schedule: String,
    pub(crate) suspend: bool,
    pub(crate) strategy: String,
    /// A daemon set that also runs on control nodes.
    pub(crate) everywhere: bool,
}

impl Default for Workload {
    fn default() -> Self {
        Self {
            namespace: String::new(),
            name: String::new(),
            kind: "Deployment".into(),
            replicas: 1,
            age: "41d".into(),
            image: String::new(),
            init: String::new(),
            changes: Vec::new(),
            port: 8080,
            health: "/ready".into(),
            cpu: String::new(),
            memory: String::new(),
            demand: 10,
            uses: "32Mi".into(),
            ready: 3,
            swing: 0.12,
            host: String::new(),
            disk: String::new(),
            budget: None,
            autoscaler: None,
            config: Pairs::new(),
            secret: Pairs::new(),
            labels: Pairs::new(),
            selector: Pairs::new(),
            command: Vec::new(),
            schedule: String::new(),
            suspend: false,
            strategy: String::new(),
            everywhere: false,
        }
    }
}

/// A later image of a workload.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    pub(crate) at: String,
    pub(crate) image: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Autoscaler {
    pub(crate) min: u32,
    pub(crate) max: u32,
    pub(crate) cpu: Option<u32>,
    pub(crate) memory: Option<u32>,
    /// The name of its target, when that is not the workload's own.
    pub(crate) target: Option<String>,
}

static ESTATE: LazyLock<Estate> = LazyLock::new(|| {
    toml::from_str(include_str!("estate.toml")).unwrap_or_else(|problem| {
        tracing::error!(%problem, "the demo's estate does not parse");
        Estate {
            images: Vec::new(),
            clusters: Vec::new(),
        }
    })
});

/// The estate; a test holds that it parses.
pub(crate) fn estate() -> &'static Estate {
    &ESTATE
}

/// Seconds of `41d`, `6h`, `47m` or `10s`.
pub(crate) fn parse_seconds(text: &str) -> i64 {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: i64 = digits.parse().unwrap_or(0);
    match text.get(digits.len()..) {
        Some("d") => number * 86_400,
        Some("h") => number * 3600,
        Some("m") => number * 60,
        _ => number,
    }
}
