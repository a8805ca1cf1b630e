//! `qd doctor`: what is reachable, what is permitted, what is missing, and how to mend it.
//!
//! Asks each cluster directly, a few small questions each, and lists nothing. Fields: `cluster` `check` `state` (good,
//! warning, bad) `detail` `mend`.

mod report;

use std::io::{self, Write};

use futures::future::join_all;

use super::output::Printing;
use super::output::record::Record;
use super::parse::Output;
use super::{exit, print};
use crate::config::environment::{Whereabouts, told};
use crate::config::{Config, Loaded};
use crate::model::Health;
use crate::sources::kubernetes::doctor::{Verdict, doctor};
use crate::sources::{self, How, Opening, docker};
use crate::ui::theme::Capability;

/// One answer.
struct Finding {
    cluster: String,
    check: String,
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
    fn new(cluster: &str, check: &str, health: Health, detail: impl Into<String>) -> Self {
        Self {
            cluster: cluster.to_owned(),
            check: check.to_owned(),
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
            .with("check", self.check.as_str())
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
        return vec![nothing.mend("set KUBECONFIG or DOCKER_HOST, or write [[kubernetes]] or [[docker]]; `qd demo` needs none")];
    }
    let findings = openings.iter().map(|opening| cluster(config, opening));
    join_all(findings).await.into_iter().flatten().collect()
}

async fn cluster(config: &Config, opening: &Opening) -> Vec<Finding> {
    let name = opening.endpoint.name.as_str();
    let mut findings = vec![environment(name, opening, config)];
    let checks = match &opening.how {
        How::Kubernetes(choice) => doctor(choice).await,
        How::Docker(daemon) => docker::doctor::doctor(daemon).await,
        How::Watcher(_) => return findings,
    };
    findings.extend(checks.into_iter().map(|check| Finding {
        cluster: name.to_owned(),
        check: check.what,
        health: match check.verdict {
            Verdict::Ok => Health::Good,
            Verdict::Warn => Health::Warn,
            Verdict::Fail => Health::Bad,
        },
        detail: check.detail,
        mend: check.mend,
    }));
    findings
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
    Finding::new(name, "environment", Health::Good, detail).mend(
        "if it is not: environment = \"development\" under [[kubernetes]] or [[docker]], or an [[environment]] rule",
    )
}
