//! Connecting: what is wrong with a kubeconfig is said with file, line or key; login plugins can hang, prompt, be
//! missing or print junk without harm.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use kube::config::{Cluster, ExecConfig};
use quarterdeck::clients::connect::{KubeChoice, connect};
use quarterdeck::clients::exec;
use quarterdeck::clients::fault::Fault;
use quarterdeck::clients::kubeconfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

fn written(folder: &tempfile::TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    path
}

fn config(server: &str, user: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: here\n\
         clusters:\n- name: c\n  cluster:\n    server: {server}\n\
         contexts:\n- name: here\n  context:\n    cluster: c\n    user: u\n    namespace: shop\n\
         users:\n- name: u\n  user: {user}\n"
    )
}

async fn refused(path: &Path, context: Option<&str>) -> String {
    let choice = KubeChoice {
        kubeconfig: Some(path.to_owned()),
        context: context.map(str::to_owned),
        ..KubeChoice::default()
    };
    match connect(&choice).await {
        Ok(_) => panic!("{} was accepted", path.display()),
        Err(fault) => fault.to_string(),
    }
}

#[tokio::test]
async fn a_bad_kubeconfig_is_named_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let good = config("https://127.0.0.1:1", "{}");
    let cases = [
        ("users:\n- name: [", "line "),
        ("clusters: 7\ncontexts: []\n", "line 1"),
        (&good.replace("current-context: here\n", ""), ""),
        (
            &good.replace("current-context: here", "current-context: there"),
            "current-context names \"there\"; the contexts are: here",
        ),
        (
            &good.replace("    cluster: c\n", "    cluster: d\n"),
            "contexts[here].cluster: there is no cluster \"d\"",
        ),
        (
            &good.replace("    user: u\n", "    user: w\n"),
            "contexts[here].user: there is no user \"w\"",
        ),
        (
            &good.replace("server: https://127.0.0.1:1", "server: nowhere"),
            "clusters[c].cluster.server is not an http or https URL",
        ),
        (
            &good.replace(
                "    server: https://127.0.0.1:1\n",
                "    insecure-skip-tls-verify: true\n",
            ),
            "clusters[c].cluster.server is missing",
        ),
        (
            &good.replace(
                "https://127.0.0.1:1",
                "https://127.0.0.1:1\n    certificate-authority: gone.crt",
            ),
            "clusters[c].cluster.certificate-authority: ",
        ),
        (
            &good.replace(
                "https://127.0.0.1:1",
                "https://127.0.0.1:1\n    certificate-authority-data: '%%'",
            ),
            "clusters[c].cluster.certificate-authority-data: not base64",
        ),
        (
            &good.replace(
                "user: {}",
                "user: {client-certificate-data: c2VjcmV0Cg==, client-key-data: '***'}",
            ),
            "users[u]: ",
        ),
        (
            &good.replace(
                "https://127.0.0.1:1",
                "https://127.0.0.1:1\n    proxy-url: gopher://x",
            ),
            "proxy-url must be an http, https or socks5 URL",
        ),
    ];
    for (text, expected) in cases {
        let path = written(&folder, "config", text);
        if expected.is_empty() {
            // A single context needs no current-context.
            let choice = KubeChoice {
                kubeconfig: Some(path),
                ..KubeChoice::default()
            };
            assert_eq!(connect(&choice).await.unwrap().facts.context, "here");
            continue;
        }
        let said = refused(&path, None).await;
        assert!(
            said.contains(expected),
            "{said:?} does not contain {expected:?}"
        );
        assert!(!said.contains("c2VjcmV0"), "{said:?} quotes a secret");
    }
    let path = written(&folder, "config", &good);
    let said = refused(&path, Some("elsewhere")).await;
    assert!(
        said.contains("there is no context \"elsewhere\"; the contexts are: here"),
        "{said}"
    );
    let said = refused(&folder.path().join("none"), None).await;
    assert!(said.contains("none: there is no such kubeconfig"), "{said}");
}

