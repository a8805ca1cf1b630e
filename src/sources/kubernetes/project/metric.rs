//! The metrics of an autoscaler: what is measured against what is wanted.

use super::Interner;
use crate::model::{HpaMetric, Quantity, Text};
use crate::sources::kubernetes::wire::message::autoscaling::{
    HpaSpec, HpaStatus, MetricSpec, MetricStatus, MetricTarget, MetricValue,
};
use crate::sources::kubernetes::wire::message::meta::Quantity as Written;

/// Whether a resource is counted in bytes.
#[derive(Clone, Copy, PartialEq)]
enum Unit {
    Bytes,
    Plain,
}

/// Each metric that is asked for, with what is known of it.
pub(super) fn metrics(
    spec: &HpaSpec,
    status: &HpaStatus,
    interner: &mut Interner,
) -> Vec<HpaMetric> {
    spec.metrics
        .iter()
        .map(|asked| {
            let (key, target) = asked_for(asked);
            let current = status
                .current_metrics
                .iter()
                .map(measured)
                .find(|(other, _)| *other == key)
                .and_then(|(_, value)| value);
            let unit = if key.name == "memory" || key.name.ends_with("_bytes") {
                Unit::Bytes
            } else {
                Unit::Plain
            };
            let (share, current, wanted) = compare(target, current, unit);
            let name = if key.container.is_empty() {
                key.name.to_owned()
            } else {
                format!("{} of {}", key.name, key.container)
            };
            HpaMetric {
                name: interner.name(&name),
                share,
                current,
                target: wanted,
            }
        })
        .collect()
}

/// How many pods the metrics ask for, as the controller counts: the most that any of them does, if it is more than a
/// tenth off its target.
pub(super) fn wanted(metrics: &[HpaMetric], current: u32) -> Option<u32> {
    metrics
        .iter()
        .filter_map(|metric| metric.share)
        .map(|share| {
            if (share - 1.0).abs() <= 0.1 {
                current
            } else {
                (f64::from(current) * share).ceil().clamp(0.0, 1e9) as u32
            }
        })
        .max()
}

#[derive(Debug, PartialEq)]
struct MetricKey<'a> {
    kind: &'a str,
    name: &'a str,
    container: &'a str,
    object: &'a str,
}

fn asked_for(spec: &MetricSpec) -> (MetricKey<'_>, Option<&MetricTarget>) {
    let mut key = MetricKey {
        kind: &spec.kind,
        name: "",
        container: "",
        object: "",
    };
    let mut target = None;
    if let Some(source) = spec.resource.as_ref().or(spec.container_resource.as_ref()) {
        key.name = &source.name;
        key.container = &source.container;
        target = source.target.as_ref();
    } else if let Some(source) = spec.pods.as_ref().or(spec.external.as_ref()) {
        key.name = source.metric.as_ref().map_or("", |metric| &metric.name);
        target = source.target.as_ref();
    } else if let Some(source) = &spec.object {
        key.name = source.metric.as_ref().map_or("", |metric| &metric.name);
        key.object = source.described_object.as_ref().map_or("", |one| &one.name);
        target = source.target.as_ref();
    }
    (key, target)
}

fn measured(status: &MetricStatus) -> (MetricKey<'_>, Option<&MetricValue>) {
    let mut key = MetricKey {
        kind: &status.kind,
        name: "",
        container: "",
        object: "",
    };
    let mut value = None;
    if let Some(source) = status
        .resource
        .as_ref()
        .or(status.container_resource.as_ref())
    {
        key.name = &source.name;
        key.container = &source.container;
        value = source.current.as_ref();
    } else if let Some(source) = status.pods.as_ref().or(status.external.as_ref()) {
        key.name = source.metric.as_ref().map_or("", |metric| &metric.name);
        value = source.current.as_ref();
    } else if let Some(source) = &status.object {
        key.name = source.metric.as_ref().map_or("", |metric| &metric.name);
        key.object = source.described_object.as_ref().map_or("", |one| &one.name);
        value = source.current.as_ref();
    }
    (key, value)
}

/// Share, current and target in words.
fn compare(
    target: Option<&MetricTarget>,
    current: Option<&MetricValue>,
    unit: Unit,
) -> (Option<f64>, Text, Text) {
    let nothing = (None, Text::default(), Text::default());
    let Some(target) = target else {
        return nothing;
    };
    if let Some(wanted) = target.average_utilization {
        let now = current.and_then(|current| current.average_utilization);
        let share = now
            .filter(|_| wanted > 0)
            .map(|now| f64::from(now) / f64::from(wanted));
        return (
            share,
            now.map_or_else(Text::default, |now| now.to_string().into()),
            format!("{wanted} %").into(),
        );
    }
    let (wanted, now) = match (&target.average_value, &target.value) {
        (Some(wanted), _) => (
            wanted,
            current.and_then(|current| current.average_value.as_ref()),
        ),
        (None, Some(wanted)) => (wanted, current.and_then(|current| current.value.as_ref())),
        (None, None) => return nothing,
    };
    // An empty quantity is how the controller writes that it does not know.
    let now = now.filter(|now| !now.string.is_empty());
    let share = milli(wanted)
        .filter(|wanted| *wanted > 0.0)
        .and_then(|wanted| Some(now.and_then(milli)? / wanted));
    (
        share,
        now.map_or_else(Text::default, |now| written(now, unit)),
        written(wanted, unit),
    )
}

fn milli(quantity: &Written) -> Option<f64> {
    Quantity::parse(&quantity.string).map(|quantity| quantity.milli as f64)
}

/// A quantity in at most a few digits: `96Mi`, `1.2k`, `200m`.
fn written(quantity: &Written, unit: Unit) -> Text {
    let raw = quantity.string.as_str();
    let Some(value) = milli(quantity) else {
        return raw.into();
    };
    if raw.len() <= 4 && unit == Unit::Plain {
        return raw.into();
    }
    let value = value / 1000.0;
    let (step, units): (f64, &[&str]) = match unit {
        Unit::Bytes => (1024.0, &["", "Ki", "Mi", "Gi", "Ti", "Pi"]),
        Unit::Plain if value.abs() < 1.0 => return format!("{:.0}m", value * 1000.0).into(),
        Unit::Plain => (1000.0, &["", "k", "M", "G", "T", "P"]),
    };
    let mut scaled = value;
    let mut at = 0;
    while scaled.abs() >= step && at + 1 < units.len() {
        scaled /= step;
        at += 1;
    }
    let suffix = units.get(at).copied().unwrap_or_default();
    if scaled.abs() >= 10.0 || scaled.fract().abs() < 0.05 {
        format!("{scaled:.0}{suffix}").into()
    } else {
        format!("{scaled:.1}{suffix}").into()
    }
}
