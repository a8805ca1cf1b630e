//! Pods at random, as k8s-openapi has them, and the same as messages of the wire.

use k8s_openapi::api::core::v1 as k8s;
use proptest::prelude::*;
use quarterdeck::sources::kubernetes::wire::message::meta::{
    Amount, Condition, ObjectMeta, Pair, Quantity, Time,
};
use quarterdeck::sources::kubernetes::wire::message::pod as m;

fn word() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9.-]{0,12}"
}

fn time() -> impl Strategy<Value = k8s_openapi::apimachinery::pkg::apis::meta::v1::Time> {
    (0_i64..4_000_000_000).prop_map(|second| {
        let time = k8s_openapi::jiff::Timestamp::from_second(second).unwrap();
        k8s_openapi::apimachinery::pkg::apis::meta::v1::Time(time)
    })
}

fn a_state() -> impl Strategy<Value = k8s::ContainerState> {
    prop_oneof![
        Just(k8s::ContainerState::default()),
        time().prop_map(|started_at| k8s::ContainerState {
            running: Some(k8s::ContainerStateRunning {
                started_at: Some(started_at)
            }),
            ..Default::default()
        }),
        (prop::option::of(word()), prop::option::of(".{0,40}")).prop_map(|(reason, message)| {
            k8s::ContainerState {
                waiting: Some(k8s::ContainerStateWaiting { reason, message }),
                ..Default::default()
            }
        }),
        (
            any::<i32>(),
            prop::option::of(any::<i32>()),
            prop::option::of(word()),
            time()
        )
            .prop_map(
                |(exit_code, signal, reason, finished_at)| k8s::ContainerState {
                    terminated: Some(k8s::ContainerStateTerminated {
                        exit_code,
                        signal,
                        reason,
                        finished_at: Some(finished_at),
                        ..Default::default()
                    }),
                    ..Default::default()
                }
            ),
    ]
}

fn a_status() -> impl Strategy<Value = k8s::ContainerStatus> {
    (
        word(),
        a_state(),
        a_state(),
        any::<bool>(),
        0..1000,
        prop::option::of(any::<bool>()),
    )
        .prop_map(|(name, state, last_state, ready, restart_count, started)| {
            k8s::ContainerStatus {
                name,
                state: Some(state),
                last_state: Some(last_state),
                ready,
                restart_count,
                started,
                ..Default::default()
            }
        })
}

fn a_container() -> impl Strategy<Value = k8s::Container> {
    let amounts = || {
        prop::collection::btree_map("cpu|memory|gpu", "[0-9]{1,4}(m|Mi|Gi|k|)", 0..3).prop_map(
            |map| {
                map.into_iter()
                    .map(|(key, value)| {
                        (
                            key,
                            k8s_openapi::apimachinery::pkg::api::resource::Quantity(value),
                        )
                    })
                    .collect()
            },
        )
    };
    (
        word(),
        prop::option::of(word()),
        prop::option::of(amounts()),
        prop::option::of(amounts()),
    )
        .prop_map(|(name, image, requests, limits)| k8s::Container {
            name,
            image,
            resources: Some(k8s::ResourceRequirements {
                requests,
                limits,
                claims: None,
            }),
            env: Some(vec![k8s::EnvVar {
                name: "IGNORED".to_owned(),
                ..Default::default()
            }]),
            ..Default::default()
        })
}

pub(crate) fn a_pod() -> impl Strategy<Value = k8s::Pod> {
    let meta = (
        ".{0,20}",
        any::<u128>(),
        0..u64::MAX,
        time(),
        prop::option::of(time()),
        prop::option::of(prop::collection::btree_map(word(), word(), 0..5)),
    );
    let spec = (
        prop::collection::vec(a_container(), 0..3),
        prop::option::of(word()),
    );
    let status = (
        prop::option::of("Running|Pending|Failed|Succeeded|Unheard"),
        prop::option::of(word()),
        prop::option::of(".{0,30}"),
        prop::collection::vec(a_status(), 0..3),
        prop::option::of("[0-9]{1,3}\\.0\\.0\\.1"),
        prop::collection::vec(
            (
                "Ready|PodScheduled|Initialized",
                "True|False|Unknown",
                word(),
                time(),
            ),
            0..3,
        ),
    );
    (meta, spec, prop::option::of(status)).prop_map(|(meta, (containers, node_name), status)| {
        let (name, uid, version, created, deleted, labels) = meta;
        let digits = format!("{uid:032x}");
        let uid = [
            &digits[..8],
            &digits[8..12],
            &digits[12..16],
            &digits[16..20],
            &digits[20..],
        ]
        .join("-");
        k8s::Pod {
            metadata: k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta {
                name: Some(name.chars().filter(char::is_ascii_graphic).collect()),
                uid: Some(uid),
                resource_version: Some(version.to_string()),
                creation_timestamp: Some(created),
                deletion_timestamp: deleted,
                labels,
                ..Default::default()
            },
            spec: Some(k8s::PodSpec {
                containers,
                node_name,
                ..Default::default()
            }),
            status: status.map(|(phase, reason, message, statuses, pod_ip, conditions)| {
                k8s::PodStatus {
                    phase,
                    reason,
                    message,
                    container_statuses: Some(statuses),
                    pod_ip,
                    conditions: Some(
                        conditions
                            .into_iter()
                            .map(|(type_, status, reason, time)| k8s::PodCondition {
                                type_,
                                status,
                                reason: Some(reason),
                                last_transition_time: Some(time),
                                ..Default::default()
                            })
                            .collect(),
                    ),
                    ..Default::default()
                }
            }),
        }
    })
}

