//! The fleet: as many pods as asked for, at sixteen bytes each, with the objects behind them.
//!
//! The store holds one `Fleet`; lists take a snapshot of it, which shares all blocks that do not change meanwhile. A member
//! is expanded to JSON or protobuf only when it is sent.

pub(crate) mod behind;
pub(crate) mod layout;
pub(crate) mod objects;
pub(crate) mod template;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use self::layout::Layout;
use self::objects::Condition;
use self::template::{Encoding, Facts, Template};
use super::resource::{self, Resource};
use crate::demo::kubernetes::protobuf;
use crate::demo::random::mix;

/// Versions begin here, so that they always have nine digits.
pub(crate) const FIRST_VERSION: u64 = 100_000_000;
const PODS_IN_CHUNK: usize = 1024;

/// What is stored of a pod.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PodState {
    /// After `FIRST_VERSION`.
    version: u32,
    /// How often the pod was replaced.
    life: u16,
    /// How often churn touched this life.
    churn: u16,
    /// Seconds after the epoch.
    created: u32,
    changed: u32,
}

/// A template in both encodings, by what has become of a pod, whether churn left it ready, and its restarts.
type Templates = HashMap<(Condition, bool, u8), Arc<[Template; 2]>>;

/// What never changes about a fleet, with the templates made so far.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) layout: Layout,
    epoch: i64,
    templates: Mutex<Templates>,
}

/// The fleet as it is now; cloning it is a snapshot.
#[derive(Debug, Clone)]
pub(crate) struct Fleet {
    pub(crate) shape: Arc<Shape>,
    chunks: Vec<Arc<Vec<PodState>>>,
}

/// One object of the fleet at one version.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) resource: &'static Resource,
    pub(crate) number: u32,
    state: PodState,
    shape: Arc<Shape>,
}

impl Fleet {
    pub(crate) fn new(pods: usize, seed: u64, epoch: i64) -> Self {
        let layout = Layout {
            pods: pods as u32,
            seed,
        };
        let chunks = (0..pods.div_ceil(PODS_IN_CHUNK))
            .map(|chunk| {
                let size = PODS_IN_CHUNK.min(pods - chunk * PODS_IN_CHUNK);
                Arc::new(vec![PodState::default(); size])
            })
            .collect();
        Self {
            shape: Arc::new(Shape {
                layout,
                epoch,
                templates: Mutex::default(),
            }),
            chunks,
        }
    }

    fn layout(&self) -> Layout {
        self.shape.layout
    }

    /// How many objects of the kind the fleet has.
    pub(crate) fn len(&self, kind: &Resource) -> usize {
        let layout = self.layout();
        let count = match kind.id {
            id if id == resource::PODS.id => layout.pods,
            id if id == resource::DEPLOYMENTS.id || id == resource::REPLICA_SETS.id => {
                layout.deployments()
            }
            id if id == resource::NODES.id => layout.nodes(),
            id if id == resource::NAMESPACES.id => layout.namespaces(),
            _ => 0,
        };
        count as usize
    }

    /// The objects of the kind in a namespace, as a range of numbers.
    pub(crate) fn within(&self, kind: &Resource, namespace: &str) -> std::ops::Range<usize> {
        let layout = self.layout();
        let Some(space) = layout
            .namespace_named(namespace)
            .filter(|_| kind.namespaced)
        else {
            return 0..0;
        };
        let deployments = layout.deployments_in(space);
        if kind.id == resource::PODS.id {
            let first = layout.pods_of(deployments.start).start;
            let last = layout.pods_of(deployments.end.saturating_sub(1)).end;
            first as usize..last as usize
        } else if self.len(kind) > 0 {
            deployments.start as usize..deployments.end as usize
        } else {
            0..0
        }
    }

    fn state(&self, number: usize) -> PodState {
        self.chunks
            .get(number / PODS_IN_CHUNK)
            .and_then(|chunk| chunk.get(number % PODS_IN_CHUNK))
            .copied()
            .unwrap_or_default()
    }

    pub(crate) fn member(&self, kind: &'static Resource, number: usize) -> Member {
        let state = if kind.id == resource::PODS.id {
            self.state(number)
        } else {
            PodState::default()
        };
        Member {
            resource: kind,
            number: number as u32,
            state,
            shape: Arc::clone(&self.shape),
        }
    }

