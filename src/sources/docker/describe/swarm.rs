//! Services, tasks and nodes of a swarm, described.

use serde_json::Value;

use super::{bytes, environment, labels, time};
use crate::model::Health;
use crate::sources::kubernetes::describe::sheet::Sheet;
use crate::sources::kubernetes::json::{list, number, pairs, said, word};

pub(super) fn service(sheet: &mut Sheet, object: &Value) {
    sheet.section(&format!("Service {}", word(object, "/Spec/Name")));
    sheet.fact("Id", word(object, "/ID"));
    sheet.fact(
        "Image",
        word(object, "/Spec/TaskTemplate/ContainerSpec/Image"),
    );
    let mode = match number(object, "/Spec/Mode/Replicated/Replicas") {
        Some(replicas) => format!("replicated, {replicas}"),
        None => pairs(object, "/Spec/Mode")
            .map(|(mode, _)| mode.to_lowercase())
            .collect(),
    };
    sheet.fact("Mode", mode);
    let state = word(object, "/UpdateStatus/State");
    let flag = match state {
        "" | "completed" | "rollback_completed" => Health::Good,
        "updating" | "rollback_started" => Health::Busy,
        _ => Health::Bad,
    };
    let began = time(word(object, "/UpdateStatus/StartedAt"));
    sheet.timed("Update", state, flag, began.filter(|_| !state.is_empty()));
    sheet.flag("Said", word(object, "/UpdateStatus/Message"), flag);
    let before = word(object, "/PreviousSpec/TaskTemplate/ContainerSpec/Image");
    sheet.fact("Image before", before);
    for port in list(object, "/Endpoint/Ports") {
        sheet.fact(
            "Port",
            format!(
                "{}→{}/{}",
                said(port, "/PublishedPort"),
                said(port, "/TargetPort"),
                word(port, "/Protocol")
            ),
        );
    }
    sheet.time("Created", time(word(object, "/CreatedAt")));
    sheet.time("Updated", time(word(object, "/UpdatedAt")));
    environment(sheet, object, "/Spec/TaskTemplate/ContainerSpec/Env");
    labels(sheet, object, "/Spec/Labels");
}

pub(super) fn task(sheet: &mut Sheet, object: &Value) {
    sheet.section("Task");
    sheet.fact("Id", word(object, "/ID"));
    let state = word(object, "/Status/State");
    let flag = match state {
        "running" => Health::Good,
        "failed" | "rejected" => Health::Bad,
        "shutdown" | "complete" => Health::Idle,
        _ => Health::Busy,
    };
    sheet.timed(
        "State",
        state,
        flag,
        time(word(object, "/Status/Timestamp")),
    );
    sheet.fact("Desired", word(object, "/DesiredState"));
    sheet.flag("Error", word(object, "/Status/Err"), Health::Bad);
    sheet.fact("Message", word(object, "/Status/Message"));
    sheet.fact("Image", word(object, "/Spec/ContainerSpec/Image"));
    sheet.fact("Service", word(object, "/ServiceID"));
    sheet.fact("Slot", said(object, "/Slot"));
    sheet.fact("Node", word(object, "/NodeID"));
    sheet.fact(
        "Container",
        word(object, "/Status/ContainerStatus/ContainerID"),
    );
    sheet.time("Created", time(word(object, "/CreatedAt")));
    environment(sheet, object, "/Spec/ContainerSpec/Env");
}

pub(super) fn node(sheet: &mut Sheet, object: &Value) {
    sheet.section("Swarm node");
    sheet.fact("Name", word(object, "/Description/Hostname"));
    sheet.fact("Id", word(object, "/ID"));
    let state = word(object, "/Status/State");
    let flag = if state == "ready" {
        Health::Good
    } else {
        Health::Bad
    };
    sheet.flag("Status", state, flag);
    sheet.fact("Message", word(object, "/Status/Message"));
    sheet.fact("Availability", word(object, "/Spec/Availability"));
    sheet.fact("Role", word(object, "/Spec/Role"));
    sheet.fact("Manager", word(object, "/ManagerStatus/Reachability"));
    sheet.fact("Address", word(object, "/Status/Addr"));
    sheet.fact("Engine", word(object, "/Description/Engine/EngineVersion"));
    let memory = number(object, "/Description/Resources/MemoryBytes").unwrap_or_default();
    sheet.fact("Memory", bytes(memory));
    sheet.time("Joined", time(word(object, "/CreatedAt")));
    labels(sheet, object, "/Spec/Labels");
}
