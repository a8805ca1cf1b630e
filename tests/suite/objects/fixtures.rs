//! Objects as an API server tells them.

use quarterdeck::model::CustomKind;
use serde_json::{Value, json};

pub(super) fn pod() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": "shop-5d9f-abcde", "namespace": "ecommerce-prod",
            "uid": "6f1c2a3b-0000-4000-8000-000000000001", "resourceVersion": "4711",
            "creationTimestamp": "2026-11-21T11:00:00Z",
            "labels": { "app": "shop", "pod-template-hash": "5d9f" },
            "annotations": {
                "kubectl.kubernetes.io/last-applied-configuration": "{}",
                "note": "first line\nsecond line",
            },
            "ownerReferences": [{
                "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "shop-5d9f",
                "uid": "6f1c2a3b-0000-4000-8000-000000000002", "controller": true,
            }],
        },
        "spec": {
            "nodeName": "node-1", "serviceAccountName": "default", "restartPolicy": "Always",
            "terminationGracePeriodSeconds": 5,
            "containers": [{
                "name": "shop", "image": "shop:2.0",
                "ports": [{ "name": "http", "containerPort": 8080, "protocol": "TCP" }],
                "resources": {
                    "requests": { "cpu": "100m", "memory": "32Mi" },
                    "limits": { "memory": "64Mi" },
                },
                "livenessProbe": { "httpGet": { "path": "/live", "port": 8080 }, "periodSeconds": 5 },
                "readinessProbe": {
                    "exec": { "command": ["sh", "-c", "test -f /ready"] },
                    "initialDelaySeconds": 3, "timeoutSeconds": 2,
                },
                "env": [
                    { "name": "MODE", "value": "live" },
                    { "name": "PASSWORD", "valueFrom": { "secretKeyRef": { "name": "db", "key": "password" } } },
                ],
                "envFrom": [{ "configMapRef": { "name": "shop-config" } }],
                "volumeMounts": [{ "name": "data", "mountPath": "/data", "readOnly": true }],
            }],
            "initContainers": [
                { "name": "migrate", "image": "shop:2.0", "args": ["migrate"] },
                { "name": "mesh", "image": "mesh:1", "restartPolicy": "Always" },
            ],
            "volumes": [
                { "name": "data", "persistentVolumeClaim": { "claimName": "data-0" } },
                { "name": "tmp", "emptyDir": { "medium": "Memory" } },
            ],
            "tolerations": [
                { "key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300 },
                { "key": "gpu", "operator": "Equal", "value": "yes", "effect": "NoSchedule" },
            ],
        },
        "status": {
            "phase": "Running", "qosClass": "Burstable", "hostIP": "10.97.0.1", "podIP": "10.88.0.7",
            "podIPs": [{ "ip": "10.88.0.7" }], "startTime": "2026-11-21T11:00:01Z",
            "conditions": [
                { "type": "Initialized", "status": "True", "lastTransitionTime": "2026-11-21T11:00:05Z" },
                {
                    "type": "Ready", "status": "False", "reason": "ContainersNotReady",
                    "message": "containers with unready status: [shop]",
                    "lastTransitionTime": "2026-11-21T11:01:00Z",
                },
            ],
            "initContainerStatuses": [
                {
                    "name": "migrate", "ready": true, "restartCount": 0,
                    "state": { "terminated": {
                        "exitCode": 0, "reason": "Completed",
                        "startedAt": "2026-11-21T11:00:02Z", "finishedAt": "2026-11-21T11:00:04Z",
                    } },
                },
                {
                    "name": "mesh", "ready": true, "restartCount": 0,
                    "state": { "running": { "startedAt": "2026-11-21T11:00:04Z" } },
                },
            ],
            "containerStatuses": [{
                "name": "shop", "ready": false, "restartCount": 4, "imageID": "sha256:1234",
                "state": { "waiting": {
                    "reason": "CrashLoopBackOff",
                    "message": "back-off 1m20s restarting failed container=shop",
                } },
                "lastState": { "terminated": {
                    "exitCode": 3, "reason": "Error", "message": "no database\n",
                    "startedAt": "2026-11-21T11:50:00Z", "finishedAt": "2026-11-21T11:50:02Z",
                } },
            }],
        },
    })
}

