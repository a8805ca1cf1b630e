//! What can go wrong between us and a server, in the words an operator needs.

use std::error::Error;
use std::io::ErrorKind;
use std::time::Duration;

use http::{Response, Uri};
use http_body_util::{BodyExt, Limited};
use kube::client::Body;

use super::status;

/// Longest that a server may make us wait by Retry-After.
const WAIT_AT_MOST: Duration = Duration::from_secs(30);

/// Why a request gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The kubeconfig, or a file that it names, is wrong.
    #[error("{0}")]
    Misconfigured(String),
    #[error("{0}")]
    Unreachable(String),
    #[error("no answer within 15 s")]
    Silent,
    #[error("no answer within {0} s")]
    Late(u64),
    #[error("login needed: {0}")]
    Unauthorized(String),
    #[error("{0}")]
    Forbidden(String),
    #[error("not found")]
    NotFound,
    /// The version asked for is no longer kept.
    #[error("too old")]
    Gone,
    #[error("the server is busy ({code})")]
    Busy {
        code: u16,
        retry_after: Option<Duration>,
    },
    #[error("answered {code}: {message}")]
    Refused { code: u16, message: String },
    #[error("answered with {0} instead of Kubernetes data")]
    Foreign(String),
    #[error("answered with {0}")]
    Strange(String),
    #[error(
        "the answer is larger than {mega} MB and was not read: ask for less, or raise answer_at_most_mb"
    )]
    TooLarge { mega: usize },
}

impl Fault {
    /// Reads a non-2xx answer: its code, Retry-After and the message of a Kubernetes Status, of which at most 64 KB.
    pub async fn of(answer: Response<Body>) -> Self {
        let code = answer.status().as_u16();
        let retry_after = answer
            .headers()
            .get(http::header::RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.trim().parse::<u64>().ok())
            .map(|seconds| Duration::from_secs(seconds).min(WAIT_AT_MOST));
        let body = Limited::new(answer.into_body(), 64 * 1024).collect().await;
        let message = body.map_or_else(|_| String::new(), |body| status::message(&body.to_bytes()));
        match code {
            401 => Self::Unauthorized(if message.is_empty() || message == "Unauthorized" {
                "the server does not accept these credentials".to_owned()
            } else {
                message
            }),
            403 => Self::Forbidden(message),
            404 => Self::NotFound,
            407 => Self::Unreachable("the proxy wants a login (407)".to_owned()),
            410 => Self::Gone,
            429 | 503 => Self::Busy { code, retry_after },
            _ => Self::Refused { code, message },
        }
    }

