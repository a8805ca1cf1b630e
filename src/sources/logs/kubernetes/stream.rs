//! One container followed through all its instances: what the previous one wrote, what this one writes, why it ended,
//! what the next one writes.
//!
//! An answer that ends proves nothing: the API server ends it just so when its own link to the kubelet breaks. So it is
//! asked again from where it ended, until the pod's status says that this very instance has terminated; then its log is
//! read once more to its end, and only then is it over. What must stay true: a stream never ends or jumps without a mark
//! that says so.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::time::sleep_until;

use super::answer::{Container, Outcome, Query};
use super::pod::{End, State, Status};
use crate::clients::clock;
use crate::clients::fault::Fault;
use crate::model::{LogMarkKind, LogSince, LogState, Text};
use crate::sources::backoff::{Backoff, DENIED};
use crate::sources::logs::known::Known;
use crate::sources::logs::out::now;
use crate::sources::logs::past::Past;
use crate::sources::logs::session::{Tail, missing};

/// A container that restarted within this time has its previous instance told too.
const LATELY_SECONDS: i64 = 600;
/// Tries of a reading that does not follow.
const TRIES: u32 = 4;
/// The kubelet may know of a new instance before the API server does.
const SETTLING: Duration = Duration::from_millis(300);
/// A container that should be readable is asked again after this time, whatever its status says.
const AGAIN: Duration = Duration::from_secs(10);

/// What is known of the container from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) version: u64,
    pub(super) status: Status,
    /// Why there will be nothing more.
    pub(super) gone: Option<Text>,
}

/// How to read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    pub(super) since: LogSince,
    pub(super) follow: bool,
    pub(super) previous: bool,
    /// The container came while we were reading: all of it is told.
    pub(super) joined: bool,
}

/// A container being followed.
pub(super) struct Stream {
    pub(super) container: Container,
    pub(super) manner: Manner,
    pub(super) seen: watch::Receiver<Seen>,
    pub(super) permits: Arc<Semaphore>,
    pub(super) tail: Tail,
    past: Past<Container>,
    /// As asked here, when that is newer than what was seen.
    fresh: Seen,
    backoff: Backoff,
    /// Instances that were told to their end.
    done: Vec<String>,
    /// How many restarts came before the last of them.
    restarts: u32,
}

/// How the reading of an instance came to its end.
enum Over {
    Told,
    /// Not readable now; the status will say when.
    Wait,
}

impl Stream {
    pub(super) fn new(
        container: Container,
        manner: Manner,
        seen: watch::Receiver<Seen>,
        older: watch::Receiver<u32>,
        permits: Arc<Semaphore>,
        tail: Tail,
    ) -> Self {
        Self {
            past: Past::new(container.clone(), older),
            container,
            manner,
            seen,
            permits,
            tail,
            fresh: Seen::default(),
            backoff: Backoff::default(),
            done: Vec::new(),
            restarts: 0,
        }
    }

    /// Follows the container until it is gone, or to the end of what there is.
    pub(super) async fn run(mut self) {
        self.before().await;
        while !self.tail.out.is_closed() {
            let seen = self.seen();
            let current = seen.status.current().map(|instance| instance.id.to_owned());
            if let Some(id) = current.filter(|id| !self.done.contains(id)) {
                self.skipped(&seen.status).await;
                if let (State::Running { since, .. }, Some(_)) =
                    (&seen.status.state, self.done.last())
                {
                    let words = format!("restarted, {} so far", times(seen.status.restarts));
                    self.tail.out.mark(*since, LogMarkKind::Turn, &words).await;
                }
                match self.instance(&id).await {
                    Over::Told => self.done.push(id),
                    Over::Wait => {
                        if !self.manner.follow {
                            return;
                        }
                        self.idle(Some(AGAIN)).await;
                    }
                }
                continue;
            }
            if let Some(why) = seen.gone {
                return self.tail.out.state(LogState::Ended { why }).await;
            }
            let state = at_rest(&seen.status);
            if !self.manner.follow {
                let why = match state {
                    LogState::Waiting { why } if self.done.is_empty() => why,
                    _ => Text::new("all read"),
                };
                self.tail.out.state(LogState::Ended { why }).await;
                return;
            }
            self.tail.out.state(state).await;
            self.idle(None).await;
        }
    }

    /// The newest that is known of the container.
    fn seen(&mut self) -> Seen {
        let seen = self.seen.borrow_and_update();
        let newer = seen.version >= self.fresh.version || seen.gone.is_some();
        if newer && self.fresh.gone.is_none() {
            seen.clone()
        } else {
            self.fresh.clone()
        }
    }

