//! What the sources say about a reading beside its lines: which streams there are, how each one stands, and when all is
//! read. Words about it go to standard error.

use std::collections::{BTreeMap, HashMap};

use crate::cli::{exit, print};
use crate::model::{
    Endpoint, EndpointId, Engine, Key, LogBatch, LogBlock, LogChange, LogMark, LogState, LogStream,
    LogTarget, Name, SourceStatus,
};

/// The streams of a reading and how they stand.
pub(super) struct Told {
    streams: Vec<LogStream>,
    numbers: HashMap<Key, usize>,
    states: Vec<LogState>,
    /// The endpoints that are asked, and how the search for streams stands there.
    finding: BTreeMap<EndpointId, (Name, SourceStatus)>,
    follow: bool,
    failed: bool,
    missing: bool,
    queued: usize,
}

/// What is news to the merging of lines.
pub(super) enum News {
    /// A stream, numbered after those before it.
    Stream,
    Open(bool),
    Lines(LogBlock),
    Mark(LogMark),
}

impl Told {
    pub(super) fn new(targets: &[LogTarget], endpoints: &[Endpoint], follow: bool) -> Self {
        let asked = |endpoint: &&Endpoint| {
            targets.iter().any(|target| match target {
                LogTarget::Object(target) | LogTarget::Container { pod: target, .. } => {
                    target.endpoint == endpoint.id
                }
                LogTarget::Selector { endpoint: id, .. }
                | LogTarget::Query { endpoint: id, .. } => *id == endpoint.id,
            })
        };
        let finding = endpoints.iter().filter(asked).map(|endpoint| {
            let name = if endpoint.name.is_empty() {
                Name::new(Engine::name(endpoint.engine))
            } else {
                endpoint.name.clone()
            };
            (endpoint.id, (name, SourceStatus::Connecting))
        });
        Self {
            streams: Vec::new(),
            numbers: HashMap::new(),
            states: Vec::new(),
            finding: finding.collect(),
            follow,
            failed: false,
            missing: false,
            queued: 0,
        }
    }

    pub(super) fn streams(&self) -> &[LogStream] {
        &self.streams
    }

    /// Takes a batch apart.
    pub(super) fn take(&mut self, batch: LogBatch, mut each: impl FnMut(usize, News)) {
        for change in batch.changes {
            match change {
                LogChange::Finding(status) => self.find(batch.endpoint, status),
                LogChange::Stream(stream) => {
                    if let Some(number) = self.numbers.get(&stream.key).copied() {
                        if let Some(known) = self.streams.get_mut(number) {
                            *known = *stream;
                        }
                        continue;
                    }
                    let number = self.streams.len();
                    self.numbers.insert(stream.key, number);
                    self.streams.push(*stream);
                    self.states.push(LogState::Connecting);
                    each(number, News::Stream);
                }
                LogChange::State(key, state) => {
                    if let Some(number) = self.numbers.get(&key).copied() {
                        // A stream of which nothing comes now keeps no other waiting.
                        let silent = matches!(
                            state,
                            LogState::Ended { .. }
                                | LogState::Refused { .. }
                                | LogState::Waiting { .. }
                        );
                        each(number, News::Open(!silent));
                        self.stand(number, state);
                    }
                }
                LogChange::Lines(key, block) => {
                    if let Some(number) = self.numbers.get(&key).copied() {
                        each(number, News::Lines(block));
                    }
                }
                LogChange::Mark(key, mark) => {
                    let number = key.and_then(|key| self.numbers.get(&key).copied());
                    each(number.unwrap_or(usize::MAX), News::Mark(mark));
                }
                LogChange::Counts(key, counts) if counts.dropped > 0 => {
                    let label = self
                        .numbers
                        .get(&key)
                        .and_then(|number| self.streams.get(*number));
                    let label = label.map_or("", |stream| stream.label.as_str());
                    print::words(&format!(
                        "qd: {label}: {} lines were dropped by the server",
                        counts.dropped
                    ));
                }
                LogChange::Counts(..) | LogChange::Past(..) => {}
            }
        }
        self.crowded();
    }

