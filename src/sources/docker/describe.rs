//! The summary of an object of a host, from what inspecting it says. Pure.

use serde_json::Value;

use super::project::time;
use crate::model::{Health, Kind, Moment, Section};
use crate::sources::kubernetes::describe::sheet::Sheet;
use crate::sources::kubernetes::json::{list, number, pairs, said, word, words, yes};

/// Results of a health check that are shown.
const PROBES: usize = 5;
/// Characters of what a health check printed.
const OUTPUT: usize = 300;
/// Processes that are shown.
const PROCESSES: usize = 60;

/// What the operator reads first. `objects` are one, or the containers of a service or project.
pub(super) fn summary(kind: &Kind, objects: &[Value], _now: Moment) -> Vec<Section> {
    let mut sheet = Sheet::default();
    match (kind, objects) {
        (Kind::Container, [object]) => container(&mut sheet, object),
        (Kind::Image, [object]) => image(&mut sheet, object),
        (Kind::Volume, [object]) => volume(&mut sheet, object),
        (Kind::Network, [object]) => network(&mut sheet, object),
        (Kind::SwarmService, [object]) => service(&mut sheet, object),
        (Kind::SwarmTask, [object]) => task(&mut sheet, object),
        (Kind::SwarmNode, [object]) => node(&mut sheet, object),
        (Kind::DockerHost, [object]) => host(&mut sheet, object),
        (Kind::SwarmStack, objects) => {
            for object in objects {
                service(&mut sheet, object);
            }
        }
        (_, objects) => several(&mut sheet, objects),
    }
    sheet.finish()
}

fn container(sheet: &mut Sheet, object: &Value) {
    sheet.section("Container");
    sheet.fact("Name", word(object, "/Name").trim_start_matches('/'));
    state(sheet, object);
    sheet.fact("Image", word(object, "/Config/Image"));
    sheet.fact("Image id", word(object, "/Image"));
    sheet.fact("Id", word(object, "/Id"));
    let entry = [
        words(object, "/Config/Entrypoint"),
        words(object, "/Config/Cmd"),
    ];
    sheet.fact("Command", entry.concat().join(" "));
    sheet.fact("Directory", word(object, "/Config/WorkingDir"));
    sheet.fact("User", word(object, "/Config/User"));
    sheet.fact("Hostname", word(object, "/Config/Hostname"));
    sheet.fact(
        "Terminal",
        if yes(object, "/Config/Tty") {
            "yes"
        } else {
            ""
        },
    );
    sheet.fact("Log driver", word(object, "/HostConfig/LogConfig/Type"));
    sheet.time("Created", time(word(object, "/Created")));
    health(sheet, object);
    limits(sheet, object);
    ports(sheet, object);
    sheet.section("Networks");
    for (name, network) in pairs(object, "/NetworkSettings/Networks") {
        let address = word(network, "/IPAddress");
        let aliases = words(network, "/Aliases").join(", ");
        let parts = [address, aliases.as_str()];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        sheet.fact(
            name,
            if parts.is_empty() {
                "attached".to_owned()
            } else {
                parts.join("  ")
            },
        );
    }
    mounts(sheet, object);
    environment(sheet, object, "/Config/Env");
    labels(sheet, object, "/Config/Labels");
}

/// `running`, `exited 3`, `restarting`, with its time and what its policy does about it.
fn state(sheet: &mut Sheet, object: &Value) {
    let status = word(object, "/State/Status");
    let code = number(object, "/State/ExitCode").unwrap_or_default();
    let (value, health, since) = match status {
        "running" => ("running".to_owned(), Health::Good, "/State/StartedAt"),
        "exited" if code == 0 => ("exited 0".to_owned(), Health::Idle, "/State/FinishedAt"),
        "exited" => (format!("exited {code}"), Health::Bad, "/State/FinishedAt"),
        "restarting" => (
            format!("restarting after exit {code}"),
            Health::Bad,
            "/State/FinishedAt",
        ),
        other => (other.to_owned(), Health::Warn, "/State/FinishedAt"),
    };
    sheet.timed("State", value, health, time(word(object, since)));
    if yes(object, "/State/OOMKilled") {
        sheet.flag("Memory", "killed because it ran out of memory", Health::Bad);
    }
    sheet.flag("Error", word(object, "/State/Error"), Health::Bad);
    let restarts = number(object, "/RestartCount").unwrap_or_default();
    let policy = match word(object, "/HostConfig/RestartPolicy/Name") {
        "" | "no" => "never restarted by itself".to_owned(),
        "on-failure" => match number(object, "/HostConfig/RestartPolicy/MaximumRetryCount") {
            Some(most) if most > 0 => format!("on failure, {most} times at most"),
            _ => "on failure".to_owned(),
        },
        other => other.replace('-', " "),
    };
    let flag = if restarts > 0 {
        Health::Warn
    } else {
        Health::Good
    };
    sheet.flag("Restarts", format!("{restarts} ({policy})"), flag);
}

