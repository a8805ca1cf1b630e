//! The configuration file: its tables made into settings. Called by `layers`; problems are noted, never fatal, so that
//! the rest of the file is read too.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::problem::Place;
use super::read::{Located, Reader, Table, Value as Raw};
use super::settings::{self, ENVIRONMENTS, Setting, Shape, Value};
use super::web::{self, WebServer};
use super::{
    AlertmanagerEndpoint, Config, DockerEndpoint, EnvironmentRule, KubernetesEndpoint,
    PrometheusEndpoint, board, chord, frozen,
};
use crate::model::Environment;

const ENDPOINT_KEYS: &[&str] = &[
    "name",
    "context",
    "kubeconfig",
    "server",
    "namespace",
    "namespaces",
    "environment",
];
const DOCKER_KEYS: &[&str] = &["name", "host", "context", "certificates", "environment"];
const RULE_KEYS: &[&str] = &["name", "context", "server", "namespace", "endpoint"];
/// Tables that are no plain settings.
const LISTS: &[&str] = &[
    "kubernetes",
    "docker",
    "prometheus",
    "alertmanager",
    "environment",
    "frozen",
    "board",
    "slo",
    "keys",
];

/// Where a relative path and `~` of the file lead.
#[derive(Clone, Debug, Default)]
pub struct Folders {
    /// The folder of the file.
    pub here: PathBuf,
    pub home: Option<PathBuf>,
}

/// Takes a file into the settings, and notes where each was set.
pub fn read(
    reader: &mut Reader<'_>,
    top: &Table<'_>,
    folders: &Folders,
    config: &mut Config,
    places: &mut BTreeMap<String, Place>,
) {
    for (key, value) in top {
        let name = key.get_ref().as_ref();
        match name {
            "kubernetes" => {
                for (table, span) in reader.tables(name, value) {
                    let endpoint = endpoint(reader, table, span, folders, config);
                    config.kubernetes.push(endpoint);
                }
            }
            "prometheus" => {
                for (table, span) in reader.tables(name, value) {
                    let watcher = watcher(reader, name, table, span, folders);
                    config.prometheus.push(PrometheusEndpoint {
                        name: watcher.name,
                        server: watcher.server,
                        environment: watcher.environment,
                        replica_labels: watcher.replica_labels,
                    });
                }
            }
            "alertmanager" => {
                for (table, span) in reader.tables(name, value) {
                    let watcher = watcher(reader, name, table, span, folders);
                    config.alertmanager.push(AlertmanagerEndpoint {
                        name: watcher.name,
                        server: watcher.server,
                        environment: watcher.environment,
                        replica_labels: watcher.replica_labels,
                    });
                }
            }
            "docker" => {
                for (table, span) in reader.tables(name, value) {
                    let host = docker(reader, table, span, folders, config);
                    config.docker.push(host);
                }
            }
            "environment" => {
                for (table, span) in reader.tables(name, value) {
                    if let Some(rule) = rule(reader, table, span) {
                        config.environments.push(rule);
                    }
                }
            }
            "frozen" => {
                for (table, span) in reader.tables(name, value) {
                    if let Some(window) = frozen::read(reader, table, span) {
                        config.frozen.push(window);
                    }
                }
            }
            "board" => {
                for (table, span) in reader.tables(name, value) {
                    let board = board::board(reader, table, span, folders, &config.boards);
                    config.boards.push(board);
                }
            }
            "slo" => {
                for (table, span) in reader.tables(name, value) {
                    let slo = board::slo(reader, table, span);
                    config.slos.push(slo);
                }
            }
            "keys" => {
                if let Some(table) = reader.table(value) {
                    keys(reader, table, config, places);
                }
            }
            _ if settings::ALL.iter().any(|setting| setting.section == name) => {
                if let Some(table) = reader.table(value) {
                    section(reader, name, table, config, places);
                }
            }
            _ => match find("", name) {
                Some(setting) => set(reader, setting, value, config, places),
                None => reader.unknown(key.span(), "key", name, &top_names()),
            },
        }
    }
}

/// What may stand at the top of the file.
fn top_names() -> Vec<&'static str> {
    let mut names: Vec<&str> = settings::ALL
        .iter()
        .map(|setting| match setting.section {
            "" => setting.key,
            section => section,
        })
        .chain(LISTS.iter().copied())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn find(section: &str, key: &str) -> Option<&'static Setting> {
    settings::ALL
        .iter()
        .find(|setting| setting.section == section && setting.key == key)
}

