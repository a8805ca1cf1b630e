//! `qd doctor`: what is reachable, what is permitted, what is missing, and how to mend it.
//!
//! Asks each cluster directly, a few small questions each, and lists nothing. Fields: `cluster` `check` `state` (good,
//! warning, bad) `detail` `mend`.

mod report;

use std::io::{self, Write};

use futures::StreamExt;
use futures::future::join_all;
use serde_json::Value;

use super::output::Printing;
use super::output::record::Record;
use super::parse::Output;
use super::{exit, print};
use crate::clients::connect::{self, Connection};
use crate::clients::fault::Fault;
use crate::clients::kube::{Reader, Review};
use crate::config::environment::{Whereabouts, told};
use crate::config::{Config, Loaded};
use crate::model::{Health, Kind};
use crate::sources::{self, How, Opening};
use crate::ui::theme::Capability;

/// Questions that are under way at once for a cluster.
const AT_ONCE: usize = 8;

/// One answer.
struct Finding {
    cluster: String,
    check: &'static str,
    health: Health,
    detail: String,
    /// What to do about it; empty where nothing is to be done.
    mend: String,
}

/// Checks everything and prints the answers; the exit code is 1 if one of them is bad.
pub async fn run(loaded: &Loaded, able: Capability, printing: Printing<'_>) -> u8 {
    let mut findings = vec![configuration(loaded), terminal(able)];
    findings.extend(clusters(&loaded.config).await);
    let bad = findings.iter().any(|finding| finding.health == Health::Bad);
    let mut out = io::BufWriter::new(io::stdout().lock());
    let written = match printing.output {
        Output::Table { .. } => report::write(&mut out, &findings, printing.theme),
        _ => printing.records(&mut out, findings.iter().map(Finding::record)),
    };
    match print::ended(written.and_then(|()| out.flush())) {
        exit::OK if bad => exit::FAILED,
        code => code,
    }
}

impl Finding {
    fn new(cluster: &str, check: &'static str, health: Health, detail: impl Into<String>) -> Self {
        Self {
            cluster: cluster.to_owned(),
            check,
            health,
            detail: detail.into(),
            mend: String::new(),
        }
    }

    fn mend(mut self, mend: impl Into<String>) -> Self {
        self.mend = mend.into();
        self
    }

    fn record(&self) -> Record {
        let word = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Record::default()
            .with("cluster", word(&self.cluster))
            .with("check", self.check)
            .with("state", self.health.word())
            .with("detail", self.detail.as_str())
            .with("mend", word(&self.mend))
    }
}

fn configuration(loaded: &Loaded) -> Finding {
    let path = loaded.path.as_ref().filter(|path| path.exists());
    let detail = path.map_or("no file: the defaults are in force".to_owned(), |path| {
        path.display().to_string()
    });
    match loaded.warnings.first() {
        None => Finding::new("", "configuration", Health::Good, detail),
        Some(warning) => {
            Finding::new("", "configuration", Health::Warn, &warning.message).mend(&warning.help)
        }
    }
}

fn terminal(able: Capability) -> Finding {
    let (health, detail, mend) = match able {
        Capability::TrueColor => (Health::Good, "every colour", ""),
        Capability::Indexed => (
            Health::Good,
            "256 colours",
            "COLORTERM=truecolor, if it can show more",
        ),
        Capability::Sixteen => (
            Health::Good,
            "16 colours",
            "COLORTERM=truecolor, if it can show more",
        ),
        Capability::None => (Health::Good, "no colour", ""),
    };
    Finding::new("", "terminal", health, detail).mend(mend)
}

async fn clusters(config: &Config) -> Vec<Finding> {
    let openings: Vec<Opening> = sources::ALL
        .iter()
        .flat_map(|source| (source.find)(config))
        .collect();
    if openings.is_empty() {
        let nothing = Finding::new(
            "",
            "clusters",
            Health::Bad,
            "none is configured and none was found",
        );
        return vec![nothing.mend("set KUBECONFIG or write [[kubernetes]]; `qd demo` needs none")];
    }
    let findings = openings.iter().map(|opening| cluster(config, opening));
    join_all(findings).await.into_iter().flatten().collect()
}

