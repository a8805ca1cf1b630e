//! Settings: layers, places of problems, chords, environments, the example.

use std::fs;
use std::path::{Path, PathBuf};

use quarterdeck::config::environment::Whereabouts;
use quarterdeck::config::{
    Chord, Config, KeyCode, Loaded, Overrides, Problem, Problems, Remembered, Variables, chord,
    environment,
};
use quarterdeck::model::{Engine, Environment};

fn variables(pairs: &[(&str, &str)]) -> Variables {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn merge(text: &str) -> Result<Loaded, Problems> {
    let file = Path::new("/home/ann/.config/quarterdeck/config.toml");
    Config::merge(
        Some((file, text)),
        &variables(&[("HOME", "/home/ann")]),
        &Overrides::default(),
    )
}

fn problems(text: &str) -> Vec<String> {
    let problems = merge(text).expect_err("it has problems").0;
    problems.iter().map(Problem::line).collect()
}

#[test]
fn the_example_file_is_what_the_types_print() {
    let file = include_str!("../../config.example.toml");
    assert_eq!(
        file,
        Config::example(),
        "write `qd config example` to config.example.toml"
    );
}

#[test]
fn the_example_says_exactly_the_defaults() {
    let loaded = merge(&Config::example()).unwrap();
    assert_eq!(loaded.config, Config::default());
}

#[test]
fn what_the_example_comments_out_can_be_used() {
    let text: String = Config::example()
        .split_once("# [[kubernetes]]")
        .map(|(_, rest)| format!("[[kubernetes]]{rest}"))
        .unwrap()
        .lines()
        .map(|line| line.strip_prefix("# ").unwrap_or(line))
        // Prose between the tables, and the keys that cannot stand beside another.
        .filter(|line| {
            let other = ["server = \"http:", "context = \"web-1"];
            let alone = other.iter().any(|start| line.starts_with(start));
            line.starts_with('[') || line.contains(" = ") && !alone
        })
        .collect::<Vec<_>>()
        .join("\n");
    let config = merge(&text).unwrap().config;
    assert_eq!(
        config.kubernetes[0].kubeconfig,
        Some(PathBuf::from("/home/ann/.kube/work"))
    );
    assert_eq!(
        config.kubernetes[0].environment,
        Some(Environment::Production)
    );
    assert_eq!(config.prometheus.len(), 2);
    assert_eq!(config.alertmanager.len(), 1);
    assert_eq!(config.environments.len(), 2);
    assert_eq!(config.keys["top"].len(), 2);
}

#[test]
fn layers_win_in_order() {
    let text = "read_only = true\n[ui]\ntheme = \"daybreak\"\nwide = true\nview = \"nodes\"\n";
    let file = Path::new("config.toml");
    let environment = variables(&[
        ("QD_THEME", "fjord"),
        ("QD_VIEW", "pods"),
        ("QD_FAVOURITES", "a, b"),
    ]);
    let flags = Overrides {
        theme: Some("velvet".to_owned()),
        ..Overrides::default()
    };
    let loaded = Config::merge(Some((file, text)), &environment, &flags).unwrap();
    let ui = &loaded.config.ui;
    assert_eq!((ui.theme.as_str(), ui.view.as_str()), ("velvet", "pods"));
    assert!(ui.wide && ui.mouse && loaded.config.read_only);
    assert_eq!(ui.favourites, ["a", "b"]);
    assert_eq!(loaded.place("ui.theme").unwrap().to_string(), "--theme");
    assert_eq!(loaded.place("ui.view").unwrap().to_string(), "QD_VIEW");
    assert_eq!(
        loaded.place("ui.wide").unwrap().to_string(),
        "config.toml:4:8"
    );
    assert_eq!(loaded.place("ui.mouse"), None);
}

#[test]
fn contexts_on_the_command_line_keep_what_is_configured_for_them() {
    let text =
        "[[kubernetes]]\nname = \"shop\"\ncontext = \"eks-1\"\nenvironment = \"production\"\n";
    let flags = Overrides {
        contexts: vec!["eks-1".to_owned(), "kind-x".to_owned()],
        kubeconfig: Some(PathBuf::from("/tmp/k")),
        ..Overrides::default()
    };
    let loaded = Config::merge(Some((Path::new("c"), text)), &Variables::new(), &flags).unwrap();
    let list = loaded.config.kubernetes;
    assert_eq!(
        (list[0].name.as_str(), list[0].environment),
        ("shop", Some(Environment::Production))
    );
    assert_eq!(list[1].context.as_deref(), Some("kind-x"));
    assert!(
        list.iter()
            .all(|entry| entry.kubeconfig == Some(PathBuf::from("/tmp/k")))
    );
}

#[test]
fn every_problem_is_shown_at_once_with_its_place_and_what_would_be_right() {
    let text = "\
read_onyl = true
[ui]
thme = \"daybreak\"
mouse = \"yes\"
favourites = [\"a\", 3]
[log]
level = \"verbos\"
[[kubernetes]]
context = \"a\"
server = \"localhost:8001\"
environment = \"prodution\"
[[environment]]
context = \"x*\"
[keys]
quit = [\"q\", \"ctr-q\"]
top = \"pageupp\"
[dokcer]
";
    let found = problems(text);
    let has = |place: &str, words: &[&str]| {
        let line = found.iter().find(|line| {
            line.starts_with(&format!(
                "/home/ann/.config/quarterdeck/config.toml:{place}: "
            ))
        });
        let line = line.unwrap_or_else(|| panic!("nothing at {place}: {found:#?}"));
        for word in words {
            assert!(line.contains(word), "{word}: {line}");
        }
    };
    has(
        "1:1",
        &[
            "read_onyl",
            "did you mean \"read_only\"?",
            "one of:",
            "kubernetes",
        ],
    );
    has("3:1", &["[ui]", "did you mean \"theme\"?"]);
    has("4:9", &["expected true or false, found a string"]);
    has("5:20", &["expected a string in quotes, found an integer"]);
    has("7:9", &["log.level", "verbos", "debug"]);
    has("10:10", &["http://"]);
    has("11:15", &["did you mean \"production\"?", "staging"]);
    has("12:1", &["no name", "development"]);
    has("15:14", &["unknown modifier \"ctr\""]);
    has("16:7", &["did you mean \"pageup\"?"]);
    has("17:2", &["dokcer"]);
    assert_eq!(found.len(), 11, "{found:#?}");
}

#[test]
fn a_problem_shows_the_line_that_it_is_in() {
    let shown = merge("[ui]\n\tthme = \"ä\"\n").unwrap_err().to_string();
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(
        lines[0],
        "/home/ann/.config/quarterdeck/config.toml:2:2: unknown key in [ui] \"thme\": did you mean \"theme\"?"
    );
    assert_eq!(lines[1], "  2 │ \tthme = \"ä\"");
    assert_eq!(lines[2], "    │ \t^^^^");
    assert!(lines[3].contains("one of: theme, view"), "{shown}");
}

#[test]
fn broken_toml_is_located_and_the_rest_is_still_read() {
    let found = problems("[ui]\ntheme = daybreak\nwide = 7\n");
    assert!(
        found.iter().any(|line| line.contains("config.toml:2:9")),
        "{found:#?}"
    );
    assert!(
        found.iter().any(|line| line.contains("config.toml:3:8")),
        "{found:#?}"
    );
    for text in [
        "[",
        "a = ",
        "\u{0}",
        "[[ui]]",
        "ui = 3",
        "kubernetes = 3",
        "keys = []",
        "[kubernetes]\nname = \"x\"",
    ] {
        assert!(!problems(text).is_empty(), "{text:?}");
    }
}

#[test]
fn a_docker_host_is_an_address_or_a_context() {
    assert!(problems("[[docker]]\nhost = \"x\"\n")[0].contains("begins with unix://"));
    let both = "[[docker]]\nhost = \"ssh://a\"\ncontext = \"a\"\n";
    assert!(problems(both)[0].contains("not both"));
    let loaded = merge("[[docker]]\nname = \"web\"\nhost = \"ssh://deploy@web-1\"\n").unwrap();
    let host = &loaded.config.docker[0];
    assert_eq!(host.host.as_deref(), Some("ssh://deploy@web-1"));
    assert!(!loaded.config.looks_for(Engine::Kubernetes));
    assert!(!loaded.config.looks_for(Engine::Docker));
}

#[test]
fn bad_variables_are_named() {
    let environment = variables(&[
        ("QD_MOUSE", "perhaps"),
        ("QD_LOG", "loud"),
        ("QD_SERVICE_HOST", "10.0.0.1"),
    ]);
    let found = Config::merge(None, &environment, &Overrides::default()).unwrap_err();
    let lines: Vec<String> = found.0.iter().map(Problem::line).collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("QD_MOUSE: expected true or false"))
    );
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("QD_LOG: \"loud\" is not possible"))
    );
}

