//! Reads what a plan rests on, live: the object and what needs nothing but its name at once, then what its selector or
//! its revisions lead to.

use std::collections::BTreeMap;

use futures::future::join_all;
use serde_json::{Value, json};

use super::{Open, Site, now, unreachable};
use crate::actions::audit::Record;
use crate::actions::facts::{Facts, Place, Topic, text};
use crate::actions::invocation::{Invocation, named};
use crate::actions::kubernetes::references;
use crate::actions::refusal::Refusal;
use crate::clients::fault::Fault;
use crate::clients::kube::Reader;
use crate::config::environment::{self, Whereabouts};
use crate::config::{FrozenWindow, frozen};
use crate::model::{Kind, Name, Target, Text, Uid};

const JSON: &str = "application/json";
const METADATA: &str =
    "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
/// More pods, jobs or revisions than this say no more.
const PAGE: u32 = 500;

type Around = BTreeMap<Topic, Result<Vec<Value>, Text>>;

/// Gathers what an action reads.
///
/// # Errors
/// The object cannot be read, or is no longer the one that was seen.
pub async fn facts(site: &Site, invocation: &Invocation) -> Result<Facts, Refusal> {
    let open = site.open().await?;
    let target = &invocation.target;
    let topics = invocation.action.reads(&target.kind);
    let (early, late): (Vec<Topic>, Vec<Topic>) = topics
        .iter()
        .partition(|topic| path(**topic, target, None).is_some());
    let (object, label, first, history) = tokio::join!(
        object(&open.reader, target),
        label(&open.reader, target),
        lists(&open.reader, &early, target, None),
        history(site, target),
    );
    let object = object?;
    let mut target = target.clone();
    pin(&mut target, &object)?;
    expect(invocation, &object)?;
    let mut around = first;
    let (second, owners) = tokio::join!(
        lists(&open.reader, &late, &target, Some(&object)),
        owners(
            &open.reader,
            &object,
            &target,
            late.contains(&Topic::Owners)
        ),
    );
    around.extend(second);
    around.extend(owners);
    if late.contains(&Topic::References) {
        let known = known(&open.reader, &object, &around, &target).await;
        around.insert(Topic::References, Ok(known));
    }
    Ok(Facts {
        place: place(site, open, &target, label.as_deref()),
        target,
        object,
        around,
        history,
        now: now(),
    })
}

async fn object(reader: &Reader, target: &Target) -> Result<Value, Refusal> {
    let path = format!("{}/{}", target.kind.path(&target.namespace), target.name);
    reader.json(&path, JSON).await.map_err(|fault| match fault {
        Fault::NotFound => Refusal::NotFound(Text::from(named(target).to_string())),
        Fault::Forbidden(_) => Refusal::Denied {
            verb: Text::new("get"),
            resource: Text::from(target.kind.resource()),
            namespace: Text::new(&target.namespace),
        },
        other => unreachable(&other),
    })
}

/// Whether an object is there.
///
/// # Errors
/// It cannot be looked at.
pub async fn exists(site: &Site, target: &Target) -> Result<bool, Refusal> {
    match object(&site.open().await?.reader, target).await {
        Ok(_) => Ok(true),
        Err(Refusal::NotFound(_)) => Ok(false),
        Err(refusal) => Err(refusal),
    }
}

/// Notes the uid of what was read, and refuses another object of the same name.
fn pin(target: &mut Target, object: &Value) -> Result<(), Refusal> {
    let uid = Uid::parse(text(object, "/metadata/uid"));
    if target.uid.is_some_and(|seen| seen != uid) {
        return Err(Refusal::Changed(Text::from(format!(
            "{} was deleted and created again meanwhile: look again",
            named(target)
        ))));
    }
    target.uid = Some(uid);
    Ok(())
}

/// Refuses to undo what is no longer ours.
fn expect(invocation: &Invocation, object: &Value) -> Result<(), Refusal> {
    for expected in &invocation.expects {
        let found = object.pointer(&expected.pointer).unwrap_or(&Value::Null);
        if *found != expected.value {
            return Err(Refusal::Changed(Text::from(format!(
                "{} was changed meanwhile: {} is {found}, not {}",
                named(&invocation.target),
                expected.pointer.trim_start_matches('/').replace('/', "."),
                expected.value
            ))));
        }
    }
    Ok(())
}

/// The `environment` label of the namespace; not being allowed to see it is no reason to stop.
async fn label(reader: &Reader, target: &Target) -> Option<String> {
    if target.namespace.is_empty() {
        return None;
    }
    let path = format!("/api/v1/namespaces/{}", target.namespace);
    let namespace = reader.json(&path, METADATA).await.ok()?;
    let label = namespace.pointer("/metadata/labels/environment")?;
    label.as_str().map(str::to_owned)
}

fn place(site: &Site, open: &Open, target: &Target, label: Option<&str>) -> Place {
    let (endpoint, facts) = (&site.endpoint, &open.facts);
    let context = if endpoint.cluster.is_empty() && facts.context == facts.server {
        ""
    } else {
        &facts.context
    };
    let config = &site.desk.config;
    let environment = environment::environment(
        config,
        Whereabouts {
            endpoint: &endpoint.name,
            context,
            server: &facts.server,
            namespace: &target.namespace,
            label,
        },
    );
    Place {
        endpoint: endpoint.name.clone(),
        cluster: Name::new(&facts.cluster),
        server: Name::new(&facts.server),
        user: Name::new(&facts.user),
        environment,
        frozen: frozen(&config.frozen, environment, now()).map(FrozenWindow::words),
    }
}

