//! The store against a naive model: however facts are batched, repeated, reordered or listed anew, the same is known.

use std::collections::BTreeMap;

use proptest::prelude::*;
use quarterdeck::model::*;
use quarterdeck::store::{Store, why_workload};

use crate::estate::{ago, labels, now, owner, pod, workload};

const SPACES: [&str; 2] = ["a", "b"];
const NODES: [&str; 3] = ["", "one", "two"];

/// A pod as the server has it.
#[derive(Clone, Debug, PartialEq)]
struct Fact {
    space: usize,
    version: u64,
    node: usize,
    health: Health,
}

#[derive(Clone, Debug)]
enum Step {
    /// Pod, node, health.
    Change(usize, usize, usize),
    Delete(usize),
    /// A namespace is listed anew, in pages of so many; nothing is told of changes in between.
    Relist(usize, usize),
    /// Something that was told before is told again.
    Repeat(usize),
    /// A feed ends.
    Drop(usize),
    /// The batch ends here.
    Cut,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => (0_usize..12, 0_usize..3, 0_usize..5).prop_map(|(pod, node, health)| Step::Change(pod, node, health)),
        3 => (0_usize..12).prop_map(Step::Delete),
        2 => (0_usize..2, 1_usize..4).prop_map(|(space, page)| Step::Relist(space, page)),
        3 => (0_usize..40).prop_map(Step::Repeat),
        1 => (0_usize..2).prop_map(Step::Drop),
        2 => Just(Step::Cut),
    ];
    prop::collection::vec(step, 0..60)
}

fn uid(pod: usize) -> Uid {
    Uid::hash(&format!("pod {pod}"))
}

fn row(id: usize, fact: &Fact) -> Pod {
    let mut pod = pod(SPACES[fact.space], &format!("web-{id}"), 100);
    pod.meta.key.uid = uid(id);
    pod.meta.version = fact.version;
    pod.meta.labels = labels(&[("app", "web")]);
    pod.meta.owner = owner("ReplicaSet", SPACES[fact.space], "web-7d9f");
    pod.node = NODES[fact.node].into();
    pod.health = fact.health;
    pod.why = Some(format!("reason {id} {}", fact.version).into());
    pod
}

fn feed(space: usize) -> Feed {
    Feed {
        endpoint: EndpointId(1),
        topic: Topic::Objects(Kind::Pod, Scope::Namespace(SPACES[space].into())),
    }
}

/// A store with a batch under way for each namespace.
#[derive(Default)]
struct Told {
    store: Store,
    pending: [Vec<Change>; 2],
    history: Vec<(usize, Pod)>,
}

impl Told {
    fn tell(&mut self, space: usize, change: Change) {
        self.pending[space].push(change);
    }

    fn row(&mut self, space: usize, pod: Pod) {
        self.history.push((space, pod.clone()));
        self.tell(space, Change::Row(Row::Pod(pod)));
    }

    fn cut(&mut self) {
        for space in 0..2 {
            let changes = std::mem::take(&mut self.pending[space]);
            let feed = feed(space);
            self.store.apply(Batch { feed, changes }, now());
        }
    }
}

/// Runs the steps and returns what the server has and what the store knows.
fn run(steps: &[Step]) -> (BTreeMap<usize, Fact>, Store) {
    let mut world: BTreeMap<usize, Fact> = BTreeMap::new();
    let mut told = Told::default();
    let mut version = 0;
    for step in steps {
        version += u64::from(!matches!(step, Step::Cut));
        match *step {
            Step::Change(id, node, health) => {
                // A pod stays in its namespace for life.
                let fact = Fact {
                    space: id % 2,
                    version,
                    node,
                    health: Health::ALL[health],
                };
                told.row(fact.space, row(id, &fact));
                world.insert(id, fact);
            }
            Step::Delete(id) => {
                world.remove(&id);
                told.tell(id % 2, Change::Gone(uid(id)));
            }
            Step::Relist(space, page) => {
                // One pod goes while nobody is listening.
                if let Some(id) = world.keys().copied().find(|id| id % 2 == space) {
                    world.remove(&id);
                }
                told.tell(space, Change::Listing);
                let rows: Vec<Pod> = world
                    .iter()
                    .filter(|(_, fact)| fact.space == space)
                    .map(|(id, fact)| row(*id, fact))
                    .collect();
                for page in rows.chunks(page) {
                    for pod in page {
                        told.row(space, pod.clone());
                    }
                    told.cut();
                }
                told.tell(space, Change::Listed);
            }
            Step::Repeat(at) => {
                let Some((space, pod)) = told.history.get(at).cloned() else {
                    continue;
                };
                // Only of what is still there: a watch never tells of the deleted again.
                let there = world.iter().any(|(id, _)| uid(*id) == pod.meta.key.uid);
                if there {
                    told.tell(space, Change::Row(Row::Pod(pod)));
                }
            }
            Step::Drop(space) => {
                world.retain(|_, fact| fact.space != space);
                told.tell(space, Change::Dropped);
                told.history.retain(|(of, _)| *of != space);
            }
            Step::Cut => told.cut(),
        }
    }
    told.cut();
    (world, told.store)
}

