//! Loki as a source of logs: queries in LogQL, read by range.
//!
//! Following asks for the last seconds again and again, with an overlap in which late lines find their place, and
//! [`seen`] drops what was told. The server's own tail was rejected: it looks back by best effort, drops entries when it
//! is slow, closes after an hour and allows ten readers a tenant; none of that holds for ranges, which a second's delay
//! is worth.

mod find;
mod page;
mod reading;
mod seen;

use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::sleep;

use super::readings::Readings;
use crate::clients::clock;
use crate::clients::fault::Fault;
use crate::clients::http::Reader;
use crate::config::WebServer;
use crate::model::{
    Batch, Change, Demand, Endpoint, EndpointId, Feed, LogBatch, Name, SourceStatus, Text, Topic,
};
use crate::sources::backoff::Backoff;

pub use find::find;
pub use page::{Entry, Page};
pub use seen::Seen;

/// Until the server is asked again whether it is there.
const AGAIN: Duration = Duration::from_mins(1);

/// Says how the server is, until dropped.
pub async fn watch(server: WebServer, mut endpoint: Endpoint, batches: mpsc::Sender<Batch>) {
    let feed = Feed {
        endpoint: endpoint.id,
        topic: Topic::Server,
    };
    let mut backoff = Backoff::default();
    loop {
        let (changes, pause) = match version(&server).await {
            Ok(version) => {
                backoff.reset();
                endpoint.version = Name::new(&version);
                let status = Change::Status(SourceStatus::Live);
                (vec![Change::Endpoint(endpoint.clone()), status], AGAIN)
            }
            Err(fault) => {
                let pause = backoff.after(&fault);
                let status = SourceStatus::Stale {
                    since: clock::now(),
                    cause: Text::from(fault.to_string()),
                    retry_at: Some(clock::after(pause)),
                };
                let endpoint = Change::Endpoint(endpoint.clone());
                (vec![endpoint, Change::Status(status)], pause)
            }
        };
        let feed = feed.clone();
        if batches.send(Batch { feed, changes }).await.is_err() {
            return;
        }
        sleep(pause).await;
    }
}

async fn version(server: &WebServer) -> Result<String, Fault> {
    let reader = Reader::new(server)?;
    let answer = reader.get("/loki/api/v1/status/buildinfo", &[]).await?;
    let info: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let version = info.get("version").and_then(serde_json::Value::as_str);
    Ok(version.unwrap_or_default().to_owned())
}

/// Reads the logs of one server, as far as they are wanted, until dropped.
pub async fn run(
    server: WebServer,
    endpoint: EndpointId,
    demand: watch::Receiver<Demand>,
    batches: mpsc::Sender<LogBatch>,
) {
    let mut readings = Readings::new(endpoint, demand, batches);
    readings.wanted().await;
    let reader = match Reader::new(&server) {
        Ok(reader) => reader,
        Err(fault) => {
            let why = Text::from(fault.to_string());
            readings.say(SourceStatus::Off { why }).await;
            return;
        }
    };
    readings
        .serve(|outlet, want| reading::run(reader.clone(), outlet, want))
        .await;
}
