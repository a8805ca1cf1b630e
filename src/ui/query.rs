//! What a pane asks of its view: scope, filter, order.

use crate::model::{EndpointId, Labels, Name, Uid};
use crate::ui::filter::Filter;

/// What a pane asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// Empty: all namespaces.
    pub namespaces: Vec<Name>,
    /// Endpoints that the namespaces do not narrow.
    pub everywhere: Vec<EndpointId>,
    /// Empty: all endpoints.
    pub endpoints: Vec<EndpointId>,
    pub filter: Filter,
    /// None: health first, then namespace and name.
    pub sort: Option<Sort>,
    /// Only what belongs to a row of another view.
    pub within: Option<Within>,
    /// Only rows that are not well.
    pub faults_only: bool,
}

/// An order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sort {
    /// The column's key.
    pub column: String,
    pub descending: bool,
}

/// What a view is narrowed to.
#[derive(Clone, Debug, PartialEq)]
pub enum Within {
    /// Objects that an owner controls, directly or through what it controls: a Deployment's pods.
    Owner {
        endpoint: EndpointId,
        uid: Uid,
        namespace: Name,
        selector: Labels,
    },
    /// Objects that labels choose: a Service's pods.
    Selector {
        endpoint: EndpointId,
        namespace: Name,
        selector: Labels,
    },
    Node {
        endpoint: EndpointId,
        node: Name,
    },
    /// Events about an object.
    About {
        endpoint: EndpointId,
        uid: Uid,
    },
    /// Alerts of a name that are folded behind one of them.
    Alerts {
        name: Name,
    },
    /// The containers of a pod.
    Pod {
        endpoint: EndpointId,
        uid: Uid,
    },
}
