//! What tables show: every view from the same small estate; orders, scopes and columns.

use proptest::prelude::*;
use quarterdeck::model::*;
use quarterdeck::ui::query::{Query, Sort, Within};
use quarterdeck::ui::rows::TableState;
use quarterdeck::ui::views::{self, Drill, Prepared, ViewRef};

use crate::estate::{self, drawn, filtered, tell, world};

fn view(name: &str) -> ViewRef {
    views::find(name).unwrap()
}

/// The names of a view's rows, in their order.
fn names(name: &str, query: &Query) -> Vec<String> {
    let store = store();
    let view = view(name);
    let mut prepared = Prepared::default();
    view.prepare(world(&store), query, &mut prepared);
    let columns = view.columns(world(&store));
    let at = columns
        .iter()
        .position(|column| column.key == "name")
        .unwrap();
    let cells = prepared
        .rows
        .iter()
        .map(|slot| view.cells(world(&store), *slot));
    cells.map(|cells| cells[at].text.to_string()).collect()
}

fn sorted(column: &str, descending: bool) -> Query {
    Query {
        sort: Some(Sort {
            column: column.into(),
            descending,
        }),
        ..Query::default()
    }
}

/// The estate with those that watch it.
fn store() -> quarterdeck::store::Store {
    let mut store = estate::store();
    estate::watched(&mut store);
    store
}

/// The views that a cluster has rows for; those of Docker are drawn among its own tests.
fn of_clusters() -> Vec<ViewRef> {
    let docker = |view: &ViewRef| {
        let kinds = view.kinds();
        kinds
            .first()
            .is_some_and(|kind| kind.engine() == Engine::Docker)
    };
    views::ALL
        .iter()
        .filter(|view| !docker(view))
        .cloned()
        .collect()
}

#[test]
fn every_view_is_drawn_as_before() {
    let store = store();
    let mut all: Vec<ViewRef> = of_clusters();
    all.push(views::find_in(&store, "certs").unwrap());
    for view in all {
        let query = Query::default();
        for size in [(80, 24), (160, 48)] {
            let text = drawn(&view, &store, &mut TableState::default(), &query, size);
            insta::assert_snapshot!(format!("{}_{}", view.name(), size.0), text.trim_end());
        }
        let mut wide = TableState::default();
        wide.set_wide(true);
        let text = drawn(&view, &store, &mut wide, &query, (260, 24));
        insta::assert_snapshot!(format!("{}_wide", view.name()), text.trim_end());
    }
}

#[test]
fn names_and_aliases_lead_to_one_view_each() {
    let mut seen = std::collections::BTreeMap::new();
    for view in views::ALL.iter() {
        let mut words = view.aliases();
        words.push(view.name().to_owned());
        for word in words {
            assert_eq!(word, word.to_lowercase());
            let before = seen.insert(word.clone(), view.name().to_owned());
            assert_eq!(before, None, "{word} is said twice");
        }
        assert!(!view.title().is_empty() && !view.doc().is_empty());
    }
    for (kind, info) in Kind::built_in() {
        for word in [info.plural, info.singular].iter().chain(info.short) {
            let found = views::find(word).unwrap_or_else(|| panic!("{word}"));
            assert_eq!(found.kinds().first(), Some(kind), "{word}");
        }
    }
    assert_eq!(view("PO").name(), "pods");
    assert_eq!(view("wk").name(), "workloads");
}

#[test]
fn kinds_of_the_server_are_views_too() {
    let store = store();
    for word in [
        "certificates",
        "cert",
        "Certificate",
        "certificates.cert-manager.io",
    ] {
        let found = views::find_in(&store, word).unwrap();
        assert_eq!(found.name(), "certificates");
        assert_eq!(found.title(), "Certificate");
    }
    assert!(views::find_in(&store, "certificates.example.com").is_none());
    assert_eq!(views::objects(Kind::Deployment).name(), "deployments");
    assert_eq!(views::objects(Kind::Pod).name(), "pods");
}

