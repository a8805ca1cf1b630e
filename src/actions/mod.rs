//! Everything that changes the world: one list, one path, whoever asks.
//!
//! [`ALL`] names the actions; keys, menu, help, subcommands, guard, preview and audit derive from it. The path is
//! gather (read live) → [`Action::plan`] (pure) → [`guard`] (pure) → dry run → [`Prepared`] → [`Prepared::approve`] →
//! commit → follow → [`Outcome`] → [`audit`]. A [`Plan`] is data, so preview, dry run, audit and undo exist once.
//!
//! What must stay true: nothing here reads the store, so no plan rests on a stale cache; only [`run`] holds a writing
//! client, and it takes nothing but an [`Approved`], which the guard alone gives out.

pub mod argument;
pub mod audit;
pub mod evaluate;
pub mod facts;
pub mod goal;
pub mod guard;
pub mod invocation;
pub mod kubernetes;
pub mod outcome;
pub mod plan;
pub mod prepared;
pub mod refusal;
pub mod run;
pub mod several;
pub mod step;
pub mod words;

use crate::model::Kind;

pub use argument::{Argument, Arguments, Shape, Value};
pub use facts::{Facts, Place, Topic};
pub use goal::Goal;
pub use guard::{Answer, Ask, Confirmation, Level, Unconfirmed};
pub use invocation::{Expected, Invocation};
pub use outcome::{Finished, Milestone, Outcome, Progress, Report, Stage};
pub use plan::{Check, FieldChange, Lasting, Plan, Table, TableRow, Verdict, Warning, Weight};
pub use prepared::{Approved, Prepared, Preview};
pub use refusal::Refusal;
pub use several::Several;
pub use step::{Operation, Permission, Step, Test};

/// One thing that can be done to an object.
pub trait Action: Sync {
    /// The subcommand and the name in the configuration's `[keys]`: `rollback`.
    fn name(&self) -> &'static str;

    /// How the menu and the dialog's title begin: `Roll back`.
    fn title(&self) -> &'static str;

    /// What it does, in one sentence.
    fn doc(&self) -> &'static str;

    /// The key that asks for it; empty if it has none of its own.
    fn chord(&self) -> &'static str {
        ""
    }

    /// Whether it can be done to objects of a kind at all.
    fn applies(&self, kind: &Kind) -> bool;

    /// What it can be told: fields of the dialog, flags of the command.
    fn arguments(&self) -> &'static [Argument] {
        &[]
    }

    /// What the server must permit, so that it can be asked beforehand.
    fn needs(&self, kind: &Kind) -> Vec<Permission>;

    /// What has to be read beside the object itself.
    fn reads(&self, _kind: &Kind) -> &'static [Topic] {
        &[]
    }

    /// Whether there is something to choose from, such as revisions.
    fn lists(&self) -> bool {
        false
    }

    /// What can be chosen. Pure.
    fn choices(&self, _facts: &Facts) -> Option<Table> {
        None
    }

    /// Works out what would be done. Pure.
    ///
    /// # Errors
    /// Why it cannot or must not be done.
    fn plan(&self, facts: &Facts, arguments: &Arguments) -> Result<Plan, Refusal>;
}

/// Every action, in the order of the menu.
pub static ALL: &[&dyn Action] = &[
    &kubernetes::rollback::Rollback,
    &kubernetes::scale::Scale,
    &kubernetes::restart::Restart,
    &kubernetes::pause::Pause,
    &kubernetes::pause::Resume,
    &kubernetes::set::SetImage,
    &kubernetes::set::SetEnv,
    &kubernetes::bounds::Bounds,
    &kubernetes::trigger::Trigger,
    &kubernetes::delete::Evict,
    &kubernetes::node::Cordon,
    &kubernetes::node::Uncordon,
    &kubernetes::node::Drain,
    &kubernetes::delete::Delete,
];

/// The action of this name.
pub fn find(name: &str) -> Option<&'static dyn Action> {
    ALL.iter().copied().find(|action| action.name() == name)
}

/// The actions that can be done to objects of a kind, in the order of the menu.
pub fn of(kind: &Kind) -> impl Iterator<Item = &'static dyn Action> {
    ALL.iter()
        .copied()
        .filter(move |action| action.applies(kind))
}
