//! Starting the estate, and the handle by which its owner moves its clock, orders faults and looks at what was asked.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::Timestamp;
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

use super::kubernetes::faults::{Fault, Poke};
use super::kubernetes::{Context, Seen};
use super::scenario;
use super::world::clock::Clock;
use super::world::resource::PODS;
use super::world::{self, Cluster, Shared, seed};

/// How often a living world moves on.
const TICK: Duration = Duration::from_millis(100);

/// What the estate shall be.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Pods beside those of the platforms, up to some hundred thousand.
    pub pods: Option<usize>,
    /// Changes a second over the fleet.
    pub churn: f64,
    /// The name of a scenario to play; a mix of everyday troubles without one.
    pub scenario: Option<String>,
    pub seed: u64,
    /// A fixed world whose clock stands at this time and moves only by `advance`; without it the wall's clock runs.
    pub epoch: Option<Timestamp>,
}

/// Why the estate did not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot listen on loopback: {0}")]
    Listen(#[from] std::io::Error),
    #[error("no scenario is called {name:?}; there are {known}")]
    Scenario { name: String, known: String },
}

/// One server of the estate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    pub name: &'static str,
    pub engine: &'static str,
    pub url: String,
    pub environment: &'static str,
}

/// A server that begins: its address and its task.
pub(crate) type Starting = BoxFuture<'static, std::io::Result<(String, JoinHandle<()>)>>;

/// An engine that the estate has a server for.
#[derive(Debug)]
pub struct Engine {
    pub name: &'static str,
    pub doc: &'static str,
    /// Begins to serve a world on a free port of loopback.
    pub(crate) start: fn(Arc<Context>) -> Starting,
    /// The one cluster that has it beside, and its own name; none: every cluster has one of its name.
    pub(crate) at: Option<(&'static str, &'static str)>,
}

/// The clusters of the estate: name, environment, and whether the fleet is theirs.
const CLUSTERS: [(&str, &str, bool); 2] = [
    ("demo-eu", "production", true),
    ("demo-staging", "staging", false),
];

/// A running estate; dropping it stops all servers.
#[derive(Debug)]
pub struct Estate {
    servers: Vec<Server>,
    contexts: Vec<Arc<Context>>,
    clock: Arc<Clock>,
    churn: Arc<Churn>,
    tasks: Vec<JoinHandle<()>>,
}

/// Starts the estate on free ports of 127.0.0.1.
pub async fn serve(options: Options) -> Result<Estate, Error> {
    let wanted = options.scenario.as_deref().unwrap_or(scenario::USUAL);
    let scenario = scenario::named(wanted).ok_or_else(|| Error::Scenario {
        name: wanted.to_owned(),
        known: scenario::scenarios()
            .into_iter()
            .map(|s| s.name)
            .collect::<Vec<_>>()
            .join(", "),
    })?;
    let clock = Arc::new(Clock::new(options.epoch));
    let mut estate = Estate {
        servers: Vec::new(),
        contexts: Vec::new(),
        clock: Arc::clone(&clock),
        churn: Arc::new(Churn {
            rate: options.churn,
            owed: Mutex::new(0.0),
        }),
        tasks: Vec::new(),
    };
    let (seed, now, fixed) = (options.seed, clock.now(), options.epoch.is_some());
    let filling = CLUSTERS.map(|(name, _, has_fleet)| {
        let pods = options.pods.filter(|_| has_fleet).unwrap_or(0);
        tokio::task::spawn_blocking(move || seed::cluster(name, seed, now, pods, scenario, fixed))
    });
    for ((name, environment, _), cluster) in CLUSTERS.into_iter().zip(filling) {
        let cluster = cluster.await.map_err(std::io::Error::other)?;
        let context = Arc::new(Context::new(
            Arc::new(Shared::new(cluster)),
            Arc::clone(&clock),
        ));
        for engine in super::ALL {
            let name = match engine.at {
                Some((cluster, _)) if cluster != name => continue,
                Some((_, own)) => own,
                None => name,
            };
            let (url, task) = (engine.start)(Arc::clone(&context)).await?;
            estate.tasks.push(task);
            estate.servers.push(Server {
                name,
                engine: engine.name,
                url,
                environment,
            });
        }
        estate.contexts.push(context);
    }
    if options.epoch.is_none() {
        let (contexts, churn) = (estate.contexts.clone(), Arc::clone(&estate.churn));
        estate
            .tasks
            .push(tokio::spawn(live(contexts, clock, churn)));
    }
    Ok(estate)
}

/// Keeps the worlds up with the wall's clock.
async fn live(contexts: Vec<Arc<Context>>, clock: Arc<Clock>, churn: Arc<Churn>) {
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        for context in &contexts {
            move_to(context, clock.now(), &churn);
        }
    }
}

/// Lets one world live until `now`, and its fleet change as much as the time that passed asks for.
fn move_to(context: &Context, now: Timestamp, churn: &Churn) {
    {
        let mut cluster = context.shared.lock();
        let passed = now.duration_since(cluster.now).as_secs_f64();
        world::live::run(&mut cluster, now);
        churn.apply(&mut cluster, passed);
    }
    context.shared.announce();
    super::prometheus::ask::tick(context);
}

