//! A container as a row: from the list, which comes first, and from looking at it alone, which says the rest. Pure.

use std::sync::Arc;

use super::names::Names;
use super::wire::{Inspected, Listed, Port};
use crate::model::{
    Allotment, DockerContainer, EndpointId, Health, Healthcheck, Key, Meta, Moment, Name, Owner,
    Text, Uid,
};

pub(super) const PROJECT: &str = "com.docker.compose.project";
pub(super) const SERVICE: &str = "com.docker.compose.service";
pub(super) const STACK: &str = "com.docker.stack.namespace";
pub(super) const SWARM_SERVICE: &str = "com.docker.swarm.service.name";
pub(super) const SWARM_SERVICE_ID: &str = "com.docker.swarm.service.id";
/// Exit code of a process that SIGTERM ended.
const TERMINATED: i32 = 143;
/// A restart is news for this many seconds.
const RECENT: u32 = 600;

/// A container, with what rows of others are made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Known {
    pub(super) row: DockerContainer,
    pub(super) volumes: Vec<Name>,
    pub(super) networks: Vec<Name>,
    /// `on-failure`, `always`, … and how often at most; empty until it was looked at.
    pub(super) restart: Name,
    pub(super) restart_most: u32,
    /// How often its health check failed in a row, and why it did not start.
    failing: u32,
    error: Text,
    /// Whether it was looked at since it changed.
    pub(super) looked_at: bool,
}

impl Known {
    /// From the list. What was found out by looking at it before still counts while it runs on unchanged.
    pub(super) fn listed(
        from: &Listed,
        before: Option<&Self>,
        endpoint: EndpointId,
        names: &mut Names,
        now: Moment,
    ) -> Self {
        let labels = names.labels(&from.labels);
        let word = |key: &str| labels.get(key).unwrap_or_default().to_owned();
        let (project, stack) = (word(PROJECT), word(STACK));
        let space = if project.is_empty() { stack } else { project };
        let (compose, swarm) = (word(SERVICE), word(SWARM_SERVICE));
        let service = if compose.is_empty() { swarm } else { compose };
        let name = from.names.iter().map(|name| name.trim_start_matches('/'));
        // A linked container has names like `other/alias` beside its own.
        let name = name
            .min_by_key(|name| name.contains('/'))
            .unwrap_or_default();
        let owner = owner(&labels, &space, &service, names);
        let (exit_code, healthcheck) = said(&from.status);
        let row = DockerContainer {
            meta: Meta {
                key: Key {
                    endpoint,
                    uid: Uid::parse(&from.id),
                },
                namespace: names.name(&space),
                name: Text::new(name),
                created: Moment::from_second(from.created),
                labels,
                owner,
                ..Meta::default()
            },
            id: Text::new(&from.id),
            image: names.name(&from.image),
            image_id: names.name(&from.image_id),
            state: names.name(&from.state),
            healthcheck,
            exit_code,
            service: names.name(&service),
            ports: ports(&from.ports),
            ..DockerContainer::default()
        };
        let mut known = Self {
            row,
            volumes: from
                .mounts
                .iter()
                .filter(|mount| mount.sort == "volume")
                .map(|mount| names.name(&mount.name))
                .collect(),
            networks: from
                .network_settings
                .networks
                .keys()
                .map(|network| names.name(network))
                .collect(),
            ..Self::default()
        };
        if let Some(before) = before {
            known.keep(before);
        }
        known.judge(now);
        known
    }

    /// What only a look at it tells.
    fn keep(&mut self, before: &Self) {
        let old = &before.row;
        let row = &mut self.row;
        row.restarts = old.restarts;
        row.limits = old.limits;
        row.started = old.started;
        row.finished = old.finished;
        row.oom_killed = old.oom_killed;
        row.exit_code = row.exit_code.or(old.exit_code);
        // The list shows an image by its digits once its name is another image's.
        if old.image_id == row.image_id && !old.image.is_empty() {
            row.image = old.image.clone();
        }
        self.restart = before.restart.clone();
        self.restart_most = before.restart_most;
        self.failing = before.failing;
        self.error = before.error.clone();
        self.looked_at = before.looked_at && old.state == row.state;
    }

