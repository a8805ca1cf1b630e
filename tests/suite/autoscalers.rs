//! Why an autoscaler does not scale, as its row says it.

use quarterdeck::model::{Health, Hpa, Kind, Row};
use quarterdeck::sources::kubernetes::wire::Format;
use serde_json::{Value, json};

use crate::wire::row;

fn hpa(spec: &Value, status: &Value) -> Hpa {
    let object = json!({"metadata": {"name": "shop"}, "spec": spec, "status": status});
    match row(
        &Kind::HorizontalPodAutoscaler,
        Format::Json,
        object.to_string(),
    ) {
        Some(Row::Hpa(hpa)) => *hpa,
        other => panic!("{other:?}"),
    }
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table of cases")]
fn autoscalers_say_why_they_do_not_scale() {
    let spec = json!({"minReplicas": 2, "maxReplicas": 10, "scaleTargetRef": {"kind": "Deployment", "name": "shop"}, "metrics": [
        {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}}]});
    let metrics = |percent: u32| json!([{"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": percent, "averageValue": "9m"}}}]);
    let condition = |kind: &str, status: &str, reason: &str, message: &str| json!({"type": kind, "status": status, "reason": reason, "message": message});
    let able = condition("AbleToScale", "True", "ReadyForNewScale", "");
    let active = condition("ScalingActive", "True", "ValidMetricFound", "");
    for (replicas, desired, percent, conditions, word, health, why) in [
        (
            3,
            3,
            70,
            json!([able, active]),
            "Steady",
            Health::Good,
            "on target",
        ),
        (
            3,
            5,
            120,
            json!([able, active]),
            "Scaling",
            Health::Busy,
            "scaling from 3 to 5",
        ),
        (
            10,
            10,
            96,
            json!([
                able,
                active,
                condition("ScalingLimited", "True", "TooManyReplicas", "")
            ]),
            "At maximum",
            Health::Warn,
            "at its maximum of 10; the metrics ask for 14",
        ),
        (
            2,
            2,
            10,
            json!([
                able,
                active,
                condition("ScalingLimited", "True", "TooFewReplicas", "")
            ]),
            "At minimum",
            Health::Good,
            "at its minimum of 2; the metrics ask for 1",
        ),
        (
            3,
            3,
            20,
            json!([
                condition("AbleToScale", "True", "ScaleDownStabilized", ""),
                active
            ]),
            "Steady",
            Health::Good,
            "waits: scale-down stabilisation",
        ),
        (
            0,
            0,
            0,
            json!([
                able,
                condition("ScalingActive", "False", "ScalingDisabled", "")
            ]),
            "Off",
            Health::Idle,
            "off: target is scaled to 0",
        ),
        (
            3,
            3,
            0,
            json!([
                able,
                condition(
                    "ScalingActive",
                    "False",
                    "FailedGetResourceMetric",
                    "the HPA was unable to compute the replica count: failed to get cpu utilization: missing request for cpu in container shop of Pod shop-1"
                )
            ]),
            "Blind",
            Health::Bad,
            "blind: container shop has no cpu request",
        ),
        (
            3,
            3,
            0,
            json!([
                able,
                condition(
                    "ScalingActive",
                    "False",
                    "FailedGetResourceMetric",
                    "failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)"
                )
            ]),
            "Blind",
            Health::Bad,
            "blind: the cluster has no metrics API (metrics-server)",
        ),
        (
            3,
            3,
            0,
            json!([
                able,
                condition("ScalingActive", "False", "InvalidSelector", "x")
            ]),
            "Blind",
            Health::Bad,
            "blind: its target has no usable selector",
        ),
        (
            3,
            3,
            0,
            json!([condition(
                "AbleToScale",
                "False",
                "FailedGetScale",
                "deployments.apps \"shop\" not found"
            )]),
            "Blind",
            Health::Bad,
            "its target Deployment/shop does not exist",
        ),
    ] {
        let status = json!({"currentReplicas": replicas, "desiredReplicas": desired, "currentMetrics": metrics(percent), "conditions": conditions});
        let row = hpa(&spec, &status);
        let got = row
            .why
            .clone()
            .map(|why| why.to_string())
            .unwrap_or_default();
        assert_eq!(
            (&*row.status, row.health, got.as_str()),
            (word, health, why)
        );
    }
}

#[test]
fn metrics_of_every_type_are_compared_with_their_targets() {
    let spec = json!({"metrics": [
        {"type": "Pods", "pods": {"metric": {"name": "rps"}, "target": {"type": "AverageValue", "averageValue": "1500m"}}},
        {"type": "Object", "object": {"metric": {"name": "queue"}, "describedObject": {"kind": "Service", "name": "s"}, "target": {"type": "Value", "value": "10k"}}},
        {"type": "External", "external": {"metric": {"name": "lag"}, "target": {"type": "AverageValue", "averageValue": "30"}}},
        {"type": "ContainerResource", "containerResource": {"name": "memory", "container": "shop", "target": {"type": "AverageValue", "averageValue": "128Mi"}}},
        {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}},
    ]});
    let status = json!({"currentMetrics": [
        {"type": "ContainerResource", "containerResource": {"name": "memory", "container": "shop", "current": {"averageValue": "67108864"}}},
        {"type": "Pods", "pods": {"metric": {"name": "rps"}, "current": {"averageValue": "3"}}},
        {"type": "Object", "object": {"metric": {"name": "queue"}, "describedObject": {"kind": "Service", "name": "s"}, "current": {"value": "2500"}}},
        {"type": ""},
    ]});
    let metrics = hpa(&spec, &status).metrics;
    let said: Vec<_> = metrics
        .iter()
        .map(|one| {
            format!(
                "{} {}/{} {:?}",
                one.name, one.current, one.target, one.share
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            "rps 3/1.5 Some(2.0)",
            "queue 2500/10k Some(0.25)",
            "lag /30 None",
            "memory of shop 64Mi/128Mi Some(0.5)",
            "cpu /70 % None",
        ]
    );
}