/// Changes over the fleet: how many a second, and the part of one that is still owed.
#[derive(Debug)]
struct Churn {
    rate: f64,
    owed: Mutex<f64>,
}

impl Churn {
    fn apply(&self, cluster: &mut Cluster, passed: f64) {
        let pods = cluster.fleet.len(&PODS);
        if pods == 0 || self.rate <= 0.0 {
            return;
        }
        let mut owed = self.owed.lock().unwrap_or_else(PoisonError::into_inner);
        *owed += self.rate * passed.clamp(0.0, 60.0);
        while *owed >= 1.0 {
            *owed -= 1.0;
            let number = cluster.next();
            // one change in twenty replaces the pod
            cluster.churn(
                (number % pods as u64) as usize,
                (number >> 40).is_multiple_of(20),
            );
        }
    }
}

impl Estate {
    pub fn servers(&self) -> &[Server] {
        &self.servers
    }

    /// Moves a fixed world's clock, and the world with it.
    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
        for context in &self.contexts {
            move_to(context, self.clock.now(), &self.churn);
        }
    }

    fn context(&self, server: &str) -> Option<&Arc<Context>> {
        let at = CLUSTERS.iter().position(|(name, ..)| *name == server)?;
        self.contexts.get(at)
    }

    /// Lets the next `times` requests whose path and query begin with `prefix` meet a fault.
    pub fn inject(&self, server: &str, prefix: &str, fault: Fault, times: u32) {
        if let Some(context) = self.context(server) {
            context.faults.order(prefix, fault, times);
        }
    }

    /// Takes all faults of a server back.
    pub fn heal(&self, server: &str) {
        if let Some(context) = self.context(server) {
            context.faults.clear();
        }
    }

    /// Does something to the open watches whose path and query begin with `prefix`.
    pub fn poke(&self, server: &str, prefix: &str, poke: Poke) {
        if let Some(context) = self.context(server) {
            context.faults.poke(prefix, poke);
        }
    }

    /// Forgets the history up to now: older watches and continue tokens are answered with 410.
    pub fn compact(&self, server: &str) {
        if let Some(context) = self.context(server) {
            context.shared.lock().compact();
        }
    }

    /// Takes a permission away: a verb, a kind's plural (or `pods/log`), a namespace; `*` stands for all, no namespace for
    /// everywhere and `-` for cluster-wide requests only.
    pub fn deny(&self, server: &str, verb: &str, plural: &str, namespace: &str) {
        if let Some(context) = self.context(server) {
            context.denials.add(verb, plural, namespace);
        }
    }

    /// Gives all permissions back.
    pub fn allow_all(&self, server: &str) {
        if let Some(context) = self.context(server) {
            context.denials.clear();
        }
    }

    /// Stores an object as it is, bypassing all checks, as its kind's newest version.
    pub fn put(&self, server: &str, plural: &str, object: serde_json::Value) {
        if let (Some(context), Some(kind)) = (self.context(server), kind(plural)) {
            context.shared.lock().put(kind, object);
            context.shared.announce();
        }
    }

    /// Removes an object at once.
    pub fn remove(&self, server: &str, plural: &str, namespace: &str, name: &str) {
        if let (Some(context), Some(kind)) = (self.context(server), kind(plural)) {
            context.shared.lock().remove(kind, namespace, name);
            context.shared.announce();
        }
    }

    /// All objects of a kind as they are now, without `kind` and `apiVersion`.
    pub fn objects(&self, server: &str, plural: &str) -> Vec<serde_json::Value> {
        let (Some(context), Some(kind)) = (self.context(server), kind(plural)) else {
            return Vec::new();
        };
        let snapshot = context.shared.lock().snapshot(kind);
        snapshot
            .indexes(None)
            .map(|index| snapshot.item(index).value().into_owned())
            .collect()
    }

    /// Changes one pod of the fleet, or with `replace` puts another in its place.
    pub fn churn(&self, server: &str, pod: usize, replace: bool) {
        if let Some(context) = self.context(server) {
            context.shared.lock().churn(pod, replace);
            context.shared.announce();
        }
    }

    /// How often watches that ask for bookmarks get one; a minute unless told.
    pub fn bookmark_every(&self, server: &str, period: Duration) {
        if let Some(context) = self.context(server) {
            context
                .bookmark
                .store(period.as_millis() as u64, Ordering::Relaxed);
        }
    }

    /// How many requests that write, dry runs included, the server has seen.
    pub fn writes(&self, server: &str) -> u64 {
        self.context(server)
            .map_or(0, |c| c.writes.load(Ordering::Relaxed))
    }

    /// The requests that the server has seen, the last few thousand.
    pub fn seen(&self, server: &str) -> Vec<Seen> {
        self.context(server).map_or_else(Vec::new, |c| {
            c.seen
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .iter()
                .cloned()
                .collect()
        })
    }
}

/// The kind with that plural.
fn kind(plural: &str) -> Option<&'static world::resource::Resource> {
    world::resource::ALL
        .iter()
        .copied()
        .find(|r| r.plural == plural)
}

impl Drop for Estate {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}
