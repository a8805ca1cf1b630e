//! Nodes, without their list of images, which is most of them.

use super::meta::{Amount, Condition, ObjectMeta};

messages! {
    Node {
        metadata: Option<ObjectMeta> = message optional "1";
        spec: Option<NodeSpec> = message optional "2";
        status: Option<NodeStatus> = message optional "3";
    }

    NodeSpec {
        unschedulable: bool = bool "4";
        taints: Vec<Taint> = message repeated "5";
    }

    Taint {
        key: String = string "1";
        effect: String = string "3";
    }

    NodeStatus {
        capacity: Vec<Amount> = message repeated "1" via "super::value::amounts";
        allocatable: Vec<Amount> = message repeated "2" via "super::value::amounts";
        conditions: Vec<Condition> = message repeated "4";
        addresses: Vec<Address> = message repeated "5";
        node_info: Option<NodeInfo> = message optional "7";
    }

    Address {
        kind: String = string "1" as "type";
        address: String = string "2";
    }

    NodeInfo {
        kernel_version: String = string "4";
        os_image: String = string "5";
        container_runtime_version: String = string "6";
        kubelet_version: String = string "7";
    }
}
