//! The horizontal pod autoscaler: utilisation against target, and why it does or does not scale.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::events::{Source, emit};
use super::life::later;
use super::load::{bytes, millicores, usage};
use super::pods::{condition, leaving, ready};
use crate::demo::kubernetes::select::selector_matches;
use crate::demo::world::item::{Dig as _, list, number, set, text};
use crate::demo::world::managed::{Writer, record};
use crate::demo::world::resource;
use crate::demo::world::{Cluster, seconds};

const FROM: Source<'_> = Source {
    component: "horizontal-pod-autoscaler",
    host: "",
    field: "",
};
const WRITER: Writer<'_> = Writer {
    manager: "kube-controller-manager",
    operation: "Update",
    subresource: "scale",
    api_version: "apps/v1",
};
/// How long a scale-down waits for the highest recommendation to pass.
const STABLE_MS: i64 = 300_000;
/// How far from its target a metric may be without a change.
const TOLERANCE: f64 = 0.1;

/// What one look at an autoscaler's target found.
struct Finding {
    current: i64,
    metrics: Vec<Value>,
    /// What the metrics alone ask for.
    wanted: i64,
    /// The metric that asked for the most.
    why: String,
}

/// Looks at all autoscalers.
pub(crate) fn run(c: &mut Cluster) {
    for scaler in c.all(&resource::AUTOSCALERS) {
        sync(c, &scaler);
    }
}

fn write(c: &mut Cluster, scaler: &Value, change: impl FnOnce(&mut Value, &str)) {
    let now = seconds(c.now);
    c.edit(
        &resource::AUTOSCALERS,
        text(scaler, "/metadata/namespace"),
        text(scaler, "/metadata/name"),
        |o| {
            set(
                o,
                "/status/observedGeneration",
                number(o, "/metadata/generation").max(1),
            );
            change(o, &now);
        },
    );
}

fn sync(c: &mut Cluster, scaler: &Value) {
    let namespace = text(scaler, "/metadata/namespace").to_owned();
    let target = text(scaler, "/spec/scaleTargetRef/name").to_owned();
    let Some(deployment) = c.get(&resource::DEPLOYMENTS, &namespace, &target) else {
        let says = format!(
            "the HPA controller was unable to get the target's current scale: deployments.apps \"{target}\" not found"
        );
        emit(
            c,
            (&resource::AUTOSCALERS, scaler),
            true,
            "FailedGetScale",
            &format!("deployments.apps \"{target}\" not found"),
            FROM,
        );
        write(c, scaler, |o, now| {
            condition(o, "AbleToScale", "False", "FailedGetScale", &says, now);
        });
        return;
    };
    let current = number(&deployment, "/spec/replicas");
    if current == 0 {
        write(c, scaler, |o, now| {
            condition(
                o,
                "AbleToScale",
                "True",
                "SucceededGetScale",
                "the HPA controller was able to get the target's current scale",
                now,
            );
            condition(
                o,
                "ScalingActive",
                "False",
                "ScalingDisabled",
                "scaling is disabled since the replica count of the target is zero",
                now,
            );
            set(o, "/status/currentReplicas", 0);
            set(o, "/status/desiredReplicas", 0);
        });
        return;
    }
    match measure(c, scaler, &deployment, current) {
        Err((reason, says)) => {
            emit(
                c,
                (&resource::AUTOSCALERS, scaler),
                true,
                reason,
                &says,
                FROM,
            );
            let message = format!("the HPA was unable to compute the replica count: {says}");
            write(c, scaler, |o, now| {
                condition(
                    o,
                    "AbleToScale",
                    "True",
                    "SucceededGetScale",
                    "the HPA controller was able to get the target's current scale",
                    now,
                );
                condition(o, "ScalingActive", "False", reason, &message, now);
                set(o, "/status/currentReplicas", current);
                set(o, "/status/desiredReplicas", current);
            });
        }
        Ok(finding) => decide(c, scaler, &deployment, &finding),
    }
}

fn measure(
    c: &Cluster,
    scaler: &Value,
    deployment: &Value,
    current: i64,
) -> Result<Finding, (&'static str, String)> {
    let namespace = text(scaler, "/metadata/namespace");
    let selector = deployment
        .pointer("/spec/selector")
        .cloned()
        .unwrap_or_default();
    let pods: Vec<Arc<Value>> = c
        .within(&resource::PODS, namespace)
        .filter(|p| {
            !leaving(p)
                && selector_matches(
                    &selector,
                    &p.pointer("/metadata/labels").cloned().unwrap_or_default(),
                )
        })
        .cloned()
        .collect();
    let mut finding = Finding {
        current,
        metrics: Vec::new(),
        wanted: 0,
        why: String::new(),
    };
    for metric in list(scaler, "/spec/metrics") {
        let name = text(metric, "/resource/name").to_owned();
        let target = number(metric, "/resource/target/averageUtilization").max(1);
        let read: fn(&str) -> i64 = if name == "cpu" { millicores } else { bytes };
        let (mut used, mut asked, mut counted) = (0, 0, 0);
        for pod in pods.iter().filter(|p| ready(p)) {
            let Some(container) = list(pod, "/spec/containers").first() else {
                continue;
            };
            let request = read(text(container, &format!("/resources/requests/{name}")));
            if request == 0 {
                let says = format!(
                    "failed to get {name} utilization: missing request for {name} in container {} of Pod {}",
                    text(container, "/name"),
                    text(pod, "/metadata/name")
                );
                return Err(("FailedGetResourceMetric", says));
            }
            let key = (namespace.to_owned(), text(pod, "/metadata/name").to_owned());
            if let Some((cpu, memory)) = c.live.lives.get(&key).and_then(|life| usage(c, pod, life))
            {
                used += if name == "cpu" { cpu } else { memory };
                asked += request;
                counted += 1;
            }
        }
        if counted == 0 {
            let says = format!(
                "failed to get {name} utilization: did not receive metrics for targeted pods (pods might be unready)"
            );
            return Err(("FailedGetResourceMetric", says));
        }
        let is = used * 100 / asked.max(1);
        let ratio = is as f64 / target as f64;
        let wanted = if (ratio - 1.0).abs() <= TOLERANCE {
            current
        } else {
            (ratio * f64::from(counted)).ceil() as i64
        };
        let average = used / i64::from(counted);
        let average = if name == "cpu" {
            format!("{average}m")
        } else {
            average.to_string()
        };
        finding.metrics.push(json!({"type": "Resource", "resource": {"name": name, "current": {"averageUtilization": is, "averageValue": average}}}));
        if wanted > finding.wanted || finding.why.is_empty() {
            finding.wanted = wanted;
            finding.why = format!(
                "{name} resource utilization (percentage of request) {} target",
                if ratio > 1.0 { "above" } else { "below" }
            );
        }
    }
    Ok(finding)
}