#[test]
fn the_file_is_found_read_and_never_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("quarterdeck/config.toml");
    let home = folder.path().display().to_string();
    let environment = variables(&[("XDG_CONFIG_HOME", &home)]);
    // A usual file that is missing is no problem, one that was named is.
    let none = Config::load(&environment, &Overrides::default()).unwrap();
    assert_eq!(none.config, Config::default());
    assert_eq!(none.path.as_deref(), Some(path.as_path()));
    let named = Overrides {
        config: Some(path.clone()),
        ..Overrides::default()
    };
    assert!(
        Config::load(&environment, &named)
            .unwrap_err()
            .to_string()
            .contains("cannot read")
    );

    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, "[ui]\nthme = 1\n").unwrap();
    assert!(Config::load(&environment, &Overrides::default()).is_err());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "[ui]\nthme = 1\n");

    let other = folder.path().join("other.toml");
    std::fs::write(&other, "[ui]\nwide = true\n").unwrap();
    let by_variable = variables(&[("QD_CONFIG", &other.display().to_string())]);
    assert!(
        Config::load(&by_variable, &Overrides::default())
            .unwrap()
            .config
            .ui
            .wide
    );
}

#[cfg(unix)]
#[test]
fn a_file_that_others_may_change_is_warned_of() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    std::fs::write(&path, "").unwrap();
    let flags = Overrides {
        config: Some(path.clone()),
        ..Overrides::default()
    };
    let warnings = |mode| {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        Config::load(&Variables::new(), &flags).unwrap().warnings
    };
    assert!(warnings(0o644).is_empty());
    let warned = warnings(0o664);
    assert!(
        warned[0].line().contains("can be changed by other users"),
        "{warned:?}"
    );
    assert!(warned[0].line().contains("chmod go-w"));
}