fn section(
    reader: &mut Reader<'_>,
    name: &str,
    table: &Table<'_>,
    config: &mut Config,
    places: &mut BTreeMap<String, Place>,
) {
    for (key, value) in table {
        if let Some(setting) = find(name, key.get_ref()) {
            set(reader, setting, value, config, places);
        } else {
            let valid: Vec<&str> = settings::ALL
                .iter()
                .filter(|setting| setting.section == name)
                .map(|setting| setting.key)
                .collect();
            reader.unknown(
                key.span(),
                &format!("key in [{name}]"),
                key.get_ref(),
                &valid,
            );
        }
    }
}

fn set(
    reader: &mut Reader<'_>,
    setting: &Setting,
    value: &Located<Raw<'_>>,
    config: &mut Config,
    places: &mut BTreeMap<String, Place>,
) {
    let read = match setting.shape {
        Shape::Flag => reader.boolean(value).map(Value::Flag),
        Shape::Word | Shape::File | Shape::Choice(_) => reader.string(value).map(Value::Word),
        Shape::Words(_) | Shape::SomeOf(_) => {
            let words = reader.strings(value).into_iter().map(|(word, _)| word);
            Some(Value::Words(words.collect()))
        }
    };
    let Some(read) = read else { return };
    match setting.check(read) {
        Ok(good) => {
            (setting.set)(config, good);
            places.insert(setting.path(), reader.place(value.span()));
        }
        Err(message) => reader.note(value.span(), format!("{}: {message}", setting.path())),
    }
}

fn endpoint(
    reader: &mut Reader<'_>,
    table: &Table<'_>,
    span: Range<usize>,
    folders: &Folders,
    config: &Config,
) -> KubernetesEndpoint {
    let mut endpoint = KubernetesEndpoint::default();
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "name" => {
                endpoint.name = reader.string(value).unwrap_or_default();
                let taken = config
                    .kubernetes
                    .iter()
                    .any(|other| other.name == endpoint.name);
                if taken && !endpoint.name.is_empty() {
                    let message =
                        format!("the name \"{}\" is taken by another cluster", endpoint.name);
                    reader.note(value.span(), message);
                }
            }
            "context" => endpoint.context = reader.string(value),
            "server" => endpoint.server = server(reader, value),
            "kubeconfig" => {
                endpoint.kubeconfig = reader.string(value).map(|path| path_of(&path, folders));
            }
            "namespace" => endpoint.namespace = reader.string(value).unwrap_or_default(),
            "namespaces" => {
                let names = reader.strings(value).into_iter().map(|(name, _)| name);
                endpoint.namespaces = names.collect();
            }
            "environment" => endpoint.environment = environment(reader, value),
            other => reader.unknown(key.span(), "key in [[kubernetes]]", other, ENDPOINT_KEYS),
        }
    }
    if endpoint.context.is_some() && endpoint.server.is_some() {
        reader.note(
            span,
            "a cluster has a context or a server, not both".to_owned(),
        );
    }
    endpoint
}

/// What Prometheus and Alertmanager have in common in the file.
#[derive(Default)]
struct Watcher {
    name: String,
    server: WebServer,
    environment: Option<Environment>,
    replica_labels: Vec<String>,
}

fn watcher(
    reader: &mut Reader<'_>,
    list: &str,
    table: &Table<'_>,
    span: Range<usize>,
    folders: &Folders,
) -> Watcher {
    let mut watcher = Watcher::default();
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "name" => watcher.name = reader.string(value).unwrap_or_default(),
            "environment" => watcher.environment = environment(reader, value),
            "replica_labels" => {
                let names = reader.strings(value).into_iter().map(|(name, _)| name);
                watcher.replica_labels = names.collect();
            }
            other => {
                if !watcher.server.take(reader, other, value, folders) {
                    let mut valid = vec!["name", "environment", "replica_labels"];
                    valid.extend(web::KEYS);
                    let what = format!("key in [[{list}]]");
                    reader.unknown(key.span(), &what, other, &valid);
                }
            }
        }
    }
    web::check(reader, &watcher.server, span);
    watcher
}

