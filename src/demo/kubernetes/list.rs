//! Lists: a snapshot, selected, in pages when asked, and sent as it is encoded.
//!
//! What must stay true: all pages of one list show one version, and no list is ever held encoded as a whole.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use serde_json::{Value, json};

use super::Context;
use super::accept::{Encoding, Format, Shape};
use super::protobuf::{self, bytes, nested, varint, varint_length};
use super::reply::{self, Failure, Reply, Stream};
use super::route::{Path, Query};
use super::select::Selection;
use super::table;
use crate::demo::world::Snapshot;
use crate::demo::world::item::Item;
use crate::demo::world::resource::Resource;

/// How much is encoded before it is sent.
const PIECE: usize = 64 * 1024;

/// The part of a snapshot that answers one request.
struct Page {
    snapshot: Arc<Snapshot>,
    indexes: Vec<u32>,
    next: Option<String>,
    remaining: Option<u64>,
}

/// Answers a list.
pub(crate) fn list(
    context: &Arc<Context>,
    path: &Path,
    query: &Query,
    format: Format,
) -> Result<Reply, Failure> {
    let selection = selection(path, query)?;
    let page = page(context, path.resource, query, &selection)?;
    let (tx, body) = reply::stream();
    let resource = path.resource;
    let include = table::Include::of(query);
    let now = context.shared.lock().now;
    let printer = context.printer(resource);
    tokio::spawn(async move {
        match (format.shape, format.encoding) {
            (Shape::Table, _) => {
                printer
                    .send(
                        &page.snapshot,
                        &page.indexes,
                        &page.metadata(),
                        include,
                        now,
                        &tx,
                    )
                    .await;
            }
            (Shape::Partial, Encoding::Json) => page.partial_json(resource, &tx).await,
            (Shape::Partial, Encoding::Protobuf) => page.partial_protobuf(resource, &tx).await,
            (_, Encoding::Json) => page.json(resource, &tx).await,
            (_, Encoding::Protobuf) => page.protobuf(resource, &tx).await,
        }
    });
    Ok(reply::typed(&format.content_type(false), body))
}

/// The selectors of a list or a watch; a name in the path selects as a field does.
pub(crate) fn selection(path: &Path, query: &Query) -> Result<Selection, Failure> {
    Selection::parse(
        path.namespace.clone(),
        query.get("labelSelector"),
        query.get("fieldSelector"),
    )
    .map_err(Failure::bad_request)
}

fn page(
    context: &Arc<Context>,
    resource: &'static Resource,
    query: &Query,
    selection: &Selection,
) -> Result<Page, Failure> {
    let version = query.get("resourceVersion");
    let (snapshot, start) = snapshot(context, resource, query, version)?;
    // the watch cache, which answers version 0, does not cut into pages
    let limit = query
        .number("limit")
        .filter(|l| *l > 0 && version != Some("0"))
        .unwrap_or(u64::MAX);
    let all = snapshot
        .indexes(selection.namespace.as_deref())
        .skip_while(|i| *i < start);
    let mut matching = all.filter(|index| matches_at(&snapshot, selection, *index));
    let mut indexes = Vec::new();
    let mut next = None;
    for index in matching.by_ref() {
        if indexes.len() as u64 == limit {
            next = Some(index);
            break;
        }
        indexes.push(index as u32);
    }
    let remaining = next
        .filter(|_| !selection.narrows())
        .map(|_| 1 + matching.count() as u64);
    let next = next.map(|index| token_of(snapshot.version, index));
    if next.is_some() && query.get("continue").is_none() {
        context.shared.lock().keep(&snapshot);
    }
    Ok(Page {
        snapshot,
        indexes,
        next,
        remaining,
    })
}

