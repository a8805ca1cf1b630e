//! The cells of what runs pods: deployments and their like, jobs, autoscalers, budgets.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::cells::{duration, none, pairs, since};
use crate::demo::world::item::{list, number, text};
use crate::demo::world::resource::Resource;

/// The cells of a controller.
pub(super) fn cells(resource: &Resource, o: &Value, age: Value, now: Timestamp) -> Vec<Value> {
    let name: Value = text(o, "/metadata/name").into();
    let status = |key: &str| -> Value { number(o, &format!("/status/{key}")).into() };
    let template = if resource.plural == "cronjobs" {
        "/spec/jobTemplate/spec/template"
    } else {
        "/spec/template"
    };
    let (containers, images) = templates(o, template);
    let selector: Value = match o.pointer("/spec/selector/matchLabels") {
        None => "<none>".into(),
        labels => pairs(labels).into(),
    };
    let ready = format!(
        "{}/{}",
        number(o, "/status/readyReplicas"),
        number(o, "/spec/replicas")
    );
    match resource.plural {
        "deployments" => vec![
            name,
            ready.into(),
            status("updatedReplicas"),
            status("availableReplicas"),
            age,
            containers,
            images,
            selector,
        ],
        "statefulsets" => vec![name, ready.into(), age, containers, images],
        "replicasets" => {
            vec![
                name,
                number(o, "/spec/replicas").into(),
                status("replicas"),
                status("readyReplicas"),
                age,
                containers,
                images,
                selector,
            ]
        }
        "daemonsets" => daemons(o, age, [containers, images, selector]),
        "jobs" => vec![
            name,
            job_status(o).into(),
            completions(o).into(),
            lasted(o, now),
            age,
            containers,
            images,
            selector,
        ],
        "cronjobs" => cron(o, age, [containers, images, selector], now),
        "horizontalpodautoscalers" => autoscaler(o, age),
        "poddisruptionbudgets" => budget(o, age),
        "controllerrevisions" => {
            let owner = list(o, "/metadata/ownerReferences").first();
            let controller = owner.map_or_else(
                || "<none>".to_owned(),
                |r| {
                    format!(
                        "{}.apps/{}",
                        text(r, "/kind").to_lowercase(),
                        text(r, "/name")
                    )
                },
            );
            vec![name, controller.into(), number(o, "/revision").into(), age]
        }
        _ => vec![name, age],
    }
}

fn daemons(o: &Value, age: Value, last: [Value; 3]) -> Vec<Value> {
    let mut cells = vec![text(o, "/metadata/name").into()];
    for key in [
        "desiredNumberScheduled",
        "currentNumberScheduled",
        "numberReady",
        "updatedNumberScheduled",
        "numberAvailable",
    ] {
        cells.push(number(o, &format!("/status/{key}")).into());
    }
    cells.push(pairs(o.pointer("/spec/template/spec/nodeSelector")).into());
    cells.push(age);
    cells.extend(last);
    cells
}

fn cron(o: &Value, age: Value, last: [Value; 3], now: Timestamp) -> Vec<Value> {
    let suspended = o.pointer("/spec/suspend") == Some(&json!(true));
    let scheduled = match text(o, "/status/lastScheduleTime") {
        "" => "<none>".to_owned(),
        at => since(at, now),
    };
    let mut cells = vec![
        text(o, "/metadata/name").into(),
        text(o, "/spec/schedule").into(),
        none(text(o, "/spec/timeZone")),
        if suspended { "True" } else { "False" }.into(),
        list(o, "/status/active").len().into(),
        scheduled.into(),
        age,
    ];
    cells.extend(last);
    cells
}

fn budget(o: &Value, age: Value) -> Vec<Value> {
    let bound = |key: &str| match o.pointer(&format!("/spec/{key}")) {
        None => json!("N/A"),
        Some(Value::String(text)) => json!(text),
        Some(other) => json!(other.to_string()),
    };
    let allowed = number(o, "/status/disruptionsAllowed");
    vec![
        text(o, "/metadata/name").into(),
        bound("minAvailable"),
        bound("maxUnavailable"),
        allowed.into(),
        age,
    ]
}

fn templates(o: &Value, template: &str) -> (Value, Value) {
    let all = list(o, &format!("{template}/spec/containers"));
    let join = |key: &str| -> Value {
        let texts: Vec<&str> = all.iter().map(|c| text(c, key)).collect();
        texts.join(",").into()
    };
    (join("/name"), join("/image"))
}

fn job_status(o: &Value) -> &'static str {
    let is = |kind: &str| {
        list(o, "/status/conditions")
            .iter()
            .any(|c| text(c, "/type") == kind && text(c, "/status") == "True")
    };
    if is("Complete") {
        "Complete"
    } else if is("Failed") {
        "Failed"
    } else if is("Suspended") {
        "Suspended"
    } else if is("FailureTarget") {
        "FailureTarget"
    } else {
        "Running"
    }
}

fn completions(o: &Value) -> String {
    let succeeded = number(o, "/status/succeeded");
    match (
        o.pointer("/spec/completions"),
        number(o, "/spec/parallelism"),
    ) {
        (Some(of), _) => format!("{succeeded}/{of}"),
        (None, parallel) if parallel > 1 => format!("{succeeded}/1 of {parallel}"),
        _ => format!("{succeeded}/1"),
    }
}

fn lasted(o: &Value, now: Timestamp) -> Value {
    let second = |pointer: &str| {
        text(o, pointer)
            .parse::<Timestamp>()
            .map(Timestamp::as_second)
            .ok()
    };
    match (
        second("/status/startTime"),
        second("/status/completionTime"),
    ) {
        (Some(start), Some(end)) => duration(end - start).into(),
        (Some(start), None) => duration(now.as_second() - start).into(),
        _ => "".into(),
    }
}

fn autoscaler(o: &Value, age: Value) -> Vec<Value> {
    let current = list(o, "/status/currentMetrics");
    let targets: Vec<String> = list(o, "/spec/metrics")
        .iter()
        .map(|metric| {
            let name = text(metric, "/resource/name");
            let now = current
                .iter()
                .find(|c| text(c, "/resource/name") == name)
                .and_then(|c| c.pointer("/resource/current/averageUtilization"))
                .and_then(Value::as_i64);
            let is = now.map_or_else(|| "<unknown>".to_owned(), |n| format!("{n}%"));
            format!(
                "{name}: {is}/{}%",
                number(metric, "/resource/target/averageUtilization")
            )
        })
        .collect();
    let reference = format!(
        "{}/{}",
        text(o, "/spec/scaleTargetRef/kind"),
        text(o, "/spec/scaleTargetRef/name")
    );
    vec![
        text(o, "/metadata/name").into(),
        reference.into(),
        targets.join(", ").into(),
        number(o, "/spec/minReplicas").to_string().into(),
        number(o, "/spec/maxReplicas").into(),
        number(o, "/status/currentReplicas").into(),
        age,
    ]
}
