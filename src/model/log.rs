//! Logs: what is asked of the sources, and what they tell. Plain data between `sources` and the log engine.
//!
//! Log lines travel on a bounded channel of their own, so that a storm of them never delays a row. A source drains its
//! socket whatever the screen does: it fills a [`LogBlock`] off the main loop (see `logs::Intake`) and hands it over
//! when it is due; while the channel is full it goes on filling up to its own bound, and only then drops lines, counts
//! them and says so. Bytes are raw: they are made inert where they are drawn, copied or saved.

use super::{EndpointId, Key, Moment, Name, SourceStatus, Target, Text};

/// One reading of logs, named by whoever wants it; never reused while running.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogReading(pub u32);

/// Logs that are wanted. A reading ends when it is no longer part of the demand; one that changes goes on, and what it
/// has already told is not told again.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogWant {
    pub reading: LogReading,
    pub targets: Vec<LogTarget>,
    pub since: LogSince,
    /// The instance before the running one comes first, where there is one.
    pub previous: bool,
    /// Go on with what is written from now on; else each stream ends with what there is.
    pub follow: bool,
    /// How often older lines were asked for: each step asks for more of the past than the one before.
    pub older: u32,
}

/// Whose logs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LogTarget {
    /// An object and whatever runs for it, now or later: a container, pod, workload, namespace, node, project, service.
    Object(Target),
    /// One container of a pod; init and ephemeral ones count too.
    Container { pod: Target, container: Name },
    /// Whatever these labels choose. An empty namespace means all of them.
    Selector {
        endpoint: EndpointId,
        namespace: Name,
        selector: Text,
    },
    /// A query in the endpoint's own language, such as LogQL.
    Query { endpoint: EndpointId, query: Text },
}

/// Where a reading begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LogSince {
    /// With the last so many lines of each stream.
    Tail(u32),
    /// With what was written from this moment on.
    Moment(Moment),
    /// With the oldest line that is kept.
    Start,
}

impl Default for LogSince {
    fn default() -> Self {
        Self::Tail(200)
    }
}

/// One stream of lines: a container through all its restarts, between which marks stand, or one stream of a query.
#[derive(Clone, Debug, PartialEq)]
pub struct LogStream {
    /// The endpoint, and a hash of what makes the stream (a pod's uid and a container's name, a container's id).
    pub key: Key,
    /// The object that writes: a pod, a container.
    pub object: Target,
    /// The container in it; empty where the object is one.
    pub container: Name,
    /// What tells it from its neighbours, short: `shop-7d9f-8h6gw`, `shop-7d9f-8h6gw/proxy`.
    pub label: Text,
    /// The command that would show the same: `kubectl logs …`, `docker logs …`, LogQL.
    pub command: Text,
}

/// Where a stream stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum LogState {
    /// Waits for its turn: as many streams as are allowed are open.
    Queued,
    #[default]
    Connecting,
    /// There is nothing to read yet: `ContainerCreating`.
    Waiting {
        why: Text,
    },
    Live,
    Reconnecting {
        since: Moment,
        cause: Text,
        retry_at: Option<Moment>,
    },
    /// Nothing comes any more, and that is known: `exit 0`, `deleted`.
    Ended {
        why: Text,
    },
    /// Cannot be read, and trying again would not help: a missing permission, a log driver that keeps nothing.
    Refused {
        why: Text,
    },
}

/// How severe a line is, mildest first. A line that continues another one has its level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum LogLevel {
    /// The line does not say.
    #[default]
    Unknown,
    Trace,
    Debug,
    Info,
    Warn,
    Error,
    Fatal,
}

/// Lines of one stream in the order in which they were written. At most [`LogBlock::BYTES`] and [`LogBlock::LINES`],
/// give or take one line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogBlock {
    /// The lines without line ends, one behind the other.
    pub bytes: Vec<u8>,
    pub lines: Vec<LogLine>,
    /// They were written before all lines of the stream that were told so far.
    pub older: bool,
}

