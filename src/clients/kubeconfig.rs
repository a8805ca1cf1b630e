//! The kubeconfig: which files there are, what contexts they name, and what is wrong with them.
//!
//! `connect` picks a context here and `qd contexts` lists them. Files are merged as kubectl does: the first to say a
//! thing wins, files that are not there are skipped. Every problem names its file and the line or key; no message
//! quotes a value, since values may be secrets.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};

use kube::config::{AuthInfo, Cluster, Kubeconfig, KubeconfigError};

use crate::model::{Context, Engine, Name};

const TOKEN: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/// What is wrong with a kubeconfig, in words for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KubeconfigProblem(String);

impl fmt::Display for KubeconfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for KubeconfigProblem {}

/// The merged kubeconfig and the files that it was read from.
#[derive(Clone, Debug)]
pub struct Found {
    pub config: Kubeconfig,
    pub files: Vec<PathBuf>,
}

/// A context with what it refers to.
#[derive(Clone, Debug)]
pub struct Picked {
    pub context: String,
    pub cluster_name: String,
    pub cluster: Cluster,
    pub user_name: String,
    pub user: AuthInfo,
    /// Empty when the context names none.
    pub namespace: String,
}

/// Reads and merges the kubeconfig: the given file, else the list in `KUBECONFIG`, else `~/.kube/config`.
///
/// # Errors
/// A file that cannot be read or understood, or, when there is no file at all, where it was looked for.
pub fn read(file: Option<&Path>) -> Result<Found, KubeconfigProblem> {
    let (places, listed) = places(file);
    let mut found = Found {
        config: Kubeconfig::default(),
        files: Vec::new(),
    };
    for path in &places {
        if !path.exists() {
            continue;
        }
        let next = Kubeconfig::read_from(path).map_err(|error| explain(path, &error))?;
        found.config = found
            .config
            .merge(next)
            .map_err(|error| explain(path, &error))?;
        found.files.push(path.clone());
    }
    if found.files.is_empty() {
        return Err(KubeconfigProblem(nowhere(&places, listed, file.is_some())));
    }
    Ok(found)
}

/// Lists the contexts of the kubeconfig, in its order. In a cluster without a kubeconfig there is one: `in-cluster`.
///
/// # Errors
/// As [`read`].
pub fn contexts(file: Option<&Path>) -> Result<Vec<Context>, KubeconfigProblem> {
    let found = match read(file) {
        Ok(found) => found,
        Err(_) if file.is_none() && in_cluster() => {
            return Ok(vec![Context {
                name: Name::new("in-cluster"),
                current: true,
                ..Context::default()
            }]);
        }
        Err(problem) => return Err(problem),
    };
    let config = &found.config;
    let server = |name: &str| {
        let named = config.clusters.iter().find(|cluster| cluster.name == name);
        named
            .and_then(|named| named.cluster.as_ref()?.server.as_deref())
            .map_or_else(Name::default, Name::new)
    };
    Ok(config
        .contexts
        .iter()
        .map(|named| {
            let context = named.context.clone().unwrap_or_default();
            Context {
                engine: Engine::Kubernetes,
                name: Name::new(&named.name),
                cluster: Name::new(&context.cluster),
                server: server(&context.cluster),
                user: Name::new(context.user.as_deref().unwrap_or_default()),
                namespace: Name::new(context.namespace.as_deref().unwrap_or_default()),
                current: config.current_context.as_deref() == Some(&named.name),
                endpoint: None,
            }
        })
        .collect())
}

/// Whether there is a kubeconfig to read, or one was asked for by `KUBECONFIG`.
pub fn is_there() -> bool {
    let (places, listed) = places(None);
    listed || places.iter().any(|path| path.exists())
}

/// Whether this process runs in a pod that was given a service account.
pub fn in_cluster() -> bool {
    env::var_os("KUBERNETES_SERVICE_HOST").is_some() && Path::new(TOKEN).exists()
}

