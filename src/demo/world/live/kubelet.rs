//! The scheduler and the kubelets: they move each pod's life on when it is due, and report what became of it.

use serde_json::Value;

use super::events::{Source, emit};
use super::images::{Does, Image, behaviour};
use super::life::{End, Life, Stage, back_off, later};
use super::{pods, schedule, status};
use crate::demo::random::{hash, mix};
use crate::demo::world::Cluster;
use crate::demo::world::item::{list, number, set, text};
use crate::demo::world::resource;

/// How often a failing probe is reported.
const PROBE_MS: i64 = 10_000;

/// Moves on all pods that are due.
pub(crate) fn run(c: &mut Cluster) {
    let now = c.now;
    let due: Vec<(String, String)> = c
        .live
        .lives
        .iter()
        .filter(|(_, life)| life.due.is_some_and(|due| due <= now))
        .map(|(key, _)| key.clone())
        .collect();
    for (namespace, name) in due {
        move_on(c, &namespace, &name);
    }
}

/// Moves one pod on, and writes its status.
pub(crate) fn move_on(c: &mut Cluster, namespace: &str, name: &str) {
    let key = (namespace.to_owned(), name.to_owned());
    let (Some(pod), Some(mut life)) = (
        c.get(&resource::PODS, namespace, name),
        c.live.lives.get(&key).cloned(),
    ) else {
        c.live.lives.remove(&key);
        return;
    };
    if life.leaves.is_some_and(|at| at <= c.now) {
        if life.lost {
            // nobody is there to stop it
            life.due = None;
            c.live.lives.insert(key, life);
        } else {
            pods::gone(c, namespace, name);
            if let Some(life) = c.live.lives.get_mut(&key) {
                life.due = None;
            }
        }
        return;
    }
    life.due = None;
    step(c, &pod, &mut life);
    if let Some(leaves) = life.leaves {
        life.due = Some(leaves);
    }
    report(c, &pod, &life);
    c.live.lives.insert(key, life);
}

/// Writes a pod's status from its life.
pub(crate) fn report(c: &mut Cluster, pod: &Value, life: &Life) {
    let (at, image) = troubled(c, pod);
    let host = schedule::address(c, &life.node);
    let status = status::status(pod, life, &image, at, &host);
    let (namespace, name) = (
        text(pod, "/metadata/namespace"),
        text(pod, "/metadata/name"),
    );
    c.edit(&resource::PODS, namespace, name, |pod| {
        set(pod, "/status", status);
    });
}

/// The container that decides what becomes of the pod, and what its image does.
pub(crate) fn troubled(c: &Cluster, pod: &Value) -> (usize, Image) {
    let init = list(pod, "/spec/initContainers")
        .iter()
        .map(|s| behaviour(&c.live.images, text(s, "/image")));
    if let Some(bad) = init.into_iter().find(|i| i.does != Does::Serve) {
        return (0, bad);
    }
    let all: Vec<Image> = list(pod, "/spec/containers")
        .iter()
        .map(|s| behaviour(&c.live.images, text(s, "/image")))
        .collect();
    let at = all.iter().position(|i| i.does != Does::Serve).unwrap_or(0);
    let image = all
        .into_iter()
        .nth(at)
        .unwrap_or_else(|| behaviour(&[], ""));
    (at, image)
}

fn say(c: &mut Cluster, pod: &Value, life: &Life, warning: bool, reason: &str, message: &str) {
    let (at, _) = troubled(c, pod);
    let container = list(pod, "/spec/containers")
        .get(at)
        .map_or("", |s| text(s, "/name"));
    let field = format!("spec.containers{{{container}}}");
    let node = life.node.clone();
    let from = Source {
        component: "kubelet",
        host: &node,
        field: &field,
    };
    emit(c, (&resource::PODS, pod), warning, reason, message, from);
}

