//! Which clusters to open: the configured ones, else the kubeconfig's current context, else the cluster we run in.

use std::path::Path;

use crate::clients::connect::KubeChoice;
use crate::clients::docker::host;
use crate::clients::kubeconfig;
use crate::config::environment::Whereabouts;
use crate::config::{Config, KubernetesEndpoint, environment};
use crate::model::{Context, Endpoint, Engine, Name};
use crate::sources::{How, Opening};

/// What it takes to open every cluster that the configuration asks for. On a machine that only has Docker there is none.
pub fn find(config: &Config) -> Vec<Opening> {
    if config.kubernetes.is_empty() {
        let there = kubeconfig::is_there() || kubeconfig::in_cluster();
        if !config.looks_for(Engine::Kubernetes)
            || !there && config.looks_for(Engine::Docker) && host::there_is_one()
        {
            return Vec::new();
        }
        return vec![opening(config, &KubernetesEndpoint::default())];
    }
    config
        .kubernetes
        .iter()
        .map(|settings| opening(config, settings))
        .collect()
}

/// What it takes to open one context of the kubeconfig.
pub fn of_context(config: &Config, context: &str) -> Opening {
    let settings = config
        .kubernetes
        .iter()
        .find(|settings| settings.context.as_deref() == Some(context));
    let named = KubernetesEndpoint {
        context: Some(context.to_owned()),
        ..KubernetesEndpoint::default()
    };
    opening(config, settings.unwrap_or(&named))
}

/// What it takes to open one cluster. What the kubeconfig tells is filled in; what is wrong with it is said when the
/// connection is made.
fn opening(config: &Config, settings: &KubernetesEndpoint) -> Opening {
    let context = match settings.server {
        Some(_) => None,
        None => context(settings.kubeconfig.as_deref(), settings.context.as_deref()),
    }
    .unwrap_or_default();
    let server = settings.server.as_deref().unwrap_or(&context.server);
    let name = [
        settings.name.as_str(),
        &context.name,
        settings.context.as_deref().unwrap_or(""),
        server,
    ]
    .into_iter()
    .find(|name| !name.is_empty())
    .unwrap_or("kubernetes");
    Opening {
        endpoint: Endpoint {
            engine: Engine::Kubernetes,
            name: Name::new(name),
            server: Name::new(server),
            namespace: if settings.namespace.is_empty() {
                context.namespace.clone()
            } else {
                Name::new(&settings.namespace)
            },
            environment: environment(
                config,
                Whereabouts {
                    endpoint: name,
                    context: &context.name,
                    server,
                    ..Whereabouts::default()
                },
            ),
            ..Endpoint::default()
        },
        how: How::Kubernetes(KubeChoice::from(settings)),
    }
}

/// The context by name, or the current one.
fn context(file: Option<&Path>, name: Option<&str>) -> Option<Context> {
    let contexts = kubeconfig::contexts(file).ok()?;
    contexts.into_iter().find(|context| match name {
        Some(name) => context.name.as_str() == name,
        None => context.current,
    })
}
