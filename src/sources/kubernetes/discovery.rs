//! Which kinds a server knows beside the built-in ones, and finding one by the word an operator types.
//!
//! The endpoint runs [`run`] once the first rows are there. Discovery is read in two requests where the server can
//! aggregate it, again whenever a CustomResourceDefinition changes, when somebody asks, and every ten minutes.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use serde_json::Value;
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};

use super::json::{list, word, words};
use super::jsonwatch::{self, Event, Events};
use crate::clients::fault::Fault;
use crate::clients::kube::Reader;
use crate::model::{Batch, Change, CustomKind, Feed, Kind, SourceStatus, Text};
use crate::sources::backoff::Backoff;

pub(super) const AGGREGATED: &str =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";
const METADATA_LIST: &str =
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
const METADATA: &str =
    "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
const DEFINITIONS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
/// What no watch tells: APIs that other servers add.
const REFRESH: Duration = Duration::from_mins(10);
/// A new definition takes a moment until it is served.
const SETTLE: Duration = Duration::from_secs(2);

/// Discovers, and discovers again, until dropped. `known_tx` hands the kinds to the tasks of the same endpoint.
pub(super) async fn run(
    reader: Reader,
    feed: Feed,
    mut asked_rx: mpsc::Receiver<()>,
    known_tx: watch::Sender<Arc<Vec<CustomKind>>>,
    batches: mpsc::Sender<Batch>,
) {
    let mut backoff = Backoff::default();
    let mut version = String::new();
    loop {
        let changes = match discover(&reader).await {
            Ok(kinds) => {
                backoff.reset();
                known_tx.send_replace(Arc::new(kinds.clone()));
                vec![Change::Kinds(kinds), Change::Status(SourceStatus::Live)]
            }
            Err(fault) => {
                let pause = backoff.after(&fault);
                let status = SourceStatus::Off {
                    why: Text::from(fault.to_string()),
                };
                send(&feed, vec![Change::Status(status)], &batches).await;
                sleep(pause).await;
                continue;
            }
        };
        send(&feed, changes, &batches).await;
        tokio::select! {
            Some(()) = asked_rx.recv() => {}
            () = changed(&reader, &mut version) => {}
            () = sleep(REFRESH) => {}
        }
        sleep(SETTLE).await;
        // What was asked meanwhile is answered by the same look.
        while asked_rx.try_recv().is_ok() {}
    }
}

async fn send(feed: &Feed, changes: Vec<Change>, batches: &mpsc::Sender<Batch>) {
    let feed = feed.clone();
    let _ = batches.send(Batch { feed, changes }).await;
}

/// Waits until a definition has changed; for ever where the user may not watch them.
async fn changed(reader: &Reader, version: &mut String) {
    let mut backoff = Backoff::default();
    loop {
        let fault = match change(reader, version, &mut backoff).await {
            Ok(true) => return,
            Ok(false) => continue,
            Err(Fault::Forbidden(_) | Fault::NotFound) => return std::future::pending().await,
            Err(fault) => fault,
        };
        if fault == Fault::Gone {
            version.clear();
            return;
        }
        sleep(backoff.after(&fault)).await;
    }
}

/// Watches the definitions until the watch ends; true if one has changed.
async fn change(
    reader: &Reader,
    version: &mut String,
    backoff: &mut Backoff,
) -> Result<bool, Fault> {
    if version.is_empty() {
        let path = format!("{DEFINITIONS}?limit=1");
        let page = reader.json(&path, METADATA_LIST).await?;
        word(&page, "/metadata/resourceVersion").clone_into(version);
    }
    let path = format!("{DEFINITIONS}?{}", jsonwatch::query(version, backoff));
    let mut events = Events::new(reader.stream(&path, METADATA).await?);
    loop {
        match events.next::<Value>().await? {
            Some(Event::Is(object) | Event::Deleted(object)) => {
                word(&object, "/metadata/resourceVersion").clone_into(version);
                return Ok(true);
            }
            Some(Event::Bookmark(at)) => *version = at,
            Some(Event::Error { code: 410, .. }) => return Err(Fault::Gone),
            Some(Event::Error { code, message }) => return Err(Fault::Refused { code, message }),
            None => return Ok(false),
        }
    }
}

/// Reads all kinds that can be listed and have no columns of our own.
pub(super) async fn discover(reader: &Reader) -> Result<Vec<CustomKind>, Fault> {
    let (core, groups) = tokio::join!(
        reader.json("/api", AGGREGATED),
        reader.json("/apis", AGGREGATED)
    );
    let (core, groups) = (core?, groups?);
    let mut kinds = Vec::new();
    for document in [&core, &groups] {
        if word(document, "/kind") == "APIGroupDiscoveryList" {
            kinds.extend(read_aggregated(document));
        } else {
            kinds.extend(legacy(reader, document).await?);
        }
    }
    kinds.retain(|kind| !is_built_in(kind));
    Ok(kinds)
}

/// Reads an aggregated document: each kind in the version that the server prefers.
pub fn read_aggregated(document: &Value) -> Vec<CustomKind> {
    let mut kinds: Vec<CustomKind> = Vec::new();
    for group in list(document, "/items") {
        let name = word(group, "/metadata/name");
        for version in list(group, "/versions") {
            for resource in list(version, "/resources") {
                let kind = CustomKind {
                    kind: word(resource, "/responseKind/kind").to_owned(),
                    plural: word(resource, "/resource").to_owned(),
                    singular: word(resource, "/singularResource").to_owned(),
                    short: words(resource, "/shortNames"),
                    group: name.to_owned(),
                    version: word(version, "/version").to_owned(),
                    namespaced: word(resource, "/scope") == "Namespaced",
                    verbs: words(resource, "/verbs"),
                };
                add(&mut kinds, kind);
            }
        }
    }
    kinds
}

