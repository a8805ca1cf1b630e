//! Which environment a thing belongs to. What an action asks before it acts rests on this, so doubt counts as
//! production.

use super::{Config, EnvironmentRule};
use crate::model::Environment;

/// Clusters and hosts that only ever run on the machine in front of the operator.
const LOCAL: [&str; 6] = [
    "kind-*",
    "minikube",
    "docker-desktop",
    "k3d-*",
    "orbstack",
    "rancher-desktop",
];

/// What is known of the place that is asked about; what is not known is empty.
#[derive(Clone, Copy, Debug, Default)]
pub struct Whereabouts<'a> {
    /// The endpoint's name on screen.
    pub endpoint: &'a str,
    pub context: &'a str,
    /// The API server's or the Docker host's address.
    pub server: &'a str,
    /// Empty: the cluster as a whole.
    pub namespace: &'a str,
    /// The namespace's `environment` label.
    pub label: Option<&'a str>,
}

/// The environment of a cluster or a namespace. In this order: the first rule that names its namespace, the
/// `environment` of its `[[kubernetes]]` entry, the first other rule, the namespace's label, then what its names say,
/// the strictest of them. Nothing known means production.
pub fn environment(config: &Config, at: Whereabouts<'_>) -> Environment {
    told(config, at).unwrap_or_default()
}

/// As [`environment`]; none if nothing says what it is.
pub fn told(config: &Config, at: Whereabouts<'_>) -> Option<Environment> {
    let by_rule = |of_namespace: bool| {
        config
            .environments
            .iter()
            .filter(|rule| rule.namespace.is_empty() != of_namespace)
            .find(|rule| fits(rule, at))
            .map(|rule| rule.environment)
    };
    by_rule(true)
        .or_else(|| of_endpoint(config, at))
        .or_else(|| by_rule(false))
        .or_else(|| named(at.label?))
        .or_else(|| {
            // A development namespace on a production cluster still shares its nodes.
            [at.namespace, at.context, at.endpoint]
                .into_iter()
                .filter_map(told_by)
                .max()
        })
        // A socket is of this machine.
        .or_else(|| {
            at.server
                .starts_with("unix://")
                .then_some(Environment::Development)
        })
}

/// An environment by its name or one of its usual short forms, in any case.
pub fn named(word: &str) -> Option<Environment> {
    match word.to_ascii_lowercase().as_str() {
        "production" | "prod" | "prd" | "live" => Some(Environment::Production),
        "staging" | "stage" | "stag" | "stg" => Some(Environment::Staging),
        "development" | "develop" | "devel" | "dev" => Some(Environment::Development),
        _ => None,
    }
}

/// Whether text fits a pattern in which `*` stands for any characters, in any case.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_lowercase(), text.to_lowercase());
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    for part in parts {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

fn of_endpoint(config: &Config, at: Whereabouts<'_>) -> Option<Environment> {
    let host = config.docker.iter().find(|entry| {
        let names = [&entry.name]
            .into_iter()
            .chain(&entry.context)
            .chain(&entry.host);
        names
            .into_iter()
            .any(|name| !name.is_empty() && *name == at.endpoint)
    });
    if let Some(environment) = host.and_then(|entry| entry.environment) {
        return Some(environment);
    }
    let entry = config.kubernetes.iter().find(|entry| {
        let name = if entry.name.is_empty() {
            entry.context.as_deref().unwrap_or_default()
        } else {
            &entry.name
        };
        !name.is_empty() && name == at.endpoint
    });
    entry?.environment
}

fn fits(rule: &EnvironmentRule, at: Whereabouts<'_>) -> bool {
    let mut asked = false;
    for (patterns, text) in [
        (&rule.context, at.context),
        (&rule.server, at.server),
        (&rule.namespace, at.namespace),
        (&rule.endpoint, at.endpoint),
    ] {
        if patterns.is_empty() {
            continue;
        }
        asked = true;
        if text.is_empty() || !patterns.iter().any(|pattern| matches(pattern, text)) {
            return false;
        }
    }
    asked
}

/// What a name says by itself. `prod` anywhere counts; `dev` and `stag` only as a word of their own, because a
/// `device-gateway` may well be production.
fn told_by(name: &str) -> Option<Environment> {
    let name = name.to_ascii_lowercase();
    if name.contains("prod") {
        return Some(Environment::Production);
    }
    if LOCAL.iter().any(|pattern| matches(pattern, &name)) {
        return Some(Environment::Development);
    }
    name.split(|character: char| !character.is_ascii_alphanumeric())
        .filter_map(|word| {
            let word = word.trim_end_matches(|character: char| character.is_ascii_digit());
            if word.starts_with("stag") || word.ends_with("staging") || word == "stg" {
                Some(Environment::Staging)
            } else if word.ends_with("dev") || word.starts_with("devel") {
                Some(Environment::Development)
            } else {
                None
            }
        })
        .max()
}
