//! Every action done in the demo world, and seen to be done by looking at the world itself.

use jiff::Timestamp;
use quarterdeck::actions::run::{commit, prepare};
use quarterdeck::actions::{Finished, Invocation, Outcome, Prepared, Refusal};
use quarterdeck::model::Kind;
use serde_json::Value;
use tokio::sync::{mpsc, watch};

use super::{EU, Rig, invocation, target, yes};

const PROD: &str = "ecommerce-prod";

impl Rig {
    /// Prepares, confirms and carries out.
    pub(super) async fn act(&self, asked: Invocation) -> Result<(Prepared, Finished), Refusal> {
        let site = self.site();
        let prepared = prepare(&site, asked).await?;
        let approved = prepared.approve(&yes(&prepared), Timestamp::now()).unwrap();
        let (reports, _told) = mpsc::channel(64);
        let (_stop, stop) = watch::channel(false);
        let finished = commit(&site, approved, &reports, stop).await?;
        Ok((prepared, finished))
    }

    /// As [`Rig::act`], and it must end well.
    async fn well(&self, asked: Invocation) -> (Prepared, Finished) {
        let (prepared, finished) = self.act(asked).await.unwrap();
        assert_eq!(finished.outcome, Outcome::Succeeded, "{finished:#?}");
        (prepared, finished)
    }

    pub(super) fn object(&self, plural: &str, namespace: &str, name: &str) -> Value {
        let all = self.estate.objects(EU, plural);
        let found = all.into_iter().find(|object| {
            object["metadata"]["name"] == name
                && object["metadata"]["namespace"].as_str().unwrap_or_default() == namespace
        });
        found.unwrap_or_else(|| panic!("no {plural} {namespace}/{name}"))
    }

    fn image(&self, plural: &str, name: &str) -> String {
        let object = self.object(plural, PROD, name);
        let image = &object["spec"]["template"]["spec"]["containers"][0]["image"];
        image.as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_rollback_in_the_middle_of_a_failing_rollout_goes_to_what_was_good() {
    let rig = Rig::new("calm").await;
    let shop = || target(Kind::Deployment, PROD, "shop");
    let good = rig.image("deployments", "shop");
    let bad = invocation("set-image", shop(), &[("image", "shop=shop:2.0")]);
    let (_, failed) = rig.act_within(bad, 4).await;
    assert!(
        matches!(&failed.outcome, Outcome::Failed { why } if why.contains("crashes")),
        "{failed:#?}"
    );
    assert!(
        !failed.progress.lines.is_empty(),
        "the last lines of the crash are told"
    );
    let (prepared, finished) = rig.well(invocation("rollback", shop(), &[])).await;
    assert_eq!(rig.image("deployments", "shop"), good);
    let changes = &prepared.plan.changes;
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].field.as_str(), "containers[shop].image");
    assert_eq!(
        (changes[0].before.as_str(), changes[0].after.as_str()),
        ("shop:2.0", &*good)
    );
    let table = &prepared.plan.tables[0];
    let chosen = table.rows.iter().find(|row| row.chosen).unwrap();
    assert!(chosen.cells[4].contains("last known good"), "{chosen:?}");
    assert!(finished.progress.recovered.is_some());
    let cause = &rig.object("deployments", PROD, "shop")["metadata"]["annotations"]["kubernetes.io/change-cause"];
    assert!(
        cause
            .as_str()
            .unwrap()
            .starts_with("quarterdeck: rolled back to revision")
    );
    // The bad one was seen to fail: it is not offered again.
    let list = prepare(&rig.site(), invocation("rollback", shop(), &[])).await;
    if let Ok(again) = list {
        assert!(
            again
                .plan
                .changes
                .iter()
                .all(|change| change.after.as_str() != "shop:2.0")
        );
    }
}

impl Rig {
    /// Acts with a budget of so many seconds.
    pub(super) async fn act_within(&self, asked: Invocation, seconds: u64) -> (Prepared, Finished) {
        let site = self.site_within(seconds);
        let prepared = prepare(&site, asked).await.unwrap();
        let approved = prepared.approve(&yes(&prepared), Timestamp::now()).unwrap();
        let (reports, _told) = mpsc::channel(64);
        let (_stop, stop) = watch::channel(false);
        let finished = commit(&site, approved, &reports, stop).await.unwrap();
        (prepared, finished)
    }
}