/// What is known of a line beside its bytes, which begin where those of the line before end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogLine {
    /// Nanoseconds since 1970.
    pub time: i64,
    /// Where its bytes end in the block.
    pub end: u32,
    pub level: LogLevel,
    pub flags: LogFlags,
}

/// What is special about a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogFlags(pub u8);

/// Something that stands between the lines, at a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct LogMark {
    /// Nanoseconds since 1970.
    pub time: i64,
    pub kind: LogMarkKind,
    /// In plain words, without the name of the stream: `restarted: exit 3`, `out of memory`, `replaced by shop-…`.
    pub words: Text,
}

/// What a mark tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogMarkKind {
    /// An instance began or ended well, or another took its place.
    Turn,
    /// An instance failed: an exit code, out of memory.
    Failure,
    /// Lines may be missing here: a gap that could not be closed, lines that were dropped.
    Gap,
    /// A warning of the engine about the object.
    Event,
    /// A new revision is rolled out.
    Rollout,
    /// An alert fires or ends.
    Alert,
}

/// Lines that are not shown, since the last word of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogCounts {
    /// Lost here, because they came faster than they could be taken, or there, as the server says.
    pub dropped: u64,
    /// Told twice by the server and taken out.
    pub duplicates: u64,
}

/// How far back a stream reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogPast {
    /// There may be more: ask for older lines.
    #[default]
    More,
    Asking,
    /// What is shown is the oldest that is kept.
    All,
}

/// One fact about a reading.
#[derive(Clone, Debug, PartialEq)]
pub enum LogChange {
    /// How the search for streams stands: live once all that there are now were told. `Denied` and `Off` say why an
    /// endpoint tells nothing.
    Finding(SourceStatus),
    /// A stream exists. Told before anything else of it, and again when its description changes.
    Stream(Box<LogStream>),
    State(Key, LogState),
    Lines(Key, LogBlock),
    /// None: about the reading as a whole.
    Mark(Option<Key>, LogMark),
    Counts(Key, LogCounts),
    Past(Key, LogPast),
}

/// What an endpoint tells of a reading, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct LogBatch {
    pub reading: LogReading,
    pub endpoint: EndpointId,
    pub changes: Vec<LogChange>,
}

impl LogLevel {
    pub const ALL: [Self; 7] = [
        Self::Unknown,
        Self::Trace,
        Self::Debug,
        Self::Info,
        Self::Warn,
        Self::Error,
        Self::Fatal,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Unknown => "",
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
            Self::Fatal => "fatal",
        }
    }
}

impl LogBlock {
    /// Bytes from which a block is full.
    pub const BYTES: usize = 256 * 1024;
    /// Lines from which a block is full.
    pub const LINES: usize = 4096;

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub fn is_full(&self) -> bool {
        self.bytes.len() >= Self::BYTES || self.lines.len() >= Self::LINES
    }

    /// The lines with their bytes.
    pub fn iter(&self) -> impl Iterator<Item = (&LogLine, &[u8])> {
        let mut from = 0;
        self.lines.iter().map(move |line| {
            let to = line.end as usize;
            let bytes = self.bytes.get(from..to).unwrap_or_default();
            from = to;
            (line, bytes)
        })
    }
}

impl LogFlags {
    pub const NONE: Self = Self(0);
    /// Written to the error stream.
    pub const STDERR: Self = Self(1);
    /// Longer than what is kept: the rest is cut off.
    pub const CUT: Self = Self(2);
    /// Continues the line before: a frame of a stack trace, an indented line.
    pub const CONTINUES: Self = Self(4);
    /// The line came without a time; it has that of its arrival.
    pub const UNTIMED: Self = Self(8);
    /// Written by an instance before the running one.
    pub const PREVIOUS: Self = Self(16);
    /// Came later than lines that were written after it. Set by the engine.
    pub const LATE: Self = Self(32);

    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}
