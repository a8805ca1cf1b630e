//! Alerts of the simulated estate, over the wire: they follow the world, name their workloads, and every fault of a
//! server is told beside the last good rows.

use std::time::Duration;

use quarterdeck::config::{
    AlertmanagerEndpoint, Config, KubernetesEndpoint, PrometheusEndpoint, WebServer,
};
use quarterdeck::demo::{self, Estate, Fault};
use quarterdeck::model::{
    AlertState, Batch, Demand, Engine, Feed, Kind, Moment, Scope, SourceStatus, Topic, Want,
};
use quarterdeck::sources::fleet::Fleet;
use quarterdeck::store::{Alert, Store};
use tokio::sync::mpsc;

const PATIENCE: Duration = Duration::from_mins(1);

struct Place {
    estate: Estate,
    fleet: Fleet,
    batches: mpsc::Receiver<Batch>,
    store: Store,
}

impl Place {
    /// An estate whose first cluster is watched, before anything is asked.
    async fn start(scenario: &str) -> Self {
        let estate = demo::serve(demo::Options {
            scenario: Some(scenario.to_owned()),
            seed: 1,
            ..demo::Options::default()
        })
        .await
        .unwrap();
        let url = |engine: &str| {
            let servers = estate.servers().iter();
            let mut servers = servers.filter(|server| server.engine == engine);
            servers.next().unwrap().url.clone()
        };
        let config = Config {
            kubernetes: vec![KubernetesEndpoint {
                name: "demo-eu".to_owned(),
                server: Some(url("kubernetes")),
                ..KubernetesEndpoint::default()
            }],
            prometheus: vec![PrometheusEndpoint {
                name: "demo-eu".to_owned(),
                server: WebServer::at(url("prometheus")),
                ..PrometheusEndpoint::default()
            }],
            alertmanager: vec![AlertmanagerEndpoint {
                name: "demo-eu".to_owned(),
                server: WebServer::at(url("alertmanager")),
                ..AlertmanagerEndpoint::default()
            }],
            ..Config::default()
        };
        let (mut fleet, batches) = Fleet::new();
        fleet.open_all(&config);
        Self {
            estate,
            fleet,
            batches,
            store: Store::default(),
        }
    }

    fn want(&self) {
        const KINDS: [Kind; 7] = [
            Kind::Alert,
            Kind::AlertRule,
            Kind::ScrapeTarget,
            Kind::Silence,
            Kind::Deployment,
            Kind::Pod,
            Kind::Service,
        ];
        let mut demand = Demand::default();
        for endpoint in self.fleet.endpoints() {
            let kinds = KINDS.iter().filter(|kind| kind.is_of(endpoint.engine));
            demand.objects.extend(kinds.map(|kind| Want {
                endpoint: endpoint.id,
                kind: kind.clone(),
                scope: Scope::All,
            }));
        }
        self.fleet.want(demand);
    }

    async fn until(&mut self, what: &str, there: impl Fn(&Store) -> bool) {
        let waiting = async {
            while !there(&self.store) {
                let batch = self.batches.recv().await.unwrap();
                self.store
                    .apply(batch, Moment::from(jiff::Timestamp::now()));
            }
        };
        let done = tokio::time::timeout(PATIENCE, waiting).await;
        assert!(
            done.is_ok(),
            "{what}: {:?}",
            self.store.statuses().collect::<Vec<_>>()
        );
    }

    fn feed(&self, engine: Engine, topic: Topic) -> Feed {
        let mut endpoints = self.fleet.endpoints();
        let endpoint = endpoints
            .find(|endpoint| endpoint.engine == engine)
            .unwrap()
            .id;
        Feed { endpoint, topic }
    }
}

fn alerts(store: &Store) -> Vec<&Alert> {
    store
        .alerts()
        .rows()
        .iter()
        .map(|(_, alert)| alert)
        .collect()
}

fn words(status: Option<&SourceStatus>) -> String {
    match status {
        Some(SourceStatus::Stale { cause, .. }) => format!("stale: {cause}"),
        Some(SourceStatus::Denied { verb, resource }) => format!("may not {verb} {resource}"),
        Some(SourceStatus::Off { why }) => format!("off: {why}"),
        Some(SourceStatus::Live) => "live".to_owned(),
        _ => String::new(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn alerts_of_the_estate_name_their_workloads_and_broken_rules_are_red() {
    let mut place = Place::start("mix").await;
    place.want();
    place
        .until("a crash loop is told with its workload", |store| {
            alerts(store).iter().any(|alert| {
                alert.meta.name.as_str() == "PodCrashLooping"
                    && alert
                        .target()
                        .is_some_and(|target| target.kind == Kind::Deployment)
            })
        })
        .await;
    place
        .until("the watchdog has reached the Alertmanager", |store| {
            alerts(store).iter().any(|alert| {
                alert.meta.name.as_str() == "Watchdog"
                    && alert.state == AlertState::Firing
                    && alert.reporters.len() == 2
                    && alert.link.is_none()
            })
        })
        .await;
    place
        .until("rules and targets", |store| {
            let broken = store.alerts().rules().iter();
            let broken = broken.filter(|(_, rule)| rule.state.as_str() == "broken");
            broken.count() == 1 && store.alerts().targets().len() > 5
        })
        .await;
    let limit = alerts(&place.store)
        .iter()
        .find_map(|alert| alert.limit.clone().filter(|limit| limit.bound.is_some()));
    assert!(limit.is_some(), "an alert knows its rule's limit");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_of_a_server_is_told_beside_the_last_good_rows() {
    let mut place = Place::start("mix").await;
    place.want();
    place.until("alerts", |store| alerts(store).len() > 2).await;
    let feed = place.feed(Engine::Prometheus, Topic::Objects(Kind::Alert, Scope::All));
    let status = |code: u16, body: &str| Fault::Status {
        code,
        retry_after: None,
        body: body.to_owned(),
    };
    let cases = [
        (
            status(401, ""),
            "stale: login needed: the server does not accept these credentials (401)",
        ),
        (status(503, ""), "stale: the server is busy (503)"),
        (
            status(422, "too many samples"),
            "stale: answered 422: too many samples",
        ),
        (
            Fault::Html,
            "stale: answered with a web page: is there a login in front of it, or is the address one of another thing?",
        ),
        (
            status(404, "404 page not found"),
            "off: this server has no rules",
        ),
        (status(403, ""), "may not read it (403)"),
    ];
    for (fault, expected) in cases {
        let before = alerts(&place.store).len();
        place.estate.inject("demo-eu", "/api/v1/rules", fault, 1);
        place
            .until(expected, |store| words(store.status(&feed)) == expected)
            .await;
        assert!(
            alerts(&place.store).len() >= before,
            "good rows stay: {expected}"
        );
        if !expected.starts_with("may not") {
            // It is asked again at once instead of after its pause.
            place.fleet.retry(|id| id == feed.endpoint);
            place
                .until("live again", |store| words(store.status(&feed)) == "live")
                .await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_asked_before_something_is_wanted() {
    let place = Place::start("calm").await;
    tokio::task::yield_now().await;
    let watched = |uri: &str| uri.contains("/api/v1/rules") || uri.contains("/api/v2/");
    assert!(
        !place
            .estate
            .seen("demo-eu")
            .iter()
            .any(|seen| watched(&seen.uri))
    );
}
