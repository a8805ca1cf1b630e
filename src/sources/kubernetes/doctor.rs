//! `qd doctor` for one cluster: each thing that has to be right, whether it is, and how to mend it.
//!
//! Checks run in the order in which one rests on the other; what cannot be known after a failure is not guessed.

use std::collections::BTreeMap;

use futures::StreamExt;
use http::header::CONTENT_TYPE;
use serde::Serialize;

use super::endpoint::read_version;
use super::json::{list, said, word, words};
use crate::clients::connect::{self, KubeChoice};
use crate::clients::fault::Fault;
use crate::clients::kube::{Reader, Review};
use crate::clients::kubeconfig;
use crate::model::{Kind, Name};

const PROTOBUF: &str = "application/vnd.kubernetes.protobuf,application/json";

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Ok,
    /// It works, but less well than it could.
    Warn,
    Fail,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// `kubeconfig`, `server`, `permissions`, …
    pub what: String,
    pub verdict: Verdict,
    pub detail: String,
    /// What to do about it; empty when there is nothing to do.
    pub mend: String,
}

/// Looks at everything that a cluster needs to be shown.
pub async fn doctor(choice: &KubeChoice) -> Vec<Check> {
    let mut checks = Vec::new();
    if choice.server.is_none() && !config(choice, &mut checks) {
        return checks;
    }
    let connection = match connect::connect(choice).await {
        Ok(connection) => connection,
        Err(fault) => {
            let mend = way_out(&fault);
            checks.push(fail("credentials", &fault.to_string(), mend));
            return checks;
        }
    };
    if connection.facts.insecure {
        checks.push(warn(
            "tls",
            "the server's certificate is not checked: anyone on the way can read and change everything",
            "put the cluster's certificate-authority into the kubeconfig and remove insecure-skip-tls-verify",
        ));
    }
    let known = super::known_namespaces(choice, &connection.facts.namespace);
    let home = known.first().cloned().unwrap_or_default();
    let reader = connection.reader;
    let version = match reader.json("/version", "application/json").await {
        Ok(version) => read_version(&version).0,
        Err(Fault::Forbidden(_)) => "version not told".to_owned(),
        Err(fault) => {
            let what = if matches!(fault, Fault::Unauthorized(_)) {
                "credentials"
            } else {
                "server"
            };
            checks.push(fail(what, &fault.to_string(), way_out(&fault)));
            return checks;
        }
    };
    checks.push(ok(
        "server",
        &format!("{} answers, {version}", connection.facts.server),
    ));
    checks.push(user(&reader).await);
    checks.extend(permissions(&reader, known).await);
    checks.push(logs(&reader, &home).await);
    checks.push(metrics(&reader).await);
    checks.push(discovery(&reader).await);
    checks.push(protobuf(&reader).await);
    checks.push(streaming(&reader).await);
    checks
}

fn check(what: &str, verdict: Verdict, detail: &str, mend: &str) -> Check {
    Check {
        what: what.to_owned(),
        verdict,
        detail: detail.to_owned(),
        mend: mend.to_owned(),
    }
}

fn ok(what: &str, detail: &str) -> Check {
    check(what, Verdict::Ok, detail, "")
}

fn warn(what: &str, detail: &str, mend: &str) -> Check {
    check(what, Verdict::Warn, detail, mend)
}

fn fail(what: &str, detail: &str, mend: &str) -> Check {
    check(what, Verdict::Fail, detail, mend)
}

/// The kubeconfig and the context; false if there is no going on.
fn config(choice: &KubeChoice, checks: &mut Vec<Check>) -> bool {
    let found = match kubeconfig::read(choice.kubeconfig.as_deref()) {
        Ok(found) => found,
        Err(_) if choice.kubeconfig.is_none() && kubeconfig::in_cluster() => {
            checks.push(ok("kubeconfig", "none; the pod's service account is used"));
            return true;
        }
        Err(problem) => {
            let mend =
                "set KUBECONFIG or put a kubeconfig into ~/.kube/config; `qd demo` needs none";
            checks.push(fail("kubeconfig", &problem.to_string(), mend));
            return false;
        }
    };
    let files: Vec<_> = found
        .files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    checks.push(ok("kubeconfig", &files.join(", ")));
    match found.pick(choice.context.as_deref()) {
        Ok(picked) => {
            let user = if picked.user_name.is_empty() {
                "nobody"
            } else {
                &picked.user_name
            };
            let detail = format!(
                "{}: cluster {}, user {user}",
                picked.context, picked.cluster_name
            );
            checks.push(ok("context", &detail));
            true
        }
        Err(problem) => {
            let mend = "choose one with --context, or `kubectl config use-context NAME`";
            checks.push(fail("context", &problem.to_string(), mend));
            false
        }
    }
}

