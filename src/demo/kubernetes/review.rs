//! Questions about identity and permission, answered for the user that the demo knows: one who may do anything, except what a
//! test denied.

use serde_json::{Value, json};

use super::Context;
use super::reply::{self, Reply};
use super::route::Review;
use crate::demo::world::item::{set, text};

/// The demo's user.
const USER: &str = "demo-operator";

/// Answers a review with its question in it.
pub(crate) fn answer(context: &Context, review: Review, mut question: Value) -> Reply {
    let status = match review {
        Review::Access => access(context, &question),
        Review::Rules => rules(),
        Review::Subject => {
            json!({"userInfo": {"username": USER, "groups": ["demo:operators", "system:authenticated"]}})
        }
    };
    set(&mut question, "/metadata/creationTimestamp", Value::Null);
    set(&mut question, "/status", status);
    let mut reply = reply::value(&question);
    *reply.status_mut() = http::StatusCode::CREATED;
    reply
}

fn access(context: &Context, question: &Value) -> Value {
    let asked = |name: &str| text(question, &format!("/spec/resourceAttributes/{name}")).to_owned();
    let (verb, resource, sub, namespace) = (
        asked("verb"),
        asked("resource"),
        asked("subresource"),
        asked("namespace"),
    );
    let resource = if sub.is_empty() {
        resource
    } else {
        format!("{resource}/{sub}")
    };
    if context.denials.denies(&verb, &resource, &namespace) {
        json!({"allowed": false, "reason": "denied in the demo"})
    } else {
        json!({"allowed": true, "reason": "RBAC: allowed by ClusterRoleBinding \"demo-operators\" of ClusterRole \"cluster-admin\" to Group \"demo:operators\""})
    }
}

fn rules() -> Value {
    json!({"resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}],
        "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}], "incomplete": false})
}

/// The 403 that a denied request is answered with.
pub(crate) fn forbidden(
    verb: &str,
    group: &str,
    resource: &str,
    name: &str,
    namespace: Option<&str>,
) -> reply::Failure {
    let qualified = if group.is_empty() {
        resource.to_owned()
    } else {
        format!("{resource}.{group}")
    };
    let named = if name.is_empty() {
        String::new()
    } else {
        format!(" \"{name}\"")
    };
    let place = namespace.map_or_else(
        || "at the cluster scope".to_owned(),
        |ns| format!("in the namespace \"{ns}\""),
    );
    let message = format!(
        "{qualified}{named} is forbidden: User \"{USER}\" cannot {verb} resource \"{resource}\" in API group \"{group}\" {place}"
    );
    reply::Failure::new(403, "Forbidden", message)
        .with(json!({"name": name, "group": group, "kind": resource}))
}
