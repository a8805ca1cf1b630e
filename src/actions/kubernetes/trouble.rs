//! What stands in the way of a pod, in plain words, worst first. Pure.

use serde_json::Value;

use crate::actions::facts::{list, number, text};

/// How far a message is quoted, in characters.
const QUOTE: usize = 160;

/// Something that keeps a pod from being ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    pub words: String,
    /// The container whose last lines say more, if one crashed.
    pub crashed: Option<String>,
    /// The higher, the surer it does not go away by itself.
    weight: u8,
}

/// The worst of what keeps these pods from being ready; none while they merely start.
pub fn worst<'a>(pods: impl Iterator<Item = &'a Value>) -> Option<(&'a Value, Trouble)> {
    let found = pods.filter_map(|pod| Some((pod, of(pod)?)));
    found.max_by_key(|(_, trouble)| trouble.weight)
}

/// Whether a pod is ready.
pub fn is_ready(pod: &Value) -> bool {
    list(pod, "/status/conditions").iter().any(|condition| {
        text(condition, "/type") == "Ready" && text(condition, "/status") == "True"
    })
}

/// Whether a pod is on its way out.
pub fn is_leaving(pod: &Value) -> bool {
    pod.pointer("/metadata/deletionTimestamp")
        .is_some_and(|time| !time.is_null())
}

/// What keeps a pod from being ready.
pub fn of(pod: &Value) -> Option<Trouble> {
    if is_leaving(pod) || is_ready(pod) {
        return None;
    }
    unscheduled(pod).or_else(|| {
        let statuses = list(pod, "/status/initContainerStatuses")
            .iter()
            .chain(list(pod, "/status/containerStatuses"));
        statuses
            .filter_map(container)
            .max_by_key(|trouble| trouble.weight)
    })
}

fn unscheduled(pod: &Value) -> Option<Trouble> {
    let condition = list(pod, "/status/conditions").iter().find(|condition| {
        text(condition, "/type") == "PodScheduled" && text(condition, "/status") == "False"
    })?;
    Some(Trouble {
        words: format!(
            "cannot be scheduled: {}",
            quote(text(condition, "/message"))
        ),
        crashed: None,
        weight: 3,
    })
}

fn container(status: &Value) -> Option<Trouble> {
    let name = text(status, "/name");
    let waiting = text(status, "/state/waiting/reason");
    let message = quote(text(status, "/state/waiting/message"));
    let plain = |weight, words| Trouble {
        words,
        crashed: None,
        weight,
    };
    match waiting {
        "" | "ContainerCreating" | "PodInitializing" => {}
        "CrashLoopBackOff" => return Some(crash(status, "/lastState/terminated")),
        "ErrImagePull" | "ImagePullBackOff" | "InvalidImageName" | "ErrImageNeverPull" => {
            let image = text(status, "/image");
            return Some(plain(4, format!("cannot pull {image}: {message}")));
        }
        "CreateContainerConfigError" | "CreateContainerError" | "RunContainerError" => {
            return Some(plain(4, format!("{name} cannot start: {message}")));
        }
        other => return Some(plain(2, format!("{name} waits: {other} {message}"))),
    }
    if number(status, "/state/terminated/exitCode") != 0 {
        return Some(crash(status, "/state/terminated"));
    }
    if number(status, "/restartCount") > 0 && number(status, "/lastState/terminated/exitCode") != 0
    {
        return Some(crash(status, "/lastState/terminated"));
    }
    let runs = status.pointer("/state/running").is_some();
    let unready = runs && status.get("ready") == Some(&Value::Bool(false));
    unready.then(|| plain(1, format!("{name} runs, but is not ready")))
}

fn crash(status: &Value, state: &str) -> Trouble {
    let name = text(status, "/name");
    let ended = status.pointer(state).unwrap_or(&Value::Null);
    let how = match text(ended, "/reason") {
        "OOMKilled" => "out of memory".to_owned(),
        _ => format!("exit {}", number(ended, "/exitCode")),
    };
    let restarts = number(status, "/restartCount");
    let times = match restarts {
        0 | 1 => String::new(),
        times => format!(", {times} times"),
    };
    Trouble {
        words: format!("{name} crashes: {how}{times}"),
        crashed: Some(name.to_owned()),
        weight: 5,
    }
}

/// A message short enough for a line.
pub fn quote(message: &str) -> String {
    let line: String = message.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= QUOTE {
        return line;
    }
    let cut: String = line.chars().take(QUOTE).collect();
    format!("{cut}…")
}
