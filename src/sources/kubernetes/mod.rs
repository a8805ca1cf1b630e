//! Kubernetes as a source: one [`run`] an open cluster.
//!
//! It connects, says what the endpoint is, and watches what is demanded. Discovery, usage and the opened document run
//! beside it in tasks of their own. What must stay true: nothing is asked before the first list is under way, and
//! nothing that is not demanded is asked at all.

pub mod access;
pub mod containers;
pub mod describe;
pub mod discovery;
pub mod doctor;
pub mod document;
mod endpoint;
mod find;
pub(in crate::sources) mod json;
mod jsonwatch;
pub mod listwatch;
pub mod mask;
pub mod project;
mod related;
pub mod table;
pub mod usage;
mod watches;
pub mod wire;
pub mod yaml;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use crate::clients::connect::KubeChoice;
use crate::clients::kube::Reader;
use crate::model::{
    Batch, Change, CustomKind, Demand, Endpoint, EndpointId, Feed, Kind, Name, Scope, SourceStatus,
    Topic, Want,
};
use crate::sources::outlet::Outlet;
use endpoint::{Server, Told};
use watches::{Reach, Watches};

/// How long the first list has the server for itself, unless its rows come earlier.
const HEAD_START: Duration = Duration::from_secs(2);

pub use find::{find, of_context};

/// What the tasks beside the loop found out.
enum Word {
    Told(Told),
    Reach(Vec<Reach>),
}

/// Serves one cluster until dropped: connects, follows the demand, and reports in batches. `endpoint` says the id,
/// name and environment; the rest of it is filled in here.
pub async fn run(
    choice: KubeChoice,
    mut endpoint: Endpoint,
    mut demand: watch::Receiver<Demand>,
    batches: mpsc::Sender<Batch>,
) {
    endpoint::tell(&endpoint, Change::Endpoint(endpoint.clone()), &batches).await;
    endpoint::tell(
        &endpoint,
        Change::Status(SourceStatus::Connecting),
        &batches,
    )
    .await;
    let connection = endpoint::open(&choice, &endpoint, &demand, &batches).await;
    endpoint::describe(&mut endpoint, &connection);
    let reader = connection.reader;
    let mut known = known_namespaces(&choice, &connection.facts.namespace);
    let (inside_tx, mut inside_rx) = mpsc::channel(8);
    let (word_tx, mut word_rx) = mpsc::channel(8);
    let mut watches = Watches::new(endpoint.id, reader.clone(), inside_tx, batches.clone());
    let wants = demand.borrow_and_update().objects.clone();
    remember(&mut known, &wants, endpoint.id);
    let mut asks = watches.follow(&wants).await;
    endpoint::tell(&endpoint, Change::Endpoint(endpoint.clone()), &batches).await;

    let (asked_tx, asked_rx) = mpsc::channel(1);
    let known_kinds = watch::Sender::new(Arc::default());
    let (rows_tx, rows_rx) = watch::channel(false);
    let mut beside = Beside {
        endpoint: endpoint.id,
        reader: reader.clone(),
        demand: demand.clone(),
        batches: batches.clone(),
    }
    .spawn(rows_rx, known_kinds.clone(), asked_rx, word_tx.clone());

    let mut server = Server::default();
    let mut asking_reach = false;
    let mut tick = interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            batch = inside_rx.recv() => {
                // The watches hold a sender, so there is always one more.
                let Some(batch) = batch else { return };
                let said = batch.changes.iter().any(|change| matches!(change, Change::Status(_)));
                let more = watches.pass(batch).await;
                asks.reach |= more.reach;
                asks.discover |= more.discover;
                if more.rows && !*rows_tx.borrow() {
                    rows_tx.send_replace(true);
                }
                if said {
                    server.tell(endpoint::pulse(watches.statuses()), &endpoint, &batches).await;
                }
            }
            changed = demand.changed() => {
                if changed.is_err() {
                    return;
                }
                let wants = demand.borrow_and_update().objects.clone();
                let more = watches.follow(&wants).await;
                asks.reach |= more.reach;
                asks.discover |= unknown(&wants, endpoint.id, &known_kinds.borrow());
                remember(&mut known, &wants, endpoint.id);
            }
            word = word_rx.recv() => match word {
                Some(Word::Told(told)) => {
                    watches.set_streaming(told.streaming);
                    endpoint.version = Name::new(&told.version);
                    if !told.user.is_empty() {
                        endpoint.user = Name::new(&told.user);
                    }
                    let change = Change::Endpoint(endpoint.clone());
                    endpoint::tell(&endpoint, change, &batches).await;
                    // Nothing may be demanded, but the server has answered.
                    let now = endpoint::pulse(watches.statuses()).or(Some(SourceStatus::Live));
                    server.tell(now, &endpoint, &batches).await;
                }
                Some(Word::Reach(reach)) => {
                    asking_reach = false;
                    watches.reach(reach).await;
                }
                None => return,
            },
            _ = tick.tick() => {
                watches.tidy().await;
                let sent = reader.take_sent();
                if sent > 0 {
                    endpoint::tell(&endpoint, Change::Requests(sent), &batches).await;
                }
            }
        }
        endpoint::set_clock(&mut endpoint, reader.ahead(), &batches).await;
        if std::mem::take(&mut asks.discover) {
            // Full: it was asked already.
            let _ = asked_tx.try_send(());
        }
        if std::mem::take(&mut asks.reach) && !asking_reach {
            asking_reach = true;
            let (reader, known, word_tx) = (reader.clone(), known.clone(), word_tx.clone());
            beside.spawn(async move {
                let reach = access::reach(reader, known).await;
                let _ = word_tx.send(Word::Reach(reach)).await;
            });
        }
    }
}

