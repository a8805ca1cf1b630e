//! Actions: the guard, the path from an invocation to its outcome, and every action in the demo world.

mod command;
mod deck;
mod dialog;
mod faults;
mod guard;
mod path;
mod world;

use std::path::Path;
use std::time::Duration;

use quarterdeck::actions::run::{Desk, Pace, Site, Way};
use quarterdeck::actions::{self, Action, Answer, Ask, Invocation, Prepared};
use quarterdeck::clients::connect::KubeChoice;
use quarterdeck::config::{Config, KubernetesEndpoint, environment};
use quarterdeck::demo::{self, Estate, Options};
use quarterdeck::model::{Endpoint, EndpointId, Kind, Name, Target};

pub(super) const EU: &str = "demo-eu";

/// A living demo world with the audit in a folder of its own.
pub(super) struct Rig {
    pub(super) estate: Estate,
    pub(super) folder: tempfile::TempDir,
    pub(super) config: Config,
}

impl Rig {
    pub(super) async fn new(scenario: &str) -> Self {
        let options = Options {
            scenario: Some(scenario.to_owned()),
            seed: 1,
            ..Options::default()
        };
        let estate = demo::serve(options).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::default();
        config.actions.audit = folder.path().join("audit.jsonl").display().to_string();
        config.kubernetes = estate
            .servers()
            .iter()
            .filter(|server| server.engine == "kubernetes")
            .map(|server| KubernetesEndpoint {
                name: server.name.to_owned(),
                server: Some(server.url.clone()),
                environment: environment::named(server.environment),
                ..KubernetesEndpoint::default()
            })
            .collect();
        Self {
            estate,
            folder,
            config,
        }
    }

    pub(super) fn audit(&self) -> &Path {
        Path::new(&self.config.actions.audit)
    }

    /// The production cluster.
    pub(super) fn site(&self) -> Site {
        self.site_within(90)
    }

    /// The production cluster, where everything has so many seconds.
    pub(super) fn site_within(&self, seconds: u64) -> Site {
        self.site_at(Pace {
            every: Duration::from_millis(100),
            steady: Some(Duration::ZERO),
            budget: Some(Duration::from_secs(seconds)),
            watch: true,
        })
    }

    /// The production cluster, followed at this pace.
    pub(super) fn site_at(&self, pace: Pace) -> Site {
        let server = self.config.kubernetes[0].server.clone();
        let endpoint = Endpoint {
            id: EndpointId(0),
            name: Name::new(EU),
            ..Endpoint::default()
        };
        let choice = KubeChoice {
            server,
            ..KubeChoice::default()
        };
        Site::new(
            &Desk::new(&self.config, pace),
            endpoint,
            Way::Kubernetes(choice),
        )
    }
}

pub(super) fn target(kind: Kind, namespace: &str, name: &str) -> Target {
    Target {
        endpoint: EndpointId(0),
        kind,
        namespace: Name::new(namespace),
        name: Name::new(name),
        uid: None,
    }
}

pub(super) fn action(name: &str) -> &'static dyn Action {
    actions::find(name).unwrap_or_else(|| panic!("no action {name}"))
}

/// An invocation with arguments as they are typed.
pub(super) fn invocation(name: &str, target: Target, arguments: &[(&str, &str)]) -> Invocation {
    let action = action(name);
    let mut invocation = Invocation::new(action, target);
    for (name, text) in arguments {
        let argument = action
            .arguments()
            .iter()
            .find(|argument| argument.name == *name)
            .unwrap();
        invocation.arguments.read(argument, text).unwrap();
    }
    invocation
}

/// The answer that confirms a plan, whatever it asks.
pub(super) fn yes(prepared: &Prepared) -> Answer {
    Answer {
        yes: true,
        typed: match &prepared.confirmation.ask {
            Ask::Typed(text) => text.clone(),
            Ask::Key | Ask::Yes => String::new(),
        },
        reason: "a test".to_owned(),
    }
}
