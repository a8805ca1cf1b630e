//! What happened, as marks on every chart: rollouts, restarts and scaling, from the live store.

use std::collections::BTreeSet;

use crate::model::{AlertState, EndpointId, Key, Kind, Moment, Target, Uid, WorkloadKind};
use crate::store::{Alert, Store};
use crate::ui::format;
use crate::ui::widgets::chart::{Mark, MarkKind};

/// Marks on a chart at most, the newest.
const MOST: usize = 200;

/// Whose marks are wanted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Whose<'a> {
    /// Empty: all of them.
    pub(crate) namespaces: &'a [String],
    /// One object alone.
    pub(crate) target: Option<&'a Target>,
    /// One cluster alone: that of the name of the server that is asked.
    pub(crate) endpoint: Option<EndpointId>,
    /// One alert alone, beside what it is about.
    pub(crate) alert: Option<Uid>,
}

/// Marks between two moments, oldest first.
pub(crate) fn marks(store: &Store, whose: &Whose<'_>, span: (i64, i64)) -> Vec<Mark> {
    let mut marks = BTreeSet::new();
    let mut add = |at: Option<Moment>, kind: MarkKind, words: String| {
        let Some(at_ms) = at.map(|at| at.second() * 1000) else {
            return;
        };
        if (span.0..=span.1).contains(&at_ms) {
            marks.insert(Mark { at_ms, kind, words });
        }
    };
    let place = |namespace: &str, name: &str| match whose.target {
        Some(_) => name.to_owned(),
        None => format!("{namespace}/{name}"),
    };
    for (_, set) in store.workloads().iter() {
        // A rollout begins with a new set; the first one of a deployment is its birth.
        if set.kind != WorkloadKind::ReplicaSet
            || !whose.fits(&set.meta.key, &set.meta.namespace, &set.meta.name)
        {
            continue;
        }
        let owner = set
            .meta
            .owner
            .as_ref()
            .map_or("", |owner| owner.name.as_str());
        let what = format!(
            "{} rolls out {}",
            place(&set.meta.namespace, owner),
            format::images(&set.images)
        );
        add(set.meta.created, MarkKind::Rollout, what);
    }
    for (_, pod) in store.pods().iter() {
        if pod.restarts > 0 && whose.fits(&pod.meta.key, &pod.meta.namespace, &pod.meta.name) {
            let name = place(&pod.meta.namespace, &pod.meta.name);
            add(pod.restarted, MarkKind::Restart, format!("{name} restarts"));
        }
    }
    for (_, event) in store.events().iter() {
        let (namespace, name) = (&event.involved.namespace, &event.involved.name);
        if event.reason.as_str() == "SuccessfulRescale"
            && whose.fits(&event.meta.key, namespace, name)
        {
            let what = format!("{} scales: {}", place(namespace, name), event.message);
            add(event.last.or(event.first), MarkKind::Scaled, what);
        }
    }
    for (_, alert) in store.alerts().rows().iter() {
        if !whose.tells(alert) {
            continue;
        }
        let name = alert.meta.name.as_str();
        add(
            alert.meta.created,
            MarkKind::Pending,
            format!("{name} holds"),
        );
        let turns = store.alerts().history(&alert.meta.key.uid);
        for (at, state) in turns.iter().flat_map(|history| &history.turns) {
            match state {
                AlertState::Firing => add(Some(*at), MarkKind::Firing, format!("{name} fires")),
                AlertState::Resolved => {
                    add(Some(*at), MarkKind::Resolved, format!("{name} is over"))
                }
                _ => {}
            }
        }
    }
    let skip = marks.len().saturating_sub(MOST);
    marks.into_iter().skip(skip).collect()
}

/// Kinds that marks rest on.
pub(crate) const KINDS: [Kind; 2] = [Kind::ReplicaSet, Kind::Event];

impl Whose<'_> {
    /// Whether an alert belongs here: the one alone, or those about what is shown.
    fn tells(&self, alert: &Alert) -> bool {
        if let Some(own) = self.alert {
            return alert.meta.key.uid == own;
        }
        match (self.target, alert.target()) {
            (None, _) => {
                let namespace = alert.meta.namespace.as_str();
                self.namespaces.is_empty() || self.namespaces.iter().any(|known| known == namespace)
            }
            (Some(shown), Some(about)) => {
                let same = (&shown.kind, &shown.namespace, &shown.name)
                    == (&about.kind, &about.namespace, &about.name);
                same && shown.endpoint == about.endpoint
            }
            (Some(_), None) => false,
        }
    }

    fn fits(&self, key: &Key, namespace: &str, name: &str) -> bool {
        let endpoint = self.target.map(|target| target.endpoint).or(self.endpoint);
        if endpoint.is_some_and(|endpoint| endpoint != key.endpoint) {
            return false;
        }
        if let Some(target) = self.target {
            let own = target.name.as_str();
            let begins = name
                .strip_prefix(own)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
            // A pod's rollout is that of what it belongs to.
            let belongs = target.kind == Kind::Pod && own.starts_with(&format!("{name}-"));
            return target.namespace.as_str() == namespace && (begins || belongs);
        }
        self.namespaces.is_empty() || self.namespaces.iter().any(|known| known == namespace)
    }
}
