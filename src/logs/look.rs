//! What an operator asks of a logbook: plain data from the screen to the store.

use super::filter::Filter;
use crate::model::LogReading;

/// How a reading is looked at.
#[derive(Clone, Debug, Default)]
pub struct Look {
    pub reading: LogReading,
    pub filter: Filter,
    /// Open while nothing is searched.
    pub search: Filter,
    /// The time of the line that is looked at, in nanoseconds since 1970; none at the end.
    pub around: Option<i64>,
    /// Kinds of lines are counted.
    pub patterns: bool,
    /// A pane beside others, which may keep less.
    pub small: bool,
}
