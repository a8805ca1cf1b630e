//! Short words at the bottom: what was done, what went wrong.

use crate::model::Moment;

/// Seconds that a notice stays.
const STAYS: i64 = 5;

/// Words for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) text: String,
    /// Stays until a key is pressed.
    pub(crate) error: bool,
    until: Option<Moment>,
}

impl Notice {
    /// Words that go by themselves.
    pub(crate) fn new(text: impl Into<String>, now: Moment) -> Self {
        Self {
            text: text.into(),
            error: false,
            until: Moment::from_second(now.second() + STAYS),
        }
    }

    /// Words that stay until a key is pressed.
    pub(crate) fn error(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            error: true,
            until: None,
        }
    }

    pub(crate) fn is_over(&self, now: Moment) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    /// When it goes by itself.
    pub(crate) fn until(&self) -> Option<Moment> {
        self.until
    }
}
