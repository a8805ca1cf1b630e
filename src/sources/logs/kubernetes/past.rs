//! Older lines of a container than those that were read: step by step back, through its current instance and the one
//! before.
//!
//! Each step runs beside the live reading and ends where the known lines begin. See [`Older`] for how it grows.

use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;

use super::answer::Container;
use super::pod::Status;
use crate::clients::fault::Fault;
use crate::logs::Intake;
use crate::model::{LogBlock, LogChange, LogFlags, LogMarkKind, LogPast};
use crate::sources::logs::older::{Older, Step};
use crate::sources::logs::out::{flags, now};
use crate::sources::logs::records::Records;
use crate::sources::logs::session::Tail;

/// How far back a container was read.
pub(super) struct Past {
    container: Container,
    asked: watch::Receiver<u32>,
    found_tx: mpsc::Sender<Found>,
    found_rx: mpsc::Receiver<Found>,
    /// The instance whose oldest end is known.
    id: String,
    step: Option<AbortHandle>,
    /// Asked for once more while a step is under way.
    again: bool,
}

/// What a step back brought.
pub(super) struct Found {
    /// Newest first.
    blocks: Vec<LogBlock>,
    count: u64,
    oldest: Vec<(i64, Box<[u8]>)>,
    /// There is nothing older in this instance's log.
    all: bool,
    fault: Option<Fault>,
}

/// What there is to do.
pub(super) enum News {
    Asked,
    Found(Box<Found>),
}

impl Past {
    pub(super) fn new(container: Container, asked: watch::Receiver<u32>) -> Self {
        let (found_tx, found_rx) = mpsc::channel(1);
        Self {
            container,
            asked,
            found_tx,
            found_rx,
            id: String::new(),
            step: None,
            again: false,
        }
    }

    /// The first instance that is read.
    pub(super) fn of(&mut self, id: &str) {
        id.clone_into(&mut self.id);
    }

    /// Waits until there is something to do. Cancel-safe.
    pub(super) async fn news(&mut self) -> News {
        tokio::select! {
            Some(found) = self.found_rx.recv() => News::Found(Box::new(found)),
            Ok(()) = self.asked.changed() => News::Asked,
            else => std::future::pending().await,
        }
    }

    pub(super) async fn act(&mut self, news: News, status: &Status, tail: &mut Tail) {
        match news {
            News::Asked if self.step.is_some() => self.again = true,
            News::Asked => self.begin(status, tail).await,
            News::Found(found) => {
                self.step = None;
                self.take(*found, status, tail).await;
                if std::mem::take(&mut self.again) {
                    self.begin(status, tail).await;
                }
            }
        }
    }

    async fn begin(&mut self, status: &Status, tail: &mut Tail) {
        let Some(instance) = status.find(&self.id) else {
            return reaches(tail, LogPast::All).await;
        };
        reaches(tail, LogPast::Asking).await;
        let (previous, before) = (instance.previous, tail.out.previous || instance.previous);
        let (container, found) = (self.container.clone(), self.found_tx.clone());
        let step = tail.older.step();
        let task = tokio::spawn(async move {
            let flags = if before {
                LogFlags::PREVIOUS
            } else {
                LogFlags::NONE
            };
            let _ = found
                .send(back(&container, step, previous, flags).await)
                .await;
        });
        self.step = Some(task.abort_handle());
    }

    async fn take(&mut self, found: Found, status: &Status, tail: &mut Tail) {
        let key = tail.out.key();
        for block in found.blocks {
            tail.out.say(LogChange::Lines(key, block)).await;
        }
        tail.older.grown(found.count, found.oldest);
        if let Some(fault) = found.fault {
            let words = format!("older lines cannot be read: {fault}");
            tail.out.mark(now(), LogMarkKind::Gap, &words).await;
            return reaches(tail, LogPast::More).await;
        }
        if !found.all {
            return reaches(tail, LogPast::More).await;
        }
        let current = status.find(&self.id).is_some_and(|found| !found.previous);
        match status.previous().filter(|_| current) {
            Some(previous) => {
                previous.id.clone_into(&mut self.id);
                tail.older = Older::default();
                tail.counting = false;
                if let Some(end) = previous.end {
                    let words = format!("restarted: {}", end.words());
                    tail.out.mark(end.at, LogMarkKind::Failure, &words).await;
                }
                reaches(tail, LogPast::More).await;
            }
            None => reaches(tail, LogPast::All).await,
        }
    }
}

impl Drop for Past {
    fn drop(&mut self) {
        if let Some(step) = &self.step {
            step.abort();
        }
    }
}

/// Says how far back a stream reaches.
async fn reaches(tail: &mut Tail, past: LogPast) {
    let key = tail.out.key();
    tail.out.say(LogChange::Past(key, past)).await;
}

/// Reads one step back.
async fn back(container: &Container, mut step: Step, previous: bool, before: LogFlags) -> Found {
    let mut query = format!("&tailLines={}", step.tail);
    if previous {
        query.push_str("&previous=true");
    }
    let mut found = Found {
        blocks: Vec::new(),
        count: 0,
        oldest: Vec::new(),
        all: false,
        fault: None,
    };
    let (mut records, mut intake) = (Records::default(), Intake::new());
    let arrived = now();
    let read = container.whole(&query, |bytes| {
        let mut going = true;
        records.feed(bytes, |line| {
            going = going && step.is_older(&line);
            if !going {
                return;
            }
            if found.oldest.len() < 2
                && let Some(time) = line.time
            {
                found.oldest.push((time, line.text.into()));
            }
            found.count += 1;
            let flags = flags(&line, false).with(before);
            intake.push(line.text, line.time, arrived, flags);
            if intake.is_full() {
                found.blocks.push(intake.take());
            }
        });
        going
    });
    found.fault = read.await.err();
    if !intake.is_empty() {
        found.blocks.push(intake.take());
    }
    for block in &mut found.blocks {
        block.older = true;
    }
    found.blocks.reverse();
    found.all = found.fault.is_none() && found.count < step.more;
    found
}
