//! A HorizontalPodAutoscaler, with the truth about why it does not scale.

use super::{Health, Meta, Moment, Name, Text};

/// An autoscaler.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hpa {
    pub meta: Meta,
    /// `Deployment`
    pub target_kind: Name,
    pub target_name: Name,
    pub min: u32,
    pub max: u32,
    pub current: u32,
    pub desired: u32,
    pub last_scale: Option<Moment>,
    pub metrics: Vec<HpaMetric>,
    pub health: Health,
    /// `Scaling`, `Steady`, `At maximum`, `At minimum`, `Blind`, `Off`, …
    pub status: Name,
    /// One line that says why it is not scaling, from its conditions.
    pub why: Option<Text>,
}

/// One metric of an autoscaler.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HpaMetric {
    /// `cpu`, `memory`, or the metric's own name.
    pub name: Name,
    /// Current over target as a share: 1.0 is on target. None while unknown.
    pub share: Option<f64>,
    /// `96`, `1.2k`; empty while unknown.
    pub current: Text,
    /// `70 %`, `200m`
    pub target: Text,
}
