//! The demo's Kubernetes server against its own world: lists, watches, both encodings, writes, faults and scenarios.

mod encodings;
mod life;
mod real;
mod wire;
mod writes;

use std::collections::BTreeMap;
use std::time::Duration;

use quarterdeck::demo::{Estate, Fault, Options, Poke, serve};
use serde_json::Value;

use self::wire::{DEADLINE, JSON, PROTOBUF, get, json};

pub(crate) const EU: &str = "demo-eu";
/// The built-in kinds by path.
const KINDS: [&str; 25] = [
    "api/v1/pods",
    "api/v1/nodes",
    "api/v1/events",
    "api/v1/services",
    "api/v1/endpoints",
    "api/v1/configmaps",
    "api/v1/secrets",
    "api/v1/persistentvolumeclaims",
    "api/v1/persistentvolumes",
    "api/v1/namespaces",
    "api/v1/serviceaccounts",
    "api/v1/resourcequotas",
    "api/v1/limitranges",
    "apis/apps/v1/deployments",
    "apis/apps/v1/statefulsets",
    "apis/apps/v1/daemonsets",
    "apis/apps/v1/replicasets",
    "apis/apps/v1/controllerrevisions",
    "apis/batch/v1/jobs",
    "apis/batch/v1/cronjobs",
    "apis/autoscaling/v2/horizontalpodautoscalers",
    "apis/networking.k8s.io/v1/ingresses",
    "apis/discovery.k8s.io/v1/endpointslices",
    "apis/policy/v1/poddisruptionbudgets",
    "apis/apiextensions.k8s.io/v1/customresourcedefinitions",
];

pub(crate) fn options(scenario: &str) -> Options {
    Options {
        scenario: Some(scenario.to_owned()),
        seed: 7,
        epoch: Some("2026-11-21T12:04:31Z".parse().unwrap()),
        ..Options::default()
    }
}

pub(crate) async fn start(scenario: &str) -> (Estate, String) {
    let estate = serve(options(scenario)).await.unwrap();
    let url = estate.servers()[0].url.clone();
    (estate, url)
}

pub(crate) fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn key(object: &Value) -> String {
    format!(
        "{}/{}",
        text(object, "/metadata/namespace"),
        text(object, "/metadata/name")
    )
}

fn items(list: &Value) -> &Vec<Value> {
    list["items"].as_array().unwrap()
}

/// What a client holds after a list and a watch: names with uid and version.
type Held = BTreeMap<String, (String, String)>;

fn world(estate: &Estate, plural: &str) -> Held {
    let hold = |o: &Value| {
        (
            key(o),
            (
                text(o, "/metadata/uid").to_owned(),
                text(o, "/metadata/resourceVersion").to_owned(),
            ),
        )
    };
    estate.objects(EU, plural).iter().map(hold).collect()
}

fn follow(held: &mut Held, word: &str, name: String, uid: String, version: String) {
    match word {
        "ADDED" | "MODIFIED" => drop(held.insert(name, (uid, version))),
        "DELETED" => drop(held.remove(&name)),
        other => panic!("{other} in the watch"),
    }
}

#[tokio::test]
async fn a_client_that_lists_and_watches_in_json_has_the_world() {
    let (estate, url) = start("bad-deploy").await;
    for plural in ["pods", "events"] {
        let list = json(&url, &format!("/api/v1/{plural}")).await;
        let mut held: Held = BTreeMap::new();
        for o in items(&list) {
            follow(
                &mut held,
                "ADDED",
                key(o),
                text(o, "/metadata/uid").into(),
                text(o, "/metadata/resourceVersion").into(),
            );
        }
        let path = format!(
            "/api/v1/{plural}?watch=true&resourceVersion={}",
            text(&list, "/metadata/resourceVersion")
        );
        let mut watch = wire::Chunks::open(&url, "GET", &path, &[("accept", JSON)], "").await;
        for _ in 0..40 {
            estate.advance(Duration::from_secs(3));
        }
        let wanted = world(&estate, plural);
        let mut buffer = Vec::new();
        tokio::time::timeout(DEADLINE, async {
            while held != wanted {
                buffer.extend(watch.next().await.unwrap().expect("the watch ended"));
                while let Some(end) = buffer.iter().position(|b| *b == b'\n') {
                    let line: Vec<u8> = buffer.drain(..=end).collect();
                    let event: Value = serde_json::from_slice(&line).unwrap();
                    let o = &event["object"];
                    assert_eq!(o["kind"], if plural == "pods" { "Pod" } else { "Event" });
                    follow(
                        &mut held,
                        text(&event, "/type"),
                        key(o),
                        text(o, "/metadata/uid").into(),
                        text(o, "/metadata/resourceVersion").into(),
                    );
                }
            }
        })
        .await
        .expect("the client never had what the world has");
    }
}

