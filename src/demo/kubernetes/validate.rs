//! What a real server fills in and refuses, as far as the demo's clients meet it. Pure.

use serde_json::{Value, json};

use super::reply::Failure;
use crate::demo::world::item::{list, number, set, text};
use crate::demo::world::live::pods;
use crate::demo::world::resource::{self, Resource};

/// 422 for one field.
pub(crate) fn invalid(
    resource: &Resource,
    name: &str,
    field: &str,
    reason: &str,
    message: &str,
) -> Failure {
    let group = if resource.group.is_empty() {
        String::new()
    } else {
        format!(".{}", resource.group)
    };
    invalid_as(
        &format!("{}{group}", resource.kind),
        name,
        field,
        reason,
        message,
    )
}

/// 422 for one field of a kind that is no resource of its own.
pub(crate) fn invalid_as(
    kind: &str,
    name: &str,
    field: &str,
    reason: &str,
    message: &str,
) -> Failure {
    let (bare, group) = kind.split_once('.').unwrap_or((kind, ""));
    Failure::new(
        422,
        "Invalid",
        format!("{kind} \"{name}\" is invalid: {field}: {message}"),
    )
    .with(json!({"name": name, "group": group, "kind": bare,
        "causes": [{"reason": reason, "message": message, "field": field}]}))
}

/// Fills in what the client may leave out.
pub(crate) fn complete(resource: &Resource, object: &mut Value) {
    let absent = |object: &Value, pointer: &str| object.pointer(pointer).is_none();
    if resource.id == resource::PODS.id {
        if absent(object, "/spec/serviceAccount")
            && let Some(spec) = object.get_mut("spec")
        {
            pods::complete(spec);
        }
        if absent(object, "/status") {
            set(
                object,
                "/status",
                json!({"phase": "Pending", "qosClass": "BestEffort"}),
            );
        }
    } else if resource.id == resource::JOBS.id {
        for (pointer, value) in [
            ("/spec/parallelism", json!(1)),
            ("/spec/completions", json!(1)),
            ("/spec/backoffLimit", json!(6)),
            ("/spec/suspend", json!(false)),
            ("/status", json!({})),
        ] {
            if absent(object, pointer) {
                set(object, pointer, value);
            }
        }
    } else if resource.id == resource::DEPLOYMENTS.id {
        for (pointer, value) in [
            ("/spec/replicas", json!(1)),
            ("/spec/revisionHistoryLimit", json!(10)),
            ("/spec/progressDeadlineSeconds", json!(600)),
            (
                "/spec/strategy",
                json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}}),
            ),
            ("/status", json!({})),
        ] {
            if absent(object, pointer) {
                set(object, pointer, value);
            }
        }
    }
}

/// Refuses what a real server would.
pub(crate) fn check(resource: &Resource, old: Option<&Value>, new: &Value) -> Result<(), Failure> {
    name(resource, new)?;
    replicas(resource, new)?;
    containers(resource, new)?;
    if resource.id == resource::AUTOSCALERS.id {
        bounds(resource, new)?;
    }
    old.map_or(Ok(()), |old| fixed(resource, old, new))
}

fn bad(resource: &Resource, object: &Value, field: &str, message: &str) -> Result<(), Failure> {
    let reason = match message.split([' ', ':']).next() {
        Some("Required") => "FieldValueRequired",
        Some("Forbidden") => "FieldValueForbidden",
        _ => "FieldValueInvalid",
    };
    Err(invalid(
        resource,
        text(object, "/metadata/name"),
        field,
        reason,
        message,
    ))
}

fn name(resource: &Resource, new: &Value) -> Result<(), Failure> {
    let name = text(new, "/metadata/name");
    let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.';
    if !name.is_empty() && name.len() <= 253 && name.bytes().all(letter) {
        return Ok(());
    }
    let says = format!(
        "Invalid value: \"{name}\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', \
        and must start and end with an alphanumeric character"
    );
    bad(resource, new, "metadata.name", &says)
}

fn replicas(resource: &Resource, new: &Value) -> Result<(), Failure> {
    let Some(replicas) = new.pointer("/spec/replicas") else {
        return Ok(());
    };
    match replicas.as_i64() {
        Some(n) if n >= 0 => Ok(()),
        Some(n) => bad(
            resource,
            new,
            "spec.replicas",
            &format!("Invalid value: {n}: must be greater than or equal to 0"),
        ),
        None => Err(Failure::bad_request(format!(
            "{} in version \"{}\" cannot be handled as a {}: json: cannot unmarshal into Go struct field .spec.replicas of type int32",
            resource.kind, resource.version, resource.kind
        ))),
    }
}

fn containers(resource: &Resource, new: &Value) -> Result<(), Failure> {
    let runs = [
        &resource::PODS,
        &resource::DEPLOYMENTS,
        &resource::STATEFUL_SETS,
        &resource::DAEMON_SETS,
        &resource::REPLICA_SETS,
        &resource::JOBS,
    ];
    if runs.iter().all(|r| r.id != resource.id) {
        return Ok(());
    }
    let template = if resource.id == resource::PODS.id {
        "/spec"
    } else {
        "/spec/template/spec"
    };
    let containers = list(new, &format!("{template}/containers"));
    let field = template.trim_start_matches('/').replace('/', ".");
    if containers.is_empty() {
        return bad(
            resource,
            new,
            &format!("{field}.containers"),
            "Required value",
        );
    }
    match containers.iter().position(|c| text(c, "/image").is_empty()) {
        Some(at) => bad(
            resource,
            new,
            &format!("{field}.containers[{at}].image"),
            "Required value",
        ),
        None => Ok(()),
    }
}

fn bounds(resource: &Resource, new: &Value) -> Result<(), Failure> {
    let least = new
        .pointer("/spec/minReplicas")
        .and_then(Value::as_i64)
        .unwrap_or(1);
    let most = number(new, "/spec/maxReplicas");
    if least < 1 {
        return bad(
            resource,
            new,
            "spec.minReplicas",
            &format!("Invalid value: {least}: must be greater than or equal to 1"),
        );
    }
    if most < least {
        return bad(
            resource,
            new,
            "spec.maxReplicas",
            &format!("Invalid value: {most}: must be greater than or equal to `minReplicas`"),
        );
    }
    Ok(())
}

fn fixed(resource: &Resource, old: &Value, new: &Value) -> Result<(), Failure> {
    let fields = [
        (resource::DEPLOYMENTS.id, "selector"),
        (resource::STATEFUL_SETS.id, "serviceName"),
        (resource::JOBS.id, "template"),
    ];
    for (id, field) in fields {
        let pointer = format!("/spec/{field}");
        if resource.id == id && old.pointer(&pointer) != new.pointer(&pointer) {
            return bad(
                resource,
                new,
                &format!("spec.{field}"),
                "Invalid value: field is immutable",
            );
        }
    }
    if resource.id == resource::PODS.id && without_images(old) != without_images(new) {
        let says = "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,\
            `spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),\
            `spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";
        return bad(resource, new, "spec", says);
    }
    Ok(())
}

fn without_images(pod: &Value) -> Value {
    let mut spec = pod.get("spec").cloned().unwrap_or_default();
    for containers in ["containers", "initContainers"] {
        for container in spec
            .get_mut(containers)
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            set(container, "/image", "");
        }
    }
    set(&mut spec, "/tolerations", Value::Null);
    spec
}