/// What an operator can do about a fault.
fn way_out(fault: &Fault) -> &'static str {
    match fault {
        Fault::Misconfigured(_) => "mend the kubeconfig",
        Fault::Unauthorized(words) if words.contains("not installed") => "install the login plugin",
        Fault::Unauthorized(_) => "log in again with the tool that made the kubeconfig",
        Fault::Unreachable(words) if words.contains("(DNS)") => {
            "check the server's name, the network and the VPN"
        }
        Fault::Unreachable(words) if words.contains("proxy") => {
            "check HTTPS_PROXY, NO_PROXY and the cluster's proxy-url"
        }
        Fault::Unreachable(words) if words.contains("certificate") => {
            "fetch the kubeconfig again, or put the right certificate-authority into it"
        }
        Fault::Unreachable(_) | Fault::Silent => {
            "check the network, the VPN and that the server runs"
        }
        Fault::Foreign(_) => "something else than the API server answers: a proxy or a login page",
        _ => "",
    }
}

async fn user(reader: &Reader) -> Check {
    match reader.review(&Review::Subject).await {
        Ok(review) => {
            let name = word(&review, "/status/userInfo/username");
            let groups = words(&review, "/status/userInfo/groups").join(", ");
            ok("user", &format!("{name} ({groups})"))
        }
        Err(fault @ Fault::Unauthorized(_)) => fail("user", &fault.to_string(), way_out(&fault)),
        Err(_) => warn(
            "user",
            "the server does not say who we are (older than 1.28?)",
            "",
        ),
    }
}

/// Which kinds may be listed and watched over the whole cluster, else in the namespaces that are known.
async fn permissions(reader: &Reader, namespaces: Vec<Name>) -> Vec<Check> {
    let questions: Vec<_> = Kind::built_in()
        .flat_map(|(kind, _)| ["list", "watch"].map(|verb| (kind.clone(), verb)))
        .collect();
    let answers: Vec<_> = futures::stream::iter(questions)
        .map(|(kind, verb)| {
            let reader = reader.clone();
            async move {
                let review = Review::Access {
                    verb,
                    group: kind.group().to_owned(),
                    resource: kind.plural().to_owned(),
                    subresource: "",
                    namespace: String::new(),
                };
                let answer = reader.review(&review).await;
                let allowed = answer.map(|answer| said(&answer, "/status/allowed") == "true");
                (kind, verb, allowed)
            }
        })
        .buffered(4)
        .collect()
        .await;
    if let Some(fault) = answers
        .iter()
        .find_map(|(.., allowed)| allowed.as_ref().err())
    {
        let detail = format!("permissions cannot be asked: {fault}");
        return vec![warn("permissions", &detail, "")];
    }
    let mut allowed = Vec::new();
    let mut denied: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for pair in answers.chunks(2) {
        let Some((kind, ..)) = pair.first() else {
            continue;
        };
        let missing: Vec<_> = pair
            .iter()
            .filter(|(.., allowed)| *allowed != Ok(true))
            .map(|(_, verb, _)| *verb)
            .collect();
        if missing.is_empty() {
            allowed.push(kind.plural());
        } else {
            denied
                .entry(missing.join(" and "))
                .or_default()
                .push(kind.plural());
        }
    }
    let mut checks = Vec::new();
    let count = Kind::built_in().count();
    if !allowed.is_empty() {
        let share = if allowed.len() == count {
            format!("all {count}")
        } else {
            format!("{} of {count}", allowed.len())
        };
        let detail = format!("may list and watch {share} kinds in all namespaces");
        checks.push(ok("permissions", &detail));
    }
    let somewhere = if denied.is_empty() {
        Vec::new()
    } else {
        elsewhere(reader, namespaces, &allowed).await
    };
    for (verbs, resources) in denied {
        let detail = format!("may not {verbs} {} in all namespaces", resources.join(", "));
        let verdict = if allowed.is_empty() && somewhere.is_empty() {
            Verdict::Fail
        } else {
            Verdict::Warn
        };
        let mend = "ask for the cluster role `view`, or name your namespaces in the configuration or with -n";
        checks.push(check("permissions", verdict, &detail, mend));
    }
    checks.extend(somewhere);
    checks
}

