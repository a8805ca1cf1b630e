//! A scripted API server inside the process: the test answers each request as it comes, with whatever it likes. Time
//! can be paused, as no socket is involved.

use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use futures::StreamExt;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::StreamBody;
use kube::client::Body;
use prost::Message;
use quarterdeck::clients::kube::Reader;
use quarterdeck::model::{
    Batch, Change, EndpointId, Feed, Kind, Moment, Scope, SourceStatus, Topic,
};
use quarterdeck::sources::kubernetes::listwatch::{self, Subject};
use quarterdeck::sources::kubernetes::wire::message::meta::ObjectMeta;
use quarterdeck::sources::kubernetes::wire::message::pod::{Pod, PodStatus};
use quarterdeck::sources::outlet::Outlet;
use quarterdeck::store::Store;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

pub(crate) const PROTOBUF: &str = "application/vnd.kubernetes.protobuf";
pub(crate) const STREAM: &str = "application/vnd.kubernetes.protobuf;stream=watch";
pub(crate) const JSON: &str = "application/json";

type Frames = mpsc::UnboundedReceiver<Result<Frame<Bytes>, std::io::Error>>;
type Answered =
    Response<StreamBody<futures::stream::BoxStream<'static, Result<Frame<Bytes>, std::io::Error>>>>;

/// A request that waits for its answer.
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) accept: String,
    answer: oneshot::Sender<Answered>,
}

/// A body that stays open.
pub(crate) struct Open(mpsc::UnboundedSender<Result<Frame<Bytes>, std::io::Error>>);

impl Asked {
    pub(crate) fn says(&self, parameter: &str) -> bool {
        self.query.split('&').any(|one| one == parameter)
    }

    pub(crate) fn is_watch(&self) -> bool {
        self.says("watch=1")
    }

    /// The version that a watch goes on from.
    pub(crate) fn version(&self) -> &str {
        let mut parameters = self.query.split('&');
        parameters
            .find_map(|one| one.strip_prefix("resourceVersion="))
            .unwrap_or_default()
    }

    pub(crate) fn answer(self, code: u16, kind: &str, body: impl Into<Bytes>) {
        self.answer_with(code, &[("content-type", kind)], body);
    }

    pub(crate) fn answer_with(self, code: u16, headers: &[(&str, &str)], body: impl Into<Bytes>) {
        let open = self.open_with(code, headers);
        open.send(body);
    }

    /// A Kubernetes Status as JSON.
    pub(crate) fn refuse(self, code: u16, message: &str) {
        let status = serde_json::json!({"kind": "Status", "code": code, "message": message});
        self.answer(code, JSON, status.to_string());
    }

    pub(crate) fn open(self, kind: &str) -> Open {
        self.open_with(200, &[("content-type", kind)])
    }

    fn open_with(self, code: u16, headers: &[(&str, &str)]) -> Open {
        let (frames_tx, frames_rx) = mpsc::unbounded_channel();
        let mut answer = Response::builder().status(code);
        for (name, value) in headers {
            answer = answer.header(*name, *value);
        }
        let stream = futures::stream::unfold(frames_rx, |mut frames: Frames| async {
            frames.recv().await.map(|frame| (frame, frames))
        });
        let _ = self
            .answer
            .send(answer.body(StreamBody::new(stream.boxed())).unwrap());
        Open(frames_tx)
    }

    /// The connection fails.
    pub(crate) fn fail(self) {
        drop(self.answer);
    }
}

impl Open {
    pub(crate) fn send(&self, bytes: impl Into<Bytes>) {
        let _ = self.0.send(Ok(Frame::data(bytes.into())));
    }

    /// The connection breaks.
    pub(crate) fn cut(self) {
        let _ = self.0.send(Err(std::io::ErrorKind::ConnectionReset.into()));
    }
}

/// A reflector between a scripted server and a store.
pub(crate) struct Play {
    pub(crate) store: Store,
    /// Every status, in order.
    pub(crate) said: Vec<SourceStatus>,
    pub(crate) changes: Vec<Change>,
    requests: mpsc::UnboundedReceiver<Asked>,
    batches: mpsc::Receiver<Batch>,
    _task: Task,
}

