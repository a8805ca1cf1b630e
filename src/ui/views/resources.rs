//! Kinds whose columns are data: built-in ones whose columns the model lists, and any other by the server's table.

use std::borrow::Cow;

use super::columns::{ColumnOf, Columns, age, cluster, host, name, namespace, project, why};
use super::table::{Shown, TableView};
use super::{Drill, World};
use crate::model::{CustomKind, Engine, Health, Kind, Labels, Name, Resource, Value, columns};
use crate::store::Store;
use crate::ui::filter::Search;
use crate::ui::query::Within;

const HEAD: &[ColumnOf<Resource>] = &[cluster(), namespace(), name()];
const HEAD_DOCKER: &[ColumnOf<Resource>] = &[host(), project(), name()];
const HEAD_HOST_WIDE: &[ColumnOf<Resource>] = &[host(), name()];
const HEAD_CLUSTER_WIDE: &[ColumnOf<Resource>] = &[cluster(), name()];
const TAIL: &[ColumnOf<Resource>] = &[age(), why()];

pub(super) fn services() -> TableView<Resource> {
    built_in(
        Kind::Service,
        "Services",
        "Services, their addresses and ports",
    )
}

pub(super) fn ingresses() -> TableView<Resource> {
    built_in(
        Kind::Ingress,
        "Ingresses",
        "Ingresses: hosts, addresses and what stands behind them",
    )
}

pub(super) fn endpoints() -> TableView<Resource> {
    TableView {
        name: "endpoints".into(),
        aliases: ["ep", "endpointslices", "endpointslice", "endpoint"]
            .map(Into::into)
            .to_vec(),
        ..built_in(
            Kind::EndpointSlice,
            "Endpoints",
            "Which addresses stand behind each Service, and how many are ready",
        )
    }
}

pub(super) fn configmaps() -> TableView<Resource> {
    built_in(Kind::ConfigMap, "ConfigMaps", "ConfigMaps and their sizes")
}

pub(super) fn secrets() -> TableView<Resource> {
    built_in(Kind::Secret, "Secrets", "Secrets; their values stay masked")
}

pub(super) fn pvc() -> TableView<Resource> {
    short(built_in(
        Kind::PersistentVolumeClaim,
        "Volume claims",
        "Claims on volumes, whether they are bound and how large they are",
    ))
}

pub(super) fn pdb() -> TableView<Resource> {
    short(built_in(
        Kind::PodDisruptionBudget,
        "Disruption budgets",
        "How many pods may be disrupted, now and at most",
    ))
}

pub(super) fn namespaces() -> TableView<Resource> {
    built_in(
        Kind::Namespace,
        "Namespaces",
        "Namespaces; Enter works in one from then on",
    )
}

/// Any kind that discovery knows, with the server's columns.
pub(super) fn custom(custom: &CustomKind, kind: Kind) -> TableView<Resource> {
    let mut aliases = custom.short.clone();
    aliases.push(custom.singular.to_lowercase());
    aliases.push(custom.kind.to_lowercase());
    aliases.push(kind.resource());
    aliases.retain(|alias| !alias.is_empty() && *alias != custom.plural);
    aliases.dedup();
    let group = match custom.group.as_str() {
        "" => "core",
        group => group,
    };
    TableView {
        // Two groups may have the same plural, but views are told apart by name.
        name: Cow::Owned(if super::find(&custom.plural).is_some() {
            kind.resource()
        } else {
            custom.plural.clone()
        }),
        aliases,
        title: Cow::Owned(custom.kind.clone()),
        doc: Cow::Owned(format!("{} of {group}/{}", custom.kind, custom.version)),
        ..plain(kind)
    }
}

/// The view is called by the kind's short name, which is what everybody types.
fn short(mut view: TableView<Resource>) -> TableView<Resource> {
    if !view.aliases.is_empty() {
        let short = view.aliases.remove(0);
        view.aliases.push(view.name.into_owned());
        view.name = Cow::Owned(short);
    }
    view
}