/// What the audit remembers of the object. A file that cannot be read is said when it has to be written.
async fn history(site: &Site, target: &Target) -> Vec<Record> {
    let Ok(journal) = site.desk.journal() else {
        return Vec::new();
    };
    let (journal, target) = (journal.clone(), target.clone());
    let endpoint = site.endpoint.name.clone();
    let read = tokio::task::spawn_blocking(move || {
        let records = journal.read().unwrap_or_default();
        let about = |record: &Record| record.is_about(&endpoint, &target);
        records.into_iter().filter(about).collect()
    });
    read.await.unwrap_or_default()
}

async fn lists(
    reader: &Reader,
    topics: &[Topic],
    target: &Target,
    object: Option<&Value>,
) -> Around {
    let wanted = topics
        .iter()
        .filter_map(|topic| Some((*topic, path(*topic, target, object)?)));
    let read = wanted.map(|(topic, path)| async move { (topic, list(reader, &path).await) });
    join_all(read).await.into_iter().collect()
}

/// The items of a list; a kind that the server does not have has none.
async fn list(reader: &Reader, path: &str) -> Result<Vec<Value>, Text> {
    match reader.json(path, JSON).await {
        Ok(mut list) => Ok(match list.get_mut("items").map(Value::take) {
            Some(Value::Array(items)) => items,
            _ => Vec::new(),
        }),
        Err(Fault::NotFound) => Ok(Vec::new()),
        Err(fault) => Err(Text::from(fault.to_string())),
    }
}

/// Where a topic is listed; none while it needs the object, or if it is no list.
fn path(topic: Topic, target: &Target, object: Option<&Value>) -> Option<String> {
    let namespace = &*target.namespace;
    let of = |kind: Kind| kind.path(namespace);
    let chosen = |collection: String| {
        let selector = references::selector(object?.pointer("/spec/selector")?)?;
        let selector = encode(&selector);
        Some(format!(
            "{collection}?limit={PAGE}&labelSelector={selector}"
        ))
    };
    match topic {
        Topic::Pods if target.kind == Kind::Node => Some(format!(
            "/api/v1/pods?limit={PAGE}&fieldSelector=spec.nodeName%3D{}",
            target.name
        )),
        Topic::Pods => chosen(of(Kind::Pod)),
        Topic::Revisions if target.kind == Kind::Deployment => chosen(of(Kind::ReplicaSet)),
        Topic::Revisions => chosen(format!(
            "/apis/apps/v1/namespaces/{namespace}/controllerrevisions"
        )),
        Topic::Autoscalers => Some(of(Kind::HorizontalPodAutoscaler)),
        Topic::Budgets => Some(of(Kind::PodDisruptionBudget)),
        Topic::Services => Some(of(Kind::Service)),
        Topic::Quotas => Some(format!("/api/v1/namespaces/{namespace}/resourcequotas")),
        Topic::Events => Some(format!(
            "{}?limit={PAGE}&fieldSelector=involvedObject.kind%3D{}%2CinvolvedObject.name%3D{}",
            of(Kind::Event),
            target.kind.name(),
            target.name
        )),
        Topic::Jobs => Some(format!("{}?limit={PAGE}", of(Kind::Job))),
        Topic::Nodes => Some(Kind::Node.path("")),
        Topic::Daemons => Some(Kind::DaemonSet.path("")),
        Topic::Owners | Topic::References => None,
    }
}

/// The controller of an object, and the controller's own.
async fn owners(reader: &Reader, object: &Value, target: &Target, wanted: bool) -> Around {
    let mut found = Vec::new();
    let mut next = wanted.then(|| object.clone());
    while let Some(below) = next.take() {
        let Some(path) = references::controller(&below, &target.namespace) else {
            break;
        };
        match reader.json(&path, JSON).await {
            Ok(owner) if found.len() < 2 => {
                next = Some(owner.clone());
                found.push(owner);
            }
            Ok(_) | Err(Fault::NotFound) => {}
            Err(fault) => {
                return Around::from([(Topic::Owners, Err(Text::from(fault.to_string())))]);
            }
        }
    }
    if wanted {
        Around::from([(Topic::Owners, Ok(found))])
    } else {
        Around::new()
    }
}

/// Whether what older revisions refer to is still there: `{kind, name, there}`, without `there` if it cannot be seen.
async fn known(reader: &Reader, object: &Value, around: &Around, target: &Target) -> Vec<Value> {
    let revisions = around.get(&Topic::Revisions);
    let revisions = revisions.and_then(|list| list.as_ref().ok());
    let wanted = references::missing_now(object, revisions.map_or(&[], Vec::as_slice));
    let namespace = &target.namespace;
    let asked = wanted.into_iter().map(|reference| async move {
        let path = format!(
            "/api/v1/namespaces/{namespace}/{}/{}",
            reference.plural, reference.name
        );
        let there = match reader.json(&path, METADATA).await {
            Ok(_) => Some(true),
            Err(Fault::NotFound) => Some(false),
            Err(_) => None,
        };
        json!({"kind": reference.kind, "name": reference.name, "there": there})
    });
    join_all(asked).await
}

/// A value of a query.
pub(super) fn encode(text: &str) -> String {
    use std::fmt::Write;
    let mut encoded = String::with_capacity(text.len() + 16);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
