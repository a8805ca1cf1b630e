//! A plan that was looked at and may be confirmed. Only [`Prepared::approve`] makes an [`Approved`], and only an
//! [`Approved`] is committed, so what skips the guard does not compile.

use std::ops::Deref;

use jiff::Timestamp;
use serde_json::Value;

use super::facts::{Facts, Place};
use super::guard::{
    self, Answer, Confirmation, GOOD_FOR_SECONDS, LONGEST_REASON, Level, Unconfirmed,
};
use super::invocation::Invocation;
use super::plan::{Check, Plan};
use crate::model::{Target, Text};

/// All that the dialog shows and the command prints.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// Names this operation in the audit and in what it creates.
    pub id: String,
    pub invocation: Invocation,
    pub place: Place,
    /// With the uid of what was seen.
    pub target: Target,
    pub plan: Plan,
    /// The plan's level with all that raises it.
    pub level: Level,
    pub confirmation: Confirmation,
    /// Permission, dry run, and what the plan found out.
    pub checks: Vec<Check>,
    /// The object as it was seen.
    pub seen: Value,
    pub at: Timestamp,
}

/// A plan that may be confirmed. Its preview can be read, not changed.
///
/// ```compile_fail
/// fn weaken(prepared: &mut quarterdeck::actions::Prepared) {
///     prepared.confirmation.reason = false;
/// }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Prepared(Box<Preview>);

/// A plan that was confirmed.
///
/// ```compile_fail
/// fn skip(prepared: quarterdeck::actions::Prepared) -> quarterdeck::actions::Approved {
///     quarterdeck::actions::Approved { prepared, reason: String::new() }
/// }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Approved {
    prepared: Prepared,
    reason: Text,
}

impl Prepared {
    /// Puts a plan before the guard.
    pub(super) fn new(
        id: String,
        invocation: Invocation,
        facts: &Facts,
        plan: Plan,
        checks: Vec<Check>,
    ) -> Self {
        let frozen = facts.place.frozen.is_some();
        let level = guard::level(&plan, frozen);
        let environment = facts.place.environment;
        let mut confirmation = guard::confirmation(level, environment, &facts.target);
        // Whoever acts in a frozen time says why.
        confirmation.reason |= frozen;
        Self(Box::new(Preview {
            id,
            invocation,
            place: facts.place.clone(),
            target: facts.target.clone(),
            plan,
            level,
            confirmation,
            checks,
            seen: facts.object.clone(),
            at: facts.now,
        }))
    }

    /// Confirms the plan, if the answer does and the plan is still fresh.
    ///
    /// # Errors
    /// What is missing.
    pub fn approve(&self, answer: &Answer, now: Timestamp) -> Result<Approved, Unconfirmed> {
        self.confirmation.check(answer)?;
        self.approved(answer, now)
    }

    /// Takes an answer that was checked, if the plan is still fresh.
    pub(super) fn approved(
        &self,
        answer: &Answer,
        now: Timestamp,
    ) -> Result<Approved, Unconfirmed> {
        let age = now.duration_since(self.at).as_secs();
        if age > GOOD_FOR_SECONDS {
            return Err(Unconfirmed::Expired(age));
        }
        let reason: String = answer.reason.trim().chars().take(LONGEST_REASON).collect();
        Ok(Approved {
            prepared: self.clone(),
            reason: Text::from(reason),
        })
    }
}

impl Deref for Prepared {
    type Target = Preview;
    fn deref(&self) -> &Preview {
        &self.0
    }
}

impl Approved {
    pub fn preview(&self) -> &Preview {
        &self.prepared
    }

    pub fn reason(&self) -> &Text {
        &self.reason
    }
}
