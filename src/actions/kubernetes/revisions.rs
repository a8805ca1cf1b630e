//! The revisions of a Deployment, StatefulSet or DaemonSet, and which of them is known to be good. Pure.
//!
//! Revisions that run the same are one: a restart makes a new number and nothing new. Good is what was *seen* to be
//! available; what nobody saw is called unproven, whatever its number.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::{references, template, trouble};
use crate::actions::facts::{Facts, Topic, list, number, text, time};
use crate::actions::words::{between, span};
use crate::model::Kind;

/// A revision that was replaced sooner than this was probably not what was wanted.
const SETTLED: Duration = Duration::from_mins(5);
/// A first revision needs no longer than this to show that the pods that are available are its own.
const FIRST: Duration = Duration::from_mins(1);

/// A revision, with those that run the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    pub number: i64,
    /// Older numbers that run the same.
    pub also: Vec<i64>,
    /// The name of its ReplicaSet or ControllerRevision.
    pub name: String,
    /// As it can be set.
    pub template: Value,
    /// When it began, where that can be known: one that was taken up again keeps its old age.
    pub began: Option<Timestamp>,
    /// How long it was the one wanted.
    pub stayed: Option<Duration>,
    /// Why it was made, as its annotation says.
    pub cause: String,
    pub current: bool,
    pub proof: Proof,
}

/// What is known of a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Seen available: how.
    Good(String),
    /// Seen to fail: how.
    Bad(String),
    Unproven,
}

impl Revision {
    pub fn is_good(&self) -> bool {
        matches!(self.proof, Proof::Good(_))
    }

    /// What is known of it, in words.
    pub fn words(&self) -> String {
        match &self.proof {
            Proof::Good(how) | Proof::Bad(how) => how.clone(),
            Proof::Unproven => "unproven".to_owned(),
        }
    }

    /// `42`, `42 (and 41)`
    pub fn numbers(&self) -> String {
        if self.also.is_empty() {
            return self.number.to_string();
        }
        let also: Vec<String> = self.also.iter().map(ToString::to_string).collect();
        format!("{} (and {})", self.number, also.join(", "))
    }
}

/// The revisions, newest first, those that run the same collapsed into the newest of them.
pub fn of(facts: &Facts) -> Vec<Revision> {
    let uid = facts.text("/metadata/uid");
    let mut found: Vec<(&Value, i64)> = facts
        .list(Topic::Revisions)
        .iter()
        .filter(|revision| references::owned_by(revision, uid))
        .map(|revision| (revision, revision_number(revision)))
        .filter(|(_, number)| *number > 0)
        .collect();
    found.sort_by_key(|(_, number)| *number);
    let begins = begins(&found);
    let present = template::normal(
        facts
            .object
            .pointer("/spec/template")
            .unwrap_or(&Value::Null),
    );
    let mut revisions: Vec<Revision> = Vec::new();
    for (at, (object, number)) in found.iter().enumerate().rev() {
        let began = begins.get(at).copied().flatten();
        let next = begins.get(at + 1).copied();
        let ended = match next {
            None => Some(facts.now),
            Some(begin) => begin,
        };
        let stayed = began.zip(ended).and_then(|(from, to)| between(from, to));
        let template = template::of_revision(object);
        let normal = template::normal(template);
        let same = revisions
            .iter_mut()
            .find(|newer| template::normal(&newer.template) == normal);
        let reign = Reign {
            object,
            number: *number,
            began,
            ended,
            stayed,
            first: at == 0,
        };
        let proof = proof(facts, &reign);
        if let Some(newer) = same {
            newer.also.push(*number);
            newer.stayed = newer.stayed.max(stayed);
            if newer.proof == Proof::Unproven {
                newer.proof = proof;
            }
            continue;
        }
        revisions.push(Revision {
            number: *number,
            also: Vec::new(),
            name: text(object, "/metadata/name").to_owned(),
            template: template::settable(template),
            began,
            stayed,
            cause: annotation(object, "kubernetes.io/change-cause").to_owned(),
            current: normal == present,
            proof,
        });
    }
    revisions
}

/// The last known good revision that is not the present one: the newest that was seen fully available and stayed; else
/// the newest that stayed; else the one that stayed longest, because what is replaced within a minute was seldom what
/// was wanted. Never one that was seen to fail.
pub fn last_known_good(revisions: &[Revision]) -> Option<&Revision> {
    let others = || {
        revisions
            .iter()
            .filter(|revision| !revision.current && !matches!(revision.proof, Proof::Bad(_)))
    };
    let stayed = |revision: &&Revision, least| revision.stayed >= Some(least);
    others()
        .find(|revision| revision.is_good() && stayed(revision, SETTLED))
        .or_else(|| others().find(|revision| stayed(revision, SETTLED)))
        .or_else(|| others().find(|revision| revision.is_good() && stayed(revision, FIRST)))
        .or_else(|| others().max_by_key(|revision| revision.stayed))
}

/// One revision and the time in which it was the one wanted.
struct Reign<'a> {
    object: &'a Value,
    number: i64,
    began: Option<Timestamp>,
    ended: Option<Timestamp>,
    stayed: Option<Duration>,
    first: bool,
}

