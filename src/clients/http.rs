//! The reading connection to a server that speaks plain HTTP: Prometheus, Alertmanager, and whatever else
//! [`WebServer`] describes. Directly, or through an API server's service proxy.
//!
//! Every request has a deadline, every body a limit, and everything that is not the answer is a [`Fault`] in words. What
//! logs in is read where it lies when it is needed, never kept in a file of ours and never printed.

mod login;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_TYPE, DATE};
use http::{HeaderMap, StatusCode, Uri};
use http_body_util::{BodyExt, Limited};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::{Client, Method, Response};

use super::fault::Fault;
use super::{kube, proxy, status};
use crate::config::WebServer;
use login::Login;

const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// Bytes that are read of an answer that is a refusal.
const REFUSAL_AT_MOST: usize = 64 << 10;
/// Characters of a refusal's body that is no JSON.
const QUOTED: usize = 200;

/// A connection that can only read. Cheap to clone.
#[derive(Clone)]
pub struct Reader {
    route: Route,
    sent: Arc<AtomicU32>,
    within: Duration,
    answer_at_most: usize,
}

#[derive(Clone)]
enum Route {
    Direct(Arc<Direct>),
    /// Through an API server: its connection, and the path of the service's proxy.
    Service(kube::Reader, Arc<str>),
}

struct Direct {
    client: Client,
    /// Without a slash at its end.
    base: String,
    server: Uri,
    proxied: bool,
    login: Login,
}

/// What a server answered.
#[derive(Clone, Debug)]
pub struct Answer {
    pub body: Bytes,
    /// The server's own time, to the second, if it told it.
    pub date: Option<Timestamp>,
}

impl Reader {
    /// Opens no connection yet; reads the certificates that the settings name.
    ///
    /// # Errors
    /// [`Fault::Misconfigured`], naming the setting.
    pub fn new(settings: &WebServer) -> Result<Self, Fault> {
        let (base, userinfo) = login::split(&settings.url);
        let server: Uri = base.parse().map_err(|_| {
            Fault::Misconfigured(format!("url: \"{base}\" is no address of a server"))
        })?;
        let local = proxy::is_local(&server);
        let excluded = ["NO_PROXY", "no_proxy"].map(std::env::var);
        let excluded = excluded.into_iter().find_map(Result::ok);
        let direct = local || proxy::bypassed(&server, excluded.as_deref().unwrap_or_default());
        Ok(Self {
            route: Route::Direct(Arc::new(Direct {
                client: login::client(settings, &server, direct, CONNECT_WITHIN)?,
                base: base.trim_end_matches('/').to_owned(),
                server,
                proxied: !direct && proxy_is_set(),
                login: Login::new(settings, userinfo),
            })),
            sent: Arc::default(),
            within: Duration::from_secs(u64::from(settings.timeout)),
            answer_at_most: settings.answer_at_most,
        })
    }

    /// Through the proxy of an API server: `service` is `namespace/name:port`, `prefix` the path that the service is
    /// served under.
    pub fn of_service(
        reader: kube::Reader,
        service: &str,
        prefix: &str,
        settings: &WebServer,
    ) -> Self {
        let (namespace, name) = service.split_once('/').unwrap_or(("default", service));
        let path = format!(
            "/api/v1/namespaces/{namespace}/services/{name}/proxy{}",
            prefix.trim_end_matches('/')
        );
        Self {
            route: Route::Service(reader, path.into()),
            sent: Arc::default(),
            within: Duration::from_secs(u64::from(settings.timeout)),
            answer_at_most: settings.answer_at_most,
        }
    }

    /// Asks for a path below the server's address.
    ///
    /// # Errors
    /// Everything but a 2xx answer that is no web page is a [`Fault`].
    pub async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Answer, Fault> {
        self.ask(Method::GET, path, query).await
    }

