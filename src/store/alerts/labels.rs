//! What the labels of an alert and the selectors of Services say, before anything is looked up.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::model::{EndpointId, Kind, Labels, Name, Value};
use crate::store::Store;

/// Where an object is: endpoint, namespace, name.
pub(super) type Path<'a> = (EndpointId, &'a str, &'a str);

/// The first of these labels that is there, with its value.
pub(super) fn first<'a>(
    labels: &'a Labels,
    names: &[&'static str],
) -> Option<(&'static str, &'a str)> {
    names
        .iter()
        .find_map(|name| Some((*name, labels.get(name).filter(|value| !value.is_empty())?)))
}

/// The selectors of all Services.
pub(super) fn services(store: &Store) -> HashMap<Path<'_>, Labels> {
    let Some(table) = store.resources(&Kind::Service) else {
        return HashMap::new();
    };
    let columns = store.columns(&Kind::Service);
    let Some(at) = columns
        .iter()
        .position(|column| column.key.as_str() == "selector")
    else {
        return HashMap::new();
    };
    let selector = |value: Option<&Value>| {
        let text = match value {
            Some(Value::Name(name)) => name.as_str(),
            Some(Value::Text(text)) => text.as_str(),
            _ => "",
        };
        let pairs = text.split(',').filter_map(|pair| pair.split_once('='));
        Labels::new(
            pairs
                .map(|(name, value)| (Name::new(name), Name::new(value)))
                .collect(),
        )
    };
    let rows = table.iter().map(|(_, service)| {
        let meta = &service.meta;
        let path = (
            meta.key.endpoint,
            meta.namespace.as_str(),
            meta.name.as_str(),
        );
        (path, selector(service.cells.get(at)))
    });
    rows.collect()
}

pub(super) fn namespace_of(labels: &Labels) -> Option<(&'static str, &str)> {
    first(
        labels,
        &["exported_namespace", "namespace", "kubernetes_namespace"],
    )
}

pub(super) fn pod_of(labels: &Labels) -> Option<(&'static str, &str)> {
    first(
        labels,
        &["exported_pod", "pod", "kubernetes_pod_name", "pod_name"],
    )
}

pub(super) fn address_of(labels: &Labels) -> Option<IpAddr> {
    let instance = labels.get("instance")?;
    let host = match instance.strip_prefix('[') {
        Some(rest) => rest.split(']').next()?,
        None => instance.rsplit_once(':').map_or(instance, |(host, _)| host),
    };
    // What listens on this machine may be anything.
    host.parse().ok().filter(|ip: &IpAddr| !ip.is_loopback())
}
