//! What the demo's server makes of writes: what it refuses, what it answers, and what the world does then.

use std::time::Duration;

use serde_json::{Value, json};

use super::wire::{self, JSON, get, json as read, send, write};
use super::{EU, start, text};

const SHOP: &str = "/apis/apps/v1/namespaces/ecommerce-prod/deployments/shop";
const JSON_PATCH: &str = "application/json-patch+json";
const MERGE: &str = "application/merge-patch+json";
const STRATEGIC: &str = "application/strategic-merge-patch+json";

#[tokio::test]
async fn a_dry_run_checks_everything_and_writes_nothing() {
    let (estate, url) = start("calm").await;
    let pod = estate
        .objects(EU, "pods")
        .into_iter()
        .find(|p| {
            text(p, "/metadata/labels/app") == "cart" || text(p, "/metadata/labels/app") == "shop"
        })
        .unwrap();
    let pod_path = format!(
        "/api/v1/namespaces/{}/pods/{}",
        text(&pod, "/metadata/namespace"),
        text(&pod, "/metadata/name")
    );
    let before: Vec<Value> = ["pods", "deployments", "jobs"]
        .iter()
        .flat_map(|p| estate.objects(EU, p))
        .collect();
    let job = json!({"metadata": {"name": "try"}, "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "a", "image": "a:1"}]}}}});
    let eviction = json!({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "x"}, "deleteOptions": {"dryRun": ["All"]}});
    for (method, path, kind, body, code) in [
        (
            "PATCH",
            format!("{SHOP}?dryRun=All"),
            MERGE,
            json!({"spec": {"replicas": 9}}),
            200,
        ),
        (
            "PATCH",
            format!("{SHOP}/scale?dryRun=All"),
            MERGE,
            json!({"spec": {"replicas": 9}}),
            200,
        ),
        ("DELETE", format!("{SHOP}?dryRun=All"), JSON, json!({}), 200),
        (
            "DELETE",
            pod_path.clone(),
            JSON,
            json!({"dryRun": ["All"]}),
            200,
        ),
        ("POST", format!("{pod_path}/eviction"), JSON, eviction, 201),
        (
            "POST",
            "/apis/batch/v1/namespaces/ecommerce-prod/jobs?dryRun=All".into(),
            JSON,
            job,
            201,
        ),
    ] {
        let answer = write(&url, method, &path, kind, &body).await;
        assert_eq!(answer.code, code, "{method} {path}: {}", answer.text());
    }
    let after: Vec<Value> = ["pods", "deployments", "jobs"]
        .iter()
        .flat_map(|p| estate.objects(EU, p))
        .collect();
    assert_eq!(before, after);
    assert_eq!(estate.writes(EU), 6);
}

#[tokio::test]
async fn a_json_patch_acts_only_on_what_was_seen() {
    let (_estate, url) = start("calm").await;
    let shop = read(&url, SHOP).await;
    let patch = |uid: &str, replicas: i64| {
        json!([{"op": "test", "path": "/metadata/uid", "value": uid}, {"op": "test", "path": "/spec/replicas", "value": replicas},
            {"op": "replace", "path": "/spec/replicas", "value": 5}])
    };
    let refused = write(
        &url,
        "PATCH",
        SHOP,
        JSON_PATCH,
        &patch(text(&shop, "/metadata/uid"), 2),
    )
    .await;
    assert_eq!(
        (refused.code, text(&refused.json(), "/reason")),
        (422, "Invalid")
    );
    assert_eq!(read(&url, SHOP).await["spec"]["replicas"], 3);
    let done = write(
        &url,
        "PATCH",
        &format!("{SHOP}?fieldManager=quarterdeck"),
        JSON_PATCH,
        &patch(text(&shop, "/metadata/uid"), 3),
    )
    .await;
    assert_eq!(
        (done.code, &done.json()["spec"]["replicas"]),
        (200, &json!(5))
    );
    assert_eq!(
        done.json()["metadata"]["generation"],
        shop["metadata"]["generation"].as_i64().unwrap() + 1
    );
    let fields = done.json()["metadata"]["managedFields"].clone();
    let own = fields
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["manager"] == "quarterdeck")
        .unwrap()
        .clone();
    assert_eq!(own["fieldsV1"], json!({"f:spec": {"f:replicas": {}}}));
}