    /// Asks with the parameters in the body, as questions may be longer than proxies let an address be. Creates
    /// nothing. An API server's proxy is asked by GET all the same, as it wants a permission to write otherwise.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub async fn query(&self, path: &str, form: &[(&str, &str)]) -> Result<Answer, Fault> {
        self.ask(Method::POST, path, form).await
    }

    /// Requests sent since the last call.
    pub fn take_sent(&self) -> u32 {
        self.sent.swap(0, Ordering::Relaxed)
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        parameters: &[(&str, &str)],
    ) -> Result<Answer, Fault> {
        let asked = async {
            match &self.route {
                Route::Direct(direct) => self.direct(direct, method, path, parameters).await,
                Route::Service(reader, prefix) => {
                    let path = format!("{prefix}{}", target(path, parameters));
                    self.proxied(reader, &path).await
                }
            }
        };
        tokio::time::timeout(self.within, asked)
            .await
            .unwrap_or(Err(Fault::Late(self.within.as_secs())))
    }

    async fn direct(
        &self,
        direct: &Direct,
        method: Method,
        path: &str,
        parameters: &[(&str, &str)],
    ) -> Result<Answer, Fault> {
        let mut again = true;
        loop {
            let headers = direct.login.headers().await?;
            let url = if method == Method::GET {
                format!("{}{}", direct.base, target(path, parameters))
            } else {
                format!("{}{path}", direct.base)
            };
            let mut request = direct.client.request(method.clone(), url).headers(headers);
            if method != Method::GET {
                request = request
                    .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                    .body(encode(parameters));
            }
            self.sent.fetch_add(1, Ordering::Relaxed);
            let answer = request.send().await.map_err(|error| {
                Fault::of_connection(&error.without_url(), &direct.server, direct.proxied)
            })?;
            // What logs in may have been renewed where it lies.
            if answer.status() == StatusCode::UNAUTHORIZED && again && direct.login.forget().await {
                again = false;
                continue;
            }
            return self.read(answer, direct).await;
        }
    }

    async fn read(&self, mut answer: Response, direct: &Direct) -> Result<Answer, Fault> {
        let status = answer.status();
        let (date, web) = (date(answer.headers()), is_web_page(answer.headers()));
        let most = if status.is_success() {
            self.answer_at_most
        } else {
            REFUSAL_AT_MOST
        };
        if answer
            .content_length()
            .is_some_and(|length| length > most as u64)
            && status.is_success()
        {
            return Err(too_large(most));
        }
        let mut body = BytesMut::new();
        loop {
            let chunk = answer.chunk().await.map_err(|error| {
                Fault::of_connection(&error.without_url(), &direct.server, direct.proxied)
            })?;
            let Some(chunk) = chunk else { break };
            if body.len() + chunk.len() > most {
                if status.is_success() {
                    return Err(too_large(most));
                }
                break;
            }
            body.extend_from_slice(&chunk);
        }
        if !status.is_success() {
            return Err(refusal(status.as_u16(), web, &body));
        }
        if web {
            return Err(web_page());
        }
        let body = body.freeze();
        Ok(Answer { body, date })
    }

    async fn proxied(&self, reader: &kube::Reader, path: &str) -> Result<Answer, Fault> {
        self.sent.fetch_add(1, Ordering::Relaxed);
        let answer = reader.get(path, "application/json").await;
        let answer = answer.map_err(|fault| match fault {
            Fault::NotFound => refusal(404, false, b""),
            Fault::Busy { code: 503, .. } => Fault::Refused {
                code: 503,
                message: "no pod of the service is ready".to_owned(),
            },
            fault => fault,
        })?;
        let date = date(answer.headers());
        let body = Limited::new(answer.into_body(), self.answer_at_most)
            .collect()
            .await
            .map_err(|error| {
                if error.is::<http_body_util::LengthLimitError>() {
                    too_large(self.answer_at_most)
                } else {
                    Fault::Unreachable(format!("the answer broke off: {error}"))
                }
            })?;
        let body = body.to_bytes();
        Ok(Answer { body, date })
    }
}

/// An address without the name and password that may stand in it.
pub fn without_login(url: &str) -> String {
    login::split(url).0
}

fn proxy_is_set() -> bool {
    ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// A path with its query.
fn target(path: &str, query: &[(&str, &str)]) -> String {
    if query.is_empty() {
        return path.to_owned();
    }
    format!("{path}?{}", encode(query))
}

/// Parameters as a form or a query has them.
fn encode(parameters: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in parameters {
        if !text.is_empty() {
            text.push('&');
        }
        escape(name, &mut text);
        text.push('=');
        escape(value, &mut text);
    }
    text
}

fn escape(text: &str, out: &mut String) {
    use std::fmt::Write;
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

fn date(headers: &HeaderMap) -> Option<Timestamp> {
    let text = headers.get(DATE)?.to_str().ok()?;
    // HTTP writes GMT where RFC 2822 writes an offset.
    let text = text.replace("GMT", "+0000");
    rfc2822::parse(&text).ok().map(|zoned| zoned.timestamp())
}

fn is_web_page(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("text/html"))
}

fn web_page() -> Fault {
    Fault::Strange(
        "a web page: is there a login in front of it, or is the address one of another thing?"
            .to_owned(),
    )
}

fn too_large(most: usize) -> Fault {
    Fault::TooLarge { mega: most >> 20 }
}

/// Puts an answer that is no success into words: the server's own, where it has any.
fn refusal(code: u16, web: bool, body: &[u8]) -> Fault {
    let said = if web { String::new() } else { said(body) };
    let or = |otherwise: &str| {
        if said.is_empty() {
            otherwise.to_owned()
        } else {
            said.clone()
        }
    };
    match code {
        401 => Fault::Unauthorized(or("the server does not accept these credentials (401)")),
        403 => Fault::Forbidden(or("these credentials may not look here (403)")),
        407 => Fault::Unreachable("the proxy wants a login (407)".to_owned()),
        429 | 502 | 503 | 504 if said.is_empty() => Fault::Busy {
            code,
            retry_after: None,
        },
        404 => Fault::Refused {
            code,
            message: or("there is nothing at this path; does the url lack its prefix?"),
        },
        _ => Fault::Refused {
            code,
            message: or(if web { "a web page" } else { "without a word" }),
        },
    }
}

/// What a body says went wrong: the message of JSON in any of the usual shapes, or plain text.
fn said(body: &[u8]) -> String {
    let message = status::message(body);
    if !message.is_empty() {
        return message;
    }
    if let Ok(text) = serde_json::from_slice::<String>(body) {
        return text;
    }
    let text = String::from_utf8_lossy(body);
    let line = text.lines().map(str::trim).find(|line| !line.is_empty());
    let line = line.filter(|line| !line.starts_with(['<', '{', '[']));
    line.unwrap_or_default().chars().take(QUOTED).collect()
}
