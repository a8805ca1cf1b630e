//! Kinds that only discovery knows, listed and watched as the server's own tables.
//!
//! The watches of an endpoint call [`run`] for [`Kind::Custom`]. A server that refuses tables is read as plain JSON
//! with name, status and age. A kind that is gone is asked for every half minute, in case it comes back.

mod project;

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::jsonwatch::{self, Event, Events};
use super::listwatch::Subject;
use crate::clients::clock::{self, now};
use crate::clients::fault::Fault;
use crate::clients::kube::Reader;
use crate::model::{Change, Kind, Moment, Name, Scope, SourceStatus, Text};
use crate::sources::backoff::Backoff;
use crate::sources::outlet::Outlet;

pub use project::{Answer, Projection, guess};

const ACCEPT: &str = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
const PAGE: usize = 500;
/// How often a kind that is gone is asked for.
const GONE_FOR: Duration = Duration::from_secs(30);
/// How soon a denial or absence is asked about again, where there was a list before.
const DOUBTED_FOR: Duration = Duration::from_secs(2);
/// A watch that has run this long was a good one.
const CALM: Duration = Duration::from_mins(1);

/// Lists and watches until dropped.
pub(super) async fn run(reader: Reader, subject: Subject, outlet: Outlet) {
    let mut table = Table {
        path: path(&subject),
        projection: Projection::new(subject.endpoint, subject.kind.clone()),
        kind: subject.kind,
        reader,
        outlet,
        heard: now(),
        backoff: Backoff::default(),
        listed: false,
        doubts: 0,
    };
    table.status(SourceStatus::Connecting).await;
    loop {
        let fault = match table.list().await {
            Ok(version) => table.watch(version).await,
            Err(fault) => fault,
        };
        table.pause(&fault).await;
    }
}

fn path(subject: &Subject) -> String {
    let namespace = match &subject.scope {
        Scope::All => Name::default(),
        Scope::Namespace(name) => name.clone(),
    };
    subject.kind.path(namespace.as_str())
}

struct Table {
    path: String,
    kind: Kind,
    projection: Projection,
    reader: Reader,
    outlet: Outlet,
    /// When the server was last heard.
    heard: Moment,
    backoff: Backoff,
    /// Whether a list was ever complete.
    listed: bool,
    /// Denials and absences in a row.
    doubts: u32,
}

impl Table {
    /// Lists page by page; returns the version to watch from.
    async fn list(&mut self) -> Result<String, Fault> {
        let mut next = String::new();
        let mut begun = false;
        let mut restarts = 0;
        loop {
            let path = format!("{}?limit={PAGE}&includeObject=Metadata{next}", self.path);
            let page = match self.reader.json(&path, ACCEPT).await {
                // The list changed too much while it was read: once more from the start.
                Err(Fault::Gone) if restarts < 2 => {
                    restarts += 1;
                    next.clear();
                    begun = false;
                    continue;
                }
                page => page?,
            };
            let answer = Answer::read(page)
                .ok_or_else(|| Fault::Foreign("neither a table nor a list".to_owned()))?;
            self.heard = now();
            if !begun {
                begun = true;
                let total = answer.remaining.map(|rest| rest + answer.len() as u64);
                self.outlet
                    .push(Change::Status(SourceStatus::Listing { total }));
                self.outlet.push(Change::Listing);
            }
            self.take(&answer);
            self.outlet.urge();
            self.outlet.flush().await;
            if answer.next.is_empty() {
                self.outlet.push(Change::Listed);
                self.listed = true;
                self.doubts = 0;
                self.status(SourceStatus::Live).await;
                return Ok(answer.version);
            }
            next = format!("&continue={}", encode(&answer.next));
        }
    }

    /// Tells the columns if they are new, and the rows.
    fn take(&mut self, answer: &Answer) {
        if let Some(columns) = self.projection.learn(answer) {
            self.outlet
                .push(Change::Columns(self.kind.clone(), columns));
        }
        let theirs = self.heard.plus(i64::from(self.reader.ahead()));
        for row in self.projection.rows(answer, theirs) {
            self.outlet.push(Change::Row(row));
        }
    }