fn docker(
    reader: &mut Reader<'_>,
    table: &Table<'_>,
    span: Range<usize>,
    folders: &Folders,
    config: &Config,
) -> DockerEndpoint {
    let mut endpoint = DockerEndpoint::default();
    for (key, value) in table {
        match key.get_ref().as_ref() {
            "name" => {
                endpoint.name = reader.string(value).unwrap_or_default();
                let mut others = config.docker.iter();
                if !endpoint.name.is_empty() && others.any(|other| other.name == endpoint.name) {
                    let message =
                        format!("the name \"{}\" is taken by another host", endpoint.name);
                    reader.note(value.span(), message);
                }
            }
            "host" => {
                let host = reader.string(value);
                endpoint.host = host.and_then(|host| {
                    let known = DockerEndpoint::named(&host).host;
                    if known.is_none() {
                        let message = format!(
                            "\"{host}\" is no address: it begins with unix://, tcp:// or ssh://"
                        );
                        reader.note(value.span(), message);
                    }
                    known
                });
            }
            "context" => endpoint.context = reader.string(value),
            "certificates" => {
                endpoint.certificates = reader.string(value).map(|path| path_of(&path, folders));
            }
            "environment" => endpoint.environment = environment(reader, value),
            other => reader.unknown(key.span(), "key in [[docker]]", other, DOCKER_KEYS),
        }
    }
    if endpoint.context.is_some() && endpoint.host.is_some() {
        let message = "a Docker host has a host or a context, not both";
        reader.note(span, message.to_owned());
    }
    endpoint
}

pub(super) fn server(reader: &mut Reader<'_>, value: &Located<Raw<'_>>) -> Option<String> {
    let server = reader.string(value)?;
    if server.starts_with("http://") || server.starts_with("https://") {
        return Some(server);
    }
    let message = format!("\"{server}\" is no address: it begins with http:// or https://");
    reader.note(value.span(), message);
    None
}

fn environment(reader: &mut Reader<'_>, value: &Located<Raw<'_>>) -> Option<Environment> {
    let word = reader.string(value)?;
    let found = super::environment::named(&word);
    if found.is_none() {
        reader.unknown(value.span(), "environment", &word, ENVIRONMENTS);
    }
    found
}

fn rule(reader: &mut Reader<'_>, table: &Table<'_>, span: Range<usize>) -> Option<EnvironmentRule> {
    let mut rule = EnvironmentRule::default();
    let mut name = None;
    let mut named = false;
    for (key, value) in table {
        let patterns = match key.get_ref().as_ref() {
            "name" => {
                named = true;
                name = environment(reader, value);
                continue;
            }
            "context" => &mut rule.context,
            "server" => &mut rule.server,
            "namespace" => &mut rule.namespace,
            "endpoint" => &mut rule.endpoint,
            other => {
                reader.unknown(key.span(), "key in [[environment]]", other, RULE_KEYS);
                continue;
            }
        };
        for (pattern, place) in reader.strings(value) {
            if pattern.is_empty() {
                reader.note(place, "an empty pattern fits nothing".to_owned());
            } else {
                patterns.push(pattern);
            }
        }
    }
    if !named {
        let choices = ENVIRONMENTS.join(", ");
        reader.note(span, format!("this [[environment]] has no name: {choices}"));
    } else if [&rule.context, &rule.server, &rule.namespace, &rule.endpoint]
        .iter()
        .all(|patterns| patterns.is_empty())
    {
        let message =
            "this [[environment]] fits nothing: give context, server, namespace or endpoint";
        reader.note(span, message.to_owned());
    }
    rule.environment = name?;
    Some(rule)
}

fn keys(
    reader: &mut Reader<'_>,
    table: &Table<'_>,
    config: &mut Config,
    places: &mut BTreeMap<String, Place>,
) {
    for (key, value) in table {
        let mut chords = Vec::new();
        for (text, span) in reader.strings(value) {
            match chord::sequence(&text) {
                Ok(sequence) => chords.push(sequence),
                Err(bad) => reader.note(span, bad.to_string()),
            }
        }
        let name = key.get_ref().to_string();
        places.insert(format!("keys.{name}"), reader.place(key.span()));
        config.keys.insert(name, chords);
    }
}

/// A path of the file: `~` is the home folder, anything relative starts at the file.
pub(super) fn path_of(text: &str, folders: &Folders) -> PathBuf {
    match (text.strip_prefix("~/"), &folders.home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => folders.here.join(Path::new(text)),
    }
}
