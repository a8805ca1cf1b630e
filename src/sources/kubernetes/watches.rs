//! Which kinds of a cluster are watched: follows the demand, and keeps what was wanted a moment ago.
//!
//! The endpoint's loop owns one [`Watches`], tells it the demand, and passes every batch of the reflectors through
//! [`Watches::pass`] on its way to the store. What must stay true: a kind is never listed twice at a time; widening
//! or narrowing a scope never blanks rows; a denied list is asked for again every few minutes at most.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::listwatch::{self, Subject};
use super::table;
use crate::clients::kube::Reader;
use crate::model::{
    Batch, Change, EndpointId, Feed, Kind, Name, Scope, SourceStatus, Text, Topic, Want,
};
use crate::sources::backoff;
use crate::sources::outlet::Outlet;

/// How long a watch outlives its last want.
const LINGER: Duration = Duration::from_mins(1);

/// The watches of one endpoint.
pub(super) struct Watches {
    endpoint: EndpointId,
    reader: Reader,
    /// Where reflectors send; its other end is the endpoint's loop.
    inside: mpsc::Sender<Batch>,
    outside: mpsc::Sender<Batch>,
    kinds: BTreeMap<Kind, Watched>,
    /// Where the user may look, by kind, when the whole cluster is denied; none until it was found out.
    allowed: Option<Vec<Reach>>,
    /// Whether the server offers streaming lists.
    streaming: bool,
}

/// A namespace and the kinds that may be listed there; none if that could not be found out.
#[derive(Clone, Debug)]
pub(super) struct Reach {
    pub(super) namespace: Name,
    pub(super) rules: Option<super::access::Rules>,
}

/// The watches of one kind.
#[derive(Default)]
struct Watched {
    /// Over the whole cluster.
    all: Option<Run>,
    /// Set once the whole was denied: the namespaces stand in for it, until then.
    denied: Option<Instant>,
    namespaces: BTreeMap<Name, Run>,
    /// Namespaces that were wanted while the whole was there and answered for them.
    mirrored: BTreeSet<Name>,
    /// Since when nothing of the whole is wanted.
    whole_unwanted: Option<Instant>,
    whole_wanted: bool,
    /// It was said that only some namespaces are shown.
    limited: bool,
}

/// One list-and-watch loop.
struct Run {
    task: JoinHandle<()>,
    status: SourceStatus,
    unwanted: Option<Instant>,
}

impl Drop for Run {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What the endpoint's loop has to do next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Asks {
    /// Find out where the user may look.
    pub(super) reach: bool,
    /// A kind has vanished: discover again.
    pub(super) discover: bool,
    /// Rows have come.
    pub(super) rows: bool,
}

impl Watches {
    pub(super) fn new(
        endpoint: EndpointId,
        reader: Reader,
        inside: mpsc::Sender<Batch>,
        outside: mpsc::Sender<Batch>,
    ) -> Self {
        Self {
            endpoint,
            reader,
            inside,
            outside,
            kinds: BTreeMap::new(),
            allowed: None,
            streaming: false,
        }
    }

    /// Told once the server's version is known.
    pub(super) fn set_streaming(&mut self, streaming: bool) {
        self.streaming = streaming;
    }

    /// Starts what is wanted and not there, and marks what is there and not wanted.
    pub(super) async fn follow(&mut self, wants: &BTreeSet<Want>) -> Asks {
        let mut wanted: BTreeMap<&Kind, (bool, BTreeSet<&Name>)> = BTreeMap::new();
        for want in wants.iter().filter(|want| want.endpoint == self.endpoint) {
            let (all, namespaces) = wanted.entry(&want.kind).or_default();
            match &want.scope {
                Scope::Namespace(name) => {
                    namespaces.insert(name);
                }
                Scope::All => *all = true,
            }
        }
        let now = Instant::now();
        let mut asks = Asks::default();
        for (kind, (all, namespaces)) in &wanted {
            asks.reach |= self.want(kind, *all, namespaces, now).await;
        }
        for (kind, watched) in &mut self.kinds {
            if !wanted.contains_key(kind) {
                watched.whole_wanted = false;
                watched.whole_unwanted.get_or_insert(now);
                for run in watched.namespaces.values_mut() {
                    run.unwanted.get_or_insert(now);
                }
            }
        }
        asks
    }

