//! Where a daemon is: addresses as the docker command writes them, and what it would use if nothing is said.

use std::fmt;
use std::path::{Path, PathBuf};

use super::DockerChoice;
use super::contexts::{self, DockerContext};
use crate::clients::fault::Fault;

const DEFAULT_SOCKET: &str = "/var/run/docker.sock";
const PLAIN_PORT: u16 = 2375;
const TLS_PORT: u16 = 2376;

/// The address of a daemon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    Unix(PathBuf),
    Tcp {
        /// An IPv6 address stands in brackets.
        host: String,
        port: u16,
        tls: Option<Certificates>,
    },
    Ssh(Remote),
}

/// What TLS is spoken with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificates {
    /// The folder of `ca.pem`, `cert.pem` and `key.pem`, each of which may be missing.
    pub folder: Option<PathBuf>,
    /// The context says not to check the daemon's certificate.
    pub unchecked: bool,
}

/// A machine behind ssh.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remote {
    pub user: Option<String>,
    pub host: String,
    pub port: Option<u16>,
    /// The socket on that machine.
    pub socket: String,
}

impl Address {
    /// The address that a choice leads to.
    ///
    /// # Errors
    /// [`Fault::Misconfigured`] in words for the operator.
    pub fn find(choice: &DockerChoice) -> Result<Self, Fault> {
        let certificates = choice.certificates.clone();
        if let Some(host) = &choice.host {
            let tls = certificates.map(|folder| Certificates {
                folder: Some(folder),
                unchecked: false,
            });
            return Self::parse(host, tls);
        }
        let known = contexts::contexts();
        if let Some(name) = choice.context.as_deref().filter(|name| *name != "default") {
            let context = known.iter().find(|context| context.name == name);
            let context = context.ok_or_else(|| unknown(name, &known))?;
            return Self::of_context(context);
        }
        if let Some(host) = variable("DOCKER_HOST") {
            return Self::parse(&host, of_environment());
        }
        let current = contexts::current().filter(|_| choice.context.is_none());
        match current {
            Some(name) => {
                let context = known.iter().find(|context| context.name == name);
                Self::of_context(context.ok_or_else(|| unknown(&name, &known))?)
            }
            None => Ok(Self::Unix(
                socket().unwrap_or_else(|| PathBuf::from(DEFAULT_SOCKET)),
            )),
        }
    }

    fn of_context(context: &DockerContext) -> Result<Self, Fault> {
        let tls = context.certificates.clone();
        Self::parse(&context.host, tls)
    }

    /// Reads an address.
    ///
    /// # Errors
    /// [`Fault::Misconfigured`] in words for the operator.
    pub fn parse(text: &str, tls: Option<Certificates>) -> Result<Self, Fault> {
        let wrong = |words: &str| Err(Fault::Misconfigured(format!("Docker host {text}: {words}")));
        let Some((scheme, rest)) = text.split_once("://") else {
            return wrong("it begins with unix://, tcp:// or ssh://");
        };
        match scheme {
            "unix" if rest.starts_with('/') => Ok(Self::Unix(PathBuf::from(rest))),
            "unix" => wrong("a socket is a path that begins with /"),
            "tcp" | "http" | "https" => {
                let authority = rest.split('/').next().unwrap_or_default();
                let tls = tls.or_else(|| (scheme == "https").then(Certificates::default));
                let usual = if tls.is_some() { TLS_PORT } else { PLAIN_PORT };
                match host_and_port(authority) {
                    Some((host, port)) => Ok(Self::Tcp {
                        host,
                        port: port.unwrap_or(usual),
                        tls,
                    }),
                    None => wrong("expected HOST:PORT"),
                }
            }
            "ssh" => {
                let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
                let (user, authority) = match authority.rsplit_once('@') {
                    Some((user, authority)) => (Some(user.to_owned()), authority),
                    None => (None, authority),
                };
                let Some((host, port)) = host_and_port(authority) else {
                    return wrong("expected ssh://USER@HOST");
                };
                // Either could be taken for an option of ssh.
                let dashed = |word: &str| word.starts_with('-');
                if dashed(&host) || user.as_deref().is_some_and(dashed) {
                    return wrong("neither user nor host begins with a dash");
                }
                Ok(Self::Ssh(Remote {
                    user,
                    host,
                    port,
                    socket: if path.is_empty() {
                        DEFAULT_SOCKET.to_owned()
                    } else {
                        format!("/{path}")
                    },
                }))
            }
            "npipe" => wrong("named pipes are Windows'"),
            _ => wrong("only unix, tcp and ssh are known"),
        }
    }

