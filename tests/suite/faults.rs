//! What the list-and-watch loop does when the server, or the way to it, does not do what it should. Rows stay, the
//! status says how old they are and why, and recovery needs nobody.

use std::time::Duration;

use quarterdeck::model::{Change, Kind, SourceStatus};
use tokio::time::Instant;

use crate::script::{JSON, PROTOBUF, Play, STREAM, bookmark, error, event, json, list, pod, told};

const CALM: Duration = Duration::from_secs(11);

fn cause(status: Option<&SourceStatus>) -> String {
    match status {
        Some(SourceStatus::Stale { cause, .. }) => cause.to_string(),
        other => panic!("{other:?}"),
    }
}

fn stale(status: Option<&SourceStatus>) -> bool {
    matches!(status, Some(SourceStatus::Stale { .. }))
}

#[tokio::test(start_paused = true)]
async fn unauthorized_is_tried_again_once_and_then_says_login() {
    let mut play = Play::new(Kind::Pod);
    let began = Instant::now();
    play.asked().await.refuse(401, "token expired");
    play.asked().await.refuse(401, "token expired");
    assert_eq!(began.elapsed().as_secs(), 0);
    play.until("stale", |_, status| stale(status)).await;
    assert_eq!(cause(play.said.last()), "login needed: token expired");
    let again = play.asked().await;
    assert!(began.elapsed() >= Duration::from_secs(20));
    again.answer(200, PROTOBUF, list(7, "", None, &[pod("a", 3)]));
    play.live().await;
}

#[tokio::test(start_paused = true)]
async fn forbidden_says_what_is_missing_and_asks_rarely() {
    let mut play = Play::new(Kind::Deployment);
    let began = Instant::now();
    play.asked().await.refuse(403, "no");
    play.until("denied", |_, status| {
        matches!(status, Some(SourceStatus::Denied { .. }))
    })
    .await;
    assert_eq!(
        play.said.last(),
        Some(&SourceStatus::Denied {
            verb: "list".into(),
            resource: "deployments.apps".into()
        })
    );
    play.asked().await.refuse(403, "no");
    assert!(began.elapsed() > Duration::from_secs(200));
}

#[tokio::test(start_paused = true)]
async fn a_kind_that_is_not_served_is_off() {
    let mut play = Play::new(Kind::Ingress);
    let began = Instant::now();
    play.asked().await.refuse(404, "no");
    play.until("off", |_, status| {
        matches!(status, Some(SourceStatus::Off { .. }))
    })
    .await;
    let again = play.asked().await;
    assert!((40..=60).contains(&began.elapsed().as_secs()));
    again.answer(
        200,
        PROTOBUF,
        list::<quarterdeck::sources::kubernetes::wire::message::pod::Pod>(7, "", None, &[]),
    );
    play.live().await;
}