    /// Says how many streams wait for their turn, when that has changed from none.
    fn crowded(&mut self) {
        let waiting = self
            .states
            .iter()
            .filter(|state| **state == LogState::Queued)
            .count();
        if waiting > 0 && self.queued == 0 && self.follow {
            let all = self.states.len();
            print::words(&format!(
                "qd: {} of {all} streamed; the others wait their turn",
                all - waiting
            ));
        }
        self.queued = waiting;
    }

    fn find(&mut self, endpoint: EndpointId, status: SourceStatus) {
        let Some((name, known)) = self.finding.get_mut(&endpoint) else {
            return;
        };
        match &status {
            SourceStatus::Denied { verb, resource } => {
                print::words(&format!("qd: {name}: not permitted: {verb} {resource}"));
                self.failed = true;
            }
            SourceStatus::Off { why } => {
                print::words(&format!("qd: {name}: {why}"));
                self.missing = true;
            }
            SourceStatus::Stale { cause, .. } => {
                print::words(&format!("qd: {name}: {cause}"));
                self.failed |= !self.follow;
            }
            SourceStatus::Live if matches!(known, SourceStatus::Stale { .. }) => {
                print::words(&format!("qd: {name}: connected again"));
            }
            SourceStatus::Connecting | SourceStatus::Listing { .. } | SourceStatus::Live => {}
        }
        *known = status;
    }

    fn stand(&mut self, number: usize, state: LogState) {
        let (Some(known), Some(stream)) = (self.states.get_mut(number), self.streams.get(number))
        else {
            return;
        };
        let label = &stream.label;
        match &state {
            LogState::Reconnecting {
                cause, retry_at, ..
            } if (retry_at.is_some() || !matches!(known, LogState::Live)) => {
                print::words(&format!("qd: {label}: {cause}; connecting again"));
            }
            LogState::Refused { why } => {
                print::words(&format!("qd: {label}: {why}"));
                self.failed = true;
            }
            LogState::Waiting { why } if self.follow => {
                print::words(&format!("qd: {label}: waits: {why}"));
            }
            LogState::Ended { why } if self.follow || why.as_str() != "all read" => {
                print::words(&format!("qd: {label}: {why}"));
            }
            _ => {}
        }
        *known = state;
    }

    /// Whether all streams that there are were found and have begun.
    pub(super) fn is_settled(&self) -> bool {
        let found = self.finding.values().all(|(_, status)| {
            !matches!(
                status,
                SourceStatus::Connecting | SourceStatus::Listing { .. }
            )
        });
        let begun = |state: &LogState| !matches!(state, LogState::Connecting);
        found && self.states.iter().all(begun)
    }

    /// Whether nothing more will come.
    pub(super) fn is_over(&self) -> bool {
        let nowhere = self.finding.values().all(|(_, status)| {
            matches!(
                status,
                SourceStatus::Denied { .. } | SourceStatus::Off { .. }
            )
        });
        if self.follow {
            return nowhere && self.streams.is_empty();
        }
        let found = self.finding.values().all(|(_, status)| match status {
            SourceStatus::Live | SourceStatus::Denied { .. } | SourceStatus::Off { .. } => true,
            SourceStatus::Stale { .. } => self.failed,
            SourceStatus::Connecting | SourceStatus::Listing { .. } => false,
        });
        let ended =
            |state: &LogState| matches!(state, LogState::Ended { .. } | LogState::Refused { .. });
        found && self.states.iter().all(ended)
    }

    /// The exit code once all is over.
    pub(super) fn code(&self) -> u8 {
        if self.failed {
            exit::FAILED
        } else if self.streams.is_empty() {
            if !self.missing {
                print::words("qd: nothing is running there that writes a log");
            }
            exit::NOT_FOUND
        } else {
            exit::OK
        }
    }
}
