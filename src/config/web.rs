//! Servers that are reached by HTTP: where they are, how to log in, how long to wait. Prometheus and Alertmanager share
//! this, and whatever else speaks plain HTTP may.

use std::fmt::Write;
use std::path::PathBuf;

use super::file::{Folders, path_of};
use super::problem::Problem;
use super::read::{Located, Reader, Value};
use super::secret::{self, Secret};

/// The header by which Mimir, Cortex and Loki tell tenants apart.
const TENANT: &str = "X-Scope-OrgID";
/// Answers larger than this are not read, unless the configuration says otherwise.
const ANSWER_AT_MOST: usize = 64 << 20;
/// Seconds until an answer must have come.
const WITHIN: u32 = 30;

/// How a server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebServer {
    /// With the path prefix that it is served under; empty if it is reached by `service`.
    pub url: String,
    /// A Service in a cluster, `namespace/name:port`, reached through the API server.
    pub service: Option<String>,
    /// The context of the kubeconfig that `service` is in; none for the current one.
    pub context: Option<String>,
    pub username: Option<String>,
    pub password: Option<Secret>,
    /// A bearer token.
    pub token: Option<Secret>,
    /// Authorities to trust instead of the system's (PEM).
    pub ca: Option<PathBuf>,
    /// Our own certificate and its key (PEM).
    pub cert: Option<PathBuf>,
    pub key: Option<PathBuf>,
    /// Do not check the server's certificate.
    pub insecure: bool,
    /// Sent with every request.
    pub headers: Vec<(String, Header)>,
    /// Seconds.
    pub timeout: u32,
    /// Bytes.
    pub answer_at_most: usize,
}

/// The value of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Header {
    Plain(String),
    Secret(Secret),
}

/// The keys of a server in the file.
pub const KEYS: &[&str] = &[
    "url",
    "service",
    "context",
    "username",
    "password",
    "token",
    "ca",
    "cert",
    "key",
    "insecure",
    "headers",
    "tenant",
    "timeout",
    "answer_at_most_mb",
];

impl Default for WebServer {
    fn default() -> Self {
        Self {
            url: String::new(),
            service: None,
            context: None,
            username: None,
            password: None,
            token: None,
            ca: None,
            cert: None,
            key: None,
            insecure: false,
            headers: Vec::new(),
            timeout: WITHIN,
            answer_at_most: ANSWER_AT_MOST,
        }
    }
}

