//! `metrics.k8s.io`: what pods and nodes use now, from the world's curves, renewed every fifteen seconds as metrics-server does.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Context;
use super::accept::{self, Encoding, Format, Shape};
use super::protobuf::{self, nested};
use super::reply::{self, Failure, Reply};
use super::route::Query;
use super::select::Selection;
use crate::demo::random::{fraction, hash};
use crate::demo::world::item::{Item, list, text};
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
    let items = {
        let cluster = context.shared.lock();
        let wanted = |item: &Item| name.is_none_or(|n| item.name() == n) && selection.matches(item);
        if nodes {
            of_nodes(&cluster, wanted)
        } else {
            of_pods(&cluster, wanted)
        }
    };
    match name {
        Some(name) => {
            let one = items.into_iter().next().ok_or_else(|| {
                let what = if nodes { "nodemetrics" } else { "podmetrics" };
                Failure::not_found(&format!("{what}.metrics.k8s.io"), name)
            })?;
            Ok(reply::whole(
                format,
                reply::encode(API, kind, message, &one, format.encoding),
            ))
        }
        None => Ok(all(format, kind, message, &items)),
    }
}

fn all(format: Format, kind: &str, message: &str, items: &[Value]) -> Reply {
    let body = match format.encoding {
        Encoding::Json => json!({"kind": format!("{kind}List"), "apiVersion": API, "metadata": {}, "items": items}).to_string().into_bytes(),
        Encoding::Protobuf => {
            let mut content = Vec::new();
            nested(1, &mut content, |out| protobuf::message("meta.ListMeta", &json!({}), out));
            for item in items {
                nested(2, &mut content, |out| protobuf::message(message, item, out));
            }
            protobuf::body(API, &format!("{kind}List"), &content)
        }
    };
    reply::whole(format, body)
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

fn measured(cluster: &Cluster) -> String {
    let at = cluster.now.as_second() / 15 * 15;
    jiff::Timestamp::from_second(at).map_or_else(|_| seconds(cluster.now), seconds)
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
            let containers: Vec<Value> = list(pod, "/spec/containers")
                .iter()
                .enumerate()
                .map(|(at, spec)| {
                    // what stands beside the main container is small
                    let part = if at == 0 { 1 } else { 8 };
                    json!({"name": text(spec, "/name"), "usage": use_of(cpu / part, memory / part)})
                })
                .collect();
            found.push(json!({"metadata": metadata(cluster, pod), "timestamp": measured(cluster), "window": "15s", "containers": containers}));
        }
    }
    for number in 0..cluster.fleet.len(&resource::PODS) {
        let item = Item::Fleet(cluster.fleet.member(&resource::PODS, number));
        if !wanted(&item) || item.field("status.phase") != "Running" {
            continue;
        }
        let mine = hash(&item.name());
        let step = (cluster.now.as_second() / 15) as u64;
        let busy = 0.2 + 0.6 * fraction(mine, 1) + 0.1 * fraction(mine ^ step, 2);
        let (cpu, memory) = (
            (250.0 * busy) as i64,
            (f64::from(400 << 20) * (0.5 + busy / 2.0)) as i64,
        );
        found.push(json!({"metadata": {"name": item.name(), "namespace": item.namespace(), "creationTimestamp": seconds(cluster.now), "labels": item.labels()},
            "timestamp": measured(cluster), "window": "15s", "containers": [
                {"name": "app", "usage": use_of(cpu, memory)}, {"name": "proxy", "usage": use_of(cpu / 20 + 1, 30 << 20)}]}));
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
        found.push(json!({"metadata": metadata(cluster, &item.value()), "timestamp": measured(cluster), "window": "15s", "usage": use_of(cpu, memory)}));
    }
    found
}

fn alive(node: &Value) -> bool {
    list(node, "/status/conditions")
        .iter()
        .any(|c| text(c, "/type") == "Ready" && text(c, "/status") == "True")
}
