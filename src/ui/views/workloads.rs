//! Everything that keeps pods running, in one table.

use super::columns::{Columns, age, cluster, name, namespace, why};
use super::table::TableView;
use super::workload_columns::{
    AVAILABLE, CONTAINERS, CPU, IMAGE, KIND, MEMORY, READY, REVISION, SELECTOR, STATUS, UP_TO_DATE,
    WorkloadColumn,
};
use crate::model::{Kind, Workload, WorkloadKind};
use crate::store::Store;

const COLUMNS: &[WorkloadColumn] = &[
    cluster(),
    namespace(),
    name(),
    KIND,
    READY,
    UP_TO_DATE.wide(),
    AVAILABLE.wide(),
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

pub(super) fn workloads() -> TableView<Workload> {
    TableView {
        name: "workloads".into(),
        aliases: ["wk", "workload", "work"].map(Into::into).to_vec(),
        title: "Workloads".into(),
        doc: "Deployments, StatefulSets, DaemonSets, Jobs and CronJobs, with their rollouts".into(),
        kinds: vec![
            Kind::Deployment,
            Kind::StatefulSet,
            Kind::DaemonSet,
            Kind::Job,
            Kind::CronJob,
            Kind::Pod,
            Kind::Event,
        ],
        table: |store, _| Some(store.workloads()),
        includes: |workload| workload.kind != WorkloadKind::ReplicaSet,
        columns: Columns::Fixed(COLUMNS),
        order: None,
        besides: Store::usage_revision,
    }
}
