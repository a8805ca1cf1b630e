//! CPU and memory: which requests ask for them, and how samples become sums.

use quarterdeck::model::{
    Allotment, Batch, Change, EndpointId, Feed, Key, Name, Pod, Row, Text, Topic, Uid, Usage,
};
use quarterdeck::sources::kubernetes::usage::{plan_for, used};
use quarterdeck::store::Store;
use serde_json::json;

use super::now;

#[test]
fn usage_is_asked_with_as_few_requests_as_fit() {
    let paths = |rows: &[(bool, &str, &str)], all| -> Vec<String> {
        plan_for(rows, all)
            .into_iter()
            .map(|ask| ask.path.replace("/apis/metrics.k8s.io/v1beta1", ""))
            .collect()
    };
    assert!(paths(&[], false).is_empty());
    assert_eq!(
        paths(
            &[(false, "shop", "a"), (false, "shop", "b"), (true, "", "n1")],
            false
        ),
        [
            "/nodes/n1",
            "/namespaces/shop/pods/a",
            "/namespaces/shop/pods/b"
        ]
    );
    let names: Vec<String> = (0..20).map(|number| format!("p{number}")).collect();
    let many: Vec<_> = names
        .iter()
        .map(|name| (false, "shop", name.as_str()))
        .collect();
    assert_eq!(paths(&many, false), ["/namespaces/shop/pods"]);
    assert_eq!(paths(&many, true), ["/pods"]);
    let namespaces: Vec<String> = (0..40).map(|number| format!("n{number}")).collect();
    let spread: Vec<_> = namespaces
        .iter()
        .map(|name| (false, name.as_str(), "p"))
        .collect();
    assert_eq!(
        paths(&spread, false).len(),
        40,
        "a cluster may be a hundred thousand pods: only the rows are asked"
    );
    assert_eq!(paths(&spread, true), ["/pods"]);
    assert_eq!(
        paths(&[(false, "shop", ""), (false, "shop", "p")], false),
        ["/namespaces/shop/pods"],
        "too many to be named"
    );
}

#[test]
fn samples_find_their_pods_by_name() {
    let key = |endpoint, uid| Key {
        endpoint: EndpointId(endpoint),
        uid: Uid::parse(uid),
    };
    let pod = |key, name: &str| {
        let mut pod = Pod::default();
        pod.meta.key = key;
        pod.meta.namespace = Name::new("shop");
        pod.meta.name = Text::new(name);
        Change::Row(Row::Pod(pod))
    };
    let (one, two, elsewhere) = (key(0, "one"), key(0, "two"), key(1, "one"));
    let usage = Usage {
        used: Allotment {
            cpu_millicores: 5,
            memory_bytes: 7,
        },
        at: now(),
    };
    let feed = Feed {
        endpoint: EndpointId(0),
        topic: Topic::Usage,
    };
    let changes = vec![
        pod(one, "a"),
        pod(two, "b"),
        pod(elsewhere, "a"),
        Change::Samples(vec![("shop".into(), "a".into(), usage)]),
    ];
    let mut store = Store::default();
    store.apply(Batch { feed, changes }, now());
    assert_eq!(store.usage(&one), Some(&usage));
    assert_eq!(store.usage(&two), None);
    assert_eq!(
        store.usage(&elsewhere),
        None,
        "another cluster's pod of the same name"
    );
}

#[test]
fn a_sample_sums_its_containers() {
    let pod = json!({ "containers": [
        { "usage": { "cpu": "3m", "memory": "6Mi" } },
        { "usage": { "cpu": "1500000n", "memory": "1024Ki" } },
    ] });
    let sum = used(&pod);
    assert_eq!((sum.cpu_millicores, sum.memory_bytes), (5, 7 << 20));
    let node = json!({ "usage": { "cpu": "250m", "memory": "1Gi" } });
    assert_eq!(used(&node).cpu_millicores, 250);
}
