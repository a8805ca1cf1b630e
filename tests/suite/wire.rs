//! The wire: whatever way the bytes arrive, in whichever encoding, the rows are the same; and no bytes do harm.

use bytes::Bytes;
use k8s_openapi::api::core::v1 as k8s;
use proptest::prelude::*;
use prost::Message;
use quarterdeck::model::{EndpointId, Kind, Row};
use quarterdeck::sources::kubernetes::project::{self, Interner};
use quarterdeck::sources::kubernetes::wire::{
    Format, Garbled, ListDecoder, Piece, WatchDecoder, Word,
};
use serde_json::{Value, json};

use crate::pods::{a_pod, message};
use crate::script::{bookmark, error, list, pod, told};

pub(crate) fn row(kind: &Kind, format: Format, item: impl Into<Bytes>) -> Option<Row> {
    project::row(
        kind,
        format,
        item.into(),
        &mut Interner::default(),
        EndpointId(0),
    )
}

fn pieces(format: Format, frames: &[Bytes]) -> (Result<Vec<Piece>, Garbled>, bool) {
    let mut decoder = ListDecoder::new(format);
    let mut pieces = Vec::new();
    for frame in frames {
        decoder.push(frame.clone());
        loop {
            match decoder.piece() {
                Ok(Some(piece)) => pieces.push(piece),
                Ok(None) => break,
                Err(error) => return (Err(error), false),
            }
        }
    }
    (Ok(pieces), decoder.complete())
}

fn words(format: Format, frames: &[Bytes]) -> Result<Vec<Word>, Garbled> {
    let mut decoder = WatchDecoder::new(format);
    let mut words = Vec::new();
    for frame in frames {
        decoder.push(frame.clone());
        while let Some(word) = decoder.word()? {
            words.push(word);
        }
    }
    Ok(words)
}

/// Cuts bytes at the given places.
fn cut(whole: &Bytes, mut at: Vec<usize>) -> Vec<Bytes> {
    for place in &mut at {
        *place %= whole.len() + 1;
    }
    at.extend([0, whole.len()]);
    at.sort_unstable();
    at.windows(2)
        .map(|pair| whole.slice(pair[0]..pair[1]))
        .collect()
}

fn json_list() -> Bytes {
    let text = r#" {"kind":"PodList", "apiVersion":"v1","metadata":{"resourceVersion":"7","continue":"x\"}","remainingItemCount":3},
        "items":[{"metadata":{"name":"a","labels":{"q":"\\\"}]{"}}}, {"metadata":{"name":"ü"},"n":[1,[2]],"t":true} ], "more": 1.5e3, "last":"]}" } "#;
    Bytes::from_static(text.as_bytes())
}

