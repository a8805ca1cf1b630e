//! A plan: what would be done, as data. The dialog shows it, the command prints it, the dry run tries it, the audit
//! keeps it; none of them knows the action that made it.

use std::time::Duration;

use super::goal::Goal;
use super::guard::Level;
use super::invocation::Invocation;
use super::step::Step;
use crate::model::{Health, Text};

/// What would be done.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// `Roll back Deployment ecommerce-prod/shop to revision 42`
    pub title: Text,
    /// What that does, in one sentence.
    pub summary: Text,
    pub level: Level,
    /// Before and after, field by field.
    pub changes: Vec<FieldChange>,
    /// Pods, services, budgets: what it touches, a phrase each.
    pub touches: Vec<Text>,
    pub warnings: Vec<Warning>,
    pub lasting: Lasting,
    /// What was found out on the way: references that still exist, quotas.
    pub checks: Vec<Check>,
    /// Lists to look at or choose from: revisions, pods of a node, jobs.
    pub tables: Vec<Table>,
    /// What is sent, in order. Empty only for what is looked at.
    pub steps: Vec<Step>,
    /// When it is done.
    pub goal: Goal,
    /// How long it should take at most until it is done.
    pub budget: Duration,
    /// How long it must stay well before that counts.
    pub steady: Duration,
    pub undo: Option<Undo>,
    /// What should be done next if this does not end well, and why: to unstick, to uncordon.
    pub next: Option<(Text, Invocation)>,
}

/// A field before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// `containers[shop].image`
    pub field: Text,
    /// Empty: it was not there.
    pub before: Text,
    /// Empty: it goes.
    pub after: Text,
    /// It may be secret: shown to whoever changes it, never kept.
    pub private: bool,
}

/// Something to know before saying yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    pub text: Text,
    pub weight: Weight,
}

/// How much a warning weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Good to know.
    Note,
    /// Likely not what is wanted.
    Caution,
    /// Raises the level.
    Raises,
}

/// Whether the change will stay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Lasting {
    /// Nothing that we know of changes it back.
    Persists,
    /// Something does.
    Reverts {
        by: Text,
        /// About when; none: at its next run.
        within: Option<Duration>,
    },
    /// Something manages the object, but whether it takes the change back cannot be seen from here.
    Unknown { why: Text },
    /// There is nothing to last: a run, a deletion.
    #[default]
    Once,
}

/// Something that was found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// `permission`, `server dry run`, `ConfigMap shop-config`
    pub what: Text,
    pub verdict: Verdict,
}

/// How a check ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Passed,
    /// It does not stand in the way, but it is not as it should be.
    Failed(Text),
    /// It could not be found out.
    Unverified(Text),
}

/// A list of the plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    pub title: Text,
    pub columns: Vec<&'static str>,
    pub rows: Vec<TableRow>,
    /// The argument that choosing a row sets; none if there is nothing to choose.
    pub chooses: Option<&'static str>,
}

/// A row of a plan's list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableRow {
    /// A cell for each column.
    pub cells: Vec<Text>,
    pub health: Health,
    /// What the argument becomes when this row is chosen; none if it cannot be.
    pub value: Option<String>,
    /// The plan rests on this row.
    pub chosen: bool,
    /// What choosing this row would change, line by line (`-`, `+` or a space first); empty if it is not told.
    pub diff: Vec<Text>,
}

/// How a plan is undone.
#[derive(Clone, Debug, PartialEq)]
pub struct Undo {
    /// `Scale back to 3`
    pub title: Text,
    /// Carries the expectations under which it still undoes ours.
    pub invocation: Invocation,
}

impl FieldChange {
    pub fn new(field: &str, before: &impl ToString, after: &impl ToString) -> Self {
        Self {
            field: Text::new(field),
            before: Text::from(before.to_string()),
            after: Text::from(after.to_string()),
            private: false,
        }
    }
}

impl Warning {
    pub fn new(weight: Weight, text: impl Into<Text>) -> Self {
        Self {
            text: text.into(),
            weight,
        }
    }
}

impl Check {
    pub fn new(what: impl Into<Text>, verdict: Verdict) -> Self {
        Self {
            what: what.into(),
            verdict,
        }
    }
}

impl Lasting {
    /// The answer to "will it last?".
    pub fn words(&self) -> Text {
        match self {
            Self::Persists => Text::new("Yes. Nothing that we can see changes it back."),
            Self::Reverts { by, within: None } => Text::from(format!("No. {by} takes it back.")),
            Self::Reverts {
                by,
                within: Some(within),
            } => {
                let seconds = within.as_secs();
                let time = if seconds < 120 {
                    format!("{seconds} s")
                } else {
                    format!("{} min", seconds / 60)
                };
                Text::from(format!("No. {by} takes it back in about {time}."))
            }
            Self::Unknown { why } => Text::from(format!("Unknown. {why}")),
            Self::Once => Text::new("It is done once; there is nothing to change back."),
        }
    }

    /// `persists`, `reverts`, `unknown`, `once`: for records.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Persists => "persists",
            Self::Reverts { .. } => "reverts",
            Self::Unknown { .. } => "unknown",
            Self::Once => "once",
        }
    }
}
