//! What a workload uses: the sum over its pods or containers. Pure, and asked for rows on screen only.

use super::Store;
use crate::model::{Allotment, DockerContainer, Engine, Health, Key, Workload};

/// CPU and memory of the pods of a workload that run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Consumption {
    /// What the pods use whose use is known.
    pub used: Allotment,
    /// What those pods asked for; 0 if one of them asked for nothing.
    pub requests: Allotment,
    /// What those pods may use at most; 0 if one of them has no limit.
    pub limits: Allotment,
    /// Pods whose use is not known: they have just begun.
    pub unknown: u32,
}

impl Store {
    /// What a workload uses; none while it is known of no pod.
    pub fn consumption(&self, workload: &Workload) -> Option<Consumption> {
        let mut sum = Consumption::default();
        let mut known = 0_u32;
        let mut add = |key: &Key, requests: Allotment, limits: Allotment| {
            let Some(usage) = self.usage(key) else {
                sum.unknown += 1;
                return;
            };
            sum.used += usage.used;
            let first = known == 0;
            stated(&mut sum.requests, requests, first);
            stated(&mut sum.limits, limits, first);
            known += 1;
        };
        if workload.kind.kind().engine() == Engine::Docker {
            let running = self.containers_of(workload);
            for container in running.filter(|it| it.state.as_str() == "running") {
                add(&container.meta.key, Allotment::default(), container.limits);
            }
        } else {
            let pods = self.pods_of(workload);
            for pod in pods.filter(|pod| pod.health != Health::Idle) {
                add(&pod.meta.key, pod.requests, pod.limits);
            }
        }
        (known > 0).then_some(sum)
    }

    /// The containers of a Compose or Swarm service that this host runs.
    pub fn containers_of(&self, workload: &Workload) -> impl Iterator<Item = &DockerContainer> {
        let key = workload.meta.key;
        let own = move |container: &&DockerContainer| {
            let owner = container.meta.owner.as_ref();
            container.meta.key.endpoint == key.endpoint
                && owner.is_some_and(|owner| owner.uid == key.uid)
        };
        self.docker().iter().map(|(_, it)| it).filter(own)
    }
}

/// Adds what a pod states; one that states nothing makes the sum nothing.
fn stated(sum: &mut Allotment, more: Allotment, first: bool) {
    let states = |sum: u64, more: u64| (first || sum > 0) && more > 0;
    let cpu = states(
        u64::from(sum.cpu_millicores),
        u64::from(more.cpu_millicores),
    );
    let memory = states(sum.memory_bytes, more.memory_bytes);
    *sum += more;
    if !cpu {
        sum.cpu_millicores = 0;
    }
    if !memory {
        sum.memory_bytes = 0;
    }
}
