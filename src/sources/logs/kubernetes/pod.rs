//! A pod as its log is read: which containers it has, and which instance of each one an answer would come from.
//!
//! Read from the whole object's JSON, of which the rest is dropped. Pure.

use jiff::Timestamp;
use serde::Deserialize;

use crate::model::{ContainerRole, Moment, Name, Text, Uid};
use crate::sources::logs::past::Place;

/// A pod with its containers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pod {
    pub namespace: Name,
    pub name: Name,
    pub uid: Uid,
    pub version: u64,
    pub created: Option<Moment>,
    /// What keeps it: kind and name of its controller.
    pub owner: Option<(Name, Name)>,
    pub labels: Vec<(String, String)>,
    pub node: Name,
    /// Why it is not what it should be, as the server says: `Evicted`.
    pub reason: Text,
    pub containers: Vec<Container>,
}

/// A container of a pod.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Container {
    pub name: Name,
    pub role: ContainerRole,
    pub status: Status,
}

/// Which instances a container has had.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    pub state: State,
    /// How the instance before ended.
    pub last: Option<End>,
    pub restarts: u32,
}

/// What a container does now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Not running, for this reason.
    Waiting(Text),
    /// The instance of this id runs, since a time in nanoseconds.
    Running {
        id: String,
        since: i64,
    },
    Ended(End),
}

/// How an instance ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct End {
    pub id: String,
    pub exit: i32,
    pub signal: i32,
    /// `Error`, `OOMKilled`, `Completed`
    pub reason: Text,
    /// Nanoseconds since 1970.
    pub at: i64,
}

/// An instance that can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance<'a> {
    pub id: &'a str,
    /// How it ended; none while it runs.
    pub end: Option<&'a End>,
    /// Whether it has to be asked for as the previous one.
    pub previous: bool,
}

impl Default for State {
    fn default() -> Self {
        Self::Waiting(Text::default())
    }
}

impl Status {
    /// The instance that an answer comes from which does not ask for the previous one.
    pub fn current(&self) -> Option<Instance<'_>> {
        match &self.state {
            State::Running { id, .. } => Some(Instance {
                id,
                end: None,
                previous: false,
            }),
            State::Ended(end) => Some(of(end, false)),
            // While a container waits to be restarted, the kubelet answers with what the last instance wrote.
            State::Waiting(_) => self.last.as_ref().map(|end| of(end, false)),
        }
        .filter(|instance| !instance.id.is_empty())
    }

    /// The instance before the current one.
    pub fn previous(&self) -> Option<Instance<'_>> {
        let current = self.current()?;
        let last = self.last.as_ref()?;
        (last.id != current.id && !last.id.is_empty()).then(|| of(last, true))
    }

    /// The instance of an id, as far as it can still be read.
    pub fn find(&self, id: &str) -> Option<Instance<'_>> {
        [self.current(), self.previous()]
            .into_iter()
            .flatten()
            .find(|instance| instance.id == id)
    }

    /// Where the instance of an id stands, for reading back.
    pub fn place(&self, id: &str) -> Option<Place> {
        let found = self.find(id)?;
        let before = self.previous().filter(|_| !found.previous);
        let before = before.and_then(|before| Some((before.id.to_owned(), before.end?)));
        Some(Place {
            previous: found.previous,
            before: before.map(|(id, end)| (id, end.words(), end.at)),
        })
    }

    /// Why there is nothing to read yet.
    pub fn waiting(&self) -> Text {
        match &self.state {
            State::Waiting(why) if !why.is_empty() => why.clone(),
            _ => Text::new("not started"),
        }
    }
}

fn of(end: &End, previous: bool) -> Instance<'_> {
    Instance {
        id: &end.id,
        end: Some(end),
        previous,
    }
}

impl End {
    /// `out of memory`, `exit 3`, `signal 9`, `completed`
    pub fn words(&self) -> String {
        match self.reason.as_str() {
            "OOMKilled" => format!("out of memory (exit {})", self.exit),
            "Completed" if self.exit == 0 => "completed".to_owned(),
            "Error" | "" | "Completed" if self.signal != 0 => format!("signal {}", self.signal),
            "Error" | "" | "Completed" => format!("exit {}", self.exit),
            reason => format!("{reason}, exit {}", self.exit),
        }
    }

    /// Whether it ended as programs should.
    pub fn well(&self) -> bool {
        self.exit == 0 && self.signal == 0
    }
}

impl Pod {
    /// What the pod belongs to over all its generations: the Deployment behind a ReplicaSet, else its controller.
    pub fn group(&self) -> Option<(&str, &str)> {
        let (kind, name) = self.owner.as_ref()?;
        if kind.as_str() == "ReplicaSet"
            && let Some(hash) = self.label("pod-template-hash")
            && let Some(name) = name
                .strip_suffix(hash)
                .and_then(|name| name.strip_suffix('-'))
        {
            return Some(("Deployment", name));
        }
        Some((kind, name))
    }

