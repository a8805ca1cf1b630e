//! A cluster of one pod inside the process, whose log behaves as a kubelet's does: the current file alone can be read,
//! a follow ends when the container does, and what the API server says of the container may be behind.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::StreamBody;
use kube::client::Body;
use quarterdeck::clients::kube::Reader;
use quarterdeck::model::{
    Demand, EndpointId, Key, Kind, LogBatch, LogChange, LogMark, LogReading, LogSince, LogState,
    LogTarget, LogWant, Name, SourceStatus, Target,
};
use quarterdeck::sources::logs::kubernetes;
use quarterdeck::sources::logs::readings::Readings;
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};

const SECOND: i64 = 1_000_000_000;
/// 2020-09-13T12:26:40Z
pub(super) const BEGIN: i64 = 1_600_000_000 * SECOND;

type Answer =
    Response<StreamBody<futures::stream::BoxStream<'static, Result<Frame<Bytes>, std::io::Error>>>>;
type Sender = mpsc::UnboundedSender<Result<Frame<Bytes>, std::io::Error>>;

/// One run of the container.
#[derive(Default)]
struct Instance {
    lines: Vec<(i64, String)>,
    /// Lines before were rotated away.
    from: usize,
    exit: Option<i32>,
}

/// What the server knows.
#[derive(Default)]
pub(super) struct World {
    clock: i64,
    written: usize,
    instances: Vec<Instance>,
    /// How many instances, and the last one's end, the API server knows of.
    published: (usize, Option<i32>),
    version: u64,
    deleted: bool,
    /// Answers that follow: of which instance.
    followers: Vec<(usize, Sender)>,
    watchers: Vec<Sender>,
    /// Answers every request for the log like this.
    pub(super) refuse: Option<(u16, &'static str)>,
    /// Requests for the log are never answered, and followers hear nothing.
    pub(super) dead: bool,
    /// Requests for logs so far.
    pub(super) asked: Vec<String>,
}

pub(super) type Shared = Arc<Mutex<World>>;

impl World {
    pub(super) fn start(&mut self) {
        self.instances.push(Instance::default());
    }

    /// Writes a line; returns its number.
    pub(super) fn write(&mut self, after: i64) -> usize {
        self.clock += after;
        let number = self.written;
        self.written += 1;
        let line = (BEGIN + self.clock, format!("line {number}"));
        let text = wire(&line);
        let Some(last) = self.instances.len().checked_sub(1) else {
            return number;
        };
        self.instances[last].lines.push(line);
        if !self.dead {
            self.followers.retain(|(instance, sender)| {
                *instance != last
                    || sender
                        .send(Ok(Frame::data(Bytes::from(text.clone()))))
                        .is_ok()
            });
        }
        number
    }

    /// The container ends; followers hear the end of the answer.
    pub(super) fn exit(&mut self, code: i32) {
        let last = self.instances.len() - 1;
        self.instances[last].exit = Some(code);
        self.followers.retain(|(instance, _)| *instance != last);
    }

    pub(super) fn rotate(&mut self) {
        if let Some(last) = self.instances.last_mut() {
            last.from = last.lines.len();
        }
    }

    /// All answers end, as if all were told.
    pub(super) fn end_answers(&mut self) {
        self.followers.clear();
    }

    /// All answers break off.
    pub(super) fn cut(&mut self) {
        for (_, sender) in self.followers.drain(..) {
            let _ = sender.send(Err(std::io::ErrorKind::ConnectionReset.into()));
        }
    }

    /// The API server hears how it is.
    pub(super) fn publish(&mut self) {
        let end = self.instances.last().and_then(|last| last.exit);
        self.published = (self.instances.len(), end);
        self.version += 1;
        let event = json!({"type": "MODIFIED", "object": self.pod()}).to_string() + "\n";
        self.tell(event);
    }

    pub(super) fn delete(&mut self) {
        self.deleted = true;
        self.version += 1;
        let event = json!({"type": "DELETED", "object": self.pod()}).to_string() + "\n";
        self.tell(event);
    }

    /// Lines that should have been told or said to be missing. What was rotated away before anything of its instance was
    /// read is known to nobody.
    pub(super) fn missing(&self, told: &std::collections::BTreeSet<&String>) -> usize {
        let missing = self.instances.iter().map(|instance| {
            let is_told = |at: &usize| told.contains(&instance.lines[*at].1);
            let first = (0..instance.lines.len()).find(is_told);
            let from = first.map_or(instance.from, |first| first.min(instance.from));
            let owed = from..instance.lines.len();
            owed.filter(|at| !is_told(at)).count()
        });
        missing.sum()
    }

