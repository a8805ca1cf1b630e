//! What goes wrong at each step: nothing is written that was not confirmed, and nothing is sent twice.

use std::time::Duration;

use jiff::Timestamp;
use quarterdeck::actions::audit::Journal;
use quarterdeck::actions::run::{Pace, commit, prepare};
use quarterdeck::actions::{Finished, Outcome, Prepared, Refusal};
use quarterdeck::demo::Fault;
use quarterdeck::model::{Kind, Uid};
use serde_json::json;
use tokio::sync::{mpsc, watch};

use super::{EU, Rig, invocation, target, yes};

const PROD: &str = "ecommerce-prod";
const USERS: &str = "/apis/apps/v1/namespaces/ecommerce-prod/deployments/user-management";

fn users() -> quarterdeck::model::Target {
    target(Kind::Deployment, PROD, "user-management")
}

fn scale(to: &str) -> quarterdeck::actions::Invocation {
    invocation("scale", users(), &[("replicas", to)])
}

fn status(code: u16) -> Fault {
    Fault::Status {
        code,
        retry_after: None,
        body: String::new(),
    }
}

async fn confirmed(rig: &Rig, prepared: &Prepared) -> Result<Finished, Refusal> {
    let approved = prepared.approve(&yes(prepared), Timestamp::now()).unwrap();
    let (reports, _told) = mpsc::channel(64);
    let (_stop, stop) = watch::channel(false);
    commit(&rig.site(), approved, &reports, stop).await
}

/// Requests that would change the scale, trials left out.
fn sent(rig: &Rig) -> usize {
    let seen = rig.estate.seen(EU);
    seen.iter()
        .filter(|request| request.method == "PATCH" && !request.uri.contains("dryRun"))
        .count()
}

#[tokio::test]
async fn a_fault_while_looking_refuses_and_writes_nothing() {
    let rig = Rig::new("calm").await;
    for (code, words) in [
        (401, "login needed"),
        (403, "needs get deployments"),
        (404, "is not there"),
        (429, "busy"),
        (500, "answered 500"),
        (504, "answered 504"),
    ] {
        // Credentials that are not taken are renewed once.
        rig.estate.inject(EU, USERS, status(code), 2);
        let refused = prepare(&rig.site(), scale("4")).await.unwrap_err();
        assert!(refused.to_string().contains(words), "{code}: {refused}");
        rig.estate.heal(EU);
    }
    assert_eq!(rig.estate.writes(EU), 0);
}

#[tokio::test]
async fn a_fault_of_the_trial_refuses_or_says_that_it_is_unverified() {
    let rig = Rig::new("calm").await;
    let scale_path = format!("{USERS}/scale");
    for code in [403, 409, 422, 429] {
        rig.estate.inject(EU, &scale_path, status(code), 1);
        let refused = prepare(&rig.site(), scale("4")).await;
        assert!(refused.is_err(), "{code}");
        rig.estate.heal(EU);
    }
    let webhook = Fault::Status {
        code: 400,
        retry_after: None,
        body: json!({"kind": "Status", "reason": "BadRequest", "message": "admission webhook \"policy.example.com\" does not support dry run"}).to_string(),
    };
    rig.estate.inject(EU, &scale_path, webhook, 1);
    let prepared = prepare(&rig.site(), scale("4")).await.unwrap();
    let words = format!("{:?}", prepared.checks);
    assert!(words.contains("does not support dry run"), "{words}");
    assert_eq!(sent(&rig), 0);
    assert_eq!(
        confirmed(&rig, &prepared).await.unwrap().outcome,
        Outcome::Succeeded
    );
}

#[tokio::test]
async fn a_refusal_of_the_write_changes_nothing_and_is_audited() {
    let rig = Rig::new("calm").await;
    for code in [401, 403, 404, 409, 422, 429] {
        let prepared = prepare(&rig.site(), scale("4")).await.unwrap();
        rig.estate
            .inject(EU, &format!("{USERS}/scale?fieldManager"), status(code), 2);
        let refused = confirmed(&rig, &prepared).await;
        assert!(refused.is_err(), "{code}: {refused:?}");
        rig.estate.heal(EU);
        assert_eq!(
            rig.object("deployments", PROD, "user-management")["spec"]["replicas"],
            3
        );
    }
    let entries = Journal::new(rig.audit().to_owned()).entries().unwrap();
    assert_eq!(entries.len(), 6);
    assert!(
        entries
            .iter()
            .all(|entry| entry.end.as_ref().unwrap().event == "refused")
    );
}

#[tokio::test]
async fn an_answer_that_is_lost_is_looked_for_and_never_sent_again() {
    let rig = Rig::new("calm").await;
    // The server did it, and the answer broke off.
    let prepared = prepare(&rig.site(), scale("4")).await.unwrap();
    rig.estate
        .inject(EU, &format!("{USERS}/scale?fieldManager"), Fault::Cut(5), 1);
    let finished = confirmed(&rig, &prepared).await.unwrap();
    assert_eq!(finished.outcome, Outcome::Succeeded);
    assert!(
        finished.evidence[0].contains("the answer was lost"),
        "{:?}",
        finished.evidence
    );
    assert_eq!(sent(&rig), 1);
    // Whether it did it cannot be told.
    for code in [500, 504] {
        let prepared = prepare(&rig.site(), scale("2")).await.unwrap();
        rig.estate
            .inject(EU, &format!("{USERS}/scale?fieldManager"), status(code), 1);
        let before = sent(&rig);
        let finished = confirmed(&rig, &prepared).await.unwrap();
        assert!(
            matches!(finished.outcome, Outcome::Unknown { .. }),
            "{finished:?}"
        );
        assert_eq!(sent(&rig), before + 1);
    }
    let entries = Journal::new(rig.audit().to_owned()).entries().unwrap();
    let ends: Vec<&str> = entries
        .iter()
        .map(|entry| entry.end.as_ref().unwrap().outcome.as_str())
        .collect();
    assert_eq!(ends, ["succeeded", "unknown", "unknown"]);
}

