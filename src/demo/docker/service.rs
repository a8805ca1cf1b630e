//! Swarm services: their tasks, and how an update goes through them, or stops at a task that fails.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::super::random::{digest, letters};
use super::world::World;

/// How long a task takes to start, and a bad one to fail, in seconds.
const STARTS: i64 = 3;
/// Tasks that ended are kept, a few for each slot.
const KEPT: usize = 4;

/// A task of a service.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) id: String,
    pub(super) slot: u32,
    pub(super) node: usize,
    pub(super) image: String,
    /// `preparing`, `running`, `failed`, `shutdown`
    pub(super) state: &'static str,
    pub(super) desired: &'static str,
    pub(super) error: String,
    pub(super) since: Timestamp,
    pub(super) container: String,
}

/// A service.
#[derive(Clone, Debug)]
pub(super) struct Service {
    pub(super) id: String,
    pub(super) spec: Value,
    pub(super) previous: Option<Value>,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
    pub(super) version: u64,
    /// State, message and start of the last update.
    pub(super) update: Option<(&'static str, String, Timestamp)>,
    pub(super) tasks: Vec<Task>,
}

impl Service {
    pub(super) fn name(&self) -> &str {
        self.spec
            .pointer("/Name")
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    pub(super) fn image(&self) -> &str {
        let image = self.spec.pointer("/TaskTemplate/ContainerSpec/Image");
        image.and_then(Value::as_str).unwrap_or_default()
    }

    /// None for a global service.
    fn replicas(&self) -> Option<u32> {
        let replicas = self.spec.pointer("/Mode/Replicated/Replicas")?.as_u64()?;
        u32::try_from(replicas).ok()
    }

    /// Whether tasks of an image fail: everything that calls itself 2.0 does.
    fn fails(image: &str) -> bool {
        image.ends_with(":2.0")
    }
}

impl World {
    /// Takes a new spec of a service, as an update does.
    pub(super) fn update(&mut self, at: usize, spec: Value) {
        let now = self.now;
        self.version += 1;
        let version = self.version;
        let Some(service) = self.services.get_mut(at) else {
            return;
        };
        let image = service.image().to_owned();
        let previous = std::mem::replace(&mut service.spec, spec);
        let forced = previous.pointer("/TaskTemplate") != service.spec.pointer("/TaskTemplate");
        service.previous = Some(previous);
        service.updated = now;
        service.version = version;
        if forced || image != service.image() {
            service.update = Some(("updating", "update in progress".to_owned(), now));
        }
        let (id, name) = (service.id.clone(), service.name().to_owned());
        self.say("service", "update", &id, &json!({ "name": name }));
    }

    /// Lets services start, replace and lose tasks.
    pub(super) fn live_services(&mut self) {
        let (now, mut number) = (self.now, self.number);
        let mut told = Vec::new();
        for service in &mut self.services {
            let before = service.update.as_ref().map(|update| update.0);
            service.live(now, &mut number);
            if service.update.as_ref().map(|update| update.0) != before {
                told.push((service.id.clone(), service.name().to_owned()));
            }
        }
        self.number = number;
        for (id, name) in told {
            self.say("service", "update", &id, &json!({ "name": name }));
        }
    }
}

impl Service {
    fn live(&mut self, now: Timestamp, number: &mut u64) {
        let image = self.image().to_owned();
        let age = |task: &Task| now.duration_since(task.since).as_secs();
        for task in &mut self.tasks {
            if task.state == "preparing" && age(task) >= STARTS {
                if Self::fails(&task.image) {
                    task.state = "failed";
                    task.desired = "shutdown";
                    "task: non-zero exit (3)".clone_into(&mut task.error);
                } else {
                    task.state = "running";
                }
                task.since = now;
            }
        }
        let wanted = self.replicas().unwrap_or(2);
        let updating = self
            .update
            .as_ref()
            .is_some_and(|update| update.0 == "updating");
        let failed = self.tasks.iter().any(|task| {
            let recent = self
                .update
                .as_ref()
                .is_some_and(|update| task.since >= update.2);
            task.state == "failed" && task.image == image && recent
        });
        if updating && failed {
            let id = self.tasks.iter().rev().find(|task| task.state == "failed");
            let id = id.map_or("", |task| task.id.as_str());
            let message = format!("update paused due to failure or early termination of task {id}");
            if let Some(update) = &mut self.update {
                *update = ("paused", message, update.2);
            }
        }
        let paused = self
            .update
            .as_ref()
            .is_some_and(|update| update.0 == "paused");
        for slot in 1..=wanted {
            let current = self
                .tasks
                .iter()
                .position(|task| task.slot == slot && task.desired == "running");
            match current {
                None => {
                    // A paused update starts what is missing again, but not at once.
                    let last = self.tasks.iter().filter(|task| task.slot == slot);
                    let last = last.map(|task| task.since).max();
                    let rested = last.is_none_or(|last| now > last + SignedDuration::from_secs(8));
                    if rested {
                        self.begin(slot, &image, now, number);
                    }
                }
                Some(at) => {
                    let old = self.tasks.get(at).is_some_and(|task| task.image != image);
                    let busy = self.tasks.iter().any(|task| task.state == "preparing");
                    if old && updating && !paused && !busy {
                        if let Some(task) = self.tasks.get_mut(at) {
                            task.state = "shutdown";
                            task.desired = "shutdown";
                            task.since = now;
                        }
                        self.begin(slot, &image, now, number);
                    }
                }
            }
        }
        for task in self.tasks.iter_mut().filter(|task| task.slot > wanted) {
            if task.desired == "running" {
                (task.state, task.desired, task.since) = ("shutdown", "shutdown", now);
            }
        }
        let done = self
            .tasks
            .iter()
            .filter(|task| task.desired == "running")
            .all(|task| task.image == image && task.state == "running");
        if updating
            && done
            && !failed
            && let Some(update) = &mut self.update
        {
            *update = ("completed", "update completed".to_owned(), update.2);
        }
        for slot in 1..=wanted.max(8) {
            while self.tasks.iter().filter(|task| task.slot == slot).count() > KEPT {
                let Some(at) = self.tasks.iter().position(|task| task.slot == slot) else {
                    break;
                };
                self.tasks.remove(at);
            }
        }
    }

    /// Begins a task in a slot.
    pub(super) fn begin(&mut self, slot: u32, image: &str, now: Timestamp, number: &mut u64) {
        *number += 1;
        self.tasks.push(Task {
            id: letters(super::super::random::mix(*number, 9), 13) + &letters(*number, 12),
            slot,
            node: (slot as usize + 1) % 3,
            image: image.to_owned(),
            state: "preparing",
            desired: "running",
            error: String::new(),
            since: now,
            container: digest(*number),
        });
    }
}
