//! Deletes and evictions.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Context;
use super::list::selection;
use super::reply::{self, Failure, Reply};
use super::route::{Path, Query};
use super::select::selector_matches;
use super::write::{existing, object_reply};
use crate::demo::world::Cluster;
use crate::demo::world::item::{Item, list, number, set, text};
use crate::demo::world::live::{self, pods};
use crate::demo::world::resource::{self, Resource};
use crate::demo::world::seconds;

/// How a client wants something deleted.
struct Wish {
    uid: String,
    version: String,
    grace: Option<i64>,
    orphan: bool,
    dry: bool,
}

impl Wish {
    fn of(options: &Value, query: &Query) -> Self {
        let policy = query
            .get("propagationPolicy")
            .unwrap_or_else(|| text(options, "/propagationPolicy"));
        Self {
            uid: text(options, "/preconditions/uid").to_owned(),
            version: text(options, "/preconditions/resourceVersion").to_owned(),
            grace: query
                .number("gracePeriodSeconds")
                .map(|n| n as i64)
                .or_else(|| {
                    options
                        .pointer("/gracePeriodSeconds")
                        .and_then(Value::as_i64)
                }),
            orphan: policy == "Orphan",
            dry: query.get("dryRun").is_some() || !list(options, "/dryRun").is_empty(),
        }
    }

    fn check(&self, resource: &Resource, object: &Value) -> Result<(), Failure> {
        let name = text(object, "/metadata/name");
        for (what, wanted, is) in [
            ("UID", &self.uid, text(object, "/metadata/uid")),
            (
                "ResourceVersion",
                &self.version,
                text(object, "/metadata/resourceVersion"),
            ),
        ] {
            if !wanted.is_empty() && wanted != is {
                let message = format!(
                    "Operation cannot be fulfilled on {} \"{name}\": the {what} in the precondition ({wanted}) does not match the {what} in record ({is}). The object might have been deleted and then recreated",
                    resource.qualified()
                );
                return Err(Failure::new(409, "Conflict", message).with(
                    json!({"name": name, "group": resource.group, "kind": resource.plural}),
                ));
            }
        }
        Ok(())
    }
}

/// DELETE of one object.
pub(crate) fn delete(
    context: &Context,
    path: &Path,
    query: &Query,
    options: &Value,
) -> Result<Reply, Failure> {
    let (resource, namespace, name) = (
        path.resource,
        path.namespace.as_deref().unwrap_or_default(),
        path.name.as_deref().unwrap_or_default(),
    );
    let wish = Wish::of(options, query);
    let mut c = context.shared.lock();
    if resource.id == resource::PODS.id
        && let Some(member) = c.fleet.find(resource, namespace, name)
    {
        let pod = member.value();
        wish.check(resource, &pod)?;
        if !wish.dry {
            c.churn(member.number as usize, true);
        }
        drop(c);
        context.shared.announce();
        return Ok(object_reply(resource, &pod, false));
    }
    let object = existing(&c, resource, namespace, name)?;
    wish.check(resource, &object)?;
    if wish.dry {
        return Ok(if resource.id == resource::PODS.id {
            object_reply(resource, &object, false)
        } else {
            success(resource, &object)
        });
    }
    remove(&mut c, resource, &object, &wish);
    let marked = c.get(resource, namespace, name);
    live::settle(&mut c);
    drop(c);
    context.shared.announce();
    Ok(match marked {
        Some(still) => object_reply(resource, &still, false),
        None if resource.id == resource::PODS.id => object_reply(resource, &object, false),
        None => success(resource, &object),
    })
}

/// DELETE of a collection, narrowed by selectors.
pub(crate) fn collection(
    context: &Context,
    path: &Path,
    query: &Query,
    options: &Value,
) -> Result<Reply, Failure> {
    let selection = selection(path, query)?;
    let wish = Wish::of(options, query);
    let mut c = context.shared.lock();
    let found: Vec<Arc<Value>> = c
        .all(path.resource)
        .into_iter()
        .filter(|o| selection.matches(&Item::Whole(Arc::clone(o))))
        .collect();
    if !wish.dry {
        for object in &found {
            remove(&mut c, path.resource, object, &wish);
        }
        live::settle(&mut c);
    }
    drop(c);
    context.shared.announce();
    Ok(reply::value(
        &json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}),
    ))
}

fn success(resource: &Resource, object: &Value) -> Reply {
    reply::value(
        &json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": {"name": text(object, "/metadata/name"),
        "group": resource.group, "kind": resource.plural, "uid": text(object, "/metadata/uid")}}),
    )
}

