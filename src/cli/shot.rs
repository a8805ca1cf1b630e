//! `qd snapshot`: one frame of live data, drawn without a terminal once its sources have answered.

use std::time::Duration;

use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::answers::{PATIENCE, answered, feed, feeds};
use super::gather::Gathering;
use super::parse::Shot;
use super::snapshot::render;
use super::{answers, exit, print};
use crate::clients::clock::now;
use crate::config::Config;
use crate::model::{Demand, EndpointId, SourceStatus, Topic};
use crate::store::Store;
use crate::ui::theme::Theme;
use crate::ui::{Input, Start, Ui};

/// How long CPU, memory and the opened object are waited for once the rows are there.
const REST: Duration = Duration::from_secs(3);
/// What is on screen decides what is asked, and the answers what is on screen; so often this is gone through.
const ROUNDS: usize = 8;

/// Draws what was asked for and prints it. Must be called within a runtime.
pub async fn run(config: &Config, theme: &Theme, shot: &Shot) -> u8 {
    let mut gathering = Gathering::start(config);
    let endpoints: Vec<EndpointId> = gathering.places().map(|endpoint| endpoint.id).collect();
    if endpoints.is_empty() {
        print::words("qd: no cluster is configured and none was found; --demo needs none");
        return exit::FAILED;
    }
    let view = shot.look.view.clone().unwrap_or_default();
    let board = matches!(view.split_whitespace().next(), Some("board" | "boards"));
    if !matches!(view.as_str(), "" | "overview")
        && !board
        && let Err(code) = answers::view(&mut gathering, &view, &endpoints).await
    {
        return code;
    }
    let (width, height) = shot.size;
    let mut ui = Ui::new(
        config,
        Start {
            theme: theme.clone(),
            themes: Theme::names(None),
            line: view.clone(),
            namespaces: shot.look.namespaces.clone().unwrap_or_default(),
            zone: Some(TimeZone::system()),
            ..Start::default()
        },
    );
    ui.handle(&gathering.store, Input::Resize(width, height), now());
    if board {
        let known = |store: &Store| endpoints.iter().all(|id| store.endpoint(*id).is_some());
        gathering.until(REST, known).await;
    }
    let mut complete = settle(&mut gathering, &mut ui).await;
    for chord in &shot.keys {
        ui.handle(&gathering.store, Input::Key(*chord), now());
        complete &= settle(&mut gathering, &mut ui).await;
    }
    let at = now();
    ui.prepare(&gathering.store, at, true);
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
    ui.draw(&gathering.store, at, &mut buffer);
    let title = format!("qd {view}");
    let code = print::data(&render(&buffer, shot.picture, theme, title.trim_end()));
    if !complete {
        print::words("qd: not every source answered; the frame says which");
        return exit::FAILED;
    }
    code
}

/// Lets the screen ask and the sources answer until nothing new is asked; whether everything was answered.
async fn settle(gathering: &mut Gathering, ui: &mut Ui) -> bool {
    let mut asked = Demand::default();
    let mut all = true;
    for _ in 0..ROUNDS {
        ui.prepare(&gathering.store, now(), true);
        let demand = ui.demand(&gathering.store);
        // Before the first endpoint has told of itself nothing can be asked of it.
        if demand == asked && gathering.store.places().next().is_some() {
            break;
        }
        gathering.want(demand.clone());
        all = gathering
            .until(PATIENCE, |store| {
                store.places().next().is_some() && answered(store, &feeds(&demand))
            })
            .await;
        gathering
            .until(REST, |store| rest_answered(store, &demand))
            .await;
        asked = demand;
    }
    all && live(&gathering.store, &asked)
}

fn rest_answered(store: &Store, demand: &Demand) -> bool {
    let document = demand.document.as_ref().is_none_or(|target| {
        store
            .document()
            .is_some_and(|document| document.target == *target)
    });
    let usage = demand
        .usage
        .iter()
        .all(|(key, ..)| answered(store, &[feed(key.endpoint, Topic::Usage)]));
    let metrics = demand.metrics.iter().all(|query| {
        let server = feed(query.endpoint, Topic::Server);
        store.metrics().get(query).is_some()
            || store.status(&server).is_some_and(SourceStatus::fails)
    });
    document && usage && metrics
}

/// Whether all that is on screen is as it is now.
fn live(store: &Store, demand: &Demand) -> bool {
    let fine = |status: &SourceStatus| status.is_live();
    feeds(demand).iter().all(|feed| {
        let server = store.status(&self::feed(feed.endpoint, Topic::Server));
        // Prometheus is looked for where nobody names one; that there is none is no failure.
        let absent = matches!(server, Some(SourceStatus::Off { .. }))
            && store
                .endpoint(feed.endpoint)
                .is_some_and(|endpoint| !endpoint.engine.runs());
        absent || store.status(feed).is_some_and(fine)
    })
}
