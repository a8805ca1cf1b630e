//! A workload's own objects, from its entry in the estate: what a user would apply. Its pods are the controllers' work.

use serde_json::{Value, json};

use super::spec::{Pairs, Workload};
use crate::demo::world::item::set;
use crate::demo::world::resource::{self, Resource};

/// Labels of a workload and its pods.
pub(crate) fn labels(w: &Workload) -> Value {
    let mut labels = json!({"app": w.name, "app.kubernetes.io/name": w.name});
    for (key, value) in &w.labels {
        set(
            &mut labels,
            &format!("/{}", key.replace('/', "~1")),
            value.clone(),
        );
    }
    labels
}

/// The kind and the object of a workload.
pub(crate) fn object(w: &Workload) -> (&'static Resource, Value) {
    let metadata = json!({"name": w.name, "namespace": w.namespace, "labels": labels(w), "generation": 1, "annotations": {}});
    let selector = json!({"matchLabels": {"app": w.name}});
    let template = template(w);
    let rolling =
        json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}});
    match w.kind.as_str() {
        "StatefulSet" => (
            &resource::STATEFUL_SETS,
            json!({"metadata": metadata, "spec": {"replicas": w.replicas, "selector": selector, "template": template, "serviceName": w.name,
                "volumeClaimTemplates": claims(w), "podManagementPolicy": "OrderedReady", "revisionHistoryLimit": 10,
                "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
                "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"}}}),
        ),
        "DaemonSet" => (
            &resource::DAEMON_SETS,
            json!({"metadata": metadata, "spec": {"selector": selector, "template": template, "revisionHistoryLimit": 10,
                "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}}}}),
        ),
        "CronJob" => (
            &resource::CRON_JOBS,
            json!({"metadata": metadata, "spec": {"schedule": w.schedule, "concurrencyPolicy": "Forbid", "suspend": w.suspend,
                "successfulJobsHistoryLimit": 3, "failedJobsHistoryLimit": 1, "jobTemplate": {"metadata": {"labels": labels(w)}, "spec": job_spec(&template)}},
                "status": {}}),
        ),
        "Job" => (
            &resource::JOBS,
            json!({"metadata": metadata, "spec": job_spec(&template), "status": {}}),
        ),
        _ => {
            let strategy = if w.strategy == "Recreate" {
                json!({"type": "Recreate"})
            } else {
                rolling
            };
            (
                &resource::DEPLOYMENTS,
                json!({"metadata": metadata, "spec": {"replicas": w.replicas, "selector": selector, "template": template, "strategy": strategy,
                    "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600}}),
            )
        }
    }
}

fn job_spec(template: &Value) -> Value {
    json!({"parallelism": 1, "completions": 1, "backoffLimit": 2, "completionMode": "NonIndexed", "suspend": false, "manualSelector": false,
        "podReplacementPolicy": "TerminatingOrFailed", "template": template})
}

fn claims(w: &Workload) -> Value {
    if w.disk.is_empty() {
        return json!([]);
    }
    json!([{"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data", "creationTimestamp": null},
        "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "gp3", "volumeMode": "Filesystem",
            "resources": {"requests": {"storage": w.disk}}}, "status": {"phase": "Pending"}}])
}

fn sizes(text: &str, key: &str, requests: &mut Value, limits: &mut Value) {
    let (request, limit) = text.split_once('/').unwrap_or((text, ""));
    for (size, side) in [(request, requests), (limit, limits)] {
        if !size.is_empty() {
            set(side, &format!("/{key}"), size);
        }
    }
}

fn resources(w: &Workload) -> Value {
    let (mut requests, mut limits) = (json!({}), json!({}));
    sizes(&w.cpu, "cpu", &mut requests, &mut limits);
    sizes(&w.memory, "memory", &mut requests, &mut limits);
    let mut all = json!({});
    for (key, side) in [("/requests", requests), ("/limits", limits)] {
        if side.as_object().is_some_and(|s| !s.is_empty()) {
            set(&mut all, key, side);
        }
    }
    all
}

fn environment(w: &Workload) -> Vec<Value> {
    let named = |pairs: &Pairs, part: &str, field: &str, key: &str| -> Vec<Value> {
        pairs
            .keys()
            .map(|name| json!({"name": name, "valueFrom": {(field): {"name": format!("{}-{part}", w.name), (key): name}}}))
            .collect()
    };
    let mut all = vec![
        json!({"name": "POD_NAME", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}}),
    ];
    all.extend(named(&w.config, "config", "configMapKeyRef", "key"));
    all.extend(named(&w.secret, "secrets", "secretKeyRef", "key"));
    all
}

fn template(w: &Workload) -> Value {
    let job = matches!(w.kind.as_str(), "CronJob" | "Job");
    let mut container = json!({"name": w.name, "image": w.image, "imagePullPolicy": "IfNotPresent", "resources": resources(w), "env": environment(w),
        "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File"});
    if !w.command.is_empty() {
        set(&mut container, "/args", json!(w.command));
    }
    if !job {
        let probe = |path: &str, period: u32| {
            json!({"httpGet": {"path": path, "port": "http", "scheme": "HTTP"}, "timeoutSeconds": 1, "periodSeconds": period,
                "successThreshold": 1, "failureThreshold": 3})
        };
        let socket = json!({"tcpSocket": {"port": "http"}, "timeoutSeconds": 1, "periodSeconds": 5, "successThreshold": 1, "failureThreshold": 3});
        set(
            &mut container,
            "/ports",
            json!([{"name": "http", "containerPort": w.port, "protocol": "TCP"}]),
        );
        if w.kind == "Deployment" {
            set(&mut container, "/readinessProbe", probe(&w.health, 5));
            set(&mut container, "/livenessProbe", probe("/live", 10));
        } else {
            set(&mut container, "/readinessProbe", socket);
        }
    }
    if !w.disk.is_empty() {
        set(
            &mut container,
            "/volumeMounts",
            json!([{"name": "data", "mountPath": "/data"}]),
        );
    }
    let mut spec = json!({"containers": [container], "restartPolicy": if job { "Never" } else { "Always" }, "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst", "securityContext": {}, "schedulerName": "default-scheduler"});
    if !w.init.is_empty() {
        set(
            &mut spec,
            "/initContainers",
            json!([{"name": "wait-for-schema", "image": w.init, "imagePullPolicy": "IfNotPresent", "resources": {},
            "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File"}]),
        );
    }
    if !w.selector.is_empty() {
        set(&mut spec, "/nodeSelector", json!(w.selector));
    }
    if w.everywhere {
        set(&mut spec, "/tolerations", json!([{"operator": "Exists"}]));
    }
    let mut metadata = json!({"creationTimestamp": null, "labels": labels(w)});
    if !job {
        set(
            &mut metadata,
            "/annotations",
            json!({"prometheus.io/scrape": "true", "prometheus.io/port": w.port.to_string()}),
        );
    }
    json!({"metadata": metadata, "spec": spec})
}
