//! A context of the kubeconfig: a cluster that could be opened.

use super::{EndpointId, Name};

/// A context, and the endpoint that it is open as.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Context {
    pub name: Name,
    pub cluster: Name,
    /// The API server's address.
    pub server: Name,
    pub user: Name,
    pub namespace: Name,
    /// The kubeconfig's own choice.
    pub current: bool,
    /// Set while it is open.
    pub endpoint: Option<EndpointId>,
}
