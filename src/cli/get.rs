//! `qd get`: rows of a view printed once, or as they change.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::time::Duration;

use super::answers::{PATIENCE, answered, cause, complain, feed, feeds};
use super::gather::Gathering;
use super::output::Printing;
use super::parse::{Get, Output};
use super::{answers, exit, print, watch};
use crate::clients::clock::now;
use crate::config::Config;
use crate::model::{
    Demand, Endpoint, EndpointId, Engine, Feed, Kind, Name, Scope, Target, Topic, Want,
};
use crate::store::Store;
use crate::ui::filter::Filter;
use crate::ui::query::{Query, Within};
use crate::ui::theme::Theme;
use crate::ui::views::{self, Prepared, ViewRef, World};

/// How long CPU and memory are waited for once the rows are there.
const USAGE_PATIENCE: Duration = Duration::from_secs(3);
/// The namespace of a context that names none, as kubectl has it.
const DEFAULT_NAMESPACE: &str = "default";

/// What is being printed: a view, and which of its rows.
pub(super) struct Asked<'a> {
    pub(super) get: &'a Get,
    pub(super) view: ViewRef,
    pub(super) query: Query,
    demand: Demand,
}

/// Prints what was asked for. Must be called within a runtime.
pub async fn run(config: &Config, get: &Get, theme: Option<&Theme>) -> u8 {
    let mut gathering = Gathering::start(config);
    let endpoints: Vec<Endpoint> = gathering.places().cloned().collect();
    if endpoints.is_empty() {
        print::words("qd: no cluster is configured and none was found; `qd demo` needs none");
        return exit::FAILED;
    }
    let asked = match ask(&mut gathering, get, &endpoints).await {
        Ok(asked) => asked,
        Err(code) => return code,
    };
    let printing = Printing {
        output: get.output,
        theme,
    };
    gathering.want(asked.demand.clone());
    let feeds = feeds(&asked.demand);
    gathering
        .until(PATIENCE, |store| answered(store, &feeds))
        .await;
    // Without a row there is nobody whose use could be told.
    if asked.demand.usage_of_all && !asked.prepare(&gathering.store).rows.is_empty() {
        gathering.want(asked.with_usage(&gathering.store));
        let usage: Vec<Feed> = endpoints
            .iter()
            .map(|endpoint| feed(endpoint.id, Topic::Usage))
            .collect();
        gathering
            .until(USAGE_PATIENCE, |store| answered(store, &usage))
            .await;
    }
    if let Some(pod) = pod_named(&gathering.store, &asked) {
        return containers(&mut gathering, asked, pod, printing).await;
    }
    if get.watch {
        return watch::run(&mut gathering, &asked, printing).await;
    }
    let failed = complain(&gathering.store, &asked.feeds());
    let prepared = asked.prepare(&gathering.store);
    let missing = missing(&gathering.store, &asked, &prepared);
    let code = if get.output == Output::Yaml && !get.names.is_empty() {
        documents(&mut gathering, &asked, &prepared).await
    } else {
        asked.print(&gathering.store, &prepared, printing)
    };
    if prepared.rows.is_empty() && get.names.is_empty() && !failed {
        print::words(&nothing(&asked));
    }
    match (failed, missing, code) {
        (_, _, code) if code != exit::OK => code,
        (true, ..) => exit::FAILED,
        (false, true, _) => exit::NOT_FOUND,
        (false, false, _) => exit::OK,
    }
}

impl Asked<'_> {
    /// The feeds that the rows come from. Events that only say why a row is not well are not among them.
    fn feeds(&self) -> Vec<Feed> {
        let rows = self.view.kinds().into_iter().next();
        let joined = |feed: &Feed| match &feed.topic {
            Topic::Objects(Kind::Event, _) => rows != Some(Kind::Event),
            _ => false,
        };
        let mut feeds = feeds(&self.demand);
        feeds.retain(|feed| !joined(feed));
        feeds
    }

    /// The demand with the rows whose CPU and memory it is about.
    fn with_usage(&self, store: &Store) -> Demand {
        let mut demand = self.demand.clone();
        let rows = self.prepare(store).rows;
        crate::ui::usage(store, self.view.as_ref(), &rows, &mut demand);
        demand
    }

    /// The rows as they are now.
    pub(super) fn prepare(&self, store: &Store) -> Prepared {
        let mut prepared = Prepared::default();
        self.view.prepare(world(store), &self.query, &mut prepared);
        if !self.get.names.is_empty() && self.query.within.is_none() {
            let named = |slot: &u32| {
                let target = self.view.target(store, *slot);
                target.is_some_and(|target| self.get.names.iter().any(|name| *name == *target.name))
            };
            prepared.rows.retain(named);
        }
        prepared
    }

    fn print(&self, store: &Store, prepared: &Prepared, printing: Printing<'_>) -> u8 {
        let mut out = io::BufWriter::new(io::stdout().lock());
        let written = printing.rows(&mut out, world(store), self.view.as_ref(), prepared);
        print::ended(written.and_then(|()| out.flush()))
    }
}

