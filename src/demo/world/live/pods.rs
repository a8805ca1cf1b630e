//! Making pods, asking them to go, and the questions that all controllers have of theirs.

use std::sync::Arc;

use serde_json::{Value, json};

use super::events::{Source, emit};
use super::life::{Life, later};
use crate::demo::random::{letters, uid};
use crate::demo::world::item::{list, number, set, text};
use crate::demo::world::resource::{self, Resource};
use crate::demo::world::{Cluster, seconds};

/// Makes a pod from a template for its controller, and begins its life. `pin` binds it to a node at once.
pub(crate) fn create(
    c: &mut Cluster,
    owner: (&'static Resource, &Value),
    template: &Value,
    name: Option<String>,
    pin: Option<&str>,
) -> Arc<Value> {
    let (kind, controller) = owner;
    let (owner_name, namespace) = (
        text(controller, "/metadata/name").to_owned(),
        text(controller, "/metadata/namespace").to_owned(),
    );
    let seed = c.next();
    let name = name.unwrap_or_else(|| format!("{owner_name}-{}", letters(seed, 5)));
    let mut metadata = template
        .get("metadata")
        .cloned()
        .unwrap_or_else(|| json!({}));
    let id = uid(seed);
    for (key, value) in [
        ("/name", json!(name)),
        ("/generateName", json!(format!("{owner_name}-"))),
        ("/namespace", json!(namespace)),
        ("/uid", json!(id)),
        ("/creationTimestamp", json!(seconds(c.now))),
        ("/generation", json!(1)),
        ("/ownerReferences", json!([reference(kind, controller)])),
    ] {
        set(&mut metadata, key, value);
    }
    let mut spec = template.get("spec").cloned().unwrap_or_else(|| json!({}));
    complete(&mut spec);
    let mut life = Life::new(id, workload(controller), c.now);
    if let Some(node) = pin {
        node.clone_into(&mut life.node);
    }
    let pod = c.put(&resource::PODS, json!({"metadata": metadata, "spec": spec, "status": {"phase": "Pending", "qosClass": "Burstable"}}));
    c.live.lives.insert((namespace, name.clone()), life);
    emit(
        c,
        owner,
        false,
        "SuccessfulCreate",
        &format!("Created pod: {name}"),
        Source::controller(component(kind)),
    );
    pod
}

fn component(kind: &Resource) -> &'static str {
    match kind.plural {
        "replicasets" => "replicaset-controller",
        "statefulsets" => "statefulset-controller",
        "daemonsets" => "daemonset-controller",
        _ => "job-controller",
    }
}

