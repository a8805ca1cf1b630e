//! An autoscaler as a row, with the truth about why it does not scale.

use super::conditions::{find, having};
use super::metric::{metrics, wanted};
use super::trouble::quote;
use super::{Interner, count, meta};
use crate::model::{EndpointId, Health, Hpa, HpaMetric};
use crate::sources::kubernetes::wire::message::autoscaling as message;
use crate::sources::kubernetes::wire::message::meta::ScaleCondition;

/// Makes the row of an autoscaler.
pub fn hpa(
    message: &message::HorizontalPodAutoscaler,
    interner: &mut Interner,
    endpoint: EndpointId,
) -> Hpa {
    let meta = meta(message.metadata.as_ref(), interner, endpoint);
    let spec = message.spec.clone().unwrap_or_default();
    let status = message.status.clone().unwrap_or_default();
    let target = spec.scale_target_ref.clone().unwrap_or_default();
    let scale = Scale {
        min: spec.min_replicas.map_or(1, count),
        max: count(spec.max_replicas),
        current: count(status.current_replicas),
        desired: count(status.desired_replicas),
    };
    let metrics = metrics(&spec, &status, interner);
    let (word, health, why) = if meta.deleting.is_some() {
        ("Terminating", Health::Busy, String::new())
    } else {
        judge(scale, &target, &metrics, &status.conditions)
    };
    Hpa {
        target_kind: interner.name(&target.kind),
        target_name: interner.name(&target.name),
        min: scale.min,
        max: scale.max,
        current: scale.current,
        desired: scale.desired,
        last_scale: status.last_scale_time.and_then(|time| time.moment()),
        metrics,
        health,
        status: interner.name(word),
        why: (!why.is_empty()).then(|| why.into()),
        meta,
    }
}

#[derive(Clone, Copy)]
struct Scale {
    min: u32,
    max: u32,
    current: u32,
    desired: u32,
}

