//! The summary of an object of a host, from what inspecting it says. Pure.

mod around;
mod disk;
mod swarm;

use serde_json::Value;

use super::project::time;
use crate::model::{Health, Kind, Section};
use crate::sources::kubernetes::describe::sheet::Sheet;
use crate::sources::kubernetes::json::{list, number, pairs, said, word, words, yes};

use around::{image, network, volume};
use disk::{bytes, host};
pub(super) use disk::{disk, processes};
use swarm::{node, service, task};

/// Results of a health check that are shown.
const PROBES: usize = 5;
/// Characters of what a health check printed.
const OUTPUT: usize = 300;

/// What the operator reads first. `objects` are one, or the containers of a service or project.
pub(super) fn summary(kind: &Kind, objects: &[Value]) -> Vec<Section> {
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
