//! A host: its containers and how they live, what lies around them, its swarm.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::super::random::{digest, fraction};
use super::service::Service;

/// Events that are told again to whoever asks since when.
const KEPT: usize = 256;
/// The longest pause before a policy starts a container again, in seconds.
const LONGEST_PAUSE: i64 = 30;
/// How often health is checked, in seconds.
const CHECK: i64 = 10;

/// Where a container stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum State {
    #[default]
    Created,
    Running,
    Paused,
    /// Waits until then to be started again by its policy.
    Restarting(Timestamp),
    Exited,
}

/// How a container behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Life {
    #[default]
    Steady,
    /// Ends with this code after so many seconds.
    Ends { after: i64, code: i32 },
    /// Ends because it took too much memory.
    Eats { after: i64 },
    /// Its health check fails every other period of so many seconds.
    Flaps { period: i64 },
}

/// A container.
#[derive(Clone, Debug, Default)]
pub(super) struct Container {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) image: String,
    pub(super) image_id: String,
    pub(super) command: Vec<String>,
    pub(super) environment: Vec<String>,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) created: Timestamp,
    pub(super) state: State,
    pub(super) started: Option<Timestamp>,
    pub(super) finished: Option<Timestamp>,
    pub(super) exit_code: i32,
    pub(super) oom: bool,
    pub(super) restarts: u32,
    /// `no`, `always`, `unless-stopped`, `on-failure`
    pub(super) policy: &'static str,
    pub(super) most: u32,
    pub(super) life: Life,
    pub(super) checked: bool,
    pub(super) healthy: bool,
    /// Host address and port, and the container's port.
    pub(super) ports: Vec<(&'static str, u16, u16)>,
    pub(super) network: String,
    pub(super) volume: Option<(String, String)>,
    pub(super) memory_limit: u64,
    pub(super) cpu_limit: f64,
    /// Cores and bytes that it uses on an average day.
    pub(super) load: (f64, u64),
}

/// Everything that the daemon knows.
#[derive(Debug)]
pub(super) struct World {
    pub(super) now: Timestamp,
    pub(super) born: Timestamp,
    pub(super) containers: Vec<Container>,
    pub(super) images: Vec<Value>,
    pub(super) volumes: Vec<Value>,
    pub(super) networks: Vec<Value>,
    pub(super) services: Vec<Service>,
    pub(super) version: u64,
    pub(super) history: Vec<(i64, Arc<str>)>,
    fresh: Vec<Arc<str>>,
    pub(super) number: u64,
}

