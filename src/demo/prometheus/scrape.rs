//! What the simulated exporters say of a cluster: each series as a course over time, so that the hours before the first
//! look can be told as well as the moment.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::around;
use super::tsdb::{Labels, SCRAPE, Tsdb, labels};
use crate::demo::random::{fraction, hash};
use crate::demo::world::Cluster;
use crate::demo::world::item::{list, number, text};
use crate::demo::world::live::images::{Does, behaviour};
use crate::demo::world::live::life::{Life, Stage};
use crate::demo::world::live::load::{Course, bytes, millicores};
use crate::demo::world::resource;

/// Upper bounds of the histogram of durations, in seconds.
const BOUNDS: [(&str, f64); 10] = [
    ("0.01", 0.01),
    ("0.025", 0.025),
    ("0.05", 0.05),
    ("0.1", 0.1),
    ("0.25", 0.25),
    ("0.5", 0.5),
    ("1", 1.0),
    ("2.5", 2.5),
    ("5", 5.0),
    ("+Inf", f64::INFINITY),
];
const PHASES: [&str; 5] = ["Pending", "Running", "Succeeded", "Failed", "Unknown"];

/// A course of values; a counter's is how much it grows a second.
pub(super) type Values<'a> = Box<dyn Fn(Timestamp) -> Option<f64> + 'a>;

/// One series as it is told.
pub(super) struct Told<'a> {
    pub(super) name: &'static str,
    pub(super) labels: Labels,
    pub(super) counter: bool,
    pub(super) values: Values<'a>,
}

/// Everything told of a cluster.
#[derive(Default)]
pub(super) struct Page<'a> {
    pub(super) told: Vec<Told<'a>>,
}

impl<'a> Page<'a> {
    pub(super) fn gauge(
        &mut self,
        name: &'static str,
        of: Labels,
        values: impl Fn(Timestamp) -> Option<f64> + 'a,
    ) {
        self.told.push(Told {
            name,
            labels: of,
            counter: false,
            values: Box::new(values),
        });
    }

    pub(super) fn counter(
        &mut self,
        name: &'static str,
        of: Labels,
        values: impl Fn(Timestamp) -> Option<f64> + 'a,
    ) {
        self.told.push(Told {
            name,
            labels: of,
            counter: true,
            values: Box::new(values),
        });
    }

    /// A value that is what it is now, since a time.
    pub(super) fn fact(
        &mut self,
        name: &'static str,
        of: Labels,
        since: Option<Timestamp>,
        value: f64,
    ) {
        self.gauge(name, of, move |at| {
            since.is_none_or(|since| at >= since).then_some(value)
        });
    }
}

/// Takes in every scrape that is due.
pub(crate) fn keep_up(tsdb: &mut Tsdb, c: &Cluster) {
    let due = tsdb.due(c.now.as_second());
    if due.is_empty() {
        return;
    }
    let page = page(c);
    for told in &page.told {
        for scrape in due.clone() {
            let Ok(at) = Timestamp::from_second(scrape * SCRAPE) else {
                continue;
            };
            let Some(value) = (told.values)(at) else {
                continue;
            };
            if told.counter {
                tsdb.counter(
                    told.name,
                    Arc::clone(&told.labels),
                    scrape,
                    value * SCRAPE as f64,
                );
            } else {
                tsdb.gauge(told.name, Arc::clone(&told.labels), scrape, value);
            }
        }
    }
    tsdb.scraped(*due.end());
}

fn page(c: &Cluster) -> Page<'_> {
    let mut page = Page::default();
    for pod in c.within_all(&resource::PODS) {
        let key = (
            text(pod, "/metadata/namespace").to_owned(),
            text(pod, "/metadata/name").to_owned(),
        );
        if let Some(life) = c.live.lives.get(&key) {
            of_pod(&mut page, c, pod, life);
        }
    }
    for deployment in c.within_all(&resource::DEPLOYMENTS) {
        let of = labels(&[
            ("namespace", text(deployment, "/metadata/namespace")),
            ("deployment", text(deployment, "/metadata/name")),
            ("job", "kube-state-metrics"),
        ]);
        let (wanted, there) = (
            number(deployment, "/spec/replicas") as f64,
            number(deployment, "/status/availableReplicas") as f64,
        );
        page.fact(
            "kube_deployment_spec_replicas",
            Arc::clone(&of),
            None,
            wanted,
        );
        page.fact("kube_deployment_status_replicas_available", of, None, there);
    }
    around::nodes(&mut page, c);
    around::exporters(&mut page, c);
    page
}