/// The health check: what it runs, how it stands, what it printed last.
fn health(sheet: &mut Sheet, object: &Value) {
    let check = words(object, "/Config/Healthcheck/Test");
    if check.is_empty() || check.first().is_some_and(|first| first == "NONE") {
        return;
    }
    sheet.section("Health check");
    let status = word(object, "/State/Health/Status");
    let flag = match status {
        "healthy" => Health::Good,
        "starting" => Health::Busy,
        _ => Health::Bad,
    };
    sheet.flag("Status", status, flag);
    let failing = number(object, "/State/Health/FailingStreak").unwrap_or_default();
    if failing > 0 {
        sheet.flag("Failing", format!("{failing} times in a row"), flag);
    }
    let command = check.get(1..).unwrap_or_default().join(" ");
    let every = number(object, "/Config/Healthcheck/Interval").unwrap_or_default();
    sheet.fact("Command", command);
    if every > 0 {
        sheet.fact("Every", format!("{} s", every / 1_000_000_000));
    }
    for probe in list(object, "/State/Health/Log").iter().rev().take(PROBES) {
        let code = number(probe, "/ExitCode").unwrap_or_default();
        let output: String = word(probe, "/Output").trim().chars().take(OUTPUT).collect();
        let flag = if code == 0 { Health::Good } else { Health::Bad };
        let value = format!("exit {code}  {output}");
        let end = time(word(probe, "/End")).or(time(word(probe, "/Start")));
        sheet.timed("Result", value.trim_end(), flag, end);
    }
}

fn limits(sheet: &mut Sheet, object: &Value) {
    sheet.section("Resources");
    let at = |path: &str| number(object, path).unwrap_or_default();
    let nano = at("/HostConfig/NanoCpus");
    let (quota, period) = (at("/HostConfig/CpuQuota"), at("/HostConfig/CpuPeriod"));
    let cores = if nano > 0 {
        nano as f64 / 1e9
    } else if quota > 0 && period > 0 {
        quota as f64 / period as f64
    } else {
        0.0
    };
    let memory = at("/HostConfig/Memory");
    sheet.fact(
        "CPU limit",
        if cores > 0.0 {
            format!("{cores} cores")
        } else {
            "none".to_owned()
        },
    );
    sheet.fact(
        "Memory limit",
        if memory > 0 {
            bytes(memory)
        } else {
            "none".to_owned()
        },
    );
    if yes(object, "/HostConfig/Privileged") {
        sheet.flag(
            "Privileged",
            "yes: it may do all that the host may",
            Health::Warn,
        );
    }
}

fn ports(sheet: &mut Sheet, object: &Value) {
    sheet.section("Ports");
    for (port, bound) in pairs(object, "/NetworkSettings/Ports") {
        let places: Vec<String> = bound
            .as_array()
            .into_iter()
            .flatten()
            .map(|place| format!("{}:{}", word(place, "/HostIp"), word(place, "/HostPort")))
            .collect();
        sheet.fact(
            port,
            if places.is_empty() {
                "not published".to_owned()
            } else {
                places.join(", ")
            },
        );
    }
}

fn mounts(sheet: &mut Sheet, object: &Value) {
    sheet.section("Mounts");
    for mount in list(object, "/Mounts") {
        let name = word(mount, "/Name");
        let from = if name.is_empty() {
            word(mount, "/Source")
        } else {
            name
        };
        let only = if yes(mount, "/RW") { "" } else { ", read only" };
        sheet.fact(
            word(mount, "/Destination"),
            format!("{from} ({}{only})", word(mount, "/Type")),
        );
    }
}

fn environment(sheet: &mut Sheet, object: &Value, path: &str) {
    sheet.section("Environment");
    for variable in list(object, path).iter().filter_map(Value::as_str) {
        let (name, value) = variable.split_once('=').unwrap_or((variable, ""));
        sheet.fact(name, if value.is_empty() { "(empty)" } else { value });
    }
}