    /// The object of that name.
    pub(crate) fn find(
        &self,
        kind: &'static Resource,
        namespace: &str,
        name: &str,
    ) -> Option<Member> {
        let layout = self.layout();
        let number = if kind.id == resource::NODES.id {
            layout.node_named(name)?
        } else if kind.id == resource::NAMESPACES.id {
            layout.namespace_named(name)?
        } else if kind.id == resource::DEPLOYMENTS.id {
            layout.deployment_named(name)?
        } else if kind.id == resource::REPLICA_SETS.id {
            layout.deployment_named(name.rsplit_once('-')?.0)?
        } else if kind.id == resource::PODS.id {
            let deployment = layout.deployment_named(name.rsplitn(3, '-').nth(2)?)?;
            layout
                .pods_of(deployment)
                .find(|pod| layout.pod_name(*pod, self.state(*pod as usize).life) == name)?
        } else {
            return None;
        };
        let member = self.member(kind, number as usize);
        (member.name() == name && member.namespace() == namespace).then_some(member)
    }

    /// Changes a pod's readiness or restarts it, and says what it was.
    pub(crate) fn touch(&mut self, pod: usize, version: u64, now: i64) -> Option<Member> {
        let epoch = self.shape.epoch;
        self.change(pod, |state| {
            state.churn = state.churn.wrapping_add(1);
            state.version = (version - FIRST_VERSION) as u32;
            state.changed = (now - epoch).max(1) as u32;
        })?;
        Some(self.member(&resource::PODS, pod))
    }

    /// Puts a new pod in the place of another.
    pub(crate) fn replace(&mut self, pod: usize, version: u64, now: i64) -> Option<Member> {
        let epoch = self.shape.epoch;
        self.change(pod, |state| {
            let at = (now - epoch).max(1) as u32;
            *state = PodState {
                version: (version - FIRST_VERSION) as u32,
                life: state.life.wrapping_add(1),
                churn: 0,
                created: at,
                changed: at,
            };
        })?;
        Some(self.member(&resource::PODS, pod))
    }

    fn change(&mut self, pod: usize, change: impl FnOnce(&mut PodState)) -> Option<()> {
        let chunk = Arc::make_mut(self.chunks.get_mut(pod / PODS_IN_CHUNK)?);
        change(chunk.get_mut(pod % PODS_IN_CHUNK)?);
        Some(())
    }
}

impl Member {
    fn layout(&self) -> Layout {
        self.shape.layout
    }

    fn is(&self, kind: &Resource) -> bool {
        self.resource.id == kind.id
    }

    pub(crate) fn version(&self) -> u64 {
        FIRST_VERSION + u64::from(self.state.version)
    }

    /// The same object at another version, as a deletion has it.
    pub(crate) fn at_version(mut self, version: u64) -> Self {
        self.state.version = (version - FIRST_VERSION) as u32;
        self
    }

    pub(crate) fn name(&self) -> String {
        let layout = self.layout();
        if self.is(&resource::PODS) {
            layout.pod_name(self.number, self.state.life)
        } else if self.is(&resource::NODES) {
            Layout::node_name(self.number)
        } else if self.is(&resource::NAMESPACES) {
            Layout::namespace_name(self.number)
        } else if self.is(&resource::REPLICA_SETS) {
            format!(
                "{}-{}",
                layout.deployment_name(self.number),
                layout.hash(self.number)
            )
        } else {
            layout.deployment_name(self.number)
        }
    }

    pub(crate) fn namespace(&self) -> String {
        if !self.resource.namespaced {
            String::new()
        } else if self.is(&resource::PODS) {
            self.layout().namespace(Layout::deployment_of(self.number))
        } else {
            self.layout().namespace(self.number)
        }
    }

    /// The node and the phase of a pod, which field selectors ask for, without the rest of it.
    pub(crate) fn field(&self, path: &str) -> Option<String> {
        if !self.is(&resource::PODS) {
            return None;
        }
        match path {
            "spec.nodeName" if self.condition() == Condition::Pending => Some(String::new()),
            "spec.nodeName" => Some(Layout::node_name(self.layout().node_of(self.number))),
            "status.phase" => Some(self.condition().phase().to_owned()),
            _ => None,
        }
    }

