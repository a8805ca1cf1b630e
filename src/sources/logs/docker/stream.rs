//! One container followed: its log goes on through restarts, its end and its start are marked.
//!
//! The daemon ends an answer when the container stops, when it restarts itself, and when it is told to. So the container
//! is looked at: while it runs, the log is taken up again where it ended; once it has stopped, it is read once more to
//! its end, and then waits for a start.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{Semaphore, watch};

use crate::clients::clock;
use crate::clients::docker::Reader;
use crate::clients::fault::Fault;
use crate::model::{LogMarkKind, LogSince, LogState, Moment, Text};
use crate::sources::backoff::Backoff;
use crate::sources::logs::frames::Frames;
use crate::sources::logs::known::Known;
use crate::sources::logs::older::Older;
use crate::sources::logs::out::{Out, now};
use crate::sources::logs::past::{Back, Past, Place};
use crate::sources::logs::session::{self, Happened, Session, Split, Tail};

/// After so long without a word the daemon is asked whether it still is there.
const QUIET: Duration = Duration::from_secs(30);
/// A daemon sends no head before the first line.
const NO_HEAD: Duration = Duration::from_secs(1);
const TRIES: u32 = 4;

/// Which container, and whom to ask.
#[derive(Clone)]
pub(super) struct Container {
    pub(super) reader: Reader,
    pub(super) id: String,
    /// It has a terminal: its log is raw bytes.
    pub(super) tty: bool,
}

/// A container being followed.
pub(super) struct Stream {
    container: Container,
    /// Something has happened to the container.
    news: watch::Receiver<u32>,
    tail: Tail,
    past: Past<Container>,
    backoff: Backoff,
    pub(super) since: LogSince,
    pub(super) follow: bool,
    /// It came while we were reading: all of it is told.
    pub(super) joined: bool,
    pub(super) permits: Arc<Semaphore>,
}

/// What a look at the container says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Look {
    tty: bool,
    running: bool,
    /// `created`, `exited`, …
    state: String,
    exit: i64,
    out_of_memory: bool,
    finished: Option<i64>,
    started: Option<i64>,
}

enum Outcome {
    Ended,
    Broke(String),
    Slow,
    Fault(Fault),
}

impl Stream {
    pub(super) fn new(
        container: Container,
        news: watch::Receiver<u32>,
        older: watch::Receiver<u32>,
        out: Out,
    ) -> Self {
        Self {
            past: Past::new(container.clone(), older),
            container,
            news,
            tail: Tail {
                known: Known::default(),
                out,
                older: Older::default(),
                counting: true,
            },
            backoff: Backoff::default(),
            since: LogSince::default(),
            follow: false,
            joined: false,
            permits: Arc::new(Semaphore::new(1)),
        }
    }

    /// Follows the container until it is removed, or to the end of what there is.
    pub(super) async fn run(mut self) {
        let mut begun = None;
        let mut resumed = false;
        // The end that was told last, so that each is told once.
        let mut told = None;
        let mut stopped = false;
        while !self.tail.out.is_closed() {
            self.news.mark_unchanged();
            let look = match self.container.look().await {
                Ok(Some(look)) => look,
                Ok(None) => return self.removed(told.is_some()).await,
                Err(fault) => {
                    if self.failed(&fault).await {
                        return;
                    }
                    continue;
                }
            };
            if look.state == "created" {
                if self
                    .rest(LogState::Waiting {
                        why: Text::new("not started"),
                    })
                    .await
                {
                    return;
                }
                continue;
            }
            if stopped && !look.running && told == look.finished {
                let state = LogState::Ended {
                    why: Text::from(look.words()),
                };
                if self.rest(state).await {
                    return;
                }
                continue;
            }
            if stopped && look.running {
                let at = look.started.unwrap_or_else(now);
                self.tail
                    .out
                    .mark(at, LogMarkKind::Turn, "started again")
                    .await;
            }
            stopped = false;
            self.container.tty = look.tty;
            self.past.with(self.container.clone());
            let last = !look.running || !self.follow;
            let path = self.path(!last, begun);
            self.tail.known.again(begun);
            let outcome;
            (outcome, begun) = self.answer(&path, resumed, last).await;
            resumed = true;
            match outcome {
                Outcome::Ended if last => {
                    if let Some(since) = self.tail.known.ended() {
                        self.tail.out.gap(since);
                        self.tail.out.flush().await;
                    }
                    if look.running {
                        let why = Text::new("all read");
                        return self.tail.out.state(LogState::Ended { why }).await;
                    }
                    self.ended(&look).await;
                    (stopped, told) = (true, look.finished);
                }
                Outcome::Ended | Outcome::Slow => {
                    let pause = self.backoff.soon();
                    self.pause(pause).await;
                }
                Outcome::Broke(cause) => {
                    let pause = self.backoff.soon();
                    self.reconnecting(&cause, pause).await;
                    self.pause(pause).await;
                }
                Outcome::Fault(fault) => {
                    if self.failed(&fault).await {
                        return;
                    }
                }
            }
        }
    }

