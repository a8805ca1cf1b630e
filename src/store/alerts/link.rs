//! Which object an alert is about, from its labels, in a fixed order from sure to likely, with the reason. What cannot be
//! told is not guessed: an alert about the business has no workload.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use super::Alert;
use super::labels::{Path, address_of, first, namespace_of, pod_of, services};
use crate::model::{
    EndpointId, Engine, Key, Kind, Labels, Name, Pod, Target, Workload, WorkloadKind,
};
use crate::store::Store;

/// Objects that one alert may be about at most; more are none.
const MOST: usize = 9;

/// What an alert is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// Several if its labels fit several.
    pub targets: Vec<Target>,
    pub confidence: Confidence,
    /// `label namespace + service → Service → Deployment`
    pub reason: String,
}

/// How sure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// Its labels name it.
    Exact,
    /// Its labels lead to it.
    Likely,
    /// There are several.
    Several,
}

impl Confidence {
    pub fn word(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Likely => "likely",
            Self::Several => "several",
        }
    }
}

/// What labels are looked up in; made once for all alerts.
struct Index<'a> {
    store: &'a Store,
    workloads: HashMap<(EndpointId, &'a str, &'a str), Vec<&'a Workload>>,
    pods: HashMap<Path<'a>, &'a Pod>,
    addresses: HashMap<IpAddr, &'a Pod>,
    services: HashMap<Path<'a>, Labels>,
}

/// Finds the object of each alert.
pub(super) fn link(store: &Store, alerts: &mut [Alert]) {
    let index = Index::new(store, alerts);
    for alert in alerts {
        let home = home(store, alert);
        alert.link = index.find(&alert.meta.labels, home);
        if alert.meta.namespace.is_empty()
            && let Some(target) = alert.target()
        {
            alert.meta.namespace = target.namespace.clone();
        }
    }
}

/// The cluster that an alert's Prometheus belongs to, if they have the same name.
fn home(store: &Store, alert: &Alert) -> Option<EndpointId> {
    let reporter = alert.reporters.first()?;
    let name = &store.endpoint(*reporter)?.name;
    let own = alert.meta.labels.get("cluster");
    let mut places = store.places();
    let found = places.find(|place| place.name == *name || own == Some(place.name.as_str()));
    found.map(|place| place.id)
}

impl<'a> Index<'a> {
    fn new(store: &'a Store, alerts: &[Alert]) -> Self {
        let mut wanted: HashSet<&str> = HashSet::new();
        let mut wanted_ips: HashSet<IpAddr> = HashSet::new();
        for alert in alerts {
            let labels = &alert.meta.labels;
            wanted.extend(pod_of(labels).map(|(_, pod)| pod));
            wanted_ips.extend(address_of(labels));
        }
        let mut pods = HashMap::new();
        let mut addresses = HashMap::new();
        if !wanted.is_empty() || !wanted_ips.is_empty() {
            for (_, pod) in store.pods().iter() {
                if wanted.contains(pod.meta.name.as_str()) {
                    let path = (
                        pod.meta.key.endpoint,
                        pod.meta.namespace.as_str(),
                        pod.meta.name.as_str(),
                    );
                    pods.insert(path, pod);
                }
                if let Some(ip) = pod.ip.filter(|ip| wanted_ips.contains(ip)) {
                    addresses.insert(ip, pod);
                }
            }
        }
        let mut workloads: HashMap<_, Vec<&Workload>> = HashMap::new();
        for (_, workload) in store.workloads().iter() {
            // What a Deployment or a CronJob makes is not what an operator means.
            if workload.kind == WorkloadKind::ReplicaSet || workload.meta.owner.is_some() {
                continue;
            }
            let meta = &workload.meta;
            let path = (
                meta.key.endpoint,
                meta.namespace.as_str(),
                meta.name.as_str(),
            );
            workloads.entry(path).or_default().push(workload);
        }
        Self {
            store,
            workloads,
            pods,
            addresses,
            services: services(store),
        }
    }

    fn places(&self, home: Option<EndpointId>, engine: Engine) -> Vec<EndpointId> {
        let places = self.store.places();
        let places = places.filter(|place| place.engine == engine);
        places
            .map(|place| place.id)
            .filter(|id| home.is_none_or(|home| home == *id || engine == Engine::Docker))
            .collect()
    }

