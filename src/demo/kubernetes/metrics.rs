//! `metrics.k8s.io`: what pods and nodes use now, from the world's curves, renewed every fifteen seconds as metrics-server does.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Context;
use super::accept::{self, Encoding, Format, Shape};
use super::list::{head, rows};
use super::protobuf::{self, nested};
use super::reply::{self, Failure, Reply};
use super::route::Query;
use super::select::Selection;
use crate::demo::random::{fraction, hash};
use crate::demo::world::item::{Item, list as items_at, text};
use crate::demo::world::live::load;
use crate::demo::world::{Cluster, resource, seconds};

const API: &str = "metrics.k8s.io/v1beta1";

/// Answers for pods or nodes: all that are selected, or one by name.
pub(crate) fn answer(
    context: &Arc<Context>,
    namespace: Option<String>,
    nodes: bool,
    name: Option<&str>,
    query: &Query,
    accept: Option<&str>,
) -> Result<Reply, Failure> {
    let format = accept::choose(accept, |f| f.shape == Shape::Object).unwrap_or(Format::JSON);
    let selection = Selection::parse(
        namespace,
        query.get("labelSelector"),
        query.get("fieldSelector"),
    )
    .map_err(Failure::bad_request)?;
    let (kind, message) = if nodes {
        ("NodeMetrics", "metrics.NodeMetrics")
    } else {
        ("PodMetrics", "metrics.PodMetrics")
    };
    let wanted = |item: &Item| name.is_none_or(|n| item.name() == n) && selection.matches(item);
    let (items, fleet) = {
        let cluster = context.shared.lock();
        if nodes {
            (of_nodes(&cluster, wanted), None)
        } else {
            (
                of_pods(&cluster, wanted),
                Some((cluster.snapshot(&resource::PODS), cluster.now)),
            )
        }
    };
    let wanted_name = name.map(str::to_owned);
    // one at a time: a fleet's metrics are never held as a whole
    let all = items
        .into_iter()
        .chain(fleet.into_iter().flat_map(move |(snapshot, now)| {
            let (selection, name) = (selection.clone(), wanted_name.clone());
            let indexes = snapshot.indexes(selection.namespace.as_deref());
            indexes.filter_map(move |index| match snapshot.item(index) {
                Item::Fleet(member) => {
                    let item = Item::Fleet(member);
                    let chosen = name.as_ref().is_none_or(|n| item.name() == n.as_str())
                        && selection.matches(&item);
                    (chosen && item.field("status.phase") == "Running")
                        .then(|| of_fleet(&item, now))
                }
                Item::Whole(_) => None,
            })
        }));
    match name {
        Some(name) => {
            let mut all = all;
            let one = all.next().ok_or_else(|| {
                let what = if nodes { "nodemetrics" } else { "podmetrics" };
                Failure::not_found(&format!("{what}.metrics.k8s.io"), name)
            })?;
            Ok(reply::whole(
                format,
                reply::encode(API, kind, message, &one, format.encoding),
            ))
        }
        None => Ok(list(format, kind, message, all)),
    }
}

fn list(
    format: Format,
    kind: &'static str,
    message: &'static str,
    items: impl Iterator<Item = Value> + Send + 'static,
) -> Reply {
    if format.encoding == Encoding::Json {
        let (tx, body) = reply::stream();
        tokio::spawn(async move {
            let head = head(&format!("{kind}List"), API, &json!({}));
            rows(head, items, &tx, |item, out| {
                out.extend_from_slice(item.to_string().as_bytes());
            })
            .await;
        });
        return reply::typed(&format.content_type(false), body);
    }
    let mut content = Vec::new();
    nested(1, &mut content, |out| {
        protobuf::message("meta.ListMeta", &json!({}), out);
    });
    for item in items {
        nested(2, &mut content, |out| {
            protobuf::message(message, &item, out);
        });
    }
    reply::whole(
        format,
        protobuf::body(API, &format!("{kind}List"), &content),
    )
}

