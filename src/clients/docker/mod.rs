//! The connection to a Docker daemon (or Podman behind its compatible socket), opened once an endpoint.
//!
//! [`Daemon`] says which daemon; [`Daemon::connect`] opens its [`Line`] the first time and hands out the same one after
//! that, so that rows, logs and actions share one ssh tunnel. [`Reader`] can only GET. A writing client is a type of its
//! own over the same line, and is only ever made by actions.
//!
//! We speak HTTP ourselves instead of through bollard: it sends no API version, guesses the framing of logs from their
//! first byte, reads bodies without a bound, and opens a connection for every request.

pub mod contexts;
pub mod host;
mod line;
mod tls;
mod tunnel;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::DATE;
use http::{Method, Response};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use serde_json::Value;
use tokio::sync::Mutex;

use super::fault::Fault;
use crate::config::DockerEndpoint;
use host::Address;
use line::Line;

/// How long a document that is read whole may take, and how large it may be in bytes.
const WHOLE_WITHIN: Duration = Duration::from_mins(1);
const WHOLE_AT_MOST: usize = 64 << 20;
/// A message of an error, in bytes.
const MESSAGE_AT_MOST: usize = 64 * 1024;

/// Which daemon to open, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DockerChoice {
    /// An address; none for a context's.
    pub host: Option<String>,
    /// None: what the docker command would use.
    pub context: Option<String>,
    pub certificates: Option<PathBuf>,
    /// The program to reach hosts by ssh with; none: the `ssh` that is found.
    pub ssh: Option<PathBuf>,
}

impl From<&DockerEndpoint> for DockerChoice {
    fn from(endpoint: &DockerEndpoint) -> Self {
        Self {
            host: endpoint.host.clone(),
            context: endpoint.context.clone(),
            certificates: endpoint.certificates.clone(),
            ssh: None,
        }
    }
}

/// A daemon, and its line once it is open. Clones share the line.
#[derive(Clone, Default)]
pub struct Daemon {
    pub choice: DockerChoice,
    line: Arc<Mutex<Option<Arc<Line>>>>,
}

impl Daemon {
    pub fn new(choice: DockerChoice) -> Self {
        Self {
            choice,
            line: Arc::default(),
        }
    }

    /// Opens the line, or joins the one that is open. No request is sent; over ssh the tunnel is dug by the first one.
    ///
    /// # Errors
    /// [`Fault::Misconfigured`] for an address, a context or a certificate that cannot be used.
    pub async fn connect(&self) -> Result<Connection, Fault> {
        let mut known = self.line.lock().await;
        if let Some(line) = &*known {
            return Ok(Connection {
                line: Arc::clone(line),
            });
        }
        let address = Address::find(&self.choice)?;
        let ssh = self.choice.ssh.as_deref();
        let line = Arc::new(Line::new(&address, ssh)?);
        *known = Some(Arc::clone(&line));
        Ok(Connection { line })
    }

    /// Forgets the line, so that the next connection reads contexts and certificates anew.
    pub async fn forget(&self) {
        *self.line.lock().await = None;
    }
}

impl PartialEq for Daemon {
    fn eq(&self, other: &Self) -> bool {
        self.choice == other.choice
    }
}

impl std::fmt::Debug for Daemon {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.choice.fmt(f)
    }
}

/// An open line. What may be done over it depends on the client that is made of it.
pub struct Connection {
    line: Arc<Line>,
}

impl Connection {
    /// The client that can only read.
    pub fn reader(&self) -> Reader {
        Reader {
            line: Arc::clone(&self.line),
        }
    }

    /// The daemon's address as the operator would write it.
    pub fn server(&self) -> &str {
        self.line.server()
    }
}

/// A client that can only read. Cheap to clone.
#[derive(Clone)]
pub struct Reader {
    line: Arc<Line>,
}

