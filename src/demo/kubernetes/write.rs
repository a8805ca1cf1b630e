//! Writes: create, update, patch and scale, with the checks by which a real server refuses them.
//!
//! What must stay true: a dry run goes through every check and stores nothing, and a refused write changes nothing.

use std::sync::Arc;

use serde_json::{Value, json};

use super::patch::{self, Format};
use super::reply::{self, Failure, Reply};
use super::route::Path;
use super::table::named;
use super::{Context, validate};
use crate::demo::random::letters;
use crate::demo::world::item::{list, number, set, text, unset};
use crate::demo::world::live::life::Life;
use crate::demo::world::live::{self, pods};
use crate::demo::world::managed::{Writer, record};
use crate::demo::world::resource::{self, Resource};
use crate::demo::world::{Cluster, seconds};

/// A write with all that belongs to it.
pub(crate) struct Write<'a> {
    pub(crate) path: &'a Path,
    pub(crate) body: Value,
    /// Who writes, from `fieldManager` or the client's name.
    pub(crate) manager: String,
    pub(crate) dry: bool,
}

impl Write<'_> {
    fn resource(&self) -> &'static Resource {
        self.path.resource
    }

    fn namespace(&self) -> &str {
        self.path.namespace.as_deref().unwrap_or_default()
    }

    fn name(&self) -> &str {
        self.path.name.as_deref().unwrap_or_default()
    }

    fn subresource(&self) -> &str {
        self.path.subresource.as_deref().unwrap_or_default()
    }
}

/// Answers with an object.
pub(crate) fn object_reply(resource: &Resource, object: &Value, created: bool) -> Reply {
    let mut reply = reply::value(&named(resource, object));
    if created {
        *reply.status_mut() = http::StatusCode::CREATED;
    }
    reply
}

/// The stored object, or why it cannot be written.
pub(crate) fn existing(
    c: &Cluster,
    resource: &'static Resource,
    namespace: &str,
    name: &str,
) -> Result<Arc<Value>, Failure> {
    if let Some(object) = c.get(resource, namespace, name) {
        return Ok(object);
    }
    if c.fleet.find(resource, namespace, name).is_some() {
        let message = format!(
            "{} \"{name}\" is forbidden: the fleet is scenery and can only be looked at, but for deleting its pods",
            resource.qualified()
        );
        return Err(Failure::new(403, "Forbidden", message)
            .with(json!({"name": name, "kind": resource.plural, "group": resource.group})));
    }
    Err(Failure::not_found(&resource.qualified(), name))
}

/// POST to a collection.
pub(crate) fn create(context: &Context, write: &Write<'_>) -> Result<Reply, Failure> {
    let resource = write.resource();
    let mut c = context.shared.lock();
    let namespace = write.namespace().to_owned();
    if resource.namespaced && c.find(&resource::NAMESPACES, "", &namespace).is_none() {
        return Err(Failure::not_found("namespaces", &namespace));
    }
    let mut object = bare(&write.body);
    if text(&object, "/metadata/name").is_empty() {
        let prefix = text(&object, "/metadata/generateName").to_owned();
        if prefix.is_empty() {
            return Err(validate::invalid(
                resource,
                "",
                "metadata.name",
                "FieldValueRequired",
                "Required value: name or generateName is required",
            ));
        }
        let number = c.next();
        set(
            &mut object,
            "/metadata/name",
            format!("{prefix}{}", letters(number, 5)),
        );
    }
    let name = text(&object, "/metadata/name").to_owned();
    if resource.namespaced {
        set(&mut object, "/metadata/namespace", namespace.clone());
    }
    if c.find(resource, &namespace, &name).is_some() {
        let message = format!("{} \"{name}\" already exists", resource.qualified());
        return Err(Failure::new(409, "AlreadyExists", message)
            .with(json!({"name": name, "group": resource.group, "kind": resource.plural})));
    }
    for served in [
        "/metadata/uid",
        "/metadata/resourceVersion",
        "/metadata/creationTimestamp",
        "/metadata/managedFields",
    ] {
        unset(&mut object, served);
    }
    set(&mut object, "/metadata/generation", 1);
    validate::complete(resource, &mut object);
    validate::check(resource, None, &object)?;
    let now = seconds(c.now);
    record(None, &mut object, write_of(write, "Update"), &now);
    if write.dry {
        set(&mut object, "/metadata/creationTimestamp", now);
        set(
            &mut object,
            "/metadata/uid",
            crate::demo::random::uid(c.version()),
        );
        return Ok(object_reply(resource, &object, true));
    }
    let stored = c.put(resource, object);
    if resource.id == resource::PODS.id {
        let life = Life::new(
            text(&stored, "/metadata/uid").to_owned(),
            name.clone(),
            c.now,
        );
        c.live.lives.insert((namespace, name), life);
    }
    done(context, c);
    Ok(object_reply(resource, &stored, true))
}