impl World {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            now,
            born: now,
            containers: Vec::new(),
            images: Vec::new(),
            volumes: Vec::new(),
            networks: Vec::new(),
            services: Vec::new(),
            version: 100,
            history: Vec::new(),
            fresh: Vec::new(),
            number: 7000,
        }
    }

    /// An id that was not used before.
    pub(super) fn next_id(&mut self) -> String {
        self.number += 1;
        digest(self.number)
    }

    /// Events since the last call.
    pub(super) fn take_events(&mut self) -> Vec<Arc<str>> {
        std::mem::take(&mut self.fresh)
    }

    /// Says that something happened.
    pub(super) fn say(&mut self, sort: &str, action: &str, id: &str, attributes: &Value) {
        let nanos =
            i64::try_from(self.now.as_nanosecond()).unwrap_or(i64::MAX) + self.version as i64;
        self.version += 1;
        let event = json!({
            "Type": sort, "Action": action, "scope": if sort == "service" { "swarm" } else { "local" },
            "Actor": { "ID": id, "Attributes": attributes },
            "time": self.now.as_second(), "timeNano": nanos,
        });
        let line: Arc<str> = Arc::from(format!("{event}\n"));
        if self.history.len() >= KEPT {
            self.history.remove(0);
        }
        self.history.push((nanos, Arc::clone(&line)));
        self.fresh.push(line);
    }

    fn say_of(&mut self, at: usize, action: &str) {
        let Some(container) = self.containers.get(at) else {
            return;
        };
        let mut attributes: BTreeMap<String, String> = container.labels.clone();
        attributes.insert("name".into(), container.name.clone());
        attributes.insert("image".into(), container.image.clone());
        if action == "die" {
            attributes.insert("exitCode".into(), container.exit_code.to_string());
        }
        let id = container.id.clone();
        self.say("container", action, &id, &json!(attributes));
    }

    /// Lets everything live until `now`.
    pub(super) fn live(&mut self, now: Timestamp) {
        if now <= self.now {
            return;
        }
        self.now = now;
        for at in 0..self.containers.len() {
            self.live_one(at);
        }
        self.live_services();
    }

    fn live_one(&mut self, at: usize) {
        let now = self.now;
        let Some(container) = self.containers.get_mut(at) else {
            return;
        };
        match container.state {
            State::Restarting(until) if until <= now => self.start(at, true),
            State::Running => {
                let up = container.up(now);
                match container.life {
                    Life::Ends { after, code } if up >= after => self.end(at, code, false),
                    Life::Eats { after } if up >= after => self.end(at, 137, true),
                    Life::Flaps { period } => {
                        let healthy = up / period % 2 == 0;
                        self.check(at, healthy);
                    }
                    _ if container.checked && up >= CHECK && !container.healthy => {
                        self.check(at, true);
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn check(&mut self, at: usize, healthy: bool) {
        let Some(container) = self.containers.get_mut(at) else {
            return;
        };
        if container.checked && container.healthy != healthy {
            container.healthy = healthy;
            let word = if healthy { "healthy" } else { "unhealthy" };
            self.say_of(at, &format!("health_status: {word}"));
        }
    }

    /// Starts a container, by hand or by its policy.
    pub(super) fn start(&mut self, at: usize, by_policy: bool) {
        let now = self.now;
        let Some(container) = self.containers.get_mut(at) else {
            return;
        };
        container.state = State::Running;
        container.started = Some(now);
        container.oom = false;
        container.healthy = false;
        container.restarts = if by_policy { container.restarts + 1 } else { 0 };
        self.say_of(at, "start");
    }

    /// Ends a container's process; its policy may start it again.
    fn end(&mut self, at: usize, code: i32, oom: bool) {
        let now = self.now;
        let Some(container) = self.containers.get_mut(at) else {
            return;
        };
        container.finished = Some(now);
        container.exit_code = code;
        container.oom = oom;
        let again = match container.policy {
            "always" | "unless-stopped" => true,
            "on-failure" => {
                code != 0 && (container.most == 0 || container.restarts < container.most)
            }
            _ => false,
        };
        let pause = (1_i64 << container.restarts.min(5)).min(LONGEST_PAUSE);
        container.state = if again {
            State::Restarting(now + SignedDuration::from_secs(pause))
        } else {
            State::Exited
        };
        if oom {
            self.say_of(at, "oom");
        }
        self.say_of(at, "die");
    }

    /// Stops a container by hand: its policy is silent.
    pub(super) fn stop(&mut self, at: usize, code: i32) {
        let now = self.now;
        let Some(container) = self.containers.get_mut(at) else {
            return;
        };
        container.state = State::Exited;
        container.finished = Some(now);
        container.exit_code = code;
        self.say_of(at, "die");
        self.say_of(at, "stop");
    }

    pub(super) fn pause(&mut self, at: usize, pause: bool) {
        let Some(container) = self.containers.get_mut(at) else {
            return;
        };
        container.state = if pause { State::Paused } else { State::Running };
        self.say_of(at, if pause { "pause" } else { "unpause" });
    }

    pub(super) fn add(&mut self, container: Container) {
        self.containers.push(container);
        self.say_of(self.containers.len() - 1, "create");
    }

    pub(super) fn remove(&mut self, at: usize) {
        self.say_of(at, "destroy");
        if at < self.containers.len() {
            self.containers.remove(at);
        }
    }

    /// A container by its id, a beginning of it, or its name.
    pub(super) fn find(&self, word: &str) -> Option<usize> {
        let exact = |container: &Container| container.id == word || container.name == word;
        self.containers.iter().position(exact).or_else(|| {
            let begins = |container: &Container| word.len() >= 4 && container.id.starts_with(word);
            self.containers.iter().position(begins)
        })
    }
}

impl Container {
    /// Seconds since it was started.
    pub(super) fn up(&self, now: Timestamp) -> i64 {
        self.started
            .map_or(0, |started| now.duration_since(started).as_secs())
    }

    pub(super) fn is_up(&self) -> bool {
        matches!(self.state, State::Running | State::Paused)
    }

    /// Cores in use in a second of the clock: an average with waves and noise around it.
    pub(super) fn cores(&self, second: i64) -> f64 {
        let salt = super::super::random::hash(&self.id);
        let wave = (second as f64 / 47.0 + (salt % 7) as f64).sin() * 0.25;
        let noise = fraction(second.unsigned_abs(), salt) * 0.3;
        self.load.0 * (0.85 + wave + noise)
    }

    /// Bytes in use.
    pub(super) fn memory(&self, now: Timestamp) -> u64 {
        let grown = match self.life {
            Life::Eats { after } if self.memory_limit > 0 => {
                let share = self.up(now) as f64 / after.max(1) as f64;
                (self.memory_limit as f64 * share.min(0.98)) as u64
            }
            _ => 0,
        };
        let wave = 1.0 + (now.as_second() as f64 / 61.0).sin() * 0.04;
        ((self.load.1 as f64 * wave) as u64).max(grown)
    }
}
