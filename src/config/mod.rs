//! Settings: layers of default, file, environment and flags, made into one [`Config`].
//!
//! Everything is read before anything is judged, so one run shows every problem with its place and what would be
//! right. The file is only ever read. Simple settings stand once, in [`settings::ALL`]; reading, variables, the
//! printed example and `qd config print` follow from that list.

pub mod board;
pub mod chord;
pub mod environment;
pub mod example;
pub mod file;
pub mod frozen;
pub mod layers;
pub mod nearest;
pub mod problem;
pub mod read;
pub mod remembered;
pub mod secret;
pub mod settings;
pub mod web;

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::model::{Engine, Environment};

pub use board::{BoardSettings, PanelSettings, SloSettings};
pub use chord::{Chord, KeyCode};
pub use environment::environment;
pub use frozen::{FrozenWindow, frozen};
pub use layers::{Loaded, Overrides, Variables};
pub use nearest::{nearest, nearest_few};
pub use problem::{Place, Problem, Problems};
pub use remembered::Remembered;
pub use secret::Secret;
pub use web::WebServer;

/// The theme that is used when none is named.
pub const DEFAULT_THEME: &str = "quarterdeck";

/// All settings of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// Clusters to open. Where neither a cluster nor a Docker host is named, those that can be found are opened.
    pub kubernetes: Vec<KubernetesEndpoint>,
    /// Prometheus servers; empty: those that the environment, this machine or the clusters have.
    pub prometheus: Vec<PrometheusEndpoint>,
    /// Alertmanagers; empty: found as Prometheus is.
    pub alertmanager: Vec<AlertmanagerEndpoint>,
    /// Docker hosts to open.
    pub docker: Vec<DockerEndpoint>,
    /// Only endpoints of this engine are opened.
    pub only: Option<Engine>,
    /// Which clusters and namespaces are production, staging or development. The first that fits decides.
    pub environments: Vec<EnvironmentRule>,
    /// Boards of the operator's own.
    pub boards: Vec<BoardSettings>,
    /// Promises about errors.
    pub slos: Vec<SloSettings>,
    pub ui: UiSettings,
    pub actions: ActionSettings,
    /// Command or action name → chords that replace its default ones; an empty list takes its key away.
    pub keys: BTreeMap<String, Vec<Vec<Chord>>>,
    pub log: LogSettings,
    pub read_only: bool,
    /// Environments in which nothing is changed until the operator unlocks them for a while.
    pub locked: Locked,
    /// Times in which an action needs a reason and counts as graver than it is.
    pub frozen: Vec<FrozenWindow>,
}

/// Environments that the dashboard leaves alone until they are unlocked; production by default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locked(pub Vec<Environment>);

/// A cluster to open. At most one of `context` and `server` is set; none for the kubeconfig's current context.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KubernetesEndpoint {
    /// The name on screen; empty: the context's.
    pub name: String,
    pub kubeconfig: Option<PathBuf>,
    pub context: Option<String>,
    /// A plain address without authentication.
    pub server: Option<String>,
    /// Empty: the context's namespace decides nothing, all are shown.
    pub namespace: String,
    /// None: worked out.
    pub environment: Option<Environment>,
    /// Namespaces to look into where listing all is not permitted.
    pub namespaces: Vec<String>,
}

/// A Prometheus server, or what speaks its API: Thanos, Mimir, VictoriaMetrics.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrometheusEndpoint {
    /// The name on screen; empty: the address's.
    pub name: String,
    pub server: WebServer,
    /// None: worked out.
    pub environment: Option<Environment>,
    /// Labels by which members of a pair differ, left out when their alerts are put together.
    pub replica_labels: Vec<String>,
}

/// An Alertmanager.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertmanagerEndpoint {
    /// The name on screen; empty: the address's.
    pub name: String,
    pub server: WebServer,
    /// None: worked out.
    pub environment: Option<Environment>,
    /// As with Prometheus.
    pub replica_labels: Vec<String>,
}

/// A Docker host to open. At most one of `host` and `context` is set; none for what the docker command would use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DockerEndpoint {
    /// The name on screen; empty: the context's, or the host's.
    pub name: String,
    /// `unix:///run/docker.sock`, `tcp://host:2376`, `ssh://user@host`
    pub host: Option<String>,
    /// A context of the docker command.
    pub context: Option<String>,
    /// The folder of `ca.pem`, `cert.pem` and `key.pem`; with it a tcp host is spoken to by TLS.
    pub certificates: Option<PathBuf>,
    /// None: worked out.
    pub environment: Option<Environment>,
}

impl DockerEndpoint {
    /// A host by its address, a socket by its path, or a context by its name.
    pub fn named(word: &str) -> Self {
        let host = if word.starts_with('/') {
            Some(format!("unix://{word}"))
        } else {
            word.contains("://").then(|| word.to_owned())
        };
        Self {
            context: host.is_none().then(|| word.to_owned()),
            host,
            ..Self::default()
        }
    }
}

impl Config {
    /// Whether endpoints of an engine are to be looked for: no endpoint is named, and no other engine is the only one.
    pub fn looks_for(&self, engine: Engine) -> bool {
        let named = match engine {
            Engine::Kubernetes => !self.kubernetes.is_empty(),
            Engine::Docker => !self.docker.is_empty(),
            // What watches is looked for whatever runs.
            Engine::Prometheus => return self.prometheus.is_empty(),
            Engine::Alertmanager => return self.alertmanager.is_empty(),
        };
        match self.only {
            Some(only) => only == engine && !named,
            None => self.kubernetes.is_empty() && self.docker.is_empty(),
        }
    }
}

/// Which clusters and namespaces belong to an environment. Patterns may hold `*`; a rule fits when one pattern of
/// every list that is not empty fits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnvironmentRule {
    pub environment: Environment,
    pub context: Vec<String>,
    /// The API server's address.
    pub server: Vec<String>,
    pub namespace: Vec<String>,
    /// The endpoint's name on screen.
    pub endpoint: Vec<String>,
}

/// How it looks and behaves.
#[derive(Clone, Debug, PartialEq)]
pub struct UiSettings {
    pub theme: String,
    pub mouse: bool,
    pub wide: bool,
    /// The view shown at start.
    pub view: String,
    /// Namespaces on the keys 1–9.
    pub favourites: Vec<String>,
    /// Frames are wrapped so that terminals show them whole.
    pub synchronised_output: bool,
    /// Only characters that every font has.
    pub ascii: bool,
}

/// What changes things.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActionSettings {
    /// The file of the audit; empty: the usual place.
    pub audit: String,
}

/// Our own log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// `off`, `error`, `warn`, `info`, `debug`, `trace`
    pub level: String,
}

impl Default for Locked {
    fn default() -> Self {
        Self(vec![Environment::Production])
    }
}

impl Default for UiSettings {
    fn default() -> Self {
        Self {
            theme: DEFAULT_THEME.to_owned(),
            mouse: true,
            wide: false,
            view: "overview".to_owned(),
            favourites: Vec::new(),
            synchronised_output: true,
            ascii: false,
        }
    }
}

impl Default for LogSettings {
    fn default() -> Self {
        Self {
            level: "info".to_owned(),
        }
    }
}
