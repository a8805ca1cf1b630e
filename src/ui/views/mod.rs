//! Views: what can be shown as a table, one file each, and the list of them all.
//!
//! A view says which kinds it rests on, its columns, and how a row becomes cells. Help, palette, `qd get`, snapshots
//! and completions derive from [`ALL`]. Views only read the store; what was filtered and sorted is kept in
//! [`Prepared`], which belongs to the pane.

pub(crate) mod alerts;
mod columns;
mod containers;
mod contexts;
mod cronjobs;
mod daemonsets;
mod deployments;
mod docker;
mod events;
mod hpa;
mod jobs;
mod nodes;
mod order;
mod places;
mod pod_containers;
mod pods;
mod replicasets;
mod resources;
mod statefulsets;
mod table;
mod watched;
mod workload_columns;
mod workloads;

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use crate::model::{CustomKind, EndpointId, Engine, Health, Key, Kind, Moment, Target};
use crate::store::Store;
use crate::ui::query::Query;

/// What a view may look at.
#[derive(Clone, Copy)]
pub struct World<'a> {
    pub store: &'a Store,
    pub now: Moment,
    /// Several endpoints are open, so a column says which.
    pub several: bool,
}

impl World<'_> {
    /// The same world by the clock of an endpoint.
    #[must_use]
    pub fn by_clock_of(self, endpoint: EndpointId) -> Self {
        Self {
            now: self.store.clock(endpoint, self.now),
            ..self
        }
    }
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// `RESTARTS`
    pub header: Cow<'static, str>,
    /// `restarts`: the key in JSON and in `:sort`.
    pub key: Cow<'static, str>,
    pub right: bool,
    /// Only shown in wide mode.
    pub wide: bool,
    /// Columns with a higher number go first when room is short; 0 stays to the end.
    pub rank: u8,
    /// Never narrower than this many cells while shown.
    pub min: u16,
    /// Never wider than this, unless room is left over.
    pub max: u16,
}

/// What a cell means; the theme gives it a colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Role {
    #[default]
    Plain,
    /// Of little weight: ages, namespaces, what is as it should be.
    Dim,
    /// The name of the row.
    Strong,
    Accent,
    Health(Health),
}

/// A cell of a row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cell<'a> {
    pub text: Cow<'a, str>,
    pub role: Role,
    /// A bar before the text: the filled share (may exceed 1).
    pub bar: Option<f32>,
}

/// Rows of a view that match a query, in order. Owned by the pane, made by [`View::prepare`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prepared {
    /// Slots of the view's table.
    pub rows: Vec<u32>,
    /// Rows in scope, before the filter.
    pub total: usize,
    /// Rows of `rows` by health, in the order of [`Health::ALL`].
    pub by_health: [usize; 5],
    /// The table's revision that this was made from.
    pub revision: u64,
    /// Where rows stand if nothing else is asked for.
    places: places::Places,
}

/// Where Enter leads from a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Drill {
    /// Open the object's detail.
    Detail,
    /// Open another object's detail: what an event is about.
    Open(Target),
    /// Another view, narrowed to what belongs to the row.
    Into {
        view: &'static str,
        within: crate::ui::query::Within,
    },
    /// Work in this namespace from now on.
    UseNamespace(String),
    /// Open this context.
    UseContext(String),
    /// Open this Docker host beside what is open.
    UseDocker(String),
}

