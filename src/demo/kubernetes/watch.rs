//! Watches: what stands, when asked for, and then each change as it is recorded.
//!
//! A watch reads the kind's ring of changes from its own cursor; it holds nothing else, so a slow client costs nothing and is
//! told 410 once the ring has left it behind.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::Context;
use super::accept::{Encoding, Format, Shape};
use super::faults::Poke;
use super::list::{partial, selection};
use super::protobuf;
use super::reply::{self, Failure, Reply, Stream};
use super::route::{Path, Query};
use super::select::Selection;
use super::table;
use crate::demo::world::item::Item;
use crate::demo::world::resource::Resource;
use crate::demo::world::table::{Change, Event};

/// How many changes are encoded at once.
const BATCH: usize = 512;

struct Watch {
    context: Arc<Context>,
    resource: &'static Resource,
    selection: Selection,
    format: Format,
    include: table::Include,
    printer: table::Printer,
    /// A table's first event carries its columns.
    columns_sent: bool,
    cursor: u64,
    bookmarks: bool,
    uri: String,
}

/// Answers a watch.
pub(crate) fn watch(
    context: &Arc<Context>,
    path: &Path,
    query: &Query,
    format: Format,
    uri: &str,
) -> Result<Reply, Failure> {
    if query.get("sendInitialEvents").is_some() {
        let field = "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled";
        return Err(Failure::new(422, "Invalid", format!("ListOptions.meta.k8s.io \"\" is invalid: {field}")).with(json!({
            "group": "meta.k8s.io", "kind": "ListOptions", "causes": [{"reason": "FieldValueForbidden",
            "message": "Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled", "field": "sendInitialEvents"}]})));
    }
    let mut selection = selection(path, query)?;
    if let Some(name) = &path.name {
        let fields = format!("metadata.name={name}");
        selection = Selection::parse(
            path.namespace.clone(),
            query.get("labelSelector"),
            Some(&fields),
        )
        .map_err(Failure::bad_request)?;
    }
    let version = query.get("resourceVersion").unwrap_or("0");
    let from: u64 = version.parse().map_err(|_| {
        Failure::bad_request(format!(
            "Invalid value: \"{version}\": invalid resource version"
        ))
    })?;
    let seconds = query.number("timeoutSeconds").unwrap_or(1800).min(86_400);
    let (tx, body) = reply::stream();
    let watch = Watch {
        context: Arc::clone(context),
        resource: path.resource,
        selection,
        format,
        include: table::Include::of(query),
        columns_sent: false,
        printer: context.printer(path.resource),
        cursor: from,
        bookmarks: query.flag("allowWatchBookmarks"),
        uri: uri.to_owned(),
    };
    tokio::spawn(watch.run(from == 0, Instant::now() + Duration::from_secs(seconds), tx));
    Ok(reply::typed(&format.content_type(true), body))
}

impl Watch {
    async fn run(mut self, from_now: bool, until: Instant, tx: Stream) {
        let mut changed = self.context.shared.subscribe();
        let mut pokes = self.context.faults.pokes();
        if from_now && self.standing(&tx).await.is_err() {
            return;
        }
        let mut bookmark = Instant::now() + self.context.bookmark_every();
        loop {
            match self.changes() {
                Ok(out) if out.is_empty() => {}
                Ok(out) => {
                    if tx.send(Ok(Bytes::from(out))).await.is_err() {
                        return;
                    }
                    continue;
                }
                Err(gone) => {
                    let _closed = tx.send(Ok(Bytes::from(self.error(&gone)))).await;
                    return;
                }
            }
            tokio::select! {
                () = tx.closed() => return,
                () = tokio::time::sleep_until(until) => return,
                () = tokio::time::sleep_until(bookmark), if self.bookmarks => {
                    bookmark = Instant::now() + self.context.bookmark_every();
                    if tx.send(Ok(Bytes::from(self.bookmark()))).await.is_err() {
                        return;
                    }
                }
                Ok((prefix, poke)) = pokes.recv() => {
                    if self.uri.starts_with(&prefix) && !self.poked(poke, &tx).await {
                        return;
                    }
                }
                changed = changed.changed() => if changed.is_err() { return },
            }
        }
    }

    /// Does what a test asks of open watches; false ends this one.
    async fn poked(&self, poke: Poke, tx: &Stream) -> bool {
        let (bytes, stay) = match poke {
            Poke::Close => return false,
            Poke::Gone => {
                let gone = Failure::expired(format!(
                    "too old resource version: {} ({})",
                    self.cursor,
                    self.cursor + 1
                ));
                (self.error(&gone), false)
            }
            Poke::Bookmark => (self.bookmark(), true),
            Poke::Raw(bytes) => (bytes, true),
            Poke::Break => {
                let _closed = tx
                    .send(Err(std::io::ErrorKind::ConnectionReset.into()))
                    .await;
                return false;
            }
        };
        tx.send(Ok(Bytes::from(bytes))).await.is_ok() && stay
    }

    /// Sends all that stands as added, and begins after it.
    async fn standing(&mut self, tx: &Stream) -> Result<(), ()> {
        let snapshot = self.context.shared.lock().snapshot(self.resource);
        self.cursor = snapshot.version;
        let mut out = Vec::new();
        for index in snapshot.indexes(self.selection.namespace.as_deref()) {
            let item = snapshot.item(index);
            if self.selection.matches(&item) {
                self.event(Change::Added.word(), &item, &mut out);
            }
            if out.len() > 64 * 1024 {
                tx.send(Ok(Bytes::from(std::mem::take(&mut out))))
                    .await
                    .map_err(drop)?;
            }
        }
        tx.send(Ok(Bytes::from(out))).await.map_err(drop)
    }

