//! What the Engine API says, as far as it is read. Every field may be missing, null, new or of another type: it is then
//! empty, and the rest of the object still counts. One broken item of a list does not take the others with it.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// Reads a field, or leaves it empty.
fn lax<'de, D: Deserializer<'de>, T: Default + DeserializeOwned>(from: D) -> Result<T, D::Error> {
    let raw = <&RawValue>::deserialize(from)?;
    Ok(serde_json::from_str(raw.get()).unwrap_or_default())
}

/// The items of a list; none if it is no list at all.
pub fn list<T: DeserializeOwned>(bytes: &[u8]) -> Option<Vec<T>> {
    if bytes.trim_ascii() == b"null" {
        return Some(Vec::new());
    }
    let items: Vec<&RawValue> = serde_json::from_slice(bytes).ok()?;
    let read = |item: &&RawValue| serde_json::from_str(item.get()).ok();
    Some(items.iter().filter_map(read).collect())
}

/// The items at a field of an object.
pub fn list_at<T: DeserializeOwned>(bytes: &[u8], field: &str) -> Option<Vec<T>> {
    let object: BTreeMap<&str, &RawValue> = serde_json::from_slice(bytes).ok()?;
    object
        .get(field)
        .map_or(Some(Vec::new()), |items| list(items.get().as_bytes()))
}