/// The store, now.
pub(super) fn world(store: &Store) -> World<'_> {
    World {
        store,
        now: now(),
        several: store.places().count() > 1,
    }
}

/// Finds out which view is meant and which rows; asks the clusters for their kinds if it is none of ours.
async fn ask<'a>(
    gathering: &mut Gathering,
    get: &'a Get,
    endpoints: &[Endpoint],
) -> Result<Asked<'a>, u8> {
    let ids: Vec<EndpointId> = endpoints.iter().map(|endpoint| endpoint.id).collect();
    let view = answers::view(gathering, &get.kind, &ids).await?;
    let mut query = Query::default();
    if let Some(labels) = &get.selector {
        query.filter = Filter::parse(&format!("-l {labels}"));
        if let Some(problem) = query.filter.problem() {
            print::words(&format!("qd: -l {labels}: {problem}"));
            return Err(exit::USAGE);
        }
    }
    let mut kinds = view.kinds();
    if view.name() == "containers" {
        if get.names.len() == 1 {
            // A pod may be called so, and then its containers are meant.
            kinds.push(Kind::Pod);
        } else if !endpoints.iter().any(|it| it.engine == Engine::Docker) {
            print::words("qd: containers of which pod? qd get containers POD");
            return Err(exit::USAGE);
        }
    }
    if !kinds
        .iter()
        .any(|kind| endpoints.iter().any(|it| it.engine == kind.engine()))
    {
        let engine = kinds.first().map_or("", |kind| kind.engine().name());
        print::words(&format!(
            "qd: no {engine} endpoint is open, which {} need",
            view.name()
        ));
        return Err(exit::FAILED);
    }
    let mut demand = Demand::default();
    let mut namespaces = BTreeSet::new();
    let mut everywhere = false;
    let asks = |engine| kinds.iter().any(|kind| kind.engine() == engine);
    for endpoint in endpoints.iter().filter(|it| asks(it.engine)) {
        let scopes = scopes(get, endpoint);
        if endpoint.engine == Engine::Docker {
            query_everywhere(get, endpoint, &mut query);
        }
        for scope in scopes
            .iter()
            .filter(|_| endpoint.engine == Engine::Kubernetes || get.namespaces.is_some())
        {
            match scope {
                Scope::All => everywhere = true,
                Scope::Namespace(name) => {
                    namespaces.insert(name.clone());
                }
            }
        }
        let own = kinds.iter().filter(|kind| kind.engine() == endpoint.engine);
        for kind in own {
            for scope in &scopes {
                demand.objects.insert(Want {
                    endpoint: endpoint.id,
                    kind: kind.clone(),
                    scope: if kind.listed_by_namespace() {
                        scope.clone()
                    } else {
                        Scope::All
                    },
                });
            }
        }
    }
    if !everywhere && kinds.first().is_some_and(Kind::namespaced) {
        query.namespaces = namespaces.into_iter().collect();
    }
    demand.usage_of_all = get.output != Output::Name
        && matches!(
            kinds.first(),
            Some(Kind::Pod | Kind::Node | Kind::Container)
        );
    Ok(Asked {
        get,
        view,
        query,
        demand,
    })
}

/// A Docker host has no default namespace: without a word all of it is meant.
fn query_everywhere(get: &Get, endpoint: &Endpoint, query: &mut Query) {
    if get.namespaces.is_none() {
        query.everywhere.push(endpoint.id);
    }
}

/// Where to look in a cluster: what was said, else the namespace of the configuration or the context.
fn scopes(get: &Get, endpoint: &Endpoint) -> Vec<Scope> {
    match &get.namespaces {
        Some(names) if names.is_empty() => vec![Scope::All],
        Some(names) => names
            .iter()
            .map(|name| Scope::Namespace(Name::new(name)))
            .collect(),
        None if endpoint.namespace.is_empty() => {
            vec![Scope::Namespace(Name::new(DEFAULT_NAMESPACE))]
        }
        None => vec![Scope::Namespace(endpoint.namespace.clone())],
    }
}