    /// Says how the container ended, behind its last line.
    async fn ended(&mut self, look: &Look) {
        let at = look.finished.unwrap_or_else(now);
        let at = at.max(self.tail.known.newest().unwrap_or(i64::MIN));
        let kind = if look.exit == 0 {
            LogMarkKind::Turn
        } else {
            LogMarkKind::Failure
        };
        let words = format!("ended: {}", look.words());
        self.tail.out.mark(at, kind, &words).await;
    }

    async fn removed(&mut self, ended: bool) {
        if !ended && self.tail.known.newest().is_some() && self.follow {
            let since = self.tail.known.newest().unwrap_or_else(now);
            let why = "the container was removed before its end could be read";
            session::missing(&mut self.tail.out, since, why).await;
        }
        let why = Text::new("removed");
        self.tail.out.state(LogState::Ended { why }).await;
    }

    /// What to do about a fault; whether the stream is over.
    async fn failed(&mut self, fault: &Fault) -> bool {
        // What this daemon's log driver cannot do it will not do later either.
        let never = match fault {
            Fault::Refused { code, message } => {
                *code == 501 || message.contains("does not support reading")
            }
            Fault::Forbidden(_) => true,
            _ => false,
        };
        let pause = self.backoff.after(fault);
        if never || (!self.follow && self.backoff.failures() >= TRIES) {
            let why = Text::from(fault.to_string());
            self.tail.out.state(LogState::Refused { why }).await;
            return true;
        }
        if *fault != Fault::NotFound {
            self.reconnecting(&fault.to_string(), pause).await;
            self.pause(pause).await;
        }
        false
    }

    /// Waits for news of the container; whether there is nothing to wait for.
    async fn rest(&mut self, state: LogState) -> bool {
        let state = match state {
            LogState::Waiting { why } if !self.follow => LogState::Ended { why },
            state => state,
        };
        self.tail.out.state(state).await;
        if !self.follow {
            return true;
        }
        loop {
            tokio::select! {
                changed = self.news.changed() => {
                    if changed.is_err() {
                        // Gone from the list: one more look says so.
                        tokio::time::sleep(Duration::from_secs(1)).await;
                    }
                    return false;
                }
                news = self.past.news() => {
                    self.past.act(news, Some(Place::default()), &mut self.tail).await;
                }
            }
        }
    }

    async fn pause(&mut self, pause: Duration) {
        if !pause.is_zero() {
            let _ = tokio::time::timeout(pause, self.news.changed()).await;
        }
    }

    async fn reconnecting(&mut self, cause: &str, pause: Duration) {
        let state = LogState::Reconnecting {
            since: clock::now(),
            cause: Text::new(cause),
            retry_at: (!pause.is_zero()).then(|| clock::after(pause)),
        };
        self.tail.out.state(state).await;
    }

    fn path(&self, follow: bool, begun: Option<i64>) -> String {
        let from = match (self.tail.known.since(begun), self.since) {
            (Some(second), _) => format!("&since={second}"),
            (None, LogSince::Tail(lines)) if !self.joined => format!("&tail={lines}"),
            (None, LogSince::Moment(moment)) if !self.joined => {
                format!("&since={}", Moment::second(moment))
            }
            (None, _) => String::new(),
        };
        let follow = if follow { "&follow=1" } else { "" };
        self.container.path(&format!("{follow}{from}"))
    }

