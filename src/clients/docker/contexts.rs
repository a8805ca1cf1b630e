//! Contexts of the docker command: named hosts in `~/.docker/contexts`, and which of them is in use.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::host::{Certificates, variable};

/// Files of the docker command are small; a larger one is something else.
const LARGEST_BYTES: u64 = 1 << 20;

/// A named host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DockerContext {
    pub name: String,
    pub description: String,
    /// `ssh://user@web-1`
    pub host: String,
    /// Set when TLS is spoken.
    pub certificates: Option<Certificates>,
}

#[derive(Deserialize)]
struct Meta {
    #[serde(rename = "Name")]
    name: String,
    #[serde(rename = "Metadata", default)]
    metadata: Value,
    #[serde(rename = "Endpoints", default)]
    endpoints: Value,
}

/// The docker command's own folder.
pub(super) fn folder() -> Option<PathBuf> {
    variable("DOCKER_CONFIG")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(variable("HOME")?).join(".docker")))
}

/// The context in use; none for the default one, which is a socket of this machine.
pub fn current() -> Option<String> {
    let chosen = variable("DOCKER_CONTEXT").or_else(|| {
        let config: Value = read(&folder()?.join("config.json"))?;
        Some(config.get("currentContext")?.as_str()?.to_owned())
    });
    chosen.filter(|name| !name.is_empty() && name != "default")
}

/// Every context but the default one, by name. A file that cannot be read is left out, as the docker command does.
pub fn contexts() -> Vec<DockerContext> {
    let Some(folder) = folder().map(|folder| folder.join("contexts")) else {
        return Vec::new();
    };
    let Ok(entries) = std::fs::read_dir(folder.join("meta")) else {
        return Vec::new();
    };
    let mut contexts: Vec<DockerContext> = entries
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let meta: Meta = read(&entry.path().join("meta.json"))?;
            let tls = folder.join("tls").join(entry.file_name()).join("docker");
            context(meta, &tls)
        })
        .collect();
    contexts.sort_by(|one, other| one.name.cmp(&other.name));
    contexts
}

fn context(meta: Meta, tls: &Path) -> Option<DockerContext> {
    let endpoint = meta.endpoints.get("docker")?;
    let unchecked = endpoint.get("SkipTLSVerify").and_then(Value::as_bool) == Some(true);
    let folder = tls.is_dir().then(|| tls.to_owned());
    let description = meta.metadata.get("Description").and_then(Value::as_str);
    Some(DockerContext {
        name: meta.name,
        description: description.unwrap_or_default().to_owned(),
        host: endpoint.get("Host")?.as_str()?.to_owned(),
        certificates: (folder.is_some() || unchecked).then_some(Certificates { folder, unchecked }),
    })
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Option<T> {
    if std::fs::metadata(path).ok()?.len() > LARGEST_BYTES {
        return None;
    }
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}
