//! Docker as a source: rows, what is worked out from them, and every fault that a daemon can have.

mod daemon;
mod faults;
mod find;
mod stats;

use quarterdeck::model::*;
use serde_json::json;

use daemon::{Played, Watched, inspected, listed, named, objects, of_project};

const ONE: &str = "5cbb514388be55393f2f0ad89d5037787f853d094d488cca602a0fb2ad3c2dfc";
const TWO: &str = "aedf270bb103d98824faa084e34767220d8b9401abbee75a287c38cc9db02ac0";

/// A container that its policy gave up.
fn crashed(daemon: &Played) {
    let container = of_project(
        listed(
            TWO,
            "storefront-crashing-1",
            "exited",
            "Exited (3) 4 minutes ago",
        ),
        "storefront",
        "/srv/storefront",
        "crashing",
    );
    let state = json!({
        "Status": "exited", "ExitCode": 3, "OOMKilled": false,
        "StartedAt": "2026-11-27T04:05:40.2Z", "FinishedAt": "2026-11-27T04:05:42.2Z",
    });
    let policy = json!({ "Name": "on-failure", "MaximumRetryCount": 3 });
    let inspected = inspected(&container, &state, 3, &policy);
    daemon.with(|known| known.inspected.insert(TWO.to_owned(), inspected));
    daemon.add(container);
}

#[tokio::test]
async fn a_crash_loop_is_told_with_its_exit_code() {
    let daemon = Played::started();
    crashed(&daemon);
    let mut watched = Watched::on(&daemon);
    watched.live().await;
    let row = watched.container("storefront-crashing-1").unwrap();
    assert_eq!(row.id.as_str(), TWO);
    assert_eq!(
        (row.state.as_str(), row.status.as_str()),
        ("exited", "Exited 3")
    );
    assert_eq!((row.exit_code, row.restarts), (Some(3), 3));
    assert_eq!(
        (row.meta.namespace.as_str(), row.service.as_str()),
        ("storefront", "crashing")
    );
    assert_eq!(row.health, Health::Bad);
    assert_eq!(row.why.as_deref(), Some("exit 3, gave up after 3 restarts"));
}

#[tokio::test]
async fn rows_follow_events() {
    let daemon = Played::started();
    daemon.add(listed(ONE, "web", "running", "Up 2 hours (healthy)"));
    let mut watched = Watched::on(&daemon);
    watched.live().await;
    let row = watched.container("web").unwrap();
    assert_eq!(row.healthcheck, Healthcheck::Healthy);
    // The list may be asked before anybody listens to the events: that they do is known by their request.
    while daemon.asked("/events") == 0 {
        tokio::task::yield_now().await;
    }
    daemon.with(|known| {
        known.containers[0]["State"] = json!("restarting");
        known.containers[0]["Status"] = json!("Restarting (137) 1 second ago");
    });
    daemon.event("die", ONE, Some(137));
    watched
        .until("a restart", |store| {
            named(store, "web").is_some_and(|row| row.state.as_str() == "restarting")
        })
        .await;
    let row = watched.container("web").unwrap();
    assert_eq!((row.exit_code, row.health), (Some(137), Health::Bad));
    daemon.with(|known| known.containers.clear());
    daemon.event("destroy", ONE, None);
    watched
        .until("nothing", |store| store.docker().is_empty())
        .await;
}

#[tokio::test]
async fn services_are_worked_out_from_labels() {
    let daemon = Played::started();
    crashed(&daemon);
    for (id, name) in [("b1", "storefront-api-1"), ("b2", "storefront-api-2")] {
        let api = listed(id, name, "running", "Up 3 minutes");
        daemon.add(of_project(api, "storefront", "/srv/storefront", "api"));
    }
    daemon.with(|known| {
        known.containers[2]["Labels"]["com.docker.compose.config-hash"] = json!("bbbbbbbbbb");
    });
    let twin = listed("c1", "storefront-api-9", "running", "Up 3 minutes");
    daemon.add(of_project(
        twin,
        "storefront",
        "/home/ann/storefront",
        "api",
    ));
    let mut watched = Watched::on(&daemon);
    watched.want(&[Kind::ComposeService, Kind::ComposeProject]);
    let feed = objects(Kind::ComposeProject);
    watched.live().await;
    watched
        .until("projects", |store| {
            store.status(&feed).is_some_and(SourceStatus::is_live)
        })
        .await;
    let services: Vec<&Workload> = watched
        .store
        .workloads()
        .iter()
        .map(|(_, row)| row)
        .collect();
    assert_eq!(services.len(), 3, "two projects of one name are two");
    let api = services.iter().find(|row| row.desired == Some(2)).unwrap();
    assert_eq!((api.ready, api.status.as_str()), (2, "Drifted"));
    let why = api.why.as_deref().unwrap();
    assert!(why.contains("different configurations"), "{why}");
    assert!(
        why.contains("another project is called storefront too"),
        "{why}"
    );
    let crashing = services
        .iter()
        .find(|row| row.meta.name.as_str() == "crashing")
        .unwrap();
    assert_eq!((crashing.desired, crashing.ready), (Some(1), 0));
    assert_eq!(crashing.health, Health::Bad);
    let projects = watched.store.resources(&Kind::ComposeProject).unwrap();
    assert_eq!(projects.len(), 2);
}

