//! `qd alerts`, `qd rules`, `qd targets`, `qd silence list`: what the servers that watch tell, printed once.

use std::io::{self, Write};

use super::answers::{PATIENCE, answered, cause, complain, feed, feeds};
use super::gather::{Gathering, demand};
use super::output::Printing;
use super::parse::Watched;
use super::{exit, print};
use crate::clients::clock::now;
use crate::config::Config;
use crate::model::{
    AlertState, Demand, EndpointId, Feed, Health, Kind, Scope, Severity, SourceStatus, Topic,
};
use crate::store::Store;
use crate::ui::filter::Filter;
use crate::ui::query::Query;
use crate::ui::views::{self, Prepared, World};

/// What alerts are joined with.
const JOINED: [Kind; 8] = [
    Kind::Pod,
    Kind::Node,
    Kind::Deployment,
    Kind::StatefulSet,
    Kind::DaemonSet,
    Kind::Job,
    Kind::CronJob,
    Kind::Service,
];

/// Prints what was asked for. Must be called within a runtime.
pub async fn run(config: &Config, asked: &Watched, printing: Printing<'_>) -> u8 {
    let Some(view) = views::find(asked.view) else {
        return exit::USAGE;
    };
    let mut query = Query::default();
    if let Some(matchers) = &asked.matchers {
        query.filter = Filter::parse(matchers);
        if let Some(problem) = query.filter.problem() {
            print::words(&format!("qd: --matcher {matchers}: {problem}"));
            return exit::USAGE;
        }
    }
    let mut gathering = Gathering::start(config);
    let kinds = view.kinds();
    let (mut watchers, mut places) = (Vec::new(), Vec::new());
    for endpoint in gathering.endpoints() {
        if kinds.iter().any(|kind| kind.is_of(endpoint.engine)) {
            watchers.push((endpoint.id, endpoint.engine));
        } else if endpoint.engine.runs() && kinds.contains(&Kind::Alert) {
            places.push((endpoint.id, endpoint.engine));
        }
    }
    let wants = |list: &[(EndpointId, crate::model::Engine)], kinds: &[Kind]| {
        let mut all = Demand::default();
        for (id, engine) in list {
            let own: Vec<Kind> = kinds
                .iter()
                .filter(|kind| kind.is_of(*engine))
                .cloned()
                .collect();
            all.objects
                .extend(demand(&[*id], &own, &[Scope::All]).objects);
        }
        all
    };
    let (told, joined) = (wants(&watchers, &kinds), wants(&places, &JOINED));
    let mut all = told.clone();
    all.objects.extend(joined.objects.iter().cloned());
    gathering.want(all);
    let told = feeds(&told);
    let needed: Vec<Feed> = told.iter().chain(&feeds(&joined)).cloned().collect();
    gathering
        .until(PATIENCE, |store| answered(store, &needed))
        .await;
    let store = &gathering.store;
    let failed = failed(store, &told);
    complain(store, &feeds(&joined));
    let world = World {
        store,
        now: now(),
        several: store.places().count() > 1,
    };
    let mut prepared = Prepared::default();
    view.prepare(world, &query, &mut prepared);
    let mut out = io::BufWriter::new(io::stdout().lock());
    let written = printing.rows(&mut out, world, view.as_ref(), &prepared);
    let code = print::ended(written.and_then(|()| out.flush()));
    if prepared.rows.is_empty() && !failed {
        print::words(match asked.view {
            "alerts" => "Nothing fires and nothing is pending.",
            "silences" => "There are no silences.",
            "rules" => "There are no rules that raise alerts.",
            _ => "Nothing is scraped.",
        });
    }
    let trouble = prepared.rows.iter().any(|slot| match asked.view {
        "alerts" => store.alerts().rows().get(*slot).is_some_and(|alert| {
            alert.state == AlertState::Firing
                && !matches!(alert.severity, Severity::None | Severity::Info)
        }),
        _ => view.health(store, *slot) == Health::Bad,
    });
    match code {
        exit::OK if failed => exit::FAILED,
        exit::OK if asked.exit_code && trouble => exit::FIRING,
        code => code,
    }
}

/// Says which servers failed. One that was only looked for is no failure as long as another tells.
fn failed(store: &Store, told: &[Feed]) -> bool {
    let off = |feed: &Feed| {
        let server = store.status(&self::feed(feed.endpoint, Topic::Server));
        let own = store.status(feed);
        [own, server]
            .into_iter()
            .flatten()
            .any(|it| matches!(it, SourceStatus::Off { .. }))
    };
    let (absent, there): (Vec<Feed>, Vec<Feed>) = told.iter().cloned().partition(|it| off(it));
    if there.is_empty() {
        for feed in &absent {
            let server = store.status(&self::feed(feed.endpoint, Topic::Server));
            if let Some(why) = server.and_then(cause) {
                print::words(&format!("qd: {why}"));
            }
        }
        return true;
    }
    complain(store, &there)
}
