//! Questions to the daemon: what is asked, and when it is due. Each is asked by a task, never twice at once.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::de::DeserializeOwned;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::swarm::Swarm;
use super::wire::{self, Image, Info, Inspected, Listed, Network, Volume};
use crate::clients::docker::{Reader, broken};
use crate::clients::fault::Fault;

/// Containers that are looked at alone at the same time.
const LOOKS: usize = 4;
/// More changed containers than this are listed with all others.
const FEW: usize = 40;

/// A question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ask {
    Containers,
    Images,
    Volumes,
    Networks,
    Swarm,
    Info,
    Ping,
    /// Of volumes: the daemon walks the disk for it.
    Sizes,
}

/// An answer.
pub(super) enum Answer {
    All(Result<Vec<Listed>, Fault>),
    /// Those that were asked for.
    Some(BTreeSet<String>, Result<Vec<Listed>, Fault>),
    Look(String, Result<Box<Inspected>, Fault>),
    Images(Result<Vec<Image>, Fault>),
    Volumes(Result<Vec<Volume>, Fault>),
    Networks(Result<Vec<Network>, Fault>),
    Swarm(Result<Swarm, Fault>),
    Info(Result<Box<Info>, Fault>),
    Ping(Result<(), Fault>),
    Sizes(Result<Vec<Volume>, Fault>),
}

/// Questions that are due or under way.
pub(super) struct Asks {
    reader: Reader,
    due: BTreeMap<Ask, Instant>,
    under_way: BTreeSet<Ask>,
    jobs: JoinSet<Answer>,
    /// Containers that changed, and whether all of them may have.
    dirty: BTreeSet<String>,
    all_dirty: bool,
    /// Containers to be looked at alone.
    looks: BTreeSet<String>,
    looking: usize,
}

impl Asks {
    pub(super) fn new(reader: Reader) -> Self {
        Self {
            reader,
            due: BTreeMap::new(),
            under_way: BTreeSet::new(),
            jobs: JoinSet::new(),
            dirty: BTreeSet::new(),
            all_dirty: true,
            looks: BTreeSet::new(),
            looking: 0,
        }
    }

    /// Asks after a while, or earlier if that was settled already.
    pub(super) fn ask(&mut self, ask: Ask, after: Duration) {
        let at = Instant::now() + after;
        let due = self.due.entry(ask).or_insert(at);
        *due = at.min(*due);
    }

    /// A container changed.
    pub(super) fn dirty(&mut self, id: &str, after: Duration) {
        self.dirty.insert(id.to_owned());
        self.ask(Ask::Containers, after);
    }

    pub(super) fn all_dirty(&mut self, after: Duration) {
        self.all_dirty = true;
        self.ask(Ask::Containers, after);
    }

    pub(super) fn forget(&mut self, id: &str) {
        self.dirty.remove(id);
        self.looks.remove(id);
    }

    /// A container is to be looked at alone.
    pub(super) fn look(&mut self, id: &str) {
        self.looks.insert(id.to_owned());
    }

    /// Whether no container waits to be looked at.
    pub(super) fn looked(&self) -> bool {
        self.looks.is_empty() && self.looking == 0
    }

    /// Waits for the next answer, asking what is due meanwhile. Never resolves while nothing is asked. Cancel-safe.
    pub(super) async fn answer(&mut self) -> Answer {
        loop {
            self.start();
            let next = self
                .due
                .iter()
                .filter(|(ask, _)| !self.under_way.contains(ask))
                .map(|(_, at)| *at)
                .min();
            tokio::select! {
                Some(done) = self.jobs.join_next() => {
                    if let Ok(answer) = done {
                        self.done(&answer);
                        return answer;
                    }
                }
                () = until(next), if next.is_some() => {}
                () = std::future::pending(), if next.is_none() && self.jobs.is_empty() => {}
            }
        }
    }

    fn start(&mut self) {
        let now = Instant::now();
        let ripe: Vec<Ask> = self
            .due
            .iter()
            .filter(|(ask, at)| **at <= now && !self.under_way.contains(ask))
            .map(|(ask, _)| *ask)
            .collect();
        for ask in ripe {
            self.due.remove(&ask);
            self.under_way.insert(ask);
            self.begin(ask);
        }
        while self.looking < LOOKS
            && let Some(id) = self.looks.pop_first()
        {
            self.looking += 1;
            let reader = self.reader.clone();
            self.jobs.spawn(async move {
                let path = format!("/containers/{id}/json");
                let looked = one(&reader, &path).await;
                Answer::Look(id, looked.map(Box::new))
            });
        }
    }

