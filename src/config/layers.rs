//! The layers put together, lowest first: defaults, file, variables, flags.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;

use super::file::Folders;
use super::problem::{Place, Problem, Problems};
use super::read::Reader;
use super::{Config, DockerEndpoint, KubernetesEndpoint, file, settings};
use crate::model::Engine;

/// A configuration is some kilobytes; more is some other file.
const LARGEST_BYTES: u64 = 1 << 20;

/// The environment of the process.
pub type Variables = BTreeMap<String, String>;

/// What flags say; they win.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// The file to read instead of the usual one.
    pub config: Option<PathBuf>,
    pub theme: Option<String>,
    pub read_only: bool,
    /// Contexts to open instead of the configured clusters.
    pub contexts: Vec<String>,
    pub kubeconfig: Option<PathBuf>,
    /// Docker hosts or contexts to open instead of the configured ones.
    pub docker: Vec<String>,
    pub only: Option<Engine>,
}

/// The settings of a run, and where they came from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loaded {
    pub config: Config,
    /// The file that was read.
    pub path: Option<PathBuf>,
    /// Things that are odd, but no reason to stop.
    pub warnings: Vec<Problem>,
    places: BTreeMap<String, Place>,
}

impl Loaded {
    /// A problem with a setting (`ui.theme`, `keys.quit`), at the place where it was set.
    pub fn problem(&self, setting: &str, message: impl Into<String>) -> Problem {
        Problem::new(self.places.get(setting).cloned(), message)
    }

    /// Where a setting was set; none while it has its default.
    pub fn place(&self, setting: &str) -> Option<&Place> {
        self.places.get(setting)
    }

    /// The folder in which the user's own themes lie.
    pub fn themes(&self) -> Option<PathBuf> {
        Some(self.path.as_ref()?.parent()?.join("themes"))
    }
}

impl Config {
    /// Puts all layers together, reading the file that the flags or variables name, or the usual one if it is there.
    ///
    /// # Errors
    /// All problems of all layers at once.
    pub fn load(variables: &Variables, flags: &Overrides) -> Result<Loaded, Problems> {
        let asked = asked_for(variables, flags);
        let Some(path) = asked.clone().or_else(|| usual_path(variables)) else {
            return Self::merge(None, variables, flags);
        };
        let text = match read_file(&path) {
            Ok(text) => Some(text),
            // The usual file need not be there, but one that was named must.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && asked.is_none() => None,
            Err(error) => {
                let message = format!("cannot read the configuration {}: {error}", path.display());
                return Err(Problem::new(None, message).into());
            }
        };
        let mut loaded = Self::merge(
            text.as_deref().map(|text| (path.as_path(), text)),
            variables,
            flags,
        )?;
        if text.is_some() {
            loaded.warnings.extend(open_to_others(&path));
        }
        // Themes lie beside the usual file even when that is not there.
        loaded.path = Some(path);
        Ok(loaded)
    }

    /// [`Self::load`] with the file already read.
    ///
    /// # Errors
    /// All problems of all layers at once.
    pub fn merge(
        file: Option<(&Path, &str)>,
        variables: &Variables,
        flags: &Overrides,
    ) -> Result<Loaded, Problems> {
        let mut loaded = Loaded::default();
        let mut problems = Vec::new();
        if let Some((path, text)) = file {
            let name = path.display().to_string();
            let folders = Folders {
                here: path.parent().map(Path::to_path_buf).unwrap_or_default(),
                home: variables.get("HOME").map(PathBuf::from),
            };
            let (mut reader, table) = Reader::new(&name, text);
            file::read(
                &mut reader,
                &table,
                &folders,
                &mut loaded.config,
                &mut loaded.places,
            );
            problems = reader.problems;
            problems.sort_by_key(|problem| match &problem.place {
                Some(Place::File { line, column, .. }) => (*line, *column),
                _ => (0, 0),
            });
            loaded.path = Some(path.to_path_buf());
        }
        variables_into(variables, &mut loaded, &mut problems);
        flags_into(flags, &mut loaded);
        if problems.is_empty() {
            Ok(loaded)
        } else {
            Err(Problems(problems))
        }
    }

