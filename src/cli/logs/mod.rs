//! `qd logs`: lines of any number of streams in one order, to a terminal, a file or a pipe.
//!
//! The same sources as in the dashboard read them; here they are merged, filtered and printed as they come. Data goes to
//! standard output, everything that is said about it to standard error.

mod merge;
mod printer;
mod read;
mod targets;
mod told;

pub use merge::{Item, Merge};
pub use printer::{Form, Printed, Printer};
pub use read::read;
pub use targets::{Words, targets};

use std::io::{self, BufWriter, Write};
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::{exit, print};
use crate::config::Config;
use crate::logs::{Filter, Pattern};
use crate::model::{
    Demand, Endpoint, LogBatch, LogFlags, LogLevel, LogMarkKind, LogReading, LogSince, LogWant,
};
use crate::sources::fleet::Fleet;
use crate::ui::theme::Theme;
use told::Told;

/// How long a line that follows waits for older ones of other streams.
const REORDER: Duration = Duration::from_millis(400);
/// How long the streams have to come together before the first line is printed.
const GATHER: Duration = Duration::from_secs(3);
/// Batches that are taken in at most before something is printed.
const TOGETHER: usize = 16;
/// Nothing is printed later than this after it could have been.
const TICK: Duration = Duration::from_millis(50);

/// What to read and how to print it.
#[derive(Clone, Debug, Default)]
pub struct Logs {
    pub words: Words,
    pub follow: bool,
    pub since: LogSince,
    /// The instance before the running one, instead of it.
    pub previous: bool,
    /// The mildest level to print.
    pub level: LogLevel,
    /// Conditions on fields, all of which have to hold.
    pub conditions: Filter,
    /// What lines must contain, and what not.
    pub include: Vec<Pattern>,
    pub exclude: Vec<Pattern>,
    pub form: Form,
    /// As they come, not by time.
    pub unordered: bool,
}

impl PartialEq for Logs {
    fn eq(&self, other: &Self) -> bool {
        let patterns = |list: &[Pattern]| -> Vec<String> {
            list.iter().map(|one| one.source().to_owned()).collect()
        };
        self.words == other.words
            && (self.follow, self.since, self.previous)
                == (other.follow, other.since, other.previous)
            && (self.level, self.form, self.unordered) == (other.level, other.form, other.unordered)
            && self.conditions.same(&other.conditions)
            && patterns(&self.include) == patterns(&other.include)
            && patterns(&self.exclude) == patterns(&other.exclude)
    }
}

/// Prints until all is read, or until interrupted. Must be called within a runtime.
pub async fn run(config: &Config, logs: &Logs, theme: Option<&Theme>) -> u8 {
    let (mut fleet, mut rows) = Fleet::new();
    fleet.open_all(config);
    let Some(lines) = fleet.take_logs() else {
        return exit::FAILED;
    };
    let endpoints: Vec<Endpoint> = fleet.endpoints().cloned().collect();
    if endpoints.is_empty() {
        print::words(
            "qd: no cluster and no Docker is configured, and none was found; `qd demo` needs none",
        );
        return exit::FAILED;
    }
    let targets = match targets(&logs.words, &endpoints) {
        Ok(targets) => targets,
        Err(problem) => {
            print::words(&format!("qd: {problem}"));
            return exit::USAGE;
        }
    };
    // Rows are nobody's concern here, but their sources must not wait for somebody to take them.
    tokio::spawn(async move { while rows.recv().await.is_some() {} });
    let told = Told::new(&targets, &endpoints, logs.follow);
    fleet.want(Demand {
        logs: vec![LogWant {
            reading: LogReading(1),
            targets,
            since: logs.since,
            previous: logs.previous,
            follow: logs.follow,
            older: 0,
        }],
        ..Demand::default()
    });
    let out = BufWriter::with_capacity(64 * 1024, io::stdout());
    let mut printing = Printing {
        logs,
        told,
        merge: Merge::default(),
        printer: Printer::new(out, logs.form, theme),
        begun: Instant::now(),
        passed: Vec::new(),
    };
    printing.run(lines).await
}

/// The lines on their way out.
struct Printing<'a, W: Write> {
    logs: &'a Logs,
    told: Told,
    merge: Merge,
    printer: Printer<'a, W>,
    begun: Instant,
    /// Whether the last line of each stream that began something was printed: what continues it goes with it.
    passed: Vec<bool>,
}

