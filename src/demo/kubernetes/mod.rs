//! The simulated API server: plain HTTP/1.1 on loopback, speaking Kubernetes' wire protocol over a `world`.
//!
//! It shares no code with the program's own sources, so that what works against it works because of the protocol. `demo::serve`
//! starts one a cluster; each request is a function of the shared cluster and answers within one lock, or streams.

pub(crate) mod accept;
mod change;
mod delete;
pub(crate) mod denial;
pub(crate) mod discovery;
pub(crate) mod faults;
pub(crate) mod list;
mod logs;
mod metrics;
mod patch;
pub(crate) mod protobuf;
mod read;
pub(crate) mod reply;
pub(crate) mod review;
pub(crate) mod route;
pub(crate) mod select;
pub(crate) mod table;
mod validate;
pub(crate) mod watch;
mod write;

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Frame, Incoming};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::json;
use tokio::net::TcpListener;

use self::accept::{Format, Shape};
use self::denial::Denials;
use self::faults::{Fault, Faults};
use self::reply::{Body, Failure, Reply};
use self::route::{Path, Query, Route};
use super::alertmanager::Silence;
use super::estate::Starting;
use super::prometheus::rules::Found;
use super::prometheus::tsdb::Tsdb;
use super::world::Shared;
use super::world::clock::Clock;
use super::world::resource::{self, Resource};

/// How many requests are remembered for tests.
const REMEMBERED: usize = 4096;

/// A request as the server remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub method: String,
    /// Path and query as they were sent.
    pub uri: String,
    pub accept: String,
}

/// What a server's requests share.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) shared: Arc<Shared>,
    pub(crate) clock: Arc<Clock>,
    pub(crate) faults: Faults,
    pub(crate) denials: Denials,
    pub(crate) seen: Mutex<VecDeque<Seen>>,
    pub(crate) requests: AtomicU64,
    pub(crate) writes: AtomicU64,
    /// Milliseconds between bookmarks.
    pub(crate) bookmark: AtomicU64,
    /// What the simulated Prometheus has scraped.
    pub(crate) metrics: Mutex<Tsdb>,
    /// What its rules found last.
    pub(crate) rules: Mutex<Found>,
    /// Silences of the simulated Alertmanager.
    pub(crate) silences: Mutex<Vec<Silence>>,
}

impl Context {
    pub(crate) fn new(shared: Arc<Shared>, clock: Arc<Clock>) -> Self {
        Self {
            shared,
            clock,
            faults: Faults::default(),
            denials: Denials::default(),
            seen: Mutex::default(),
            requests: AtomicU64::new(0),
            writes: AtomicU64::new(0),
            bookmark: AtomicU64::new(60_000),
            metrics: Mutex::default(),
            rules: Mutex::default(),
            silences: Mutex::default(),
        }
    }

    /// How a kind is printed; custom resources ask their definition.
    fn printer(&self, kind: &'static Resource) -> table::Printer {
        let name = format!("{}.{}", kind.plural, kind.group);
        let definition = self.shared.lock().get(&resource::DEFINITIONS, "", &name);
        table::Printer::new(kind, definition.as_deref())
    }

    fn bookmark_every(&self) -> Duration {
        Duration::from_millis(self.bookmark.load(Ordering::Relaxed).max(1))
    }

    pub(crate) fn remember(&self, request: &Parts, uri: &str) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let asks = [
            "reviews",
            "/api/v1/query",
            "/api/v1/labels",
            "/api/v1/series",
        ];
        if !matches!(request.method, Method::GET | Method::HEAD)
            && !asks.iter().any(|ask| uri.contains(ask))
        {
            self.writes.fetch_add(1, Ordering::Relaxed);
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() == REMEMBERED {
            seen.pop_front();
        }
        seen.push_back(Seen {
            method: request.method.to_string(),
            uri: uri.to_owned(),
            accept: accepted(&request.headers).unwrap_or_default().to_owned(),
        });
    }
}

/// Begins to serve a world on a free port of loopback; says where.
pub(crate) fn start(context: Arc<Context>) -> Starting {
    Box::pin(async move {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        Ok((url, tokio::spawn(serve(listener, context))))
    })
}

/// Serves until the task is dropped.
async fn serve(listener: TcpListener, context: Arc<Context>) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let _off = stream.set_nodelay(true);
        while connections.try_join_next().is_some() {}
        let context = Arc::clone(&context);
        connections.spawn(async move {
            let service = hyper::service::service_fn(move |request| {
                let context = Arc::clone(&context);
                async move { Ok::<_, Infallible>(answer(&context, request).await) }
            });
            let connection = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service);
            // a connection that breaks is the client's to report
            let _broken = connection.await;
        });
    }
}

fn accepted(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::ACCEPT)?.to_str().ok()
}