    /// The file that would be read.
    pub fn path(variables: &Variables, flags: &Overrides) -> Option<PathBuf> {
        asked_for(variables, flags).or_else(|| usual_path(variables))
    }
}

/// The file that a flag or a variable names.
fn asked_for(variables: &Variables, flags: &Overrides) -> Option<PathBuf> {
    flags.config.clone().or_else(|| {
        variables
            .get("QD_CONFIG")
            .filter(|path| !path.is_empty())
            .map(PathBuf::from)
    })
}

fn usual_path(variables: &Variables) -> Option<PathBuf> {
    let folder = variables
        .get("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .map(|path| path.join("quarterdeck"))
        .or_else(|| {
            Some(
                ProjectDirs::from("", "", "quarterdeck")?
                    .config_dir()
                    .to_path_buf(),
            )
        });
    Some(folder?.join("config.toml"))
}

fn read_file(path: &Path) -> std::io::Result<String> {
    let size = std::fs::metadata(path)?.len();
    if size > LARGEST_BYTES {
        let message = format!("it has {size} bytes, which no configuration has");
        return Err(std::io::Error::other(message));
    }
    std::fs::read_to_string(path)
}

/// A warning if others may change the file: it decides what is production.
#[cfg(unix)]
fn open_to_others(path: &Path) -> Option<Problem> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    (mode & 0o022 != 0).then(|| {
        let message = format!("{} can be changed by other users", path.display());
        Problem::new(None, message).help(format!("chmod go-w {}", path.display()))
    })
}

#[cfg(not(unix))]
fn open_to_others(_path: &Path) -> Option<Problem> {
    None
}

fn variables_into(variables: &Variables, loaded: &mut Loaded, problems: &mut Vec<Problem>) {
    for setting in settings::ALL {
        let Some(text) = variables.get(setting.variable) else {
            continue;
        };
        let place = Place::Variable(setting.variable.to_owned());
        match setting.parse(text) {
            Ok(value) => {
                (setting.set)(&mut loaded.config, value);
                loaded.places.insert(setting.path(), place);
            }
            Err(message) => problems.push(Problem::new(Some(place), message)),
        }
    }
}

fn flags_into(flags: &Overrides, loaded: &mut Loaded) {
    let config = &mut loaded.config;
    if let Some(theme) = &flags.theme {
        config.ui.theme.clone_from(theme);
        let place = Place::Flag("--theme".to_owned());
        loaded.places.insert("ui.theme".to_owned(), place);
    }
    config.read_only |= flags.read_only;
    if !flags.contexts.is_empty() {
        let known = std::mem::take(&mut config.kubernetes);
        config.kubernetes = flags
            .contexts
            .iter()
            .map(|wanted| {
                // What is configured for a cluster holds however it is opened.
                known
                    .iter()
                    .find(|entry| entry.name == *wanted || entry.context.as_ref() == Some(wanted))
                    .cloned()
                    .unwrap_or_else(|| KubernetesEndpoint {
                        context: Some(wanted.clone()),
                        ..KubernetesEndpoint::default()
                    })
            })
            .collect();
    }
    if !flags.docker.is_empty() {
        let known = std::mem::take(&mut config.docker);
        config.docker = flags
            .docker
            .iter()
            .map(|wanted| {
                known
                    .iter()
                    .find(|entry| {
                        entry.name == *wanted
                            || entry.host.as_ref() == Some(wanted)
                            || entry.context.as_ref() == Some(wanted)
                    })
                    .cloned()
                    .unwrap_or_else(|| DockerEndpoint::named(wanted))
            })
            .collect();
        if flags.contexts.is_empty() && flags.kubeconfig.is_none() {
            // Who names Docker hosts means these.
            config.kubernetes.clear();
        }
    } else if !flags.contexts.is_empty() {
        config.docker.clear();
    }
    config.only = flags.only;
    match flags.only {
        Some(Engine::Docker) => config.kubernetes.clear(),
        Some(Engine::Kubernetes) => config.docker.clear(),
        _ => {}
    }
    if let Some(kubeconfig) = &flags.kubeconfig {
        if config.kubernetes.is_empty() {
            config.kubernetes.push(KubernetesEndpoint::default());
        }
        for entry in &mut config.kubernetes {
            entry.kubeconfig = Some(kubeconfig.clone());
        }
    }
}
