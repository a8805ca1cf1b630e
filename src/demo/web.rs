//! Plain HTTP on loopback for the small servers of the estate that answer whole bodies: Prometheus and Alertmanager.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::Value;
use tokio::net::TcpListener;

use super::estate::Starting;
use super::kubernetes::Context;
use super::kubernetes::faults::Fault;
use super::kubernetes::route::Query;

/// A request with its parameters, wherever they stood.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Query,
    pub(crate) body: Bytes,
}

/// An answer in one piece.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: u16,
    pub(crate) kind: &'static str,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(value: &Value) -> Self {
        Self {
            code: 200,
            kind: "application/json",
            body: value.to_string().into_bytes(),
        }
    }

    pub(crate) fn with_code(self, code: u16) -> Self {
        Self { code, ..self }
    }

    pub(crate) fn text(code: u16, words: &str) -> Self {
        Self {
            code,
            kind: "text/plain; charset=utf-8",
            body: words.as_bytes().to_vec(),
        }
    }

    /// As Go's router says it.
    pub(crate) fn no_page() -> Self {
        Self::text(404, "404 page not found\n")
    }
}

/// Answers a request over a cluster's context.
pub(crate) type Respond = fn(&Context, &Asked) -> Answer;

/// Begins to serve on a free port of loopback; says where.
pub(crate) fn start(context: Arc<Context>, respond: Respond) -> Starting {
    Box::pin(async move {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        Ok((url, tokio::spawn(serve(listener, context, respond))))
    })
}

async fn serve(listener: TcpListener, context: Arc<Context>, respond: Respond) {
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
                async move { Ok::<_, Infallible>(answer(&context, request, respond).await) }
            });
            let connection = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service);
            // a connection that breaks is the client's to report
            let _broken = connection.await;
        });
    }
}

async fn answer(
    context: &Context,
    request: Request<Incoming>,
    respond: Respond,
) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let uri = head.uri.path_and_query().map_or("/", |uri| uri.as_str());
    context.remember(&head, uri);
    let mut cut = None;
    match context.faults.meet(uri) {
        Some(Fault::Hang) => std::future::pending::<()>().await,
        Some(Fault::Delay(by)) => tokio::time::sleep(by).await,
        Some(Fault::Cut(at)) => cut = Some(at),
        Some(Fault::Html) => {
            let page = "<!doctype html><title>Sign in</title><p>Please sign in to continue.</p>";
            return reply(
                Answer {
                    kind: "text/html; charset=utf-8",
                    ..Answer::text(200, page)
                },
                context,
            );
        }
        Some(Fault::Status { code, body, .. }) => {
            return reply(Answer::text(code, &body), context);
        }
        None => {}
    }
    let body = body
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes);
    let body = body.unwrap_or_default();
    let form = head.headers.get(header::CONTENT_TYPE).is_some_and(|kind| {
        kind.as_bytes()
            .starts_with(b"application/x-www-form-urlencoded")
    });
    let mut parameters = head.uri.query().unwrap_or_default().to_owned();
    if form {
        parameters.push('&');
        parameters.push_str(&String::from_utf8_lossy(&body));
    }
    let asked = Asked {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: Query::parse(&parameters),
        body,
    };
    let mut answer = respond(context, &asked);
    if let Some(at) = cut {
        answer.body.truncate(at);
    }
    reply(answer, context)
}

fn reply(answer: Answer, context: &Context) -> Response<Full<Bytes>> {
    let mut reply = Response::new(Full::new(Bytes::from(answer.body)));
    *reply.status_mut() =
        StatusCode::from_u16(answer.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = reply.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(answer.kind));
    let now = context.clock.now();
    let date = now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(date) = HeaderValue::from_str(&date) {
        headers.insert(header::DATE, date);
    }
    reply
}
