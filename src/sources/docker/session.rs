//! One connection to a daemon, from its version to its end: the loop that asks, hears and tells.

use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::ask::{Answer, Ask, Asks};
use super::document::Opened;
use super::events::{self, Heard};
use super::follow::Follow;
use super::host::{Host, SWARM};
use super::project::SWARM_SERVICE_ID;
use super::send;
use super::things;
use super::wire::Event;
use crate::clients::clock;
use crate::clients::docker::Reader;
use crate::clients::fault::Fault;
use crate::model::{Change, Demand, Kind, Name, SourceStatus, Text, Topic};

/// Changes that come together are asked for, and told, together.
const SOON: Duration = Duration::from_millis(100);
/// Things that change while many containers do are asked for this rarely.
const LATER: Duration = Duration::from_millis(500);
/// Tasks of a swarm tell no events.
const SWARM_EVERY: Duration = Duration::from_secs(5);
/// A host that is no manager may become one.
const NO_SWARM_EVERY: Duration = Duration::from_secs(30);
const INFO_EVERY: Duration = Duration::from_mins(1);
/// A daemon that says nothing for so long is asked whether it is there.
const PING_EVERY: Duration = Duration::from_secs(15);
/// What may not be asked is tried again after this.
const REFUSED: Duration = Duration::from_mins(1);
const AGE_EVERY: Duration = Duration::from_secs(5);

/// How a session ended.
pub(super) struct Ended {
    pub(super) fault: Fault,
    /// Whether its containers were listed before.
    pub(super) lived: bool,
}

/// The connection and what is under way on it.
struct Session<'a> {
    host: &'a mut Host,
    reader: Reader,
    asks: Asks,
    follow: Follow,
    opened: Option<Opened>,
    /// When what changed is told.
    flush: Option<Instant>,
    lived: bool,
}

/// Serves a host over one connection; none when nobody listens any more.
pub(super) async fn run(
    host: &mut Host,
    reader: Reader,
    demand: &mut watch::Receiver<Demand>,
) -> Option<Ended> {
    let dead = |fault| {
        Some(Ended {
            fault,
            lived: false,
        })
    };
    let (version, clock) = match reader.version().await {
        Ok(version) => version,
        Err(fault) => return dead(fault),
    };
    let text = version.get("Version").and_then(serde_json::Value::as_str);
    host.endpoint.version = Name::new(text.unwrap_or_default());
    host.unsettle();
    host.tell_endpoint().await;
    host.tell_server(SourceStatus::Live).await;
    // From just before the list, so that nothing falls between.
    let since = host.last_event.map(|last| last + 1).or(clock);
    let (heard_tx, mut heard_rx) = mpsc::channel(events::ROOM);
    let mut hearing = tokio::task::JoinSet::new();
    hearing.spawn(events::run(reader.clone(), since, heard_tx));
    let mut session = Session {
        asks: Asks::new(reader.clone()),
        follow: Follow::new(reader.clone()),
        host,
        reader,
        opened: None,
        flush: None,
        lived: false,
    };
    session.asks.all_dirty(Duration::ZERO);
    if since.is_none() {
        session.asks.ask(Ask::Containers, Duration::from_secs(1));
    }
    let first = demand.borrow_and_update().clone();
    session.demanded(&first).await;
    // What was wanted before the connection broke is wanted still.
    session.ask_wanted(Duration::ZERO);
    let mut tick = interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut aged = Instant::now();
    loop {
        let flush = session.flush;
        let fault = tokio::select! {
            heard = heard_rx.recv() => match heard {
                Some(Heard::Event(event)) => { session.heard(&event); None }
                Some(Heard::Ended(fault)) => Some(fault),
                None => Some(Fault::Unreachable("the daemon's events are over".to_owned())),
            },
            answer = session.asks.answer() => session.answered(answer).await,
            () = session.follow.next(session.host) => None,
            () = sleep_until(flush.unwrap_or(aged)), if flush.is_some() => {
                session.told().await;
                let wanted = demand.borrow().clone();
                session.follow.demanded(&wanted, session.host).await;
                None
            }
            changed = demand.changed() => {
                if changed.is_err() {
                    return None;
                }
                let demanded = demand.borrow_and_update().clone();
                session.demanded(&demanded).await;
                None
            }
            _ = tick.tick() => {
                session.requests().await;
                if aged.elapsed() >= AGE_EVERY {
                    aged = Instant::now();
                    session.host.age(clock::now());
                    session.moved();
                }
                None
            }
        };
        if let Some(fault) = fault {
            return Some(Ended {
                fault,
                lived: session.lived,
            });
        }
    }
}