#[test]
fn what_is_in_force_can_be_read_back() {
    let text = "read_only = true\n[ui]\nfavourites = [\"a\"]\n[[kubernetes]]\ncontext = \"x \\\"y\\\"\"\n[[environment]]\nname = \"staging\"\nserver = [\"*st*\"]\n[keys]\nquit = [\"g g\", \"ctrl-space\"]\n";
    let loaded = merge(text).unwrap();
    assert_eq!(merge(&loaded.print()).unwrap().config, loaded.config);
    assert!(
        loaded
            .print()
            .contains("# /home/ann/.config/quarterdeck/config.toml:1:13\nread_only = true")
    );
    assert!(loaded.print().contains("# default\nmouse = true"));
}

#[test]
fn chords_are_read_in_many_ways_and_printed_in_one() {
    for (text, printed) in [
        ("ctrl-d", "ctrl-d"),
        ("C-d", "ctrl-d"),
        ("control-d", "ctrl-d"),
        ("alt-ctrl-x", "ctrl-alt-x"),
        ("shift-f5", "shift-f5"),
        ("F12", "f12"),
        ("G", "G"),
        ("shift-g", "G"),
        ("space", "space"),
        ("ctrl-space", "ctrl-space"),
        ("g g", "g g"),
        ("  g   ctrl-g ", "g ctrl-g"),
        ("-", "-"),
        ("ctrl--", "ctrl--"),
        ("ctrl-minus", "ctrl--"),
        ("+", "+"),
        ("Escape", "esc"),
        ("pgdn", "pagedown"),
        ("shift-tab", "shift-tab"),
        ("backtab", "shift-tab"),
        ("é", "é"),
        (":", ":"),
    ] {
        let read = chord::sequence(text).unwrap_or_else(|bad| panic!("{text}: {bad}"));
        assert_eq!(chord::print(&read), printed, "{text}");
        assert_eq!(chord::sequence(printed).unwrap(), read, "{text}");
    }
    for text in [
        "",
        "   ",
        "ctrl-",
        "hyper-x",
        "f0",
        "f25",
        "f999",
        "ctrl-ctrl-x",
        "spcae",
        "ab",
        "\u{1b}",
    ] {
        assert!(chord::sequence(text).is_err(), "{text:?}");
    }
    let shifted = Chord {
        shift: true,
        ..KeyCode::Up.chord()
    };
    assert_eq!("shift-up".parse(), Ok(shifted));
    assert_eq!(format!("{:>8}", Chord::ctrl('c')), "  ctrl-c");
}

