//! Settings: layers of default, file, environment and flags, made into one [`Config`].

pub mod chord;

use std::collections::BTreeMap;
use std::path::PathBuf;

pub use chord::{Chord, KeyCode};

/// All settings of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    pub kubernetes: Vec<KubernetesEndpoint>,
    pub ui: UiSettings,
    /// Command or action name → chords that replace its default ones.
    pub keys: BTreeMap<String, Vec<Vec<Chord>>>,
    pub read_only: bool,
}

/// A cluster to open. Exactly one of `context` and `server` is set, or none for the kubeconfig's current context.
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
    /// `production`, `staging`, `development`; none: worked out.
    pub environment: Option<String>,
    /// Namespaces to look into where listing all is not permitted.
    pub namespaces: Vec<String>,
}

/// How it looks and behaves.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UiSettings {
    pub theme: String,
    pub mouse: bool,
    pub wide: bool,
    /// The view shown at start.
    pub view: String,
    /// Namespaces on the keys 1–9.
    pub favourites: Vec<String>,
}