fn json_watch() -> Bytes {
    let events = [
        json!({"type": "ADDED", "object": {"metadata": {"name": "a}\"", "uid": "1"}}}),
        json!({"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "9"}}}),
        json!({"object": {"metadata": {"name": "b"}}, "type": "DELETED"}),
        json!({"type": "ERROR", "object": {"code": 410, "reason": "Expired", "message": "too old"}}),
    ];
    events.map(|event| format!("{event}\n")).concat().into()
}

fn protobuf_watch() -> Bytes {
    let frames = [
        told("ADDED", &pod("a", 8)),
        bookmark(9),
        told("DELETED", &pod("b", 10)),
        error(410, "Expired"),
    ];
    frames.concat().into()
}

proptest! {
    #[test]
    fn frames_may_end_anywhere(at in prop::collection::vec(any::<usize>(), 0..12)) {
        let protobuf = list(7, "x", Some(3), &[pod("a", 1), pod("b", 2), pod("", 3)]);
        for (format, whole, items) in [(Format::Protobuf, protobuf, 3), (Format::Json, json_list(), 2)] {
            let at_once = pieces(format, std::slice::from_ref(&whole));
            prop_assert_eq!(at_once.0.as_ref().unwrap().len(), 1 + items);
            prop_assert!(at_once.1);
            prop_assert_eq!(pieces(format, &cut(&whole, at.clone())), at_once);
        }
        for (format, whole) in [(Format::Protobuf, protobuf_watch()), (Format::Json, json_watch())] {
            let at_once = words(format, std::slice::from_ref(&whole)).unwrap();
            prop_assert!(matches!(
                at_once.as_slice(),
                [Word::Is(_), Word::Bookmark(_), Word::Deleted(_), Word::Error(status)] if status.code == 410
            ), "{at_once:?}");
            prop_assert_eq!(words(format, &cut(&whole, at.clone())).unwrap(), at_once);
        }
    }

    #[test]
    fn a_list_that_is_cut_short_is_not_complete(at in any::<prop::sample::Index>()) {
        let protobuf = list(7, "x", Some(3), &[pod("a", 1), pod("b", 2)]);
        // Behind the list itself the envelope has two empty fields of two bytes each.
        let body = protobuf.slice(..at.index(protobuf.len() - 4));
        prop_assert!(!pieces(Format::Protobuf, &[body]).1);
        let text = json_list();
        let body = text.slice(..at.index(text.len() - 2));
        prop_assert!(!pieces(Format::Json, &[body]).1);
    }

    #[test]
    fn no_bytes_do_harm(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        magic in any::<bool>(),
        at in prop::collection::vec(any::<usize>(), 0..4),
    ) {
        let mut whole = if magic { b"k8s\0\x12\x80\x04".to_vec() } else { b"{\"items\":[".to_vec() };
        whole.extend(&bytes);
        let frames = cut(&whole.into(), at.clone());
        for format in [Format::Protobuf, Format::Json] {
            let _ = pieces(format, &frames);
            let _ = words(format, &frames);
            let _ = words(format, &cut(&bytes.clone().into(), at.clone()));
            for (kind, _) in Kind::built_in() {
                let _ = row(kind, format, bytes.clone());
            }
            let _ = project::head(format, bytes.clone().into());
        }
    }

    #[test]
    fn one_odd_field_never_costs_a_row(at in any::<prop::sample::Index>(), odd in odd_value()) {
        for (kind, object) in whole_objects() {
            let mut paths = Vec::new();
            walk(&object, String::new(), &mut paths);
            let mut object = object.clone();
            *object.pointer_mut(&paths[at.index(paths.len())]).unwrap() = odd.clone();
            let text = object.to_string();
            prop_assert!(row(&kind, Format::Json, text.clone()).is_some(), "{kind:?} {text}");
        }
    }

    #[test]
    fn pods_are_read_alike_in_both_encodings(object in a_pod()) {
        let text = serde_json::to_vec(&object).unwrap();
        let from_json = row(&Kind::Pod, Format::Json, text).unwrap();
        let from_protobuf = row(&Kind::Pod, Format::Protobuf, message(&object).encode_to_vec()).unwrap();
        prop_assert_eq!(&from_json, &from_protobuf);
        let Row::Pod(pod) = from_json else { unreachable!() };
        let status = object.status.clone().unwrap_or_default();
        let statuses = status.container_statuses.unwrap_or_default();
        prop_assert_eq!(Some(pod.meta.name.to_string()), object.metadata.name);
        prop_assert_eq!(Some(pod.meta.key.uid.to_string()), object.metadata.uid);
        prop_assert_eq!(pod.phase.to_string(), status.phase.unwrap_or_default());
        prop_assert_eq!(pod.restarts as i32, statuses.iter().map(|one| one.restart_count).sum::<i32>());
        let ready = |one: &&k8s::ContainerStatus| {
            one.ready && one.state.as_ref().is_some_and(|state| state.running.is_some())
        };
        prop_assert_eq!(usize::from(pod.ready), statuses.iter().filter(ready).count());
    }
}

/// Paths of all values of an object.
fn walk(value: &Value, path: String, paths: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                walk(
                    value,
                    format!("{path}/{}", key.replace('~', "~0").replace('/', "~1")),
                    paths,
                );
            }
        }
        Value::Array(list) => {
            for (at, value) in list.iter().enumerate() {
                walk(value, format!("{path}/{at}"), paths);
            }
        }
        _ => {}
    }
    if !path.is_empty() {
        paths.push(path);
    }
}

