//! What an opened object is related to: its owners, what it owns, what selects it, what it mounts, where it runs.
//!
//! `document` calls [`find`] when an object is opened and, at most every ten seconds, when it changes. Names and uids
//! are all that is asked for wherever the server can give them alone. What may not be read is left out.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;

use super::discovery;
use super::json::{labels, list, word, words};
use crate::clients::kube::Reader;
use crate::model::{CustomKind, Kind, Labels, Name, Related, Target, Uid};

const METADATA: &str =
    "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
const METADATA_LIST: &str =
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
/// Longest chain of owners that is followed.
const OWNERS_AT_MOST: usize = 6;
/// Most objects of one list.
const LIST_AT_MOST: usize = 500;
/// Most related objects in all.
const AT_MOST: usize = 300;

/// Kinds that discovery knows, once it does.
type Kinds = watch::Receiver<Arc<Vec<CustomKind>>>;

/// Finds what is related: owners (nearest first), then children, then the rest.
pub(super) async fn find(
    reader: &Reader,
    mut kinds: Kinds,
    target: &Target,
    object: &Value,
) -> Vec<Related> {
    let near = Near { reader, target };
    let owners = near.owners(&mut kinds, object).await;
    let uid = word(object, "/metadata/uid").to_owned();
    let (children, choosing, scaling) = tokio::join!(
        near.children(object, &uid),
        near.choosing(object),
        near.scaling(&owners),
    );
    let mut related = owners;
    related.extend(children);
    related.extend(choosing);
    related.extend(scaling);
    related.extend(near.named(object));
    let mut seen = std::collections::HashSet::new();
    related.retain(|one| {
        seen.insert((
            one.relation.clone(),
            one.target.kind.clone(),
            one.target.name.clone(),
        ))
    });
    related.truncate(AT_MOST);
    related
}

struct Near<'a> {
    reader: &'a Reader,
    target: &'a Target,
}

