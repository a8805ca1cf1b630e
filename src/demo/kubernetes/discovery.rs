//! Discovery: which kinds there are, in the aggregated form and in the older one, both made from `resource::ALL`.

use http::header;
use serde_json::{Value, json};

use super::accept::{self, Encoding, Format, Shape};
use super::reply::{self, Failure, Reply};
use crate::demo::world::resource::{self, Resource, VERBS};

/// A kind that is only asked, or read from elsewhere: group, version, plural, singular, kind, namespaced, verbs.
struct Virtual(
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    bool,
    &'static [&'static str],
);

const VIRTUAL: &[Virtual] = &[
    Virtual(
        "authentication.k8s.io",
        "v1",
        "selfsubjectreviews",
        "selfsubjectreview",
        "SelfSubjectReview",
        false,
        &["create"],
    ),
    Virtual(
        "authorization.k8s.io",
        "v1",
        "selfsubjectaccessreviews",
        "selfsubjectaccessreview",
        "SelfSubjectAccessReview",
        false,
        &["create"],
    ),
    Virtual(
        "authorization.k8s.io",
        "v1",
        "selfsubjectrulesreviews",
        "selfsubjectrulesreview",
        "SelfSubjectRulesReview",
        false,
        &["create"],
    ),
    Virtual(
        "metrics.k8s.io",
        "v1beta1",
        "nodes",
        "",
        "NodeMetrics",
        false,
        &["get", "list"],
    ),
    Virtual(
        "metrics.k8s.io",
        "v1beta1",
        "pods",
        "",
        "PodMetrics",
        true,
        &["get", "list"],
    ),
];

/// The verbs of a stored kind; namespaces go one by one.
fn verbs(kind: &Resource) -> Vec<&'static str> {
    let all = VERBS.iter().copied();
    all.filter(|verb| *verb != "deletecollection" || kind.id != resource::NAMESPACES.id)
        .collect()
}

/// The groups with their versions, in order, without the core group.
fn groups() -> Vec<(&'static str, &'static str)> {
    let mut groups: Vec<(&str, &str)> = Vec::new();
    let kinds = resource::ALL.iter().map(|r| (r.group, r.version));
    for group in kinds.chain(VIRTUAL.iter().map(|v| (v.0, v.1))) {
        if !group.0.is_empty() && !groups.contains(&group) {
            groups.push(group);
        }
    }
    groups
}

