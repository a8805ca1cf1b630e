//! What an action asks before it acts: the level of what it does, the environment it does it to, and the answer that
//! confirms it. Pure; the only place where that is decided.

use std::time::Duration;

use super::plan::{Plan, Weight};
use crate::model::{Environment, Target};

/// How much an action may break. The order is the order of harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// L0: reads only.
    Read,
    /// L1: reversible and bounded, such as evicting one pod of many.
    Bounded,
    /// L2: affects a service, and can be undone.
    Service,
    /// L3: an outage, or what cannot be undone.
    Outage,
    /// L4: data may be lost.
    Loss,
}

/// What has to be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// The key that opened the dialog, or the command itself, is enough.
    Key,
    /// Yes or no.
    Yes,
    /// Exactly this text, typed: the object's name, or its namespace and name.
    Typed(String),
}

/// All that confirms a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmation {
    pub ask: Ask,
    /// A reason must be given; it goes into the audit.
    pub reason: bool,
    /// The changes must have been shown.
    pub diff: bool,
    /// How long the dialog must have been open before an answer counts.
    pub arm: Duration,
    /// Acting alone on what would want a second person; the audit says so.
    pub break_glass: bool,
}

/// What the operator answered. Cancelling is no answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    pub yes: bool,
    pub typed: String,
    pub reason: String,
}

/// Why an answer does not confirm.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unconfirmed {
    #[error("not confirmed: answer yes")]
    NeedsYes,
    #[error("not confirmed: type {0}")]
    NeedsTyped(String),
    #[error("a reason is needed")]
    NeedsReason,
    #[error("this plan is from {0} s ago: look again")]
    Expired(i64),
}

/// How long a prepared plan may wait for its answer, in seconds.
pub const GOOD_FOR_SECONDS: i64 = 600;

/// From when on a hasty key must not count.
const ARM: Duration = Duration::from_secs(2);

/// Longest reason that is kept, in characters.
pub const LONGEST_REASON: usize = 500;

impl Level {
    pub const ALL: [Self; 5] = [
        Self::Read,
        Self::Bounded,
        Self::Service,
        Self::Outage,
        Self::Loss,
    ];

    /// `L2`
    pub fn code(self) -> &'static str {
        match self {
            Self::Read => "L0",
            Self::Bounded => "L1",
            Self::Service => "L2",
            Self::Outage => "L3",
            Self::Loss => "L4",
        }
    }

    /// What it means, for the dialog.
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "reads only",
            Self::Bounded => "bounded and reversible",
            Self::Service => "affects a service",
            Self::Outage => "outage or irreversible",
            Self::Loss => "data may be lost",
        }
    }

    /// The next level up. What raises a level is risk, and risk alone is no loss of data.
    pub(super) fn raised(self) -> Self {
        match self {
            Self::Read => Self::Read,
            Self::Bounded => Self::Service,
            Self::Service | Self::Outage => Self::Outage,
            Self::Loss => Self::Loss,
        }
    }
}

/// The level of a plan with all that raises it; a frozen place raises everything.
pub fn level(plan: &Plan, frozen: bool) -> Level {
    let risks = |warning: &super::plan::Warning| warning.weight == Weight::Raises;
    let raised = frozen || plan.warnings.iter().any(risks);
    if raised {
        plan.level.raised()
    } else {
        plan.level
    }
}

/// What confirms an action of a level in an environment.
pub fn confirmation(level: Level, environment: Environment, target: &Target) -> Confirmation {
    use Environment::{Development, Production, Staging};
    let name = || Ask::Typed(target.name.to_string());
    let path = || Ask::Typed(super::invocation::path(target));
    let (ask, reason) = match (level, environment) {
        (Level::Read, _) | (Level::Bounded, Development | Staging) => (Ask::Key, false),
        (Level::Bounded, Production)
        | (Level::Service, Development | Staging)
        | (Level::Outage, Development) => (Ask::Yes, false),
        (Level::Service, Production) | (Level::Outage, Staging) | (Level::Loss, Development) => {
            (name(), false)
        }
        (Level::Loss, Staging) => (name(), true),
        (Level::Outage | Level::Loss, Production) => (path(), true),
    };
    Confirmation {
        ask,
        reason,
        diff: environment != Development && level >= Level::Service,
        arm: if level >= Level::Outage {
            ARM
        } else {
            Duration::ZERO
        },
        break_glass: level == Level::Loss && environment == Production,
    }
}

impl Confirmation {
    /// Whether an answer confirms.
    ///
    /// # Errors
    /// What is still missing.
    pub fn check(&self, answer: &Answer) -> Result<(), Unconfirmed> {
        match &self.ask {
            Ask::Key => {}
            Ask::Yes if answer.yes => {}
            Ask::Yes => return Err(Unconfirmed::NeedsYes),
            Ask::Typed(text) if answer.typed == *text => {}
            Ask::Typed(text) => return Err(Unconfirmed::NeedsTyped(text.clone())),
        }
        if self.reason && answer.reason.trim().is_empty() {
            return Err(Unconfirmed::NeedsReason);
        }
        Ok(())
    }

    /// What was asked, in one word for the audit.
    pub fn word(&self) -> &'static str {
        match self.ask {
            Ask::Key => "key",
            Ask::Yes => "yes",
            Ask::Typed(_) if self.reason => "typed with a reason",
            Ask::Typed(_) => "typed",
        }
    }
}