/// What a pod of the fleet uses.
fn of_fleet(item: &Item, now: jiff::Timestamp) -> Value {
    let mine = hash(&item.name());
    let step = (now.as_second() / 15) as u64;
    let busy = 0.2 + 0.6 * fraction(mine, 1) + 0.1 * fraction(mine ^ step, 2);
    let (cpu, memory) = (
        (250.0 * busy) as i64,
        (f64::from(400 << 20) * (0.5 + busy / 2.0)) as i64,
    );
    json!({"metadata": {"name": item.name(), "namespace": item.namespace(), "creationTimestamp": seconds(now), "labels": item.labels()},
        "timestamp": measured(now), "window": "15s", "containers": [
            {"name": "app", "usage": use_of(cpu, memory)}, {"name": "proxy", "usage": use_of(cpu / 20 + 1, 30 << 20)}]})
}

fn metadata(cluster: &Cluster, object: &Value) -> Value {
    let mut metadata = json!({"name": text(object, "/metadata/name"), "creationTimestamp": seconds(cluster.now),
        "labels": object.pointer("/metadata/labels").cloned().unwrap_or_default()});
    let namespace = text(object, "/metadata/namespace");
    if !namespace.is_empty() {
        crate::demo::world::item::set(&mut metadata, "/namespace", namespace);
    }
    metadata
}

fn use_of(millicores: i64, bytes: i64) -> Value {
    json!({"cpu": format!("{}n", millicores * 1_000_000), "memory": format!("{}Ki", bytes >> 10)})
}

fn measured(now: jiff::Timestamp) -> String {
    let at = jiff::Timestamp::from_second(now.as_second() / 15 * 15);
    seconds(at.unwrap_or(now))
}

fn of_pods(cluster: &Cluster, wanted: impl Fn(&Item) -> bool) -> Vec<Value> {
    let mut found = Vec::new();
    for pod in cluster.within_all(&resource::PODS) {
        let key = (
            text(pod, "/metadata/namespace").to_owned(),
            text(pod, "/metadata/name").to_owned(),
        );
        let Some(life) = cluster.live.lives.get(&key) else {
            continue;
        };
        if !wanted(&Item::Whole(Arc::clone(pod))) {
            continue;
        }
        if let Some((cpu, memory)) = load::usage(cluster, pod, life) {
            let containers: Vec<Value> = items_at(pod, "/spec/containers")
                .iter()
                .enumerate()
                .map(|(at, spec)| {
                    // what stands beside the main container is small
                    let part = if at == 0 { 1 } else { 8 };
                    json!({"name": text(spec, "/name"), "usage": use_of(cpu / part, memory / part)})
                })
                .collect();
            found.push(json!({"metadata": metadata(cluster, pod), "timestamp": measured(cluster.now), "window": "15s", "containers": containers}));
        }
    }
    found
}

fn of_nodes(cluster: &Cluster, wanted: impl Fn(&Item) -> bool) -> Vec<Value> {
    let snapshot = cluster.snapshot(&resource::NODES);
    let mut found = Vec::new();
    for index in snapshot.indexes(None) {
        let item = snapshot.item(index);
        if !wanted(&item) {
            continue;
        }
        let (cpu, memory) = match &item {
            Item::Whole(node) if !alive(node) => continue,
            Item::Whole(node) => load::node_usage(cluster, node),
            Item::Fleet(_) => {
                let mine = hash(&item.name());
                (
                    (32_000.0 * (0.2 + 0.5 * fraction(mine, 1))) as i64,
                    ((131_072_i64 << 20) as f64 * (0.3 + 0.4 * fraction(mine, 2))) as i64,
                )
            }
        };
        found.push(json!({"metadata": metadata(cluster, &item.value()), "timestamp": measured(cluster.now), "window": "15s", "usage": use_of(cpu, memory)}));
    }
    found
}

fn alive(node: &Value) -> bool {
    items_at(node, "/status/conditions")
        .iter()
        .any(|c| text(c, "/type") == "Ready" && text(c, "/status") == "True")
}
