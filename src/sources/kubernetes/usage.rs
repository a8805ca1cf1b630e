//! CPU and memory in use, from metrics.k8s.io, for the rows on screen and nothing else.
//!
//! The endpoint runs [`run`]. Every 15 s, while something is wanted: few pods of a namespace are asked one by one, many
//! by a list of it, all when the screen sorts by them; rows that come into view between are asked at once. Without the API it asks once a minute whether it is there now.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::StreamExt;
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use super::json::{list, moment, word};
use crate::clients::clock;
use crate::clients::fault::Fault;
use crate::clients::kube::Reader;
use crate::model::{
    Allotment, Change, Demand, EndpointId, Key, Kind, Quantity, SourceStatus, Text, Usage,
};
use crate::sources::backoff::{self, Backoff};
use crate::sources::outlet::Outlet;

const ROOT: &str = "/apis/metrics.k8s.io/v1beta1";
/// metrics-server itself samples every 15 s.
const EVERY: Duration = Duration::from_secs(15);
/// Rows that scroll into view are not asked more often than this.
const AGAIN: Duration = Duration::from_millis(500);
const ABSENT_FOR: Duration = Duration::from_mins(1);
/// More rows than this of one namespace are asked as a list.
const SINGLE_AT_MOST: usize = 8;
const AT_ONCE: usize = 4;

/// A request for samples and the rows that they are for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ask {
    pub path: String,
    /// A list of samples instead of one.
    pub many: bool,
}

/// Whether it is a node, namespace and name → row. Without a name: all pods of the namespace, whose rows are found by
/// their names.
type Wants = BTreeMap<(bool, String, String), Option<Key>>;

/// Asks while rows are wanted, until dropped.
pub(super) async fn run(
    reader: Reader,
    endpoint: EndpointId,
    mut demand: watch::Receiver<Demand>,
    mut outlet: Outlet,
) {
    let mut backoff = Backoff::default();
    let mut heard = clock::now();
    // When all is asked again, and the soonest that rows which come into view between are asked.
    let (mut due, mut soonest) = (Instant::now(), Instant::now());
    let mut asked = BTreeSet::new();
    loop {
        let (wants, all) = wanted(&demand.borrow_and_update(), endpoint);
        let now = Instant::now();
        if now >= due {
            asked.clear();
        }
        // A round that asked for all has the rows that scroll into view as well.
        let covered = all && !asked.is_empty();
        let fresh: Wants = wants
            .into_iter()
            .filter(|(place, _)| !covered && !asked.contains(place))
            .collect();
        if fresh.is_empty() || now < soonest {
            let wake = if fresh.is_empty() { due } else { soonest };
            tokio::select! {
                () = sleep_until(wake), if !fresh.is_empty() || !asked.is_empty() => {}
                changed = demand.changed() => if changed.is_err() { return },
            }
            continue;
        }
        if asked.is_empty() {
            due = now + EVERY;
        }
        soonest = now + AGAIN;
        asked.extend(fresh.keys().cloned());
        match ask(&reader, plan(&fresh, all)).await {
            Ok(samples) => {
                heard = clock::now();
                backoff.reset();
                let mut others = Vec::new();
                for sample in &samples {
                    match read(sample, &fresh) {
                        Ok(change) => outlet.push(change),
                        Err(other) if all || many(&fresh, &other.0) => others.push(other),
                        Err(_) => {}
                    }
                }
                if !others.is_empty() {
                    outlet.push(Change::Samples(others));
                }
                outlet.push(Change::Status(SourceStatus::Live));
                outlet.flush().await;
            }
            Err(Fault::NotFound) => {
                off(&mut outlet, "metrics-server is not installed").await;
                due = Instant::now() + ABSENT_FOR;
                soonest = due;
            }
            Err(Fault::Busy { code: 503, .. }) => {
                off(&mut outlet, "metrics-server does not answer").await;
                due = Instant::now() + ABSENT_FOR;
                soonest = due;
            }
            Err(Fault::Forbidden(_)) => {
                outlet.push(Change::Status(SourceStatus::Denied {
                    verb: Text::new("get"),
                    resource: Text::new("pods.metrics.k8s.io"),
                }));
                outlet.flush().await;
                sleep(backoff::DENIED).await;
            }
            Err(fault) => {
                let pause = backoff.after(&fault).max(EVERY);
                outlet.push(Change::Status(SourceStatus::Stale {
                    since: heard,
                    cause: Text::from(fault.to_string()),
                    retry_at: Some(clock::after(pause)),
                }));
                outlet.flush().await;
                due = Instant::now() + pause;
                soonest = due;
            }
        }
    }
}

async fn off(outlet: &mut Outlet, why: &str) {
    let why = Text::new(why);
    outlet.push(Change::Status(SourceStatus::Off { why }));
    outlet.flush().await;
}

