//! The autoscaler that holds a workload, and what it does with a number of replicas. Pure.

use serde_json::Value;

use crate::actions::facts::{Facts, Topic, list, number, text};

/// What an autoscaler says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Autoscaler {
    /// `HPA shop`, `KEDA ScaledObject shop`
    pub name: String,
    pub least: i64,
    pub most: i64,
    /// Whether it scales at all now.
    pub active: bool,
}

/// The autoscaler of the object that the facts are about.
pub fn of(facts: &Facts) -> Option<Autoscaler> {
    let (kind, name) = (facts.target.kind.name(), &*facts.target.name);
    let found = facts.list(Topic::Autoscalers).iter().find(|hpa| {
        text(hpa, "/spec/scaleTargetRef/kind") == kind
            && text(hpa, "/spec/scaleTargetRef/name") == name
    })?;
    Some(read(found))
}

/// Reads an HPA.
pub fn read(hpa: &Value) -> Autoscaler {
    let keda = list(hpa, "/metadata/ownerReferences")
        .iter()
        .find(|owner| text(owner, "/kind") == "ScaledObject");
    let name = match keda {
        Some(owner) => format!("KEDA ScaledObject {}", text(owner, "/name")),
        None => format!("HPA {}", text(hpa, "/metadata/name")),
    };
    let active = list(hpa, "/status/conditions").iter().all(|condition| {
        text(condition, "/type") != "ScalingActive" || text(condition, "/status") != "False"
    });
    Autoscaler {
        name,
        least: hpa
            .pointer("/spec/minReplicas")
            .and_then(Value::as_i64)
            .unwrap_or(1),
        most: number(hpa, "/spec/maxReplicas"),
        active,
    }
}
