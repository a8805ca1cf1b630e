//! What goes wrong between us and a daemon: rows stay with their cause, and nobody has to do anything to have them back.

use std::os::unix::fs::PermissionsExt;

use quarterdeck::clients::docker::{Daemon, DockerChoice};
use quarterdeck::model::*;
use serde_json::json;

use super::daemon::{Act, Played, Watched, listed, named};

#[tokio::test]
async fn a_socket_that_is_not_there_is_named() {
    let daemon = Played::new();
    let mut watched = Watched::on(&daemon);
    let cause = watched.stale().await;
    assert!(cause.contains("there is no socket"), "{cause}");
}

#[tokio::test]
async fn a_socket_that_may_not_be_opened_names_the_group() {
    if rustix::process::geteuid().is_root() {
        // Nothing is forbidden to root.
        return;
    }
    let daemon = Played::started();
    std::fs::set_permissions(daemon.socket(), std::fs::Permissions::from_mode(0o000)).unwrap();
    let mut watched = Watched::on(&daemon);
    let cause = watched.stale().await;
    assert!(cause.contains("usermod -aG docker"), "{cause}");
}

#[tokio::test]
async fn rows_outlive_a_daemon_that_is_restarted() {
    let mut daemon = Played::started();
    daemon.add(listed("a1", "web", "running", "Up 2 hours"));
    let mut watched = Watched::on(&daemon);
    watched.live().await;
    daemon.stop();
    let cause = watched.stale().await;
    assert!(cause.contains("daemon"), "{cause}");
    assert!(watched.container("web").is_some(), "rows stay");
    daemon.with(|known| {
        known.containers.clear();
        known
            .containers
            .push(listed("a2", "api", "running", "Up 1 second"));
    });
    daemon.start();
    watched
        .until("the new rows", |store| {
            named(store, "api").is_some() && named(store, "web").is_none()
        })
        .await;
    watched.live().await;
    assert_eq!(watched.status(), Some(SourceStatus::Live));
}