    /// Answers the wants of one kind. True if it must be found out where the user may look.
    async fn want(
        &mut self,
        kind: &Kind,
        all: bool,
        namespaces: &BTreeSet<&Name>,
        now: Instant,
    ) -> bool {
        // A kind without namespaces has one list, whatever is asked.
        let all = all || !kind.namespaced();
        let watched = self.kinds.entry(kind.clone()).or_default();
        let whole = watched.all.is_some() || watched.denied.is_some();
        // The wider watch answers for the narrower one: dropping it would blank their common rows.
        let keep = all || (whole && !namespaces.is_empty());
        watched.whole_wanted = keep;
        if keep {
            watched.whole_unwanted = None;
        } else {
            watched.whole_unwanted.get_or_insert(now);
        }
        let mut reach = false;
        if all && !whole {
            let run = self.start(kind, Scope::All);
            self.kinds.entry(kind.clone()).or_default().all = Some(run);
        } else if all && self.allowed.is_none() {
            reach = self
                .kinds
                .get(kind)
                .is_some_and(|watched| watched.denied.is_some());
        }
        for name in namespaces.iter().copied() {
            let watched = self.kinds.entry(kind.clone()).or_default();
            if let Some(run) = watched.namespaces.get_mut(name) {
                run.unwanted = None;
            } else if let Some(whole) = &watched.all {
                let status = whole.status.clone();
                if watched.mirrored.insert(name.clone()) {
                    let scope = Scope::Namespace(name.clone());
                    self.tell(kind, scope, vec![Change::Status(status)]).await;
                }
            } else {
                let run = self.start(kind, Scope::Namespace(name.clone()));
                let watched = self.kinds.entry(kind.clone()).or_default();
                watched.namespaces.insert(name.clone(), run);
            }
        }
        if let Some(watched) = self.kinds.get_mut(kind) {
            let standing_in = watched.denied.is_some() && watched.whole_wanted;
            for (name, run) in &mut watched.namespaces {
                if !standing_in && !namespaces.contains(name) {
                    run.unwanted.get_or_insert(now);
                }
            }
        }
        reach
    }

    /// Takes a batch of a reflector to the store, and learns from it.
    pub(super) async fn pass(&mut self, batch: Batch) -> Asks {
        let mut asks = Asks::default();
        let Topic::Objects(kind, scope) = &batch.feed.topic else {
            let _ = self.outside.send(batch).await;
            return asks;
        };
        let (kind, scope) = (kind.clone(), scope.clone());
        let Some(watched) = self.kinds.get_mut(&kind) else {
            return asks;
        };
        let run = match &scope {
            Scope::All => watched.all.as_mut(),
            Scope::Namespace(name) => watched.namespaces.get_mut(name),
        };
        // What a watch that has just ended still had to say would be taken for new.
        let Some(run) = run else {
            return asks;
        };
        let mut begun = false;
        let mut told = None;
        for change in &batch.changes {
            match change {
                Change::Status(status) => told = Some(status.clone()),
                Change::Listing => begun = true,
                Change::Row(_) => asks.rows = true,
                _ => {}
            }
        }
        if let Some(status) = &told {
            run.status = status.clone();
        }
        let denied = matches!(run.status, SourceStatus::Denied { .. });
        asks.discover =
            matches!(kind, Kind::Custom(_)) && matches!(told, Some(SourceStatus::Off { .. }));
        match scope {
            Scope::All if denied && kind.namespaced() => {
                watched.all = None;
                watched.denied = Some(Instant::now());
                asks.reach = self.allowed.is_none();
                self.stand_in(&kind).await;
            }
            // Asked again after a denial; until the list begins, the namespaces stand in.
            Scope::All if watched.limited && !begun => {}
            Scope::All => {
                if begun {
                    // From here the whole tells of these; told twice, a row could miss its sweep.
                    watched
                        .mirrored
                        .extend(std::mem::take(&mut watched.namespaces).into_keys());
                }
                let limited = std::mem::take(&mut watched.limited);
                let mirrored: Vec<_> = watched.mirrored.iter().cloned().collect();
                let _ = self.outside.send(batch).await;
                if limited {
                    self.tell(&kind, Scope::All, vec![Change::Limited(None)])
                        .await;
                }
                if let Some(status) = told {
                    for name in mirrored {
                        let change = Change::Status(status.clone());
                        self.tell(&kind, Scope::Namespace(name), vec![change]).await;
                    }
                }
            }
            Scope::Namespace(_) => {
                let _ = self.outside.send(batch).await;
                if told.is_some() {
                    self.sum_up(&kind).await;
                }
            }
        }
        asks
    }

