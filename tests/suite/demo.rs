//! The demo's Kubernetes server against its own world: lists, watches, both encodings, writes, faults and scenarios.

mod wire;
mod writes;

use std::collections::BTreeMap;
use std::time::Duration;

use quarterdeck::demo::{Estate, Fault, Options, Poke, scenarios, serve};
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
async fn a_client_that_lists_and_watches_in_protobuf_has_the_world() {
    let mut options = options("bad-deploy");
    options.pods = Some(2500);
    let estate = serve(options).await.unwrap();
    let url = estate.servers()[0].url.clone();
    let hold = |object: &[u8]| {
        let name = format!(
            "{}/{}",
            wire::text(object, &[1, 3]),
            wire::text(object, &[1, 1])
        );
        (
            name,
            wire::text(object, &[1, 5]),
            wire::text(object, &[1, 6]),
        )
    };
    let answer = get(&url, "/api/v1/pods?resourceVersion=0", PROTOBUF).await;
    assert_eq!(answer.headers["content-type"], PROTOBUF);
    let (api, kind, list) = wire::unwrap(&answer.body);
    assert_eq!((api.as_str(), kind.as_str()), ("v1", "PodList"));
    let mut held: Held = BTreeMap::new();
    for item in wire::all(&list, 2) {
        let (name, uid, version) = hold(&item);
        follow(&mut held, "ADDED", name, uid, version);
    }
    assert!(held.len() > 2550);
    let path = format!(
        "/api/v1/pods?watch=1&resourceVersion={}",
        wire::text(&list, &[1, 2])
    );
    let accept = format!("{PROTOBUF};stream=watch");
    let mut watch = wire::Chunks::open(&url, "GET", &path, &[("accept", &accept)], "").await;
    assert_eq!(
        watch.headers["content-type"],
        "application/vnd.kubernetes.protobuf;stream=watch"
    );
    for pod in 0..300 {
        estate.churn(EU, pod * 7, pod % 5 == 0);
        if pod % 50 == 0 {
            estate.advance(Duration::from_secs(2));
        }
    }
    let wanted = world(&estate, "pods");
    let mut buffer = Vec::new();
    tokio::time::timeout(DEADLINE, async {
        while held != wanted {
            buffer.extend(watch.next().await.unwrap().expect("the watch ended"));
            for (word, body) in wire::frames(&mut buffer) {
                let (_, kind, object) = wire::unwrap(&body);
                assert_eq!(kind, "Pod");
                let (name, uid, version) = hold(&object);
                follow(&mut held, &word, name, uid, version);
            }
        }
    })
    .await
    .expect("the client never had what the world has");
}

#[tokio::test]
async fn protobuf_says_what_json_says_for_every_built_in_kind() {
    let mut options = options("mix");
    options.pods = Some(400);
    let estate = serve(options).await.unwrap();
    let url = &estate.servers()[0].url;
    for kind in KINDS {
        let list = json(url, &format!("/{kind}")).await;
        let (_, name, binary) = wire::unwrap(&get(url, &format!("/{kind}"), PROTOBUF).await.body);
        assert_eq!(list["kind"], name.as_str());
        let encoded = wire::all(&binary, 2);
        assert_eq!(encoded.len(), items(&list).len(), "{kind}");
        assert!(!encoded.is_empty(), "the demo has none of {kind}");
        for (o, bytes) in items(&list).iter().zip(&encoded) {
            let meta = &o["metadata"];
            for (field, number) in [
                ("name", 1),
                ("generateName", 2),
                ("namespace", 3),
                ("uid", 5),
                ("resourceVersion", 6),
            ] {
                assert_eq!(
                    meta[field].as_str().unwrap_or_default(),
                    wire::text(bytes, &[1, number]),
                    "{kind} {field}"
                );
            }
            let metadata = wire::at(bytes, &[1]);
            let labels: BTreeMap<String, String> = wire::all(&metadata, 11)
                .iter()
                .map(|l| (wire::text(l, &[1]), wire::text(l, &[2])))
                .collect();
            let wanted: BTreeMap<String, String> =
                serde_json::from_value(meta["labels"].clone()).unwrap_or_default();
            assert_eq!(labels, wanted, "{kind}");
            let created: jiff::Timestamp = text(meta, "/creationTimestamp").parse().unwrap();
            let wire::Field::Number(seconds) = wire::fields(&wire::at(bytes, &[1, 8]))[0].1 else {
                panic!("no seconds")
            };
            assert_eq!(created.as_second() as u64, seconds);
        }
    }
}

