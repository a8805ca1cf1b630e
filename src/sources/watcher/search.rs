//! Searching for a server that nobody named: on this machine's usual port, then among a cluster's Services by the labels
//! that charts and operators give them.

use std::time::Duration;

use serde_json::Value;

use super::{Missing, Place};
use crate::clients::connect::{self, KubeChoice};
use crate::clients::fault::Fault;
use crate::clients::http::Reader;
use crate::clients::kube;
use crate::config::WebServer;
use crate::model::Engine;

/// What listens on this machine answers at once.
const NEAR: Duration = Duration::from_secs(2);
/// Names of ports that serve the API, best first.
const PORTS: [&str; 6] = ["http-web", "web", "http", "query", "http-query", "metrics"];

/// A server that was found.
pub struct Found {
    pub reader: Reader,
    /// The name on screen.
    pub name: String,
    pub address: String,
}

/// What is known of an engine before it was met.
struct Known {
    local: &'static str,
    /// A path that only this engine answers with JSON.
    proof: &'static str,
    /// Values of the label `app`.
    app: &'static [&'static str],
    /// Values of the label `app.kubernetes.io/name`.
    name: &'static [&'static str],
    /// Of `app.kubernetes.io/component`, where there is one.
    component: &'static [&'static str],
    port: u64,
}

const PROMETHEUS: Known = Known {
    local: "http://localhost:9090",
    proof: "/api/v1/status/buildinfo",
    app: &[
        "kube-prometheus-stack-prometheus",
        "prometheus",
        "prometheus-server",
        "prometheus-operator-prometheus",
        "thanos-query",
    ],
    name: &[
        "prometheus",
        "thanos-query",
        "vmsingle",
        "victoria-metrics-single",
    ],
    component: &["server", "prometheus", "query"],
    port: 9090,
};

const ALERTMANAGER: Known = Known {
    local: "http://localhost:9093",
    proof: "/api/v2/status",
    app: &[
        "kube-prometheus-stack-alertmanager",
        "alertmanager",
        "prometheus-alertmanager",
        "prometheus-operator-alertmanager",
    ],
    name: &["alertmanager", "vmalertmanager"],
    component: &["alertmanager", "alert-router"],
    port: 9093,
};

/// Searches on this machine if `here`, then in the cluster.
pub(super) async fn search(
    engine: Engine,
    here: bool,
    cluster: Option<&KubeChoice>,
) -> Result<Found, Missing> {
    let known = if engine == Engine::Prometheus {
        &PROMETHEUS
    } else {
        &ALERTMANAGER
    };
    if here && let Some(found) = on_this_machine(known).await {
        return Ok(found);
    }
    let nowhere = || Missing::Nowhere(Place::advice(engine));
    let Some(cluster) = cluster else {
        return Err(nowhere());
    };
    // A cluster that does not answer says so itself; here it only means that nothing was found there.
    let Ok(connection) = connect::connect(cluster).await else {
        return Err(nowhere());
    };
    match in_cluster(known, connection.reader).await {
        Ok(Some(found)) => Ok(found),
        Err(Fault::Forbidden(words)) => Err(Missing::Nowhere(format!(
            "{}; services of the cluster cannot be searched: {words}",
            Place::advice(engine)
        ))),
        Ok(None) | Err(_) => Err(nowhere()),
    }
}

async fn on_this_machine(known: &Known) -> Option<Found> {
    let reader = Reader::new(&WebServer::at(known.local)).ok()?;
    let answers = tokio::time::timeout(NEAR, proves(known, &reader)).await;
    answers.unwrap_or(false).then(|| Found {
        reader,
        name: known.local.trim_start_matches("http://").to_owned(),
        address: known.local.to_owned(),
    })
}

/// Whether a server is what it is taken for: anything may listen on a port.
async fn proves(known: &Known, reader: &Reader) -> bool {
    let Ok(answer) = reader.get(known.proof, &[]).await else {
        return false;
    };
    let parsed: Result<Value, _> = serde_json::from_slice(&answer.body);
    parsed.is_ok_and(|value| {
        value.pointer("/data/version").is_some() || value.pointer("/versionInfo").is_some()
    })
}

async fn in_cluster(known: &Known, cluster: kube::Reader) -> Result<Option<Found>, Fault> {
    let selectors = [
        format!("app.kubernetes.io/name in ({})", known.name.join(",")),
        format!("app in ({})", known.app.join(",")),
    ];
    for selector in selectors {
        let selector = selector.replace(' ', "%20").replace(',', "%2C");
        let path = format!("/api/v1/services?labelSelector={selector}&limit=100");
        let list = cluster.json(&path, "application/json").await?;
        let items = list.pointer("/items").and_then(Value::as_array);
        for service in items.into_iter().flatten() {
            let Some(address) = address(known, service) else {
                continue;
            };
            let settings = WebServer::default();
            let reader = Reader::of_service(cluster.clone(), &address, "", &settings);
            if proves(known, &reader).await {
                let name = address.rsplit_once(':').map_or(&*address, |(name, _)| name);
                return Ok(Some(Found {
                    reader,
                    name: name.to_owned(),
                    address,
                }));
            }
        }
    }
    Ok(None)
}

/// `namespace/name:port` of a Service that may be the server.
fn address(known: &Known, service: &Value) -> Option<String> {
    let text = |path: &str| service.pointer(path).and_then(Value::as_str);
    let component = text("/metadata/labels/app.kubernetes.io~1component")
        .or_else(|| text("/metadata/labels/component"));
    if component.is_some_and(|component| !known.component.contains(&component)) {
        return None;
    }
    let ports = service.pointer("/spec/ports")?.as_array()?;
    let number = |port: &Value| port.pointer("/port").and_then(Value::as_u64);
    let named = |name: &str| {
        let mut ports = ports.iter();
        ports.find(|port| port.pointer("/name").and_then(Value::as_str) == Some(name))
    };
    let usual = ports.iter().find(|port| number(port) == Some(known.port));
    let port = usual
        .or_else(|| PORTS.iter().find_map(|name| named(name)))
        .or_else(|| ports.first())?;
    Some(format!(
        "{}/{}:{}",
        text("/metadata/namespace")?,
        text("/metadata/name")?,
        number(port)?
    ))
}
