//! An endpoint at work on a real cluster, for the tests of `engines`.

use std::path::PathBuf;
use std::time::Duration;

use quarterdeck::clients::connect::KubeChoice;
use quarterdeck::model::{
    Batch, Change, Demand, Endpoint, EndpointId, Feed, Kind, Moment, Scope, SourceStatus, Topic,
    Want,
};
use quarterdeck::sources::kubernetes;
use quarterdeck::store::Store;
use tokio::sync::{mpsc, watch};

pub(super) const ID: EndpointId = EndpointId(0);

pub(super) fn kubeconfig(variable: &str) -> Option<PathBuf> {
    let wanted = std::env::var("QD_TEST_ENGINES").is_ok_and(|value| value == "1");
    wanted.then(|| PathBuf::from(std::env::var_os(variable).expect("the cluster's environment")))
}

/// An endpoint at work, and the store that hears of it.
pub(super) struct Rig {
    pub(super) demand: watch::Sender<Demand>,
    batches: mpsc::Receiver<Batch>,
    pub(super) store: Store,
    pub(super) changes: Vec<(Topic, Change)>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Rig {
    pub(super) fn start(kubeconfig: PathBuf, demand: Demand) -> Self {
        let (demand, demanded) = watch::channel(demand);
        let (batches_tx, batches) = mpsc::channel(16);
        let choice = KubeChoice {
            kubeconfig: Some(kubeconfig),
            namespaces: vec!["arq-production".to_owned()],
            ..KubeChoice::default()
        };
        let endpoint = Endpoint {
            id: ID,
            ..Endpoint::default()
        };
        Self {
            demand,
            batches,
            store: Store::default(),
            changes: Vec::new(),
            task: tokio::spawn(kubernetes::run(choice, endpoint, demanded, batches_tx)),
        }
    }

    /// Applies batches until the condition holds.
    pub(super) async fn until(&mut self, what: &str, holds: impl Fn(&Store) -> bool) {
        let waited = tokio::time::timeout(Duration::from_secs(30), async {
            while !holds(&self.store) {
                let batch = self.batches.recv().await.expect("the endpoint goes on");
                let topic = batch.feed.topic.clone();
                self.changes.extend(
                    batch
                        .changes
                        .iter()
                        .map(|change| (topic.clone(), change.clone())),
                );
                self.store
                    .apply(batch, Moment::from(jiff::Timestamp::now()));
            }
        });
        if waited.await.is_err() {
            let statuses: Vec<_> = self.store.statuses().collect();
            panic!("never: {what}\n{statuses:#?}");
        }
    }
}

pub(super) fn feed(kind: Kind, scope: Scope) -> Feed {
    Feed {
        endpoint: ID,
        topic: Topic::Objects(kind, scope),
    }
}

pub(super) fn wants(wanted: &[(Kind, Scope)]) -> Demand {
    Demand {
        objects: wanted
            .iter()
            .map(|(kind, scope)| Want {
                endpoint: ID,
                kind: kind.clone(),
                scope: scope.clone(),
            })
            .collect(),
        ..Demand::default()
    }
}

pub(super) fn live(store: &Store, kind: &Kind, scope: &Scope) -> bool {
    store
        .status(&feed(kind.clone(), scope.clone()))
        .is_some_and(SourceStatus::is_live)
}

/// kubectl, for the test's own changes and to compare with.
pub(super) fn kubectl(arguments: &[&str], input: Option<&str>) -> String {
    use std::io::Write;
    let mut child = std::process::Command::new("kubectl")
        .args(arguments)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.unwrap_or_default().as_bytes())
        .unwrap();
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}
