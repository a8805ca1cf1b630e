//! What the daemon tells of itself: a task that reads its events, from where the last one ended.

use tokio::sync::mpsc;

use super::stream::Objects;
use super::wire::Event;
use crate::clients::docker::Reader;
use crate::clients::fault::Fault;

/// Events that may wait; beyond that everything is listed again.
pub(super) const ROOM: usize = 1024;

/// What happened.
#[derive(Debug)]
pub(super) enum Heard {
    Event(Box<Event>),
    /// The stream is over, and so is the connection.
    Ended(Fault),
}

/// Nanoseconds since 1970, as the Engine takes them: `1795752316.105557820`.
fn written(nanos: i64) -> String {
    let (second, rest) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
    format!("{second}.{rest:09}")
}

/// Reads events until the stream ends. `since` is the daemon's time from which on they are told.
pub(super) async fn run(reader: Reader, since: Option<i64>, heard: mpsc::Sender<Heard>) {
    let path = match since {
        Some(since) => format!("/events?since={}", written(since)),
        None => "/events".to_owned(),
    };
    let fault = match reader.stream(&path).await {
        Ok(answer) => {
            let mut objects = Objects::new(answer);
            loop {
                match objects.next().await {
                    Ok(Some(object)) => {
                        let Ok(event) = serde_json::from_slice::<Event>(&object) else {
                            continue;
                        };
                        if heard.send(Heard::Event(Box::new(event))).await.is_err() {
                            return;
                        }
                    }
                    Ok(None) => {
                        break Fault::Unreachable("the daemon closed its events".to_owned());
                    }
                    Err(fault) => break fault,
                }
            }
        }
        Err(fault) => fault,
    };
    let _ = heard.send(Heard::Ended(fault)).await;
}

impl Event {
    /// Older daemons and Podman say some of it elsewhere.
    pub(super) fn subject(&self) -> &str {
        if self.actor.id.is_empty() {
            &self.id
        } else {
            &self.actor.id
        }
    }

    pub(super) fn verb(&self) -> &str {
        if self.action.is_empty() {
            &self.status
        } else {
            &self.action
        }
    }

    /// When it happened, in nanoseconds.
    pub(super) fn at(&self) -> i64 {
        self.nanos.max(self.second.saturating_mul(1_000_000_000))
    }

    pub(super) fn exit_code(&self) -> Option<i32> {
        self.actor.attributes.get("exitCode")?.parse().ok()
    }
}