/// Lets the controllers answer to a write, and wakes the watches.
fn done(context: &Context, mut c: std::sync::MutexGuard<'_, Cluster>) {
    live::settle(&mut c);
    drop(c);
    context.shared.announce();
}

fn write_of<'a>(write: &'a Write<'_>, operation: &'a str) -> Writer<'a> {
    let resource = write.resource();
    Writer {
        manager: &write.manager,
        operation,
        subresource: write.subresource(),
        api_version: if resource.group == "apps" {
            "apps/v1"
        } else {
            resource.version
        },
    }
}

/// The object without its type.
fn bare(body: &Value) -> Value {
    let mut object = body.clone();
    unset(&mut object, "/kind");
    unset(&mut object, "/apiVersion");
    object
}

/// PUT of an object or a subresource.
pub(crate) fn update(context: &Context, write: &Write<'_>) -> Result<Reply, Failure> {
    let mut c = context.shared.lock();
    let old = existing(&c, write.resource(), write.namespace(), write.name())?;
    let new = bare(&write.body);
    if write.subresource() == "scale" {
        let asked = Value::clone(&write.body);
        return rescale(context, c, write, &old, &asked);
    }
    let stored = store(&mut c, write, &old, new, "Update")?;
    done(context, c);
    Ok(object_reply(write.resource(), &stored, false))
}

/// PATCH of an object or a subresource.
pub(crate) fn patch(context: &Context, write: Write<'_>, format: Format) -> Result<Reply, Failure> {
    let mut c = context.shared.lock();
    let resource = write.resource();
    let old = match existing(&c, resource, write.namespace(), write.name()) {
        Err(missing)
            if format == Format::Apply && missing.code == 404 && write.subresource().is_empty() =>
        {
            drop(c);
            let mut body = write.body.clone();
            set(&mut body, "/metadata/name", write.name());
            let path = Path {
                name: None,
                ..write.path.clone()
            };
            let applied = Write {
                path: &path,
                body,
                ..write
            };
            return create(context, &applied);
        }
        found => found?,
    };
    if resource.message.is_empty() && format == Format::Strategic {
        return Err(Failure::new(
            415,
            "UnsupportedMediaType",
            "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml",
        ));
    }
    if write.subresource() == "scale" {
        let asked = patch::apply(format, &scale_of(&old), &write.body)?;
        return rescale(context, c, &write, &old, &asked);
    }
    let new = bare(&patch::apply(format, &named(resource, &old), &write.body)?);
    let operation = if format == Format::Apply {
        "Apply"
    } else {
        "Update"
    };
    let stored = store(&mut c, &write, &old, new, operation)?;
    done(context, c);
    Ok(object_reply(resource, &stored, false))
}

