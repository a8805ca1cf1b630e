//! A deployment's status: its counts, whether it is available, and how its rollout gets on.

use serde_json::{Value, json};

use super::deployments::{replicas, same_template, share};
use super::life::later;
use super::pods::{condition, owned};
use crate::demo::world::item::{Dig as _, list, number, set, text};
use crate::demo::world::resource;
use crate::demo::world::{Cluster, seconds};

/// What a deployment's sets add up to.
struct Counts {
    all: i64,
    updated: i64,
    ready: i64,
    available: i64,
    want: i64,
}

/// How a rollout stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rollout {
    Paused,
    Done,
    Late,
    Moving,
}

/// Writes the deployment's status and conditions.
pub(super) fn report(c: &mut Cluster, namespace: &str, name: &str) {
    let Some(deployment) = c.get(&resource::DEPLOYMENTS, namespace, name) else {
        return;
    };
    let sets = owned(
        c,
        &resource::REPLICA_SETS,
        namespace,
        text(&deployment, "/metadata/uid"),
    );
    let sum = |key: &str| -> i64 { sets.iter().map(|s| number(s, key)).sum() };
    let current = sets.iter().find(|s| same_template(s, &deployment));
    let counts = Counts {
        all: sum("/status/replicas"),
        updated: current.map_or(0, |s| number(s, "/status/replicas")),
        ready: sum("/status/readyReplicas"),
        available: sum("/status/availableReplicas"),
        want: replicas(&deployment),
    };
    let set_name = current
        .map(|s| text(s, "/metadata/name").to_owned())
        .unwrap_or_default();
    let (rollout, progressed) = rollout(c, &deployment, &counts);
    let now = seconds(c.now);
    c.edit(&resource::DEPLOYMENTS, namespace, name, |d| {
        write(d, &counts, rollout, &set_name, &now, &progressed);
    });
}

/// Where the rollout stands, and when it last got on; a deadline still to come sets an alarm.
fn rollout(c: &mut Cluster, deployment: &Value, counts: &Counts) -> (Rollout, String) {
    let now = seconds(c.now);
    let key = (
        text(deployment, "/metadata/namespace").to_owned(),
        text(deployment, "/metadata/name").to_owned(),
    );
    let begun = c.live.rolled.get(&key).cloned().unwrap_or_default();
    let before = (
        number(deployment, "/status/updatedReplicas"),
        number(deployment, "/status/availableReplicas"),
    );
    let progressed = if before == (counts.updated, counts.available) {
        let last = list(deployment, "/status/conditions")
            .iter()
            .find(|c| text(c, "/type") == "Progressing");
        last.map_or(now, |c| text(c, "/lastUpdateTime").to_owned())
            .max(begun)
    } else {
        now
    };
    let deadline = deployment
        .dig("/spec/progressDeadlineSeconds")
        .and_then(Value::as_i64)
        .unwrap_or(600);
    let until = progressed
        .parse::<jiff::Timestamp>()
        .map_or(c.now, |at| later(at, deadline * 1000));
    let stands = if deployment.dig("/spec/paused") == Some(&Value::Bool(true)) {
        Rollout::Paused
    } else if counts.updated == counts.want
        && counts.available >= counts.want
        && counts.all == counts.want
    {
        Rollout::Done
    } else if until <= c.now {
        Rollout::Late
    } else {
        c.live.alarms.insert((until, key));
        Rollout::Moving
    };
    (stands, progressed)
}

fn write(
    d: &mut Value,
    counts: &Counts,
    rollout: Rollout,
    set_name: &str,
    now: &str,
    progressed: &str,
) {
    let mut status = json!({"observedGeneration": number(d, "/metadata/generation"), "conditions": list(d, "/status/conditions")});
    for (key, value) in [
        ("/replicas", counts.all),
        ("/updatedReplicas", counts.updated),
        ("/readyReplicas", counts.ready),
        ("/availableReplicas", counts.available),
        (
            "/unavailableReplicas",
            (counts.want.max(counts.all) - counts.available).max(0),
        ),
    ] {
        if value > 0 {
            set(&mut status, key, value);
        }
    }
    let missing = share(
        d.dig("/spec/strategy/rollingUpdate/maxUnavailable"),
        counts.want,
        false,
    );
    set(d, "/status", status);
    let (yes, reason, says) = if counts.available >= counts.want - missing {
        (
            "True",
            "MinimumReplicasAvailable",
            "Deployment has minimum availability.",
        )
    } else {
        (
            "False",
            "MinimumReplicasUnavailable",
            "Deployment does not have minimum availability.",
        )
    };
    timed(d, ("Available", yes, reason, says), now, None);
    let (yes, reason, says) = match rollout {
        Rollout::Paused => (
            "Unknown",
            "DeploymentPaused",
            "Deployment is paused".to_owned(),
        ),
        Rollout::Done => (
            "True",
            "NewReplicaSetAvailable",
            format!("ReplicaSet \"{set_name}\" has successfully progressed."),
        ),
        Rollout::Late => (
            "False",
            "ProgressDeadlineExceeded",
            format!("ReplicaSet \"{set_name}\" has timed out progressing."),
        ),
        Rollout::Moving => (
            "True",
            "ReplicaSetUpdated",
            format!("ReplicaSet \"{set_name}\" is progressing."),
        ),
    };
    timed(
        d,
        ("Progressing", yes, reason, &says),
        now,
        Some(progressed),
    );
}

/// Sets a condition that also says when it was last renewed.
fn timed(
    d: &mut Value,
    (kind, yes, reason, says): (&str, &str, &str, &str),
    now: &str,
    updated: Option<&str>,
) {
    let before = list(d, "/status/conditions")
        .iter()
        .find(|c| text(c, "/type") == kind)
        .cloned();
    condition(d, kind, yes, reason, says, now);
    let kept = before
        .filter(|b| text(b, "/status") == yes && text(b, "/reason") == reason)
        .map(|b| text(&b, "/lastUpdateTime").to_owned());
    let at = updated
        .map(str::to_owned)
        .or(kept)
        .unwrap_or_else(|| now.to_owned());
    let all = d
        .pointer_mut("/status/conditions")
        .and_then(Value::as_array_mut);
    if let Some(found) = all.and_then(|all| all.iter_mut().find(|c| text(c, "/type") == kind)) {
        set(found, "/lastUpdateTime", at);
    }
}
