//! The reading connection to an API server: kube's client for authentication, TLS and proxies; bodies as streams.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use http::{Request, Response};
use kube::client::Body;

use super::fault::Fault;

/// How long a server may take until its first byte.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);

/// A connection that can only read. Cheap to clone.
#[derive(Clone)]
pub struct Reader {
    client: kube::Client,
    sent: Arc<AtomicU32>,
    nearby: bool,
}

impl Reader {
    pub fn new(client: kube::Client) -> Self {
        Self {
            client,
            sent: Arc::default(),
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
        self.ask(path, accept, !self.nearby).await
    }

    /// As [`Reader::get`], for a body without end. Such a one must not be packed: servers pack each event on its own,
    /// of which the unpacking layer reads the first only.
    ///
    /// # Errors
    /// Everything but a 2xx answer is a [`Fault`].
    pub async fn stream(&self, path: &str, accept: &str) -> Result<Response<Body>, Fault> {
        self.ask(path, accept, false).await
    }

    async fn ask(&self, path: &str, accept: &str, packed: bool) -> Result<Response<Body>, Fault> {
        self.sent.fetch_add(1, Ordering::Relaxed);
        let mut request = Request::get(path).header(http::header::ACCEPT, accept);
        if !packed {
            request = request.header(http::header::ACCEPT_ENCODING, "identity");
        }
        let request = request
            .body(Body::empty())
            .map_err(|error| Fault::Unreachable(error.to_string()))?;
        let answer = tokio::time::timeout(ANSWER_WITHIN, self.client.send(request))
            .await
            .map_err(|_| Fault::Silent)?
            .map_err(|error| Fault::Unreachable(error.to_string()))?;
        if answer.status().is_success() {
            Ok(answer)
        } else {
            Err(Fault::of(answer).await)
        }
    }

    /// Requests sent since the last call.
    pub fn take_sent(&self) -> u32 {
        self.sent.swap(0, Ordering::Relaxed)
    }
}
