//! Which cluster and which object a command means. Nothing is guessed where it could be another one.

use std::sync::Arc;

use super::Act;
use crate::actions::run::{self, Desk, Site, Way};
use crate::actions::{self, Action, Refusal};
use crate::cli::answers;
use crate::cli::gather::Gathering;
use crate::config::Config;
use crate::model::{EndpointId, Kind, Name, Target, Text};
use crate::sources::{self, How, Opening};

/// The namespace of a context that names none, as kubectl has it.
const DEFAULT_NAMESPACE: &str = "default";

/// The action of this name.
pub(super) fn action(name: &str) -> Result<&'static dyn Action, Refusal> {
    actions::find(name).ok_or_else(|| argument(format!("no action is called {name}")))
}

/// The endpoint and the object.
pub(super) async fn target(
    config: &Config,
    desk: &Arc<Desk>,
    act: &Act,
) -> Result<(Site, Target), Refusal> {
    let opening = endpoint(config)?;
    let namespace = match (&act.namespace, &*opening.endpoint.namespace) {
        (Some(namespace), _) => Name::new(namespace),
        (None, "") => Name::new(DEFAULT_NAMESPACE),
        (None, _) => opening.endpoint.namespace.clone(),
    };
    let site = site(desk, opening)?;
    let action = action(&act.action)?;
    let of = |kind: Kind, name: &str| Target {
        endpoint: site.endpoint.id,
        namespace: if kind.namespaced() {
            namespace.clone()
        } else {
            Name::default()
        },
        kind,
        name: Name::new(name),
        uid: None,
    };
    let target = match act.target.split_once('/') {
        Some((kind, name)) if !kind.is_empty() && !name.is_empty() => {
            of(kind_of(config, kind).await?, name)
        }
        Some(_) => return Err(argument(format!("\"{}\" is not KIND/NAME", act.target))),
        None => named(&site, action, &act.target, of).await?,
    };
    if !action.applies(&target.kind) {
        let kinds: Vec<&str> = applicable(action).map(Kind::name).collect();
        return Err(argument(format!(
            "{} cannot be done to a {}: it is for {}",
            action.name(),
            target.kind.name(),
            kinds.join(", ")
        )));
    }
    Ok((site, target))
}

/// The one endpoint that is open; several have to be told apart.
fn endpoint(config: &Config) -> Result<Opening, Refusal> {
    let mut openings = sources::kubernetes::find(config);
    match (openings.len(), openings.pop()) {
        (1, Some(opening)) => Ok(opening),
        (0, _) | (_, None) => Err(argument(
            "no cluster is configured and none was found".to_owned(),
        )),
        _ => {
            let all = sources::kubernetes::find(config);
            let names: Vec<&str> = all.iter().map(|one| one.endpoint.name.as_str()).collect();
            Err(argument(format!(
                "which cluster? --context {}",
                names.join(" or --context ")
            )))
        }
    }
}

fn site(desk: &Arc<Desk>, opening: Opening) -> Result<Site, Refusal> {
    #[allow(
        irrefutable_let_patterns,
        reason = "one engine so far has a command line"
    )]
    let How::Kubernetes(choice) = opening.how else {
        return Err(argument("this endpoint takes no actions yet".to_owned()));
    };
    Ok(Site::new(desk, opening.endpoint, Way::Kubernetes(choice)))
}

/// The kind that a word means; the cluster is asked if it is none of ours.
async fn kind_of(config: &Config, word: &str) -> Result<Kind, Refusal> {
    if let Some(kind) = Kind::find(word) {
        return Ok(kind);
    }
    let mut gathering = Gathering::start(config);
    let ids: Vec<EndpointId> = gathering.endpoints().map(|endpoint| endpoint.id).collect();
    let unknown = || argument(format!("no kind is called \"{word}\""));
    let view = answers::view(&mut gathering, word, &ids)
        .await
        .map_err(|_| unknown())?;
    view.kinds().first().cloned().ok_or_else(unknown)
}

/// The kinds of ours that an action is for.
fn applicable(action: &dyn Action) -> impl Iterator<Item = &'static Kind> {
    Kind::built_in()
        .map(|(kind, _)| kind)
        .filter(move |kind| action.applies(kind))
}

/// The object of a name alone: the only kind that the action is for, or the only workload that has it.
async fn named(
    site: &Site,
    action: &dyn Action,
    name: &str,
    of: impl Fn(Kind, &str) -> Target,
) -> Result<Target, Refusal> {
    let kinds: Vec<&Kind> = applicable(action).collect();
    if let [kind] = kinds.as_slice() {
        return Ok(of((*kind).clone(), name));
    }
    let mut found = Vec::new();
    for kind in kinds {
        let workload = matches!(kind, Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet);
        if workload && run::exists(site, &of(kind.clone(), name)).await? {
            found.push(kind.clone());
        }
    }
    match (found.len(), found.pop()) {
        (1, Some(kind)) => Ok(of(kind, name)),
        (0, _) | (_, None) => Err(Refusal::NotFound(Text::from(format!(
            "no workload called {name}; write KIND/NAME for others, it"
        )))),
        _ => Err(argument(format!(
            "several workloads are called {name}: write KIND/{name}"
        ))),
    }
}

fn argument(words: String) -> Refusal {
    Refusal::Argument(Text::from(words))
}
