//! The reading connection to an API server: kube's client for authentication, TLS and proxies; bodies as streams.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, Uri};
use http_body_util::{BodyExt, Limited};
use jiff::Timestamp;
use kube::client::Body;
use serde_json::{Value, json};

use super::clock::Skew;
use super::connect::Link;
use super::fault::Fault;

/// How long a server may take until its first byte.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);
/// How long a document that is read whole may take, and how large it may be in bytes.
const WHOLE_WITHIN: Duration = Duration::from_mins(1);
const WHOLE_AT_MOST: usize = 64 << 20;

/// A connection that can only read. Cheap to clone.
#[derive(Clone)]
pub struct Reader {
    source: Source,
    sent: Arc<AtomicU32>,
    skew: Arc<Skew>,
    nearby: bool,
}

#[derive(Clone)]
enum Source {
    /// A client that stays what it is.
    Plain(kube::Client),
    Linked(Arc<Link>),
}

/// The questions that have to be POSTed. They create nothing, so a reader may ask them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Review {
    /// Whether the user may do this.
    Access {
        verb: &'static str,
        group: String,
        resource: String,
        subresource: &'static str,
        /// Empty: in all namespaces.
        namespace: String,
    },
    /// All that the user may do in a namespace.
    Rules { namespace: String },
    /// Who the user is.
    Subject,
}

impl Reader {
    /// Over a client whose credentials never change.
    pub fn new(client: kube::Client) -> Self {
        Self {
            source: Source::Plain(client),
            sent: Arc::default(),
            skew: Arc::default(),
            nearby: false,
        }
    }

    pub(super) fn over(link: Arc<Link>) -> Self {
        Self {
            source: Source::Linked(link),
            sent: Arc::default(),
            skew: Arc::default(),
            nearby: false,
        }
    }

    /// For a server on this machine: packing would cost more than it saves.
    #[must_use]
    pub fn nearby(self) -> Self {
        Self {
            nearby: true,
            ..self
        }
    }

    /// Asks for a path with query and returns the answer once its head is there; the body is still to be read.
    ///
    /// # Errors
    /// Everything but a 2xx answer is a [`Fault`].
    pub async fn get(&self, path: &str, accept: &str) -> Result<Response<Body>, Fault> {
        let packed = !self.nearby;
        self.ask(&build(Method::GET, path, accept, packed, None)?)
            .await
    }

    /// As [`Reader::get`], for a body without end. Such a one must not be packed: servers pack each event on its own,
    /// of which the unpacking layer reads the first only.
    ///
    /// # Errors
    /// Everything but a 2xx answer is a [`Fault`].
    pub async fn stream(&self, path: &str, accept: &str) -> Result<Response<Body>, Fault> {
        self.ask(&build(Method::GET, path, accept, false, None)?)
            .await
    }

    /// Asks for a JSON document and reads it whole, at most 64 MB of it.
    ///
    /// # Errors
    /// As [`Reader::get`]; [`Fault::Foreign`] if it is not JSON.
    pub async fn json(&self, path: &str, accept: &str) -> Result<Value, Fault> {
        whole(self.get(path, accept).await?).await
    }

    /// Asks for a text, such as the lines of a log, and reads it whole.
    ///
    /// # Errors
    /// As [`Reader::get`].
    pub async fn text(&self, path: &str) -> Result<String, Fault> {
        let body = gathered(self.get(path, "*/*").await?).await?;
        Ok(String::from_utf8_lossy(&body).into_owned())
    }

    /// Asks a question about permissions or identity.
    ///
    /// # Errors
    /// As [`Reader::json`].
    pub async fn review(&self, review: &Review) -> Result<Value, Fault> {
        let (path, body) = review.request();
        let request = build(Method::POST, path, "application/json", true, Some(&body))?;
        whole(self.ask(&request).await?).await
    }

    /// Requests sent since the last call.
    pub fn take_sent(&self) -> u32 {
        self.sent.swap(0, Ordering::Relaxed)
    }

    /// Seconds that the server's clock is ahead of ours, as far as its answers told.
    pub fn ahead(&self) -> i32 {
        self.skew.seconds()
    }