/// Ends the reflector with the play.
struct Task(JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Play {
    pub(crate) fn new(kind: Kind) -> Self {
        Self::with(kind, false)
    }

    pub(crate) fn with(kind: Kind, streaming: bool) -> Self {
        let (requests_tx, requests) = mpsc::unbounded_channel();
        let service = tower::service_fn(move |request: Request<Body>| {
            let (answer_tx, answer_rx) = oneshot::channel();
            let uri = request.uri();
            let accept = request.headers().get("accept").unwrap();
            let _ = requests_tx.send(Asked {
                path: uri.path().to_owned(),
                query: uri.query().unwrap_or_default().to_owned(),
                accept: accept.to_str().unwrap().to_owned(),
                answer: answer_tx,
            });
            async {
                answer_rx
                    .await
                    .map_err(|_| std::io::Error::from(std::io::ErrorKind::ConnectionRefused))
            }
        });
        let reader = Reader::new(kube::Client::new(service, "default"));
        Self {
            requests,
            ..Self::over(reader, kind, streaming)
        }
    }

    /// With a server that the test plays otherwise.
    pub(crate) fn over(reader: Reader, kind: Kind, streaming: bool) -> Self {
        let feed = Feed {
            endpoint: EndpointId(0),
            topic: Topic::Objects(kind.clone(), Scope::All),
        };
        let (batches_tx, batches) = mpsc::channel(8);
        let subject = Subject {
            endpoint: EndpointId(0),
            kind,
            scope: Scope::All,
            streaming,
        };
        let outlet = Outlet::new(feed, batches_tx);
        Self {
            store: Store::default(),
            said: Vec::new(),
            changes: Vec::new(),
            requests: mpsc::unbounded_channel().1,
            batches,
            _task: Task(tokio::spawn(listwatch::run(reader, subject, outlet))),
        }
    }

    fn take(&mut self, batch: Batch) {
        for change in &batch.changes {
            if let Change::Status(status) = change {
                self.said.push(status.clone());
            }
        }
        self.changes.extend(batch.changes.iter().cloned());
        self.store.apply(batch, Moment::from_second(1).unwrap());
    }

    /// The next request; what the reflector tells meanwhile is taken in.
    pub(crate) async fn asked(&mut self) -> Asked {
        let deadline = tokio::time::sleep(Duration::from_secs(1000));
        tokio::pin!(deadline);
        loop {
            tokio::select! {
                asked = self.requests.recv() => return asked.expect("a request"),
                Some(batch) = self.batches.recv() => self.take(batch),
                () = &mut deadline => panic!("no request; said {:?}", self.said),
            }
        }
    }

    /// Waits until the store is as it should be.
    pub(crate) async fn until(
        &mut self,
        what: &str,
        mut holds: impl FnMut(&Store, Option<&SourceStatus>) -> bool,
    ) {
        let deadline = tokio::time::sleep(Duration::from_secs(1000));
        tokio::pin!(deadline);
        while !holds(&self.store, self.said.last()) {
            tokio::select! {
                Some(batch) = self.batches.recv() => self.take(batch),
                () = &mut deadline => panic!("never: {what}; pods {:?}, said {:?}", self.names(), self.said),
            }
        }
    }

    pub(crate) async fn live(&mut self) {
        self.until("live", |_, status| {
            status.is_some_and(SourceStatus::is_live)
        })
        .await;
    }

    /// Waits until these pods and no others are there.
    pub(crate) async fn pods(&mut self, names: &[&str]) {
        self.until(&format!("{names:?}"), |store, _| {
            self::names(store) == names
        })
        .await;
    }

    pub(crate) fn names(&self) -> Vec<String> {
        names(&self.store)
    }

    /// A reflector that lists these pods at that version and is live; returns its first watch.
    pub(crate) async fn begun(version: u64, pods: &[Pod]) -> (Self, Asked) {
        let mut play = Self::new(Kind::Pod);
        let asked = play.asked().await;
        asked.answer(200, PROTOBUF, list(version, "", None, pods));
        play.live().await;
        let watch = play.asked().await;
        assert!(watch.is_watch());
        assert_eq!(watch.version(), version.to_string());
        (play, watch)
    }
}

fn names(store: &Store) -> Vec<String> {
    let mut names: Vec<_> = store
        .pods()
        .iter()
        .map(|(_, pod)| pod.meta.name.to_string())
        .collect();
    names.sort();
    names
}

/// A pod whose uid is made of its name.
pub(crate) fn pod(name: &str, version: u64) -> Pod {
    Pod {
        metadata: Some(ObjectMeta {
            name: name.to_owned(),
            namespace: "shop".to_owned(),
            uid: format!("uid of {name}"),
            resource_version: version.to_string(),
            ..ObjectMeta::default()
        }),
        spec: None,
        status: Some(PodStatus {
            phase: "Running".to_owned(),
            ..PodStatus::default()
        }),
    }
}

/// A field of protobuf.
fn field(number: u32, bytes: &[u8], out: &mut BytesMut) {
    prost::encoding::encode_key(number, prost::encoding::WireType::LengthDelimited, out);
    prost::encoding::encode_varint(bytes.len() as u64, out);
    out.put_slice(bytes);
}

/// Puts an object into Kubernetes' envelope.
pub(crate) fn envelope(raw: &[u8]) -> Bytes {
    let mut out = BytesMut::from(&b"k8s\0"[..]);
    let mut kind = BytesMut::new();
    field(1, b"v1", &mut kind);
    field(2, b"PodList", &mut kind);
    field(1, &kind, &mut out);
    field(2, raw, &mut out);
    field(3, b"", &mut out);
    field(4, b"", &mut out);
    out.freeze()
}

pub(crate) fn list<M: Message>(
    version: u64,
    next: &str,
    remaining: Option<i64>,
    items: &[M],
) -> Bytes {
    let mut meta = BytesMut::new();
    field(1, b"", &mut meta);
    field(2, version.to_string().as_bytes(), &mut meta);
    field(3, next.as_bytes(), &mut meta);
    if let Some(remaining) = remaining {
        prost::encoding::int64::encode(4, &remaining, &mut meta);
    }
    let mut raw = BytesMut::new();
    field(1, &meta, &mut raw);
    for item in items {
        field(2, &item.encode_to_vec(), &mut raw);
    }
    envelope(&raw)
}

/// An event of a watch as a frame.
pub(crate) fn event(kind: &str, raw: &[u8]) -> Bytes {
    let mut object = BytesMut::new();
    field(1, &envelope(raw), &mut object);
    let mut event = BytesMut::new();
    field(1, kind.as_bytes(), &mut event);
    field(2, &object, &mut event);
    let mut frame = BytesMut::new();
    frame.put_u32(event.len() as u32);
    frame.put_slice(&event);
    frame.freeze()
}

pub(crate) fn told<M: Message>(kind: &str, object: &M) -> Bytes {
    event(kind, &object.encode_to_vec())
}

pub(crate) fn bookmark(version: u64) -> Bytes {
    let mut mark = pod("", version);
    mark.status = None;
    told("BOOKMARK", &mark)
}

pub(crate) fn error(code: i32, reason: &str) -> Bytes {
    let status = quarterdeck::sources::kubernetes::wire::Status {
        message: reason.to_owned(),
        reason: reason.to_owned(),
        code,
    };
    told("ERROR", &status)
}

/// The same list as JSON.
pub(crate) fn json(version: u64, next: &str, names: &[&str]) -> String {
    let items: Vec<_> = names
        .iter()
        .map(|name| {
            serde_json::json!({
                "metadata": {"name": name, "uid": format!("uid of {name}"), "resourceVersion": "3"},
                "status": {"phase": "Running"},
            })
        })
        .collect();
    serde_json::json!({
        "kind": "PodList",
        "metadata": {"resourceVersion": version.to_string(), "continue": next, "remainingItemCount": 9},
        "items": items,
    })
    .to_string()
}
