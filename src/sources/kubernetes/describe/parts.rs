//! What several kinds describe alike: owners, selectors, conditions, containers of a template, volumes.

use serde_json::Value;

use super::sheet::Sheet;
use crate::model::Health;
use crate::sources::kubernetes::json::{list, moment, pairs, plain, said, word, words};

/// `ReplicaSet shop-5d9f`; the controller if there are several owners.
pub(super) fn owner(object: &Value) -> String {
    let owners = list(object, "/metadata/ownerReferences");
    let controls = |owner: &&Value| owner.get("controller").and_then(Value::as_bool) == Some(true);
    let owner = owners.iter().find(controls).or_else(|| owners.first());
    owner
        .map(|owner| format!("{} {}", word(owner, "/kind"), word(owner, "/name")))
        .unwrap_or_default()
}

/// The texts of a list, joined with commas.
pub(super) fn joined(object: &Value, pointer: &str) -> String {
    words(object, pointer).join(", ")
}

/// `app=shop,tier=web,env in (a, b)`: a selector with labels and expressions.
pub(super) fn selector(object: &Value, pointer: &str) -> String {
    let Some(selector) = object.pointer(pointer) else {
        return String::new();
    };
    let labels =
        if selector.get("matchLabels").is_some() || selector.get("matchExpressions").is_some() {
            "/matchLabels"
        } else {
            ""
        };
    let mut terms: Vec<String> = pairs(selector, labels)
        .map(|(key, value)| format!("{key}={}", plain(value)))
        .collect();
    for expression in list(selector, "/matchExpressions") {
        let (key, values) = (word(expression, "/key"), joined(expression, "/values"));
        terms.push(match word(expression, "/operator") {
            "In" => format!("{key} in ({values})"),
            "NotIn" => format!("{key} not in ({values})"),
            "Exists" => key.to_owned(),
            "DoesNotExist" => format!("!{key}"),
            other => format!("{key} {other} {values}"),
        });
    }
    terms.join(", ")
}

/// Conditions whose `True` is bad news.
const BAD_WHEN_TRUE: [&str; 10] = [
    "MemoryPressure",
    "DiskPressure",
    "PIDPressure",
    "NetworkUnavailable",
    "ReplicaFailure",
    "Failed",
    "FailureTarget",
    "Stalled",
    "ScalingLimited",
    "DisruptionTarget",
];

/// How well a condition is.
fn condition_health(sort: &str, status: &str) -> Health {
    let bad_when_true = BAD_WHEN_TRUE.contains(&sort);
    match (status, bad_when_true) {
        ("True", false) | ("False", true) => Health::Good,
        ("True", true) if sort == "ScalingLimited" => Health::Warn,
        ("False", false) if matches!(sort, "Suspended" | "Complete" | "SuccessCriteriaMet") => {
            Health::Idle
        }
        ("False", false) if matches!(sort, "Progressing" | "Reconciling" | "Resizing") => {
            Health::Warn
        }
        ("True", true) | ("False", false) => Health::Bad,
        _ => Health::Warn,
    }
}

/// The section of conditions, those that are not well first.
pub(super) fn conditions(sheet: &mut Sheet, object: &Value) {
    let mut conditions: Vec<_> = list(object, "/status/conditions")
        .iter()
        .map(|condition| {
            let (sort, status) = (word(condition, "/type"), word(condition, "/status"));
            (condition_health(sort, status), condition)
        })
        .collect();
    conditions.sort_by_key(|(health, _)| *health);
    sheet.section("Conditions");
    for (health, condition) in conditions {
        let (reason, message) = (word(condition, "/reason"), word(condition, "/message"));
        let mut value = word(condition, "/status").to_owned();
        for part in [reason, message] {
            if !part.is_empty() {
                value.push_str(if value.contains(", ") { ": " } else { ", " });
                value.push_str(part);
            }
        }
        let time = moment(condition, "/lastTransitionTime")
            .or_else(|| moment(condition, "/lastUpdateTime"));
        sheet.timed(word(condition, "/type"), value, health, time);
    }
}

