//! The way out of one stream: its lines in blocks, and everything else that is said of it, in order.
//!
//! A reader fills it while its socket has more, and hands over what is due. Nothing is ever dropped here: while whoever
//! listens is slow, [`Out::flush`] waits and says for how long, and the reader then lets its connection go and takes the
//! log up again where it was told last. So a slow screen costs a reconnection and no line.

use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::line::Line;
use crate::logs::Intake;
use crate::model::{
    EndpointId, Key, LogBatch, LogChange, LogCounts, LogFlags, LogMark, LogMarkKind, LogReading,
    LogState, Text,
};

/// How long lines gather.
const GATHER: Duration = Duration::from_millis(20);

/// Whom a reading's changes go to.
#[derive(Clone)]
pub struct Outlet {
    pub reading: LogReading,
    pub endpoint: EndpointId,
    pub batches: mpsc::Sender<LogBatch>,
}

/// The way out of one stream.
pub struct Out {
    outlet: Outlet,
    key: Key,
    intake: Intake,
    counts: LogCounts,
    /// Since when lines have gathered.
    gathered: Option<Instant>,
    state: Option<LogState>,
    gap: Option<i64>,
    /// Lines are from an instance before the current one.
    pub previous: bool,
}

impl Outlet {
    /// Says something of the reading; nothing happens if nobody listens any more.
    pub async fn say(&self, changes: Vec<LogChange>) {
        if let Ok(permit) = self.batches.reserve().await {
            permit.send(self.batch(changes));
        }
    }

    fn batch(&self, changes: Vec<LogChange>) -> LogBatch {
        LogBatch {
            reading: self.reading,
            endpoint: self.endpoint,
            changes,
        }
    }
}

impl Out {
    pub fn new(outlet: Outlet, key: Key) -> Self {
        Self {
            outlet,
            key,
            intake: Intake::new(),
            counts: LogCounts::default(),
            gathered: None,
            state: None,
            gap: None,
            previous: false,
        }
    }

    pub fn outlet(&self) -> &Outlet {
        &self.outlet
    }

    pub fn key(&self) -> Key {
        self.key
    }

    /// Takes a line.
    pub fn line(&mut self, line: &Line<'_>) {
        self.intake
            .push(line.text, line.time, now(), flags(line, self.previous));
        self.gathered.get_or_insert_with(Instant::now);
    }

    /// A line came that was told before.
    pub fn duplicate(&mut self) {
        self.counts.duplicates += 1;
    }

    /// Lines may be missing since a time, before the lines that are taken next.
    pub fn gap(&mut self, since: i64) {
        self.gap = Some(since);
    }

    /// Lines were lost before they came here.
    pub fn dropped(&mut self, lines: u64) {
        self.counts.dropped += lines;
    }

    pub fn is_full(&self) -> bool {
        self.intake.is_full()
    }

    /// Waits until lines are due. Never resolves while there are none. Cancel-safe.
    pub async fn due(&self) {
        match self.gathered {
            Some(since) => sleep_until(since + GATHER).await,
            None => std::future::pending().await,
        }
    }

    /// Hands over what has gathered. Says how long nobody took it. Cancel-safe.
    pub async fn flush(&mut self) -> Duration {
        let begun = Instant::now();
        if !self.intake.is_empty() || self.gap.is_some() || self.counts != LogCounts::default() {
            self.hand_over(None).await;
        }
        begun.elapsed()
    }

    /// Says something behind all lines that were taken.
    pub async fn say(&mut self, change: LogChange) {
        self.hand_over(Some(change)).await;
    }

    async fn hand_over(&mut self, last: Option<LogChange>) {
        let batches = self.outlet.batches.clone();
        // The lines stay here until there is room for them, so that nothing is lost if we do not come back.
        let permit = batches.reserve().await;
        let mut changes = self.gathered();
        changes.extend(last);
        if let Ok(permit) = permit {
            permit.send(self.outlet.batch(changes));
        }
    }

    /// Whether nobody listens any more.
    pub fn is_closed(&self) -> bool {
        self.outlet.batches.is_closed()
    }

    /// Says where the stream stands, if that is news.
    pub async fn state(&mut self, state: LogState) {
        if self.state.as_ref() != Some(&state) {
            self.state = Some(state.clone());
            self.say(LogChange::State(self.key, state)).await;
        }
    }

    /// Puts a mark between the lines.
    pub async fn mark(&mut self, time: i64, kind: LogMarkKind, words: &str) {
        let mark = LogMark {
            time,
            kind,
            words: Text::new(words),
        };
        self.say(LogChange::Mark(Some(self.key), mark)).await;
    }

    fn gathered(&mut self) -> Vec<LogChange> {
        self.gathered = None;
        let mut changes = Vec::new();
        if let Some(since) = self.gap.take() {
            let mark = LogMark {
                time: since,
                kind: LogMarkKind::Gap,
                words: Text::new(
                    "lines may be missing: the engine no longer has the last one that was read",
                ),
            };
            changes.push(LogChange::Mark(Some(self.key), mark));
        }
        if !self.intake.is_empty() {
            changes.push(LogChange::Lines(self.key, self.intake.take()));
        }
        if self.counts != LogCounts::default() {
            changes.push(LogChange::Counts(
                self.key,
                std::mem::take(&mut self.counts),
            ));
        }
        changes
    }
}

/// What is special about a line as it came.
pub fn flags(line: &Line<'_>, previous: bool) -> LogFlags {
    let mut flags = LogFlags::NONE;
    if line.stderr {
        flags = flags.with(LogFlags::STDERR);
    }
    if line.cut > 0 {
        flags = flags.with(LogFlags::CUT);
    }
    if previous {
        flags = flags.with(LogFlags::PREVIOUS);
    }
    flags
}

/// Now, in nanoseconds since 1970.
pub fn now() -> i64 {
    i64::try_from(Timestamp::now().as_nanosecond()).unwrap_or(i64::MAX)
}