/// Checks a changed object against the one that stands, and stores it unless this is a dry run.
fn store(
    c: &mut Cluster,
    write: &Write<'_>,
    old: &Arc<Value>,
    mut new: Value,
    operation: &str,
) -> Result<Arc<Value>, Failure> {
    let resource = write.resource();
    unchanged_identity(resource, old, &new)?;
    let status = write.subresource() == "status";
    let kept = if status {
        ["metadata", "spec"].as_slice()
    } else {
        ["status"].as_slice()
    };
    for part in kept {
        match old.get(*part) {
            Some(value) => set(&mut new, &format!("/{part}"), value.clone()),
            None => unset(&mut new, &format!("/{part}")),
        }
    }
    for served in [
        "uid",
        "creationTimestamp",
        "generation",
        "namespace",
        "name",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "managedFields",
    ] {
        let pointer = format!("/metadata/{served}");
        match old.pointer(&pointer) {
            Some(value) => set(&mut new, &pointer, value.clone()),
            None => unset(&mut new, &pointer),
        }
    }
    set(
        &mut new,
        "/metadata/resourceVersion",
        text(old, "/metadata/resourceVersion"),
    );
    validate::complete(resource, &mut new);
    validate::check(resource, Some(old), &new)?;
    if new == **old {
        return Ok(Arc::clone(old));
    }
    if new.get("spec") != old.get("spec") && old.pointer("/metadata/generation").is_some() {
        set(
            &mut new,
            "/metadata/generation",
            number(old, "/metadata/generation") + 1,
        );
    }
    let now = seconds(c.now);
    record(Some(old), &mut new, write_of(write, operation), &now);
    if write.dry {
        return Ok(Arc::new(new));
    }
    let stored = c.put(resource, new);
    let leaving = pods::leaving(&stored) && list(&stored, "/metadata/finalizers").is_empty();
    if leaving && resource.id == resource::PODS.id {
        let key = (write.namespace().to_owned(), write.name().to_owned());
        // its containers have ended; only the finalizer held it
        if c.live.lives.get(&key).is_none_or(|l| l.due.is_none()) {
            pods::gone(c, &key.0, &key.1);
        }
    } else if leaving {
        c.remove(resource, write.namespace(), write.name());
    }
    Ok(stored)
}

fn unchanged_identity(resource: &Resource, old: &Value, new: &Value) -> Result<(), Failure> {
    let name = text(old, "/metadata/name");
    let conflict = |message: String| {
        let message = format!(
            "Operation cannot be fulfilled on {} \"{name}\": {message}",
            resource.qualified()
        );
        Failure::new(409, "Conflict", message)
            .with(json!({"name": name, "group": resource.group, "kind": resource.plural}))
    };
    let (uid, version) = (
        text(new, "/metadata/uid"),
        text(new, "/metadata/resourceVersion"),
    );
    if !uid.is_empty() && uid != text(old, "/metadata/uid") {
        return Err(conflict(format!(
            "Precondition failed: UID in precondition: {uid}, UID in object meta: {}",
            text(old, "/metadata/uid")
        )));
    }
    if !version.is_empty() && version != text(old, "/metadata/resourceVersion") {
        return Err(conflict("the object has been modified; please apply your changes to the latest version and try again".to_owned()));
    }
    let renamed = text(new, "/metadata/name");
    if !renamed.is_empty() && renamed != name {
        return Err(Failure::bad_request(format!(
            "the name of the object ({renamed}) does not match the name on the URL ({name})"
        )));
    }
    Ok(())
}

/// The `Scale` of an object that has replicas.
pub(crate) fn scale_of(object: &Value) -> Value {
    let selector: Vec<String> = object
        .pointer("/spec/selector/matchLabels")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
        .collect();
    let metadata: serde_json::Map<String, Value> = [
        "name",
        "namespace",
        "uid",
        "resourceVersion",
        "creationTimestamp",
    ]
    .iter()
    .map(|key| {
        (
            (*key).to_owned(),
            object
                .pointer(&format!("/metadata/{key}"))
                .cloned()
                .unwrap_or_default(),
        )
    })
    .collect();
    json!({"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata, "spec": {"replicas": number(object, "/spec/replicas")},
        "status": {"replicas": number(object, "/status/replicas"), "selector": selector.join(",")}})
}

fn rescale(
    context: &Context,
    mut c: std::sync::MutexGuard<'_, Cluster>,
    write: &Write<'_>,
    old: &Arc<Value>,
    asked: &Value,
) -> Result<Reply, Failure> {
    let mut new = Value::clone(old);
    unchanged_identity(write.resource(), old, &bare(asked))?;
    let Some(replicas) = asked
        .pointer("/spec/replicas")
        .map_or(Some(0), Value::as_i64)
    else {
        return Err(Failure::bad_request(
            "json: cannot unmarshal string into Go struct field ScaleSpec.spec.replicas of type int32",
        ));
    };
    if replicas < 0 {
        let name = write.name();
        return Err(validate::invalid_as(
            "Scale.autoscaling",
            name,
            "spec.replicas",
            "FieldValueInvalid",
            &format!("Invalid value: {replicas}: must be greater than or equal to 0"),
        ));
    }
    set(&mut new, "/spec/replicas", replicas);
    let stored = store(&mut c, write, old, new, "Update")?;
    done(context, c);
    Ok(reply::value(&scale_of(&stored)))
}
