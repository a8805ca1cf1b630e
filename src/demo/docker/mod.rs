//! The simulated Docker daemon: its Engine API on loopback over a small living host of Compose projects and a swarm.
//!
//! One host of the estate has it. Requests read and write one world behind a lock; events, stats and logs stream. The
//! world takes start, stop, restart, pause, removal, and updates of services, so that actions can be rehearsed.

mod api;
mod json;
mod seed;
mod service;
mod stream;
mod world;
mod write;

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::broadcast;

use super::estate::Starting;
use super::kubernetes::Context;
use super::kubernetes::faults::Fault;
use super::kubernetes::route::Query;
use super::world::clock::Clock;
use world::World;

/// How often the host moves on.
const TICK: Duration = Duration::from_millis(200);
/// Events that a slow listener may miss no more of.
const EVENTS: usize = 1024;

type Body = BoxBody<Bytes, Infallible>;

/// The daemon of one host.
pub(crate) struct Daemon {
    world: Mutex<World>,
    clock: Arc<Clock>,
    events: broadcast::Sender<Arc<str>>,
}

impl Daemon {
    /// The world as it is now; what happened meanwhile is told to those who listen.
    fn now(&self) -> MutexGuard<'_, World> {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.live(self.clock.now());
        for event in world.take_events() {
            let _nobody = self.events.send(event);
        }
        world
    }
}

/// Begins to serve on a free port of loopback; says where.
pub(crate) fn start(context: Arc<Context>) -> Starting {
    Box::pin(async move {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("tcp://{}", listener.local_addr()?);
        let (events, _) = broadcast::channel(EVENTS);
        let daemon = Arc::new(Daemon {
            world: Mutex::new(seed::world(context.clock.now())),
            clock: Arc::clone(&context.clock),
            events,
        });
        Ok((url, tokio::spawn(serve(listener, context, daemon))))
    })
}

async fn serve(listener: TcpListener, context: Arc<Context>, daemon: Arc<Daemon>) {
    let mut connections = tokio::task::JoinSet::new();
    let mut tick = tokio::time::interval(TICK);
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(_) => continue,
            },
            _ = tick.tick() => {
                drop(daemon.now());
                continue;
            }
        };
        let _off = stream.set_nodelay(true);
        while connections.try_join_next().is_some() {}
        let (context, daemon) = (Arc::clone(&context), Arc::clone(&daemon));
        connections.spawn(async move {
            let service = hyper::service::service_fn(move |request| {
                let (context, daemon) = (Arc::clone(&context), Arc::clone(&daemon));
                async move { Ok::<_, Infallible>(answer(&context, &daemon, request).await) }
            });
            let connection = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service);
            // a connection that breaks is the client's to report
            let _broken = connection.await;
        });
    }
}

/// A request without the version before its path.
pub(super) struct Asked {
    pub(super) method: Method,
    pub(super) path: Vec<String>,
    pub(super) query: Query,
    pub(super) body: Value,
}

/// What is answered in one piece.
pub(super) enum Answer {
    Json(Value),
    /// As the daemon refuses: a code and a message.
    Refused(u16, String),
    /// Done, and nothing to say.
    Done,
    /// The container is in that state already.
    Unchanged,
}

async fn answer(
    context: &Context,
    daemon: &Arc<Daemon>,
    request: Request<Incoming>,
) -> Response<Body> {
    let (head, body) = request.into_parts();
    let uri = head.uri.path_and_query().map_or("/", |uri| uri.as_str());
    context.remember(&head, uri);
    match context.faults.meet(uri) {
        Some(Fault::Hang) => std::future::pending::<()>().await,
        Some(Fault::Delay(by)) => tokio::time::sleep(by).await,
        Some(Fault::Status { code, .. }) => {
            return whole(
                code,
                &json!({ "message": "the demo was told to fail" }),
                daemon,
            );
        }
        _ => {}
    }
    let body = body
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes);
    let path = head.uri.path().trim_start_matches('/');
    let mut path: Vec<String> = path.split('/').map(str::to_owned).collect();
    if path.first().is_some_and(|first| first.starts_with("v1.")) {
        path.remove(0);
    }
    let asked = Asked {
        method: head.method,
        path,
        query: Query::parse(head.uri.query().unwrap_or_default()),
        body: serde_json::from_slice(&body.unwrap_or_default()).unwrap_or(Value::Null),
    };
    if let Some(body) = stream::open(daemon, &asked) {
        return reply(200, "application/json", body, daemon);
    }
    let answer = if asked.method == Method::GET || asked.method == Method::HEAD {
        api::read(&daemon.now(), &asked)
    } else {
        let answer = write::write(&mut daemon.now(), &asked);
        drop(daemon.now());
        answer
    };
    match answer {
        Answer::Json(value) => whole(200, &value, daemon),
        Answer::Refused(code, message) => whole(code, &json!({ "message": message }), daemon),
        Answer::Done => reply(204, "application/json", empty(), daemon),
        Answer::Unchanged => reply(304, "application/json", empty(), daemon),
    }
}

fn empty() -> Body {
    Full::new(Bytes::new()).boxed()
}

fn whole(code: u16, value: &Value, daemon: &Daemon) -> Response<Body> {
    let mut text = value.to_string();
    text.push('\n');
    reply(
        code,
        "application/json",
        Full::new(Bytes::from(text)).boxed(),
        daemon,
    )
}

fn reply(code: u16, kind: &'static str, body: Body, daemon: &Daemon) -> Response<Body> {
    let mut reply = Response::new(body);
    *reply.status_mut() = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = reply.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert("Api-Version", HeaderValue::from_static("1.47"));
    let date = daemon.clock.now().strftime("%a, %d %b %Y %H:%M:%S GMT");
    if let Ok(date) = HeaderValue::from_str(&date.to_string()) {
        headers.insert(header::DATE, date);
    }
    reply
}