type Verdict = (&'static str, Health, String);

/// The word, the health and the one line, from what hinders scaling most to what hinders it least.
fn judge(
    scale: Scale,
    target: &message::TargetRef,
    metrics: &[HpaMetric],
    conditions: &[ScaleCondition],
) -> Verdict {
    if conditions.is_empty() {
        return (
            "Starting",
            Health::Busy,
            "its controller has not looked at it yet".to_owned(),
        );
    }
    if let Some(unable) = having(conditions, "AbleToScale", "False") {
        return unable_to_scale(unable, target);
    }
    if let Some(inactive) = having(conditions, "ScalingActive", "False") {
        return blind(inactive, scale);
    }
    if scale.desired != scale.current {
        let why = format!("scaling from {} to {}", scale.current, scale.desired);
        return ("Scaling", Health::Busy, why);
    }
    if let Some(limited) = having(conditions, "ScalingLimited", "True") {
        return at_limit(limited, scale, metrics);
    }
    let waits = match find(conditions, "AbleToScale").map(|able| able.reason.as_str()) {
        Some("ScaleDownStabilized") => "waits: scale-down stabilisation",
        Some("ScaleUpStabilized") => "waits: scale-up stabilisation",
        Some("BackoffDownscale") => "waits after the last scale-down",
        Some("BackoffUpscale") => "waits after the last scale-up",
        Some("BackoffBoth") => "waits after the last scaling",
        _ => "",
    };
    if !waits.is_empty() {
        return ("Steady", Health::Good, waits.to_owned());
    }
    if let Some(unknown) = metrics.iter().find(|metric| metric.share.is_none()) {
        let why = format!("blind: {} is not measured", unknown.name);
        return ("Half blind", Health::Warn, why);
    }
    ("Steady", Health::Good, "on target".to_owned())
}

fn unable_to_scale(unable: &ScaleCondition, target: &message::TargetRef) -> Verdict {
    let why = match unable.reason.as_str() {
        "FailedGetScale" => {
            if unable.message.contains("not found") {
                format!("its target {}/{} does not exist", target.kind, target.name)
            } else {
                format!(
                    "cannot read the scale of its target: {}",
                    quote(&unable.message)
                )
            }
        }
        "FailedUpdateScale" => format!("cannot scale its target: {}", quote(&unable.message)),
        reason if reason.starts_with("Backoff") => {
            return (
                "Steady",
                Health::Good,
                "waits after the last scaling".to_owned(),
            );
        }
        reason => format!("{reason}: {}", quote(&unable.message)),
    };
    ("Blind", Health::Bad, why)
}

/// Why it does not compute a number of pods.
fn blind(inactive: &ScaleCondition, scale: Scale) -> Verdict {
    let message = inactive.message.as_str();
    let why = match inactive.reason.as_str() {
        "ScalingDisabled" => {
            let why = if scale.min == 0 && scale.current == 0 {
                "off: scaled to 0"
            } else {
                "off: target is scaled to 0"
            };
            return ("Off", Health::Idle, why.to_owned());
        }
        "InvalidSelector" => "blind: its target has no usable selector".to_owned(),
        "AmbiguousSelector" => "blind: another autoscaler claims the same pods".to_owned(),
        _ => {
            if let Some(missing) = missing_request(message) {
                missing
            } else if message.contains("pods might be unready") {
                let why = "blind: its pods are not ready, so they have no metrics".to_owned();
                return ("Blind", Health::Warn, why);
            } else if message.contains("no metrics returned") {
                let why = "blind: there are no metrics of its pods yet".to_owned();
                return ("Blind", Health::Warn, why);
            } else if let Some(api) = unavailable(message) {
                format!("blind: the cluster has no {api}")
            } else if message.is_empty() {
                format!("blind: {}", inactive.reason)
            } else {
                format!("blind: {}", quote(last(message)))
            }
        }
    };
    ("Blind", Health::Bad, why)
}

/// `missing request for cpu in container shop of Pod shop-1` in plain words.
fn missing_request(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("missing request for ")?;
    let mut words = rest.split_whitespace();
    let resource = words.next()?;
    if words.next() == Some("in") && words.next() == Some("container") {
        let container = words.next()?.trim_end_matches([',', ';']);
        return Some(format!(
            "blind: container {container} has no {resource} request"
        ));
    }
    Some(format!("blind: its pods have no {resource} request"))
}

/// Which metrics API does not answer, if that is the cause.
fn unavailable(message: &str) -> Option<&'static str> {
    let missing = message.contains("could not find the requested resource")
        || message.contains("currently unable to handle the request")
        || message.contains("no matches for kind");
    if !missing {
        return None;
    }
    Some(if message.contains("external.metrics.k8s.io") {
        "external metrics API (external.metrics.k8s.io)"
    } else if message.contains("custom.metrics.k8s.io") {
        "custom metrics API (custom.metrics.k8s.io)"
    } else {
        "metrics API (metrics-server)"
    })
}

/// What stands behind the controller's own preamble.
fn last(message: &str) -> &str {
    message
        .strip_prefix("the HPA was unable to compute the replica count: ")
        .unwrap_or(message)
}

/// What keeps it from the number of pods that its metrics ask for.
fn at_limit(limited: &ScaleCondition, scale: Scale, metrics: &[HpaMetric]) -> Verdict {
    let wanted = wanted(metrics, scale.current);
    match limited.reason.as_str() {
        "TooManyReplicas" => {
            let mut why = format!("at its maximum of {}", scale.max);
            if let Some(wanted) = wanted.filter(|wanted| *wanted > scale.max) {
                why = format!("{why}; the metrics ask for {wanted}");
            }
            ("At maximum", Health::Warn, why)
        }
        "TooFewReplicas" => {
            let mut why = format!("at its minimum of {}", scale.min);
            if let Some(wanted) = wanted.filter(|wanted| *wanted < scale.min) {
                why = format!("{why}; the metrics ask for {wanted}");
            }
            ("At minimum", Health::Good, why)
        }
        "ScaleUpLimit" => ("Scaling", Health::Busy, step("up", wanted)),
        "ScaleDownLimit" => ("Scaling", Health::Busy, step("down", wanted)),
        _ => ("Limited", Health::Warn, quote(&limited.message).to_owned()),
    }
}

fn step(direction: &str, wanted: Option<u32>) -> String {
    match wanted {
        Some(wanted) => format!("scales {direction} as fast as its policy lets it, to {wanted}"),
        None => format!("scales {direction} as fast as its policy lets it"),
    }
}
