//! The golden signals of services: how many requests, how many fail, how long they take, and how full the pods are.

use super::ground::{NAMESPACES, PODS, SERVICES, alternatives};
use super::{Builder, Form, Ground, Panel, pods};
use crate::model::{Health, Unit};

/// The six panels that the platforms look at first.
pub(super) const OVERVIEW: Builder = Builder {
    name: "overview",
    title: "Platform",
    doc: "Request rate, error rate, P95, CPU, memory and pod status at once",
    build: overview,
};

pub(super) const GOLDEN: Builder = Builder {
    name: "golden",
    title: "Golden signals",
    doc: "Requests, errors, latency and saturation by service",
    build: golden,
};

/// A share of failed requests that the platforms alert on.
const ERRORS: f64 = 0.05;
/// Seconds that a request may take.
const SLOW: f64 = 0.5;

/// Counters of requests, each with the histogram of their durations and whether that counts milliseconds.
const FAMILIES: &[(&str, &str, bool)] = &[
    (
        "http_requests_total",
        "http_request_duration_seconds_bucket",
        false,
    ),
    (
        "http_request_total",
        "http_request_duration_seconds_bucket",
        false,
    ),
    (
        "http_server_requests_seconds_count",
        "http_server_requests_seconds_bucket",
        false,
    ),
    (
        "http_server_request_duration_seconds_count",
        "http_server_request_duration_seconds_bucket",
        false,
    ),
    (
        "http_server_duration_milliseconds_count",
        "http_server_duration_milliseconds_bucket",
        true,
    ),
    (
        "http_request_duration_seconds_count",
        "http_request_duration_seconds_bucket",
        false,
    ),
    (
        "nginx_ingress_controller_requests",
        "nginx_ingress_controller_request_duration_seconds_bucket",
        false,
    ),
    (
        "istio_requests_total",
        "istio_request_duration_milliseconds_bucket",
        true,
    ),
    (
        "traefik_service_requests_total",
        "traefik_service_request_duration_seconds_bucket",
        false,
    ),
];
const STATUSES: &[&str] = &[
    "status",
    "code",
    "status_code",
    "http_status_code",
    "http_response_status_code",
    "response_code",
];
const MISSING: &str = "No service counts its requests: none of http_requests_total, http_server_requests_seconds_count, \
    nginx_ingress_controller_requests, istio_requests_total or their kin is there.";

/// How requests are counted here.
pub(super) struct Requests {
    counter: &'static str,
    buckets: Option<&'static str>,
    milliseconds: bool,
    /// The label that names a service.
    pub(super) by: &'static str,
    /// The label of the status code; none if there is none or it is not known yet.
    status: Option<&'static str>,
    legend: String,
}

/// Families whose labels must be known to divide by them.
pub(super) fn families() -> impl Iterator<Item = &'static str> {
    FAMILIES
        .iter()
        .flat_map(|(counter, buckets, _)| [*counter, *buckets])
}

impl Requests {
    pub(super) fn find(ground: &Ground<'_>) -> Option<Self> {
        let (counter, buckets, milliseconds) = FAMILIES
            .iter()
            .copied()
            .find(|(counter, ..)| ground.has(counter))?;
        let by = ground.known.label_or(counter, SERVICES, "service");
        Some(Self {
            counter,
            buckets: ground.has(buckets).then_some(buckets),
            milliseconds,
            by,
            status: ground.known.label(counter, STATUSES),
            legend: format!("{{{{{by}}}}}"),
        })
    }

    fn rate(&self, ground: &Ground<'_>, matchers: &str) -> String {
        let selector = ground.select(self.counter, matchers);
        format!("sum by ({}) (rate({selector}[$__rate_interval]))", self.by)
    }

    pub(super) fn rates(&self, ground: &Ground<'_>) -> Panel {
        Panel::new(
            "Request rate",
            Unit::PerSecond,
            self.rate(ground, ""),
            &self.legend,
        )
    }

    pub(super) fn errors(&self, ground: &Ground<'_>) -> Panel {
        let Some(status) = self.status else {
            let why = format!("{} has no label for the status code.", self.counter);
            return Panel::lacking("Error rate", why);
        };
        let all = self.rate(ground, "");
        let failed = self.rate(ground, &format!("{status}=~\"5..\""));
        // Where nothing failed there is no series of failures; that is none, not unknown.
        let promql = format!("({failed} or 0 * {all}) / ({all} > 0)");
        Panel::new("Error rate", Unit::Ratio, promql, &self.legend).above(ERRORS, Health::Bad)
    }

