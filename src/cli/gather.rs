//! Runs the sources into a store until what was asked for is there: for commands that answer once.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use crate::clients::clock::now;
use crate::config::Config;
use crate::model::{
    Batch, Demand, Endpoint, EndpointId, Feed, Kind, Scope, SourceStatus, Topic, Want,
};
use crate::sources::fleet::Fleet;
use crate::store::Store;

/// A store that is being filled.
pub struct Gathering {
    pub store: Store,
    fleet: Fleet,
    batches: mpsc::Receiver<Batch>,
}

impl Gathering {
    /// Opens what the configuration names. Must be called within a runtime.
    pub fn start(config: &Config) -> Self {
        let (mut fleet, batches) = Fleet::new();
        fleet.open_all(config);
        let mut store = Store::default();
        store.set_contexts(fleet.contexts());
        Self {
            store,
            fleet,
            batches,
        }
    }

    /// The endpoints that are being asked.
    pub fn endpoints(&self) -> impl Iterator<Item = &Endpoint> {
        self.fleet.endpoints()
    }

    /// Those where things run.
    pub fn places(&self) -> impl Iterator<Item = &Endpoint> {
        let endpoints = self.fleet.endpoints();
        endpoints.filter(|endpoint| endpoint.engine.runs())
    }

    /// Says what is wanted from now on.
    pub fn want(&self, demand: Demand) {
        self.fleet.want(demand);
    }

    /// Takes in batches until the store is as asked, or `patience` is over; says which.
    pub async fn until(
        &mut self,
        patience: Duration,
        mut there: impl FnMut(&Store) -> bool,
    ) -> bool {
        let deadline = Instant::now() + patience;
        while !there(&self.store) {
            match timeout_at(deadline, self.batches.recv()).await {
                Ok(Some(batch)) => self.store.apply(batch, now()),
                Ok(None) | Err(_) => return false,
            }
        }
        true
    }

    /// Waits for the next batch and takes it in.
    pub async fn next(&mut self) {
        if let Some(batch) = self.batches.recv().await {
            self.store.apply(batch, now());
        }
    }
}

/// The feed of a kind in a scope.
pub fn objects(endpoint: EndpointId, kind: &Kind, scope: &Scope) -> Feed {
    Feed {
        endpoint,
        topic: Topic::Objects(kind.clone(), scope.clone()),
    }
}

/// A demand for kinds in scopes from endpoints.
pub fn demand(endpoints: &[EndpointId], kinds: &[Kind], scopes: &[Scope]) -> Demand {
    let mut demand = Demand::default();
    for endpoint in endpoints {
        for kind in kinds {
            for scope in scopes {
                demand.objects.insert(Want {
                    endpoint: *endpoint,
                    kind: kind.clone(),
                    scope: if kind.listed_by_namespace() {
                        scope.clone()
                    } else {
                        Scope::All
                    },
                });
            }
        }
    }
    demand
}

/// Whether a feed has said what it has to say: its rows, or why there are none.
pub fn settled(status: Option<&SourceStatus>) -> bool {
    !matches!(
        status,
        None | Some(SourceStatus::Connecting | SourceStatus::Listing { .. })
    )
}
