//! The configuration as text: the commented example, and what is in force.

use std::fmt::Write;

use super::settings::{self, Value};
use super::{Config, Loaded, WebServer, board, chord};
use crate::model::Environment;

const TOP: &str = "\
# quarterdeck
#
# `qd config path` names the place of this file, `qd config check` reads it and shows every problem at once.
# Everything here is optional, and what stands here without a # is the default. A flag wins over a variable, a
# variable over this file. The file is only ever read.
";

const LISTS: &str = r#"
# Clusters and Docker hosts to open at once, each with its own name and state. If neither is named here or by a flag, the
# kubeconfig's current context and what the docker command would use are opened; an entry without any key is one of
# them. Contexts and hosts can also be added and removed while running: :contexts, :context NAME, :docker HOST.
#
# [[kubernetes]]
# name = "shop"                        # the name on screen; the context's, if left out
# context = "eks-eu-1"                 # a context of the kubeconfig, or instead of it:
# server = "http://127.0.0.1:8001"     # an address that asks for no login, such as `kubectl proxy`
# kubeconfig = "~/.kube/work"          # KUBECONFIG, then ~/.kube/config, if left out
# namespace = "shop"                   # the namespace to start in; all of them, if left out
# namespaces = ["shop", "shop-jobs"]   # where to look if listing all namespaces is not permitted
# environment = "production"           # production, staging or development; worked out, if left out
#
# [[docker]]
# name = "web-1"                       # the name on screen; the context's or the host's, if left out
# host = "ssh://deploy@web-1"          # unix:///path, tcp://host:2376 or ssh://user@host, or instead of it:
# context = "web-1"                    # a context of the docker command
# certificates = "~/.docker/web-1"     # the folder of ca.pem, cert.pem and key.pem: tcp is spoken to by TLS
# environment = "production"           # production, staging or development; worked out, if left out

# Prometheus (also Thanos, Mimir, VictoriaMetrics) and Alertmanager, for alerts and metrics. Without any, PROMETHEUS_URL
# and ALERTMANAGER_URL, then this machine's usual ports, then Services in the clusters are looked at. All keys are those
# of both. Secrets never stand in this file, only where they lie: in a file, a variable, or what a program prints.
#
# [[prometheus]]
# name = "eu"                          # the name on screen; the address, if left out
# url = "https://metrics.example.com/eu" # with its path prefix
# token = { env = "PROMETHEUS_TOKEN" } # a bearer token; or { command = ["program", "argument"] }
# tenant = "shop"                      # sent as X-Scope-OrgID
# headers = { X-Team = "shop" }        # sent with every request
# replica_labels = ["replica"]         # labels by which members of a pair differ
# timeout = 30                         # seconds
# answer_at_most_mb = 64               # larger answers are not read
# environment = "production"           # worked out, if left out
#
# [[prometheus]]
# service = "monitoring/prometheus:9090" # a Service in a cluster, reached through its API server
# context = "eks-eu-1"                 # the context that it is in; the current one, if left out
#
# [[alertmanager]]
# url = "https://alertmanager.example.com"
# username = "quarterdeck"
# password = { file = "~/.config/quarterdeck/alertmanager" }
# cert = "~/.pki/me.crt"               # our own certificate and its key
# key = "~/.pki/me.key"
# ca = "~/.pki/ca.crt"                 # authorities to trust; the system's, if left out
# insecure = false                     # true does not check the server's certificate

# What it would mean to break something: it decides the colour of the header and what an action asks before it acts.
# Every list that is given must have a pattern that fits; * stands for any characters; the first rule that fits decides.
# Without a rule, a namespace's label `environment` decides, then prod, stag or dev in its name or the context's.
# Clusters on this machine (kind, minikube, k3d, …) are development. What remains unknown counts as production.
#
# [[environment]]
# name = "production"
# context = ["eks-*", "gke_*"]
# namespace = "payments"
#
# [[environment]]
# name = "staging"
# server = "https://*.staging.example.com*"

# Times in which an environment should be left alone: an action then counts as graver than it is and wants a reason.
# Either two days of the week, or two dates. Without environments, all; without a zone, this machine's.
#
# [[frozen]]
# environments = ["production"]
# from = "fri 16:00"
# until = "mon 08:00"
# zone = "Europe/Berlin"
# reason = "no releases over the weekend"

# Boards of your own, beside those that need no configuration (:board lists them). $__rate_interval, $__interval and
# $__range are filled in, $namespace, $service and $pod follow what is looked at. Units: number, ratio, percent,
# seconds, milliseconds, bytes, bytes/s, per second, cores. Forms: lines, stat, gauge, bars, table, strip. With `grafana`
# and the path of a dashboard's JSON a board comes from Grafana, as far as it maps.
#
# [[board]]
# name = "orders"
# title = "Orders"
#
# [[board.panel]]
# title = "Orders"
# promql = "sum by (region) (rate(orders_total{namespace=~\"$namespace\"}[$__rate_interval]))"
# unit = "per second"
# legend = "{{region}}"
# warn_below = 1                       # and bad_below, warn_above, bad_above

# Promises about errors: how fast their budget burns and what is left of it. Sloth's and Pyrra's are found by
# themselves.
#
# [[slo]]
# service = "shop"                     # all services, if left out
# objective = 99.9                     # per cent
# errors = "sum(rate(failed_total[$window])) / sum(rate(all_total[$window]))"   # as requests are counted, if left out
# days = 30

# Keys, by the names that `qd keys` lists. Several keys are several strings; keys one after the other stand in one
# string with spaces between; [] takes the key away.
#
# [keys]
# quit = ["q", "ctrl-c"]
# top = ["g g", "home"]
# detail = "shift-f5"
"#;

