//! One answer of an engine, read to its end: its bytes into lines, the lines judged, the new ones handed on.
//!
//! A reader of an engine drives a [`Session`] and decides about what it cannot: whether silence is a dead connection,
//! and whether lines that do not follow on what is known come from the same instance. Until that is decided such lines
//! are held.

use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;
use http_body::Body;
use http_body_util::BodyExt;
use tokio::time::Instant;

use super::frames::Frames;
use super::known::{Known, Verdict};
use super::line::Line;
use super::older::Older;
use super::out::Out;
use super::records::Records;
use crate::clients::fault::Fault;
use crate::model::LogMarkKind;

/// While nobody takes lines for so long, the connection is given up and taken up again later.
const SLOW: Duration = Duration::from_secs(5);
/// An answer that should come as fast as it can is given up after so long.
const SILENT: Duration = Duration::from_secs(30);
/// Lines held until they are decided about.
const HELD_AT_MOST: usize = 4096;

/// What is remembered of a stream from answer to answer.
pub struct Tail {
    pub known: Known,
    pub out: Out,
    /// The oldest end of what is known.
    pub older: Older,
    /// Whether lines that are read now belong to the instance of that end.
    pub counting: bool,
}

/// How the bytes of an answer become lines.
pub enum Split {
    Records(Records),
    Frames(Frames),
}

/// An answer being read.
pub struct Session {
    split: Split,
    /// Nothing has shown yet that this answer goes on where the last one ended.
    doubted: bool,
    held: Vec<Owned>,
    /// An answer that goes on from before: what comes without a time is the rest of a line that was told.
    resumed: bool,
    /// The body has come to its end.
    over: bool,
    heard: Instant,
    quiet: Duration,
}

struct Owned {
    time: Option<i64>,
    text: Box<[u8]>,
    cut: u64,
    stderr: bool,
}

/// What the reader has to decide about.
#[derive(Debug, PartialEq, Eq)]
pub enum Happened {
    /// The answer has come to its end, by itself.
    Ended,
    Broke(String),
    /// Nobody took the lines.
    Slow,
    /// Nothing was heard for a while.
    Quiet,
    /// Lines came that do not follow on what is known.
    Doubt,
}