impl WebServer {
    /// A plain address.
    pub fn at(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            ..Self::default()
        }
    }

    /// Takes in a key of the file; false if it is none of a server's.
    pub fn take(
        &mut self,
        reader: &mut Reader<'_>,
        key: &str,
        value: &Located<Value<'_>>,
        folders: &Folders,
    ) -> bool {
        match key {
            "url" => self.url = super::file::server(reader, value).unwrap_or_default(),
            "service" => self.service = service(reader, value),
            "context" => self.context = reader.string(value),
            "username" => self.username = reader.string(value),
            "password" => self.password = secret::read(reader, value, folders),
            "token" => self.token = secret::read(reader, value, folders),
            "ca" => self.ca = reader.string(value).map(|path| path_of(&path, folders)),
            "cert" => self.cert = reader.string(value).map(|path| path_of(&path, folders)),
            "key" => self.key = reader.string(value).map(|path| path_of(&path, folders)),
            "insecure" => self.insecure = reader.boolean(value).unwrap_or_default(),
            "headers" => self.headers.extend(headers(reader, value, folders)),
            "tenant" => {
                let tenant = reader.string(value).map(Header::Plain);
                self.headers
                    .extend(tenant.map(|tenant| (TENANT.to_owned(), tenant)));
            }
            "timeout" => self.timeout = reader.number(value, 1..=600).unwrap_or(WITHIN),
            "answer_at_most_mb" => {
                let most = reader.number(value, 1..=1024);
                self.answer_at_most = most.map_or(ANSWER_AT_MOST, |mega| (mega as usize) << 20);
            }
            _ => return false,
        }
        true
    }

    /// What does not go together.
    pub fn contradiction(&self) -> Option<&'static str> {
        if self.url.is_empty() == self.service.is_none() {
            return Some("give a url, or a service in a cluster (namespace/name:port)");
        }
        if self.cert.is_some() != self.key.is_some() {
            return Some("a certificate and its key belong together: give cert and key");
        }
        if self.token.is_some() && self.password.is_some() {
            return Some("log in with a token or with a password, not both");
        }
        if self.password.is_some() && self.username.is_none() {
            return Some("a password belongs to a username");
        }
        None
    }

    /// As the file says it, without defaults and without secrets.
    pub(super) fn print(&self, text: &mut String) {
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        let words = [
            ("url", Some(self.url.clone())),
            ("service", self.service.clone()),
            ("context", self.context.clone()),
            ("username", self.username.clone()),
            ("ca", path(&self.ca)),
            ("cert", path(&self.cert)),
            ("key", path(&self.key)),
        ];
        // Writing to a string cannot fail.
        for (key, word) in words {
            if let Some(word) = word.filter(|word| !word.is_empty()) {
                let _ = writeln!(text, "{key} = {}", quoted(&word));
            }
        }
        for (key, secret) in [("password", &self.password), ("token", &self.token)] {
            if let Some(secret) = secret {
                let _ = writeln!(text, "{key} = {}", secret.print());
            }
        }
        if self.insecure {
            text.push_str("insecure = true\n");
        }
        let headers: Vec<String> = self
            .headers
            .iter()
            .map(|(name, header)| match header {
                Header::Plain(value) => format!("{} = {}", quoted(name), quoted(value)),
                Header::Secret(secret) => format!("{} = {}", quoted(name), secret.print()),
            })
            .collect();
        if !headers.is_empty() {
            let _ = writeln!(text, "headers = {{ {} }}", headers.join(", "));
        }
        if self.timeout != WITHIN {
            let _ = writeln!(text, "timeout = {}", self.timeout);
        }
        if self.answer_at_most != ANSWER_AT_MOST {
            let _ = writeln!(text, "answer_at_most_mb = {}", self.answer_at_most >> 20);
        }
    }
}

/// `monitoring/prometheus:9090`
fn service(reader: &mut Reader<'_>, value: &Located<Value<'_>>) -> Option<String> {
    let service = reader.string(value)?;
    let complete = service
        .split_once('/')
        .and_then(|(namespace, rest)| Some((namespace, rest.split_once(':')?)))
        .is_some_and(|(namespace, (name, port))| {
            [namespace, name, port].iter().all(|part| !part.is_empty())
        });
    if complete {
        return Some(service);
    }
    let message = format!("\"{service}\" is no service: write namespace/name:port");
    reader.note(value.span(), message);
    None
}

fn headers(
    reader: &mut Reader<'_>,
    value: &Located<Value<'_>>,
    folders: &Folders,
) -> Vec<(String, Header)> {
    let Some(table) = value.get_ref().as_table() else {
        reader.expected(value, "a table: { Name = \"value\" }");
        return Vec::new();
    };
    let mut headers = Vec::new();
    for (key, value) in table {
        let name = key.get_ref().to_string();
        let secret = ["authorization", "cookie"].contains(&name.to_ascii_lowercase().as_str());
        let header = if value.get_ref().as_table().is_some() || secret {
            secret::read(reader, value, folders).map(Header::Secret)
        } else {
            reader.string(value).map(Header::Plain)
        };
        headers.extend(header.map(|header| (name, header)));
    }
    headers
}

/// Notes what does not go together, at the table as a whole.
pub(super) fn check(reader: &mut Reader<'_>, server: &WebServer, span: std::ops::Range<usize>) {
    if let Some(message) = server.contradiction() {
        let place = reader.place(span);
        reader.problems.push(Problem::new(Some(place), message));
    }
}
