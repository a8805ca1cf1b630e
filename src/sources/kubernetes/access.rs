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
pub use crate::clients::rules::Rules;
use crate::model::Name;

/// How long an answer about permissions is believed.
const BELIEVED: Duration = Duration::from_mins(5);
/// Namespaces looked into when the whole cluster is denied; more would be a storm of watches.
const NAMESPACES_AT_MOST: usize = 64;

/// Permissions by namespace, asked once in five minutes.
pub struct Access {
    reader: Reader,
    known: BTreeMap<Name, (Instant, Rules)>,
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