/// Structs whose fields are all lax.
macro_rules! wire {
    ($($(#[$about:meta])* $name:ident { $($(#[$note:meta])* $field:ident $key:literal : $type:ty),* $(,)? })*) => {$(
        $(#[$about])*
        #[derive(Clone, Debug, Default, Deserialize)]
        #[serde(default)]
        pub struct $name {
            $($(#[$note])* #[serde(rename = $key, deserialize_with = "lax")] pub $field: $type,)*
        }
    )*};
}

type Strings = BTreeMap<String, String>;

wire! {
    /// A container in the list of all.
    Listed {
        id "Id": String,
        names "Names": Vec<String>,
        image "Image": String,
        image_id "ImageID": String,
        created "Created": i64,
        ports "Ports": Vec<Port>,
        labels "Labels": Strings,
        state "State": String,
        /// `Exited (3) 4 minutes ago`, `Up 2 hours (healthy)`
        status "Status": String,
        network_settings "NetworkSettings": Networks,
        mounts "Mounts": Vec<Mount>,
    }
    Port {
        ip "IP": String,
        private "PrivatePort": u16,
        public "PublicPort": u16,
        protocol "Type": String,
    }
    Networks { networks "Networks": BTreeMap<String, Attached> }
    Attached { address "IPAddress": String }
    Mount {
        sort "Type": String,
        name "Name": String,
        source "Source": String,
        destination "Destination": String,
        writable "RW": bool,
    }

    /// A container looked at alone.
    Inspected {
        id "Id": String,
        name "Name": String,
        image_id "Image": String,
        created "Created": String,
        restarts "RestartCount": u32,
        state "State": State,
        config "Config": Config,
        host "HostConfig": HostConfig,
    }
    State {
        status "Status": String,
        oom_killed "OOMKilled": bool,
        exit_code "ExitCode": i32,
        error "Error": String,
        started "StartedAt": String,
        finished "FinishedAt": String,
        health "Health": Health,
    }
    Health {
        status "Status": String,
        failing "FailingStreak": u32,
        log "Log": Vec<Probe>,
    }
    Probe {
        start "Start": String,
        exit_code "ExitCode": i32,
        output "Output": String,
    }
    Config {
        image "Image": String,
        labels "Labels": Strings,
    }
    HostConfig {
        memory "Memory": u64,
        nano_cpus "NanoCpus": u64,
        cpu_quota "CpuQuota": i64,
        cpu_period "CpuPeriod": i64,
        restart "RestartPolicy": RestartPolicy,
    }
    RestartPolicy {
        name "Name": String,
        most "MaximumRetryCount": u32,
    }

    Event {
        sort "Type": String,
        action "Action": String,
        actor "Actor": Actor,
        nanos "timeNano": i64,
        second "time": i64,
        /// Docker before 1.22, and Podman.
        id "id": String,
        status "status": String,
    }
    Actor {
        id "ID": String,
        attributes "Attributes": Strings,
    }

    Image {
        id "Id": String,
        tags "RepoTags": Vec<String>,
        digests "RepoDigests": Vec<String>,
        created "Created": i64,
        size "Size": u64,
        labels "Labels": Strings,
    }
    Volume {
        name "Name": String,
        driver "Driver": String,
        mountpoint "Mountpoint": String,
        created "CreatedAt": String,
        labels "Labels": Strings,
        usage "UsageData": VolumeUsage,
    }
    VolumeUsage { size "Size": i64 }
    Network {
        id "Id": String,
        name "Name": String,
        created "Created": String,
        driver "Driver": String,
        scope "Scope": String,
        internal "Internal": bool,
        labels "Labels": Strings,
        addresses "IPAM": Addresses,
    }
    Addresses { pools "Config": Vec<Pool> }
    Pool { subnet "Subnet": String }

    Service {
        id "ID": String,
        created "CreatedAt": String,
        version "Version": Version,
        spec "Spec": ServiceSpec,
        previous "PreviousSpec": Option<serde_json::Value>,
        endpoint "Endpoint": ServiceEndpoint,
        update "UpdateStatus": UpdateStatus,
        counts "ServiceStatus": Option<ServiceStatus>,
    }
    Version { index "Index": u64 }
    ServiceSpec {
        name "Name": String,
        labels "Labels": Strings,
        mode "Mode": Mode,
        task "TaskTemplate": TaskTemplate,
    }
    Mode {
        replicated "Replicated": Option<Replicas>,
        global "Global": Option<serde_json::Value>,
        job "ReplicatedJob": Option<serde_json::Value>,
        global_job "GlobalJob": Option<serde_json::Value>,
    }
    Replicas { replicas "Replicas": u32 }
    TaskTemplate {
        container "ContainerSpec": ContainerSpec,
        resources "Resources": Resources,
    }
    ContainerSpec { image "Image": String }
    Resources {
        limits "Limits": Amount,
        reservations "Reservations": Amount,
    }
    Amount {
        nano_cpus "NanoCPUs": u64,
        memory "MemoryBytes": u64,
    }
    ServiceEndpoint { ports "Ports": Vec<ServicePort> }
    ServicePort {
        protocol "Protocol": String,
        target "TargetPort": u16,
        published "PublishedPort": u16,
    }
    UpdateStatus {
        state "State": String,
        started "StartedAt": String,
        message "Message": String,
    }
    ServiceStatus {
        running "RunningTasks": u32,
        desired "DesiredTasks": u32,
    }
    Task {
        id "ID": String,
        created "CreatedAt": String,
        service "ServiceID": String,
        slot "Slot": u32,
        node "NodeID": String,
        spec "Spec": TaskTemplate,
        status "Status": TaskStatus,
        desired "DesiredState": String,
        labels "Labels": Strings,
    }
    TaskStatus {
        state "State": String,
        time "Timestamp": String,
        message "Message": String,
        error "Err": String,
        container "ContainerStatus": ContainerStatus,
    }
    ContainerStatus {
        id "ContainerID": String,
        exit_code "ExitCode": Option<i32>,
    }
    Node {
        id "ID": String,
        created "CreatedAt": String,
        spec "Spec": NodeSpec,
        about "Description": NodeAbout,
        status "Status": NodeStatus,
        manager "ManagerStatus": ManagerStatus,
    }
    NodeSpec {
        role "Role": String,
        availability "Availability": String,
        labels "Labels": Strings,
    }
    NodeAbout {
        hostname "Hostname": String,
        platform "Platform": Platform,
        resources "Resources": Amount,
        engine "Engine": EngineVersion,
    }
    Platform {
        architecture "Architecture": String,
        os "OS": String,
    }
    EngineVersion { version "EngineVersion": String }
    NodeStatus {
        state "State": String,
        address "Addr": String,
        message "Message": String,
    }
    ManagerStatus {
        leader "Leader": bool,
        reachability "Reachability": String,
    }

    Info {
        id "ID": String,
        name "Name": String,
        containers "Containers": u32,
        running "ContainersRunning": u32,
        images "Images": u32,
        cpus "NCPU": u32,
        memory "MemTotal": u64,
        os "OperatingSystem": String,
        kernel "KernelVersion": String,
        architecture "Architecture": String,
        storage "Driver": String,
        cgroups "CgroupVersion": String,
        root "DockerRootDir": String,
        version "ServerVersion": String,
        swarm "Swarm": Swarm,
        warnings "Warnings": Vec<String>,
        logging "LoggingDriver": String,
    }
    Swarm {
        state "LocalNodeState": String,
        manager "ControlAvailable": bool,
        error "Error": String,
        nodes "Nodes": u32,
    }

    Stats {
        read "read": String,
        cpu "cpu_stats": Cpu,
        before "precpu_stats": Cpu,
        memory "memory_stats": Memory,
        networks "networks": BTreeMap<String, Interface>,
        disks "blkio_stats": Disks,
    }
    Cpu {
        usage "cpu_usage": CpuUsage,
        system "system_cpu_usage": u64,
        cores "online_cpus": u32,
    }
    CpuUsage {
        total "total_usage": u64,
        each "percpu_usage": Vec<u64>,
    }
    Memory {
        usage "usage": u64,
        limit "limit": u64,
        stats "stats": MemoryStats,
    }
    MemoryStats {
        /// cgroup v1
        total_inactive_file "total_inactive_file": Option<u64>,
        inactive_file "inactive_file": Option<u64>,
    }
    Interface {
        received "rx_bytes": u64,
        sent "tx_bytes": u64,
    }
    Disks { bytes "io_service_bytes_recursive": Vec<Disk> }
    Disk {
        action "op": String,
        bytes "value": u64,
    }
}
