//! Both encodings of the demo's server against each other and against its world.

use std::collections::BTreeMap;
use std::time::Duration;

use quarterdeck::demo::serve;

use super::wire::{self, DEADLINE, PROTOBUF, get, json};
use super::{EU, Held, KINDS, follow, items, options, text, world};

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
