//! The detail of one object: its summary, YAML, events, relations and, of a pod, containers, each on a tab of its own.
//!
//! The document itself is the store's, and live; here is only where the operator stands in it. What is revealed of a
//! Secret is forgotten when the screen is left and by itself after [`SHOWN`] seconds.

pub(crate) mod draw;
mod lines;
mod metrics;
mod watched;

use std::collections::BTreeMap;

use ratatui::layout::Rect;

use super::boards;
use super::format;
use super::layout::cut_rows;
use super::pane::Pane;
use super::query::Within;
use super::scope::Scoped;
use super::views::{self, World};
use super::widgets::reader::{Lines, Reader};
use crate::model::{Document, EndpointId, Engine, Kind, Moment, Target, Uid};
use crate::store::Store;

use metrics::Metrics;

/// Seconds that a revealed value is shown.
pub(crate) const SHOWN: i64 = 15;

/// A side of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tab {
    Summary,
    Metrics,
    Yaml,
    Events,
    Related,
    Containers,
}

impl Tab {
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Summary => "Summary",
            Self::Metrics => "Metrics",
            Self::Yaml => "YAML",
            Self::Events => "Events",
            Self::Related => "Related",
            Self::Containers => "Containers",
        }
    }
}

/// Where the operator stands in an opened object.
pub(crate) struct Detail {
    pub(crate) target: Target,
    tab: Tab,
    summary: Reader,
    yaml: Reader,
    related: Reader,
    events: Option<Pane>,
    containers: Option<Pane>,
    pub(crate) metrics: Metrics,
    pub(crate) managed: bool,
    /// Keys of a Secret that are shown, and until when.
    revealed: BTreeMap<String, Moment>,
    /// Of what no server has a document of: made here.
    own: Option<Document>,
    title: Rect,
    tabs: Rect,
    body: Rect,
}

impl Detail {
    pub(crate) fn new(target: Target, tab: Tab) -> Self {
        Self {
            target,
            tab,
            summary: Reader::wrapped(),
            yaml: Reader::default(),
            related: Reader::default(),
            events: None,
            containers: None,
            metrics: Metrics::default(),
            managed: false,
            revealed: BTreeMap::new(),
            own: None,
            title: Rect::default(),
            tabs: Rect::default(),
            body: Rect::default(),
        }
    }