/// The snapshot that a request asks for, and where in it to begin.
fn snapshot(
    context: &Arc<Context>,
    resource: &'static Resource,
    query: &Query,
    version: Option<&str>,
) -> Result<(Arc<Snapshot>, usize), Failure> {
    let cluster = context.shared.lock();
    let Some(token) = query.get("continue") else {
        return Ok((at_version(&cluster, resource, query, version)?, 0));
    };
    let (version, start) = read_token(token).ok_or_else(|| {
        Failure::bad_request("continue key is not valid: encoded continuation key was malformed")
    })?;
    let kept = cluster.kept(resource, version).ok_or_else(|| {
        let fresh = token_of(cluster.version(), start);
        Failure::expired(
            "The provided continue parameter is too old to display a consistent list result. You can start a new list without \
             the continue parameter, or use the continue token in this response to retrieve the remainder of the results. \
             Continuing with the provided token results in an inconsistent list - objects that were created, modified, or \
             deleted between the time the first chunk was returned and now may show up in the list.",
        )
        .with(json!({"continue": fresh}))
    })?;
    Ok((kept, start))
}

fn matches_at(snapshot: &Snapshot, selection: &Selection, index: usize) -> bool {
    // without a selection the fleet's members need not be looked at
    (selection.namespace.is_none() && !selection.narrows())
        || selection.matches(&snapshot.item(index))
}

