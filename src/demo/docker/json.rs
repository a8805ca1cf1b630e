//! Containers, services, tasks and nodes as the Engine API writes them.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::service::{Service, Task};
use super::world::{Container, State, World};

/// What the Engine writes where there is no time.
const NEVER: &str = "0001-01-01T00:00:00Z";
/// The swarm's nodes: name, role, availability. The first is this host.
pub(super) const NODES: [(&str, &str, &str); 3] = [
    ("demo-web", "manager", "active"),
    ("demo-worker-1", "worker", "active"),
    ("demo-worker-2", "worker", "drain"),
];

pub(super) fn node_id(at: usize) -> String {
    let number = super::super::random::hash("node") ^ at as u64;
    super::super::random::letters(number, 13) + "node00000000"
}

fn time(at: Option<Timestamp>) -> String {
    at.map_or_else(|| NEVER.to_owned(), |at| at.to_string())
}

fn state(container: &Container) -> &'static str {
    match container.state {
        State::Created => "created",
        State::Running => "running",
        State::Paused => "paused",
        State::Restarting(_) => "restarting",
        State::Exited => "exited",
    }
}

fn health(container: &Container, now: Timestamp) -> Option<&'static str> {
    (container.checked && container.is_up()).then(|| {
        if container.healthy {
            "healthy"
        } else if container.up(now) < 10 {
            "starting"
        } else {
            "unhealthy"
        }
    })
}

/// `Up 2 hours (healthy)`, `Exited (3) 4 minutes ago`
fn status(container: &Container, now: Timestamp) -> String {
    let ago = |since: Option<Timestamp>| {
        let seconds = since.map_or(0, |since| now.duration_since(since).as_secs());
        match seconds {
            0..60 => format!("{seconds} seconds"),
            60..3600 => format!("{} minutes", seconds / 60),
            3600..86400 => format!("{} hours", seconds / 3600),
            _ => format!("{} days", seconds / 86400),
        }
    };
    match container.state {
        State::Created => "Created".to_owned(),
        State::Running | State::Paused => {
            let up = format!("Up {}", ago(container.started));
            match (container.state, health(container, now)) {
                (State::Paused, _) => format!("{up} (Paused)"),
                (_, Some("starting")) => format!("{up} (health: starting)"),
                (_, Some(word)) => format!("{up} ({word})"),
                (_, None) => up,
            }
        }
        State::Restarting(_) => {
            format!(
                "Restarting ({}) {} ago",
                container.exit_code,
                ago(container.finished)
            )
        }
        State::Exited => format!(
            "Exited ({}) {} ago",
            container.exit_code,
            ago(container.finished)
        ),
    }
}

fn mounts(container: &Container) -> Vec<Value> {
    let volume = container.volume.iter();
    volume
        .map(|(name, path)| {
            json!({
                "Type": "volume", "Name": name, "Destination": path, "Driver": "local", "Mode": "z", "RW": true,
                "Source": format!("/var/lib/docker/volumes/{name}/_data"), "Propagation": "",
            })
        })
        .collect()
}

pub(super) fn listed(container: &Container, now: Timestamp) -> Value {
    let up = container.is_up();
    let ports: Vec<Value> = container
        .ports
        .iter()
        .filter(|_| up)
        .map(|(ip, public, private)| {
            json!({ "IP": ip, "PrivatePort": private, "PublicPort": public, "Type": "tcp" })
        })
        .collect();
    json!({
        "Id": container.id, "Names": [format!("/{}", container.name)], "Image": container.image,
        "ImageID": container.image_id, "Command": container.command.join(" "),
        "Created": container.created.as_second(), "Ports": ports, "Labels": container.labels,
        "State": state(container), "Status": status(container, now),
        "HostConfig": { "NetworkMode": container.network },
        "NetworkSettings": { "Networks": networks(container) }, "Mounts": mounts(container),
    })
}

fn networks(container: &Container) -> Value {
    let mut networks = Map::new();
    let last = super::super::random::hash(&container.id) % 250 + 2;
    let address = if container.is_up() {
        format!("172.20.0.{last}")
    } else {
        String::new()
    };
    networks.insert(
        container.network.clone(),
        json!({ "IPAddress": address, "Aliases": [container.name], "Gateway": "172.20.0.1" }),
    );
    Value::Object(networks)
}

pub(super) fn inspected(container: &Container, now: Timestamp) -> Value {
    let up = container.is_up();
    let mut bound = Map::new();
    for (ip, public, private) in &container.ports {
        let place = json!([{ "HostIp": ip, "HostPort": public.to_string() }]);
        bound.insert(
            format!("{private}/tcp"),
            if up { place } else { Value::Null },
        );
    }
    let mut state = json!({
        "Status": state(container), "Running": up, "Paused": container.state == State::Paused,
        "Restarting": matches!(container.state, State::Restarting(_)), "OOMKilled": container.oom,
        "Dead": false, "Pid": if up { 4242 } else { 0 }, "ExitCode": if up { 0 } else { container.exit_code },
        "Error": "", "StartedAt": time(container.started), "FinishedAt": time(container.finished),
    });
    let mut config = json!({
        "Hostname": container.id.get(..12), "User": "", "Tty": false, "Env": container.environment,
        "Cmd": container.command.get(1..), "Entrypoint": container.command.get(..1),
        "Image": container.image, "Labels": container.labels, "WorkingDir": "/srv",
    });
    if container.checked {
        let word = health(container, now).unwrap_or("unhealthy");
        let bad = word == "unhealthy";
        if let (Some(state), Some(config)) = (state.as_object_mut(), config.as_object_mut()) {
            let output = if bad { "connection refused" } else { "ok" };
            state.insert("Health".into(), json!({
                "Status": word, "FailingStreak": u8::from(bad) * 3,
                "Log": [{ "Start": now.to_string(), "End": now.to_string(), "ExitCode": u8::from(bad), "Output": output }],
            }));
            config.insert("Healthcheck".into(), json!({
                "Test": ["CMD-SHELL", "curl -f http://localhost/health"], "Interval": 10_000_000_000_u64,
            }));
        }
    }
    json!({
        "Id": container.id, "Name": format!("/{}", container.name), "Image": container.image_id,
        "Created": container.created.to_string(), "RestartCount": container.restarts, "State": state,
        "Config": config, "Platform": "linux", "Driver": "overlay2",
        "HostConfig": {
            "Memory": container.memory_limit, "NanoCpus": (container.cpu_limit * 1e9) as u64,
            "RestartPolicy": { "Name": container.policy, "MaximumRetryCount": container.most },
            "NetworkMode": container.network, "LogConfig": { "Type": "json-file", "Config": {} },
        },
        "Mounts": mounts(container),
        "NetworkSettings": { "Ports": bound, "Networks": networks(container) },
    })
}