impl Session<'_> {
    /// Says soon what changed.
    fn moved(&mut self) {
        if self.host.moved() && self.flush.is_none() {
            self.flush = Some(Instant::now() + SOON);
        }
    }

    async fn told(&mut self) {
        self.flush = None;
        self.host.flush().await;
        self.refresh_opened();
    }

    async fn requests(&mut self) {
        let sent = self.reader.take_sent();
        if sent > 0 {
            let feed = self.host.feed(Topic::Server);
            send(&self.host.batches, feed, vec![Change::Requests(sent)]).await;
        }
    }

    async fn demanded(&mut self, demand: &Demand) {
        if self.host.want(&demand.objects).await {
            if self.lived {
                self.host.tell_derived().await;
            }
            self.ask_wanted(Duration::ZERO);
        }
        self.follow.demanded(demand, self.host).await;
        let target = demand.document.as_ref();
        let target = target.filter(|target| target.endpoint == self.host.endpoint.id);
        match (&mut self.opened, target) {
            (Some(opened), Some(target)) if opened.target == *target => {
                opened.reveal(&demand.revealed);
            }
            (_, Some(target)) => {
                if matches!(target.kind, Kind::DockerHost | Kind::Volume) {
                    self.asks.ask(Ask::Sizes, Duration::ZERO);
                }
                self.opened = Some(Opened::new(
                    target,
                    &demand.revealed,
                    &self.reader,
                    self.host,
                ));
            }
            (opened, None) => {
                if let Some(opened) = opened.take() {
                    opened.close(self.host).await;
                }
            }
        }
    }

    /// Asks for what is wanted beside the containers.
    fn ask_wanted(&mut self, after: Duration) {
        let host = &self.host;
        let wants = |kinds: &[Kind]| kinds.iter().any(|kind| host.wants(kind));
        let asks = [
            (Ask::Images, wants(&[Kind::Image, Kind::ComposeService])),
            (Ask::Volumes, wants(&[Kind::Volume])),
            (Ask::Networks, wants(&[Kind::Network])),
            (Ask::Swarm, host.wants_swarm()),
            (Ask::Info, wants(&[Kind::DockerHost])),
        ];
        for (ask, _) in asks.into_iter().filter(|(_, wanted)| *wanted) {
            self.asks.ask(ask, after);
        }
    }

    fn heard(&mut self, event: &Event) {
        self.host.heard = clock::now();
        self.host.last_event = self.host.last_event.max(Some(event.at()));
        let verb = event.verb();
        match event.sort.as_str() {
            "container" | "" => self.container(event),
            "image" => {
                let wanted =
                    self.host.wants(&Kind::Image) || self.host.wants(&Kind::ComposeService);
                if wanted {
                    self.asks.ask(Ask::Images, LATER);
                }
            }
            "volume"
                if matches!(verb, "create" | "destroy" | "remove" | "prune")
                    && self.host.wants(&Kind::Volume) =>
            {
                self.asks.ask(Ask::Volumes, LATER);
            }
            "network" => {
                let id = event.actor.attributes.get("container");
                if let Some(id) = id.filter(|_| matches!(verb, "connect" | "disconnect")) {
                    self.asks.dirty(id, LATER);
                } else if self.host.wants(&Kind::Network) {
                    self.asks.ask(Ask::Networks, LATER);
                }
            }
            "service" | "node" if self.host.wants_swarm() => self.asks.ask(Ask::Swarm, SOON),
            "daemon" => self.asks.ask(Ask::Info, SOON),
            _ => {}
        }
    }

    fn container(&mut self, event: &Event) {
        let id = event.subject();
        if event.actor.attributes.contains_key(SWARM_SERVICE_ID) && self.host.wants_swarm() {
            self.asks.ask(Ask::Swarm, LATER);
        }
        match event.verb() {
            "destroy" | "remove" => {
                self.asks.forget(id);
                self.host.remove(id);
                self.moved();
            }
            "die" | "died" => {
                self.host
                    .change(id, |known, _| known.died(event.exit_code()));
                self.asks.dirty(id, SOON);
            }
            verb if quiet(verb) => {}
            _ => self.asks.dirty(id, SOON),
        }
    }

    /// Takes in an answer; its fault if the connection is gone.
    async fn answered(&mut self, answer: Answer) -> Option<Fault> {
        if let Some(fault) = answer.broke() {
            return Some(fault.clone());
        }
        let now = clock::now();
        self.host.heard = now;
        match answer {
            Answer::All(Ok(listed)) => {
                self.host.list(listed, now).await;
                if !std::mem::replace(&mut self.lived, true) {
                    self.asks.ask(Ask::Info, Duration::ZERO);
                    self.asks.ask(Ask::Ping, PING_EVERY);
                }
                self.look_again();
                self.told().await;
                self.follow.again = true;
                self.flush = Some(Instant::now());
            }
            Answer::Some(asked, Ok(listed)) => {
                self.host.relist(listed, &asked, now);
                for id in &asked {
                    if self.host.containers.contains_key(id) {
                        self.asks.look(id);
                    }
                }
                self.moved();
            }
            Answer::Look(id, looked) => match looked {
                Ok(looked) => {
                    self.host
                        .change(&id, |known, names| known.look(&looked, names, now));
                    self.moved();
                }
                Err(Fault::NotFound) => {
                    self.host.remove(&id);
                    self.moved();
                }
                Err(_) => {}
            },
            Answer::All(Err(fault)) | Answer::Some(_, Err(fault)) => {
                self.host
                    .tell_containers(refused(&fault, "containers", self.host.heard))
                    .await;
                self.asks.all_dirty(REFUSED);
            }
            Answer::Images(Ok(images)) => {
                self.host.tags = things::tags(&images);
                self.host.images = images;
                if self.host.images.is_empty() {
                    self.host.tell_none(&Kind::Image).await;
                }
                self.host.tell_derived().await;
            }
            Answer::Volumes(Ok(volumes)) => {
                self.host.volumes = volumes;
                if self.host.volumes.is_empty() {
                    self.host.tell_none(&Kind::Volume).await;
                }
                self.host.tell_things(&Kind::Volume).await;
            }
            Answer::Networks(Ok(networks)) => {
                self.host.networks = networks;
                if self.host.networks.is_empty() {
                    self.host.tell_none(&Kind::Network).await;
                }
                self.host.tell_things(&Kind::Network).await;
            }
            Answer::Sizes(Ok(volumes)) => {
                let sizes = volumes.into_iter();
                self.host.sizes = sizes.map(|it| (it.name, it.usage.size)).collect();
                self.host.tell_things(&Kind::Volume).await;
            }
            Answer::Sizes(Err(_)) | Answer::Ping(Err(_)) => {}
            Answer::Swarm(answer) => self.swarm(answer).await,
            Answer::Info(Ok(info)) => {
                self.host.info = Some(*info);
                self.host.tell_host().await;
                if self.host.wants(&Kind::DockerHost) {
                    self.asks.ask(Ask::Info, INFO_EVERY);
                }
            }
            Answer::Ping(Ok(())) => self.asks.ask(Ask::Ping, PING_EVERY),
            Answer::Images(Err(fault)) => self.refused(Kind::Image, Ask::Images, &fault).await,
            Answer::Volumes(Err(fault)) => self.refused(Kind::Volume, Ask::Volumes, &fault).await,
            Answer::Networks(Err(fault)) => {
                self.refused(Kind::Network, Ask::Networks, &fault).await;
            }
            Answer::Info(Err(_)) => self.asks.ask(Ask::Info, REFUSED),
        }
        if self.asks.looked() {
            self.host.settle().await;
        }
        None
    }

    /// What the list does not tell is looked at, a few at a time: first whatever does not run as it should.
    fn look_again(&mut self) {
        let unseen = self
            .host
            .containers
            .iter()
            .filter(|(_, known)| !known.looked_at);
        for (id, _) in unseen {
            self.asks.look(id);
        }
    }

    async fn refused(&mut self, kind: Kind, ask: Ask, fault: &Fault) {
        let status = refused(fault, kind.plural(), self.host.heard);
        self.host.tell_status(&kind, status).await;
        self.asks.ask(ask, REFUSED);
    }

    async fn swarm(&mut self, answer: Result<super::swarm::Swarm, Fault>) {
        match answer {
            Ok(swarm) => {
                self.host.swarm = Some(swarm);
                self.host.tell_swarm().await;
                self.refresh_opened();
                if self.host.wants_swarm() {
                    self.asks.ask(Ask::Swarm, SWARM_EVERY);
                }
            }
            Err(fault) => {
                self.host.swarm = None;
                let status = no_swarm(&fault, self.host.heard);
                for kind in SWARM {
                    self.host.tell_none(&kind).await;
                    // Where there is no swarm there are no services of one, which is nothing to worry about.
                    let none = matches!(status, SourceStatus::Off { .. });
                    if !none || kind != Kind::SwarmService {
                        self.host.tell_status(&kind, status.clone()).await;
                    }
                }
                if self.host.wants_swarm() {
                    self.asks.ask(Ask::Swarm, NO_SWARM_EVERY);
                }
            }
        }
    }

    fn refresh_opened(&mut self) {
        if let Some(opened) = &mut self.opened {
            opened.around(self.host);
        }
    }
}