impl<W: Write> Printing<'_, W> {
    async fn run(&mut self, mut lines: mpsc::Receiver<LogBatch>) -> u8 {
        let Ok(mut interrupt) = signal(SignalKind::interrupt()) else {
            return exit::FAILED;
        };
        loop {
            let due = sleep_until(Instant::now() + TICK);
            tokio::select! {
                biased;
                _ = interrupt.recv() => return self.leave(exit::INTERRUPTED),
                batch = lines.recv() => {
                    let Some(batch) = batch else { return self.leave(exit::FAILED) };
                    self.take(batch);
                    // A flood of batches must not keep what can be printed waiting.
                    for _ in 0..TOGETHER {
                        let Ok(batch) = lines.try_recv() else { break };
                        self.take(batch);
                    }
                }
                () = due => {}
            }
            if let Err(error) = self.print() {
                return print::ended(Err(error));
            }
            if self.told.is_over() {
                return self.leave(self.told.code());
            }
        }
    }

    /// Prints what is left, in the order that is known.
    fn leave(&mut self, code: u8) -> u8 {
        let written = self
            .print_until(u64::MAX)
            .and_then(|()| self.printer.out.flush());
        match print::ended(written) {
            exit::OK => code,
            failed => failed,
        }
    }

    fn take(&mut self, batch: LogBatch) {
        let arrived = self.clock();
        let (merge, passed) = (&mut self.merge, &mut self.passed);
        self.told.take(batch, |stream, news| match news {
            told::News::Stream => {
                merge.open();
                passed.push(true);
            }
            told::News::Open(open) => merge.set_open(stream, open),
            told::News::Lines(block) => merge.lines(stream, block, arrived),
            told::News::Mark(mark) => merge.push(stream, Item::Mark(mark), arrived),
        });
        self.printer.several = self.told.streams().len() > 1;
    }

    fn clock(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn print(&mut self) -> io::Result<()> {
        let gathered = self.told.is_settled() || self.begun.elapsed() > GATHER;
        let until = if self.logs.unordered {
            u64::MAX
        } else if self.logs.follow && gathered {
            let reorder = u64::try_from(REORDER.as_millis()).unwrap_or(u64::MAX);
            self.clock().saturating_sub(reorder)
        } else {
            0
        };
        if gathered || self.logs.unordered {
            self.print_until(until)?;
        }
        self.printer.out.flush()
    }

    fn print_until(&mut self, until: u64) -> io::Result<()> {
        while let Some((number, item)) = self.merge.pop(until) {
            let Some(stream) = self.told.streams().get(number) else {
                continue;
            };
            match item {
                Item::Mark(mark) => {
                    if mark.kind == LogMarkKind::Gap && self.logs.form == Form::Raw {
                        print::words(&format!("qd: {}: {}", stream.label, mark.words));
                    }
                    self.printer.mark(Some(stream), &mark)?;
                }
                Item::Line {
                    block,
                    from,
                    to,
                    time,
                    level,
                    flags,
                } => {
                    let Some(bytes) = block.get(from as usize..to as usize) else {
                        continue;
                    };
                    if self.logs.previous && !flags.has(LogFlags::PREVIOUS) {
                        continue;
                    }
                    let head = !flags.has(LogFlags::CONTINUES);
                    let before = self.passed.get(number).copied().unwrap_or(true);
                    let passes = if head || !before {
                        self.logs
                            .passes(bytes, level, &stream.label, &stream.container)
                    } else {
                        true
                    };
                    if let Some(passed) = self.passed.get_mut(number) {
                        *passed = passes;
                    }
                    if passes {
                        self.printer.line(&Printed {
                            stream,
                            time,
                            level,
                            flags,
                            bytes,
                        })?;
                    }
                }
            }
        }
        Ok(())
    }
}

impl Logs {
    /// Whether a line is to be printed.
    fn passes(&self, line: &[u8], level: LogLevel, label: &str, container: &str) -> bool {
        level >= self.level
            && self.include.iter().all(|pattern| pattern.is_match(line))
            && !self.exclude.iter().any(|pattern| pattern.is_match(line))
            && self.conditions.passes(line, label, container)
    }
}
