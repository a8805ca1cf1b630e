//! Kinds of objects: those with a row type or columns of our own, and any other by its API name.

use std::sync::Arc;

use super::Engine;

/// A kind of object. Those of Kubernetes come first, then those of Docker.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Pod,
    Deployment,
    StatefulSet,
    DaemonSet,
    ReplicaSet,
    Job,
    CronJob,
    HorizontalPodAutoscaler,
    Node,
    Event,
    Service,
    Ingress,
    EndpointSlice,
    ConfigMap,
    Secret,
    PersistentVolumeClaim,
    PodDisruptionBudget,
    Namespace,
    /// The daemon itself: its machine, its disk.
    DockerHost,
    /// A container of a daemon; a pod's are told with their pod.
    Container,
    ComposeProject,
    ComposeService,
    SwarmService,
    SwarmTask,
    SwarmNode,
    SwarmStack,
    Image,
    Volume,
    Network,
    Alert,
    AlertRule,
    ScrapeTarget,
    Silence,
    /// Any other kind that discovery knows; its rows are the server's own table.
    Custom(Arc<CustomKind>),
}

/// What discovery says of a kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CustomKind {
    /// `Certificate`
    pub kind: String,
    /// `certificates`
    pub plural: String,
    /// `certificate`; may be empty.
    pub singular: String,
    /// `cert`, `certs`
    pub short: Vec<String>,
    /// `cert-manager.io`; empty for the core group.
    pub group: String,
    /// `v1`
    pub version: String,
    pub namespaced: bool,
    /// `get`, `list`, `watch`, …
    pub verbs: Vec<String>,
}

/// How a built-in kind is named and reached. Docker has no groups, versions and collections by namespace: they are
/// empty, and what is namespaced there belongs to a Compose project or a Swarm stack.
#[derive(Clone, Copy, Debug)]
pub struct KindInfo {
    pub engine: Engine,
    pub kind: &'static str,
    pub plural: &'static str,
    pub singular: &'static str,
    pub short: &'static [&'static str],
    pub group: &'static str,
    pub version: &'static str,
    pub namespaced: bool,
}

const fn info(
    kind: &'static str,
    plural: &'static str,
    singular: &'static str,
    short: &'static [&'static str],
    group: &'static str,
    version: &'static str,
    namespaced: bool,
) -> KindInfo {
    KindInfo {
        engine: Engine::Kubernetes,
        kind,
        plural,
        singular,
        short,
        group,
        version,
        namespaced,
    }
}

const fn docker(
    kind: &'static str,
    plural: &'static str,
    singular: &'static str,
    short: &'static [&'static str],
    namespaced: bool,
) -> KindInfo {
    KindInfo {
        engine: Engine::Docker,
        ..info(kind, plural, singular, short, "", "", namespaced)
    }
}

#[rustfmt::skip]
const DOCKER: [(Kind, KindInfo); 11] = [
    (Kind::DockerHost, docker("Docker host", "hosts", "host", &["daemons"], false)),
    (Kind::Container, docker("Container", "containers", "container", &["co", "ps"], true)),
    (Kind::ComposeProject, docker("Compose project", "compose", "project", &["projects"], false)),
    (Kind::ComposeService, docker("Compose service", "compose-services", "compose-service", &[], true)),
    (Kind::SwarmService, docker("Swarm service", "swarm-services", "swarm-service", &[], true)),
    (Kind::SwarmTask, docker("Swarm task", "tasks", "task", &[], true)),
    (Kind::SwarmNode, docker("Swarm node", "swarm-nodes", "swarm-node", &[], false)),
    (Kind::SwarmStack, docker("Swarm stack", "stacks", "stack", &[], false)),
    (Kind::Image, docker("Image", "images", "image", &["im"], false)),
    (Kind::Volume, docker("Volume", "volumes", "volume", &["vol"], true)),
    (Kind::Network, docker("Network", "networks", "network", &["net"], true)),
];