    /// The instance before comes first when it is asked for, or when it has just crashed.
    async fn before(&mut self) {
        let status = self.seen().status;
        let Some(previous) = status.previous() else {
            return;
        };
        let lately = previous
            .end
            .is_some_and(|end| now() - end.at < LATELY_SECONDS * 1_000_000_000);
        let tailing = matches!(self.manner.since, LogSince::Tail(count) if count > 0);
        if self.manner.previous || (lately && tailing && self.manner.follow) {
            let id = previous.id.to_owned();
            self.tail.out.previous = true;
            if matches!(self.instance(&id).await, Over::Told) {
                self.done.push(id);
            }
            self.tail.out.previous = false;
        }
    }

    /// The instance before is read if it was not; those that came and went unseen are said to be missing.
    async fn skipped(&mut self, status: &Status) {
        if self.done.is_empty() {
            self.restarts = status.restarts;
            return;
        }
        let last = status.previous().map(|instance| instance.id.to_owned());
        let last = last.filter(|id| !self.done.contains(id));
        let between = status.restarts.saturating_sub(self.restarts + 1);
        let unseen = between.saturating_sub(u32::from(last.is_some()));
        self.restarts = status.restarts;
        if unseen > 0 {
            let since = self.tail.known.newest().unwrap_or_else(now);
            let why = format!("it restarted {} unseen", times(unseen));
            missing(&mut self.tail.out, since, &why).await;
        }
        if let Some(last) = last {
            self.tail.out.previous = true;
            if matches!(self.instance(&last).await, Over::Told) {
                self.done.push(last);
            }
            self.tail.out.previous = false;
        }
    }

    /// Reads an instance to its end.
    async fn instance(&mut self, id: &str) -> Over {
        let tailed =
            self.done.is_empty() && !self.manner.joined && self.manner.since != LogSince::Start;
        self.tail.known = if tailed {
            Known::default()
        } else {
            Known::of_all()
        };
        self.tail.counting = self.done.is_empty();
        if self.done.is_empty() {
            self.past.of(id);
        }
        let (mut begun, mut resumed, mut clean) = (None, false, false);
        loop {
            let seen = self.seen();
            let Some(instance) = seen.status.find(id) else {
                // Ended twice without a fault and gone: that was its end.
                if !clean {
                    let since = self.tail.known.newest().unwrap_or_else(now);
                    let why = "it was gone before its end could be read";
                    missing(&mut self.tail.out, since, why).await;
                }
                return Over::Told;
            };
            let end = instance.end.cloned();
            let last = end.is_some() || !self.manner.follow;
            let query = Query {
                id,
                previous: instance.previous,
                parameters: self.parameters(instance.previous, !last, begun),
                resumed,
                last,
            };
            self.tail.known.again(begun);
            let outcome;
            (outcome, begun) = self.answer(&query, &seen.status).await;
            match outcome {
                Outcome::Ended if last => {
                    if let Some(since) = self.tail.known.ended() {
                        self.tail.out.gap(since);
                    }
                    match end {
                        Some(end) => self.end(&end).await,
                        None => {
                            self.tail.out.flush().await;
                        }
                    }
                    return Over::Told;
                }
                Outcome::Ended => {
                    self.look().await;
                    let now = self.seen();
                    // A link that breaks just as the pod goes is not to be believed in; one that broke before is.
                    clean = resumed || now.gone.is_some();
                    if now.gone.is_none()
                        && now.status.find(id).is_some_and(|now| now.end.is_none())
                    {
                        let pause = self.backoff.soon();
                        if !pause.is_zero() {
                            let cause = "the log ended though its container runs";
                            self.reconnecting(cause, pause).await;
                        }
                        self.pause(pause).await;
                    }
                }
                Outcome::Slow => {}
                Outcome::Other => {
                    // Another instance answers; the status will say so in a moment.
                    clean = true;
                    self.look().await;
                    self.pause(SETTLING).await;
                }
                Outcome::Broke(cause) => {
                    clean = false;
                    let pause = self.backoff.soon();
                    self.reconnecting(&cause, pause).await;
                    self.pause(pause).await;
                }
                Outcome::Fault(fault) => {
                    clean = clean && fault == Fault::NotFound;
                    if let Some(over) = self.fault(&fault, &query).await {
                        return over;
                    }
                }
            }
            resumed = true;
        }
    }

