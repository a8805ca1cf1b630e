//! Kubernetes as a source.
