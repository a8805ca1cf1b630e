//! The vocabulary of quarterdeck: plain data that every layer shares.
//!
//! Sources make these values, the store keeps them, views show them and actions aim at them. Nothing here does I/O,
//! reads a clock or knows a terminal. Text from outside is sanitised when it becomes [`Text`] or [`Name`], so
//! whatever holds one is safe to draw.

mod alert;
mod change;
mod container;
mod context;
mod demand;
mod docker;
mod document;
mod endpoint;
mod event;
mod health;
mod hpa;
mod id;
mod kind;
mod log;
mod meta;
mod metric;
mod node;
mod pod;
mod quantity;
mod resource;
mod silence;
mod status;
mod text;
mod unit;
mod usage;
mod workload;

pub use alert::{AlertReport, AlertState, Limit, Rule, ScrapeTarget, Severity, fingerprint};
pub use change::{Batch, Change, Feed, Row, Scope, Topic};
pub use container::{Container, ContainerRole};
pub use context::Context;
pub use demand::{Demand, Want};
pub use docker::{DockerContainer, Healthcheck};
pub use document::{Document, Fact, Related, Section};
pub use endpoint::{Endpoint, Engine, Environment};
pub use event::{Event, Involved};
pub use health::Health;
pub use hpa::{Hpa, HpaMetric};
pub use id::{EndpointId, Key, Target, Uid};
pub use kind::{CustomKind, Kind, KindInfo};
pub use log::{
    LogBatch, LogBlock, LogChange, LogCounts, LogFlags, LogLevel, LogLine, LogMark, LogMarkKind,
    LogPast, LogReading, LogSince, LogState, LogStream, LogTarget, LogWant,
};
pub use meta::{Labels, Meta, Moment, Owner};
pub use metric::{Ask, MetricAnswer, MetricQuery, Point, Replied, Series};
pub use node::Node;
pub use pod::Pod;
pub use quantity::{Allotment, Quantity};
pub use resource::{ColumnInfo, Resource, Value, columns};
pub use silence::{Match, Matcher, Matchers, Silence, SilenceState};
pub use status::SourceStatus;
pub use text::{Name, Text};
pub use unit::Unit;
pub use usage::{Traffic, Usage};
pub use workload::{Rollout, Schedule, Workload, WorkloadKind};
