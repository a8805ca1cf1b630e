//! The command line: what is understood, what is printed, which code it ends with.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Output as Ended, Stdio};

use quarterdeck::cli::{
    ConfigTask, Demo, Get, Invocation, Look, Output, Picture, Shot, Stop, Task, exit, parse,
};
use quarterdeck::config::{Chord, KeyCode, Overrides};

fn read(line: &str) -> Result<Invocation, Stop> {
    parse(std::iter::once("qd").chain(line.split_whitespace()))
}

fn task(line: &str) -> Task {
    read(line)
        .unwrap_or_else(|stop| panic!("{line}: {}", stop.plain))
        .task
}

fn look(view: Option<&str>, namespaces: Option<&[&str]>) -> Look {
    Look {
        view: view.map(str::to_owned),
        namespaces: namespaces.map(|names| names.iter().map(|name| (*name).to_owned()).collect()),
    }
}

fn get(kind: &str) -> Get {
    Get {
        kind: kind.to_owned(),
        names: Vec::new(),
        namespaces: None,
        selector: None,
        output: Output::Table { wide: false },
        watch: false,
    }
}

#[test]
fn a_word_that_is_no_command_is_a_view() {
    for (line, expected) in [
        ("", look(None, None)),
        ("pods", look(Some("pods"), None)),
        ("pods -n x", look(Some("pods"), Some(&["x"]))),
        ("-n x pods", look(Some("pods"), Some(&["x"]))),
        ("-A pods", look(Some("pods"), Some(&[]))),
        ("pods -A", look(Some("pods"), Some(&[]))),
        ("--all-namespaces", look(None, Some(&[]))),
        (
            "pods -n a,b -n c",
            look(Some("pods"), Some(&["a", "b", "c"])),
        ),
        (
            "certificates.cert-manager.io",
            look(Some("certificates.cert-manager.io"), None),
        ),
        // Words of commands can be views too, behind two dashes.
        ("-- get", look(Some("get"), None)),
    ] {
        assert_eq!(task(line), Task::Show(expected), "{line}");
    }
}

#[test]
fn flags_may_stand_anywhere() {
    let expected = Overrides {
        config: Some("c.toml".into()),
        theme: Some("fjord".to_owned()),
        read_only: true,
        contexts: vec!["one".to_owned(), "two".to_owned()],
        kubeconfig: Some("k".into()),
        ..Overrides::default()
    };
    for line in [
        "--config c.toml --theme fjord --read-only --context one --context two --kubeconfig k get pods",
        "get pods --config c.toml --theme fjord --read-only --context one --context two --kubeconfig k",
        "get --context one --theme=fjord --config=c.toml pods --read-only --kubeconfig k --context two",
        "pods --config c.toml --theme fjord --read-only --context one --context two --kubeconfig k",
    ] {
        assert_eq!(read(line).unwrap().overrides, expected, "{line}");
    }
}

#[test]
fn what_to_get_and_how() {
    for (line, expected) in [
        ("get pods", get("pods")),
        (
            "get -A po -o json",
            Get {
                namespaces: Some(Vec::new()),
                output: Output::Json,
                ..get("po")
            },
        ),
        (
            "-A get po -owide",
            Get {
                namespaces: Some(Vec::new()),
                output: Output::Table { wide: true },
                ..get("po")
            },
        ),
        (
            "get deploy shop -n x -o yaml",
            Get {
                names: vec!["shop".to_owned()],
                namespaces: Some(vec!["x".to_owned()]),
                output: Output::Yaml,
                ..get("deploy")
            },
        ),
        (
            "get deploy/shop --output name",
            Get {
                names: vec!["shop".to_owned()],
                output: Output::Name,
                ..get("deploy")
            },
        ),
        (
            "get pods a b -l app=shop,tier!=web -w -o ndjson",
            Get {
                names: vec!["a".to_owned(), "b".to_owned()],
                selector: Some("app=shop,tier!=web".to_owned()),
                watch: true,
                output: Output::Ndjson,
                ..get("pods")
            },
        ),
    ] {
        assert_eq!(task(line), Task::Get(expected), "{line}");
    }
}