fn of_pod<'a>(page: &mut Page<'a>, c: &'a Cluster, pod: &'a Value, life: &Life) {
    let (namespace, name) = (
        text(pod, "/metadata/namespace"),
        text(pod, "/metadata/name"),
    );
    let service = match text(pod, "/metadata/labels/app") {
        "" => life.workload.as_str(),
        app => app,
    };
    let Some(container) = list(pod, "/spec/containers").first() else {
        return;
    };
    let born = life.taken;
    let state = labels(&[
        ("namespace", namespace),
        ("pod", name),
        ("container", text(container, "/name")),
        ("job", "kube-state-metrics"),
    ]);
    page.fact(
        "kube_pod_container_status_restarts_total",
        Arc::clone(&state),
        born,
        life.restarts as f64,
    );
    let reason = match life.stage {
        Stage::BackOff | Stage::InitBackOff => "CrashLoopBackOff",
        Stage::PullBackOff => "ImagePullBackOff",
        Stage::PullError => "ErrImagePull",
        Stage::Creating => "ContainerCreating",
        _ => "",
    };
    if !reason.is_empty() {
        let of = labels(&[
            ("namespace", namespace),
            ("pod", name),
            ("container", text(container, "/name")),
            ("reason", reason),
            ("job", "kube-state-metrics"),
        ]);
        page.fact(
            "kube_pod_container_status_waiting_reason",
            of,
            Some(life.since),
            1.0,
        );
    }
    state_of(page, pod, container, [namespace, name], born);
    let serves = serves(service, life);
    if serves {
        let of = labels(&[
            ("namespace", namespace),
            ("pod", name),
            ("service", service),
            ("job", "kubernetes-pods"),
        ]);
        page.fact(
            "up",
            of,
            life.started,
            f64::from(u8::from(life.stage == Stage::Running)),
        );
    }
    let (Some(course), Some(started)) = (Course::of(c, pod, life), life.started) else {
        return;
    };
    let course = Arc::new(course);
    usage(
        page,
        &course,
        namespace,
        name,
        text(container, "/name"),
        started,
    );
    if serves {
        let does = behaviour(&c.live.images, text(container, "/image")).does;
        requests(page, &course, does, [namespace, name, service], life);
    }
}

/// Phase and limits, as kube-state-metrics tells them.
fn state_of(
    page: &mut Page<'_>,
    pod: &Value,
    container: &Value,
    [namespace, name]: [&str; 2],
    born: Option<Timestamp>,
) {
    let phase = text(pod, "/status/phase");
    for known in PHASES {
        let of = labels(&[
            ("namespace", namespace),
            ("pod", name),
            ("phase", known),
            ("job", "kube-state-metrics"),
        ]);
        page.fact(
            "kube_pod_status_phase",
            of,
            born,
            f64::from(u8::from(known == phase)),
        );
    }
    for (resource, limit) in [
        (
            "cpu",
            millicores(text(container, "/resources/limits/cpu")) as f64 / 1000.0,
        ),
        (
            "memory",
            bytes(text(container, "/resources/limits/memory")) as f64,
        ),
    ] {
        if limit > 0.0 {
            let of = labels(&[
                ("namespace", namespace),
                ("pod", name),
                ("container", text(container, "/name")),
                ("resource", resource),
                ("job", "kube-state-metrics"),
            ]);
            page.fact("kube_pod_container_resource_limits", of, born, limit);
        }
    }
}

