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
    let name = text(new, "/metadata/name");
    let fail = |field: &str, reason: &str, message: String| {
        Err(invalid(resource, name, field, reason, &message))
    };
    let proper = !name.is_empty()
        && name.len() <= 253
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.');
    if !proper {
        return fail(
            "metadata.name",
            "FieldValueInvalid",
            format!(
                "Invalid value: \"{name}\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"
            ),
        );
    }
    if let Some(replicas) = new.pointer("/spec/replicas") {
        match replicas.as_i64() {
            Some(n) if n >= 0 => {}
            Some(n) => {
                return fail(
                    "spec.replicas",
                    "FieldValueInvalid",
                    format!("Invalid value: {n}: must be greater than or equal to 0"),
                );
            }
            None => {
                return Err(Failure::bad_request(format!(
                    "{} in version \"{}\" cannot be handled as a {}: json: cannot unmarshal into Go struct field .spec.replicas of type int32",
                    resource.kind, resource.version, resource.kind
                )));
            }
        }
    }
    let template = if resource.id == resource::PODS.id {
        "/spec"
    } else {
        "/spec/template/spec"
    };
    let runs = [
        &resource::PODS,
        &resource::DEPLOYMENTS,
        &resource::STATEFUL_SETS,
        &resource::DAEMON_SETS,
        &resource::REPLICA_SETS,
        &resource::JOBS,
    ];
    if runs.iter().any(|r| r.id == resource.id) {
        let containers = list(new, &format!("{template}/containers"));
        let field = template.trim_start_matches('/').replace('/', ".");
        if containers.is_empty() {
            return fail(
                &format!("{field}.containers"),
                "FieldValueRequired",
                "Required value".to_owned(),
            );
        }
        if let Some(at) = containers.iter().position(|c| text(c, "/image").is_empty()) {
            return fail(
                &format!("{field}.containers[{at}].image"),
                "FieldValueRequired",
                "Required value".to_owned(),
            );
        }
    }
    if resource.id == resource::AUTOSCALERS.id {
        let (least, most) = (
            new.pointer("/spec/minReplicas")
                .and_then(Value::as_i64)
                .unwrap_or(1),
            number(new, "/spec/maxReplicas"),
        );
        if least < 1 {
            return fail(
                "spec.minReplicas",
                "FieldValueInvalid",
                format!("Invalid value: {least}: must be greater than or equal to 1"),
            );
        }
        if most < least {
            return fail(
                "spec.maxReplicas",
                "FieldValueInvalid",
                format!("Invalid value: {most}: must be greater than or equal to `minReplicas`"),
            );
        }
    }
    let Some(old) = old else { return Ok(()) };
    let fixed = [
        (resource::DEPLOYMENTS.id, "selector"),
        (resource::STATEFUL_SETS.id, "serviceName"),
        (resource::JOBS.id, "template"),
    ];
    for (id, field) in fixed {
        let pointer = format!("/spec/{field}");
        if resource.id == id && old.pointer(&pointer) != new.pointer(&pointer) {
            return fail(
                &format!("spec.{field}"),
                "FieldValueInvalid",
                "Invalid value: field is immutable".to_owned(),
            );
        }
    }
    if resource.id == resource::PODS.id && without_images(old) != without_images(new) {
        return fail("spec", "FieldValueForbidden", "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)".to_owned());
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
