//! `qd snapshot`: one frame of live data, drawn without a terminal once its sources have answered.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::gather::{Gathering, now, settled};
use super::get::unknown;
use super::parse::Shot;
use super::snapshot::render;
use super::{exit, print};
use crate::config::Config;
use crate::model::{Demand, EndpointId, Feed, Topic};
use crate::store::Store;
use crate::ui::theme::Theme;
use crate::ui::{Input, Start, Ui, views};

/// The longest that the sources of a frame may take to answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long CPU, memory and the opened object are waited for once the rows are there.
const REST: Duration = Duration::from_secs(3);
/// What is on screen decides what is asked, and the answers what is on screen; so often this is gone through.
const ROUNDS: usize = 8;

/// Draws what was asked for and prints it. Must be called within a runtime.
pub async fn run(config: &Config, theme: &Theme, shot: &Shot) -> u8 {
    let mut gathering = Gathering::start(config);
    let endpoints: Vec<EndpointId> = gathering.endpoints().map(|endpoint| endpoint.id).collect();
    if endpoints.is_empty() {
        print::words("qd: no cluster is configured and none was found; --demo needs none");
        return exit::FAILED;
    }
    let view = shot.look.view.clone().unwrap_or_default();
    if let Err(code) = known(&mut gathering, &endpoints, &view).await {
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
        },
    );
    ui.handle(&gathering.store, Input::Resize(width, height), now());
    let mut answered = settle(&mut gathering, &mut ui).await;
    for chord in &shot.keys {
        ui.handle(&gathering.store, Input::Key(*chord), now());
        answered &= settle(&mut gathering, &mut ui).await;
    }
    let at = now();
    ui.prepare(&gathering.store, at, true);
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
    ui.draw(&gathering.store, at, &mut buffer);
    let title = format!("qd {view}");
    let code = print::data(&render(&buffer, shot.picture, theme, title.trim_end()));
    if !answered {
        print::words("qd: not every source answered; the frame says which");
        return exit::FAILED;
    }
    code
}

/// Makes sure that a view is known, once the clusters have said which kinds there are.
async fn known(gathering: &mut Gathering, endpoints: &[EndpointId], word: &str) -> Result<(), u8> {
    let there = |store: &Store| {
        word.is_empty() || word == "overview" || views::find_in(store, word).is_some()
    };
    let discovered = |store: &Store| {
        endpoints.iter().all(|endpoint| {
            let feed = |topic| Feed {
                endpoint: *endpoint,
                topic,
            };
            settled(store.status(&feed(Topic::Discovery)))
                || store
                    .status(&feed(Topic::Server))
                    .is_some_and(|status| settled(Some(status)) && !status.is_live())
        })
    };
    gathering
        .until(PATIENCE, |store| there(store) || discovered(store))
        .await;
    if there(&gathering.store) {
        return Ok(());
    }
    print::words(&format!("qd: {}", unknown(&gathering.store, word)));
    Err(exit::USAGE)
}

/// Lets the screen ask and the sources answer until nothing new is asked; whether everything was answered.
async fn settle(gathering: &mut Gathering, ui: &mut Ui) -> bool {
    let mut asked = Demand::default();
    let mut answered = true;
    for _ in 0..ROUNDS {
        ui.prepare(&gathering.store, now(), true);
        let demand = ui.demand(&gathering.store);
        // Before the first endpoint has told of itself nothing can be asked of it.
        if demand == asked && !gathering.store.endpoints().is_empty() {
            break;
        }
        gathering.want(demand.clone());
        answered = gathering
            .until(PATIENCE, |store| {
                !store.endpoints().is_empty() && objects_answered(store, &demand)
            })
            .await;
        gathering
            .until(REST, |store| rest_answered(store, &demand))
            .await;
        asked = demand;
    }
    answered && live(&gathering.store, &asked)
}

fn feeds(demand: &Demand) -> impl Iterator<Item = Feed> + '_ {
    demand.objects.iter().map(|want| Feed {
        endpoint: want.endpoint,
        topic: Topic::Objects(want.kind.clone(), want.scope.clone()),
    })
}

fn objects_answered(store: &Store, demand: &Demand) -> bool {
    feeds(demand).all(|feed| settled(store.status(&feed)) || unreachable(store, feed.endpoint))
}

fn rest_answered(store: &Store, demand: &Demand) -> bool {
    let document = demand.document.as_ref().is_none_or(|target| {
        store
            .document()
            .is_some_and(|document| document.target == *target)
    });
    let usage = demand.usage.iter().all(|(key, ..)| {
        let feed = Feed {
            endpoint: key.endpoint,
            topic: Topic::Usage,
        };
        settled(store.status(&feed)) || unreachable(store, key.endpoint)
    });
    document && usage
}

fn unreachable(store: &Store, endpoint: EndpointId) -> bool {
    let server = Feed {
        endpoint,
        topic: Topic::Server,
    };
    store
        .status(&server)
        .is_some_and(|status| settled(Some(status)) && !status.is_live())
}

fn live(store: &Store, demand: &Demand) -> bool {
    feeds(demand).all(|feed| store.status(&feed).is_some_and(|status| status.is_live()))
}