fn odd_value() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!(null),
        json!(true),
        json!(-1),
        json!(1e300),
        json!("odd"),
        json!([]),
        json!([1, "two", {}]),
        json!({}),
        json!({"a": {"b": [null]}}),
    ])
}

/// An object of some kinds in which every field that matters is set.
fn whole_objects() -> Vec<(Kind, Value)> {
    let meta = json!({"name": "a", "namespace": "b", "uid": "c", "resourceVersion": "5", "generation": 2,
        "creationTimestamp": "2026-01-01T00:00:00Z", "labels": {"k": "v"},
        "annotations": {"deployment.kubernetes.io/revision": "4"},
        "ownerReferences": [{"kind": "ReplicaSet", "name": "o", "uid": "u", "controller": true}]});
    let template = json!({"spec": {"containers": [{"name": "c", "image": "i", "resources":
        {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"cpu": 2}}}]}});
    let condition = json!({"type": "Ready", "status": "True", "reason": "r", "message": "m",
        "lastTransitionTime": "2026-01-01T00:00:00Z"});
    vec![
        (
            Kind::Pod,
            json!({"metadata": meta, "spec": template["spec"], "status": {"phase": "Running",
            "conditions": [condition], "podIP": "10.0.0.1", "containerStatuses": [{"name": "c", "ready": true,
            "restartCount": 3, "started": true, "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}},
            "lastState": {"terminated": {"exitCode": 3, "reason": "Error", "finishedAt": "2026-01-01T00:00:00Z"}}}]}}),
        ),
        (
            Kind::Deployment,
            json!({"metadata": meta, "spec": {"replicas": 3, "selector": {"matchLabels": {"a": "b"}},
            "template": template, "paused": false}, "status": {"observedGeneration": 2, "replicas": 3,
            "conditions": [condition]}}),
        ),
        (
            Kind::HorizontalPodAutoscaler,
            json!({"metadata": meta, "spec": {"scaleTargetRef": {"kind": "D", "name": "n"},
            "minReplicas": 1, "maxReplicas": 4, "metrics": [{"type": "Resource", "resource": {"name": "cpu",
            "target": {"type": "Utilization", "averageUtilization": 70}}}]}, "status": {"currentReplicas": 1,
            "desiredReplicas": 1, "conditions": [condition], "currentMetrics": [{"type": "Resource",
            "resource": {"name": "cpu", "current": {"averageUtilization": 10, "averageValue": "10m"}}}]}}),
        ),
        (
            Kind::Node,
            json!({"metadata": meta, "spec": {"taints": [{"key": "k", "effect": "NoSchedule"}]},
            "status": {"capacity": {"cpu": "4"}, "allocatable": {"pods": "110"}, "conditions": [condition],
            "addresses": [{"type": "InternalIP", "address": "10.0.0.1"}], "nodeInfo": {"kubeletVersion": "v1"}}}),
        ),
        (
            Kind::PodDisruptionBudget,
            json!({"metadata": meta, "spec": {"minAvailable": "50%"},
            "status": {"currentHealthy": 1}}),
        ),
        (
            Kind::Ingress,
            json!({"metadata": meta, "spec": {"rules": [{"host": "h", "http": {"paths": [{"path": "/",
            "backend": {"service": {"name": "s", "port": {"number": 80}}}}]}}]}}),
        ),
        (
            Kind::Secret,
            json!({"metadata": meta, "type": "Opaque", "data": {"a": "YWJj"}}),
        ),
    ]
}