impl Near<'_> {
    fn related(&self, relation: &str, kind: Kind, name: &str, uid: Option<Uid>) -> Related {
        let namespace = if kind.namespaced() {
            self.target.namespace.clone()
        } else {
            Name::default()
        };
        Related {
            relation: Name::new(relation),
            target: Target {
                endpoint: self.target.endpoint,
                kind,
                namespace,
                name: Name::new(name),
                uid,
            },
        }
    }

    /// The chain of owners, nearest first.
    async fn owners(&self, kinds: &mut Kinds, object: &Value) -> Vec<Related> {
        let mut chain: Vec<Related> = Vec::new();
        let mut object = object.clone();
        while chain.len() < OWNERS_AT_MOST {
            let owners = list(&object, "/metadata/ownerReferences");
            let controls =
                |owner: &&Value| owner.get("controller").and_then(Value::as_bool) == Some(true);
            let Some(owner) = owners.iter().find(controls).or_else(|| owners.first()) else {
                break;
            };
            let Some(kind) = kind_of(word(owner, "/apiVersion"), word(owner, "/kind"), kinds).await
            else {
                break;
            };
            let uid = Uid::parse(word(owner, "/uid"));
            if chain.iter().any(|known| known.target.uid == Some(uid)) {
                break;
            }
            let owner = self.related("owner", kind, word(owner, "/name"), Some(uid));
            let path = format!(
                "{}/{}",
                owner.target.kind.path(owner.target.namespace.as_str()),
                owner.target.name
            );
            chain.push(owner);
            match self.reader.json(&path, METADATA).await {
                Ok(found) => object = found,
                Err(_) => break,
            }
        }
        chain
    }

    /// Objects of a kind in the target's namespace, names and uids only.
    async fn list(&self, kind: &Kind, query: &str) -> Vec<Value> {
        let namespace = if self.target.kind == Kind::Node {
            ""
        } else {
            self.target.namespace.as_str()
        };
        self.items(&kind.path(namespace), query, METADATA_LIST)
            .await
    }

    /// Objects of a kind in the target's namespace, whole.
    async fn whole(&self, kind: &Kind) -> Vec<Value> {
        self.items(
            &kind.path(self.target.namespace.as_str()),
            "",
            "application/json",
        )
        .await
    }

    async fn items(&self, path: &str, query: &str, accept: &str) -> Vec<Value> {
        let path = format!("{path}?limit={LIST_AT_MOST}{query}");
        match self.reader.json(&path, accept).await {
            Ok(mut list) => match list.get_mut("items").map(Value::take) {
                Some(Value::Array(items)) => items,
                _ => Vec::new(),
            },
            Err(_) => Vec::new(),
        }
    }

    /// What the object owns, by uid; a deployment's pods through its replica sets.
    async fn children(&self, object: &Value, uid: &str) -> Vec<Related> {
        let selector = query(object.pointer("/spec/selector").unwrap_or(&Value::Null));
        let kind = &self.target.kind;
        let (lists, query) = match kind {
            Kind::Deployment => (vec![Kind::ReplicaSet, Kind::Pod], selector),
            Kind::ReplicaSet | Kind::StatefulSet | Kind::DaemonSet | Kind::Job => {
                (vec![Kind::Pod], selector)
            }
            Kind::CronJob => (vec![Kind::Job], String::new()),
            Kind::Service => {
                return self.served(object).await;
            }
            Kind::Node => {
                let query = format!("&fieldSelector=spec.nodeName%3D{}", self.target.name);
                let pods = self.list(&Kind::Pod, &query).await;
                return pods
                    .iter()
                    .map(|pod| self.found("child", &Kind::Pod, pod))
                    .collect();
            }
            Kind::HorizontalPodAutoscaler => return self.scaled(object),
            _ => return Vec::new(),
        };
        let mut parents = vec![uid.to_owned()];
        let mut children = Vec::new();
        for kind in lists {
            let mut next = Vec::new();
            for item in self.list(&kind, &query).await {
                let owned = list(&item, "/metadata/ownerReferences")
                    .iter()
                    .any(|owner| parents.iter().any(|parent| parent == word(owner, "/uid")));
                if owned {
                    next.push(word(&item, "/metadata/uid").to_owned());
                    children.push(self.found("child", &kind, &item));
                }
            }
            parents = next;
        }
        children
    }

    fn found(&self, relation: &str, kind: &Kind, item: &Value) -> Related {
        let uid = Uid::parse(word(item, "/metadata/uid"));
        let mut related = self.related(
            relation,
            kind.clone(),
            word(item, "/metadata/name"),
            Some(uid),
        );
        if kind.namespaced() {
            related.target.namespace = Name::new(word(item, "/metadata/namespace"));
        }
        related
    }

    /// The pods that a service chooses, and its endpoint slices.
    async fn served(&self, object: &Value) -> Vec<Related> {
        let slices = format!(
            "&labelSelector=kubernetes.io%2Fservice-name%3D{}",
            self.target.name
        );
        let selector = query(object.pointer("/spec/selector").unwrap_or(&Value::Null));
        let pods = async {
            // No selector chooses nothing, while an empty query would list all.
            if selector.is_empty() {
                Vec::new()
            } else {
                self.list(&Kind::Pod, &selector).await
            }
        };
        let (pods, slices) = tokio::join!(pods, self.list(&Kind::EndpointSlice, &slices));
        let pods = pods.iter().map(|pod| self.found("child", &Kind::Pod, pod));
        pods.chain(
            slices
                .iter()
                .map(|slice| self.found("child", &Kind::EndpointSlice, slice)),
        )
        .collect()
    }

    /// What an autoscaler scales.
    fn scaled(&self, object: &Value) -> Vec<Related> {
        let target = object
            .pointer("/spec/scaleTargetRef")
            .unwrap_or(&Value::Null);
        let kind = built_in(word(target, "/apiVersion"), word(target, "/kind"));
        kind.map(|kind| self.related("child", kind, word(target, "/name"), None))
            .into_iter()
            .collect()
    }

    /// Services and budgets that choose the pod or the pods of the workload.
    async fn choosing(&self, object: &Value) -> Vec<Related> {
        let labels = match self.target.kind {
            Kind::Pod => labels(object, "/metadata/labels"),
            Kind::Deployment
            | Kind::StatefulSet
            | Kind::DaemonSet
            | Kind::ReplicaSet
            | Kind::Job => labels(object, "/spec/template/metadata/labels"),
            _ => return Vec::new(),
        };
        let (services, budgets) = tokio::join!(
            self.whole(&Kind::Service),
            self.whole(&Kind::PodDisruptionBudget)
        );
        let services = services
            .iter()
            .filter(|service| labels.chosen_by(&self::labels(service, "/spec/selector")))
            .map(|service| self.found("service", &Kind::Service, service));
        let budgets = budgets
            .iter()
            .filter(|budget| {
                chooses(
                    budget.pointer("/spec/selector").unwrap_or(&Value::Null),
                    &labels,
                )
            })
            .map(|budget| self.found("budget", &Kind::PodDisruptionBudget, budget));
        services.chain(budgets).collect()
    }

    /// The autoscaler of the workload, or of the pod's.
    async fn scaling(&self, owners: &[Related]) -> Vec<Related> {
        let kinds = [
            Kind::Pod,
            Kind::Deployment,
            Kind::StatefulSet,
            Kind::ReplicaSet,
        ];
        if !kinds.contains(&self.target.kind) {
            return Vec::new();
        }
        let mut targets = vec![(self.target.kind.clone(), self.target.name.clone())];
        targets.extend(
            owners
                .iter()
                .map(|owner| (owner.target.kind.clone(), owner.target.name.clone())),
        );
        let scalers = self.whole(&Kind::HorizontalPodAutoscaler).await;
        let aims = |scaler: &&Value| {
            let (kind, name) = (
                word(scaler, "/spec/scaleTargetRef/kind"),
                word(scaler, "/spec/scaleTargetRef/name"),
            );
            targets
                .iter()
                .any(|(known, own)| known.name() == kind && own.as_str() == name)
        };
        let found = scalers.iter().filter(aims);
        found
            .map(|scaler| self.found("autoscaler", &Kind::HorizontalPodAutoscaler, scaler))
            .collect()
    }

    /// What the object itself names: the node, mounted config maps, secrets and claims, backends.
    fn named(&self, object: &Value) -> Vec<Related> {
        let mut named = Vec::new();
        let mut mounts = |kind: &Kind, name: &str| {
            if !name.is_empty() {
                named.push(self.related("mounts", kind.clone(), name, None));
            }
        };
        let spec = match self.target.kind {
            Kind::Pod => "/spec",
            Kind::CronJob => "/spec/jobTemplate/spec/template/spec",
            _ => "/spec/template/spec",
        };
        let spec = object.pointer(spec).unwrap_or(&Value::Null);
        for volume in list(spec, "/volumes") {
            mounts(&Kind::ConfigMap, word(volume, "/configMap/name"));
            mounts(&Kind::Secret, word(volume, "/secret/secretName"));
            mounts(
                &Kind::PersistentVolumeClaim,
                word(volume, "/persistentVolumeClaim/claimName"),
            );
            for source in list(volume, "/projected/sources") {
                mounts(&Kind::ConfigMap, word(source, "/configMap/name"));
                mounts(&Kind::Secret, word(source, "/secret/name"));
            }
        }
        for container in list(spec, "/containers")
            .iter()
            .chain(list(spec, "/initContainers"))
        {
            for source in list(container, "/envFrom") {
                mounts(&Kind::ConfigMap, word(source, "/configMapRef/name"));
                mounts(&Kind::Secret, word(source, "/secretRef/name"));
            }
            for variable in list(container, "/env") {
                mounts(
                    &Kind::ConfigMap,
                    word(variable, "/valueFrom/configMapKeyRef/name"),
                );
                mounts(
                    &Kind::Secret,
                    word(variable, "/valueFrom/secretKeyRef/name"),
                );
            }
        }
        for secret in list(spec, "/imagePullSecrets") {
            mounts(&Kind::Secret, word(secret, "/name"));
        }
        if self.target.kind == Kind::Pod && !word(object, "/spec/nodeName").is_empty() {
            named.push(self.related("runs on", Kind::Node, word(object, "/spec/nodeName"), None));
        }
        if self.target.kind == Kind::Ingress {
            for rule in list(object, "/spec/rules") {
                for path in list(rule, "/http/paths") {
                    let name = word(path, "/backend/service/name");
                    if !name.is_empty() {
                        named.push(self.related("service", Kind::Service, name, None));
                    }
                }
            }
        }
        if self.target.kind == Kind::Event {
            let about = object.pointer("/involvedObject").unwrap_or(&Value::Null);
            if let Some(kind) = built_in(word(about, "/apiVersion"), word(about, "/kind")) {
                let uid = Some(word(about, "/uid"))
                    .filter(|uid| !uid.is_empty())
                    .map(Uid::parse);
                named.push(self.related("about", kind, word(about, "/name"), uid));
            }
        }
        named
    }
}

