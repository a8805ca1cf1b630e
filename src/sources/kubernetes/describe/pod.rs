//! A pod: where it runs, what each container does and why it last ended.

use serde_json::Value;

use super::parts;
use super::sheet::Sheet;
use crate::model::{Health, Moment};
use crate::sources::kubernetes::json::{list, moment, number, said, word, yes};

pub(super) fn describe(sheet: &mut Sheet, pod: &Value) {
    let (phase, reason) = (word(pod, "/status/phase"), word(pod, "/status/reason"));
    let health = match phase {
        "Failed" => Health::Bad,
        "Pending" => Health::Busy,
        "Succeeded" => Health::Idle,
        "Running" => Health::Good,
        _ => Health::Warn,
    };
    let status = if reason.is_empty() {
        phase.to_owned()
    } else {
        format!("{phase} ({reason})")
    };
    sheet.flag("Phase", status, health);
    sheet.flag("Message", word(pod, "/status/message"), health);
    if phase == "Pending"
        && let Some(unscheduled) = list(pod, "/status/conditions").iter().find(|condition| {
            word(condition, "/type") == "PodScheduled" && word(condition, "/status") == "False"
        })
    {
        sheet.flag("Not scheduled", word(unscheduled, "/message"), Health::Bad);
    }
    trouble(sheet, pod);
    sheet.fact("Node", node(pod));
    sheet.fact("Address", addresses(pod));
    sheet.time("Started", moment(pod, "/status/startTime"));
    sheet.fact("Quality", word(pod, "/status/qosClass"));
    sheet.fact("Priority", priority(pod));
    sheet.fact("Service account", word(pod, "/spec/serviceAccountName"));
    sheet.fact("Runtime class", word(pod, "/spec/runtimeClassName"));
    sheet.fact("Node selector", parts::selector(pod, "/spec/nodeSelector"));
    if yes(pod, "/spec/hostNetwork") {
        sheet.flag("Network", "the node's own", Health::Warn);
    }
    if word(pod, "/spec/restartPolicy") != "Always" {
        sheet.fact("Restarts", word(pod, "/spec/restartPolicy"));
    }
    if number(pod, "/spec/terminationGracePeriodSeconds").is_some_and(|seconds| seconds != 30) {
        sheet.fact(
            "Grace period",
            format!("{} s", said(pod, "/spec/terminationGracePeriodSeconds")),
        );
    }
    let spec = pod.get("spec").unwrap_or(&Value::Null);
    parts::tolerations(sheet, spec);
    sheet.lines(
        "Gates",
        list(spec, "/readinessGates")
            .iter()
            .map(|gate| word(gate, "/conditionType").to_owned()),
    );
    for (specs, statuses, sort) in [
        ("/containers", "/containerStatuses", "Container"),
        (
            "/initContainers",
            "/initContainerStatuses",
            "Init container",
        ),
        (
            "/ephemeralContainers",
            "/ephemeralContainerStatuses",
            "Debug container",
        ),
    ] {
        for container in list(spec, specs) {
            let name = word(container, "/name");
            let status = list(pod, &format!("/status{statuses}"))
                .iter()
                .find(|status| word(status, "/name") == name);
            let sidecar = sort == "Init container" && word(container, "/restartPolicy") == "Always";
            let sort = if sidecar { "Sidecar" } else { sort };
            sheet.section(&format!("{sort} {name}"));
            state(sheet, status.unwrap_or(&Value::Null));
            parts::container_spec(sheet, container);
        }
    }
    parts::volumes(sheet, spec);
}

/// What is wrong with its containers, before all the rest.
fn trouble(sheet: &mut Sheet, pod: &Value) {
    let containers = list(pod, "/status/initContainerStatuses")
        .iter()
        .chain(list(pod, "/status/containerStatuses"));
    for status in containers {
        let (now, health, _) = describe_state(status.get("state").unwrap_or(&Value::Null));
        if health != Health::Bad {
            continue;
        }
        let (last, ..) = describe_state(status.get("lastState").unwrap_or(&Value::Null));
        let last = if last.is_empty() {
            last
        } else {
            format!("; last {last}")
        };
        sheet.flag(
            "Trouble",
            format!("{}: {now}{last}", word(status, "/name")),
            Health::Bad,
        );
    }
}

fn node(pod: &Value) -> String {
    let (name, host) = (word(pod, "/spec/nodeName"), word(pod, "/status/hostIP"));
    match (name, host) {
        ("", _) => "not scheduled yet".to_owned(),
        (name, "") => name.to_owned(),
        (name, host) => format!("{name} ({host})"),
    }
}