#[tokio::test]
async fn an_object_that_went_or_came_again_is_not_the_one_that_was_seen() {
    let rig = Rig::new("calm").await;
    let prepared = prepare(&rig.site(), scale("4")).await.unwrap();
    let mut other = rig.object("deployments", PROD, "user-management");
    rig.estate
        .remove(EU, "deployments", PROD, "user-management");
    let refused = confirmed(&rig, &prepared).await.unwrap_err();
    assert!(
        refused.to_string().contains("deleted meanwhile"),
        "{refused}"
    );
    other["metadata"]["uid"] = json!("11111111-2222-3333-4444-555555555555");
    rig.estate.put(EU, "deployments", other);
    let refused = confirmed(&rig, &prepared).await.unwrap_err();
    assert!(refused.to_string().contains("created again"), "{refused}");
    // A row that is still on screen pins its object too.
    let mut asked = scale("4");
    asked.target.uid = Some(Uid::parse("00000000-0000-0000-0000-000000000001"));
    let refused = prepare(&rig.site(), asked).await.unwrap_err();
    assert!(matches!(refused, Refusal::Changed(_)), "{refused}");
}

#[tokio::test]
async fn an_autoscaler_that_takes_it_back_is_named() {
    let rig = Rig::new("calm").await;
    let shop = target(Kind::Deployment, PROD, "shop");
    let site = rig.site_at(Pace {
        every: Duration::from_millis(100),
        ..Pace::default()
    });
    let prepared = prepare(&site, invocation("scale", shop, &[("replicas", "1")]));
    let prepared = prepared.await.unwrap();
    let approved = prepared.approve(&yes(&prepared), Timestamp::now()).unwrap();
    let (reports, _told) = mpsc::channel(4);
    let (_stop, stop) = watch::channel(false);
    let finished = commit(&site, approved, &reports, stop).await.unwrap();
    let Outcome::Overridden { by } = &finished.outcome else {
        panic!("{finished:#?}")
    };
    assert!(by.contains("kube-controller-manager"), "{by}");
    assert!(
        finished.undo.is_none(),
        "what was overridden is not ours to undo"
    );
}

#[tokio::test]
async fn a_denied_action_names_the_missing_verb() {
    let rig = Rig::new("calm").await;
    rig.estate.deny(EU, "patch", "deployments/scale", PROD);
    let refused = prepare(&rig.site(), scale("4")).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "needs patch deployments.apps/scale in ecommerce-prod"
    );
}

#[tokio::test]
async fn numbers_that_are_none_are_refused_where_they_are_typed() {
    let action = super::action("scale");
    let argument = &action.arguments()[0];
    for text in ["-1", "1000000000", "three", "", "1.5", "\u{1b}[31m3"] {
        let wrong = argument.read(text).unwrap_err();
        assert!(wrong.starts_with("replicas: "), "{wrong}");
        assert!(!wrong.contains('\u{1b}'));
    }
    let rig = Rig::new("calm").await;
    let asked = invocation("scale", users(), &[]);
    let refused = prepare(&rig.site(), asked).await.unwrap_err();
    assert_eq!(refused.to_string(), "missing: replicas");
}

#[tokio::test]
async fn a_reason_cannot_act_on_a_terminal_and_a_stale_plan_expires() {
    let rig = Rig::new("calm").await;
    let prepared = prepare(&rig.site(), scale("4")).await.unwrap();
    let mut answer = yes(&prepared);
    answer.reason = "\u{1b}]0;owned\u{7}\u{202e}why\n".to_owned();
    let approved = prepared.approve(&answer, Timestamp::now()).unwrap();
    assert!(
        !approved
            .reason()
            .chars()
            .any(|c| c.is_control() || c == '\u{202e}')
    );
    let later = Timestamp::now() + Duration::from_secs(601);
    assert!(prepared.approve(&answer, later).is_err());
}

#[tokio::test]
async fn two_runs_write_one_audit() {
    let rig = Rig::new("calm").await;
    let journal = Journal::new(rig.audit().to_owned());
    let record = quarterdeck::actions::audit::Record {
        event: "intent".to_owned(),
        title: "x".repeat(20_000),
        ..Default::default()
    };
    std::thread::scope(|scope| {
        for run in 0..4 {
            let (journal, record) = (&journal, &record);
            scope.spawn(move || {
                for at in 0..20 {
                    let mut record = record.clone();
                    record.id = format!("{run}-{at}");
                    journal.write(&record).unwrap();
                }
            });
        }
    });
    assert_eq!(journal.entries().unwrap().len(), 80);
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(rig.audit()).unwrap().permissions(),
    );
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn an_audit_is_kept_in_no_foreign_file_and_survives_a_line_cut_short() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.jsonl");
    let journal = Journal::new(path.clone());
    journal.check().unwrap();
    std::fs::write(&path, "{\"id\":\"a\",\"event\":\"inte").unwrap();
    let record = quarterdeck::actions::audit::Record {
        id: "b".to_owned(),
        event: "intent".to_owned(),
        ..Default::default()
    };
    journal.write(&record).unwrap();
    assert_eq!(journal.entries().unwrap().len(), 1);
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    assert!(Journal::new(link).write(&record).is_err());
    assert!(
        Journal::new(folder.path().to_owned())
            .write(&record)
            .is_err()
    );
}
