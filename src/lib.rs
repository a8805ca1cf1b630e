//! quarterdeck: one terminal dashboard over Kubernetes, Docker and Prometheus.

pub mod demo;
