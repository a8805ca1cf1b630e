//! A whole endpoint against a server that answers as the test says.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use quarterdeck::clients::connect::KubeChoice;
use quarterdeck::model::{
    Batch, Change, Demand, Endpoint, EndpointId, Feed, Key, Kind, Moment, Name, Scope,
    SourceStatus, Target, Topic, Uid, Want,
};
use quarterdeck::sources::kubernetes;
use quarterdeck::store::{Store, Table};
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::super::clients::{http, server};
use super::fixtures;

const ID: EndpointId = EndpointId(0);

/// An endpoint against a script, what it asked for, and the store that hears of it.
struct Stage {
    demand: watch::Sender<Demand>,
    batches: mpsc::Receiver<Batch>,
    store: Store,
    asked: Arc<Mutex<Vec<String>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Stage {
    /// `script` answers a path (with query) that was asked for the n-th time; none means 404.
    async fn open(
        demand: Demand,
        script: impl Fn(&str, usize) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = asked.clone();
        let address = server(move |head| {
            let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
            let place = path.split('?').next().unwrap_or_default().to_owned();
            let watched = path.contains("watch=");
            let same = |other: &String| {
                other.split('?').next() == Some(place.as_str())
                    && other.contains("watch=") == watched
            };
            let mut log = log.lock().unwrap();
            let before = log.iter().filter(|other| same(other)).count();
            log.push(path.clone());
            drop(log);
            if path == "/version" {
                return http("200 OK", "application/json", r#"{"gitVersion":"v1.30.1"}"#);
            }
            script(&path, before).unwrap_or_else(|| http("404 Not Found", "application/json", "{}"))
        })
        .await;
        let (demand, demanded) = watch::channel(demand);
        let (batches_tx, batches) = mpsc::channel(16);
        let choice = KubeChoice {
            server: Some(format!("http://{address}")),
            ..KubeChoice::default()
        };
        let endpoint = Endpoint {
            id: ID,
            ..Endpoint::default()
        };
        Self {
            demand,
            batches,
            store: Store::default(),
            asked,
            task: tokio::spawn(kubernetes::run(choice, endpoint, demanded, batches_tx)),
        }
    }

    async fn until(&mut self, what: &str, holds: impl Fn(&Store) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !holds(&self.store) {
            let batch = tokio::time::timeout_at(deadline, self.batches.recv()).await;
            let Ok(Some(batch)) = batch else {
                let statuses: Vec<_> = self.store.statuses().collect();
                panic!(
                    "never: {what}\n{statuses:#?}\n{:#?}",
                    self.asked.lock().unwrap()
                );
            };
            self.store
                .apply(batch, Moment::from(jiff::Timestamp::now()));
        }
    }

    fn asked(&self, part: &str) -> usize {
        self.asked
            .lock()
            .unwrap()
            .iter()
            .filter(|path| path.contains(part))
            .count()
    }
}

fn certificates() -> Kind {
    Kind::Custom(fixtures::certificates().into())
}

fn wants(kind: Kind) -> Demand {
    Demand {
        objects: [Want {
            endpoint: ID,
            kind,
            scope: Scope::All,
        }]
        .into(),
        ..Demand::default()
    }
}

fn status(store: &Store, kind: Kind) -> Option<SourceStatus> {
    let topic = Topic::Objects(kind, Scope::All);
    store
        .status(&Feed {
            endpoint: ID,
            topic,
        })
        .cloned()
}

#[allow(clippy::unnecessary_wraps, reason = "the shape of a script's answer")]
fn answer(body: &Value) -> Option<String> {
    Some(http("200 OK", "application/json", &body.to_string()))
}

/// A watch that tells these events and stays open.
#[allow(clippy::unnecessary_wraps, reason = "the shape of a script's answer")]
fn open_watch(events: &[Value]) -> Option<String> {
    use std::fmt::Write;
    let mut text =
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
            .to_owned();
    for event in events {
        let line = format!("{event}\n");
        let _ = write!(text, "{:x}\r\n{line}\r\n", line.len());
    }
    Some(text)
}

fn page(next: &str) -> Value {
    let mut table = fixtures::table();
    table["metadata"] = json!({ "resourceVersion": "20", "continue": next });
    table
}

fn rows(store: &Store) -> usize {
    store.resources(&certificates()).map_or(0, Table::len)
}

#[tokio::test]
async fn a_page_that_is_too_old_starts_the_list_again_without_copies() {
    let mut stage = Stage::open(wants(certificates()), |path, before| {
        if path.contains("watch=") {
            return open_watch(&[]);
        }
        if !path.starts_with("/apis/cert-manager.io/v1/certificates") {
            return None;
        }
        match (path.contains("continue="), before) {
            (true, 1) => Some(http("410 Gone", "application/json", "{}")),
            (true, _) => answer(&page("")),
            (false, _) => answer(&page("token with /?&")),
        }
    })
    .await;
    stage
        .until("live", |store| {
            status(store, certificates()) == Some(SourceStatus::Live)
        })
        .await;
    assert_eq!(rows(&stage.store), 2);
    assert_eq!(stage.asked("continue=token%20with%20%2F%3F%26"), 2);
}

#[tokio::test]
async fn a_server_with_another_clock_is_noticed() {
    let mut stage = Stage::open(wants(certificates()), |path, _| {
        if path.contains("watch=") {
            return open_watch(&[]);
        }
        let date = jiff::Zoned::now().checked_add(jiff::Span::new().minutes(10));
        let date = jiff::fmt::rfc2822::DateTimePrinter::new()
            .timestamp_to_rfc9110_string(&date.unwrap().timestamp());
        let body = page("").to_string();
        path.starts_with("/apis/cert-manager.io/v1/certificates")
            .then(|| {
                http(
                    "200 OK",
                    &format!("application/json\r\ndate: {}", date.unwrap()),
                    &body,
                )
            })
    })
    .await;
    stage
        .until("ten minutes ahead", |store| {
            let endpoint = store.endpoint(ID);
            endpoint.is_some_and(|endpoint| (590..=610).contains(&endpoint.ahead))
        })
        .await;
}

#[tokio::test]
async fn rows_stay_through_a_fault_and_follow_the_watch() {
    let event = |sort: &str, name: &str| {
        let mut table = page("");
        table["columnDefinitions"] = json!(null);
        let keep = usize::from(name == "api-tls");
        table["rows"] = json!([table["rows"][keep].clone()]);
        json!({ "type": sort, "object": table })
    };
    let bookmark = json!({ "type": "BOOKMARK", "object": { "kind": "Table", "metadata": { "resourceVersion": "30" } } });
    let mut stage = Stage::open(wants(certificates()), move |path, before| {
        if !path.starts_with("/apis/cert-manager.io/v1/certificates") {
            return None;
        }
        if !path.contains("watch=") {
            return answer(&page(""));
        }
        match before {
            0 => Some(http(
                "500 Internal Server Error",
                "application/json",
                r#"{"message":"oops"}"#,
            )),
            1 => open_watch(&[event("DELETED", "api-tls"), bookmark.clone()]),
            _ => None,
        }
    })
    .await;
    stage
        .until("stale with the cause", |store| {
            assert!(store.resources(&certificates()).is_none() || rows(store) > 0);
            matches!(status(store, certificates()), Some(SourceStatus::Stale { cause, retry_at: Some(_), .. })
                if cause.as_str() == "answered 500: oops")
        })
        .await;
    assert_eq!(rows(&stage.store), 2);
    stage.until("one is gone", |store| rows(store) == 1).await;
    assert_eq!(
        status(&stage.store, certificates()),
        Some(SourceStatus::Live)
    );
}

#[tokio::test]
async fn a_denied_kind_is_asked_for_once() {
    let mut stage = Stage::open(wants(certificates()), |path, _| {
        path.starts_with("/apis/cert-manager.io")
            .then(|| http("403 Forbidden", "application/json", r#"{"message":"no"}"#))
    })
    .await;
    stage
        .until("denied", |store| {
            status(store, certificates())
                == Some(SourceStatus::Denied {
                    verb: "list".into(),
                    resource: "certificates.cert-manager.io".into(),
                })
        })
        .await;
    stage
        .until("the version", |store| {
            store
                .endpoint(ID)
                .is_some_and(|endpoint| !endpoint.version.is_empty())
        })
        .await;
    // Once for all, once for the namespace that the settings know.
    assert!(
        stage.asked("certificates") <= 2,
        "{:#?}",
        stage.asked.lock().unwrap()
    );
}

#[tokio::test]
async fn usage_is_asked_only_when_wanted_and_its_absence_is_said() {
    let mut stage = Stage::open(wants(certificates()), |path, _| {
        if path.contains("watch=") {
            return open_watch(&[]);
        }
        path.starts_with("/apis/cert-manager.io")
            .then(|| answer(&page("")))?
    })
    .await;
    stage
        .until("live", |store| {
            status(store, certificates()) == Some(SourceStatus::Live)
        })
        .await;
    stage
        .until("the version", |store| {
            store
                .endpoint(ID)
                .is_some_and(|endpoint| !endpoint.version.is_empty())
        })
        .await;
    assert_eq!(stage.asked("metrics.k8s.io"), 0);
    let key = Key {
        endpoint: ID,
        uid: Uid::parse("x"),
    };
    stage.demand.send_modify(|demand| {
        demand.usage = vec![(key, Kind::Pod, Name::new("shop"), Name::new("a"))];
    });
    let usage = Feed {
        endpoint: ID,
        topic: Topic::Usage,
    };
    stage
        .until("off", |store| {
            store.status(&usage)
                == Some(&SourceStatus::Off {
                    why: "metrics-server is not installed".into(),
                })
        })
        .await;
    assert_eq!(
        stage.asked("metrics.k8s.io"),
        2,
        "the pod's, and whether the API is there"
    );
}

#[tokio::test]
async fn what_nobody_looks_at_is_watched_for_a_minute_more() {
    let mut stage = Stage::open(wants(certificates()), |path, _| {
        if path.contains("watch=") {
            return open_watch(&[]);
        }
        path.starts_with("/apis/cert-manager.io")
            .then(|| answer(&page("")))?
    })
    .await;
    let live = |store: &Store| status(store, certificates()) == Some(SourceStatus::Live);
    stage.until("live", live).await;
    stage.demand.send_replace(Demand::default());
    later(30).await;
    stage.demand.send_replace(wants(certificates()));
    later(40).await;
    assert!(live(&stage.store), "wanted again in time");
    stage.demand.send_replace(Demand::default());
    later(61).await;
    stage
        .until("dropped", |store| {
            status(store, certificates()).is_none() && rows(store) == 0
        })
        .await;
    let lists = stage.asked("certificates?limit=");
    assert_eq!(lists, 1, "coming back in time costs no list");
}

/// Lets the endpoint's clock go on, and the endpoint look at it.
async fn later(seconds: u64) {
    tokio::task::yield_now().await;
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

fn certificate(uid: &str, version: &str) -> Value {
    let mut object = fixtures::certificate();
    object["metadata"]["uid"] = json!(uid);
    object["metadata"]["resourceVersion"] = json!(version);
    object
}

fn opened() -> Demand {
    Demand {
        document: Some(Target {
            endpoint: ID,
            kind: certificates(),
            namespace: Name::new("shop"),
            name: Name::new("shop-tls"),
            uid: None,
        }),
        ..Demand::default()
    }
}

#[tokio::test]
async fn an_opened_object_follows_its_watch_to_its_end() {
    let mut changed = certificate("c", "10");
    changed["spec"]["secretName"] = json!("another");
    let gone = certificate("c", "11");
    let mut stage = Stage::open(opened(), move |path, before| {
        if path.contains("fieldSelector=metadata.name%3Dshop-tls") {
            return match before {
                0 => open_watch(&[json!({ "type": "MODIFIED", "object": changed })])
                    .map(|text| text + "0\r\n\r\n"),
                _ => open_watch(&[json!({ "type": "DELETED", "object": gone })]),
            };
        }
        path.ends_with("/namespaces/shop/certificates/shop-tls")
            .then(|| answer(&certificate("c", "9")))?
    })
    .await;
    let says = |store: &Store, line: &str| {
        store
            .document()
            .is_some_and(|document| document.yaml.iter().any(|text| text.trim() == line))
    };
    stage
        .until("the changed object", |store| {
            says(store, "secretName: another")
        })
        .await;
    stage
        .until("its end", |store| {
            store.document().is_some_and(|document| document.deleted)
        })
        .await;
    assert!(
        says(&stage.store, "secretName: shop-tls"),
        "its last state stays"
    );
    assert!(
        stage.asked("resourceVersion=10&") > 0,
        "the watch goes on from the last version"
    );
}

#[tokio::test]
async fn a_successor_of_the_same_name_is_not_taken_for_the_opened_object() {
    let mut stage = Stage::open(opened(), |path, _| {
        if path.contains("watch=") {
            return open_watch(&[
                json!({ "type": "ADDED", "object": certificate("successor", "12") }),
            ]);
        }
        path.ends_with("/certificates/shop-tls")
            .then(|| answer(&certificate("c", "9")))?
    })
    .await;
    stage
        .until("its end", |store| {
            store.document().is_some_and(|document| document.deleted)
        })
        .await;
    let document = stage.store.document().unwrap();
    assert!(document.yaml.iter().any(|line| line.trim() == "uid: c"));
}

#[tokio::test]
async fn a_cluster_that_cannot_be_opened_says_why_and_when_it_tries_again() {
    let folder = tempfile::tempdir().unwrap();
    let (_demand_tx, demand) = watch::channel(Demand::default());
    let (batches_tx, mut batches) = mpsc::channel(16);
    let choice = KubeChoice {
        kubeconfig: Some(folder.path().join("config")),
        ..KubeChoice::default()
    };
    let task = tokio::spawn(kubernetes::run(
        choice,
        Endpoint::default(),
        demand,
        batches_tx,
    ));
    let found = tokio::time::timeout(Duration::from_secs(10), async {
        while let Some(batch) = batches.recv().await {
            for change in batch.changes {
                if let Change::Status(SourceStatus::Stale {
                    cause, retry_at, ..
                }) = change
                {
                    return (cause, retry_at);
                }
            }
        }
        panic!("it gave up");
    })
    .await
    .unwrap();
    task.abort();
    assert!(
        found.0.ends_with("config: there is no such kubeconfig"),
        "{}",
        found.0
    );
    assert!(found.1.is_some());
}