/// One message of a stats stream. Counters are sums since the container was started.
pub(super) fn stats(container: &Container, now: Timestamp) -> Value {
    if container.state != State::Running {
        return json!({
            "read": NEVER, "preread": NEVER, "cpu_stats": { "cpu_usage": { "total_usage": 0 } },
            "precpu_stats": { "cpu_usage": { "total_usage": 0 } }, "memory_stats": {}, "id": container.id,
        });
    }
    let second = now.as_second();
    let cpu = |second: i64| {
        // An average before, and the exact sum of the last minute, so that differences are true.
        let base = container.load.0 * (second - 60).max(0) as f64;
        let last: f64 = (second - 60..second).map(|at| container.cores(at)).sum();
        json!({
            "cpu_usage": { "total_usage": ((base + last) * 1e9) as u64 },
            "system_cpu_usage": second.unsigned_abs() * 4_000_000_000, "online_cpus": 4,
        })
    };
    let up = container.up(now).unsigned_abs();
    let memory = container.memory(now);
    let cache = memory / 3;
    let rate = (container.load.0 * 90_000.0) as u64;
    json!({
        "read": now.to_string(), "preread": now.to_string(), "id": container.id,
        "name": format!("/{}", container.name), "cpu_stats": cpu(second), "precpu_stats": cpu(second - 1),
        "memory_stats": { "usage": memory + cache, "limit": if container.memory_limit > 0 { container.memory_limit } else { 16_u64 << 30 }, "stats": { "inactive_file": cache } },
        "networks": { "eth0": { "rx_bytes": up * rate, "tx_bytes": up * rate / 3 } },
        "blkio_stats": { "io_service_bytes_recursive": [
            { "op": "read", "value": up * rate / 50 }, { "op": "write", "value": up * rate / 9 },
        ] },
        "pids_stats": { "current": 7 },
    })
}

pub(super) fn service(service: &Service) -> Value {
    let running = service
        .tasks
        .iter()
        .filter(|task| task.desired == "running" && task.state == "running");
    let running = running.count();
    let replicas = service.spec.pointer("/Mode/Replicated/Replicas");
    let mut out = json!({
        "ID": service.id, "Version": { "Index": service.version }, "CreatedAt": service.created.to_string(),
        "UpdatedAt": service.updated.to_string(), "Spec": service.spec, "PreviousSpec": service.previous,
        "Endpoint": { "Ports": [] },
        "ServiceStatus": { "RunningTasks": running, "DesiredTasks": replicas.and_then(Value::as_u64).unwrap_or(2) },
    });
    if let (Some((state, message, started)), Some(map)) = (&service.update, out.as_object_mut()) {
        let update =
            json!({ "State": state, "Message": message, "StartedAt": started.to_string() });
        map.insert("UpdateStatus".into(), update);
    }
    out
}

pub(super) fn task(service: &Service, task: &Task) -> Value {
    let failed = task.state == "failed";
    json!({
        "ID": task.id, "Version": { "Index": 20 }, "CreatedAt": task.since.to_string(), "ServiceID": service.id,
        "Slot": task.slot, "NodeID": node_id(task.node), "DesiredState": task.desired, "Labels": {},
        "Spec": { "ContainerSpec": { "Image": task.image } },
        "Status": {
            "State": task.state, "Timestamp": task.since.to_string(),
            "Message": if failed { "started" } else { task.state }, "Err": task.error,
            "ContainerStatus": { "ContainerID": task.container, "PID": 0, "ExitCode": if failed { 3 } else { 0 } },
        },
    })
}

pub(super) fn node(at: usize, world: &World) -> Option<Value> {
    let (name, role, availability) = NODES.get(at)?;
    let mut node = json!({
        "ID": node_id(at), "Version": { "Index": 9 }, "CreatedAt": world.born.to_string(),
        "Spec": { "Role": role, "Availability": availability, "Labels": {} },
        "Description": {
            "Hostname": name, "Platform": { "Architecture": "x86_64", "OS": "linux" },
            "Resources": { "NanoCPUs": 4_000_000_000_u64, "MemoryBytes": 16_u64 << 30 },
            "Engine": { "EngineVersion": "28.5.1" },
        },
        "Status": { "State": "ready", "Addr": format!("10.20.0.{}", at + 10) },
    });
    if let (0, Some(map)) = (at, node.as_object_mut()) {
        map.insert(
            "ManagerStatus".into(),
            json!({ "Leader": true, "Reachability": "reachable", "Addr": "10.20.0.10:2377" }),
        );
    }
    Some(node)
}
