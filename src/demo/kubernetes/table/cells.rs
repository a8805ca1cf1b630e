//! The cells of each built-in kind that is neither a pod nor a controller, and the words they share.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{controllers, pods};
use crate::demo::world::item::{list, number, text};
use crate::demo::world::resource::Resource;

/// The cells of an object in the order of its kind's columns.
pub(super) fn cells(resource: &Resource, o: &Value, now: Timestamp) -> Vec<Value> {
    let name: Value = text(o, "/metadata/name").into();
    let age = age(o, now);
    match resource.plural {
        "pods" => pods::cells(o, now),
        "configmaps" => vec![
            name,
            (count(o, "/data") + count(o, "/binaryData")).into(),
            age,
        ],
        "secrets" => vec![name, text(o, "/type").into(), count(o, "/data").into(), age],
        "serviceaccounts" => vec![name, list(o, "/secrets").len().into(), age],
        "namespaces" => vec![name, text(o, "/status/phase").into(), age],
        "nodes" => node(o, age),
        "events" => event(o, now),
        "services" => service(o, age),
        "endpoints" => vec![name, endpoints(o).into(), age],
        "endpointslices" => slice(o, age),
        "ingresses" => ingress(o, age),
        "persistentvolumeclaims" => claim(o, age),
        "persistentvolumes" => volume(o, age),
        "resourcequotas" => quota(o, age),
        "limitranges" | "customresourcedefinitions" => {
            vec![name, text(o, "/metadata/creationTimestamp").into()]
        }
        "leases" => vec![name, text(o, "/spec/holderIdentity").into(), age],
        "storageclasses" => vec![
            if text(
                o,
                "/metadata/annotations/storageclass.kubernetes.io~1is-default-class",
            ) == "true"
            {
                format!("{} (default)", text(o, "/metadata/name")).into()
            } else {
                name
            },
            text(o, "/provisioner").into(),
            text(o, "/reclaimPolicy").into(),
            text(o, "/volumeBindingMode").into(),
            o.get("allowVolumeExpansion")
                .cloned()
                .unwrap_or(Value::Bool(false)),
            age,
        ],
        _ => controllers::cells(resource, o, age, now),
    }
}

/// `<none>` for an empty text.
pub(super) fn none(text: &str) -> Value {
    if text.is_empty() {
        "<none>".into()
    } else {
        text.into()
    }
}

fn count(o: &Value, pointer: &str) -> usize {
    o.pointer(pointer)
        .and_then(Value::as_object)
        .map_or(0, serde_json::Map::len)
}

/// How old the object is.
pub(super) fn age(o: &Value, now: Timestamp) -> Value {
    since(text(o, "/metadata/creationTimestamp"), now).into()
}

/// How long ago a time was.
pub(super) fn since(at: &str, now: Timestamp) -> String {
    at.parse::<Timestamp>().map_or_else(
        |_| "<unknown>".to_owned(),
        |at| duration(now.as_second() - at.as_second()),
    )
}

/// Seconds as Kubernetes writes durations for people.
pub(super) fn duration(seconds: i64) -> String {
    let (m, h, d) = (seconds / 60, seconds / 3600, seconds / 86_400);
    let two = |a: i64, x: char, b: i64, y: char| {
        if b == 0 {
            format!("{a}{x}")
        } else {
            format!("{a}{x}{b}{y}")
        }
    };
    match seconds {
        i64::MIN..-1 => "<invalid>".to_owned(),
        -1..0 => "0s".to_owned(),
        0..120 => format!("{seconds}s"),
        120..600 => two(m, 'm', seconds % 60, 's'),
        600..10_800 => format!("{m}m"),
        10_800..28_800 => two(h, 'h', m % 60, 'm'),
        28_800..172_800 => format!("{h}h"),
        172_800..691_200 => two(d, 'd', h % 24, 'h'),
        691_200..63_072_000 => format!("{d}d"),
        _ => two(d / 365, 'y', d % 365, 'd'),
    }
}

