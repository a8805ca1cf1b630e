//! Several plans confirmed as one: what is marked in a table. The list is looked at whole, the first is tried alone, and
//! nothing goes on behind a failure; see [`super::run`].
//!
//! One plan alone is asked for exactly as it asks by itself.

use jiff::Timestamp;

use super::guard::{self, Answer, Confirmation, Level, Unconfirmed};
use super::prepared::{Approved, Prepared};
use super::refusal::Refusal;
use crate::model::{Environment, Name, Target, Text};

/// Objects that one answer may change.
const MOST: usize = 50;
/// The same where it hurts.
const MOST_IN_PRODUCTION: usize = 5;

/// Plans that are confirmed together. Never empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Several {
    plans: Vec<Prepared>,
    level: Level,
    environment: Environment,
    confirmation: Confirmation,
}

/// How many objects one answer may change in an environment.
pub fn most(environment: Environment) -> usize {
    if environment == Environment::Production {
        MOST_IN_PRODUCTION
    } else {
        MOST
    }
}

impl Several {
    /// Puts plans together: the gravest of them decides, and many are graver than one.
    ///
    /// # Errors
    /// None at all, or more than may be changed at once.
    pub fn new(plans: Vec<Prepared>) -> Result<Self, Refusal> {
        let Some(first) = plans.first() else {
            return Err(Refusal::NotPossible(Text::new(
                "nothing is left to be done",
            )));
        };
        let gravest = plans
            .iter()
            .max_by_key(|plan| (plan.place.environment, plan.level));
        let environment = gravest.unwrap_or(first).place.environment;
        let count = plans.len();
        if count > most(environment) {
            let most = most(environment);
            return Err(Refusal::NotPossible(Text::from(format!(
                "{count} objects at once are too many: at most {most} in {}",
                environment.word()
            ))));
        }
        let highest = plans
            .iter()
            .map(|plan| plan.level)
            .max()
            .unwrap_or(first.level);
        let level = if count == 1 {
            highest
        } else {
            highest.raised()
        };
        let confirmation = if count == 1 {
            first.confirmation.clone()
        } else {
            let together = Target {
                namespace: Name::default(),
                name: Name::new(&format!("{count} {}", first.target.kind.plural())),
                ..first.target.clone()
            };
            guard::confirmation(level, environment, &together)
        };
        Ok(Self {
            plans,
            level,
            environment,
            confirmation,
        })
    }

    pub fn plans(&self) -> &[Prepared] {
        &self.plans
    }

    pub fn level(&self) -> Level {
        self.level
    }

    /// The gravest environment that is touched.
    pub fn environment(&self) -> Environment {
        self.environment
    }

    pub fn confirmation(&self) -> &Confirmation {
        &self.confirmation
    }

    /// Confirms all plans, if the answer does and each is still fresh.
    ///
    /// # Errors
    /// What is missing.
    pub fn approve(&self, answer: &Answer, now: Timestamp) -> Result<Vec<Approved>, Unconfirmed> {
        if let [alone] = self.plans.as_slice() {
            return Ok(vec![alone.approve(answer, now)?]);
        }
        self.confirmation.check(answer)?;
        let plans = self.plans.iter();
        plans.map(|plan| plan.approved(answer, now)).collect()
    }
}