fn step(c: &mut Cluster, pod: &Value, life: &mut Life) {
    let now = c.now;
    let (at, image) = troubled(c, pod);
    let spread = (mix(hash(&life.uid), life.tries as u64) % 900) as i64;
    let full = list(pod, "/spec/containers")
        .get(at)
        .map_or("", |s| text(s, "/image"))
        .to_owned();
    match life.stage {
        Stage::Unscheduled => {
            if schedule::place(c, pod, life) {
                life.taken = Some(now);
                life.enter(Stage::Creating, now, Some(900 + spread));
            } else {
                life.stage = Stage::Unscheduled;
                life.due = Some(later(now, 60_000));
            }
        }
        Stage::Creating | Stage::PullBackOff if image.does == Does::Missing => {
            pull(c, pod, life, &image, &full);
        }
        Stage::PullError => {
            let says = format!("Back-off pulling image \"{full}\"");
            say(c, pod, life, false, "BackOff", &says);
            say(c, pod, life, true, "Failed", "Error: ImagePullBackOff");
            life.enter(Stage::PullBackOff, now, Some(back_off(life.tries) * 1000));
        }
        Stage::Creating if !list(pod, "/spec/initContainers").is_empty() => {
            let init_fails = list(pod, "/spec/initContainers")
                .iter()
                .any(|s| behaviour(&c.live.images, text(s, "/image")).does == Does::Crash);
            life.tries += i64::from(init_fails);
            life.enter(
                Stage::Init,
                now,
                Some(if init_fails { image.after * 1000 } else { 1800 }),
            );
        }
        Stage::InitBackOff => {
            life.tries += 1;
            life.enter(Stage::Init, now, Some(image.after * 1000));
        }
        Stage::Init if image.does == Does::Crash => init_fails(c, pod, life, &image),
        Stage::Creating | Stage::Init | Stage::PullBackOff | Stage::BackOff => {
            start(c, pod, life, &image, &full);
        }
        Stage::Running => running(c, pod, life, &image),
        Stage::Ended => {
            if life.restarts == 0 {
                life.restarts = 1;
                start(c, pod, life, &image, &full);
            } else {
                life.restarts += 1;
                life.enter(
                    Stage::BackOff,
                    now,
                    Some(back_off(life.restarts - 1) * 1000),
                );
            }
        }
        Stage::Done | Stage::Evicted => {}
    }
}

/// The registry says no.
fn pull(c: &mut Cluster, pod: &Value, life: &mut Life, image: &Image, full: &str) {
    life.tries += 1;
    let says = format!(
        "Failed to pull image \"{full}\": rpc error: code = NotFound desc = {}",
        image.says
    );
    say(
        c,
        pod,
        life,
        false,
        "Pulling",
        &format!("Pulling image \"{full}\""),
    );
    say(c, pod, life, true, "Failed", &says);
    say(c, pod, life, true, "Failed", "Error: ErrImagePull");
    life.enter(Stage::PullError, c.now, Some(12_000));
}

/// An init container ended badly.
fn init_fails(c: &mut Cluster, pod: &Value, life: &mut Life, image: &Image) {
    let now = c.now;
    life.end = Some(End {
        code: image.exit,
        reason: "Error",
        says: image.says.clone(),
        started: life.since,
        finished: now,
    });
    let name = list(pod, "/spec/initContainers")
        .first()
        .map_or("", |s| text(s, "/name"));
    let says = restarting(pod, name);
    say(c, pod, life, true, "BackOff", &says);
    life.enter(Stage::InitBackOff, now, Some(back_off(life.tries) * 1000));
}

/// What the kubelet says of a container that it holds back.
fn restarting(pod: &Value, container: &str) -> String {
    let (own, namespace, uid) = (
        text(pod, "/metadata/name"),
        text(pod, "/metadata/namespace"),
        text(pod, "/metadata/uid"),
    );
    format!("Back-off restarting failed container {container} in pod {own}_{namespace}({uid})")
}

fn start(c: &mut Cluster, pod: &Value, life: &mut Life, image: &Image, full: &str) {
    let now = c.now;
    let name = list(pod, "/spec/containers")
        .first()
        .map_or("", |s| text(s, "/name"))
        .to_owned();
    say(
        c,
        pod,
        life,
        false,
        "Pulled",
        &format!("Container image \"{full}\" already present on machine"),
    );
    say(
        c,
        pod,
        life,
        false,
        "Created",
        &format!("Created container: {name}"),
    );
    say(
        c,
        pod,
        life,
        false,
        "Started",
        &format!("Started container {name}"),
    );
    life.initialised = life.initialised.or(Some(now));
    life.started = Some(now);
    if life.ip.is_empty() {
        life.ip = schedule::new_ip(c, &life.node);
    }
    life.enter(Stage::Running, now, None);
    life.due = next_while_running(c, pod, life, image);
}