    /// The next changes, encoded; nothing when the watch is up to date.
    fn changes(&mut self) -> Result<Vec<u8>, Failure> {
        let mut out = Vec::new();
        loop {
            let (events, end) = {
                let cluster = self.context.shared.lock();
                let Some(table) = cluster.read(self.resource) else {
                    return Ok(out);
                };
                if self.cursor < table.compacted {
                    return Err(Failure::expired(format!(
                        "too old resource version: {} ({})",
                        self.cursor, table.compacted
                    )));
                }
                let events: Vec<Event> = table.since(self.cursor, BATCH).cloned().collect();
                (events, cluster.version())
            };
            self.cursor = match events.last() {
                Some(last) if events.len() == BATCH => last.version,
                _ => self.cursor.max(end),
            };
            for event in &events {
                self.select(event, &mut out);
            }
            if events.len() < BATCH || !out.is_empty() {
                return Ok(out);
            }
        }
    }

    fn select(&mut self, event: &Event, out: &mut Vec<u8>) {
        let now = self.selection.matches(&event.item);
        let before = match (&event.before, event.change) {
            (Some(before), _) => self.selection.matches(&Item::Whole(Arc::clone(before))),
            (None, Change::Added) => false,
            (None, _) => now,
        };
        let word = match (before, now, event.change) {
            (true, _, Change::Deleted) | (true, false, _) => Change::Deleted,
            (false, true, Change::Added | Change::Modified) => Change::Added,
            (true, true, _) => Change::Modified,
            _ => return,
        };
        self.event(word.word(), &event.item, out);
    }

    fn event(&mut self, word: &str, item: &Item, out: &mut Vec<u8>) {
        let resource = self.resource;
        match (self.format.shape, self.format.encoding) {
            (Shape::Table, _) => {
                let now = self.context.shared.lock().now;
                let table =
                    self.printer
                        .single(&item.value(), self.include, !self.columns_sent, now);
                self.columns_sent = true;
                line(word, table.to_string().as_bytes(), out);
            }
            (Shape::Partial, Encoding::Json) => {
                line(
                    word,
                    partial(&item.value(), resource).to_string().as_bytes(),
                    out,
                );
            }
            (Shape::Partial, Encoding::Protobuf) => {
                let mut content = Vec::new();
                protobuf::message(
                    "meta.PartialObjectMetadata",
                    &partial(&item.value(), resource),
                    &mut content,
                );
                frame(
                    word,
                    &protobuf::body("meta.k8s.io/v1", "PartialObjectMetadata", &content),
                    out,
                );
            }
            (_, Encoding::Json) => {
                let mut body = Vec::new();
                item.json(resource, true, &mut body);
                line(word, &body, out);
            }
            (_, Encoding::Protobuf) => {
                let mut content = Vec::new();
                item.protobuf(resource, &mut content);
                frame(
                    word,
                    &protobuf::body(&resource.api_version(), resource.kind, &content),
                    out,
                );
            }
        }
    }

    fn bookmark(&self) -> Vec<u8> {
        let object: Value = json!({"metadata": {"resourceVersion": self.cursor.to_string(), "creationTimestamp": null}});
        let mut out = Vec::new();
        let (api_version, kind, message) = match self.format.shape {
            Shape::Table => {
                let object = json!({"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {"resourceVersion": self.cursor.to_string()},
                    "columnDefinitions": [], "rows": []});
                line("BOOKMARK", object.to_string().as_bytes(), &mut out);
                return out;
            }
            Shape::Partial => (
                "meta.k8s.io/v1".to_owned(),
                "PartialObjectMetadata",
                "meta.PartialObjectMetadata",
            ),
            _ => (
                self.resource.api_version(),
                self.resource.kind,
                self.resource.message,
            ),
        };
        let body = reply::encode(&api_version, kind, message, &object, self.format.encoding);
        self.wrap("BOOKMARK", &body, &mut out);
        out
    }

    fn error(&self, failure: &Failure) -> Vec<u8> {
        let mut out = Vec::new();
        self.wrap("ERROR", &failure.body(self.format.encoding), &mut out);
        out
    }

    fn wrap(&self, word: &str, body: &[u8], out: &mut Vec<u8>) {
        match self.format.encoding {
            Encoding::Json => line(word, body.trim_ascii_end(), out),
            Encoding::Protobuf => frame(word, body, out),
        }
    }
}

/// One JSON event on a line.
fn line(word: &str, object: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(format!(r#"{{"type":"{word}","object":"#).as_bytes());
    out.extend_from_slice(object);
    out.extend_from_slice(b"}\n");
}

/// One protobuf event behind its length in four bytes, big end first.
fn frame(word: &str, body: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    protobuf::bytes(1, word.as_bytes(), out);
    protobuf::nested(2, out, |out| protobuf::bytes(1, body, out));
    let length = (out.len() - start - 4) as u32;
    if let Some(place) = out.get_mut(start..start + 4) {
        place.copy_from_slice(&length.to_be_bytes());
    }
}