#[test]
fn a_word_that_is_no_view_names_the_nearest() {
    let store = store();
    assert_eq!(views::nearest(&store, "pdos").first().unwrap(), "pods");
    assert!(views::nearest(&store, "deploymnt").contains(&"deployment".to_owned()));
    assert!(views::nearest(&store, "certificat").contains(&"certificates".to_owned()));
    assert!(views::nearest(&store, "xyzzyplugh").is_empty());
}

#[test]
fn columns_and_cells_match_and_keys_are_snake_case() {
    let store = store();
    for several in [false, true] {
        for view in of_clusters() {
            let world = views::World {
                several,
                ..world(&store)
            };
            let columns = view.columns(world);
            let mut prepared = Prepared::default();
            view.prepare(world, &Query::default(), &mut prepared);
            assert!(!prepared.rows.is_empty(), "{}", view.name());
            for slot in &prepared.rows {
                assert_eq!(
                    view.cells(world, *slot).len(),
                    columns.len(),
                    "{}",
                    view.name()
                );
            }
            let mut keys: Vec<_> = columns.iter().map(|column| column.key.clone()).collect();
            assert!(keys.iter().all(|key| {
                key.chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
            }));
            keys.sort();
            keys.dedup();
            assert_eq!(keys.len(), columns.len(), "{}", view.name());
        }
    }
}

#[test]
fn several_clusters_are_told_apart_by_a_column() {
    let store = store();
    let several = views::World {
        several: true,
        ..world(&store)
    };
    let view = view("pods");
    assert_eq!(view.columns(several)[0].header, "CLUSTER");
    let slot = store.pods().iter().next().unwrap().0;
    assert_eq!(view.cells(several, slot)[0].text, "eks-eu-1");
}

#[test]
fn the_worst_comes_first_and_then_names_in_natural_order() {
    let rows = names("pods", &Query::default());
    assert_eq!(
        &rows[..5],
        [
            "shop-7d9f8b6c5d-8h6gw",
            "web-0",
            "shop-7d9f8b6c5d-m2lz9",
            "web-10",
            "web-2"
        ]
    );
    assert!(rows.last().unwrap().starts_with("backup"));
    let rows = names("pods", &sorted("name", false));
    let at = |name: &str| rows.iter().position(|row| row == name).unwrap();
    assert!(at("web-0") < at("web-2") && at("web-2") < at("web-10"));
}

#[test]
fn any_column_sorts_both_ways_and_missing_values_stay_last() {
    let up = names("pods", &sorted("cpu", false));
    let down = names("pods", &sorted("cpu", true));
    assert_eq!(
        &up[..3].iter().map(|name| &name[..4]).collect::<Vec<_>>(),
        &["shop", "shop", "a-co"]
    );
    assert_eq!(
        up[..3].iter().rev().collect::<Vec<_>>(),
        down[..3].iter().collect::<Vec<_>>()
    );
    assert_eq!(
        up[3..],
        down[3..],
        "pods without a sample keep their places"
    );
    let store = store();
    for view in views::ALL.iter() {
        for column in view.columns(world(&store)) {
            for descending in [false, true] {
                let mut prepared = Prepared::default();
                view.prepare(
                    world(&store),
                    &sorted(&column.key, descending),
                    &mut prepared,
                );
                assert_eq!(prepared.rows.len(), prepared.total);
            }
        }
    }
}

#[test]
fn events_come_newest_first_and_name_what_they_are_about() {
    let store = store();
    let view = view("events");
    let mut prepared = Prepared::default();
    view.prepare(world(&store), &Query::default(), &mut prepared);
    let first = prepared.rows[0];
    assert_eq!(
        store.events().get(first).unwrap().reason.as_str(),
        "Unhealthy"
    );
    let Some(Drill::Open(target)) = view.drill(&store, first) else {
        panic!("an event leads to its object");
    };
    assert_eq!(target.kind, Kind::Pod);
    assert_eq!(target.name.as_str(), "shop-7d9f8b6c5d-m2lz9");
}

