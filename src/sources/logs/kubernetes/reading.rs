//! One reading of a cluster's logs: which pods are meant now, a stream for each of their containers, and the words about
//! those that come and go.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::{AbortHandle, JoinSet};

use super::answer::Container;
use super::choice::{self, Choice, Nothing};
use super::pod::Pod;
use super::pods::{self, Told};
use super::stream::{Manner, Seen, Stream};
use crate::clients::clock;
use crate::clients::fault::Fault;
use crate::clients::kube::Reader;
use crate::model::{
    Key, Kind, LogChange, LogMark, LogMarkKind, LogState, LogStream, LogTarget, LogWant, Name,
    SourceStatus, Target, Text, Uid,
};
use crate::sources::backoff::Backoff;
use crate::sources::logs::known::Known;
use crate::sources::logs::older::Older;
use crate::sources::logs::out::{Out, Outlet, now};
use crate::sources::logs::session::Tail;

/// A pod that came within so many seconds of another one's end may have taken its place.
const REPLACED_SECONDS: i64 = 120;

/// What a reading needs to know of its cluster.
#[derive(Clone)]
pub(super) struct Cluster {
    pub(super) reader: Reader,
    /// For the command that shows the same: ` --context eks-eu-1`, or nothing.
    pub(super) context: String,
    /// As many streams as may be open at once, over all readings.
    pub(super) permits: Arc<Semaphore>,
}

/// A reading at work.
struct Reading {
    cluster: Cluster,
    outlet: Outlet,
    want: LogWant,
    choices: Vec<Choice>,
    /// Choices whose pods were all told once.
    listed: BTreeSet<usize>,
    pods: BTreeMap<Uid, Pod>,
    streams: BTreeMap<Key, Open>,
    tasks: JoinSet<()>,
    older: watch::Sender<u32>,
    /// Pods that were named as another one's successor.
    heirs: BTreeSet<Uid>,
    status: Option<SourceStatus>,
}

/// A stream that was begun.
struct Open {
    pod: Uid,
    seen: watch::Sender<Seen>,
    task: AbortHandle,
}

/// Serves one reading until it is dropped.
pub(super) async fn run(cluster: Cluster, outlet: Outlet, mut wants: watch::Receiver<LogWant>) {
    let want = wants.borrow_and_update().clone();
    let mut reading = Reading {
        cluster,
        outlet,
        older: watch::Sender::new(want.older),
        want,
        choices: Vec::new(),
        listed: BTreeSet::new(),
        pods: BTreeMap::new(),
        streams: BTreeMap::new(),
        tasks: JoinSet::new(),
        heirs: BTreeSet::new(),
        status: None,
    };
    loop {
        let same = reading.want.targets.clone();
        reading.serve(&mut wants, &same).await;
        if wants.has_changed().is_err() {
            return;
        }
    }
}

