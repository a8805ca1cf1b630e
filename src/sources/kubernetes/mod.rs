//! Kubernetes as a source.

pub mod listwatch;
pub mod wire;