    /// Puts the failure of a connection into words, from the chain of its causes.
    pub(super) fn of_connection(
        error: &(dyn Error + 'static),
        server: &Uri,
        proxied: bool,
    ) -> Self {
        let mut chain = Vec::new();
        let mut kinds = Vec::new();
        let mut next = Some(error);
        while let Some(cause) = next {
            if let Some(auth) = cause.downcast_ref::<kube::client::AuthError>() {
                return Self::Unauthorized(auth.to_string());
            }
            if let Some(io) = cause.downcast_ref::<std::io::Error>() {
                kinds.push(io.kind());
                // What an I/O error wraps is not among its sources.
                if let Some(inner) = io.get_ref() {
                    chain.push(inner.to_string());
                }
            }
            if chain.len() < 16 {
                chain.push(cause.to_string());
            }
            next = cause.source();
        }
        let authority = server
            .authority()
            .map_or("the server", http::uri::Authority::as_str);
        let host = server.host().unwrap_or("the server");
        Self::Unreachable(words(&chain, &kinds, authority, host, proxied))
    }
}

/// The first cause that is known, else the innermost in its own words.
fn words(
    chain: &[String],
    kinds: &[ErrorKind],
    authority: &str,
    host: &str,
    proxied: bool,
) -> String {
    let says = |part: &str| chain.iter().find(|cause| cause.contains(part));
    if says("proxy authorization required").is_some() {
        return "the proxy wants a login (407); put it into the proxy's URL".to_owned();
    }
    let reaching = if proxied { "the proxy" } else { authority };
    if says("dns error").is_some() || says("failed to lookup address").is_some() {
        let host = if proxied { "the proxy's host" } else { host };
        return format!("cannot find {host}: no such name (DNS)");
    }
    if let Some(words) = certificate(chain, host) {
        return words;
    }
    if kinds.contains(&ErrorKind::ConnectionRefused) {
        return format!("{reaching} refused the connection");
    }
    if kinds.contains(&ErrorKind::TimedOut) || says("deadline has elapsed").is_some() {
        return format!("{reaching} does not answer: no connection within 10 s");
    }
    if kinds.contains(&ErrorKind::NetworkUnreachable) || kinds.contains(&ErrorKind::HostUnreachable)
    {
        return format!("no way to {reaching}: the network is unreachable");
    }
    if says("tunnel error").is_some() || says("SOCKS error").is_some() {
        let last = chain.last().map(String::as_str).unwrap_or_default();
        return format!("the proxy gives no way to {authority}: {last}");
    }
    if says("InvalidContentType").is_some() || says("corrupt message").is_some() {
        return format!("{authority} does not speak TLS: is it an http server?");
    }
    let cut = [
        ErrorKind::ConnectionReset,
        ErrorKind::BrokenPipe,
        ErrorKind::UnexpectedEof,
        ErrorKind::ConnectionAborted,
    ];
    if kinds.iter().any(|kind| cut.contains(kind)) || says("connection closed").is_some() {
        return format!("{reaching} cut the connection");
    }
    let last = chain.last().map_or("unknown fault", String::as_str);
    format!("{authority}: {last}")
}

/// What is wrong with a certificate, the server's or ours.
fn certificate(chain: &[String], host: &str) -> Option<String> {
    let says = |part: &str| chain.iter().find(|cause| cause.contains(part));
    if says("UnsupportedCertVersion").is_some() {
        return Some(
            "a certificate is X.509 version 1, which TLS here refuses: issue it again as version 3"
                .to_owned(),
        );
    }
    if says("KeyMismatch").is_some() {
        return Some("the client certificate and its key do not belong together".to_owned());
    }
    if says("UnknownIssuer").is_some() {
        return Some(format!(
            "the certificate of {host} is signed by an unknown authority: check certificate-authority"
        ));
    }
    if let Some(cause) = says("certificate expired").or_else(|| says("Expired")) {
        return Some(if cause.contains("received fatal alert") {
            "our client certificate has expired: log in again".to_owned()
        } else {
            format!("the certificate of {host} has expired")
        });
    }
    if says("certificate not valid yet")
        .or_else(|| says("NotValidYet"))
        .is_some()
    {
        return Some(format!(
            "the certificate of {host} is not valid yet: check this machine's clock"
        ));
    }
    if let Some(cause) = says("not valid for name").or_else(|| says("NotValidForName")) {
        let at = cause.find("certificate not valid");
        let cause = at.and_then(|at| cause.get(at..)).unwrap_or(cause);
        return Some(format!("{cause}: check server or tls-server-name"));
    }
    if says("CaUsedAsEndEntity").is_some() {
        return Some(format!(
            "{host} shows an authority's certificate as its own"
        ));
    }
    says("received fatal alert")
        .or_else(|| says("invalid peer certificate"))
        .map(|cause| format!("TLS with {host} failed: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::certificate;

    #[test]
    fn certificates_are_told_apart() {
        let cases = [
            (
                "invalid peer certificate: certificate expired: verification time 1 (UNIX), but certificate is not valid after 0",
                "the certificate of api has expired",
            ),
            (
                "received fatal alert: CertificateExpired",
                "our client certificate has expired: log in again",
            ),
            (
                "invalid peer certificate: certificate not valid yet: verification time 0",
                "the certificate of api is not valid yet: check this machine's clock",
            ),
            (
                "received fatal alert: HandshakeFailure",
                "TLS with api failed: received fatal alert: HandshakeFailure",
            ),
        ];
        for (cause, expected) in cases {
            let told = certificate(&[cause.to_owned()], "api");
            assert_eq!(told.as_deref(), Some(expected));
        }
        assert_eq!(certificate(&["connection reset".to_owned()], "api"), None);
    }
}