impl Reading {
    /// Serves the targets until others are wanted.
    async fn serve(&mut self, wants: &mut watch::Receiver<LogWant>, targets: &[LogTarget]) {
        self.find(SourceStatus::Connecting).await;
        let choices = tokio::select! {
            choices = self.choices(targets) => choices,
            () = others(wants, targets) => return self.wanted(wants),
        };
        self.choices = choices;
        self.listed.clear();
        let (told_tx, mut told) = mpsc::channel(256);
        let mut watching = JoinSet::new();
        for (which, choice) in self.choices.iter().enumerate() {
            let (reader, choice) = (self.cluster.reader.clone(), choice.clone());
            watching.spawn(pods::run(reader, choice, which, told_tx.clone()));
        }
        drop(told_tx);
        loop {
            tokio::select! {
                Some((which, news)) = told.recv() => self.heard(which, news).await,
                changed = wants.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    let targets = self.want.targets.clone();
                    self.wanted(wants);
                    if self.want.targets != targets {
                        return;
                    }
                }
                Some(_) = self.tasks.join_next() => {}
                else => return,
            }
        }
    }

    fn wanted(&mut self, wants: &mut watch::Receiver<LogWant>) {
        self.want = wants.borrow_and_update().clone();
        self.older.send_if_modified(|older| {
            let more = *older != self.want.older;
            *older = self.want.older;
            more
        });
    }

    /// Finds out what the targets mean, however often it takes.
    async fn choices(&mut self, targets: &[LogTarget]) -> Vec<Choice> {
        let mut backoff = Backoff::default();
        let mut choices = Vec::new();
        let mut never = None;
        for target in targets {
            loop {
                match choice::of(&self.cluster.reader, target).await {
                    Ok(choice) => {
                        if !choices.contains(&choice) {
                            choices.push(choice);
                        }
                        break;
                    }
                    Err(Nothing::Never(why)) => {
                        never = Some(why);
                        break;
                    }
                    Err(Nothing::Fault(fault, resource)) => {
                        let pause = backoff.after(&fault);
                        let status = match fault {
                            Fault::NotFound => SourceStatus::Off {
                                why: Text::from(format!("no such object: {}", name(target))),
                            },
                            fault => status(&fault, "get", &resource, pause),
                        };
                        self.find(status).await;
                        tokio::time::sleep(pause).await;
                    }
                }
            }
        }
        if choices.is_empty()
            && let Some(why) = never
        {
            let why = Text::from(why);
            self.find(SourceStatus::Off { why }).await;
            std::future::pending::<()>().await;
        }
        choices
    }

    async fn heard(&mut self, which: usize, news: Told) {
        match news {
            Told::Is(pod) => self.pod(which, *pod).await,
            Told::Gone(uid) => self.gone(uid).await,
            Told::Listed => {
                self.listed.insert(which);
                if self.listed.len() == self.choices.len() {
                    self.close_others().await;
                    self.find(SourceStatus::Live).await;
                }
            }
            Told::Fault(fault, pause) => {
                let told = status(&fault, "list", "pods", pause);
                self.find(told).await;
            }
        }
    }

    /// A pod is there, or has changed.
    async fn pod(&mut self, which: usize, pod: Pod) {
        let Some(choice) = self.choices.get(which).cloned() else {
            return;
        };
        let joined = self.listed.contains(&which) && !self.pods.contains_key(&pod.uid);
        let several = pod.containers.len() > 1;
        for container in pod.containers.iter().filter(|one| choice.wants(&one.name)) {
            let key = Key {
                endpoint: self.outlet.endpoint,
                uid: Uid::hash(&format!("{}/{}", pod.uid, container.name)),
            };
            let seen = Seen {
                version: pod.version,
                status: container.status.clone(),
                gone: None,
            };
            if let Some(open) = self.streams.get(&key) {
                open.seen.send_if_modified(|known| {
                    let news = *known != seen && seen.version >= known.version;
                    if news {
                        *known = seen;
                    }
                    news
                });
                continue;
            }
            let stream = self.describe(key, &pod, &container.name, several);
            let stream = LogChange::Stream(Box::new(stream));
            self.outlet.say(vec![stream]).await;
            if joined {
                self.joined(key, &pod).await;
            }
            self.open(key, &pod, &container.name, seen, joined);
        }
        self.pods.insert(pod.uid, pod);
    }

    /// Says that a pod came while we were reading.
    async fn joined(&self, key: Key, pod: &Pod) {
        let mark = LogMark {
            time: pod
                .created
                .map_or_else(now, |at| at.second() * 1_000_000_000),
            kind: LogMarkKind::Turn,
            words: Text::new("joined: a new pod"),
        };
        self.outlet
            .say(vec![LogChange::Mark(Some(key), mark)])
            .await;
    }

    fn describe(&self, key: Key, pod: &Pod, container: &Name, several: bool) -> LogStream {
        let mut label = pod.name.to_string();
        if several {
            label = format!("{label}/{container}");
        }
        let command = format!(
            "kubectl logs{} -n {} {} -c {container} -f",
            self.cluster.context, pod.namespace, pod.name
        );
        LogStream {
            key,
            object: Target {
                endpoint: self.outlet.endpoint,
                kind: Kind::Pod,
                namespace: pod.namespace.clone(),
                name: pod.name.clone(),
                uid: Some(pod.uid),
            },
            container: container.clone(),
            label: Text::from(label),
            command: Text::from(command),
        }
    }

    fn open(&mut self, key: Key, pod: &Pod, container: &Name, seen: Seen, joined: bool) {
        let container = Container {
            reader: self.cluster.reader.clone(),
            namespace: pod.namespace.clone(),
            pod: pod.name.clone(),
            uid: pod.uid,
            name: container.clone(),
        };
        let manner = Manner {
            since: self.want.since,
            follow: self.want.follow,
            previous: self.want.previous,
            joined,
        };
        let tail = Tail {
            known: Known::default(),
            out: Out::new(self.outlet.clone(), key),
            older: Older::default(),
            counting: true,
        };
        let (seen, seen_rx) = watch::channel(seen);
        let permits = Arc::clone(&self.cluster.permits);
        let older = self.older.subscribe();
        let stream = Stream::new(container, manner, seen_rx, older, permits, tail);
        let task = self.tasks.spawn(stream.run());
        let pod = pod.uid;
        self.streams.insert(key, Open { pod, seen, task });
    }

    /// A pod is gone: its streams end once they have been read.
    async fn gone(&mut self, uid: Uid) {
        let Some(pod) = self.pods.remove(&uid) else {
            return;
        };
        self.heirs.remove(&uid);
        let why = match self.successor(&pod) {
            Some(name) => format!("replaced by {name}"),
            None if pod.reason.is_empty() => "deleted".to_owned(),
            None => format!("deleted: {}", pod.reason),
        };
        let why = Text::from(why);
        let mark = LogMark {
            time: now(),
            kind: LogMarkKind::Turn,
            words: why.clone(),
        };
        let streams = self.streams.iter().filter(|(_, open)| open.pod == uid);
        let mut keys = Vec::new();
        for (key, open) in streams {
            open.seen.send_modify(|seen| seen.gone = Some(why.clone()));
            keys.push(*key);
        }
        if let Some(key) = keys.first() {
            self.outlet
                .say(vec![LogChange::Mark(Some(*key), mark)])
                .await;
        }
        for key in keys {
            // The task goes on by itself until it has read the rest.
            self.streams.remove(&key);
        }
    }

    /// The pod that took another one's place: the first young one of the same workload that has not been named yet.
    fn successor(&mut self, gone: &Pod) -> Option<Name> {
        let group = gone.group()?;
        let young = clock::now().second() - REPLACED_SECONDS;
        let others = self.pods.values().filter(|pod| {
            pod.group() == Some(group)
                && pod.namespace == gone.namespace
                && pod.created > gone.created
                && pod.created.is_some_and(|at| at.second() >= young)
                && !self.heirs.contains(&pod.uid)
        });
        let heir = others.min_by_key(|pod| pod.created)?;
        let (uid, name) = (heir.uid, heir.name.clone());
        self.heirs.insert(uid);
        Some(name)
    }

    /// Streams of pods that are no longer among the targets end.
    async fn close_others(&mut self) {
        let chosen = |pod: &Pod| {
            self.choices
                .iter()
                .any(|choice| choice.keeps(pod) && in_place(choice, pod))
        };
        let gone: Vec<Uid> = self
            .pods
            .values()
            .filter(|pod| !chosen(pod))
            .map(|pod| pod.uid)
            .collect();
        for uid in gone {
            self.pods.remove(&uid);
            let keys: Vec<Key> = self
                .streams
                .iter()
                .filter(|(_, open)| open.pod == uid)
                .map(|(key, _)| *key)
                .collect();
            for key in keys {
                if let Some(open) = self.streams.remove(&key) {
                    open.task.abort();
                    let why = Text::new("no longer asked for");
                    let state = LogChange::State(key, LogState::Ended { why });
                    self.outlet.say(vec![state]).await;
                }
            }
        }
    }

    async fn find(&mut self, status: SourceStatus) {
        if self.status.as_ref() != Some(&status) {
            self.status = Some(status.clone());
            self.outlet.say(vec![LogChange::Finding(status)]).await;
        }
    }
}

/// Whether a pod is where a choice looks.
fn in_place(choice: &Choice, pod: &Pod) -> bool {
    choice.namespace.is_empty() || choice.namespace == pod.namespace
}

/// Waits until other targets are wanted.
async fn others(wants: &mut watch::Receiver<LogWant>, targets: &[LogTarget]) {
    while wants.changed().await.is_ok() {
        if wants.borrow_and_update().targets != targets {
            wants.mark_changed();
            return;
        }
    }
}

fn status(fault: &Fault, verb: &str, resource: &str, pause: std::time::Duration) -> SourceStatus {
    match fault {
        Fault::Forbidden(_) => SourceStatus::Denied {
            verb: Text::new(verb),
            resource: Text::new(resource),
        },
        fault => SourceStatus::Stale {
            since: clock::now(),
            cause: Text::from(fault.to_string()),
            retry_at: Some(clock::after(pause)),
        },
    }
}

fn name(target: &LogTarget) -> String {
    match target {
        LogTarget::Object(target) | LogTarget::Container { pod: target, .. } => {
            format!("{}/{}", target.kind.name().to_lowercase(), target.name)
        }
        LogTarget::Selector { selector, .. } => selector.to_string(),
        LogTarget::Query { query, .. } => query.to_string(),
    }
}