    fn begin(&mut self, ask: Ask) {
        let reader = self.reader.clone();
        match ask {
            Ask::Containers => {
                let dirty = std::mem::take(&mut self.dirty);
                if std::mem::take(&mut self.all_dirty) || dirty.len() > FEW {
                    self.jobs.spawn(async move {
                        Answer::All(many(&reader, "/containers/json?all=1").await)
                    });
                } else {
                    let path = format!("/containers/json?all=1&filters={}", filter(&dirty));
                    self.jobs
                        .spawn(async move { Answer::Some(dirty, many(&reader, &path).await) });
                }
            }
            Ask::Images => {
                self.jobs
                    .spawn(async move { Answer::Images(many(&reader, "/images/json").await) });
            }
            Ask::Networks => {
                self.jobs
                    .spawn(async move { Answer::Networks(many(&reader, "/networks").await) });
            }
            Ask::Volumes => {
                self.jobs.spawn(async move {
                    Answer::Volumes(inside(&reader, "/volumes", "Volumes").await)
                });
            }
            Ask::Sizes => {
                self.jobs.spawn(async move {
                    let path = "/system/df?type=volume";
                    Answer::Sizes(inside(&reader, path, "Volumes").await)
                });
            }
            Ask::Swarm => {
                self.jobs
                    .spawn(async move { Answer::Swarm(swarm(&reader).await) });
            }
            Ask::Info => {
                self.jobs
                    .spawn(async move { Answer::Info(one(&reader, "/info").await.map(Box::new)) });
            }
            Ask::Ping => {
                self.jobs
                    .spawn(async move { Answer::Ping(reader.ping().await) });
            }
        }
    }

    fn done(&mut self, answer: &Answer) {
        let ask = match answer {
            Answer::Look(..) => {
                self.looking = self.looking.saturating_sub(1);
                return;
            }
            Answer::All(_) | Answer::Some(..) => Ask::Containers,
            Answer::Images(_) => Ask::Images,
            Answer::Volumes(_) => Ask::Volumes,
            Answer::Networks(_) => Ask::Networks,
            Answer::Swarm(_) => Ask::Swarm,
            Answer::Info(_) => Ask::Info,
            Answer::Ping(_) => Ask::Ping,
            Answer::Sizes(_) => Ask::Sizes,
        };
        self.under_way.remove(&ask);
    }
}

impl Answer {
    /// The fault of an answer that means the connection is gone, and not just that this cannot be asked.
    pub(super) fn broke(&self) -> Option<&Fault> {
        let (Self::All(Err(fault))
        | Self::Some(_, Err(fault))
        | Self::Look(_, Err(fault))
        | Self::Images(Err(fault))
        | Self::Volumes(Err(fault))
        | Self::Networks(Err(fault))
        | Self::Swarm(Err(fault))
        | Self::Info(Err(fault))
        | Self::Ping(Err(fault))) = self
        else {
            return None;
        };
        matches!(
            fault,
            Fault::Unreachable(_) | Fault::Silent | Fault::Misconfigured(_) | Fault::Foreign(_)
        )
        .then_some(fault)
    }
}

async fn until(at: Option<Instant>) {
    if let Some(at) = at {
        tokio::time::sleep_until(at).await;
    }
}

/// `{"id":["5cbb…"]}`, as it stands in a query.
fn filter(ids: &BTreeSet<String>) -> String {
    let ids: Vec<String> = ids
        .iter()
        .filter(|id| id.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        .map(|id| format!("%22{id}%22"))
        .collect();
    format!("%7B%22id%22:%5B{}%5D%7D", ids.join(","))
}

async fn many<T: DeserializeOwned>(reader: &Reader, path: &str) -> Result<Vec<T>, Fault> {
    wire::list(&reader.bytes(path).await?).ok_or_else(broken)
}

async fn inside<T: DeserializeOwned>(
    reader: &Reader,
    path: &str,
    field: &str,
) -> Result<Vec<T>, Fault> {
    wire::list_at(&reader.bytes(path).await?, field).ok_or_else(broken)
}

async fn one<T: DeserializeOwned>(reader: &Reader, path: &str) -> Result<T, Fault> {
    serde_json::from_slice(&reader.bytes(path).await?).map_err(|_| broken())
}

async fn swarm(reader: &Reader) -> Result<Swarm, Fault> {
    Ok(Swarm {
        services: many(reader, "/services?status=true").await?,
        tasks: many(reader, "/tasks").await?,
        nodes: many(reader, "/nodes").await?,
    })
}
