//! Actions carried out: questions and commits run in tasks of their own, and what they lead to comes back as [`News`].
//!
//! A site is an endpoint as actions reach it, opened when one first aims at it and kept while the endpoint is open. What
//! runs is never ended by the screen: leaving the panel leaves it, and leaving the program stops watching only.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;

use crate::actions::run::{self, Desk, Pace, Site, Way};
use crate::actions::{
    self, Approved, Finished, Invocation, Outcome, Permission, Prepared, Refusal, Report,
};
use crate::config::Config;
use crate::model::{EndpointId, Environment, Text};
use crate::sources::How;
use crate::sources::fleet::Fleet;
use crate::store::Store;
use crate::ui::Effect;
use crate::ui::acting::{MINUTES, News, Place};

/// News that may wait for the loop.
const ROOM: usize = 256;
/// Questions of one dialog that are asked at once.
const AT_ONCE: usize = 8;

/// What an action is looked up in.
#[derive(Clone, Copy)]
pub struct World<'a> {
    pub fleet: &'a Fleet,
    pub store: &'a Store,
}

/// What actions need of the program.
pub struct Acts {
    desk: Arc<Desk>,
    sites: BTreeMap<EndpointId, Arc<Site>>,
    news: mpsc::Sender<News>,
    /// The question that is open.
    asking: Option<AbortHandle>,
    /// Tells what runs to send nothing more.
    stop: watch::Sender<bool>,
}

impl Acts {
    /// What they lead to arrives at the receiver.
    pub fn new(config: &Config, pace: Pace) -> (Self, mpsc::Receiver<News>) {
        let (news, told) = mpsc::channel(ROOM);
        let acts = Self {
            desk: Desk::new(config, pace),
            sites: BTreeMap::new(),
            news,
            asking: None,
            stop: watch::channel(false).0,
        };
        (acts, told)
    }

    /// Forgets an endpoint that was closed; what runs on it goes on.
    pub fn close(&mut self, id: EndpointId) {
        self.sites.remove(&id);
    }
}

impl Drop for Acts {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

impl Acts {
    /// Carries out what the interface asks of the world; what is asked of anything else comes back.
    pub fn carry_out(&mut self, world: World<'_>, effect: Effect) -> Option<Effect> {
        match effect {
            Effect::Prepare {
                dialog,
                round,
                asked,
            } => self.prepare(world, dialog, round, asked),
            Effect::Commit { work, approved } => self.commit(world, work, approved),
            Effect::Permissions(place) => self.ask_permissions(world, place),
            Effect::ReadAudit => self.read_audit(),
            Effect::Unlock(environment) => self.unlock(environment),
            other => return Some(other),
        }
        None
    }

    /// The endpoint as actions reach it.
    fn site(&mut self, world: World<'_>, id: EndpointId) -> Result<Arc<Site>, Refusal> {
        if let Some(site) = self.sites.get(&id) {
            return Ok(Arc::clone(site));
        }
        let closed = || Refusal::Unreachable(Text::new("this endpoint is not open any more"));
        let opening = world.fleet.opening(id).ok_or_else(closed)?;
        let endpoint = world
            .store
            .endpoint(id)
            .unwrap_or(&opening.endpoint)
            .clone();
        let way = match &opening.how {
            How::Kubernetes(choice) => Way::Kubernetes(choice.clone()),
            How::Docker(_) | How::Watcher(_) => {
                let words = "nothing there can be changed with this version";
                return Err(Refusal::NotPossible(Text::new(words)));
            }
        };
        let site = Arc::new(Site::new(&self.desk, endpoint, way));
        self.sites.insert(id, Arc::clone(&site));
        Ok(site)
    }

