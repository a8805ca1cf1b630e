//! Connections, built once from the configuration. Reading and writing clients are different types, and only reading
//! ones exist in a read-only run.

pub mod clock;
pub mod connect;
pub mod docker;
pub mod exec;
pub mod fault;
pub mod http;
pub mod kube;
pub mod kubeconfig;
mod proxy;
pub mod secret;
mod status;
pub mod write;