const fn watched(
    engine: Engine,
    kind: &'static str,
    plural: &'static str,
    singular: &'static str,
    short: &'static [&'static str],
    namespaced: bool,
) -> KindInfo {
    KindInfo {
        engine,
        ..info(kind, plural, singular, short, "", "", namespaced)
    }
}

/// What Prometheus and Alertmanager tell of.
#[rustfmt::skip]
const WATCHED: [(Kind, KindInfo); 4] = [
    (Kind::Alert, watched(Engine::Prometheus, "Alert", "alerts", "alert", &["al"], true)),
    (Kind::AlertRule, watched(Engine::Prometheus, "Rule", "rules", "rule", &[], false)),
    (Kind::ScrapeTarget, watched(Engine::Prometheus, "Target", "targets", "target", &[], false)),
    (Kind::Silence, watched(Engine::Alertmanager, "Silence", "silences", "silence", &["sil"], false)),
];

const CORE: &str = "";
const BUILT_IN: [(Kind, KindInfo); 18] = [
    (
        Kind::Pod,
        info("Pod", "pods", "pod", &["po"], CORE, "v1", true),
    ),
    (
        Kind::Deployment,
        info(
            "Deployment",
            "deployments",
            "deployment",
            &["deploy", "dp"],
            "apps",
            "v1",
            true,
        ),
    ),
    (
        Kind::StatefulSet,
        info(
            "StatefulSet",
            "statefulsets",
            "statefulset",
            &["sts"],
            "apps",
            "v1",
            true,
        ),
    ),
    (
        Kind::DaemonSet,
        info(
            "DaemonSet",
            "daemonsets",
            "daemonset",
            &["ds"],
            "apps",
            "v1",
            true,
        ),
    ),
    (
        Kind::ReplicaSet,
        info(
            "ReplicaSet",
            "replicasets",
            "replicaset",
            &["rs"],
            "apps",
            "v1",
            true,
        ),
    ),
    (
        Kind::Job,
        info("Job", "jobs", "job", &[], "batch", "v1", true),
    ),
    (
        Kind::CronJob,
        info(
            "CronJob",
            "cronjobs",
            "cronjob",
            &["cj"],
            "batch",
            "v1",
            true,
        ),
    ),
    (
        Kind::HorizontalPodAutoscaler,
        info(
            "HorizontalPodAutoscaler",
            "horizontalpodautoscalers",
            "horizontalpodautoscaler",
            &["hpa"],
            "autoscaling",
            "v2",
            true,
        ),
    ),
    (
        Kind::Node,
        info("Node", "nodes", "node", &["no"], CORE, "v1", false),
    ),
    (
        Kind::Event,
        info("Event", "events", "event", &["ev"], CORE, "v1", true),
    ),
    (
        Kind::Service,
        info("Service", "services", "service", &["svc"], CORE, "v1", true),
    ),
    (
        Kind::Ingress,
        info(
            "Ingress",
            "ingresses",
            "ingress",
            &["ing"],
            "networking.k8s.io",
            "v1",
            true,
        ),
    ),
    (
        Kind::EndpointSlice,
        info(
            "EndpointSlice",
            "endpointslices",
            "endpointslice",
            &["ep", "endpoints"],
            "discovery.k8s.io",
            "v1",
            true,
        ),
    ),
    (
        Kind::ConfigMap,
        info(
            "ConfigMap",
            "configmaps",
            "configmap",
            &["cm"],
            CORE,
            "v1",
            true,
        ),
    ),
    (
        Kind::Secret,
        info("Secret", "secrets", "secret", &["sec"], CORE, "v1", true),
    ),
    (
        Kind::PersistentVolumeClaim,
        info(
            "PersistentVolumeClaim",
            "persistentvolumeclaims",
            "persistentvolumeclaim",
            &["pvc"],
            CORE,
            "v1",
            true,
        ),
    ),
    (
        Kind::PodDisruptionBudget,
        info(
            "PodDisruptionBudget",
            "poddisruptionbudgets",
            "poddisruptionbudget",
            &["pdb"],
            "policy",
            "v1",
            true,
        ),
    ),
    (
        Kind::Namespace,
        info(
            "Namespace",
            "namespaces",
            "namespace",
            &["ns"],
            CORE,
            "v1",
            false,
        ),
    ),
];

