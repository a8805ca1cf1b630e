//! Questions to Prometheus and their answers, as plain numbers.
//!
//! The screen (or a command) asks by putting a [`MetricQuery`] into the demand; the source of that endpoint answers
//! with a [`MetricAnswer`] and keeps it fresh while it is asked. Gaps are points that are not there.

use std::sync::Arc;

use super::{EndpointId, Labels, Moment, Text};

/// A question. Equal questions are asked once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MetricQuery {
    pub endpoint: EndpointId,
    pub ask: Ask,
    /// Seconds until it is asked again; 0: never.
    pub every: u32,
}

/// What is asked. Expressions and selectors are PromQL, exactly as the server shall read them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ask {
    /// The value of an expression now.
    Now { expr: Arc<str> },
    /// The last `seconds` up to now, with a point every `step` seconds. Points lie on whole multiples of the step, so
    /// that a graph does not shiver.
    Last {
        expr: Arc<str>,
        seconds: u32,
        step: u32,
    },
    /// From one moment to another, with a point every `step` seconds.
    Between {
        expr: Arc<str>,
        from: Moment,
        to: Moment,
        step: u32,
    },
    /// The values of a label (`__name__` for the names of metrics) on series that a selector chooses; an empty
    /// selector chooses all.
    Values { label: Arc<str>, selector: Arc<str> },
    /// The names of the labels on series that a selector chooses.
    Labels { selector: Arc<str> },
}

/// The newest answer to a question.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricAnswer {
    pub query: MetricQuery,
    /// When it was asked, by our clock. The answer before it stays where this one is a refusal.
    pub at: Moment,
    /// What came, or why nothing did, in the server's words where it has any.
    pub reply: Result<Replied, Text>,
    /// What the server says of its own answer: partial data, unknown metrics, limits that were hit.
    pub warnings: Vec<Text>,
}

/// What came.
#[derive(Clone, Debug, PartialEq)]
pub enum Replied {
    Series(Vec<Series>),
    /// Names of labels, or values of one.
    Words(Vec<Text>),
}

/// One line of numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    pub labels: Labels,
    /// In order of time; a gap is where points are further apart than the step. Values may be NaN or infinite.
    pub points: Vec<Point>,
    /// Samples that are native histograms, which have no single value.
    pub histograms: u32,
}

/// A value at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Milliseconds since 1970, by our clock.
    pub millis: i64,
    pub value: f64,
}

impl Ask {
    /// The expression, if it is one.
    pub fn expr(&self) -> Option<&str> {
        match self {
            Self::Now { expr } | Self::Last { expr, .. } | Self::Between { expr, .. } => Some(expr),
            Self::Values { .. } | Self::Labels { .. } => None,
        }
    }
}
