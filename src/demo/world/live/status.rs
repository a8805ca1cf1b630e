//! A pod's status as its kubelet reports it: made anew from the pod's life, so that the two never disagree.

use serde_json::{Value, json};

use super::images::{Does, Image};
use super::life::{End, Life, Stage, back_off, spelled};
use crate::demo::random::{digest, hash, mix};
use crate::demo::world::item::{list, set, text};
use crate::demo::world::seconds;

/// The status of a pod whose container of number `troubled` behaves as `image` says.
pub(crate) fn status(
    pod: &Value,
    life: &Life,
    image: &Image,
    troubled: usize,
    host: &str,
) -> Value {
    if life.stage == Stage::Unscheduled {
        return unscheduled(life, pod);
    }
    if life.stage == Stage::Evicted {
        return json!({"phase": "Failed", "reason": "Evicted", "startTime": seconds(life.taken.unwrap_or(life.since)), "message": life.says,
            "qosClass": class(pod), "hostIP": host});
    }
    let phase = match life.stage {
        Stage::Creating | Stage::Init | Stage::InitBackOff => "Pending",
        Stage::PullError | Stage::PullBackOff if life.started.is_none() => "Pending",
        Stage::Done if life.end.as_ref().is_some_and(|e| e.code != 0) => "Failed",
        Stage::Done => "Succeeded",
        _ => "Running",
    };
    let containers: Vec<Value> = list(pod, "/spec/containers")
        .iter()
        .enumerate()
        .map(|(at, spec)| container(pod, spec, life, image, at == troubled))
        .collect();
    let mut status = json!({"phase": phase, "hostIP": host, "hostIPs": [{"ip": host}], "startTime": seconds(life.taken.unwrap_or(life.since)),
        "qosClass": class(pod), "containerStatuses": containers, "conditions": conditions(pod, life, troubled)});
    if !life.ip.is_empty() {
        set(&mut status, "/podIP", life.ip.clone());
        set(&mut status, "/podIPs", json!([{"ip": life.ip}]));
    }
    let inits: Vec<Value> = list(pod, "/spec/initContainers")
        .iter()
        .map(|spec| init(pod, spec, life, image))
        .collect();
    if !inits.is_empty() {
        set(&mut status, "/initContainerStatuses", inits);
    }
    status
}

fn class(pod: &Value) -> &'static str {
    let all = list(pod, "/spec/containers");
    let any = |key: &str| {
        all.iter().any(|c| {
            c.pointer(key)
                .and_then(Value::as_object)
                .is_some_and(|m| !m.is_empty())
        })
    };
    match (any("/resources/requests"), any("/resources/limits")) {
        (false, false) => "BestEffort",
        _ if all
            .iter()
            .all(|c| c.pointer("/resources/requests") == c.pointer("/resources/limits")) =>
        {
            "Guaranteed"
        }
        _ => "Burstable",
    }
}

fn condition(kind: &str, yes: bool, since: &str, why: Option<(&str, String)>) -> Value {
    let mut one = json!({"type": kind, "status": if yes { "True" } else { "False" }, "lastProbeTime": null, "lastTransitionTime": since});
    if let Some((reason, message)) = why {
        set(&mut one, "/reason", reason);
        if !message.is_empty() {
            set(&mut one, "/message", message);
        }
    }
    one
}

fn unscheduled(life: &Life, pod: &Value) -> Value {
    if life.says.is_empty() {
        return json!({"phase": "Pending", "qosClass": class(pod)});
    }
    let why = Some(("Unschedulable", life.says.clone()));
    json!({"phase": "Pending", "qosClass": class(pod), "conditions": [condition("PodScheduled", false, &seconds(life.since), why)]})
}

fn conditions(pod: &Value, life: &Life, troubled: usize) -> Value {
    let taken = seconds(life.taken.unwrap_or(life.since));
    let changed = seconds(life.ready_since.unwrap_or(life.unready_since));
    let name = list(pod, "/spec/containers")
        .get(troubled)
        .map_or("", |c| text(c, "/name"));
    let init = list(pod, "/spec/initContainers")
        .first()
        .map_or("", |c| text(c, "/name"));
    let started = !matches!(life.stage, Stage::Creating);
    let initialised = life.initialised.is_some() || init.is_empty();
    let ready = life.ready();
    let unready = || match life.stage {
        Stage::Done if life.end.as_ref().is_none_or(|e| e.code == 0) => {
            Some(("PodCompleted", String::new()))
        }
        _ if ready || life.lost => None,
        _ => Some((
            "ContainersNotReady",
            format!("containers with unready status: [{name}]"),
        )),
    };
    let not_initialised = (!initialised).then(|| {
        (
            "ContainersNotInitialized",
            format!("containers with incomplete status: [{init}]"),
        )
    });
    json!([
        condition("PodReadyToStartContainers", started, &taken, None),
        condition(
            "Initialized",
            initialised,
            &seconds(life.initialised.or(life.taken).unwrap_or(life.since)),
            not_initialised
        ),
        condition("Ready", ready, &changed, unready()),
        condition("ContainersReady", ready, &changed, unready()),
        condition("PodScheduled", true, &taken, None),
    ])
}

