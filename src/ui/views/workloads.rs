//! Everything that keeps pods running, in one table.

use super::columns::{Columns, age, endpoint, name, namespace, why};
use super::table::TableView;
use super::workload_columns::{
    AVAILABLE, CONTAINERS, CPU, IMAGE, KIND, MEMORY, READY, REVISION, SELECTOR, STATUS, UP_TO_DATE,
    WorkloadColumn,
};
use crate::model::{Kind, Workload, WorkloadKind};
use crate::store::Store;

const COLUMNS: &[WorkloadColumn] = &[
    endpoint(),
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
        doc: "What keeps pods and containers running: Deployments, Jobs, Compose and Swarm services, …"
            .into(),
        kinds: vec![
            Kind::Deployment,
            Kind::StatefulSet,
            Kind::DaemonSet,
            Kind::Job,
            Kind::CronJob,
            Kind::ComposeService,
            Kind::SwarmService,
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