    /// What to do about an answer that did not come. None: try again.
    async fn fault(&mut self, fault: &Fault, query: &Query<'_>) -> Option<Over> {
        match fault {
            Fault::Refused { code: 400, message } => {
                self.look().await;
                if query.previous {
                    let since = self.tail.known.newest().unwrap_or_else(now);
                    missing(
                        &mut self.tail.out,
                        since,
                        "the previous instance is no longer kept",
                    )
                    .await;
                    return Some(Over::Told);
                }
                let why = Text::new(waiting(message));
                let state = if self.manner.follow {
                    LogState::Waiting { why }
                } else {
                    LogState::Ended { why }
                };
                self.tail.out.state(state).await;
                Some(Over::Wait)
            }
            Fault::Forbidden(_) => {
                let namespace = &self.container.namespace;
                let why = format!("not permitted: get pods/log in {namespace}");
                let why = Text::from(why);
                self.tail.out.state(LogState::Refused { why }).await;
                if !self.manner.follow {
                    return Some(Over::Wait);
                }
                let pause = self.backoff.spread(DENIED);
                self.pause(pause).await;
                None
            }
            Fault::NotFound => {
                self.look().await;
                if self.seen().gone.is_none() {
                    let pause = self.backoff.after(fault);
                    self.reconnecting("the pod is not found", pause).await;
                    self.pause(pause).await;
                }
                None
            }
            fault => {
                let pause = self.backoff.after(fault);
                if !self.manner.follow && self.backoff.failures() >= TRIES {
                    let why = Text::from(fault.to_string());
                    self.tail.out.state(LogState::Refused { why }).await;
                    return Some(Over::Wait);
                }
                self.reconnecting(&fault.to_string(), pause).await;
                self.pause(pause).await;
                None
            }
        }
    }

    /// Says how an instance ended, behind its last line.
    async fn end(&mut self, end: &End) {
        let at = end.at.max(self.tail.known.newest().unwrap_or(i64::MIN));
        let kind = if end.well() {
            LogMarkKind::Turn
        } else {
            LogMarkKind::Failure
        };
        let words = format!("ended: {}", end.words());
        self.tail.out.mark(at, kind, &words).await;
    }

    fn parameters(&self, previous: bool, follow: bool, begun: Option<i64>) -> String {
        let mut query = String::new();
        if follow {
            query.push_str("&follow=true");
        }
        if previous {
            query.push_str("&previous=true");
        }
        let first = self.done.is_empty() && !self.manner.joined;
        let from = match (self.tail.known.since(begun), self.manner.since) {
            (Some(second), _) => since(second),
            (None, LogSince::Tail(lines)) if first => format!("&tailLines={lines}"),
            (None, LogSince::Moment(moment)) if first => since(moment.second()),
            (None, _) => String::new(),
        };
        query + &from
    }

    /// Reads an answer once it is this stream's turn.
    async fn answer(&mut self, query: &Query<'_>, status: &Status) -> (Outcome, Option<i64>) {
        let permit = if let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() {
            Ok(permit)
        } else {
            self.tail.out.state(LogState::Queued).await;
            Arc::clone(&self.permits).acquire_owned().await
        };
        let before = self.tail.known.newest();
        let container = self.container.clone();
        let answer = container.read(query, status, &mut self.tail, &mut self.past);
        let answer = answer.await;
        drop(permit);
        if self.tail.known.newest() > before {
            // It brought something: whatever ended it is the first of its kind.
            self.backoff.reset();
        }
        answer
    }

    /// Waits for news of the container, or so long.
    async fn idle(&mut self, most: Option<Duration>) {
        let most = most.map(|most| tokio::time::Instant::now() + most);
        loop {
            let most = async {
                match most {
                    Some(most) => sleep_until(most).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                Ok(()) = self.seen.changed() => return,
                news = self.past.news() => {
                    let place = self.seen().status.place(self.past.id());
                    self.past.act(news, place, &mut self.tail).await;
                }
                () = most => return,
            }
        }
    }

    /// Waits before another try; news of the container end it.
    async fn pause(&mut self, pause: Duration) {
        if !pause.is_zero() {
            let _ = tokio::time::timeout(pause, self.seen.changed()).await;
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

    /// Asks for the pod itself, as the watch may be behind.
    async fn look(&mut self) {
        if let Some(seen) = self.container.look().await {
            let gone = seen.gone.is_some();
            if gone || seen.version >= self.fresh.version {
                self.fresh = seen;
            }
        }
    }
}

/// Where a container stands that has nothing to tell now.
fn at_rest(status: &Status) -> LogState {
    match &status.state {
        State::Ended(end) => LogState::Ended {
            why: Text::from(end.words()),
        },
        State::Waiting(_) | State::Running { .. } => LogState::Waiting {
            why: status.waiting(),
        },
    }
}

/// `once`, `3 times`
fn times(count: u32) -> String {
    if count == 1 {
        "once".to_owned()
    } else {
        format!("{count} times")
    }
}

fn since(second: i64) -> String {
    let time = jiff::Timestamp::from_second(second).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    format!("&sinceTime={time}")
}

/// The reason in the server's words: `container "shop" in pod "x" is waiting to start: ContainerCreating`.
fn waiting(message: &str) -> &str {
    let reason = message.rsplit_once("waiting to start: ");
    reason.map_or(message, |(_, reason)| reason)
}
