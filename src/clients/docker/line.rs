//! The way to a daemon: a connection for each stream, and one that is kept for the small questions.
//!
//! A request that finds its kept connection closed is sent once more on a new one, if it only reads.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::HOST;
use http::{Method, Request, Response, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;

use super::host::Address;
use super::tls::Tls;
use super::tunnel::Tunnel;
use crate::clients::fault::Fault;

const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// How long a daemon may take until the head of its answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);
/// The newest API that this program was written for.
const NEWEST: (u32, u32) = (1, 50);
/// Connections that are kept while nothing is asked.
const KEPT: usize = 2;

type Sender = SendRequest<Full<Bytes>>;

/// The way to one daemon.
pub(super) struct Line {
    server: String,
    way: Way,
    /// The value of the `Host` header.
    host: String,
    /// `/v1.50`, once both sides were asked.
    version: OnceLock<String>,
    idle: Mutex<Vec<Sender>>,
    sent: AtomicU32,
}

enum Way {
    Unix(PathBuf),
    Tcp(String, u16),
    Tls(String, u16, Tls),
    Ssh(Box<Tunnel>),
}

impl Line {
    pub(super) fn new(address: &Address, ssh: Option<&Path>) -> Result<Self, Fault> {
        let (way, host) = match address {
            Address::Unix(path) => (Way::Unix(path.clone()), "docker".to_owned()),
            Address::Tcp { host, port, tls } => {
                let authority = format!("{host}:{port}");
                match tls {
                    None => (Way::Tcp(bare(host), *port), authority),
                    Some(certificates) => {
                        let tls = Tls::new(certificates, &bare(host))?;
                        (Way::Tls(bare(host), *port, tls), authority)
                    }
                }
            }
            Address::Ssh(remote) => (
                Way::Ssh(Box::new(Tunnel::new(remote.clone(), ssh))),
                "docker".to_owned(),
            ),
        };
        Ok(Self {
            server: address.to_string(),
            way,
            host,
            version: OnceLock::new(),
            idle: Mutex::default(),
            sent: AtomicU32::new(0),
        })
    }

    pub(super) fn server(&self) -> &str {
        &self.server
    }

    pub(super) fn take_sent(&self) -> u32 {
        self.sent.swap(0, Ordering::Relaxed)
    }

    /// Takes the API version that both sides know, from the daemon's version document.
    pub(super) fn agree(&self, version: &Value) {
        let read = |key: &str| {
            let text = version.get(key)?.as_str()?;
            let (major, minor) = text.split_once('.')?;
            Some((major.parse::<u32>().ok()?, minor.parse::<u32>().ok()?))
        };
        // A daemon that says nothing is asked without a version, which means its newest.
        if let Some(newest) = read("ApiVersion") {
            let oldest = read("MinAPIVersion").unwrap_or_default();
            let (major, minor) = NEWEST.min(newest).max(oldest);
            let _ = self.version.set(format!("/v{major}.{minor}"));
        }
    }

    /// Sends a request without a body, and waits for the head of the answer.
    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        versioned: bool,
    ) -> Result<Response<Incoming>, Fault> {
        let request = self.request(method, path, versioned)?;
        let kept = self.take_idle();
        let again = kept.is_some();
        let sender = match kept {
            Some(sender) => sender,
            None => self.open().await?,
        };
        let answer = timeout(ANSWER_WITHIN, self.send(sender, request.clone(), true)).await;
        match answer.map_err(|_| Fault::Silent)? {
            Ok(answer) => Ok(answer),
            Err(_) if again => {
                let sender = self.open().await?;
                let answer = timeout(ANSWER_WITHIN, self.send(sender, request, true)).await;
                answer
                    .map_err(|_| Fault::Silent)?
                    .map_err(|error| self.fault(&error))
            }
            Err(error) => Err(self.fault(&error)),
        }
    }

    /// Sends a request for an answer without end, on a connection of its own and without a deadline for its head.
    pub(super) async fn follow(&self, path: &str) -> Result<Response<Incoming>, Fault> {
        let request = self.request(Method::GET, path, true)?;
        let sender = self.open().await?;
        self.send(sender, request, false)
            .await
            .map_err(|error| self.fault(&error))
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        versioned: bool,
    ) -> Result<Request<Full<Bytes>>, Fault> {
        let version = self.version.get().filter(|_| versioned);
        let version = version.map_or("", String::as_str);
        Request::builder()
            .method(method)
            .uri(format!("{version}{path}"))
            .header(HOST, &self.host)
            .body(Full::default())
            .map_err(|error| Fault::Refused {
                code: 0,
                message: format!("no request can be made of {path}: {error}"),
            })
    }

    async fn send(
        &self,
        mut sender: Sender,
        request: Request<Full<Bytes>>,
        keep: bool,
    ) -> hyper::Result<Response<Incoming>> {
        sender.ready().await?;
        self.sent.fetch_add(1, Ordering::Relaxed);
        let answer = sender.send_request(request).await?;
        if keep {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < KEPT {
                idle.push(sender);
            }
        }
        Ok(answer)
    }

    /// A kept connection whose last answer was read to its end.
    fn take_idle(&self) -> Option<Sender> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|sender| !sender.is_closed());
        let at = idle.iter().position(SendRequest::is_ready)?;
        Some(idle.swap_remove(at))
    }

    async fn open(&self) -> Result<Sender, Fault> {
        let opened = match &self.way {
            Way::Unix(path) => {
                let stream = within(UnixStream::connect(path)).await;
                speak(stream.map_err(|error| no_socket(path, &error))?).await
            }
            Way::Tcp(host, port) => speak(self.tcp(host, *port).await?).await,
            Way::Tls(host, port, tls) => {
                let stream = self.tcp(host, *port).await?;
                let stream = within(tls.connect(stream)).await;
                speak(stream.map_err(|error| self.fault(&error))?).await
            }
            Way::Ssh(tunnel) => speak(tunnel.connect().await?).await,
        };
        opened.map_err(|error| self.fault(&error))
    }

    async fn tcp(&self, host: &str, port: u16) -> Result<TcpStream, Fault> {
        let stream = within(TcpStream::connect((host, port))).await;
        let stream = stream.map_err(|error| self.fault(&error))?;
        // Small questions and their answers must not wait for each other.
        let _ = stream.set_nodelay(true);
        Ok(stream)
    }

    fn fault(&self, error: &(dyn std::error::Error + 'static)) -> Fault {
        match &self.way {
            Way::Tcp(..) | Way::Tls(..) => {
                let uri = format!("http://{}", self.host).parse::<Uri>();
                Fault::of_connection(error, &uri.unwrap_or_default(), false)
            }
            Way::Unix(path) => Fault::Unreachable(format!(
                "the daemon at {} cut the connection",
                path.display()
            )),
            Way::Ssh(tunnel) => tunnel.fault(),
        }
    }
}

