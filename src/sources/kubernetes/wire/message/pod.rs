//! Pods.

use super::meta::{Amount, Condition, ObjectMeta, Time};

messages! {
    Pod {
        metadata: Option<ObjectMeta> = message optional "1";
        spec: Option<PodSpec> = message optional "2";
        status: Option<PodStatus> = message optional "3";
    }

    PodSpec {
        containers: Vec<Container> = message repeated "2";
        node_name: String = string "10";
        init_containers: Vec<Container> = message repeated "20";
        overhead: Vec<Amount> = message repeated "32" via "super::value::amounts";
        resources: Option<Resources> = message optional "40";
    }

    /// A pod as a workload describes it.
    PodTemplate {
        spec: Option<PodSpec> = message optional "2";
    }

    Container {
        name: String = string "1";
        image: String = string "2";
        resources: Option<Resources> = message optional "8";
        restart_policy: String = string "24";
    }

    Resources {
        limits: Vec<Amount> = message repeated "1" via "super::value::amounts";
        requests: Vec<Amount> = message repeated "2" via "super::value::amounts";
    }

    PodStatus {
        phase: String = string "1";
        conditions: Vec<Condition> = message repeated "2";
        message: String = string "3";
        reason: String = string "4";
        pod_ip: String = string "6" as "podIP";
        container_statuses: Vec<ContainerStatus> = message repeated "8";
        qos_class: String = string "9";
        init_container_statuses: Vec<ContainerStatus> = message repeated "10";
    }

    ContainerStatus {
        name: String = string "1";
        state: Option<ContainerState> = message optional "2";
        last_state: Option<ContainerState> = message optional "3";
        ready: bool = bool "4";
        restart_count: i32 = int32 "5";
        started: Option<bool> = bool optional "9";
    }

    ContainerState {
        waiting: Option<Waiting> = message optional "1";
        running: Option<Running> = message optional "2";
        terminated: Option<Terminated> = message optional "3";
    }

    Waiting {
        reason: String = string "1";
        message: String = string "2";
    }

    Running {
        started_at: Option<Time> = message optional "1";
    }

    Terminated {
        exit_code: i32 = int32 "1";
        signal: i32 = int32 "2";
        reason: String = string "3";
        message: String = string "4";
        finished_at: Option<Time> = message optional "6";
    }
}