    /// The share of failed requests of a service (all, if it is empty) over `$window`.
    pub(super) fn share(&self, ground: &Ground<'_>, service: &str) -> Option<String> {
        let status = self.status?;
        let own = if service.is_empty() {
            String::new()
        } else {
            format!("{}=\"{}\"", self.by, alternatives(&[service.to_owned()]))
        };
        let rate = |matchers: &[&str]| {
            let matchers: Vec<&str> = matchers
                .iter()
                .copied()
                .filter(|it| !it.is_empty())
                .collect();
            let selector = ground.select(self.counter, &matchers.join(","));
            format!("sum(rate({selector}[$window]))")
        };
        let failed = rate(&[&format!("{status}=~\"5..\""), &own]);
        let all = rate(&[&own]);
        Some(format!("({failed} or 0 * {all}) / ({all} > 0)"))
    }

    fn quantile(&self, ground: &Ground<'_>, quantile: &str, by: &str) -> Option<String> {
        let selector = ground.select(self.buckets?, "");
        let by = if by.is_empty() {
            "le".to_owned()
        } else {
            format!("{by}, le")
        };
        let promql = format!(
            "histogram_quantile({quantile}, sum by ({by}) (rate({selector}[$__rate_interval])))"
        );
        Some(if self.milliseconds {
            format!("{promql} / 1000")
        } else {
            promql
        })
    }

    pub(super) fn latency(&self, ground: &Ground<'_>, title: &str, quantile: &str) -> Panel {
        let Some(promql) = self.quantile(ground, quantile, self.by) else {
            let why = format!("{} comes without a histogram of durations.", self.counter);
            return Panel::lacking(title, why);
        };
        Panel::new(title, Unit::Seconds, promql, &self.legend).above(SLOW, Health::Warn)
    }

    fn spread(&self, ground: &Ground<'_>) -> Panel {
        let quantiles = [
            ("0.5", "half within"),
            ("0.95", "95 % within"),
            ("0.99", "99 % within"),
        ];
        let mut panel = Panel {
            title: "Latency of all".to_owned(),
            unit: Unit::Seconds,
            ..Panel::default()
        };
        for (quantile, legend) in quantiles {
            match self.quantile(ground, quantile, "") {
                Some(promql) => panel = panel.and(promql, legend),
                None => return self.latency(ground, "Latency of all", quantile),
            }
        }
        panel
    }

    fn statuses(&self, ground: &Ground<'_>) -> Panel {
        let title = "Answers by status";
        let Some(status) = self.status else {
            return Panel::lacking(
                title,
                format!("{} has no label for the status code.", self.counter),
            );
        };
        let selector = ground.select(self.counter, "");
        let promql = format!("sum by ({status}) (rate({selector}[$__rate_interval]))");
        Panel::new(title, Unit::PerSecond, promql, &format!("{{{{{status}}}}}"))
    }
}

fn golden(ground: &Ground<'_>) -> Result<Vec<Panel>, String> {
    let requests = Requests::find(ground).ok_or(MISSING)?;
    Ok(vec![
        requests.rates(ground),
        requests.errors(ground),
        requests.latency(ground, "Latency, P95", "0.95"),
        requests.spread(ground),
        requests.statuses(ground),
        pods::cpu_of_limit(ground),
    ])
}

fn overview(ground: &Ground<'_>) -> Result<Vec<Panel>, String> {
    let requests = Requests::find(ground);
    if requests.is_none() && !pods::any(ground) {
        return Err(format!(
            "{MISSING} Neither are cAdvisor's nor kube-state-metrics' of pods."
        ));
    }
    let mut panels = match &requests {
        Some(requests) => vec![
            requests.rates(ground),
            requests.errors(ground),
            requests.latency(ground, "Response time, P95", "0.95"),
        ],
        None => ["Request rate", "Error rate", "Response time, P95"]
            .map(|title| Panel::lacking(title, MISSING))
            .to_vec(),
    };
    panels.extend([
        pods::cpu(ground),
        pods::memory(ground),
        pods::status(ground).form(Form::Bars),
    ]);
    Ok(panels)
}

/// Requests, errors and latency of what the ground is narrowed to.
pub(super) fn of(ground: &Ground<'_>) -> Vec<Panel> {
    let Some(requests) = Requests::find(ground) else {
        return Vec::new();
    };
    vec![
        requests.rates(ground),
        requests.errors(ground),
        requests.latency(ground, "Latency, P95", "0.95"),
    ]
}

/// The family of requests, with its labels for namespace, service and, where it has one, pod.
pub fn request_labels(
    ground: &Ground<'_>,
) -> Option<(
    &'static str,
    &'static str,
    &'static str,
    Option<&'static str>,
)> {
    let requests = Requests::find(ground)?;
    let namespace = ground
        .known
        .label_or(requests.counter, NAMESPACES, "namespace");
    let pod = ground.known.label(requests.counter, PODS);
    Some((requests.counter, namespace, requests.by, pod))
}
