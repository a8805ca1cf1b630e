//! DaemonSets.

use super::columns::{Columns, age, cluster, name, namespace, why};
use super::table::TableView;
use super::workload_columns::{
    AVAILABLE, CONTAINERS, CPU, CURRENT, IMAGE, MEMORY, READY, REVISION, SELECTOR, STATUS,
    UP_TO_DATE, WorkloadColumn,
};
use crate::model::{Kind, Workload, WorkloadKind};
use crate::store::Store;

const COLUMNS: &[WorkloadColumn] = &[
    cluster(),
    namespace(),
    name(),
    READY,
    CURRENT,
    UP_TO_DATE,
    AVAILABLE,
    STATUS.rank(5),
    REVISION,
    age(),
    CPU,
    MEMORY,
    IMAGE,
    CONTAINERS,
    SELECTOR,
    why(),
];

pub(super) fn daemonsets() -> TableView<Workload> {
    TableView {
        name: "daemonsets".into(),
        aliases: ["ds", "daemonset"].map(Into::into).to_vec(),
        title: "DaemonSets".into(),
        doc: "DaemonSets, and on how many nodes they run".into(),
        kinds: vec![Kind::DaemonSet, Kind::Pod, Kind::Event],
        table: |store, _| Some(store.workloads()),
        includes: |workload| workload.kind == WorkloadKind::DaemonSet,
        columns: Columns::Fixed(COLUMNS),
        order: None,
        besides: Store::usage_revision,
    }
}