/// Labels as `a=b,c=d`.
pub(super) fn pairs(labels: Option<&Value>) -> String {
    let all: Vec<String> = labels
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(k, v)| format!("{k}={}", v.as_str().unwrap_or_default()))
        .collect();
    if all.is_empty() {
        "<none>".to_owned()
    } else {
        all.join(",")
    }
}

fn node(o: &Value, age: Value) -> Vec<Value> {
    let ready = list(o, "/status/conditions")
        .iter()
        .find(|c| text(c, "/type") == "Ready");
    let mut status = match ready.map(|c| text(c, "/status")) {
        Some("True") => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    }
    .to_owned();
    if o.pointer("/spec/unschedulable") == Some(&Value::Bool(true)) {
        status.push_str(",SchedulingDisabled");
    }
    let labels = o.pointer("/metadata/labels").and_then(Value::as_object);
    let roles: Vec<&str> = labels
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| match key.as_str() {
            "kubernetes.io/role" => value.as_str().filter(|role| !role.is_empty()),
            other => other.strip_prefix("node-role.kubernetes.io/"),
        })
        .collect();
    let address = |kind: &str| {
        let found = list(o, "/status/addresses")
            .iter()
            .find(|a| text(a, "/type") == kind);
        none(found.map_or("", |a| text(a, "/address")))
    };
    let info = |key: &str| match text(o, &format!("/status/nodeInfo/{key}")) {
        "" => "<unknown>".into(),
        known => known.into(),
    };
    vec![
        text(o, "/metadata/name").into(),
        status.into(),
        none(&roles.join(",")),
        age,
        text(o, "/status/nodeInfo/kubeletVersion").into(),
        address("InternalIP"),
        address("ExternalIP"),
        info("osImage"),
        info("kernelVersion"),
        info("containerRuntimeVersion"),
    ]
}

fn event(o: &Value, now: Timestamp) -> Vec<Value> {
    let seen = |pointer: &str| match text(o, pointer) {
        "" => since(text(o, "/eventTime"), now),
        at => since(at, now),
    };
    let kind = text(o, "/involvedObject/kind").to_lowercase();
    let (component, host) = match text(o, "/source/component") {
        "" => (
            text(o, "/reportingComponent"),
            text(o, "/reportingInstance"),
        ),
        component => (component, text(o, "/source/host")),
    };
    let source = if host.is_empty() {
        component.to_owned()
    } else {
        format!("{component}, {host}")
    };
    vec![
        seen("/lastTimestamp").into(),
        text(o, "/type").into(),
        text(o, "/reason").into(),
        format!("{kind}/{}", text(o, "/involvedObject/name")).into(),
        text(o, "/involvedObject/fieldPath").into(),
        source.into(),
        text(o, "/message").trim().into(),
        seen("/firstTimestamp").into(),
        number(o, "/count").max(1).into(),
        text(o, "/metadata/name").into(),
    ]
}

fn service(o: &Value, age: Value) -> Vec<Value> {
    let kind = text(o, "/spec/type");
    let external = match kind {
        "LoadBalancer" => match text(o, "/status/loadBalancer/ingress/0/hostname") {
            "" => "<pending>",
            host => host,
        },
        "ExternalName" => text(o, "/spec/externalName"),
        _ => "<none>",
    };
    let ports: Vec<String> = list(o, "/spec/ports")
        .iter()
        .map(|p| match number(p, "/nodePort") {
            0 => format!("{}/{}", number(p, "/port"), text(p, "/protocol")),
            node => format!("{}:{node}/{}", number(p, "/port"), text(p, "/protocol")),
        })
        .collect();
    vec![
        text(o, "/metadata/name").into(),
        kind.into(),
        none(text(o, "/spec/clusterIP")),
        external.into(),
        none(&ports.join(",")),
        age,
        pairs(o.pointer("/spec/selector")).into(),
    ]
}

fn endpoints(o: &Value) -> String {
    let all: Vec<String> = list(o, "/subsets")
        .iter()
        .flat_map(|s| {
            let port = number(s, "/ports/0/port");
            list(s, "/addresses")
                .iter()
                .map(move |a| format!("{}:{port}", text(a, "/ip")))
        })
        .collect();
    shorten(&all)
}

