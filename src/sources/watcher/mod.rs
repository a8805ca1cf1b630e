//! What Prometheus and Alertmanager have in common as sources: where they are found, and how their connection opens.
//!
//! Nothing is asked of either before something of it is wanted. Without configuration they are searched for: on this
//! machine, then as Services in the clusters. What is not there is `Off`, and looked for again now and then.

mod find;
pub mod search;
pub mod told;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio::time::sleep;

use crate::clients::clock;
use crate::clients::connect::{self, KubeChoice};
use crate::clients::fault::Fault;
use crate::clients::http::{Answer, Reader};
use crate::config::WebServer;
use crate::model::{
    Batch, Change, Demand, Endpoint, EndpointId, Engine, Feed, Kind, Labels, Moment, Name,
    SourceStatus, Text, Topic,
};
use crate::sources::backoff::Backoff;

pub use find::find;

/// Until what was not there is looked for again.
const AGAIN: Duration = Duration::from_mins(2);

/// Where a server is.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    pub at: At,
    /// Labels by which members of a pair differ.
    pub replica_labels: Vec<String>,
}

/// See [`Place`].
#[derive(Clone, Debug, PartialEq)]
pub enum At {
    /// There; if by a Service, in this cluster.
    Server(Box<WebServer>, Option<KubeChoice>),
    /// Wherever it is found first: on this machine if so, then in this cluster.
    Search {
        here: bool,
        cluster: Option<KubeChoice>,
    },
}

/// An open connection, with the time by the server's clock.
#[derive(Clone)]
pub struct Line {
    pub reader: Reader,
    /// Seconds that the server's clock is ahead of ours.
    ahead: Arc<AtomicI64>,
}

impl Line {
    pub fn new(reader: Reader) -> Self {
        Self {
            reader,
            ahead: Arc::default(),
        }
    }

    /// Learns the server's time from an answer.
    pub fn note(&self, answer: &Answer) {
        if let Some(date) = answer.date {
            let ahead = date.as_second() - Timestamp::now().as_second();
            // The header tells whole seconds and the way takes time: a difference that small is none.
            let ahead = if ahead.abs() <= 2 { 0 } else { ahead };
            self.ahead.store(ahead, Ordering::Relaxed);
        }
    }

    /// Seconds that the server's clock is ahead of ours.
    pub fn ahead(&self) -> i64 {
        self.ahead.load(Ordering::Relaxed)
    }
}

/// Waits until anything of an endpoint is wanted.
pub async fn wanted(demand: &mut watch::Receiver<Demand>, id: EndpointId) {
    let any = |demand: &Demand| {
        demand.objects.iter().any(|want| want.endpoint == id)
            || demand.metrics.iter().any(|query| query.endpoint == id)
    };
    if demand.wait_for(any).await.is_err() {
        // Nobody will want anything any more.
        std::future::pending::<()>().await;
    }
}

/// Opens the connection once it is wanted, however long that takes, and says meanwhile why there is none.
pub async fn open(
    place: &Place,
    endpoint: &mut Endpoint,
    demand: &mut watch::Receiver<Demand>,
    batches: &mpsc::Sender<Batch>,
) -> Line {
    tell(endpoint, Change::Endpoint(endpoint.clone()), batches).await;
    tell(endpoint, Change::Status(SourceStatus::Connecting), batches).await;
    wanted(demand, endpoint.id).await;
    let mut backoff = Backoff::default();
    let since = clock::now();
    loop {
        let (status, pause) = match attempt(place, endpoint).await {
            Ok(line) => {
                tell(endpoint, Change::Endpoint(endpoint.clone()), batches).await;
                return line;
            }
            Err(Missing::Nowhere(why)) => {
                let why = Text::from(why);
                (SourceStatus::Off { why }, AGAIN)
            }
            Err(Missing::Fault(fault)) => {
                let pause = backoff.after(&fault);
                (status(&fault, since, pause), pause)
            }
        };
        tell(endpoint, Change::Status(status), batches).await;
        sleep(pause).await;
    }
}

/// Why there is no connection.
pub(super) enum Missing {
    /// It was looked for and is not there.
    Nowhere(String),
    Fault(Fault),
}

impl From<Fault> for Missing {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

async fn attempt(place: &Place, endpoint: &mut Endpoint) -> Result<Line, Missing> {
    let reader = match &place.at {
        At::Server(server, None) => Reader::new(server)?,
        At::Server(server, Some(cluster)) => {
            let connection = connect::connect(cluster).await?;
            let service = server.service.as_deref().unwrap_or_default();
            Reader::of_service(connection.reader, service, &server.url, server)
        }
        At::Search { here, cluster } => {
            let found = search::search(endpoint.engine, *here, cluster.as_ref()).await?;
            endpoint.server = Name::new(&found.address);
            if endpoint.name.as_str() == endpoint.engine.name() {
                endpoint.name = Name::new(&found.name);
            }
            found.reader
        }
    };
    Ok(Line::new(reader))
}

/// Whether a kind is wanted of an endpoint.
pub fn wants(demand: &watch::Receiver<Demand>, id: EndpointId, kind: &Kind) -> bool {
    let demand = demand.borrow();
    let mut objects = demand.objects.iter();
    objects.any(|want| want.endpoint == id && want.kind == *kind)
}

/// A time of the server's as ours: `ahead` is what its clock is ahead, in seconds.
pub fn shifted(text: &str, ahead: i64) -> Option<Moment> {
    Moment::from_second(Moment::parse(text)?.second() - ahead)
}

/// Labels without those by which members of a pair differ.
pub fn without(labels: &Labels, replica_labels: &[Name]) -> Labels {
    if replica_labels.is_empty() {
        return labels.clone();
    }
    let kept = labels
        .iter()
        .filter(|(name, _)| !replica_labels.iter().any(|label| label.as_str() == *name))
        .map(|(name, value)| (Name::new(name), Name::new(value)));
    Labels::new(kept.collect())
}

/// Seconds in words: `40 s`, `12 min`, `3 h`.
pub fn span(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3600),
    }
}

/// Why what a server tells may not be what is: its clock is another one.
pub fn clock_words(ahead: i64) -> Option<String> {
    if ahead.abs() < 30 {
        return None;
    }
    let side = if ahead > 0 { "ahead of" } else { "behind" };
    Some(format!("its clock is {} {side} ours", span(ahead.abs())))
}

/// How a fault shows.
pub fn status(fault: &Fault, since: Moment, pause: Duration) -> SourceStatus {
    match fault {
        Fault::Forbidden(_) => SourceStatus::Denied {
            verb: Text::new("read"),
            resource: Text::new("it (403)"),
        },
        fault => SourceStatus::Stale {
            since,
            cause: Text::from(fault.to_string()),
            retry_at: Some(clock::after(pause)),
        },
    }
}

/// Sends a change of the endpoint's own feed.
pub async fn tell(endpoint: &Endpoint, change: Change, batches: &mpsc::Sender<Batch>) {
    let feed = Feed {
        endpoint: endpoint.id,
        topic: Topic::Server,
    };
    let changes = vec![change];
    // Nobody listens only at the end of the run.
    let _ = batches.send(Batch { feed, changes }).await;
}

/// `Prometheus`, as it is written in sentences.
pub(super) fn title(engine: Engine) -> &'static str {
    match engine {
        Engine::Alertmanager => "Alertmanager",
        _ => "Prometheus",
    }
}