pub(super) fn built_in(kind: Kind, title: &'static str, doc: &'static str) -> TableView<Resource> {
    let info = kind.info();
    let mut aliases: Vec<String> = Vec::new();
    if let Some(info) = info {
        aliases.extend(info.short.iter().map(|short| (*short).to_owned()));
        aliases.push(info.singular.to_owned());
    }
    TableView {
        name: Cow::Borrowed(info.map_or("", |info| info.plural)),
        aliases,
        title: Cow::Borrowed(title),
        doc: Cow::Borrowed(doc),
        ..plain(kind)
    }
}

fn plain(kind: Kind) -> TableView<Resource> {
    TableView {
        name: Cow::Borrowed(""),
        aliases: Vec::new(),
        title: Cow::Borrowed(""),
        doc: Cow::Borrowed(""),
        columns: Columns::Plain {
            head: match (kind.engine(), kind.namespaced()) {
                (Engine::Docker, true) => HEAD_DOCKER,
                (Engine::Docker, false) => HEAD_HOST_WIDE,
                (_, true) => HEAD,
                (_, false) => HEAD_CLUSTER_WIDE,
            },
            own: columns(&kind),
            tail: TAIL,
        },
        kinds: vec![kind],
        table: Store::resources,
        includes: |_| true,
        order: None,
        besides: |_| 0,
    }
}

impl Shown for Resource {
    fn health(&self, _: &Store) -> Health {
        self.health
    }

    fn why<'a>(&'a self, _: World<'a>) -> Option<Cow<'a, str>> {
        self.why.as_deref().map(Cow::Borrowed)
    }

    fn fields(&self, search: &mut Search<'_>) {
        for cell in &self.cells {
            match cell {
                Value::Text(text) => search.field(text),
                Value::Name(name) => search.field(name),
                _ => {}
            }
        }
    }

    fn value(&self, column: usize) -> Option<&Value> {
        self.cells.get(column)
    }

    fn drill(&self, kind: &Kind) -> Drill {
        match kind {
            Kind::Namespace => Drill::UseNamespace(self.meta.name.as_str().to_owned()),
            Kind::ComposeProject => Drill::Into {
                view: "docker-services",
                within: Within::Owner {
                    endpoint: self.meta.key.endpoint,
                    uid: self.meta.key.uid,
                    namespace: Name::new(&self.meta.name),
                    selector: Labels::default(),
                },
            },
            Kind::SwarmStack => Drill::Into {
                view: "docker-services",
                within: Within::Selector {
                    endpoint: self.meta.key.endpoint,
                    namespace: Name::new(&self.meta.name),
                    selector: Labels::new(vec![(
                        Name::new("com.docker.stack.namespace"),
                        Name::new(&self.meta.name),
                    )]),
                },
            },
            Kind::Service => match self.selector() {
                selector if selector.is_empty() => Drill::Detail,
                selector => Drill::Into {
                    view: "pods",
                    within: Within::Selector {
                        endpoint: self.meta.key.endpoint,
                        namespace: self.meta.namespace.clone(),
                        selector,
                    },
                },
            },
            _ => Drill::Detail,
        }
    }
}

impl Resource {
    /// A Service's selector, which its row carries as text: `app=shop,tier=web`.
    fn selector(&self) -> Labels {
        let at = columns(&Kind::Service)
            .iter()
            .position(|column| column.key.as_str() == "selector");
        let text = match at.and_then(|at| self.cells.get(at)) {
            Some(Value::Text(text)) => text.as_str(),
            Some(Value::Name(name)) => name.as_str(),
            _ => "",
        };
        let pairs = text.split(',').filter_map(|pair| pair.split_once('='));
        Labels::new(
            pairs
                .map(|(key, value)| (Name::new(key.trim()), Name::new(value.trim())))
                .collect(),
        )
    }
}
