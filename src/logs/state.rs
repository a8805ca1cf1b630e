//! What a logbook says of its streams as a whole: how many are live, what was lost, what was let go.

use super::book::Logbook;
use super::filter::Filter;
use super::stream::Stream;
use crate::model::{EndpointId, LogPast, LogState, SourceStatus};

/// Counts over all streams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub streams: usize,
    pub live: usize,
    pub queued: usize,
    pub connecting: usize,
    pub waiting: usize,
    pub reconnecting: usize,
    pub ended: usize,
    pub refused: usize,
    pub lines: u64,
    pub dropped: u64,
    pub duplicates: u64,
    pub late: u64,
    /// Lines that were let go to stay within the memory.
    pub evicted: u64,
}

impl Logbook {
    pub fn streams(&self) -> &[Stream] {
        &self.streams
    }

    pub fn stream(&self, number: u16) -> Option<&Stream> {
        self.streams.get(usize::from(number))
    }

    /// How the search for streams stands at each endpoint.
    pub fn finding(&self) -> impl Iterator<Item = (EndpointId, &SourceStatus)> {
        self.finding.iter().map(|(endpoint, status)| (*endpoint, status))
    }

    /// The filter in force.
    pub fn filter(&self) -> Option<&Filter> {
        self.layers.first().map(|layer| &layer.question.filter)
    }

    pub fn totals(&self) -> Totals {
        let mut totals = Totals {
            streams: self.streams.len() + self.refused,
            refused: self.refused,
            evicted: self.evicted,
            ..Totals::default()
        };
        for stream in &self.streams {
            let count = match stream.state {
                LogState::Queued => &mut totals.queued,
                LogState::Connecting => &mut totals.connecting,
                LogState::Waiting { .. } => &mut totals.waiting,
                LogState::Live => &mut totals.live,
                LogState::Reconnecting { .. } => &mut totals.reconnecting,
                LogState::Ended { .. } => &mut totals.ended,
                LogState::Refused { .. } => &mut totals.refused,
            };
            *count += 1;
            totals.lines += stream.lines;
            totals.dropped += stream.dropped;
            totals.duplicates += stream.duplicates;
            totals.late += stream.late;
        }
        totals
    }

    /// Whether asking for older lines may bring some.
    pub fn has_past(&self) -> bool {
        let mut streams = self.streams.iter();
        self.evicted == 0 && streams.any(|stream| stream.past == LogPast::More)
    }

    /// Whether older lines are under way.
    pub fn is_asking(&self) -> bool {
        let mut streams = self.streams.iter();
        streams.any(|stream| stream.past == LogPast::Asking)
    }
}
