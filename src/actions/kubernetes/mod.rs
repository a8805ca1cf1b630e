//! The actions on Kubernetes objects, one a file, and what their plans share.

pub mod autoscaler;
pub mod bounds;
pub mod delete;
pub mod lasting;
pub mod node;
pub mod pause;
pub mod references;
pub mod restart;
pub mod revisions;
pub mod rollback;
pub mod scale;
pub mod set;
pub mod template;
pub mod trigger;
pub mod trouble;
