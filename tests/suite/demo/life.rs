//! Whether the demo's world lives as a cluster does: rollouts, nodes, autoscalers, scenarios, logs and metrics.

use std::time::Duration;

use quarterdeck::demo::{Estate, scenarios};
use serde_json::Value;

use super::wire::{self, PROTOBUF, get, json};
use super::{EU, items, key, start, text};

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
    estate.advance(Duration::from_mins(1));
    assert_eq!(on(&json(&url, path).await), 0);
    assert_eq!(
        json(
            &url,
            "/apis/apps/v1/namespaces/ecommerce-prod/deployments/shop"
        )
        .await["status"]["availableReplicas"],
        3
    );
    estate.advance(Duration::from_mins(5));
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
    estate.advance(Duration::from_mins(1));
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
