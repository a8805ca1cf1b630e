//! The fields of alerts, rules, targets and silences, as `record` documents them.

use serde_json::{Map, Value, json};

use super::record::Record;
use super::record_fields::word;
use crate::model::{
    EndpointId, Key, Kind, Labels, Moment, Name, Rule, ScrapeTarget, Silence, Target,
};
use crate::store::{Alert, Link};
use crate::ui::views::{View, World};

/// The record of a row of one of these views; none for others.
pub(super) fn of(world: World<'_>, view: &dyn View, key: &Key) -> Option<Record> {
    let alerts = world.store.alerts();
    match view.kinds().first()? {
        Kind::Alert => Some(alert(world, alerts.rows().row(key)?)),
        Kind::AlertRule => Some(rule(world, alerts.rules().row(key)?)),
        Kind::ScrapeTarget => Some(target(world, alerts.targets().row(key)?)),
        Kind::Silence => Some(silence(world, alerts.silences().row(key)?)),
        _ => None,
    }
}

fn alert(world: World<'_>, alert: &Alert) -> Record {
    let candidates = alert.link.iter().flat_map(|link| &link.targets);
    let candidates: Vec<Value> = candidates.map(place).collect();
    let servers = alert.reporters.iter().filter_map(|id| server(world, *id));
    Record::default()
        .with("name", alert.meta.name.as_str())
        .with("state", alert.state.word())
        .with("severity", alert.meta.labels.get("severity"))
        .with("labels", labels(&alert.meta.labels))
        .with("annotations", labels(&alert.annotations))
        .with("value", alert.value)
        .with("active_at", time(alert.meta.created))
        .with("fires_at", time(alert.fires))
        .with("ended_at", time(alert.ended))
        .with(
            "workload",
            alert.link.as_ref().map_or(Value::Null, workload),
        )
        .with("candidates", candidates)
        .with("receivers", names(&alert.receivers))
        .with("silenced_by", names(&alert.silenced_by))
        .with("inhibited_by", names(&alert.inhibited_by))
        .with("servers", servers.map(Value::from).collect::<Vec<_>>())
}

/// The one object that an alert is about; several are no answer.
fn workload(link: &Link) -> Value {
    let [target] = link.targets.as_slice() else {
        return Value::Null;
    };
    json!({
        "kind": target.kind.name(),
        "namespace": word(&target.namespace),
        "name": target.name.as_str(),
        "confidence": link.confidence.word(),
        "reason": link.reason,
    })
}

fn place(target: &Target) -> Value {
    json!({
        "kind": target.kind.name(),
        "namespace": word(&target.namespace),
        "name": target.name.as_str(),
    })
}

fn rule(world: World<'_>, rule: &Rule) -> Record {
    Record::default()
        .with("server", server(world, rule.meta.key.endpoint))
        .with("name", rule.meta.name.as_str())
        .with("state", rule.state.as_str())
        .with("health", rule.health.word())
        .with("error", rule.why.as_deref())
        .with("expression", rule.expr.as_str())
        .with("for_seconds", rule.hold)
        .with("interval_seconds", rule.interval)
        .with("evaluated_at", time(rule.evaluated))
        .with("alerts", rule.alerts)
        .with("group", word(&rule.group))
        .with("file", word(&rule.file))
}

fn target(world: World<'_>, target: &ScrapeTarget) -> Record {
    Record::default()
        .with("server", server(world, target.meta.key.endpoint))
        .with("name", target.meta.name.as_str())
        .with("state", target.state.as_str())
        .with("error", target.why.as_deref())
        .with("job", word(&target.pool))
        .with("url", word(&target.url))
        .with("scraped_at", time(target.scraped))
        .with("labels", labels(&target.meta.labels))
}

fn silence(world: World<'_>, silence: &Silence) -> Record {
    let hits = world
        .store
        .alerts()
        .hit(|labels| silence.matchers.fit(labels));
    Record::default()
        .with("server", server(world, silence.meta.key.endpoint))
        .with("id", silence.id.as_str())
        .with("state", silence.state.word())
        .with("matchers", silence.matchers.to_string())
        .with("starts_at", time(silence.starts))
        .with("ends_at", time(silence.ends))
        .with("author", word(&silence.author))
        .with("comment", word(&silence.comment))
        .with("hits", hits.count())
}

fn server(world: World<'_>, id: EndpointId) -> Option<&str> {
    world
        .store
        .endpoint(id)
        .map(|endpoint| endpoint.name.as_str())
}

fn labels(labels: &Labels) -> Value {
    let pairs = labels
        .iter()
        .map(|(name, value)| (name.to_owned(), Value::from(value)));
    Value::Object(pairs.collect::<Map<_, _>>())
}

fn names(names: &[Name]) -> Vec<Value> {
    names
        .iter()
        .map(|name| Value::from(name.as_str()))
        .collect()
}

fn time(moment: Option<Moment>) -> Option<String> {
    Some(moment?.timestamp().to_string())
}