#[test]
fn scopes_narrow_and_counts_tell() {
    let store = store();
    let query = Query {
        namespaces: vec!["storefront".into()],
        ..Query::default()
    };
    let mut prepared = Prepared::default();
    view("pods").prepare(world(&store), &query, &mut prepared);
    assert_eq!((prepared.rows.len(), prepared.total), (3, 3));
    assert_eq!(prepared.by_health, [1, 1, 1, 0, 0]);
    // Nodes are in no namespace, contexts in no cluster.
    view("nodes").prepare(world(&store), &query, &mut prepared);
    assert_eq!(prepared.rows.len(), 3);
    let elsewhere = Query {
        endpoints: vec![EndpointId(9)],
        ..Query::default()
    };
    view("pods").prepare(world(&store), &elsewhere, &mut prepared);
    assert_eq!(prepared.total, 0);
    view("contexts").prepare(world(&store), &elsewhere, &mut prepared);
    assert_eq!(prepared.total, 3);
    let faults = Query {
        faults_only: true,
        ..Query::default()
    };
    assert_eq!(names("workloads", &faults), ["shop", "migrate", "held"]);
}

#[test]
fn a_deployment_leads_to_its_pods_and_a_pod_to_its_containers() {
    let store = store();
    let lead = |from: &str, name: &str| {
        let from = view(from);
        let mut prepared = Prepared::default();
        from.prepare(
            world(&store),
            &filtered(&format!("/{name}$")),
            &mut prepared,
        );
        from.drill(&store, prepared.rows[0]).unwrap()
    };
    let follow = |drill: Drill| {
        let Drill::Into { view, within } = drill else {
            panic!("it leads into a view");
        };
        let query = Query {
            within: Some(within),
            ..Query::default()
        };
        names(view, &query)
    };
    assert_eq!(
        follow(lead("deployments", "shop")),
        [
            "shop-7d9f8b6c5d-8h6gw",
            "shop-7d9f8b6c5d-m2lz9",
            "shop-7d9f8b6c5d-zzz11"
        ]
    );
    assert_eq!(follow(lead("services", "shop")).len(), 3);
    assert_eq!(follow(lead("cronjobs", "backup")), ["backup-29384720"]);
    assert_eq!(
        follow(lead("jobs", "backup-29384720")),
        ["backup-29384720-x7k2p"]
    );
    assert_eq!(
        follow(lead("pods", "shop-7d9f8b6c5d-8h6gw")),
        ["shop", "proxy"]
    );
    assert_eq!(follow(lead("nodes", "node-b")).len(), 2);
    assert_eq!(
        lead("namespaces", "storefront"),
        Drill::UseNamespace("storefront".into())
    );
    assert_eq!(
        lead("contexts", "kind-dev"),
        Drill::UseContext("kind-dev".into())
    );
    assert_eq!(lead("configmaps", "shop-config"), Drill::Detail);
    let about = Within::About {
        endpoint: estate::EU,
        uid: Uid::hash("/node-c"),
    };
    let query = Query {
        within: Some(about),
        ..Query::default()
    };
    let mut prepared = Prepared::default();
    view("events").prepare(world(&store), &query, &mut prepared);
    assert_eq!(
        prepared.rows.len(),
        1,
        "a node's events carry its name for a uid"
    );
}

#[test]
fn reasons_are_told_where_the_eye_is() {
    let store = store();
    let why = |view: &str, name: &str| {
        let view = self::view(view);
        let mut prepared = Prepared::default();
        view.prepare(
            world(&store),
            &filtered(&format!("/{name}$")),
            &mut prepared,
        );
        view.cells(world(&store), prepared.rows[0])
            .last()
            .unwrap()
            .text
            .to_string()
    };
    assert_eq!(
        why("pods", "m2lz9"),
        "Readiness probe failed: HTTP probe failed with statuscode: 503",
        "only events know why a probe fails"
    );
    assert_eq!(why("pods", "8h6gw"), "crashes: exit 3, 4 restarts");
    assert_eq!(
        why("deployments", "shop"),
        "crashes: exit 3, 4 restarts",
        "a Deployment tells the cause, not a count"
    );
    assert_eq!(
        why("workloads", "migrate"),
        "gave up: 6 pods failed, 6 retries allowed"
    );
}