impl Reader {
    /// The daemon's version document, and its own time a second ago in nanoseconds since 1970 if it tells. From then on
    /// the API version is asked for that both sides know.
    ///
    /// # Errors
    /// As [`Reader::json`].
    pub async fn version(&self) -> Result<(Value, Option<i64>), Fault> {
        let answer = self.line.ask(Method::GET, "/version", false).await?;
        let date = answer.headers().get(DATE);
        let clock = date.and_then(|date| {
            let date = jiff::fmt::rfc2822::parse(date.to_str().ok()?).ok()?;
            (date.timestamp().as_second() - 1).checked_mul(1_000_000_000)
        });
        let version = value(&whole(answer).await?)?;
        self.line.agree(&version);
        Ok((version, clock))
    }

    /// Whether the daemon answers.
    ///
    /// # Errors
    /// Everything but a 2xx answer is a [`Fault`].
    pub async fn ping(&self) -> Result<(), Fault> {
        whole(self.line.ask(Method::GET, "/_ping", false).await?).await?;
        Ok(())
    }

    /// Asks for a path with query, without the API version before it, and reads the answer whole, at most 64 MB.
    ///
    /// # Errors
    /// Everything but a 2xx answer is a [`Fault`].
    pub async fn bytes(&self, path: &str) -> Result<Bytes, Fault> {
        whole(self.line.ask(Method::GET, path, true).await?).await
    }

    /// As [`Reader::bytes`], as a JSON document.
    ///
    /// # Errors
    /// As [`Reader::bytes`]; [`Fault::Unreachable`] if it is not JSON or breaks off.
    pub async fn json(&self, path: &str) -> Result<Value, Fault> {
        value(&self.bytes(path).await?)
    }

    /// Asks for an answer without end (events, stats, logs) on a connection of its own. There is no deadline for its
    /// head: Podman withholds it until there is something to tell. Dropping the answer closes the connection.
    ///
    /// # Errors
    /// As [`Reader::bytes`].
    pub async fn stream(&self, path: &str) -> Result<Response<Incoming>, Fault> {
        checked(self.line.follow(path).await?).await
    }

    /// Whether a container has a terminal: its logs are then plain bytes, and frames of eight bytes' head otherwise.
    ///
    /// # Errors
    /// As [`Reader::json`].
    pub async fn tty(&self, container: &str) -> Result<bool, Fault> {
        let path = format!("/containers/{container}/json");
        let inspected = self.json(&path).await?;
        let tty = inspected.pointer("/Config/Tty").and_then(Value::as_bool);
        Ok(tty.unwrap_or_default())
    }

    /// Requests sent since the last call.
    pub fn take_sent(&self) -> u32 {
        self.line.take_sent()
    }
}

fn value(bytes: &[u8]) -> Result<Value, Fault> {
    serde_json::from_slice(bytes).map_err(|_| broken())
}

/// Lets only a 2xx answer pass.
async fn checked(answer: Response<Incoming>) -> Result<Response<Incoming>, Fault> {
    let code = answer.status().as_u16();
    if answer.status().is_success() || code == 101 {
        return Ok(answer);
    }
    let body = Limited::new(answer.into_body(), MESSAGE_AT_MOST).collect();
    let body = tokio::time::timeout(WHOLE_WITHIN, body).await;
    let body = body
        .ok()
        .and_then(Result::ok)
        .map(http_body_util::Collected::to_bytes);
    let message = body
        .and_then(|body| serde_json::from_slice::<Value>(&body).ok())
        .and_then(|body| Some(body.get("message")?.as_str()?.to_owned()))
        .unwrap_or_default();
    Err(match code {
        401 => Fault::Unauthorized(message),
        403 => Fault::Forbidden(message),
        404 => Fault::NotFound,
        _ => Fault::Refused { code, message },
    })
}

/// Reads an answer whole.
async fn whole(answer: Response<Incoming>) -> Result<Bytes, Fault> {
    let body = Limited::new(checked(answer).await?.into_body(), WHOLE_AT_MOST).collect();
    let body = tokio::time::timeout(WHOLE_WITHIN, body)
        .await
        .map_err(|_| Fault::Silent)?;
    let body =
        body.map_err(|error| Fault::Unreachable(format!("the answer broke off: {error}")))?;
    Ok(body.to_bytes())
}

/// An answer that is no JSON, or only the beginning of it.
pub fn broken() -> Fault {
    Fault::Unreachable("the answer is not JSON, or breaks off".to_owned())
}
