//! What a Prometheus and an Alertmanager tell of the estate: alerts in every state, rules, targets and a silence.

use quarterdeck::model::{
    AlertReport, AlertState, Batch, Change, Endpoint, EndpointId, Engine, Feed, Health, Key, Kind,
    Labels, Limit, Match, Matcher, Matchers, Meta, Name, Row, Rule, Scope, ScrapeTarget, Silence,
    SourceStatus, Text, Topic, Uid, Unit, fingerprint,
};
use quarterdeck::store::Store;

use super::{ago, now};

const PROMETHEUS: EndpointId = EndpointId(40);
const ALERTMANAGER: EndpointId = EndpointId(41);

fn key(endpoint: EndpointId, text: &str) -> Key {
    Key {
        endpoint,
        uid: Uid::hash(text),
    }
}

fn report(pairs: &[(&str, &str)], state: AlertState, since: i64, value: f64) -> AlertReport {
    let pairs = pairs.iter();
    let labels = Labels::new(
        pairs
            .map(|(name, value)| (Name::new(name), Name::new(value)))
            .collect(),
    );
    let name = labels.get("alertname").unwrap();
    AlertReport {
        meta: Meta {
            key: Key {
                endpoint: PROMETHEUS,
                uid: fingerprint(&labels, &[]),
            },
            namespace: Name::new(labels.get("namespace").unwrap_or_default()),
            name: Text::new(name),
            labels: labels.clone(),
            ..Meta::default()
        },
        state,
        active: ago(since),
        value: Some(value),
        rule: Some(Uid::hash(name)),
        annotations: Labels::new(vec![(
            Name::new("summary"),
            Name::new(&format!("{name} as its rule says it")),
        )]),
        ..AlertReport::default()
    }
}

/// Tells a store of what is watched.
#[allow(clippy::too_many_lines, reason = "it is a list")]
pub(crate) fn watched(store: &mut Store) {
    let mut tell = |endpoint, topic, changes| {
        let feed = Feed { endpoint, topic };
        store.apply(Batch { feed, changes }, now());
    };
    for (id, engine) in [
        (PROMETHEUS, Engine::Prometheus),
        (ALERTMANAGER, Engine::Alertmanager),
    ] {
        let endpoint = Endpoint {
            id,
            engine,
            name: Name::new(engine.name()),
            ..Endpoint::default()
        };
        let changes = vec![
            Change::Endpoint(endpoint),
            Change::Status(SourceStatus::Live),
        ];
        tell(id, Topic::Server, changes);
    }
    let objects = |kind| Topic::Objects(kind, Scope::All);
    let live = || Change::Status(SourceStatus::Live);
    let rule = |name: &str, limit: Option<Limit>, health: Health, why: Option<&str>| {
        Change::Row(Row::Rule(Box::new(Rule {
            meta: Meta {
                key: key(PROMETHEUS, name),
                name: Text::new(name),
                ..Meta::default()
            },
            group: Name::new("application"),
            expr: Text::new("rate(errors[5m]) / rate(all[5m]) > 0.05"),
            hold: 120,
            interval: 15,
            state: Name::new(if health == Health::Bad {
                "broken"
            } else {
                "firing"
            }),
            health,
            why: why.map(Text::new),
            evaluated: ago(4),
            alerts: 1,
            limit,
            ..Rule::default()
        })))
    };
    let share = Limit {
        operator: Name::new(">"),
        bound: Some(0.05),
        unit: Unit::Ratio,
        ..Limit::default()
    };
    let rules = vec![
        live(),
        rule("HighErrorRate", Some(share), Health::Warn, None),
        rule(
            "CheckoutSlow",
            None,
            Health::Bad,
            Some("many-to-many matching not allowed"),
        ),
    ];
    tell(PROMETHEUS, objects(Kind::AlertRule), rules);
    let errors = [
        ("alertname", "HighErrorRate"),
        ("namespace", "storefront"),
        ("deployment", "web"),
        ("severity", "critical"),
    ];
    let soon = [
        ("alertname", "PodDown"),
        ("namespace", "storefront"),
        ("pod", "gone-1"),
        ("severity", "critical"),
    ];
    let business = [
        ("alertname", "LowInventory"),
        ("product", "mug"),
        ("severity", "warning"),
    ];
    let pending = AlertReport {
        fires: ago(-40),
        ..report(&soon, AlertState::Pending, 20, 0.0)
    };
    let reports = [
        report(&errors, AlertState::Firing, 72, 0.207),
        pending,
        report(&business, AlertState::Firing, 840, 7.0),
    ];
    let rows = reports.map(|report| Change::Row(Row::Alert(Box::new(report))));
    let mut changes = vec![live()];
    changes.extend(rows);
    tell(PROMETHEUS, objects(Kind::Alert), changes);
    let held = AlertReport {
        silenced_by: vec![Name::new("5f0c")],
        receivers: vec![Name::new("slack")],
        ..report(&business, AlertState::Silenced, 840, 7.0)
    };
    let held = AlertReport {
        meta: Meta {
            key: Key {
                endpoint: ALERTMANAGER,
                ..held.meta.key
            },
            ..held.meta.clone()
        },
        ..held
    };
    let changes = vec![live(), Change::Row(Row::Alert(Box::new(held)))];
    tell(ALERTMANAGER, objects(Kind::Alert), changes);
    let silence = Silence {
        meta: Meta {
            key: key(ALERTMANAGER, "5f0c"),
            name: Text::new("5f0c"),
            ..Meta::default()
        },
        id: Name::new("5f0c"),
        matchers: Matchers::new(vec![Matcher::new("alertname", Match::Is, "LowInventory")]),
        starts: ago(900),
        ends: ago(-1800),
        author: Text::new("ann"),
        comment: Text::new("more mugs are on their way"),
        ..Silence::default()
    };
    let changes = vec![live(), Change::Row(Row::Silence(Box::new(silence)))];
    tell(ALERTMANAGER, objects(Kind::Silence), changes);
    let target = |name: &str, health: Health, why: Option<&str>| {
        Change::Row(Row::Target(Box::new(ScrapeTarget {
            meta: Meta {
                key: key(PROMETHEUS, name),
                name: Text::new(name),
                ..Meta::default()
            },
            pool: Name::new("kubernetes-pods"),
            url: Text::new("http://10.1.2.3:8080/metrics"),
            health,
            state: Name::new(if health == Health::Bad { "down" } else { "up" }),
            why: why.map(Text::new),
            scraped: ago(3),
            took_millis: 12,
            interval: 15,
        })))
    };
    let targets = vec![
        live(),
        target("10.1.2.3:8080", Health::Good, None),
        target("10.1.2.4:8080", Health::Bad, Some("connection refused")),
    ];
    tell(PROMETHEUS, objects(Kind::ScrapeTarget), targets);
}
