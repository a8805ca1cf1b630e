//! Services, ingresses and endpoint slices as rows. Cells stand in the order of `model::columns`.

use std::collections::BTreeSet;

use super::core::{name, plain, text};
use super::{Interner, meta};
use crate::model::{EndpointId, Health, Resource, Value};
use crate::sources::kubernetes::wire::message::network as message;

/// The label that names the service of an endpoint slice.
const SERVICE: &str = "kubernetes.io/service-name";
/// How many addresses or hosts are written out.
const SHOWN: usize = 5;

/// Makes the row of a service.
pub fn service(
    message: &message::Service,
    interner: &mut Interner,
    endpoint: EndpointId,
) -> Resource {
    let spec = message.spec.clone().unwrap_or_default();
    let given = addresses(message.status.as_ref());
    let waiting = spec.kind == "LoadBalancer" && given.is_empty();
    let external = match spec.kind.as_str() {
        "ExternalName" => spec.external_name.clone(),
        _ if waiting && spec.external_ips.is_empty() => "<pending>".to_owned(),
        _ => listed(
            given
                .iter()
                .map(String::as_str)
                .chain(spec.external_ips.iter().map(String::as_str)),
        ),
    };
    let ports: Vec<String> = spec
        .ports
        .iter()
        .map(|port| {
            let protocol = protocol(&port.protocol);
            if port.node_port > 0 {
                format!("{}:{}/{protocol}", port.port, port.node_port)
            } else {
                format!("{}/{protocol}", port.port)
            }
        })
        .collect();
    let selector: Vec<String> = spec
        .selector
        .iter()
        .map(|pair| format!("{}={}", pair.key, pair.value))
        .collect();
    let mut row = plain(
        meta(message.metadata.as_ref(), interner, endpoint),
        [
            name(&spec.kind, interner),
            text(&spec.cluster_ip),
            text(&external),
            name(&ports.join(","), interner),
            name(&selector.join(","), interner),
        ],
    );
    if waiting {
        row.health = Health::Busy;
        row.why = Some("no load balancer has given it an address yet".into());
    }
    row
}

/// Makes the row of an ingress.
pub fn ingress(
    message: &message::Ingress,
    interner: &mut Interner,
    endpoint: EndpointId,
) -> Resource {
    let spec = message.spec.clone().unwrap_or_default();
    let hosts: Vec<&str> = spec
        .rules
        .iter()
        .map(|rule| {
            if rule.host.is_empty() {
                "*"
            } else {
                rule.host.as_str()
            }
        })
        .collect();
    let given = addresses(message.status.as_ref());
    let mut backends = BTreeSet::new();
    let of_rules = spec.rules.iter().filter_map(|rule| {
        let inside = rule.value.as_ref().and_then(|value| value.http.as_ref());
        inside.or(rule.http.as_ref())
    });
    for path in of_rules.flat_map(|http| &http.paths) {
        backends.extend(path.backend.as_ref().map(backend));
    }
    backends.extend(spec.default_backend.as_ref().map(backend));
    plain(
        meta(message.metadata.as_ref(), interner, endpoint),
        [
            name(&spec.ingress_class_name, interner),
            text(&if hosts.is_empty() {
                "*".to_owned()
            } else {
                listed(hosts.into_iter())
            }),
            text(&listed(given.iter().map(String::as_str))),
            name(if spec.tls.is_empty() { "80" } else { "80, 443" }, interner),
            text(&listed(backends.iter().map(String::as_str))),
        ],
    )
}

fn backend(backend: &message::Backend) -> String {
    if let Some(service) = &backend.service {
        let port = service.port.clone().unwrap_or_default();
        if port.name.is_empty() {
            format!("{}:{}", service.name, port.number)
        } else {
            format!("{}:{}", service.name, port.name)
        }
    } else {
        let resource = backend.resource.clone().unwrap_or_default();
        format!("{}/{}", resource.kind, resource.name)
    }
}

/// Makes the row of an endpoint slice.
pub fn endpoint_slice(
    message: &message::EndpointSlice,
    interner: &mut Interner,
    endpoint: EndpointId,
) -> Resource {
    let meta = meta(message.metadata.as_ref(), interner, endpoint);
    let service = meta.labels.get(SERVICE).unwrap_or_default().to_owned();
    // An endpoint that does not say counts as ready.
    let is_ready = |one: &&message::Endpoint| {
        let conditions = one.conditions.as_ref();
        conditions
            .and_then(|conditions| conditions.ready)
            .unwrap_or(true)
    };
    let ready = message.endpoints.iter().filter(is_ready).count();
    let waiting = message.endpoints.len() - ready;
    let addresses = message.endpoints.iter().flat_map(|one| &one.addresses);
    let ports: Vec<String> = message
        .ports
        .iter()
        .map(|port| match port.port {
            Some(number) => format!("{number}/{}", protocol(&port.protocol)),
            None => format!("*/{}", protocol(&port.protocol)),
        })
        .collect();
    let (health, why) = match (ready, waiting) {
        (0, 0) => (Health::Idle, Some("no endpoints")),
        (0, _) => (Health::Bad, Some("no endpoint is ready")),
        (_, 0) => (Health::Good, None),
        _ => (Health::Warn, Some("not all endpoints are ready")),
    };
    Resource {
        cells: Box::new([
            name(&service, interner),
            Value::Number(ready as i64),
            Value::Number(waiting as i64),
            text(&listed(addresses.map(String::as_str))),
            name(&ports.join(","), interner),
            name(&message.address_type, interner),
        ]),
        health,
        why: why.map(Into::into),
        meta,
    }
}

fn addresses(status: Option<&message::ServiceStatus>) -> Vec<String> {
    let balancer = status.and_then(|status| status.load_balancer.as_ref());
    let given = balancer.map_or(&[][..], |balancer| &balancer.ingress);
    given
        .iter()
        .map(|one| {
            if one.ip.is_empty() {
                one.hostname.clone()
            } else {
                one.ip.clone()
            }
        })
        .collect()
}

fn protocol(protocol: &str) -> &str {
    if protocol.is_empty() { "TCP" } else { protocol }
}

/// The first few, and how many more there are.
fn listed<'a>(items: impl Iterator<Item = &'a str>) -> String {
    let items: Vec<&str> = items.collect();
    let shown = items.get(..SHOWN).unwrap_or(&items).join(",");
    match items.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} + {more} more"),
    }
}
