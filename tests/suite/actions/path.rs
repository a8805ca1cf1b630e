//! The one path: prepare, approve, commit, follow, audit.

use jiff::Timestamp;
use quarterdeck::actions::audit::Journal;
use quarterdeck::actions::run::{commit, prepare};
use quarterdeck::actions::{Finished, Lasting, Level, Outcome, Refusal};
use quarterdeck::model::Kind;
use tokio::sync::{mpsc, watch};

use super::{EU, Rig, invocation, target, yes};

#[tokio::test]
async fn scaling_is_followed_until_the_pods_are_ready_and_can_be_undone() {
    let rig = Rig::new("calm").await;
    let site = rig.site();
    let catalog = target(Kind::Deployment, "ecommerce-prod", "user-management");
    let asked = invocation("scale", catalog, &[("replicas", "4")]);
    let prepared = prepare(&site, asked).await.unwrap();
    assert_eq!(prepared.level, Level::Service);
    assert_eq!(rig.estate.writes(EU), 1, "a dry run and nothing else");
    let approved = prepared.approve(&yes(&prepared), Timestamp::now()).unwrap();
    let (reports, mut told) = mpsc::channel(64);
    let (_stop, stop) = watch::channel(false);
    let finished = commit(&site, approved, &reports, stop).await.unwrap();
    assert_eq!(finished.outcome, Outcome::Succeeded, "{finished:?}");
    assert!(told.try_recv().is_ok(), "progress was told");
    let entries = Journal::new(rig.audit().to_owned()).entries().unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].intent.changes, ["replicas: 3 -> 4"]);
    assert_eq!(entries[0].end.as_ref().unwrap().outcome, "succeeded");
    let undo = finished.undo.unwrap().invocation;
    let back = prepare(&site, undo).await.unwrap();
    assert_eq!(
        back.plan.title.as_str(),
        "Scale Deployment ecommerce-prod/user-management to 3"
    );
}

#[tokio::test]
async fn a_number_that_an_autoscaler_takes_back_is_said_before() {
    let rig = Rig::new("calm").await;
    let shop = target(Kind::Deployment, "ecommerce-prod", "shop");
    let asked = invocation("scale", shop, &[("replicas", "1")]);
    let prepared = prepare(&rig.site(), asked).await.unwrap();
    let Lasting::Reverts { by, .. } = &prepared.plan.lasting else {
        panic!("{:?}", prepared.plan.lasting)
    };
    assert_eq!(by.as_str(), "HPA shop");
}

#[tokio::test]
async fn without_an_audit_nothing_is_written() {
    let mut rig = Rig::new("calm").await;
    rig.config.actions.audit = rig.folder.path().display().to_string();
    let shop = target(Kind::Deployment, "ecommerce-prod", "shop");
    let asked = invocation("scale", shop, &[("replicas", "4")]);
    let refused = prepare(&rig.site(), asked).await.unwrap_err();
    assert!(matches!(refused, Refusal::Unaudited(_)), "{refused}");
    assert_eq!(rig.estate.writes(EU), 0);
}

#[tokio::test]
async fn what_was_seen_is_what_is_acted_on() {
    let rig = Rig::new("calm").await;
    let site = rig.site();
    let catalog = || target(Kind::Deployment, "ecommerce-prod", "user-management");
    let first = prepare(&site, invocation("scale", catalog(), &[("replicas", "4")]));
    let second = prepare(&site, invocation("scale", catalog(), &[("replicas", "6")]));
    let (first, second) = (first.await.unwrap(), second.await.unwrap());
    let (reports, _told) = mpsc::channel(64);
    let (_stop, stop) = watch::channel(false);
    let approved = |prepared: &quarterdeck::actions::Prepared| {
        prepared.approve(&yes(prepared), Timestamp::now()).unwrap()
    };
    let done: Result<Finished, _> = commit(&site, approved(&first), &reports, stop.clone()).await;
    assert_eq!(done.unwrap().outcome, Outcome::Succeeded);
    let refused = commit(&site, approved(&second), &reports, stop)
        .await
        .unwrap_err();
    let words = refused.to_string();
    assert!(
        words.contains("changed meanwhile by quarterdeck"),
        "{words}"
    );
    assert!(words.contains("replicas 3 → 4"), "{words}");
    let entries = Journal::new(rig.audit().to_owned()).entries().unwrap();
    assert_eq!(entries[1].end.as_ref().unwrap().event, "refused");
}
