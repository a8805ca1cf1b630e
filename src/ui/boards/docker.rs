//! Docker's containers, from a cAdvisor that runs beside them.

use super::{Builder, Ground, Panel};
use crate::model::{Health, Unit};

pub(super) const DOCKER: Builder = Builder {
    name: "docker",
    title: "Docker",
    doc: "CPU, memory and network of Docker's containers by name",
    build,
};

/// Containers that have a name and belong to no pod.
const OURS: &str = "name!=\"\",pod=\"\"";
const LEGEND: &str = "{{name}}";

fn build(ground: &Ground<'_>) -> Result<Vec<Panel>, String> {
    let named = ground
        .known
        .label("container_cpu_usage_seconds_total", &["name"]);
    if named.is_none() {
        return Err(
            "A cAdvisor beside Docker is missing: no container has a name without a pod."
                .to_owned(),
        );
    }
    Ok(panels(OURS))
}

/// CPU, memory and network of the containers that matchers choose.
pub(super) fn panels(matchers: &str) -> Vec<Panel> {
    let of = |family: &str| Ground::plain(family, matchers);
    let memory = of("container_memory_working_set_bytes");
    let limit = of("container_spec_memory_limit_bytes");
    let rate = |family: &str| format!("sum by (name) (rate({}[$__rate_interval]))", of(family));
    vec![
        Panel::new(
            "CPU",
            Unit::Cores,
            rate("container_cpu_usage_seconds_total"),
            LEGEND,
        ),
        Panel::new(
            "Memory",
            Unit::Bytes,
            format!("max by (name) ({memory})"),
            LEGEND,
        ),
        Panel::new(
            "Memory of its limit",
            Unit::Ratio,
            format!("max by (name) ({memory}) / (max by (name) ({limit}) > 0)"),
            LEGEND,
        )
        .above(0.85, Health::Warn)
        .note("Containers without a limit are not here."),
        Panel::new(
            "Network in",
            Unit::BytesPerSecond,
            rate("container_network_receive_bytes_total"),
            LEGEND,
        ),
        Panel::new(
            "Network out",
            Unit::BytesPerSecond,
            rate("container_network_transmit_bytes_total"),
            LEGEND,
        ),
    ]
}
