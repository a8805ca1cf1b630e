//! What stands around the workloads: namespaces, nodes, services, ingresses, settings, volumes, budgets, autoscalers, quotas and
//! two kinds of custom resources.

use base64::Engine as _;
use serde_json::{Value, json};

use super::spec::{Namespace, Node, Pairs, Workload};
use super::workload::labels;
use crate::demo::random::{hash, mix};
use crate::demo::world::item::set;
use crate::demo::world::resource::{self, Resource};

/// Objects with their kinds.
pub(super) type Objects = Vec<(&'static Resource, Value)>;

pub(super) fn namespace(name: &str, entry: Option<&Namespace>) -> Objects {
    let mut all = json!({"kubernetes.io/metadata.name": name});
    for (key, value) in entry.map(|n| &n.labels).into_iter().flatten() {
        set(
            &mut all,
            &format!("/{}", key.replace('/', "~1")),
            value.clone(),
        );
    }
    let mut objects: Objects = vec![
        (
            &resource::NAMESPACES,
            json!({"metadata": {"name": name, "labels": all}, "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}}),
        ),
        (
            &resource::ACCOUNTS,
            json!({"metadata": {"name": "default", "namespace": name}}),
        ),
        (
            &resource::CONFIG_MAPS,
            json!({"metadata": {"name": "kube-root-ca.crt", "namespace": name,
            "annotations": {"kubernetes.io/description": "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc."}},
            "data": {"ca.crt": "-----BEGIN CERTIFICATE-----\nMIIDBTCCAe2gAwIBAgIIdemoDEMOdemo\n-----END CERTIFICATE-----\n"}}),
        ),
    ];
    if let Some(entry) = entry.filter(|n| !n.quota.is_empty()) {
        objects.push((&resource::QUOTAS, json!({"metadata": {"name": "compute", "namespace": name}, "spec": {"hard": entry.quota},
            "status": {"hard": entry.quota, "used": {"requests.cpu": "0", "requests.memory": "0", "pods": "0"}}})));
    }
    if entry.is_some_and(|n| n.limits) {
        objects.push((
            &resource::LIMIT_RANGES,
            json!({"metadata": {"name": "ceiling", "namespace": name},
            "spec": {"limits": [{"type": "Container", "max": {"cpu": "4", "memory": "8Gi"}}]}}),
        ));
    }
    objects
}

pub(super) fn node(number: usize, n: &Node, since: &str) -> Objects {
    let zone = ["eu-central-1a", "eu-central-1b", "eu-central-1c"]
        .get(number % 3)
        .copied()
        .unwrap_or("eu-central-1a");
    let (cpu, memory, kind) = if n.control {
        ("4", "16Gi", "m6i.xlarge")
    } else {
        ("16", "64Gi", "m6i.4xlarge")
    };
    let mut all = json!({"kubernetes.io/hostname": n.name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
        "topology.kubernetes.io/region": "eu-central-1", "topology.kubernetes.io/zone": zone, "node.kubernetes.io/instance-type": kind});
    let mut taints = Vec::new();
    if n.control {
        set(&mut all, "/node-role.kubernetes.io~1control-plane", "");
        taints
            .push(json!({"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}));
    } else {
        set(&mut all, "/node-role.kubernetes.io~1worker", "");
    }
    if n.cordoned {
        taints.push(json!({"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule", "timeAdded": since}));
    }
    if n.pressure {
        taints.push(json!({"key": "node.kubernetes.io/memory-pressure", "effect": "NoSchedule", "timeAdded": since}));
    }
    let condition = |kind: &str, bad: bool, good: &str, worse: &str, says: &str| {
        json!({"type": kind, "status": if bad { "True" } else { "False" }, "reason": if bad { worse } else { good }, "message": says,
            "lastHeartbeatTime": since, "lastTransitionTime": since})
    };
    let memory_says = if n.pressure {
        "kubelet has insufficient memory available"
    } else {
        "kubelet has sufficient memory available"
    };
    let mut spec = json!({"podCIDR": format!("10.42.{number}.0/24"), "podCIDRs": [format!("10.42.{number}.0/24")],
        "providerID": format!("aws:///{zone}/i-{:017x}", mix(hash(&n.name), 1) >> 4)});
    if !taints.is_empty() {
        set(&mut spec, "/taints", taints);
    }
    if n.cordoned {
        set(&mut spec, "/unschedulable", true);
    }
    let object = json!({"metadata": {"name": n.name, "labels": all, "annotations": {"volumes.kubernetes.io/controller-managed-attach-detach": "true"}},
        "spec": spec, "status": {
            "capacity": {"cpu": cpu, "memory": memory, "pods": "110", "ephemeral-storage": "200Gi"},
            "allocatable": {"cpu": cpu, "memory": memory, "pods": "110", "ephemeral-storage": "180Gi"},
            "addresses": [{"type": "InternalIP", "address": address(number)}, {"type": "Hostname", "address": n.name}],
            "conditions": [
                condition("MemoryPressure", n.pressure, "KubeletHasSufficientMemory", "KubeletHasInsufficientMemory", memory_says),
                condition("DiskPressure", false, "KubeletHasNoDiskPressure", "", "kubelet has no disk pressure"),
                condition("PIDPressure", false, "KubeletHasSufficientPID", "", "kubelet has sufficient PID available"),
                {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "kubelet is posting ready status",
                 "lastHeartbeatTime": since, "lastTransitionTime": since}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
            "nodeInfo": {"machineID": format!("{:032x}", hash(&n.name)), "systemUUID": "", "bootID": "", "kernelVersion": "6.1.112-124.190.amzn2023.x86_64",
                "osImage": "Amazon Linux 2023.6.20241031", "containerRuntimeVersion": "containerd://1.7.23", "kubeletVersion": "v1.33.5",
                "kubeProxyVersion": "v1.33.5", "operatingSystem": "linux", "architecture": "amd64"}}});
    let lease = json!({"metadata": {"name": n.name, "namespace": "kube-node-lease"},
        "spec": {"holderIdentity": n.name, "leaseDurationSeconds": 40, "renewTime": since.replace('Z', ".000000Z")}});
    vec![(&resource::NODES, object), (&resource::LEASES, lease)]
}

/// The address of a node of the small world.
pub(crate) fn address(number: usize) -> String {
    format!("10.0.1.{}", 10 + number)
}

/// What a workload brings with it beside its controller.
pub(super) fn beside(w: &Workload) -> Objects {
    let mut objects: Objects = Vec::new();
    let named = |suffix: &str| json!({"name": format!("{}{suffix}", w.name), "namespace": w.namespace, "labels": labels(w)});
    let selector = json!({"app": w.name});
    if !w.config.is_empty() {
        objects.push((
            &resource::CONFIG_MAPS,
            json!({"metadata": named("-config"), "data": w.config}),
        ));
    }
    if !w.secret.is_empty() {
        objects.push((
            &resource::SECRETS,
            json!({"metadata": named("-secrets"), "type": "Opaque", "data": encoded(&w.secret)}),
        ));
    }
    if matches!(w.kind.as_str(), "Deployment" | "StatefulSet") {
        let headless = w.kind == "StatefulSet";
        let ip = if headless {
            "None".to_owned()
        } else {
            format!(
                "10.96.{}.{}",
                hash(&w.name) % 200,
                hash(&w.namespace) % 250 + 2
            )
        };
        let port = if headless { json!(w.port) } else { json!(80) };
        objects.push((&resource::SERVICES, json!({"metadata": named(""), "spec": {"type": "ClusterIP", "clusterIP": ip, "clusterIPs": [ip],
            "selector": selector, "sessionAffinity": "None", "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack", "internalTrafficPolicy": "Cluster",
            "ports": [{"name": "http", "protocol": "TCP", "port": port, "targetPort": "http"}]}, "status": {"loadBalancer": {}}})));
    }
    if !w.host.is_empty() {
        objects.push((&resource::INGRESSES, ingress(w)));
        objects.push((&resource::CERTIFICATES, certificate(w)));
        objects.push((&resource::SECRETS, json!({"metadata": named("-tls"), "type": "kubernetes.io/tls",
            "data": encoded(&Pairs::from([("tls.crt".into(), "demo certificate".into()), ("tls.key".into(), "demo key".into())]))})));
    }
    if let Some(budget) = &w.budget {
        let mut spec = json!({"selector": {"matchLabels": selector}});
        for (key, value) in budget.as_object().into_iter().flatten() {
            set(&mut spec, &format!("/{key}"), value.clone());
        }
        objects.push((
            &resource::BUDGETS,
            json!({"metadata": named(""), "spec": spec, "status": {}}),
        ));
    }
    if let Some(scaler) = &w.autoscaler {
        let metric = |name: &str, target: u32| json!({"type": "Resource", "resource": {"name": name, "target": {"type": "Utilization", "averageUtilization": target}}});
        let metrics: Vec<Value> = [
            scaler.cpu.map(|t| metric("cpu", t)),
            scaler.memory.map(|t| metric("memory", t)),
        ]
        .into_iter()
        .flatten()
        .collect();
        let target = scaler.target.as_deref().unwrap_or(&w.name);
        objects.push((&resource::AUTOSCALERS, json!({"metadata": named(""), "spec": {"minReplicas": scaler.min, "maxReplicas": scaler.max, "metrics": metrics,
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": target}}, "status": {"currentReplicas": 0, "desiredReplicas": 0}})));
    }
    objects
}

fn encoded(pairs: &Pairs) -> Value {
    let encode = |text: &String| base64::engine::general_purpose::STANDARD.encode(text);
    pairs
        .iter()
        .map(|(k, v)| (k.clone(), Value::from(encode(v))))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn ingress(w: &Workload) -> Value {
    json!({"metadata": {"name": w.name, "namespace": w.namespace, "labels": labels(w), "generation": 1,
            "annotations": {"cert-manager.io/cluster-issuer": "letsencrypt"}},
        "spec": {"ingressClassName": "nginx", "tls": [{"hosts": [w.host], "secretName": format!("{}-tls", w.name)}],
            "rules": [{"host": w.host, "http": {"paths": [{"path": "/", "pathType": "Prefix",
                "backend": {"service": {"name": w.name, "port": {"name": "http"}}}}]}}]},
        "status": {"loadBalancer": {"ingress": [{"hostname": "k8s-ingress-4f1d.elb.eu-central-1.amazonaws.com"}]}}})
}

fn certificate(w: &Workload) -> Value {
    // one certificate is about to expire, as one always is
    let soon = w.name == "grafana";
    let (ready, reason, says) = if soon {
        (
            "False",
            "Expiring",
            "Certificate expires in less than 4 days and its renewal failed: order is in \"invalid\" state",
        )
    } else {
        (
            "True",
            "Ready",
            "Certificate is up to date and has not expired",
        )
    };
    json!({"metadata": {"name": format!("{}-tls", w.name), "namespace": w.namespace, "labels": labels(w), "generation": 1},
        "spec": {"secretName": format!("{}-tls", w.name), "dnsNames": [w.host], "issuerRef": {"name": "letsencrypt", "kind": "ClusterIssuer"}},
        "status": {"conditions": [{"type": "Ready", "status": ready, "reason": reason, "message": says, "observedGeneration": 1}], "revision": 3}})
}

/// The definitions of the custom resources, and one storage class.
pub(super) fn once(certificates: &'static Resource, backups: &'static Resource) -> Objects {
    let definition = |r: &'static Resource, columns: Value| {
        let names = json!({"plural": r.plural, "singular": r.singular, "kind": r.kind, "listKind": format!("{}List", r.kind), "shortNames": r.short});
        (
            &resource::DEFINITIONS,
            json!({"metadata": {"name": format!("{}.{}", r.plural, r.group), "generation": 1}, "spec": {"group": r.group, "scope": "Namespaced", "names": names,
                "conversion": {"strategy": "None"},
                "versions": [{"name": "v1", "served": true, "storage": true, "subresources": {"status": {}}, "additionalPrinterColumns": columns,
                    "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}]},
                "status": {"acceptedNames": names, "storedVersions": ["v1"], "conditions": [
                    {"type": "NamesAccepted", "status": "True", "reason": "NoConflicts", "message": "no conflicts found"},
                    {"type": "Established", "status": "True", "reason": "InitialNamesAccepted", "message": "the initial names have been accepted"}]}}),
        )
    };
    vec![
        definition(
            certificates,
            json!([
            {"name": "Ready", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].status"},
            {"name": "Secret", "type": "string", "jsonPath": ".spec.secretName"},
            {"name": "Issuer", "type": "string", "jsonPath": ".spec.issuerRef.name", "priority": 1},
            {"name": "Status", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].message", "priority": 1},
            {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp", "description": "CreationTimestamp of the object."}]),
        ),
        definition(
            backups,
            json!([
            {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
            {"name": "Cluster", "type": "string", "jsonPath": ".spec.cluster.name"},
            {"name": "Method", "type": "string", "jsonPath": ".spec.method"},
            {"name": "Phase", "type": "string", "jsonPath": ".status.phase"},
            {"name": "Error", "type": "string", "jsonPath": ".status.error"}]),
        ),
        (
            &resource::STORAGE_CLASSES,
            json!({"metadata": {"name": "gp3", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
            "provisioner": "ebs.csi.aws.com", "reclaimPolicy": "Delete", "volumeBindingMode": "WaitForFirstConsumer", "allowVolumeExpansion": true,
            "parameters": {"type": "gp3"}}),
        ),
    ]
}

/// A backup of a database, as its operator records it.
pub(super) fn backup(
    namespace: &str,
    day: usize,
    began: &str,
    ended: &str,
) -> (&'static Resource, Value) {
    let failed = day == 1;
    let mut status = json!({"phase": if failed { "failed" } else { "completed" }, "method": "barmanObjectStore", "startedAt": began, "stoppedAt": ended,
        "destinationPath": "s3://backups-eu/orders", "serverName": "orders"});
    if failed {
        set(
            &mut status,
            "/error",
            "can't execute backup: AccessDenied when calling PutObject",
        );
    }
    (
        &resource::BACKUPS,
        json!({"metadata": {"name": format!("orders-{}", began.get(..10).unwrap_or_default()), "namespace": namespace, "labels": {"cnpg.io/cluster": "orders"},
            "creationTimestamp": began}, "spec": {"cluster": {"name": "orders"}, "method": "barmanObjectStore", "target": "prefer-standby"}, "status": status}),
    )
}
