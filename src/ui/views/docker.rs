//! Docker beside its containers: services of Compose and Swarm, projects, tasks, images, volumes, networks, hosts.

use super::columns::{Columns, age, host, name, project, why};
use super::resources::built_in;
use super::table::TableView;
use super::workload_columns::{
    CPU, CURRENT, IMAGE, KIND, MEMORY, READY, REVISION, STATUS, UPDATE, WorkloadColumn,
};
use crate::model::{Kind, Resource, Workload, WorkloadKind};
use crate::store::Store;

const SERVICES: &[WorkloadColumn] = &[
    host(),
    project(),
    name(),
    KIND,
    READY,
    CURRENT.wide(),
    STATUS.rank(3),
    UPDATE,
    REVISION.wide(),
    age(),
    CPU,
    MEMORY,
    IMAGE,
    why(),
];

/// Called `services` where no cluster is open.
pub(super) fn services() -> TableView<Workload> {
    TableView {
        name: "docker-services".into(),
        aliases: ["dsvc", "compose-services", "swarm-services"]
            .map(Into::into)
            .to_vec(),
        title: "Docker services".into(),
        doc: "Services of Compose and Swarm: wanted, running, drifted, updating".into(),
        kinds: vec![Kind::ComposeService, Kind::SwarmService, Kind::Container],
        table: |store, _| Some(store.workloads()),
        includes: |workload| matches!(workload.kind, WorkloadKind::Compose | WorkloadKind::Swarm),
        columns: Columns::Fixed(SERVICES),
        order: None,
        besides: Store::usage_revision,
    }
}

pub(super) fn compose() -> TableView<Resource> {
    built_in(
        Kind::ComposeProject,
        "Compose projects",
        "Compose projects: their services, containers and directories",
    )
}

pub(super) fn tasks() -> TableView<Resource> {
    built_in(
        Kind::SwarmTask,
        "Swarm tasks",
        "Tasks of a swarm with the error that each of them met",
    )
}

pub(super) fn stacks() -> TableView<Resource> {
    built_in(
        Kind::SwarmStack,
        "Swarm stacks",
        "Stacks of a swarm and how many of their services run",
    )
}

pub(super) fn nodes() -> TableView<Resource> {
    built_in(
        Kind::SwarmNode,
        "Swarm nodes",
        "Nodes of a swarm: availability, role, state",
    )
}

pub(super) fn images() -> TableView<Resource> {
    built_in(
        Kind::Image,
        "Images",
        "Images of Docker hosts: size, who uses them, which are dangling",
    )
}

pub(super) fn volumes() -> TableView<Resource> {
    built_in(
        Kind::Volume,
        "Volumes",
        "Volumes of Docker hosts and who uses them; sizes once a volume or host was opened",
    )
}

pub(super) fn networks() -> TableView<Resource> {
    built_in(
        Kind::Network,
        "Networks",
        "Networks of Docker hosts and who is attached",
    )
}

pub(super) fn hosts() -> TableView<Resource> {
    TableView {
        besides: Store::usage_revision,
        ..built_in(
            Kind::DockerHost,
            "Docker hosts",
            "Docker hosts: version, machine, swarm; Enter shows their disk",
        )
    }
}
