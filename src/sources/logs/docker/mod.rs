//! Logs of containers, from one Docker daemon.
//!
//! [`run`] serves every reading that asks for containers of its daemon: which ones are meant is worked out from the list
//! of all, which is read anew when an event says that it has changed; [`stream`] follows each of them. A container's log
//! goes on through its restarts, so a stream does too; each end and each start is marked.

mod choice;
mod reading;
mod stream;

use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc, watch};

use super::readings::Readings;
use crate::clients::clock;
use crate::clients::docker::{Daemon, Reader};
use crate::model::{Demand, EndpointId, LogBatch, SourceStatus, Text};
use crate::sources::backoff::Backoff;

/// Streams that are open at once; each one is a connection.
const OPEN_AT_MOST: usize = 128;

/// Reads the logs of one daemon, as far as they are wanted, until dropped.
pub async fn run(
    daemon: Daemon,
    endpoint: EndpointId,
    demand: watch::Receiver<Demand>,
    batches: mpsc::Sender<LogBatch>,
) {
    let mut readings = Readings::new(endpoint, demand, batches);
    readings.wanted().await;
    let mut backoff = Backoff::default();
    let reader = loop {
        let fault = match daemon.connect().await {
            Ok(connection) => {
                let reader = connection.reader();
                match reader.version().await {
                    Ok(_) => break reader,
                    Err(fault) => fault,
                }
            }
            Err(fault) => fault,
        };
        let pause = backoff.after(&fault);
        let status = SourceStatus::Stale {
            since: clock::now(),
            cause: Text::from(fault.to_string()),
            retry_at: Some(clock::after(pause)),
        };
        readings.say(status).await;
        tokio::time::sleep(pause).await;
    };
    serve(reader, readings).await;
}

/// Serves readings over a connection.
pub async fn serve(reader: Reader, mut readings: Readings) {
    let permits = Arc::new(Semaphore::new(OPEN_AT_MOST));
    readings
        .serve(|outlet, want| reading::run(reader.clone(), Arc::clone(&permits), outlet, want))
        .await;
}