/// `cpu 100m, memory 64Mi`
pub(super) fn amounts(object: &Value, pointer: &str) -> String {
    let amounts: Vec<_> = pairs(object, pointer)
        .map(|(name, amount)| format!("{name} {}", plain(amount)))
        .collect();
    amounts.join(", ")
}

/// `http-get :8080/live, delay 5 s, timeout 1 s, every 10 s, 3 failures`
pub(in crate::sources::kubernetes) fn probe(probe: &Value) -> String {
    let handler = if let Some(get) = probe.get("httpGet") {
        let scheme = if word(get, "/scheme") == "HTTPS" {
            "https"
        } else {
            "http"
        };
        format!(
            "{scheme} {}:{}{}",
            word(get, "/host"),
            said(get, "/port"),
            word(get, "/path")
        )
    } else if let Some(socket) = probe.get("tcpSocket") {
        format!("tcp {}:{}", word(socket, "/host"), said(socket, "/port"))
    } else if let Some(grpc) = probe.get("grpc") {
        format!("grpc :{} {}", said(grpc, "/port"), word(grpc, "/service"))
            .trim_end()
            .to_owned()
    } else {
        let command = words(probe, "/exec/command").join(" ");
        format!("exec {}", command.chars().take(120).collect::<String>())
    };
    let number =
        |key: &str, default: i64| probe.get(key).and_then(Value::as_i64).unwrap_or(default);
    let delay = match number("initialDelaySeconds", 0) {
        0 => String::new(),
        delay => format!(", after {delay} s"),
    };
    let (timeout, period, failures) = (
        number("timeoutSeconds", 1),
        number("periodSeconds", 10),
        number("failureThreshold", 3),
    );
    format!("{handler}{delay}, every {period} s, timeout {timeout} s, {failures} failures")
}

/// What a container is told to be: image, command, ports, resources, probes, environment, mounts.
pub(super) fn container_spec(sheet: &mut Sheet, container: &Value) {
    sheet.fact("Image", word(container, "/image"));
    sheet.fact("Command", words(container, "/command").join(" "));
    sheet.fact("Arguments", words(container, "/args").join(" "));
    let ports: Vec<_> = list(container, "/ports").iter().map(port).collect();
    sheet.fact("Ports", ports.join(", "));
    sheet.fact("Requests", amounts(container, "/resources/requests"));
    sheet.fact("Limits", amounts(container, "/resources/limits"));
    for (key, label) in [
        ("livenessProbe", "Liveness"),
        ("readinessProbe", "Readiness"),
        ("startupProbe", "Startup"),
    ] {
        if let Some(found) = container.get(key) {
            sheet.fact(label, probe(found));
        }
    }
    let variables = list(container, "/env").iter().map(variable);
    let sources = list(container, "/envFrom").iter().map(|source| {
        let prefix = word(source, "/prefix");
        match (
            word(source, "/configMapRef/name"),
            word(source, "/secretRef/name"),
        ) {
            ("", secret) => format!("{prefix}* from secret {secret}"),
            (map, _) => format!("{prefix}* from config map {map}"),
        }
    });
    sheet.lines("Environment", variables.chain(sources).take(100));
    let mounts = list(container, "/volumeMounts").iter().map(|mount| {
        let sub = word(mount, "/subPath");
        let sub = if sub.is_empty() {
            String::new()
        } else {
            format!(", only {sub}")
        };
        let mode = if mount.get("readOnly").and_then(Value::as_bool) == Some(true) {
            ", read only"
        } else {
            ""
        };
        format!(
            "{} from {}{sub}{mode}",
            word(mount, "/mountPath"),
            word(mount, "/name")
        )
    });
    sheet.lines("Mounts", mounts.take(100));
}

