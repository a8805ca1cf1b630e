//! What the fleet's objects look like: the pod in each of its states with the slots left open, and the deployments, replica
//! sets and nodes behind them, made when asked for.

use serde_json::{Value, json};

use super::layout::Layout;
use super::template::{Slot, placeholder};
use crate::demo::random::{digest, mix};

/// What has become of a pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Condition {
    Running,
    Unready,
    Crashing,
    OutOfMemory,
    Pulling,
    Pending,
    Terminating,
}

impl Condition {
    /// The state a pod starts in: about one in sixteen is in trouble.
    pub(crate) fn of(pod: u32, seed: u64) -> Self {
        match mix(u64::from(pod), seed ^ 4) % 1000 {
            0..20 => Self::Crashing,
            20..30 => Self::Pending,
            30..40 => Self::Pulling,
            40..50 => Self::OutOfMemory,
            50..55 => Self::Terminating,
            55..65 => Self::Unready,
            _ => Self::Running,
        }
    }

    pub(crate) fn phase(self) -> &'static str {
        match self {
            Self::Pulling | Self::Pending => "Pending",
            _ => "Running",
        }
    }

    pub(crate) fn ready(self) -> bool {
        matches!(self, Self::Running | Self::Terminating)
    }
}

pub(super) fn labels(service: &str, role: &str, name: &str, version: &str, space: &str) -> Value {
    json!({
        "app.kubernetes.io/name": format!("{service}-{role}"),
        "app.kubernetes.io/instance": name,
        "app.kubernetes.io/version": version,
        "app.kubernetes.io/part-of": service,
        "team": space,
        "tier": role,
    })
}

pub(super) fn with(mut labels: Value, key: &str, value: &str) -> Value {
    if let Some(map) = labels.as_object_mut() {
        map.insert(key.to_owned(), value.into());
    }
    labels
}

/// The pod's labels without the rest of it.
pub(crate) fn pod_labels(layout: Layout, pod: u32) -> Value {
    let deployment = Layout::deployment_of(pod);
    let (service, role) = layout.parts(deployment);
    let all = labels(
        service,
        role,
        &layout.deployment_name(deployment),
        &layout.version(deployment),
        &layout.namespace(deployment),
    );
    with(all, "pod-template-hash", &layout.hash(deployment))
}

/// The names that a pod's template is written with: real ones for a deployment, placeholders for a template of pods.
pub(super) struct Names {
    pub(super) namespace: String,
    pub(super) service: String,
    pub(super) role: String,
    pub(super) name: String,
    pub(super) version: String,
}

