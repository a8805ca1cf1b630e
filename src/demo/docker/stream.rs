//! Answers without end: events, stats and logs.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::{BufMut as _, Bytes, BytesMut};
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use http::Method;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::broadcast::error::RecvError;

use super::super::random::fraction;
use super::world::{Container, State};
use super::{Asked, Body, Daemon, json};

/// A second of the wall between two messages of stats.
const EVERY: Duration = Duration::from_secs(1);
/// Lines that a container writes a second, and most that are told of its past.
const LINES: i64 = 2;
const PAST: i64 = 2000;

/// The body of an answer without end; none if the question is another.
pub(super) fn open(daemon: &Arc<Daemon>, asked: &Asked) -> Option<Body> {
    if asked.method != Method::GET {
        return None;
    }
    let path: Vec<&str> = asked.path.iter().map(String::as_str).collect();
    match path.as_slice() {
        ["events"] => Some(body(events(daemon, asked))),
        ["containers", id, "stats"] if asked.query.get("stream") != Some("false") => {
            daemon.now().find(id)?;
            Some(body(stats(daemon, (*id).to_owned())))
        }
        ["containers", id, "logs"] => {
            daemon.now().find(id)?;
            Some(body(logs(daemon, (*id).to_owned(), asked)))
        }
        _ => None,
    }
}

fn body(stream: BoxStream<'static, Bytes>) -> Body {
    BodyExt::boxed(StreamBody::new(sync(stream)))
}

/// Bodies are shared between threads; a stream is polled by one at a time.
fn sync(
    stream: BoxStream<'static, Bytes>,
) -> impl futures::Stream<Item = Result<Frame<Bytes>, Infallible>> + Send + Sync {
    let (sender, receiver) = tokio::sync::mpsc::channel(16);
    tokio::spawn(async move {
        let mut stream = stream;
        while let Some(bytes) = stream.next().await {
            if sender.send(Ok(Frame::data(bytes))).await.is_err() {
                return;
            }
        }
    });
    stream::unfold(receiver, |mut receiver| async move {
        Some((receiver.recv().await?, receiver))
    })
}

/// Events since a time that are still known, then those that come.
fn events(daemon: &Arc<Daemon>, asked: &Asked) -> BoxStream<'static, Bytes> {
    let since = asked.query.get("since").map(nanos);
    let receiver = daemon.events.subscribe();
    let world = daemon.now();
    let past: Vec<Bytes> = world
        .history
        .iter()
        .filter(|(at, _)| since.is_some_and(|since| *at >= since))
        .map(|(_, line)| Bytes::copy_from_slice(line.as_bytes()))
        .collect();
    drop(world);
    let coming = stream::unfold(receiver, |mut receiver| async move {
        loop {
            match receiver.recv().await {
                Ok(line) => return Some((Bytes::copy_from_slice(line.as_bytes()), receiver)),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    });
    stream::iter(past).chain(coming).boxed()
}

/// `1795752316.105557820` in nanoseconds.
fn nanos(text: &str) -> i64 {
    let (second, rest) = text.split_once('.').unwrap_or((text, ""));
    let padded = format!("{rest:0<9}");
    let rest: i64 = padded
        .get(..9)
        .and_then(|it| it.parse().ok())
        .unwrap_or_default();
    second.parse::<i64>().unwrap_or_default() * 1_000_000_000 + rest
}

fn stats(daemon: &Arc<Daemon>, id: String) -> BoxStream<'static, Bytes> {
    let daemon = Arc::clone(daemon);
    stream::unfold((daemon, id, true), |(daemon, id, first)| async move {
        if !first {
            tokio::time::sleep(EVERY).await;
        }
        let text = {
            let world = daemon.now();
            let container = world.find(&id).and_then(|at| world.containers.get(at))?;
            format!("{}\n", json::stats(container, world.now))
        };
        Some((Bytes::from(text), (daemon, id, false)))
    })
    .boxed()
}

/// What of a container's lines is asked for.
struct Wanted {
    follow: bool,
    stamped: bool,
    /// Line numbers, which are half seconds since 1970.
    next: i64,
}

fn logs(daemon: &Arc<Daemon>, id: String, asked: &Asked) -> BoxStream<'static, Bytes> {
    let flag = |name: &str| {
        asked
            .query
            .get(name)
            .is_some_and(|it| it == "1" || it == "true")
    };
    let world = daemon.now();
    let end = world.now.as_second() * LINES;
    let container = world.find(&id).and_then(|at| world.containers.get(at));
    let begin = container.map_or(end, |it| it.created.as_second() * LINES);
    drop(world);
    let since = asked
        .query
        .get("since")
        .map_or(0, |it| nanos(it) / 1_000_000_000 * LINES);
    let tail = asked
        .query
        .get("tail")
        .and_then(|it| it.parse::<i64>().ok());
    let wanted = Wanted {
        follow: flag("follow"),
        stamped: flag("timestamps"),
        next: begin.max(since).max(end - tail.unwrap_or(PAST).min(PAST)),
    };
    let daemon = Arc::clone(daemon);
    stream::unfold(
        (daemon, id, wanted),
        |(daemon, id, mut wanted)| async move {
            loop {
                let mut frames = BytesMut::new();
                let running = {
                    let world = daemon.now();
                    let container = world.find(&id).and_then(|at| world.containers.get(at))?;
                    let end = match container.state {
                        State::Running | State::Paused => world.now,
                        _ => container.finished.unwrap_or(world.now),
                    };
                    while wanted.next < end.as_second() * LINES && frames.len() < 64 * 1024 {
                        frame(container, wanted.next, wanted.stamped, &mut frames);
                        wanted.next += 1;
                    }
                    container.is_up()
                };
                if !frames.is_empty() {
                    return Some((frames.freeze(), (daemon, id, wanted)));
                }
                // The daemon ends what it follows when the container ends.
                if !wanted.follow || !running {
                    return None;
                }
                tokio::time::sleep(EVERY / 2).await;
            }
        },
    )
    .boxed()
}

/// A line in its frame: the stream's number, three zeros, the length, the line.
fn frame(container: &Container, number: i64, stamped: bool, out: &mut BytesMut) {
    let at = Timestamp::from_second(number / LINES).unwrap_or(Timestamp::UNIX_EPOCH)
        + SignedDuration::from_millis(number % LINES * 500);
    let salt = super::super::random::hash(&container.id);
    let chance = fraction(number.unsigned_abs(), salt);
    let ends = container.exit_code != 0
        || matches!(container.life, super::world::Life::Ends { code, .. } if code != 0);
    let (stream, level, words) = match chance {
        chance if chance < 0.04 || ends && chance < 0.4 => {
            (2_u8, "error", "upstream refused the connection")
        }
        chance if chance < 0.12 => (1, "warn", "slow answer from the database"),
        _ => (1, "info", "request served"),
    };
    let millis = (chance * 900.0) as u32;
    let line = format!(
        "{{\"level\":\"{level}\",\"msg\":\"{words}\",\"service\":\"{}\",\"duration_ms\":{millis}}}\n",
        container.name
    );
    let stamp = if stamped {
        format!("{at} ")
    } else {
        String::new()
    };
    out.put_u8(stream);
    out.put_bytes(0, 3);
    out.put_u32(u32::try_from(stamp.len() + line.len()).unwrap_or(u32::MAX));
    out.put_slice(stamp.as_bytes());
    out.put_slice(line.as_bytes());
}
