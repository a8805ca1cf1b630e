//! The path that every action takes, whoever asks: [`prepare`] looks and plans, [`commit`] writes, follows and audits.
//!
//! The dashboard and the command line keep one [`Desk`] a run and one [`Site`] an endpoint. A read-only run has no
//! right to write, so its sites never build a writing client. Nothing is sent before its record is on disk.

mod commit;
mod follow;
mod gather;
mod observe;
mod permits;
mod prepare;
mod steps;
mod unlock;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::OnceCell;

use super::audit::{Actor, Journal};
use super::refusal::Refusal;
use crate::clients::connect::{self, KubeChoice};
use crate::clients::fault::Fault;
use crate::clients::kube::Reader;
use crate::clients::write::{MayWrite, Writer};
use crate::config::Config;
use crate::model::{Endpoint, Text};

pub use commit::commit;
pub use gather::{exists, facts};
pub use permits::permits;
pub use prepare::{permitted, prepare};
pub use unlock::unlock;

/// What all actions of a run share: the right to write, the audit and who acts.
pub struct Desk {
    config: Config,
    may_write: Option<MayWrite>,
    /// None: there is no place for one, so nothing is written.
    journal: Option<Journal>,
    actor: Actor,
    pace: Pace,
}

/// How an action is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Between two looks; each costs one request.
    pub every: Duration,
    /// Instead of the plan's: how long it must stay well.
    pub steady: Option<Duration>,
    /// Instead of the plan's: how long it may take.
    pub budget: Option<Duration>,
    /// Whether the outcome is waited for at all.
    pub watch: bool,
}

/// An endpoint that actions reach.
pub struct Site {
    pub endpoint: Endpoint,
    way: Way,
    desk: Arc<Desk>,
    open: OnceCell<Open>,
}

/// How an endpoint is reached.
#[derive(Clone, Debug)]
pub enum Way {
    Kubernetes(KubeChoice),
}

/// The clients of an endpoint.
struct Open {
    reader: Reader,
    writer: Option<Writer>,
    facts: connect::Facts,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            every: Duration::from_secs(1),
            steady: None,
            budget: None,
            watch: true,
        }
    }
}

impl Desk {
    /// A desk for a run with these settings.
    pub fn new(config: &Config, pace: Pace) -> Arc<Self> {
        let asked = Some(&config.actions.audit).filter(|path| !path.is_empty());
        let path = asked.map(PathBuf::from).or_else(Journal::usual_path);
        Arc::new(Self {
            may_write: MayWrite::of(config),
            config: config.clone(),
            journal: path.map(Journal::new),
            actor: Actor::of_process(),
            pace,
        })
    }

    /// The audit; for reading, and to be checked before anything is prepared.
    ///
    /// # Errors
    /// There is no place for one.
    pub fn journal(&self) -> Result<&Journal, Refusal> {
        self.journal.as_ref().ok_or_else(|| {
            Refusal::Unaudited(Text::new(
                "there is no home folder; name a file with [actions] audit",
            ))
        })
    }
}

impl Site {
    /// Connects when it is first used.
    pub fn new(desk: &Arc<Desk>, endpoint: Endpoint, way: Way) -> Self {
        Self {
            endpoint,
            way,
            desk: Arc::clone(desk),
            open: OnceCell::new(),
        }
    }

    async fn open(&self) -> Result<&Open, Refusal> {
        let open = async {
            let Way::Kubernetes(choice) = &self.way;
            let connection = connect::connect(choice).await?;
            let may_write = self.desk.may_write.as_ref();
            Ok(Open {
                writer: may_write.map(|permitted| connection.writer(permitted)),
                reader: connection.reader,
                facts: connection.facts,
            })
        };
        self.open
            .get_or_try_init(|| open)
            .await
            .map_err(|fault: Fault| unreachable(&fault))
    }
}

/// A fault that keeps us from looking.
fn unreachable(fault: &Fault) -> Refusal {
    Refusal::Unreachable(Text::from(fault.to_string()))
}

/// The time of day.
fn now() -> Timestamp {
    Timestamp::now()
}
