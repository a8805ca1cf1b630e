//! When an action is done: what has to be seen, and of what. The follow reads it and says how far it is.

use serde_json::Value;

use crate::model::Target;

/// What has to be seen before an action counts as done.
#[derive(Clone, Debug, PartialEq)]
pub enum Goal {
    /// The server's answer says it all.
    Accepted,
    /// All pods run the template that was set, and are available.
    Rollout { target: Target },
    /// So many pods are wanted and ready.
    Replicas { target: Target, wanted: u32 },
    /// The field has this value and the controller has seen it.
    Field {
        target: Target,
        pointer: String,
        value: Value,
    },
    /// The object is gone, and the owner of a pod has as many ready pods as it wants.
    Gone {
        target: Target,
        uid: String,
        owner: Option<Target>,
    },
    /// The Job has ended.
    Job { target: Target },
    /// These pods have left the node.
    Drained {
        node: Target,
        pods: Vec<(Target, String)>,
    },
}