#[tokio::test]
async fn a_restart_changes_every_pod_and_no_revision_that_can_be_told_apart() {
    let rig = Rig::new("calm").await;
    let users = || target(Kind::Deployment, PROD, "user-management");
    let pods = || -> Vec<String> {
        let all = rig.estate.objects(EU, "pods");
        all.iter()
            .filter(|pod| {
                pod["metadata"]["labels"]["app"] == "user-management"
                    && pod["metadata"]["namespace"] == PROD
                    && pod["metadata"]["deletionTimestamp"].is_null()
            })
            .map(|pod| pod["metadata"]["uid"].as_str().unwrap().to_owned())
            .collect()
    };
    let before = pods();
    rig.well(invocation("restart", users(), &[])).await;
    assert!(pods().iter().all(|uid| !before.contains(uid)));
    // What differs by the restart only is the revision that runs.
    let again = prepare(&rig.site(), invocation("rollback", users(), &[])).await;
    if let Ok(prepared) = again {
        assert!(
            !prepared.plan.changes.is_empty(),
            "the same image was offered again"
        );
    }
}

#[tokio::test]
async fn what_is_paused_neither_restarts_nor_rolls_back_until_it_is_resumed() {
    let rig = Rig::new("calm").await;
    let shop = || target(Kind::Deployment, PROD, "shop");
    let (_, paused) = rig.well(invocation("pause", shop(), &[])).await;
    assert_eq!(
        rig.object("deployments", PROD, "shop")["spec"]["paused"],
        true
    );
    for action in ["restart", "rollback"] {
        let refused = prepare(&rig.site(), invocation(action, shop(), &[])).await;
        let words = refused.unwrap_err().to_string();
        assert!(words.contains("paused"), "{words}");
    }
    let twice = prepare(&rig.site(), invocation("pause", shop(), &[])).await;
    assert!(matches!(twice, Err(Refusal::NotPossible(_))));
    rig.well(paused.undo.unwrap().invocation).await;
    assert_ne!(
        rig.object("deployments", PROD, "shop")["spec"]["paused"],
        true
    );
}

#[tokio::test]
async fn a_cron_job_runs_now_and_its_schedule_is_suspended_and_resumed() {
    let rig = Rig::new("calm").await;
    let cron = rig.estate.objects(EU, "cronjobs");
    let cron = cron
        .iter()
        .find(|cron| cron["spec"]["suspend"] != true)
        .unwrap();
    let (namespace, name) = (
        cron["metadata"]["namespace"].as_str().unwrap(),
        cron["metadata"]["name"].as_str().unwrap(),
    );
    let cron = || target(Kind::CronJob, namespace, name);
    let (prepared, finished) = rig.well(invocation("trigger", cron(), &[])).await;
    assert!(
        !finished.progress.lines.is_empty(),
        "its last lines are told"
    );
    let job = prepared.plan.steps[0].target().name.to_string();
    let job = rig.object("jobs", namespace, &job);
    assert_eq!(
        job["metadata"]["annotations"]["cronjob.kubernetes.io/instantiate"],
        "manual"
    );
    assert!(job["metadata"]["ownerReferences"][0]["blockOwnerDeletion"].is_null());
    rig.well(invocation("pause", cron(), &[])).await;
    assert_eq!(
        rig.object("cronjobs", namespace, name)["spec"]["suspend"],
        true
    );
    rig.well(invocation("resume", cron(), &[])).await;
    assert_eq!(
        rig.object("cronjobs", namespace, name)["spec"]["suspend"],
        false
    );
}

#[tokio::test]
async fn an_autoscaler_gets_bounds_and_is_switched_off_and_on() {
    let rig = Rig::new("calm").await;
    let hpa = || target(Kind::HorizontalPodAutoscaler, PROD, "shop");
    let before = rig.object("horizontalpodautoscalers", PROD, "shop");
    let wrong = prepare(
        &rig.site(),
        invocation("hpa", hpa(), &[("min", "50"), ("max", "2")]),
    )
    .await;
    assert!(matches!(wrong, Err(Refusal::Argument(_))));
    let (_, finished) = rig.well(invocation("hpa", hpa(), &[("max", "12")])).await;
    let now = rig.object("horizontalpodautoscalers", PROD, "shop");
    assert_eq!(now["spec"]["maxReplicas"], 12);
    rig.well(finished.undo.unwrap().invocation).await;
    rig.well(invocation("pause", hpa(), &[])).await;
    let now = rig.object("horizontalpodautoscalers", PROD, "shop");
    assert_eq!(
        now["spec"]["behavior"]["scaleUp"]["selectPolicy"],
        "Disabled"
    );
    rig.well(invocation("resume", hpa(), &[])).await;
    let now = rig.object("horizontalpodautoscalers", PROD, "shop");
    assert_eq!(now["spec"]["maxReplicas"], before["spec"]["maxReplicas"]);
    assert_eq!(now["spec"]["behavior"], before["spec"]["behavior"]);
}