pub(super) fn deployment() -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {
            "name": "shop", "namespace": "ecommerce-prod", "generation": 8,
            "uid": "6f1c2a3b-0000-4000-8000-000000000003", "resourceVersion": "4712",
            "creationTimestamp": "2026-11-01T11:00:00Z",
            "annotations": { "deployment.kubernetes.io/revision": "44" },
        },
        "spec": {
            "replicas": 3, "paused": true, "minReadySeconds": 10, "progressDeadlineSeconds": 60,
            "revisionHistoryLimit": 10,
            "selector": { "matchLabels": { "app": "shop" } },
            "strategy": { "type": "RollingUpdate", "rollingUpdate": { "maxSurge": "25%", "maxUnavailable": 1 } },
            "template": {
                "metadata": { "labels": { "app": "shop" } },
                "spec": { "containers": [{ "name": "shop", "image": "shop:2.0" }] },
            },
        },
        "status": {
            "observedGeneration": 7, "replicas": 4, "updatedReplicas": 1, "readyReplicas": 2,
            "availableReplicas": 2, "unavailableReplicas": 2,
            "conditions": [
                { "type": "Available", "status": "True", "reason": "MinimumReplicasAvailable", "message": "Deployment has minimum availability." },
                { "type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "ReplicaSet \"shop-5d9f\" has timed out progressing." },
            ],
        },
    })
}

pub(super) fn autoscaler() -> Value {
    json!({
        "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
        "metadata": { "name": "arq-backend", "namespace": "arq-production", "uid": "u" },
        "spec": {
            "scaleTargetRef": { "apiVersion": "apps/v1", "kind": "Deployment", "name": "arq-backend" },
            "minReplicas": 2, "maxReplicas": 10,
            "metrics": [
                { "type": "Resource", "resource": { "name": "cpu", "target": { "type": "Utilization", "averageUtilization": 70 } } },
                { "type": "External", "external": { "metric": { "name": "queue_length" }, "target": { "type": "AverageValue", "averageValue": "30" } } },
            ],
            "behavior": { "scaleDown": {
                "stabilizationWindowSeconds": 300, "selectPolicy": "Max",
                "policies": [{ "type": "Percent", "value": 100, "periodSeconds": 15 }],
            } },
        },
        "status": {
            "currentReplicas": 10, "desiredReplicas": 10, "lastScaleTime": "2026-11-21T11:48:00Z",
            "currentMetrics": [
                { "type": "Resource", "resource": { "name": "cpu", "current": { "averageUtilization": 96, "averageValue": "96m" } } },
            ],
            "conditions": [
                { "type": "AbleToScale", "status": "True", "reason": "ReadyForNewScale", "message": "recommended size matches current size" },
                { "type": "ScalingLimited", "status": "True", "reason": "TooManyReplicas", "message": "the desired replica count is more than the maximum replica count" },
            ],
        },
    })
}

pub(super) fn node() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {
            "name": "node-1", "uid": "n",
            "labels": { "node-role.kubernetes.io/control-plane": "", "node-role.kubernetes.io/worker": "" },
        },
        "spec": {
            "unschedulable": true, "podCIDRs": ["10.88.0.0/16"],
            "taints": [{ "key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule" }],
        },
        "status": {
            "addresses": [{ "type": "InternalIP", "address": "10.97.0.1" }],
            "capacity": { "cpu": "2", "memory": "24635420Ki", "pods": "110" },
            "allocatable": { "cpu": "2", "memory": "24533020Ki", "pods": "110" },
            "nodeInfo": { "kubeletVersion": "v1.33.13", "osImage": "Debian GNU/Linux 13", "architecture": "amd64" },
            "images": [{ "names": ["shop:1.8"], "sizeBytes": 7_340_032 }, { "names": ["shop:2.0"], "sizeBytes": 3_145_728 }],
            "conditions": [
                { "type": "MemoryPressure", "status": "True", "reason": "KubeletHasInsufficientMemory", "message": "low on memory" },
                { "type": "DiskPressure", "status": "False", "reason": "KubeletHasNoDiskPressure" },
                { "type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown", "message": "Kubelet stopped posting node status.", "lastHeartbeatTime": "2026-11-21T11:50:00Z" },
            ],
        },
    })
}

/// Text that could be taken for something else, in all its forms.
pub(super) fn awkward() -> Value {
    json!({
        "annotations": {},
        "block": "first\n  second: indented\n\nlast\n",
        "blocks": ["no end\nof line", "two ends\n\n", " leading space\nx\n", "trailing \nspace"],
        "bool": true,
        "empty": "",
        "list": [],
        "nested": [{ "a": 1, "b": [{ "c": "d" }, ["e", ["f"]]] }, "plain"],
        "null": null,
        "number": 1.5,
        "strings": [
            "true", "No", "null", "~", "1", "1.5", "1e3", "0x1F", ".5", "1_000", "12:30", "2026-11-21T12:00:00Z",
            "2026-11-21", "- dash", "-dash", "a: b", "a:b", "a #b", "a#b", "#c", "*x", "&x", "!x", "%x", "@x", "`x",
            "'single'", "\"double\"", "it's", " space", "space ", "tab\there", "[x]", "{x}", "x,y", "?", "? x", "?x",
            ":", ":x", "---", "-", "=", "<<", "y", "äöü", "日本", "back\\slash", "bell\u{7}", "100m", "64Mi", "1.2.3",
            "10.0.0.1", "0o17", "+1", "-1", "1e", "e1", "Infinity", ".inf", "|", ">", "a\rb",
        ],
        "with space": 1,
        "yes": "on",
    })
}

