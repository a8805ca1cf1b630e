//! Which Loki servers to open: the configured ones, else the one that `LOKI_URL` names.

use crate::clients::http::without_login;
use crate::config::environment::{Whereabouts, told};
use crate::config::{Config, LokiEndpoint, WebServer};
use crate::model::{Endpoint, Engine, Name};
use crate::sources::{How, Opening};

/// What it takes to open every server that the configuration or the environment names.
pub fn find(config: &Config) -> Vec<Opening> {
    if !config.loki.is_empty() {
        return config.loki.iter().map(|it| opening(config, it)).collect();
    }
    let url = std::env::var("LOKI_URL").ok().filter(|url| !url.is_empty());
    let named = url.map(|url| LokiEndpoint {
        server: WebServer::at(url),
        ..LokiEndpoint::default()
    });
    named.iter().map(|it| opening(config, it)).collect()
}

fn opening(config: &Config, settings: &LokiEndpoint) -> Opening {
    let address = without_login(&settings.server.url);
    let name = if settings.name.is_empty() {
        Engine::Loki.name()
    } else {
        &settings.name
    };
    let at = Whereabouts {
        endpoint: name,
        server: &address,
        ..Whereabouts::default()
    };
    let environment = settings.environment.or_else(|| told(config, at));
    Opening {
        endpoint: Endpoint {
            engine: Engine::Loki,
            name: Name::new(name),
            server: Name::new(&address),
            environment: environment.unwrap_or_default(),
            insecure: settings.server.insecure,
            ..Endpoint::default()
        },
        how: How::Loki(Box::new(settings.server.clone())),
    }
}
