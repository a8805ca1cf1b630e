//! Scenarios: incidents as data, a timeline of steps from `assets/scenarios/*.toml`, and what each step does to the world.

use std::sync::LazyLock;

use include_dir::{Dir, include_dir};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::world::Cluster;
use super::world::item::{list, number, set, text};
use super::world::live::life::{End, Life, Stage, later};
use super::world::live::{nodes, pods};
use super::world::managed::{Writer, record};
use super::world::seed::spec::parse_seconds;
use super::world::{resource, seconds};

/// Whoever deploys in a scenario.
const WRITER: Writer<'_> = Writer {
    manager: "deploy-bot",
    operation: "Update",
    subresource: "",
    api_version: "apps/v1",
};

static ASSETS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/assets/scenarios");

/// The scenario that is played when none is named.
pub(crate) const USUAL: &str = "mix";

/// A scenario's name and what it rehearses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    pub name: String,
    pub doc: String,
}

/// A timeline of steps.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    #[serde(skip)]
    pub(crate) name: String,
    doc: String,
    /// Whether the estate's everyday troubles are there as well.
    #[serde(default)]
    pub(crate) troubles: bool,
    #[serde(default, rename = "step")]
    steps: Vec<Timed>,
}

#[derive(Debug, Clone, Deserialize)]
struct Timed {
    after: String,
    /// How often the step comes again.
    #[serde(default)]
    every: Option<String>,
    #[serde(default = "production")]
    cluster: String,
    #[serde(flatten)]
    act: Act,
}

fn production() -> String {
    "demo-eu".into()
}

/// Something that happens.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub(crate) enum Act {
    SetImage {
        namespace: String,
        name: String,
        image: String,
    },
    Scale {
        namespace: String,
        name: String,
        replicas: i64,
    },
    /// One pod of the workload is deleted.
    KillPod {
        namespace: String,
        name: String,
    },
    /// One pod of the workload is killed and restarts.
    Crash {
        namespace: String,
        name: String,
    },
    /// One pod of the workload is evicted for want of memory.
    Evict {
        namespace: String,
        name: String,
    },
    NodeNotReady {
        node: String,
    },
    NodeReady {
        node: String,
    },
    /// Traffic goes to a factor of an average day's, over a time.
    Load {
        namespace: String,
        name: String,
        factor: f64,
        over: String,
    },
    /// Memory fills up to the limit over a time, again and again.
    FillMemory {
        namespace: String,
        name: String,
        over: String,
    },
    /// The pod's deletion hangs on a finalizer that nobody removes.
    Stick {
        namespace: String,
        name: String,
    },
}

/// A step on a cluster's plan.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Step {
    act: Act,
    every: Option<i64>,
}

static SCENARIOS: LazyLock<Vec<Scenario>> = LazyLock::new(|| {
    let mut all: Vec<Scenario> = ASSETS
        .files()
        .filter_map(|file| {
            let name = file.path().file_stem()?.to_str()?.to_owned();
            match toml::from_str::<Scenario>(file.contents_utf8()?) {
                Ok(scenario) => Some(Scenario { name, ..scenario }),
                Err(problem) => {
                    tracing::error!(name, %problem, "a scenario does not parse");
                    None
                }
            }
        })
        .collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
});

/// The scenarios that can be played, by name.
pub fn scenarios() -> Vec<Described> {
    let describe = |s: &Scenario| Described {
        name: s.name.clone(),
        doc: s.doc.clone(),
    };
    SCENARIOS.iter().map(describe).collect()
}

/// The scenario of that name.
pub(crate) fn named(name: &str) -> Option<&'static Scenario> {
    SCENARIOS.iter().find(|s| s.name == name)
}

impl Scenario {
    /// Puts the scenario's steps for the cluster on its plan.
    pub(crate) fn plan(&self, c: &mut Cluster) {
        let mut steps: Vec<(Timestamp, Step)> = self
            .steps
            .iter()
            .filter(|t| t.cluster == c.name)
            .map(|t| {
                let step = Step {
                    act: t.act.clone(),
                    every: t.every.as_deref().map(parse_seconds),
                };
                (later(c.now, parse_seconds(&t.after) * 1000), step)
            })
            .collect();
        steps.sort_by_key(|(at, _)| *at);
        c.live.plan.extend(steps);
    }
}

impl Step {
    /// A step that is performed once.
    pub(crate) fn once(act: Act) -> Self {
        Self { act, every: None }
    }