#[test]
fn environments_are_told_by_rule_label_and_name_and_doubt_is_production() {
    use Environment::{Development, Production, Staging};
    let rules = "\
[[kubernetes]]
name = \"lab\"
context = \"eks-lab\"
environment = \"development\"
[[environment]]
name = \"staging\"
context = \"eks-*\"
server = [\"*.example.com*\", \"*.example.org*\"]
[[environment]]
name = \"production\"
namespace = [\"payments\", \"*-live\"]
";
    let rules = merge(rules).unwrap().config;
    let none = Config::default();
    let at = |endpoint, context, server, namespace, label| Whereabouts {
        endpoint,
        context,
        server,
        namespace,
        label,
    };
    for (config, place, expected) in [
        (&none, at("", "", "", "", None), Production),
        (&none, at("x", "x", "", "shop", None), Production),
        (&none, at("", "kind-qd", "", "shop", None), Development),
        (
            &none,
            at("", "kind-qd", "", "ecommerce-prod", None),
            Production,
        ),
        (&none, at("", "minikube", "", "", None), Development),
        (&none, at("", "orbstack", "", "", None), Development),
        (&none, at("", "my-kind-x", "", "", None), Production),
        (&none, at("", "eks", "", "ecommerce-dev", None), Development),
        (&none, at("", "eks", "", "arq-staging", None), Staging),
        (&none, at("", "prod-eu", "", "shop-dev", None), Production),
        (
            &none,
            at("", "prod-eu", "", "shop", Some("development")),
            Development,
        ),
        (&none, at("", "staging-1", "", "", None), Staging),
        (&none, at("", "devices", "", "", None), Production),
        (&none, at("", "dev2", "", "", None), Development),
        (
            &none,
            at("", "eks", "", "shop", Some("who-knows")),
            Production,
        ),
        (
            &rules,
            at("x", "eks-1", "https://a.example.org:6443", "", None),
            Staging,
        ),
        (
            &rules,
            at("x", "eks-1", "https://elsewhere", "", None),
            Production,
        ),
        (
            &rules,
            at("x", "eks-1", "https://a.example.com", "payments", None),
            Production,
        ),
        (
            &rules,
            at("lab", "eks-lab", "https://a.example.com", "", None),
            Development,
        ),
        (
            &rules,
            at("lab", "eks-lab", "", "shop-live", Some("dev")),
            Production,
        ),
    ] {
        assert_eq!(environment(config, place), expected, "{place:?}");
    }
}

#[test]
fn patterns_fit_whole_names() {
    use quarterdeck::config::environment::matches;
    for (pattern, text, fits) in [
        ("eks-*", "eks-1", true),
        ("eks-*", "my-eks-1", false),
        ("*", "", true),
        ("", "", true),
        ("a", "ab", false),
        ("a*b*c", "a1b2c", true),
        ("a*b*c", "acb", false),
        ("*aa", "aa", true),
        ("aa*aa", "aaa", false),
        ("EKS", "eks", true),
        ("*ä*", "xäy", true),
    ] {
        assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
    }
}

#[test]
fn choices_are_kept_for_their_owner_and_a_broken_file_is_set_aside() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state/remembered.toml");
    assert_eq!(Remembered::load(&path).unwrap(), Remembered::default());
    let chosen = Remembered {
        favourites: vec!["shop".to_owned(), "a \"b\"".to_owned()],
    };
    chosen.save(&path).unwrap();
    chosen.save(&path).unwrap();
    assert_eq!(Remembered::load(&path).unwrap(), chosen);
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let files = fs::read_dir(path.parent().unwrap()).unwrap().count();
    assert_eq!(files, 1, "nothing is left beside it");

    fs::write(&path, "favourites = 3").unwrap();
    assert!(Remembered::load(&path).is_err());
    assert!(!path.exists());
    assert!(path.with_extension("broken").exists());
    assert_eq!(Remembered::load(&path).unwrap(), Remembered::default());
}