#[tokio::test]
async fn an_old_version_is_a_conflict_and_a_bad_value_names_its_field() {
    let (_estate, url) = start("calm").await;
    let mut shop = read(&url, SHOP).await;
    shop["spec"]["replicas"] = json!(4);
    assert_eq!(write(&url, "PUT", SHOP, JSON, &shop).await.code, 200);
    let conflict = write(&url, "PUT", SHOP, JSON, &shop).await;
    assert_eq!(
        (conflict.code, text(&conflict.json(), "/reason")),
        (409, "Conflict")
    );
    let bad = write(
        &url,
        "PATCH",
        &format!("{SHOP}/scale"),
        MERGE,
        &json!({"spec": {"replicas": -1}}),
    )
    .await;
    assert_eq!(
        (bad.code, text(&bad.json(), "/details/causes/0/field")),
        (422, "spec.replicas")
    );
    let missing = write(
        &url,
        "PATCH",
        &SHOP.replace("shop", "shoe"),
        MERGE,
        &json!({}),
    )
    .await;
    assert_eq!(
        (missing.code, text(&missing.json(), "/details/kind")),
        (404, "deployments")
    );
    let wrong = json!({"preconditions": {"uid": "0000"}});
    assert_eq!(write(&url, "DELETE", SHOP, JSON, &wrong).await.code, 409);
    assert_eq!(
        write(&url, "PATCH", SHOP, "text/plain", &json!({}))
            .await
            .code,
        415
    );
}

#[tokio::test]
async fn an_eviction_asks_the_budget() {
    let (estate, url) = start("calm").await;
    let path = "/api/v1/namespaces/ecommerce-prod/pods/orders-db-0/eviction";
    let body =
        json!({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "orders-db-0"}});
    let refused = write(&url, "POST", path, JSON, &body).await;
    assert_eq!(refused.code, 429);
    assert_eq!(
        text(&refused.json(), "/details/causes/0/message"),
        "The disruption budget orders-db needs 2 healthy pods and has 2 currently"
    );
    let budget = "/apis/policy/v1/namespaces/ecommerce-prod/poddisruptionbudgets/orders-db";
    assert_eq!(
        write(
            &url,
            "PATCH",
            budget,
            MERGE,
            &json!({"spec": {"minAvailable": 1}})
        )
        .await
        .code,
        200
    );
    assert_eq!(write(&url, "POST", path, JSON, &body).await.code, 201);
    let uid = |o: &Value| text(o, "/metadata/uid").to_owned();
    let before = read(&url, "/api/v1/namespaces/ecommerce-prod/pods/orders-db-0").await;
    assert!(!before["metadata"]["deletionTimestamp"].is_null());
    estate.advance(Duration::from_secs(30));
    let after = read(&url, "/api/v1/namespaces/ecommerce-prod/pods/orders-db-0").await;
    assert_ne!(uid(&before), uid(&after));
    assert_eq!(after["status"]["containerStatuses"][0]["ready"], true);
}

