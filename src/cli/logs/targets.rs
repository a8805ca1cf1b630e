//! From words such as `deployment/shop`, `compose/storefront/api` or `{app="shop"}` to what the sources are asked for.
//! Pure.

use crate::model::{Endpoint, EndpointId, Engine, Kind, LogTarget, Name, Target, Text};

/// What to read, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    pub targets: Vec<String>,
    /// None: the endpoint's own; empty: all.
    pub namespaces: Option<Vec<String>>,
    pub selector: Option<String>,
    pub container: Option<String>,
}

/// The namespace of a context that names none.
const DEFAULT_NAMESPACE: &str = "default";

/// What is asked of the endpoints that are open.
///
/// # Errors
/// Says what a word should have been.
pub fn targets(words: &Words, endpoints: &[Endpoint]) -> Result<Vec<LogTarget>, String> {
    let mut targets = Vec::new();
    if words.targets.is_empty() && words.selector.is_none() && words.namespaces.is_none() {
        return Err(
            "say whose logs: pod/NAME, deployment/NAME, namespace/NAME, compose/PROJECT, -l LABELS"
                .to_owned(),
        );
    }
    for word in &words.targets {
        let before = targets.len();
        one(word, words, endpoints, &mut targets)?;
        if targets.len() == before {
            let hint = if word.starts_with('{') {
                ": no Loki is configured, see [[loki]] and LOKI_URL"
            } else {
                ""
            };
            return Err(format!("nothing that is open has logs of \"{word}\"{hint}"));
        }
    }
    if words.targets.is_empty() {
        for endpoint in endpoints
            .iter()
            .filter(|one| one.engine == Engine::Kubernetes)
        {
            for namespace in namespaces(words, endpoint) {
                targets.push(LogTarget::Selector {
                    endpoint: endpoint.id,
                    namespace,
                    selector: Text::new(words.selector.as_deref().unwrap_or_default()),
                });
            }
        }
    }
    Ok(targets)
}

fn one(
    word: &str,
    words: &Words,
    endpoints: &[Endpoint],
    targets: &mut Vec<LogTarget>,
) -> Result<(), String> {
    if word.starts_with('{') {
        let open = endpoints.iter().filter(|one| one.engine == Engine::Loki);
        targets.extend(open.map(|endpoint| LogTarget::Query {
            endpoint: endpoint.id,
            query: Text::new(word),
        }));
        return Ok(());
    }
    let (first, rest) = word.split_once('/').unwrap_or(("", word));
    if rest.is_empty() {
        return Err(format!("\"{word}\" names nothing: write KIND/NAME"));
    }
    let docker = match first {
        "compose" => match rest.split_once('/') {
            Some((project, service)) => Some((Kind::ComposeService, project, service)),
            None => Some((Kind::ComposeProject, "", rest)),
        },
        "swarm" => Some((Kind::SwarmService, "", rest)),
        "stack" => Some((Kind::SwarmStack, "", rest)),
        "container" | "containers" => Some((Kind::Container, "", rest)),
        _ => None,
    };
    if let Some((kind, namespace, name)) = docker {
        let open = endpoints.iter().filter(|one| one.engine == Engine::Docker);
        targets.extend(open.map(|endpoint| object(endpoint.id, &kind, namespace, name)));
        return Ok(());
    }
    let kind = match first {
        "" => Kind::Pod,
        word => Kind::find(word).ok_or_else(|| unknown(word))?,
    };
    if kind == Kind::SwarmService || kind.engine() == Engine::Docker {
        let open = endpoints.iter().filter(|one| one.engine == Engine::Docker);
        targets.extend(open.map(|endpoint| object(endpoint.id, &kind, "", rest)));
        return Ok(());
    }
    for endpoint in endpoints
        .iter()
        .filter(|one| one.engine == Engine::Kubernetes)
    {
        let places = if kind.namespaced() {
            namespaces(words, endpoint)
        } else {
            vec![Name::default()]
        };
        for namespace in places {
            if namespace.is_empty() && kind.namespaced() {
                return Err(format!("\"{word}\" is in one namespace: name it with -n"));
            }
            let target = Target {
                endpoint: endpoint.id,
                kind: kind.clone(),
                namespace,
                name: Name::new(rest),
                uid: None,
            };
            targets.push(match &words.container {
                Some(container) if kind == Kind::Pod => LogTarget::Container {
                    pod: target,
                    container: Name::new(container),
                },
                _ => LogTarget::Object(target),
            });
        }
    }
    Ok(())
}

fn object(endpoint: EndpointId, kind: &Kind, namespace: &str, name: &str) -> LogTarget {
    LogTarget::Object(Target {
        endpoint,
        kind: kind.clone(),
        namespace: Name::new(namespace),
        name: Name::new(name),
        uid: None,
    })
}

fn unknown(word: &str) -> String {
    format!(
        "\"{word}\" is no kind that has logs: pod, deployment, statefulset, daemonset, job, cronjob, service, \
         namespace, node, compose, swarm, container"
    )
}

fn namespaces(words: &Words, endpoint: &Endpoint) -> Vec<Name> {
    match &words.namespaces {
        Some(all) if all.is_empty() => vec![Name::default()],
        Some(names) => names.iter().map(|name| Name::new(name)).collect(),
        None if endpoint.namespace.is_empty() => vec![Name::new(DEFAULT_NAMESPACE)],
        None => vec![endpoint.namespace.clone()],
    }
}