proptest! {
    #[test]
    fn any_telling_equals_the_world(steps in steps()) {
        let (world, store) = run(&steps);
        prop_assert_eq!(store.pods().len(), world.len());
        for (id, fact) in &world {
            let key = Key { endpoint: EndpointId(1), uid: uid(*id) };
            let slot = store.pods().find(&key).unwrap();
            prop_assert_eq!(store.pods().get(slot).unwrap(), &row(*id, fact));
        }
        let seen: Vec<u32> = store.pods().iter().map(|(slot, _)| slot).collect();
        prop_assert_eq!(seen.len(), world.len());
        prop_assert!(seen.windows(2).all(|two| two[0] < two[1]));
        for node in &NODES[1..] {
            let count = world.values().filter(|fact| {
                NODES[fact.node] == *node && fact.health != Health::Idle
            }).count();
            let node = Node { meta: crate::estate::meta("", node, 1), ..Node::default() };
            prop_assert_eq!(store.pods_on(&node) as usize, count);
        }
        for (at, space) in SPACES.iter().enumerate() {
            let mut web = workload(WorkloadKind::Deployment, space, "web", 9);
            web.health = Health::Bad;
            let worst = world.iter()
                .filter(|(_, fact)| fact.space == at && fact.health <= Health::Warn)
                .map(|(id, fact)| (fact.health, row(*id, fact)))
                .min_by_key(|(health, pod)| (*health, pod.meta.key));
            let why = why_workload(&store, &web).map(std::borrow::Cow::into_owned);
            prop_assert_eq!(why, worst.map(|(_, pod)| pod.why.unwrap().to_string()));
        }
    }

    #[test]
    fn batches_make_no_difference(steps in steps()) {
        let (_, one) = run(&steps);
        let uncut: Vec<Step> = steps.into_iter().filter(|step| !matches!(step, Step::Cut)).collect();
        let (_, other) = run(&uncut);
        let rows = |store: &Store| {
            let mut rows: Vec<(Key, Pod)> = store.pods().iter().map(|(_, pod)| (pod.meta.key, pod.clone())).collect();
            rows.sort_by_key(|(key, _)| *key);
            rows
        };
        prop_assert_eq!(rows(&one), rows(&other));
    }
}

fn apply(store: &mut Store, feed: &Feed, changes: Vec<Change>) {
    let feed = feed.clone();
    store.apply(Batch { feed, changes }, now());
}

#[test]
fn a_list_shows_rows_as_they_come_and_never_blanks() {
    let mut store = Store::default();
    let fact = |version| Fact {
        space: 0,
        version,
        node: 1,
        health: Health::Good,
    };
    let tell = |id, version| Change::Row(Row::Pod(row(id, &fact(version))));
    apply(&mut store, &feed(0), vec![Change::Listing, tell(0, 1)]);
    assert_eq!(store.pods().len(), 1, "before the list is complete");
    apply(&mut store, &feed(0), vec![tell(2, 1), Change::Listed]);
    apply(&mut store, &feed(0), vec![Change::Listing, tell(2, 5)]);
    assert_eq!(
        store.pods().len(),
        2,
        "the old row stays until the list is complete"
    );
    apply(&mut store, &feed(0), vec![Change::Listed]);
    assert_eq!(store.pods().len(), 1);
    apply(&mut store, &feed(0), vec![tell(2, 3)]);
    let key = Key {
        endpoint: EndpointId(1),
        uid: uid(2),
    };
    assert_eq!(
        store.pods().row(&key).unwrap().meta.version,
        5,
        "an older version is not news"
    );
}

