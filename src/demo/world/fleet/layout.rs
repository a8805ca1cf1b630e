//! Where each pod of the fleet belongs, from its number alone: no two fleets of the same size differ, and nothing is stored.
//!
//! Names have fixed widths, so that an encoded pod is a template with bytes patched in place, and they ascend with the number,
//! so that lists are in the order of names as a real server's are.

use crate::demo::random::{mix, uid};

/// Pods in a block of deployments.
const BLOCK: u32 = 300;
/// Where each deployment of a block begins: one has 60 replicas, one 30, two 20 and seventeen 10.
const STARTS: [u32; 22] = [
    0, 60, 90, 110, 130, 140, 150, 160, 170, 180, 190, 200, 210, 220, 230, 240, 250, 260, 270, 280,
    290, 300,
];
const DEPLOYMENTS: u32 = 21;
const PODS_ON_NODE: u32 = 30;

const SPACES: [&str; 18] = [
    "accounts", "articles", "bookings", "checkout", "delivery", "identity", "invoices", "location",
    "messages", "ordering", "partners", "payments", "platform", "products", "shipping", "supplies",
    "tracking", "vouchers",
];
const SERVICES: [&str; 24] = [
    "account", "archive", "catalog", "consent", "courier", "gateway", "history", "journal",
    "listing", "loyalty", "mailing", "network", "pricing", "profile", "ranking", "reviews",
    "routing", "session", "tariffs", "tickets", "traffic", "voucher", "wallets", "webhook",
];
const ROLES: [&str; 9] = [
    "broker", "loader", "poller", "reader", "router", "server", "syncer", "worker", "writer",
];
/// The alphabet of generated names in the order of their bytes.
const LETTERS: &[u8; 27] = b"2456789bcdfghjklmnpqrstvwxz";

/// A fleet of a given number of pods.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    pub(crate) pods: u32,
    pub(crate) seed: u64,
}

