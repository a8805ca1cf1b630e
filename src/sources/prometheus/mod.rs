//! Prometheus as a source: one [`run`] an open server.
//!
//! It follows rules, alerts and targets, answers the questions in the demand, and says what the server is. Nothing is asked before something
//! is wanted of it.

pub mod decode;
mod metrics;
pub mod rules;
pub mod split;
mod watch;

use std::time::Duration;

use serde::Deserialize;
use tokio::sync::{mpsc, watch as channel};
use tokio::time::sleep;

use crate::clients::clock;
use crate::clients::fault::Fault;
use crate::model::{Batch, Change, Demand, Endpoint, Feed, Name, SourceStatus, Topic};
use crate::sources::backoff::Backoff;
use crate::sources::outlet::Outlet;
use crate::sources::watcher::{self, Line, Place, tell};

/// How often a server is asked whether it is there while nothing else is.
const PULSE: Duration = Duration::from_secs(15);

/// Serves one server until dropped. `endpoint` says the id, name and environment; the rest of it is filled in here.
pub async fn run(
    place: Place,
    mut endpoint: Endpoint,
    mut demand: channel::Receiver<Demand>,
    batches: mpsc::Sender<Batch>,
) {
    let line = watcher::open(&place, &mut endpoint, &mut demand, &batches).await;
    let feed = Feed {
        endpoint: endpoint.id,
        topic: Topic::Metrics,
    };
    let outlet = Outlet::new(feed, batches.clone());
    let id = endpoint.id;
    let replica_labels = place.replica_labels.iter().map(|label| Name::new(label));
    let replica_labels: Vec<Name> = replica_labels.collect();
    tokio::join!(
        watch::rules(
            line.clone(),
            id,
            replica_labels,
            demand.clone(),
            batches.clone()
        ),
        watch::targets(line.clone(), id, demand.clone(), batches.clone()),
        metrics::run(line.clone(), id, demand, outlet),
        pulse(line, endpoint, batches),
    );
}

#[derive(Deserialize)]
struct BuildInfo {
    data: Version,
}

#[derive(Default, Deserialize)]
struct Version {
    #[serde(default)]
    version: String,
}

/// Says whether the server is there, which version it is, and how much is asked of it.
async fn pulse(line: Line, mut endpoint: Endpoint, batches: mpsc::Sender<Batch>) {
    let mut backoff = Backoff::default();
    let mut good = clock::now();
    loop {
        let (status, pause) = match line.reader.get("/api/v1/status/buildinfo", &[]).await {
            Ok(answer) => {
                line.note(&answer);
                let told: Option<BuildInfo> = serde_json::from_slice(&answer.body).ok();
                let version = told.map(|told| told.data.version).unwrap_or_default();
                if endpoint.version.as_str() != version {
                    endpoint.version = Name::new(&version);
                    tell(&endpoint, Change::Endpoint(endpoint.clone()), &batches).await;
                }
                backoff.reset();
                good = clock::now();
                (SourceStatus::Live, PULSE)
            }
            // Not every server that speaks the API says what it is.
            Err(Fault::Refused { code: 404, .. }) => (SourceStatus::Live, PULSE),
            Err(fault) => {
                let pause = backoff.after(&fault);
                (watcher::status(&fault, good, pause), pause)
            }
        };
        tell(&endpoint, Change::Status(status), &batches).await;
        let sent = line.reader.take_sent();
        if sent > 0 {
            tell(&endpoint, Change::Requests(sent), &batches).await;
        }
        sleep(pause).await;
    }
}