/// Events that change nothing that is shown.
fn quiet(verb: &str) -> bool {
    let quiet = [
        "exec_", "top", "attach", "detach", "resize", "archive", "extract", "copy", "export",
        "commit", "kill", "exec", "cleanup", "sync",
    ];
    quiet.iter().any(|start| verb.starts_with(start))
}

/// How an answer that refuses a list shows.
fn refused(fault: &Fault, what: &str, since: crate::model::Moment) -> SourceStatus {
    match fault {
        Fault::Forbidden(_) | Fault::Unauthorized(_) => SourceStatus::Denied {
            verb: Text::new("list"),
            resource: Text::new(what),
        },
        Fault::NotFound => SourceStatus::Off {
            why: Text::from(format!("this daemon knows no {what}")),
        },
        fault => SourceStatus::Stale {
            since,
            cause: Text::from(fault.to_string()),
            retry_at: Some(clock::after(REFUSED)),
        },
    }
}

/// Why there is no swarm to tell of.
fn no_swarm(fault: &Fault, since: crate::model::Moment) -> SourceStatus {
    let off = |why: &str| SourceStatus::Off {
        why: Text::new(why),
    };
    match fault {
        Fault::Refused { message, .. } if message.contains("Worker nodes") => {
            off("this host is a worker of a swarm, and only managers know it: open one of them")
        }
        Fault::Refused { message, .. } if message.contains("not a swarm manager") => {
            off("this host is in no swarm")
        }
        Fault::Busy { .. } | Fault::NotFound => off("this host is in no swarm"),
        fault => refused(fault, "swarm services", since),
    }
}