#[tokio::test]
async fn a_rollout_ends_with_the_new_pods_and_can_be_undone() {
    let (estate, url) = start("calm").await;
    let image = |image: &str| json!({"spec": {"template": {"spec": {"containers": [{"name": "shop", "image": image}]}}}});
    let pods = "/api/v1/namespaces/ecommerce-prod/pods?labelSelector=app%3Dshop";
    for (to, revision) in [("shop:1.9", "4"), ("shop:1.8", "5")] {
        assert_eq!(
            write(&url, "PATCH", SHOP, STRATEGIC, &image(to)).await.code,
            200
        );
        estate.advance(Duration::from_mins(2));
        let shop = read(&url, SHOP).await;
        assert_eq!(
            text(
                &shop,
                "/metadata/annotations/deployment.kubernetes.io~1revision"
            ),
            revision
        );
        assert_eq!(shop["status"]["updatedReplicas"], shop["spec"]["replicas"]);
        assert!(
            shop["status"]["conditions"]
                .as_array()
                .unwrap()
                .iter()
                .any(|c| text(c, "/reason") == "NewReplicaSetAvailable")
        );
        for pod in read(&url, pods).await["items"].as_array().unwrap() {
            assert_eq!(text(pod, "/spec/containers/0/image"), to);
            assert_eq!(
                pod["spec"]["containers"][0]["readinessProbe"]["periodSeconds"], 5,
                "the patch dropped the rest of the container"
            );
        }
    }
    let sets = read(
        &url,
        "/apis/apps/v1/namespaces/ecommerce-prod/replicasets?labelSelector=app%3Dshop",
    )
    .await;
    assert_eq!(sets["items"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn a_job_made_by_hand_runs_to_its_end() {
    let (estate, url) = start("mix").await;
    let cron = read(
        &url,
        "/apis/batch/v1/namespaces/ecommerce-prod/cronjobs/db-backup",
    )
    .await;
    let job = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "by-hand", "annotations": {"cronjob.kubernetes.io/instantiate": "manual"},
        "ownerReferences": [{"apiVersion": "batch/v1", "kind": "CronJob", "name": "db-backup", "uid": text(&cron, "/metadata/uid"), "controller": true}]},
        "spec": cron["spec"]["jobTemplate"]["spec"]});
    assert_eq!(
        write(
            &url,
            "POST",
            "/apis/batch/v1/namespaces/ecommerce-prod/jobs",
            JSON,
            &job
        )
        .await
        .code,
        201
    );
    assert_eq!(
        write(
            &url,
            "POST",
            "/apis/batch/v1/namespaces/ecommerce-prod/jobs",
            JSON,
            &job
        )
        .await
        .code,
        409
    );
    estate.advance(Duration::from_secs(30));
    let done = read(
        &url,
        "/apis/batch/v1/namespaces/ecommerce-prod/jobs/by-hand",
    )
    .await;
    assert_eq!(done["status"]["succeeded"], 1);
    let pods = read(
        &url,
        "/api/v1/namespaces/ecommerce-prod/pods?labelSelector=job-name%3Dby-hand",
    )
    .await;
    let path = format!(
        "/api/v1/namespaces/ecommerce-prod/pods/{}/log",
        text(&pods, "/items/0/metadata/name")
    );
    assert!(
        get(&url, &path, "*/*")
            .await
            .text()
            .contains("backup complete")
    );
}

#[tokio::test]
async fn deleting_a_deployment_takes_its_pods_or_leaves_them() {
    let (estate, url) = start("calm").await;
    let pods = |estate: &quarterdeck::demo::Estate, app: &str| {
        estate
            .objects(EU, "pods")
            .iter()
            .filter(|p| {
                text(p, "/metadata/labels/app") == app
                    && text(p, "/metadata/namespace") == "ecommerce-prod"
            })
            .count()
    };
    assert_eq!(
        write(
            &url,
            "DELETE",
            SHOP,
            JSON,
            &json!({"propagationPolicy": "Background"})
        )
        .await
        .code,
        200
    );
    estate.advance(Duration::from_secs(40));
    assert_eq!(pods(&estate, "shop"), 0);
    assert_eq!(get(&url, SHOP, JSON).await.code, 404);
    let catalog = SHOP.replace("shop", "product-catalog");
    assert_eq!(
        write(
            &url,
            "DELETE",
            &catalog,
            JSON,
            &json!({"propagationPolicy": "Orphan"})
        )
        .await
        .code,
        200
    );
    estate.advance(Duration::from_secs(40));
    assert!(pods(&estate, "product-catalog") >= 3);
}

