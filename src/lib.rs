//! quarterdeck: one terminal dashboard over Kubernetes, Docker and Prometheus.

pub mod app;
pub mod cli;
pub mod clients;
pub mod config;
pub mod demo;
pub mod model;
pub mod sources;
pub mod store;
pub mod terminal;
pub mod ui;
