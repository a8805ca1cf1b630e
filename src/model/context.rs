//! A context of the kubeconfig or of the docker command: what could be opened.

use super::{EndpointId, Engine, Name};

/// A context, and the endpoint that it is open as.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Context {
    pub engine: Engine,
    pub name: Name,
    pub cluster: Name,
    /// The API server's or the daemon's address.
    pub server: Name,
    pub user: Name,
    pub namespace: Name,
    /// What kubectl or docker would use.
    pub current: bool,
    /// Set while it is open.
    pub endpoint: Option<EndpointId>,
}