fn at_version(
    cluster: &crate::demo::world::Cluster,
    resource: &'static Resource,
    query: &Query,
    version: Option<&str>,
) -> Result<Arc<Snapshot>, Failure> {
    let wanted: u64 = version.unwrap_or("0").parse().map_err(|_| {
        Failure::bad_request(format!(
            "Invalid value: \"{}\": invalid resource version",
            version.unwrap_or_default()
        ))
    })?;
    if wanted > cluster.version() {
        let message = format!(
            "Too large resource version: {wanted}, current: {}",
            cluster.version()
        );
        return Err(Failure::new(504, "Timeout", format!("Timeout: {message}")).with(json!({"retryAfterSeconds": 1,
            "causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}]})));
    }
    match query.get("resourceVersionMatch") {
        None | Some("NotOlderThan") => {}
        Some("Exact") if wanted > 0 => {
            let unchanged = cluster.read(resource).is_none_or(|t| t.latest <= wanted);
            if !unchanged {
                return cluster.kept(resource, wanted).ok_or_else(|| {
                    Failure::expired("The resourceVersion for the provided list is too old.")
                });
            }
        }
        Some(other) => {
            return Err(Failure::new(
                422,
                "Invalid",
                format!(
                    "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: \
                resourceVersionMatch {other} is forbidden"
                ),
            ));
        }
    }
    Ok(Arc::new(cluster.snapshot(resource)))
}

fn token_of(version: u64, start: usize) -> String {
    URL_SAFE_NO_PAD
        .encode(json!({"v": "meta.k8s.io/v1", "rv": version, "start": start}).to_string())
}

fn read_token(token: &str) -> Option<(u64, usize)> {
    let text = URL_SAFE_NO_PAD.decode(token).ok()?;
    let token: Value = serde_json::from_slice(&text).ok()?;
    Some((
        token.get("rv")?.as_u64()?,
        token.get("start")?.as_u64()? as usize,
    ))
}

impl Page {
    fn metadata(&self) -> Value {
        let mut metadata = json!({"resourceVersion": self.snapshot.version.to_string()});
        if let Some(map) = metadata.as_object_mut() {
            if let Some(next) = &self.next {
                map.insert("continue".into(), next.clone().into());
            }
            if let Some(remaining) = self.remaining {
                map.insert("remainingItemCount".into(), remaining.into());
            }
        }
        metadata
    }

    fn items(&self) -> impl Iterator<Item = Item> {
        self.indexes
            .iter()
            .map(|index| self.snapshot.item(*index as usize))
    }

    async fn json(&self, resource: &Resource, tx: &Stream) {
        // lists of built-in kinds do not repeat the type in each item
        let named = resource.message.is_empty();
        let head = head(
            &format!("{}List", resource.kind),
            &resource.api_version(),
            &self.metadata(),
        );
        rows(head, self.items(), tx, |item, out| {
            item.json(resource, named, out);
        })
        .await;
    }

    async fn partial_json(&self, resource: &Resource, tx: &Stream) {
        let head = head(
            "PartialObjectMetadataList",
            "meta.k8s.io/v1",
            &self.metadata(),
        );
        rows(head, self.items(), tx, |item, out| {
            out.extend_from_slice(partial(&item.value(), resource).to_string().as_bytes());
        })
        .await;
    }

    async fn partial_protobuf(&self, resource: &Resource, tx: &Stream) {
        let mut content = Vec::new();
        nested(1, &mut content, |out| {
            protobuf::message("meta.ListMeta", &self.metadata(), out);
        });
        for item in self.items() {
            let partial = partial(&item.value(), resource);
            nested(2, &mut content, |out| {
                protobuf::message("meta.PartialObjectMetadata", &partial, out);
            });
        }
        let body = protobuf::body("meta.k8s.io/v1", "PartialObjectMetadataList", &content);
        let _closed = tx.send(Ok(Bytes::from(body))).await;
    }

    /// The envelope names the length of what follows, so lengths are added up first; templates know theirs.
    async fn protobuf(&self, resource: &Resource, tx: &Stream) {
        let mut metadata = Vec::new();
        nested(1, &mut metadata, |out| {
            protobuf::message("meta.ListMeta", &self.metadata(), out);
        });
        let mut total = metadata.len();
        let mut whole = std::collections::VecDeque::new();
        for item in self.items() {
            let known = match &item {
                Item::Fleet(member) => member.protobuf_length(),
                Item::Whole(_) => None,
            };
            let length = known.unwrap_or_else(|| {
                let mut content = Vec::new();
                item.protobuf(resource, &mut content);
                let length = content.len();
                whole.push_back(content);
                length
            });
            total += 1 + varint_length(length as u64) + length;
        }
        let (mut out, tail) = protobuf::envelope(
            &resource.api_version(),
            &format!("{}List", resource.kind),
            total,
        );
        out.extend_from_slice(&metadata);
        for item in self.items() {
            match &item {
                Item::Fleet(member) if member.protobuf_length().is_some() => {
                    varint(2 << 3 | 2, &mut out);
                    varint(member.protobuf_length().unwrap_or(0) as u64, &mut out);
                    member.protobuf(&mut out);
                }
                _ => bytes(2, &whole.pop_front().unwrap_or_default(), &mut out),
            }
            if out.len() >= PIECE
                && tx
                    .send(Ok(Bytes::from(std::mem::take(&mut out))))
                    .await
                    .is_err()
            {
                return;
            }
        }
        out.extend_from_slice(tail);
        let _closed = tx.send(Ok(Bytes::from(out))).await;
    }
}

/// The beginning of a list up to its first item.
pub(crate) fn head(kind: &str, api_version: &str, metadata: &Value) -> Vec<u8> {
    format!(r#"{{"kind":"{kind}","apiVersion":"{api_version}","metadata":{metadata},"items":["#)
        .into_bytes()
}

/// Sends items between commas, and what closes the list.
pub(crate) async fn rows<T>(
    head: Vec<u8>,
    items: impl Iterator<Item = T>,
    tx: &Stream,
    write: impl Fn(T, &mut Vec<u8>),
) {
    let mut out = head;
    let mut first = true;
    for item in items {
        if !first {
            out.push(b',');
        }
        first = false;
        write(item, &mut out);
        if out.len() >= PIECE
            && tx
                .send(Ok(Bytes::from(std::mem::take(&mut out))))
                .await
                .is_err()
        {
            return;
        }
    }
    out.extend_from_slice(b"]}\n");
    let _closed = tx.send(Ok(Bytes::from(out))).await;
}

/// Type and metadata of an object.
pub(crate) fn partial(object: &Value, _resource: &Resource) -> Value {
    json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object.get("metadata").cloned().unwrap_or_default()})
}