#[tokio::test]
async fn events_go_on_where_they_ended() {
    let mut daemon = Played::started();
    daemon.add(listed("a1", "web", "running", "Up 2 hours"));
    let mut watched = Watched::on(&daemon);
    watched.live().await;
    while daemon.asked("/events") == 0 {
        tokio::task::yield_now().await;
    }
    daemon.with(|known| known.containers[0]["State"] = json!("paused"));
    daemon.event("pause", "a1", None);
    watched
        .until("the pause", |store| {
            named(store, "web").is_some_and(|row| row.state.as_str() == "paused")
        })
        .await;
    daemon.stop();
    watched.stale().await;
    daemon.start();
    watched.live().await;
    while daemon.asked("/events?since=1795752400.000000001") == 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_daemon_that_hangs_is_noticed() {
    let daemon = Played::started();
    daemon.add(listed("a1", "web", "running", "Up 2 hours"));
    let mut watched = Watched::on(&daemon);
    watched.live().await;
    daemon.with(|known| known.acts = vec![("/", Act::Hang)]);
    let cause = watched.stale().await;
    assert!(cause.contains("no answer"), "{cause}");
    assert!(watched.container("web").is_some(), "rows stay");
}

#[tokio::test]
async fn events_without_a_head_delay_nothing() {
    let daemon = Played::started();
    daemon.with(|known| known.withholds = true);
    daemon.add(listed("a1", "web", "running", "Up 2 hours"));
    let mut watched = Watched::on(&daemon);
    watched.live().await;
    assert!(watched.container("web").is_some());
    while daemon.asked("/events") == 0 {
        tokio::task::yield_now().await;
    }
    daemon.with(|known| known.containers[0]["State"] = json!("paused"));
    daemon.event("pause", "a1", None);
    watched
        .until("the pause", |store| {
            named(store, "web").is_some_and(|row| row.state.as_str() == "paused")
        })
        .await;
}

#[tokio::test]
async fn json_that_breaks_off_costs_no_row() {
    let daemon = Played::started();
    daemon.add(listed("a1", "web", "running", "Up 2 hours"));
    daemon.with(|known| known.acts = vec![("/containers/json", Act::Cut)]);
    let mut watched = Watched::on(&daemon);
    let cause = watched.stale().await;
    assert!(cause.contains("broke off"), "{cause}");
    daemon.with(|known| known.acts.clear());
    watched.live().await;
    assert!(watched.container("web").is_some());
}

#[tokio::test]
async fn fields_that_are_missing_or_strange_cost_no_row() {
    let daemon = Played::started();
    daemon.add(json!({ "Id": "a1", "Names": ["/odd"], "Labels": null, "Ports": "none", "State": 7, "New": { "x": [] } }));
    daemon.add(json!("no container at all"));
    daemon.add(listed("a2", "web", "running", "Up 2 hours"));
    let mut watched = Watched::on(&daemon);
    watched.live().await;
    assert!(watched.container("odd").is_some() && watched.container("web").is_some());
    assert_eq!(watched.store.docker().len(), 2);
}

#[tokio::test]
async fn names_and_labels_cannot_move_the_cursor() {
    let daemon = Played::started();
    let mut hostile = listed("a1", "\u{1b}[2Jevil", "running", "Up 2 hours");
    hostile["Labels"] = json!({ "com.docker.compose.project": "\u{202e}gnp\u{7}", "com.docker.compose.service": "a\u{0}b" });
    daemon.add(hostile);
    let mut watched = Watched::on(&daemon);
    watched.live().await;
    let (_, row) = watched.store.docker().iter().next().unwrap();
    let all = format!("{}{}{}", row.meta.name, row.meta.namespace, row.service);
    assert!(
        !all.chars().any(|c| c.is_control() || c == '\u{202e}'),
        "{all:?}"
    );
}

#[tokio::test]
async fn both_sides_agree_on_an_api() {
    for (api, asked) in [("1.60", "/v1.50/"), ("1.41", "/v1.41/")] {
        let daemon = Played::started();
        daemon.with(|known| known.api = (api, "1.24"));
        daemon.add(listed("a1", "web", "running", "Up 2 hours"));
        let mut watched = Watched::on(&daemon);
        watched.live().await;
        let used = daemon.asked(&format!("{asked}containers/json"));
        assert!(
            used > 0,
            "{api}: {:?}",
            daemon.with(|known| known.asked.clone())
        );
    }
}

#[tokio::test]
async fn a_proxy_that_forbids_is_told_as_a_denial() {
    let daemon = Played::started();
    daemon.with(|known| known.acts = vec![("/images", Act::Status(403, "Forbidden"))]);
    let mut watched = Watched::on(&daemon);
    watched.want(&[Kind::Image]);
    let feed = super::objects(Kind::Image);
    watched
        .until("the denial", |store| {
            matches!(store.status(&feed), Some(SourceStatus::Denied { .. }))
        })
        .await;
    watched.live().await;
}

#[tokio::test]
async fn a_storm_of_containers_ends_as_it_is() {
    let daemon = Played::started();
    let mut watched = Watched::on(&daemon);
    watched.live().await;
    while daemon.asked("/events") == 0 {
        tokio::task::yield_now().await;
    }
    for number in 0..1000 {
        let id = format!("{number:064x}");
        for action in ["create", "start", "die", "destroy"] {
            daemon.event(action, &id, Some(1));
        }
    }
    daemon.add(listed("a1", "last", "running", "Up 1 second"));
    daemon.event("start", "a1", None);
    watched
        .until("the last", |store| named(store, "last").is_some())
        .await;
    assert_eq!(watched.store.docker().len(), 1);
    assert!(
        daemon.asked("/containers/json") < 200,
        "changes fall together"
    );
}

#[tokio::test]
async fn a_password_is_never_asked_for() {
    // A program that would ask stands in for ssh: it gets no terminal, no input, and its words are the cause.
    let folder = tempfile::tempdir().unwrap();
    let ssh = folder.path().join("ssh");
    let script = "#!/bin/sh\nread word && echo \"got $word\"\necho 'user@web-1: Permission denied (publickey,password).' >&2\nexit 255\n";
    std::fs::write(&ssh, script).unwrap();
    std::fs::set_permissions(&ssh, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut watched = behind(&ssh);
    let words = watched.stale().await;
    assert!(
        words.contains("Permission denied") && words.contains("by key or agent"),
        "{words}"
    );
}

#[tokio::test]
async fn everything_goes_through_one_ssh() {
    let daemon = Played::started();
    daemon.add(listed("a1", "web", "running", "Up 2 hours"));
    let folder = tempfile::tempdir().unwrap();
    let ssh = folder.path().join("ssh");
    let count = folder.path().join("count");
    // Forwards as ssh does, and counts how often it was started. Its options are all given as `-o NAME=VALUE`.
    let script = format!(
        "#!/bin/sh\necho started >>{}\nwhile [ \"$1\" != -L ]; do shift; done\nln -s {} \"${{2%%:*}}\"\nexec sleep 1000\n",
        count.display(),
        daemon.socket().display(),
    );
    std::fs::write(&ssh, script).unwrap();
    std::fs::set_permissions(&ssh, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut watched = behind(&ssh);
    watched.live().await;
    assert!(watched.container("web").is_some());
    assert_eq!(std::fs::read_to_string(&count).unwrap().lines().count(), 1);
    assert!(
        daemon.asked("") > 2,
        "lists, events and looks are channels of one connection"
    );
}

fn behind(ssh: &std::path::Path) -> Watched {
    Watched::over(Daemon::new(DockerChoice {
        host: Some("ssh://user@web-1".to_owned()),
        ssh: Some(ssh.to_owned()),
        ..DockerChoice::default()
    }))
}

/// A daemon behind TLS that shows a certificate; returns its address and what it was shown.
async fn tls(certificate: &str) -> (String, tokio::task::JoinHandle<()>) {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let chain = vec![CertificateDer::from_pem_file(certificates().join(certificate)).unwrap()];
    let key = PrivateKeyDer::from_pem_file(certificates().join("key.pem")).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(std::sync::Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("tcp://localhost:{}", listener.local_addr().unwrap().port());
    let task = tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            tokio::spawn(async move {
                let mut bytes = vec![0; 4096];
                let read = stream.read(&mut bytes).await.unwrap_or(0);
                let text = String::from_utf8_lossy(&bytes[..read]).into_owned();
                let body = if text.contains("/version") {
                    json!({ "Version": "28.5.1", "ApiVersion": "1.47" })
                } else if text.contains("/events") {
                    // Held open without a word.
                    return std::future::pending().await;
                } else {
                    json!([listed("a1", "web", "running", "Up 2 hours")])
                };
                let body = body.to_string();
                let head = format!(
                    "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
                    body.len()
                );
                let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    (address, task)
}

fn certificates() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/docker/certificates")
}

/// A folder as DOCKER_CERT_PATH names it, which trusts this authority.
fn trusting(authority: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(certificates().join(authority), folder.path().join("ca.pem")).unwrap();
    for name in ["cert.pem", "key.pem"] {
        std::fs::copy(certificates().join(name), folder.path().join(name)).unwrap();
    }
    folder
}

fn through(address: &str, folder: &tempfile::TempDir) -> Watched {
    Watched::over(Daemon::new(DockerChoice {
        host: Some(address.to_owned()),
        certificates: Some(folder.path().to_owned()),
        ..DockerChoice::default()
    }))
}

#[tokio::test]
async fn tls_is_spoken_with_the_folder_of_certificates() {
    let (address, task) = tls("cert.pem").await;
    let folder = trusting("ca.pem");
    let mut watched = through(&address, &folder);
    watched
        .until("a row", |store| named(store, "web").is_some())
        .await;
    task.abort();
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_refused() {
    let (address, task) = tls("cert.pem").await;
    let folder = trusting("other.pem");
    let cause = through(&address, &folder).stale().await;
    assert!(cause.contains("unknown authority"), "{cause}");
    task.abort();
}

#[tokio::test]
async fn an_expired_certificate_is_refused() {
    let (address, task) = tls("expired.pem").await;
    let folder = trusting("ca.pem");
    let cause = through(&address, &folder).stale().await;
    assert!(cause.contains("has expired"), "{cause}");
    task.abort();
}
