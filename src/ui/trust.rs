//! How far a pane can be trusted: the states of the feeds that it rests on, made into one.

use std::borrow::Cow;

use super::format;
use super::pane::Pane;
use super::scope::Scoped;
use crate::model::{
    Endpoint, EndpointId, Feed, Health, Kind, Moment, Name, Scope, SourceStatus, Topic, Want,
};
use crate::store::Store;

/// The state of what a pane rests on, the worst of its feeds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Trust<'a> {
    /// No endpoint is open.
    Nowhere,
    Live,
    /// All that the user may see, which is not all there is.
    Limited(&'a str),
    Connecting {
        endpoint: EndpointId,
    },
    Listing {
        total: Option<u64>,
    },
    Off {
        why: &'a str,
    },
    Denied {
        endpoint: EndpointId,
        verb: &'a str,
        resource: &'a str,
    },
    Stale {
        endpoint: EndpointId,
        since: Moment,
        cause: &'a str,
        retry_at: Option<Moment>,
    },
}

/// The objects wanted for a pane, of every endpoint that it looks at.
pub(crate) fn wants(pane: &Pane, scope: &Scoped, store: &Store) -> Vec<Want> {
    let (kinds, namespaces) = pane.wants(scope);
    let only = pane.endpoint();
    let mut wants = Vec::new();
    for endpoint in store.endpoints() {
        if only.is_some_and(|only| only != endpoint.id) {
            continue;
        }
        for kind in kinds.iter().filter(|kind| kind.is_of(endpoint.engine)) {
            wants.extend(want(endpoint.id, kind, &namespaces));
        }
    }
    wants
}

/// A kind wanted from an endpoint, in these namespaces.
pub(crate) fn want(
    endpoint: EndpointId,
    kind: &Kind,
    namespaces: &[Name],
) -> impl Iterator<Item = Want> + use<> {
    let scopes: Vec<Scope> = if namespaces.is_empty() || !kind.listed_by_namespace() {
        vec![Scope::All]
    } else {
        namespaces.iter().cloned().map(Scope::Namespace).collect()
    };
    let kind = kind.clone();
    scopes.into_iter().map(move |scope| Want {
        endpoint,
        kind: kind.clone(),
        scope,
    })
}

/// The worst state of the feeds that a pane rests on, and how many others are not live either.
pub(crate) fn trust<'a>(pane: &Pane, scope: &Scoped, store: &'a Store) -> (Trust<'a>, usize) {
    let kinds = pane.view.kinds();
    let mut endpoints = store.endpoints().iter();
    let tells = |endpoint: &Endpoint| kinds.iter().any(|kind| kind.is_of(endpoint.engine));
    if !kinds.is_empty() && !endpoints.any(tells) {
        return (Trust::Nowhere, 0);
    }
    let mut worst = Trust::Live;
    let mut troubled = 0;
    let mut seen: Vec<EndpointId> = Vec::new();
    let wanted = wants(pane, scope, store);
    if wanted.is_empty() && !pane.view.kinds().is_empty() {
        // Of another engine than those that are open.
        return (Trust::Nowhere, 0);
    }
    let mut off = None;
    let mut there = false;
    for want in wanted {
        // An endpoint that does not answer at all is told once, not for every kind.
        let server = Feed {
            endpoint: want.endpoint,
            topic: Topic::Server,
        };
        let found = match store.status(&server) {
            Some(status) if !status.is_live() => {
                if seen.contains(&want.endpoint) {
                    continue;
                }
                seen.push(want.endpoint);
                of(want.endpoint, Some(status))
            }
            _ => {
                let endpoint = want.endpoint;
                let feed = feed(store, want);
                match (of(endpoint, store.status(&feed)), store.limit(&feed)) {
                    (Trust::Live, Some(why)) => Trust::Limited(why),
                    (found, _) => found,
                }
            }
        };
        // What several may tell is off only if all of them are.
        if let Trust::Off { .. } = found {
            off.get_or_insert(found);
            continue;
        }
        there = true;
        if found.rank() > 1 {
            troubled += 1;
        }
        if found.rank() > worst.rank() {
            worst = found;
        }
    }
    match off {
        Some(off) if !there => (off, 0),
        _ => (worst, troubled.max(1) - 1),
    }
}

