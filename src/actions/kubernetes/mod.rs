//! The actions on Kubernetes objects, one a file, and what their plans share.

pub mod autoscaler;
pub mod lasting;
pub mod references;
pub mod restart;
pub mod scale;
pub mod template;
pub mod trouble;
