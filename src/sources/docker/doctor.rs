//! What `qd doctor` asks of a Docker host: a few small questions, and nothing that is expensive.

use super::wire::Info;
use crate::clients::docker::{Daemon, Reader};
use crate::clients::fault::Fault;
use crate::sources::kubernetes::doctor::{Check, Verdict};

/// Checks one host.
pub async fn doctor(daemon: &Daemon) -> Vec<Check> {
    let connection = match daemon.connect().await {
        Ok(connection) => connection,
        Err(fault) => return vec![fail(&fault)],
    };
    let reader = connection.reader();
    let version = match reader.version().await {
        Ok((version, _)) => version,
        Err(fault) => return vec![fail(&fault)],
    };
    let text = |key: &str| version.get(key).and_then(serde_json::Value::as_str);
    let engine = text("Version").unwrap_or("of an unknown version");
    let api = text("ApiVersion").unwrap_or("unknown");
    let detail = format!("{} answers, {engine}, API {api}", connection.server());
    let mut checks = vec![check("daemon", Verdict::Ok, &detail, "")];
    checks.extend(about(&reader).await);
    checks.push(containers(&reader).await);
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

fn fail(fault: &Fault) -> Check {
    let words = fault.to_string();
    let mend = if words.contains("no socket") || words.contains("nobody listens") {
        "start the daemon, or name another one with --docker or DOCKER_HOST"
    } else if words.starts_with("ssh") {
        "try the same host with ssh in a shell first"
    } else if words.contains("certificate") {
        "check ca.pem, cert.pem and key.pem in DOCKER_CERT_PATH or the context"
    } else {
        ""
    };
    check("daemon", Verdict::Fail, &words, mend)
}

async fn about(reader: &Reader) -> Vec<Check> {
    let info: Info = match reader.bytes("/info").await {
        Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
        Err(fault) => {
            return vec![check(
                "host",
                Verdict::Warn,
                &format!("it does not tell of itself: {fault}"),
                "",
            )];
        }
    };
    let detail = format!(
        "{}, {} CPUs, storage {}, cgroup v{}",
        info.os, info.cpus, info.storage, info.cgroups
    );
    let mut checks = vec![check("host", Verdict::Ok, &detail, "")];
    let swarm = match (info.swarm.state.as_str(), info.swarm.manager) {
        ("active", true) => format!("a manager of {} nodes", info.swarm.nodes),
        ("active", false) => "a worker: only managers know services and tasks".to_owned(),
        ("inactive" | "", _) => "in no swarm".to_owned(),
        (other, _) => other.to_owned(),
    };
    let verdict = if info.swarm.error.is_empty() {
        Verdict::Ok
    } else {
        Verdict::Warn
    };
    checks.push(check("swarm", verdict, &swarm, &info.swarm.error));
    let readable = ["json-file", "local", "journald"].contains(&info.logging.as_str());
    let logs = if readable {
        check(
            "logs",
            Verdict::Ok,
            &format!("{} can be read back", info.logging),
            "",
        )
    } else {
        let mend = "set the log driver to local or json-file, or dual logging";
        let detail = format!("the log driver {} may not be readable", info.logging);
        check("logs", Verdict::Warn, &detail, mend)
    };
    checks.push(logs);
    checks
}

async fn containers(reader: &Reader) -> Check {
    match reader.json("/containers/json?all=1&limit=1").await {
        Ok(_) => check("containers", Verdict::Ok, "may be listed", ""),
        Err(fault) => check(
            "containers",
            Verdict::Fail,
            &format!("cannot be listed: {fault}"),
            "a proxy before the socket must let GET /containers pass",
        ),
    }
}
