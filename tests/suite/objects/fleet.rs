//! Endpoints that wait are started again at once when the operator says so.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use quarterdeck::clients::connect::KubeChoice;
use quarterdeck::model::{Demand, Endpoint, Feed, Kind, Scope, SourceStatus, Topic, Want};
use quarterdeck::sources::fleet::Fleet;
use quarterdeck::sources::{How, KUBERNETES, Opening};
use quarterdeck::store::{Store, Table};
use serde_json::json;

use super::super::clients::{http, server};
use super::{fixtures, now};

#[tokio::test]
async fn a_retry_does_not_wait_and_rows_stay() {
    let kind = Kind::Custom(fixtures::certificates().into());
    let busy = Arc::new(AtomicBool::new(false));
    let told = busy.clone();
    let address = server(move |head| {
        if !head.contains("/certificates") {
            return http("404 Not Found", "application/json", "{}");
        }
        let watched = head.contains("watch=");
        if told.load(Ordering::SeqCst) {
            let kind = "application/json\r\nretry-after: 30";
            return http("503 Service Unavailable", kind, "{}");
        }
        if watched {
            // The server goes down while it is watched.
            told.store(true, Ordering::SeqCst);
            return http(
                "503 Service Unavailable",
                "application/json\r\nretry-after: 30",
                "{}",
            );
        }
        let mut table = fixtures::table();
        table["metadata"] = json!({ "resourceVersion": "20" });
        http("200 OK", "application/json", &table.to_string())
    })
    .await;
    let (mut fleet, mut batches) = Fleet::new();
    let how = How::Kubernetes(KubeChoice {
        server: Some(format!("http://{address}")),
        ..KubeChoice::default()
    });
    let opening = Opening {
        endpoint: Endpoint::default(),
        how,
    };
    let endpoint = fleet.open(&KUBERNETES, opening);
    let want = Want {
        endpoint,
        kind: kind.clone(),
        scope: Scope::All,
    };
    fleet.want(Demand {
        objects: [want].into(),
        ..Demand::default()
    });
    let topic = Topic::Objects(kind.clone(), Scope::All);
    let feed = Feed { endpoint, topic };
    let mut store = Store::default();
    let waits = |store: &Store| matches!(store.status(&feed), Some(SourceStatus::Stale { .. }));
    let rows = |store: &Store| store.resources(&kind).map_or(0, Table::len);
    // Far less than the half minute that the server asks for.
    let patience = Duration::from_secs(20);
    let down = async {
        while !waits(&store) {
            store.apply(batches.recv().await.unwrap(), now());
        }
    };
    tokio::time::timeout(patience, down)
        .await
        .expect("it waits");
    assert_eq!(rows(&store), 2);

    busy.store(false, Ordering::SeqCst);
    fleet.retry(|id| id == endpoint);
    let back = async {
        loop {
            let batch = batches.recv().await.unwrap();
            let listed = batch.feed == feed
                && batch
                    .changes
                    .iter()
                    .any(|change| matches!(change, quarterdeck::model::Change::Listed));
            store.apply(batch, now());
            assert_eq!(rows(&store), 2, "rows stay");
            if listed {
                return;
            }
        }
    };
    tokio::time::timeout(patience, back)
        .await
        .expect("it is asked again");
}
