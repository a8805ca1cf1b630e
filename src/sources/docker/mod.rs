//! Docker as a source: one [`run`] an open host.
//!
//! The daemon is listed once and then follows its events; what changed is asked for again, a few containers at a time.
//! Compose projects and services are worked out from the labels of containers, a swarm is asked while it is wanted.
//! When the connection breaks, rows stay with their age and cause, and after it is back everything is listed again.
//!
//! What must stay true: nothing is asked that is not wanted but the containers themselves, what a daemon sends is
//! bounded, and a field that is missing or new never costs a row.

mod ask;
mod compose;
mod describe;
pub mod doctor;
mod document;
mod env;
mod events;
mod find;
mod follow;
mod host;
mod names;
mod project;
mod related;
mod session;
pub mod stats;
mod stream;
mod swarm;
mod things;
mod told;
pub mod wire;

use tokio::sync::{mpsc, watch};
use tokio::time::sleep;

use crate::clients::clock;
use crate::clients::docker::Daemon;
use crate::clients::fault::Fault;
use crate::model::{Batch, Change, Demand, Endpoint, Name, SourceStatus, Text};
use crate::sources::backoff::Backoff;
use host::Host;

pub use find::{contexts, find, of_word};

/// Serves one host until dropped. `endpoint` says the id, name and environment; the rest of it is filled in here.
pub async fn run(
    daemon: Daemon,
    endpoint: Endpoint,
    mut demand: watch::Receiver<Demand>,
    batches: mpsc::Sender<Batch>,
) {
    let mut host = Host::new(endpoint, batches);
    host.tell_endpoint().await;
    host.tell_server(SourceStatus::Connecting).await;
    let mut backoff = Backoff::default();
    loop {
        let fault = match daemon.connect().await {
            Ok(connection) => {
                host.endpoint.server = Name::new(connection.server());
                let ended = session::run(&mut host, connection.reader(), &mut demand).await;
                let Some(ended) = ended else { return };
                if ended.lived {
                    backoff.reset();
                }
                if backoff.failures() > 3 && matches!(ended.fault, Fault::Unreachable(_)) {
                    // A context or a certificate may have changed meanwhile.
                    daemon.forget().await;
                }
                ended.fault
            }
            Err(fault) => fault,
        };
        let pause = backoff.after(&fault);
        let status = SourceStatus::Stale {
            since: host.heard,
            cause: Text::from(fault.to_string()),
            retry_at: Some(clock::after(pause)),
        };
        let wants = demand.borrow_and_update().objects.clone();
        host.stale(&status, &wants).await;
        sleep(pause).await;
    }
}

/// What follows from a change of the endpoint's own feed being sent: nobody listens only at the end of the run.
async fn send(batches: &mpsc::Sender<Batch>, feed: crate::model::Feed, changes: Vec<Change>) {
    if !changes.is_empty() {
        let _ = batches.send(Batch { feed, changes }).await;
    }
}
