//! What an operator reads first of an opened object: like `kubectl describe`, but the trouble first. Pure.
//!
//! `document` calls [`summary`] with the whole object, secret values already masked. One file a group of kinds; any
//! other kind gets an outline of its spec and status.

mod autoscaler;
mod network;
mod node;
mod other;
mod parts;
mod pod;
pub(in crate::sources) mod sheet;
mod storage;
mod workload;

use serde_json::Value;

use super::json::{moment, pairs, word};
use crate::model::{Health, Kind, Moment, Section};
pub(super) use parts::{port, probe};
use sheet::Sheet;

/// The summary of an object. `now` is what ages and deadlines are measured against.
pub fn summary(kind: &Kind, object: &Value, now: Moment) -> Vec<Section> {
    let mut sheet = Sheet::default();
    sheet.section(kind.name());
    head(&mut sheet, object);
    match kind {
        Kind::Pod => pod::describe(&mut sheet, object),
        Kind::Deployment
        | Kind::StatefulSet
        | Kind::DaemonSet
        | Kind::ReplicaSet
        | Kind::Job
        | Kind::CronJob => workload::describe(&mut sheet, kind, object),
        Kind::HorizontalPodAutoscaler => autoscaler::describe(&mut sheet, object),
        Kind::Node => node::describe(&mut sheet, object, now),
        Kind::Service => network::service(&mut sheet, object),
        Kind::Ingress => network::ingress(&mut sheet, object),
        Kind::EndpointSlice => network::slice(&mut sheet, object),
        Kind::ConfigMap => storage::config_map(&mut sheet, object),
        Kind::Secret => storage::secret(&mut sheet, object),
        Kind::PersistentVolumeClaim => storage::claim(&mut sheet, object),
        Kind::PodDisruptionBudget => other::budget(&mut sheet, object),
        Kind::Namespace => other::namespace(&mut sheet, object),
        Kind::Event => other::event(&mut sheet, object),
        _ => other::outline(&mut sheet, object),
    }
    tail(&mut sheet, object);
    sheet.finish()
}

/// What every object begins with.
fn head(sheet: &mut Sheet, object: &Value) {
    if let Some(deleting) = moment(object, "/metadata/deletionTimestamp") {
        let finalizers = parts::joined(object, "/metadata/finalizers");
        let value = if finalizers.is_empty() {
            "terminating".to_owned()
        } else {
            format!("terminating, waits for {finalizers}")
        };
        sheet.timed("Deletion", value, Health::Busy, Some(deleting));
    }
    sheet.time("Created", moment(object, "/metadata/creationTimestamp"));
    sheet.fact("Owner", parts::owner(object));
}

/// What every object ends with.
fn tail(sheet: &mut Sheet, object: &Value) {
    parts::conditions(sheet, object);
    sheet.section("Labels");
    for (key, value) in pairs(object, "/metadata/labels") {
        sheet.fact(key, value.as_str().unwrap_or_default());
    }
    sheet.section("Annotations");
    for (key, value) in pairs(object, "/metadata/annotations") {
        if key == "kubectl.kubernetes.io/last-applied-configuration" {
            continue;
        }
        let value = value.as_str().unwrap_or_default();
        let mut lines = value.lines();
        let first = lines.next().unwrap_or_default();
        let more = lines.count();
        let more = if more > 0 {
            format!(" … (and {more} more)")
        } else {
            String::new()
        };
        sheet.fact(key, format!("{first}{more}"));
    }
    if word(object, "/metadata/deletionTimestamp").is_empty() {
        sheet.section("Finalizers");
        sheet.lines("", super::json::words(object, "/metadata/finalizers"));
    }
}
