//! The kinds that the simulated API server serves: one static a kind, and `ALL` in the order in which discovery lists them.
//!
//! Read by the store (tables are keyed by `id`), by the controllers and by the server. A kind stands here once; discovery,
//! routing, lists, watches and tables follow.

/// One kind as discovery describes it.
#[derive(Debug)]
pub(crate) struct Resource {
    pub(crate) id: u8,
    pub(crate) group: &'static str,
    pub(crate) version: &'static str,
    pub(crate) plural: &'static str,
    pub(crate) singular: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) short: &'static [&'static str],
    pub(crate) categories: &'static [&'static str],
    pub(crate) namespaced: bool,
    /// The protobuf message, such as `core.Pod`; empty for custom resources, which only travel as JSON.
    pub(crate) message: &'static str,
    /// Subresources as (name, kind, group and version when they differ, verbs).
    pub(crate) subresources: &'static [Sub],
}

/// A subresource as discovery describes it.
#[derive(Debug)]
pub(crate) struct Sub {
    pub(crate) name: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) group: &'static str,
    pub(crate) version: &'static str,
    pub(crate) verbs: &'static [&'static str],
}

/// The verbs of every stored kind.
pub(crate) const VERBS: &[&str] = &[
    "create",
    "delete",
    "deletecollection",
    "get",
    "list",
    "patch",
    "update",
    "watch",
];

impl Resource {
    /// `v1` or `apps/v1`.
    pub(crate) fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_owned()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// `pods` or `deployments.apps`: how error messages and permissions name the kind.
    pub(crate) fn qualified(&self) -> String {
        if self.group.is_empty() {
            self.plural.to_owned()
        } else {
            format!("{}.{}", self.plural, self.group)
        }
    }

    const fn short(mut self, short: &'static [&'static str]) -> Self {
        self.short = short;
        self
    }

    const fn all(self) -> Self {
        self.within(&["all"])
    }

    const fn within(mut self, categories: &'static [&'static str]) -> Self {
        self.categories = categories;
        self
    }

    const fn cluster(mut self) -> Self {
        self.namespaced = false;
        self
    }

    const fn with(mut self, subresources: &'static [Sub]) -> Self {
        self.subresources = subresources;
        self
    }
}

const fn resource(
    id: u8,
    api: (&'static str, &'static str),
    names: (&'static str, &'static str, &'static str),
    message: &'static str,
) -> Resource {
    Resource {
        id,
        group: api.0,
        version: api.1,
        plural: names.0,
        singular: names.1,
        kind: names.2,
        short: &[],
        categories: &[],
        namespaced: true,
        message,
        subresources: &[],
    }
}

const fn sub(name: &'static str, kind: &'static str, verbs: &'static [&'static str]) -> Sub {
    Sub {
        name,
        kind,
        group: "",
        version: "",
        verbs,
    }
}

const CHANGE: &[&str] = &["get", "patch", "update"];
const SCALE: Sub = Sub {
    name: "scale",
    kind: "Scale",
    group: "autoscaling",
    version: "v1",
    verbs: CHANGE,
};
const EVICTION: Sub = Sub {
    name: "eviction",
    kind: "Eviction",
    group: "policy",
    version: "v1",
    verbs: &["create"],
};

const CORE: (&str, &str) = ("", "v1");
const APPS: (&str, &str) = ("apps", "v1");
const BATCH: (&str, &str) = ("batch", "v1");

macro_rules! kinds {
    ($($name:ident = $value:expr;)*) => {
        $(pub(crate) static $name: Resource = $value;)*
        /// Every kind, in discovery's order.
        pub(crate) static ALL: &[&Resource] = &[$(&$name),*];
    };
}

