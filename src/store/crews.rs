//! What is known of pods by their controller and by their node, kept up with every pod: asking is cheap.
//!
//! A Deployment's pods belong to its ReplicaSets, whose names begin with the Deployment's; whether they really are its
//! own is for its selector to say.

use std::collections::{BTreeMap, HashMap};

use crate::model::{EndpointId, Health, Name, Pod};

type Crew = (EndpointId, Name, Name);

/// Pods by controller, and how many pods stand on each node.
#[derive(Default)]
pub(super) struct Crews {
    /// By endpoint, namespace and the controller's name: slots of the pod table.
    crews: BTreeMap<Crew, Vec<u32>>,
    nodes: HashMap<(EndpointId, Name), u32>,
}

/// What of a pod decides where it is kept.
#[derive(Clone, PartialEq)]
pub(super) struct Station {
    crew: Option<Crew>,
    node: Option<(EndpointId, Name)>,
}

impl Station {
    pub(super) fn of(pod: &Pod) -> Self {
        let endpoint = pod.meta.key.endpoint;
        let owner = pod.meta.owner.as_ref();
        let crew = owner.map(|owner| (endpoint, pod.meta.namespace.clone(), owner.name.clone()));
        // A pod that has ended holds no place.
        let stands = !pod.node.is_empty() && pod.health != Health::Idle;
        Self {
            crew,
            node: stands.then(|| (endpoint, pod.node.clone())),
        }
    }
}

impl Crews {
    pub(super) fn note(&mut self, before: Option<Station>, now: &Station, slot: u32) {
        if let Some(before) = before {
            if before == *now {
                return;
            }
            self.forget(&before, slot);
        }
        if let Some(crew) = &now.crew {
            self.crews.entry(crew.clone()).or_default().push(slot);
        }
        if let Some(node) = &now.node {
            *self.nodes.entry(node.clone()).or_default() += 1;
        }
    }

    pub(super) fn forget(&mut self, station: &Station, slot: u32) {
        if let Some(crew) = &station.crew
            && let Some(slots) = self.crews.get_mut(crew)
        {
            slots.retain(|known| *known != slot);
            if slots.is_empty() {
                self.crews.remove(crew);
            }
        }
        if let Some(node) = &station.node
            && let Some(count) = self.nodes.get_mut(node)
        {
            *count -= 1;
            if *count == 0 {
                self.nodes.remove(node);
            }
        }
    }

    /// Works everything out anew, after pods went in bulk.
    pub(super) fn rebuild<'a>(&mut self, pods: impl Iterator<Item = (u32, &'a Pod)>) {
        *self = Self::default();
        for (slot, pod) in pods {
            self.note(None, &Station::of(pod), slot);
        }
    }

    pub(super) fn pods_on(&self, endpoint: EndpointId, node: &str) -> u32 {
        let key = (endpoint, Name::new(node));
        self.nodes.get(&key).copied().unwrap_or_default()
    }

    /// Slots of pods, for each controller whose name begins with `prefix`.
    pub(super) fn of(
        &self,
        endpoint: EndpointId,
        namespace: &Name,
        prefix: &str,
    ) -> impl Iterator<Item = &[u32]> {
        let from = (endpoint, namespace.clone(), Name::new(prefix));
        self.crews
            .range(from..)
            .take_while(move |((at, space, name), _)| {
                *at == endpoint && space == namespace && name.starts_with(prefix)
            })
            .map(|(_, slots)| slots.as_slice())
    }
}
