//! The readings that one endpoint has to serve: each in a task of its own, begun when it is wanted and ended when it is
//! not. Every engine's `run` drives one of these.

use std::collections::BTreeMap;

use tokio::sync::{mpsc, watch};
use tokio::task::{AbortHandle, JoinSet};

use super::out::Outlet;
use crate::model::{
    Demand, EndpointId, LogBatch, LogChange, LogReading, LogTarget, LogWant, SourceStatus,
};

/// The readings of one endpoint.
pub struct Readings {
    endpoint: EndpointId,
    demand: watch::Receiver<Demand>,
    batches: mpsc::Sender<LogBatch>,
}

impl Readings {
    pub fn new(
        endpoint: EndpointId,
        demand: watch::Receiver<Demand>,
        batches: mpsc::Sender<LogBatch>,
    ) -> Self {
        Self {
            endpoint,
            demand,
            batches,
        }
    }

    /// Waits until something is wanted of the endpoint.
    pub async fn wanted(&mut self) {
        while self.now().is_empty() {
            if self.demand.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Says how the search stands to everyone who waits.
    pub async fn say(&mut self, status: SourceStatus) {
        for reading in self.now().into_keys() {
            let said = vec![LogChange::Finding(status.clone())];
            self.outlet(reading).say(said).await;
        }
    }

    /// Runs `read` for every reading, until nobody can want anything any more.
    pub async fn serve<F>(&mut self, read: impl Fn(Outlet, watch::Receiver<LogWant>) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut tasks = JoinSet::new();
        let mut open: BTreeMap<LogReading, (watch::Sender<LogWant>, AbortHandle)> = BTreeMap::new();
        loop {
            let now = self.now();
            open.retain(|reading, (_, task)| {
                let wanted = now.contains_key(reading);
                if !wanted {
                    task.abort();
                }
                wanted
            });
            for (reading, want) in now {
                if let Some((wants, _)) = open.get(&reading) {
                    wants.send_if_modified(|known| {
                        let news = *known != want;
                        if news {
                            *known = want;
                        }
                        news
                    });
                    continue;
                }
                let (wants, wants_rx) = watch::channel(want);
                let task = tasks.spawn(read(self.outlet(reading), wants_rx));
                open.insert(reading, (wants, task));
            }
            tokio::select! {
                changed = self.demand.changed() => if changed.is_err() {
                    return;
                },
                Some(_) = tasks.join_next() => {}
            }
        }
    }

    fn outlet(&self, reading: LogReading) -> Outlet {
        Outlet {
            reading,
            endpoint: self.endpoint,
            batches: self.batches.clone(),
        }
    }

    /// What is wanted of this endpoint now, of each reading only its targets here.
    fn now(&mut self) -> BTreeMap<LogReading, LogWant> {
        let demand = self.demand.borrow_and_update();
        let wants = demand.logs.iter().filter_map(|want| {
            let mut want = want.clone();
            want.targets
                .retain(|target| endpoint(target) == self.endpoint);
            (!want.targets.is_empty()).then_some((want.reading, want))
        });
        wants.collect()
    }
}

fn endpoint(target: &LogTarget) -> EndpointId {
    match target {
        LogTarget::Object(target) | LogTarget::Container { pod: target, .. } => target.endpoint,
        LogTarget::Selector { endpoint, .. } | LogTarget::Query { endpoint, .. } => *endpoint,
    }
}
