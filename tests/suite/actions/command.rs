//! The command line: every action has a demo run there, none writes in a read-only run, and the exit codes tell.

use std::process::{Command, Output, Stdio};

use quarterdeck::actions;
use serde_json::Value;

use super::{EU, Rig};

const NAMESPACE: &str = "ecommerce-prod";

/// A run of each action that would change the calm demo world.
const RUNS: &[(&str, &[&str])] = &[
    ("rollback", &["deployment/shop"]),
    ("scale", &["deployment/user-management", "5"]),
    ("restart", &["deployment/user-management"]),
    ("pause", &["deployment/shop"]),
    ("resume", &["deployment/shop"]),
    ("set-image", &["deployment/shop", "shop=shop:2.0"]),
    ("set-env", &["deployment/shop", "RATE=9"]),
    ("hpa", &["hpa/shop", "--max", "12"]),
    ("trigger", &["cronjob/db-backup"]),
    ("evict", &["pod/orders-db-0"]),
    ("cordon", &["eu-worker-1"]),
    ("uncordon", &["eu-worker-1"]),
    ("drain", &["eu-worker-1"]),
    ("delete", &["deployment/shop"]),
];

impl Rig {
    /// Runs `qd` on this world, nobody at its terminal.
    fn qd(&self, arguments: &[&str]) -> Output {
        let server = self.config.kubernetes[0].server.as_ref().unwrap();
        let settings = self.folder.path().join("config.toml");
        let text = format!(
            "[actions]\naudit = \"{}\"\n[[kubernetes]]\nname = \"{EU}\"\nserver = \"{server}\"\nenvironment = \"production\"\n",
            self.audit().display()
        );
        std::fs::write(&settings, text).unwrap();
        Command::new(env!("CARGO_BIN_EXE_qd"))
            .args(arguments)
            .arg("--config")
            .arg(&settings)
            .env("HOME", self.folder.path())
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    async fn run(self: &std::sync::Arc<Self>, arguments: &[&str]) -> Output {
        let (rig, arguments) = (
            std::sync::Arc::clone(self),
            arguments
                .iter()
                .map(|one| (*one).to_owned())
                .collect::<Vec<_>>(),
        );
        let run = move || rig.qd(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        tokio::task::spawn_blocking(run).await.unwrap()
    }
}

fn with<'a>(name: &'a str, rest: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    let mut all = vec![name];
    all.extend(rest);
    all.extend(["-n", NAMESPACE]);
    all.extend(more);
    all
}

#[test]
fn every_action_has_a_demo_run() {
    for action in actions::ALL {
        assert!(
            RUNS.iter().any(|(name, _)| *name == action.name()),
            "{} has no run in the demo world",
            action.name()
        );
        assert!(!action.doc().is_empty() && !action.title().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_action_writes_in_a_read_only_run() {
    let rig = std::sync::Arc::new(Rig::new("calm").await);
    for (name, rest) in RUNS {
        for more in [
            &["--read-only", "--yes", "--reason", "x"][..],
            &["--read-only", "--dry-run"],
            &[
                "--read-only",
                "--confirm",
                "ecommerce-prod/shop",
                "--reason",
                "x",
            ],
        ] {
            let out = rig.run(&with(name, rest, more)).await;
            assert_eq!(out.status.code(), Some(4), "{name} {more:?}: {out:?}");
            assert!(String::from_utf8_lossy(&out.stderr).contains("read only"));
        }
    }
    assert_eq!(rig.estate.writes(EU), 0);
    assert!(!rig.audit().exists());
    let list = rig
        .run(&with(
            "rollback",
            &["deployment/shop"],
            &["--list", "--read-only"],
        ))
        .await;
    assert!(list.status.success(), "looking is no writing: {list:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_that_does_not_confirm_is_refused_and_a_wrong_name_too() {
    let rig = std::sync::Arc::new(Rig::new("calm").await);
    let scale = ["deployment/user-management", "5"];
    for (more, words) in [
        (&[][..], "--confirm user-management"),
        (&["--yes"], "--confirm user-management"),
        (&["--confirm", "shop"], "type user-management"),
    ] {
        let out = rig.run(&with("scale", &scale, more)).await;
        assert_eq!(out.status.code(), Some(4), "{out:?}");
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(said.contains(words), "{said}");
    }
    let dry = rig
        .run(&with("scale", &scale, &["--dry-run", "-o", "json"]))
        .await;
    let said: Value = serde_json::from_slice(&dry.stdout).unwrap();
    assert_eq!(said["plan"]["confirm"], "user-management");
    assert_eq!(said["plan"]["changes"][0]["after"], "5");
    assert!(!rig.audit().exists() || std::fs::read(rig.audit()).unwrap().is_empty());
    let missing = rig
        .run(&with("scale", &["deployment/nobody", "5"], &[]))
        .await;
    assert_eq!(missing.status.code(), Some(3), "{missing:?}");
    let wrong = rig
        .run(&with("scale", &["deployment/shop", "three"], &[]))
        .await;
    assert_eq!(wrong.status.code(), Some(2), "{wrong:?}");
    let wrong = rig.run(&with("drain", &["deployment/shop"], &[])).await;
    assert_eq!(wrong.status.code(), Some(2), "{wrong:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_confirmed_is_done_followed_and_audited() {
    let rig = std::sync::Arc::new(Rig::new("calm").await);
    let more = [
        "--confirm",
        "user-management",
        "--reason",
        "more load",
        "-o",
        "json",
    ];
    let out = rig
        .run(&with("scale", &["user-management", "4"], &more))
        .await;
    assert_eq!(out.status.code(), Some(0), "{out:?}");
    let said: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(said["outcome"]["outcome"], "succeeded");
    assert!(
        said["outcome"]["undo"]
            .as_str()
            .unwrap()
            .contains("--replicas 3")
    );
    let out = rig.run(&["audit", "-o", "json"]).await;
    let audit: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(audit[0]["action"], "scale");
    assert_eq!(audit[0]["reason"], "more load");
    assert_eq!(audit[0]["outcome"], "succeeded");
    let more = ["--confirm", "shop", "--timeout", "30"];
    let out = rig
        .run(&with("scale", &["deployment/shop", "1"], &more))
        .await;
    assert_eq!(
        out.status.code(),
        Some(6),
        "the autoscaler takes it back: {out:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_keeps_everything_as_it_is() {
    let rig = std::sync::Arc::new(Rig::new("calm").await);
    rig.run(&["audit"]).await;
    let settings = rig.folder.path().join("config.toml");
    let line = format!(
        "trap '' XFSZ; ulimit -f 0; exec {} scale deployment/user-management 4 -n {NAMESPACE} --confirm user-management --config {}",
        env!("CARGO_BIN_EXE_qd"),
        settings.display()
    );
    let home = rig.folder.path().to_owned();
    let out = tokio::task::spawn_blocking(move || {
        Command::new("sh")
            .args(["-c", &line])
            .env("HOME", home)
            .stdin(Stdio::null())
            .output()
            .unwrap()
    })
    .await
    .unwrap();
    assert_eq!(out.status.code(), Some(4), "{out:?}");
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(said.contains("without an audit"), "{said}");
    let now = rig.object("deployments", NAMESPACE, "user-management");
    assert_eq!(now["spec"]["replicas"], 3);
}