/// The same pod as a protobuf message, field by field.
#[allow(clippy::too_many_lines, reason = "a field a line")]
pub(crate) fn message(pod: &k8s::Pod) -> m::Pod {
    let seconds = |time: &k8s_openapi::apimachinery::pkg::apis::meta::v1::Time| Time {
        seconds: time.0.as_second(),
    };
    let state = |state: &k8s::ContainerState| m::ContainerState {
        waiting: state.waiting.as_ref().map(|one| m::Waiting {
            reason: one.reason.clone().unwrap_or_default(),
            message: one.message.clone().unwrap_or_default(),
        }),
        running: state.running.as_ref().map(|one| m::Running {
            started_at: one.started_at.as_ref().map(seconds),
        }),
        terminated: state.terminated.as_ref().map(|one| m::Terminated {
            exit_code: one.exit_code,
            signal: one.signal.unwrap_or_default(),
            reason: one.reason.clone().unwrap_or_default(),
            message: String::new(),
            finished_at: one.finished_at.as_ref().map(seconds),
        }),
    };
    let amounts = |map: &Option<
        std::collections::BTreeMap<String, k8s_openapi::apimachinery::pkg::api::resource::Quantity>,
    >| {
        let entries = map.iter().flatten().map(|(key, value)| Amount {
            key: key.clone(),
            value: Some(Quantity {
                string: value.0.clone(),
            }),
        });
        entries.collect::<Vec<_>>()
    };
    let meta = &pod.metadata;
    m::Pod {
        metadata: Some(ObjectMeta {
            name: meta.name.clone().unwrap_or_default(),
            uid: meta.uid.clone().unwrap_or_default(),
            resource_version: meta.resource_version.clone().unwrap_or_default(),
            creation_timestamp: meta.creation_timestamp.as_ref().map(seconds),
            deletion_timestamp: meta.deletion_timestamp.as_ref().map(seconds),
            labels: meta
                .labels
                .iter()
                .flatten()
                .map(|(key, value)| Pair {
                    key: key.clone(),
                    value: value.clone(),
                })
                .collect(),
            ..ObjectMeta::default()
        }),
        spec: pod.spec.as_ref().map(|spec| m::PodSpec {
            node_name: spec.node_name.clone().unwrap_or_default(),
            containers: spec
                .containers
                .iter()
                .map(|one| m::Container {
                    name: one.name.clone(),
                    image: one.image.clone().unwrap_or_default(),
                    resources: one.resources.as_ref().map(|stated| m::Resources {
                        limits: amounts(&stated.limits),
                        requests: amounts(&stated.requests),
                    }),
                    restart_policy: String::new(),
                })
                .collect(),
            ..m::PodSpec::default()
        }),
        status: pod.status.as_ref().map(|status| m::PodStatus {
            phase: status.phase.clone().unwrap_or_default(),
            reason: status.reason.clone().unwrap_or_default(),
            message: status.message.clone().unwrap_or_default(),
            pod_ip: status.pod_ip.clone().unwrap_or_default(),
            conditions: status
                .conditions
                .iter()
                .flatten()
                .map(|one| Condition {
                    kind: one.type_.clone(),
                    status: one.status.clone(),
                    reason: one.reason.clone().unwrap_or_default(),
                    message: String::new(),
                    last_transition_time: one.last_transition_time.as_ref().map(seconds),
                })
                .collect(),
            container_statuses: status
                .container_statuses
                .iter()
                .flatten()
                .map(|one| m::ContainerStatus {
                    name: one.name.clone(),
                    state: one.state.as_ref().map(state),
                    last_state: one.last_state.as_ref().map(state),
                    ready: one.ready,
                    restart_count: one.restart_count,
                    started: one.started,
                })
                .collect(),
            ..m::PodStatus::default()
        }),
    }
}
