//! Exec plugins: the programs that a kubeconfig names to log in (aws, gke-gcloud-auth-plugin, kubelogin, …).
//!
//! `connect` runs them. They never get the terminal: no input, output captured, a session of their own where the
//! system has `setsid`, so that no prompt can reach the screen, and 30 s to answer. kube's own way of running them
//! was rejected: it lets them write on the screen and waits for ever.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use base64::Engine;
use jiff::Timestamp;
use kube::config::{Cluster, ExecConfig};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, Command};

use super::fault::Fault;

/// How long a plugin may take.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// What a plugin may print at most, in bytes.
const OUTPUT_AT_MOST: u64 = 1 << 20;

/// What a plugin hands over: a token, a client certificate with its key (PEM), or both.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credential {
    pub token: Option<String>,
    pub certificate: Option<(String, String)>,
    pub expires: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "apiVersion")]
    api_version: String,
    status: Option<Status>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    expiration_timestamp: Option<String>,
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
}

/// Runs a plugin and reads its credential.
///
/// # Errors
/// [`Fault::Unauthorized`] in words that name the plugin and the way out; what the plugin printed as its answer is
/// never quoted.
pub async fn run(
    exec: &ExecConfig,
    cluster: &Cluster,
    deadline: Duration,
) -> Result<Credential, Fault> {
    let command = exec
        .command
        .as_deref()
        .filter(|command| !command.is_empty());
    let Some(command) = command else {
        return Err(Fault::Misconfigured(
            "users[].user.exec.command is missing".to_owned(),
        ));
    };
    let name = Path::new(command)
        .file_name()
        .map_or(command.into(), |name| name.to_string_lossy());
    let Some(program) = find(command) else {
        let hint = exec.install_hint.as_deref().unwrap_or_default();
        let hint = hint
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .take(3);
        let hint = hint.collect::<Vec<_>>().join(" ");
        let separator = if hint.is_empty() { "" } else { ": " };
        return Err(login(format!(
            "the plugin {name} is not installed{separator}{hint}"
        )));
    };
    let mut child = spawn(&program, exec, cluster)
        .map_err(|error| login(format!("the plugin {name} does not start: {error}")))?;
    let group = child.id();
    let done = tokio::time::timeout(deadline, collect(&mut child)).await;
    let Ok(done) = done else {
        end(group);
        let seconds = deadline.as_secs();
        return Err(login(format!(
            "the plugin {name} gave no answer within {seconds} s; run it once in a shell to log in"
        )));
    };
    let (status, answer, words) =
        done.map_err(|error| login(format!("the plugin {name} failed: {error}")))?;
    if !status.success() {
        let code = status
            .code()
            .map_or_else(|| "a signal".to_owned(), |code| code.to_string());
        let said = last_line(&words);
        let separator = if said.is_empty() { "" } else { ": " };
        return Err(login(format!(
            "the plugin {name} ended with {code}{separator}{said}"
        )));
    }
    read(&answer, exec.api_version.as_deref())
        .map_err(|problem| login(format!("the plugin {name} {problem}")))
}

fn login(words: String) -> Fault {
    Fault::Unauthorized(words)
}