#[tokio::test]
async fn a_service_names_the_error_of_its_tasks() {
    let daemon = Played::started();
    daemon.with(|known| {
        let service = json!([{
            "ID": "s1", "Spec": { "Name": "swarm-shop", "Mode": { "Replicated": { "Replicas": 2 } },
                "TaskTemplate": { "ContainerSpec": { "Image": "shop:2.0@sha256:ab" } } },
            "UpdateStatus": { "State": "paused", "Message": "update paused due to failure" },
        }]);
        let tasks = json!([
            { "ID": "t1", "ServiceID": "s1", "Slot": 1, "DesiredState": "running", "Status": { "State": "running" } },
            { "ID": "t2", "ServiceID": "s1", "Slot": 2, "DesiredState": "shutdown",
              "Status": { "State": "failed", "Err": "task: non-zero exit (3)", "Timestamp": "2026-11-27T04:00:00Z" } },
        ]);
        known.acts = vec![
            ("/services", daemon::Act::Body(service.to_string())),
            ("/tasks", daemon::Act::Body(tasks.to_string())),
            ("/nodes", daemon::Act::Body("null".to_owned())),
        ];
    });
    let mut watched = Watched::on(&daemon);
    watched.want(&[Kind::SwarmService, Kind::SwarmTask]);
    let feed = objects(Kind::SwarmTask);
    watched
        .until("tasks", |store| {
            store.status(&feed).is_some_and(SourceStatus::is_live)
        })
        .await;
    let (_, service) = watched.store.workloads().iter().next().unwrap();
    assert_eq!((service.desired, service.ready), (Some(2), 1));
    assert_eq!(service.images.as_str(), "shop:2.0");
    let why = service.why.as_deref().unwrap();
    assert!(
        why.contains("task: non-zero exit (3)") && why.contains("update paused"),
        "{why}"
    );
    assert_eq!(service.health, Health::Bad);
    let tasks = watched.store.resources(&Kind::SwarmTask).unwrap();
    let failed = tasks
        .iter()
        .find(|(_, task)| task.health == Health::Bad)
        .unwrap()
        .1;
    assert_eq!(failed.why.as_deref(), Some("task: non-zero exit (3)"));
}

#[tokio::test]
async fn a_host_that_is_no_manager_says_so() {
    let daemon = Played::started();
    let words = "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state.";
    daemon.with(|known| known.acts = vec![("/services", daemon::Act::Status(503, words))]);
    let mut watched = Watched::on(&daemon);
    watched.want(&[Kind::SwarmTask, Kind::SwarmService]);
    let feed = objects(Kind::SwarmTask);
    let services = objects(Kind::SwarmService);
    watched
        .until("no services", |store| {
            store.status(&services).is_some_and(SourceStatus::is_live)
        })
        .await;
    watched
        .until("why", |store| {
            matches!(store.status(&feed), Some(SourceStatus::Off { .. }))
        })
        .await;
    let Some(SourceStatus::Off { why }) = watched.store.status(&feed) else {
        panic!()
    };
    assert!(why.contains("worker of a swarm"), "{why}");
}

#[tokio::test]
async fn an_opened_container_hides_its_environment() {
    let daemon = Played::started();
    crashed(&daemon);
    let mut watched = Watched::on(&daemon);
    watched.live().await;
    let row = watched.container("storefront-crashing-1").unwrap();
    let target = Target {
        endpoint: daemon::HOST,
        kind: Kind::Container,
        namespace: row.meta.namespace.clone(),
        name: Name::new(&row.meta.name),
        uid: Some(row.meta.key.uid),
    };
    watched.demand(|demand| demand.document = Some(target));
    watched
        .until("the object", |store| store.document().is_some())
        .await;
    let text = |watched: &Watched| format!("{:?}", watched.store.document().unwrap());
    assert!(!text(&watched).contains("hunter2"), "{}", text(&watched));
    let document = watched.store.document().unwrap();
    let masked: Vec<&str> = document.masked.iter().map(Text::as_str).collect();
    assert_eq!(masked, ["MODE", "PASSWORD"]);
    let owner = document
        .related
        .iter()
        .find(|it| it.relation.as_str() == "owner")
        .unwrap();
    assert_eq!(owner.target.kind, Kind::ComposeService);
    watched.demand(|demand| {
        demand.revealed.insert("PASSWORD".to_owned());
    });
    watched
        .until("the value", |store| {
            format!("{:?}", store.document()).contains("hunter2")
        })
        .await;
    assert!(
        !text(&watched).contains("MODE=live"),
        "only what was asked for is shown"
    );
}