/// What admission adds to a pod.
pub(crate) fn complete(spec: &mut Value) {
    let mut tolerations = list(spec, "/tolerations").to_vec();
    for key in [
        "node.kubernetes.io/not-ready",
        "node.kubernetes.io/unreachable",
    ] {
        tolerations.push(json!({"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 30}));
    }
    for (key, value) in [
        ("/tolerations", json!(tolerations)),
        ("/serviceAccountName", json!("default")),
        ("/serviceAccount", json!("default")),
        ("/priority", json!(0)),
        ("/enableServiceLinks", json!(true)),
        ("/preemptionPolicy", json!("PreemptLowerPriority")),
    ] {
        set(spec, key, value);
    }
    for (key, value) in [
        ("/restartPolicy", json!("Always")),
        ("/terminationGracePeriodSeconds", json!(30)),
        ("/dnsPolicy", json!("ClusterFirst")),
        ("/schedulerName", json!("default-scheduler")),
        ("/securityContext", json!({})),
    ] {
        if spec.pointer(key).is_none() {
            set(spec, key, value);
        }
    }
}

/// The workload that a controller belongs to: the deployment of a replica set, the cron job of a job.
fn workload(controller: &Value) -> String {
    list(controller, "/metadata/ownerReferences")
        .first()
        .map_or_else(
            || text(controller, "/metadata/name"),
            |owner| text(owner, "/name"),
        )
        .to_owned()
}

/// The owner reference to a controller.
pub(crate) fn reference(kind: &Resource, controller: &Value) -> Value {
    json!({"apiVersion": kind.api_version(), "kind": kind.kind, "name": text(controller, "/metadata/name"), "uid": text(controller, "/metadata/uid"),
        "controller": true, "blockOwnerDeletion": true})
}

/// Asks a pod to go: it is marked, and leaves when its containers have ended.
pub(crate) fn terminate(c: &mut Cluster, pod: &Value, grace: Option<i64>) {
    let (namespace, name) = (
        text(pod, "/metadata/namespace").to_owned(),
        text(pod, "/metadata/name").to_owned(),
    );
    let grace = grace.unwrap_or_else(|| number(pod, "/spec/terminationGracePeriodSeconds"));
    if grace == 0 {
        gone(c, &namespace, &name);
        return;
    }
    if pod.pointer("/metadata/deletionTimestamp").is_some() {
        return;
    }
    let now = c.now;
    let until = later(now, grace * 1000);
    let jitter = (c.next() % 1500) as i64;
    if let Some(life) = c.live.lives.get_mut(&(namespace.clone(), name.clone())) {
        let leaves = later(now, (1500 + jitter).min(grace * 1000));
        life.leaves = Some(leaves);
        life.due = Some(leaves);
    }
    let marked = c.edit(&resource::PODS, &namespace, &name, |pod| {
        set(pod, "/metadata/deletionTimestamp", seconds(until));
        set(pod, "/metadata/deletionGracePeriodSeconds", grace);
    });
    if let Some(pod) = marked
        && let Some(container) = list(&pod, "/spec/containers").first()
    {
        let (container, node) = (
            text(container, "/name").to_owned(),
            text(&pod, "/spec/nodeName").to_owned(),
        );
        let field = format!("spec.containers{{{container}}}");
        let from = Source {
            component: "kubelet",
            host: &node,
            field: &field,
        };
        emit(
            c,
            (&resource::PODS, &pod),
            false,
            "Killing",
            &format!("Stopping container {container}"),
            from,
        );
    }
}

/// Removes a pod at once; one with finalizers stays until they are gone.
pub(crate) fn gone(c: &mut Cluster, namespace: &str, name: &str) {
    if let Some(pod) = c.get(&resource::PODS, namespace, name)
        && !list(&pod, "/metadata/finalizers").is_empty()
    {
        let now = seconds(c.now);
        c.edit(&resource::PODS, namespace, name, |pod| {
            if pod.pointer("/metadata/deletionTimestamp").is_none() {
                set(pod, "/metadata/deletionTimestamp", now);
                set(pod, "/metadata/deletionGracePeriodSeconds", 0);
            }
        });
        return;
    }
    c.remove(&resource::PODS, namespace, name);
    c.live
        .lives
        .remove(&(namespace.to_owned(), name.to_owned()));
}

/// The objects of a kind that an owner controls.
pub(crate) fn owned(
    c: &Cluster,
    kind: &'static Resource,
    namespace: &str,
    owner: &str,
) -> Vec<Arc<Value>> {
    c.within(kind, namespace)
        .filter(|o| {
            list(o, "/metadata/ownerReferences")
                .iter()
                .any(|r| text(r, "/uid") == owner)
        })
        .cloned()
        .collect()
}

/// Whether a pod is on its way out.
pub(crate) fn leaving(pod: &Value) -> bool {
    pod.pointer("/metadata/deletionTimestamp").is_some()
}

/// Whether a pod has ended for good.
pub(crate) fn over(pod: &Value) -> bool {
    matches!(text(pod, "/status/phase"), "Succeeded" | "Failed")
}

/// Whether a pod's Ready condition is true.
pub(crate) fn ready(pod: &Value) -> bool {
    list(pod, "/status/conditions")
        .iter()
        .any(|c| text(c, "/type") == "Ready" && text(c, "/status") == "True")
}

/// Sets a condition in an object's status, with the time at which its status last changed.
pub(crate) fn condition(
    object: &mut Value,
    kind: &str,
    yes: &str,
    reason: &str,
    message: &str,
    now: &str,
) {
    let mut all = list(object, "/status/conditions").to_vec();
    let old = all.iter().position(|c| text(c, "/type") == kind);
    let mut one = json!({"type": kind, "status": yes, "lastTransitionTime": now, "reason": reason, "message": message});
    match old.and_then(|at| all.get_mut(at)) {
        Some(old) => {
            if text(old, "/status") == yes {
                set(
                    &mut one,
                    "/lastTransitionTime",
                    text(old, "/lastTransitionTime"),
                );
            }
            *old = one;
        }
        None => all.push(one),
    }
    set(object, "/status/conditions", all);
}