/// Three of a list and how many more there are.
fn shorten(all: &[String]) -> String {
    let first: Vec<&str> = all.iter().take(3).map(String::as_str).collect();
    match all.len() {
        0 => "<none>".to_owned(),
        1..=3 => first.join(","),
        more => format!("{} + {} more...", first.join(","), more - 3),
    }
}

fn slice(o: &Value, age: Value) -> Vec<Value> {
    let ports: Vec<String> = list(o, "/ports")
        .iter()
        .map(|p| number(p, "/port").to_string())
        .collect();
    let addresses: Vec<String> = list(o, "/endpoints")
        .iter()
        .flat_map(|e| {
            list(e, "/addresses")
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
        })
        .collect();
    let unset = |text: String| {
        if text == "<none>" {
            "<unset>".to_owned()
        } else {
            text
        }
    };
    vec![
        text(o, "/metadata/name").into(),
        text(o, "/addressType").into(),
        unset(shorten(&ports)).into(),
        unset(shorten(&addresses)).into(),
        age,
    ]
}

fn ingress(o: &Value, age: Value) -> Vec<Value> {
    let hosts: Vec<String> = list(o, "/spec/rules")
        .iter()
        .map(|r| text(r, "/host").to_owned())
        .collect();
    let ports = if list(o, "/spec/tls").is_empty() {
        "80"
    } else {
        "80, 443"
    };
    let hosts = if hosts.is_empty() {
        "*".to_owned()
    } else {
        shorten(&hosts)
    };
    vec![
        text(o, "/metadata/name").into(),
        none(text(o, "/spec/ingressClassName")),
        hosts.into(),
        text(o, "/status/loadBalancer/ingress/0/hostname").into(),
        ports.into(),
        age,
    ]
}

fn modes(o: &Value) -> String {
    let short = |mode: &str| match mode {
        "ReadWriteOnce" => "RWO",
        "ReadOnlyMany" => "ROX",
        "ReadWriteMany" => "RWX",
        _ => "RWOP",
    };
    let all: Vec<&str> = list(o, "/spec/accessModes")
        .iter()
        .filter_map(Value::as_str)
        .map(short)
        .collect();
    all.join(",")
}

fn claim(o: &Value, age: Value) -> Vec<Value> {
    vec![
        text(o, "/metadata/name").into(),
        text(o, "/status/phase").into(),
        text(o, "/spec/volumeName").into(),
        text(o, "/status/capacity/storage").into(),
        if text(o, "/spec/volumeName").is_empty() {
            "".into()
        } else {
            modes(o).into()
        },
        text(o, "/spec/storageClassName").into(),
        "<unset>".into(),
        age,
        text(o, "/spec/volumeMode").into(),
    ]
}

fn volume(o: &Value, age: Value) -> Vec<Value> {
    vec![
        text(o, "/metadata/name").into(),
        text(o, "/spec/capacity/storage").into(),
        modes(o).into(),
        text(o, "/spec/persistentVolumeReclaimPolicy").into(),
        text(o, "/status/phase").into(),
        format!(
            "{}/{}",
            text(o, "/spec/claimRef/namespace"),
            text(o, "/spec/claimRef/name")
        )
        .into(),
        text(o, "/spec/storageClassName").into(),
        "<unset>".into(),
        text(o, "/status/reason").into(),
        age,
        text(o, "/spec/volumeMode").into(),
    ]
}

fn quota(o: &Value, age: Value) -> Vec<Value> {
    let side = |limits: bool| {
        let hard = o.pointer("/status/hard").and_then(Value::as_object);
        let all: Vec<String> = hard
            .into_iter()
            .flatten()
            .filter(|(key, _)| key.starts_with("limits") == limits)
            .map(|(key, most)| {
                let used = o
                    .pointer("/status/used")
                    .and_then(|u| u.get(key))
                    .unwrap_or(&Value::Null);
                format!(
                    "{key}: {}/{}",
                    used.as_str().unwrap_or("0"),
                    most.as_str().unwrap_or("0")
                )
            })
            .collect();
        json!(all.join(", "))
    };
    vec![
        text(o, "/metadata/name").into(),
        side(false),
        side(true),
        age,
    ]
}