/// What more may be listed in the namespaces that are known than in the whole cluster.
async fn elsewhere(reader: &Reader, namespaces: Vec<Name>, everywhere: &[&str]) -> Vec<Check> {
    let reach = super::access::reach(reader.clone(), namespaces).await;
    let mut checks = Vec::new();
    for reach in reach.into_iter().take(10) {
        let Some(rules) = reach.rules else { continue };
        let kinds: Vec<_> = Kind::built_in()
            .filter(|(kind, info)| {
                info.namespaced && !everywhere.contains(&info.plural) && rules.lists(kind)
            })
            .map(|(kind, _)| kind.plural())
            .collect();
        if !kinds.is_empty() {
            let detail = format!("in {}: may list {}", reach.namespace, kinds.join(", "));
            checks.push(ok("permissions", &detail));
        }
    }
    checks
}

/// Whether logs may be read: everywhere, or at least in a namespace that is known.
async fn logs(reader: &Reader, home: &Name) -> Check {
    for (namespace, place) in [("", "all namespaces"), (home.as_str(), home.as_str())] {
        let review = Review::Access {
            verb: "get",
            group: String::new(),
            resource: "pods".to_owned(),
            subresource: "log",
            namespace: namespace.to_owned(),
        };
        match reader.review(&review).await {
            Ok(answer) if said(&answer, "/status/allowed") == "true" => {
                return ok("logs", &format!("may read logs in {place}"));
            }
            Ok(_) => {}
            Err(fault) => return warn("logs", &format!("not known: {fault}"), ""),
        }
    }
    let mend = "ask for a role that allows get on pods/log, such as `view`";
    warn("logs", "may not get pods/log", mend)
}

async fn metrics(reader: &Reader) -> Check {
    match reader
        .json("/apis/metrics.k8s.io/v1beta1", "application/json")
        .await
    {
        Ok(_) => ok("metrics", "metrics.k8s.io gives CPU and memory"),
        Err(Fault::NotFound) => warn(
            "metrics",
            "metrics.k8s.io is not there: no CPU and memory in use",
            "install metrics-server",
        ),
        Err(fault) => warn(
            "metrics",
            &format!("metrics.k8s.io does not answer: {fault}"),
            "look at the pods of metrics-server and at the APIService v1beta1.metrics.k8s.io",
        ),
    }
}

async fn discovery(reader: &Reader) -> Check {
    match reader.json("/apis", super::discovery::AGGREGATED).await {
        Ok(document) if word(&document, "/kind") == "APIGroupDiscoveryList" => {
            let groups = list(&document, "/items").len();
            ok("discovery", &format!("{groups} groups in one answer"))
        }
        Ok(_) => warn(
            "discovery",
            "one request a group: the server is older than 1.26",
            "",
        ),
        Err(fault) => warn(
            "discovery",
            &format!("other kinds are not known: {fault}"),
            "ask for the cluster role `system:discovery`",
        ),
    }
}

async fn protobuf(reader: &Reader) -> Check {
    let path = "/api/v1/namespaces/default/services?limit=1";
    match reader.get(path, PROTOBUF).await {
        Ok(answer) => {
            let kind = answer
                .headers()
                .get(CONTENT_TYPE)
                .and_then(|kind| kind.to_str().ok());
            if kind.is_some_and(|kind| kind.contains("protobuf")) {
                ok(
                    "protobuf",
                    "spoken: lists come fast and cost the server little",
                )
            } else {
                warn(
                    "protobuf",
                    "refused by the server or something on the way: JSON is used",
                    "",
                )
            }
        }
        Err(Fault::Forbidden(_)) => warn(
            "protobuf",
            "not known: services may not be listed in default",
            "",
        ),
        Err(fault) => warn("protobuf", &fault.to_string(), way_out(&fault)),
    }
}

async fn streaming(reader: &Reader) -> Check {
    let path = "/api/v1/namespaces/default/services?watch=true&sendInitialEvents=true\
                &allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=1";
    match reader.stream(path, "application/json").await {
        Ok(_) => ok("watch lists", "offered"),
        Err(Fault::Forbidden(_)) => ok(
            "watch lists",
            "not known: services may not be watched in default",
        ),
        Err(_) => ok(
            "watch lists",
            "not offered (on from 1.34): lists come from the server's cache",
        ),
    }
}

/// Whether the worst verdict is a failure.
pub fn failed(checks: &[Check]) -> bool {
    checks.iter().any(|check| check.verdict == Verdict::Fail)
}
