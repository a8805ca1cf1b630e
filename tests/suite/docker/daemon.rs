//! A daemon that plays what a test wants, on a unix socket: lists, events, stats, and every way to fail.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use quarterdeck::clients::docker::{Daemon, DockerChoice};
use quarterdeck::model::*;
use quarterdeck::sources::docker;
use quarterdeck::store::Store;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, watch};
use tokio::task::{AbortHandle, JoinHandle};
use tokio::time::{Duration, timeout};

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_mins(1);

/// What the daemon does with a path.
#[derive(Clone, Debug)]
pub(super) enum Act {
    /// Says nothing, ever.
    Hang,
    /// Begins the answer and closes in its middle.
    Cut,
    Status(u16, &'static str),
    /// Exactly this body.
    Body(String),
}

/// What the daemon knows.
#[derive(Default)]
pub(super) struct Known {
    pub(super) containers: Vec<Value>,
    pub(super) inspected: BTreeMap<String, Value>,
    /// Paths that begin so are treated so; the first that fits.
    pub(super) acts: Vec<(&'static str, Act)>,
    /// Whether the head of the events is withheld until the first of them, as Podman does.
    pub(super) withholds: bool,
    pub(super) api: (&'static str, &'static str),
    pub(super) stats: Vec<Value>,
    pub(super) asked: Vec<String>,
    pub(super) open_stats: usize,
    listeners: Vec<mpsc::UnboundedSender<String>>,
    connections: Vec<AbortHandle>,
}

pub(super) type Shared = Arc<Mutex<Known>>;

/// A container as the list tells it.
pub(super) fn listed(id: &str, name: &str, state: &str, status: &str) -> Value {
    json!({
        "Id": id, "Names": [format!("/{name}")], "Image": "shop:1.8", "ImageID": "sha256:18",
        "Created": 1_795_752_329, "Ports": [], "Labels": {}, "State": state, "Status": status,
        "NetworkSettings": { "Networks": {} }, "Mounts": [],
    })
}

/// A container of a Compose project.
pub(super) fn of_project(
    mut container: Value,
    project: &str,
    directory: &str,
    service: &str,
) -> Value {
    container["Labels"] = json!({
        "com.docker.compose.project": project, "com.docker.compose.service": service,
        "com.docker.compose.oneoff": "False", "com.docker.compose.config-hash": "aaaaaaaaaa",
        "com.docker.compose.project.working_dir": directory,
    });
    container
}

pub(super) fn inspected(container: &Value, state: &Value, restarts: u32, policy: &Value) -> Value {
    let name = container["Names"][0].as_str().unwrap().to_owned();
    json!({
        "Id": container["Id"], "Name": name, "Image": container["ImageID"],
        "Created": "2026-11-27T04:05:29.1Z", "RestartCount": restarts, "State": state,
        "Config": { "Image": container["Image"], "Labels": container["Labels"], "Tty": false,
            "Env": ["PASSWORD=hunter2", "MODE=live"] },
        "HostConfig": { "Memory": 0, "NanoCpus": 0, "RestartPolicy": policy },
    })
}

/// A daemon at a socket.
pub(super) struct Played {
    folder: tempfile::TempDir,
    pub(super) known: Shared,
    task: Option<JoinHandle<()>>,
}

impl Drop for Played {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Played {
    pub(super) fn new() -> Self {
        let known = Known {
            api: ("1.47", "1.24"),
            ..Known::default()
        };
        Self {
            folder: tempfile::tempdir().unwrap(),
            known: Arc::new(Mutex::new(known)),
            task: None,
        }
    }

    pub(super) fn started() -> Self {
        let mut daemon = Self::new();
        daemon.start();
        daemon
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.folder.path().join("docker.sock")
    }

    pub(super) fn start(&mut self) {
        let _ = std::fs::remove_file(self.socket());
        let listener = UnixListener::bind(self.socket()).unwrap();
        let known = self.known.clone();
        self.task = Some(tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let serving = tokio::spawn(serve(stream, known.clone()));
                known
                    .lock()
                    .unwrap()
                    .connections
                    .push(serving.abort_handle());
            }
        }));
    }

