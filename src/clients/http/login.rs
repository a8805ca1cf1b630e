//! What logs in to a server: certificates, a password, a token, headers, read where they lie.

use std::path::Path;
use std::sync::Once;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::header::{AUTHORIZATION, HeaderName};
use http::{HeaderMap, HeaderValue, Uri};
use reqwest::{Certificate, Client, Identity};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::clients::fault::Fault;
use crate::clients::secret;
use crate::config::web::Header;
use crate::config::{Secret, WebServer};

/// Tokens in files are renewed there by others, so they are read again this often.
const KEEP: Duration = Duration::from_mins(1);

/// Makes the headers that log in.
pub(super) struct Login {
    username: Option<String>,
    password: Option<Password>,
    token: Option<Secret>,
    headers: Vec<(String, Header)>,
    made: Mutex<Option<(Instant, HeaderMap)>>,
}

enum Password {
    /// It stood in the address.
    Plain(String),
    Secret(Secret),
}

/// An address without the name and password that may stand in it, and those.
pub(super) fn split(url: &str) -> (String, Option<(String, String)>) {
    let parts = url.split_once("://").and_then(|(scheme, rest)| {
        let end = rest.find('/').unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (userinfo, host) = authority.rsplit_once('@')?;
        Some((format!("{scheme}://{host}{path}"), userinfo))
    });
    match parts {
        Some((url, userinfo)) => {
            let (name, password) = userinfo.split_once(':').unwrap_or((userinfo, ""));
            (url, Some((name.to_owned(), password.to_owned())))
        }
        None => (url.to_owned(), None),
    }
}

impl Login {
    pub(super) fn new(settings: &WebServer, userinfo: Option<(String, String)>) -> Self {
        let own = settings.password.clone().map(Password::Secret);
        let (username, password) = match userinfo {
            Some((name, password)) => (Some(name), Some(Password::Plain(password))),
            None => (settings.username.clone(), own),
        };
        Self {
            username,
            password,
            token: settings.token.clone(),
            headers: settings.headers.clone(),
            made: Mutex::new(None),
        }
    }

    /// The headers of the next request.
    pub(super) async fn headers(&self) -> Result<HeaderMap, Fault> {
        let mut made = self.made.lock().await;
        if let Some((at, headers)) = made.as_ref()
            && at.elapsed() < KEEP
        {
            return Ok(headers.clone());
        }
        let headers = self.make().await?;
        *made = Some((Instant::now(), headers.clone()));
        Ok(headers)
    }

    /// Reads everything anew for the next request; false if nothing could have changed.
    pub(super) async fn forget(&self) -> bool {
        *self.made.lock().await = None;
        let moves = |secret: &Secret| !matches!(secret, Secret::Variable(_));
        let password = match &self.password {
            Some(Password::Secret(secret)) => moves(secret),
            _ => false,
        };
        password
            || self.token.as_ref().is_some_and(moves)
            || self.headers.iter().any(|(_, header)| match header {
                Header::Secret(secret) => moves(secret),
                Header::Plain(_) => false,
            })
    }

    async fn make(&self) -> Result<HeaderMap, Fault> {
        let mut headers = HeaderMap::new();
        if let Some(token) = &self.token {
            let token = secret::read(token, "token").await?;
            headers.insert(AUTHORIZATION, hidden(&format!("Bearer {token}"), "token")?);
        } else if let Some(username) = &self.username {
            let password = match &self.password {
                Some(Password::Plain(password)) => password.clone(),
                Some(Password::Secret(place)) => secret::read(place, "password").await?,
                None => String::new(),
            };
            let pair = BASE64_STANDARD.encode(format!("{username}:{password}"));
            headers.insert(AUTHORIZATION, hidden(&format!("Basic {pair}"), "password")?);
        }
        for (name, header) in &self.headers {
            let key: HeaderName = name.parse().map_err(|_| {
                Fault::Misconfigured(format!("headers: \"{name}\" is no name of a header"))
            })?;
            let value = match header {
                Header::Plain(value) => value.clone(),
                Header::Secret(place) => secret::read(place, name).await?,
            };
            headers.insert(key, hidden(&value, name)?);
        }
        Ok(headers)
    }
}

/// A value that no log shows.
fn hidden(value: &str, setting: &str) -> Result<HeaderValue, Fault> {
    let mut value = HeaderValue::from_str(value).map_err(|_| {
        Fault::Misconfigured(format!(
            "{setting} holds characters that no header may have"
        ))
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// The client with its certificates.
pub(super) fn client(
    settings: &WebServer,
    server: &Uri,
    direct: bool,
    connect_within: Duration,
) -> Result<Client, Fault> {
    static PROVIDER: Once = Once::new();
    // The first one to be installed stays; whoever came first means the same.
    PROVIDER.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    let mut client = Client::builder()
        .connect_timeout(connect_within)
        .user_agent(concat!("quarterdeck/", env!("CARGO_PKG_VERSION")))
        .danger_accept_invalid_certs(settings.insecure);
    if direct {
        client = client.no_proxy();
    }
    if let Some(path) = &settings.ca {
        let pem = file(path, "ca")?;
        let authorities = Certificate::from_pem_bundle(&pem)
            .ok()
            .filter(|list| !list.is_empty())
            .ok_or_else(|| wrong("ca", path, "holds no PEM certificate"))?;
        client = client.tls_certs_only(authorities);
    } else if server.scheme_str() != Some("https") {
        // The system's authorities may be missing, and nobody asks for them.
        client = client.tls_certs_only([]);
    }
    if let (Some(cert), Some(key)) = (&settings.cert, &settings.key) {
        let mut pem = file(cert, "cert")?;
        pem.push(b'\n');
        pem.extend(file(key, "key")?);
        let identity = Identity::from_pem(&pem)
            .map_err(|_| wrong("cert", cert, "is no PEM certificate with a PEM key"))?;
        client = client.identity(identity);
    }
    client
        .build()
        .map_err(|error| Fault::Misconfigured(cause(&error)))
}

fn file(path: &Path, setting: &str) -> Result<Vec<u8>, Fault> {
    std::fs::read(path).map_err(|error| wrong(setting, path, &error.to_string()))
}

fn wrong(setting: &str, path: &Path, words: &str) -> Fault {
    Fault::Misconfigured(format!("{setting}: {}: {words}", path.display()))
}

/// The innermost cause.
fn cause(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(next) = last.source() {
        last = next;
    }
    last.to_string()
}
