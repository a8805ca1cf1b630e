//! The wire against a real API server: run with `QD_TEST_ENGINES=1`.

use std::collections::BTreeMap;
use std::time::Duration;

use quarterdeck::clients::kube::Reader;
use quarterdeck::model::{Change, EndpointId, Feed, Kind, Row, Scope, SourceStatus, Topic};
use quarterdeck::sources::kubernetes::listwatch::{self, Subject};
use quarterdeck::sources::outlet::Outlet;
use serde_json::Value;
use tokio::sync::mpsc;

fn engines() -> bool {
    std::env::var("QD_TEST_ENGINES").is_ok_and(|value| value == "1")
}

/// The first complete list of a kind, as the store would hold it.
async fn list(kind: Kind) -> Vec<Row> {
    let client = kube::Client::try_default().await.unwrap();
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
    let task = tokio::spawn(listwatch::run(
        Reader::new(client).nearby(),
        subject,
        Outlet::new(feed, batches),
    ));
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
            (pod.phase.to_string(), pod.restarts as i64, pod.ready as i64),
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