#[tokio::test]
async fn a_pods_status_is_the_same_in_both_encodings() {
    let mut options = options("mix");
    options.pods = Some(400);
    let estate = serve(options).await.unwrap();
    let url = &estate.servers()[0].url;
    let list = json(url, "/api/v1/pods").await;
    let (_, _, binary) = wire::unwrap(&get(url, "/api/v1/pods", PROTOBUF).await.body);
    for (o, bytes) in items(&list).iter().zip(wire::all(&binary, 2)) {
        assert_eq!(text(o, "/status/phase"), wire::text(&bytes, &[3, 1]));
        assert_eq!(text(o, "/spec/nodeName"), wire::text(&bytes, &[2, 10]));
        assert_eq!(text(o, "/status/podIP"), wire::text(&bytes, &[3, 6]));
        let statuses = wire::all(&wire::at(&bytes, &[3]), 8);
        let wanted = o["status"]["containerStatuses"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        assert_eq!(statuses.len(), wanted.len());
        for (wanted, bytes) in wanted.iter().zip(statuses) {
            assert_eq!(text(wanted, "/name"), wire::text(&bytes, &[1]));
            assert_eq!(
                text(wanted, "/state/waiting/reason"),
                wire::text(&bytes, &[2, 1, 1])
            );
            let number = |n| {
                wire::fields(&bytes)
                    .into_iter()
                    .find_map(|(at, f)| match f {
                        wire::Field::Number(value) if at == n => Some(value),
                        _ => None,
                    })
            };
            assert_eq!(number(5), wanted["restartCount"].as_u64());
            assert_eq!(number(4), Some(u64::from(wanted["ready"] == true)));
        }
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
    estate.advance(Duration::from_secs(120));
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
async fn autoscalers_show_every_state_that_one_meets() {
    let (estate, _url) = start("mix").await;
    let mut reasons = std::collections::BTreeSet::new();
    for _ in 0..80 {
        estate.advance(Duration::from_secs(15));
        for scaler in estate.objects(EU, "horizontalpodautoscalers") {
            for condition in scaler["status"]["conditions"].as_array().unwrap() {
                reasons.insert(text(condition, "/reason").to_owned());
            }
        }
    }
    for reason in [
        "TooManyReplicas",
        "FailedGetResourceMetric",
        "ScaleDownStabilized",
        "ScalingDisabled",
        "FailedGetScale",
        "DesiredWithinRange",
        "ValidMetricFound",
    ] {
        assert!(
            reasons.contains(reason),
            "no autoscaler ever said {reason}: {reasons:?}"
        );
    }
}

#[tokio::test]
async fn a_bad_image_crashes_while_the_old_pods_keep_serving() {
    let (estate, url) = start("bad-deploy").await;
    let path = "/apis/apps/v1/namespaces/ecommerce-prod/deployments/shop";
    assert_eq!(json(&url, path).await["status"]["availableReplicas"], 3);
    for _ in 0..60 {
        estate.advance(Duration::from_secs(1));
    }
    let pods = json(
        &url,
        "/api/v1/namespaces/ecommerce-prod/pods?labelSelector=app%3Dshop",
    )
    .await;
    let crashing: Vec<&Value> = items(&pods)
        .iter()
        .filter(|p| text(p, "/spec/containers/0/image") == "shop:2.0")
        .collect();
    assert_eq!((crashing.len(), items(&pods).len()), (1, 4));
    let status = &crashing[0]["status"]["containerStatuses"][0];
    assert!(status["restartCount"].as_u64().unwrap() >= 2);
    assert_eq!(text(status, "/state/waiting/reason"), "CrashLoopBackOff");
    assert_eq!(status["lastState"]["terminated"]["exitCode"], 3);
    let deployment = json(&url, path).await;
    assert_eq!(deployment["status"]["availableReplicas"], 3);
    assert_eq!(
        text(
            &deployment,
            "/metadata/annotations/deployment.kubernetes.io~1revision"
        ),
        "4"
    );
    let name = text(crashing[0], "/metadata/name");
    let log = get(
        &url,
        &format!("/api/v1/namespaces/ecommerce-prod/pods/{name}/log?previous=true"),
        "*/*",
    )
    .await
    .text();
    assert!(log.contains("PAYMENT_URL is missing"), "{log}");
    let events = json(
        &url,
        &format!(
            "/api/v1/namespaces/ecommerce-prod/events?fieldSelector=involvedObject.name%3D{name}"
        ),
    )
    .await;
    assert!(
        items(&events)
            .iter()
            .any(|e| text(e, "/reason") == "BackOff" && e["count"].as_u64() > Some(1))
    );
    estate.advance(Duration::from_secs(700));
    let conditions = json(&url, path).await["status"]["conditions"].clone();
    assert!(
        conditions
            .as_array()
            .unwrap()
            .iter()
            .any(|c| text(c, "/reason") == "ProgressDeadlineExceeded")
    );
}

#[tokio::test]
async fn a_lost_nodes_pods_are_moved() {
    let (estate, url) = start("node-down").await;
    let on = |pods: &Value| {
        items(pods)
            .iter()
            .filter(|p| {
                text(p, "/metadata/labels/app") == "shop"
                    && p["metadata"]["deletionTimestamp"].is_null()
            })
            .filter(|p| text(p, "/spec/nodeName") == "eu-worker-2")
            .count()
    };
    let path = "/api/v1/namespaces/ecommerce-prod/pods";
    assert!(on(&json(&url, path).await) > 0);
    estate.advance(Duration::from_secs(15));
    let node = json(&url, "/api/v1/nodes/eu-worker-2").await;
    assert!(
        node["status"]["conditions"]
            .as_array()
            .unwrap()
            .iter()
            .any(|c| text(c, "/type") == "Ready" && text(c, "/status") == "Unknown")
    );
    estate.advance(Duration::from_secs(60));
    assert_eq!(on(&json(&url, path).await), 0);
    assert_eq!(
        json(
            &url,
            "/apis/apps/v1/namespaces/ecommerce-prod/deployments/shop"
        )
        .await["status"]["availableReplicas"],
        3
    );
    estate.advance(Duration::from_secs(300));
    let pods = json(&url, path).await;
    assert!(
        items(&pods)
            .iter()
            .all(|p| p["metadata"]["deletionTimestamp"].is_null()),
        "pods of the node stay terminating after it is back"
    );
}

#[tokio::test]
async fn every_scenario_plays_and_two_worlds_of_one_seed_are_alike() {
    let names: Vec<String> = scenarios().into_iter().map(|s| s.name).collect();
    for wanted in [
        "calm",
        "bad-deploy",
        "node-down",
        "traffic-peak",
        "memory-leak",
        "image-missing",
    ] {
        assert!(names.iter().any(|n| n == wanted), "{wanted} is missing");
    }
    for scenario in scenarios() {
        assert!(!scenario.doc.is_empty());
        let (one, _) = start(&scenario.name).await;
        let (two, _) = start(&scenario.name).await;
        one.advance(Duration::from_secs(90));
        for _ in 0..90 {
            two.advance(Duration::from_secs(1));
        }
        for plural in ["pods", "deployments", "horizontalpodautoscalers"] {
            let strip = |mut o: Value| {
                o["metadata"]["resourceVersion"] = Value::Null;
                o
            };
            let all = |e: &Estate| {
                e.objects(EU, plural)
                    .into_iter()
                    .map(strip)
                    .collect::<Vec<_>>()
            };
            assert_eq!(all(&one), all(&two), "{} {plural}", scenario.name);
        }
    }
}

#[tokio::test]
async fn a_calm_day_has_no_trouble() {
    let (estate, _) = start("calm").await;
    estate.advance(Duration::from_secs(60));
    for pod in estate.objects(EU, "pods") {
        let done = text(&pod, "/status/phase") == "Succeeded";
        let ready = pod["status"]["conditions"].as_array().is_some_and(|all| {
            all.iter()
                .any(|c| text(c, "/type") == "Ready" && text(c, "/status") == "True")
        });
        let young = text(&pod, "/metadata/creationTimestamp") > "2026-11-21T12:05:00Z";
        assert!(
            done || ready || young,
            "{} is not well: {}",
            key(&pod),
            pod["status"]
        );
    }
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
    estate.advance(Duration::from_secs(60));
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

#[tokio::test]
async fn logs_continue_where_they_ended() {
    let (estate, url) = start("calm").await;
    let pods = json(
        &url,
        "/api/v1/namespaces/ecommerce-prod/pods?labelSelector=app%3Dshop",
    )
    .await;
    let base = format!(
        "/api/v1/namespaces/ecommerce-prod/pods/{}/log",
        text(&items(&pods)[0], "/metadata/name")
    );
    let all = get(
        &url,
        &format!("{base}?timestamps=true&sinceSeconds=60"),
        "*/*",
    )
    .await
    .text();
    let lines: Vec<&str> = all.lines().collect();
    assert!(lines.len() > 30);
    let tail = get(&url, &format!("{base}?timestamps=true&tailLines=5"), "*/*")
        .await
        .text();
    assert_eq!(tail.lines().collect::<Vec<_>>(), lines[lines.len() - 5..]);
    let last = lines.last().unwrap().split(' ').next().unwrap();
    let mut follow = wire::Chunks::open(
        &url,
        "GET",
        &format!("{base}?follow=true&timestamps=true&sinceTime={last}"),
        &[],
        "",
    )
    .await;
    estate.advance(Duration::from_secs(10));
    let more = String::from_utf8(follow.next().await.unwrap().unwrap()).unwrap();
    let again = get(
        &url,
        &format!("{base}?timestamps=true&sinceTime={last}"),
        "*/*",
    )
    .await
    .text();
    assert!(
        again.starts_with(&more),
        "a followed log differs from the same log read later"
    );
    let line: Value =
        serde_json::from_str(more.lines().next().unwrap().split_once(' ').unwrap().1).unwrap();
    assert_eq!(text(&line, "/service"), "shop");
}

#[tokio::test]
async fn metrics_are_there_for_what_runs() {
    let (_estate, url) = start("mix").await;
    let pods = json(
        &url,
        "/apis/metrics.k8s.io/v1beta1/namespaces/ecommerce-prod/pods",
    )
    .await;
    assert!(
        items(&pods)
            .iter()
            .all(|p| text(p, "/containers/0/usage/cpu").ends_with('n')
                && text(p, "/containers/0/usage/memory").ends_with("Ki"))
    );
    assert!(items(&pods).len() > 20);
    let (_, kind, list) = wire::unwrap(
        &get(&url, "/apis/metrics.k8s.io/v1beta1/nodes", PROTOBUF)
            .await
            .body,
    );
    assert_eq!(
        (kind.as_str(), wire::all(&list, 2).len()),
        ("NodeMetricsList", 6)
    );
    let name = text(&items(&pods)[0], "/metadata/name");
    assert_eq!(
        json(
            &url,
            &format!("/apis/metrics.k8s.io/v1beta1/namespaces/ecommerce-prod/pods/{name}")
        )
        .await["kind"],
        "PodMetrics"
    );
}