    /// The tabs of this object, in order.
    pub(crate) fn all_tabs(&self) -> &'static [Tab] {
        if self.target.kind == Kind::Alert {
            &[Tab::Summary, Tab::Metrics, Tab::Related]
        } else if self.is_own() {
            &[Tab::Summary, Tab::Related]
        } else if self.target.kind == Kind::Pod {
            &[
                Tab::Summary,
                Tab::Metrics,
                Tab::Containers,
                Tab::Yaml,
                Tab::Events,
                Tab::Related,
            ]
        } else if boards::MEASURED.contains(&self.target.kind) {
            &[
                Tab::Summary,
                Tab::Metrics,
                Tab::Yaml,
                Tab::Events,
                Tab::Related,
            ]
        } else if self.target.kind.engine() == Engine::Docker {
            // A daemon keeps no events about its objects.
            &[Tab::Summary, Tab::Yaml, Tab::Related]
        } else {
            &[Tab::Summary, Tab::Yaml, Tab::Events, Tab::Related]
        }
    }

    pub(crate) fn tab(&self) -> Tab {
        self.tab
    }

    pub(crate) fn go(&mut self, tab: Tab) {
        if self.all_tabs().contains(&tab) {
            self.tab = tab;
        }
    }

    pub(crate) fn step(&mut self, by: isize) {
        let tabs = self.all_tabs();
        let at = tabs.iter().position(|tab| *tab == self.tab).unwrap_or(0);
        let next = (at as isize + by).rem_euclid(tabs.len() as isize);
        if let Some(tab) = tabs.get(next as usize) {
            self.tab = *tab;
        }
    }

    /// The object, once it is there.
    pub(crate) fn document<'a>(&'a self, store: &'a Store) -> Option<&'a Document> {
        self.own.as_ref().or_else(|| {
            store
                .document()
                .filter(|document| same(&document.target, &self.target))
        })
    }

    /// Whether it is made here, from rows.
    pub(crate) fn is_own(&self) -> bool {
        is_watched(&self.target.kind)
    }

    /// The table of the tab, if it is one.
    pub(crate) fn pane(&self) -> Option<&Pane> {
        match self.tab {
            Tab::Events => self.events.as_ref(),
            Tab::Containers => self.containers.as_ref(),
            _ => None,
        }
    }

    pub(crate) fn pane_mut(&mut self) -> Option<&mut Pane> {
        match self.tab {
            Tab::Events => self.events.as_mut(),
            Tab::Containers => self.containers.as_mut(),
            _ => None,
        }
    }

    /// The text of the tab, if it is one.
    pub(crate) fn reader(&self) -> Option<&Reader> {
        match self.tab {
            Tab::Summary => Some(&self.summary),
            Tab::Yaml => Some(&self.yaml),
            Tab::Related => Some(&self.related),
            Tab::Events | Tab::Containers | Tab::Metrics => None,
        }
    }

    pub(crate) fn reader_mut(&mut self) -> Option<&mut Reader> {
        match self.tab {
            Tab::Summary => Some(&mut self.summary),
            Tab::Yaml => Some(&mut self.yaml),
            Tab::Related => Some(&mut self.related),
            Tab::Events | Tab::Containers | Tab::Metrics => None,
        }
    }

    /// Hands the lines of the tab to `read`, if it is a text and there.
    pub(crate) fn with_lines<T>(
        &self,
        store: &Store,
        now: Moment,
        read: impl FnOnce(&dyn Lines) -> T,
    ) -> Option<T> {
        let document = self.document(store)?;
        match self.tab {
            Tab::Summary => {
                let theirs = store.clock(document.target.endpoint, now);
                Some(read(&lines::Summary::new(document, theirs)))
            }
            Tab::Yaml => Some(read(&lines::Yaml(self.yaml_lines(document)))),
            Tab::Related => Some(read(&lines::Relations(document))),
            Tab::Events | Tab::Containers | Tab::Metrics => None,
        }
    }

    fn yaml_lines<'a>(&self, document: &'a Document) -> &'a [crate::model::Text] {
        if self.managed {
            &document.yaml_managed
        } else {
            &document.yaml
        }
    }

    /// Lays the screen out and brings it up to date.
    pub(crate) fn prepare(&mut self, world: World<'_>, area: Rect, scope: &Scoped, resort: bool) {
        self.revealed.retain(|_, until| *until > world.now);
        if self.is_own() {
            let own = watched::document(world.store, &self.target, world.now);
            // What is gone stays as it was last.
            self.own = own.or(self.own.take().map(|own| Document {
                deleted: true,
                ..own
            }));
        }
        let (title, rest) = cut_rows(area, 1);
        let (tabs, body) = cut_rows(rest, 1);
        (self.title, self.tabs, self.body) = (title, tabs, body);
        let uid = self
            .target
            .uid
            .or_else(|| self.document(world.store)?.target.uid);
        if let Some(uid) = uid {
            self.open_tables(uid);
        }
        if let Some(pane) = self.pane_mut() {
            pane.area = body;
            pane.prepare(world, scope, resort);
        }
        let text = Rect {
            x: body.x.saturating_add(1),
            width: body.width.saturating_sub(2),
            ..body
        };
        let mut reader = self.reader().cloned();
        if let Some(reader) = &mut reader {
            self.with_lines(world.store, world.now, |lines| reader.prepare(lines, text));
        }
        if let (Some(reader), Some(own)) = (reader, self.reader_mut()) {
            *own = reader;
        }
    }

    fn open_tables(&mut self, uid: Uid) {
        let endpoint = self.target.endpoint;
        let open = |name: &str, within: Within| {
            views::find(name).map(|view| Pane::new(view, false).within(within, self.target.clone()))
        };
        if self.events.is_none() {
            self.events = open("events", Within::About { endpoint, uid });
        }
        if self.containers.is_none() && self.target.kind == Kind::Pod {
            self.containers = open("pod-containers", Within::Pod { endpoint, uid });
        }
    }

    pub(crate) fn rest(&mut self) {
        self.revealed.clear();
        self.metrics.grid.rest();
        for pane in self.events.iter_mut().chain(self.containers.iter_mut()) {
            pane.rest();
        }
    }

    /// Shows a value of a Secret for a while.
    pub(crate) fn reveal(&mut self, key: &str, now: Moment) {
        if let Some(until) = Moment::from_second(now.second() + SHOWN) {
            self.revealed.insert(key.to_owned(), until);
        }
    }

    /// Hides what is revealed; false if nothing is.
    pub(crate) fn conceal(&mut self) -> bool {
        let any = !self.revealed.is_empty();
        self.revealed.clear();
        any
    }

    /// The keys that are revealed, and until when.
    pub(crate) fn revealed(&self) -> &BTreeMap<String, Moment> {
        &self.revealed
    }

    /// The related object under the cursor.
    pub(crate) fn relation(&self, store: &Store) -> Option<Target> {
        let document = self.document(store)?;
        let related = document.related.get(self.related.cursor)?;
        (self.tab == Tab::Related).then(|| related.target.clone())
    }

    /// What controls the object, as far as the document says.
    pub(crate) fn owner(&self, store: &Store) -> Option<Target> {
        self.document(store)?
            .related
            .iter()
            .find(|related| matches!(related.relation.as_str(), "owner" | "about"))
            .map(|related| related.target.clone())
    }

    /// The tab whose title stands at a position.
    pub(crate) fn tab_at(&self, x: u16, y: u16) -> Option<Tab> {
        if y != self.tabs.y || self.tabs.is_empty() {
            return None;
        }
        draw::tab_places(self, self.tabs)
            .find(|(_, place)| place.contains((x, y).into()))
            .map(|(tab, _)| tab)
    }

    pub(crate) fn body(&self) -> Rect {
        self.body
    }

    /// When something on screen changes by itself.
    pub(crate) fn ticks(&self, world: World<'_>) -> Option<Moment> {
        let shown = (!self.revealed.is_empty())
            .then(|| Moment::from_second(world.now.second() + 1))
            .flatten();
        let pane = self
            .pane()
            .and_then(|pane| pane.table.ticks(pane.view.as_ref(), world));
        let theirs = world.by_clock_of(self.target.endpoint).now;
        let ahead = theirs.second() - world.now.second();
        let facts = self
            .document(world.store)
            .filter(|_| self.tab == Tab::Summary)
            .into_iter()
            .flat_map(|document| &document.summary)
            .flat_map(|section| &section.facts)
            .filter_map(|fact| format::changes_at(fact.time?, theirs))
            .min()
            .map(|tick| tick.plus(-ahead));
        [shown, pane, facts].into_iter().flatten().min()
    }
}

