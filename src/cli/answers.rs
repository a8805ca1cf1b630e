//! Whether the clusters have answered, what failed, and which view a word means: shared by the commands that answer
//! once.

use std::collections::BTreeSet;
use std::time::Duration;

use super::gather::{Gathering, demand, objects, settled};
use super::{exit, print};
use crate::model::{Demand, EndpointId, Engine, Feed, Kind, Scope, SourceStatus, Topic};
use crate::store::Store;
use crate::ui::views::{self, ViewRef};

/// The longest that a list may take.
pub(super) const PATIENCE: Duration = Duration::from_mins(2);

/// A feed of an endpoint.
pub(super) fn feed(endpoint: EndpointId, topic: Topic) -> Feed {
    Feed { endpoint, topic }
}

/// The feeds that tell of what is wanted.
pub(super) fn feeds(demand: &Demand) -> Vec<Feed> {
    let wants = demand.objects.iter();
    wants
        .map(|want| objects(want.endpoint, &want.kind, &want.scope))
        .collect()
}

/// Whether every feed has said what it has to say, or its server cannot be reached.
pub(super) fn answered(store: &Store, feeds: &[Feed]) -> bool {
    feeds.iter().all(|feed| {
        let server = self::feed(feed.endpoint, Topic::Server);
        settled(store.status(feed)) || store.status(&server).and_then(cause).is_some()
    })
}

/// Says what failed, once for each cause; whether anything did.
pub(super) fn complain(store: &Store, feeds: &[Feed]) -> bool {
    let mut said = BTreeSet::new();
    for feed in feeds {
        let server = store.status(&self::feed(feed.endpoint, Topic::Server));
        let own = store.status(feed);
        let cause = [own, server].into_iter().flatten().find_map(cause);
        let limit = store.limit(feed).map(|why| why.as_str().to_owned());
        let unanswered = || (!settled(own)).then(|| "no answer in time".to_owned());
        if let Some(cause) = cause.or(limit).or_else(unanswered) {
            let endpoint = store.endpoint(feed.endpoint);
            let name = endpoint.map(|endpoint| endpoint.name.clone());
            said.insert(format!("qd: {}: {cause}", name.unwrap_or_default()));
        }
    }
    for line in &said {
        print::words(line);
    }
    !said.is_empty()
}

/// Why a feed does not tell what is.
pub(super) fn cause(status: &SourceStatus) -> Option<String> {
    match status {
        SourceStatus::Stale { cause, .. } => Some(cause.to_string()),
        SourceStatus::Denied { verb, resource } => Some(format!("may not {verb} {resource}")),
        SourceStatus::Off { why } => Some(why.to_string()),
        SourceStatus::Connecting | SourceStatus::Listing { .. } | SourceStatus::Live => None,
    }
}

/// The view that a word means. If it is none of ours, the clusters are asked for their kinds.
pub(super) async fn view(
    gathering: &mut Gathering,
    word: &str,
    endpoints: &[EndpointId],
) -> Result<ViewRef, u8> {
    let docker = gathering
        .places()
        .all(|endpoint| endpoint.engine == Engine::Docker);
    let find =
        |store: &Store| views::find_for(word, docker).or_else(|| views::find_in(store, word));
    if let Some(view) = find(&gathering.store) {
        return Ok(view);
    }
    let feeds: Vec<Feed> = endpoints
        .iter()
        .map(|endpoint| feed(*endpoint, Topic::Discovery))
        .collect();
    // A cluster tells of its kinds once its first rows are there: these are few.
    gathering.want(demand(endpoints, &[Kind::Namespace], &[Scope::All]));
    gathering
        .until(PATIENCE, |store| {
            find(store).is_some() || answered(store, &feeds)
        })
        .await;
    if let Some(view) = find(&gathering.store) {
        return Ok(view);
    }
    // A cluster that does not answer may well know the kind.
    if complain(&gathering.store, &feeds) {
        return Err(exit::FAILED);
    }
    print::words(&format!("qd: {}", unknown(&gathering.store, word)));
    Err(exit::USAGE)
}

/// What to say of a word that is no view and no kind.
fn unknown(store: &Store, word: &str) -> String {
    let near = views::nearest(store, word);
    if near.is_empty() {
        let names: Vec<&str> = views::ALL.iter().map(|view| view.name()).collect();
        return format!(
            "unknown view or kind \"{word}\": there are {} and the kinds of the cluster",
            names.join(", ")
        );
    }
    format!(
        "unknown view or kind \"{word}\": did you mean {}?",
        near.join(" or ")
    )
}
