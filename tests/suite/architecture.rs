//! The shape of the code: who may import whom, how long a file may be, and that each says what it owns.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What each top-level module may import from the crate.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("logs", &["model"]),
    ("store", &["model", "logs"]),
    ("config", &["model"]),
    ("clients", &["config", "model"]),
    ("sources", &["clients", "config", "logs", "model"]),
    ("actions", &["clients", "config", "model"]),
    ("ui", &["store", "logs", "model", "config", "actions"]),
    ("terminal", &[]),
    ("demo", &["config"]),
    (
        "cli",
        &[
            "actions", "app", "clients", "config", "logs", "model", "sources", "store", "terminal",
            "ui",
        ],
    ),
    (
        "app",
        &[
            "actions", "cli", "clients", "config", "logs", "model", "sources", "store", "terminal",
            "ui",
        ],
    ),
];

/// Outside crates that a layer must do without, so that it stays pure.
const MUST_NOT_USE: &[(&str, &[&str])] = &[
    ("model", &["tokio", "ratatui", "kube", "crossterm"]),
    ("logs", &["tokio", "ratatui", "kube", "crossterm"]),
    ("store", &["tokio", "ratatui", "kube", "crossterm", "jiff"]),
    ("config", &["tokio", "ratatui", "kube", "crossterm"]),
    ("clients", &["ratatui", "crossterm"]),
    ("sources", &["ratatui", "crossterm"]),
    ("actions", &["ratatui", "crossterm"]),
    ("ui", &["tokio", "kube", "crossterm"]),
    ("terminal", &["kube"]),
    ("demo", &["ratatui", "kube", "crossterm"]),
];

#[test]
fn modules_import_only_what_their_layer_may() {
    let mut wrong = Vec::new();
    for file in sources() {
        let module = module(&file);
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == module) else {
            assert!(
                matches!(module.as_str(), "lib" | "main"),
                "{module} is missing in the table of this test"
            );
            continue;
        };
        let text = fs::read_to_string(&file).unwrap();
        for imported in mentions(&text, "crate::") {
            if imported != module && !allowed.contains(&imported.as_str()) {
                wrong.push(format!(
                    "{}: {module} must not import {imported}",
                    file.display()
                ));
            }
        }
        let (_, banned) = MUST_NOT_USE
            .iter()
            .find(|(name, _)| *name == module)
            .unwrap_or(&("", &[]));
        for name in *banned {
            if text.contains(&format!("use {name}::")) || text.contains(&format!(" {name}::")) {
                wrong.push(format!(
                    "{}: {module} must do without {name}",
                    file.display()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_are_short_and_say_what_they_own() {
    let mut wrong = Vec::new();
    for file in sources() {
        let text = fs::read_to_string(&file).unwrap();
        let lines = text.lines().count();
        if lines > 500 {
            wrong.push(format!("{}: {lines} lines", file.display()));
        }
        if !text.starts_with("//!") {
            wrong.push(format!("{}: does not open with //!", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The first path segments that follow a prefix, `a` and `b` in `use crate::{a::x, b};`.
fn mentions(text: &str, prefix: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices(prefix) {
        let rest = &text[at + prefix.len()..];
        let group = rest.strip_prefix('{').map_or(rest, |inner| {
            inner.split_once("};").map_or(inner, |(group, _)| group)
        });
        let many = rest.starts_with('{');
        let mut depth = 0;
        let mut word = String::new();
        let mut fresh = true;
        for character in group.chars() {
            match character {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => fresh = true,
                c if fresh && (c.is_alphanumeric() || c == '_') => word.push(c),
                c if fresh && c.is_whitespace() && word.is_empty() => {}
                _ => fresh = false,
            }
            if !fresh && !word.is_empty() || (fresh && character == ',' && !word.is_empty()) {
                found.insert(std::mem::take(&mut word));
                if !many {
                    break;
                }
            }
        }
        if !word.is_empty() {
            found.insert(word);
        }
    }
    found
}

fn module(file: &Path) -> String {
    let inside = file.strip_prefix(root()).unwrap();
    let first = inside
        .components()
        .next()
        .unwrap()
        .as_os_str()
        .to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn sources() -> Vec<PathBuf> {
    let mut folders = vec![root()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files
}
