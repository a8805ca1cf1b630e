//! The endpoints that are open: opens and closes them while the program runs, and tells all of them what is wanted.
//!
//! `app` and the command line own one fleet each. Every endpoint runs in a task of its own; closing aborts the task and
//! tells the store.

use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;

use super::{Opening, Source};
use crate::clients::kubeconfig;
use crate::config::Config;
use crate::model::{Batch, Change, Context, Demand, Endpoint, EndpointId, Feed, LogBatch, Topic};

/// Batches that may wait for the store; sources coalesce behind them.
const ROOM: usize = 64;
/// Batches of log lines that may wait for the store: at most 16 MiB of them.
const LOG_ROOM: usize = 64;

/// An endpoint at work, and what it takes to start it again.
struct Open {
    source: &'static Source,
    opening: Opening,
    rows: AbortHandle,
    logs: Option<AbortHandle>,
}

impl Open {
    fn abort(&self) {
        self.rows.abort();
        self.logs.iter().for_each(AbortHandle::abort);
    }
}

/// Open endpoints.
pub struct Fleet {
    open: Vec<Open>,
    next: u16,
    demand: watch::Sender<Demand>,
    batches: mpsc::Sender<Batch>,
    logs: mpsc::Sender<LogBatch>,
    /// Until somebody takes it.
    log_receiver: Option<mpsc::Receiver<LogBatch>>,
}

impl Fleet {
    /// No endpoint yet; what they will tell arrives at the receiver.
    pub fn new() -> (Self, mpsc::Receiver<Batch>) {
        let (batches, receiver) = mpsc::channel(ROOM);
        let (logs, log_receiver) = mpsc::channel(LOG_ROOM);
        let fleet = Self {
            open: Vec::new(),
            next: 0,
            demand: watch::Sender::default(),
            batches,
            logs,
            log_receiver: Some(log_receiver),
        };
        (fleet, receiver)
    }

    /// Where the log lines arrive that [`Demand::logs`] asks for; none if it was taken before.
    pub fn take_logs(&mut self) -> Option<mpsc::Receiver<LogBatch>> {
        self.log_receiver.take()
    }

    /// Opens every endpoint that the configuration names or that can be found.
    pub fn open_all(&mut self, config: &Config) {
        for source in super::ALL {
            for opening in (source.find)(config) {
                self.open(source, opening);
            }
        }
    }

    /// Opens one endpoint; the same one twice is left alone.
    pub fn open(&mut self, source: &'static Source, mut opening: Opening) -> EndpointId {
        let known = self.endpoints().find(|known| {
            known.engine == opening.endpoint.engine && known.name == opening.endpoint.name
        });
        if let Some(known) = known {
            return known.id;
        }
        let id = EndpointId(self.next);
        self.next += 1;
        opening.endpoint.id = id;
        let rows = self.start(source, opening.clone());
        let logs = source.logs.map(|read| {
            let reading = read(opening.clone(), self.demand.subscribe(), self.logs.clone());
            tokio::spawn(reading).abort_handle()
        });
        self.open.push(Open {
            source,
            opening,
            rows,
            logs,
        });
        id
    }

    fn start(&self, source: &Source, opening: Opening) -> AbortHandle {
        let running = (source.run)(opening, self.demand.subscribe(), self.batches.clone());
        tokio::spawn(running).abort_handle()
    }

    /// Closes an endpoint. The batch that comes back takes its rows out of the store, which then ignores whatever is
    /// still under way.
    pub fn close(&mut self, id: EndpointId) -> Option<Batch> {
        let at = self
            .open
            .iter()
            .position(|open| open.opening.endpoint.id == id)?;
        self.open.remove(at).abort();
        Some(Batch {
            feed: Feed {
                endpoint: id,
                topic: Topic::Server,
            },
            changes: vec![Change::Closed],
        })
    }

    /// Starts endpoints again at once instead of waiting for their next try. Their rows stay until they are told anew.
    /// Logs go on as they are: only their own task knows where each stream is to be taken up again.
    pub fn retry(&mut self, which: impl Fn(EndpointId) -> bool) {
        for at in 0..self.open.len() {
            let Some(open) = self.open.get(at) else { break };
            if which(open.opening.endpoint.id) {
                open.rows.abort();
                let rows = self.start(open.source, open.opening.clone());
                if let Some(open) = self.open.get_mut(at) {
                    open.rows = rows;
                }
            }
        }
    }

    /// The open endpoints, in the order in which they were opened.
    pub fn endpoints(&self) -> impl Iterator<Item = &Endpoint> {
        self.open.iter().map(|open| &open.opening.endpoint)
    }

    /// How an open endpoint was opened.
    pub fn opening(&self, id: EndpointId) -> Option<&Opening> {
        let openings = self.open.iter().map(|open| &open.opening);
        openings
            .into_iter()
            .find(|opening| opening.endpoint.id == id)
    }

    /// The contexts of the kubeconfig and of the docker command, other Docker hosts that are open, and which of them are.
    pub fn contexts(&self) -> Vec<Context> {
        // What is wrong with the kubeconfig is said when an endpoint is opened from it.
        let mut contexts = kubeconfig::contexts(None).unwrap_or_default();
        contexts.extend(super::docker::contexts(self.endpoints()));
        for context in &mut contexts {
            let mut open = self.endpoints();
            let open = open.find(|endpoint| {
                endpoint.engine == context.engine && endpoint.name == context.name
            });
            context.endpoint = open.map(|endpoint| endpoint.id);
        }
        contexts
    }

    /// Says what is wanted now; nothing happens if that is what was wanted before.
    pub fn want(&self, demand: Demand) {
        self.demand.send_if_modified(|wanted| {
            let changed = *wanted != demand;
            *wanted = demand;
            changed
        });
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        for open in &self.open {
            open.abort();
        }
    }
}