/// Says which names no row has; whether there are any.
fn missing(store: &Store, asked: &Asked<'_>, prepared: &Prepared) -> bool {
    let found: BTreeSet<String> = prepared
        .rows
        .iter()
        .filter_map(|slot| Some(asked.view.target(store, *slot)?.name.to_string()))
        .collect();
    let mut missing = false;
    for name in asked.get.names.iter().filter(|name| !found.contains(*name)) {
        print::words(&format!(
            "qd: no {} is named \"{name}\"{}",
            singular(asked),
            place(asked)
        ));
        missing = true;
    }
    missing
}

fn singular(asked: &Asked<'_>) -> String {
    let kinds = asked.view.kinds();
    match kinds.as_slice() {
        [Kind::Custom(custom)] => custom.kind.clone(),
        [kind, ..] if asked.view.name() != "workloads" => kind
            .info()
            .map_or_else(|| kind.name().to_owned(), |info| info.singular.to_owned()),
        _ => "workload".to_owned(),
    }
}

fn place(asked: &Asked<'_>) -> String {
    let names: Vec<&str> = asked.query.namespaces.iter().map(Name::as_str).collect();
    match names.as_slice() {
        [] => String::new(),
        names => format!(" in {}", names.join(", ")),
    }
}

fn nothing(asked: &Asked<'_>) -> String {
    let place = place(asked);
    let hint = if place.is_empty() {
        ""
    } else {
        "; -A looks into all namespaces"
    };
    format!("No {}{place}{hint}.", asked.view.name())
}

/// Prints whole objects as YAML.
async fn documents(gathering: &mut Gathering, asked: &Asked<'_>, prepared: &Prepared) -> u8 {
    let targets: Vec<Target> = prepared
        .rows
        .iter()
        .filter_map(|slot| asked.view.target(&gathering.store, *slot))
        .collect();
    let mut text = String::new();
    let mut failed = false;
    for (at, target) in targets.into_iter().enumerate() {
        if !open(gathering, &asked.demand, &target).await {
            failed = true;
            continue;
        }
        if at > 0 {
            text.push_str("---\n");
        }
        for line in gathering
            .store
            .document()
            .into_iter()
            .flat_map(|document| &document.yaml)
        {
            text.push_str(line);
            text.push('\n');
        }
    }
    let code = print::data(&text);
    if failed { exit::FAILED } else { code }
}

/// Opens an object; says why if that fails.
async fn open(gathering: &mut Gathering, demand: &Demand, target: &Target) -> bool {
    let feed = feed(target.endpoint, Topic::Document);
    gathering.want(Demand {
        document: Some(target.clone()),
        ..demand.clone()
    });
    let there = |store: &Store| {
        store
            .document()
            .is_some_and(|document| document.target == *target)
    };
    let denied = |store: &Store| store.status(&feed).and_then(cause).is_some();
    gathering
        .until(PATIENCE, |store| there(store) || denied(store))
        .await;
    if there(&gathering.store) {
        return true;
    }
    let why = gathering.store.status(&feed).and_then(cause);
    let why = why.unwrap_or_else(|| "no answer in time".to_owned());
    print::words(&format!("qd: {}: {why}", target.name));
    false
}

/// The pod whose containers are meant, if a pod is called so and no container of a Docker host.
fn pod_named(store: &Store, asked: &Asked<'_>) -> Option<Target> {
    let name = match asked.get.names.as_slice() {
        [name] if asked.view.name() == "containers" => name,
        _ => return None,
    };
    if store
        .docker()
        .iter()
        .any(|(_, row)| *row.meta.name == **name)
    {
        return None;
    }
    let mut pods = store.pods().iter();
    let (_, pod) = pods.find(|(_, pod)| *pod.meta.name == **name)?;
    Some(Target {
        endpoint: pod.meta.key.endpoint,
        kind: Kind::Pod,
        namespace: pod.meta.namespace.clone(),
        name: Name::new(&pod.meta.name),
        uid: Some(pod.meta.key.uid),
    })
}

/// Prints the containers of a pod.
async fn containers(
    gathering: &mut Gathering,
    mut asked: Asked<'_>,
    target: Target,
    printing: Printing<'_>,
) -> u8 {
    if let Some(view) = views::find("pod-containers") {
        asked.view = view;
    }
    if !open(gathering, &asked.demand, &target).await {
        return exit::FAILED;
    }
    asked.query.namespaces.clear();
    asked.query.within = target.uid.map(|uid| Within::Pod {
        endpoint: target.endpoint,
        uid,
    });
    let prepared = asked.prepare(&gathering.store);
    asked.print(&gathering.store, &prepared, printing)
}