    fn find(&self, labels: &Labels, home: Option<EndpointId>) -> Option<Link> {
        let clusters = self.places(home, Engine::Kubernetes);
        self.named(labels, &clusters)
            .or_else(|| self.by_pod(labels, &clusters))
            .or_else(|| self.by_address(labels, &clusters))
            .or_else(|| self.in_docker(labels, &self.places(home, Engine::Docker)))
            .or_else(|| self.by_service(labels, &clusters))
            .or_else(|| self.other(labels, &clusters))
    }

    /// Its labels name a workload.
    fn named(&self, labels: &Labels, clusters: &[EndpointId]) -> Option<Link> {
        const KINDS: [(&str, WorkloadKind); 5] = [
            ("deployment", WorkloadKind::Deployment),
            ("statefulset", WorkloadKind::StatefulSet),
            ("daemonset", WorkloadKind::DaemonSet),
            ("cronjob", WorkloadKind::CronJob),
            ("job_name", WorkloadKind::Job),
        ];
        let (space, namespace) = namespace_of(labels)?;
        let link = |targets: Vec<Target>, label: &str| {
            found(
                targets,
                Confidence::Exact,
                format!("label {space} + {label}"),
            )
        };
        for (label, kind) in KINDS {
            let Some(name) = labels.get(label).filter(|name| !name.is_empty()) else {
                continue;
            };
            let targets = self.targets(clusters, namespace, name, |it| it.kind == kind);
            if let Some(link) = link(targets, label) {
                return Some(link);
            }
        }
        let name = labels.get("horizontalpodautoscaler")?;
        let scalers = self.store.hpas().iter().map(|(_, hpa)| hpa);
        let scalers = scalers.filter(|hpa| {
            clusters.contains(&hpa.meta.key.endpoint)
                && hpa.meta.namespace.as_str() == namespace
                && hpa.meta.name.as_str() == name
        });
        let targets = scalers.flat_map(|hpa| {
            let kind = hpa.target_kind.as_str();
            self.targets(clusters, namespace, &hpa.target_name, |it| {
                it.kind.name() == kind
            })
        });
        link(targets.collect(), "horizontalpodautoscaler")
    }

    /// Its labels name a pod, which a workload owns.
    fn by_pod(&self, labels: &Labels, clusters: &[EndpointId]) -> Option<Link> {
        let (label, name) = pod_of(labels)?;
        let (space, namespace) = namespace_of(labels)?;
        for cluster in clusters {
            if let Some(pod) = self.pods.get(&(*cluster, namespace, name)) {
                let (target, how) = self.owner(pod);
                let reason = format!("label {space} + {label} → Pod{how}");
                return found(vec![target], Confidence::Exact, reason);
            }
        }
        // The pod is gone: its name begins with that of its workload.
        let mut stem = name;
        while let Some((before, _)) = stem.rsplit_once('-') {
            stem = before;
            let targets = self.targets(clusters, namespace, stem, |_| true);
            if !targets.is_empty() {
                let reason =
                    format!("label {space} + {label}: the pod is gone, its name begins so");
                return found(targets, Confidence::Likely, reason);
            }
        }
        None
    }

    fn by_address(&self, labels: &Labels, clusters: &[EndpointId]) -> Option<Link> {
        let ip = address_of(labels)?;
        if let Some(pod) = self.addresses.get(&ip)
            && clusters.contains(&pod.meta.key.endpoint)
        {
            let (target, how) = self.owner(pod);
            let reason = format!("label instance → address of a Pod{how}");
            return found(vec![target], Confidence::Likely, reason);
        }
        let text = ip.to_string();
        let nodes = self.store.nodes().iter().map(|(_, node)| node);
        let mut nodes = nodes.filter(|node| {
            clusters.contains(&node.meta.key.endpoint) && node.internal_ip.as_str() == text
        });
        let node = nodes.next()?;
        let target = object(&node.meta.key, Kind::Node, "", &node.meta.name);
        found(
            vec![target],
            Confidence::Likely,
            "label instance → address of a Node".to_owned(),
        )
    }