    /// Watches, resuming when the server ends a watch, until the list has to be read again. Returns why.
    async fn watch(&mut self, mut version: String) -> Fault {
        loop {
            let began = Instant::now();
            let query = jsonwatch::query(&version, &mut self.backoff);
            let path = format!("{}?{query}&includeObject=Metadata", self.path);
            let fault = match self.reader.stream(&path, ACCEPT).await {
                Ok(answer) => {
                    self.heard = now();
                    self.status(SourceStatus::Live).await;
                    self.events(Events::new(answer), &mut version).await
                }
                Err(fault) => Some(fault),
            };
            if began.elapsed() >= CALM {
                self.backoff.reset();
            }
            match fault {
                // The server's timeout is the usual end. An end at once is one to pause for.
                None if began.elapsed() >= Duration::from_secs(5) => {}
                None => sleep(Duration::from_secs(1)).await,
                Some(fault @ (Fault::Gone | Fault::NotFound | Fault::Forbidden(_))) => {
                    return fault;
                }
                Some(fault) => self.pause(&fault).await,
            }
        }
    }

    /// Passes on the events of one watch. Returns why it ended, if not as planned.
    async fn events(&mut self, mut events: Events, version: &mut String) -> Option<Fault> {
        loop {
            let event = tokio::select! {
                event = events.next::<serde_json::Value>() => event,
                () = self.outlet.due() => continue,
            };
            self.heard = now();
            match event {
                Ok(Some(Event::Is(object))) => {
                    let answer = Answer::read_event(object)?;
                    self.take(&answer);
                    version.clone_from(&answer.version);
                }
                Ok(Some(Event::Deleted(object))) => {
                    let answer = Answer::read_event(object)?;
                    for uid in answer.uids() {
                        self.outlet.push(Change::Gone(uid));
                    }
                    version.clone_from(&answer.version);
                }
                Ok(Some(Event::Bookmark(at))) => {
                    if !at.is_empty() {
                        *version = at;
                    }
                }
                Ok(Some(Event::Error { code: 410, .. })) => return Some(Fault::Gone),
                Ok(Some(Event::Error { code, message })) => {
                    return Some(Fault::Refused { code, message });
                }
                Ok(None) => return None,
                Err(fault) => return Some(fault),
            }
            self.outlet.room().await;
        }
    }

    /// Says why it does not go on, and waits.
    async fn pause(&mut self, fault: &Fault) {
        let doubtful = matches!(fault, Fault::NotFound | Fault::Forbidden(_));
        self.doubts += u32::from(doubtful);
        match fault {
            // A server that has just started may not know yet what it serves and to whom.
            fault if doubtful && self.listed && self.doubts < 3 => {
                self.status(SourceStatus::Stale {
                    since: self.heard,
                    cause: Text::from(fault.to_string()),
                    retry_at: Some(clock::after(DOUBTED_FOR)),
                })
                .await;
                sleep(DOUBTED_FOR).await;
            }
            // Listing again is the way on, not a fault.
            Fault::Gone => sleep(Duration::from_millis(200)).await,
            Fault::NotFound => {
                let why = format!("the server has no {}", self.kind.resource());
                let why = Text::from(why);
                self.status(SourceStatus::Off { why }).await;
                sleep(GONE_FOR).await;
            }
            fault => {
                let pause = self.backoff.after(fault);
                let status = jsonwatch::status(fault, &self.kind, self.heard, pause);
                self.status(status).await;
                sleep(pause).await;
            }
        }
    }

    async fn status(&mut self, status: SourceStatus) {
        self.outlet.push(Change::Status(status));
        self.outlet.flush().await;
    }
}

/// A token as a query's value.
fn encode(token: &str) -> String {
    use std::fmt::Write;
    token.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}