#[test]
fn a_cause_goes_when_its_pod_recovers() {
    let mut store = store();
    let shop = |store: &quarterdeck::store::Store| {
        let (_, shop) = store
            .workloads()
            .iter()
            .find(|(_, row)| row.meta.name.as_str() == "shop")
            .unwrap();
        quarterdeck::store::why_workload(store, shop).map(std::borrow::Cow::into_owned)
    };
    assert!(shop(&store).unwrap().starts_with("crashes"));
    let (_, pod) = store
        .pods()
        .iter()
        .find(|(_, pod)| pod.restarts == 4)
        .unwrap();
    let mut well = pod.clone();
    well.health = Health::Good;
    tell(&mut store, Kind::Pod, [Row::Pod(well)]);
    assert!(
        shop(&store).unwrap().starts_with("Readiness"),
        "the next cause"
    );
    let feed = estate::feed(Kind::Pod);
    let changes = vec![Change::Listing, Change::Listed];
    store.apply(Batch { feed, changes }, estate::now());
    assert_eq!(shop(&store).unwrap(), "1 of 3 new pods ready");
}

#[test]
fn only_what_shows_an_age_ticks() {
    let store = store();
    let next = |view: &str, name: &str| {
        let view = self::view(view);
        let mut prepared = Prepared::default();
        view.prepare(
            world(&store),
            &filtered(&format!("/{name}$")),
            &mut prepared,
        );
        let next = view.ticks(world(&store), prepared.rows[0]);
        next.map(|next| next.second() - estate::now().second())
    };
    assert_eq!(next("pods", "web-2"), Some(1), "3s");
    assert_eq!(
        next("pods", "web-10"),
        Some(29),
        "61m40s, with the next half minute"
    );
    assert_eq!(next("contexts", "kind-dev"), None);
}

proptest! {
    #[test]
    fn preparing_equals_sorting_plainly(
        pods in prop::collection::vec(("[a-b]{0,2}", "[A-Ba-b0-2]{1,4}", 0_usize..5, 0_u32..3), 0..40),
        descending: bool,
    ) {
        let mut store = quarterdeck::store::Store::default();
        let rows = pods.iter().enumerate().map(|(at, (namespace, name, health, restarts))| {
            let mut pod = estate::pod(namespace, name, 10);
            pod.meta.key.uid = Uid::hash(&at.to_string());
            pod.health = Health::ALL[*health];
            pod.restarts = *restarts;
            Row::Pod(pod)
        });
        tell(&mut store, Kind::Pod, rows.collect::<Vec<_>>());
        let view = view("pods");
        let plain = |name: &str| {
            // Natural order of these short names: split into letters and numbers.
            let mut parts: Vec<(u8, u64, String)> = Vec::new();
            let mut rest = name.to_lowercase();
            while let Some(first) = rest.chars().next() {
                let digit = first.is_ascii_digit();
                let end = rest.find(|c: char| c.is_ascii_digit() != digit).unwrap_or(rest.len());
                let part: String = rest.drain(..end).collect();
                if digit {
                    parts.push((0, part.parse().unwrap(), String::new()));
                } else {
                    parts.extend(part.chars().map(|c| (1, 0, c.to_string())));
                }
            }
            parts
        };
        let mut prepared = Prepared::default();
        view.prepare(world(&store), &Query::default(), &mut prepared);
        let order: Vec<_> = prepared.rows.iter().map(|slot| store.pods().get(*slot).unwrap()).collect();
        prop_assert_eq!(order.len(), pods.len());
        for two in order.windows(2) {
            let key = |pod: &Pod| (pod.health, plain(&pod.meta.namespace), plain(&pod.meta.name));
            prop_assert!(key(two[0]) <= key(two[1]));
        }
        view.prepare(world(&store), &sorted("restarts", descending), &mut prepared);
        let order: Vec<_> = prepared.rows.iter().map(|slot| store.pods().get(*slot).unwrap()).collect();
        for two in order.windows(2) {
            let key = |pod: &Pod| {
                let restarts = i64::from(pod.restarts) * if descending { -1 } else { 1 };
                (restarts, plain(&pod.meta.namespace), plain(&pod.meta.name))
            };
            prop_assert!(key(two[0]) <= key(two[1]));
        }
    }
}
