//! The opened object: inspected whole, again when something of it changes, and its processes every few seconds.
//!
//! The session opens and closes it and tells it what changed around it. It runs in a task of its own, so that a daemon
//! that takes long over one object delays no row.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use super::host::Host;
use super::related;
use super::{describe, env, send};
use crate::clients::clock;
use crate::clients::docker::Reader;
use crate::clients::fault::Fault;
use crate::model::{Change, Document, Kind, Moment, Related, SourceStatus, Target, Text, Topic};
use crate::sources::backoff::Backoff;
use crate::sources::kubernetes::yaml;
use crate::sources::outlet::Outlet;

/// Processes, and what else tells no events, are read this often.
const AGAIN: Duration = Duration::from_secs(5);
/// Containers of one service or project that are inspected.
const CONTAINERS: usize = 20;

/// What is known around the object without asking.
#[derive(Clone, Debug, Default, PartialEq)]
struct Around {
    /// How the daemon is asked for it; empty once it is gone.
    paths: Vec<String>,
    running: bool,
    related: Vec<Related>,
    /// Grows with every change of its containers.
    state: Vec<(Text, Text)>,
}

/// What the session holds of an opened object.
pub(super) struct Opened {
    pub(super) target: Target,
    around_tx: watch::Sender<Around>,
    revealed_tx: watch::Sender<BTreeSet<String>>,
    task: JoinHandle<()>,
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Opened {
    pub(super) fn new(
        target: &Target,
        revealed: &BTreeSet<String>,
        reader: &Reader,
        host: &Host,
    ) -> Self {
        let (around_tx, around_rx) = watch::channel(around(host, target));
        let (revealed_tx, revealed_rx) = watch::channel(revealed.clone());
        let outlet = Outlet::new(host.feed(Topic::Document), host.batches.clone());
        let open = Open {
            target: target.clone(),
            reader: reader.clone(),
            around: around_rx,
            revealed: revealed_rx,
            read: None,
            heard: clock::now(),
        };
        Self {
            target: target.clone(),
            around_tx,
            revealed_tx,
            task: tokio::spawn(open.run(outlet)),
        }
    }

    /// Something around it may have changed.
    pub(super) fn around(&mut self, host: &Host) {
        let now = around(host, &self.target);
        self.around_tx.send_if_modified(|known| {
            let changed = *known != now;
            *known = now;
            changed
        });
    }

    pub(super) fn reveal(&mut self, revealed: &BTreeSet<String>) {
        self.revealed_tx.send_if_modified(|known| {
            let changed = known != revealed;
            known.clone_from(revealed);
            changed
        });
    }

    pub(super) async fn close(self, host: &Host) {
        self.task.abort();
        let feed = host.feed(Topic::Document);
        send(&host.batches, feed, vec![Change::Dropped]).await;
    }
}

fn around(host: &Host, target: &Target) -> Around {
    let own: Vec<_> = related::containers(host, target).take(CONTAINERS).collect();
    let container = |(id, _): &(&str, _)| format!("/containers/{id}/json");
    let name = segment(&target.name);
    let swarm = host.swarm.as_ref();
    let by_uid = |id: &str| Some(crate::model::Uid::parse(id)) == target.uid;
    let find = |ids: Vec<&str>, path: &str| -> Vec<String> {
        let found = ids.into_iter().find(|id| by_uid(id));
        found.map(|id| format!("{path}/{id}")).into_iter().collect()
    };
    let paths = match target.kind {
        Kind::Container | Kind::ComposeService | Kind::ComposeProject => {
            own.iter().map(container).collect()
        }
        Kind::Image => vec![format!("/images/{name}/json")],
        Kind::Volume => vec![format!("/volumes/{name}")],
        Kind::Network => vec![format!("/networks/{name}")],
        Kind::SwarmService => vec![format!("/services/{name}")],
        Kind::SwarmTask => {
            let ids = swarm.map_or(Vec::new(), |swarm| {
                swarm.tasks.iter().map(|task| task.id.as_str()).collect()
            });
            find(ids, "/tasks")
        }
        Kind::SwarmNode => {
            let ids = swarm.map_or(Vec::new(), |swarm| {
                swarm.nodes.iter().map(|node| node.id.as_str()).collect()
            });
            find(ids, "/nodes")
        }
        Kind::SwarmStack => swarm.map_or(Vec::new(), |swarm| {
            let own = swarm.services.iter().filter(|service| {
                service
                    .spec
                    .labels
                    .get(super::project::STACK)
                    .map(String::as_str)
                    == Some(target.name.as_str())
            });
            own.map(|service| format!("/services/{}", service.id))
                .collect()
        }),
        _ => vec!["/info".to_owned()],
    };
    Around {
        paths,
        running: own
            .iter()
            .any(|(_, known)| known.row.state.as_str() == "running"),
        related: related::find(host, target),
        state: own
            .iter()
            .map(|(id, known)| {
                let row = &known.row;
                let state = format!("{} {:?} {}", row.status, row.started, row.restarts);
                (Text::new(id), Text::from(state))
            })
            .collect(),
    }
}

/// A name as a segment of a path; image names hold slashes and colons, which the daemon takes as they are.
fn segment(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' | b':' | b'@' => {
                out.push(char::from(byte));
            }
            _ => {
                use std::fmt::Write;
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

/// What was read of an object.
struct Read {
    objects: Vec<Value>,
    /// The processes of a container.
    top: Option<Value>,
    /// The disk of a host.
    disk: Option<Value>,
}

/// The task of an opened object.
struct Open {
    target: Target,
    reader: Reader,
    around: watch::Receiver<Around>,
    revealed: watch::Receiver<BTreeSet<String>>,
    read: Option<Read>,
    heard: Moment,
}

impl Open {
    async fn run(mut self, mut outlet: Outlet) {
        outlet.push(Change::Status(SourceStatus::Connecting));
        let mut backoff = Backoff::default();
        let mut disk = None;
        loop {
            let around = self.around.borrow_and_update().clone();
            let pause = if around.paths.is_empty() {
                self.gone(&mut outlet);
                None
            } else {
                match self.ask(&around, disk.is_none()).await {
                    Ok(read) => {
                        backoff.reset();
                        disk = read.disk.clone().or(disk);
                        self.heard = clock::now();
                        self.read = Some(Read {
                            disk: disk.clone(),
                            ..read
                        });
                        self.tell(&around, false, &mut outlet);
                        outlet.push(Change::Status(SourceStatus::Live));
                        let lives = around.running || self.target.kind == Kind::DockerHost;
                        lives.then_some(AGAIN)
                    }
                    Err(Fault::NotFound) => {
                        self.gone(&mut outlet);
                        None
                    }
                    Err(fault) => {
                        let pause = backoff.after(&fault);
                        outlet.push(Change::Status(SourceStatus::Stale {
                            since: self.heard,
                            cause: Text::from(fault.to_string()),
                            retry_at: Some(clock::after(pause)),
                        }));
                        Some(pause)
                    }
                }
            };
            outlet.flush().await;
            let due = pause.map(|pause| Instant::now() + pause);
            if !self.wait(due, &mut outlet).await {
                return;
            }
        }
    }

    /// Waits until the object is to be read again; false when nobody listens any more.
    async fn wait(&mut self, due: Option<Instant>, outlet: &mut Outlet) -> bool {
        loop {
            tokio::select! {
                changed = self.around.changed() => return changed.is_ok(),
                changed = self.revealed.changed() => {
                    if changed.is_err() {
                        return false;
                    }
                    self.revealed.mark_unchanged();
                    let around = self.around.borrow().clone();
                    self.tell(&around, false, outlet);
                    outlet.flush().await;
                }
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => return true,
            }
        }
    }

    async fn ask(&self, around: &Around, disk: bool) -> Result<Read, Fault> {
        let mut objects = Vec::with_capacity(around.paths.len());
        for path in &around.paths {
            match self.reader.json(path).await {
                Ok(object) => objects.push(object),
                // One of several went meanwhile.
                Err(Fault::NotFound) if around.paths.len() > 1 => {}
                Err(fault) => return Err(fault),
            }
        }
        let mut read = Read {
            objects,
            top: None,
            disk: None,
        };
        if self.target.kind == Kind::Container && around.running {
            let path = around
                .paths
                .first()
                .map(|path| path.replace("/json", "/top"));
            if let Some(path) = path {
                read.top = self.reader.json(&path).await.ok();
            }
        }
        if self.target.kind == Kind::DockerHost && disk {
            // Measuring takes long on a full disk; the rest is told first.
            read.disk = tokio::time::timeout(AGAIN, self.reader.json("/system/df"))
                .await
                .ok()
                .and_then(Result::ok);
        }
        Ok(read)
    }

    /// The object is no more: its last state stays, and says so.
    fn gone(&mut self, outlet: &mut Outlet) {
        if self.read.is_some() {
            let around = self.around.borrow().clone();
            self.tell(&around, true, outlet);
        } else {
            let why = Text::from(format!("{} is not there any more", self.target.name));
            outlet.push(Change::Status(SourceStatus::Off { why }));
        }
    }

    fn tell(&self, around: &Around, deleted: bool, outlet: &mut Outlet) {
        let Some(read) = &self.read else { return };
        let mut objects = read.objects.clone();
        let mut masked = BTreeSet::new();
        for object in &mut objects {
            masked.extend(env::mask(object, &self.revealed.borrow()));
        }
        let mut summary = describe::summary(&self.target.kind, &objects);
        if let Some(top) = &read.top {
            summary.extend(describe::processes(top));
        }
        if let Some(disk) = &read.disk {
            summary.extend(describe::disk(disk));
        }
        let yaml = match objects.as_slice() {
            [one] => yaml::lines(one),
            several => yaml::lines(&Value::Array(several.to_vec())),
        };
        outlet.push(Change::Document(Box::new(Document {
            target: self.target.clone(),
            summary,
            yaml_managed: yaml.clone(),
            yaml,
            related: around.related.clone(),
            masked: masked.into_iter().map(Text::from).collect(),
            read: self.heard,
            deleted,
        })));
    }
}