/// Whether a kind is one that Prometheus or an Alertmanager tells of.
pub(crate) fn is_watched(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Alert | Kind::AlertRule | Kind::ScrapeTarget | Kind::Silence
    )
}

/// Whether two targets are the same object; a uid that is not known does not tell them apart.
fn same(one: &Target, other: &Target) -> bool {
    one.endpoint == other.endpoint
        && one.kind == other.kind
        && one.namespace == other.namespace
        && one.name == other.name
        && (one.uid == other.uid || one.uid.is_none() || other.uid.is_none())
}

/// `ecommerce-prod/shop`, or the name alone where there is no namespace.
pub(crate) fn place(target: &Target) -> String {
    if target.namespace.is_empty() {
        target.name.to_string()
    } else {
        format!("{}/{}", target.namespace, target.name)
    }
}

/// What controls an object, as far as its row says.
pub(crate) fn owner_of(store: &Store, target: &Target) -> Option<Target> {
    let key = crate::model::Key {
        endpoint: target.endpoint,
        uid: target.uid?,
    };
    if target.kind == Kind::Alert {
        return store.alerts().rows().row(&key)?.target().cloned();
    }
    let meta = match &target.kind {
        Kind::Pod => &store.pods().row(&key)?.meta,
        Kind::HorizontalPodAutoscaler => &store.hpas().row(&key)?.meta,
        Kind::Container => &store.docker().row(&key)?.meta,
        Kind::Deployment
        | Kind::StatefulSet
        | Kind::DaemonSet
        | Kind::ReplicaSet
        | Kind::Job
        | Kind::CronJob
        | Kind::ComposeService
        | Kind::SwarmService => &store.workloads().row(&key)?.meta,
        kind => &store.resources(kind)?.row(&key)?.meta,
    };
    let owner = meta.owner.as_ref()?;
    let kind = kind_named(store, target.endpoint, &owner.kind)?;
    Some(Target {
        endpoint: target.endpoint,
        namespace: if kind.namespaced() {
            target.namespace.clone()
        } else {
            crate::model::Name::default()
        },
        kind,
        name: owner.name.clone(),
        uid: Some(owner.uid),
    })
}

/// A kind by its name in owner references: `ReplicaSet`, `Compose service`.
pub(crate) fn kind_named(store: &Store, endpoint: EndpointId, name: &str) -> Option<Kind> {
    let engine = store.endpoint(endpoint).map(|endpoint| endpoint.engine);
    if engine == Some(Engine::Docker) {
        return Kind::docker()
            .find(|(_, info)| info.kind == name)
            .map(|(kind, _)| kind.clone());
    }
    Kind::find(name).or_else(|| {
        store
            .kinds(endpoint)
            .iter()
            .find(|kind| kind.kind == name)
            .map(|kind| Kind::Custom(std::sync::Arc::new(kind.clone())))
    })
}