fn terminated(end: &End, id: &str) -> Value {
    let mut one = json!({"exitCode": end.code, "reason": end.reason, "startedAt": seconds(end.started), "finishedAt": seconds(end.finished), "containerID": id});
    if !end.says.is_empty() && end.code != 137 {
        set(&mut one, "/message", end.says.clone());
    }
    json!({"terminated": one})
}

fn waiting(reason: &str, message: String) -> Value {
    let mut one = json!({"reason": reason});
    if !message.is_empty() {
        set(&mut one, "/message", message);
    }
    json!({"waiting": one})
}

fn crash_wait(pod: &Value, name: &str, tries: i64) -> Value {
    let (pod_name, namespace, uid) = (
        text(pod, "/metadata/name"),
        text(pod, "/metadata/namespace"),
        text(pod, "/metadata/uid"),
    );
    let wait = spelled(back_off(tries));
    waiting(
        "CrashLoopBackOff",
        format!(
            "back-off {wait} restarting failed container={name} pod={pod_name}_{namespace}({uid})"
        ),
    )
}

/// The status of one container; those beside the troubled one are well whenever the pod runs.
fn container(pod: &Value, spec: &Value, life: &Life, image: &Image, troubled: bool) -> Value {
    let (name, full) = (text(spec, "/name"), text(spec, "/image"));
    let id = |restarts: i64| {
        format!(
            "containerd://{}",
            digest(mix(hash(&life.uid) ^ hash(name), restarts as u64))
        )
    };
    let running = || json!({"running": {"startedAt": seconds(life.started.unwrap_or(life.since))}});
    let mut last = json!({});
    let state = match life.stage {
        Stage::Creating => waiting("ContainerCreating", String::new()),
        Stage::Init | Stage::InitBackOff => waiting("PodInitializing", String::new()),
        Stage::PullError if troubled => waiting(
            "ErrImagePull",
            format!("rpc error: code = NotFound desc = {}", image.says),
        ),
        Stage::PullBackOff if troubled => waiting(
            "ImagePullBackOff",
            format!(
                "Back-off pulling image \"{full}\": ErrImagePull: rpc error: code = NotFound desc = {}",
                image.says
            ),
        ),
        Stage::Ended | Stage::Done if troubled || life.stage == Stage::Done => life
            .end
            .as_ref()
            .map_or_else(|| json!({}), |end| terminated(end, &id(life.restarts))),
        Stage::BackOff if troubled => crash_wait(pod, name, life.restarts),
        _ => running(),
    };
    if troubled
        && life.restarts > 0
        && let Some(end) = &life.end
    {
        last = terminated(end, &id(life.restarts - 1));
    }
    let up = state.get("running").is_some();
    let pulled = life.started.is_some()
        || !matches!(
            life.stage,
            Stage::Creating
                | Stage::PullError
                | Stage::PullBackOff
                | Stage::Init
                | Stage::InitBackOff
        );
    let ready = up
        && if troubled || image.does == Does::Serve {
            life.ready_since.is_some()
        } else {
            !life.lost
        };
    let mut one = json!({"name": name, "state": state, "lastState": last, "ready": ready, "restartCount": if troubled { life.restarts } else { 0 },
        "image": full, "imageID": "", "started": up});
    if pulled {
        let bare = full.rsplit_once(':').map_or(full, |(bare, _)| bare);
        set(
            &mut one,
            "/imageID",
            format!("{bare}@sha256:{}", digest(hash(full))),
        );
        set(&mut one, "/containerID", id(life.restarts));
    }
    one
}

fn init(pod: &Value, spec: &Value, life: &Life, image: &Image) -> Value {
    let (name, full) = (text(spec, "/name"), text(spec, "/image"));
    let id = format!("containerd://{}", digest(hash(&life.uid) ^ 7));
    let failing = matches!(
        life.stage,
        Stage::Init | Stage::InitBackOff | Stage::Creating
    );
    let mut last = json!({});
    let state = match (life.stage, &life.end) {
        (Stage::Creating, _) => waiting("PodInitializing", String::new()),
        (Stage::Init, _) => json!({"running": {"startedAt": seconds(life.since)}}),
        (Stage::InitBackOff, Some(end)) if life.tries == 1 => terminated(end, &id),
        (Stage::InitBackOff, _) => crash_wait(pod, name, life.tries - 1),
        _ => {
            let done = life.initialised.unwrap_or(life.since);
            let end = End {
                code: 0,
                reason: "Completed",
                says: String::new(),
                started: life.taken.unwrap_or(done),
                finished: done,
            };
            terminated(&end, &id)
        }
    };
    if failing
        && life.tries > 0
        && let Some(end) = &life.end
    {
        last = terminated(end, &id);
    }
    let restarts = if image.does == Does::Crash {
        (life.tries - 1).max(0)
    } else {
        0
    };
    json!({"name": name, "state": state, "lastState": last, "ready": !failing, "restartCount": restarts, "image": full,
        "imageID": format!("{full}@sha256:{}", digest(hash(full))), "containerID": id, "started": life.stage == Stage::Init})
}
