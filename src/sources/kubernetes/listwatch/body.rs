//! The answers of the API server as frames of a known format.

use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;
use http::Response;
use http_body_util::BodyExt;
use kube::client::Body;
use tokio::time::Instant;

use super::Reflector;
use super::retry::Trouble;
use crate::clients::fault::Fault;
use crate::sources::kubernetes::wire::Format;

/// After all that had come from a watch was read, what comes next may gather for so long: the screen is told every 50 ms
/// at most, and reading each of a thousand events on its own costs more than all of them.
const BREATH: Duration = Duration::from_millis(20);

/// An answer whose head has been read.
pub(super) struct Answer {
    pub(super) format: Format,
    body: Body,
    /// A watch, which goes on as things happen; a list comes as fast as it can.
    endless: bool,
    /// Something was read since the last breath.
    read: bool,
}

/// What came next.
pub(super) enum Next {
    Frame(Bytes),
    End,
    /// The deadline passed.
    Late,
}

impl Reflector {
    /// Asks for the collection with a query. A server that refuses protobuf is asked for JSON from then on.
    pub(super) async fn ask(&mut self, query: &str, endless: bool) -> Result<Answer, Trouble> {
        self.verb = if endless { "watch" } else { "list" };
        let path = format!("{}?{query}", self.path);
        let accept = match self.format {
            Format::Protobuf => "application/vnd.kubernetes.protobuf, application/json;q=0.5",
            Format::Json => "application/json",
        };
        let reader = self.reader.clone();
        let answer = self
            .drive(async move {
                if endless {
                    reader.stream(&path, accept).await
                } else {
                    reader.get(&path, accept).await
                }
            })
            .await;
        match answer {
            Ok(answer) => {
                let format = format(&answer)?;
                self.retry.answered();
                Ok(Answer {
                    format,
                    body: answer.into_body(),
                    endless,
                    read: false,
                })
            }
            Err(Fault::Refused {
                code: 406 | 415, ..
            }) if self.format == Format::Protobuf => {
                self.format = Format::Json;
                Err(Trouble::Otherwise)
            }
            Err(fault) => Err(fault.into()),
        }
    }

    /// The next frame of an answer; what is pending goes out meanwhile.
    pub(super) async fn frame(
        &mut self,
        answer: &mut Answer,
        deadline: Instant,
    ) -> Result<Next, Trouble> {
        self.outlet.room().await;
        // A body that always has more must not keep what is due from leaving.
        let _ = self.outlet.due().now_or_never();
        if let Some(next) = answer.next().now_or_never() {
            answer.read = true;
            return next;
        }
        if answer.endless && std::mem::take(&mut answer.read) {
            self.pause(BREATH).await;
        }
        let next = tokio::time::timeout_at(deadline, answer.next());
        let next = self.drive(next).await.unwrap_or(Ok(Next::Late));
        answer.read = true;
        next
    }
}

impl Answer {
    /// The next piece of the body. Cancel-safe.
    async fn next(&mut self) -> Result<Next, Trouble> {
        loop {
            match self.body.frame().await {
                None => return Ok(Next::End),
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Ok(Next::Frame(data));
                    }
                }
                Some(Err(error)) => {
                    return Err(Trouble::Cut(format!("the connection broke: {error}")));
                }
            }
        }
    }
}

fn format(answer: &Response<Body>) -> Result<Format, Fault> {
    let kind = answer.headers().get(http::header::CONTENT_TYPE);
    let kind = kind
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or("nothing");
    Format::of(kind).ok_or_else(|| Fault::Foreign(kind.to_owned()))
}
