//! A watch that is spoken in JSON, one event a line: for tables of kinds that have no protobuf, and for the opened
//! object. Lines are bounded; a broken one is an error, not a panic. And how their faults show.

use std::time::Duration;

use bytes::BytesMut;
use http::Response;
use http_body_util::BodyExt;
use kube::client::Body;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::clients::clock;
use crate::clients::fault::Fault;
use crate::model::{Kind, Moment, SourceStatus, Text};
use crate::sources::backoff::Backoff;

/// Most bytes of one event.
const LINE_AT_MOST: usize = 32 << 20;
/// Bookmarks come about every minute; a watch that says nothing for longer may have lost its connection.
const SILENT_AFTER: Duration = Duration::from_secs(90);

/// One event of a watch.
#[derive(Debug)]
pub(super) enum Event<T> {
    /// Added or changed: both say what the object is now.
    Is(T),
    Deleted(T),
    /// The version up to which all has been told.
    Bookmark(String),
    /// The server ends the watch: 410 when the version is no longer kept.
    Error {
        code: u16,
        message: String,
    },
}

/// The events of a watch as they arrive.
pub(super) struct Events {
    body: Body,
    buffer: BytesMut,
    searched: usize,
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    sort: String,
    #[serde(borrow)]
    object: &'a serde_json::value::RawValue,
}

#[derive(Deserialize)]
struct Versioned {
    metadata: Version,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Version {
    #[serde(default)]
    resource_version: String,
}

#[derive(Deserialize)]
struct Status {
    #[serde(default)]
    code: u16,
    #[serde(default)]
    message: String,
}

impl Events {
    pub(super) fn new(answer: Response<Body>) -> Self {
        Self {
            body: answer.into_body(),
            buffer: BytesMut::new(),
            searched: 0,
        }
    }

    /// The next event; none at the end. Cancel-safe.
    ///
    /// # Errors
    /// A broken connection, 90 s of silence, or a line that is no event.
    pub(super) async fn next<T: DeserializeOwned>(&mut self) -> Result<Option<Event<T>>, Fault> {
        loop {
            if let Some(at) = self
                .buffer
                .iter()
                .skip(self.searched)
                .position(|byte| *byte == b'\n')
            {
                let line = self.buffer.split_to(self.searched + at + 1);
                self.searched = 0;
                if line.iter().all(u8::is_ascii_whitespace) {
                    continue;
                }
                return read(&line).map(Some);
            }
            self.searched = self.buffer.len();
            if self.searched > LINE_AT_MOST {
                return Err(Fault::Foreign("an event of more than 32 MB".to_owned()));
            }
            let frame = tokio::time::timeout(SILENT_AFTER, self.body.frame());
            match frame.await {
                Err(_) => return Err(Fault::Unreachable("nothing heard for 90 s".to_owned())),
                Ok(None) => return Ok(None),
                Ok(Some(Ok(frame))) => {
                    if let Some(data) = frame.data_ref() {
                        self.buffer.extend_from_slice(data);
                    }
                }
                Ok(Some(Err(error))) => {
                    return Err(Fault::Unreachable(format!("the watch broke off: {error}")));
                }
            }
        }
    }
}

fn read<T: DeserializeOwned>(line: &[u8]) -> Result<Event<T>, Fault> {
    let broken = |_| Fault::Foreign("a broken watch event".to_owned());
    let line: Line<'_> = serde_json::from_slice(line).map_err(broken)?;
    let object = line.object.get();
    match line.sort.as_str() {
        "BOOKMARK" => {
            let object: Versioned = serde_json::from_str(object).map_err(broken)?;
            Ok(Event::Bookmark(object.metadata.resource_version))
        }
        "ERROR" => {
            let status: Status = serde_json::from_str(object).map_err(broken)?;
            Ok(Event::Error {
                code: status.code,
                message: status.message,
            })
        }
        "DELETED" => serde_json::from_str(object)
            .map(Event::Deleted)
            .map_err(broken),
        _ => serde_json::from_str(object).map(Event::Is).map_err(broken),
    }
}

/// The query of a watch that starts behind a version.
pub(super) fn query(version: &str, backoff: &mut Backoff) -> String {
    let seconds = seconds(backoff);
    format!(
        "watch=true&allowWatchBookmarks=true&timeoutSeconds={seconds}&resourceVersion={version}"
    )
}

/// How long a watch is asked to last, in seconds: 180 ± 10 %, so that watches do not end in step.
pub(super) fn seconds(backoff: &mut Backoff) -> u64 {
    162 + (36.0 * backoff.share()) as u64
}

/// How a fault of listing or watching a kind shows while it is waited for `pause`.
pub(super) fn status(fault: &Fault, kind: &Kind, since: Moment, pause: Duration) -> SourceStatus {
    match fault {
        Fault::Forbidden(_) => SourceStatus::Denied {
            verb: Text::new("list"),
            resource: Text::from(kind.resource()),
        },
        fault => SourceStatus::Stale {
            since,
            cause: Text::from(fault.to_string()),
            retry_at: Some(clock::after(pause)),
        },
    }
}