/// What runs beside the loop.
struct Beside {
    endpoint: EndpointId,
    reader: Reader,
    demand: watch::Receiver<Demand>,
    batches: mpsc::Sender<Batch>,
}

impl Beside {
    /// Starts all of it. The set aborts its tasks when it is dropped: none of them may outlive the endpoint.
    fn spawn(
        self,
        rows: watch::Receiver<bool>,
        known_tx: watch::Sender<Arc<Vec<CustomKind>>>,
        asked_rx: mpsc::Receiver<()>,
        word_tx: mpsc::Sender<Word>,
    ) -> JoinSet<()> {
        let mut beside = JoinSet::new();
        let feed = |topic| Feed {
            endpoint: self.endpoint,
            topic,
        };
        let (reader, early) = (self.reader.clone(), rows.clone());
        beside.spawn(async move {
            head_start(early).await;
            let _ = word_tx.send(Word::Told(endpoint::ask(reader).await)).await;
        });
        beside.spawn(document::run(
            self.reader.clone(),
            self.endpoint,
            known_tx.subscribe(),
            self.demand.clone(),
            Outlet::new(feed(Topic::Document), self.batches.clone()),
        ));
        let (reader, early) = (self.reader.clone(), rows.clone());
        let (feed_of_kinds, batches) = (feed(Topic::Discovery), self.batches.clone());
        beside.spawn(async move {
            head_start(early).await;
            discovery::run(reader, feed_of_kinds, asked_rx, known_tx, batches).await;
        });
        let outlet = Outlet::new(feed(Topic::Usage), self.batches);
        beside.spawn(async move {
            head_start(rows).await;
            usage::run(self.reader, self.endpoint, self.demand, outlet).await;
        });
        beside
    }
}

/// Waits until the first rows are there, or long enough.
async fn head_start(mut rows: watch::Receiver<bool>) {
    let _ = tokio::time::timeout(HEAD_START, rows.wait_for(|rows| *rows)).await;
}

/// Whether a kind is wanted that discovery has not told.
fn unknown(wants: &BTreeSet<Want>, endpoint: EndpointId, known: &[CustomKind]) -> bool {
    !known.is_empty()
        && wants.iter().any(|want| match &want.kind {
            Kind::Custom(kind) => want.endpoint == endpoint && !known.contains(kind),
            _ => false,
        })
}

/// Namespaces that were looked at are worth looking into where listing all is not permitted.
fn remember(known: &mut Vec<Name>, wants: &BTreeSet<Want>, endpoint: EndpointId) {
    for want in wants.iter().filter(|want| want.endpoint == endpoint) {
        if let Scope::Namespace(name) = &want.scope
            && !known.contains(name)
        {
            known.push(name.clone());
        }
    }
}

/// Namespaces that the settings know of.
fn known_namespaces(choice: &KubeChoice, context: &str) -> Vec<Name> {
    let mut known: Vec<_> = choice
        .namespaces
        .iter()
        .map(|name| Name::new(name))
        .collect();
    known.push(Name::new(if context.is_empty() {
        "default"
    } else {
        context
    }));
    known
}
