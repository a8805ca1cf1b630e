//! The list-and-watch loop of one kind: bytes of the API server in, changes out.
//!
//! The endpoint's supervisor runs one for each kind that somebody wants, and drops it when nobody does. The screen
//! gets a first page at once; the whole comes from the server's watch cache behind it, which may be a moment older
//! than the page; the watch closes the gap. After that every disturbance is met by going on from the last version
//! seen. Rows stay whatever happens, and the status says how old they are and why.
//!
//! Rejected: kube's watcher. It holds whole objects, speaks only JSON, and does not check versions.

mod body;
pub mod known;
mod list;
mod retry;
mod watch;

use std::time::Duration;

use tokio::time::Instant;

use crate::clients::clock::{self, now};
use crate::clients::kube::Reader;
use crate::model::{Change, EndpointId, Kind, Moment, Scope, SourceStatus, Uid};
use crate::sources::kubernetes::project::{self, Interner};
use crate::sources::kubernetes::wire::Format;
use crate::sources::outlet::{self, Outlet};
use known::Known;
use retry::{Retry, Say, Trouble};

/// What to list and watch.
#[derive(Clone, Debug)]
pub struct Subject {
    pub endpoint: EndpointId,
    pub kind: Kind,
    pub scope: Scope,
    /// Whether the server offers streaming lists (`sendInitialEvents`, from 1.34 on).
    pub streaming: bool,
}

/// Lists and watches until dropped. Returns only for a kind that has no row of our own.
pub async fn run(reader: Reader, subject: Subject, outlet: Outlet) {
    if matches!(subject.kind, Kind::Custom(_)) {
        return;
    }
    let mut reflector = Reflector::new(reader, subject, outlet);
    reflector.tell(SourceStatus::Connecting);
    loop {
        let trouble = reflector.turn().await;
        reflector.recover(trouble).await;
    }
}

struct Reflector {
    reader: Reader,
    subject: Subject,
    path: String,
    outlet: Outlet,
    interner: Interner,
    known: Known,
    retry: Retry,
    /// What is asked for; JSON once the server has refused protobuf.
    format: Format,
    /// The last version seen; empty before a list.
    version: String,
    /// What a watch tells of objects up to here is a repetition, of objects that may be gone since.
    floor: u64,
    /// The last version seen before the list that is under way.
    not_older: String,
    /// When what is shown was last known to be true.
    sure: Moment,
    told: Option<SourceStatus>,
    /// What is being asked for, as permissions name it.
    verb: &'static str,
}

impl Reflector {
    fn new(reader: Reader, subject: Subject, outlet: Outlet) -> Self {
        let namespace = match &subject.scope {
            Scope::All => "",
            Scope::Namespace(name) => name.as_str(),
        };
        Self {
            path: subject.kind.path(namespace),
            reader,
            subject,
            outlet,
            interner: Interner::default(),
            known: Known::default(),
            retry: Retry::default(),
            format: Format::Protobuf,
            version: String::new(),
            floor: 0,
            not_older: String::new(),
            sure: now(),
            told: None,
            verb: "list",
        }
    }

    /// Lists if need be, then watches until something goes wrong.
    async fn turn(&mut self) -> Trouble {
        loop {
            let done = if self.version.is_empty() {
                self.list().await
            } else {
                self.watch().await
            };
            if let Err(trouble) = done {
                return trouble;
            }
        }
    }

    /// Says what is wrong and waits until it is time to try again.
    async fn recover(&mut self, trouble: Trouble) {
        tracing::debug!(kind = self.subject.kind.name(), ?trouble, "list-and-watch");
        let step = self.retry.next(trouble);
        if step.relist {
            self.forget();
        }
        let resource = || self.subject.kind.resource();
        let retry_at = Some(clock::after(step.wait));
        match step.say {
            Say::Nothing => {}
            Say::Stale(cause) => {
                let since = self.sure;
                self.tell(SourceStatus::Stale {
                    since,
                    cause: cause.into(),
                    retry_at,
                });
            }
            Say::Denied => {
                let resource = resource().into();
                self.tell(SourceStatus::Denied {
                    verb: self.verb.into(),
                    resource,
                });
            }
            Say::Missing => {
                let why = format!("the server has no {}", resource()).into();
                self.tell(SourceStatus::Off { why });
            }
        }
        self.pause(step.wait).await;
    }

    /// Lists again next time, but nothing older than what was seen.
    fn forget(&mut self) {
        if !self.version.is_empty() {
            self.not_older = std::mem::take(&mut self.version);
        }
    }

    fn tell(&mut self, status: SourceStatus) {
        if self.told.as_ref() != Some(&status) {
            self.told = Some(status.clone());
            self.outlet.push(Change::Status(status));
        }
    }

    /// The list is complete.
    fn listed(&mut self) {
        self.retry.listed = true;
        self.not_older.clear();
        self.sure = now();
        self.outlet.push(Change::Listed);
        self.tell(SourceStatus::Live);
        self.interner.prune();
    }

    /// Takes an object that is there. None if its bytes are no object.
    fn is(&mut self, format: Format, item: bytes::Bytes) -> Option<(Uid, u64)> {
        let row = project::row(
            &self.subject.kind,
            format,
            item,
            &mut self.interner,
            self.subject.endpoint,
        )?;
        let meta = outlet::meta(&row);
        let (uid, version) = (meta.key.uid, meta.version);
        let repeated = version != 0 && version <= self.floor;
        if !repeated && self.known.is(uid, version) {
            self.outlet.push(Change::Row(row));
        }
        Some((uid, version))
    }

    /// Waits while what is pending goes out.
    async fn pause(&mut self, wait: Duration) {
        let until = Instant::now() + wait;
        self.drive(tokio::time::sleep_until(until)).await;
    }

    /// Waits for something while what is pending goes out.
    async fn drive<T>(&mut self, future: impl Future<Output = T>) -> T {
        tokio::pin!(future);
        loop {
            tokio::select! {
                biased;
                () = self.outlet.due() => {}
                done = &mut future => return done,
            }
        }
    }
}
