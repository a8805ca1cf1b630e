//! Older lines of a stream than those that were read: step by step back, through its current instance and the one before.
//!
//! Each step runs beside the live reading and ends where the known lines begin. See [`Older`] for how it grows.

use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;

use super::older::{Older, Step};
use super::out::{flags, now};
use super::session::{Split, Tail};
use crate::clients::fault::Fault;
use crate::logs::Intake;
use crate::model::{LogBlock, LogChange, LogFlags, LogMarkKind, LogPast};

/// Whoever can read the end of a log as large as one likes.
pub trait Back: Clone + Send + Sync + 'static {
    /// How its bytes become lines.
    fn split(&self) -> Split;

    /// Reads the last so many lines, handing each piece to `each` until it has enough.
    fn tail(
        &self,
        lines: u64,
        previous: bool,
        each: impl FnMut(&[u8]) -> bool + Send,
    ) -> impl Future<Output = Result<(), Fault>> + Send;
}

/// Where the instance stands whose oldest end is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// It has to be asked for as the previous one.
    pub previous: bool,
    /// The one before it: its id, how it ended, and when.
    pub before: Option<(String, String, i64)>,
}

/// How far back a stream was read.
pub struct Past<B: Back> {
    back: B,
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
pub struct Found {
    /// Newest first.
    blocks: Vec<LogBlock>,
    count: u64,
    oldest: Vec<(i64, Box<[u8]>)>,
    /// There is nothing older in this instance's log.
    all: bool,
    fault: Option<Fault>,
}

/// What there is to do.
pub enum News {
    Asked,
    Found(Box<Found>),
}

impl<B: Back> Past<B> {
    pub fn new(back: B, asked: watch::Receiver<u32>) -> Self {
        let (found_tx, found_rx) = mpsc::channel(1);
        Self {
            back,
            asked,
            found_tx,
            found_rx,
            id: String::new(),
            step: None,
            again: false,
        }
    }

    /// The first instance that is read.
    pub fn of(&mut self, id: &str) {
        id.clone_into(&mut self.id);
    }

    /// The instance whose oldest end is known.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Reads with something else from now on, such as other framing.
    pub fn with(&mut self, back: B) {
        self.back = back;
    }

    /// Waits until there is something to do. Cancel-safe.
    pub async fn news(&mut self) -> News {
        tokio::select! {
            Some(found) = self.found_rx.recv() => News::Found(Box::new(found)),
            Ok(()) = self.asked.changed() => News::Asked,
            else => std::future::pending().await,
        }
    }

    pub async fn act(&mut self, news: News, place: Option<Place>, tail: &mut Tail) {
        match news {
            News::Asked if self.step.is_some() => self.again = true,
            News::Asked => self.begin(place, tail).await,
            News::Found(found) => {
                self.step = None;
                let before = place.clone().and_then(|place| place.before);
                self.take(*found, before, tail).await;
                if std::mem::take(&mut self.again) {
                    self.begin(place, tail).await;
                }
            }
        }
    }

    async fn begin(&mut self, place: Option<Place>, tail: &mut Tail) {
        let Some(place) = place else {
            return reaches(tail, LogPast::All).await;
        };
        reaches(tail, LogPast::Asking).await;
        let (back, found) = (self.back.clone(), self.found_tx.clone());
        let flags = if place.previous {
            LogFlags::PREVIOUS
        } else {
            LogFlags::NONE
        };
        let step = tail.older.step();
        let task = tokio::spawn(async move {
            let step = one_step(&back, step, place.previous, flags).await;
            let _ = found.send(step).await;
        });
        self.step = Some(task.abort_handle());
    }

    async fn take(&mut self, found: Found, before: Option<(String, String, i64)>, tail: &mut Tail) {
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
        match before.filter(|(id, ..)| *id != self.id) {
            Some((id, words, at)) => {
                self.id = id;
                tail.older = Older::default();
                tail.counting = false;
                let words = format!("restarted: {words}");
                tail.out.mark(at, LogMarkKind::Failure, &words).await;
                reaches(tail, LogPast::More).await;
            }
            None => reaches(tail, LogPast::All).await,
        }
    }
}

impl<B: Back> Drop for Past<B> {
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
async fn one_step<B: Back>(back: &B, mut step: Step, previous: bool, before: LogFlags) -> Found {
    let mut found = Found {
        blocks: Vec::new(),
        count: 0,
        oldest: Vec::new(),
        all: false,
        fault: None,
    };
    let (mut split, mut intake) = (back.split(), Intake::new());
    let arrived = now();
    let read = back.tail(step.tail, previous, |bytes| {
        let mut going = true;
        let fed = split.feed(bytes, |line| {
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
        going && fed.is_ok()
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