    /// Lets the step happen, and plans it again if it comes again.
    pub(crate) fn perform(&self, c: &mut Cluster) {
        if let Some(every) = self.every.filter(|s| *s > 0) {
            let at = later(c.now, every * 1000);
            let place = c.live.plan.partition_point(|(other, _)| *other <= at);
            c.live.plan.insert(place, (at, self.clone()));
        }
        match &self.act {
            Act::SetImage {
                namespace,
                name,
                image,
            } => set_image(c, namespace, name, image),
            Act::Scale {
                namespace,
                name,
                replicas,
            } => change(c, namespace, name, "/spec/replicas", json!(replicas)),
            Act::KillPod { namespace, name } => {
                if let Some(pod) = victim(c, namespace, name) {
                    pods::terminate(c, &pod, None);
                }
            }
            Act::Crash { namespace, name } => crash(c, namespace, name),
            Act::Evict { namespace, name } => evict(c, namespace, name),
            Act::NodeNotReady { node } => nodes::lose(c, node, true),
            Act::NodeReady { node } => nodes::lose(c, node, false),
            Act::Load {
                namespace,
                name,
                factor,
                over,
            } => {
                let now = c.now;
                let habits = c
                    .live
                    .habits
                    .entry((namespace.clone(), name.clone()))
                    .or_default();
                habits.traffic = (
                    habits.traffic_at(now),
                    *factor,
                    now,
                    parse_seconds(over).max(1),
                );
            }
            Act::FillMemory {
                namespace,
                name,
                over,
            } => fill_memory(c, namespace, name, parse_seconds(over)),
            Act::Stick { namespace, name } => stick(c, namespace, name),
        }
    }
}

fn crash(c: &mut Cluster, namespace: &str, name: &str) {
    let now = c.now;
    let Some(life) = living(c, namespace, name) else {
        return;
    };
    life.restarts += 1;
    life.end = Some(End {
        code: 1,
        reason: "Error",
        says: String::new(),
        started: life.started.unwrap_or(now),
        finished: now,
    });
    life.enter(Stage::BackOff, now, Some(1500));
}

fn evict(c: &mut Cluster, namespace: &str, name: &str) {
    let Some(pod) = victim(c, namespace, name) else {
        return;
    };
    let container = list(&pod, "/spec/containers")
        .first()
        .map_or("", |s| text(s, "/name"));
    let says = format!(
        "The node was low on resource: memory. Threshold quantity: 100Mi, available: 81200Ki. \
         Container {container} was using 921404Ki, request is 512Mi, has larger consumption of memory. "
    );
    nodes::throw_off(c, namespace, text(&pod, "/metadata/name"), &says);
}

fn fill_memory(c: &mut Cluster, namespace: &str, name: &str, over: i64) {
    let now = c.now;
    let habits = c
        .live
        .habits
        .entry((namespace.to_owned(), name.to_owned()))
        .or_default();
    habits.fill = Some((now, over));
    let until = later(now, over * 1000);
    for (key, life) in &mut c.live.lives {
        if key.0 == namespace && life.workload == name {
            life.due = Some(life.due.map_or(until, |due| due.min(until)));
        }
    }
}

fn stick(c: &mut Cluster, namespace: &str, name: &str) {
    let Some(pod) = victim(c, namespace, name) else {
        return;
    };
    let held = c.edit(
        &resource::PODS,
        namespace,
        text(&pod, "/metadata/name"),
        |p| {
            set(
                p,
                "/metadata/finalizers",
                json!(["demo.example.com/drain-queue"]),
            );
        },
    );
    if let Some(pod) = held {
        pods::terminate(c, &pod, None);
    }
}

fn kinds() -> [&'static resource::Resource; 3] {
    [
        &resource::DEPLOYMENTS,
        &resource::STATEFUL_SETS,
        &resource::DAEMON_SETS,
    ]
}

fn change(c: &mut Cluster, namespace: &str, name: &str, pointer: &str, to: serde_json::Value) {
    let now = seconds(c.now);
    for kind in kinds() {
        if c.get(kind, namespace, name).is_some() {
            c.edit(kind, namespace, name, |o| {
                if o.pointer(pointer) != Some(&to) {
                    let before = o.clone();
                    let generation = number(o, "/metadata/generation") + 1;
                    set(o, "/metadata/generation", generation);
                    set(o, pointer, to);
                    record(Some(&before), o, WRITER, &now);
                }
            });
            return;
        }
    }
}

/// Gives the workload's first container another image.
pub(crate) fn set_image(c: &mut Cluster, namespace: &str, name: &str, image: &str) {
    for kind in kinds() {
        let Some(mut containers) = c
            .get(kind, namespace, name)
            .map(|o| list(&o, "/spec/template/spec/containers").to_vec())
        else {
            continue;
        };
        if let Some(first) = containers.first_mut() {
            set(first, "/image", image);
        }
        change(
            c,
            namespace,
            name,
            "/spec/template/spec/containers",
            containers.into(),
        );
        c.edit(kind, namespace, name, |o| {
            set(
                o,
                "/metadata/annotations/kubernetes.io~1change-cause",
                format!("deploy {image}"),
            );
        });
        return;
    }
}

/// The pod of the workload that something happens to: the first that is ready.
fn victim(
    c: &Cluster,
    namespace: &str,
    workload: &str,
) -> Option<std::sync::Arc<serde_json::Value>> {
    let name = c
        .live
        .lives
        .iter()
        .find(|((ns, _), l)| {
            ns == namespace && l.workload == workload && l.ready() && l.leaves.is_none()
        })
        .map(|((_, name), _)| name.clone())?;
    c.get(&resource::PODS, namespace, &name)
}

/// The life of that pod.
fn living<'a>(c: &'a mut Cluster, namespace: &str, workload: &str) -> Option<&'a mut Life> {
    let name = text(&*victim(c, namespace, workload)?, "/metadata/name").to_owned();
    c.live.lives.get_mut(&(namespace.to_owned(), name))
}
