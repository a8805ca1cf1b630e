//! What the wire costs: a page of 500 pods, from bytes to rows, and a second of a busy watch.

use std::hint::black_box;

use bytes::{BufMut, Bytes, BytesMut};
use criterion::Criterion;
use prost::Message;
use quarterdeck::model::{Change, EndpointId, Feed, Kind, Row, Scope, Topic};
use quarterdeck::sources::kubernetes::project::{self, Interner};
use quarterdeck::sources::kubernetes::wire::message::meta::{
    Amount, Condition, ObjectMeta, OwnerReference, Pair, Quantity, Time,
};
use quarterdeck::sources::kubernetes::wire::message::pod::{
    Container, ContainerState, ContainerStatus, Pod, PodSpec, PodStatus, Resources, Running,
};
use quarterdeck::sources::kubernetes::wire::{Format, ListDecoder, Piece, WatchDecoder, Word};
use quarterdeck::sources::outlet::Outlet;
use tokio::sync::mpsc;

const PAGE: u32 = 500;
/// What a body comes in.
const FRAME: usize = 16 * 1024;

/// Runs all of them.
pub(crate) fn all(criterion: &mut Criterion) {
    let page = page();
    criterion.bench_function("decode a page of 500 pods", |bench| {
        let mut interner = Interner::default();
        bench.iter(|| {
            let mut list = ListDecoder::new(Format::Protobuf);
            let mut rows = 0;
            for frame in &page {
                list.push(frame.clone());
                while let Ok(Some(piece)) = list.piece() {
                    if let Piece::Item(item) = piece {
                        rows += u32::from(black_box(row(item, &mut interner)).is_some());
                    }
                }
            }
            assert_eq!(rows, PAGE);
        });
    });
    let events = events();
    criterion.bench_function("watch 1,000 events of 9 KB, coalesced", |bench| {
        let mut interner = Interner::default();
        bench.iter(|| {
            let (batches, _inbox) = mpsc::channel(1);
            let mut outlet = Outlet::new(feed(), batches);
            let mut watch = WatchDecoder::new(Format::Protobuf);
            for frame in &events {
                watch.push(frame.clone());
                while let Ok(Some(Word::Is(item))) = watch.word() {
                    if let Some(row) = row(item, &mut interner) {
                        outlet.push(Change::Row(row));
                    }
                }
            }
            black_box(outlet.feed());
        });
    });
}

fn feed() -> Feed {
    Feed {
        endpoint: EndpointId(0),
        topic: Topic::Objects(Kind::Pod, Scope::All),
    }
}

fn row(item: Bytes, interner: &mut Interner) -> Option<Row> {
    project::row(&Kind::Pod, Format::Protobuf, item, interner, EndpointId(0))
}

/// A pod as a cluster has it: 9 KB, of which most is managed fields and environment that no row needs.
fn pod(at: u32) -> Vec<u8> {
    let pair = |key: &str, value: String| Pair {
        key: key.to_owned(),
        value,
    };
    let amount = |key: &str, value: &str| Amount {
        key: key.to_owned(),
        value: Some(Quantity {
            string: value.to_owned(),
        }),
    };
    let time = Some(Time {
        seconds: 1_700_000_000,
    });
    let container = |name: &str| Container {
        name: name.to_owned(),
        image: format!("registry.example.com/team/{name}:1.8.3"),
        resources: Some(Resources {
            limits: vec![amount("cpu", "500m"), amount("memory", "64Mi")],
            requests: vec![amount("cpu", "20m"), amount("memory", "16Mi")],
        }),
        restart_policy: String::new(),
    };
    let status = |name: &str| ContainerStatus {
        name: name.to_owned(),
        state: Some(ContainerState {
            running: Some(Running { started_at: time }),
            ..ContainerState::default()
        }),
        last_state: None,
        ready: true,
        restart_count: 0,
        started: Some(true),
    };
    let condition = |kind: &str| Condition {
        kind: kind.to_owned(),
        status: "True".to_owned(),
        last_transition_time: time,
        ..Condition::default()
    };
    let group = at / 20;
    let pod = Pod {
        metadata: Some(ObjectMeta {
            name: format!("service-{group}-5fd56f77d-{at:05}"),
            namespace: format!("team-{}", group % 40),
            uid: format!("{at:08x}-0000-4000-8000-{:012x}", u64::from(at) * 7919),
            resource_version: (100_000 + at).to_string(),
            creation_timestamp: time,
            labels: vec![
                pair("app", format!("service-{group}")),
                pair("pod-template-hash", "5fd56f77d".to_owned()),
                pair("team", format!("team-{}", group % 40)),
            ],
            owner_references: vec![OwnerReference {
                kind: "ReplicaSet".to_owned(),
                name: format!("service-{group}-5fd56f77d"),
                uid: format!("{group:08x}-1111-4000-8000-000000000000"),
                controller: true,
            }],
            ..ObjectMeta::default()
        }),
        spec: Some(PodSpec {
            containers: vec![container("shop"), container("proxy")],
            node_name: format!("node-{}", at % 100),
            ..PodSpec::default()
        }),
        status: Some(PodStatus {
            phase: "Running".to_owned(),
            conditions: ["PodScheduled", "Initialized", "ContainersReady", "Ready"]
                .map(condition)
                .to_vec(),
            pod_ip: format!("10.{}.{}.{}", at >> 16 & 255, at >> 8 & 255, at & 255),
            container_statuses: vec![status("shop"), status("proxy")],
            qos_class: "Burstable".to_owned(),
            ..PodStatus::default()
        }),
    };
    let mut bytes = pod.encode_to_vec();
    // Fields that nobody reads: parts of one message may come in pieces.
    let skipped = (9 * 1024_usize).saturating_sub(bytes.len()) / 2;
    for (part, number) in [(1, 17), (2, 1)] {
        let mut inner = BytesMut::new();
        field(number, &vec![b'x'; skipped], &mut inner);
        let mut outer = BytesMut::new();
        field(part, &inner, &mut outer);
        bytes.extend_from_slice(&outer);
    }
    bytes
}

fn field(number: u32, bytes: &[u8], out: &mut BytesMut) {
    prost::encoding::encode_key(number, prost::encoding::WireType::LengthDelimited, out);
    prost::encoding::encode_varint(bytes.len() as u64, out);
    out.put_slice(bytes);
}

fn envelope(raw: &[u8]) -> Bytes {
    let mut out = BytesMut::from(&b"k8s\0"[..]);
    field(2, raw, &mut out);
    out.freeze()
}

fn frames(whole: &Bytes) -> Vec<Bytes> {
    (0..whole.len())
        .step_by(FRAME)
        .map(|at| whole.slice(at..whole.len().min(at + FRAME)))
        .collect()
}

fn page() -> Vec<Bytes> {
    let mut list = BytesMut::new();
    for at in 0..PAGE {
        field(2, &pod(at), &mut list);
    }
    frames(&envelope(&list))
}

fn events() -> Vec<Bytes> {
    let mut stream = BytesMut::new();
    for at in 0..1000 {
        let mut object = BytesMut::new();
        field(1, &envelope(&pod(at % 200)), &mut object);
        let mut event = BytesMut::new();
        field(1, b"MODIFIED", &mut event);
        field(2, &object, &mut event);
        stream.put_u32(event.len() as u32);
        stream.put_slice(&event);
    }
    frames(&stream.freeze())
}
