//! Objects that are shown as a plain table: built-in kinds without a row type of their own, and every kind that the
//! server describes by columns. The columns of the built-in ones stand here, once; projections fill cells in this order.

use super::{Health, Kind, Meta, Moment, Name, Text};

/// An object whose columns are data.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resource {
    pub meta: Meta,
    pub health: Health,
    pub why: Option<Text>,
    /// One for each column of the kind, without namespace, name and age.
    pub cells: Box<[Value]>,
}

/// A cell that sorts as what it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    #[default]
    None,
    Text(Text),
    /// Shared by many rows.
    Name(Name),
    Number(i64),
    Bytes(u64),
    /// Shown as an age.
    Time(Moment),
}

/// A column of a plain table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnInfo {
    /// `CLUSTER-IP`
    pub header: Name,
    /// `cluster_ip`
    pub key: Name,
    /// Only shown in wide mode.
    pub wide: bool,
    pub right: bool,
}

/// The columns of a built-in kind (header, JSON key, wide, right-aligned), without namespace, name and age; empty for
/// kinds that have a row type of their own or are described by the server.
pub fn columns(kind: &Kind) -> Vec<ColumnInfo> {
    let list: &[(&str, &str, bool, bool)] = match kind {
        Kind::Service => &[
            ("TYPE", "type", false, false),
            ("CLUSTER-IP", "cluster_ip", false, false),
            ("EXTERNAL-IP", "external_ip", false, false),
            ("PORTS", "ports", false, false),
            ("SELECTOR", "selector", true, false),
        ],
        Kind::Ingress => &[
            ("CLASS", "class", false, false),
            ("HOSTS", "hosts", false, false),
            ("ADDRESS", "address", false, false),
            ("PORTS", "ports", false, false),
            ("BACKENDS", "backends", true, false),
        ],
        Kind::EndpointSlice => &[
            ("SERVICE", "service", false, false),
            ("READY", "ready", false, true),
            ("NOT READY", "not_ready", false, true),
            ("ADDRESSES", "addresses", false, false),
            ("PORTS", "ports", false, false),
            ("TYPE", "type", true, false),
        ],
        Kind::ConfigMap => &[
            ("DATA", "data", false, true),
            ("SIZE", "size_bytes", false, true),
            ("IMMUTABLE", "immutable", true, false),
        ],
        Kind::Secret => &[
            ("TYPE", "type", false, false),
            ("DATA", "data", false, true),
            ("SIZE", "size_bytes", true, true),
            ("IMMUTABLE", "immutable", true, false),
        ],
        Kind::PersistentVolumeClaim => &[
            ("STATUS", "status", false, false),
            ("VOLUME", "volume", false, false),
            ("CAPACITY", "capacity_bytes", false, true),
            ("ACCESS", "access_modes", false, false),
            ("CLASS", "storage_class", false, false),
            ("MODE", "volume_mode", true, false),
        ],
        Kind::PodDisruptionBudget => &[
            ("MIN AVAILABLE", "min_available", false, true),
            ("MAX UNAVAILABLE", "max_unavailable", false, true),
            ("HEALTHY", "healthy", false, true),
            ("WANTED", "wanted", false, true),
            ("EXPECTED", "expected", true, true),
            ("ALLOWED", "allowed", false, true),
        ],
        Kind::Namespace => &[("STATUS", "status", false, false)],
        kind => docker_columns(kind),
    };
    list.iter()
        .map(|(header, key, wide, right)| ColumnInfo {
            header: Name::new(header),
            key: Name::new(key),
            wide: *wide,
            right: *right,
        })
        .collect()
}

fn docker_columns(kind: &Kind) -> &'static [(&'static str, &'static str, bool, bool)] {
    match kind {
        Kind::DockerHost => &[
            ("STATE", "state", false, false),
            ("VERSION", "version", false, false),
            ("RUNNING", "running", false, true),
            ("CONTAINERS", "containers", false, true),
            ("IMAGES", "images", false, true),
            ("CPUS", "cpus", false, true),
            ("MEMORY", "memory_total_bytes", false, true),
            ("SWARM", "swarm", false, false),
            ("OS", "os", false, false),
            ("KERNEL", "kernel", true, false),
            ("STORAGE", "storage_driver", true, false),
            ("CGROUPS", "cgroup_version", true, false),
            ("SERVER", "server", true, false),
        ],
        Kind::ComposeProject => &[
            ("STATUS", "status", false, false),
            ("SERVICES", "services", false, true),
            ("RUNNING", "running", false, true),
            ("CONTAINERS", "containers", false, true),
            ("DIRECTORY", "directory", false, false),
            ("FILES", "files", true, false),
        ],
        Kind::SwarmTask => &[
            ("SERVICE", "service", false, false),
            ("STATE", "state", false, false),
            ("DESIRED", "desired", false, false),
            ("NODE", "node", false, false),
            ("IMAGE", "image", false, false),
            ("CONTAINER", "container", true, false),
            ("EXIT", "exit_code", false, true),
        ],
        Kind::SwarmNode => &[
            ("STATUS", "status", false, false),
            ("AVAILABILITY", "availability", false, false),
            ("ROLE", "role", false, false),
            ("TASKS", "tasks", false, true),
            ("VERSION", "version", false, false),
            ("ADDRESS", "address", false, false),
            ("CPUS", "cpus", true, true),
            ("MEMORY", "memory_total_bytes", true, true),
            ("OS", "os", true, false),
        ],
        Kind::SwarmStack => &[
            ("STATUS", "status", false, false),
            ("SERVICES", "services", false, true),
            ("RUNNING", "running", false, true),
            ("DESIRED", "desired", false, true),
        ],
        Kind::Image => &[
            ("SIZE", "size_bytes", false, true),
            ("USED BY", "used_by", false, true),
            ("TAGS", "tags", true, false),
            ("ID", "id", false, false),
        ],
        Kind::Volume => &[
            ("DRIVER", "driver", false, false),
            ("SIZE", "size_bytes", false, true),
            ("USED BY", "used_by", false, true),
            ("MOUNTPOINT", "mountpoint", true, false),
        ],
        Kind::Network => &[
            ("DRIVER", "driver", false, false),
            ("SCOPE", "scope", false, false),
            ("SUBNETS", "subnets", false, false),
            ("USED BY", "used_by", false, true),
            ("INTERNAL", "internal", true, false),
            ("ID", "id", true, false),
        ],
        _ => &[],
    }
}
