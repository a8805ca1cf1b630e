//! A pod's cells, by the rules of the real server's printer.

use jiff::Timestamp;
use serde_json::Value;

use super::cells::{age, none, since};
use crate::demo::world::item::{list, number, text};

/// READY, STATUS, RESTARTS and what follows.
pub(super) fn cells(pod: &Value, now: Timestamp) -> Vec<Value> {
    let statuses = list(pod, "/status/containerStatuses");
    let ready = statuses
        .iter()
        .filter(|s| s.get("ready") == Some(&Value::Bool(true)))
        .count();
    let total = list(pod, "/spec/containers").len();
    vec![
        text(pod, "/metadata/name").into(),
        format!("{ready}/{total}").into(),
        word(pod).into(),
        restarts(statuses, now).into(),
        age(pod, now),
        none(text(pod, "/status/podIP")),
        none(text(pod, "/spec/nodeName")),
        none(text(pod, "/status/nominatedNodeName")),
        none(""),
    ]
}

fn restarts(statuses: &[Value], now: Timestamp) -> String {
    let count: i64 = statuses.iter().map(|s| number(s, "/restartCount")).sum();
    let last = statuses
        .iter()
        .map(|s| text(s, "/lastState/terminated/finishedAt"))
        .filter(|at| !at.is_empty())
        .max();
    match last {
        Some(at) if count > 0 => format!("{count} ({} ago)", since(at, now)),
        _ => count.to_string(),
    }
}

/// The word that stands for a pod's state.
fn word(pod: &Value) -> String {
    let mut word = text(pod, "/status/reason").to_owned();
    if word.is_empty() {
        text(pod, "/status/phase").clone_into(&mut word);
    }
    let init = list(pod, "/status/initContainerStatuses");
    let starting = init.iter().enumerate().find(|(_, s)| {
        number(s, "/state/terminated/exitCode") != 0 || s.pointer("/state/terminated").is_none()
    });
    if let Some((at, status)) = starting {
        word = match (state(status), text(status, "/state/waiting/reason")) {
            (Some(reason), _) => format!("Init:{reason}"),
            (None, reason) if !reason.is_empty() && reason != "PodInitializing" => {
                format!("Init:{reason}")
            }
            _ => format!("Init:{at}/{}", list(pod, "/spec/initContainers").len()),
        };
    } else {
        let mut running = false;
        for status in list(pod, "/status/containerStatuses").iter().rev() {
            let waiting = text(status, "/state/waiting/reason");
            if !waiting.is_empty() {
                waiting.clone_into(&mut word);
            } else if let Some(reason) = state(status) {
                word = reason;
            } else if status.get("ready") == Some(&Value::Bool(true))
                && status.pointer("/state/running").is_some()
            {
                running = true;
            }
        }
        if word == "Completed" && running {
            "Running".clone_into(&mut word);
        }
    }
    match (
        pod.pointer("/metadata/deletionTimestamp"),
        text(pod, "/status/reason"),
    ) {
        (Some(_), "NodeLost") => "Unknown".to_owned(),
        (Some(_), _) => "Terminating".to_owned(),
        _ => word,
    }
}

/// Why a container ended: its reason, else its exit code or signal.
fn state(status: &Value) -> Option<String> {
    let ended = status.pointer("/state/terminated")?;
    let reason = text(ended, "/reason");
    Some(match (reason, number(ended, "/signal")) {
        ("", 0) => format!("ExitCode:{}", number(ended, "/exitCode")),
        ("", signal) => format!("Signal:{signal}"),
        (reason, _) => reason.to_owned(),
    })
}