/// Starts the plugin away from the terminal.
fn spawn(program: &Path, exec: &ExecConfig, cluster: &Cluster) -> std::io::Result<Child> {
    let mut command = if let Some(setsid) = find("setsid") {
        // Not a group leader yet, so setsid stays the same process: its id is the group's.
        let mut command = Command::new(setsid);
        command.arg(program);
        command
    } else {
        let mut command = Command::new(program);
        command.process_group(0);
        command
    };
    for pair in exec.env.iter().flatten() {
        if let (Some(name), Some(value)) = (pair.get("name"), pair.get("value")) {
            command.env(name, value);
        }
    }
    command
        .args(exec.args.iter().flatten())
        .env("KUBERNETES_EXEC_INFO", info(exec, cluster).to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
}

/// What the plugin is told: its API version, that nobody can answer, and the cluster if it asks for it.
fn info(exec: &ExecConfig, cluster: &Cluster) -> Value {
    let mut spec = json!({ "interactive": false });
    if exec.provide_cluster_info {
        let config = cluster.extensions.iter().flatten();
        let config = config
            .filter(|extension| extension.name == "client.authentication.k8s.io/exec")
            .map(|extension| extension.extension.clone())
            .next();
        let authority = cluster.certificate_authority_data.clone().or_else(|| {
            let file = std::fs::read(cluster.certificate_authority.as_deref()?).ok()?;
            Some(base64::engine::general_purpose::STANDARD.encode(file))
        });
        let mut facts = json!({
            "server": cluster.server,
            "tls-server-name": cluster.tls_server_name,
            "insecure-skip-tls-verify": cluster.insecure_skip_tls_verify,
            "certificate-authority-data": authority,
            "proxy-url": cluster.proxy_url,
            "disable-compression": cluster.disable_compression,
            "config": config,
        });
        if let Some(facts) = facts.as_object_mut() {
            facts.retain(|_, value| !value.is_null());
        }
        if let Some(spec) = spec.as_object_mut() {
            spec.insert("cluster".to_owned(), facts);
        }
    }
    json!({
        "kind": "ExecCredential",
        "apiVersion": exec.api_version,
        "spec": spec,
    })
}

type Collected = (std::process::ExitStatus, Vec<u8>, Vec<u8>);

/// Waits for the plugin to end, and for what it printed.
async fn collect(child: &mut Child) -> std::io::Result<Collected> {
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let (out, err, status) = tokio::join!(drain(out), drain(err), child.wait());
    Ok((status?, out, err))
}

async fn drain(pipe: Option<impl AsyncRead + Unpin>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        // A broken pipe ends the text; the exit code says what that means.
        let _ = pipe.take(OUTPUT_AT_MOST).read_to_end(&mut bytes).await;
    }
    bytes
}

/// Ends the plugin with everything that it started.
fn end(group: Option<u32>) {
    let group = group.and_then(|id| rustix::process::Pid::from_raw(i32::try_from(id).ok()?));
    if let Some(group) = group {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
}

/// Reads an ExecCredential. The problem never quotes it.
fn read(answer: &[u8], wanted: Option<&str>) -> Result<Credential, String> {
    let answer: Answer = serde_json::from_slice(answer)
        .map_err(|_| "printed something that is not an ExecCredential".to_owned())?;
    if let Some(wanted) = wanted
        && wanted != answer.api_version
    {
        return Err(format!(
            "does not speak {wanted}, which the kubeconfig asks for"
        ));
    }
    let status = answer.status.ok_or("printed no status")?;
    let certificate = match (status.client_certificate_data, status.client_key_data) {
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (None, None) => None,
        _ => return Err("printed a certificate without its key".to_owned()),
    };
    let token = status.token.filter(|token| !token.is_empty());
    if token.is_none() && certificate.is_none() {
        return Err("printed neither a token nor a certificate".to_owned());
    }
    let expires = match status.expiration_timestamp {
        Some(time) => Some(
            time.parse()
                .map_err(|_| "printed an expirationTimestamp that is no time")?,
        ),
        None => None,
    };
    Ok(Credential {
        token,
        certificate,
        expires,
    })
}

/// The last line that says something, cut to 300 characters.
fn last_line(words: &[u8]) -> String {
    let words = String::from_utf8_lossy(words);
    let line = words
        .lines()
        .rev()
        .map(str::trim)
        .find(|line| !line.is_empty());
    line.unwrap_or_default().chars().take(300).collect()
}

/// The program that a command means: a path as it is, a bare name by `PATH`.
fn find(command: &str) -> Option<PathBuf> {
    let path = Path::new(command);
    if command.contains(std::path::MAIN_SEPARATOR) {
        return path.is_file().then(|| path.to_owned());
    }
    env::split_paths(&env::var_os("PATH")?)
        .map(|folder| folder.join(command))
        .find(|path| path.is_file())
}