#[tokio::test]
async fn pages_show_one_version_whatever_happens_between_them() {
    let (estate, url) = start("calm").await;
    let before = world(&estate, "pods");
    let mut seen: Held = BTreeMap::new();
    let mut next = String::new();
    let mut versions = Vec::new();
    loop {
        let page = json(&url, &format!("/api/v1/pods?limit=7{next}")).await;
        versions.push(text(&page, "/metadata/resourceVersion").to_owned());
        for o in items(&page) {
            assert!(
                seen.insert(
                    key(o),
                    (
                        text(o, "/metadata/uid").into(),
                        text(o, "/metadata/resourceVersion").into()
                    )
                )
                .is_none()
            );
        }
        let left = page["metadata"]["remainingItemCount"].as_u64().unwrap_or(0);
        assert_eq!(seen.len() + left as usize, before.len());
        let token = text(&page, "/metadata/continue");
        if token.is_empty() {
            break;
        }
        next = format!("&continue={token}");
        let victim = before.keys().nth(40).unwrap();
        let (namespace, name) = victim.split_once('/').unwrap();
        estate.remove(EU, "pods", namespace, name);
        estate.advance(Duration::from_secs(5));
    }
    assert_eq!(seen, before);
    versions.dedup();
    assert_eq!(versions.len(), 1);
}

#[tokio::test]
async fn what_is_forgotten_is_answered_with_410() {
    let (estate, url) = start("calm").await;
    let page = json(&url, "/api/v1/pods?limit=5").await;
    estate.advance(Duration::from_mins(2));
    estate.compact(EU);
    let answer = get(
        &url,
        &format!(
            "/api/v1/pods?limit=5&continue={}",
            text(&page, "/metadata/continue")
        ),
        JSON,
    )
    .await;
    assert_eq!(
        (answer.code, text(&answer.json(), "/reason")),
        (410, "Expired")
    );
    let old = text(&page, "/metadata/resourceVersion");
    let watch = get(
        &url,
        &format!("/api/v1/pods?watch=1&resourceVersion={old}"),
        JSON,
    )
    .await;
    assert_eq!(watch.code, 200);
    assert_eq!(
        (
            text(&watch.json(), "/type"),
            watch.json()["object"]["code"].as_u64()
        ),
        ("ERROR", Some(410))
    );
    let watch = get(
        &url,
        &format!("/api/v1/pods?watch=1&resourceVersion={old}"),
        &format!("{PROTOBUF};stream=watch"),
    )
    .await;
    let frames = wire::frames(&mut watch.body.clone());
    assert_eq!(frames[0].0, "ERROR");
    assert_eq!(wire::unwrap(&frames[0].1).1, "Status");
    let answer = get(
        &url,
        "/api/v1/pods?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan",
        JSON,
    )
    .await;
    assert_eq!(answer.code, 422);
}

#[tokio::test]
async fn selectors_narrow_lists_and_watches() {
    let (estate, url) = start("mix").await;
    let all = estate.objects(EU, "pods");
    let count = |wanted: &dyn Fn(&Value) -> bool| all.iter().filter(|o| wanted(o)).count();
    let app = |o: &Value| text(o, "/metadata/labels/app").to_owned();
    for (query, wanted) in [
        ("labelSelector=app%3Dshop", count(&|o| app(o) == "shop")),
        (
            "labelSelector=app+in+(shop,redis)",
            count(&|o| app(o) == "shop" || app(o) == "redis"),
        ),
        (
            "labelSelector=app!%3Dshop,job-name",
            count(&|o| app(o) != "shop" && !text(o, "/metadata/labels/job-name").is_empty()),
        ),
        (
            "labelSelector=!job-name",
            count(&|o| text(o, "/metadata/labels/job-name").is_empty()),
        ),
        (
            "fieldSelector=spec.nodeName%3Deu-worker-1",
            count(&|o| text(o, "/spec/nodeName") == "eu-worker-1"),
        ),
        (
            "fieldSelector=status.phase!%3DRunning",
            count(&|o| text(o, "/status/phase") != "Running"),
        ),
    ] {
        let found = items(&json(&url, &format!("/api/v1/pods?{query}")).await).len();
        assert_eq!(found, wanted, "{query}");
        assert!(found > 0, "{query} finds nothing");
    }
    let path =
        "/api/v1/namespaces/ecommerce-prod/pods?watch=1&labelSelector=app%3Dshop&timeoutSeconds=1";
    let watch = get(&url, path, JSON).await.text();
    assert_eq!(watch.lines().count(), 3);
    assert_eq!(
        get(&url, "/api/v1/pods?fieldSelector=spec.banana%3D1", JSON)
            .await
            .code,
        400
    );
}