#[tokio::test]
async fn facts_are_known_without_asking_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let text = config("https://127.0.0.1:1", "{token: abc}")
        .replace("server:", "insecure-skip-tls-verify: true\n    server:");
    let path = written(&folder, "config", &text);
    let choice = KubeChoice {
        kubeconfig: Some(path.clone()),
        ..KubeChoice::default()
    };
    let facts = connect(&choice).await.unwrap().facts;
    assert_eq!(
        (facts.context.as_str(), facts.cluster.as_str()),
        ("here", "c")
    );
    assert_eq!(
        (facts.user.as_str(), facts.namespace.as_str()),
        ("u", "shop")
    );
    assert!(facts.insecure);
    let contexts = kubeconfig::contexts(Some(&path)).unwrap();
    assert_eq!(contexts.len(), 1);
    assert!(contexts[0].current);
    assert_eq!(contexts[0].server.as_str(), "https://127.0.0.1:1");
}

fn plugin(folder: &tempfile::TempDir, script: &str) -> ExecConfig {
    let path = written(folder, "login", &format!("#!/bin/sh\n{script}\n"));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    ExecConfig {
        api_version: Some("client.authentication.k8s.io/v1".to_owned()),
        command: Some(path.display().to_string()),
        install_hint: Some("Get it from your platform team.\n".to_owned()),
        env: Some(vec![HashMap::from([
            ("name".to_owned(), "GREETING".to_owned()),
            ("value".to_owned(), "hello".to_owned()),
        ])]),
        ..ExecConfig::default()
    }
}

async fn login(exec: &ExecConfig) -> Result<exec::Credential, String> {
    let answer = exec::run(exec, &Cluster::default(), Duration::from_secs(2)).await;
    answer.map_err(|fault| {
        assert!(matches!(fault, Fault::Unauthorized(_)), "{fault:?}");
        fault.to_string()
    })
}

#[tokio::test]
async fn a_plugin_hands_over_its_token_and_knows_that_nobody_can_answer() {
    let folder = tempfile::tempdir().unwrap();
    let script = r#"
case "$KUBERNETES_EXEC_INFO" in *'"interactive":false'*) ;; *) echo "asked to be interactive" >&2; exit 1;; esac
if read line; then echo "got input" >&2; exit 1; fi
echo "opening a browser" >&2
printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t-%s","expirationTimestamp":"2030-01-01T00:00:00Z"}}' "$GREETING"
"#;
    let credential = login(&plugin(&folder, script)).await.unwrap();
    assert_eq!(credential.token.as_deref(), Some("t-hello"));
    assert_eq!(
        credential.expires.unwrap().to_string(),
        "2030-01-01T00:00:00Z"
    );
}

#[tokio::test]
async fn a_plugin_that_fails_says_why_and_how_to_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        (
            "sleep 600",
            "login needed: the plugin login gave no answer within 2 s; run it once in a shell to log in",
        ),
        // What it prompts for reaches nobody: it has no terminal to read from.
        (
            "printf 'Password: ' >/dev/tty 2>/dev/null; read secret </dev/tty || { echo 'no terminal' >&2; exit 4; }",
            "ended with 4: no terminal",
        ),
        (
            "echo secret-junk",
            "printed something that is not an ExecCredential",
        ),
        (
            "echo 'token expired, run aws sso login' >&2; exit 255",
            "ended with 255: token expired, run aws sso login",
        ),
        (
            r#"echo '{"apiVersion":"client.authentication.k8s.io/v1beta1","status":{"token":"secret-junk"}}'"#,
            "does not speak client.authentication.k8s.io/v1, which the kubeconfig asks for",
        ),
        (
            r#"echo '{"apiVersion":"client.authentication.k8s.io/v1","status":{}}'"#,
            "printed neither a token nor a certificate",
        ),
    ];
    for (script, expected) in cases {
        let said = login(&plugin(&folder, script)).await.err().unwrap();
        assert!(
            said.contains(expected),
            "{said:?} does not contain {expected:?}"
        );
        assert!(
            !said.contains("secret-junk"),
            "{said:?} quotes the plugin's answer"
        );
    }
    let mut missing = plugin(&folder, "");
    missing.command = Some("no-such-login-plugin".to_owned());
    let said = login(&missing).await.err().unwrap();
    assert_eq!(
        said,
        "login needed: the plugin no-such-login-plugin is not installed: Get it from your platform team."
    );
}

