//! From what was asked for to containers. Pure.

use serde::Deserialize;
use std::collections::BTreeMap;

use crate::model::{Kind, LogTarget, Target, Uid};

const PROJECT: &str = "com.docker.compose.project";
const SERVICE: &str = "com.docker.compose.service";
const SWARM_SERVICE: &str = "com.docker.swarm.service.name";
const STACK: &str = "com.docker.stack.namespace";

/// A container of the daemon's list.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Listed {
    pub(super) id: String,
    pub(super) names: Vec<String>,
    pub(super) labels: BTreeMap<String, String>,
    /// `running`, `exited`, …
    pub(super) state: String,
    /// Seconds since 1970.
    pub(super) created: i64,
}

impl Listed {
    pub(super) fn name(&self) -> &str {
        let first = self.names.first().map_or("", String::as_str);
        first.trim_start_matches('/')
    }

    /// Where it belongs: its Compose project or Swarm stack.
    pub(super) fn place(&self) -> &str {
        self.label(PROJECT)
            .or_else(|| self.label(STACK))
            .unwrap_or_default()
    }

    /// The service that it is one of.
    pub(super) fn service(&self) -> Option<&str> {
        self.label(SERVICE).or_else(|| self.label(SWARM_SERVICE))
    }

    fn label(&self, key: &str) -> Option<&str> {
        self.labels
            .get(key)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }
}

/// Whether a container is meant by a target.
pub(super) fn means(target: &LogTarget, container: &Listed) -> bool {
    match target {
        LogTarget::Object(target) | LogTarget::Container { pod: target, .. } => {
            object(target, container)
        }
        LogTarget::Selector {
            namespace,
            selector,
            ..
        } => {
            (namespace.is_empty() || container.place() == namespace.as_str())
                && selector.split(',').all(|term| fits(term.trim(), container))
        }
        LogTarget::Query { .. } => false,
    }
}

fn object(target: &Target, container: &Listed) -> bool {
    let name = target.name.as_str();
    let inside = |key: &str| {
        target.namespace.is_empty() || container.label(key) == Some(target.namespace.as_str())
    };
    match &target.kind {
        Kind::Container => {
            target.uid == Some(Uid::parse(&container.id))
                || container.name() == name
                || (name.len() >= 12 && container.id.starts_with(name))
        }
        Kind::ComposeProject => container.label(PROJECT) == Some(name),
        Kind::ComposeService => container.label(SERVICE) == Some(name) && inside(PROJECT),
        Kind::SwarmService => container.label(SWARM_SERVICE) == Some(name),
        Kind::SwarmTask => container.name().starts_with(name),
        Kind::SwarmStack => container.label(STACK) == Some(name),
        Kind::DockerHost => true,
        _ => false,
    }
}

/// A term of a selector: `key`, `!key`, `key=value`, `key!=value`.
fn fits(term: &str, container: &Listed) -> bool {
    if term.is_empty() {
        return true;
    }
    if let Some((key, value)) = term.split_once("!=") {
        return container.label(key.trim()) != Some(value.trim());
    }
    if let Some((key, value)) = term.split_once('=') {
        return container.label(key.trim()) == Some(value.trim_start_matches('=').trim());
    }
    match term.strip_prefix('!') {
        Some(key) => container.label(key).is_none(),
        None => container.label(term).is_some(),
    }
}
