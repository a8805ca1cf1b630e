//! How the first rows come, and when a list counts as complete.

use std::time::Duration;

use quarterdeck::model::{Kind, SourceStatus};
use quarterdeck::sources::kubernetes::wire::message::meta::{Mark, Pair};
use tokio::time::Instant;

use crate::script::{JSON, PROTOBUF, Play, STREAM, bookmark, event, json, list, pod, told};

#[tokio::test(start_paused = true)]
async fn a_list_that_fits_a_page_is_one_request() {
    let mut play = Play::new(Kind::Pod);
    let asked = play.asked().await;
    assert_eq!(asked.path, "/api/v1/pods");
    assert!(asked.says("limit=100"), "{}", asked.query);
    assert!(asked.accept.starts_with(PROTOBUF));
    asked.answer(
        200,
        PROTOBUF,
        list(7, "", None, &[pod("a", 3), pod("b", 4)]),
    );
    play.live().await;
    assert_eq!(play.names(), ["a", "b"]);
    let watch = play.asked().await;
    assert!(watch.says("allowWatchBookmarks=true") && watch.version() == "7");
}

#[tokio::test(start_paused = true)]
async fn the_first_page_shows_before_the_whole_and_stays() {
    let mut play = Play::new(Kind::Pod);
    let page = play.asked().await;
    page.answer(
        200,
        PROTOBUF,
        list(20, "more", Some(2), &[pod("a", 3), pod("new", 20)]),
    );
    play.pods(&["a", "new"]).await;
    let whole = play.asked().await;
    assert!(whole.says("resourceVersion=0"), "{}", whole.query);
    assert_eq!(
        play.said.last(),
        Some(&SourceStatus::Listing { total: Some(4) })
    );
    // The cache is older than the page: it lacks a pod, and has an older state of another.
    whole.answer(
        200,
        PROTOBUF,
        list(18, "", None, &[pod("a", 2), pod("b", 4)]),
    );
    play.pods(&["a", "b", "new"]).await;
    let watch = play.asked().await;
    assert_eq!(watch.version(), "18");
    let watch = watch.open(STREAM);
    assert!(!play.said.last().unwrap().is_live(), "two pods are missing");
    watch.send(told("ADDED", &pod("c", 19)));
    play.live().await;
    assert_eq!(play.names(), ["a", "b", "c", "new"]);
    let versions: Vec<_> = play
        .store
        .pods()
        .iter()
        .map(|(_, pod)| pod.meta.version)
        .collect();
    assert!(
        versions.contains(&3) && !versions.contains(&2),
        "{versions:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_list_that_lags_is_complete_with_a_bookmark() {
    let mut play = Play::new(Kind::Pod);
    play.asked()
        .await
        .answer(200, PROTOBUF, list(20, "more", Some(5), &[pod("a", 3)]));
    play.asked()
        .await
        .answer(200, PROTOBUF, list(18, "", None, &[pod("a", 3)]));
    let watch = play.asked().await.open(STREAM);
    watch.send(bookmark(19));
    tokio::time::sleep(Duration::from_secs(5)).await;
    play.pods(&["a"]).await;
    assert!(!play.said.last().unwrap().is_live());
    watch.send(bookmark(21));
    play.live().await;
}

#[tokio::test(start_paused = true)]
async fn a_pod_of_the_first_page_that_is_gone_by_the_whole_goes() {
    let mut play = Play::new(Kind::Pod);
    play.asked().await.answer(
        200,
        PROTOBUF,
        list(20, "more", Some(1), &[pod("a", 3), pod("b", 3)]),
    );
    play.pods(&["a", "b"]).await;
    play.asked().await.answer(
        200,
        PROTOBUF,
        list(25, "", None, &[pod("b", 3), pod("c", 24)]),
    );
    play.live().await;
    assert_eq!(play.names(), ["b", "c"]);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_forgot_the_version_is_listed_plainly() {
    let (mut play, watch) = Play::begun(700, &[pod("a", 3)]).await;
    watch.refuse(410, "gone");
    play.asked().await.refuse(504, "Too large resource version");
    let plain = play.asked().await;
    assert!(
        plain.version().is_empty() && !plain.query.contains("Match"),
        "{}",
        plain.query
    );
    plain.answer(200, PROTOBUF, list(5, "", None, &[pod("z", 4)]));
    play.pods(&["z"]).await;
    assert_eq!(play.asked().await.version(), "5");
}

#[tokio::test(start_paused = true)]
async fn a_server_without_protobuf_is_read_as_json() {
    for code in [406, 415] {
        let mut play = Play::new(Kind::Pod);
        play.asked().await.refuse(code, "no");
        let again = play.asked().await;
        assert_eq!(again.accept, JSON);
        again.answer(200, JSON, json(7, "", &["a"]));
        play.live().await;
        let watch = play.asked().await.open(JSON);
        let added = serde_json::json!({"type": "ADDED", "object": {
            "metadata": {"name": "b", "uid": "b", "resourceVersion": "8"}, "status": {}}});
        watch.send(format!("{added}\n"));
        play.pods(&["a", "b"]).await;
    }
}

#[tokio::test(start_paused = true)]
async fn json_comes_in_pages_and_begins_anew_when_they_expire() {
    let mut play = Play::new(Kind::Pod);
    play.asked()
        .await
        .answer(200, JSON, json(7, "one/+", &["a"]));
    for _ in 0..3 {
        let page = play.asked().await;
        if !page.query.contains("continue") {
            page.answer(200, JSON, json(8, "one/+", &["a"]));
            continue;
        }
        assert!(page.says("continue=one%2F%2B"), "{}", page.query);
        page.refuse(410, "the continue token expired");
    }
    let page = play.asked().await;
    page.answer(200, JSON, json(9, "two", &["a"]));
    let broken = play.asked().await.open(JSON);
    broken.send("{\"items\":[{");
    broken.cut();
    let page = play.asked().await;
    assert!(
        page.says("continue=two"),
        "the page is asked for again: {}",
        page.query
    );
    page.refuse(410, "expired");
    let whole = play.asked().await;
    assert_eq!(whole.query, "", "after that the whole at once");
    whole.answer(200, JSON, json(9, "", &["a", "b"]));
    play.live().await;
    assert_eq!(play.names(), ["a", "b"]);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_breaks_off_or_stalls_is_asked_for_again() {
    let mut play = Play::new(Kind::Pod);
    let whole = list(7, "", None, &[pod("a", 3), pod("b", 4)]);
    let open = play.asked().await.open(PROTOBUF);
    open.send(whole.slice(..whole.len() / 2));
    drop(open);
    let open = play.asked().await.open(PROTOBUF);
    open.send(whole.slice(..20));
    let began = Instant::now();
    let again = play.asked().await;
    assert!(
        began.elapsed() < Duration::from_secs(40),
        "one byte a second is no list"
    );
    again.answer(200, PROTOBUF, whole);
    play.live().await;
    assert_eq!(play.names(), ["a", "b"]);
}

#[tokio::test(start_paused = true)]
async fn a_streaming_list_goes_on_as_the_watch() {
    let mut play = Play::with(Kind::Pod, true);
    play.asked().await.answer(
        200,
        PROTOBUF,
        list(20, "more", Some(1), &[pod("a", 3), pod("x", 3)]),
    );
    let asked = play.asked().await;
    assert!(asked.says("sendInitialEvents=true") && asked.is_watch());
    let open = asked.open(STREAM);
    open.send(told("ADDED", &pod("b", 21)));
    open.send(told("ADDED", &pod("a", 3)));
    play.until("b", |store, _| store.pods().len() == 3).await;
    assert!(!play.said.last().unwrap().is_live());
    let mut end = Mark::default();
    end.metadata.get_or_insert_default().annotations.push(Pair {
        key: "k8s.io/initial-events-end".to_owned(),
        value: "true".to_owned(),
    });
    let mut raw = prost::Message::encode_to_vec(&end);
    // Both readings of the bookmark share the field, so its parts join.
    raw.extend(prost::Message::encode_to_vec(&pod("", 22)));
    open.send(event("BOOKMARK", &raw));
    play.live().await;
    assert_eq!(play.names(), ["a", "b"], "the page's x was gone by then");
    open.send(told("ADDED", &pod("c", 23)));
    play.pods(&["a", "b", "c"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_server_without_streaming_lists_is_listed() {
    for refused in [true, false] {
        let mut play = Play::with(Kind::Pod, true);
        let page = || list(20, "more", Some(1), &[pod("a", 3)]);
        play.asked().await.answer(200, PROTOBUF, page());
        let asked = play.asked().await;
        let _open = if refused {
            asked.refuse(422, "sendInitialEvents is forbidden");
            None
        } else {
            // It begins, but the end never comes.
            Some(asked.open(STREAM))
        };
        play.asked().await.answer(200, PROTOBUF, page());
        let whole = play.asked().await;
        assert!(whole.says("resourceVersion=0"), "{}", whole.query);
        whole.answer(
            200,
            PROTOBUF,
            list(21, "", None, &[pod("a", 3), pod("b", 4)]),
        );
        play.live().await;
    }
}