    /// As if the daemon were killed: the socket stays and nobody listens.
    pub(super) fn stop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
        }
        let mut known = self.known.lock().unwrap();
        known.listeners.clear();
        for connection in known.connections.drain(..) {
            connection.abort();
        }
    }

    pub(super) fn with<T>(&self, change: impl FnOnce(&mut Known) -> T) -> T {
        change(&mut self.known.lock().unwrap())
    }

    pub(super) fn add(&self, container: Value) {
        self.with(|known| known.containers.push(container));
    }

    /// Tells an event of a container.
    pub(super) fn event(&self, action: &str, id: &str, exit_code: Option<i32>) {
        let mut attributes = json!({ "name": id });
        if let Some(code) = exit_code {
            attributes["exitCode"] = json!(code.to_string());
        }
        let event = json!({
            "Type": "container", "Action": action, "Actor": { "ID": id, "Attributes": attributes },
            "time": 1_795_752_400, "timeNano": 1_795_752_400_000_000_000_i64,
        });
        self.with(|known| {
            known
                .listeners
                .retain(|listener| listener.send(format!("{event}\n")).is_ok());
        });
    }

    pub(super) fn asked(&self, part: &str) -> usize {
        self.with(|known| {
            known
                .asked
                .iter()
                .filter(|path| path.contains(part))
                .count()
        })
    }
}

async fn serve(mut stream: UnixStream, known: Shared) {
    let mut head = Vec::new();
    loop {
        let mut byte = [0; 1];
        match stream.read(&mut byte).await {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
        if !head.ends_with(b"\r\n\r\n") {
            continue;
        }
        let text = String::from_utf8_lossy(&head).into_owned();
        let path = text.split(' ').nth(1).unwrap_or_default().to_owned();
        head.clear();
        known.lock().unwrap().asked.push(path.clone());
        let bare = path.strip_prefix("/v1.").map_or(path.as_str(), |rest| {
            rest.find('/').map_or("", |at| &rest[at..])
        });
        let act = {
            let known = known.lock().unwrap();
            let mut acts = known.acts.iter();
            acts.find(|(start, _)| bare.starts_with(start))
                .map(|(_, act)| act.clone())
        };
        let body = match act {
            Some(Act::Hang) => return std::future::pending().await,
            Some(Act::Cut) => {
                let _ = stream
                    .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n[{\"Id\":")
                    .await;
                return;
            }
            Some(Act::Status(code, message)) => {
                let body = json!({ "message": message }).to_string();
                answer(&mut stream, code, &body).await;
                continue;
            }
            Some(Act::Body(body)) => body,
            None if bare.starts_with("/events") => return events(stream, known).await,
            None if bare.contains("/stats") => return stats(stream, known).await,
            None => body(bare, &known.lock().unwrap()),
        };
        let code = if body.is_empty() { 404 } else { 200 };
        answer(&mut stream, code, &body).await;
    }
}

fn body(path: &str, known: &Known) -> String {
    let id = path
        .strip_prefix("/containers/")
        .and_then(|rest| rest.strip_suffix("/json"));
    if path.starts_with("/version") {
        let (api, least) = known.api;
        return json!({ "Version": "28.5.1", "ApiVersion": api, "MinAPIVersion": least })
            .to_string();
    }
    if path.starts_with("/_ping") {
        return "OK".to_owned();
    }
    if path.starts_with("/info") {
        return json!({ "Name": "host", "NCPU": 2, "ServerVersion": "28.5.1" }).to_string();
    }
    if path.starts_with("/containers/json") {
        let chosen = known.containers.iter().filter(|container| {
            let id = container["Id"].as_str().unwrap_or_default();
            !path.contains("filters=") || path.contains(id)
        });
        return Value::Array(chosen.cloned().collect()).to_string();
    }
    let Some(id) = id else { return String::new() };
    if let Some(inspected) = known.inspected.get(id) {
        return inspected.to_string();
    }
    // Of a container that only the list knows, looking at it tells no more.
    let listed = known.containers.iter().find(|it| it["Id"] == id);
    listed.map_or(String::new(), |listed| {
        json!({ "Id": id, "State": { "Status": listed["State"], "Health": { "Status": health(listed) } } }).to_string()
    })
}

fn health(listed: &Value) -> &'static str {
    let status = listed["Status"].as_str().unwrap_or_default();
    if status.contains("(healthy)") {
        "healthy"
    } else {
        ""
    }
}

async fn answer(stream: &mut UnixStream, code: u16, body: &str) {
    let text = format!(
        "HTTP/1.1 {code} X\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(text.as_bytes()).await;
}

const OPEN: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

async fn chunk(stream: &mut UnixStream, text: &str) -> std::io::Result<()> {
    let framed = format!("{:x}\r\n{text}\r\n", text.len());
    stream.write_all(framed.as_bytes()).await
}

async fn events(mut stream: UnixStream, known: Shared) {
    let (listener, mut heard) = mpsc::unbounded_channel();
    let withholds = {
        let mut known = known.lock().unwrap();
        known.listeners.push(listener);
        known.withholds
    };
    let mut begun = !withholds;
    if begun {
        let _ = stream.write_all(OPEN).await;
    }
    while let Some(text) = heard.recv().await {
        if !std::mem::replace(&mut begun, true) {
            let _ = stream.write_all(OPEN).await;
        }
        if chunk(&mut stream, &text).await.is_err() {
            return;
        }
    }
}

/// Counts a stream while it is open.
struct Counted(Shared);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.lock().unwrap().open_stats -= 1;
    }
}

