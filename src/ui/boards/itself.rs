//! Prometheus itself: who watches the watcher.

use super::{Builder, Form, Ground, Panel};
use crate::model::{Health, Unit};

pub(super) const PROMETHEUS: Builder = Builder {
    name: "prometheus",
    title: "Prometheus",
    doc: "Targets that are up, scrapes, rules that fail, and what the server itself uses",
    build,
};

fn build(ground: &Ground<'_>) -> Result<Vec<Panel>, String> {
    if !ground.has("up") {
        return Err("Nothing is scraped here: no up.".to_owned());
    }
    let mut panels = vec![
        Panel::new(
            "Targets down",
            Unit::Number,
            "count by (job) (up == 0)".to_owned(),
            "{{job}}",
        )
        .form(Form::Bars)
        .above(0.0, Health::Bad)
        .note("Empty is good: every target answers."),
        Panel::new(
            "Targets up",
            Unit::Number,
            "sum by (job) (up)".to_owned(),
            "{{job}}",
        ),
        Panel::new(
            "Time to scrape",
            Unit::Seconds,
            "max by (job) (scrape_duration_seconds)".to_owned(),
            "{{job}}",
        ),
    ];
    if ground.has("prometheus_tsdb_head_series") {
        panels.push(Panel::new(
            "Series in memory",
            Unit::Number,
            "prometheus_tsdb_head_series".to_owned(),
            "{{instance}}",
        ));
        panels.push(Panel::new(
            "Samples taken in",
            Unit::PerSecond,
            "rate(prometheus_tsdb_head_samples_appended_total[$__rate_interval])".to_owned(),
            "{{instance}} {{type}}",
        ));
    }
    if ground.has("prometheus_rule_evaluation_failures_total") {
        panels.push(
            Panel::new(
                "Rules that fail",
                Unit::PerSecond,
                "sum by (rule_group) (rate(prometheus_rule_evaluation_failures_total[$__rate_interval])) > 0".to_owned(),
                "{{rule_group}}",
            )
            .form(Form::Table)
            .above(0.0, Health::Bad)
            .note("Empty is good: no rule fails."),
        );
    }
    Ok(panels)
}