pub(super) fn secret() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
        "metadata": {
            "name": "db", "namespace": "shop", "uid": "s",
            "annotations": {
                "kubectl.kubernetes.io/last-applied-configuration": "{\"apiVersion\":\"v1\",\"data\":{\"password\":\"aHVudGVyMi1wYXNzd29yZA==\"},\"kind\":\"Secret\",\"stringData\":{\"username\":\"admin-user\"}}\n",
                "tool.example/original": "{\"broken json with \"data\": aHVudGVyMi1wYXNzd29yZA==",
                "tool.example/copy": "the password is hunter2-password",
                "tool.example/owner": "platform",
            },
            "managedFields": [{ "manager": "kubectl", "fieldsV1": { "f:data": { "f:password": {} } } }],
        },
        "data": { "password": "aHVudGVyMi1wYXNzd29yZA==", "username": "YWRtaW4tdXNlcg==" },
        "stringData": { "token": "plain-secret" },
    })
}

pub(super) fn certificates() -> CustomKind {
    CustomKind {
        kind: "Certificate".to_owned(),
        plural: "certificates".to_owned(),
        singular: "certificate".to_owned(),
        short: vec!["cert".to_owned()],
        group: "cert-manager.io".to_owned(),
        version: "v1".to_owned(),
        namespaced: true,
        verbs: vec!["get".to_owned(), "list".to_owned(), "watch".to_owned()],
    }
}

pub(super) fn certificate() -> Value {
    json!({
        "apiVersion": "cert-manager.io/v1", "kind": "Certificate",
        "metadata": { "name": "shop-tls", "namespace": "shop", "uid": "c", "resourceVersion": "9" },
        "spec": {
            "secretName": "shop-tls", "dnsNames": ["shop.example", "www.shop.example"],
            "issuerRef": { "name": "letsencrypt", "kind": "ClusterIssuer" },
            "usages": [{ "name": "a", "days": 1 }, { "name": "b", "days": 2 }],
        },
        "status": {
            "revision": 3,
            "conditions": [{ "type": "Ready", "status": "False", "reason": "Issuing", "message": "waits for the order" }],
        },
    })
}

pub(super) fn table() -> Value {
    let row = |name: &str, version: &str, cells: Value| {
        json!({ "cells": cells, "object": { "kind": "PartialObjectMetadata", "metadata": {
            "name": name, "namespace": "shop", "uid": name, "resourceVersion": version,
            "creationTimestamp": "2026-11-01T11:00:00Z", "labels": { "app": "shop" },
        } } })
    };
    json!({
        "kind": "Table", "apiVersion": "meta.k8s.io/v1",
        "metadata": { "resourceVersion": "20", "continue": "next", "remainingItemCount": 5 },
        "columnDefinitions": [
            { "name": "Name", "type": "string", "format": "name", "priority": 0 },
            { "name": "Ready", "type": "string", "format": "", "priority": 0 },
            { "name": "Secret", "type": "string", "format": "", "priority": 0 },
            { "name": "Renewals", "type": "integer", "format": "", "priority": 0 },
            { "name": "Last Renewal", "type": "date", "format": "", "priority": 1 },
            { "name": "Status", "type": "string", "format": "", "priority": 1 },
            { "name": "Age", "type": "date", "format": "", "priority": 0 },
        ],
        "rows": [
            row("shop-tls", "11", json!(["shop-tls", "True", "shop-tls", 3, "2026-11-20T00:00:00Z", "up to date", "20d"])),
            row("api-tls", "12", json!(["api-tls", "False", "<none>", 0, null, "the issuer is not there", "20d"])),
        ],
    })
}

pub(super) fn discovery() -> Value {
    let resource = |plural: &str, kind: &str, verbs: Value, short: Value| {
        json!({
            "resource": plural, "responseKind": { "group": "", "version": "", "kind": kind },
            "scope": "Namespaced", "singularResource": kind.to_lowercase(), "verbs": verbs, "shortNames": short,
        })
    };
    let listed = || json!(["get", "list", "watch"]);
    json!({
        "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2",
        "items": [
            { "metadata": {}, "versions": [{ "version": "v1", "resources": [
                resource("serviceaccounts", "ServiceAccount", listed(), json!(["sa"])),
                resource("bindings", "Binding", json!(["create"]), json!([])),
            ] }] },
            { "metadata": { "name": "cert-manager.io" }, "versions": [
                { "version": "v1", "resources": [resource("certificates", "Certificate", listed(), json!(["cert"]))] },
                { "version": "v1alpha2", "resources": [resource("certificates", "Certificate", listed(), json!(["cert"]))] },
            ] },
            { "metadata": { "name": "metrics.k8s.io" }, "versions": [
                { "version": "v1beta1", "resources": [resource("pods", "PodMetrics", json!(["get", "list"]), json!([]))] },
            ] },
        ],
    })
}
