//! A whole endpoint against a real cluster: run with `QD_TEST_ENGINES=1`.

use std::collections::BTreeSet;

use quarterdeck::clients::connect::KubeChoice;
use quarterdeck::model::{
    Change, Demand, Feed, Health, Key, Kind, Moment, Name, Scope, SourceStatus, Target, Topic,
};
use quarterdeck::sources::kubernetes;
use quarterdeck::sources::kubernetes::discovery::find;
use quarterdeck::sources::kubernetes::doctor::Verdict;
use quarterdeck::store::Table;

use super::rig::{ID, Rig, feed, kubeconfig, kubectl, live, wants};

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_tells_what_it_is_and_what_kinds_it_knows() {
    let Some(file) = kubeconfig("KUBECONFIG") else {
        return;
    };
    let mut rig = Rig::start(file, wants(&[(Kind::Pod, Scope::All)]));
    rig.until("pods are live", |store| {
        live(store, &Kind::Pod, &Scope::All)
    })
    .await;
    assert!(!rig.store.pods().is_empty());
    rig.until("version and user", |store| {
        store.endpoint(ID).is_some_and(|endpoint| {
            endpoint.version.starts_with("v1.") && endpoint.user.as_str() == "admin"
        })
    })
    .await;
    rig.until("kinds", |store| !store.kinds(ID).is_empty())
        .await;
    rig.until("requests", |store| {
        store
            .requests()
            .per_second(Moment::from(jiff::Timestamp::now()))
            > 0.0
    })
    .await;

    let services = find(rig.store.kinds(ID), "apiservices").unwrap();
    rig.demand.send_replace(wants(&[
        (Kind::Pod, Scope::All),
        (services.clone(), Scope::All),
    ]));
    rig.until("the table is live", |store| {
        live(store, &services, &Scope::All)
    })
    .await;
    let headers: Vec<_> = rig
        .store
        .columns(&services)
        .iter()
        .map(|column| column.header.to_string())
        .collect();
    assert_eq!(headers, ["SERVICE", "AVAILABLE"]);
    let table = rig.store.resources(&services).unwrap();
    assert!(table.len() > 10);
    assert!(
        table
            .iter()
            .any(|(_, row)| row.meta.name.as_str() == "v1.apps" && row.health == Health::Good)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_list_all_sees_the_namespaces_that_are_known() {
    let Some(file) = kubeconfig("TENANT_KUBECONFIG") else {
        return;
    };
    let mut rig = Rig::start(
        file,
        wants(&[(Kind::Pod, Scope::All), (Kind::Node, Scope::All)]),
    );
    rig.until("pods of the namespace", |store| {
        live(store, &Kind::Pod, &Scope::All) && !store.pods().is_empty()
    })
    .await;
    assert!(
        rig.store
            .pods()
            .iter()
            .all(|(_, pod)| pod.meta.namespace.as_str() == "arq-production")
    );
    let limit = rig.store.limit(&feed(Kind::Pod, Scope::All)).unwrap();
    assert_eq!(
        limit.as_str(),
        "only arq-production: may not list pods in all namespaces"
    );
    rig.until("nodes are denied", |store| {
        matches!(
            store.status(&feed(Kind::Node, Scope::All)),
            Some(SourceStatus::Denied { .. })
        )
    })
    .await;
    rig.until("the user is known", |store| {
        store
            .endpoint(ID)
            .is_some_and(|endpoint| endpoint.user.as_str() == "tenant")
    })
    .await;
    let sent: u32 = rig
        .changes
        .iter()
        .map(|(_, change)| {
            if let Change::Requests(count) = change {
                *count
            } else {
                0
            }
        })
        .sum();
    assert!(sent < 30, "{sent} requests for two kinds");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_that_is_denied_everywhere_says_so() {
    let Some(file) = kubeconfig("VIEWER_KUBECONFIG") else {
        return;
    };
    let mut rig = Rig::start(
        file,
        wants(&[(Kind::Secret, Scope::All), (Kind::ConfigMap, Scope::All)]),
    );
    rig.until("secrets are denied", |store| {
        store.status(&feed(Kind::Secret, Scope::All))
            == Some(&SourceStatus::Denied {
                verb: "list".into(),
                resource: "secrets".into(),
            })
    })
    .await;
    rig.until("config maps are live", |store| {
        live(store, &Kind::ConfigMap, &Scope::All)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scope_can_change_without_blanking() {
    let Some(file) = kubeconfig("KUBECONFIG") else {
        return;
    };
    let one = Scope::Namespace(Name::new("arq-production"));
    let mut rig = Rig::start(file, wants(&[(Kind::Pod, one.clone())]));
    rig.until("one namespace", |store| {
        live(store, &Kind::Pod, &one) && !store.pods().is_empty()
    })
    .await;
    let some = rig.store.pods().len();
    rig.demand.send_replace(wants(&[(Kind::Pod, Scope::All)]));
    rig.until("all", |store| {
        assert!(store.pods().len() >= some, "the table was blank");
        live(store, &Kind::Pod, &Scope::All)
    })
    .await;
    let all = rig.store.pods().len();
    assert!(all > some);
    rig.demand.send_replace(wants(&[(Kind::Pod, one.clone())]));
    rig.until("one namespace again", |store| live(store, &Kind::Pod, &one))
        .await;
    assert_eq!(
        rig.store.pods().len(),
        all,
        "the wider watch answers for the narrower"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opened_pod_is_read_watched_and_related() {
    let Some(file) = kubeconfig("KUBECONFIG") else {
        return;
    };
    let mut rig = Rig::start(file, wants(&[(Kind::Pod, Scope::All)]));
    rig.until("a running pod", |store| {
        store.pods().iter().any(|(_, pod)| running(pod))
    })
    .await;
    let pod = rig
        .store
        .pods()
        .iter()
        .find(|(_, pod)| running(pod))
        .unwrap()
        .1
        .clone();
    let target = Target {
        endpoint: ID,
        kind: Kind::Pod,
        namespace: pod.meta.namespace.clone(),
        name: Name::new(pod.meta.name.as_str()),
        uid: Some(pod.meta.key.uid),
    };
    let key: Key = pod.meta.key;
    rig.demand.send_replace(Demand {
        document: Some(target.clone()),
        usage: vec![(
            key,
            Kind::Pod,
            target.namespace.clone(),
            target.name.clone(),
        )],
        ..wants(&[(Kind::Pod, Scope::All)])
    });
    rig.until("the document", |store| {
        store
            .document()
            .is_some_and(|document| document.related.len() >= 3 && document.target == target)
    })
    .await;
    let document = rig.store.document().unwrap();
    let relations: BTreeSet<_> = document
        .related
        .iter()
        .map(|one| one.relation.to_string())
        .collect();
    assert!(
        relations.contains("owner") && relations.contains("runs on"),
        "{relations:?}"
    );
    assert!(
        document
            .yaml
            .iter()
            .any(|line| line.as_str() == "kind: Pod")
    );
    assert!(!rig.store.containers().is_empty());
    rig.until("its usage, or that there is none", |store| {
        let usage = Feed {
            endpoint: ID,
            topic: Topic::Usage,
        };
        store.usage(&key).is_some()
            || matches!(store.status(&usage), Some(SourceStatus::Off { .. }))
    })
    .await;
    rig.demand.send_replace(wants(&[(Kind::Pod, Scope::All)]));
    rig.until("the document is closed", |store| store.document().is_none())
        .await;
}

fn running(pod: &quarterdeck::model::Pod) -> bool {
    pod.phase.as_str() == "Running" && pod.meta.owner.is_some() && pod.meta.deleting.is_none()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_tells_what_is_there_and_what_is_missing() {
    for (variable, missing) in [
        ("KUBECONFIG", None),
        (
            "VIEWER_KUBECONFIG",
            Some("may not list and watch nodes, secrets in all namespaces"),
        ),
        (
            "TENANT_KUBECONFIG",
            Some("may not list and watch pods, deployments, "),
        ),
    ] {
        let Some(file) = kubeconfig(variable) else {
            return;
        };
        let choice = KubeChoice {
            kubeconfig: Some(file),
            namespaces: vec!["arq-production".to_owned()],
            ..KubeChoice::default()
        };
        let checks = kubernetes::doctor::doctor(&choice).await;
        let told: Vec<_> = checks
            .iter()
            .map(|check| (check.what.as_str(), check.verdict))
            .collect();
        for what in ["kubeconfig", "context", "server", "user", "discovery"] {
            assert!(
                told.contains(&(what, Verdict::Ok)),
                "{variable}: {checks:#?}"
            );
        }
        match missing {
            None => assert!(
                !checks.iter().any(|check| check.verdict == Verdict::Fail),
                "{checks:#?}"
            ),
            Some(missing) => assert!(
                checks
                    .iter()
                    .any(|check| check.detail.starts_with(missing) && !check.mend.is_empty()),
                "{checks:#?}"
            ),
        }
        if std::env::var_os("QD_TEST_SHOW").is_some() {
            for check in checks {
                println!(
                    "{:?} {:12} {} | {}",
                    check.verdict, check.what, check.detail, check.mend
                );
            }
        }
    }
}

#[test]
fn yaml_equals_that_of_kubectl() {
    let Some(_) = kubeconfig("KUBECONFIG") else {
        return;
    };
    let mut compared = 0;
    for kind in [
        "pods",
        "deployments",
        "nodes",
        "services",
        "configmaps",
        "events",
        "clusterroles",
        "apiservices",
    ] {
        let all = kubectl(&["get", kind, "-A", "-o", "json"], None);
        let all: serde_json::Value = serde_json::from_str(&all).unwrap();
        for object in all["items"].as_array().unwrap().iter().take(8) {
            let ours: Vec<_> = kubernetes::yaml::lines(object);
            let meta = &object["metadata"];
            let (name, namespace) = (meta["name"].as_str().unwrap(), meta["namespace"].as_str());
            let namespace = namespace.unwrap_or("default");
            let theirs = kubectl(&["get", kind, name, "-n", namespace, "-o", "yaml"], None);
            if !theirs.contains(&format!("resourceVersion: {}", meta["resourceVersion"])) {
                // It has changed between the two looks, or is gone.
                continue;
            }
            // kubectl folds long lines, which we do not; a fold changes no words.
            let words = |text: &str| {
                text.split_whitespace()
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            };
            let ours: Vec<_> = ours.iter().flat_map(|line| words(line.as_str())).collect();
            assert_eq!(ours, words(&theirs), "{kind} {name}");
            compared += 1;
        }
    }
    assert!(compared > 20, "only {compared} compared");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_that_is_defined_while_running_is_found_and_its_end_is_said() {
    let Some(file) = kubeconfig("KUBECONFIG") else {
        return;
    };
    let remove = || {
        kubectl(
            &[
                "delete",
                "crd",
                "quays.test.quarterdeck.dev",
                "--ignore-not-found",
            ],
            None,
        )
    };
    remove();
    let mut rig = Rig::start(file, wants(&[(Kind::Pod, Scope::All)]));
    rig.until("kinds", |store| !store.kinds(ID).is_empty())
        .await;
    kubectl(&["create", "-f", "-"], Some(DEFINITION));
    rig.until("the new kind", |store| {
        find(store.kinds(ID), "quay").is_ok()
    })
    .await;
    let quays = find(rig.store.kinds(ID), "qy").unwrap();
    let all = Scope::All;
    rig.demand.send_replace(wants(&[
        (Kind::Pod, Scope::All),
        (quays.clone(), all.clone()),
    ]));
    rig.until("no quays", |store| live(store, &quays, &all))
        .await;
    kubectl(&["create", "-f", "-"], Some(QUAY));
    rig.until("a quay", |store| {
        store.resources(&quays).is_some_and(|table| {
            table
                .iter()
                .any(|(_, row)| row.meta.name.as_str() == "north" && row.cells.len() == 2)
        })
    })
    .await;
    remove();
    rig.until("that it is gone", |store| {
        matches!(
            store.status(&feed(quays.clone(), all.clone())),
            Some(SourceStatus::Off { .. })
        ) && store.resources(&quays).is_none_or(Table::is_empty)
            && find(store.kinds(ID), "quay").is_err()
    })
    .await;
}

const DEFINITION: &str = r#"{
  "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
  "metadata": { "name": "quays.test.quarterdeck.dev" },
  "spec": {
    "group": "test.quarterdeck.dev", "scope": "Namespaced",
    "names": { "plural": "quays", "singular": "quay", "kind": "Quay", "shortNames": ["qy"] },
    "versions": [{
      "name": "v1", "served": true, "storage": true,
      "schema": { "openAPIV3Schema": { "type": "object", "x-kubernetes-preserve-unknown-fields": true } },
      "additionalPrinterColumns": [
        { "name": "Depth", "type": "integer", "jsonPath": ".spec.depth" },
        { "name": "Phase", "type": "string", "jsonPath": ".status.phase" }
      ]
    }]
  }
}"#;

const QUAY: &str = r#"{
  "apiVersion": "test.quarterdeck.dev/v1", "kind": "Quay",
  "metadata": { "name": "north", "namespace": "ecommerce-dev" },
  "spec": { "depth": 12 }
}"#;
