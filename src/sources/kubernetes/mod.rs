//! Kubernetes as a source.

pub mod listwatch;
