//! One simulated cluster's state: its objects, their versions and their latest changes.
//!
//! The controllers in `live` and the API server both change it, through `put`, `edit` and `remove` only, under one lock that is
//! never held across an await. What must stay true: each change takes a new version and is recorded, so that a client that
//! lists and then follows a watch has exactly what stands here.

pub(crate) mod clock;
pub(crate) mod fleet;
pub(crate) mod item;
pub(crate) mod live;
pub(crate) mod managed;
pub(crate) mod resource;
pub(crate) mod seed;
pub(crate) mod table;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::watch;

use self::fleet::{FIRST_VERSION, Fleet};
use self::item::{Item, set, text};
use self::live::Live;
use self::resource::Resource;
use self::table::{Change, Event, Table};
use crate::demo::random::{mix, uid};

/// How many snapshots lists in pages may rest on at once.
const SNAPSHOTS: usize = 32;

/// A kind's objects at one version; pages of one list share it.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) version: u64,
    pub(crate) resource: &'static Resource,
    small: Vec<Arc<Value>>,
    fleet: Fleet,
}

impl Snapshot {
    pub(crate) fn item(&self, index: usize) -> Item {
        self.small.get(index).map_or_else(
            || Item::Fleet(self.fleet.member(self.resource, index - self.small.len())),
            |object| Item::Whole(Arc::clone(object)),
        )
    }

    /// The indexes at which objects of the namespace can stand; all of them without one.
    pub(crate) fn indexes(&self, namespace: Option<&str>) -> impl Iterator<Item = usize> + use<> {
        let small = self.small.len();
        let fleet = match namespace {
            Some(namespace) => self.fleet.within(self.resource, namespace),
            None => 0..self.fleet.len(self.resource),
        };
        (0..small).chain(fleet.start + small..fleet.end + small)
    }
}

/// The state of one cluster.
#[derive(Debug, Clone)]
pub(crate) struct Cluster {
    pub(crate) name: &'static str,
    pub(crate) seed: u64,
    /// The world's time, moved by `live` in whole ticks.
    pub(crate) now: Timestamp,
    version: u64,
    tables: BTreeMap<u8, Table>,
    pub(crate) fleet: Fleet,
    pub(crate) live: Live,
    snapshots: VecDeque<Arc<Snapshot>>,
    made: u64,
}

impl Cluster {
    pub(crate) fn new(name: &'static str, seed: u64, now: Timestamp, pods: usize) -> Self {
        Self {
            name,
            seed,
            now,
            version: FIRST_VERSION,
            tables: resource::ALL
                .iter()
                .map(|r| (r.id, Table::default()))
                .collect(),
            fleet: Fleet::new(pods, seed, now.as_second()),
            live: Live::default(),
            snapshots: VecDeque::new(),
            made: 0,
        }
    }

    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    fn table(&mut self, resource: &Resource) -> &mut Table {
        self.tables.entry(resource.id).or_default()
    }

    /// The kind's table, for reading.
    pub(crate) fn read(&self, resource: &Resource) -> Option<&Table> {
        self.tables.get(&resource.id)
    }

    /// A number that no two calls share, the same in each run from one seed.
    pub(crate) fn next(&mut self) -> u64 {
        self.made += 1;
        mix(self.seed, self.made)
    }

    pub(crate) fn get(
        &self,
        resource: &'static Resource,
        namespace: &str,
        name: &str,
    ) -> Option<Arc<Value>> {
        let key = (namespace.to_owned(), name.to_owned());
        self.tables.get(&resource.id)?.objects.get(&key).cloned()
    }

    /// The object of that name, the fleet's included.
    pub(crate) fn find(
        &self,
        resource: &'static Resource,
        namespace: &str,
        name: &str,
    ) -> Option<Item> {
        self.get(resource, namespace, name)
            .map(Item::Whole)
            .or_else(|| self.fleet.find(resource, namespace, name).map(Item::Fleet))
    }

