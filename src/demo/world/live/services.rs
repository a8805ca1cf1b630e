//! What follows from pods: endpoints and endpoint slices of services, the budgets' counts and the quotas' use.

use std::sync::Arc;

use serde_json::{Value, json};

use super::pods::{condition, leaving, over, ready, reference};
use crate::demo::kubernetes::select::selector_matches;
use crate::demo::random::{hash, letters};
use crate::demo::world::item::{Dig, list, number, set, text};
use crate::demo::world::resource;
use crate::demo::world::{Cluster, seconds};

/// Brings a namespace's endpoints, budgets and quotas up to date.
pub(crate) fn reconcile(c: &mut Cluster, namespace: &str) {
    let pods: Vec<Arc<Value>> = c.within(&resource::PODS, namespace).cloned().collect();
    let services: Vec<Arc<Value>> = c.within(&resource::SERVICES, namespace).cloned().collect();
    for service in services {
        endpoints(c, &service, &pods);
    }
    let budgets: Vec<Arc<Value>> = c.within(&resource::BUDGETS, namespace).cloned().collect();
    for budget in budgets {
        count(c, &budget, &pods);
    }
    let quotas: Vec<Arc<Value>> = c.within(&resource::QUOTAS, namespace).cloned().collect();
    for quota in quotas {
        measure(c, &quota, &pods);
    }
}

fn endpoints(c: &mut Cluster, service: &Value, pods: &[Arc<Value>]) {
    let (namespace, name) = (
        text(service, "/metadata/namespace"),
        text(service, "/metadata/name"),
    );
    let Some(selector) = service.pointer("/spec/selector").filter(|s| s.is_object()) else {
        return;
    };
    let selector = json!({"matchLabels": selector});
    let backing: Vec<&Arc<Value>> = pods
        .iter()
        .filter(|p| {
            !over(p)
                && !text(p, "/status/podIP").is_empty()
                && selector_matches(&selector, labels_of(p))
        })
        .collect();
    let target = |pod: &Value| json!({"kind": "Pod", "namespace": namespace, "name": text(pod, "/metadata/name"), "uid": text(pod, "/metadata/uid")});
    let address = |pod: &Value| json!({"ip": text(pod, "/status/podIP"), "nodeName": text(pod, "/spec/nodeName"), "targetRef": target(pod)});
    let (up, down): (Vec<&&Arc<Value>>, Vec<&&Arc<Value>>) = backing
        .iter()
        .filter(|p| !leaving(p))
        .partition(|p| ready(p));
    let ports: Vec<Value> = list(service, "/spec/ports")
        .iter()
        .map(|p| {
            let port = backing.first().map_or(0, |pod| number(pod, "/spec/containers/0/ports/0/containerPort"));
            json!({"name": text(p, "/name"), "port": if port == 0 { number(p, "/port") } else { port }, "protocol": "TCP"})
        })
        .collect();
    let mut subset = json!({"ports": ports});
    for (key, some) in [("/addresses", &up), ("/notReadyAddresses", &down)] {
        if !some.is_empty() {
            set(
                &mut subset,
                key,
                some.iter().map(|p| address(p)).collect::<Vec<_>>(),
            );
        }
    }
    let subsets = if up.is_empty() && down.is_empty() {
        json!([])
    } else {
        json!([subset])
    };
    let own = service
        .pointer("/metadata/labels")
        .cloned()
        .unwrap_or_default();
    store(
        c,
        &resource::ENDPOINTS,
        json!({"metadata": {"name": name, "namespace": namespace, "labels": own}, "subsets": subsets}),
    );
    let all: Vec<Value> = backing
        .iter()
        .map(|p| {
            let serving = ready(p);
            json!({"addresses": [text(p, "/status/podIP")], "nodeName": text(p, "/spec/nodeName"), "targetRef": target(p),
                "conditions": {"ready": serving && !leaving(p), "serving": serving, "terminating": leaving(p)}})
        })
        .collect();
    let mut labels = own;
    set(&mut labels, "/kubernetes.io~1service-name", name);
    set(
        &mut labels,
        "/endpointslice.kubernetes.io~1managed-by",
        "endpointslice-controller.k8s.io",
    );
    let slice = format!(
        "{name}-{}",
        letters(hash(&format!("{namespace}/{name}")), 5)
    );
    store(
        c,
        &resource::SLICES,
        json!({"metadata": {"name": slice, "namespace": namespace, "labels": labels, "generateName": format!("{name}-"),
        "ownerReferences": [reference(&resource::SERVICES, service)]}, "addressType": "IPv4", "endpoints": all, "ports": ports}),
    );
}

