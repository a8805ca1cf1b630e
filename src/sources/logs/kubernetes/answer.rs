//! One request for the log of a container, and the questions around it: is it still the same instance, is the connection
//! still alive?

use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use serde_json::Value;
use tokio::time::sleep;

use super::pod::{Pod, Raw, Status};
use super::stream::Seen;
use crate::clients::fault::Fault;
use crate::clients::kube::Reader;
use crate::model::{LogState, Name, Text, Uid};
use crate::sources::kubernetes::related::encode;
use crate::sources::logs::out::now;
use crate::sources::logs::past::{Back, Past};
use crate::sources::logs::records::Records;
use crate::sources::logs::session::{self, Happened, Session, Split, Tail};
use crate::sources::logs::stamp;

/// After so long without a word the connection is checked, and a request without an answer taken for one that waits.
const QUIET: Duration = Duration::from_secs(30);
const NO_HEAD: Duration = Duration::from_secs(2);
/// The kubelet knows of a new instance before the API server does: how often that one is asked before it is believed, in
/// milliseconds between. A file that was rotated meanwhile looks the same, and costs this delay.
const SETTLING: [u64; 5] = [300, 500, 1000, 2000, 4000];
/// Bytes of a probe's answer: a time fits.
const PROBE: usize = 64;

/// Which container, and whom to ask.
#[derive(Clone)]
pub(super) struct Container {
    pub(super) reader: Reader,
    pub(super) namespace: Name,
    pub(super) pod: Name,
    pub(super) uid: Uid,
    pub(super) name: Name,
}

/// A request to be made.
pub(super) struct Query<'a> {
    /// The instance that is meant.
    pub(super) id: &'a str,
    pub(super) previous: bool,
    pub(super) parameters: String,
    /// Lines of it are known.
    pub(super) resumed: bool,
    /// Nothing can come after it.
    pub(super) last: bool,
}

/// How an answer came to its end.
#[derive(Debug)]
pub(super) enum Outcome {
    Ended,
    Broke(String),
    Fault(Fault),
    /// Nobody took the lines.
    Slow,
    /// It came from another instance.
    Other,
}

impl Container {
    pub(super) fn path(&self, parameters: &str) -> String {
        format!(
            "/api/v1/namespaces/{}/pods/{}/log?container={}&timestamps=true{parameters}",
            self.namespace,
            self.pod,
            encode(&self.name)
        )
    }

    /// Reads one answer to its end. Says when the line was begun whose end did not come.
    pub(super) async fn read(
        &self,
        query: &Query<'_>,
        status: &Status,
        tail: &mut Tail,
        past: &mut Past<Self>,
    ) -> (Outcome, Option<i64>) {
        let path = self.path(&query.parameters);
        let answer = self.reader.patient(&path, "*/*");
        tokio::pin!(answer);
        let mut waited = Duration::ZERO;
        let answer = loop {
            let wait = if waited.is_zero() { NO_HEAD } else { QUIET };
            tokio::select! {
                answer = &mut answer => match answer {
                    Ok(answer) => break answer,
                    Err(fault) => return (Outcome::Fault(fault), None),
                },
                news = past.news() => past.act(news, status.place(past.id()), tail).await,
                () = sleep(wait) => {
                    // The kubelet sends no head before the first line.
                    if let Some(dead) = self.probe(query, tail).await {
                        return (Outcome::Broke(dead), None);
                    }
                    tail.out.state(LogState::Live).await;
                    waited += wait;
                }
            }
        };
        tail.out.state(LogState::Live).await;
        let mut body = answer.into_body();
        let mut session = Session::new(self.split(), query.resumed, true, QUIET);
        let outcome = loop {
            let happened = tokio::select! {
                happened = session.next(&mut body, tail) => happened,
                news = past.news() => {
                    past.act(news, status.place(past.id()), tail).await;
                    continue;
                }
            };
            match happened {
                Happened::Ended => {
                    if query.last {
                        session.finish(tail).await;
                    }
                    break Outcome::Ended;
                }
                Happened::Broke(cause) => break Outcome::Broke(cause),
                Happened::Slow => break Outcome::Slow,
                Happened::Quiet => {
                    if let Some(dead) = self.probe(query, tail).await {
                        break Outcome::Broke(dead);
                    }
                }
                Happened::Doubt => match self.is_same(query).await {
                    Some(true) => session.accept(tail).await,
                    Some(false) => break Outcome::Other,
                    None => break Outcome::Broke("the pod cannot be read".to_owned()),
                },
            }
        };
        (outcome, session.begun())
    }

    /// Whether what this query brings is the instance that is meant.
    async fn is_same(&self, query: &Query<'_>) -> Option<bool> {
        for pause in SETTLING {
            sleep(Duration::from_millis(pause)).await;
            let seen = self.look().await?;
            match seen.status.find(query.id) {
                Some(found) if found.previous == query.previous => {
                    // An instance that is known to have ended is not about to be replaced unseen.
                    if found.end.is_some() {
                        break;
                    }
                }
                _ => return Some(false),
            }
        }
        Some(true)
    }

    /// Asks for the last line: why the connection is dead, if it is.
    async fn probe(&self, query: &Query<'_>, tail: &Tail) -> Option<String> {
        let previous = if query.previous { "&previous=true" } else { "" };
        let path = self.path(&format!("&tailLines=1&limitBytes={PROBE}{previous}"));
        let answer = match self.reader.stream(&path, "*/*").await {
            Ok(answer) => answer,
            // A probe without a head has nothing to say: there is no line.
            Err(Fault::Silent) if tail.known.newest().is_none() => return None,
            Err(fault) => return Some(fault.to_string()),
        };
        let body = Limited::new(answer.into_body(), 64 * PROBE)
            .collect()
            .await
            .ok()?;
        let (newest, _) = stamp::read(&body.to_bytes())?;
        let known = tail.known.newest().unwrap_or(i64::MIN);
        // What has just been written may still be under way.
        let behind = newest > known && newest < now() - 5_000_000_000;
        behind.then(|| "lines were written, but the connection brought none".to_owned())
    }

    /// Asks for the pod. None: it cannot be read now.
    pub(super) async fn look(&self) -> Option<Seen> {
        let path = format!("/api/v1/namespaces/{}/pods/{}", self.namespace, self.pod);
        let gone = |why: &str| Seen {
            gone: Some(Text::new(why)),
            ..Seen::default()
        };
        let object: Value = match self.reader.json(&path, "application/json").await {
            Ok(object) => object,
            Err(Fault::NotFound) => return Some(gone("deleted")),
            Err(_) => return None,
        };
        let pod = Pod::from(serde_json::from_value::<Raw>(object).ok()?);
        if pod.uid != self.uid {
            return Some(gone("replaced by a pod of the same name"));
        }
        Some(Seen {
            version: pod.version,
            status: pod.container(&self.name)?.status.clone(),
            gone: None,
        })
    }
}

impl Back for Container {
    fn split(&self) -> Split {
        Split::Records(Records::default())
    }

    async fn tail(
        &self,
        lines: u64,
        previous: bool,
        each: impl FnMut(&[u8]) -> bool + Send,
    ) -> Result<(), Fault> {
        let previous = if previous { "&previous=true" } else { "" };
        let path = self.path(&format!("&tailLines={lines}{previous}"));
        let answer = self.reader.stream(&path, "*/*").await?;
        session::whole(answer.into_body(), each).await
    }
}
