//! A row as a flat object. The fields are an interface: scripts rely on their names, order and units.
//!
//! Every row: `cluster`, `namespace` (null for kinds without), `name`, `uid`, `age_seconds` (null while unknown). Then,
//! by kind, in this order; what is unknown is null, times are RFC 3339 in UTC:
//!
//! | kind | fields |
//! |---|---|
//! | pod | `phase` `status` `ready` `containers` `restarts` `node` `ip` `cpu_millicores` `memory_bytes` `cpu_request_millicores` `cpu_limit_millicores` `memory_request_bytes` `memory_limit_bytes` `image` `qos` `last_restart` `deleting` `health` `why` |
//! | workload | `kind` `status` `desired` `ready` `updated` `available` `current` `failed` `images` `container_names` `cpu_millicores` `memory_bytes` `cpu_request_millicores` `cpu_limit_millicores` `memory_request_bytes` `memory_limit_bytes` `revision` `rolling` `rollout_since` `paused` `stuck` `schedule` `time_zone` `suspended` `last_schedule` `last_success` `started` `finished` `health` `why` |
//! | autoscaler | `target_kind` `target_name` `min` `max` `current` `desired` `last_scale` `metrics` (the one list: objects of `name` `current` `target` `share`) `status` `health` `why` |
//! | node | `status` `roles` `version` `internal_ip` `external_ip` `os_image` `kernel` `runtime` `cordoned` `taints` `cpu_millicores` `memory_bytes` `cpu_allocatable_millicores` `memory_allocatable_bytes` `cpu_capacity_millicores` `memory_capacity_bytes` `pods_capacity` `health` `why` |
//! | event | `level` `reason` `message` `count` `first` `last` `component` `object_kind` `object_namespace` `object_name` `object_uid` |
//! | container | `pod` `role` `image` `state` `ready` `restarts` `started` `exit_code` `cpu_request_millicores` `cpu_limit_millicores` `memory_request_bytes` `memory_limit_bytes` `ports` `probes` `health` `why` |
//! | Docker container (no `cluster`, `namespace` and `uid`) | `endpoint` `id` `name` `state` `status` `health` `healthcheck` `exit_code` `oom_killed` `image` `image_id` `project` `service` `restarts` `started` `finished` `ports` `cpu_millicores` `memory_bytes` `cpu_limit_millicores` `memory_limit_bytes` `network_received_bytes` `network_sent_bytes` `disk_read_bytes` `disk_written_bytes` `age_seconds` `why` |
//! | alert | instead of the above: `name` `state` `severity` `labels` `annotations` `value` `active_at` `fires_at` `ended_at` `workload` (null, or `kind` `namespace` `name` `confidence` `reason`) `candidates` `receivers` `silenced_by` `inhibited_by` `servers` |
//! | rule | instead: `server` `name` `state` `health` `error` `expression` `for_seconds` `interval_seconds` `evaluated_at` `alerts` `group` `file` |
//! | target | instead: `server` `name` `state` `error` `job` `url` `scraped_at` `labels` |
//! | silence | instead: `server` `id` `state` `matchers` `starts_at` `ends_at` `author` `comment` `hits` |
//! | any other | `kind`, one field for each column, `health` `why` |
//!
//! `health` is one of `bad`, `warning`, `busy`, `good`, `idle`; `why` says in one line what is wrong or under way.

use std::borrow::Cow;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::record_fields as fields;
use super::record_watched as watched;
use crate::model::{Health, Meta};
use crate::ui::views::{View, World};

/// A flat object that keeps its order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record(Vec<(Cow<'static, str>, Value)>);

impl Record {
    /// Adds a field. A name that is taken by another gets `column_` before it.
    #[must_use]
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        let name = name.into();
        let name = if self.get(&name).is_some() {
            Cow::Owned(format!("column_{name}"))
        } else {
            name
        };
        self.0.push((name, value.into()));
        self
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }

    /// A field that is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// Fields in order.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value))
    }

    /// Whether two records say the same, but for what always moves: age, CPU and memory in use.
    pub fn same(&self, other: &Self) -> bool {
        let lasting = |record: &Self| {
            let moves = [
                "age_seconds",
                "cpu_millicores",
                "memory_bytes",
                "network_received_bytes",
                "network_sent_bytes",
                "disk_read_bytes",
                "disk_written_bytes",
            ];
            let fields = record.0.iter();
            let fields = fields.filter(|(name, _)| !moves.contains(&name.as_ref()));
            fields.cloned().collect::<Vec<_>>()
        };
        lasting(self) == lasting(other)
    }

    /// What every row begins with.
    pub(super) fn begin(world: World<'_>, meta: &Meta) -> Self {
        let cluster = world.store.endpoint(meta.key.endpoint);
        let now = world.store.clock(meta.key.endpoint, world.now);
        let age = meta.created.map(|created| created.age(now));
        Self::default()
            .with("cluster", cluster.map(|endpoint| endpoint.name.as_str()))
            .with("namespace", fields::word(&meta.namespace))
            .with("name", meta.name.as_str())
            .with("uid", meta.key.uid.to_string())
            .with("age_seconds", age)
    }

    /// What every row with a health ends with.
    pub(super) fn end(self, health: Health, why: Option<&str>) -> Self {
        self.with("health", health.word()).with("why", why)
    }
}

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// The record of a row; none if it is gone.
pub fn of(world: World<'_>, view: &dyn View, slot: u32) -> Option<Record> {
    let store = world.store;
    let key = view.key(store, slot)?;
    if let Some(record) = watched::of(world, view, &key) {
        return Some(record);
    }
    if let Some(pod) = store.pods().row(&key) {
        Some(fields::pod(world, pod))
    } else if let Some(workload) = store.workloads().row(&key) {
        Some(fields::workload(world, workload))
    } else if let Some(hpa) = store.hpas().row(&key) {
        Some(fields::hpa(world, hpa))
    } else if let Some(node) = store.nodes().row(&key) {
        Some(fields::node(world, node))
    } else if let Some(event) = store.events().row(&key) {
        Some(fields::event(world, event))
    } else if let Some(container) = store.docker().row(&key) {
        Some(fields::docker(world, container))
    } else if let Some(container) = store.containers().row(&key) {
        Some(fields::container(world, container))
    } else {
        view.kinds().iter().find_map(|kind| {
            let resource = store.resources(kind)?.row(&key)?;
            Some(fields::resource(world, kind, resource))
        })
    }
}
