//! What became of an action: how far it is while it is followed, and how it ended.

use std::time::Duration;

use jiff::Timestamp;

use super::invocation::Invocation;
use super::plan::Undo;
use crate::model::Text;

/// How an action ended. That the server took the request is no ending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Seen to be so.
    Succeeded,
    Failed {
        why: Text,
    },
    /// Someone or something else changed it meanwhile.
    Overridden {
        by: Text,
    },
    /// It was sent, and cannot be seen to have worked or failed. Read again; never sent again.
    Unknown {
        why: Text,
    },
}

/// Where a milestone stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    #[default]
    Waiting,
    Now,
    Done,
    Failed,
}

/// A part of the way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Milestone {
    /// `new pods`, `ready`, `old pods gone`
    pub what: Text,
    pub stage: Stage,
    /// So many of so many.
    pub count: Option<(u32, u32)>,
    /// When it was reached.
    pub at: Option<Timestamp>,
}

/// How far an action is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub milestones: Vec<Milestone>,
    /// The first thing that stands in the way, in plain words.
    pub blocked: Option<Text>,
    /// Last lines of what crashes.
    pub lines: Vec<Text>,
    pub elapsed: Duration,
    pub budget: Duration,
    /// From the request until all was well, the time of staying so not counted.
    pub recovered: Option<Duration>,
}

/// How it ended, with what shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Finished {
    pub outcome: Outcome,
    /// Revision, images, readiness: what was seen.
    pub evidence: Vec<Text>,
    pub progress: Progress,
    pub undo: Option<Undo>,
    /// What should be done next, and why.
    pub next: Option<(Text, Invocation)>,
}

/// What a running action tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Report {
    Progress(Progress),
    Finished(Box<Finished>),
}

impl Outcome {
    /// `succeeded`, `failed`, `overridden`, `unknown`: for records.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed { .. } => "failed",
            Self::Overridden { .. } => "overridden",
            Self::Unknown { .. } => "unknown",
        }
    }

    /// Why, where there is something to say.
    pub fn why(&self) -> Option<&Text> {
        match self {
            Self::Succeeded => None,
            Self::Failed { why } | Self::Unknown { why } => Some(why),
            Self::Overridden { by } => Some(by),
        }
    }
}