impl Found {
    /// The named context, else the current one, with its cluster and user.
    ///
    /// # Errors
    /// Names the key that is missing, and the choices there are.
    pub fn pick(&self, context: Option<&str>) -> Result<Picked, KubeconfigProblem> {
        let config = &self.config;
        let names = config.contexts.iter().map(|named| named.name.as_str());
        let wanted = context
            .or(config.current_context.as_deref())
            .filter(|name| !name.is_empty());
        let Some(wanted) = wanted else {
            // A kubeconfig with a single context leaves nothing to choose.
            if let [only] = config.contexts.as_slice() {
                return self.pick(Some(&only.name));
            }
            let problem = format!("no current-context is set; there are: {}", few(names));
            return Err(self.problem(&problem));
        };
        let found = config.contexts.iter().find(|named| named.name == wanted);
        let Some(found) = found else {
            let key = if context.is_some() {
                "there is no context"
            } else {
                "current-context names"
            };
            let problem = match few(names) {
                list if list.is_empty() => format!("{key} {wanted:?}; no contexts are defined"),
                list => format!("{key} {wanted:?}; the contexts are: {list}"),
            };
            return Err(self.problem(&problem));
        };
        let context = found.context.clone().unwrap_or_default();
        let cluster = config
            .clusters
            .iter()
            .find(|named| named.name == context.cluster)
            .and_then(|named| named.cluster.clone());
        let Some(cluster) = cluster else {
            let problem = format!(
                "contexts[{wanted}].cluster: there is no cluster {:?}",
                context.cluster
            );
            return Err(self.problem(&problem));
        };
        let user_name = context.user.unwrap_or_default();
        let user = config
            .auth_infos
            .iter()
            .find(|named| named.name == user_name);
        if user.is_none() && !user_name.is_empty() {
            let problem = format!("contexts[{wanted}].user: there is no user {user_name:?}");
            return Err(self.problem(&problem));
        }
        Ok(Picked {
            context: wanted.to_owned(),
            cluster_name: context.cluster,
            cluster,
            user: user
                .and_then(|named| named.auth_info.clone())
                .unwrap_or_default(),
            user_name,
            namespace: context.namespace.unwrap_or_default(),
        })
    }

    /// A problem found in these files.
    pub(super) fn problem(&self, words: &str) -> KubeconfigProblem {
        let files: Vec<_> = self
            .files
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        KubeconfigProblem(format!("{}: {words}", files.join(", ")))
    }
}

/// Where a kubeconfig may be, and whether the environment listed the places.
fn places(file: Option<&Path>) -> (Vec<PathBuf>, bool) {
    if let Some(file) = file {
        return (vec![file.to_owned()], false);
    }
    let listed: Vec<_> = env::var_os("KUBECONFIG")
        .map(|list| env::split_paths(&list).collect::<Vec<_>>())
        .unwrap_or_default()
        .into_iter()
        .filter(|path| !path.as_os_str().is_empty())
        .collect();
    if listed.is_empty() {
        let home =
            directories::BaseDirs::new().map(|dirs| dirs.home_dir().join(".kube").join("config"));
        (home.into_iter().collect(), false)
    } else {
        (listed, true)
    }
}

/// Says where was looked when nothing is there.
fn nowhere(places: &[PathBuf], listed: bool, asked: bool) -> String {
    let list: Vec<_> = places
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let list = list.join(", ");
    if asked {
        return format!("{list}: there is no such kubeconfig");
    }
    let first = if listed {
        format!("KUBECONFIG={list} (no such file)")
    } else {
        format!("KUBECONFIG (not set), {list} (no such file)")
    };
    format!("no cluster is configured: looked for {first} and an in-cluster token (not there)")
}

/// A kube error over a file, with line and column or key, without quoting the file.
fn explain(path: &Path, error: &KubeconfigError) -> KubeconfigProblem {
    let words = match error {
        KubeconfigError::Parse(error) => {
            let message = error.without_snippet().to_string();
            let message = message.lines().next().unwrap_or_default();
            match error.location() {
                Some(at) if at.line() > 0 && !message.contains("line ") => {
                    format!("line {}, column {}: {message}", at.line(), at.column())
                }
                _ => message.to_owned(),
            }
        }
        KubeconfigError::ReadConfig(error, _) => match error.kind() {
            std::io::ErrorKind::PermissionDenied => "no permission to read it".to_owned(),
            std::io::ErrorKind::InvalidData => "not UTF-8 text".to_owned(),
            _ => error.to_string(),
        },
        KubeconfigError::KindMismatch => "kind: not the same as in the file before".to_owned(),
        KubeconfigError::ApiVersionMismatch => {
            "apiVersion: not the same as in the file before".to_owned()
        }
        other => other.to_string(),
    };
    KubeconfigProblem(format!("{}: {words}", path.display()))
}

/// At most ten names of a list.
fn few<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.collect();
    let mut list = names
        .iter()
        .take(10)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > 10 {
        list.push_str(", …");
    }
    list
}