pub(super) fn pod_spec(names: &Names) -> Value {
    let Names {
        service,
        role,
        name,
        version,
        ..
    } = names;
    let probe = |path: &str, seconds: u32| {
        json!({"httpGet": {"path": path, "port": "http", "scheme": "HTTP"}, "timeoutSeconds": 2, "periodSeconds": seconds,
            "successThreshold": 1, "failureThreshold": 3})
    };
    let pod_name = json!({"name": "POD_NAME", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}});
    json!({
        "volumes": [
            {"name": "config", "configMap": {"name": format!("{name}-config"), "defaultMode": 420}},
            {"name": "scratch", "emptyDir": {}},
        ],
        "containers": [
            {"name": "app", "image": format!("registry.example.com/{service}/{role}:{version}"),
             "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}, {"name": "metrics", "containerPort": 9090, "protocol": "TCP"}],
             "env": [pod_name,
                {"name": "DATABASE_URL", "valueFrom": {"secretKeyRef": {"name": format!("{name}-database"), "key": "url"}}},
                {"name": "SERVICE", "value": service}, {"name": "LOG_LEVEL", "value": "info"},
                {"name": "OTEL_EXPORTER_OTLP_ENDPOINT", "value": "http://collector.monitoring.svc.cluster.local:4317"}],
             "resources": {"requests": {"cpu": "250m", "memory": "256Mi"}, "limits": {"memory": "512Mi"}},
             "volumeMounts": [{"name": "config", "mountPath": "/etc/app", "readOnly": true}, {"name": "scratch", "mountPath": "/tmp"}],
             "livenessProbe": probe("/live", 10), "readinessProbe": probe("/ready", 5),
             "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File", "imagePullPolicy": "IfNotPresent",
             "securityContext": {"runAsUser": 10001, "readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false}},
            {"name": "proxy", "image": "registry.example.com/platform/proxy:2.14.1", "args": ["--config", "/etc/proxy/proxy.yaml"],
             "ports": [{"name": "proxy", "containerPort": 15001, "protocol": "TCP"}],
             "env": [pod_name], "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
             "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File", "imagePullPolicy": "IfNotPresent"},
        ],
        "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst",
        "serviceAccountName": "default", "serviceAccount": "default", "securityContext": {}, "schedulerName": "default-scheduler",
        "tolerations": [
            {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300},
            {"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}],
        "priority": 0, "enableServiceLinks": true, "preemptionPolicy": "PreemptLowerPriority",
    })
}

/// A pod in a state with its slots open; `restarts` are those that churn made.
pub(crate) fn open_pod(condition: Condition, ready: bool, restarts: u8) -> Value {
    let p = placeholder;
    let (service, role) = (p(Slot::Service), p(Slot::Role));
    let name = format!("{service}-{role}-{}", p(Slot::Number));
    let set = format!("{name}-{}", p(Slot::Hash));
    let names = Names {
        namespace: p(Slot::Namespace),
        service,
        role,
        version: p(Slot::Image),
        name,
    };
    let mut spec = pod_spec(&names);
    if condition != Condition::Pending
        && let Some(spec) = spec.as_object_mut()
    {
        spec.insert("nodeName".into(), p(Slot::Node).into());
    }
    let all = labels(
        &names.service,
        &names.role,
        &names.name,
        &names.version,
        &names.namespace,
    );
    let mut metadata = json!({
        "name": format!("{set}-{}", p(Slot::Suffix)), "generateName": format!("{set}-"), "namespace": names.namespace,
        "uid": p(Slot::Uid), "resourceVersion": p(Slot::Version), "creationTimestamp": p(Slot::Created), "generation": 1,
        "labels": with(all, "pod-template-hash", &p(Slot::Hash)),
        "annotations": {"prometheus.io/scrape": "true", "prometheus.io/port": "9090"},
        "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": set, "uid": p(Slot::SetUid),
            "controller": true, "blockOwnerDeletion": true}],
        "managedFields": [managed("kube-controller-manager", "", Slot::Created), managed("kubelet", "status", Slot::Changed)],
    });
    if condition == Condition::Terminating
        && let Some(metadata) = metadata.as_object_mut()
    {
        metadata.insert("deletionTimestamp".into(), p(Slot::Changed).into());
        metadata.insert("deletionGracePeriodSeconds".into(), 30.into());
    }
    json!({"metadata": metadata, "spec": spec, "status": status(&names, condition, ready, restarts)})
}

fn managed(manager: &str, subresource: &str, at: Slot) -> Value {
    let fields = if subresource.is_empty() {
        json!({"f:metadata": {"f:annotations": {".": {}, "f:prometheus.io/port": {}, "f:prometheus.io/scrape": {}}, "f:generateName": {},
            "f:labels": {".": {}, "f:app.kubernetes.io/instance": {}, "f:app.kubernetes.io/name": {}, "f:pod-template-hash": {}, "f:team": {}},
            "f:ownerReferences": {".": {}}},
            "f:spec": {"f:containers": {"k:{\"name\":\"app\"}": {".": {}, "f:env": {}, "f:image": {}, "f:livenessProbe": {}, "f:ports": {},
            "f:readinessProbe": {}, "f:resources": {}, "f:volumeMounts": {}}, "k:{\"name\":\"proxy\"}": {".": {}, "f:args": {}, "f:image": {}}},
            "f:dnsPolicy": {}, "f:restartPolicy": {}, "f:schedulerName": {}, "f:volumes": {}}})
    } else {
        json!({"f:status": {"f:conditions": {"k:{\"type\":\"Ready\"}": {".": {}, "f:lastTransitionTime": {}, "f:status": {}, "f:type": {}}},
            "f:containerStatuses": {}, "f:hostIP": {}, "f:phase": {}, "f:podIP": {}, "f:startTime": {}}})
    };
    let mut entry = json!({"manager": manager, "operation": "Update", "apiVersion": "v1", "time": placeholder(at),
        "fieldsType": "FieldsV1", "fieldsV1": fields});
    if !subresource.is_empty()
        && let Some(entry) = entry.as_object_mut()
    {
        entry.insert("subresource".into(), subresource.into());
    }
    entry
}

fn status(names: &Names, condition: Condition, ready: bool, restarts: u8) -> Value {
    if condition == Condition::Pending {
        return json!({"phase": "Pending", "qosClass": "Burstable", "conditions": [{"type": "PodScheduled", "status": "False",
            "lastProbeTime": null, "lastTransitionTime": placeholder(Slot::Started), "reason": "Unschedulable",
            "message": "0/340 nodes are available: 340 Insufficient cpu. preemption: 0/340 nodes are available: 340 No preemption victims found for incoming pod."}]});
    }
    let (ip, host) = (placeholder(Slot::PodIp), placeholder(Slot::HostIp));
    let ok = ready && condition.ready();
    let moment = |ok: bool| placeholder(if ok { Slot::Started } else { Slot::Changed });
    let conditions: Vec<Value> = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"]
        .iter()
        .map(|kind| {
            let fine = ok || !matches!(*kind, "Ready" | "ContainersReady");
            let mut one = json!({"type": kind, "status": if fine { "True" } else { "False" }, "lastProbeTime": null,
                "lastTransitionTime": moment(fine)});
            if !fine && let Some(one) = one.as_object_mut() {
                one.insert("reason".into(), "ContainersNotReady".into());
                one.insert("message".into(), "containers with unready status: [app]".into());
            }
            one
        })
        .collect();
    json!({"phase": condition.phase(), "conditions": conditions, "hostIP": host, "hostIPs": [{"ip": host}], "podIP": ip, "podIPs": [{"ip": ip}],
        "startTime": placeholder(Slot::Started), "qosClass": "Burstable",
        "containerStatuses": [app(names, condition, ok, restarts), proxy()]})
}

fn app(names: &Names, condition: Condition, ready: bool, restarts: u8) -> Value {
    let image = format!(
        "registry.example.com/{}/{}:{}",
        names.service, names.role, names.version
    );
    let id = format!("containerd://0{}", placeholder(Slot::Container));
    let ended = |code: u32, reason: &str| {
        json!({"terminated": {"exitCode": code, "reason": reason, "startedAt": placeholder(Slot::Started),
            "finishedAt": placeholder(Slot::Changed), "containerID": id}})
    };
    let waiting =
        |reason: &str, message: String| json!({"waiting": {"reason": reason, "message": message}});
    let running = json!({"running": {"startedAt": placeholder(Slot::Started)}});
    let (state, last, before) = match condition {
        Condition::Crashing => (
            waiting(
                "CrashLoopBackOff",
                format!(
                    "back-off 5m0s restarting failed container=app pod={}_{}",
                    names.name, names.namespace
                ),
            ),
            ended(1, "Error"),
            17_u32,
        ),
        Condition::OutOfMemory => (ended(137, "OOMKilled"), ended(137, "OOMKilled"), 3),
        Condition::Pulling => (
            waiting(
                "ImagePullBackOff",
                format!(
                    "Back-off pulling image \"{image}\": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack image: not found"
                ),
            ),
            json!({}),
            0,
        ),
        _ if restarts > 0 => (running, ended(1, "Error"), 0),
        _ => (running, json!({}), 0),
    };
    let up = state.get("running").is_some();
    let mut one = json!({"name": "app", "state": state, "lastState": last, "ready": ready, "restartCount": before + u32::from(restarts),
        "image": image, "imageID": format!("{image}@sha256:{}", digest(7)), "containerID": id, "started": up});
    if condition == Condition::Pulling
        && let Some(one) = one.as_object_mut()
    {
        one.insert("imageID".into(), "".into());
        one.remove("containerID");
    }
    one
}

fn proxy() -> Value {
    let image = "registry.example.com/platform/proxy:2.14.1";
    json!({"name": "proxy", "state": {"running": {"startedAt": placeholder(Slot::Started)}}, "lastState": {}, "ready": true, "restartCount": 0,
        "image": image, "imageID": format!("{image}@sha256:{}", digest(8)), "containerID": format!("containerd://1{}", placeholder(Slot::Container)),
        "started": true})
}
