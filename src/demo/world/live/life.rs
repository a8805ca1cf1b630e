//! A pod's life: where it stands, since when, and when something next happens to it. The kubelet moves it on.

use jiff::{SignedDuration, Timestamp};

/// Where a pod stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// No node yet.
    Unscheduled,
    /// Volumes, network, images.
    Creating,
    /// The registry just said no; next comes the wait.
    PullError,
    /// Waiting before the next try.
    PullBackOff,
    Init,
    /// An init container ended badly and waits to be tried again.
    InitBackOff,
    Running,
    /// The container just ended.
    Ended,
    /// The container waits before its restart.
    BackOff,
    /// All containers ended for good.
    Done,
    /// Thrown off its node.
    Evicted,
}

/// How a container ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) code: i64,
    pub(crate) reason: &'static str,
    pub(crate) says: String,
    pub(crate) started: Timestamp,
    pub(crate) finished: Timestamp,
}

/// One pod's life.
#[derive(Debug, Clone)]
pub(crate) struct Life {
    pub(crate) uid: String,
    pub(crate) workload: String,
    pub(crate) stage: Stage,
    pub(crate) since: Timestamp,
    /// When something next happens.
    pub(crate) due: Option<Timestamp>,
    pub(crate) node: String,
    pub(crate) ip: String,
    /// When the kubelet took it.
    pub(crate) taken: Option<Timestamp>,
    pub(crate) started: Option<Timestamp>,
    pub(crate) ready_since: Option<Timestamp>,
    pub(crate) unready_since: Timestamp,
    pub(crate) initialised: Option<Timestamp>,
    pub(crate) restarts: i64,
    /// Tries at pulling, or restarts of an init container.
    pub(crate) tries: i64,
    pub(crate) end: Option<End>,
    /// When it is gone; set once it is asked to go.
    pub(crate) leaves: Option<Timestamp>,
    /// Its node is not heard of.
    pub(crate) lost: bool,
    /// The scheduler's words.
    pub(crate) says: String,
}

impl Life {
    pub(crate) fn new(uid: String, workload: String, now: Timestamp) -> Self {
        Self {
            uid,
            workload,
            stage: Stage::Unscheduled,
            since: now,
            due: Some(later(now, 300)),
            node: String::new(),
            ip: String::new(),
            taken: None,
            started: None,
            ready_since: None,
            unready_since: now,
            initialised: None,
            restarts: 0,
            tries: 0,
            end: None,
            leaves: None,
            lost: false,
            says: String::new(),
        }
    }

    /// Enters a stage; `then` is in how many milliseconds something happens next.
    pub(crate) fn enter(&mut self, stage: Stage, now: Timestamp, then: Option<i64>) {
        self.stage = stage;
        self.since = now;
        self.due = then.map(|ms| later(now, ms));
        if stage != Stage::Running && self.ready_since.take().is_some() {
            self.unready_since = now;
        }
    }

    pub(crate) fn ready(&self) -> bool {
        self.ready_since.is_some() && !self.lost
    }
}

/// A time some milliseconds later.
pub(crate) fn later(at: Timestamp, milliseconds: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_millis(milliseconds))
        .unwrap_or(at)
}

/// The wait before the nth retry: ten seconds, doubled each time, five minutes at most.
pub(crate) fn back_off(tries: i64) -> i64 {
    (10_i64 << (tries - 1).clamp(0, 5)).min(300)
}

/// Seconds as a back-off message writes them.
pub(crate) fn spelled(seconds: i64) -> String {
    match (seconds / 60, seconds % 60) {
        (0, s) => format!("{s}s"),
        (m, s) => format!("{m}m{s}s"),
    }
}