/// `8080/TCP http`
pub(in crate::sources::kubernetes) fn port(port: &Value) -> String {
    let protocol = match word(port, "/protocol") {
        "" => "TCP",
        protocol => protocol,
    };
    let host = said(port, "/hostPort");
    let host = if host.is_empty() {
        String::new()
    } else {
        format!(" (host {host})")
    };
    let text = format!(
        "{}/{protocol} {}",
        said(port, "/containerPort"),
        word(port, "/name")
    );
    format!("{}{host}", text.trim_end())
}

/// `NAME=value`, or where the value comes from. What lies in a secret is not in the pod.
fn variable(variable: &Value) -> String {
    let name = word(variable, "/name");
    let Some(from) = variable.get("valueFrom") else {
        return format!("{name}={}", word(variable, "/value"));
    };
    let source = if let Some(secret) = from.get("secretKeyRef") {
        format!(
            "secret {}, key {}",
            word(secret, "/name"),
            word(secret, "/key")
        )
    } else if let Some(map) = from.get("configMapKeyRef") {
        format!(
            "config map {}, key {}",
            word(map, "/name"),
            word(map, "/key")
        )
    } else if let Some(field) = from.get("fieldRef") {
        format!("field {}", word(field, "/fieldPath"))
    } else {
        format!("resource {}", word(from, "/resourceFieldRef/resource"))
    };
    format!("{name} from {source}")
}

/// Where a pod's volumes come from.
pub(super) fn volumes(sheet: &mut Sheet, spec: &Value) {
    sheet.section("Volumes");
    for volume in list(spec, "/volumes") {
        let source = pairs(volume, "").find(|(key, _)| *key != "name");
        let Some((sort, source)) = source else {
            continue;
        };
        let value = match sort {
            "configMap" => format!("config map {}", word(source, "/name")),
            "secret" => format!("secret {}", word(source, "/secretName")),
            "persistentVolumeClaim" => format!("claim {}", word(source, "/claimName")),
            "hostPath" => format!("host path {}", word(source, "/path")),
            "emptyDir" => {
                let medium = word(source, "/medium").to_lowercase();
                let size = said(source, "/sizeLimit");
                let parts = ["empty".to_owned(), medium, size]
                    .into_iter()
                    .filter(|part| !part.is_empty());
                parts.collect::<Vec<_>>().join(", ")
            }
            "projected" => {
                let sources = list(source, "/sources")
                    .iter()
                    .flat_map(|source| pairs(source, ""));
                let sources: Vec<_> = sources
                    .map(|(sort, source)| {
                        format!("{sort} {}", word(source, "/name"))
                            .trim_end()
                            .to_owned()
                    })
                    .collect();
                format!("projected: {}", sources.join(", "))
            }
            other => format!("{other} {}", said(source, "/driver"))
                .trim_end()
                .to_owned(),
        };
        sheet.fact(word(volume, "/name"), value);
    }
}

/// Tolerations beyond those that every pod is given.
pub(super) fn tolerations(sheet: &mut Sheet, spec: &Value) {
    let usual = |toleration: &Value| {
        matches!(
            word(toleration, "/key"),
            "node.kubernetes.io/not-ready" | "node.kubernetes.io/unreachable"
        ) && word(toleration, "/effect") == "NoExecute"
            && toleration.get("tolerationSeconds").and_then(Value::as_i64) == Some(300)
    };
    let unusual = list(spec, "/tolerations")
        .iter()
        .filter(|toleration| !usual(toleration))
        .map(|toleration| {
            let (key, value, effect) = (
                word(toleration, "/key"),
                word(toleration, "/value"),
                word(toleration, "/effect"),
            );
            let key = if key.is_empty() { "every taint" } else { key };
            let value = if value.is_empty() {
                String::new()
            } else {
                format!("={value}")
            };
            let effect = if effect.is_empty() {
                String::new()
            } else {
                format!(":{effect}")
            };
            let seconds = said(toleration, "/tolerationSeconds");
            let seconds = if seconds.is_empty() {
                String::new()
            } else {
                format!(" for {seconds} s")
            };
            format!("{key}{value}{effect}{seconds}")
        });
    sheet.lines("Tolerates", unusual);
}
