//! What keeps a container from running, in plain words.

use std::fmt::Write;

use crate::model::Health;
use crate::sources::kubernetes::wire::message::pod::{
    Container, ContainerStatus, Terminated, Waiting,
};

/// How far a message is quoted.
const QUOTE: usize = 160;

/// What is wrong with a container, or on its way.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Trouble {
    pub(super) health: Health,
    /// Empty while it merely starts.
    pub(super) why: String,
}

/// Looks at a container that should run. None if it does, or has ended well.
pub(super) fn of(status: &ContainerStatus, spec: Option<&Container>) -> Option<Trouble> {
    let state = status.state.as_ref();
    if let Some(waiting) = state.and_then(|state| state.waiting.as_ref()) {
        return Some(waits(waiting, status, spec));
    }
    if let Some(ended) = state.and_then(|state| state.terminated.as_ref()) {
        return (!well(ended)).then(|| bad(crash(ended, status.restart_count, spec)));
    }
    None
}

/// What the end before the present run was, where it was none of the good ones.
pub(super) fn before(status: &ContainerStatus, spec: Option<&Container>) -> Option<String> {
    let ended = last(status).filter(|ended| !well(ended))?;
    Some(format!(
        "last {}",
        ending(ended, status.restart_count, spec)
    ))
}

fn waits(waiting: &Waiting, status: &ContainerStatus, spec: Option<&Container>) -> Trouble {
    let image = spec.map_or("the image", |spec| spec.image.as_str());
    match waiting.reason.as_str() {
        "" | "ContainerCreating" | "PodInitializing" => Trouble {
            health: Health::Busy,
            why: String::new(),
        },
        "CrashLoopBackOff" => bad(last(status).map_or_else(
            || format!("crashes{}", times(status.restart_count)),
            |ended| crash(ended, status.restart_count, spec),
        )),
        "ImagePullBackOff"
        | "ErrImagePull"
        | "ErrImageNeverPull"
        | "InvalidImageName"
        | "ImageInspectError"
        | "RegistryUnavailable"
        | "SignatureValidationFailed" => {
            let tail = tail(&waiting.message);
            bad(if tail.is_empty() {
                format!("cannot pull {image}")
            } else {
                format!("cannot pull {image}: {tail}")
            })
        }
        "CreateContainerConfigError"
        | "CreateContainerError"
        | "RunContainerError"
        | "PreCreateHookError"
        | "PostStartHookError" => bad(if waiting.message.is_empty() {
            format!("cannot start: {}", waiting.reason)
        } else {
            format!("cannot start: {}", quote(&waiting.message))
        }),
        reason if waiting.message.is_empty() => Trouble {
            health: Health::Warn,
            why: reason.to_owned(),
        },
        reason => Trouble {
            health: Health::Warn,
            why: format!("{reason}: {}", quote(&waiting.message)),
        },
    }
}

fn last(status: &ContainerStatus) -> Option<&Terminated> {
    status.last_state.as_ref()?.terminated.as_ref()
}

fn well(ended: &Terminated) -> bool {
    ended.exit_code == 0 && ended.signal == 0 && ended.reason != "OOMKilled"
}

fn crash(ended: &Terminated, restarts: i32, spec: Option<&Container>) -> String {
    if ended.reason == "OOMKilled" {
        return ending(ended, restarts, spec);
    }
    // The runtime did not get as far as running it.
    if matches!(ended.reason.as_str(), "StartError" | "ContainerCannotRun") {
        let times = times(restarts);
        return format!("cannot start: {}{times}", tail(&ended.message));
    }
    let mut words = format!("crashes: {}", ending(ended, restarts, spec));
    if !ended.message.trim().is_empty() {
        let _ = write!(words, ": {}", quote(ended.message.trim()));
    }
    words
}

/// `exit 3 (Error), 4 restarts`, `out of memory (limit 64Mi), 4 restarts`
fn ending(ended: &Terminated, restarts: i32, spec: Option<&Container>) -> String {
    let mut words = if ended.reason == "OOMKilled" {
        let limit = spec
            .and_then(|spec| spec.resources.as_ref())
            .and_then(|stated| stated.limits.iter().find(|amount| amount.key == "memory"))
            .and_then(|amount| amount.value.as_ref());
        limit.map_or_else(
            || "out of memory (the node's, it has no limit)".to_owned(),
            |limit| format!("out of memory (limit {})", limit.string),
        )
    } else if ended.signal != 0 {
        format!("signal {}", ended.signal)
    } else if ended.reason.is_empty() {
        format!("exit {}", ended.exit_code)
    } else {
        format!("exit {} ({})", ended.exit_code, ended.reason)
    };
    words.push_str(&times(restarts));
    words
}

fn times(restarts: i32) -> String {
    match restarts {
        ..=0 => String::new(),
        1 => ", 1 restart".to_owned(),
        some => format!(", {some} restarts"),
    }
}

fn bad(why: String) -> Trouble {
    Trouble {
        health: Health::Bad,
        why,
    }
}

/// As much of a message as fits a line.
pub(super) fn quote(message: &str) -> &str {
    match message.char_indices().nth(QUOTE) {
        Some((end, _)) => message.get(..end).unwrap_or(message),
        None => message,
    }
}

/// The end of a chain of errors, which is where the cause stands.
fn tail(message: &str) -> &str {
    if message.starts_with("Back-off pulling image") && !message.contains("\": ") {
        return "";
    }
    let mut start = message.len();
    for (at, _) in message.rmatch_indices(": ") {
        let candidate = message.get(at + 2..).unwrap_or_default();
        let link = message.get(at + 2..start).unwrap_or_default();
        let fits = candidate.len() <= 72 && !link.contains('"');
        if start < message.len() && !fits {
            break;
        }
        start = at + 2;
    }
    if start == message.len() {
        return quote(message);
    }
    quote(message.get(start..).unwrap_or(message))
}