    /// A short name for the screen: the machine's.
    pub fn name(&self) -> &str {
        match self {
            Self::Unix(_) => "docker",
            Self::Tcp { host, .. } | Self::Ssh(Remote { host, .. }) => host,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp { host, port, .. } => write!(f, "tcp://{host}:{port}"),
            Self::Ssh(remote) => {
                f.write_str("ssh://")?;
                if let Some(user) = &remote.user {
                    write!(f, "{user}@")?;
                }
                f.write_str(&remote.host)?;
                match remote.port {
                    Some(port) => write!(f, ":{port}"),
                    None => Ok(()),
                }
            }
        }
    }
}

/// Whether there is a daemon to be found without being told: an address in the environment, a context, or a socket.
pub fn there_is_one() -> bool {
    variable("DOCKER_HOST").is_some() || contexts::current().is_some() || socket().is_some()
}

/// What the environment says of TLS.
fn of_environment() -> Option<Certificates> {
    variable("DOCKER_TLS_VERIFY")?;
    let folder = variable("DOCKER_CERT_PATH").map(PathBuf::from);
    Some(Certificates {
        folder: folder.or_else(contexts::folder),
        unchecked: false,
    })
}

/// The first socket that is there: the system's, the user's own daemon, Podman's.
fn socket() -> Option<PathBuf> {
    let home = variable("HOME").map(PathBuf::from);
    let runtime = variable("XDG_RUNTIME_DIR").map(PathBuf::from);
    let under = |folder: &Option<PathBuf>, path: &str| folder.as_ref().map(|it| it.join(path));
    let container_host = variable("CONTAINER_HOST");
    let podman = container_host.as_deref().and_then(|host| {
        host.strip_prefix("unix://")
            .map(|path| Path::new(path).to_owned())
    });
    [
        Some(PathBuf::from(DEFAULT_SOCKET)),
        under(&runtime, "docker.sock"),
        under(&home, ".docker/run/docker.sock"),
        under(&home, ".docker/desktop/docker.sock"),
        under(&home, ".colima/default/docker.sock"),
        podman,
        under(&runtime, "podman/podman.sock"),
        Some(PathBuf::from("/run/podman/podman.sock")),
    ]
    .into_iter()
    .flatten()
    .find(|path| path.exists())
}

pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn host_and_port(authority: &str) -> Option<(String, Option<u16>)> {
    let (host, port) = match authority.rfind(':') {
        // The colons of an IPv6 address stand in brackets.
        Some(at) if !authority.ends_with(']') => authority.split_at_checked(at)?,
        _ => (authority, ""),
    };
    let port = match port.strip_prefix(':') {
        Some(port) => Some(port.parse().ok()?),
        None => None,
    };
    let strange =
        |c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '[' | ']' | ':' | '%'));
    (!host.is_empty() && !host.contains(strange)).then(|| (host.to_owned(), port))
}

fn unknown(name: &str, known: &[DockerContext]) -> Fault {
    let names: Vec<&str> = known.iter().map(|context| context.name.as_str()).collect();
    let there = if names.is_empty() {
        "there is none but default".to_owned()
    } else {
        format!("there are {}", names.join(", "))
    };
    Fault::Misconfigured(format!("no Docker context is called \"{name}\": {there}"))
}