    fn tell(&mut self, event: String) {
        let event = Bytes::from(event);
        self.watchers
            .retain(|watcher| watcher.send(Ok(Frame::data(event.clone()))).is_ok());
    }

    fn pod(&self) -> Value {
        let (count, end) = self.published;
        let state = match (count, end) {
            (0, _) => json!({"waiting": {"reason": "ContainerCreating"}}),
            (count, Some(code)) => json!({"terminated": ended(count - 1, code)}),
            (_, None) => json!({"running": {"startedAt": "2020-09-13T12:26:40Z"}}),
        };
        let last = match count.checked_sub(2) {
            Some(before) => {
                json!({"terminated": ended(before, self.instances[before].exit.unwrap_or(0))})
            }
            None => json!({}),
        };
        json!({
            "metadata": {
                "name": "shop-1", "namespace": "shop", "uid": "a-uid", "resourceVersion": (100 + self.version).to_string(),
                "creationTimestamp": "2020-09-13T12:26:40Z", "labels": {"app": "shop"},
            },
            "spec": {"containers": [{"name": "shop"}]},
            "status": {"containerStatuses": [{
                "name": "shop", "restartCount": count.saturating_sub(1), "state": state, "lastState": last,
                "containerID": if count == 0 { String::new() } else { format!("containerd://{}", count - 1) },
            }]},
        })
    }

    fn log(
        &mut self,
        query: &HashMap<String, String>,
        sender: &Sender,
    ) -> Result<(), (u16, String)> {
        let waiting = || {
            (
                400,
                "container \"shop\" in pod \"shop-1\" is waiting to start: ContainerCreating"
                    .to_owned(),
            )
        };
        let current = self.instances.len().checked_sub(1).ok_or_else(waiting)?;
        let previous = query.contains_key("previous");
        let which = if previous {
            let missing = || (400, "previous terminated container not found".to_owned());
            current.checked_sub(1).ok_or_else(missing)?
        } else {
            current
        };
        let instance = &self.instances[which];
        let mut lines = &instance.lines[instance.from..];
        let since = query
            .get("sinceTime")
            .map(|time| time.parse::<jiff::Timestamp>().unwrap().as_nanosecond());
        if let Some(tail) = query.get("tailLines") {
            lines = &lines[lines.len().saturating_sub(tail.parse().unwrap())..];
        }
        let body: String = lines
            .iter()
            .filter(|(time, _)| since.is_none_or(|since| i128::from(*time) >= since))
            .map(wire)
            .collect();
        let _ = sender.send(Ok(Frame::data(Bytes::from(body))));
        if query.contains_key("follow") && instance.exit.is_none() {
            self.followers.push((which, sender.clone()));
        }
        Ok(())
    }
}

fn ended(instance: usize, code: i32) -> Value {
    json!({
        "containerID": format!("containerd://{instance}"), "exitCode": code,
        "reason": if code == 137 { "OOMKilled" } else { "Error" }, "finishedAt": "2020-09-13T12:26:41Z",
    })
}

fn wire((time, text): &(i64, String)) -> String {
    let time = jiff::Timestamp::from_nanosecond(i128::from(*time)).unwrap();
    format!("{time:.9} {text}\n")
}

/// A reader of the world's server.
pub(super) fn reader(world: &Shared) -> Reader {
    let world = Arc::clone(world);
    let service = tower::service_fn(move |request: Request<Body>| {
        let world = Arc::clone(&world);
        async move {
            let dead = world.lock().unwrap().dead && request.uri().path().ends_with("/log");
            if dead {
                std::future::pending::<()>().await;
            }
            Ok::<_, std::io::Error>(answer(&mut world.lock().unwrap(), request.uri()))
        }
    });
    Reader::new(kube::Client::new(service, "default"))
}

fn answer(world: &mut World, uri: &http::Uri) -> Answer {
    let query: HashMap<String, String> = uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    let (sender, receiver) = mpsc::unbounded_channel();
    let whole = |value: Value| {
        let _ = sender.send(Ok(Frame::data(Bytes::from(value.to_string()))));
    };
    let mut code = 200;
    let refused =
        |code: u16, message: &str| json!({"kind": "Status", "code": code, "message": message});
    let path = uri.path();
    if path.ends_with("/log") {
        world.asked.push(uri.query().unwrap_or_default().to_owned());
        let answer = match world.refuse {
            Some((code, message)) => Err((code, message.to_owned())),
            None if world.deleted => Err((404, "pods \"shop-1\" not found".to_owned())),
            None => world.log(&query, &sender),
        };
        if let Err((refusal, message)) = answer {
            code = refusal;
            whole(refused(refusal, &message));
        }
    } else if path.ends_with("/shop-1") {
        if world.deleted {
            code = 404;
            whole(refused(404, "not found"));
        } else {
            whole(world.pod());
        }
    } else if query.contains_key("watch") {
        world.watchers.push(sender.clone());
    } else {
        let items = if world.deleted {
            vec![]
        } else {
            vec![world.pod()]
        };
        whole(
            json!({"metadata": {"resourceVersion": (100 + world.version).to_string()}, "items": items}),
        );
    }
    let body = futures::stream::unfold(receiver, |mut frames| async {
        frames.recv().await.map(|frame| (frame, frames))
    });
    Response::builder()
        .status(code)
        .header("content-type", "application/json")
        .body(StreamBody::new(body.boxed()))
        .unwrap()
}

/// Someone who reads the pod's log.
pub(super) struct Listener {
    batches: mpsc::Receiver<LogBatch>,
    pub(super) lines: Vec<String>,
    pub(super) older: Vec<String>,
    pub(super) states: Vec<LogState>,
    pub(super) marks: Vec<LogMark>,
    pub(super) found: Vec<SourceStatus>,
    pub(super) duplicates: u64,
    pub(super) streams: Vec<Key>,
    demand: watch::Sender<Demand>,
    _task: tokio::task::JoinHandle<()>,
}

impl Listener {
    pub(super) fn new(world: &Shared, since: LogSince, follow: bool) -> Self {
        Self::with_room(world, since, follow, 64, 16)
    }

