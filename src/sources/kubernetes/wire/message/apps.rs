//! Deployments, stateful sets, daemon sets and replica sets.

use super::meta::{DeploymentCondition, LabelSelector, ObjectMeta, Pair, ScaleCondition, Time};
use super::pod::PodTemplate;

messages! {
    Deployment {
        metadata: Option<DeploymentMeta> = message optional "1";
        spec: Option<DeploymentSpec> = message optional "2";
        status: Option<DeploymentStatus> = message optional "3";
    }

    /// [`ObjectMeta`] with annotations, among which is the revision.
    DeploymentMeta {
        name: String = string "1";
        namespace: String = string "3";
        uid: String = string "5";
        resource_version: String = string "6";
        generation: i64 = int64 "7";
        creation_timestamp: Option<Time> = message optional "8";
        deletion_timestamp: Option<Time> = message optional "9";
        labels: Vec<Pair> = message repeated "11" via "super::value::pairs";
        annotations: Vec<Pair> = message repeated "12" via "super::value::pairs";
        owner_references: Vec<super::meta::OwnerReference> = message repeated "13";
    }

    DeploymentSpec {
        replicas: Option<i32> = int32 optional "1";
        selector: Option<LabelSelector> = message optional "2";
        template: Option<PodTemplate> = message optional "3";
        paused: bool = bool "7";
    }

    DeploymentStatus {
        observed_generation: i64 = int64 "1";
        replicas: i32 = int32 "2";
        updated_replicas: i32 = int32 "3";
        available_replicas: i32 = int32 "4";
        conditions: Vec<DeploymentCondition> = message repeated "6";
        ready_replicas: i32 = int32 "7";
    }

    StatefulSet {
        metadata: Option<ObjectMeta> = message optional "1";
        spec: Option<StatefulSetSpec> = message optional "2";
        status: Option<StatefulSetStatus> = message optional "3";
    }

    StatefulSetSpec {
        replicas: Option<i32> = int32 optional "1";
        selector: Option<LabelSelector> = message optional "2";
        template: Option<PodTemplate> = message optional "3";
        update_strategy: Option<UpdateStrategy> = message optional "7";
    }

    /// How a stateful set or daemon set replaces its pods.
    UpdateStrategy {
        kind: String = string "1" as "type";
        rolling_update: Option<RollingUpdate> = message optional "2";
    }

    /// Only a stateful set's partition is read: a daemon set has another field under its number.
    RollingUpdate {
        partition: i32 = int32 "1";
    }

    StatefulSetStatus {
        observed_generation: i64 = int64 "1";
        replicas: i32 = int32 "2";
        ready_replicas: i32 = int32 "3";
        current_replicas: i32 = int32 "4";
        updated_replicas: i32 = int32 "5";
        current_revision: String = string "6";
        update_revision: String = string "7";
        available_replicas: i32 = int32 "11";
    }

    DaemonSet {
        metadata: Option<ObjectMeta> = message optional "1";
        spec: Option<DaemonSetSpec> = message optional "2";
        status: Option<DaemonSetStatus> = message optional "3";
    }

    DaemonSetSpec {
        selector: Option<LabelSelector> = message optional "1";
        template: Option<PodTemplate> = message optional "2";
        update_strategy: Option<DaemonSetStrategy> = message optional "3";
    }

    DaemonSetStrategy {
        kind: String = string "1" as "type";
    }

    DaemonSetStatus {
        current_number_scheduled: i32 = int32 "1";
        number_misscheduled: i32 = int32 "2";
        desired_number_scheduled: i32 = int32 "3";
        number_ready: i32 = int32 "4";
        observed_generation: i64 = int64 "5";
        updated_number_scheduled: i32 = int32 "6";
        number_available: i32 = int32 "7";
    }

    ReplicaSet {
        metadata: Option<DeploymentMeta> = message optional "1";
        spec: Option<ReplicaSetSpec> = message optional "2";
        status: Option<ReplicaSetStatus> = message optional "3";
    }

    ReplicaSetSpec {
        replicas: Option<i32> = int32 optional "1";
        selector: Option<LabelSelector> = message optional "2";
        template: Option<PodTemplate> = message optional "3";
    }

    ReplicaSetStatus {
        replicas: i32 = int32 "1";
        observed_generation: i64 = int64 "3";
        ready_replicas: i32 = int32 "4";
        available_replicas: i32 = int32 "5";
        conditions: Vec<ScaleCondition> = message repeated "6";
    }
}
