//! Logs of pods, from one cluster's API server.
//!
//! [`run`] serves every reading that asks for objects of its endpoint: [`choice`] says which pods are meant, [`pods`]
//! lists and watches them, [`reading`] keeps a [`stream`] for each of their containers, [`answer`] is one request of it. As many streams are open at once as the cluster can bear; the others wait their turn and
//! say so.

mod answer;
mod choice;
pub mod pod;
mod pods;
mod reading;
mod stream;

use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc, watch};

use super::readings::Readings;
use crate::clients::clock;
use crate::clients::connect::{self, KubeChoice};
use crate::clients::kube::Reader;
use crate::model::{Demand, EndpointId, LogBatch, SourceStatus, Text};
use crate::sources::backoff::Backoff;
use reading::Cluster;

/// Streams that are open at once. Each one is a connection to the API server and one from there to a kubelet.
const OPEN_AT_MOST: usize = 128;

/// Reads the logs of one cluster, as far as they are wanted, until dropped.
pub async fn run(
    choice: KubeChoice,
    endpoint: EndpointId,
    demand: watch::Receiver<Demand>,
    batches: mpsc::Sender<LogBatch>,
) {
    let mut readings = Readings::new(endpoint, demand, batches);
    readings.wanted().await;
    let mut backoff = Backoff::default();
    let reader = loop {
        match connect::connect(&choice).await {
            Ok(connection) => break connection.reader,
            Err(fault) => {
                let pause = backoff.after(&fault);
                let status = SourceStatus::Stale {
                    since: clock::now(),
                    cause: Text::from(fault.to_string()),
                    retry_at: Some(clock::after(pause)),
                };
                readings.say(status).await;
                tokio::time::sleep(pause).await;
            }
        }
    };
    let context = choice
        .context
        .as_ref()
        .map(|context| format!(" --context {context}"));
    serve(reader, context.unwrap_or_default(), readings, OPEN_AT_MOST).await;
}

/// Serves readings over a connection, with so many streams at once.
pub async fn serve(reader: Reader, context: String, mut readings: Readings, open_at_most: usize) {
    let cluster = Cluster {
        reader,
        context,
        permits: Arc::new(Semaphore::new(open_at_most)),
    };
    readings
        .serve(|outlet, want| reading::run(cluster.clone(), outlet, want))
        .await;
}
