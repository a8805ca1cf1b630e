//! Nodes: what they are, what they have, what they keep away.

use serde_json::Value;

use super::parts;
use super::pod::span;
use super::sheet::Sheet;
use crate::model::{Health, Moment, Quantity};
use crate::sources::kubernetes::json::{list, pairs, plain, said, word, yes};

pub(super) fn describe(sheet: &mut Sheet, node: &Value, now: Moment) {
    if yes(node, "/spec/unschedulable") {
        sheet.flag("Cordoned", "no new pods are placed here", Health::Warn);
    }
    let ready = list(node, "/status/conditions")
        .iter()
        .find(|condition| word(condition, "/type") == "Ready");
    if let Some(ready) = ready
        && word(ready, "/status") != "True"
    {
        let heard = Moment::parse(word(ready, "/lastHeartbeatTime"));
        let silent = heard
            .map(|heard| format!(", last heard {} ago", span(heard.age(now))))
            .unwrap_or_default();
        sheet.flag(
            "Not ready",
            format!("{}{silent}", word(ready, "/message")),
            Health::Bad,
        );
    }
    let roles: Vec<_> = pairs(node, "/metadata/labels")
        .filter_map(|(key, _)| key.strip_prefix("node-role.kubernetes.io/"))
        .collect();
    sheet.fact("Roles", roles.join(", "));
    for address in list(node, "/status/addresses") {
        sheet.fact(word(address, "/type"), word(address, "/address"));
    }
    sheet.fact("Pod network", parts::joined(node, "/spec/podCIDRs"));
    sheet.fact("Provider id", word(node, "/spec/providerID"));
    sheet.lines("Taints", list(node, "/spec/taints").iter().map(taint));
    sheet.section("Capacity");
    for (name, capacity) in pairs(node, "/status/capacity") {
        let capacity = plain(capacity);
        let allocatable = node
            .pointer("/status/allocatable")
            .and_then(|amounts| amounts.get(name))
            .map(plain)
            .unwrap_or_default();
        let (capacity, allocatable) = (amount(name, &capacity), amount(name, &allocatable));
        sheet.fact(
            name,
            if capacity == allocatable || allocatable.is_empty() {
                capacity
            } else {
                format!("{allocatable} for pods of {capacity}")
            },
        );
    }
    sheet.section("System");
    for (key, label) in [
        ("osImage", "System"),
        ("kernelVersion", "Kernel"),
        ("containerRuntimeVersion", "Runtime"),
        ("kubeletVersion", "Kubelet"),
        ("architecture", "Architecture"),
        ("bootID", "Boot id"),
        ("machineID", "Machine id"),
    ] {
        sheet.fact(label, word(node, &format!("/status/nodeInfo/{key}")));
    }
    let images = list(node, "/status/images");
    let bytes: u64 = images
        .iter()
        .filter_map(|image| image.get("sizeBytes")?.as_u64())
        .sum();
    if !images.is_empty() {
        sheet.fact(
            "Images",
            format!("{} known, {}", images.len(), bytes_text(bytes)),
        );
    }
    sheet.lines(
        "Volumes in use",
        super::super::json::words(node, "/status/volumesInUse"),
    );
}

fn taint(taint: &Value) -> String {
    let value = said(taint, "/value");
    let value = if value.is_empty() {
        String::new()
    } else {
        format!("={value}")
    };
    format!("{}{value}:{}", word(taint, "/key"), word(taint, "/effect"))
}

/// Memory in a readable unit; all else as the server writes it.
fn amount(name: &str, amount: &str) -> String {
    let bytes = name == "memory" || name == "ephemeral-storage" || name.starts_with("hugepages");
    match Quantity::parse(amount) {
        Some(quantity) if bytes && !amount.is_empty() => bytes_text(quantity.bytes()),
        _ => amount.to_owned(),
    }
}

/// `1.5 GiB`
pub(super) fn bytes_text(bytes: u64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut amount = bytes as f64;
    let mut unit = 0;
    while amount >= 1024.0 && unit + 1 < units.len() {
        amount /= 1024.0;
        unit += 1;
    }
    let unit = units.get(unit).copied().unwrap_or_default();
    if unit == "B" || amount >= 100.0 {
        format!("{amount:.0} {unit}")
    } else {
        format!("{amount:.1} {unit}")
    }
}
