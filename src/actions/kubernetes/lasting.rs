//! Whether a change will stay: who else manages the object, by the marks that they leave on it. Pure.

use std::time::Duration;

use serde_json::Value;

use crate::actions::facts::{list, text};
use crate::actions::plan::{Lasting, Warning, Weight};
use crate::model::Text;

/// How soon Argo CD's self-healing acts.
const ARGO_SELF_HEAL: Duration = Duration::from_secs(5);
/// Field managers of tools that apply from Git.
const APPLIERS: [&str; 4] = [
    "argocd-controller",
    "argocd-application-controller",
    "kustomize-controller",
    "helm-controller",
];

/// Whether a change of a field (`spec.template`, `spec.replicas`) of the object will stay.
pub fn of(object: &Value, field: &[&str]) -> Lasting {
    let annotation = |key: &str| mark(object, "annotations", key);
    let label = |key: &str| mark(object, "labels", key);
    let owned = owners(object, field);
    let applied = owned.iter().any(|manager| APPLIERS.contains(manager));
    if let Some(id) = annotation("argocd.argoproj.io/tracking-id") {
        let app = id.split(':').next().unwrap_or(id);
        return if applied {
            Lasting::Reverts {
                by: Text::from(format!("Argo CD application {app}, if it heals itself,")),
                within: Some(ARGO_SELF_HEAL),
            }
        } else {
            Lasting::Unknown {
                why: Text::from(format!(
                    "Argo CD application {app} manages the object, though not this field by its marks."
                )),
            }
        };
    }
    if let Some(name) = label("kustomize.toolkit.fluxcd.io/name") {
        let namespace = label("kustomize.toolkit.fluxcd.io/namespace").unwrap_or_default();
        if annotation("kustomize.toolkit.fluxcd.io/reconcile") == Some("disabled") {
            return Lasting::Persists;
        }
        return if applied {
            Lasting::Reverts {
                by: Text::from(format!("Flux Kustomization {namespace}/{name}")),
                within: None,
            }
        } else {
            Lasting::Unknown {
                why: Text::from(format!(
                    "Flux Kustomization {namespace}/{name} manages the object, though not this field by its marks."
                )),
            }
        };
    }
    if let Some(name) = label("helm.toolkit.fluxcd.io/name") {
        return Lasting::Unknown {
            why: Text::from(format!(
                "Flux HelmRelease {name} manages it and takes changes back if it detects drift."
            )),
        };
    }
    if let Some(release) = annotation("meta.helm.sh/release-name") {
        return Lasting::Unknown {
            why: Text::from(format!(
                "Helm release {release} manages it: it stays until the next upgrade."
            )),
        };
    }
    Lasting::Persists
}

/// What is worth knowing beside the verdict.
pub fn notes(object: &Value) -> Vec<Warning> {
    let applied = mark(
        object,
        "annotations",
        "kubectl.kubernetes.io/last-applied-configuration",
    );
    applied
        .map(|_| {
            Warning::new(
                Weight::Note,
                "It was applied with kubectl: the next apply of its file sets what stands there.",
            )
        })
        .into_iter()
        .collect()
}

/// Who wrote a field or something below it, as managed fields say.
pub fn owners<'a>(object: &'a Value, field: &[&str]) -> Vec<&'a str> {
    list(object, "/metadata/managedFields")
        .iter()
        .filter(|entry| {
            let mut at = entry.get("fieldsV1");
            for part in field {
                at = at.and_then(|fields| fields.get(format!("f:{part}")));
            }
            at.is_some()
        })
        .map(|entry| text(entry, "/manager"))
        .collect()
}

/// Who wrote last, status aside: the manager and when.
pub fn last_writer(object: &Value) -> Option<(&str, &str)> {
    list(object, "/metadata/managedFields")
        .iter()
        .filter(|entry| text(entry, "/subresource") != "status")
        .map(|entry| (text(entry, "/manager"), text(entry, "/time")))
        .max_by_key(|(_, time)| time.to_owned())
}

fn mark<'a>(object: &'a Value, part: &str, key: &str) -> Option<&'a str> {
    object.get("metadata")?.get(part)?.get(key)?.as_str()
}