#[tokio::test]
async fn evicting_asks_the_budget_and_deleting_does_not() {
    let rig = Rig::new("calm").await;
    let pod = || target(Kind::Pod, PROD, "orders-db-0");
    let refused = prepare(&rig.site(), invocation("evict", pod(), &[])).await;
    let words = refused.unwrap_err().to_string();
    assert!(
        words.contains("disruption budget orders-db needs 2"),
        "{words}"
    );
    let before = rig.object("pods", PROD, "orders-db-0");
    let (prepared, _) = rig.well(invocation("delete", pod(), &[])).await;
    assert!(
        prepared
            .plan
            .warnings
            .iter()
            .any(|warning| warning.text.contains("does not ask"))
    );
    let after = rig.object("pods", PROD, "orders-db-0");
    assert_ne!(before["metadata"]["uid"], after["metadata"]["uid"]);
}

#[tokio::test]
async fn a_drain_foresees_what_the_budgets_let_go() {
    let rig = Rig::new("calm").await;
    let nodes = rig.estate.objects(EU, "nodes");
    let pods = rig.estate.objects(EU, "pods");
    let holder = pods
        .iter()
        .find(|pod| {
            pod["metadata"]["name"] == "orders-db-0" && pod["metadata"]["namespace"] == PROD
        })
        .unwrap();
    let node = holder["spec"]["nodeName"].as_str().unwrap();
    assert!(nodes.iter().any(|one| one["metadata"]["name"] == node));
    let asked = || invocation("drain", target(Kind::Node, "", node), &[]);
    let prepared = prepare(&rig.site(), asked()).await.unwrap();
    let table = &prepared.plan.tables[0];
    let row = |name: &str| {
        let found = table.rows.iter().find(|row| row.cells[0].as_str() == name);
        found.map(|row| row.cells[3].to_string())
    };
    assert_eq!(
        row("ecommerce-prod/orders-db-0").as_deref(),
        Some("waits for budget orders-db")
    );
    let (_, finished) = rig.act_within(asked(), 3).await;
    let Outcome::Failed { why } = &finished.outcome else {
        panic!("{finished:#?}")
    };
    assert!(why.contains("orders-db"), "{why}");
    assert_eq!(rig.object("nodes", "", node)["spec"]["unschedulable"], true);
    let (_, uncordon) = finished.next.unwrap();
    rig.well(uncordon).await;
    assert_ne!(rig.object("nodes", "", node)["spec"]["unschedulable"], true);
}

#[tokio::test]
async fn a_stateful_set_and_a_daemon_set_go_back_too() {
    let rig = Rig::new("calm").await;
    for (kind, plural) in [
        (Kind::StatefulSet, "statefulsets"),
        (Kind::DaemonSet, "daemonsets"),
    ] {
        let all = rig.estate.objects(EU, plural);
        let one = all
            .iter()
            .find(|one| one["metadata"]["name"] == "orders-db" || plural == "daemonsets")
            .unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let (namespace, name) = (
            text(&one["metadata"]["namespace"]),
            text(&one["metadata"]["name"]),
        );
        let container = &one["spec"]["template"]["spec"]["containers"][0];
        let (container, image) = (text(&container["name"]), text(&container["image"]));
        let at = || target(kind.clone(), &namespace, &name);
        let other = format!("{image}-other");
        let set = format!("{container}={other}");
        rig.act_within(invocation("set-image", at(), &[("image", &set)]), 1)
            .await;
        let back = prepare(&rig.site(), invocation("rollback", at(), &[]))
            .await
            .unwrap();
        let change = &back.plan.changes[0];
        assert_eq!(
            (change.before.as_str(), change.after.as_str()),
            (&*other, &*image),
            "{plural}"
        );
        rig.act_within(invocation("rollback", at(), &[]), 2).await;
        let now = rig.object(plural, &namespace, &name);
        assert_eq!(
            now["spec"]["template"]["spec"]["containers"][0]["image"],
            image.as_str()
        );
    }
}

#[tokio::test]
async fn zero_is_an_outage_that_remembers_the_way_back() {
    let rig = Rig::new("calm").await;
    let users = || target(Kind::Deployment, PROD, "user-management");
    let (prepared, finished) = rig
        .well(invocation("scale", users(), &[("replicas", "0")]))
        .await;
    assert_eq!(prepared.level.code(), "L3");
    assert!(prepared.confirmation.reason);
    let undo = finished.undo.unwrap();
    assert_eq!(undo.title.as_str(), "Resume with 3");
    rig.well(undo.invocation).await;
    assert_eq!(
        rig.object("deployments", PROD, "user-management")["spec"]["replicas"],
        3
    );
}
