//! From rows to logs: which rows have logs, and what a reading of them is called.

use crate::model::{Kind, LogTarget, Target};
use crate::store::Store;
use crate::ui::detail::place;
use crate::ui::pane::Pane;
use crate::ui::query::Within;

/// Whether something writes for an object of this kind.
fn writes(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Pod
            | Kind::Deployment
            | Kind::StatefulSet
            | Kind::DaemonSet
            | Kind::ReplicaSet
            | Kind::Job
            | Kind::CronJob
            | Kind::Namespace
            | Kind::Service
            | Kind::Container
            | Kind::ComposeProject
            | Kind::ComposeService
            | Kind::SwarmService
            | Kind::SwarmTask
            | Kind::SwarmStack
    )
}

/// The logs of an object; none for what writes none.
pub(crate) fn target_of(target: &Target) -> Option<LogTarget> {
    writes(&target.kind).then(|| LogTarget::Object(target.clone()))
}

/// The logs of the marked rows of a table, or of the one under the cursor, and what they are called.
pub(crate) fn nameable(pane: &Pane, store: &Store) -> Option<(String, Vec<LogTarget>)> {
    if let Some(Within::Pod { .. }) = &pane.query.within {
        return containers(pane, store);
    }
    let targets = pane.targets(store);
    let readable: Vec<LogTarget> = targets.iter().filter_map(target_of).collect();
    let name = match targets.as_slice() {
        [one] => format!("{} {}", one.kind.name(), place(one)),
        many => {
            let kind = many.first()?.kind.name();
            format!("{} {}s", many.len(), kind.to_lowercase())
        }
    };
    (!readable.is_empty()).then_some((name, readable))
}

/// Rows that are containers of the opened pod.
fn containers(pane: &Pane, store: &Store) -> Option<(String, Vec<LogTarget>)> {
    let pod = pane.origin.clone()?;
    let key = pane.table.cursor()?;
    let marked = pane.table.marks().iter().copied();
    let mut keys: Vec<_> = marked.collect();
    if keys.is_empty() {
        keys.push(key);
    }
    let rows = keys.iter().filter_map(|key| store.containers().row(key));
    let names: Vec<crate::model::Name> = rows
        .map(|row| crate::model::Name::new(&row.meta.name))
        .collect();
    let name = match names.as_slice() {
        [one] => format!("Pod {}/{one}", place(&pod)),
        many => format!("{} containers of Pod {}", many.len(), place(&pod)),
    };
    let targets = names.into_iter().map(|container| LogTarget::Container {
        pod: pod.clone(),
        container,
    });
    let targets: Vec<LogTarget> = targets.collect();
    (!targets.is_empty()).then_some((name, targets))
}
