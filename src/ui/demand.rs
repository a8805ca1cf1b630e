//! What is on screen, so that sources watch this and nothing more; and when it changes by itself.

use std::collections::BTreeSet;

use super::header;
use super::notice::Notice;
use super::overlays::Overlay;
use super::query::Within;
use super::screen::Screen;
use super::trust;
use super::{Ui, world};
use crate::model::{Demand, Kind, Moment, Target};
use crate::store::Store;

/// Kinds that are watched whatever is on screen: the overview and every join rest on them.
const ALWAYS: [Kind; 2] = [Kind::Pod, Kind::Node];

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
            let used = kinds.contains(&Kind::Pod) || kinds.contains(&Kind::Node);
            if !used {
                continue;
            }
            let sort = pane.query.sort.as_ref();
            demand.usage_of_all |= sort.is_some_and(|sort| {
                sort.column.starts_with("cpu") || sort.column.starts_with("memory")
            });
            for slot in pane.table.visible() {
                let key = pane.view.key(store, *slot);
                if let (Some(key), Some(target)) = (key, pane.view.target(store, *slot))
                    && ALWAYS.contains(&target.kind)
                {
                    demand
                        .usage
                        .push((key, target.kind, target.namespace, target.name));
                }
            }
        }
        for endpoint in store.endpoints() {
            for kind in ALWAYS {
                let wants = trust::want(endpoint.id, &kind, &self.scope.namespaces);
                demand.objects.extend(wants);
            }
            if matches!(self.overlay, Some(Overlay::Palette(_))) {
                let wants = trust::want(endpoint.id, &Kind::Namespace, &[]);
                demand.objects.extend(wants);
            }
        }
        demand.document = document(screen);
        if let Screen::Detail(detail) = screen {
            let keys = detail.revealed().keys().cloned();
            demand.revealed = keys.collect::<BTreeSet<_>>();
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
        let dialog = match &self.overlay {
            Some(Overlay::Dialog(dialog)) => dialog.ticks(now),
            _ => None,
        };
        panes
            .chain([notice, rate, detail, dialog, self.acting.ticks(now)])
            .flatten()
            // Whatever is late is due with the next second, never before: a tick must not spin.
            .map(|tick| tick.max(Moment::from_second(now.second() + 1).unwrap_or(tick)))
            .min()
    }
}

/// The object whose document is wanted: the opened one, or the pod whose containers are shown.
fn document(screen: &Screen) -> Option<Target> {
    match screen {
        Screen::Detail(detail) => Some(detail.target.clone()),
        Screen::Table(pane) if matches!(pane.query.within, Some(Within::Pod { .. })) => {
            pane.origin.clone()
        }
        _ => None,
    }
}
