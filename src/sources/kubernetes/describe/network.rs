//! Services, ingresses and endpoint slices.

use serde_json::Value;

use super::parts;
use super::sheet::Sheet;
use crate::model::Health;
use crate::sources::kubernetes::json::{list, number, said, word, words, yes};

pub(super) fn service(sheet: &mut Sheet, object: &Value) {
    sheet.fact("Type", word(object, "/spec/type"));
    sheet.fact("Cluster address", parts::joined(object, "/spec/clusterIPs"));
    sheet.fact("External name", word(object, "/spec/externalName"));
    sheet.fact(
        "External addresses",
        parts::joined(object, "/spec/externalIPs"),
    );
    let balancers = list(object, "/status/loadBalancer/ingress")
        .iter()
        .map(|one| {
            let (ip, host) = (word(one, "/ip"), word(one, "/hostname"));
            if ip.is_empty() { host } else { ip }.to_owned()
        });
    let balancers: Vec<_> = balancers.collect();
    if word(object, "/spec/type") == "LoadBalancer" && balancers.is_empty() {
        sheet.flag("Load balancer", "no address yet", Health::Busy);
    }
    sheet.lines("Load balancer", balancers);
    let selector = parts::selector(object, "/spec/selector");
    if selector.is_empty() && word(object, "/spec/type") != "ExternalName" {
        sheet.flag(
            "Selector",
            "none: its endpoints are made by hand or by somebody else",
            Health::Good,
        );
    } else {
        sheet.fact("Selector", selector);
    }
    let affinity = word(object, "/spec/sessionAffinity");
    if affinity != "None" {
        sheet.fact("Affinity", affinity);
    }
    for key in ["externalTrafficPolicy", "internalTrafficPolicy"] {
        let policy = word(object, &format!("/spec/{key}"));
        if policy == "Local" {
            sheet.fact(
                if key.starts_with('e') {
                    "Outside traffic"
                } else {
                    "Inside traffic"
                },
                "only to pods of the same node",
            );
        }
    }
    if yes(object, "/spec/publishNotReadyAddresses") {
        sheet.fact("Publishes", "pods that are not ready, too");
    }
    sheet.section("Ports");
    for port in list(object, "/spec/ports") {
        let (name, protocol) = (word(port, "/name"), word(port, "/protocol"));
        let node = number(port, "/nodePort").filter(|node| *node != 0);
        let node = node
            .map(|node| format!(", node port {node}"))
            .unwrap_or_default();
        let name = if name.is_empty() {
            said(port, "/port")
        } else {
            name.to_owned()
        };
        sheet.fact(
            &name,
            format!(
                "{}/{protocol} → {}{node}",
                said(port, "/port"),
                said(port, "/targetPort")
            ),
        );
    }
}

pub(super) fn ingress(sheet: &mut Sheet, object: &Value) {
    sheet.fact("Class", word(object, "/spec/ingressClassName"));
    let addresses = list(object, "/status/loadBalancer/ingress")
        .iter()
        .map(|one| {
            let (ip, host) = (word(one, "/ip"), word(one, "/hostname"));
            if ip.is_empty() { host } else { ip }.to_owned()
        });
    let addresses: Vec<_> = addresses.collect();
    if addresses.is_empty() {
        sheet.flag(
            "Address",
            "none: no controller has taken it up",
            Health::Warn,
        );
    }
    sheet.lines("Address", addresses);
    if let Some(backend) = object.pointer("/spec/defaultBackend") {
        sheet.fact("Default", backend_text(backend));
    }
    sheet.section("Rules");
    for rule in list(object, "/spec/rules") {
        let host = word(rule, "/host");
        let host = if host.is_empty() { "any host" } else { host };
        let paths = list(rule, "/http/paths").iter().map(|path| {
            let place = word(path, "/path");
            let place = if place.is_empty() { "/" } else { place };
            let sort = word(path, "/pathType");
            let sort = if sort == "Exact" { " (exact)" } else { "" };
            format!(
                "{place}{sort} → {}",
                backend_text(path.get("backend").unwrap_or(&Value::Null))
            )
        });
        sheet.lines(host, paths);
    }
    sheet.section("TLS");
    for entry in list(object, "/spec/tls") {
        let secret = word(entry, "/secretName");
        let secret = if secret.is_empty() {
            "the controller's own certificate"
        } else {
            secret
        };
        sheet.fact(secret, words(entry, "/hosts").join(", "));
    }
}

fn backend_text(backend: &Value) -> String {
    let service = word(backend, "/service/name");
    if service.is_empty() {
        return format!(
            "{} {}",
            word(backend, "/resource/kind"),
            word(backend, "/resource/name")
        );
    }
    let port = said(backend, "/service/port/number");
    let port = if port.is_empty() {
        word(backend, "/service/port/name").to_owned()
    } else {
        port
    };
    format!("{service}:{port}")
}

pub(super) fn slice(sheet: &mut Sheet, object: &Value) {
    let service = object
        .pointer("/metadata/labels/kubernetes.io~1service-name")
        .and_then(Value::as_str);
    sheet.fact("Service", service.unwrap_or_default());
    sheet.fact("Addresses", word(object, "/addressType"));
    let ports = list(object, "/ports").iter().map(|port| {
        format!(
            "{}/{} {}",
            said(port, "/port"),
            word(port, "/protocol"),
            word(port, "/name")
        )
        .trim_end()
        .to_owned()
    });
    sheet.fact("Ports", ports.collect::<Vec<_>>().join(", "));
    sheet.section("Endpoints");
    for endpoint in list(object, "/endpoints") {
        // Unset means ready.
        let ready = endpoint
            .pointer("/conditions/ready")
            .and_then(Value::as_bool)
            != Some(false);
        let leaving = yes(endpoint, "/conditions/terminating");
        let (word_, health) = match (ready, leaving) {
            (_, true) => ("terminating", Health::Busy),
            (true, _) => ("ready", Health::Good),
            (false, _) => ("not ready", Health::Bad),
        };
        let target = word(endpoint, "/targetRef/name");
        let node = word(endpoint, "/nodeName");
        let on = if node.is_empty() {
            String::new()
        } else {
            format!(" on {node}")
        };
        sheet.flag(
            &parts::joined(endpoint, "/addresses"),
            format!("{word_} {target}{on}"),
            health,
        );
    }
}