fn addresses(pod: &Value) -> String {
    let all: Vec<_> = list(pod, "/status/podIPs")
        .iter()
        .map(|ip| word(ip, "/ip"))
        .collect();
    if all.is_empty() {
        word(pod, "/status/podIP").to_owned()
    } else {
        all.join(", ")
    }
}

fn priority(pod: &Value) -> String {
    let class = word(pod, "/spec/priorityClassName");
    match number(pod, "/spec/priority") {
        Some(priority) if priority != 0 => format!("{priority} {class}").trim_end().to_owned(),
        _ => class.to_owned(),
    }
}

/// What a container does now and why it last ended.
fn state(sheet: &mut Sheet, status: &Value) {
    let (words, health, time) = describe_state(status.get("state").unwrap_or(&Value::Null));
    sheet.timed("State", words, health, time);
    if let Some(last) = status
        .get("lastState")
        .filter(|last| last.get("terminated").is_some())
    {
        let (words, health, time) = describe_state(last);
        sheet.timed("Last ended", words, health, time);
    }
    if let Some(ready) = status.get("ready").and_then(Value::as_bool) {
        let running = status.pointer("/state/running").is_some();
        let health = if ready || !running {
            Health::Good
        } else {
            Health::Warn
        };
        sheet.flag("Ready", if ready { "yes" } else { "no" }, health);
    }
    let restarts = number(status, "/restartCount").unwrap_or_default();
    if restarts > 0 {
        sheet.flag("Restarts", restarts.to_string(), Health::Warn);
    }
    sheet.fact("Image id", word(status, "/imageID"));
}

fn describe_state(state: &Value) -> (String, Health, Option<Moment>) {
    if state.get("running").is_some() {
        return (
            "running".to_owned(),
            Health::Good,
            moment(state, "/running/startedAt"),
        );
    }
    if let Some(waiting) = state.get("waiting") {
        let (reason, message) = (word(waiting, "/reason"), word(waiting, "/message"));
        let health = if matches!(reason, "" | "ContainerCreating" | "PodInitializing") {
            Health::Busy
        } else {
            Health::Bad
        };
        let reason = if reason.is_empty() { "waiting" } else { reason };
        let words = if message.is_empty() {
            reason.to_owned()
        } else {
            format!("{reason}: {message}")
        };
        return (words, health, None);
    }
    let Some(ended) = state.get("terminated") else {
        return (String::new(), Health::Good, None);
    };
    let (reason, message) = (word(ended, "/reason"), word(ended, "/message"));
    let code = number(ended, "/exitCode").unwrap_or_default();
    let signal = number(ended, "/signal").unwrap_or_default();
    let mut words = vec![if reason.is_empty() { "ended" } else { reason }.to_owned()];
    if code != 0 || reason != "Completed" {
        let meaning = match meaning(code, reason) {
            _ if signal != 0 => format!(", signal {signal}"),
            Some(meaning) => format!(" ({meaning})"),
            None => String::new(),
        };
        words.push(format!("exit {code}{meaning}"));
    }
    let times = (moment(ended, "/startedAt"), moment(ended, "/finishedAt"));
    if let (Some(started), Some(finished)) = times {
        words.push(format!("ran {}", span(started.age(finished))));
    }
    let mut words = words.join(", ");
    if !message.is_empty() {
        words.push_str(": ");
        words.push_str(message.trim_end());
    }
    let health = if code == 0 { Health::Idle } else { Health::Bad };
    (words, health, times.1)
}

/// What an exit code tells beside its number.
fn meaning(code: i64, reason: &str) -> Option<&'static str> {
    match code {
        126 => Some("the command cannot be run"),
        127 => Some("the command was not found"),
        130 => Some("interrupted"),
        134 => Some("aborted"),
        137 if reason == "OOMKilled" => Some("out of memory"),
        137 => Some("killed"),
        139 => Some("segmentation fault"),
        143 => Some("told to end"),
        _ => None,
    }
}

/// `45s`, `12m`, `3h20m`, `5d`
pub(super) fn span(seconds: u32) -> String {
    match seconds {
        0..=119 => format!("{seconds}s"),
        120..=7199 => format!("{}m", seconds / 60),
        7200..=172_799 => format!("{}h{}m", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{}d", seconds / 86400),
    }
}