    /// The names that Compose, cAdvisor and Docker's service discovery give.
    fn in_docker(&self, labels: &Labels, hosts: &[EndpointId]) -> Option<Link> {
        let service = first(
            labels,
            &[
                "container_label_com_docker_compose_service",
                "com_docker_compose_service",
            ],
        );
        if let Some((_, service)) = service {
            let project = first(
                labels,
                &[
                    "container_label_com_docker_compose_project",
                    "com_docker_compose_project",
                ],
            );
            let targets = match project {
                Some((_, project)) => self.targets(hosts, project, service, |_| true),
                None => self.anywhere(hosts, service),
            };
            let reason = "labels of Compose: project + service".to_owned();
            return found(targets, Confidence::Exact, reason);
        }
        let name = first(labels, &["name", "container_name", "container"]);
        let id = labels.get("id").and_then(|id| id.strip_prefix("/docker/"));
        let containers = self.store.docker().iter().map(|(_, container)| container);
        let container = containers
            .filter(|container| hosts.contains(&container.meta.key.endpoint))
            .find(|container| {
                name.is_some_and(|(_, name)| container.meta.name.as_str() == name)
                    || id.is_some_and(|id| container.id.as_str() == id)
            })?;
        let meta = &container.meta;
        let owner = &container.service;
        let owners = self.targets(&[meta.key.endpoint], &meta.namespace, owner, |_| true);
        let (targets, how) = if owners.is_empty() {
            let own = object(&meta.key, Kind::Container, &meta.namespace, &meta.name);
            (vec![own], "")
        } else {
            (owners, " → its service")
        };
        let by = name.map_or("id", |(label, _)| label);
        found(
            targets,
            Confidence::Exact,
            format!("label {by} → container{how}"),
        )
    }

    /// Its labels name a Service, or what an application is called.
    fn by_service(&self, labels: &Labels, clusters: &[EndpointId]) -> Option<Link> {
        const NAMES: [&str; 5] = [
            "exported_service",
            "service",
            "app",
            "app_kubernetes_io_name",
            "job",
        ];
        let space = namespace_of(labels);
        for label in NAMES {
            let Some(name) = labels.get(label).filter(|name| !name.is_empty()) else {
                continue;
            };
            let Some((space, namespace)) = space else {
                let targets = self.anywhere(clusters, name);
                let reason = format!("label {label}, in any namespace");
                if let Some(link) = found(targets, Confidence::Likely, reason) {
                    return Some(link);
                }
                continue;
            };
            let mut targets = Vec::new();
            for cluster in clusters {
                if let Some(selector) = self.services.get(&(*cluster, namespace, name)) {
                    targets.extend(self.chosen(*cluster, namespace, selector));
                }
            }
            if !targets.is_empty() {
                let kind = targets.first().map(|target| target.kind.name().to_owned());
                let kind = kind.unwrap_or_default();
                let reason = format!("label {space} + {label} → Service → {kind}");
                // A Prometheus names a job as it likes; only by chance is it that of a Service.
                let sure = if label == "job" {
                    Confidence::Likely
                } else {
                    Confidence::Exact
                };
                return found(targets, sure, reason);
            }
            let targets = self.targets(clusters, namespace, name, |_| true);
            let reason = format!("label {space} + {label}: of the same name");
            if let Some(link) = found(targets, Confidence::Likely, reason) {
                return Some(link);
            }
        }
        None
    }

    /// A node, or a volume claim.
    fn other(&self, labels: &Labels, clusters: &[EndpointId]) -> Option<Link> {
        let host = labels
            .get("instance")
            .map(|it| it.split(':').next().unwrap_or(it));
        for (label, name) in [("node", labels.get("node")), ("instance", host)] {
            let Some(name) = name.filter(|name| !name.is_empty()) else {
                continue;
            };
            let nodes = self.store.nodes().iter().map(|(_, node)| node);
            let nodes = nodes.filter(|node| {
                clusters.contains(&node.meta.key.endpoint) && node.meta.name.as_str() == name
            });
            let nodes = nodes.map(|it| object(&it.meta.key, Kind::Node, "", &it.meta.name));
            let reason = format!("label {label} → Node");
            if let Some(link) = found(nodes.collect(), Confidence::Exact, reason) {
                return Some(link);
            }
        }
        let (_, namespace) = namespace_of(labels)?;
        let claim = labels.get("persistentvolumeclaim")?;
        let cluster = clusters.first()?;
        let target = Target {
            endpoint: *cluster,
            kind: Kind::PersistentVolumeClaim,
            namespace: Name::new(namespace),
            name: Name::new(claim),
            uid: None,
        };
        found(
            vec![target],
            Confidence::Exact,
            "label persistentvolumeclaim".to_owned(),
        )
    }

