//! Which servers to open: the configured ones, else the one that the environment names, else whatever a search finds.

use http::Uri;

use super::{At, Place, title};
use crate::clients::connect::KubeChoice;
use crate::clients::http::without_login;
use crate::clients::kubeconfig;
use crate::config::environment::{Whereabouts, told};
use crate::config::{Config, KubernetesEndpoint, WebServer};
use crate::model::{Endpoint, Engine, Environment, Name};
use crate::sources::{How, Opening, kubernetes};

/// One server of the configuration, of either kind.
struct Named<'a> {
    name: &'a str,
    server: &'a WebServer,
    environment: Option<Environment>,
    replica_labels: &'a [String],
}

/// What it takes to open every server of an engine that the configuration names or that may be found.
pub fn find(config: &Config, engine: Engine) -> Vec<Opening> {
    let named: Vec<Named<'_>> = if engine == Engine::Prometheus {
        let list = config.prometheus.iter();
        list.map(|entry| Named {
            name: &entry.name,
            server: &entry.server,
            environment: entry.environment,
            replica_labels: &entry.replica_labels,
        })
        .collect()
    } else {
        let list = config.alertmanager.iter();
        list.map(|entry| Named {
            name: &entry.name,
            server: &entry.server,
            environment: entry.environment,
            replica_labels: &entry.replica_labels,
        })
        .collect()
    };
    if !named.is_empty() {
        return named
            .iter()
            .map(|entry| configured(config, engine, entry))
            .collect();
    }
    let variable = format!("{}_URL", engine.name().to_uppercase());
    match std::env::var(variable) {
        Ok(url) if !url.is_empty() => {
            let entry = Named {
                name: "",
                server: &WebServer::at(url),
                environment: None,
                replica_labels: &[],
            };
            vec![configured(config, engine, &entry)]
        }
        _ => searched(config, engine),
    }
}

fn configured(config: &Config, engine: Engine, entry: &Named<'_>) -> Opening {
    let server = entry.server;
    let cluster = server.service.as_ref().map(|_| {
        let context = server.context.clone();
        let known = config
            .kubernetes
            .iter()
            .find(|cluster| context.is_none() || cluster.context == context);
        known.map_or_else(
            || KubeChoice {
                context,
                ..KubeChoice::default()
            },
            KubeChoice::from,
        )
    });
    let address = match &server.service {
        Some(service) => service.clone(),
        None => without_login(&server.url),
    };
    let name = if entry.name.is_empty() {
        short(&address)
    } else {
        entry.name.to_owned()
    };
    let environment = entry
        .environment
        .unwrap_or_else(|| environment(config, &name, &address));
    Opening {
        endpoint: Endpoint {
            engine,
            name: Name::new(&name),
            server: Name::new(&address),
            environment,
            insecure: server.insecure,
            ..Endpoint::default()
        },
        how: How::Watcher(Place {
            at: At::Server(Box::new(server.clone()), cluster),
            replica_labels: entry.replica_labels.to_vec(),
        }),
    }
}

/// A search on this machine, and one in every cluster; the one on this machine looks into the first cluster too.
fn searched(config: &Config, engine: Engine) -> Vec<Opening> {
    let implied = [KubernetesEndpoint::default()];
    let clusters = if config.kubernetes.is_empty() {
        let any = config.looks_for(Engine::Kubernetes)
            && (kubeconfig::in_cluster() || kubeconfig::contexts(None).is_ok());
        if any { &implied[..] } else { &[] }
    } else {
        &config.kubernetes[..]
    };
    let names: Vec<Opening> = kubernetes::find(config);
    let search = |here, cluster: Option<&KubernetesEndpoint>, at: usize| {
        let over = names.get(at).map(|opening| &opening.endpoint);
        let name = match over.filter(|_| clusters.len() > 1) {
            Some(cluster) => format!("{} of {}", engine.name(), cluster.name),
            None => engine.name().to_owned(),
        };
        Opening {
            endpoint: Endpoint {
                engine,
                name: Name::new(&name),
                environment: over.map(|cluster| cluster.environment).unwrap_or_default(),
                ..Endpoint::default()
            },
            how: How::Watcher(Place {
                at: At::Search {
                    here,
                    cluster: cluster.map(KubeChoice::from),
                },
                replica_labels: Vec::new(),
            }),
        }
    };
    if clusters.is_empty() {
        return vec![search(true, None, 0)];
    }
    clusters
        .iter()
        .enumerate()
        .map(|(at, cluster)| search(at == 0, Some(cluster), at))
        .collect()
}

fn environment(config: &Config, name: &str, address: &str) -> Environment {
    let at = Whereabouts {
        endpoint: name,
        server: address,
        ..Whereabouts::default()
    };
    told(config, at).unwrap_or_default()
}

/// The host and port of an address: what tells it apart.
fn short(address: &str) -> String {
    let uri: Option<Uri> = address.parse().ok();
    let authority = uri.as_ref().and_then(Uri::authority);
    authority.map_or_else(|| address.to_owned(), ToString::to_string)
}

impl Place {
    /// What to say where nothing was found.
    pub(super) fn advice(engine: Engine) -> String {
        format!(
            "no {} was found: set {}_URL or add [[{}]]",
            title(engine),
            engine.name().to_uppercase(),
            engine.name()
        )
    }
}