#[test]
fn kinds_of_workloads_share_a_table_but_not_their_lists() {
    let mut store = Store::default();
    for kind in [WorkloadKind::Deployment, WorkloadKind::Job] {
        let feed = crate::estate::feed(kind.kind());
        let row = Row::Workload(Box::new(workload(kind, "a", kind.name(), 5)));
        apply(
            &mut store,
            &feed,
            vec![Change::Listing, Change::Row(row), Change::Listed],
        );
    }
    apply(
        &mut store,
        &crate::estate::feed(Kind::Job),
        vec![Change::Listing, Change::Listed],
    );
    let left: Vec<_> = store.workloads().iter().map(|(_, row)| row.kind).collect();
    assert_eq!(left, [WorkloadKind::Deployment]);
}

#[test]
fn a_closed_endpoint_leaves_nothing_behind() {
    let mut store = crate::estate::store();
    let server = Feed {
        endpoint: crate::estate::EU,
        topic: Topic::Server,
    };
    apply(&mut store, &server, vec![Change::Closed]);
    assert!(store.endpoints().is_empty());
    assert!(store.pods().is_empty() && store.workloads().is_empty() && store.hpas().is_empty());
    assert!(store.nodes().is_empty() && store.events().is_empty() && store.containers().is_empty());
    assert!(
        store
            .resources(&Kind::Service)
            .is_none_or(quarterdeck::store::Table::is_empty)
    );
    assert!(store.kinds(crate::estate::EU).is_empty());
    assert!(
        store
            .usage(&crate::estate::meta("", "node-a", 0).key)
            .is_none()
    );
    assert_eq!(store.statuses().count(), 0);
    let node = Node {
        meta: crate::estate::meta("", "node-a", 0),
        ..Node::default()
    };
    assert_eq!(store.pods_on(&node), 0);
}

#[test]
fn usage_is_only_kept_for_what_is_there() {
    let mut store = Store::default();
    let usage = Usage {
        used: Allotment::default(),
        at: now(),
    };
    let key = crate::estate::meta("a", "gone", 0).key;
    let feed = Feed {
        endpoint: EndpointId(1),
        topic: Topic::Usage,
    };
    apply(&mut store, &feed, vec![Change::Usage(key, usage)]);
    assert!(store.usage(&key).is_none());
}

#[test]
fn the_newest_warning_about_an_object_is_known() {
    let mut store = Store::default();
    let object = crate::estate::meta("a", "web-0", 0).key;
    let event = |name: &str, age: i64, warning: bool| {
        let event = Event {
            meta: crate::estate::meta("a", name, age),
            warning,
            message: name.into(),
            last: ago(age),
            involved: Involved {
                uid: object.uid,
                ..Involved::default()
            },
            ..Event::default()
        };
        Row::Event(Box::new(event))
    };
    let told = |store: &Store| {
        store
            .last_warning(&object)
            .map(|event| event.message.to_string())
    };
    let feed = crate::estate::feed(Kind::Event);
    apply(&mut store, &feed, vec![Change::Row(event("old", 90, true))]);
    apply(&mut store, &feed, vec![Change::Row(event("new", 10, true))]);
    apply(
        &mut store,
        &feed,
        vec![Change::Row(event("older", 500, true))],
    );
    apply(
        &mut store,
        &feed,
        vec![Change::Row(event("normal", 1, false))],
    );
    assert_eq!(told(&store).unwrap(), "new");
    apply(
        &mut store,
        &feed,
        vec![Change::Gone(crate::estate::meta("a", "new", 0).key.uid)],
    );
    assert_eq!(told(&store), None, "warnings expire oldest first");
    apply(&mut store, &feed, vec![Change::Row(event("next", 5, true))]);
    assert_eq!(told(&store).unwrap(), "next");
    apply(
        &mut store,
        &feed,
        vec![
            Change::Listing,
            Change::Row(event("old", 90, true)),
            Change::Listed,
        ],
    );
    assert_eq!(told(&store).unwrap(), "old");
}