/// Adds a kind that can be listed, unless a version before told it.
fn add(kinds: &mut Vec<CustomKind>, kind: CustomKind) {
    let listable = kind.verbs.iter().any(|verb| verb == "list");
    let known = |other: &CustomKind| other.group == kind.group && other.plural == kind.plural;
    if listable && !kind.plural.contains('/') && !kinds.iter().any(known) {
        kinds.push(kind);
    }
}

/// Follows the documents of a server that cannot aggregate: one request a version of each group.
async fn legacy(reader: &Reader, document: &Value) -> Result<Vec<CustomKind>, Fault> {
    let mut places: Vec<(String, String, String)> = words(document, "/versions")
        .into_iter()
        .map(|version| (format!("/api/{version}"), String::new(), version))
        .collect();
    for group in list(document, "/groups") {
        let name = word(group, "/name");
        let preferred = word(group, "/preferredVersion/version");
        let mut versions: Vec<&str> = list(group, "/versions")
            .iter()
            .map(|version| word(version, "/version"))
            .collect();
        versions.sort_by_key(|version| *version != preferred);
        places.extend(versions.into_iter().map(|version| {
            (
                format!("/apis/{name}/{version}"),
                name.to_owned(),
                version.to_owned(),
            )
        }));
    }
    let answers: Vec<_> = futures::stream::iter(places)
        .map(|(path, group, version)| async move {
            (reader.json(&path, "application/json").await, group, version)
        })
        .buffered(4)
        .collect()
        .await;
    let mut kinds = Vec::new();
    for (answer, group, version) in answers {
        match answer {
            Ok(answer) => {
                for kind in read_legacy(&answer, &group, &version) {
                    add(&mut kinds, kind);
                }
            }
            // One group whose own server is down must not hide the others.
            Err(Fault::Unauthorized(words)) => return Err(Fault::Unauthorized(words)),
            Err(fault) => tracing::warn!("kinds of {group}/{version} are unknown: {fault}"),
        }
    }
    Ok(kinds)
}

/// Reads one APIResourceList.
fn read_legacy(document: &Value, group: &str, version: &str) -> Vec<CustomKind> {
    list(document, "/resources")
        .iter()
        .map(|resource| CustomKind {
            kind: word(resource, "/kind").to_owned(),
            plural: word(resource, "/name").to_owned(),
            singular: word(resource, "/singularName").to_owned(),
            short: words(resource, "/shortNames"),
            group: group.to_owned(),
            version: version.to_owned(),
            namespaced: resource.get("namespaced").and_then(Value::as_bool) == Some(true),
            verbs: words(resource, "/verbs"),
        })
        .collect()
}

fn is_built_in(kind: &CustomKind) -> bool {
    Kind::built_in().any(|(_, info)| info.group == kind.group && info.plural == kind.plural)
}

/// The kind that an operator means: by plural, singular, short or kind name, `plural.group` or
/// `plural.version.group`, in any case. Built-in kinds come first, then the server's in its order.
///
/// # Errors
/// At most five names that are near.
pub fn find(kinds: &[CustomKind], word: &str) -> Result<Kind, Vec<String>> {
    if let Some(kind) = Kind::find(word) {
        return Ok(kind);
    }
    let wanted = word.to_lowercase();
    let named = |kind: &CustomKind| {
        kind.plural == wanted
            || kind.singular == wanted
            || kind.kind.to_lowercase() == wanted
            || kind.short.contains(&wanted)
    };
    let full = |kind: &CustomKind| {
        let rest = |name: &str| {
            wanted
                .strip_prefix(name)?
                .strip_prefix('.')
                .map(str::to_owned)
        };
        let rest = rest(&kind.plural).or_else(|| rest(&kind.singular));
        rest.is_some_and(|rest| {
            rest == kind.group || rest == format!("{}.{}", kind.version, kind.group)
        })
    };
    // metrics.k8s.io calls its samples pods and nodes; they are no objects to look at.
    let object = |kind: &&CustomKind| kind.group != "metrics.k8s.io";
    let found = kinds.iter().filter(object).find(|kind| named(kind));
    let found = found.or_else(|| kinds.iter().find(|kind| full(kind)));
    found
        .map(|kind| Kind::Custom(Arc::new(kind.clone())))
        .ok_or_else(|| near(kinds, &wanted))
}

fn near(kinds: &[CustomKind], wanted: &str) -> Vec<String> {
    let built_in = Kind::built_in().map(|(_, info)| (info.plural, info.singular));
    let custom = kinds
        .iter()
        .map(|kind| (kind.plural.as_str(), kind.singular.as_str()));
    let mut scored: Vec<(f64, &str)> = built_in
        .chain(custom)
        .map(|(plural, singular)| {
            let score =
                strsim::jaro_winkler(plural, wanted).max(strsim::jaro_winkler(singular, wanted));
            (score, plural)
        })
        .filter(|(score, _)| *score > 0.78)
        .collect();
    scored.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(other.1)));
    scored.dedup_by(|one, other| one.1 == other.1);
    scored
        .into_iter()
        .take(5)
        .map(|(_, name)| name.to_owned())
        .collect()
}

/// Waits until the kinds are known, at most as long as given.
pub(super) async fn known(
    kinds: &mut watch::Receiver<Arc<Vec<CustomKind>>>,
    at_most: Duration,
) -> Arc<Vec<CustomKind>> {
    let _ = timeout(at_most, kinds.wait_for(|kinds| !kinds.is_empty())).await;
    kinds.borrow().clone()
}