impl Kind {
    /// Kubernetes' kinds that have a row type or columns of our own, in the order in which they are listed.
    pub fn built_in() -> impl Iterator<Item = (&'static Kind, &'static KindInfo)> {
        BUILT_IN.iter().map(|(kind, info)| (kind, info))
    }

    /// Docker's kinds, in the order in which they are listed.
    pub fn docker() -> impl Iterator<Item = (&'static Kind, &'static KindInfo)> {
        DOCKER.iter().map(|(kind, info)| (kind, info))
    }

    /// The engine that has objects of this kind.
    pub fn engine(&self) -> Engine {
        self.info().map_or(Engine::Kubernetes, |info| info.engine)
    }

    /// Whether an engine tells of objects of this kind. Alerts come from both that watch, and each tells how it is.
    pub fn is_of(&self, engine: Engine) -> bool {
        self.engine() == engine
            || engine == Engine::Alertmanager && matches!(self, Self::Alert | Self::ScrapeTarget)
    }

    /// Whether a server lists it by namespace. Docker only ever lists all.
    pub fn listed_by_namespace(&self) -> bool {
        self.namespaced() && self.engine() == Engine::Kubernetes
    }

    /// The fixed facts of a built-in kind; none for a kind that only discovery knows.
    pub fn info(&self) -> Option<&'static KindInfo> {
        BUILT_IN
            .iter()
            .chain(&DOCKER)
            .chain(&WATCHED)
            .find(|(kind, _)| kind == self)
            .map(|(_, info)| info)
    }

    /// `Deployment`
    pub fn name(&self) -> &str {
        match self {
            Self::Custom(custom) => &custom.kind,
            _ => self.info().map_or("", |info| info.kind),
        }
    }

    /// `deployments`
    pub fn plural(&self) -> &str {
        match self {
            Self::Custom(custom) => &custom.plural,
            _ => self.info().map_or("", |info| info.plural),
        }
    }

    /// The API group; empty for the core group.
    pub fn group(&self) -> &str {
        match self {
            Self::Custom(custom) => &custom.group,
            _ => self.info().map_or("", |info| info.group),
        }
    }

    pub fn version(&self) -> &str {
        match self {
            Self::Custom(custom) => &custom.version,
            _ => self.info().map_or("", |info| info.version),
        }
    }

    pub fn namespaced(&self) -> bool {
        match self {
            Self::Custom(custom) => custom.namespaced,
            _ => self.info().is_some_and(|info| info.namespaced),
        }
    }

    /// `deployments.apps`, `pods`: how permissions and discovery name it.
    pub fn resource(&self) -> String {
        match self.group() {
            "" => self.plural().to_owned(),
            group => format!("{}.{group}", self.plural()),
        }
    }

    /// The path of the collection on a Kubernetes API server, `/apis/apps/v1/namespaces/shop/deployments`; an empty namespace
    /// means all of them.
    pub fn path(&self, namespace: &str) -> String {
        let root = match self.group() {
            "" => format!("/api/{}", self.version()),
            group => format!("/apis/{group}/{}", self.version()),
        };
        if namespace.is_empty() || !self.namespaced() {
            format!("{root}/{}", self.plural())
        } else {
            format!("{root}/namespaces/{namespace}/{}", self.plural())
        }
    }

    /// A built-in kind of Kubernetes by kind, plural, singular, short or `plural.group` name, in any case.
    pub fn find(word: &str) -> Option<Self> {
        let word = word.to_lowercase();
        BUILT_IN
            .iter()
            .find(|(kind, info)| {
                info.plural == word
                    || info.singular == word
                    || info.short.contains(&word.as_str())
                    || kind.resource() == word
            })
            .map(|(kind, _)| kind.clone())
    }
}