    /// Works out what would be done, in a task; the question before it is given up.
    fn prepare(&mut self, world: World<'_>, dialog: u64, round: u64, asked: Vec<Invocation>) {
        if let Some(asking) = self.asking.take() {
            asking.abort();
        }
        let asked: Vec<_> = asked
            .into_iter()
            .map(|one| (self.site(world, one.target.endpoint), one))
            .collect();
        let news = self.news.clone();
        let task = tokio::spawn(async move {
            let mut results = Vec::new();
            let mut asked = asked.into_iter().peekable();
            while asked.peek().is_some() {
                let some = asked.by_ref().take(AT_ONCE);
                let answers = some.map(|(site, one)| async move { look(site, one).await });
                results.extend(futures::future::join_all(answers).await);
            }
            let _ = news
                .send(News::Prepared {
                    dialog,
                    round,
                    results,
                })
                .await;
        });
        self.asking = Some(task.abort_handle());
    }

    /// Does what was confirmed, one after the other, in a task.
    fn commit(&mut self, world: World<'_>, work: u64, approved: Vec<Approved>) {
        let all: Vec<_> = approved
            .into_iter()
            .map(|one| (self.site(world, one.preview().target.endpoint), one))
            .collect();
        let (news, stop) = (self.news.clone(), self.stop.subscribe());
        tokio::spawn(async move {
            for (at, (site, approved)) in all.into_iter().enumerate() {
                let finished = match site {
                    Ok(site) => carry_out(&site, approved, (work, at), &news, stop.clone()).await,
                    Err(refusal) => Err(refusal),
                };
                match finished {
                    Ok(finished) if finished.outcome == Outcome::Succeeded => {}
                    // Nothing goes on behind what did not end well.
                    Ok(_) => break,
                    Err(refusal) => {
                        let _ = news.send(News::Refused { work, at, refusal }).await;
                        break;
                    }
                }
            }
            let _ = news.send(News::Ended { work }).await;
        });
    }

    /// Finds out what the user may do in a place.
    fn ask_permissions(&mut self, world: World<'_>, place: Place) {
        let Ok(site) = self.site(world, place.endpoint) else {
            return;
        };
        let mut needs: Vec<Permission> = Vec::new();
        for need in actions::of(&place.kind).flat_map(|action| action.needs(&place.kind)) {
            if !needs.contains(&need) {
                needs.push(need);
            }
        }
        let news = self.news.clone();
        tokio::spawn(async move {
            let permits = run::permits(&site, needs, &place.namespace).await;
            let _ = news.send(News::Permitted { place, permits }).await;
        });
    }

    /// Reads the audit.
    fn read_audit(&self) {
        let (desk, news) = (Arc::clone(&self.desk), self.news.clone());
        tokio::spawn(async move {
            let read = tokio::task::spawn_blocking(move || {
                let journal = desk.journal().map_err(|why| Text::from(why.to_string()))?;
                journal
                    .entries()
                    .map_err(|error| Text::from(error.to_string()))
            });
            let entries = read
                .await
                .unwrap_or_else(|error| Err(Text::from(error.to_string())));
            let _ = news.send(News::Audit(entries)).await;
        });
    }

    /// Has the audit take note that an environment is unlocked.
    fn unlock(&self, environment: Environment) {
        let (desk, news) = (Arc::clone(&self.desk), self.news.clone());
        tokio::spawn(async move {
            let result = run::unlock(&desk, environment, MINUTES).await;
            let _ = news
                .send(News::Unlocked {
                    environment,
                    result,
                })
                .await;
        });
    }
}

async fn look(site: Result<Arc<Site>, Refusal>, asked: Invocation) -> Result<Prepared, Refusal> {
    run::prepare(&*site?, asked).await
}

/// Carries one plan out, and passes on how it gets on.
async fn carry_out(
    site: &Site,
    approved: Approved,
    (work, at): (u64, usize),
    news: &mpsc::Sender<News>,
    stop: watch::Receiver<bool>,
) -> Result<Finished, Refusal> {
    let (reports_tx, mut reports) = mpsc::channel::<Report>(16);
    let passed = async {
        while let Some(report) = reports.recv().await {
            let _ = news.send(News::Report { work, at, report }).await;
        }
    };
    let committed = async {
        let finished = run::commit(site, approved, &reports_tx, stop).await;
        drop(reports_tx);
        finished
    };
    tokio::join!(committed, passed).0
}
