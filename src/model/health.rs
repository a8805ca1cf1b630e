//! How well a thing is, worst first.

/// The four states that every row, pane and source is shown in. The order is the order on screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Health {
    /// Broken: somebody should look now.
    Bad,
    /// Degraded, or about to break.
    Warn,
    /// On its way: starting, rolling out, terminating.
    Busy,
    #[default]
    Good,
    /// Ended or switched off as it should be: completed, scaled to zero, suspended.
    Idle,
}

impl Health {
    pub const ALL: [Self; 5] = [Self::Bad, Self::Warn, Self::Busy, Self::Good, Self::Idle];

    /// The sign that carries the meaning without colour.
    pub fn glyph(self) -> &'static str {
        match self {
            Self::Bad => "✗",
            Self::Warn => "▲",
            Self::Busy => "◐",
            Self::Good => "●",
            Self::Idle => "◌",
        }
    }

    /// The word in JSON and in text output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Bad => "bad",
            Self::Warn => "warning",
            Self::Busy => "busy",
            Self::Good => "good",
            Self::Idle => "idle",
        }
    }
}
