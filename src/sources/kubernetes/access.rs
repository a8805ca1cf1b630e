//! What the user may do: the server's own rules for a namespace, and where to look when the whole cluster is denied.
//!
//! The endpoint's loop asks [`reach`] once a cluster-wide list is denied; whoever wants to know a permission
//! beforehand keeps an [`Access`].

use std::collections::BTreeMap;
use std::time::Duration;

use futures::StreamExt;
use serde_json::Value;
use tokio::time::Instant;

use super::watches::Reach;
use crate::clients::fault::Fault;
use crate::clients::kube::{Reader, Review};
use crate::model::{Kind, Name};

/// How long an answer about permissions is believed.
const BELIEVED: Duration = Duration::from_mins(5);
/// Namespaces looked into when the whole cluster is denied; more would be a storm of watches.
const NAMESPACES_AT_MOST: usize = 64;

/// What is permitted in one namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    rules: Vec<Rule>,
    /// The server could not tell all; what is not listed may still be permitted.
    incomplete: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Rule {
    verbs: Vec<String>,
    groups: Vec<String>,
    resources: Vec<String>,
    names: Vec<String>,
}

/// Permissions by namespace, asked once in five minutes.
pub struct Access {
    reader: Reader,
    known: BTreeMap<Name, (Instant, Rules)>,
}

impl Rules {
    /// Reads a SelfSubjectRulesReview.
    pub fn read(review: &Value) -> Self {
        let status = review.get("status");
        let rules = status.and_then(|status| status.get("resourceRules")?.as_array());
        let words = |rule: &Value, key: &str| -> Vec<String> {
            let list = rule.get(key).and_then(Value::as_array);
            let words = list.into_iter().flatten().filter_map(Value::as_str);
            words.map(str::to_owned).collect()
        };
        Self {
            rules: rules
                .into_iter()
                .flatten()
                .map(|rule| Rule {
                    verbs: words(rule, "verbs"),
                    groups: words(rule, "apiGroups"),
                    resources: words(rule, "resources"),
                    names: words(rule, "resourceNames"),
                })
                .collect(),
            incomplete: status.and_then(|status| status.get("incomplete")?.as_bool()) == Some(true),
        }
    }

    /// Whether a verb is permitted on all objects of a resource (`pods`, `pods/log`). Where the server could not tell,
    /// yes: it will say no itself.
    pub fn allow(&self, verb: &str, group: &str, resource: &str) -> bool {
        let covers = |list: &[String], word: &str| list.iter().any(|one| one == "*" || one == word);
        let below = resource
            .split_once('/')
            .map(|(_, below)| format!("*/{below}"));
        self.incomplete
            || self.rules.iter().any(|rule| {
                rule.names.is_empty()
                    && covers(&rule.verbs, verb)
                    && covers(&rule.groups, group)
                    && (covers(&rule.resources, resource)
                        || below
                            .as_ref()
                            .is_some_and(|below| rule.resources.contains(below)))
            })
    }

    /// Whether a kind may be listed.
    pub fn lists(&self, kind: &Kind) -> bool {
        self.allow("list", kind.group(), kind.plural())
    }
}

impl Access {
    pub fn new(reader: Reader) -> Self {
        Self {
            reader,
            known: BTreeMap::new(),
        }
    }

    /// What is permitted in a namespace.
    ///
    /// # Errors
    /// When the server does not answer the question.
    pub async fn rules(&mut self, namespace: &Name) -> Result<Rules, Fault> {
        if let Some((at, rules)) = self.known.get(namespace)
            && at.elapsed() < BELIEVED
        {
            return Ok(rules.clone());
        }
        let rules = ask(&self.reader, namespace.as_str()).await?;
        self.known.retain(|_, (at, _)| at.elapsed() < BELIEVED);
        self.known
            .insert(namespace.clone(), (Instant::now(), rules.clone()));
        Ok(rules)
    }
}

async fn ask(reader: &Reader, namespace: &str) -> Result<Rules, Fault> {
    let review = Review::Rules {
        namespace: namespace.to_owned(),
    };
    Ok(Rules::read(&reader.review(&review).await?))
}

/// The namespaces that the user may look into: all of the cluster's if they may be listed, else those that are known
/// from the settings, each with what is permitted there. At most 64, four questions at a time.
pub(super) async fn reach(reader: Reader, known: Vec<Name>) -> Vec<Reach> {
    let listed = reader
        .json(
            &format!("/api/v1/namespaces?limit={NAMESPACES_AT_MOST}"),
            "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json",
        )
        .await;
    let mut names = known;
    if let Ok(list) = listed {
        let items = list.get("items").and_then(Value::as_array);
        let found = items.into_iter().flatten();
        names.extend(
            found.filter_map(|item| item.pointer("/metadata/name")?.as_str().map(Name::new)),
        );
    }
    names.sort();
    names.dedup();
    names.truncate(NAMESPACES_AT_MOST);
    futures::stream::iter(names)
        .map(|namespace| {
            let reader = reader.clone();
            async move {
                let rules = ask(&reader, namespace.as_str()).await.ok();
                Reach { namespace, rules }
            }
        })
        .buffered(4)
        .collect()
        .await
}