async fn stats(mut stream: UnixStream, known: Shared) {
    known.lock().unwrap().open_stats += 1;
    let counted = Counted(known);
    let messages = counted.0.lock().unwrap().stats.clone();
    let _ = stream.write_all(OPEN).await;
    for message in messages {
        if chunk(&mut stream, &format!("{message}\n")).await.is_err() {
            return;
        }
    }
    // Until the other side closes.
    let mut byte = [0; 1];
    let _ = stream.read(&mut byte).await;
}

/// The source at work on a daemon, and the store that it fills.
pub(super) struct Watched {
    pub(super) store: Store,
    demand: watch::Sender<Demand>,
    batches: mpsc::Receiver<Batch>,
    task: JoinHandle<()>,
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(super) const HOST: EndpointId = EndpointId(3);

impl Watched {
    pub(super) fn at(host: &str) -> Self {
        let daemon = Daemon::new(DockerChoice {
            host: Some(host.to_owned()),
            ..DockerChoice::default()
        });
        Self::over(daemon)
    }

    pub(super) fn over(daemon: Daemon) -> Self {
        let endpoint = Endpoint {
            id: HOST,
            engine: Engine::Docker,
            name: "web".into(),
            ..Endpoint::default()
        };
        let (demand, wanted) = watch::channel(Demand::default());
        let (batches_tx, batches) = mpsc::channel(64);
        Self {
            store: Store::default(),
            demand,
            batches,
            task: tokio::spawn(docker::run(daemon, endpoint, wanted, batches_tx)),
        }
    }

    pub(super) fn on(daemon: &Played) -> Self {
        Self::at(&format!("unix://{}", daemon.socket().display()))
    }

    pub(super) fn want(&self, kinds: &[Kind]) {
        self.demand.send_modify(|demand| {
            demand.objects = kinds
                .iter()
                .map(|kind| Want {
                    endpoint: HOST,
                    kind: kind.clone(),
                    scope: Scope::All,
                })
                .collect();
        });
    }

    pub(super) fn demand(&self, change: impl FnOnce(&mut Demand)) {
        self.demand.send_modify(change);
    }

    /// Takes in what is told until the store is as asked.
    pub(super) async fn until(&mut self, what: &str, there: impl Fn(&Store) -> bool) {
        let waiting = async {
            while !there(&self.store) {
                let batch = self.batches.recv().await.expect("the source goes on");
                self.store.apply(batch, now());
            }
        };
        let came = timeout(PATIENCE, waiting).await.is_ok();
        assert!(came, "never: {what}; {:?}", self.status());
    }

    pub(super) fn status(&self) -> Option<SourceStatus> {
        self.store.status(&server()).cloned()
    }

    /// Waits until the server is stale, and says why.
    pub(super) async fn stale(&mut self) -> String {
        let feed = server();
        self.until("a cause", |store| {
            matches!(store.status(&feed), Some(SourceStatus::Stale { .. }))
        })
        .await;
        match self.status() {
            Some(SourceStatus::Stale { cause, .. }) => cause.to_string(),
            other => panic!("{other:?}"),
        }
    }

    /// Waits until all containers are told.
    pub(super) async fn live(&mut self) {
        let feed = objects(Kind::Container);
        self.until("containers", |store| {
            store.status(&feed).is_some_and(SourceStatus::is_live)
        })
        .await;
    }

    pub(super) fn container(&self, name: &str) -> Option<&DockerContainer> {
        named(&self.store, name)
    }
}

pub(super) fn named<'a>(store: &'a Store, name: &str) -> Option<&'a DockerContainer> {
    let mut rows = store.docker().iter();
    rows.find(|(_, row)| row.meta.name.as_str() == name)
        .map(|(_, row)| row)
}

fn server() -> Feed {
    Feed {
        endpoint: HOST,
        topic: Topic::Server,
    }
}

pub(super) fn objects(kind: Kind) -> Feed {
    Feed {
        endpoint: HOST,
        topic: Topic::Objects(kind, Scope::All),
    }
}

pub(super) fn now() -> Moment {
    Moment::parse("2026-11-27T05:00:00Z").unwrap()
}
