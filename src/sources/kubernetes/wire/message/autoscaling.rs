//! Horizontal pod autoscalers.

use super::meta::{ObjectMeta, Quantity, ScaleCondition, Time};

messages! {
    HorizontalPodAutoscaler {
        metadata: Option<ObjectMeta> = message optional "1";
        spec: Option<HpaSpec> = message optional "2";
        status: Option<HpaStatus> = message optional "3";
    }

    HpaSpec {
        scale_target_ref: Option<TargetRef> = message optional "1";
        min_replicas: Option<i32> = int32 optional "2";
        max_replicas: i32 = int32 "3";
        metrics: Vec<MetricSpec> = message repeated "4";
    }

    TargetRef {
        kind: String = string "1";
        name: String = string "2";
    }

    HpaStatus {
        last_scale_time: Option<Time> = message optional "2";
        current_replicas: i32 = int32 "3";
        desired_replicas: i32 = int32 "4";
        current_metrics: Vec<MetricStatus> = message repeated "5";
        conditions: Vec<ScaleCondition> = message repeated "6";
    }

    MetricSpec {
        kind: String = string "1" as "type";
        object: Option<ObjectSource> = message optional "2";
        pods: Option<NamedSource> = message optional "3";
        resource: Option<ResourceSource> = message optional "4";
        external: Option<NamedSource> = message optional "5";
        container_resource: Option<ResourceSource> = message optional "7";
    }

    ResourceSource {
        name: String = string "1";
        target: Option<MetricTarget> = message optional "2";
        container: String = string "3";
    }

    /// Of a pods or external metric.
    NamedSource {
        metric: Option<MetricName> = message optional "1";
        target: Option<MetricTarget> = message optional "2";
    }

    ObjectSource {
        described_object: Option<TargetRef> = message optional "1";
        target: Option<MetricTarget> = message optional "2";
        metric: Option<MetricName> = message optional "3";
    }

    MetricName {
        name: String = string "1";
    }

    MetricTarget {
        kind: String = string "1" as "type";
        value: Option<Quantity> = message optional "2";
        average_value: Option<Quantity> = message optional "3";
        average_utilization: Option<i32> = int32 optional "4";
    }

    MetricStatus {
        kind: String = string "1" as "type";
        object: Option<ObjectCurrent> = message optional "2";
        pods: Option<NamedCurrent> = message optional "3";
        resource: Option<ResourceCurrent> = message optional "4";
        external: Option<NamedCurrent> = message optional "5";
        container_resource: Option<ResourceCurrent> = message optional "7";
    }

    ResourceCurrent {
        name: String = string "1";
        current: Option<MetricValue> = message optional "2";
        container: String = string "3";
    }

    /// Of a pods or external metric.
    NamedCurrent {
        metric: Option<MetricName> = message optional "1";
        current: Option<MetricValue> = message optional "2";
    }

    ObjectCurrent {
        metric: Option<MetricName> = message optional "1";
        current: Option<MetricValue> = message optional "2";
        described_object: Option<TargetRef> = message optional "3";
    }

    MetricValue {
        value: Option<Quantity> = message optional "1";
        average_value: Option<Quantity> = message optional "2";
        average_utilization: Option<i32> = int32 optional "3";
    }
}
