//! Alertmanager as a source: one [`run`] an open server.

use std::time::Duration;

use serde::Deserialize;
use tokio::sync::{mpsc, watch};
use tokio::time::sleep;

use crate::clients::clock;
use crate::model::{Batch, Change, Demand, Endpoint, Name, SourceStatus};
use crate::sources::backoff::Backoff;
use crate::sources::watcher::{self, Place, tell};

/// How often a server is asked whether it is there.
const PULSE: Duration = Duration::from_secs(15);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    #[serde(default)]
    version_info: VersionInfo,
}

#[derive(Default, Deserialize)]
struct VersionInfo {
    #[serde(default)]
    version: String,
}

/// Serves one server until dropped. `endpoint` says the id, name and environment; the rest of it is filled in here.
pub async fn run(
    place: Place,
    mut endpoint: Endpoint,
    mut demand: watch::Receiver<Demand>,
    batches: mpsc::Sender<Batch>,
) {
    let line = watcher::open(&place, &mut endpoint, &mut demand, &batches).await;
    let mut backoff = Backoff::default();
    let mut good = clock::now();
    loop {
        let (status, pause) = match line.reader.get("/api/v2/status", &[]).await {
            Ok(answer) => {
                line.note(&answer);
                let told: Option<Status> = serde_json::from_slice(&answer.body).ok();
                let version = told.map(|told| told.version_info.version);
                let version = version.unwrap_or_default();
                if endpoint.version.as_str() != version {
                    endpoint.version = Name::new(&version);
                    tell(&endpoint, Change::Endpoint(endpoint.clone()), &batches).await;
                }
                backoff.reset();
                good = clock::now();
                (SourceStatus::Live, PULSE)
            }
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
