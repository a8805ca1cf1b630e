//! StatefulSets.

use super::columns::{Columns, age, cluster, name, namespace, why};
use super::table::TableView;
use super::workload_columns::{
    CONTAINERS, CPU, IMAGE, MEMORY, READY, REVISION, SELECTOR, STATUS, UP_TO_DATE, WorkloadColumn,
};
use crate::model::{Kind, Workload, WorkloadKind};
use crate::store::Store;

const COLUMNS: &[WorkloadColumn] = &[
    cluster(),
    namespace(),
    name(),
    READY,
    UP_TO_DATE,
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

pub(super) fn statefulsets() -> TableView<Workload> {
    TableView {
        name: "statefulsets".into(),
        aliases: ["sts", "statefulset"].map(Into::into).to_vec(),
        title: "StatefulSets".into(),
        doc: "StatefulSets and where their rollouts stand".into(),
        kinds: vec![Kind::StatefulSet, Kind::Pod, Kind::Event],
        table: |store, _| Some(store.workloads()),
        includes: |workload| workload.kind == WorkloadKind::StatefulSet,
        columns: Columns::Fixed(COLUMNS),
        order: None,
        besides: Store::usage_revision,
    }
}