fn revision_number(revision: &Value) -> i64 {
    match revision.get("revision").and_then(Value::as_i64) {
        Some(number) => number,
        None => annotation(revision, "deployment.kubernetes.io/revision")
            .parse()
            .unwrap_or_default(),
    }
}

fn annotation<'a>(object: &'a Value, key: &str) -> &'a str {
    object
        .pointer("/metadata/annotations")
        .and_then(|annotations| annotations.get(key)?.as_str())
        .unwrap_or_default()
}

/// When each began, oldest first. One that was taken up again is older than what came before it, so its age says
/// nothing of when.
fn begins(found: &[(&Value, i64)]) -> Vec<Option<Timestamp>> {
    let mut latest = None;
    found
        .iter()
        .map(|(object, _)| {
            let created = time(object, "/metadata/creationTimestamp");
            let reused =
                !annotation(object, "deployment.kubernetes.io/revision-history").is_empty();
            let known =
                created.filter(|created| !reused && latest.is_none_or(|latest| *created >= latest));
            latest = latest.max(created);
            known
        })
        .collect()
}

fn proof(facts: &Facts, reign: &Reign<'_>) -> Proof {
    if let Some(proof) = remembered(facts, reign) {
        return proof;
    }
    let good = available_now(facts, reign)
        .or_else(|| completed(facts, reign))
        .or_else(|| scaled_the_others_down(facts, reign))
        .or_else(|| never_lost(facts, reign));
    good.map_or(Proof::Unproven, Proof::Good)
}

/// What the audit has seen of it, the newest outcome first.
fn remembered(facts: &Facts, reign: &Reign<'_>) -> Option<Proof> {
    let number = format!("revision {}", reign.number);
    let name = format!("revision {}", text(reign.object, "/metadata/name"));
    let record = facts.history.iter().rev().find(|record| {
        record
            .evidence
            .iter()
            .any(|line| *line == number || *line == name)
    })?;
    let ago =
        between(record.at, facts.now).map_or_else(String::new, |ago| format!(" {} ago", span(ago)));
    match record.outcome.as_str() {
        "succeeded" => Some(Proof::Good(format!("seen available{ago}"))),
        "failed" => Some(Proof::Bad(format!("failed{ago}"))),
        _ => None,
    }
}

/// Pods of it that are ready at this moment.
fn available_now(facts: &Facts, reign: &Reign<'_>) -> Option<String> {
    if facts.target.kind == Kind::Deployment {
        let available = number(reign.object, "/status/availableReplicas");
        let wanted = facts.number("/spec/replicas").unwrap_or(1);
        let full = available > 0 && available >= wanted;
        return full.then(|| format!("{available} of {wanted} pods available now"));
    }
    let name = text(reign.object, "/metadata/name");
    let hash = text(
        reign.object,
        "/metadata/labels/controller.kubernetes.io~1hash",
    );
    let label = "/metadata/labels/controller-revision-hash";
    let ready = facts
        .list(Topic::Pods)
        .iter()
        .filter(|pod| {
            let of = text(pod, label);
            !of.is_empty() && (of == name || of == hash) && trouble::is_ready(pod)
        })
        .count();
    let wanted = super::restart::wanted(facts);
    let full = ready > 0 && i64::try_from(ready).is_ok_and(|ready| ready >= wanted);
    full.then(|| format!("{ready} of {wanted} pods ready now"))
}

/// A StatefulSet names the last revision that all of its pods ran.
fn completed(facts: &Facts, reign: &Reign<'_>) -> Option<String> {
    let name = text(reign.object, "/metadata/name");
    let whole =
        facts.target.kind == Kind::StatefulSet && facts.text("/status/currentRevision") == name;
    whole.then(|| "all pods ran it".to_owned())
}

/// In a rolling update the last old pod goes when the new ones are available; the events say when that was.
fn scaled_the_others_down(facts: &Facts, reign: &Reign<'_>) -> Option<String> {
    if facts.target.kind != Kind::Deployment || facts.text("/spec/strategy/type") == "Recreate" {
        return None;
    }
    let (began, ended) = (reign.began?, reign.ended?);
    let own = format!("replica set {} ", text(reign.object, "/metadata/name"));
    facts.list(Topic::Events).iter().find_map(|event| {
        let message = text(event, "/message");
        let at = time(event, "/lastTimestamp").or_else(|| time(event, "/eventTime"))?;
        let others = message.starts_with("Scaled down replica set ")
            && (message.ends_with(" to 0") || message.contains(" to 0 "))
            && !message.contains(&own);
        (others && at > began && at <= ended).then(|| {
            let after = between(began, at).unwrap_or_default();
            format!("was available after {}", span(after))
        })
    })
}

/// A Deployment that never had too few pods while this was the one wanted had its pods.
fn never_lost(facts: &Facts, reign: &Reign<'_>) -> Option<String> {
    let stayed = reign.stayed?;
    let enough = if reign.first { FIRST } else { SETTLED };
    let available = list(&facts.object, "/status/conditions")
        .iter()
        .find(|condition| {
            text(condition, "/type") == "Available" && text(condition, "/status") == "True"
        })?;
    let since = time(available, "/lastTransitionTime")?;
    let began = reign.began?;
    // The first pods take a while; after that it must have held to the end.
    let early = since <= began + enough;
    (stayed >= enough && early).then(|| format!("available for {}", span(stayed)))
}