fn labels(sheet: &mut Sheet, object: &Value, path: &str) {
    sheet.section("Labels");
    for (key, value) in pairs(object, path) {
        sheet.fact(key, value.as_str().unwrap_or_default());
    }
}

/// A Compose service or project: a section for each of its containers.
fn several(sheet: &mut Sheet, objects: &[Value]) {
    if let Some(first) = objects.first() {
        let label = |key: &str| said(first, &format!("/Config/Labels/com.docker.compose.{key}"));
        sheet.section("Compose");
        sheet.fact("Project", label("project"));
        sheet.fact("Directory", label("project.working_dir"));
        sheet.fact("Files", label("project.config_files"));
        sheet.fact("Made by", format!("docker compose {}", label("version")));
    }
    for object in objects {
        sheet.section(word(object, "/Name").trim_start_matches('/'));
        state(sheet, object);
        sheet.fact("Image", word(object, "/Config/Image"));
        sheet.fact("Image id", word(object, "/Image"));
        sheet.fact(
            "Config hash",
            said(object, "/Config/Labels/com.docker.compose.config-hash"),
        );
        sheet.fact(
            "Depends on",
            said(object, "/Config/Labels/com.docker.compose.depends_on"),
        );
        let status = word(object, "/State/Health/Status");
        let flag = match status {
            "healthy" => Health::Good,
            "starting" => Health::Busy,
            _ => Health::Bad,
        };
        sheet.flag("Health check", status, flag);
    }
}

fn image(sheet: &mut Sheet, object: &Value) {
    sheet.section("Image");
    sheet.lines("Names", words(object, "/RepoTags"));
    sheet.lines("Digests", words(object, "/RepoDigests"));
    sheet.fact("Id", word(object, "/Id"));
    sheet.fact("Size", bytes(number(object, "/Size").unwrap_or_default()));
    let platform = [word(object, "/Os"), word(object, "/Architecture")];
    sheet.fact("Platform", platform.join("/"));
    sheet.time("Created", time(word(object, "/Created")));
    let entry = [
        words(object, "/Config/Entrypoint"),
        words(object, "/Config/Cmd"),
    ];
    sheet.fact("Command", entry.concat().join(" "));
    let layers = list(object, "/RootFS/Layers").len();
    sheet.fact("Layers", layers.to_string());
    environment(sheet, object, "/Config/Env");
    labels(sheet, object, "/Config/Labels");
}

fn volume(sheet: &mut Sheet, object: &Value) {
    sheet.section("Volume");
    sheet.fact("Name", word(object, "/Name"));
    sheet.fact("Driver", word(object, "/Driver"));
    sheet.fact("Mountpoint", word(object, "/Mountpoint"));
    sheet.fact("Scope", word(object, "/Scope"));
    sheet.time("Created", time(word(object, "/CreatedAt")));
    labels(sheet, object, "/Options");
    labels(sheet, object, "/Labels");
}

fn network(sheet: &mut Sheet, object: &Value) {
    sheet.section("Network");
    sheet.fact("Name", word(object, "/Name"));
    sheet.fact("Driver", word(object, "/Driver"));
    sheet.fact("Scope", word(object, "/Scope"));
    sheet.fact(
        "Internal",
        if yes(object, "/Internal") {
            "yes: no way out"
        } else {
            "no"
        },
    );
    for pool in list(object, "/IPAM/Config") {
        sheet.fact("Subnet", word(pool, "/Subnet"));
        sheet.fact("Gateway", word(pool, "/Gateway"));
    }
    sheet.fact("Id", word(object, "/Id"));
    sheet.time("Created", time(word(object, "/Created")));
    sheet.section("Containers");
    for (_, attached) in pairs(object, "/Containers") {
        sheet.fact(word(attached, "/Name"), word(attached, "/IPv4Address"));
    }
    labels(sheet, object, "/Labels");
}