#[test]
fn the_other_commands() {
    let table = Output::Table { wide: false };
    for (line, expected) in [
        ("contexts", Task::Contexts(table)),
        ("contexts -o json", Task::Contexts(Output::Json)),
        ("keys", Task::Keys(table)),
        ("doctor -o yaml", Task::Doctor(Output::Yaml)),
        ("config print", Task::Config(ConfigTask::Print)),
        ("config check", Task::Config(ConfigTask::Check)),
        ("config path", Task::Config(ConfigTask::Path)),
        ("config example", Task::Config(ConfigTask::Example)),
        ("demo", Task::Demo(Demo::default(), look(None, None))),
        (
            "demo pods --pods 150000 --churn 1000 --scenario outage -A",
            Task::Demo(
                Demo {
                    pods: Some(150_000),
                    churn: Some(1000),
                    scenario: Some("outage".to_owned()),
                },
                look(Some("pods"), Some(&[])),
            ),
        ),
        (
            "snapshot",
            Task::Snapshot(Shot {
                look: look(Some("overview"), None),
                size: (160, 48),
                picture: Picture::Text,
                demo: None,
                keys: Vec::new(),
            }),
        ),
    ] {
        assert_eq!(task(line), expected, "{line}");
    }
    let arguments = [
        "qd", "snapshot", "pods", "--demo", "--size", "80x24", "--format", "svg", "--keys",
        "j enter",
    ];
    let Task::Snapshot(shot) = parse(arguments).unwrap().task else {
        panic!("a snapshot");
    };
    assert_eq!(
        (shot.size, shot.picture, shot.demo),
        ((80, 24), Picture::Svg, Some(Demo::default()))
    );
    assert_eq!(shot.keys, [Chord::char('j'), KeyCode::Enter.chord()]);
}

#[test]
fn bad_arguments_end_with_2_and_say_what_would_be_right() {
    for (line, words) in [
        ("gte pods", "did you mean \"get\"?"),
        ("pods nodes", "commands: demo, get"),
        ("pods get", "unknown"),
        ("get", "KIND"),
        ("get deploy/", "KIND/NAME"),
        ("get deploy/a b", "KIND/NAME"),
        ("get pods -o jsn", "json"),
        ("get pods --contxt x", "--context"),
        ("-A -n x", "-A means all namespaces"),
        ("config", "check"),
        ("config chek", "check"),
        ("snapshot --size 80", "160x48"),
        ("snapshot --size 0x5", "160x48"),
        ("snapshot --size 80x99999", "160x48"),
        ("snapshot --pods 3", "--demo"),
        ("snapshot --keys ctlr-x", "unknown modifier"),
        ("demo --pods 0", "1..=1000000"),
        ("demo --pods many", "many"),
        ("completions tcsh", "fish"),
    ] {
        let stop = read(line).expect_err(line);
        assert_eq!(stop.code, exit::USAGE, "{line}");
        assert!(stop.plain.contains(words), "{line}: {}", stop.plain);
    }
}

#[test]
fn help_and_version_are_data() {
    for line in ["--help", "get --help", "--version", "-h"] {
        let stop = read(line).expect_err(line);
        assert!(stop.wanted(), "{line}");
    }
    let help = read("--help").unwrap_err().plain;
    for word in ["Exit codes", "130", "snapshot", "--read-only", "NAMESPACE"] {
        assert!(help.contains(word), "{word}");
    }
}

/// Runs the binary with nothing of this machine in its environment.
fn qd(home: &Path, arguments: &[&str]) -> Ended {
    command(home, arguments).output().unwrap()
}

fn command(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_qd"));
    command.args(arguments).env_clear();
    command
        .env("HOME", home)
        .env("TERM", "dumb")
        .stdin(Stdio::null());
    command
}

fn out(ended: &Ended) -> String {
    String::from_utf8(ended.stdout.clone()).unwrap()
}