/// The kind behind an API version and kind name.
async fn kind_of(version: &str, kind: &str, kinds: &mut Kinds) -> Option<Kind> {
    if let Some(kind) = built_in(version, kind) {
        return Some(kind);
    }
    let group = version.split_once('/').map_or("", |(group, _)| group);
    let known = discovery::known(kinds, Duration::from_secs(5)).await;
    let custom = known
        .iter()
        .find(|custom| custom.kind == kind && custom.group == group)?;
    Some(Kind::Custom(Arc::new(custom.clone())))
}

fn built_in(version: &str, kind: &str) -> Option<Kind> {
    let group = version.split_once('/').map_or("", |(group, _)| group);
    // Events and autoscalers may name no version at all.
    let same = |info: &crate::model::KindInfo| {
        info.kind == kind && (info.group == group || version.is_empty())
    };
    Kind::built_in()
        .find(|(_, info)| same(info))
        .map(|(kind, _)| kind.clone())
}

/// A label selector as a query; empty if it chooses nothing or all.
pub(in crate::sources) fn query(selector: &Value) -> String {
    let expressions = list(selector, "/matchExpressions");
    let plain = selector.get("matchLabels").is_none() && expressions.is_empty();
    let labels = labels(selector, if plain { "" } else { "/matchLabels" });
    let mut terms: Vec<String> = labels
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    for expression in expressions {
        let (key, values) = (
            word(expression, "/key"),
            words(expression, "/values").join(","),
        );
        terms.push(match word(expression, "/operator") {
            "In" => format!("{key} in ({values})"),
            "NotIn" => format!("{key} notin ({values})"),
            "Exists" => key.to_owned(),
            "DoesNotExist" => format!("!{key}"),
            _ => continue,
        });
    }
    if terms.is_empty() {
        return String::new();
    }
    let encoded = encode(&terms.join(","));
    format!("&labelSelector={encoded}")
}

/// Text as a value of a query.
pub(in crate::sources) fn encode(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}

/// Whether a label selector with expressions chooses labels. An empty one, of a budget, chooses all.
fn chooses(selector: &Value, labels: &Labels) -> bool {
    let exact = self::labels(selector, "/matchLabels");
    let expressions = list(selector, "/matchExpressions");
    if !selector.is_object() {
        return false;
    }
    exact
        .iter()
        .all(|(key, value)| labels.get(key) == Some(value))
        && expressions.iter().all(|expression| {
            let value = labels.get(word(expression, "/key"));
            let listed = words(expression, "/values");
            let among = value.is_some_and(|value| listed.iter().any(|one| one == value));
            match word(expression, "/operator") {
                "In" => among,
                "NotIn" => !among,
                "Exists" => value.is_some(),
                "DoesNotExist" => value.is_none(),
                _ => false,
            }
        })
}