/// The rows of this endpoint whose usage is wanted, and whether all are.
fn wanted(demand: &Demand, endpoint: EndpointId) -> (Wants, bool) {
    let rows = demand
        .usage
        .iter()
        .filter(|(key, ..)| key.endpoint == endpoint);
    let wants = rows.filter_map(|(key, kind, namespace, name)| {
        let node = match kind {
            Kind::Pod => false,
            Kind::Node => true,
            _ => return None,
        };
        let place = (
            node,
            namespace.as_str().to_owned(),
            name.as_str().to_owned(),
        );
        Some((place, Some(*key)))
    });
    let spaces = demand.usage_in.iter();
    let spaces = spaces.filter(|(id, _)| *id == endpoint);
    let spaces = spaces.map(|(_, name)| ((false, name.to_string(), String::new()), None));
    let wants: Wants = wants.chain(spaces).collect();
    let all = demand.usage_of_all && !wants.is_empty();
    (wants, all)
}

/// Whether all pods of a namespace are wanted.
fn many(wants: &Wants, namespace: &str) -> bool {
    wants.contains_key(&(false, namespace.to_owned(), String::new()))
}

/// The fewest requests that cover the rows without asking for much more.
fn plan(wants: &Wants, all: bool) -> Vec<Ask> {
    let rows: Vec<_> = wants
        .keys()
        .map(|(node, namespace, name)| (*node, namespace.as_str(), name.as_str()))
        .collect();
    plan_for(&rows, all)
}

/// See [`plan`]; a row is (whether it is a node, namespace, name). An empty name stands for all pods of a namespace.
pub fn plan_for(rows: &[(bool, &str, &str)], all: bool) -> Vec<Ask> {
    let single = |path: String| Ask { path, many: false };
    let several = |path: String| Ask { path, many: true };
    let mut asks = Vec::new();
    let nodes: Vec<_> = rows.iter().filter(|(node, ..)| *node).collect();
    if nodes.len() > SINGLE_AT_MOST || (all && !nodes.is_empty()) {
        asks.push(several(format!("{ROOT}/nodes")));
    } else {
        asks.extend(
            nodes
                .iter()
                .map(|(.., name)| single(format!("{ROOT}/nodes/{name}"))),
        );
    }
    let mut pods: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (_, namespace, name) in rows.iter().filter(|(node, ..)| !node) {
        pods.entry(namespace).or_default().insert(name);
    }
    // The whole cluster may be a hundred thousand pods, so it is only asked when all are wanted.
    if !pods.is_empty() && all {
        asks.push(several(format!("{ROOT}/pods")));
        return asks;
    }
    for (namespace, names) in pods {
        let path = format!("{ROOT}/namespaces/{namespace}/pods");
        if names.len() > SINGLE_AT_MOST || names.contains("") {
            asks.push(several(path));
        } else {
            asks.extend(names.iter().map(|name| single(format!("{path}/{name}"))));
        }
    }
    asks
}

/// Asks, four requests at a time. A pod without a sample yet is no fault; that the API is missing is.
async fn ask(reader: &Reader, asks: Vec<Ask>) -> Result<Vec<Value>, Fault> {
    let answers: Vec<_> = futures::stream::iter(asks)
        .map(|ask| {
            let reader = reader.clone();
            async move {
                let answer = reader.json(&ask.path, "application/json").await;
                (ask.many, answer)
            }
        })
        .buffered(AT_ONCE)
        .collect()
        .await;
    let mut samples = Vec::new();
    let mut fault = None;
    for (many, answer) in answers {
        match answer {
            Ok(answer) if many => samples.extend(list(&answer, "/items").iter().cloned()),
            Ok(answer) => samples.push(answer),
            Err(Fault::NotFound) if !many => fault = fault.or(Some(Fault::NotFound)),
            Err(other) => fault = Some(other),
        }
    }
    match fault {
        // Of the single ones none is known: is it the pods that are new, or the API that is missing?
        Some(Fault::NotFound) if samples.is_empty() => {
            reader.json(ROOT, "application/json").await.map(|_| samples)
        }
        Some(Fault::NotFound) | None => Ok(samples),
        // A namespace that may not be asked leaves the others as they are.
        Some(_) if !samples.is_empty() => Ok(samples),
        Some(fault) => Err(fault),
    }
}

/// Reads a PodMetrics or NodeMetrics: of a wanted row, or with the names that it came with.
fn read(sample: &Value, wants: &Wants) -> Result<Change, (Text, Text, Usage)> {
    let (namespace, name) = (
        word(sample, "/metadata/namespace"),
        word(sample, "/metadata/name"),
    );
    let node = sample.get("containers").is_none();
    let usage = Usage {
        used: used(sample),
        at: moment(sample, "/timestamp").unwrap_or_else(clock::now),
    };
    match wants.get(&(node, namespace.to_owned(), name.to_owned())) {
        Some(Some(key)) => Ok(Change::Usage(*key, usage)),
        _ => Err((Text::new(namespace), Text::new(name), usage)),
    }
}

/// What a sample says is used: a node's, or the sum over a pod's containers.
pub fn used(sample: &Value) -> Allotment {
    let amount = |usage: &Value| Allotment {
        cpu_millicores: Quantity::parse(word(usage, "/cpu")).map_or(0, Quantity::millicores),
        memory_bytes: Quantity::parse(word(usage, "/memory")).map_or(0, Quantity::bytes),
    };
    let mut sum = sample.get("usage").map(amount).unwrap_or_default();
    for container in list(sample, "/containers") {
        sum += container.get("usage").map(amount).unwrap_or_default();
    }
    sum
}
