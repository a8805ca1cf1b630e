//! What stands in a pane without rows: which of the reasons it is, and the way out.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Ui;
use super::commands::Command;
use super::pane::Pane;
use super::title::grouped;
use super::trust::{self, Trust};
use super::views::Role;
use super::widgets::line::{Line, wrap};
use crate::model::{Engine, Kind, Moment};
use crate::store::Store;

/// Writes sentences into an area: the first one plainly, the others quietly.
pub(crate) fn say(ui: &Ui, sentences: &[String], area: Rect, buf: &mut Buffer) {
    let mut y = area.y;
    // One line of air above, where there is room to spare.
    if area.height > 4 {
        y += 1;
    }
    for (at, sentence) in sentences.iter().enumerate() {
        let role = if at == 0 { Role::Plain } else { Role::Dim };
        for text in wrap(sentence, area.width.saturating_sub(4)) {
            if y >= area.bottom() {
                return;
            }
            let row = Rect {
                x: area.x,
                y,
                width: area.width,
                height: 1,
            };
            Line::new(buf, row).skip(2).put(&text, ui.theme.role(role));
            y += 1;
        }
    }
}

/// Why a table has no rows.
pub(crate) fn words(ui: &Ui, pane: &Pane, store: &Store, now: Moment) -> Vec<String> {
    let what = pane.view.title().to_lowercase();
    let prepared = pane.table.prepared();
    let key = |command| ui.key(command);
    let (trust, _) = trust::trust(pane, &ui.scope, store);
    if prepared.total > 0 {
        if pane.query.faults_only && pane.query.filter.is_empty() {
            return vec![
                format!("All {} {what} are well.", grouped(prepared.total)),
                format!("{} shows them.", key(Command::FaultsOnly)),
            ];
        }
        return vec![
            format!(
                "Nothing matches \"{}\" among {} {what}.",
                pane.query.filter.text().trim(),
                grouped(prepared.total)
            ),
            format!("{} clears the filter.", key(Command::Back)),
        ];
    }
    match trust {
        Trust::Nowhere if watches(pane) => vec![
            "No Prometheus is open.".to_owned(),
            "PROMETHEUS_URL or a [[prometheus]] in the configuration names one.".to_owned(),
        ],
        Trust::Nowhere if only_docker(pane) => vec![
            "No Docker host is open.".to_owned(),
            format!(
                "{}docker HOST opens one; `qd demo` shows a simulated one.",
                key(Command::Palette)
            ),
        ],
        Trust::Nowhere => vec![
            "No cluster is open.".to_owned(),
            format!(
                "{}contexts lists those of the kubeconfig; `qd demo` shows a simulated one.",
                key(Command::Palette)
            ),
        ],
        Trust::Connecting { endpoint } => {
            let name = store.endpoint(endpoint).map_or("", |known| &known.name);
            vec![format!("Connecting to {name}…")]
        }
        Trust::Listing { .. } => vec![format!("Reading {what}…")],
        Trust::Denied { verb, resource, .. } => denied(ui, pane, verb, resource),
        Trust::Off { why } => vec![format!("There are no {what} here: {why}")],
        Trust::Stale {
            endpoint,
            cause,
            retry_at,
            ..
        } => {
            let name = store.endpoint(endpoint).map_or("", |known| &known.name);
            vec![
                format!(
                    "{name} does not answer: {cause}{}",
                    trust::retry(retry_at, now)
                ),
                format!("{} retries at once.", key(Command::Refresh)),
            ]
        }
        Trust::Limited(why) => vec![format!("You see no {what}."), why.to_owned()],
        Trust::Live => nothing(ui, pane, &what),
    }
}

/// Whether a pane shows things of Docker only.
fn only_docker(pane: &Pane) -> bool {
    let kinds = pane.view.kinds();
    !kinds.is_empty() && kinds.iter().all(|kind| kind.engine() == Engine::Docker)
}

fn denied(ui: &Ui, pane: &Pane, verb: &str, resource: &str) -> Vec<String> {
    let kinds = pane.view.kinds();
    let namespaced = kinds.first().is_some_and(Kind::namespaced);
    if !namespaced || pane.query.within.is_some() {
        return vec![
            format!("You may not {verb} {resource}."),
            "The cluster's administrator can grant it.".to_owned(),
        ];
    }
    if ui.scope.namespaces.is_empty() {
        return vec![
            format!("You may not {verb} {resource} in all namespaces.").replace(
                " (cluster-wide) in all namespaces",
                " in all namespaces at once",
            ),
            format!(
                "{}ns NAME looks into one namespace, where you may be allowed to.",
                ui.key(Command::Palette)
            ),
        ];
    }
    vec![
        format!("You may not {verb} {resource} in {}.", ui.scope.words()),
        "The cluster's administrator can grant it.".to_owned(),
    ]
}

/// Whether a pane rests on what watches, and not on what runs.
fn watches(pane: &Pane) -> bool {
    let kinds = pane.view.kinds();
    kinds.first().is_some_and(crate::ui::detail::is_watched)
}

fn nothing(ui: &Ui, pane: &Pane, what: &str) -> Vec<String> {
    if let Some(origin) = &pane.origin {
        return vec![format!(
            "{} {} has no {what} now.",
            origin.kind.name(),
            origin.name
        )];
    }
    let kinds = pane.view.kinds();
    if kinds.first() == Some(&Kind::Alert) {
        return vec!["Nothing fires and nothing is pending.".to_owned()];
    }
    if watches(pane) {
        return vec![format!("There are no {what}.")];
    }
    if pane.view.name() == "containers" {
        return vec![
            "Containers are shown of one pod.".to_owned(),
            format!("{} on a pod opens them.", ui.key(Command::Open)),
        ];
    }
    if kinds.is_empty() {
        return vec![format!("There are no {what}.")];
    }
    let narrow = !ui.scope.namespaces.is_empty() && kinds.iter().any(Kind::namespaced);
    if narrow {
        return vec![format!(
            "No {what} in {}. {} shows all namespaces.",
            ui.scope.words(),
            ui.key(Command::Favourite(0))
        )];
    }
    let docker = kinds
        .first()
        .is_some_and(|kind| kind.engine() == Engine::Docker);
    vec![format!(
        "No {what} {}.",
        if docker {
            "on this host"
        } else {
            "in this cluster"
        }
    )]
}