/// When a running container's next thing happens: it is ready, or it ends.
fn next_while_running(
    c: &Cluster,
    pod: &Value,
    life: &Life,
    image: &Image,
) -> Option<jiff::Timestamp> {
    let started = life.started?;
    let namespace = text(pod, "/metadata/namespace");
    let habits = c.live.habits(namespace, &life.workload);
    let ends = match image.does {
        Does::Crash | Does::Exit | Does::OutOfMemory | Does::Leak => {
            Some(later(started, image.after * 1000))
        }
        _ => habits
            .fill
            .map(|(since, over)| later(since.max(started), over * 1000)),
    };
    let probed = if life.ready_since.is_some() {
        None
    } else if image.does == Does::NeverReady {
        Some(later(life.since.max(c.now), PROBE_MS))
    } else if image.does == Does::Exit {
        None
    } else {
        let spread = (mix(hash(&life.uid), 3) % 1000) as i64;
        Some(later(started, habits.ready * 1000 + spread)).filter(|at| *at > c.now)
    };
    [ends, probed].into_iter().flatten().min()
}

fn running(c: &mut Cluster, pod: &Value, life: &mut Life, image: &Image) {
    let now = c.now;
    let Some(started) = life.started else { return };
    let namespace = text(pod, "/metadata/namespace");
    let habits = c.live.habits(namespace, &life.workload);
    let filled = habits
        .fill
        .is_some_and(|(since, over)| later(since.max(started), over * 1000) <= now);
    let ended = later(started, image.after * 1000) <= now;
    match image.does {
        Does::Exit if ended => {
            let reason = if image.exit == 0 {
                "Completed"
            } else {
                "Error"
            };
            life.end = Some(End {
                code: image.exit,
                reason,
                says: image.says.clone(),
                started,
                finished: now,
            });
            life.enter(Stage::Done, now, None);
            return;
        }
        Does::Crash if ended => return crash(c, pod, life, image.exit, "Error", &image.says),
        Does::OutOfMemory | Does::Leak if ended => {
            return crash(c, pod, life, 137, "OOMKilled", "");
        }
        _ if filled => return crash(c, pod, life, 137, "OOMKilled", ""),
        Does::NeverReady => {
            let says = if image.probe.is_empty() {
                "Readiness probe failed: HTTP probe failed with statuscode: 503"
            } else {
                &image.probe
            };
            say(c, pod, life, true, "Unhealthy", says);
        }
        // a crashing container may pass its probe before it ends, unless it is too quick for it
        _ if life.ready_since.is_none() => life.ready_since = Some(now),
        _ => {}
    }
    life.due = next_while_running(c, pod, life, image);
}

fn crash(
    c: &mut Cluster,
    pod: &Value,
    life: &mut Life,
    code: i64,
    reason: &'static str,
    says: &str,
) {
    let now = c.now;
    let started = life.started.unwrap_or(now);
    life.end = Some(End {
        code,
        reason,
        says: says.to_owned(),
        started,
        finished: now,
    });
    if text(pod, "/spec/restartPolicy") == "Never" {
        life.enter(Stage::Done, now, None);
        return;
    }
    let name = list(pod, "/spec/containers")
        .first()
        .map_or("", |s| text(s, "/name"));
    if life.restarts > 0 {
        let says = restarting(pod, name);
        say(c, pod, life, true, "BackOff", &says);
    }
    if code == 137 {
        let node = life.node.clone();
        if let Some(node) = c.get(&resource::NODES, "", &node) {
            let says = format!(
                "Memory cgroup out of memory: Killed process {} ({name})",
                2000 + number(pod, "/metadata/generation")
            );
            emit(
                c,
                (&resource::NODES, &node),
                true,
                "OOMKilling",
                &says,
                Source {
                    component: "kernel-monitor",
                    host: text(&node, "/metadata/name"),
                    field: "",
                },
            );
        }
    }
    life.enter(Stage::Ended, now, Some(1200));
}