    /// Takes in what a look at it told.
    pub(super) fn look(&mut self, at: &Inspected, names: &mut Names, now: Moment) {
        let row = &mut self.row;
        let state = &at.state;
        if !at.name.is_empty() {
            row.meta.name = Text::new(at.name.trim_start_matches('/'));
        }
        if !at.config.image.is_empty() {
            row.image = names.name(&at.config.image);
        }
        if !at.image_id.is_empty() {
            row.image_id = names.name(&at.image_id);
        }
        if !state.status.is_empty() {
            row.state = names.name(&state.status);
        }
        row.meta.created = Moment::parse(&at.created).or(row.meta.created);
        row.restarts = at.restarts;
        row.oom_killed = state.oom_killed;
        row.started = time(&state.started);
        row.finished = time(&state.finished);
        row.healthcheck = healthcheck(&state.health.status);
        // The daemon forgets the last exit code when it starts the container again.
        if state.status != "running" {
            let told = row.finished.map(|_| state.exit_code);
            row.exit_code = told.or(row.exit_code);
        }
        row.limits = limits(at);
        self.restart = names.name(&at.host.restart.name);
        self.restart_most = at.host.restart.most;
        self.failing = state.health.failing;
        self.error = Text::new(&state.error);
        self.looked_at = true;
        self.judge(now);
    }

    /// Its process ended, as an event tells before anything else does.
    pub(super) fn died(&mut self, exit_code: Option<i32>) {
        self.row.exit_code = exit_code.or(self.row.exit_code);
        self.looked_at = false;
    }

    /// Whether it is a one-off command of Compose, which is no part of its service.
    pub(super) fn one_off(&self) -> bool {
        self.label("com.docker.compose.oneoff") == "True"
    }

    pub(super) fn label(&self, key: &str) -> &str {
        self.row.meta.labels.get(key).unwrap_or_default()
    }

    /// Works out the word on screen, how well it is, and why. What it says of restarts is true for a while after `now`.
    pub(super) fn judge(&mut self, now: Moment) {
        let (status, health, why) = self.verdict(now);
        self.row.status = Name::new(&status);
        self.row.health = health;
        self.row.why = (!why.is_empty()).then(|| Text::from(why));
    }

    fn verdict(&self, now: Moment) -> (String, Health, String) {
        let row = &self.row;
        let code = row.exit_code.unwrap_or_default();
        let of = |word: &str, health: Health, why: String| (word.to_owned(), health, why);
        match row.state.as_str() {
            "running" => match (row.healthcheck, self.came_back(now)) {
                (Healthcheck::Unhealthy, _) => of("Unhealthy", Health::Bad, self.unhealthy()),
                (_, Some(why)) => of("Running", Health::Warn, why),
                (Healthcheck::Starting, None) => of("Starting", Health::Busy, String::new()),
                (_, None) => of("Running", Health::Good, String::new()),
            },
            "restarting" => of("Restarting", Health::Bad, self.crashes()),
            "paused" => of("Paused", Health::Warn, "paused by hand".to_owned()),
            "created" if self.error.is_empty() => of("Created", Health::Idle, String::new()),
            "created" => of("Cannot start", Health::Bad, self.error.to_string()),
            "removing" => of("Removing", Health::Busy, String::new()),
            "dead" => {
                let why = "the daemon could not remove it";
                of("Dead", Health::Bad, why.to_owned())
            }
            "exited" | "stopped" if row.oom_killed => of("OOM killed", Health::Bad, self.crashes()),
            "exited" | "stopped" if code == 0 && self.error.is_empty() => {
                of("Exited", Health::Idle, String::new())
            }
            "exited" | "stopped" if self.stopped(code) => {
                let word = format!("Exited {code}");
                (word, Health::Idle, "stopped by hand".to_owned())
            }
            "exited" | "stopped" => (format!("Exited {code}"), Health::Bad, self.crashes()),
            other => of(other, Health::Warn, String::new()),
        }
    }

    /// Whether somebody stopped it: its policy would have started it again, or it ended at the usual signal.
    fn stopped(&self, code: i32) -> bool {
        match self.restart.as_str() {
            "always" | "unless-stopped" => true,
            "on-failure" => !self.gave_up(),
            _ => code == TERMINATED,
        }
    }

    fn gave_up(&self) -> bool {
        self.restart.as_str() == "on-failure"
            && self.restart_most > 0
            && self.row.restarts >= self.restart_most
    }

    fn unhealthy(&self) -> String {
        match self.failing {
            0 | 1 => "its health check fails".to_owned(),
            times => format!("its health check fails, {times} times in a row"),
        }
    }

