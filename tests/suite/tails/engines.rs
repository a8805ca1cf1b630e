//! Log sources against a real kubelet, over a connection that breaks all the time. Runs when `QD_TEST_ENGINES=1`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use quarterdeck::clients::kube::Reader;
use quarterdeck::model::{
    Demand, EndpointId, Key, Kind, LogChange, LogMarkKind, LogReading, LogSince, LogTarget,
    LogWant, Name, Target,
};
use quarterdeck::sources::logs::kubernetes;
use quarterdeck::sources::logs::readings::Readings;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout_at};

/// Orders are logged when they end, up to 35 ms after they began: the last ones die with their container.
const UNDER_WAY: u64 = 80;

fn engines() -> bool {
    std::env::var("QD_TEST_ENGINES").is_ok_and(|value| value == "1")
}

/// A way to the API server that can be cut.
#[derive(Clone, Default)]
struct Way(Arc<Mutex<Vec<AbortHandle>>>);

impl Way {
    async fn open(&self, server: String) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::clone(&self.0);
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let server = server.clone();
                let task = tokio::spawn(async move {
                    if let Ok(mut far) = TcpStream::connect(server).await {
                        let _ = copy_bidirectional(&mut near, &mut far).await;
                    }
                });
                connections.lock().unwrap().push(task.abort_handle());
            }
        });
        port
    }

    fn cut(&self) {
        for connection in self.0.lock().unwrap().drain(..) {
            connection.abort();
        }
    }
}

/// A namespace that goes with the test.
struct Place(String);

impl Drop for Place {
    fn drop(&mut self) {
        let gone = ["delete", "namespace", &self.0, "--wait=false"];
        let _ = Command::new("kubectl")
            .args(gone)
            .stdout(Stdio::null())
            .status();
    }
}

fn apply(place: &str) {
    let deployment = |name: &str, image: &str, rate: u32, replicas: u32| {
        serde_json::json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": name, "namespace": place},
            "spec": {
                "replicas": replicas, "selector": {"matchLabels": {"app": name}},
                "template": {
                    "metadata": {"labels": {"app": name}},
                    "spec": {"terminationGracePeriodSeconds": 1, "containers": [{
                        "name": "shop", "image": image, "imagePullPolicy": "Never",
                        "env": [{"name": "RATE", "value": rate.to_string()}],
                    }]},
                },
            },
        })
    };
    let list = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": place}},
        deployment("busy", "shop:1.8", 900, 2),
        deployment("crash", "shop:2.0", 100, 1),
    ]});
    let mut kubectl = Command::new("kubectl")
        .args(["apply", "-f", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = kubectl.stdin.take().unwrap();
    stdin.write_all(list.to_string().as_bytes()).unwrap();
    drop(stdin);
    assert!(kubectl.wait().unwrap().success());
}

/// What came of one container, one instance after the other.
#[derive(Default)]
struct Heard {
    instances: Vec<Vec<u64>>,
    gaps: usize,
    marks: Vec<String>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_line_of_real_containers_is_accounted_for() {
    if !engines() {
        return;
    }
    let place = Place(format!("qd-tails-{}", std::process::id()));
    apply(&place.0);
    let mut config = kube::Config::infer().await.unwrap();
    let way = Way::default();
    let host = config.cluster_url.host().unwrap().to_owned();
    let far = format!("{host}:{}", config.cluster_url.port_u16().unwrap_or(443));
    let port = way.open(far).await;
    config.cluster_url = format!("https://{host}:{port}").parse().unwrap();
    let reader = Reader::new(kube::Client::try_from(config).unwrap());
    let (batches_tx, mut batches) = mpsc::channel(64);
    let target = Target {
        endpoint: EndpointId(0),
        kind: Kind::Namespace,
        namespace: Name::default(),
        name: Name::new(&place.0),
        uid: None,
    };
    let demand = watch::Sender::new(Demand {
        logs: vec![LogWant {
            reading: LogReading(1),
            targets: vec![LogTarget::Object(target)],
            since: LogSince::Start,
            previous: false,
            follow: true,
            older: 0,
        }],
        ..Demand::default()
    });
    let readings = Readings::new(EndpointId(0), demand.subscribe(), batches_tx);
    let task = tokio::spawn(kubernetes::serve(reader, String::new(), readings, 16));
    let mut heard: BTreeMap<Key, Heard> = BTreeMap::new();
    let begun = Instant::now();
    let end = begun + Duration::from_secs(45);
    let (mut cut, mut deleted) = (begun + Duration::from_secs(6), false);
    while Instant::now() < end {
        // The last seconds are for what was written before.
        if Instant::now() > cut && Instant::now() + Duration::from_secs(6) < end {
            way.cut();
            cut = Instant::now() + Duration::from_millis(1700);
        }
        if !deleted && begun.elapsed() > Duration::from_secs(25) {
            deleted = true;
            let pods = [
                "-n",
                &place.0,
                "delete",
                "pod",
                "-l",
                "app=busy",
                "--wait=false",
            ];
            Command::new("kubectl")
                .args(pods)
                .stdout(Stdio::null())
                .status()
                .unwrap();
        }
        let soon = Instant::now() + Duration::from_millis(100);
        while let Ok(Some(batch)) = timeout_at(soon, batches.recv()).await {
            for change in batch.changes {
                take(&mut heard, change);
            }
        }
    }
    task.abort();
    assert!(
        heard.len() >= 5,
        "two pods, their successors, and one that crashes"
    );
    let crashed = heard.values().any(|heard| heard.instances.len() > 2);
    assert!(crashed, "an instance that followed another was read");
    for (key, heard) in &heard {
        for orders in &heard.instances {
            let told: BTreeSet<u64> = orders.iter().copied().collect();
            assert_eq!(
                told.len(),
                orders.len(),
                "{key:?}: a line was told twice; {:?}",
                heard.marks
            );
            let last = told.last().copied().unwrap_or_default();
            let whole = last.saturating_sub(UNDER_WAY);
            let missing = (0..whole).filter(|order| !told.contains(order)).count();
            assert!(
                missing == 0 || heard.gaps > 0,
                "{key:?}: {missing} missing; {:?}",
                heard.marks
            );
        }
    }
}

fn take(heard: &mut BTreeMap<Key, Heard>, change: LogChange) {
    match change {
        LogChange::Lines(key, block) => {
            let heard = heard.entry(key).or_default();
            if heard.instances.is_empty() {
                heard.instances.push(Vec::new());
            }
            for (_, line) in block.iter() {
                let Ok(order) = serde_json::from_slice::<serde_json::Value>(line) else {
                    continue;
                };
                if let Some(order) = order["order_id"].as_u64() {
                    heard.instances.last_mut().unwrap().push(order);
                }
            }
        }
        LogChange::Mark(Some(key), mark) => {
            let heard = heard.entry(key).or_default();
            heard.gaps += usize::from(mark.kind == LogMarkKind::Gap);
            if mark.words.starts_with("ended") {
                heard.instances.push(Vec::new());
            }
            heard.marks.push(mark.words.to_string());
        }
        _ => {}
    }
}