    /// The state of every watch.
    pub(super) fn statuses(&self) -> impl Iterator<Item = &SourceStatus> {
        self.kinds.values().flat_map(|watched| {
            let parts = watched.namespaces.values();
            watched.all.iter().chain(parts).map(|run| &run.status)
        })
    }

    /// Told where the user may look when the whole cluster is denied.
    pub(super) async fn reach(&mut self, reach: Vec<Reach>) {
        self.allowed = Some(reach);
        let kinds: Vec<_> = self.kinds.keys().cloned().collect();
        for kind in kinds {
            if self
                .kinds
                .get(&kind)
                .is_some_and(|watched| watched.denied.is_some())
            {
                self.stand_in(&kind).await;
            }
        }
    }

    /// Watches the namespaces in place of the whole cluster.
    async fn stand_in(&mut self, kind: &Kind) {
        let Some(allowed) = &self.allowed else {
            return;
        };
        let names: Vec<_> = allowed
            .iter()
            .filter(|reach| reach.rules.as_ref().is_none_or(|rules| rules.lists(kind)))
            .map(|reach| reach.namespace.clone())
            .collect();
        for name in names {
            let known = self.kinds.get(kind);
            if known.is_some_and(|watched| !watched.namespaces.contains_key(&name)) {
                let run = self.start(kind, Scope::Namespace(name.clone()));
                if let Some(watched) = self.kinds.get_mut(kind) {
                    watched.namespaces.insert(name, run);
                }
            }
        }
        self.sum_up(kind).await;
    }

    /// Tells the state of the whole from its namespaces, where they stand in for it.
    async fn sum_up(&mut self, kind: &Kind) {
        let Some(watched) = self.kinds.get_mut(kind) else {
            return;
        };
        if watched.denied.is_none() || self.allowed.is_none() {
            return;
        }
        let statuses = || watched.namespaces.values().map(|run| &run.status);
        let denied = |status: &SourceStatus| matches!(status, SourceStatus::Denied { .. });
        let names: Vec<_> = watched
            .namespaces
            .iter()
            .filter(|(_, run)| !denied(&run.status))
            .map(|(name, _)| name.as_str())
            .collect();
        watched.limited = !names.is_empty();
        let resource = kind.resource();
        if names.is_empty() {
            let status = SourceStatus::Denied {
                verb: Text::new("list"),
                resource: Text::from(resource),
            };
            self.tell(
                kind,
                Scope::All,
                vec![Change::Status(status), Change::Limited(None)],
            )
            .await;
            return;
        }
        let stale = statuses().find(|status| matches!(status, SourceStatus::Stale { .. }));
        let listing = statuses().find(|status| {
            matches!(
                status,
                SourceStatus::Listing { .. } | SourceStatus::Connecting
            )
        });
        let status = stale.or(listing).cloned().unwrap_or(SourceStatus::Live);
        let mut list = names.iter().take(3).copied().collect::<Vec<_>>().join(", ");
        if names.len() > 3 {
            list = format!("{list} and {} more", names.len() - 3);
        }
        let why = format!("only {list}: may not list {resource} in all namespaces");
        let changes = vec![
            Change::Status(status),
            Change::Limited(Some(Text::from(why))),
        ];
        self.tell(kind, Scope::All, changes).await;
    }