fn service(sheet: &mut Sheet, object: &Value) {
    sheet.section(&format!("Service {}", word(object, "/Spec/Name")));
    sheet.fact("Id", word(object, "/ID"));
    sheet.fact(
        "Image",
        word(object, "/Spec/TaskTemplate/ContainerSpec/Image"),
    );
    let mode = match number(object, "/Spec/Mode/Replicated/Replicas") {
        Some(replicas) => format!("replicated, {replicas}"),
        None => pairs(object, "/Spec/Mode")
            .map(|(mode, _)| mode.to_lowercase())
            .collect(),
    };
    sheet.fact("Mode", mode);
    let state = word(object, "/UpdateStatus/State");
    let flag = match state {
        "" | "completed" | "rollback_completed" => Health::Good,
        "updating" | "rollback_started" => Health::Busy,
        _ => Health::Bad,
    };
    let began = time(word(object, "/UpdateStatus/StartedAt"));
    sheet.timed("Update", state, flag, began.filter(|_| !state.is_empty()));
    sheet.flag("Said", word(object, "/UpdateStatus/Message"), flag);
    let before = word(object, "/PreviousSpec/TaskTemplate/ContainerSpec/Image");
    sheet.fact("Image before", before);
    for port in list(object, "/Endpoint/Ports") {
        sheet.fact(
            "Port",
            format!(
                "{}→{}/{}",
                said(port, "/PublishedPort"),
                said(port, "/TargetPort"),
                word(port, "/Protocol")
            ),
        );
    }
    sheet.time("Created", time(word(object, "/CreatedAt")));
    sheet.time("Updated", time(word(object, "/UpdatedAt")));
    environment(sheet, object, "/Spec/TaskTemplate/ContainerSpec/Env");
    labels(sheet, object, "/Spec/Labels");
}

fn task(sheet: &mut Sheet, object: &Value) {
    sheet.section("Task");
    sheet.fact("Id", word(object, "/ID"));
    let state = word(object, "/Status/State");
    let flag = match state {
        "running" => Health::Good,
        "failed" | "rejected" => Health::Bad,
        "shutdown" | "complete" => Health::Idle,
        _ => Health::Busy,
    };
    sheet.timed(
        "State",
        state,
        flag,
        time(word(object, "/Status/Timestamp")),
    );
    sheet.fact("Desired", word(object, "/DesiredState"));
    sheet.flag("Error", word(object, "/Status/Err"), Health::Bad);
    sheet.fact("Message", word(object, "/Status/Message"));
    sheet.fact("Image", word(object, "/Spec/ContainerSpec/Image"));
    sheet.fact("Service", word(object, "/ServiceID"));
    sheet.fact("Slot", said(object, "/Slot"));
    sheet.fact("Node", word(object, "/NodeID"));
    sheet.fact(
        "Container",
        word(object, "/Status/ContainerStatus/ContainerID"),
    );
    sheet.time("Created", time(word(object, "/CreatedAt")));
    environment(sheet, object, "/Spec/ContainerSpec/Env");
}

fn node(sheet: &mut Sheet, object: &Value) {
    sheet.section("Swarm node");
    sheet.fact("Name", word(object, "/Description/Hostname"));
    sheet.fact("Id", word(object, "/ID"));
    let state = word(object, "/Status/State");
    let flag = if state == "ready" {
        Health::Good
    } else {
        Health::Bad
    };
    sheet.flag("Status", state, flag);
    sheet.fact("Message", word(object, "/Status/Message"));
    sheet.fact("Availability", word(object, "/Spec/Availability"));
    sheet.fact("Role", word(object, "/Spec/Role"));
    sheet.fact("Manager", word(object, "/ManagerStatus/Reachability"));
    sheet.fact("Address", word(object, "/Status/Addr"));
    sheet.fact("Engine", word(object, "/Description/Engine/EngineVersion"));
    let memory = number(object, "/Description/Resources/MemoryBytes").unwrap_or_default();
    sheet.fact("Memory", bytes(memory));
    sheet.time("Joined", time(word(object, "/CreatedAt")));
    labels(sheet, object, "/Spec/Labels");
}