    pub fn label(&self, key: &str) -> Option<&str> {
        let mut labels = self.labels.iter();
        labels
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }

    pub fn container(&self, name: &str) -> Option<&Container> {
        self.containers.iter().find(|one| one.name.as_str() == name)
    }
}

#[derive(Deserialize)]
pub(super) struct Raw {
    #[serde(default)]
    metadata: RawMeta,
    #[serde(default)]
    spec: RawSpec,
    #[serde(default)]
    status: RawStatus,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RawMeta {
    namespace: String,
    name: String,
    uid: String,
    resource_version: String,
    creation_timestamp: Option<String>,
    labels: std::collections::BTreeMap<String, String>,
    owner_references: Vec<RawOwner>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RawOwner {
    kind: String,
    name: String,
    controller: bool,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RawSpec {
    node_name: String,
    containers: Vec<RawContainer>,
    init_containers: Vec<RawContainer>,
    ephemeral_containers: Vec<RawContainer>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RawContainer {
    name: String,
    restart_policy: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RawStatus {
    reason: String,
    container_statuses: Vec<RawContainerStatus>,
    init_container_statuses: Vec<RawContainerStatus>,
    ephemeral_container_statuses: Vec<RawContainerStatus>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RawContainerStatus {
    name: String,
    #[serde(rename = "containerID")]
    container_id: String,
    restart_count: u32,
    state: RawState,
    last_state: RawState,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RawState {
    running: Option<RawRunning>,
    terminated: Option<RawEnd>,
    waiting: Option<RawWaiting>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RawRunning {
    started_at: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RawWaiting {
    reason: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct RawEnd {
    #[serde(rename = "containerID")]
    container_id: String,
    exit_code: i32,
    signal: i32,
    reason: String,
    finished_at: Option<String>,
}

impl From<Raw> for Pod {
    fn from(raw: Raw) -> Self {
        let Raw {
            metadata,
            spec,
            status,
        } = raw;
        let of_role = |list: Vec<RawContainer>, statuses: &[RawContainerStatus], role| {
            let all = list.into_iter().map(|one| {
                let sidecar = role == ContainerRole::Init && one.restart_policy == "Always";
                let status = statuses.iter().find(|status| status.name == one.name);
                Container {
                    name: Name::new(&one.name),
                    role: if sidecar {
                        ContainerRole::Sidecar
                    } else {
                        role
                    },
                    status: status.map(status_of).unwrap_or_default(),
                }
            });
            all.collect::<Vec<_>>()
        };
        let mut containers = of_role(
            spec.init_containers,
            &status.init_container_statuses,
            ContainerRole::Init,
        );
        containers.extend(of_role(
            spec.containers,
            &status.container_statuses,
            ContainerRole::Main,
        ));
        containers.extend(of_role(
            spec.ephemeral_containers,
            &status.ephemeral_container_statuses,
            ContainerRole::Ephemeral,
        ));
        let owner = metadata
            .owner_references
            .iter()
            .find(|owner| owner.controller);
        Self {
            namespace: Name::new(&metadata.namespace),
            name: Name::new(&metadata.name),
            uid: Uid::parse(&metadata.uid),
            version: metadata.resource_version.parse().unwrap_or_default(),
            created: metadata
                .creation_timestamp
                .as_deref()
                .and_then(Moment::parse),
            owner: owner.map(|owner| (Name::new(&owner.kind), Name::new(&owner.name))),
            labels: metadata.labels.into_iter().collect(),
            node: Name::new(&spec.node_name),
            reason: Text::from(status.reason),
            containers,
        }
    }
}

fn status_of(raw: &RawContainerStatus) -> Status {
    let last = raw
        .last_state
        .terminated
        .as_ref()
        .map(|end| end_of(end, ""));
    let state = if let Some(running) = &raw.state.running {
        State::Running {
            id: raw.container_id.clone(),
            since: nanos(running.started_at.as_deref()),
        }
    } else if let Some(end) = &raw.state.terminated {
        State::Ended(end_of(end, &raw.container_id))
    } else {
        let waiting = raw.state.waiting.as_ref();
        State::Waiting(Text::new(waiting.map_or("", |waiting| &waiting.reason)))
    };
    Status {
        state,
        last,
        restarts: raw.restart_count,
    }
}

fn end_of(raw: &RawEnd, id: &str) -> End {
    let own = raw.container_id.as_str();
    End {
        id: if own.is_empty() { id } else { own }.to_owned(),
        exit: raw.exit_code,
        signal: raw.signal,
        reason: Text::new(&raw.reason),
        at: nanos(raw.finished_at.as_deref()),
    }
}

fn nanos(time: Option<&str>) -> i64 {
    let time = time.and_then(|time| time.parse::<Timestamp>().ok());
    time.and_then(|time| i64::try_from(time.as_nanosecond()).ok())
        .unwrap_or_default()
}