    pub(super) fn with_room(
        world: &Shared,
        since: LogSince,
        follow: bool,
        room: usize,
        open: usize,
    ) -> Self {
        let (batches_tx, batches) = mpsc::channel(room);
        let pod = Target {
            endpoint: EndpointId(0),
            kind: Kind::Pod,
            namespace: Name::new("shop"),
            name: Name::new("shop-1"),
            uid: None,
        };
        let demand = watch::Sender::new(Demand {
            logs: vec![LogWant {
                reading: LogReading(1),
                targets: vec![LogTarget::Object(pod)],
                since,
                previous: false,
                follow,
                older: 0,
            }],
            ..Demand::default()
        });
        let readings = Readings::new(EndpointId(0), demand.subscribe(), batches_tx);
        let task = tokio::spawn(kubernetes::serve(
            reader(world),
            String::new(),
            readings,
            open,
        ));
        Self {
            batches,
            lines: Vec::new(),
            older: Vec::new(),
            states: Vec::new(),
            marks: Vec::new(),
            found: Vec::new(),
            duplicates: 0,
            streams: Vec::new(),
            demand,
            _task: task,
        }
    }

    /// Asks for older lines once more.
    pub(super) fn ask_older(&self) {
        self.demand.send_modify(|demand| demand.logs[0].older += 1);
    }

    fn take(&mut self, batch: LogBatch) {
        for change in batch.changes {
            match change {
                LogChange::Lines(_, block) => {
                    let lines = block
                        .iter()
                        .map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned());
                    if block.older {
                        let before = std::mem::take(&mut self.older);
                        self.older = lines.collect();
                        self.older.extend(before);
                    } else {
                        self.lines.extend(lines);
                    }
                }
                LogChange::State(_, state) => self.states.push(state),
                LogChange::Mark(_, mark) => self.marks.push(mark),
                LogChange::Finding(status) => self.found.push(status),
                LogChange::Counts(_, counts) => self.duplicates += counts.duplicates,
                LogChange::Stream(stream) => self.streams.push(stream.key),
                LogChange::Past(..) => {}
            }
        }
    }

    /// Takes in what comes within this time.
    pub(super) async fn hear(&mut self, time: Duration) {
        let deadline = tokio::time::Instant::now() + time;
        while let Ok(Some(batch)) = tokio::time::timeout_at(deadline, self.batches.recv()).await {
            self.take(batch);
        }
    }

    /// Takes in what comes until something holds.
    pub(super) async fn until(&mut self, what: &str, mut holds: impl FnMut(&Self) -> bool) {
        let deadline = tokio::time::Instant::now() + Duration::from_mins(15);
        while !holds(self) {
            match tokio::time::timeout_at(deadline, self.batches.recv()).await {
                Ok(Some(batch)) => self.take(batch),
                _ => panic!(
                    "never: {what}; {:?} {:?} {:?}",
                    self.states,
                    self.marks,
                    self.lines.len()
                ),
            }
        }
    }

    pub(super) fn said(&self) -> Vec<String> {
        self.marks
            .iter()
            .map(|mark| mark.words.to_string())
            .collect()
    }
}