    fn targets(
        &self,
        places: &[EndpointId],
        namespace: &str,
        name: &str,
        fits: impl Fn(&Workload) -> bool,
    ) -> Vec<Target> {
        let mut targets = Vec::new();
        for place in places {
            let list = self.workloads.get(&(*place, namespace, name));
            let list = list.into_iter().flatten().filter(|workload| fits(workload));
            targets.extend(list.map(|workload| of(workload)));
        }
        targets
    }

    /// Workloads of a name in whatever namespace.
    fn anywhere(&self, places: &[EndpointId], name: &str) -> Vec<Target> {
        let all = self.workloads.iter();
        let all = all.filter(|((place, _, own), _)| places.contains(place) && *own == name);
        let mut targets: Vec<Target> = all.flat_map(|(_, list)| list).map(|it| of(it)).collect();
        targets.sort_by(|one, other| {
            (one.endpoint, &one.namespace).cmp(&(other.endpoint, &other.namespace))
        });
        targets
    }

    /// Workloads whose pods a Service chooses.
    fn chosen(&self, cluster: EndpointId, namespace: &str, selector: &Labels) -> Vec<Target> {
        let all = self.workloads.iter();
        let all = all.filter(|((place, space, _), _)| *place == cluster && *space == namespace);
        let all = all.flat_map(|(_, list)| list);
        let chosen = all.filter(|workload| workload.selector.chosen_by(selector));
        chosen.map(|workload| of(workload)).collect()
    }

    /// The workload of a pod, and the way there in words; the pod itself if nothing known owns it.
    fn owner(&self, pod: &Pod) -> (Target, String) {
        let (place, namespace) = (pod.meta.key.endpoint, pod.meta.namespace.as_str());
        let own = || object(&pod.meta.key, Kind::Pod, namespace, &pod.meta.name);
        let Some(owner) = &pod.meta.owner else {
            return (own(), String::new());
        };
        let direct = self.targets(&[place], namespace, &owner.name, |workload| {
            workload.kind.name() == owner.kind.as_str()
        });
        if let Some(target) = direct.into_iter().next() {
            let way = format!(" → {}", owner.kind);
            return (target, way);
        }
        // A ReplicaSet's or a Job's name is its maker's with a part of its own behind.
        if let Some((stem, _)) = owner.name.rsplit_once('-') {
            let makers = self.targets(&[place], namespace, stem, |workload| {
                matches!(
                    workload.kind,
                    WorkloadKind::Deployment | WorkloadKind::CronJob
                ) && (workload.selector.is_empty() || pod.meta.labels.chosen_by(&workload.selector))
            });
            if let Some(target) = makers.into_iter().next() {
                let way = format!(" → {} → {}", owner.kind, target.kind.name());
                return (target, way);
            }
        }
        (own(), String::new())
    }
}

fn of(workload: &Workload) -> Target {
    let meta = &workload.meta;
    object(&meta.key, workload.kind.kind(), &meta.namespace, &meta.name)
}

fn object(key: &Key, kind: Kind, namespace: &str, name: &str) -> Target {
    Target {
        endpoint: key.endpoint,
        kind,
        namespace: Name::new(namespace),
        name: Name::new(name),
        uid: Some(key.uid),
    }
}

fn found(targets: Vec<Target>, sure: Confidence, reason: String) -> Option<Link> {
    if targets.is_empty() || targets.len() > MOST {
        return None;
    }
    let confidence = if targets.len() > 1 {
        Confidence::Several
    } else {
        sure
    };
    Some(Link {
        targets,
        confidence,
        reason,
    })
}
