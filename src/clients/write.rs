//! The writing connection to an API server: another type than the reading one, made only with a [`MayWrite`].
//!
//! A request is sent once. Whether one that got no answer has arrived is told apart ([`Broken`]), because what may have
//! arrived must be looked at and never sent again.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use kube::client::Body;
use serde_json::Value;

use super::connect::{Current, Link};
use super::fault::Fault;
use crate::config::Config;

/// How long a server may take to carry out a write; admission webhooks alone may take 30 s.
const ANSWER_WITHIN: Duration = Duration::from_secs(40);
/// The largest answer that is read, in bytes.
const ANSWER_AT_MOST: usize = 8 << 20;
/// Longest that a server may make us wait.
const WAIT_AT_MOST: Duration = Duration::from_secs(30);
/// How we call ourselves in managed fields.
pub const MANAGER: &str = "quarterdeck";

/// The right to write in this run. Whoever has none cannot build a [`Writer`].
#[derive(Clone, Debug)]
pub struct MayWrite(());

/// A connection that can write. Cheap to clone.
#[derive(Clone)]
pub struct Writer {
    link: Arc<Link>,
}

/// What the server said, whatever it was.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub code: u16,
    /// The object, or a Status; null if it was no JSON.
    pub body: Value,
    pub retry_after: Option<Duration>,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// The request did not leave: nothing has happened.
    #[error("{0}")]
    NotSent(Fault),
    /// It may have arrived.
    #[error("{0}")]
    Lost(Fault),
}

impl MayWrite {
    /// Decided once a run; none when it is read only.
    pub fn of(config: &Config) -> Option<Self> {
        (!config.read_only).then_some(Self(()))
    }
}

impl Writer {
    pub(super) fn over(link: Arc<Link>, _permitted: &MayWrite) -> Self {
        Self { link }
    }

    /// Sends a request once; only credentials that the server did not take are renewed for a second try, because such
    /// a request was not carried out.
    ///
    /// # Errors
    /// No answer.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        content_type: &'static str,
        body: &Value,
    ) -> Result<Answer, Broken> {
        let bytes = body.to_string().into_bytes();
        let mut current = self.link.client().await.map_err(Broken::NotSent)?;
        let mut again = true;
        loop {
            let request = Request::builder()
                .method(method.clone())
                .uri(path)
                .header(ACCEPT, "application/json")
                .header(CONTENT_TYPE, content_type)
                .body(Body::from(bytes.clone()))
                .map_err(|error| {
                    Broken::NotSent(Fault::Refused {
                        code: 0,
                        message: format!("no request can be made of {path}: {error}"),
                    })
                })?;
            let answer = exchange(&current, request).await?;
            if answer.code == StatusCode::UNAUTHORIZED.as_u16() && again {
                again = false;
                if let Ok(Some(renewed)) = self.link.renew(&current).await {
                    current = renewed;
                    continue;
                }
            }
            return Ok(answer);
        }
    }
}

async fn exchange(current: &Current, request: Request<Body>) -> Result<Answer, Broken> {
    let sent = tokio::time::timeout(ANSWER_WITHIN, current.client.send(request)).await;
    let answer = match sent {
        Err(_) => return Err(Broken::Lost(late())),
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => {
            let fault = Fault::of_connection(&error, &current.server, current.proxied);
            return Err(if before_sending(&error) {
                Broken::NotSent(fault)
            } else {
                Broken::Lost(fault)
            });
        }
    };
    read(answer).await
}

async fn read(answer: Response<Body>) -> Result<Answer, Broken> {
    let code = answer.status().as_u16();
    let retry_after = answer
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.trim().parse::<u64>().ok())
        .map(|seconds| Duration::from_secs(seconds).min(WAIT_AT_MOST));
    let body = Limited::new(answer.into_body(), ANSWER_AT_MOST).collect();
    let body = match tokio::time::timeout(ANSWER_WITHIN, body).await {
        Err(_) => return Err(Broken::Lost(late())),
        Ok(Err(error)) => {
            let words = format!("the answer broke off: {error}");
            return Err(Broken::Lost(Fault::Unreachable(words)));
        }
        Ok(Ok(body)) => body.to_bytes(),
    };
    Ok(Answer {
        code,
        body: serde_json::from_slice(&body).unwrap_or_default(),
        retry_after,
    })
}

fn late() -> Fault {
    Fault::Unreachable(format!("no answer within {} s", ANSWER_WITHIN.as_secs()))
}

/// Whether a failure came before the request could leave: no connection, no credentials.
fn before_sending(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(cause) = next {
        if cause.downcast_ref::<kube::client::AuthError>().is_some() {
            return true;
        }
        if let Some(client) = cause.downcast_ref::<hyper_util::client::legacy::Error>() {
            return client.is_connect();
        }
        next = cause.source();
    }
    false
}

impl Answer {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.code)
    }

    /// What a Status says: its cause where it names one, else its message.
    pub fn message(&self) -> String {
        let text = |pointer: &str| self.body.pointer(pointer).and_then(Value::as_str);
        let cause = || {
            let causes = self.body.pointer("/details/causes")?.as_array()?;
            let budget = causes.iter().find(|cause| {
                cause.get("reason").and_then(Value::as_str) == Some("DisruptionBudget")
            });
            budget?.get("message")?.as_str()
        };
        match cause().or_else(|| text("/message")) {
            Some(message) if !message.is_empty() => message.to_owned(),
            _ => format!("answered {}", self.code),
        }
    }

    /// `AlreadyExists`, `Conflict`, …; empty if it does not say.
    pub fn reason(&self) -> &str {
        self.body
            .get("reason")
            .and_then(Value::as_str)
            .unwrap_or_default()
    }
}