fn remove(c: &mut Cluster, resource: &'static Resource, object: &Value, wish: &Wish) {
    let (namespace, name) = (
        text(object, "/metadata/namespace").to_owned(),
        text(object, "/metadata/name").to_owned(),
    );
    if resource.id == resource::PODS.id {
        pods::terminate(c, object, wish.grace);
        return;
    }
    if resource.id == resource::NAMESPACES.id {
        for kind in resource::ALL.iter().filter(|k| k.namespaced) {
            let inside: Vec<Arc<Value>> = c.within(kind, &name).cloned().collect();
            for object in inside {
                if kind.id == resource::PODS.id {
                    pods::gone(c, &name, text(&object, "/metadata/name"));
                } else {
                    c.remove(kind, &name, text(&object, "/metadata/name"));
                }
            }
        }
        c.remove(resource, "", &name);
        return;
    }
    let used = resource.id == resource::CLAIMS.id
        && c.within(&resource::PODS, &namespace).any(|p| {
            list(p, "/spec/volumes")
                .iter()
                .any(|v| text(v, "/persistentVolumeClaim/claimName") == name)
        });
    let held = list(object, "/metadata/finalizers")
        .iter()
        .any(|f| !f.as_str().unwrap_or_default().starts_with("kubernetes.io/"));
    if used || held {
        let now = seconds(c.now);
        c.edit(resource, &namespace, &name, |o| {
            if o.pointer("/metadata/deletionTimestamp").is_none() {
                set(o, "/metadata/deletionTimestamp", now);
            }
        });
        return;
    }
    if wish.orphan {
        live::orphan(c, &namespace, text(object, "/metadata/uid"));
        c.remove(resource, &namespace, &name);
    } else {
        live::collect(c, resource, object);
    }
}

/// POST of an eviction: a delete that the disruption budgets agree to.
pub(crate) fn evict(
    context: &Context,
    path: &Path,
    query: &Query,
    eviction: &Value,
) -> Result<Reply, Failure> {
    let (namespace, name) = (
        path.namespace.as_deref().unwrap_or_default(),
        path.name.as_deref().unwrap_or_default(),
    );
    let options = eviction
        .get("deleteOptions")
        .cloned()
        .unwrap_or_else(|| json!({}));
    let wish = Wish::of(&options, query);
    let done = || {
        let mut reply = reply::value(
            &json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}),
        );
        *reply.status_mut() = http::StatusCode::CREATED;
        reply
    };
    let mut c = context.shared.lock();
    if let Some(member) = c.fleet.find(&resource::PODS, namespace, name) {
        wish.check(&resource::PODS, &member.value())?;
        if !wish.dry {
            c.churn(member.number as usize, true);
        }
        drop(c);
        context.shared.announce();
        return Ok(done());
    }
    let pod = existing(&c, &resource::PODS, namespace, name)?;
    wish.check(&resource::PODS, &pod)?;
    let bypasses =
        pods::over(&pod) || pods::leaving(&pod) || text(&pod, "/status/phase") == "Pending";
    if !bypasses {
        allow(&c, namespace, &pod)?;
    }
    if !wish.dry {
        pods::terminate(&mut c, &pod, wish.grace);
        live::settle(&mut c);
    }
    drop(c);
    context.shared.announce();
    Ok(done())
}

/// Whether the budgets that cover the pod let it go.
fn allow(c: &Cluster, namespace: &str, pod: &Value) -> Result<(), Failure> {
    let labels = pod.pointer("/metadata/labels").cloned().unwrap_or_default();
    let covering: Vec<&Arc<Value>> = c
        .within(&resource::BUDGETS, namespace)
        .filter(|b| selector_matches(b.pointer("/spec/selector").unwrap_or(&Value::Null), &labels))
        .collect();
    let budget = match covering.as_slice() {
        [] => return Ok(()),
        [one] => one,
        _ => {
            return Err(Failure::new(
                500,
                "InternalError",
                "Internal error occurred: This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
            ));
        }
    };
    let (healthy, desired) = (
        number(budget, "/status/currentHealthy"),
        number(budget, "/status/desiredHealthy"),
    );
    let spare = !pods::ready(pod) && healthy >= desired && desired > 0;
    let always =
        text(budget, "/spec/unhealthyPodEvictionPolicy") == "AlwaysAllow" && !pods::ready(pod);
    if number(budget, "/status/disruptionsAllowed") > 0 || spare || always {
        return Ok(());
    }
    let name = text(budget, "/metadata/name");
    let cause = format!(
        "The disruption budget {name} needs {desired} healthy pods and has {healthy} currently"
    );
    Err(Failure::new(
        429,
        "TooManyRequests",
        "Cannot evict pod as it would violate the pod's disruption budget.",
    )
    .with(json!({"causes": [{"reason": "DisruptionBudget", "message": cause}]})))
}
