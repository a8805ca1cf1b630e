//! Machines: CPU, memory, disk and when it will be full, network. From the node exporter.

use super::{Builder, Form, Ground, Panel};
use crate::model::{Health, Unit};

pub(super) const NODES: Builder = Builder {
    name: "nodes",
    title: "Nodes",
    doc: "CPU, memory, disk with the time until it is full, and network by machine",
    build,
};

/// File systems that hold nothing of their own.
const FILES: &str = "fstype!~\"tmpfs|overlay|squashfs|ramfs|nsfs|devtmpfs|fuse.*\"";
const LEGEND: &str = "{{instance}}";

/// The panels of all machines, or of the one that matchers choose.
pub(super) fn panels(ground: &Ground<'_>, matchers: &str) -> Vec<Panel> {
    let and = |more: &str| {
        [more, matchers]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(",")
    };
    let of = |family: &str, more: &str| Ground::plain(family, &and(more));
    let mut panels = vec![
        Panel::new(
            "CPU",
            Unit::Ratio,
            format!(
                "1 - avg by (instance) (rate({}[$__rate_interval]))",
                of("node_cpu_seconds_total", "mode=\"idle\"")
            ),
            LEGEND,
        )
        .above(0.8, Health::Warn),
    ];
    if ground.has("node_memory_MemAvailable_bytes") {
        let promql = format!(
            "1 - {} / {}",
            of("node_memory_MemAvailable_bytes", ""),
            of("node_memory_MemTotal_bytes", "")
        );
        panels.push(Panel::new("Memory", Unit::Ratio, promql, LEGEND).above(0.85, Health::Warn));
    }
    if ground.has("node_load1") {
        let promql = format!(
            "{} / on (instance) count by (instance) ({})",
            of("node_load1", ""),
            of("node_cpu_seconds_total", "mode=\"idle\"")
        );
        let panel =
            Panel::new("Load by core", Unit::Number, promql, LEGEND).above(1.0, Health::Warn);
        panels.push(panel);
    }
    if ground.has("node_filesystem_avail_bytes") {
        // A device that is mounted in several places is one disk.
        let by = "max by (instance, device)";
        let (free, size) = (
            of("node_filesystem_avail_bytes", FILES),
            of("node_filesystem_size_bytes", FILES),
        );
        let used = format!("1 - {by} ({free}) / {by} ({size})");
        let legend = "{{device}} of {{instance}}";
        panels.push(
            Panel::new("Disk used", Unit::Ratio, used, legend)
                .above(0.85, Health::Warn)
                .above(0.95, Health::Bad),
        );
        // Only where it shrinks: everything else is never full.
        let shrinks = format!("-(deriv({free}[1h]) < 0)");
        let until = format!("{by} ({free} / {shrinks}) < 30 * 86400");
        panels.push(
            Panel::new("Time until a disk is full", Unit::Seconds, until, legend)
                .below(86_400.0, Health::Warn)
                .below(4.0 * 3600.0, Health::Bad)
                .form(Form::Table)
                .note("As the last hour went. Empty: none will be full within 30 days."),
        );
    }
    for (title, family) in [
        ("Network in", "node_network_receive_bytes_total"),
        ("Network out", "node_network_transmit_bytes_total"),
    ] {
        if ground.has(family) {
            let selector = of(family, "device!~\"lo|veth.*|cni.*|docker.*|br-.*\"");
            let promql = format!("sum by (instance) (rate({selector}[$__rate_interval]))");
            panels.push(Panel::new(title, Unit::BytesPerSecond, promql, LEGEND));
        }
    }
    panels
}

fn build(ground: &Ground<'_>) -> Result<Vec<Panel>, String> {
    if !ground.has("node_cpu_seconds_total") {
        return Err("The node exporter is missing: no node_cpu_seconds_total.".to_owned());
    }
    Ok(panels(ground, ""))
}