fn host(sheet: &mut Sheet, object: &Value) {
    sheet.section("Docker host");
    sheet.fact("Name", word(object, "/Name"));
    sheet.fact("Version", word(object, "/ServerVersion"));
    sheet.fact("System", word(object, "/OperatingSystem"));
    sheet.fact("Kernel", word(object, "/KernelVersion"));
    sheet.fact("CPUs", said(object, "/NCPU"));
    sheet.fact(
        "Memory",
        bytes(number(object, "/MemTotal").unwrap_or_default()),
    );
    sheet.fact("Storage", word(object, "/Driver"));
    sheet.fact("Folder", word(object, "/DockerRootDir"));
    sheet.fact("Cgroups", said(object, "/CgroupVersion"));
    sheet.fact("Log driver", word(object, "/LoggingDriver"));
    sheet.section("Containers");
    sheet.fact("Running", said(object, "/ContainersRunning"));
    sheet.fact("Paused", said(object, "/ContainersPaused"));
    sheet.fact("Stopped", said(object, "/ContainersStopped"));
    sheet.section("Swarm");
    sheet.fact("State", word(object, "/Swarm/LocalNodeState"));
    let manager = yes(object, "/Swarm/ControlAvailable");
    sheet.fact("Manager", if manager { "yes" } else { "no" });
    sheet.flag("Error", word(object, "/Swarm/Error"), Health::Bad);
    sheet.section("Warnings");
    for warning in words(object, "/Warnings") {
        sheet.flag("", warning.trim_start_matches("WARNING: "), Health::Warn);
    }
}

/// What runs in a container now.
pub(super) fn processes(top: &Value) -> Vec<Section> {
    let titles = words(top, "/Titles");
    let at = |names: &[&str]| {
        titles
            .iter()
            .position(|title| names.contains(&title.as_str()))
    };
    let (pid, user) = (at(&["PID"]), at(&["USER", "UID"]));
    let (time, command) = (at(&["TIME"]), at(&["CMD", "COMMAND"]));
    let mut sheet = Sheet::default();
    let all = list(top, "/Processes");
    sheet.section(&format!("Processes ({})", all.len()));
    for process in all.iter().take(PROCESSES) {
        let cell = |at: Option<usize>| {
            let cell = at.and_then(|at| process.get(at)).and_then(Value::as_str);
            cell.unwrap_or_default().to_owned()
        };
        let value = format!("{}  {}  {}", cell(user), cell(time), cell(command));
        sheet.fact(&cell(pid), value.trim());
    }
    sheet.finish()
}

/// What fills the disk, and what of it could go.
pub(super) fn disk(df: &Value) -> Vec<Section> {
    let mut sheet = Sheet::default();
    sheet.section("Disk");
    let sum = |items: &[Value], path: &str| -> i64 {
        let sizes = items.iter().filter_map(|item| number(item, path));
        sizes.filter(|size| *size > 0).sum()
    };
    let images = list(df, "/Images");
    let unused: Vec<Value> = images
        .iter()
        .filter(|image| number(image, "/Containers") == Some(0))
        .cloned()
        .collect();
    let volumes = list(df, "/Volumes");
    let idle: Vec<Value> = volumes
        .iter()
        .filter(|volume| number(volume, "/UsageData/RefCount") == Some(0))
        .cloned()
        .collect();
    let containers = list(df, "/Containers");
    let cache = list(df, "/BuildCache");
    let layers = number(df, "/LayersSize").unwrap_or_else(|| sum(images, "/Size"));
    let parts = [
        ("Images", layers, sum(&unused, "/Size")),
        ("Containers", sum(containers, "/SizeRw"), 0),
        (
            "Volumes",
            sum(volumes, "/UsageData/Size"),
            sum(&idle, "/UsageData/Size"),
        ),
        ("Build cache", sum(cache, "/Size"), 0),
    ];
    let most = parts
        .iter()
        .map(|(_, size, _)| *size)
        .max()
        .unwrap_or_default();
    for (label, size, unused) in parts {
        let bar = bar(size, most);
        let rest = if unused > 0 {
            format!("  {} of it unused", bytes(unused))
        } else {
            String::new()
        };
        sheet.fact(label, format!("{bar} {:>9}{rest}", bytes(size)));
    }
    sheet.finish()
}

/// A bar of ten cells.
fn bar(part: i64, whole: i64) -> String {
    let filled = if whole > 0 {
        (part * 10 + whole / 2) / whole
    } else {
        0
    };
    let filled = usize::try_from(filled).unwrap_or_default().min(10);
    format!("{}{}", "█".repeat(filled), "░".repeat(10 - filled))
}

/// A size in bytes for reading: `6.1 MB`, in thousands as the docker command counts.
fn bytes(size: i64) -> String {
    let mut size = size.max(0) as f64;
    for unit in ["B", "kB", "MB", "GB"] {
        if size < 1000.0 {
            let digits = usize::from(unit != "B" && size < 100.0);
            return format!("{size:.digits$} {unit}");
        }
        size /= 1000.0;
    }
    format!("{size:.1} TB")
}