fn err(ended: &Ended) -> String {
    String::from_utf8(ended.stderr.clone()).unwrap()
}

fn code(ended: &Ended) -> i32 {
    ended.status.code().unwrap()
}

#[test]
fn data_goes_to_stdout_and_words_to_stderr() {
    let home = tempfile::tempdir().unwrap();
    let example = qd(home.path(), &["config", "example"]);
    assert_eq!(out(&example), include_str!("../../config.example.toml"));
    assert_eq!((code(&example), err(&example)), (0, String::new()));

    let path = qd(home.path(), &["config", "path"]);
    assert_eq!(
        out(&path).trim_end(),
        home.path()
            .join(".config/quarterdeck/config.toml")
            .display()
            .to_string()
    );

    let wrong = qd(home.path(), &["gte", "pods"]);
    assert_eq!((code(&wrong), out(&wrong)), (2, String::new()));
    assert!(err(&wrong).contains("did you mean \"get\"?"));
}

#[test]
fn a_bad_configuration_ends_with_2_and_shows_every_problem() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("c.toml");
    fs::write(
        &file,
        "[ui]\nthme = 1\nmouse = 3\ntheme = \"fjrod\"\n[keys]\nqiut = \"q\"\n",
    )
    .unwrap();
    let config = file.display().to_string();
    let ended = qd(home.path(), &["--config", &config, "config", "check"]);
    let said = err(&ended);
    assert_eq!((code(&ended), out(&ended)), (2, String::new()));
    assert!(
        said.contains("c.toml:2:1: ") && said.contains("c.toml:3:9: "),
        "{said}"
    );

    // What only the interface knows is checked too, at its place.
    fs::write(&file, "[ui]\ntheme = \"fjrod\"\n[keys]\nqiut = \"q\"\n").unwrap();
    let ended = qd(home.path(), &["--config", &config, "config", "check"]);
    let said = err(&ended);
    assert_eq!(code(&ended), 2);
    assert!(
        said.contains("c.toml:2:9: ") && said.contains("\"fjord\""),
        "{said}"
    );
    assert!(
        said.contains("c.toml:4:1: ") && said.contains("quit"),
        "{said}"
    );
    for line in [&["get", "pods"][..], &["contexts"], &["keys"]] {
        let ended = command(home.path(), line)
            .env("QD_CONFIG", &config)
            .output()
            .unwrap();
        assert_eq!(code(&ended), 2, "{line:?}");
    }

    fs::write(&file, "[ui]\ntheme = \"fjord\"\n").unwrap();
    let ended = qd(home.path(), &["--config", &config, "config", "check"]);
    assert_eq!(code(&ended), 0, "{}", err(&ended));
    assert!(out(&ended).contains("c.toml is fine"));
    assert_eq!(
        fs::read_to_string(&file).unwrap(),
        "[ui]\ntheme = \"fjord\"\n"
    );
}

#[test]
fn no_cluster_at_all_says_where_it_was_looked_for() {
    let home = tempfile::tempdir().unwrap();
    let ended = qd(home.path(), &["get", "pods", "--kubernetes-only"]);
    assert_eq!((code(&ended), out(&ended)), (1, String::new()));
    assert!(err(&ended).contains("KUBECONFIG"), "{}", err(&ended));
    let ended = qd(home.path(), &["contexts"]);
    assert_eq!(code(&ended), 1);
    assert!(err(&ended).contains(".kube/config"), "{}", err(&ended));
}

#[test]
fn a_server_that_is_not_there_is_a_failure() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("c.toml");
    fs::write(
        &file,
        "[[kubernetes]]\nname = \"gone\"\nserver = \"http://127.0.0.1:9\"\n",
    )
    .unwrap();
    let config = file.display().to_string();
    let ended = qd(home.path(), &["--config", &config, "get", "pods"]);
    assert_eq!((code(&ended), out(&ended)), (1, String::new()));
    assert!(err(&ended).contains("gone: "), "{}", err(&ended));
    let ended = qd(home.path(), &["--config", &config, "doctor", "-o", "json"]);
    assert_eq!(code(&ended), 1);
    let found: serde_json::Value = serde_json::from_slice(&ended.stdout).unwrap();
    let server = found
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| finding["check"] == "server")
        .unwrap();
    assert_eq!(server["state"], "bad");
    assert!(server["mend"].as_str().unwrap().contains("network"));
}

