//! Reads of an object, a list, a watch, a log or a scale, in the form that the client takes.

use std::sync::Arc;

use super::accept::{self, Encoding, Format, Shape};
use super::reply::{self, Failure, Reply};
use super::route::{Path, Query};
use super::{Context, list, logs, protobuf, table, watch, write};

/// Answers a read.
pub(super) fn answer(
    context: &Arc<Context>,
    path: &Path,
    query: &Query,
    accept: Option<&str>,
    uri: &str,
) -> Result<Reply, Failure> {
    if let (Some(name), Some("log")) = (&path.name, path.subresource.as_deref()) {
        return logs::log(context, path, name, query);
    }
    let builtin = !path.resource.message.is_empty();
    let able = |f: Format| match f.shape {
        Shape::Object => builtin || f.encoding == Encoding::Json,
        Shape::Table => f.encoding == Encoding::Json,
        Shape::Partial => true,
        Shape::Discovery => false,
    };
    let format = accept::choose(accept, able).ok_or_else(|| {
        Failure::new(406, "NotAcceptable", "only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf")
    })?;
    if query.flag("watch") {
        return watch::watch(context, path, query, format, uri);
    }
    match (&path.name, path.subresource.as_deref()) {
        (None, _) => list::list(context, path, query, format),
        (Some(name), None | Some("status")) => get(context, path, name, query, format),
        (Some(name), Some("scale")) => {
            let cluster = context.shared.lock();
            let namespace = path.namespace.as_deref().unwrap_or_default();
            let item = cluster.find(path.resource, namespace, name);
            let item = item.ok_or_else(|| Failure::not_found(&path.resource.qualified(), name))?;
            Ok(reply::value(&write::scale_of(&item.value())))
        }
        _ => Err(Failure::no_page()),
    }
}

fn get(
    context: &Arc<Context>,
    path: &Path,
    name: &str,
    query: &Query,
    format: Format,
) -> Result<Reply, Failure> {
    let resource = path.resource;
    let (item, now) = {
        let cluster = context.shared.lock();
        let item = cluster.find(
            resource,
            path.namespace.as_deref().unwrap_or_default(),
            name,
        );
        (
            item.ok_or_else(|| Failure::not_found(&resource.qualified(), name))?,
            cluster.now,
        )
    };
    let mut body = Vec::new();
    match (format.shape, format.encoding) {
        (Shape::Table, _) => {
            let table = context.printer(resource).single(
                &item.value(),
                table::Include::of(query),
                true,
                now,
            );
            body = table.to_string().into_bytes();
        }
        (Shape::Partial, encoding) => {
            let partial = list::partial(&item.value(), resource);
            body = reply::encode(
                "meta.k8s.io/v1",
                "PartialObjectMetadata",
                "meta.PartialObjectMetadata",
                &partial,
                encoding,
            );
        }
        (_, Encoding::Json) => item.json(resource, true, &mut body),
        (_, Encoding::Protobuf) => {
            let mut content = Vec::new();
            item.protobuf(resource, &mut content);
            body = protobuf::body(&resource.api_version(), resource.kind, &content);
        }
    }
    Ok(reply::whole(format, body))
}
