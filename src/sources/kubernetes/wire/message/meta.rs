//! What all kinds share: object and list metadata, selectors, conditions, statuses.

pub use super::value::{Amount, Blob, IntOrString, Pair, Quantity, Time};

messages! {
    /// An object's metadata without annotations and managed fields.
    ObjectMeta {
        name: String = string "1";
        namespace: String = string "3";
        uid: String = string "5";
        resource_version: String = string "6";
        generation: i64 = int64 "7";
        creation_timestamp: Option<Time> = message optional "8";
        deletion_timestamp: Option<Time> = message optional "9";
        labels: Vec<Pair> = message repeated "11" via "super::value::pairs";
        owner_references: Vec<OwnerReference> = message repeated "13";
    }

    /// The metadata of an object whose annotations matter, beside [`ObjectMeta`].
    Annotations {
        annotations: Vec<Pair> = message repeated "12" via "super::value::pairs";
    }

    OwnerReference {
        kind: String = string "1";
        name: String = string "3";
        uid: String = string "4";
        controller: bool = bool "6";
    }

    /// An object of which only the metadata is read: a bookmark or a deleted one.
    Head {
        metadata: Option<ObjectMeta> = message optional "1";
    }

    /// A bookmark's metadata: whether it ends the initial events of a streaming list.
    Mark {
        metadata: Option<Annotations> = message optional "1";
    }

    ListMeta {
        resource_version: String = string "2";
        r#continue: String = string "3" as "continue";
        remaining_item_count: Option<i64> = int64 optional "4";
    }

    /// The server's answer when something failed.
    Status {
        message: String = string "3";
        reason: String = string "4";
        code: i32 = int32 "6";
    }

    LabelSelector {
        match_labels: Vec<Pair> = message repeated "1" via "super::value::pairs";
        match_expressions: Vec<Requirement> = message repeated "2";
    }

    Requirement {
        key: String = string "1";
        operator: String = string "2";
        values: Vec<String> = string repeated "3";
    }

    /// A condition of a pod, node, job, claim or budget.
    Condition {
        kind: String = string "1" as "type";
        status: String = string "2";
        last_transition_time: Option<Time> = message optional "4";
        reason: String = string "5";
        message: String = string "6";
    }

    /// A condition of a replica set or autoscaler, whose numbers differ.
    ScaleCondition {
        kind: String = string "1" as "type";
        status: String = string "2";
        last_transition_time: Option<Time> = message optional "3";
        reason: String = string "4";
        message: String = string "5";
    }

    /// A condition of a deployment, whose numbers differ again.
    DeploymentCondition {
        kind: String = string "1" as "type";
        status: String = string "2";
        reason: String = string "4";
        message: String = string "5";
        last_update_time: Option<Time> = message optional "6";
        last_transition_time: Option<Time> = message optional "7";
    }

    ObjectReference {
        kind: String = string "1";
        namespace: String = string "2";
        name: String = string "3";
        uid: String = string "4";
        field_path: String = string "7";
    }
}
