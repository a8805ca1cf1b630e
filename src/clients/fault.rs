//! What can go wrong between us and a server, in the words an operator needs.

use std::time::Duration;

use http::Response;
use http_body_util::{BodyExt, Limited};
use kube::client::Body;

/// Longest that a server may make us wait by Retry-After.
const WAIT_AT_MOST: Duration = Duration::from_secs(30);

/// Why a request gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("{0}")]
    Unreachable(String),
    #[error("no answer within 15 s")]
    Silent,
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
        let message = body
            .ok()
            .and_then(|body| serde_json::from_slice::<serde_json::Value>(&body.to_bytes()).ok())
            .and_then(|status| Some(status.get("message")?.as_str()?.to_owned()))
            .unwrap_or_default();
        match code {
            401 => Self::Unauthorized(message),
            403 => Self::Forbidden(message),
            404 => Self::NotFound,
            410 => Self::Gone,
            429 | 503 => Self::Busy { code, retry_after },
            _ => Self::Refused { code, message },
        }
    }
}