#[tokio::test]
async fn a_hanging_plugin_is_ended_with_all_that_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let marker = folder.path().join("pid");
    let script = format!("sleep 600 & echo $! >{}; wait", marker.display());
    login(&plugin(&folder, &script)).await.err().unwrap();
    let pid: i32 = fs::read_to_string(marker).unwrap().trim().parse().unwrap();
    let deadline = tokio::time::Instant::now() + Duration::from_secs(5);
    while alive(pid) {
        assert!(
            tokio::time::Instant::now() < deadline,
            "{pid} is still running"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Whether a process runs; one that has ended and waits to be collected does not.
fn alive(pid: i32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        !stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .trim()
            .starts_with('Z')
    })
}

/// A server that answers every request of a connection with what `answer` makes of its head; returns its address.
pub(super) async fn server(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let answer = std::sync::Arc::new(answer);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut head = Vec::new();
                while let Ok(byte) = socket.read_u8().await {
                    head.push(byte);
                    if head == [0x16] {
                        // A TLS greeting, which a plain server takes for a broken request.
                        let _ = socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
                        return;
                    }
                    if head.ends_with(b"\r\n\r\n") {
                        let text = String::from_utf8_lossy(&head).to_string();
                        let _ = socket.write_all(answer(&text).as_bytes()).await;
                        head.clear();
                    }
                }
            });
        }
    });
    address
}

pub(super) fn http(code: &str, kind: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {code}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

async fn ask(path: &Path) -> Result<serde_json::Value, Fault> {
    let choice = KubeChoice {
        kubeconfig: Some(path.to_owned()),
        ..KubeChoice::default()
    };
    connect(&choice)
        .await?
        .reader
        .json("/version", "application/json")
        .await
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_then_login_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let address = server(|head| {
        if head
            .to_lowercase()
            .contains("authorization: bearer good-2\r\n")
        {
            http("200 OK", "application/json", "{\"gitVersion\":\"v1.33.0\"}")
        } else {
            http(
                "401 Unauthorized",
                "application/json",
                "{\"message\":\"Unauthorized\"}",
            )
        }
    })
    .await;
    let count = folder.path().join("count");
    let script = |word: &str| {
        format!(
            "echo run >>{0}; n=$(wc -l <{0}); printf '{{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{{\"token\":\"{word}-%s\"}}}}' $n",
            count.display()
        )
    };
    for (word, expected) in [("good", true), ("bad", false)] {
        let _ = fs::remove_file(&count);
        plugin(&folder, &script(word));
        // The command is relative to the kubeconfig's folder.
        let user = "{exec: {apiVersion: client.authentication.k8s.io/v1, command: ./login}}";
        let path = written(
            &folder,
            "config",
            &config(&format!("http://{address}"), user),
        );
        let answer = ask(&path).await;
        if expected {
            assert_eq!(answer.unwrap()["gitVersion"], "v1.33.0");
        } else {
            let said = answer.unwrap_err().to_string();
            assert_eq!(
                said,
                "login needed: the server does not accept these credentials"
            );
        }
        let runs = fs::read_to_string(&count).unwrap().lines().count();
        assert_eq!(
            runs, 2,
            "the plugin runs once, and once more when its token is refused"
        );
    }
}

#[tokio::test]
async fn faults_of_the_way_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let plain = server(|_| http("200 OK", "text/html", "<html>log in to the wifi</html>")).await;
    let proxy = server(|_| http("407 Proxy Authentication Required", "text/plain", "")).await;
    let unused = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().to_string()
    };
    let cases = [
        (
            format!("http://{plain}"),
            "answered with a web page (text/html) instead of Kubernetes data".to_owned(),
        ),
        (format!("https://{plain}"), "does not speak TLS".to_owned()),
        (
            format!("https://{unused}"),
            format!("{unused} refused the connection"),
        ),
        (
            "https://no-such-host.invalid:6443".to_owned(),
            "cannot find no-such-host.invalid: no such name (DNS)".to_owned(),
        ),
        (
            format!("https://api.example.org\n    proxy-url: http://{proxy}"),
            "the proxy wants a login (407)".to_owned(),
        ),
        (
            format!("https://api.example.org\n    proxy-url: http://{unused}"),
            "the proxy refused the connection".to_owned(),
        ),
    ];
    for (server, expected) in cases {
        let path = written(&folder, "config", &config(&server, "{}"));
        let said = ask(&path).await.unwrap_err().to_string();
        assert!(
            said.contains(&expected),
            "{said:?} does not contain {expected:?}"
        );
    }
}
