//! One reading of a daemon's logs: which containers are meant now, and a stream for each of them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::choice::{Listed, means};
use super::stream::{Container, Stream};
use crate::clients::clock;
use crate::clients::docker::Reader;
use crate::clients::fault::Fault;
use crate::model::{
    Key, Kind, LogChange, LogMark, LogMarkKind, LogStream, LogWant, Name, SourceStatus, Target,
    Text, Uid,
};
use crate::sources::backoff::Backoff;
use crate::sources::logs::out::{Out, Outlet};

/// Events that come within this time are answered by one look at the list.
const TOGETHER: Duration = Duration::from_millis(100);
/// Bytes of an event that are kept; what is asked for is only whether there was one.
const EVENT_AT_MOST: usize = 64 * 1024;
const CONTAINERS: &str = "/containers/json?all=1";
/// `{"type":["container"],"event":["create","start","die","destroy","rename"]}`
const EVENTS: &str = "/events?filters=%7B%22type%22%3A%5B%22container%22%5D%2C%22event%22%3A%5B%22create%22%2C%22start%22%2C%22die%22%2C%22destroy%22%2C%22rename%22%5D%7D";

struct Reading {
    reader: Reader,
    permits: Arc<Semaphore>,
    outlet: Outlet,
    want: LogWant,
    /// By the container's id; what is sent says that something has happened to it.
    streams: BTreeMap<String, watch::Sender<u32>>,
    tasks: JoinSet<()>,
    older: watch::Sender<u32>,
    status: Option<SourceStatus>,
    /// All that there were at first are known.
    listed: bool,
}

/// Serves one reading until it is dropped.
pub(super) async fn run(
    reader: Reader,
    permits: Arc<Semaphore>,
    outlet: Outlet,
    mut wants: watch::Receiver<LogWant>,
) {
    let want = wants.borrow_and_update().clone();
    let mut reading = Reading {
        reader,
        permits,
        outlet,
        older: watch::Sender::new(want.older),
        want,
        streams: BTreeMap::new(),
        tasks: JoinSet::new(),
        status: None,
        listed: false,
    };
    let mut backoff = Backoff::default();
    loop {
        let fault = match reading.follow(&mut wants, &mut backoff).await {
            Ok(()) => return,
            Err(fault) => fault,
        };
        let pause = backoff.after(&fault);
        let status = SourceStatus::Stale {
            since: clock::now(),
            cause: Text::from(fault.to_string()),
            retry_at: Some(clock::after(pause)),
        };
        reading.find(status).await;
        sleep(pause).await;
    }
}

impl Reading {
    /// Follows the daemon's events until they break off.
    async fn follow(
        &mut self,
        wants: &mut watch::Receiver<LogWant>,
        backoff: &mut Backoff,
    ) -> Result<(), Fault> {
        // Events first, so that nothing happens unseen between list and events.
        let mut events = self.reader.stream(EVENTS).await?.into_body();
        self.list().await?;
        backoff.reset();
        self.find(SourceStatus::Live).await;
        loop {
            tokio::select! {
                event = next(&mut events) => {
                    event?;
                    sleep(TOGETHER).await;
                    self.list().await?;
                }
                changed = wants.changed() => {
                    if changed.is_err() {
                        return Ok(());
                    }
                    self.want = wants.borrow_and_update().clone();
                    self.older.send_if_modified(|older| {
                        let more = *older != self.want.older;
                        *older = self.want.older;
                        more
                    });
                    self.list().await?;
                }
                Some(_) = self.tasks.join_next() => {}
            }
        }
    }

    /// Looks at all containers: those that are meant get a stream, and every stream is told to look after its own.
    async fn list(&mut self) -> Result<(), Fault> {
        let list = self.reader.json(CONTAINERS).await?;
        let list: Vec<Listed> = serde_json::from_value(list)
            .map_err(|_| Fault::Foreign("something else than a list of containers".to_owned()))?;
        self.streams.retain(|id, stream| {
            stream.send_modify(|news| *news = news.wrapping_add(1));
            list.iter().any(|container| container.id == *id)
        });
        let mut found: Vec<&Listed> = list
            .iter()
            .filter(|one| self.want.targets.iter().any(|target| means(target, one)))
            .collect();
        found.sort_by_key(|container| container.created);
        for container in found {
            if !self.streams.contains_key(&container.id) {
                self.open(container).await;
            }
        }
        if !self.listed && self.streams.is_empty() && !self.want.follow {
            let why = Text::new("no such container, project or service");
            self.find(SourceStatus::Off { why }).await;
        }
        self.listed = true;
        Ok(())
    }

    async fn open(&mut self, container: &Listed) {
        let uid = Uid::parse(&container.id);
        let key = Key {
            endpoint: self.outlet.endpoint,
            uid,
        };
        let stream = LogStream {
            key,
            object: Target {
                endpoint: self.outlet.endpoint,
                kind: Kind::Container,
                namespace: Name::new(container.place()),
                name: Name::new(container.name()),
                uid: Some(uid),
            },
            container: Name::default(),
            label: Text::new(container.name()),
            command: Text::from(format!("docker logs -f {}", container.name())),
        };
        let mut told = vec![LogChange::Stream(Box::new(stream))];
        if self.listed {
            let words = match container.service() {
                Some(service) => format!("joined: a new container of {service}"),
                None => "joined: a new container".to_owned(),
            };
            let mark = LogMark {
                time: container.created.saturating_mul(1_000_000_000),
                kind: LogMarkKind::Turn,
                words: Text::from(words),
            };
            told.push(LogChange::Mark(Some(key), mark));
        }
        self.outlet.say(told).await;
        let (news, news_rx) = watch::channel(0);
        let own = Container {
            reader: self.reader.clone(),
            id: container.id.clone(),
            tty: false,
        };
        let out = Out::new(self.outlet.clone(), key);
        let mut stream = Stream::new(own, news_rx, self.older.subscribe(), out);
        stream.since = self.want.since;
        stream.follow = self.want.follow;
        stream.joined = self.listed;
        stream.permits = Arc::clone(&self.permits);
        self.tasks.spawn(stream.run());
        self.streams.insert(container.id.clone(), news);
    }

    async fn find(&mut self, status: SourceStatus) {
        if self.status.as_ref() != Some(&status) {
            // That nothing is there stands until something is.
            let nothing = matches!(self.status, Some(SourceStatus::Off { .. }));
            if nothing && self.streams.is_empty() {
                return;
            }
            self.status = Some(status.clone());
            self.outlet.say(vec![LogChange::Finding(status)]).await;
        }
    }
}

/// Waits for the next event.
async fn next(events: &mut Incoming) -> Result<(), Fault> {
    let mut line = BytesMut::new();
    while let Some(frame) = events.frame().await {
        let frame =
            frame.map_err(|error| Fault::Unreachable(format!("the events broke off: {error}")))?;
        if let Ok(data) = frame.into_data() {
            if data.contains(&b'\n') {
                return Ok(());
            }
            line.extend_from_slice(&data);
            if line.len() > EVENT_AT_MOST {
                return Ok(());
            }
        }
    }
    Err(Fault::Unreachable("the daemon ended the events".to_owned()))
}
