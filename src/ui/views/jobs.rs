//! Jobs.

use super::columns::{Columns, age, cluster, name, namespace, why};
use super::table::TableView;
use super::workload_columns::{
    CONTAINERS, CPU, DURATION, FAILED, IMAGE, MEMORY, OWNER, READY, STATUS, WorkloadColumn,
};
use crate::model::{Kind, Workload, WorkloadKind};
use crate::store::Store;

const COLUMNS: &[WorkloadColumn] = &[
    cluster(),
    namespace(),
    name(),
    STATUS.rank(1),
    READY,
    FAILED,
    DURATION,
    age(),
    CPU,
    MEMORY,
    OWNER,
    IMAGE,
    CONTAINERS,
    why(),
];

pub(super) fn jobs() -> TableView<Workload> {
    TableView {
        name: "jobs".into(),
        aliases: ["job"].map(Into::into).to_vec(),
        title: "Jobs".into(),
        doc: "Jobs: whether they ran, how long they took, what failed".into(),
        kinds: vec![Kind::Job, Kind::Pod, Kind::Event],
        table: |store, _| Some(store.workloads()),
        includes: |workload| workload.kind == WorkloadKind::Job,
        columns: Columns::Fixed(COLUMNS),
        order: None,
        besides: Store::usage_revision,
    }
}
