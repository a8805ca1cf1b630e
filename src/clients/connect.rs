//! From a choice of context to a client: kubeconfig, proxy, TLS, credentials, and getting new ones when they expire.
//!
//! Sources call [`connect`] once an endpoint; its [`Link`] lives in every `Reader`. A link is renewed when its
//! credentials near their end, or once when the server says 401, and then reaches every stream's next request.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use http::Uri;
use jiff::{SignedDuration, Timestamp};
use kube::Config;
use kube::config::{AuthInfo, Cluster};
use tokio::sync::{Mutex, watch};
use tokio::time::Instant;

use super::exec;
use super::fault::Fault;
use super::kube::Reader;
use super::kubeconfig::{self, Picked};
use super::proxy;
use super::write::{MayWrite, Writer};
use crate::config::KubernetesEndpoint;

const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// Credentials are renewed this long before they expire.
const EARLIER: SignedDuration = SignedDuration::from_secs(60);
/// After a renewal, a server that says 401 again is believed for this long.
const RENEW_EVERY: Duration = Duration::from_mins(1);

/// Which cluster to open, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KubeChoice {
    /// Instead of `KUBECONFIG` and `~/.kube/config`.
    pub kubeconfig: Option<PathBuf>,
    /// None: the current one.
    pub context: Option<String>,
    /// A plain server without credentials, instead of any kubeconfig.
    pub server: Option<String>,
    /// Instead of the context's namespace.
    pub namespace: Option<String>,
    /// Namespaces to look into where listing all is not permitted.
    pub namespaces: Vec<String>,
}

impl From<&KubernetesEndpoint> for KubeChoice {
    fn from(endpoint: &KubernetesEndpoint) -> Self {
        Self {
            kubeconfig: endpoint.kubeconfig.clone(),
            context: endpoint.context.clone(),
            server: endpoint.server.clone(),
            namespace: Some(endpoint.namespace.clone()).filter(|name| !name.is_empty()),
            namespaces: endpoint.namespaces.clone(),
        }
    }
}

/// What is known of a connection before the server was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    pub context: String,
    pub cluster: String,
    pub server: String,
    /// The kubeconfig's name for the user.
    pub user: String,
    /// Empty when the context names none.
    pub namespace: String,
    /// The server's certificate is not checked.
    pub insecure: bool,
}

/// An open connection.
pub struct Connection {
    pub reader: Reader,
    pub facts: Facts,
    link: Arc<Link>,
}

impl Connection {
    /// The writing side, for who may write.
    pub fn writer(&self, permitted: &MayWrite) -> Writer {
        Writer::over(Arc::clone(&self.link), permitted)
    }
}

/// Opens a connection. No request is sent; an exec plugin is run if the context has one.
///
/// # Errors
/// [`Fault::Misconfigured`] for the kubeconfig, [`Fault::Unauthorized`] for a plugin that gives no credentials.
pub async fn connect(choice: &KubeChoice) -> Result<Connection, Fault> {
    let recipe = Recipe::new(choice)?;
    let facts = recipe.facts.clone();
    let current = recipe.build().await?;
    let near = is_near(&current.server);
    let link = Arc::new(Link {
        current: watch::Sender::new(current),
        renewing: Mutex::new(Renewing {
            recipe,
            choice: choice.clone(),
            last: None,
        }),
    });
    let reader = Reader::over(Arc::clone(&link));
    Ok(Connection {
        reader: if near { reader.nearby() } else { reader },
        facts,
        link,
    })
}

