//! Answers: whole bodies, streamed bodies and the `Status` objects that failures are told in.

use std::io;

use bytes::Bytes;
use http::{Response, StatusCode, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::Frame;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::accept::{Encoding, Format};
use super::protobuf;

/// A body in one piece or in many.
pub(crate) type Body = UnsyncBoxBody<Bytes, io::Error>;
pub(crate) type Reply = Response<Body>;
/// Where a streamed body is written; an error breaks the connection off.
pub(crate) type Stream = mpsc::Sender<Result<Bytes, io::Error>>;

/// A failure as the API server words it.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) code: u16,
    pub(crate) reason: &'static str,
    pub(crate) message: String,
    pub(crate) details: Value,
}

impl Failure {
    pub(crate) fn new(code: u16, reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            reason,
            message: message.into(),
            details: Value::Null,
        }
    }

    pub(crate) fn with(mut self, details: Value) -> Self {
        self.details = details;
        self
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    /// No object of that name.
    pub(crate) fn not_found(qualified: &str, name: &str) -> Self {
        let (plural, group) = qualified.split_once('.').unwrap_or((qualified, ""));
        Self::new(404, "NotFound", format!("{qualified} \"{name}\" not found"))
            .with(with_group(json!({"name": name, "kind": plural}), group))
    }

    /// No such path.
    pub(crate) fn no_page() -> Self {
        Self::new(
            404,
            "NotFound",
            "the server could not find the requested resource",
        )
        .with(json!({}))
    }

    pub(crate) fn expired(message: impl Into<String>) -> Self {
        Self::new(410, "Expired", message)
    }

    /// The `Status` object, without type.
    pub(crate) fn status(&self) -> Value {
        let mut status = json!({"metadata": {}, "status": "Failure", "message": self.message, "reason": self.reason, "code": self.code});
        if !self.details.is_null()
            && let Some(status) = status.as_object_mut()
        {
            status.insert("details".into(), self.details.clone());
        }
        status
    }

    /// The `Status` as a body.
    pub(crate) fn body(&self, encoding: Encoding) -> Vec<u8> {
        encode("v1", "Status", "meta.Status", &self.status(), encoding)
    }

    pub(crate) fn reply(&self, format: Format) -> Reply {
        let format = Format {
            encoding: format.encoding,
            ..Format::JSON
        };
        let mut reply = whole(format, self.body(format.encoding));
        *reply.status_mut() =
            StatusCode::from_u16(self.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if let Some(after) = self
            .details
            .get("retryAfterSeconds")
            .and_then(Value::as_u64)
        {
            reply
                .headers_mut()
                .insert(header::RETRY_AFTER, after.into());
        }
        reply
    }
}

fn with_group(mut details: Value, group: &str) -> Value {
    if !group.is_empty()
        && let Some(map) = details.as_object_mut()
    {
        map.insert("group".into(), group.into());
    }
    details
}

/// An object with its type, encoded as a whole body.
pub(crate) fn encode(
    api_version: &str,
    kind: &str,
    message: &str,
    object: &Value,
    encoding: Encoding,
) -> Vec<u8> {
    match encoding {
        Encoding::Json => {
            let mut named = object.clone();
            if let Some(map) = named.as_object_mut() {
                map.insert("kind".into(), kind.into());
                map.insert("apiVersion".into(), api_version.into());
            }
            let mut body = named.to_string().into_bytes();
            body.push(b'\n');
            body
        }
        Encoding::Protobuf => {
            let mut content = Vec::new();
            protobuf::message(message, object, &mut content);
            protobuf::body(api_version, kind, &content)
        }
    }
}

/// 200 with a body in one piece.
pub(crate) fn whole(format: Format, body: impl Into<Bytes>) -> Reply {
    typed(
        &format.content_type(false),
        Full::new(body.into())
            .map_err(|e| match e {})
            .boxed_unsync(),
    )
}

/// 200 with JSON.
pub(crate) fn value(value: &Value) -> Reply {
    whole(Format::JSON, value.to_string())
}

/// 200 with a body of the given type.
pub(crate) fn typed(content_type: &str, body: Body) -> Reply {
    let mut reply = Response::new(body);
    if let Ok(kind) = content_type.parse() {
        reply.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    reply
}

/// A body that is written while it is sent; at most four pieces wait.
pub(crate) fn stream() -> (Stream, Body) {
    let (tx, mut rx) = mpsc::channel::<Result<Bytes, io::Error>>(4);
    let pieces = futures::stream::poll_fn(move |context| rx.poll_recv(context));
    let frames = futures::StreamExt::map(pieces, |piece| piece.map(Frame::data));
    (tx, StreamBody::new(frames).boxed_unsync())
}