/// How many replicas it shall be, and what holds it.
struct Decision {
    desired: i64,
    /// A higher recommendation of the last minutes is still obeyed.
    held: bool,
    limit: (&'static str, &'static str, &'static str),
}

fn weigh(c: &mut Cluster, scaler: &Value, f: &Finding) -> Decision {
    let key = (
        text(scaler, "/metadata/namespace").to_owned(),
        text(scaler, "/metadata/name").to_owned(),
    );
    let least = scaler
        .dig("/spec/minReplicas")
        .and_then(Value::as_i64)
        .unwrap_or(1);
    let most = number(scaler, "/spec/maxReplicas");
    let window = scaler
        .dig("/spec/behavior/scaleDown/stabilizationWindowSeconds")
        .and_then(Value::as_i64)
        .map_or(STABLE_MS, |s| s * 1000);
    let now = c.now;
    let past = c.live.advice.entry(key).or_default();
    past.push_back((now, f.wanted));
    while past
        .front()
        .is_some_and(|(at, _)| later(*at, window.max(1)) < now)
    {
        past.pop_front();
    }
    let highest = past
        .iter()
        .map(|(_, wanted)| *wanted)
        .max()
        .unwrap_or(f.wanted);
    let disabled =
        |way: &str| text(scaler, &format!("/spec/behavior/{way}/selectPolicy")) == "Disabled";
    let mut stabilised = f.wanted.max(highest.min(f.current));
    if (stabilised > f.current && disabled("scaleUp"))
        || (stabilised < f.current && disabled("scaleDown"))
    {
        stabilised = f.current;
    }
    // not more than double, or four more, at once
    let quick = (f.current * 2).max(f.current + 4);
    let limit = if stabilised > most {
        (
            "True",
            "TooManyReplicas",
            "the desired replica count is more than the maximum replica count",
        )
    } else if f.wanted < least {
        (
            "True",
            "TooFewReplicas",
            "the desired replica count is less than the minimum replica count",
        )
    } else if stabilised > quick {
        (
            "True",
            "ScaleUpLimit",
            "the desired replica count is increasing faster than the maximum scale rate",
        )
    } else {
        (
            "False",
            "DesiredWithinRange",
            "the desired count is within the acceptable range",
        )
    };
    Decision {
        desired: stabilised.min(quick).clamp(least, most.max(least)),
        held: stabilised > f.wanted,
        limit,
    }
}

fn decide(c: &mut Cluster, scaler: &Value, deployment: &Value, f: &Finding) {
    let Decision {
        desired,
        held,
        limit,
    } = weigh(c, scaler, f);
    let why = format!(
        "the HPA was able to successfully calculate a replica count from {}",
        f.why
    );
    let metrics = f.metrics.clone();
    write(c, scaler, |o, now| {
        let (reason, says) = if desired != f.current {
            set(o, "/status/lastScaleTime", now);
            (
                "SucceededRescale",
                format!("the HPA controller was able to update the target scale to {desired}"),
            )
        } else if held {
            let says = "recent recommendations were higher than current one, applying the highest recent recommendation";
            ("ScaleDownStabilized", says.to_owned())
        } else {
            (
                "ReadyForNewScale",
                "recommended size matches current size".to_owned(),
            )
        };
        condition(o, "AbleToScale", "True", reason, &says, now);
        condition(o, "ScalingActive", "True", "ValidMetricFound", &why, now);
        condition(o, "ScalingLimited", limit.0, limit.1, limit.2, now);
        set(o, "/status/currentMetrics", metrics);
        set(o, "/status/currentReplicas", f.current);
        set(o, "/status/desiredReplicas", desired);
    });
    if desired != f.current {
        let says = format!("New size: {desired}; reason: {}", f.why);
        emit(
            c,
            (&resource::AUTOSCALERS, scaler),
            false,
            "SuccessfulRescale",
            &says,
            FROM,
        );
        rescale(c, deployment, desired);
    }
}

fn rescale(c: &mut Cluster, deployment: &Value, to: i64) {
    let now = seconds(c.now);
    c.edit(
        &resource::DEPLOYMENTS,
        text(deployment, "/metadata/namespace"),
        text(deployment, "/metadata/name"),
        |o| {
            let before = o.clone();
            set(o, "/spec/replicas", to);
            let generation = number(o, "/metadata/generation") + 1;
            set(o, "/metadata/generation", generation);
            record(Some(&before), o, WRITER, &now);
        },
    );
}

/// When all autoscalers are next looked at.
pub(crate) fn next(now: Timestamp) -> Timestamp {
    later(now, 15_000)
}
