//! CronJobs.

use super::columns::{Columns, age, cluster, name, namespace, why};
use super::table::TableView;
use super::workload_columns::{
    ACTIVE, CONTAINERS, IMAGE, LAST_RUN, LAST_SUCCESS, SCHEDULE, SUSPENDED, WorkloadColumn, ZONE,
};
use crate::model::{Kind, Workload, WorkloadKind};

const COLUMNS: &[WorkloadColumn] = &[
    cluster(),
    namespace(),
    name(),
    SCHEDULE,
    ZONE,
    SUSPENDED,
    ACTIVE,
    LAST_RUN,
    LAST_SUCCESS,
    age(),
    IMAGE,
    CONTAINERS,
    why(),
];

pub(super) fn cronjobs() -> TableView<Workload> {
    TableView {
        name: "cronjobs".into(),
        aliases: ["cj", "cronjob"].map(Into::into).to_vec(),
        title: "CronJobs".into(),
        doc: "CronJobs: when they run, when they last did, with what outcome".into(),
        kinds: vec![Kind::CronJob, Kind::Pod, Kind::Event],
        table: |store, _| Some(store.workloads()),
        includes: |workload| workload.kind == WorkloadKind::CronJob,
        columns: Columns::Fixed(COLUMNS),
        order: None,
        besides: |_| 0,
    }
}
