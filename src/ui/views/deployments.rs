//! Deployments.

use super::columns::{Columns, age, cluster, name, namespace, why};
use super::table::TableView;
use super::workload_columns::{
    AVAILABLE, CONTAINERS, CPU, IMAGE, MEMORY, READY, REVISION, SELECTOR, STATUS, UP_TO_DATE,
    WorkloadColumn,
};
use crate::model::{Kind, Workload, WorkloadKind};
use crate::store::Store;

const COLUMNS: &[WorkloadColumn] = &[
    cluster(),
    namespace(),
    name(),
    READY,
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

pub(super) fn deployments() -> TableView<Workload> {
    TableView {
        name: "deployments".into(),
        aliases: ["deploy", "dp", "deployment"].map(Into::into).to_vec(),
        title: "Deployments".into(),
        doc: "Deployments and where their rollouts stand".into(),
        kinds: vec![Kind::Deployment, Kind::Pod, Kind::Event],
        table: |store, _| Some(store.workloads()),
        includes: |workload| workload.kind == WorkloadKind::Deployment,
        columns: Columns::Fixed(COLUMNS),
        order: None,
        besides: Store::usage_revision,
    }
}