    pub(crate) fn labels(&self) -> Value {
        if self.is(&resource::PODS) {
            objects::pod_labels(self.layout(), self.number)
        } else {
            self.value()
                .pointer("/metadata/labels")
                .cloned()
                .unwrap_or_default()
        }
    }

    fn condition(&self) -> Condition {
        if self.state.life > 0 {
            Condition::Running
        } else {
            Condition::of(self.number, self.layout().seed)
        }
    }

    fn templates(&self) -> Arc<[Template; 2]> {
        let condition = self.condition();
        // churn takes readiness away and gives it back with a restart, in turn
        let ready = self.state.churn.is_multiple_of(2);
        let restarts = (self.state.churn / 2).min(20) as u8;
        let mut made = self
            .shape
            .templates
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let entry = made.entry((condition, ready, restarts)).or_insert_with(|| {
            let object = objects::open_pod(condition, ready, restarts);
            let mut encoded = Vec::new();
            protobuf::message("core.Pod", &object, &mut encoded);
            Arc::new([
                Template::new(object.to_string().into_bytes(), Encoding::Json),
                Template::new(encoded, Encoding::Protobuf),
            ])
        });
        Arc::clone(entry)
    }

    fn facts(&self) -> Facts {
        let layout = self.layout();
        let (number, state) = (self.number, self.state);
        let deployment = Layout::deployment_of(number);
        let (service, role) = layout.parts(deployment);
        let node = layout.node_of(number);
        let created = if state.created == 0 {
            self.shape.epoch - 1800 - (mix(u64::from(number), layout.seed ^ 3) % 5_000_000) as i64
        } else {
            self.shape.epoch + i64::from(state.created)
        };
        Facts {
            namespace: layout.namespace(deployment),
            service,
            role,
            number: format!("{deployment:05}"),
            hash: layout.hash(deployment),
            suffix: layout.suffix(number, state.life),
            image: layout.version(deployment),
            uid: layout.pod_uid(number, state.life),
            set_uid: layout.set_uid(deployment),
            version: self.version().to_string(),
            node: Layout::node_name(node),
            pod_ip: format!(
                "10.{:03}.{:03}.{:03}",
                100 + number / 22_500 % 100,
                100 + number / 150 % 150,
                100 + number % 150
            ),
            host_ip: behind::address(node),
            container: {
                let digits = mix(
                    u64::from(number),
                    u64::from(state.life) << 8 | u64::from(state.churn),
                );
                format!(
                    "{digits:016x}{:016x}{digits:016x}{:015x}",
                    !digits,
                    digits >> 4
                )
            },
            created,
            started: created + 4,
            changed: if state.changed == 0 {
                created + 30
            } else {
                self.shape.epoch + i64::from(state.changed)
            },
        }
    }

    /// Appends the object as JSON without `kind` and `apiVersion`.
    pub(crate) fn json(&self, out: &mut Vec<u8>) {
        if self.is(&resource::PODS) {
            let [template, _] = &*self.templates();
            template.fill(&self.facts(), out);
        } else {
            out.extend_from_slice(self.value().to_string().as_bytes());
        }
    }

    /// Appends the object as a protobuf message.
    pub(crate) fn protobuf(&self, out: &mut Vec<u8>) {
        if self.is(&resource::PODS) {
            let [_, template] = &*self.templates();
            template.fill(&self.facts(), out);
        } else {
            protobuf::message(self.resource.message, &self.value(), out);
        }
    }

    /// How many bytes `protobuf` appends, if that is known without making them.
    pub(crate) fn protobuf_length(&self) -> Option<usize> {
        self.is(&resource::PODS).then(|| {
            let [_, template] = &*self.templates();
            template.len()
        })
    }

    /// The whole object.
    pub(crate) fn value(&self) -> Value {
        let (layout, epoch) = (self.layout(), self.shape.epoch);
        let version = FIRST_VERSION.to_string();
        if self.is(&resource::PODS) {
            let mut text = Vec::new();
            self.json(&mut text);
            return serde_json::from_slice(&text).unwrap_or_default();
        }
        if self.is(&resource::NODES) {
            behind::node(layout, self.number, &version, epoch)
        } else if self.is(&resource::NAMESPACES) {
            behind::namespace(layout, self.number, &version, epoch)
        } else {
            behind::workload(
                layout,
                self.number,
                self.is(&resource::REPLICA_SETS),
                &version,
                epoch,
            )
        }
    }
}