fn pick(list: &[&'static str], index: u32) -> &'static str {
    list.get(index as usize % list.len()).copied().unwrap_or("")
}

impl Layout {
    pub(crate) fn deployments(self) -> u32 {
        match self.pods {
            0 => 0,
            pods => Self::deployment_of(pods - 1) + 1,
        }
    }

    pub(crate) fn nodes(self) -> u32 {
        self.pods.div_ceil(PODS_ON_NODE)
    }

    pub(crate) fn namespaces(self) -> u32 {
        self.deployments().min(SPACES.len() as u32)
    }

    pub(crate) fn deployment_of(pod: u32) -> u32 {
        let rest = pod % BLOCK;
        let within = STARTS.partition_point(|start| *start <= rest) as u32 - 1;
        pod / BLOCK * DEPLOYMENTS + within
    }

    /// The deployment's pods as a range of numbers.
    pub(crate) fn pods_of(self, deployment: u32) -> std::ops::Range<u32> {
        let start = |at: u32| {
            at / DEPLOYMENTS * BLOCK
                + STARTS
                    .get((at % DEPLOYMENTS) as usize)
                    .copied()
                    .unwrap_or(0)
        };
        start(deployment).min(self.pods)..start(deployment + 1).min(self.pods)
    }

    pub(crate) fn node_of(self, pod: u32) -> u32 {
        // neighbours in name are not neighbours on a node
        let nodes = self.nodes().max(1);
        (pod % nodes + (mix(u64::from(pod), 9) % 3) as u32) % nodes
    }

    fn space_of(self, deployment: u32) -> u32 {
        (u64::from(deployment) * u64::from(self.namespaces())
            / u64::from(self.deployments().max(1))) as u32
    }

    fn first_in(self, space: u32) -> u32 {
        let (all, spaces) = (
            u64::from(self.deployments()),
            u64::from(self.namespaces().max(1)),
        );
        (u64::from(space) * all).div_ceil(spaces) as u32
    }

    /// The deployments of a namespace as a range of numbers.
    pub(crate) fn deployments_in(self, space: u32) -> std::ops::Range<u32> {
        self.first_in(space)..self.first_in(space + 1)
    }

    pub(crate) fn namespace_name(space: u32) -> String {
        format!("team-{}", pick(&SPACES, space))
    }

    /// The number of the namespace of that name, if the fleet has it.
    pub(crate) fn namespace_named(self, name: &str) -> Option<u32> {
        let space = name.strip_prefix("team-")?;
        let at = SPACES.iter().position(|s| *s == space)? as u32;
        (at < self.namespaces()).then_some(at)
    }

    pub(crate) fn namespace(self, deployment: u32) -> String {
        Self::namespace_name(self.space_of(deployment))
    }

    /// The service and the role that a deployment's name is made of.
    pub(crate) fn parts(self, deployment: u32) -> (&'static str, &'static str) {
        let range = self.deployments_in(self.space_of(deployment));
        let combos = (SERVICES.len() * ROLES.len()) as u32;
        let at =
            (deployment - range.start.min(deployment)) * combos / (range.end - range.start).max(1);
        let roles = ROLES.len() as u32;
        (pick(&SERVICES, at / roles), pick(&ROLES, at % roles))
    }

    pub(crate) fn deployment_name(self, deployment: u32) -> String {
        let (service, role) = self.parts(deployment);
        format!("{service}-{role}-{deployment:05}")
    }

    pub(crate) fn hash(self, deployment: u32) -> String {
        ascending(mix(u64::from(deployment), self.seed ^ 1), 10)
    }

    /// The version of the deployment's image, always six characters.
    pub(crate) fn version(self, deployment: u32) -> String {
        let n = mix(u64::from(deployment), self.seed ^ 2);
        format!("{}.{}.{}", 1 + n % 4, 10 + n / 4 % 20, n / 80 % 10)
    }

    /// The last five letters of a pod's name: ascending within its deployment, new with each life.
    pub(crate) fn suffix(self, pod: u32, life: u16) -> String {
        let range = self.pods_of(Self::deployment_of(pod));
        let stride = 27_u64.pow(5) / u64::from((range.end - range.start).max(1));
        let at = u64::from(pod - range.start) * stride
            + mix(u64::from(pod), self.seed ^ (u64::from(life) << 20)) % stride;
        ascending(at, 5)
    }

    pub(crate) fn pod_name(self, pod: u32, life: u16) -> String {
        let deployment = Self::deployment_of(pod);
        format!(
            "{}-{}-{}",
            self.deployment_name(deployment),
            self.hash(deployment),
            self.suffix(pod, life)
        )
    }

    pub(crate) fn node_name(node: u32) -> String {
        format!("node-{node:05}")
    }

    pub(crate) fn pod_uid(self, pod: u32, life: u16) -> String {
        uid(self.seed ^ (u64::from(pod) << 20 | u64::from(life)))
    }

    pub(crate) fn deployment_uid(self, deployment: u32) -> String {
        uid(self.seed ^ (1 << 60 | u64::from(deployment)))
    }

    pub(crate) fn set_uid(self, deployment: u32) -> String {
        uid(self.seed ^ (2 << 60 | u64::from(deployment)))
    }

    /// The number at the end of a deployment's name.
    pub(crate) fn deployment_named(self, name: &str) -> Option<u32> {
        let number: u32 = name.rsplit('-').next()?.parse().ok()?;
        (number < self.deployments() && self.deployment_name(number) == name).then_some(number)
    }

    /// The node of that name.
    pub(crate) fn node_named(self, name: &str) -> Option<u32> {
        let number: u32 = name.strip_prefix("node-")?.parse().ok()?;
        (number < self.nodes() && Self::node_name(number) == name).then_some(number)
    }
}

/// A number in the alphabet of generated names; larger numbers have larger names.
fn ascending(mut number: u64, length: usize) -> String {
    let mut text = vec![b'2'; length];
    for byte in text.iter_mut().rev() {
        *byte = LETTERS.get((number % 27) as usize).copied().unwrap_or(b'x');
        number /= 27;
    }
    String::from_utf8(text).unwrap_or_default()
}
