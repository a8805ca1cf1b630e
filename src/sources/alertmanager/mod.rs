//! Alertmanager as a source: one [`run`] an open server. It tells alerts with what holds them back and who is told of
//! them, silences, and how the server itself is: its configuration and its notifications.

pub mod decode;

use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::sleep;

use crate::clients::clock;
use crate::clients::fault::Fault;
use crate::model::{Batch, Change, Demand, Endpoint, Kind, Name, Row, SourceStatus, Text};
use crate::sources::backoff::Backoff;
use crate::sources::watcher::told::Told;
use crate::sources::watcher::{self, Line, Place, clock_words, tell};

/// How often alerts and silences are asked for: it pushes nothing.
const EVERY: Duration = Duration::from_secs(3);
/// The state of the server itself, every so many rounds.
const SELF: u32 = 5;

/// Serves one server until dropped. `endpoint` says the id, name and environment; the rest of it is filled in here.
pub async fn run(
    place: Place,
    mut endpoint: Endpoint,
    mut demand: watch::Receiver<Demand>,
    batches: mpsc::Sender<Batch>,
) {
    let line = watcher::open(&place, &mut endpoint, &mut demand, &batches).await;
    let labels = place.replica_labels.iter().map(|label| Name::new(label));
    let replica_labels: Vec<Name> = labels.collect();
    let id = endpoint.id;
    let mut alerts = Told::new(id, Kind::Alert, batches.clone());
    let mut silences = Told::new(id, Kind::Silence, batches.clone());
    let mut itself = Told::new(id, Kind::ScrapeTarget, batches.clone());
    let mut backoff = Backoff::default();
    let mut good = clock::now();
    let mut round = 0;
    loop {
        watcher::wanted(&mut demand, id).await;
        let asked = async {
            let alerts = line.reader.get("/api/v2/alerts", &[]).await?;
            line.note(&alerts);
            let alerts = decode::alerts(&alerts.body, id, &replica_labels, line.ahead())?;
            let silences = line.reader.get("/api/v2/silences", &[]).await?;
            let silences = decode::silences(&silences.body, id, line.ahead())?;
            Ok::<_, Fault>((alerts, silences))
        };
        let pause = match asked.await {
            Ok((told, held)) => {
                backoff.reset();
                good = clock::now();
                tell(&endpoint, Change::Status(SourceStatus::Live), &batches).await;
                if round == 0 {
                    itself
                        .list(about(&line, &mut endpoint, &batches).await, None)
                        .await;
                }
                round = (round + 1) % SELF;
                let list = told.into_iter().map(Box::new).map(Row::Alert);
                let trouble = clock_words(line.ahead()).map(Text::from);
                alerts.list(list.collect(), trouble).await;
                let list = held.into_iter().map(Box::new).map(Row::Silence);
                silences.list(list.collect(), None).await;
                EVERY
            }
            Err(fault) => {
                let pause = backoff.after(&fault);
                let status = watcher::status(&fault, good, pause);
                for told in [&mut alerts, &mut silences, &mut itself] {
                    told.say(status.clone()).await;
                }
                tell(&endpoint, Change::Status(status), &batches).await;
                pause
            }
        };
        let sent = line.reader.take_sent();
        if sent > 0 {
            tell(&endpoint, Change::Requests(sent), &batches).await;
        }
        sleep(pause).await;
    }
}

/// How the server itself is, as a target that is watched; its version goes into the endpoint.
async fn about(line: &Line, endpoint: &mut Endpoint, batches: &mpsc::Sender<Batch>) -> Vec<Row> {
    let status = line.reader.get("/api/v2/status", &[]).await;
    let version = status.map(|answer| decode::version(&answer.body));
    let version = version.unwrap_or_default();
    if endpoint.version.as_str() != version {
        endpoint.version = Name::new(&version);
        tell(endpoint, Change::Endpoint(endpoint.clone()), batches).await;
    }
    let numbers = line.reader.get("/metrics", &[]).await;
    let numbers = numbers.ok().map(|answer| answer.body);
    let target = decode::itself(numbers.as_deref(), endpoint);
    vec![Row::Target(Box::new(target))]
}