/// The feed that tells of what is wanted. A namespace that is not told of by itself yet may be told of with all.
fn feed(store: &Store, want: Want) -> Feed {
    let of = |scope| Feed {
        endpoint: want.endpoint,
        topic: Topic::Objects(want.kind.clone(), scope),
    };
    let own = of(want.scope);
    let all = of(Scope::All);
    if store.status(&own).is_none() && store.status(&all).is_some_and(SourceStatus::is_live) {
        all
    } else {
        own
    }
}

/// The state of one feed.
pub(crate) fn of(endpoint: EndpointId, status: Option<&SourceStatus>) -> Trust<'_> {
    match status {
        None | Some(SourceStatus::Connecting) => Trust::Connecting { endpoint },
        Some(SourceStatus::Listing { total }) => Trust::Listing { total: *total },
        Some(SourceStatus::Live) => Trust::Live,
        Some(SourceStatus::Off { why }) => Trust::Off { why },
        Some(SourceStatus::Denied { verb, resource }) => Trust::Denied {
            endpoint,
            verb,
            resource,
        },
        Some(SourceStatus::Stale {
            since,
            cause,
            retry_at,
        }) => Trust::Stale {
            endpoint,
            since: *since,
            cause,
            retry_at: *retry_at,
        },
    }
}

impl Trust<'_> {
    fn rank(&self) -> u8 {
        match self {
            Self::Live => 0,
            Self::Limited(_) => 1,
            Self::Listing { .. } => 2,
            Self::Connecting { .. } => 3,
            Self::Off { .. } => 4,
            Self::Denied { .. } => 5,
            Self::Stale { .. } => 6,
            Self::Nowhere => 7,
        }
    }

    pub(crate) fn health(&self) -> Health {
        match self {
            Self::Live => Health::Good,
            Self::Limited(_) | Self::Denied { .. } => Health::Warn,
            Self::Listing { .. } | Self::Connecting { .. } => Health::Busy,
            Self::Off { .. } | Self::Nowhere => Health::Idle,
            Self::Stale { .. } => Health::Bad,
        }
    }

    /// What a title says of it; nothing while all is well. Listing is told by the counts.
    pub(crate) fn words(&self, store: &Store, now: Moment) -> Cow<'static, str> {
        let of = |endpoint: &EndpointId| -> String {
            let several = store.places().count() > 1;
            match store.endpoint(*endpoint).filter(|_| several) {
                Some(endpoint) => format!("{}: ", endpoint.name),
                None => String::new(),
            }
        };
        match self {
            Self::Live | Self::Nowhere => Cow::Borrowed(""),
            Self::Listing { .. } => Cow::Borrowed("reading"),
            Self::Limited(why) => Cow::Owned((*why).to_owned()),
            Self::Connecting { endpoint } => Cow::Owned(format!("{}connecting", of(endpoint))),
            Self::Off { why } => Cow::Owned(format!("off: {why}")),
            Self::Denied {
                endpoint,
                verb,
                resource,
            } => Cow::Owned(format!("{}may not {verb} {resource}", of(endpoint))),
            Self::Stale {
                endpoint,
                since,
                cause,
                retry_at,
            } => Cow::Owned(format!(
                "{}stale {}: {cause}{}",
                of(endpoint),
                format::age(since.age(now)),
                retry(*retry_at, now)
            )),
        }
    }

    /// When the words change by themselves.
    pub(crate) fn ticks(&self, now: Moment) -> Option<Moment> {
        let Self::Stale {
            since, retry_at, ..
        } = self
        else {
            return None;
        };
        let next = Moment::from_second(now.second() + 1);
        match retry_at {
            Some(retry) if *retry >= now => next,
            _ => format::changes_at(*since, now),
        }
    }
}

/// `, retry in 3s`
pub(crate) fn retry(at: Option<Moment>, now: Moment) -> String {
    match at.map(|at| now.age(at)) {
        None => String::new(),
        Some(0) => ", retrying".to_owned(),
        Some(seconds) => format!(", retry in {}", format::age(seconds)),
    }
}