#[test]
fn contexts_are_rows() {
    let home = tempfile::tempdir().unwrap();
    let kubeconfig = home.path().join("kube.yaml");
    let text = "apiVersion: v1\nkind: Config\ncurrent-context: kind-a\nclusters:\n- name: a\n  cluster: {server: 'https://127.0.0.1:1'}\ncontexts:\n- name: kind-a\n  context: {cluster: a, user: u, namespace: shop}\n- name: prod-b\n  context: {cluster: a, user: u}\nusers:\n- name: u\n  user: {token: t0ps3cret}\n";
    fs::write(&kubeconfig, text).unwrap();
    let file = kubeconfig.display().to_string();
    let ended = qd(
        home.path(),
        &["contexts", "--kubeconfig", &file, "-o", "ndjson"],
    );
    assert_eq!(code(&ended), 0, "{}", err(&ended));
    assert_eq!(
        out(&ended),
        "{\"name\":\"kind-a\",\"cluster\":\"a\",\"server\":\"https://127.0.0.1:1\",\"user\":\"u\",\"namespace\":\"shop\",\"environment\":\"development\",\"current\":true}\n\
         {\"name\":\"prod-b\",\"cluster\":\"a\",\"server\":\"https://127.0.0.1:1\",\"user\":\"u\",\"namespace\":null,\"environment\":\"production\",\"current\":false}\n"
    );
    let names = qd(
        home.path(),
        &["contexts", "--kubeconfig", &file, "-o", "name"],
    );
    assert_eq!(out(&names), "kind-a\nprod-b\n");
    let table = qd(home.path(), &["contexts", "--kubeconfig", &file]);
    let text = out(&table);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("NAME     CLUSTER"), "{text}");
    assert!(lines[1].starts_with("kind-a   a"), "{text}");
    assert!(
        !text.contains('\u{1b}') && lines.iter().all(|line| line.trim_end() == *line),
        "{text}"
    );
}

#[test]
fn keys_follow_the_configuration() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("c.toml");
    fs::write(&file, "[keys]\nquit = \"ctrl-x ctrl-c\"\n").unwrap();
    let config = file.display().to_string();
    let ended = qd(home.path(), &["keys", "--config", &config, "-o", "json"]);
    let keys: serde_json::Value = serde_json::from_slice(&ended.stdout).unwrap();
    let named = |name: &str| {
        keys.as_array()
            .unwrap()
            .iter()
            .find(|row| row["command"] == name)
            .unwrap()
    };
    assert_eq!(named("quit")["keys"], "ctrl-x ctrl-c");
    assert!(named("filter")["keys"].as_str().unwrap().contains('/'));
    assert!(out(&qd(home.path(), &["keys"])).contains("COMMAND"));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let home = tempfile::tempdir().unwrap();
    for arguments in [
        &["keys"][..],
        &["config", "example"],
        &["completions", "zsh"],
        &["--help"],
    ] {
        let mut child = command(home.path(), arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut said = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        assert_eq!(
            (child.wait().unwrap().code(), said),
            (Some(0), String::new()),
            "{arguments:?}"
        );
    }
}

#[test]
fn completions_know_views_and_themes() {
    let home = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ended = qd(home.path(), &["completions", shell]);
        assert_eq!(code(&ended), 0, "{shell}: {}", err(&ended));
        assert!(!out(&ended).is_empty());
    }
    let zsh = out(&qd(home.path(), &["completions", "zsh"]));
    for word in ["deployments", "daybreak", "doctor", "--all-namespaces"] {
        assert!(zsh.contains(word), "{word}");
    }
}
