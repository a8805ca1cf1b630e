//! Which Docker hosts to open: the configured ones, else what the docker command would use.

use crate::clients::docker::host::{self, Address};
use crate::clients::docker::{Daemon, DockerChoice, contexts};
use crate::config::environment::Whereabouts;
use crate::config::{Config, DockerEndpoint, environment};
use crate::model::{Context, Endpoint, Engine, Name};
use crate::sources::{How, Opening};

/// What it takes to open every Docker host that the configuration asks for, or that can be found.
pub fn find(config: &Config) -> Vec<Opening> {
    if !config.docker.is_empty() {
        return config
            .docker
            .iter()
            .map(|settings| opening(config, settings))
            .collect();
    }
    if config.looks_for(Engine::Docker) && host::there_is_one() {
        return vec![opening(config, &DockerEndpoint::default())];
    }
    Vec::new()
}

/// What it takes to open one host: by its configured name, its address, or a context's name.
pub fn of_word(config: &Config, word: &str) -> Opening {
    let known = config.docker.iter().find(|settings| {
        settings.name == word
            || settings.host.as_deref() == Some(word)
            || settings.context.as_deref() == Some(word)
    });
    let named = DockerEndpoint::named(word);
    opening(config, known.unwrap_or(&named))
}

/// Docker hosts that could be opened: the contexts of the docker command, and others that are open.
pub fn contexts<'a>(open: impl Iterator<Item = &'a Endpoint>) -> Vec<Context> {
    let current = contexts::current();
    let named = contexts::contexts().into_iter().map(|context| Context {
        engine: Engine::Docker,
        current: current.as_ref() == Some(&context.name),
        name: Name::new(&context.name),
        cluster: Name::new(&context.description),
        server: Name::new(&context.host),
        ..Context::default()
    });
    let mut found: Vec<Context> = named.collect();
    for endpoint in open.filter(|endpoint| endpoint.engine == Engine::Docker) {
        if !found.iter().any(|known| known.name == endpoint.name) {
            found.push(Context {
                engine: Engine::Docker,
                name: endpoint.name.clone(),
                server: endpoint.server.clone(),
                ..Context::default()
            });
        }
    }
    found
}

/// What is wrong with an address is said when the connection is made.
fn opening(config: &Config, settings: &DockerEndpoint) -> Opening {
    let choice = DockerChoice::from(settings);
    let address = Address::find(&choice).ok();
    let server = address.as_ref().map(ToString::to_string);
    let unnamed = choice.host.is_none() && choice.context.is_none();
    let context = settings.context.clone().or_else(|| {
        contexts::current().filter(|_| unnamed && host::variable("DOCKER_HOST").is_none())
    });
    let name = Some(settings.name.clone())
        .filter(|name| !name.is_empty())
        .or(context.clone())
        .or_else(|| Some(address.as_ref()?.name().to_owned()))
        .or(settings.host.clone())
        .unwrap_or_else(|| "docker".to_owned());
    let server = server.unwrap_or_default();
    let insecure = matches!(&address, Some(Address::Tcp { tls, .. })
        if tls.as_ref().is_some_and(|tls| tls.unchecked));
    Opening {
        endpoint: Endpoint {
            engine: Engine::Docker,
            name: Name::new(&name),
            server: Name::new(&server),
            environment: environment(
                config,
                Whereabouts {
                    endpoint: &name,
                    context: context.as_deref().unwrap_or_default(),
                    server: &server,
                    ..Whereabouts::default()
                },
            ),
            insecure,
            ..Endpoint::default()
        },
        how: How::Docker(Daemon::new(choice)),
    }
}
