//! The endpoint itself: opening its connection, and what the server says of itself and of the user.

use tokio::sync::{mpsc, watch};
use tokio::time::sleep;

use crate::clients::clock::{self, now};
use crate::clients::connect::{self, Connection, KubeChoice};
use crate::clients::fault::Fault;
use crate::clients::kube::{Reader, Review};
use crate::model::{Batch, Change, Demand, Endpoint, Feed, Name, SourceStatus, Text, Topic};
use crate::sources::backoff::Backoff;

/// Opens the connection, however often it takes, and says meanwhile why it is not there.
pub(super) async fn open(
    choice: &KubeChoice,
    endpoint: &Endpoint,
    demand: &watch::Receiver<Demand>,
    batches: &mpsc::Sender<Batch>,
) -> Connection {
    let mut backoff = Backoff::default();
    let since = now();
    loop {
        let fault = match connect::connect(choice).await {
            Ok(connection) => return connection,
            Err(fault) => fault,
        };
        let pause = backoff.after(&fault);
        let status = SourceStatus::Stale {
            since,
            cause: Text::from(fault.to_string()),
            retry_at: Some(clock::after(pause)),
        };
        let wants = demand.borrow().objects.clone();
        for want in wants
            .into_iter()
            .filter(|want| want.endpoint == endpoint.id)
        {
            // Each pane says why it is empty.
            let feed = Feed {
                endpoint: endpoint.id,
                topic: Topic::Objects(want.kind, want.scope),
            };
            let changes = vec![Change::Status(status.clone())];
            let _ = batches.send(Batch { feed, changes }).await;
        }
        tell(endpoint, Change::Status(status), batches).await;
        sleep(pause).await;
    }
}

/// Fills in what the connection knows without asking.
pub(super) fn describe(endpoint: &mut Endpoint, connection: &Connection) {
    let facts = &connection.facts;
    if endpoint.name.is_empty() {
        endpoint.name = Name::new(&facts.context);
    }
    endpoint.cluster = Name::new(&facts.cluster);
    endpoint.server = Name::new(&facts.server);
    endpoint.user = Name::new(&facts.user);
    endpoint.namespace = Name::new(&facts.namespace);
    endpoint.insecure = facts.insecure;
}

/// What the server says of itself and of the user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// `v1.33.13`
    pub(super) version: String,
    /// Empty where the server does not say.
    pub(super) user: String,
    /// Whether it offers streaming lists by default: from 1.34 on.
    pub(super) streaming: bool,
}

/// Asks for the server's version and the user's name, until the server answers.
pub(super) async fn ask(reader: Reader) -> Told {
    let mut backoff = Backoff::default();
    let (version, streaming) = loop {
        match reader.json("/version", "application/json").await {
            Ok(version) => break read_version(&version),
            // The server is there, but keeps its version to itself.
            Err(Fault::Forbidden(_) | Fault::NotFound) => break (String::new(), false),
            Err(fault) => sleep(backoff.after(&fault)).await,
        }
    };
    let review = reader.review(&Review::Subject).await.ok();
    let user = review
        .as_ref()
        .and_then(|review| review.pointer("/status/userInfo/username")?.as_str())
        .unwrap_or_default();
    Told {
        version,
        user: user.to_owned(),
        streaming,
    }
}

/// `v1.33.13`, and whether that is 1.34 or later.
pub(super) fn read_version(version: &serde_json::Value) -> (String, bool) {
    let text = version
        .get("gitVersion")
        .and_then(serde_json::Value::as_str)
        .unwrap_or_default();
    let mut numbers = text.trim_start_matches('v').split('.').map(|part| {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u32>().unwrap_or_default()
    });
    let (major, minor) = (
        numbers.next().unwrap_or_default(),
        numbers.next().unwrap_or_default(),
    );
    (text.to_owned(), (major, minor) >= (1, 34))
}

/// Whether the server answers, as the state of its watches shows it: one that is live is proof enough, and a denial or
/// an absence are answers too. None while all of them are still connecting.
pub(super) fn pulse<'a>(watches: impl Iterator<Item = &'a SourceStatus>) -> Option<SourceStatus> {
    let mut stale = None;
    let mut answered = false;
    for status in watches {
        match status {
            SourceStatus::Live | SourceStatus::Listing { .. } => return Some(SourceStatus::Live),
            SourceStatus::Stale { .. } => stale = Some(status),
            SourceStatus::Denied { .. } | SourceStatus::Off { .. } => answered = true,
            SourceStatus::Connecting => {}
        }
    }
    stale.cloned().or(answered.then_some(SourceStatus::Live))
}

/// What was said of the server last.
#[derive(Debug, Default)]
pub(super) struct Server(Option<SourceStatus>);

impl Server {
    /// Says how the server is, if that is news.
    pub(super) async fn tell(
        &mut self,
        now: Option<SourceStatus>,
        endpoint: &Endpoint,
        batches: &mpsc::Sender<Batch>,
    ) {
        if let Some(now) = now
            && self.0.as_ref() != Some(&now)
        {
            let same = |before: &SourceStatus| {
                std::mem::discriminant(before) == std::mem::discriminant(&now)
            };
            if !self.0.as_ref().is_some_and(same) {
                log(&endpoint.name, &now);
            }
            self.0 = Some(now.clone());
            tell(endpoint, Change::Status(now), batches).await;
        }
    }
}

/// Writes a turn in the server's life into our own log.
fn log(name: &str, now: &SourceStatus) {
    match now {
        SourceStatus::Live | SourceStatus::Listing { .. } => tracing::info!("{name} answers"),
        SourceStatus::Stale { cause, .. } => tracing::warn!("{name} does not answer: {cause}"),
        SourceStatus::Denied { verb, resource } => {
            tracing::warn!("{name}: may not {verb} {resource}");
        }
        SourceStatus::Off { why } => tracing::info!("{name}: {why}"),
        SourceStatus::Connecting => {}
    }
}

/// Says how far the server's clock is ahead, if that is news.
pub(super) async fn set_clock(endpoint: &mut Endpoint, ahead: i32, batches: &mpsc::Sender<Batch>) {
    if endpoint.ahead != ahead {
        endpoint.ahead = ahead;
        tell(endpoint, Change::Endpoint(endpoint.clone()), batches).await;
    }
}

/// Sends a change of the endpoint's own feed.
pub(super) async fn tell(endpoint: &Endpoint, change: Change, batches: &mpsc::Sender<Batch>) {
    let feed = Feed {
        endpoint: endpoint.id,
        topic: Topic::Server,
    };
    let changes = vec![change];
    // Nobody listens only at the end of the run.
    let _ = batches.send(Batch { feed, changes }).await;
}