kinds! {
    CONFIG_MAPS = resource(0, CORE, ("configmaps", "configmap", "ConfigMap"), "core.ConfigMap").short(&["cm"]);
    ENDPOINTS = resource(1, CORE, ("endpoints", "endpoints", "Endpoints"), "core.Endpoints").short(&["ep"]);
    EVENTS = resource(2, CORE, ("events", "event", "Event"), "core.Event").short(&["ev"]);
    LIMIT_RANGES = resource(3, CORE, ("limitranges", "limitrange", "LimitRange"), "core.LimitRange").short(&["limits"]);
    NAMESPACES = resource(4, CORE, ("namespaces", "namespace", "Namespace"), "core.Namespace").short(&["ns"]).cluster()
        .with(&[sub("status", "Namespace", CHANGE)]);
    NODES = resource(5, CORE, ("nodes", "node", "Node"), "core.Node").short(&["no"]).cluster()
        .with(&[sub("status", "Node", CHANGE)]);
    CLAIMS = resource(6, CORE, ("persistentvolumeclaims", "persistentvolumeclaim", "PersistentVolumeClaim"), "core.PersistentVolumeClaim")
        .short(&["pvc"]).with(&[sub("status", "PersistentVolumeClaim", CHANGE)]);
    VOLUMES = resource(7, CORE, ("persistentvolumes", "persistentvolume", "PersistentVolume"), "core.PersistentVolume")
        .short(&["pv"]).cluster().with(&[sub("status", "PersistentVolume", CHANGE)]);
    PODS = resource(8, CORE, ("pods", "pod", "Pod"), "core.Pod").short(&["po"]).all()
        .with(&[EVICTION, sub("log", "Pod", &["get"]), sub("status", "Pod", CHANGE)]);
    QUOTAS = resource(9, CORE, ("resourcequotas", "resourcequota", "ResourceQuota"), "core.ResourceQuota").short(&["quota"])
        .with(&[sub("status", "ResourceQuota", CHANGE)]);
    SECRETS = resource(10, CORE, ("secrets", "secret", "Secret"), "core.Secret");
    ACCOUNTS = resource(11, CORE, ("serviceaccounts", "serviceaccount", "ServiceAccount"), "core.ServiceAccount").short(&["sa"]);
    SERVICES = resource(12, CORE, ("services", "service", "Service"), "core.Service").short(&["svc"]).all()
        .with(&[sub("status", "Service", CHANGE)]);
    REVISIONS = resource(13, APPS, ("controllerrevisions", "controllerrevision", "ControllerRevision"), "apps.ControllerRevision");
    DAEMON_SETS = resource(14, APPS, ("daemonsets", "daemonset", "DaemonSet"), "apps.DaemonSet").short(&["ds"]).all()
        .with(&[sub("status", "DaemonSet", CHANGE)]);
    DEPLOYMENTS = resource(15, APPS, ("deployments", "deployment", "Deployment"), "apps.Deployment").short(&["deploy"]).all()
        .with(&[SCALE, sub("status", "Deployment", CHANGE)]);
    REPLICA_SETS = resource(16, APPS, ("replicasets", "replicaset", "ReplicaSet"), "apps.ReplicaSet").short(&["rs"]).all()
        .with(&[SCALE, sub("status", "ReplicaSet", CHANGE)]);
    STATEFUL_SETS = resource(17, APPS, ("statefulsets", "statefulset", "StatefulSet"), "apps.StatefulSet").short(&["sts"]).all()
        .with(&[SCALE, sub("status", "StatefulSet", CHANGE)]);
    AUTOSCALERS = resource(18, ("autoscaling", "v2"), ("horizontalpodautoscalers", "horizontalpodautoscaler", "HorizontalPodAutoscaler"),
        "autoscaling.HorizontalPodAutoscaler").short(&["hpa"]).all().with(&[sub("status", "HorizontalPodAutoscaler", CHANGE)]);
    CRON_JOBS = resource(19, BATCH, ("cronjobs", "cronjob", "CronJob"), "batch.CronJob").short(&["cj"]).all()
        .with(&[sub("status", "CronJob", CHANGE)]);
    JOBS = resource(20, BATCH, ("jobs", "job", "Job"), "batch.Job").all().with(&[sub("status", "Job", CHANGE)]);
    INGRESSES = resource(21, ("networking.k8s.io", "v1"), ("ingresses", "ingress", "Ingress"), "networking.Ingress").short(&["ing"])
        .with(&[sub("status", "Ingress", CHANGE)]);
    BUDGETS = resource(22, ("policy", "v1"), ("poddisruptionbudgets", "poddisruptionbudget", "PodDisruptionBudget"), "policy.PodDisruptionBudget")
        .short(&["pdb"]).with(&[sub("status", "PodDisruptionBudget", CHANGE)]);
    STORAGE_CLASSES = resource(23, ("storage.k8s.io", "v1"), ("storageclasses", "storageclass", "StorageClass"), "storage.StorageClass")
        .short(&["sc"]).cluster();
    DEFINITIONS = resource(24, ("apiextensions.k8s.io", "v1"), ("customresourcedefinitions", "customresourcedefinition", "CustomResourceDefinition"),
        "apiextensions.CustomResourceDefinition").short(&["crd", "crds"]).cluster().within(&["api-extensions"]).with(&[sub("status", "CustomResourceDefinition", CHANGE)]);
    LEASES = resource(25, ("coordination.k8s.io", "v1"), ("leases", "lease", "Lease"), "coordination.Lease");
    SLICES = resource(26, ("discovery.k8s.io", "v1"), ("endpointslices", "endpointslice", "EndpointSlice"), "discovery.EndpointSlice");
    CERTIFICATES = resource(27, ("cert-manager.io", "v1"), ("certificates", "certificate", "Certificate"), "").short(&["cert", "certs"])
        .with(&[sub("status", "Certificate", CHANGE)]);
    BACKUPS = resource(28, ("postgresql.cnpg.io", "v1"), ("backups", "backup", "Backup"), "").with(&[sub("status", "Backup", CHANGE)]);
}

/// The kind that a request's path names.
pub(crate) fn find(group: &str, version: &str, plural: &str) -> Option<&'static Resource> {
    ALL.iter()
        .copied()
        .find(|r| r.plural == plural && r.group == group && r.version == version)
}
