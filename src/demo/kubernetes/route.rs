//! From a request's path and query to what it asks for.

use super::super::world::resource::{self, Resource};

/// What a path names.
#[derive(Debug, Clone)]
pub(crate) enum Route {
    Version,
    Healthy,
    /// `/api` or `/apis`, in the aggregated form when the client takes it.
    Groups {
        core: bool,
    },
    /// `/apis/GROUP`.
    Group(String),
    /// `/api/v1` or `/apis/GROUP/VERSION`.
    Resources {
        group: String,
        version: String,
    },
    Metrics {
        namespace: Option<String>,
        nodes: bool,
        name: Option<String>,
    },
    Review(Review),
    Object(Path),
    Unknown,
}

/// The questions about permission and identity that are asked by POST.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Review {
    Access,
    Rules,
    Subject,
}

/// A collection, an object or a subresource.
#[derive(Debug, Clone)]
pub(crate) struct Path {
    pub(crate) resource: &'static Resource,
    pub(crate) namespace: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) subresource: Option<String>,
}

/// Reads a path.
pub(crate) fn route(path: &str) -> Route {
    let parts: Vec<String> = path
        .split('/')
        .filter(|p| !p.is_empty())
        .map(decode)
        .collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    match parts.as_slice() {
        ["version"] => Route::Version,
        ["healthz" | "readyz" | "livez", ..] => Route::Healthy,
        ["api"] => Route::Groups { core: true },
        ["apis"] => Route::Groups { core: false },
        ["apis", group] => Route::Group((*group).to_owned()),
        ["api", version, rest @ ..] => within("", version, rest),
        ["apis", group, version, rest @ ..] => within(group, version, rest),
        _ => Route::Unknown,
    }
}

fn within(group: &str, version: &str, rest: &[&str]) -> Route {
    match (group, rest) {
        (_, []) => Route::Resources {
            group: group.to_owned(),
            version: version.to_owned(),
        },
        ("metrics.k8s.io", ["nodes", name @ ..]) => Route::Metrics {
            namespace: None,
            nodes: true,
            name: name.first().map(|n| (*n).to_owned()),
        },
        ("metrics.k8s.io", ["pods"]) => Route::Metrics {
            namespace: None,
            nodes: false,
            name: None,
        },
        ("metrics.k8s.io", ["namespaces", namespace, "pods", name @ ..]) => Route::Metrics {
            namespace: Some((*namespace).to_owned()),
            nodes: false,
            name: name.first().map(|n| (*n).to_owned()),
        },
        ("authorization.k8s.io", ["selfsubjectaccessreviews"]) => Route::Review(Review::Access),
        ("authorization.k8s.io", ["selfsubjectrulesreviews"]) => Route::Review(Review::Rules),
        ("authentication.k8s.io", ["selfsubjectreviews"]) => Route::Review(Review::Subject),
        // the namespace itself, unless a kind follows
        (_, ["namespaces", namespace, plural, rest @ ..])
            if !matches!(*plural, "status" | "finalize") =>
        {
            object(group, version, plural, Some(namespace), rest)
        }
        (_, [plural, rest @ ..]) => object(group, version, plural, None, rest),
    }
}

fn object(
    group: &str,
    version: &str,
    plural: &str,
    namespace: Option<&str>,
    rest: &[&str],
) -> Route {
    let Some(resource) = resource::find(group, version, plural) else {
        return Route::Unknown;
    };
    if namespace.is_some() && !resource.namespaced {
        return Route::Unknown;
    }
    let (name, subresource) = match rest {
        [] => (None, None),
        [name] => (Some(*name), None),
        [name, sub] => (Some(*name), Some(*sub)),
        _ => return Route::Unknown,
    };
    Route::Object(Path {
        resource,
        namespace: namespace.map(str::to_owned),
        name: name.map(str::to_owned),
        subresource: subresource.map(str::to_owned),
    })
}

/// The query's parameters by name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn parse(text: &str) -> Self {
        Self(
            text.split('&')
                .filter(|pair| !pair.is_empty())
                .map(|pair| {
                    let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (decode(key), decode(&value.replace('+', " ")))
                })
                .collect(),
        )
    }

    /// The parameter's text, if it is there and not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(key, _)| key == name)?;
        (!value.is_empty()).then_some(value.as_str())
    }

    /// Whether the parameter says yes.
    pub(crate) fn flag(&self, name: &str) -> bool {
        matches!(self.get(name), Some("true" | "1"))
    }

    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.get(name)?.parse().ok()
    }
}

fn decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first == b'%'
            && let [a, b, after @ ..] = tail
            && let Ok(digits) = std::str::from_utf8(&[*a, *b])
            && let Ok(byte) = u8::from_str_radix(digits, 16)
        {
            out.push(byte);
            rest = after;
        } else {
            out.push(*first);
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
