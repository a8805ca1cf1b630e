//! HorizontalPodAutoscalers: each metric against its target, and how fast it may move.

use serde_json::Value;

use super::sheet::Sheet;
use crate::model::Health;
use crate::sources::kubernetes::json::{list, moment, number, said, word};

pub(super) fn describe(sheet: &mut Sheet, object: &Value) {
    let (kind, name) = (
        word(object, "/spec/scaleTargetRef/kind"),
        word(object, "/spec/scaleTargetRef/name"),
    );
    sheet.fact("Scales", format!("{kind} {name}"));
    let (min, max) = (
        number(object, "/spec/minReplicas").unwrap_or(1),
        number(object, "/spec/maxReplicas").unwrap_or_default(),
    );
    let (current, desired) = (
        number(object, "/status/currentReplicas").unwrap_or_default(),
        number(object, "/status/desiredReplicas").unwrap_or_default(),
    );
    let health = if current == desired && desired >= max {
        Health::Warn
    } else if current == desired {
        Health::Good
    } else {
        Health::Busy
    };
    sheet.flag(
        "Replicas",
        format!("{current} now, {desired} desired, {min}–{max} allowed"),
        health,
    );
    sheet.time("Last scaled", moment(object, "/status/lastScaleTime"));
    sheet.section("Metrics");
    let now = list(object, "/status/currentMetrics");
    for (at, metric) in list(object, "/spec/metrics").iter().enumerate() {
        let sort = word(metric, "/type");
        let field = field(sort);
        let wanted = metric.get(field).unwrap_or(&Value::Null);
        let same = |other: &&Value| {
            let other_field = other.get(field).unwrap_or(&Value::Null);
            word(other, "/type") == sort && label(sort, other_field) == label(sort, wanted)
        };
        let found = now
            .iter()
            .find(same)
            .or_else(|| now.get(at).filter(|other| word(other, "/type") == sort));
        let current = found
            .and_then(|found| found.get(field))
            .unwrap_or(&Value::Null);
        let (shown, health) = match value(current.get("current").unwrap_or(&Value::Null)) {
            shown if shown.is_empty() => ("unknown".to_owned(), Health::Warn),
            shown => (shown, Health::Good),
        };
        let target = value(wanted.get("target").unwrap_or(&Value::Null));
        sheet.flag(&label(sort, wanted), format!("{shown} of {target}"), health);
    }
    for (direction, title) in [("scaleUp", "Scaling up"), ("scaleDown", "Scaling down")] {
        let Some(rules) = object.pointer(&format!("/spec/behavior/{direction}")) else {
            continue;
        };
        sheet.section(title);
        let window = said(rules, "/stabilizationWindowSeconds");
        if !window.is_empty() {
            sheet.fact("Stabilisation", format!("{window} s"));
        }
        sheet.fact("Chooses", word(rules, "/selectPolicy"));
        let policies = list(rules, "/policies").iter().map(|policy| {
            let unit = if word(policy, "/type") == "Percent" {
                " %"
            } else {
                " pods"
            };
            format!(
                "{}{unit} every {} s",
                said(policy, "/value"),
                said(policy, "/periodSeconds")
            )
        });
        sheet.lines("Policies", policies);
    }
}

/// The field that a type of metric is described in.
fn field(sort: &str) -> &'static str {
    match sort {
        "Resource" => "resource",
        "ContainerResource" => "containerResource",
        "Pods" => "pods",
        "Object" => "object",
        _ => "external",
    }
}

fn label(sort: &str, metric: &Value) -> String {
    match sort {
        "Resource" => word(metric, "/name").to_owned(),
        "ContainerResource" => format!(
            "{} of {}",
            word(metric, "/name"),
            word(metric, "/container")
        ),
        "Object" => format!(
            "{} of {} {}",
            word(metric, "/metric/name"),
            word(metric, "/describedObject/kind"),
            word(metric, "/describedObject/name")
        ),
        _ => word(metric, "/metric/name").to_owned(),
    }
}

/// `96 %`, `120m per pod`, `1k`
fn value(amount: &Value) -> String {
    if let Some(share) = number(amount, "/averageUtilization") {
        return format!("{share} %");
    }
    let average = said(amount, "/averageValue");
    if !average.is_empty() {
        return format!("{average} per pod");
    }
    said(amount, "/value")
}