    /// Reads one answer to its end. Says when the line was begun whose end did not come.
    async fn answer(&mut self, path: &str, resumed: bool, last: bool) -> (Outcome, Option<i64>) {
        let permit = if let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() {
            Ok(permit)
        } else {
            self.tail.out.state(LogState::Queued).await;
            Arc::clone(&self.permits).acquire_owned().await
        };
        let before = self.tail.known.newest();
        let container = self.container.clone();
        let (tail, past) = (&mut self.tail, &mut self.past);
        let answer = container.read(path, resumed, last, tail, past).await;
        drop(permit);
        if self.tail.known.newest() > before {
            self.backoff.reset();
        }
        answer
    }
}

impl Container {
    fn path(&self, parameters: &str) -> String {
        let id = &self.id;
        format!("/containers/{id}/logs?stdout=1&stderr=1&timestamps=1{parameters}")
    }

    async fn read(
        &self,
        path: &str,
        resumed: bool,
        last: bool,
        tail: &mut Tail,
        past: &mut Past<Self>,
    ) -> (Outcome, Option<i64>) {
        let answer = self.reader.stream(path);
        tokio::pin!(answer);
        let answer = loop {
            tokio::select! {
                answer = &mut answer => match answer {
                    Ok(answer) => break answer,
                    Err(fault) => return (Outcome::Fault(fault), None),
                },
                news = past.news() => past.act(news, Some(Place::default()), tail).await,
                () = tokio::time::sleep(NO_HEAD) => tail.out.state(LogState::Live).await,
            }
        };
        tail.out.state(LogState::Live).await;
        let mut body = answer.into_body();
        let mut session = Session::new(self.split(), resumed, false, QUIET);
        let outcome = loop {
            let happened = tokio::select! {
                happened = session.next(&mut body, tail) => happened,
                news = past.news() => {
                    past.act(news, Some(Place::default()), tail).await;
                    continue;
                }
            };
            match happened {
                Happened::Ended => {
                    if last {
                        session.finish(tail).await;
                    }
                    break Outcome::Ended;
                }
                Happened::Broke(cause) => break Outcome::Broke(cause),
                Happened::Slow => break Outcome::Slow,
                Happened::Doubt => session.accept(tail).await,
                Happened::Quiet => {
                    if let Err(fault) = self.reader.ping().await {
                        break Outcome::Broke(fault.to_string());
                    }
                }
            }
        };
        (outcome, session.begun())
    }

    /// Looks at the container. None: there is none of this id any more.
    async fn look(&self) -> Result<Option<Look>, Fault> {
        match self
            .reader
            .json(&format!("/containers/{}/json", self.id))
            .await
        {
            Ok(object) => Ok(Some(Look::read(&object))),
            Err(Fault::NotFound) => Ok(None),
            Err(fault) => Err(fault),
        }
    }
}

impl Back for Container {
    fn split(&self) -> Split {
        Split::Frames(Frames::new(self.tty))
    }

    async fn tail(
        &self,
        lines: u64,
        _previous: bool,
        each: impl FnMut(&[u8]) -> bool + Send,
    ) -> Result<(), Fault> {
        let answer = self
            .reader
            .stream(&self.path(&format!("&tail={lines}")))
            .await?;
        session::whole(answer.into_body(), each).await
    }
}

impl Look {
    fn read(object: &Value) -> Self {
        let yes = |at: &str| object.pointer(at).and_then(Value::as_bool) == Some(true);
        let word = |at: &str| {
            object
                .pointer(at)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let time = |at: &str| {
            let time: jiff::Timestamp = word(at).parse().ok()?;
            // A container that never ended did so in the year 1.
            i64::try_from(time.as_nanosecond())
                .ok()
                .filter(|nanos| *nanos > 0)
        };
        let state = word("/State/Status").to_owned();
        Self {
            tty: yes("/Config/Tty"),
            // Between two tries of its restart policy it is as good as ended.
            running: yes("/State/Running") && state != "restarting",
            state,
            exit: object
                .pointer("/State/ExitCode")
                .and_then(Value::as_i64)
                .unwrap_or_default(),
            out_of_memory: yes("/State/OOMKilled"),
            finished: time("/State/FinishedAt"),
            started: time("/State/StartedAt"),
        }
    }

    fn words(&self) -> String {
        if self.out_of_memory {
            return format!("out of memory (exit {})", self.exit);
        }
        format!("exit {}", self.exit)
    }
}