async fn cluster(config: &Config, opening: &Opening) -> Vec<Finding> {
    let name = opening.endpoint.name.as_str();
    let How::Kubernetes(choice) = &opening.how;
    let connection = match connect::connect(choice).await {
        Ok(connection) => connection,
        Err(fault) => return vec![failed(name, "connection", &fault)],
    };
    let mut findings = Vec::new();
    match connection.reader.json("/version", "application/json").await {
        Ok(version) => findings.push(server(name, &version, &connection)),
        Err(fault @ (Fault::Forbidden(_) | Fault::NotFound)) => {
            findings.push(Finding::new(
                name,
                "server",
                Health::Warn,
                format!("keeps its version to itself: {fault}"),
            ));
        }
        Err(fault) => return vec![failed(name, "server", &fault)],
    }
    findings.push(environment(name, opening, config));
    if connection.facts.insecure {
        let detail = "the server's certificate is not checked";
        let mend = "set certificate-authority in the kubeconfig";
        findings.push(Finding::new(name, "certificate", Health::Warn, detail).mend(mend));
    }
    findings.push(user(name, &connection.reader).await);
    findings.extend(permissions(name, &connection, &choice.namespaces).await);
    findings.push(metrics(name, &connection.reader).await);
    findings
}

fn server(name: &str, version: &Value, connection: &Connection) -> Finding {
    let version = version
        .get("gitVersion")
        .and_then(Value::as_str)
        .unwrap_or("unknown version");
    Finding::new(
        name,
        "server",
        Health::Good,
        format!("{version} at {}", connection.facts.server),
    )
}

fn environment(name: &str, opening: &Opening, config: &Config) -> Finding {
    let endpoint = &opening.endpoint;
    let told = told(
        config,
        Whereabouts {
            endpoint: &endpoint.name,
            context: &endpoint.name,
            server: &endpoint.server,
            ..Whereabouts::default()
        },
    );
    if let Some(environment) = told {
        return Finding::new(name, "environment", Health::Good, environment.word());
    }
    let detail = "production, because nothing says otherwise";
    Finding::new(name, "environment", Health::Good, detail)
        .mend("if it is not: environment = \"development\" under [[kubernetes]], or an [[environment]] rule")
}

async fn user(name: &str, reader: &Reader) -> Finding {
    match reader.review(&Review::Subject).await {
        Ok(review) => {
            let user = review
                .pointer("/status/userInfo/username")
                .and_then(Value::as_str);
            Finding::new(name, "user", Health::Good, user.unwrap_or("not told"))
        }
        Err(fault @ Fault::Unauthorized(_)) => failed(name, "user", &fault),
        Err(fault) => Finding::new(name, "user", Health::Idle, format!("not told: {fault}")),
    }
}