/// Whether a server is on this machine.
fn is_near(server: &http::Uri) -> bool {
    let host = server.host().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// The client of an endpoint, and how to get its successor.
pub(super) struct Link {
    current: watch::Sender<Current>,
    renewing: Mutex<Renewing>,
}

/// A client and how long it is good for.
#[derive(Clone)]
pub(super) struct Current {
    pub(super) client: kube::Client,
    pub(super) server: Uri,
    pub(super) proxied: bool,
    generation: u32,
    expires: Option<Timestamp>,
}

struct Renewing {
    recipe: Recipe,
    choice: KubeChoice,
    last: Option<Instant>,
}

impl Link {
    /// The client to send the next request with; renewed first if its credentials are about to expire.
    pub(super) async fn client(&self) -> Result<Current, Fault> {
        let current = self.current.borrow().clone();
        let expiring = |expires: Timestamp| Timestamp::now() + EARLIER >= expires;
        if !current.expires.is_some_and(expiring) {
            return Ok(current);
        }
        match self.renew(&current).await {
            Ok(Some(renewed)) => Ok(renewed),
            // Still good for a moment, or at least the server can say so itself.
            Ok(None) => Ok(current),
            Err(fault)
                if current
                    .expires
                    .is_some_and(|expires| Timestamp::now() < expires) =>
            {
                tracing::warn!("credentials not renewed yet: {fault}");
                Ok(current)
            }
            Err(fault) => Err(fault),
        }
    }

    /// Gets a successor for a client whose credentials no longer do; none if there was one a moment ago and it does
    /// not do either.
    pub(super) async fn renew(&self, failed: &Current) -> Result<Option<Current>, Fault> {
        let mut renewing = self.renewing.lock().await;
        let current = self.current.borrow().clone();
        if current.generation != failed.generation {
            return Ok(Some(current));
        }
        if renewing
            .last
            .is_some_and(|last| last.elapsed() < RENEW_EVERY)
        {
            return Ok(None);
        }
        renewing.last = Some(Instant::now());
        // A login tool may have written new credentials into the kubeconfig. It must stay the same server, or rows of
        // one cluster would be shown as another's.
        if let Ok(recipe) = Recipe::new(&renewing.choice)
            && recipe.facts.server == renewing.recipe.facts.server
        {
            renewing.recipe = recipe;
        }
        let mut renewed = renewing.recipe.build().await?;
        renewed.generation = current.generation.wrapping_add(1);
        self.current.send_replace(renewed.clone());
        Ok(Some(renewed))
    }
}

/// All that it takes to build a client.
struct Recipe {
    facts: Facts,
    cluster: Cluster,
    user: AuthInfo,
    server: Uri,
    proxy: Option<Uri>,
    in_cluster: bool,
}

impl Recipe {
    fn new(choice: &KubeChoice) -> Result<Self, Fault> {
        let picked = if let Some(server) = &choice.server {
            Picked {
                context: server.clone(),
                cluster_name: server.clone(),
                cluster: Cluster {
                    server: Some(server.clone()),
                    ..Cluster::default()
                },
                user_name: String::new(),
                user: AuthInfo::default(),
                namespace: String::new(),
            }
        } else {
            let found = kubeconfig::read(choice.kubeconfig.as_deref());
            match found {
                Ok(found) => found
                    .pick(choice.context.as_deref())
                    .map_err(misconfigured)?,
                Err(_) if choice.kubeconfig.is_none() && kubeconfig::in_cluster() => {
                    return Self::in_cluster(choice);
                }
                Err(problem) => return Err(misconfigured(problem)),
            }
        };
        let name = &picked.cluster_name;
        let address = picked.cluster.server.as_deref().unwrap_or_default();
        let server = address.parse::<Uri>().ok().filter(|uri| {
            uri.host().is_some() && matches!(uri.scheme_str(), Some("http" | "https"))
        });
        let server = server.ok_or_else(|| {
            let problem = if address.is_empty() {
                "is missing"
            } else {
                "is not an http or https URL"
            };
            Fault::Misconfigured(format!("clusters[{name}].cluster.server {problem}"))
        })?;
        let proxy = proxy::choose(picked.cluster.proxy_url.as_deref(), &server)
            .map_err(Fault::Misconfigured)?;
        let facts = Facts {
            context: picked.context,
            cluster: picked.cluster_name,
            server: address.to_owned(),
            user: picked.user_name,
            namespace: choice.namespace.clone().unwrap_or(picked.namespace),
            insecure: picked.cluster.insecure_skip_tls_verify == Some(true),
        };
        Ok(Self {
            facts,
            cluster: picked.cluster,
            user: picked.user,
            server,
            proxy,
            in_cluster: false,
        })
    }

    fn in_cluster(choice: &KubeChoice) -> Result<Self, Fault> {
        let config =
            Config::incluster().map_err(|error| Fault::Misconfigured(error.to_string()))?;
        Ok(Self {
            facts: Facts {
                context: "in-cluster".to_owned(),
                cluster: "in-cluster".to_owned(),
                server: config.cluster_url.to_string(),
                user: "the pod's service account".to_owned(),
                namespace: choice.namespace.clone().unwrap_or(config.default_namespace),
                insecure: false,
            },
            cluster: Cluster::default(),
            user: AuthInfo::default(),
            server: config.cluster_url,
            proxy: None,
            in_cluster: true,
        })
    }

    /// Builds the client, running the exec plugin if there is one.
    async fn build(&self) -> Result<Current, Fault> {
        let mut expires = None;
        let mut config = if self.in_cluster {
            Config::incluster().map_err(|error| Fault::Misconfigured(error.to_string()))?
        } else {
            let mut config = Config::new(self.server.clone());
            config.root_cert = self.authorities()?;
            config.accept_invalid_certs = self.facts.insecure;
            config
                .tls_server_name
                .clone_from(&self.cluster.tls_server_name);
            config.proxy_url.clone_from(&self.proxy);
            config.auth_info = self.user.clone();
            config
        };
        if let Some(plugin) = config.auth_info.exec.take() {
            let credential = exec::run(&plugin, &self.cluster, exec::DEADLINE).await?;
            expires = credential.expires;
            if let Some((certificate, key)) = credential.certificate {
                let base64 = base64::engine::general_purpose::STANDARD;
                config.auth_info.client_certificate_data = Some(base64.encode(certificate));
                config.auth_info.client_key_data = Some(base64.encode(key).into());
            }
            if let Some(token) = credential.token {
                config.auth_info.token = Some(token.into());
            }
        }
        config.default_namespace.clone_from(&self.facts.namespace);
        config.connect_timeout = Some(CONNECT_WITHIN);
        config.read_timeout = None;
        config.write_timeout = Some(Duration::from_secs(30));
        config.default_retry = false;
        // Compressing on the way to the same machine costs both sides and saves nobody.
        config.disable_compression = self.cluster.disable_compression == Some(true)
            || (self.proxy.is_none() && proxy::is_local(&self.server));
        let client = kube::Client::try_from(config).map_err(|error| self.unusable(&error))?;
        Ok(Current {
            client,
            server: self.server.clone(),
            proxied: self.proxy.is_some(),
            generation: 0,
            expires,
        })
    }

    /// Why no client can be built: nearly always a certificate, a key or a file that the user's entry names.
    fn unusable(&self, error: &kube::Error) -> Fault {
        let fault = Fault::of_connection(error, &self.server, false);
        let Fault::Unreachable(words) = fault else {
            return fault;
        };
        let authority = self
            .server
            .authority()
            .map_or("", http::uri::Authority::as_str);
        let words = words
            .strip_prefix(&format!("{authority}: "))
            .unwrap_or(&words);
        let user = &self.facts.user;
        let file = match error {
            kube::Error::InferKubeconfig(error) => error.to_string(),
            _ => words.to_owned(),
        };
        Fault::Misconfigured(format!("users[{user}]: {file}"))
    }

    /// The authorities that the cluster's entry trusts (DER); none means the system's.
    fn authorities(&self) -> Result<Option<Vec<Vec<u8>>>, Fault> {
        let name = &self.facts.cluster;
        let wrong = |key: &str, words: &str| {
            Fault::Misconfigured(format!("clusters[{name}].cluster.{key}: {words}"))
        };
        let (key, pem) = if let Some(data) = &self.cluster.certificate_authority_data {
            let key = "certificate-authority-data";
            (key, decode(data).ok_or_else(|| wrong(key, "not base64"))?)
        } else if let Some(path) = &self.cluster.certificate_authority {
            let key = "certificate-authority";
            let file = std::fs::read(path);
            (
                key,
                file.map_err(|error| wrong(key, &format!("{path}: {error}")))?,
            )
        } else {
            return Ok(None);
        };
        match certificates(&String::from_utf8_lossy(&pem)) {
            Some(list) if !list.is_empty() => Ok(Some(list)),
            _ => Err(wrong(key, "holds no PEM certificate")),
        }
    }
}

#[allow(
    clippy::needless_pass_by_value,
    reason = "the shape that map_err wants"
)]
fn misconfigured(problem: kubeconfig::KubeconfigProblem) -> Fault {
    Fault::Misconfigured(problem.to_string())
}

/// Base64, with line breaks allowed.
fn decode(text: &str) -> Option<Vec<u8>> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

/// The certificates of a PEM file as DER; none if one is broken.
fn certificates(pem: &str) -> Option<Vec<Vec<u8>>> {
    pem.split("-----BEGIN CERTIFICATE-----")
        .skip(1)
        .map(|rest| decode(rest.split("-----END CERTIFICATE-----").next()?))
        .collect()
}