/// Begins to speak HTTP over a stream.
async fn speak<S>(stream: S) -> hyper::Result<Sender>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // Ends with the connection, which ends when its sender and answer are dropped.
    tokio::spawn(async move {
        let _ = connection.await;
    });
    Ok(sender)
}

async fn within<T>(connecting: impl Future<Output = std::io::Result<T>>) -> std::io::Result<T> {
    match timeout(CONNECT_WITHIN, connecting).await {
        Ok(connected) => connected,
        Err(_) => Err(ErrorKind::TimedOut.into()),
    }
}

/// Why a socket cannot be opened, and the way out.
fn no_socket(path: &Path, error: &std::io::Error) -> Fault {
    let path = path.display();
    Fault::Unreachable(match error.kind() {
        ErrorKind::NotFound => format!("there is no socket {path}: is the daemon running?"),
        ErrorKind::PermissionDenied => format!(
            "may not open {path}: add your user to its group (usermod -aG docker) and log in again"
        ),
        ErrorKind::ConnectionRefused => format!("nobody listens at {path}: is the daemon running?"),
        ErrorKind::TimedOut => format!("{path} does not take connections"),
        _ => format!("{path}: {error}"),
    })
}

/// A host without the brackets of an IPv6 address.
fn bare(host: &str) -> String {
    host.trim_start_matches('[')
        .trim_end_matches(']')
        .to_owned()
}