    async fn ask(&self, request: &Request<Vec<u8>>) -> Result<Response<Body>, Fault> {
        let link = match &self.source {
            Source::Plain(client) => {
                let answer = self.send(client, request).await?;
                let nowhere = Uri::default();
                return checked(
                    answer.map_err(|error| Fault::of_connection(&error, &nowhere, false))?,
                )
                .await;
            }
            Source::Linked(link) => link,
        };
        let mut current = link.client().await?;
        let mut again = true;
        loop {
            let answer = self
                .send(&current.client, request)
                .await?
                .map_err(|error| Fault::of_connection(&error, &current.server, current.proxied))?;
            if answer.status() == http::StatusCode::UNAUTHORIZED && again {
                again = false;
                if let Some(renewed) = link.renew(&current).await? {
                    current = renewed;
                    continue;
                }
            }
            return checked(answer).await;
        }
    }

    async fn send(
        &self,
        client: &kube::Client,
        request: &Request<Vec<u8>>,
    ) -> Result<Result<Response<Body>, kube::Error>, Fault> {
        self.sent.fetch_add(1, Ordering::Relaxed);
        let request = request.clone().map(Body::from);
        let asked = Timestamp::now();
        let answer = tokio::time::timeout(ANSWER_WITHIN, client.send(request))
            .await
            .map_err(|_| Fault::Silent)?;
        if let Ok(answer) = &answer {
            self.skew.note(answer.headers(), asked, Timestamp::now());
        }
        Ok(answer)
    }
}

fn build(
    method: Method,
    path: &str,
    accept: &str,
    packed: bool,
    body: Option<&Value>,
) -> Result<Request<Vec<u8>>, Fault> {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(ACCEPT, accept);
    if !packed {
        request = request.header(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    }
    if body.is_some() {
        request = request.header(CONTENT_TYPE, "application/json");
    }
    let body = body
        .map(|body| body.to_string().into_bytes())
        .unwrap_or_default();
    request.body(body).map_err(|error| Fault::Refused {
        code: 0,
        message: format!("no request can be made of {path}: {error}"),
    })
}

/// Lets only a 2xx answer pass that is not a web page.
async fn checked(answer: Response<Body>) -> Result<Response<Body>, Fault> {
    if !answer.status().is_success() {
        return Err(Fault::of(answer).await);
    }
    let kind = answer
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    match kind {
        Some(kind) if kind.starts_with("text/html") => {
            Err(Fault::Foreign("a web page (text/html)".to_owned()))
        }
        _ => Ok(answer),
    }
}

/// Reads a JSON body whole.
async fn whole(answer: Response<Body>) -> Result<Value, Fault> {
    serde_json::from_slice(&gathered(answer).await?)
        .map_err(|_| Fault::Foreign("something else than JSON".to_owned()))
}

/// Reads a body whole.
async fn gathered(answer: Response<Body>) -> Result<Bytes, Fault> {
    let body = Limited::new(answer.into_body(), WHOLE_AT_MOST).collect();
    let body = tokio::time::timeout(WHOLE_WITHIN, body)
        .await
        .map_err(|_| Fault::Silent)?;
    let body =
        body.map_err(|error| Fault::Unreachable(format!("the answer broke off: {error}")))?;
    Ok(body.to_bytes())
}

impl Review {
    fn request(&self) -> (&'static str, Value) {
        match self {
            Self::Access {
                verb,
                group,
                resource,
                subresource,
                namespace,
            } => (
                "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                json!({
                    "apiVersion": "authorization.k8s.io/v1",
                    "kind": "SelfSubjectAccessReview",
                    "spec": { "resourceAttributes": {
                        "verb": verb,
                        "group": group,
                        "resource": resource,
                        "subresource": subresource,
                        "namespace": namespace,
                    } },
                }),
            ),
            Self::Rules { namespace } => (
                "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
                json!({
                    "apiVersion": "authorization.k8s.io/v1",
                    "kind": "SelfSubjectRulesReview",
                    "spec": { "namespace": namespace },
                }),
            ),
            Self::Subject => (
                "/apis/authentication.k8s.io/v1/selfsubjectreviews",
                json!({
                    "apiVersion": "authentication.k8s.io/v1",
                    "kind": "SelfSubjectReview",
                }),
            ),
        }
    }
}
