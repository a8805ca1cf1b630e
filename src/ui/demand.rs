//! What is on screen, so that sources watch this and nothing more; and when it changes by itself.

use std::collections::BTreeSet;

use super::board;
use super::header;
use super::notice::Notice;
use super::overlays::Overlay;
use super::query::Within;
use super::screen::Screen;
use super::trust;
use super::views::View;
use super::{Ui, world};
use crate::model::{Demand, Engine, Health, Kind, Moment, Name, Target};
use crate::store::Store;

/// Pods of a workload that are named one by one; of more than these the whole namespace is wanted.
const CREW: usize = 100;
/// Kinds that are watched whatever is on screen: the overview and every join rest on them.
const ALWAYS: [Kind; 3] = [Kind::Pod, Kind::Node, Kind::Container];
/// Kinds of rows that use CPU and memory.
const USE: [Kind; 4] = [Kind::Pod, Kind::Node, Kind::Container, Kind::DockerHost];
/// What alerts are joined with, to say which workload they are about.
const JOINED: [Kind; 8] = [
    Kind::Deployment,
    Kind::StatefulSet,
    Kind::DaemonSet,
    Kind::Job,
    Kind::CronJob,
    Kind::Service,
    Kind::ComposeService,
    Kind::SwarmService,
];

impl Ui {
    /// What the screen wants to know now.
    pub fn demand(&self, store: &Store) -> Demand {
        let mut demand = Demand::default();
        let screen = self.screens.current();
        for pane in screen.shown() {
            demand
                .objects
                .extend(trust::wants(pane, &self.scope, store));
            let kinds = pane.view.kinds();
            if !USE.iter().any(|kind| kinds.contains(kind)) {
                continue;
            }
            let sort = pane.query.sort.as_ref();
            demand.usage_of_all |= sort.is_some_and(|sort| {
                sort.column.starts_with("cpu") || sort.column.starts_with("memory")
            });
            usage(store, pane.view.as_ref(), pane.table.visible(), &mut demand);
        }
        // Whoever looks elsewhere is told of new alerts all the same.
        let watchers = store.endpoints().iter();
        let watchers = watchers.filter(|endpoint| Kind::Alert.is_of(endpoint.engine));
        demand
            .objects
            .extend(watchers.flat_map(|endpoint| trust::want(endpoint.id, &Kind::Alert, &[])));
        let alerts = screen.shows(&Kind::Alert);
        for endpoint in store.places() {
            for kind in JOINED
                .iter()
                .filter(|kind| alerts && kind.is_of(endpoint.engine))
            {
                let wants = trust::want(endpoint.id, kind, &self.scope.namespaces);
                demand.objects.extend(wants);
            }
            let own = |kind: &Kind| kind.engine() == endpoint.engine;
            for kind in ALWAYS.into_iter().filter(own) {
                let wants = trust::want(endpoint.id, &kind, &self.scope.namespaces);
                demand.objects.extend(wants);
            }
            if matches!(self.overlay, Some(Overlay::Palette(_))) && own(&Kind::Namespace) {
                let wants = trust::want(endpoint.id, &Kind::Namespace, &[]);
                demand.objects.extend(wants);
            }
        }
        demand.document = document(screen);
        if let Screen::Detail(detail) = screen {
            let keys = detail.revealed().keys().cloned();
            demand.revealed = keys.collect::<BTreeSet<_>>();
        }
        demand.metrics = self.chart_asks(store);
        if !demand.metrics.is_empty() {
            for endpoint in store.places() {
                for kind in board::KINDS {
                    let wants = trust::want(endpoint.id, &kind, &self.scope.namespaces);
                    demand.objects.extend(wants);
                }
            }
        }
        demand
    }

    /// When something on screen changes by itself: an age, a countdown, a notice, a revealed value. None: never.
    pub fn next_tick(&self, store: &Store, now: Moment) -> Option<Moment> {
        self.areas?;
        let world = world(store, now);
        let notice = self.notice.as_ref().and_then(Notice::until);
        let rate = header::ticks(store, now);
        let screen = self.screens.current();
        let panes = screen.shown().into_iter().flat_map(|pane| {
            let (state, _) = trust::trust(pane, &self.scope, store);
            let rows = pane.table.ticks(pane.view.as_ref(), world);
            [state.ticks(now), rows]
        });
        let detail = match screen {
            Screen::Detail(detail) => detail.ticks(world),
            _ => None,
        };
        panes
            .chain([notice, rate, detail, self.chart_tick(now)])
            .flatten()
            // Whatever is late is due with the next second, never before: a tick must not spin.
            .map(|tick| tick.max(Moment::from_second(now.second() + 1).unwrap_or(tick)))
            .min()
    }
}

/// Adds the pods and nodes whose CPU and memory rows show: their own, or the sum over a workload's pods.
pub fn usage(store: &Store, view: &dyn View, slots: &[u32], demand: &mut Demand) {
    for slot in slots {
        let (Some(key), Some(target)) = (view.key(store, *slot), view.target(store, *slot)) else {
            continue;
        };
        if USE.contains(&target.kind) {
            let row = (key, target.kind, target.namespace, target.name);
            demand.usage.push(row);
            continue;
        }
        let Some(workload) = store.workloads().row(&key) else {
            continue;
        };
        if workload.kind.kind().engine() == Engine::Docker {
            let containers = store.containers_of(workload).take(CREW);
            demand.usage.extend(containers.map(|it| {
                let name = Name::new(&it.meta.name);
                (
                    it.meta.key,
                    Kind::Container,
                    it.meta.namespace.clone(),
                    name,
                )
            }));
            continue;
        }
        let pods = store.pods_of(workload).take(CREW + 1);
        let running = pods.filter(|pod| pod.health != Health::Idle);
        let rows: Vec<_> = running.map(|pod| (pod.meta.key, &pod.meta.name)).collect();
        if rows.len() > CREW {
            demand.usage_in.insert((key.endpoint, target.namespace));
            continue;
        }
        demand.usage.extend(
            rows.into_iter()
                .map(|(key, name)| (key, Kind::Pod, target.namespace.clone(), Name::new(name))),
        );
    }
}

/// The object whose document is wanted: the opened one, or the pod whose containers are shown.
fn document(screen: &Screen) -> Option<Target> {
    match screen {
        Screen::Detail(detail) => (!detail.is_own()).then(|| detail.target.clone()),
        Screen::Table(pane) if matches!(pane.query.within, Some(Within::Pod { .. })) => {
            pane.origin.clone()
        }
        _ => None,
    }
}
