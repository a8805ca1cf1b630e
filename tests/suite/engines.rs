//! The wire against a real API server. Runs when `QD_TEST_ENGINES=1`, with the kubeconfig of the environment.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use quarterdeck::clients::kube::Reader;
use quarterdeck::model::{Change, EndpointId, Feed, Kind, Row, Scope, SourceStatus, Topic};
use quarterdeck::sources::kubernetes::listwatch::{self, Subject};
use quarterdeck::sources::kubernetes::wire::{Format, ListDecoder, Piece};
use quarterdeck::sources::outlet::Outlet;
use serde_json::Value;
use tokio::sync::mpsc;

use crate::wire::row;

fn engines() -> bool {
    std::env::var("QD_TEST_ENGINES").is_ok_and(|value| value == "1")
}

async fn reader() -> Reader {
    Reader::new(kube::Client::try_default().await.unwrap()).nearby()
}

/// The first complete list of a kind, as the store would hold it.
async fn list(kind: Kind) -> Vec<Row> {
    let feed = Feed {
        endpoint: EndpointId(0),
        topic: Topic::Objects(kind.clone(), Scope::All),
    };
    let (batches, mut inbox) = mpsc::channel(8);
    let subject = Subject {
        endpoint: EndpointId(0),
        kind,
        scope: Scope::All,
        streaming: false,
    };
    let outlet = Outlet::new(feed, batches);
    let task = tokio::spawn(listwatch::run(reader().await, subject, outlet));
    let mut rows = Vec::new();
    let done = tokio::time::timeout(Duration::from_secs(30), async {
        while let Some(batch) = inbox.recv().await {
            for change in batch.changes {
                match change {
                    Change::Row(row) => rows.push(row),
                    Change::Status(SourceStatus::Live) => return,
                    Change::Status(status @ SourceStatus::Stale { .. }) => panic!("{status:?}"),
                    _ => {}
                }
            }
        }
    });
    done.await.expect("a complete list");
    task.abort();
    rows
}

fn kubectl(arguments: &[&str]) -> Value {
    let out = std::process::Command::new("kubectl")
        .args(arguments)
        .output()
        .unwrap();
    serde_json::from_slice(&out.stdout).unwrap()
}

#[tokio::test]
async fn pods_are_what_kubectl_says() {
    if !engines() {
        return;
    }
    let mut ours = BTreeMap::new();
    for row in list(Kind::Pod).await {
        let Row::Pod(pod) = row else {
            panic!("{row:?}")
        };
        ours.insert(
            format!("{}/{}", pod.meta.namespace, pod.meta.name),
            (
                pod.phase.to_string(),
                i64::from(pod.restarts),
                i64::from(pod.ready),
            ),
        );
    }
    let theirs: BTreeMap<_, _> = kubectl(&["get", "pods", "-A", "-o", "json"])["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pod| {
            let name = |key: &str| pod["metadata"][key].as_str().unwrap();
            let containers = pod["status"]["containerStatuses"].as_array();
            let containers = || containers.into_iter().flatten();
            (
                format!("{}/{}", name("namespace"), name("name")),
                (
                    pod["status"]["phase"].as_str().unwrap().to_owned(),
                    containers()
                        .map(|one| one["restartCount"].as_i64().unwrap())
                        .sum(),
                    containers().filter(|one| one["ready"] == true).count() as i64,
                ),
            )
        })
        .collect();
    assert!(!theirs.is_empty());
    assert_eq!(ours, theirs);
}

#[tokio::test]
async fn every_kind_is_read_alike_in_both_encodings() {
    if !engines() {
        return;
    }
    let reader = reader().await;
    for (kind, info) in Kind::built_in() {
        // Objects change between the two answers; the ones that did not must be alike.
        let mut rows = Vec::new();
        for format in [Format::Protobuf, Format::Json] {
            let accept = match format {
                Format::Protobuf => "application/vnd.kubernetes.protobuf",
                Format::Json => "application/json",
            };
            let answer = reader.get(&kind.path(""), accept).await.unwrap();
            let body: Bytes = answer.into_body().collect().await.unwrap().to_bytes();
            let mut decoder = ListDecoder::new(format);
            decoder.push(body);
            let mut read = BTreeMap::new();
            while let Some(piece) = decoder.piece().unwrap() {
                if let Piece::Item(item) = piece {
                    let row = row(kind, format, item).unwrap();
                    let text = format!("{row:?}");
                    let version = text
                        .split("version: ")
                        .nth(1)
                        .unwrap()
                        .split(',')
                        .next()
                        .unwrap();
                    let uid = text
                        .split("uid: ")
                        .nth(1)
                        .unwrap()
                        .split(' ')
                        .next()
                        .unwrap();
                    read.insert(format!("{uid} {version}"), row);
                }
            }
            assert!(decoder.complete(), "{}", info.plural);
            rows.push(read);
        }
        let mut compared = 0;
        for (object, row) in &rows[0] {
            if let Some(other) = rows[1].get(object) {
                assert_eq!(row, other);
                compared += 1;
            }
        }
        assert!(
            compared * 2 >= rows[0].len(),
            "{}: only {compared} compared",
            info.plural
        );
    }
}
