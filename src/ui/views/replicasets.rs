//! ReplicaSets.

use super::columns::{Columns, age, cluster, name, namespace, why};
use super::table::TableView;
use super::workload_columns::{
    CONTAINERS, CPU, CURRENT, IMAGE, MEMORY, OWNER, READY, SELECTOR, WorkloadColumn,
};
use crate::model::{Kind, Workload, WorkloadKind};
use crate::store::Store;

const COLUMNS: &[WorkloadColumn] = &[
    cluster(),
    namespace(),
    name(),
    READY,
    CURRENT,
    OWNER,
    age(),
    CPU,
    MEMORY,
    IMAGE,
    CONTAINERS,
    SELECTOR,
    why(),
];

pub(super) fn replicasets() -> TableView<Workload> {
    TableView {
        name: "replicasets".into(),
        aliases: ["rs", "replicaset"].map(Into::into).to_vec(),
        title: "ReplicaSets".into(),
        doc: "ReplicaSets, the revisions of Deployments".into(),
        kinds: vec![Kind::ReplicaSet, Kind::Pod, Kind::Event],
        table: |store, _| Some(store.workloads()),
        includes: |workload| workload.kind == WorkloadKind::ReplicaSet,
        columns: Columns::Fixed(COLUMNS),
        order: None,
        besides: Store::usage_revision,
    }
}