fn labels_of(pod: &Value) -> &Value {
    pod.dig("/metadata/labels").unwrap_or(&Value::Null)
}

/// Stores an object under the identity of the one that stands.
fn store(c: &mut Cluster, kind: &'static resource::Resource, mut object: Value) {
    let (namespace, name) = (
        text(&object, "/metadata/namespace").to_owned(),
        text(&object, "/metadata/name").to_owned(),
    );
    if let Some(old) = c.get(kind, &namespace, &name) {
        set(&mut object, "/metadata/uid", text(&old, "/metadata/uid"));
        set(
            &mut object,
            "/metadata/creationTimestamp",
            text(&old, "/metadata/creationTimestamp"),
        );
    }
    c.put(kind, object);
}

/// How many of `of` a bound such as 2 or `50%` means.
fn bound(value: &Value, of: i64) -> i64 {
    match value {
        Value::String(text) => {
            (of * text.trim_end_matches('%').parse::<i64>().unwrap_or(0) + 99) / 100
        }
        other => other.as_i64().unwrap_or(0),
    }
}

fn count(c: &mut Cluster, budget: &Value, pods: &[Arc<Value>]) {
    let selector = budget
        .pointer("/spec/selector")
        .cloned()
        .unwrap_or_default();
    let covered: Vec<&Arc<Value>> = pods
        .iter()
        .filter(|p| !over(p) && selector_matches(&selector, labels_of(p)))
        .collect();
    let expected = covered.iter().filter(|p| !leaving(p)).count() as i64;
    let healthy = covered.iter().filter(|p| ready(p) && !leaving(p)).count() as i64;
    let desired = match (
        budget.pointer("/spec/minAvailable"),
        budget.pointer("/spec/maxUnavailable"),
    ) {
        (Some(least), _) => bound(least, expected),
        (_, Some(most)) => expected - bound(most, expected),
        _ => 0,
    };
    let allowed = if expected == 0 {
        0
    } else {
        (healthy - desired).max(0)
    };
    let now = seconds(c.now);
    c.edit(
        &resource::BUDGETS,
        text(budget, "/metadata/namespace"),
        text(budget, "/metadata/name"),
        |o| {
            let generation = number(o, "/metadata/generation").max(1);
            for (key, value) in [
                ("observedGeneration", generation),
                ("expectedPods", expected),
                ("currentHealthy", healthy),
                ("desiredHealthy", desired),
                ("disruptionsAllowed", allowed),
            ] {
                set(o, &format!("/status/{key}"), value);
            }
            let (yes, reason) = if allowed > 0 {
                ("True", "SufficientPods")
            } else {
                ("False", "InsufficientPods")
            };
            condition(o, "DisruptionAllowed", yes, reason, "", &now);
        },
    );
}

fn measure(c: &mut Cluster, quota: &Value, pods: &[Arc<Value>]) {
    let living: Vec<&Arc<Value>> = pods.iter().filter(|p| !over(p)).collect();
    let sum = |kind: &str, read: fn(&str) -> i64| -> i64 {
        living
            .iter()
            .flat_map(|p| list(p, "/spec/containers"))
            .map(|s| read(text(s, &format!("/resources/requests/{kind}"))))
            .sum()
    };
    let (cpu, memory) = (
        sum("cpu", super::load::millicores),
        sum("memory", super::load::bytes),
    );
    let used = json!({"requests.cpu": format!("{cpu}m"), "requests.memory": format!("{}Mi", memory >> 20), "pods": living.len().to_string()});
    c.edit(
        &resource::QUOTAS,
        text(quota, "/metadata/namespace"),
        text(quota, "/metadata/name"),
        |o| set(o, "/status/used", used),
    );
}
