//! The second half of the loop: the watch.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use tokio::time::Instant;

use super::Reflector;
use super::body::{Answer, Next};
use super::list::number;
use super::retry::Trouble;
use crate::clients::clock::now;
use crate::clients::fault::Fault;
use crate::model::{Change, SourceStatus};
use crate::sources::kubernetes::wire::message::meta::Mark;
use crate::sources::kubernetes::wire::{Format, Garbled, Status, WatchDecoder, Word, decode};
use crate::sources::kubernetes::{jsonwatch, project};

/// Bookmarks come every minute. After this silence another connection is tried, so that with the 15 s that an answer
/// may take the screen says "stale" after 90 s at most.
const SILENCE: Duration = Duration::from_secs(75);
/// How long a streaming list may pause before its end.
const PAUSE: Duration = Duration::from_secs(15);
/// How often a silent watch looks whether the machine has slept, and how much longer than that it must have been.
const LOOK: Duration = Duration::from_secs(10);
const SLEPT: Duration = Duration::from_secs(20);
/// A watch that lasts as long is no sign of trouble.
const CALM: Duration = Duration::from_secs(10);
/// What marks the bookmark behind the last object of a streaming list.
const END: &str = "k8s.io/initial-events-end";

impl Reflector {
    /// Watches from the last version until the server ends it.
    pub(super) async fn watch(&mut self) -> Result<(), Trouble> {
        self.interner.prune();
        let query = format!(
            "watch=1&allowWatchBookmarks=true&resourceVersion={}&timeoutSeconds={}",
            self.version,
            jsonwatch::seconds(&mut self.retry.backoff)
        );
        let answer = match self.ask(&query, true).await {
            Err(Trouble::Fault(Fault::Gone)) => return Err(Trouble::Expired),
            answer => answer?,
        };
        self.sure = now();
        if !self.known.listing() {
            self.tell(SourceStatus::Live);
        }
        self.floor = number(&self.version);
        self.follow(answer, false).await
    }

    /// Lists by a watch that first tells every object, and goes on with it.
    pub(super) async fn watch_from_nothing(&mut self) -> Result<(), Trouble> {
        let query = format!(
            "watch=1&allowWatchBookmarks=true&sendInitialEvents=true\
             &resourceVersionMatch=NotOlderThan&resourceVersion=&timeoutSeconds={}",
            jsonwatch::seconds(&mut self.retry.backoff)
        );
        let answer = match self.ask(&query, true).await {
            Err(Trouble::Fault(Fault::Refused {
                code: 400 | 422, ..
            })) => {
                self.subject.streaming = false;
                return Err(Trouble::Otherwise);
            }
            answer => answer?,
        };
        self.follow(answer, true).await
    }

    async fn follow(&mut self, mut answer: Answer, mut initial: bool) -> Result<(), Trouble> {
        let format = answer.format;
        let mut decoder = WatchDecoder::new(format);
        let began = Instant::now();
        let mut heard = (began, SystemTime::now());
        loop {
            let patience = if initial { PAUSE } else { SILENCE };
            let look = (heard.0 + patience).min(Instant::now() + LOOK);
            let next = self.frame(&mut answer, look).await;
            if began.elapsed() > CALM {
                self.retry.calm();
            }
            match next? {
                Next::Frame(frame) => decoder.push(frame),
                Next::Late if heard.0.elapsed() < patience && !slept(heard) => continue,
                Next::Late if initial => {
                    self.subject.streaming = false;
                    return Err(Trouble::Otherwise);
                }
                Next::Late => return Err(Trouble::Quiet),
                Next::End if !decoder.whole() => {
                    return Err(Garbled("the stream breaks off in the middle of an event").into());
                }
                Next::End if began.elapsed() < CALM => return Err(Trouble::Short),
                Next::End => return Ok(()),
            }
            heard = (Instant::now(), SystemTime::now());
            self.sure = now();
            while let Some(word) = decoder.word()? {
                if initial
                    && let Word::Bookmark(object) = &word
                    && ends(format, object.clone())
                {
                    initial = false;
                    let version = version(format, object.clone())?;
                    self.told_up_to(version.to_string());
                    continue;
                }
                self.hear(format, word, initial)?;
                self.retry.calm();
            }
            if !initial {
                self.settle();
            }
        }
    }

    fn hear(&mut self, format: Format, word: Word, initial: bool) -> Result<(), Trouble> {
        let version = match word {
            Word::Is(object) => {
                self.is(format, object)
                    .ok_or(Garbled("an event's object cannot be read"))?
                    .1
            }
            Word::Deleted(object) => {
                let (uid, version) = project::head(format, object)
                    .ok_or(Garbled("a deleted object cannot be read"))?;
                self.known.gone(uid, version);
                self.outlet.push(Change::Gone(uid));
                version
            }
            Word::Bookmark(object) => version(format, object)?,
            Word::Error(status) => return Err(refusal(status)),
            Word::Oversize => {
                let kind = self.subject.kind.name();
                tracing::warn!(kind, "an object that is too large was skipped");
                0
            }
            Word::Unknown => 0,
        };
        // A streaming list tells objects in any order; going on from one of them would miss others.
        if !initial && version > number(&self.version) {
            self.version = version.to_string();
        }
        Ok(())
    }
}

/// Whether more time has passed by the wall clock than by the one that stands still while the machine sleeps.
fn slept((steady, wall): (Instant, SystemTime)) -> bool {
    let passed = wall.elapsed().unwrap_or_default();
    passed > steady.elapsed() + SLEPT
}

fn version(format: Format, object: Bytes) -> Result<u64, Garbled> {
    project::head(format, object)
        .map(|(_, version)| version)
        .ok_or(Garbled("a bookmark cannot be read"))
}

fn ends(format: Format, object: Bytes) -> bool {
    let mark = decode::<Mark>(format, object).and_then(|mark| mark.metadata);
    let mut annotations = mark.into_iter().flat_map(|meta| meta.annotations);
    annotations.any(|pair| pair.key == END && pair.value == "true")
}

fn refusal(status: Status) -> Trouble {
    let code = u16::try_from(status.code).unwrap_or_default();
    match (code, status.reason.as_str()) {
        (410, _) | (_, "Expired" | "Gone") => Trouble::Expired,
        (401, _) => Fault::Unauthorized(status.message).into(),
        (403, _) => Fault::Forbidden(status.message).into(),
        (429 | 503, _) => Fault::Busy {
            code,
            retry_after: None,
        }
        .into(),
        _ => Fault::Refused {
            code,
            message: status.message,
        }
        .into(),
    }
}