/// `/api` and `/apis`.
pub(crate) fn groups_reply(core: bool, accept: Option<&str>) -> Reply {
    let able = |f: Format| {
        f.encoding == Encoding::Json && matches!(f.shape, Shape::Object | Shape::Discovery)
    };
    if accept::choose(accept, able).is_some_and(|f| f.shape == Shape::Discovery) {
        let listed = if core { vec![("", "v1")] } else { groups() };
        let items: Vec<Value> = listed
            .into_iter()
            .map(|(group, version)| aggregated(group, version))
            .collect();
        let list = json!({"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items});
        let format = Format {
            encoding: Encoding::Json,
            shape: Shape::Discovery,
        };
        let mut reply = reply::whole(format, list.to_string());
        reply
            .headers_mut()
            .insert(header::VARY, http::HeaderValue::from_static("Accept"));
        return reply;
    }
    reply::value(&if core {
        json!({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": "127.0.0.1:443"}]})
    } else {
        let groups: Vec<Value> = groups()
            .into_iter()
            .map(|(group, version)| legacy(group, version))
            .collect();
        json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
    })
}

/// `/apis/GROUP`.
pub(crate) fn group_reply(name: &str) -> Result<Reply, Failure> {
    let (group, version) = groups()
        .into_iter()
        .find(|(group, _)| *group == name)
        .ok_or_else(Failure::no_page)?;
    let mut one = legacy(group, version);
    if let Some(map) = one.as_object_mut() {
        map.insert("kind".into(), "APIGroup".into());
        map.insert("apiVersion".into(), "v1".into());
    }
    Ok(reply::value(&one))
}

fn legacy(group: &str, version: &str) -> Value {
    let version = json!({"groupVersion": format!("{group}/{version}"), "version": version});
    json!({"name": group, "versions": [version], "preferredVersion": version})
}

/// `/api/v1` and `/apis/GROUP/VERSION`.
pub(crate) fn resources_reply(group: &str, version: &str) -> Result<Reply, Failure> {
    let mut listed = Vec::new();
    for kind in resource::ALL
        .iter()
        .filter(|r| r.group == group && r.version == version)
    {
        listed.push(one(kind));
        for sub in kind.subresources {
            let mut entry = json!({"name": format!("{}/{}", kind.plural, sub.name), "singularName": "", "namespaced": kind.namespaced,
                "kind": sub.kind, "verbs": sub.verbs});
            if !sub.version.is_empty() {
                put(&mut entry, "group", sub.group.into());
                put(&mut entry, "version", sub.version.into());
            }
            listed.push(entry);
        }
    }
    for v in VIRTUAL.iter().filter(|v| v.0 == group && v.1 == version) {
        listed.push(
            json!({"name": v.2, "singularName": v.3, "namespaced": v.5, "kind": v.4, "verbs": v.6}),
        );
    }
    if listed.is_empty() {
        return Err(Failure::no_page());
    }
    let name = if group.is_empty() {
        version.to_owned()
    } else {
        format!("{group}/{version}")
    };
    Ok(reply::value(
        &json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": name, "resources": listed}),
    ))
}

fn put(entry: &mut Value, key: &str, value: Value) {
    if let Some(map) = entry.as_object_mut() {
        map.insert(key.into(), value);
    }
}

fn one(kind: &Resource) -> Value {
    let mut entry = json!({"name": kind.plural, "singularName": kind.singular, "namespaced": kind.namespaced, "kind": kind.kind, "verbs": verbs(kind)});
    if !kind.short.is_empty() {
        put(&mut entry, "shortNames", kind.short.into());
    }
    if !kind.categories.is_empty() {
        put(&mut entry, "categories", kind.categories.into());
    }
    entry
}

fn aggregated(group: &str, version: &str) -> Value {
    let scope = |namespaced: bool| if namespaced { "Namespaced" } else { "Cluster" };
    let response = |group: &str, version: &str, kind: &str| json!({"group": group, "version": version, "kind": kind});
    let mut listed = Vec::new();
    for kind in resource::ALL
        .iter()
        .filter(|r| r.group == group && r.version == version)
    {
        // built-in kinds leave group and version empty: they are those of the list
        let own = if kind.message.is_empty() {
            response(group, version, kind.kind)
        } else {
            response("", "", kind.kind)
        };
        let mut entry = json!({"resource": kind.plural, "responseKind": own, "scope": scope(kind.namespaced),
            "singularResource": kind.singular, "verbs": verbs(kind)});
        if !kind.short.is_empty() {
            put(&mut entry, "shortNames", kind.short.into());
        }
        if !kind.categories.is_empty() {
            put(&mut entry, "categories", kind.categories.into());
        }
        let subs: Vec<Value> = kind
            .subresources
            .iter()
            .map(|s| {
                let kind = if s.version.is_empty() {
                    own_kind(&own, s.kind)
                } else {
                    response(s.group, s.version, s.kind)
                };
                json!({"subresource": s.name, "responseKind": kind, "verbs": s.verbs})
            })
            .collect();
        if !subs.is_empty() {
            put(&mut entry, "subresources", subs.into());
        }
        listed.push(entry);
    }
    for v in VIRTUAL.iter().filter(|v| v.0 == group && v.1 == version) {
        listed.push(json!({"resource": v.2, "responseKind": response("", "", v.4), "scope": scope(v.5), "singularResource": v.3, "verbs": v.6}));
    }
    let versions = json!([{"version": version, "resources": listed, "freshness": "Current"}]);
    let mut metadata = json!({"creationTimestamp": null});
    if !group.is_empty() {
        put(&mut metadata, "name", group.into());
    }
    json!({"metadata": metadata, "versions": versions})
}

fn own_kind(own: &Value, kind: &str) -> Value {
    let mut own = own.clone();
    put(&mut own, "kind", kind.into());
    own
}