impl Split {
    /// When the oldest line was begun whose end has not come.
    pub fn begun(&self) -> Option<i64> {
        match self {
            Self::Records(records) => records.begun(),
            Self::Frames(frames) => frames.begun(),
        }
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// When they are nothing that the engine would send.
    pub fn feed(&mut self, bytes: &[u8], each: impl FnMut(Line<'_>)) -> Result<(), String> {
        match self {
            Self::Records(records) => {
                records.feed(bytes, each);
                Ok(())
            }
            Self::Frames(frames) => frames.feed(bytes, each).map_err(|bad| bad.to_string()),
        }
    }

    fn end(&mut self, each: impl FnMut(Line<'_>)) {
        match self {
            Self::Records(records) => records.end(each),
            Self::Frames(frames) => frames.end(each),
        }
    }
}

impl Session {
    /// An answer begins. `doubtful`: it may come from another instance than the lines that are known.
    pub fn new(split: Split, resumed: bool, doubtful: bool, quiet: Duration) -> Self {
        Self {
            split,
            doubted: resumed && doubtful,
            held: Vec::new(),
            resumed,
            over: false,
            heard: Instant::now(),
            quiet,
        }
    }

    /// When the oldest line was begun whose end has not come.
    pub fn begun(&self) -> Option<i64> {
        self.split.begun()
    }

    /// Reads on until something has to be decided. Cancel-safe.
    pub async fn next<B>(&mut self, body: &mut B, tail: &mut Tail) -> Happened
    where
        B: Body<Data = Bytes> + Unpin,
        B::Error: std::fmt::Display,
    {
        loop {
            if self.over {
                if !self.held.is_empty() {
                    return Happened::Doubt;
                }
                tail.out.flush().await;
                return Happened::Ended;
            }
            if tail.out.is_full() && tail.out.flush().await > SLOW {
                return Happened::Slow;
            }
            if !self.held.is_empty()
                && (self.held.len() > HELD_AT_MOST || self.heard.elapsed() > SLOW)
            {
                return Happened::Doubt;
            }
            let frame = if let Some(frame) = body.frame().now_or_never() {
                frame
            } else {
                if !self.held.is_empty() {
                    return Happened::Doubt;
                }
                tokio::select! {
                    biased;
                    frame = body.frame() => frame,
                    () = tail.out.due() => {
                        if tail.out.flush().await > SLOW {
                            return Happened::Slow;
                        }
                        continue;
                    }
                    () = tokio::time::sleep_until(self.heard + self.quiet) => {
                        self.heard = Instant::now();
                        return Happened::Quiet;
                    }
                }
            };
            match frame {
                None => self.over = true,
                Some(Err(error)) => {
                    tail.out.flush().await;
                    return Happened::Broke(format!("the connection broke: {error}"));
                }
                Some(Ok(frame)) => {
                    let Ok(data) = frame.into_data() else {
                        continue;
                    };
                    self.heard = Instant::now();
                    if let Err(garbled) = self.take(&data, tail) {
                        tail.out.flush().await;
                        return Happened::Broke(garbled);
                    }
                }
            }
        }
    }

    /// The answer is what follows on what is known: held lines are told.
    pub async fn accept(&mut self, tail: &mut Tail) {
        self.doubted = false;
        for line in std::mem::take(&mut self.held) {
            let line = Line {
                time: line.time,
                text: &line.text,
                cut: line.cut,
                stderr: line.stderr,
            };
            tell(&line, self.resumed, tail);
            if tail.out.is_full() {
                tail.out.flush().await;
            }
        }
    }

    /// No more will come: what has begun is a line too.
    pub async fn finish(&mut self, tail: &mut Tail) {
        let resumed = self.resumed;
        self.split.end(|line| tell(&line, resumed, tail));
        tail.out.flush().await;
    }

    fn take(&mut self, bytes: &[u8], tail: &mut Tail) -> Result<(), String> {
        let Self {
            split,
            doubted,
            held,
            resumed,
            ..
        } = self;
        split.feed(bytes, |line| {
            if *doubted {
                if !held.is_empty() || !tail.known.expects(&line) {
                    held.push(Owned {
                        time: line.time,
                        text: line.text.into(),
                        cut: line.cut,
                        stderr: line.stderr,
                    });
                    return;
                }
                tell(&line, *resumed, tail);
                *doubted = !tail.known.is_proved();
                return;
            }
            tell(&line, *resumed, tail);
        })
    }
}

/// Judges a line and hands it on if it is new.
fn tell(line: &Line<'_>, resumed: bool, tail: &mut Tail) {
    if line.time.is_none() && resumed {
        // The rest of a line that was told, or the engine's own words, which are told as a state.
        return;
    }
    match tail.known.judge(line) {
        Verdict::New => {}
        Verdict::Again => return tail.out.duplicate(),
        Verdict::Before => return,
        Verdict::AfterGap { since } => tail.out.gap(since),
    }
    if tail.counting {
        tail.older.read(line);
    }
    tail.out.line(line);
}

/// Reads an answer that ends, handing each piece to `each` until it has enough.
///
/// # Errors
/// When it breaks off, or nothing comes for half a minute.
pub async fn whole<B>(mut body: B, mut each: impl FnMut(&[u8]) -> bool) -> Result<(), Fault>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    loop {
        let frame = tokio::time::timeout(SILENT, body.frame()).await;
        match frame.map_err(|_| Fault::Silent)? {
            None => return Ok(()),
            Some(Err(error)) => {
                return Err(Fault::Unreachable(format!("the answer broke off: {error}")));
            }
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data()
                    && !each(&data)
                {
                    return Ok(());
                }
            }
        }
    }
}

/// Says that lines may be missing.
pub async fn missing(out: &mut Out, since: i64, why: &str) {
    out.mark(
        since,
        LogMarkKind::Gap,
        &format!("lines may be missing: {why}"),
    )
    .await;
}