async fn answer(context: &Arc<Context>, request: Request<Incoming>) -> Reply {
    let uri = request
        .uri()
        .path_and_query()
        .map_or("/", |p| p.as_str())
        .to_owned();
    let (head, body) = request.into_parts();
    context.remember(&head, &uri);
    let accept = accepted(&head.headers).map(str::to_owned);
    let request = Request::from_parts(head, body);
    let mut cut = None;
    match context.faults.meet(&uri) {
        Some(Fault::Hang) => std::future::pending::<()>().await,
        Some(Fault::Delay(by)) => tokio::time::sleep(by).await,
        Some(Fault::Cut(at)) => cut = Some(at),
        Some(Fault::Html) => {
            let page = "<!doctype html><title>Sign in</title><p>Please sign in to continue.</p>";
            return reply::typed(
                "text/html; charset=utf-8",
                Full::new(Bytes::from(page))
                    .map_err(|e| match e {})
                    .boxed_unsync(),
            );
        }
        Some(Fault::Status {
            code,
            retry_after,
            body,
        }) => return ordered(code, retry_after, body),
        None => {}
    }
    let mut reply = match respond(context, request, accept.as_deref(), &uri).await {
        Ok(reply) => reply,
        Err(failure) => {
            let format = accept::choose(accept.as_deref(), |f| f.shape == Shape::Object)
                .unwrap_or(Format::JSON);
            failure.reply(format)
        }
    };
    if let Ok(date) = HeaderValue::from_str(
        &context
            .clock
            .now()
            .strftime("%a, %d %b %Y %H:%M:%S GMT")
            .to_string(),
    ) {
        reply.headers_mut().insert(header::DATE, date);
    }
    match cut {
        Some(at) => reply.map(|body| cut_after(body, at)),
        None => reply,
    }
}

fn ordered(code: u16, retry_after: Option<String>, body: String) -> Reply {
    let reason = match code {
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "NotFound",
        409 => "Conflict",
        410 => "Expired",
        422 => "Invalid",
        429 => "TooManyRequests",
        503 => "ServiceUnavailable",
        504 => "Timeout",
        _ => "InternalError",
    };
    let mut reply = Failure::new(code, reason, reason).reply(Format::JSON);
    if !body.is_empty() {
        *reply.body_mut() = Full::new(Bytes::from(body))
            .map_err(|e| match e {})
            .boxed_unsync();
    }
    if let Some(after) = retry_after.and_then(|a| HeaderValue::from_str(&a).ok()) {
        reply.headers_mut().insert(header::RETRY_AFTER, after);
    }
    reply
}

/// The body's first bytes, and then a broken connection.
fn cut_after(mut body: Body, at: usize) -> Body {
    let (tx, cut) = reply::stream();
    tokio::spawn(async move {
        let mut left = at;
        while let Some(Ok(frame)) = body.frame().await {
            let Ok(mut data) = Frame::into_data(frame) else {
                continue;
            };
            data.truncate(left);
            left -= data.len();
            if tx.send(Ok(data)).await.is_err() || left == 0 {
                break;
            }
        }
        let _closed = tx
            .send(Err(std::io::ErrorKind::ConnectionReset.into()))
            .await;
    });
    cut
}

async fn respond(
    context: &Arc<Context>,
    request: Request<Incoming>,
    accept: Option<&str>,
    uri: &str,
) -> Result<Reply, Failure> {
    let query = Query::parse(request.uri().query().unwrap_or_default());
    let route = route::route(request.uri().path());
    match route {
        Route::Version => Ok(reply::value(
            &json!({"major": "1", "minor": "33", "gitVersion": "v1.33.5", "gitCommit": "4b8e819355d791d96b7e9d9efe4cbafae2311c88",
            "gitTreeState": "clean", "buildDate": "2025-09-09T19:32:28Z", "goVersion": "go1.24.6", "compiler": "gc", "platform": "linux/amd64"}),
        )),
        Route::Object(path) => {
            permit(context, request.method(), &path, &query)?;
            if *request.method() == Method::GET {
                read::answer(context, &path, &query, accept, uri)
            } else {
                change::answer(context, request, &path, &query).await
            }
        }
        Route::Metrics {
            namespace,
            nodes,
            name,
        } => {
            let plural = if nodes { "nodes" } else { "pods" };
            let place = namespace.clone().unwrap_or_default();
            if context.denials.denies("list", plural, &place)
                && context.denials.denies("list", "metrics", &place)
            {
                return Err(review::forbidden(
                    "list",
                    "metrics.k8s.io",
                    plural,
                    "",
                    namespace.as_deref(),
                ));
            }
            metrics::answer(context, namespace, nodes, name.as_deref(), &query, accept)
        }
        Route::Healthy => Ok(reply::typed(
            "text/plain; charset=utf-8",
            Full::new(Bytes::from("ok"))
                .map_err(|e| match e {})
                .boxed_unsync(),
        )),
        Route::Groups { core } => Ok(discovery::groups_reply(core, accept)),
        Route::Group(name) => discovery::group_reply(&name),
        Route::Resources { group, version } => discovery::resources_reply(&group, &version),
        Route::Review(review) => {
            let question = change::parse(&change::content(request).await?)?;
            Ok(review::answer(context, review, question))
        }
        Route::Unknown => Err(Failure::no_page()),
    }
}

/// Refuses what a test denied.
fn permit(context: &Context, method: &Method, path: &Path, query: &Query) -> Result<(), Failure> {
    let named = path.name.is_some();
    let verb = match *method {
        Method::GET if query.flag("watch") => "watch",
        Method::GET if named => "get",
        Method::GET => "list",
        Method::POST => "create",
        Method::PUT => "update",
        Method::PATCH => "patch",
        Method::DELETE if named => "delete",
        _ => "deletecollection",
    };
    let plural = path.resource.plural;
    let what = path
        .subresource
        .as_ref()
        .map_or_else(|| plural.to_owned(), |sub| format!("{plural}/{sub}"));
    if context
        .denials
        .denies(verb, &what, path.namespace.as_deref().unwrap_or_default())
    {
        let name = path.name.as_deref().unwrap_or_default();
        return Err(review::forbidden(
            verb,
            path.resource.group,
            &what,
            name,
            path.namespace.as_deref(),
        ));
    }
    Ok(())
}