impl Config {
    /// The commented example file. It says exactly the defaults.
    pub fn example() -> String {
        let mut text = TOP.to_owned();
        settings_into(&mut text, &Self::default(), |setting| {
            format!("# {}\n# {}\n", setting.doc, setting.variable)
        });
        text + LISTS
    }
}

impl Loaded {
    /// What is in force, as a file would say it, with the place that each setting comes from.
    pub fn print(&self) -> String {
        let mut text = String::new();
        settings_into(&mut text, &self.config, |setting| {
            match self.place(&setting.path()) {
                Some(place) => format!("# {place}\n"),
                None => "# default\n".to_owned(),
            }
        });
        for entry in &self.config.kubernetes {
            text.push_str("\n[[kubernetes]]\n");
            line(&mut text, "name", Some(&entry.name));
            line(&mut text, "context", entry.context.as_ref());
            line(&mut text, "server", entry.server.as_ref());
            let kubeconfig = entry.kubeconfig.as_ref();
            let kubeconfig = kubeconfig.map(|path| path.display().to_string());
            line(&mut text, "kubeconfig", kubeconfig.as_ref());
            line(&mut text, "namespace", Some(&entry.namespace));
            list_line(&mut text, "namespaces", &entry.namespaces);
            let environment = entry.environment.map(Environment::word);
            line(
                &mut text,
                "environment",
                environment.map(str::to_owned).as_ref(),
            );
        }
        for entry in &self.config.prometheus {
            text.push_str("\n[[prometheus]]\n");
            let (name, environment) = (&entry.name, entry.environment);
            watcher(
                &mut text,
                name,
                &entry.server,
                environment,
                &entry.replica_labels,
            );
        }
        for entry in &self.config.alertmanager {
            text.push_str("\n[[alertmanager]]\n");
            let (name, environment) = (&entry.name, entry.environment);
            watcher(
                &mut text,
                name,
                &entry.server,
                environment,
                &entry.replica_labels,
            );
        }
        for entry in &self.config.docker {
            text.push_str("\n[[docker]]\n");
            line(&mut text, "name", Some(&entry.name));
            line(&mut text, "host", entry.host.as_ref());
            line(&mut text, "context", entry.context.as_ref());
            let certificates = entry.certificates.as_ref();
            let certificates = certificates.map(|path| path.display().to_string());
            line(&mut text, "certificates", certificates.as_ref());
            let environment = entry.environment.map(|it| it.word().to_owned());
            line(&mut text, "environment", environment.as_ref());
        }
        for rule in &self.config.environments {
            text.push_str("\n[[environment]]\n");
            line(&mut text, "name", Some(&rule.environment.word().to_owned()));
            list_line(&mut text, "context", &rule.context);
            list_line(&mut text, "server", &rule.server);
            list_line(&mut text, "namespace", &rule.namespace);
            list_line(&mut text, "endpoint", &rule.endpoint);
        }
        for window in &self.config.frozen {
            text.push_str("\n[[frozen]]\n");
            let names = window.environments.iter();
            let names: Vec<String> = names.map(|name| name.word().to_owned()).collect();
            list_line(&mut text, "environments", &names);
            let (from, until) = window.span.edges();
            line(&mut text, "from", Some(&from.to_string()));
            line(&mut text, "until", Some(&until.to_string()));
            let zone = window.zone.iana_name().map(str::to_owned);
            line(&mut text, "zone", zone.as_ref());
            line(&mut text, "reason", Some(&window.reason));
        }
        board::print(&mut text, &self.config.boards, &self.config.slos);
        if !self.config.keys.is_empty() {
            text.push_str("\n[keys]\n");
        }
        for (name, chords) in &self.config.keys {
            let chords: Vec<String> = chords.iter().map(|keys| chord::print(keys)).collect();
            let _ = writeln!(text, "{} = {}", key(name), list(&chords));
        }
        text
    }
}

fn watcher(
    text: &mut String,
    name: &String,
    server: &WebServer,
    environment: Option<Environment>,
    replica_labels: &[String],
) {
    line(text, "name", Some(name));
    server.print(text);
    let environment = environment.map(|environment| environment.word().to_owned());
    line(text, "environment", environment.as_ref());
    list_line(text, "replica_labels", replica_labels);
}

fn settings_into(text: &mut String, config: &Config, about: impl Fn(&settings::Setting) -> String) {
    let mut section = "";
    for setting in settings::ALL {
        if setting.section != section {
            section = setting.section;
            let _ = write!(text, "\n[{section}]");
        }
        text.push('\n');
        text.push_str(&about(setting));
        let value = match (setting.get)(config) {
            Value::Flag(flag) => flag.to_string(),
            Value::Word(word) => quoted(&word),
            Value::Words(words) => list(&words),
        };
        let _ = writeln!(text, "{} = {value}", setting.key);
    }
}

fn line(text: &mut String, name: &str, value: Option<&String>) {
    if let Some(value) = value.filter(|value| !value.is_empty()) {
        let _ = writeln!(text, "{name} = {}", quoted(value));
    }
}

fn list_line(text: &mut String, name: &str, values: &[String]) {
    if !values.is_empty() {
        let _ = writeln!(text, "{name} = {}", list(values));
    }
}

fn list(values: &[String]) -> String {
    let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
    format!("[{}]", values.join(", "))
}

fn key(name: &str) -> String {
    let bare = name
        .chars()
        .all(|character| character.is_ascii_alphanumeric() || "-_".contains(character));
    if bare && !name.is_empty() {
        name.to_owned()
    } else {
        quoted(name)
    }
}

/// A TOML string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