    /// The stored objects of a kind, the fleet's left out.
    pub(crate) fn all(&self, resource: &Resource) -> Vec<Arc<Value>> {
        self.tables
            .get(&resource.id)
            .map(|t| t.objects.values().cloned().collect())
            .unwrap_or_default()
    }

    /// The stored objects of a kind in a namespace.
    pub(crate) fn within<'a>(
        &'a self,
        resource: &Resource,
        namespace: &'a str,
    ) -> impl Iterator<Item = &'a Arc<Value>> {
        let first = (namespace.to_owned(), String::new());
        self.tables
            .get(&resource.id)
            .into_iter()
            .flat_map(move |t| t.objects.range(first.clone()..))
            .take_while(move |((ns, _), _)| ns == namespace)
            .map(|(_, object)| object)
    }

    /// The stored objects of a kind, by reference.
    pub(crate) fn within_all(&self, resource: &Resource) -> impl Iterator<Item = &Arc<Value>> {
        self.tables
            .get(&resource.id)
            .into_iter()
            .flat_map(|t| t.objects.values())
    }

    /// Stores the object as its kind's newest version; an object equal to the stored one changes nothing.
    pub(crate) fn put(&mut self, resource: &'static Resource, mut object: Value) -> Arc<Value> {
        let key = (
            text(&object, "/metadata/namespace").to_owned(),
            text(&object, "/metadata/name").to_owned(),
        );
        let before = self.table(resource).objects.get(&key).cloned();
        if let Some(old) = &before {
            set(
                &mut object,
                "/metadata/resourceVersion",
                text(old, "/metadata/resourceVersion"),
            );
            if **old == object {
                return Arc::clone(old);
            }
        } else {
            self.complete(&mut object);
        }
        self.version += 1;
        let version = self.version;
        set(
            &mut object,
            "/metadata/resourceVersion",
            version.to_string(),
        );
        let object = Arc::new(object);
        self.mark(resource, &object);
        let table = self.table(resource);
        table.objects.insert(key, Arc::clone(&object));
        table.record(Event {
            version,
            change: if before.is_some() {
                Change::Modified
            } else {
                Change::Added
            },
            item: Item::Whole(Arc::clone(&object)),
            before,
        });
        object
    }

    /// Tells the controllers what changed: the object, its owner and what follows from its namespace's pods.
    fn mark(&mut self, kind: &Resource, object: &Value) {
        let any = |kinds: &[&Resource]| kinds.iter().any(|k| k.id == kind.id);
        let namespace = text(object, "/metadata/namespace");
        let mut dirty = |name: &str| {
            self.live
                .dirty
                .insert((namespace.to_owned(), name.to_owned()));
        };
        if any(&[&resource::PODS, &resource::SERVICES, &resource::BUDGETS]) {
            dirty("");
        }
        if any(&[
            &resource::PODS,
            &resource::DEPLOYMENTS,
            &resource::REPLICA_SETS,
            &resource::STATEFUL_SETS,
            &resource::DAEMON_SETS,
            &resource::JOBS,
        ]) {
            dirty(text(object, "/metadata/name"));
            for owner in item::list(object, "/metadata/ownerReferences") {
                dirty(text(owner, "/name"));
            }
        } else if any(&[&resource::NODES]) {
            dirty("");
        }
    }

    fn complete(&mut self, object: &mut Value) {
        if text(object, "/metadata/uid").is_empty() {
            let number = self.next();
            set(object, "/metadata/uid", uid(number));
        }
        if text(object, "/metadata/creationTimestamp").is_empty() {
            let now = seconds(self.now);
            set(object, "/metadata/creationTimestamp", now);
        }
    }

    /// Changes a stored object in place of a put; an unknown one is left alone.
    pub(crate) fn edit(
        &mut self,
        resource: &'static Resource,
        namespace: &str,
        name: &str,
        change: impl FnOnce(&mut Value),
    ) -> Option<Arc<Value>> {
        let mut object = Value::clone(&*self.get(resource, namespace, name)?);
        change(&mut object);
        Some(self.put(resource, object))
    }

    /// Removes a stored object; the deletion carries its own version, as the real server's does.
    pub(crate) fn remove(
        &mut self,
        resource: &'static Resource,
        namespace: &str,
        name: &str,
    ) -> Option<Arc<Value>> {
        let key = (namespace.to_owned(), name.to_owned());
        let old = self.table(resource).objects.remove(&key)?;
        self.mark(resource, &old);
        self.version += 1;
        let version = self.version;
        let mut last = Value::clone(&old);
        set(&mut last, "/metadata/resourceVersion", version.to_string());
        let last = Arc::new(last);
        self.table(resource).record(Event {
            version,
            change: Change::Deleted,
            item: Item::Whole(Arc::clone(&last)),
            before: Some(old),
        });
        Some(last)
    }

    /// Changes a pod of the fleet: its readiness and restarts, or with `replace` all of it.
    pub(crate) fn churn(&mut self, pod: usize, replace: bool) {
        let now = self.now.as_second();
        if replace {
            self.version += 1;
            let version = self.version;
            let gone = self.fleet.member(&resource::PODS, pod).at_version(version);
            self.table(&resource::PODS).record(Event {
                version,
                change: Change::Deleted,
                item: Item::Fleet(gone),
                before: None,
            });
        }
        self.version += 1;
        let version = self.version;
        let (change, member) = if replace {
            (Change::Added, self.fleet.replace(pod, version, now))
        } else {
            (Change::Modified, self.fleet.touch(pod, version, now))
        };
        if let Some(member) = member {
            self.table(&resource::PODS).record(Event {
                version,
                change,
                item: Item::Fleet(member),
                before: None,
            });
        }
    }

    /// The kind as it is now.
    pub(crate) fn snapshot(&self, resource: &'static Resource) -> Snapshot {
        Snapshot {
            version: self.version,
            resource,
            small: self.all(resource),
            fleet: self.fleet.clone(),
        }
    }

    /// Keeps a snapshot for the later pages of a list.
    pub(crate) fn keep(&mut self, snapshot: &Arc<Snapshot>) {
        self.snapshots.push_back(Arc::clone(snapshot));
        if self.snapshots.len() > SNAPSHOTS {
            self.snapshots.pop_front();
        }
    }

    /// The snapshot that an earlier page rested on, unless it is forgotten.
    pub(crate) fn kept(&self, resource: &Resource, version: u64) -> Option<Arc<Snapshot>> {
        self.snapshots
            .iter()
            .find(|s| s.version == version && s.resource.id == resource.id)
            .cloned()
    }

    /// Forgets all changes so far and all snapshots, as compaction does: older watches and tokens are answered with 410.
    pub(crate) fn compact(&mut self) {
        let version = self.version;
        self.snapshots.clear();
        for table in self.tables.values_mut() {
            table.compact(version);
        }
    }
}

/// A time in the form that Kubernetes writes: RFC 3339 in whole seconds.
pub(crate) fn seconds(at: Timestamp) -> String {
    fleet::template::rfc3339(at.as_second())
}

/// A cluster that the server and the controllers share.
#[derive(Debug)]
pub(crate) struct Shared {
    cluster: Mutex<Cluster>,
    changed: watch::Sender<u64>,
}

impl Shared {
    pub(crate) fn new(cluster: Cluster) -> Self {
        let changed = watch::Sender::new(cluster.version());
        Self {
            cluster: Mutex::new(cluster),
            changed,
        }
    }

    /// The cluster, for reading and changing; call `announce` after a change.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Cluster> {
        self.cluster.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes the watches if there is anything new.
    pub(crate) fn announce(&self) {
        let version = self.lock().version();
        self.changed
            .send_if_modified(|v| std::mem::replace(v, version) != version);
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }
}