    /// Ends what nobody has wanted for a minute, and tries again what was denied a while ago. Call it now and then.
    pub(super) async fn tidy(&mut self) {
        let now = Instant::now();
        let over = |since: Option<Instant>| since.is_some_and(|since| now - since >= LINGER);
        let mut ended = Vec::new();
        let mut again = Vec::new();
        for (kind, watched) in &mut self.kinds {
            let wanted = watched.whole_wanted
                || watched
                    .namespaces
                    .values()
                    .any(|run| run.unwanted.is_none());
            if stays(kind) && !wanted {
                continue;
            }
            let whole = watched.all.is_some() || watched.denied.is_some();
            if whole && over(watched.whole_unwanted) {
                watched.all = None;
                watched.denied = None;
                let parts = std::mem::take(&mut watched.namespaces).into_keys();
                let parts = parts.chain(std::mem::take(&mut watched.mirrored));
                ended.push((kind.clone(), Scope::All));
                ended.extend(parts.map(|name| (kind.clone(), Scope::Namespace(name))));
            }
            let standing_in = watched.denied.is_some() && watched.whole_wanted;
            watched.namespaces.retain(|name, run| {
                let keep = standing_in || !over(run.unwanted);
                if !keep {
                    ended.push((kind.clone(), Scope::Namespace(name.clone())));
                }
                keep
            });
            if standing_in
                && watched
                    .denied
                    .is_some_and(|since| now - since >= backoff::DENIED)
            {
                again.push(kind.clone());
            }
        }
        for (kind, scope) in ended {
            self.tell(&kind, scope, vec![Change::Dropped]).await;
        }
        if !again.is_empty() {
            self.allowed = None;
        }
        for kind in again {
            // Denied again, it stands in again; the namespaces go on meanwhile.
            let run = self.start(&kind, Scope::All);
            if let Some(watched) = self.kinds.get_mut(&kind) {
                watched.denied = None;
                watched.all = Some(run);
            }
        }
        self.kinds.retain(|_, watched| {
            watched.all.is_some() || watched.denied.is_some() || !watched.namespaces.is_empty()
        });
    }

    fn start(&self, kind: &Kind, scope: Scope) -> Run {
        let feed = Feed {
            endpoint: self.endpoint,
            topic: Topic::Objects(kind.clone(), scope.clone()),
        };
        let outlet = Outlet::new(feed, self.inside.clone());
        let subject = Subject {
            endpoint: self.endpoint,
            kind: kind.clone(),
            scope,
            streaming: self.streaming,
        };
        let reader = self.reader.clone();
        let task = if matches!(kind, Kind::Custom(_)) {
            tokio::spawn(table::run(reader, subject, outlet))
        } else {
            tokio::spawn(listwatch::run(reader, subject, outlet))
        };
        Run {
            task,
            status: SourceStatus::Connecting,
            unwanted: None,
        }
    }

    async fn tell(&self, kind: &Kind, scope: Scope, changes: Vec<Change>) {
        let feed = Feed {
            endpoint: self.endpoint,
            topic: Topic::Objects(kind.clone(), scope),
        };
        // Nobody listens only at the end of the run.
        let _ = self.outside.send(Batch { feed, changes }).await;
    }
}

/// Kinds that stay watched: what an operator comes back to all the time.
fn stays(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Pod
            | Kind::Node
            | Kind::Deployment
            | Kind::StatefulSet
            | Kind::DaemonSet
            | Kind::ReplicaSet
            | Kind::Job
            | Kind::CronJob
    )
}