#[tokio::test]
async fn reviews_answer_for_what_was_denied() {
    let (estate, url) = start("calm").await;
    let ask = |verb: &str| {
        json!({"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {"verb": verb, "group": "apps", "resource": "deployments", "subresource": "scale", "namespace": "ecommerce-prod"}}})
    };
    let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    assert_eq!(
        write(&url, "POST", path, JSON, &ask("patch")).await.json()["status"]["allowed"],
        true
    );
    estate.deny(EU, "patch", "deployments/scale", "ecommerce-prod");
    assert_eq!(
        write(&url, "POST", path, JSON, &ask("patch")).await.json()["status"]["allowed"],
        false
    );
    assert_eq!(
        write(
            &url,
            "PATCH",
            &format!("{SHOP}/scale"),
            MERGE,
            &json!({"spec": {"replicas": 1}})
        )
        .await
        .code,
        403
    );
    assert_eq!(estate.writes(EU), 1, "a review is not a write");
}

#[tokio::test]
async fn a_stuck_pod_leaves_with_its_finalizer() {
    let (estate, url) = start("mix").await;
    estate.advance(Duration::from_secs(10));
    let stuck = estate
        .objects(EU, "pods")
        .into_iter()
        .find(|p| !p["metadata"]["finalizers"].is_null())
        .unwrap();
    assert!(!stuck["metadata"]["deletionTimestamp"].is_null());
    let path = format!(
        "/api/v1/namespaces/{}/pods/{}",
        text(&stuck, "/metadata/namespace"),
        text(&stuck, "/metadata/name")
    );
    let answer = send(
        &url,
        "PATCH",
        &path,
        &[("content-type", MERGE)],
        r#"{"metadata":{"finalizers":null}}"#,
    )
    .await;
    assert_eq!(answer.code, 200);
    assert_eq!(wire::get(&url, &path, JSON).await.code, 404);
}

#[tokio::test]
async fn a_cordoned_node_takes_no_new_pods() {
    let (estate, url) = start("calm").await;
    let node = "/api/v1/nodes/eu-worker-1";
    let cordoned = write(
        &url,
        "PATCH",
        node,
        MERGE,
        &json!({"spec": {"unschedulable": true}}),
    )
    .await;
    assert_eq!(cordoned.code, 200);
    assert_eq!(
        write(
            &url,
            "PATCH",
            &format!("{}/scale", SHOP.replace("shop", "user-management")),
            MERGE,
            &json!({"spec": {"replicas": 9}})
        )
        .await
        .code,
        200
    );
    estate.advance(Duration::from_secs(20));
    let young = |p: &&Value| {
        text(p, "/metadata/creationTimestamp") > "2026-11-21T12:04:00Z"
            && text(p, "/metadata/labels/app") == "user-management"
    };
    let pods = estate.objects(EU, "pods");
    assert_eq!(pods.iter().filter(young).count(), 6);
    assert!(
        pods.iter()
            .filter(young)
            .all(|p| text(p, "/spec/nodeName") != "eu-worker-1")
    );
    let taints = read(&url, node).await["spec"]["taints"].clone();
    assert_eq!(text(&taints, "/0/key"), "node.kubernetes.io/unschedulable");
    write(
        &url,
        "PATCH",
        node,
        MERGE,
        &json!({"spec": {"unschedulable": null}}),
    )
    .await;
    assert_eq!(read(&url, node).await["spec"]["taints"], json!([]));
}

#[tokio::test]
async fn an_autoscaler_takes_back_what_is_out_of_its_bounds_and_says_so() {
    let (estate, url) = start("calm").await;
    assert_eq!(
        write(
            &url,
            "PATCH",
            &format!("{SHOP}/scale?fieldManager=quarterdeck"),
            MERGE,
            &json!({"spec": {"replicas": 1}})
        )
        .await
        .code,
        200
    );
    estate.advance(Duration::from_secs(40));
    let shop = read(&url, SHOP).await;
    assert_eq!(shop["spec"]["replicas"], 3);
    let fields = shop["metadata"]["managedFields"]
        .as_array()
        .unwrap()
        .clone();
    let owner = fields
        .iter()
        .find(|f| !f["fieldsV1"]["f:spec"]["f:replicas"].is_null())
        .unwrap();
    assert_eq!(
        (text(owner, "/manager"), text(owner, "/subresource")),
        ("kube-controller-manager", "scale")
    );
}
