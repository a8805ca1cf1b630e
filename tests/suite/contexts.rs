//! Contexts while the program runs, and keys that are set wrongly: the real binary in a pseudo-terminal.

use std::fs;
use std::path::Path;

use quarterdeck::demo::{self, Options};

use crate::pty::{Terminal, command};

const QD: &str = env!("CARGO_BIN_EXE_qd");

/// A kubeconfig of these contexts: name and address.
fn kubeconfig(folder: &Path, contexts: &[(&str, &str)]) -> std::path::PathBuf {
    use std::fmt::Write;
    let mut text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: {}\nusers: [{{name: me, user: {{}}}}]\n",
        contexts[0].0
    );
    text.push_str("clusters:\n");
    for (name, address) in contexts {
        let _ = writeln!(
            text,
            "- {{name: {name}, cluster: {{server: \"{address}\"}}}}"
        );
    }
    text.push_str("contexts:\n");
    for (name, _) in contexts {
        let _ = writeln!(
            text,
            "- {{name: {name}, context: {{cluster: {name}, user: me}}}}"
        );
    }
    let path = folder.join("kubeconfig");
    fs::write(&path, text).unwrap();
    path
}

fn start(home: &Path, kubeconfig: &Path, arguments: &[&str]) -> Terminal {
    let mut command = command(QD, arguments, home);
    command.env("KUBECONFIG", kubeconfig);
    Terminal::spawn(command, 140, 40)
}

/// Nobody listens at this address.
fn nowhere() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn another_context_takes_over_when_it_answers_and_not_before() {
    let home = tempfile::tempdir().unwrap();
    let estate = demo::serve(Options::default()).await.unwrap();
    let mut clusters = estate
        .servers()
        .iter()
        .filter(|server| server.engine == "kubernetes")
        .map(|server| server.url.as_str());
    let dead = nowhere();
    let contexts = [
        ("one", clusters.next().unwrap()),
        ("two", clusters.next().unwrap()),
        ("dead", dead.as_str()),
    ];
    let file = kubeconfig(home.path(), &contexts);
    let work = tokio::task::spawn_blocking(move || {
        let mut terminal = start(home.path(), &file, &["nodes", "--kubernetes-only"]);
        terminal.until("the nodes of one", |text| {
            text.contains("Ready") && text.contains(" one ")
        });
        terminal.press(":ctx dead\r");
        terminal.shows("dead does not open");
        terminal.shows("Still on one");
        terminal.press(":nodes\r");
        terminal.until("rows that stayed", |text| {
            text.contains("Ready") && text.contains(" one ")
        });
        terminal.press(":ctx two\r");
        terminal.until("the other context alone", |text| {
            text.contains(" two ") && !text.contains(" one ")
        });
        terminal.press(":nodes\r");
        terminal.shows("Ready");
        terminal.press("\x03");
        assert!(terminal.ended().success());
    });
    work.await.unwrap();
    drop(estate);
}

#[test]
fn keys_that_clash_are_told_with_their_place_and_the_run_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("qd.toml");
    fs::write(&config, "[keys]\nwide = [\"d\"]\nnonsense = [\"x\"]\n").unwrap();
    let arguments = ["--config", config.to_str().unwrap(), "demo", "pods"];
    let mut terminal = start(home.path(), Path::new("/nonexistent"), &arguments);
    let screen = terminal.shows("qd.toml:");
    assert!(screen.contains("1 more: qd config check"), "{screen}");
    terminal.shows("demo-eu");
    terminal.press("?");
    terminal.shows("All keys and views");
    terminal.press("\x1b");
    terminal.until("help to close", |text| !text.contains("All keys and views"));
    terminal.press("\x03");
    assert!(terminal.ended().success());
    let check = std::process::Command::new(QD)
        .args(["--config", config.to_str().unwrap(), "config", "check"])
        .output()
        .unwrap();
    assert_eq!(check.status.code(), Some(2));
    let said = String::from_utf8_lossy(&check.stderr).into_owned();
    assert!(said.contains(":2:") && said.contains(":3:"), "{said}");
}
