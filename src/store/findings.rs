//! Rules that find what is wrong by joining rows: pure, and cheap enough to ask for every row on screen.

use crate::model::{Health, Pod};

use super::Store;

/// Why a pod is not well, in one line: what the pod itself tells, else the newest warning about it (a failing probe
/// is only told there). Nothing while it is well.
pub fn why_not_ready<'a>(store: &'a Store, pod: &'a Pod) -> Option<&'a str> {
    if !matches!(pod.health, Health::Bad | Health::Warn | Health::Busy) {
        return None;
    }
    let told = pod.why.as_deref();
    if told.is_some_and(|why| !why.starts_with("not ready")) {
        return told;
    }
    store
        .last_warning(&pod.meta.key)
        .map(|event| event.message.as_str())
        .filter(|message| !message.is_empty())
        .or(told)
}
