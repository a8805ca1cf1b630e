//! Requests that write: which kind of write it is, and what its body holds.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, header};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use serde_json::Value;

use super::reply::{Failure, Reply};
use super::route::{Path, Query};
use super::write::Write;
use super::{Context, delete, patch, write};

/// The largest body that a write may have, as of a real server.
const BODY_LIMIT: usize = 3 * 1024 * 1024;

/// A write of any kind.
pub(super) async fn answer(
    context: &Arc<Context>,
    request: Request<Incoming>,
    path: &Path,
    query: &Query,
) -> Result<Reply, Failure> {
    let method = request.method().clone();
    let header = |name| {
        request
            .headers()
            .get(name)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    let (content_type, agent) = (header(header::CONTENT_TYPE), header(header::USER_AGENT));
    if content_type.contains("protobuf") {
        return Err(Failure::new(
            415,
            "UnsupportedMediaType",
            "the demo takes bodies in JSON only",
        ));
    }
    let content = content(request).await?;
    let manager = query
        .get("fieldManager")
        .unwrap_or_else(|| agent.split('/').next().unwrap_or("unknown"));
    let write = |body| Write {
        path,
        body,
        manager: manager.to_owned(),
        dry: query.get("dryRun").is_some(),
    };
    match (method, path.name.is_some(), path.subresource.as_deref()) {
        (Method::POST, false, None) => write::create(context, &write(parse(&content)?)),
        (Method::POST, true, Some("eviction")) => {
            delete::evict(context, path, query, &parse(&content)?)
        }
        (Method::PUT, true, None | Some("status" | "scale")) => {
            write::update(context, &write(parse(&content)?))
        }
        (Method::PATCH, true, None | Some("status" | "scale")) => {
            let format = patch::Format::of(&content_type).ok_or_else(|| {
                Failure::new(415, "UnsupportedMediaType", format!("the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml, got {content_type}"))
            })?;
            let body = if format == patch::Format::Apply {
                parse_yaml(&content)?
            } else {
                parse(&content)?
            };
            write::patch(context, write(body), format)
        }
        (Method::DELETE, true, None) => delete::delete(context, path, query, &optional(&content)?),
        (Method::DELETE, false, None) => {
            delete::collection(context, path, query, &optional(&content)?)
        }
        _ => Err(Failure::new(
            405,
            "MethodNotAllowed",
            "the server does not allow this method on the requested resource",
        )),
    }
}

pub(super) async fn content(request: Request<Incoming>) -> Result<Bytes, Failure> {
    let limited = http_body_util::Limited::new(request.into_body(), BODY_LIMIT);
    let collected = limited.collect().await;
    Ok(collected
        .map_err(|_| Failure::new(413, "RequestEntityTooLarge", "limit is 3145728"))?
        .to_bytes())
}

pub(super) fn parse(content: &[u8]) -> Result<Value, Failure> {
    serde_json::from_slice(content)
        .map_err(|e| Failure::bad_request(format!("the object provided is unrecognized: {e}")))
}

fn parse_yaml(content: &[u8]) -> Result<Value, Failure> {
    let text = std::str::from_utf8(content).map_err(|e| Failure::bad_request(e.to_string()))?;
    serde_saphyr::from_str(text)
        .map_err(|e| Failure::bad_request(format!("error decoding YAML: {e}")))
}

/// The options of a delete, which may be left out.
fn optional(content: &[u8]) -> Result<Value, Failure> {
    if content.is_empty() {
        Ok(Value::Null)
    } else {
        parse(content)
    }
}
