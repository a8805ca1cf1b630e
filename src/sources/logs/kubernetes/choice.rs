//! From what was asked for to pods: which ones to list and watch, and which of those to keep.

use crate::clients::fault::Fault;
use crate::clients::kube::Reader;
use crate::model::{Kind, LogTarget, Name, Target};
use crate::sources::kubernetes::json::word;
use crate::sources::kubernetes::related::{encode, query};

use super::pod::Pod;

/// Pods to follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    /// Empty: all of them.
    pub(super) namespace: Name,
    /// `&labelSelector=…`, `&fieldSelector=…`, or nothing.
    pub(super) query: String,
    pub(super) keep: Keep,
    /// Only this container.
    pub(super) container: Option<Name>,
}

/// Which of the listed pods belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    All,
    /// Those that this controller keeps, through all its generations.
    Of {
        kind: &'static str,
        name: Name,
    },
    /// Those of a CronJob's Jobs.
    Runs {
        cron: Name,
    },
}

/// Why a target has no pods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Nothing {
    /// Asking failed; what was asked for: `get`, `deployments.apps`.
    Fault(Fault, String),
    /// It never will have: in words.
    Never(String),
}

impl Choice {
    pub(super) fn keeps(&self, pod: &Pod) -> bool {
        match &self.keep {
            Keep::All => true,
            Keep::Of { kind, name } => {
                let owner = pod.owner.as_ref();
                let owner = owner.map(|(kind, name)| (kind.as_str(), name.as_str()));
                [pod.group(), owner].contains(&Some((kind, name.as_str())))
            }
            Keep::Runs { cron } => pod.owner.as_ref().is_some_and(|(kind, name)| {
                let run = name.strip_prefix(cron.as_str());
                let run = run.and_then(|rest| rest.strip_prefix('-'));
                // The minute that the run is for; a Job of another name would have another word here.
                kind.as_str() == "Job"
                    && run.is_some_and(|run| !run.is_empty() && !run.contains('-'))
            }),
        }
    }

    /// Whether a container of a pod that is kept is wanted.
    pub(super) fn wants(&self, container: &Name) -> bool {
        self.container.as_ref().is_none_or(|name| name == container)
    }
}

/// Finds out which pods a target means.
pub(super) async fn of(reader: &Reader, target: &LogTarget) -> Result<Choice, Nothing> {
    match target {
        LogTarget::Object(target) => object(reader, target, 2).await,
        LogTarget::Container { pod, container } => Ok(Choice {
            container: Some(container.clone()),
            ..named(pod)
        }),
        LogTarget::Selector {
            namespace,
            selector,
            ..
        } => Ok(all(
            namespace.clone(),
            format!("&labelSelector={}", encode(selector)),
        )),
        LogTarget::Query { .. } => Err(Nothing::Never(
            "a cluster answers no queries: name an object or labels".to_owned(),
        )),
    }
}

fn all(namespace: Name, query: String) -> Choice {
    Choice {
        namespace,
        query,
        keep: Keep::All,
        container: None,
    }
}

/// A pod by its name, whichever one has it.
fn named(pod: &Target) -> Choice {
    all(
        pod.namespace.clone(),
        format!("&fieldSelector=metadata.name%3D{}", encode(&pod.name)),
    )
}

/// An object; `hops` are left to what it points at.
async fn object(reader: &Reader, target: &Target, hops: u8) -> Result<Choice, Nothing> {
    let namespace = target.namespace.clone();
    let kind = &target.kind;
    match kind {
        Kind::Pod => return Ok(named(target)),
        Kind::Namespace => return Ok(all(target.name.clone(), String::new())),
        Kind::Node => {
            let query = format!("&fieldSelector=spec.nodeName%3D{}", encode(&target.name));
            return Ok(all(Name::default(), query));
        }
        _ => {}
    }
    let path = format!("{}/{}", kind.path(&namespace), target.name);
    let found = reader.json(&path, "application/json").await;
    let found = found.map_err(|fault| Nothing::Fault(fault, kind.resource()))?;
    if *kind == Kind::CronJob {
        return Ok(Choice {
            keep: Keep::Runs {
                cron: target.name.clone(),
            },
            ..all(namespace, "&labelSelector=job-name".to_owned())
        });
    }
    if *kind == Kind::HorizontalPodAutoscaler && hops > 0 {
        let scaled = word(&found, "/spec/scaleTargetRef/kind");
        if let Some(kind) = Kind::find(scaled) {
            let target = Target {
                kind,
                name: Name::new(word(&found, "/spec/scaleTargetRef/name")),
                uid: None,
                ..target.clone()
            };
            return Box::pin(object(reader, &target, hops - 1)).await;
        }
    }
    let chosen = found.pointer("/spec/selector").map(query);
    let Some(chosen) = chosen.filter(|query| !query.is_empty()) else {
        return Err(Nothing::Never(format!(
            "{} {} chooses no pods",
            kind.name().to_lowercase(),
            target.name
        )));
    };
    let keep = match kind {
        Kind::Deployment | Kind::StatefulSet | Kind::DaemonSet | Kind::ReplicaSet | Kind::Job => {
            Keep::Of {
                kind: kind.info().map_or("", |info| info.kind),
                name: target.name.clone(),
            }
        }
        _ => Keep::All,
    };
    Ok(Choice {
        keep,
        ..all(namespace, chosen)
    })
}