/// Whether a workload answers requests.
fn serves(service: &str, life: &Life) -> bool {
    let silent = [
        "postgres", "redis", "exporter", "agent", "proxy", "backup", "migrate", "worker", "kafka",
        "coredns",
    ];
    !silent.iter().any(|word| service.contains(word)) && !matches!(life.stage, Stage::Done)
}

fn usage(
    page: &mut Page<'_>,
    course: &Arc<Course>,
    namespace: &str,
    pod: &str,
    container: &str,
    started: Timestamp,
) {
    let of = labels(&[
        ("namespace", namespace),
        ("pod", pod),
        ("container", container),
        ("job", "kubernetes-cadvisor"),
    ]);
    let since = move |at: Timestamp| at >= started;
    let own = Arc::clone(course);
    page.counter(
        "container_cpu_usage_seconds_total",
        Arc::clone(&of),
        move |at| since(at).then(|| own.at(at).0 / 1000.0),
    );
    let own = Arc::clone(course);
    page.gauge(
        "container_memory_working_set_bytes",
        Arc::clone(&of),
        move |at| since(at).then(|| own.at(at).1),
    );
    page.counter(
        "container_cpu_cfs_periods_total",
        Arc::clone(&of),
        move |at| since(at).then_some(10.0),
    );
    let own = Arc::clone(course);
    page.counter("container_cpu_cfs_throttled_periods_total", of, move |at| {
        since(at).then(|| (own.traffic(at) - 1.0).max(0.0) * 4.0)
    });
}

/// Requests with their durations: what an image does shows in both.
fn requests(
    page: &mut Page<'_>,
    course: &Arc<Course>,
    does: Does,
    [namespace, pod, service]: [&str; 3],
    life: &Life,
) {
    let Some(since) = life.ready_since.or(life.started) else {
        return;
    };
    let subject = hash(service);
    let part = course.part();
    let rate = move |course: &Course, at: Timestamp| {
        (at >= since).then(|| (part * 0.12 + 0.4) * course.traffic(at))
    };
    let failing = match does {
        Does::Errors => 0.207,
        Does::Crash | Does::OutOfMemory => 0.5,
        _ => 0.0012 + 0.003 * fraction(subject, 5),
    };
    let other = 0.015 + 0.02 * fraction(subject, 6);
    for (status, share) in [
        ("200", 1.0 - failing - other),
        ("404", other),
        ("500", failing),
    ] {
        let of = labels(&[
            ("namespace", namespace),
            ("pod", pod),
            ("service", service),
            ("status", status),
            ("job", "kubernetes-pods"),
        ]);
        let own = Arc::clone(course);
        page.counter("http_requests_total", of, move |at| {
            // Now and then more goes wrong for a minute, as it does.
            let unrest = if status == "500" {
                1.0 + 2.0 * spell(subject, at)
            } else {
                1.0
            };
            Some(rate(&own, at)? * share * unrest)
        });
    }
    let usual = 0.03 + 0.09 * fraction(subject, 7);
    for (name, bound) in BOUNDS {
        let of = labels(&[
            ("namespace", namespace),
            ("pod", pod),
            ("service", service),
            ("le", name),
            ("job", "kubernetes-pods"),
        ]);
        let own = Arc::clone(course);
        page.counter("http_request_duration_seconds_bucket", of, move |at| {
            let pressed = (own.traffic(at) - 0.6).max(0.4);
            let slow = if matches!(does, Does::Errors) {
                6.0
            } else {
                1.0
            };
            let median: f64 = usual * pressed * slow;
            let within = if bound.is_infinite() {
                1.0
            } else {
                1.0 / (1.0 + (median / bound).powi(3))
            };
            Some(rate(&own, at)? * within)
        });
    }
}

/// From 0 to 1: how bad a short spell of trouble is, which comes a few times an hour.
fn spell(subject: u64, at: Timestamp) -> f64 {
    let minute = at.as_second().div_euclid(60) as u64;
    let there = fraction(subject ^ minute, 8);
    if there > 0.95 {
        (there - 0.95) * 20.0
    } else {
        0.0
    }
}
