//! Config maps, secrets, volume claims, disruption budgets and namespaces.

use super::meta::{Amount, Blob, Condition, IntOrString, ObjectMeta};

messages! {
    ConfigMap {
        metadata: Option<ObjectMeta> = message optional "1";
        data: Vec<Blob> = message repeated "2" via "super::value::words";
        binary_data: Vec<Blob> = message repeated "3" via "super::value::blobs";
        immutable: bool = bool "4";
    }

    Secret {
        metadata: Option<ObjectMeta> = message optional "1";
        data: Vec<Blob> = message repeated "2" via "super::value::blobs";
        kind: String = string "3" as "type";
        immutable: bool = bool "5";
    }

    PersistentVolumeClaim {
        metadata: Option<ObjectMeta> = message optional "1";
        spec: Option<ClaimSpec> = message optional "2";
        status: Option<ClaimStatus> = message optional "3";
    }

    ClaimSpec {
        volume_name: String = string "3";
        storage_class_name: Option<String> = string optional "5";
        volume_mode: Option<String> = string optional "6";
    }

    ClaimStatus {
        phase: String = string "1";
        access_modes: Vec<String> = string repeated "2";
        capacity: Vec<Amount> = message repeated "3" via "super::value::amounts";
        conditions: Vec<Condition> = message repeated "4";
    }

    PodDisruptionBudget {
        metadata: Option<ObjectMeta> = message optional "1";
        spec: Option<BudgetSpec> = message optional "2";
        status: Option<BudgetStatus> = message optional "3";
    }

    BudgetSpec {
        min_available: Option<IntOrString> = message optional "1";
        max_unavailable: Option<IntOrString> = message optional "3";
    }

    BudgetStatus {
        disruptions_allowed: i32 = int32 "3";
        current_healthy: i32 = int32 "4";
        desired_healthy: i32 = int32 "5";
        expected_pods: i32 = int32 "6";
        conditions: Vec<Condition> = message repeated "7";
    }

    Namespace {
        metadata: Option<ObjectMeta> = message optional "1";
        status: Option<NamespaceStatus> = message optional "3";
    }

    NamespaceStatus {
        phase: String = string "1";
        conditions: Vec<Condition> = message repeated "2";
    }
}
