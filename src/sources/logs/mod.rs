//! Log lines from where they are kept: pods, containers, Loki, Elasticsearch.
//!
//! Each engine has a folder or file whose `run` serves the readings of [`crate::model::Demand::logs`] for one endpoint.
//! What they share is pure: [`line`], [`records`] and [`frames`] turn bytes into lines, [`known`] goes on after a broken
//! connection without losing or repeating one, [`older`] reaches back. What must stay true: a line is told exactly once,
//! or the stream says that one may be missing.

pub mod docker;
pub mod frames;
pub mod known;
pub mod kubernetes;
pub mod line;
pub mod loki;
pub mod older;
pub mod out;
pub mod past;
pub mod readings;
pub mod records;
pub mod session;
pub mod stamp;
