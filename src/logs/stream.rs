//! What is known of one stream of a reading beside its lines.

use crate::model::{LogPast, LogState, LogStream};

/// One stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Stream {
    pub about: LogStream,
    pub state: LogState,
    pub past: LogPast,
    /// Lines that came.
    pub lines: u64,
    /// Lines that were lost on the way.
    pub dropped: u64,
    /// Lines that came twice and were taken out.
    pub duplicates: u64,
    /// Lines that came after later ones.
    pub late: u64,
    /// It has been as new as the others once, so what comes older now is late.
    pub(super) caught_up: bool,
}

impl Stream {
    pub(super) fn new(about: LogStream) -> Self {
        Self {
            about,
            state: LogState::Connecting,
            past: LogPast::More,
            lines: 0,
            dropped: 0,
            duplicates: 0,
            late: 0,
            caught_up: false,
        }
    }
}