#[tokio::test(start_paused = true)]
async fn an_expired_watch_lists_again_without_a_flicker() {
    for by_event in [true, false] {
        let (mut play, watch) = Play::begun(7, &[pod("a", 3), pod("b", 4)]).await;
        if by_event {
            let watch = watch.open(STREAM);
            tokio::time::sleep(CALM).await;
            watch.send(error(410, "Expired"));
        } else {
            watch.refuse(410, "too old resource version");
        }
        let again = play.asked().await;
        assert!(again.says("resourceVersionMatch=NotOlderThan") && again.version() == "7");
        assert_eq!(play.names(), ["a", "b"]);
        again.answer(
            200,
            PROTOBUF,
            list(30, "", None, &[pod("b", 4), pod("c", 29)]),
        );
        play.pods(&["b", "c"]).await;
        assert_eq!(play.asked().await.version(), "30");
        assert!(
            !play.said.iter().any(|status| stale(Some(status))),
            "{:?}",
            play.said
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_busy_server_is_given_its_time_within_reason() {
    for (code, header, least, most) in [
        (429, "5", 5, 5),
        (503, "86400", 30, 30),
        (429, "-1", 0, 1),
        (503, "soon", 0, 1),
    ] {
        let mut play = Play::new(Kind::Pod);
        let asked = play.asked().await;
        let began = Instant::now();
        asked.answer_with(code, &[("retry-after", header)], "");
        play.until("stale", |_, status| stale(status)).await;
        assert!(cause(play.said.last()).contains(&code.to_string()));
        let Some(SourceStatus::Stale { retry_at, .. }) = play.said.last() else {
            unreachable!()
        };
        assert!(retry_at.is_some());
        play.asked().await;
        let waited = began.elapsed().as_secs();
        assert!(
            (least..=most).contains(&waited),
            "{code} {header}: {waited} s"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_burst_of_errors_is_met_with_growing_patience() {
    let (mut play, watch) = Play::begun(7, &[pod("a", 3)]).await;
    watch.refuse(500, "etcd is slow");
    let mut waits = Vec::new();
    for _ in 0..9 {
        let since = Instant::now();
        let asked = play.asked().await;
        waits.push(since.elapsed().as_secs_f64());
        assert_eq!(asked.version(), "7", "it goes on from where it was");
        asked.refuse(500, "etcd is slow");
    }
    assert_eq!(play.names(), ["a"]);
    assert_eq!(cause(play.said.last()), "answered 500: etcd is slow");
    assert!(
        waits[0] < 1.0 && waits[8] > 20.0 && waits.iter().all(|wait| *wait <= 30.0),
        "{waits:?}"
    );
    play.asked().await.open(STREAM).send(bookmark(8));
    play.live().await;
}

#[tokio::test(start_paused = true)]
async fn a_web_page_is_named_for_what_it_is() {
    let mut play = Play::new(Kind::Pod);
    play.asked()
        .await
        .answer(200, "text/html; charset=utf-8", "<html>log in</html>");
    play.until("stale", |_, status| stale(status)).await;
    let cause = cause(play.said.last());
    assert!(
        cause.contains("text/html") && !cause.contains("log in"),
        "{cause}"
    );
}

#[tokio::test(start_paused = true)]
async fn broken_frames_are_dropped_and_the_watch_goes_on_from_the_last_good_version() {
    let (mut play, watch) = Play::begun(7, &[pod("a", 3)]).await;
    let open = watch.open(STREAM);
    let good = told("ADDED", &pod("b", 8));
    open.send(good.clone());
    // The frame of the next event breaks off.
    open.send(good.slice(..good.len() / 2));
    drop(open);
    let watch = play.asked().await;
    assert_eq!(watch.version(), "8");
    watch
        .open(STREAM)
        .send(&b"\0\0\0\x05\xff\xff\xff\xff\xff"[..]);
    let watch = play.asked().await;
    assert_eq!(watch.version(), "8");
    watch.open(STREAM).send(&b"\xff\xff\xff\xffgarbage"[..]);
    let again = play.asked().await;
    assert!(
        again.says("resourceVersionMatch=NotOlderThan"),
        "the third in a row lists: {}",
        again.query
    );
    assert_eq!(play.names(), ["a", "b"]);
    again.answer(
        200,
        PROTOBUF,
        list(9, "", None, &[pod("a", 3), pod("b", 8)]),
    );
    play.live().await;
}

#[tokio::test(start_paused = true)]
async fn garbage_of_json_is_dropped_too() {
    let mut play = Play::new(Kind::Pod);
    play.asked().await.answer(200, JSON, json(7, "", &["a"]));
    let open = play.asked().await.open(JSON);
    open.send("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"b\",\"uid\":\"b\",\"resourceVersion\":\"8\"}}}\n");
    open.send("<garbage>\n");
    assert_eq!(play.asked().await.version(), "8");
    play.pods(&["a", "b"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_silent_connection_is_replaced_in_time() {
    let (mut play, watch) = Play::begun(7, &[pod("a", 3)]).await;
    let began = Instant::now();
    let silent = watch.open(STREAM);
    // A new connection answers: nobody needs to know.
    let watch = play.asked().await;
    assert!(began.elapsed() <= Duration::from_secs(90) && watch.version() == "7");
    let second = watch.open(STREAM);
    play.live().await;
    assert!(!play.said.iter().any(|status| stale(Some(status))));
    // This time there is no answer either.
    let began = Instant::now();
    let mut unanswered = vec![play.asked().await];
    play.until("stale", |_, status| stale(status)).await;
    assert!(
        began.elapsed() <= Duration::from_secs(90),
        "{:?}",
        began.elapsed()
    );
    unanswered.push(play.asked().await);
    let back = play.asked().await;
    assert!(
        began.elapsed() <= Duration::from_mins(2),
        "{:?}",
        began.elapsed()
    );
    let _open = back.open(STREAM);
    play.live().await;
    drop((silent, second, unanswered));
}

#[tokio::test(start_paused = true)]
async fn a_restarted_server_is_live_within_seconds_of_its_return() {
    let (mut play, watch) = Play::begun(7, &[pod("a", 3)]).await;
    let open = watch.open(STREAM);
    tokio::time::sleep(CALM).await;
    open.cut();
    let down = Instant::now();
    while down.elapsed() < Duration::from_secs(50) {
        let since = Instant::now();
        play.asked().await.fail();
        assert!(
            since.elapsed() <= Duration::from_secs(2),
            "{:?}",
            since.elapsed()
        );
    }
    assert!(stale(play.said.last()));
    assert_eq!(play.names(), ["a"]);
    while down.elapsed() < Duration::from_mins(10) {
        play.asked().await.fail();
    }
    // A server that has just begun may deny what it will allow.
    let up = Instant::now();
    play.asked().await.refuse(403, "RBAC is not ready");
    let watch = play.asked().await;
    assert_eq!(watch.version(), "7");
    let _open = watch.open(STREAM);
    play.live().await;
    assert!(up.elapsed() <= Duration::from_secs(6), "{:?}", up.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_ends_at_once_is_no_storm() {
    let (mut play, watch) = Play::begun(7, &[pod("a", 3)]).await;
    let began = Instant::now();
    let mut watch = watch;
    for _ in 0..8 {
        drop(watch.open(STREAM));
        watch = play.asked().await;
    }
    assert!(
        began.elapsed() > Duration::from_secs(40),
        "{:?}",
        began.elapsed()
    );
    assert!(play.said.iter().any(|status| stale(Some(status))));
}

#[tokio::test(start_paused = true)]
async fn odd_words_of_a_watch_do_no_harm() {
    let (mut play, watch) = Play::begun(7, &[pod("a", 3), pod("b", 3)]).await;
    let open = watch.open(STREAM);
    let mut new_uid = pod("a", 12);
    new_uid.metadata.as_mut().unwrap().uid = "another".to_owned();
    for frame in [
        // Added though known, twice.
        told("ADDED", &pod("a", 8)),
        told("ADDED", &pod("a", 8)),
        // Deleted though unknown.
        told("DELETED", &pod("nobody", 9)),
        // An older word after a newer one.
        told("MODIFIED", &pod("a", 2)),
        // A late word of a deleted object.
        told("DELETED", &pod("b", 10)),
        told("MODIFIED", &pod("b", 9)),
        // Another object of the same name.
        told("DELETED", &pod("a", 11)),
        told("ADDED", &new_uid),
        // A type that nobody knows.
        told("REPLACED", &pod("c", 13)),
        // Neither status nor spec, nor anything else.
        event("ADDED", b""),
        bookmark(14),
    ] {
        open.send(frame);
    }
    drop(open);
    assert_eq!(play.asked().await.version(), "14");
    play.pods(&["", "a"]).await;
    let uids: Vec<_> = play
        .store
        .pods()
        .iter()
        .map(|(_, pod)| pod.meta.version)
        .collect();
    assert!(uids.contains(&12), "{uids:?}");
    let bare = play
        .store
        .pods()
        .iter()
        .find(|(_, pod)| pod.meta.name.is_empty())
        .unwrap()
        .1;
    assert!(bare.phase.is_empty() && bare.ready == 0);
}

#[tokio::test(start_paused = true)]
async fn control_sequences_are_made_visible_where_they_enter() {
    let mut hostile = pod("evil\u{1b}[2J\u{202e}", 3);
    let meta = hostile.metadata.as_mut().unwrap();
    meta.namespace = "\u{9b}31m".to_owned();
    meta.labels.push(
        quarterdeck::sources::kubernetes::wire::message::meta::Pair {
            key: "a\u{7}".to_owned(),
            value: "\u{200b}".to_owned(),
        },
    );
    hostile.status.as_mut().unwrap().reason = "Evicted\u{1b}]0;x\u{7}".to_owned();
    let (play, _watch) = Play::begun(7, &[hostile]).await;
    let (_, pod) = play.store.pods().iter().next().unwrap();
    let labels = pod.meta.labels.iter().flat_map(|(key, value)| [key, value]);
    for text in [&*pod.meta.name, &*pod.meta.namespace, &*pod.status]
        .into_iter()
        .chain(labels)
    {
        assert!(
            !text.is_empty()
                && !text
                    .chars()
                    .any(|one| one.is_control() || "\u{202e}\u{200b}".contains(one)),
            "{text:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_object_that_is_too_large_costs_only_itself() {
    let mut huge = pod("huge", 5);
    huge.status.as_mut().unwrap().message = "x".repeat(33 << 20);
    let (mut play, watch) = Play::begun(7, &[pod("a", 3), huge.clone(), pod("b", 4)]).await;
    assert_eq!(play.names(), ["a", "b"]);
    let open = watch.open(STREAM);
    open.send(told("MODIFIED", &huge));
    open.send(told("ADDED", &pod("c", 9)));
    play.pods(&["a", "b", "c"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_events_is_told_as_the_last_state_of_each_object() {
    let (mut play, watch) = Play::begun(7, &[]).await;
    let open = watch.open(STREAM);
    let before = play.changes.len();
    for version in 0..20_000 {
        let name = format!("pod-{:02}", version % 50);
        open.send(told("MODIFIED", &pod(&name, 100 + version)));
    }
    play.until("the last", |store, _| {
        store.pods().len() == 50
            && store
                .pods()
                .iter()
                .all(|(_, pod)| pod.meta.version >= 100 + 19_950)
    })
    .await;
    let rows = play
        .changes
        .iter()
        .skip(before)
        .filter(|one| matches!(one, Change::Row(_)));
    assert!(rows.count() < 10_000, "they coalesce");
}