/// A view. Slots are those of the view's own table in the store.
pub trait View: Send + Sync {
    /// `pods`: unique; what is typed after `:` and `qd get`.
    fn name(&self) -> &str;
    /// `po`, `pod`
    fn aliases(&self) -> Vec<String>;
    /// `Pods`
    fn title(&self) -> &str;
    /// One sentence for help.
    fn doc(&self) -> &str;
    /// The kinds that must be watched while it is shown.
    fn kinds(&self) -> Vec<Kind>;
    fn columns(&self, world: World<'_>) -> Vec<Column>;
    /// The revision of what the rows are made from; rows are prepared again when it moves.
    fn revision(&self, store: &Store) -> u64;
    /// Filters and sorts.
    fn prepare(&self, world: World<'_>, query: &Query, prepared: &mut Prepared);
    /// The cells of a row, one for each of [`Self::columns`].
    fn cells<'a>(&self, world: World<'a>, slot: u32) -> Vec<Cell<'a>>;
    fn health(&self, store: &Store, slot: u32) -> Health;
    fn key(&self, store: &Store, slot: u32) -> Option<Key>;
    /// The slot of a row that the pane remembers by identity.
    fn slot(&self, store: &Store, key: &Key) -> Option<u32>;
    fn target(&self, store: &Store, slot: u32) -> Option<Target>;
    fn drill(&self, store: &Store, slot: u32) -> Option<Drill>;
    /// The next second in which a cell of this row changes by itself (an age); none if never.
    fn ticks(&self, world: World<'_>, slot: u32) -> Option<Moment>;
}

/// A view, shared by the panes that show it.
pub type ViewRef = Arc<dyn View>;

impl Prepared {
    fn clear(&mut self) {
        self.rows.clear();
        self.total = 0;
        self.by_health = [0; 5];
    }

    /// Whether a row still is the object that it was when it was prepared.
    pub fn holds(&self, view: &dyn View, store: &Store, at: usize) -> bool {
        let Some(slot) = self.rows.get(at) else {
            return false;
        };
        view.key(store, *slot)
            .is_some_and(|key| fingerprint(&key) == self.places.print(*slot))
    }

    /// Takes a row out.
    pub fn drop(&mut self, at: usize) {
        if at < self.rows.len() {
            self.rows.remove(at);
            self.total = self.total.saturating_sub(1);
        }
    }
}

/// A part of a uid that tells objects apart well enough to notice that a slot changed hands.
pub fn fingerprint(key: &Key) -> u32 {
    let [a, b, c, d, ..] = key.uid.bytes();
    u32::from_le_bytes([a, b, c, d]) ^ u32::from(key.endpoint.0)
}

/// Every view but those of kinds that only discovery knows, in the order in which they are listed.
pub static ALL: LazyLock<Vec<ViewRef>> = LazyLock::new(|| {
    vec![
        Arc::new(workloads::workloads()),
        Arc::new(pods::pods()),
        Arc::new(containers::containers()),
        Arc::new(hpa::hpa()),
        Arc::new(events::events()),
        Arc::new(nodes::nodes()),
        Arc::new(deployments::deployments()),
        Arc::new(statefulsets::statefulsets()),
        Arc::new(daemonsets::daemonsets()),
        Arc::new(replicasets::replicasets()),
        Arc::new(jobs::jobs()),
        Arc::new(cronjobs::cronjobs()),
        Arc::new(resources::services()),
        Arc::new(resources::ingresses()),
        Arc::new(resources::endpoints()),
        Arc::new(resources::configmaps()),
        Arc::new(resources::secrets()),
        Arc::new(resources::pvc()),
        Arc::new(resources::pdb()),
        Arc::new(resources::namespaces()),
        Arc::new(docker::services()),
        Arc::new(docker::compose()),
        Arc::new(docker::tasks()),
        Arc::new(docker::stacks()),
        Arc::new(docker::nodes()),
        Arc::new(docker::images()),
        Arc::new(docker::volumes()),
        Arc::new(docker::networks()),
        Arc::new(docker::hosts()),
        Arc::new(pod_containers::pod_containers()),
        Arc::new(alerts::alerts()),
        Arc::new(watched::silences()),
        Arc::new(watched::rules()),
        Arc::new(watched::targets()),
        Arc::new(contexts::contexts()),
    ]
});

/// A view by its name or an alias, in any case.
pub fn find(word: &str) -> Option<ViewRef> {
    let word = word.trim().to_lowercase();
    ALL.iter()
        .find(|view| view.name() == word || view.aliases().contains(&word))
        .cloned()
}

/// As [`find`]; where only Docker is open, `services` and `nodes` are Docker's.
pub fn find_for(word: &str, only_docker: bool) -> Option<ViewRef> {
    let view = find(word)?;
    if !only_docker {
        return Some(view);
    }
    match view.name() {
        "services" => find("docker-services"),
        "nodes" => find("swarm-nodes"),
        _ => Some(view),
    }
}

/// As [`find`], and then among the kinds that discovery knows, of any endpoint: by kind, plural, singular, short or
/// `plural.group` name.
/// Words that both worlds have mean Docker's while no cluster is open.
pub fn find_in(store: &Store, word: &str) -> Option<ViewRef> {
    let docker = store.has(Engine::Docker) && !store.has(Engine::Kubernetes);
    if let Some(view) = find_for(word, docker) {
        return Some(view);
    }
    let word = word.trim().to_lowercase();
    if let Some(kind) = Kind::find(&word) {
        return ALL
            .iter()
            .find(|view| view.kinds().first() == Some(&kind))
            .cloned();
    }
    let named = |custom: &&CustomKind| {
        custom.plural == word
            || custom.singular == word
            || custom.kind.to_lowercase() == word
            || custom.short.contains(&word)
            || word
                .split_once('.')
                .is_some_and(|(plural, group)| custom.plural == plural && custom.group == group)
    };
    store
        .endpoints()
        .iter()
        .flat_map(|endpoint| store.kinds(endpoint.id))
        .find(named)
        .map(|custom| objects(Kind::Custom(Arc::new(custom.clone()))))
}

/// The view of a kind: our own, or one of the server's columns.
pub fn objects(kind: Kind) -> ViewRef {
    if let Kind::Custom(custom) = &kind {
        let custom = Arc::clone(custom);
        return Arc::new(resources::custom(&custom, kind));
    }
    let kind = match kind {
        Kind::SwarmService => Kind::ComposeService,
        kind => kind,
    };
    let own = |view: &&ViewRef| {
        // The first view over workloads is that of all of them.
        view.kinds().first() == Some(&kind)
            && view.name() != "workloads"
            && view.name() != "pod-containers"
    };
    match ALL.iter().find(own) {
        Some(view) => Arc::clone(view),
        None => Arc::new(pods::pods()),
    }
}

/// Names of views and kinds that are near a word that is none, nearest first; at most three.
pub fn nearest(store: &Store, word: &str) -> Vec<String> {
    let word = word.trim().to_lowercase();
    let mut names: Vec<String> = Vec::new();
    for view in ALL.iter() {
        names.push(view.name().to_owned());
        names.extend(view.aliases());
    }
    for endpoint in store.endpoints() {
        let kinds = store.kinds(endpoint.id).iter();
        names.extend(kinds.map(|custom| custom.plural.clone()));
    }
    let mut near: Vec<(usize, String)> = names
        .into_iter()
        .map(|name| (strsim::osa_distance(&word, &name), name))
        .filter(|(distance, name)| {
            let longer = word.chars().count().max(name.chars().count());
            *distance * 3 <= longer || (word.len() > 2 && name.starts_with(&word))
        })
        .collect();
    near.sort();
    near.dedup_by(|one, other| one.1 == other.1);
    near.into_iter().map(|(_, name)| name).take(3).collect()
}
