//! `qd get` and `qd snapshot` as a user runs them, against the simulated estate.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use quarterdeck::demo::{self, Estate, Options};
use serde_json::Value;
use tempfile::TempDir;

/// An estate and a configuration that opens it.
struct Place {
    home: TempDir,
    estate: Estate,
    _runtime: tokio::runtime::Runtime,
}

/// Started once: nothing here changes it.
static PLACE: LazyLock<Place> = LazyLock::new(Place::new);

impl Place {
    fn new() -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let options = Options {
            pods: Some(40),
            seed: 1,
            ..Options::default()
        };
        let estate = runtime.block_on(demo::serve(options)).unwrap();
        let home = tempfile::tempdir().unwrap();
        let servers = estate.servers().iter();
        let servers = servers
            .filter(|server| server.engine == "kubernetes")
            .map(|server| {
                let (name, url) = (&server.name, &server.url);
                format!("[[kubernetes]]\nname = \"{name}\"\nserver = \"{url}\"\n")
            });
        let text = servers.collect::<Vec<_>>().concat();
        fs::write(home.path().join("c.toml"), text).unwrap();
        Self {
            home,
            estate,
            _runtime: runtime,
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_qd"));
        command.args(arguments).env_clear().stdin(Stdio::null());
        command.env("HOME", self.home.path()).env("TERM", "dumb");
        command.env("QD_CONFIG", self.home.path().join("c.toml"));
        command
    }

    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let Output {
            status,
            stdout,
            stderr,
        } = self.command(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (status.code().unwrap(), text(stdout), text(stderr))
    }

    fn rows(&self, arguments: &[&str]) -> Vec<Value> {
        let (code, out, err) = self.run(arguments);
        assert_eq!((code, err.as_str()), (0, ""), "{arguments:?}");
        serde_json::from_str(&out).unwrap()
    }
}

fn names(rows: &[Value], key: &str) -> Vec<String> {
    let mut names: Vec<String> = rows
        .iter()
        .map(|row| row[key].as_str().unwrap_or_default().to_owned())
        .collect();
    names.sort();
    names.dedup();
    names
}

#[test]
fn rows_of_every_cluster_stand_in_one_list() {
    let place = &*PLACE;
    let pods = place.rows(&["get", "pods", "-A", "-o", "json"]);
    let servers: Vec<String> = place
        .estate
        .servers()
        .iter()
        .filter(|server| server.engine == "kubernetes")
        .map(|server| server.name.to_owned())
        .collect();
    assert_eq!(names(&pods, "cluster").len(), servers.len());
    assert!(
        pods.iter()
            .all(|pod| pod["uid"].is_string() && pod["restarts"].is_number())
    );

    let namespace = pods[0]["namespace"].as_str().unwrap();
    let narrowed = place.rows(&["get", "pods", "-n", namespace, "-o", "json"]);
    assert_eq!(names(&narrowed, "namespace"), [namespace]);
    let expected = pods
        .iter()
        .filter(|pod| pod["namespace"] == namespace)
        .count();
    assert_eq!(narrowed.len(), expected);

    let one = place.rows(&[
        "get",
        "pods",
        "-A",
        "-o",
        "json",
        "--context",
        servers[0].as_str(),
    ]);
    assert_eq!(names(&one, "cluster"), [servers[0].as_str()]);
}

#[test]
fn one_object_whole_and_by_name() {
    let place = &*PLACE;
    let pods = place.rows(&["get", "pods", "-A", "-o", "json"]);
    let (namespace, name) = (
        pods[0]["namespace"].as_str().unwrap(),
        pods[0]["name"].as_str().unwrap(),
    );
    let (code, yaml, err) = place.run(&["get", "pod", name, "-n", namespace, "-o", "yaml"]);
    assert_eq!((code, err.as_str()), (0, ""));
    let object: Value = serde_saphyr::from_str(&yaml).unwrap();
    assert_eq!(object["metadata"]["name"], name);
    assert_eq!(object["metadata"]["uid"], pods[0]["uid"]);

    let (code, named, _) =
        place.run(&["get", &format!("pod/{name}"), "-n", namespace, "-o", "name"]);
    assert_eq!((code, named), (0, format!("pod/{name}\n")));
    let containers = place.rows(&["get", "containers", name, "-n", namespace, "-o", "json"]);
    assert_eq!(names(&containers, "pod"), [name]);
}

#[test]
fn what_is_not_there_has_a_code_of_its_own() {
    let place = &*PLACE;
    let (code, out, err) = place.run(&["get", "pod", "no-such-pod", "-A"]);
    assert_eq!((code, out.as_str()), (3, ""));
    assert!(err.contains("no pod is named \"no-such-pod\""), "{err}");

    let (code, out, err) = place.run(&["get", "deploymnts"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("did you mean deployments"), "{err}");
    let (code, _, err) = place.run(&["snapshot", "deploymnts"]);
    assert_eq!(code, 2);
    assert!(err.contains("did you mean deployments"), "{err}");

    let (code, out, err) = place.run(&["get", "pods", "-n", "no-such-namespace"]);
    assert_eq!((code, out.as_str()), (0, ""));
    assert!(err.contains("No pods in no-such-namespace"), "{err}");

    let (code, _, err) = place.run(&["get", "pods", "-A", "-l", "app in (a"]);
    assert_eq!(code, 2);
    assert!(err.contains("app in (a"), "{err}");
}

#[test]
fn watching_ends_quietly_with_its_reader() {
    let place = &*PLACE;
    // Ages do not count as change, so a still estate says each row once.
    let mut child = place
        .command(&["get", "nodes", "-w", "-o", "ndjson"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    assert_eq!(first["deleted"], false);
    interrupt(child.id());
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

/// Presses Ctrl-C, as it were.
fn interrupt(id: u32) {
    let pid = rustix::process::Pid::from_raw(id as i32).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
}

#[test]
fn a_frame_is_drawn_once_everything_answered() {
    let place = &*PLACE;
    let (code, text, err) = place.run(&["snapshot", "pods", "--size", "120x20"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert_eq!(text.lines().count(), 20);
    assert!(
        text.contains("Pods") && text.contains("NAMESPACE"),
        "{text}"
    );

    let (code, pressed, _) = place.run(&["snapshot", "pods", "--size", "120x20", "--keys", "?"]);
    assert_eq!(code, 0);
    assert_ne!(pressed, text);

    let (code, svg, _) = place.run(&[
        "snapshot", "--size", "100x30", "--format", "svg", "--theme", "daybreak",
    ]);
    assert_eq!(code, 0);
    assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"));
    assert!(svg.contains("fill=\"#faf8f3\""), "the theme's paper");
}

#[test]
fn a_doctor_of_healthy_clusters_is_content() {
    let place = &*PLACE;
    let (code, out, _) = place.run(&["doctor", "-o", "json"]);
    let found: Vec<Value> = serde_json::from_str(&out).unwrap();
    assert_eq!(code, 0, "{out}");
    let of = |check: &str| found.iter().filter(|row| row["check"] == check).count();
    let servers = place.estate.servers().iter();
    let clusters = servers
        .filter(|server| server.engine == "kubernetes")
        .count();
    for check in ["server", "user", "permissions", "metrics"] {
        assert_eq!(of(check), clusters, "{check}: {out}");
    }
}