/// What the user may look at: everywhere, only in namespaces that are known, or not at all.
async fn permissions(name: &str, connection: &Connection, configured: &[String]) -> Vec<Finding> {
    let reader = &connection.reader;
    let mut homes = configured.to_vec();
    match connection.facts.namespace.as_str() {
        "" if homes.is_empty() => homes.push("default".to_owned()),
        home if home.is_empty() || homes.iter().any(|known| known == home) => {}
        home => homes.push(home.to_owned()),
    }
    let (home, homes) = (homes.join(", "), homes.as_slice());
    let asked = Kind::built_in().flat_map(|(kind, _)| ["list", "watch"].map(|verb| (kind, verb)));
    let answers: Vec<(&Kind, Reach)> = futures::stream::iter(asked)
        .map(|(kind, verb)| async move { (kind, reach(reader, verb, kind, "", homes).await) })
        .buffered(AT_ONCE)
        .collect()
        .await;
    let named = |wanted: Reach| {
        let mut names: Vec<String> = Vec::new();
        for (kind, _) in answers.iter().filter(|(_, reach)| *reach == wanted) {
            let resource = kind.resource();
            if !names.contains(&resource) {
                names.push(resource);
            }
        }
        names
    };
    let (denied, here) = (named(Reach::Denied), named(Reach::Here));
    let all = Kind::built_in().count();
    let mut findings = Vec::new();
    let everywhere = named(Reach::Everywhere);
    let less = [&denied, &here, &named(Reach::Unknown)];
    let whole = everywhere
        .iter()
        .filter(|name| less.iter().all(|names| !names.contains(name)))
        .count();
    if whole > 0 {
        let detail = format!("may list and watch {whole} of {all} kinds in all namespaces");
        findings.push(Finding::new(name, "permissions", Health::Good, detail));
    }
    if !here.is_empty() {
        let detail = format!("only in {home}: {}", here.join(", "));
        let mend = "name further namespaces under `namespaces` of [[kubernetes]], or bind a cluster role such as view";
        findings.push(Finding::new(name, "permissions", Health::Warn, detail).mend(mend));
    }
    if !denied.is_empty() {
        let detail = format!("may not list or watch {}", denied.join(", "));
        let health = if denied.len() == all {
            Health::Bad
        } else {
            Health::Warn
        };
        let mend = "bind a role that allows list and watch on them, such as view";
        findings.push(Finding::new(name, "permissions", health, detail).mend(mend));
    }
    findings.push(match reach(reader, "get", &Kind::Pod, "log", homes).await {
        Reach::Everywhere => Finding::new(
            name,
            "logs",
            Health::Good,
            "may read logs in all namespaces",
        ),
        Reach::Here => Finding::new(
            name,
            "logs",
            Health::Good,
            format!("may read logs in {home}"),
        ),
        Reach::Denied => Finding::new(name, "logs", Health::Warn, "may not get pods/log")
            .mend("bind a role that allows get on pods/log, such as view"),
        Reach::Unknown => Finding::new(name, "logs", Health::Idle, "the server does not tell"),
    });
    findings
}

/// How far a permission goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    Everywhere,
    Here,
    Denied,
    Unknown,
}

async fn reach(
    reader: &Reader,
    verb: &'static str,
    kind: &Kind,
    subresource: &'static str,
    homes: &[String],
) -> Reach {
    let ask = |namespace: &str| Review::Access {
        verb,
        group: kind.group().to_owned(),
        resource: kind.plural().to_owned(),
        subresource,
        namespace: namespace.to_owned(),
    };
    match allowed(reader, &ask("")).await {
        None => return Reach::Unknown,
        Some(true) => return Reach::Everywhere,
        Some(false) => {}
    }
    for home in homes.iter().filter(|_| kind.namespaced()) {
        if allowed(reader, &ask(home)).await == Some(true) {
            return Reach::Here;
        }
    }
    Reach::Denied
}

async fn allowed(reader: &Reader, review: &Review) -> Option<bool> {
    let answer = reader.review(review).await.ok()?;
    answer.pointer("/status/allowed")?.as_bool()
}

async fn metrics(name: &str, reader: &Reader) -> Finding {
    let path = "/apis/metrics.k8s.io/v1beta1";
    match reader.json(path, "application/json").await {
        Ok(_) => Finding::new(name, "metrics", Health::Good, "metrics.k8s.io answers"),
        Err(Fault::NotFound) => {
            let detail = "metrics.k8s.io is not served, so CPU and memory in use are unknown";
            Finding::new(name, "metrics", Health::Warn, detail)
                .mend("install metrics-server: https://github.com/kubernetes-sigs/metrics-server")
        }
        Err(fault) => Finding::new(
            name,
            "metrics",
            Health::Warn,
            format!("metrics.k8s.io: {fault}"),
        )
        .mend("kubectl -n kube-system get pods -l k8s-app=metrics-server"),
    }
}

/// A check that ends the checking of a cluster.
fn failed(name: &str, check: &'static str, fault: &Fault) -> Finding {
    let mend = match fault {
        Fault::Misconfigured(_) => {
            "mend the kubeconfig, or choose another with --kubeconfig or --context"
        }
        Fault::Unauthorized(_) => "log in again as you do for kubectl",
        Fault::Unreachable(_) | Fault::Silent => {
            "check the address, the network and any VPN or proxy"
        }
        Fault::Foreign(_) => {
            "something between here and the server answers in its place: check proxies and logins"
        }
        _ => "",
    };
    Finding::new(name, check, Health::Bad, fault.to_string()).mend(mend)
}