    /// `crashes: exit 3, 4 times`, `exited 3, gave up after 3 tries`
    fn crashes(&self) -> String {
        let row = &self.row;
        let code = row.exit_code.unwrap_or_default();
        let end = if row.oom_killed {
            "killed for want of memory".to_owned()
        } else {
            format!("exit {code}")
        };
        let again = row.state.as_str() == "restarting";
        match (again, self.gave_up(), row.restarts) {
            (true, _, 0) => format!("crashes: {end}"),
            (true, _, 1) => format!("crashes: {end}, once"),
            (true, _, times) => format!("crashes: {end}, {times} times"),
            (false, true, times) => format!("{end}, gave up after {times} restarts"),
            (false, false, 0) => self.error_or(end),
            (false, false, times) => format!("{end} after {times} restarts"),
        }
    }

    fn error_or(&self, end: String) -> String {
        if self.error.is_empty() {
            end
        } else {
            format!("{end}: {}", self.error)
        }
    }

    /// Running now, but restarted by its policy not long ago.
    fn came_back(&self, now: Moment) -> Option<String> {
        let row = &self.row;
        let young = row.started.is_some_and(|started| started.age(now) < RECENT);
        if row.restarts == 0 || !young {
            return None;
        }
        let times = match row.restarts {
            1 => "once".to_owned(),
            times => format!("{times} times"),
        };
        let end = match row.exit_code {
            _ if row.oom_killed => ", killed for want of memory".to_owned(),
            Some(code) => format!(", last exit {code}"),
            None => String::new(),
        };
        Some(format!("restarted {times}{end}"))
    }
}

/// The Compose or Swarm service that a container belongs to.
fn owner(
    labels: &crate::model::Labels,
    space: &str,
    service: &str,
    names: &mut Names,
) -> Option<Arc<Owner>> {
    if let Some(id) = labels.get(SWARM_SERVICE_ID) {
        return Some(names.owner("Swarm service", service, Uid::parse(id)));
    }
    if service.is_empty() {
        return None;
    }
    let directory = labels.get(super::compose::DIRECTORY).unwrap_or_default();
    let uid = super::compose::service_uid(space, directory, service);
    Some(names.owner("Compose service", service, uid))
}

/// What the list's status says in words: the exit code, and the health check.
fn said(status: &str) -> (Option<i32>, Healthcheck) {
    let code = status
        .strip_prefix("Exited (")
        .or_else(|| status.strip_prefix("Restarting ("))
        .and_then(|rest| rest.split_once(')')?.0.parse().ok());
    let check = if status.ends_with("(healthy)") {
        Healthcheck::Healthy
    } else if status.ends_with("(unhealthy)") {
        Healthcheck::Unhealthy
    } else if status.ends_with("(health: starting)") {
        Healthcheck::Starting
    } else {
        Healthcheck::None
    };
    (code, check)
}

fn healthcheck(status: &str) -> Healthcheck {
    match status {
        "starting" => Healthcheck::Starting,
        "healthy" => Healthcheck::Healthy,
        "unhealthy" => Healthcheck::Unhealthy,
        _ => Healthcheck::None,
    }
}

/// `0.0.0.0:8080→80/tcp`; both families of one port are told once, and what is not published comes last.
fn ports(ports: &[Port]) -> Text {
    let mut published: Vec<String> = Vec::new();
    let mut inner: Vec<String> = Vec::new();
    for port in ports {
        let target = format!("{}/{}", port.private, port.protocol);
        if port.public == 0 {
            inner.push(target);
            continue;
        }
        let from = match port.ip.as_str() {
            "" | "0.0.0.0" | "::" => String::new(),
            ip if ip.contains(':') => format!("[{ip}]:"),
            ip => format!("{ip}:"),
        };
        published.push(format!("{from}{}→{target}", port.public));
    }
    published.sort();
    inner.sort();
    published.append(&mut inner);
    published.dedup();
    Text::from(published.join(", "))
}

/// A time of the Engine; its zero is the year 1.
pub(super) fn time(text: &str) -> Option<Moment> {
    (!text.starts_with("0001-")).then(|| Moment::parse(text))?
}

fn limits(at: &Inspected) -> Allotment {
    let host = &at.host;
    let quota = if host.cpu_quota > 0 {
        let period = if host.cpu_period > 0 {
            host.cpu_period
        } else {
            100_000
        };
        (host.cpu_quota * 1000 / period) as u32
    } else {
        0
    };
    let nano = u32::try_from(host.nano_cpus / 1_000_000).unwrap_or(u32::MAX);
    Allotment {
        cpu_millicores: if nano > 0 { nano } else { quota },
        memory_bytes: host.memory,
    }
}