#[tokio::test]
async fn tables_have_a_cell_for_each_column() {
    let (_estate, url) = start("mix").await;
    let table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
    for kind in KINDS.iter().chain(&[
        "apis/cert-manager.io/v1/certificates",
        "apis/postgresql.cnpg.io/v1/backups",
    ]) {
        let list = get(&url, &format!("/{kind}"), table).await.json();
        assert_eq!(list["kind"], "Table", "{kind}");
        let columns = list["columnDefinitions"].as_array().unwrap();
        for row in list["rows"].as_array().unwrap() {
            assert_eq!(
                row["cells"].as_array().unwrap().len(),
                columns.len(),
                "{kind}"
            );
            assert_eq!(row["object"]["kind"], "PartialObjectMetadata");
        }
    }
    let list = get(&url, "/api/v1/pods", table).await.json();
    let words: Vec<&str> = list["rows"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|r| r["cells"][2].as_str())
        .collect();
    for word in [
        "CrashLoopBackOff",
        "ImagePullBackOff",
        "Pending",
        "Evicted",
        "Terminating",
        "Completed",
        "Error",
        "Running",
    ] {
        assert!(words.contains(&word), "no pod is {word}");
    }
    assert!(words.iter().any(|w| w.starts_with("Init:")));
}

#[tokio::test]
async fn faults_come_as_ordered_and_go() {
    let (estate, url) = start("calm").await;
    let status = Fault::Status {
        code: 503,
        retry_after: Some("7".into()),
        body: String::new(),
    };
    estate.inject(EU, "/api/v1/pods", status, 1);
    let answer = get(&url, "/api/v1/pods", JSON).await;
    assert_eq!(
        (answer.code, answer.headers["retry-after"].as_str()),
        (503, "7")
    );
    assert_eq!(get(&url, "/api/v1/pods", JSON).await.code, 200);
    estate.inject(EU, "/api/v1/pods", Fault::Html, 1);
    assert!(get(&url, "/api/v1/pods", JSON).await.headers["content-type"].starts_with("text/html"));
    estate.inject(EU, "/api/v1/pods", Fault::Cut(5000), 1);
    let cut = get(&url, "/api/v1/pods", JSON).await;
    assert!(!cut.whole && cut.body.len() <= 5000);
    estate.deny(EU, "list", "secrets", "");
    let denied = get(&url, "/api/v1/namespaces/ecommerce-prod/secrets", JSON).await;
    assert_eq!(
        (denied.code, text(&denied.json(), "/reason")),
        (403, "Forbidden")
    );
    estate.allow_all(EU);
    assert_eq!(get(&url, "/api/v1/secrets", JSON).await.code, 200);
    let mut watch = wire::Chunks::open(
        &url,
        "GET",
        "/api/v1/nodes?watch=1",
        &[("accept", JSON)],
        "",
    )
    .await;
    assert!(watch.next().await.unwrap().is_some());
    estate.poke(EU, "/api/v1/nodes", Poke::Raw(b"{garbage\n".to_vec()));
    assert_eq!(watch.next().await.unwrap().unwrap(), b"{garbage\n");
    estate.poke(EU, "/api/v1/nodes", Poke::Gone);
    assert!(
        String::from_utf8(watch.next().await.unwrap().unwrap())
            .unwrap()
            .contains(r#""code":410"#)
    );
    assert_eq!(watch.next().await, Ok(None));
    assert!(estate.seen(EU).iter().any(|s| s.uri == "/api/v1/secrets"));
}

#[tokio::test]
async fn bookmarks_carry_the_version_that_a_watch_has_reached() {
    let (estate, url) = start("calm").await;
    estate.bookmark_every(EU, Duration::from_millis(20));
    let list = json(&url, "/api/v1/nodes").await;
    let path = format!(
        "/api/v1/nodes?watch=1&allowWatchBookmarks=true&resourceVersion={}",
        text(&list, "/metadata/resourceVersion")
    );
    let mut watch = wire::Chunks::open(&url, "GET", &path, &[("accept", JSON)], "").await;
    estate.advance(Duration::from_mins(1));
    let now = text(
        &json(&url, "/api/v1/nodes").await,
        "/metadata/resourceVersion",
    )
    .to_owned();
    loop {
        let event: Value = serde_json::from_slice(&watch.next().await.unwrap().unwrap()).unwrap();
        assert_eq!(text(&event, "/type"), "BOOKMARK");
        if text(&event, "/object/metadata/resourceVersion") == now {
            break;
        }
    }
}
