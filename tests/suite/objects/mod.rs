//! Objects: discovery, tables, usage, and what is shown of an opened one. No server is needed but in `engines`.

mod engines;
mod fixtures;
mod fleet;
mod rig;
mod scripted;
mod usage;

use std::collections::BTreeSet;

use quarterdeck::model::{
    ContainerRole, CustomKind, EndpointId, Health, Kind, Moment, Name, Row, Section, Target, Text,
    Value,
};
use quarterdeck::sources::kubernetes::access::Rules;
use quarterdeck::sources::kubernetes::discovery::{find, read_aggregated};
use quarterdeck::sources::kubernetes::document::document;
use quarterdeck::sources::kubernetes::table::{Answer, Projection, guess};
use quarterdeck::sources::kubernetes::{containers, describe, mask, yaml};
use serde_json::json;

fn now() -> Moment {
    Moment::parse("2026-11-21T12:00:00Z").unwrap()
}

fn text(sections: &[Section]) -> String {
    use std::fmt::Write;
    let mut out = String::new();
    for section in sections {
        let _ = writeln!(out, "{}", section.title);
        for fact in &section.facts {
            let _ = writeln!(
                out,
                "  {} {:<22} {}",
                fact.health.glyph(),
                fact.label.as_str(),
                fact.value
            );
        }
    }
    out
}

fn joined(lines: &[Text]) -> String {
    lines
        .iter()
        .map(Text::as_str)
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn a_pod_is_described_with_its_trouble() {
    insta::assert_snapshot!(text(&describe::summary(
        &Kind::Pod,
        &fixtures::pod(),
        now()
    )));
}

#[test]
fn a_deployment_is_described_with_its_rollout() {
    insta::assert_snapshot!(text(&describe::summary(
        &Kind::Deployment,
        &fixtures::deployment(),
        now()
    )));
}

#[test]
fn an_autoscaler_is_described_with_its_metrics() {
    insta::assert_snapshot!(text(&describe::summary(
        &Kind::HorizontalPodAutoscaler,
        &fixtures::autoscaler(),
        now()
    )));
}

#[test]
fn a_node_is_described_with_its_conditions_and_taints() {
    insta::assert_snapshot!(text(&describe::summary(
        &Kind::Node,
        &fixtures::node(),
        now()
    )));
}

#[test]
fn an_unknown_kind_is_outlined() {
    let kind = Kind::Custom(fixtures::certificates().into());
    insta::assert_snapshot!(text(&describe::summary(
        &kind,
        &fixtures::certificate(),
        now()
    )));
}

#[test]
fn every_kind_survives_an_object_without_anything() {
    for (kind, _) in Kind::built_in() {
        for object in [
            json!({}),
            json!({ "metadata": 1, "spec": [], "status": "x" }),
            json!(null),
        ] {
            describe::summary(kind, &object, now());
            containers::rows(EndpointId(0), &object);
        }
    }
}

#[test]
fn yaml_is_what_kubectl_prints() {
    insta::assert_snapshot!(joined(&yaml::lines(&fixtures::awkward())));
}

#[test]
fn yaml_means_the_same_as_the_object() {
    for object in [
        fixtures::awkward(),
        fixtures::pod(),
        fixtures::deployment(),
        fixtures::node(),
    ] {
        let printed = joined(&yaml::lines(&object));
        let read: serde_json::Value = serde_saphyr::from_str(&printed).unwrap_or_else(|error| {
            panic!("{error}\n{printed}");
        });
        assert_eq!(read, object, "{printed}");
    }
}

#[test]
fn a_hostile_value_reaches_the_screen_inert() {
    let object =
        json!({ "data": { "x": "\u{1b}[2J\u{202e}evil\u{200b}", "long": "a".repeat(10_000) } });
    for line in yaml::lines(&object) {
        assert!(
            !line.contains('\u{1b}') && !line.contains('\u{202e}') && !line.contains('\u{200b}'),
            "{line}"
        );
        assert!(line.len() < 4200);
    }
    for fact in describe::summary(&Kind::ConfigMap, &object, now())
        .iter()
        .flat_map(|section| &section.facts)
    {
        assert!(!fact.value.contains('\u{1b}') && fact.value.len() < 4200);
    }
}

#[test]
fn a_secret_shows_nothing_until_its_key_is_revealed() {
    let secret = fixtures::secret();
    let target = Target {
        endpoint: EndpointId(0),
        kind: Kind::Secret,
        namespace: Name::new("shop"),
        name: Name::new("db"),
        uid: None,
    };
    let hidden = document(target.clone(), &secret, &BTreeSet::new(), now());
    let shown = |document: &quarterdeck::model::Document| {
        format!(
            "{}\n{}\n{}",
            joined(&document.yaml),
            joined(&document.yaml_managed),
            text(&document.summary)
        )
    };
    let all = shown(&hidden);
    for secret in [
        "hunter2-password",
        "aHVudGVyMi1wYXNzd29yZA==",
        "admin-user",
        "YWRtaW4tdXNlcg==",
        "plain-secret",
    ] {
        assert!(!all.contains(secret), "{secret} is on screen:\n{all}");
    }
    assert!(all.contains("password: •••••••• (16 bytes)"), "{all}");
    let masked: Vec<_> = hidden.masked.iter().map(Text::as_str).collect();
    assert_eq!(masked, ["password", "token", "username"]);

    let revealed = document(
        target,
        &secret,
        &BTreeSet::from(["password".to_owned()]),
        now(),
    );
    let all = shown(&revealed);
    assert!(all.contains("password: hunter2-password"), "{all}");
    assert!(
        !all.contains("admin-user") && !all.contains("YWRtaW4tdXNlcg=="),
        "{all}"
    );
    assert_eq!(revealed.masked.len(), 2);
    assert!(!joined(&hidden.yaml).contains("managedFields"));
    assert!(joined(&hidden.yaml_managed).contains("managedFields"));
}

#[test]
fn other_kinds_are_not_masked() {
    let mut object = json!({ "apiVersion": "v1", "kind": "ConfigMap", "data": { "a": "b" } });
    assert!(mask::mask(&mut object, &BTreeSet::new()).is_empty());
    assert_eq!(object["data"]["a"], "b");
}

#[test]
fn containers_of_a_pod_tell_their_state() {
    let rows = containers::rows(EndpointId(3), &fixtures::pod());
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row.meta.name.as_str(),
                row.role,
                row.state.as_str(),
                row.health,
                row.restarts,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("migrate", ContainerRole::Init, "Completed", Health::Idle, 0),
            ("mesh", ContainerRole::Sidecar, "Running", Health::Good, 0),
            (
                "shop",
                ContainerRole::Main,
                "CrashLoopBackOff",
                Health::Bad,
                4
            ),
        ]
    );
    assert_eq!(rows[2].why.as_deref(), Some("Error, exit 3: no database"));
    assert_eq!(rows[2].exit_code, Some(3));
    assert_eq!(rows[2].requests.cpu_millicores, 100);
    assert_eq!(rows[2].limits.memory_bytes, 64 << 20);
}

fn discovered() -> Vec<CustomKind> {
    read_aggregated(&fixtures::discovery())
}

#[test]
fn discovery_knows_each_kind_in_its_preferred_version() {
    let kinds = discovered();
    let names: Vec<_> = kinds
        .iter()
        .map(|kind| format!("{}/{} {}", kind.group, kind.version, kind.plural))
        .collect();
    assert_eq!(
        names,
        [
            "/v1 serviceaccounts",
            "cert-manager.io/v1 certificates",
            "metrics.k8s.io/v1beta1 pods"
        ]
    );
    assert!(kinds[1].namespaced);
}

#[test]
fn a_kind_is_found_by_any_of_its_names() {
    let kinds = discovered();
    for word in [
        "certificates",
        "Certificate",
        "cert",
        "certificates.cert-manager.io",
        "certificates.v1.cert-manager.io",
    ] {
        let found = find(&kinds, word).unwrap();
        assert_eq!(found.plural(), "certificates", "{word}");
    }
    for (word, kind) in [
        ("po", Kind::Pod),
        ("deploy", Kind::Deployment),
        ("pods", Kind::Pod),
        ("Nodes", Kind::Node),
    ] {
        assert_eq!(find(&kinds, word), Ok(kind));
    }
    assert_eq!(find(&kinds, "sa").unwrap().plural(), "serviceaccounts");
    let near = find(&kinds, "certificats").unwrap_err();
    assert_eq!(near.first().map(String::as_str), Some("certificates"));
    assert!(
        find(&kinds, "deploymnets")
            .unwrap_err()
            .contains(&"deployments".to_owned())
    );
    assert!(find(&kinds, "qqqq").unwrap_err().is_empty());
}

#[test]
fn a_table_becomes_columns_and_rows() {
    let mut projection =
        Projection::new(EndpointId(0), Kind::Custom(fixtures::certificates().into()));
    let page = Answer::read(fixtures::table()).unwrap();
    let columns: Vec<_> = projection
        .learn(&page)
        .unwrap()
        .into_iter()
        .map(|column| {
            (
                column.header.to_string(),
                column.key.to_string(),
                column.wide,
                column.right,
            )
        })
        .collect();
    let column =
        |header: &str, key: &str, wide, right| (header.to_owned(), key.to_owned(), wide, right);
    assert_eq!(
        columns,
        [
            column("READY", "ready", false, false),
            column("SECRET", "secret", false, false),
            column("RENEWALS", "renewals", false, true),
            column("LAST RENEWAL", "last_renewal", true, false),
            column("STATUS", "status", true, false),
        ]
    );
    let rows = projection.rows(&page, now());
    let Row::Resource(_, good) = &rows[0] else {
        panic!()
    };
    let Row::Resource(_, bad) = &rows[1] else {
        panic!()
    };
    assert_eq!(
        (good.meta.name.as_str(), good.health),
        ("shop-tls", Health::Good)
    );
    assert_eq!(
        (bad.meta.name.as_str(), bad.health),
        ("api-tls", Health::Bad)
    );
    assert_eq!(bad.why.as_deref(), Some("the issuer is not there"));
    assert_eq!(good.cells[2], Value::Number(3));
    assert!(matches!(good.cells[3], Value::Time(_)));
    assert_eq!(good.meta.labels.get("app"), Some("shop"));

    // Later events bring no columns; those learnt stay.
    let mut event = fixtures::table();
    event["columnDefinitions"] = json!(null);
    let event = Answer::read_event(event).unwrap();
    assert_eq!(projection.learn(&event), None);
    assert_eq!(projection.rows(&event, now()), rows);
    assert_eq!(event.version, "12", "the object's version, not the table's");
}

#[test]
fn a_server_without_tables_still_shows_names_and_status() {
    let mut projection =
        Projection::new(EndpointId(0), Kind::Custom(fixtures::certificates().into()));
    let list = json!({
        "kind": "CertificateList",
        "metadata": { "resourceVersion": "7" },
        "items": [fixtures::certificate()],
    });
    let page = Answer::read(list).unwrap();
    assert_eq!(
        projection.learn(&page).unwrap()[0].header.as_str(),
        "STATUS"
    );
    let rows = projection.rows(&page, now());
    let Row::Resource(_, row) = &rows[0] else {
        panic!()
    };
    assert_eq!(row.cells[0], Value::Text(Text::new("NotReady (Issuing)")));
    assert!(Answer::read(json!({ "kind": "Status" })).is_none());
}

#[test]
fn health_is_guessed_from_what_columns_are_called() {
    for (header, cell, expected) in [
        ("Ready", "True", Some(Health::Good)),
        ("Ready", "False", Some(Health::Bad)),
        ("Available", "False (MissingEndpoints)", Some(Health::Bad)),
        ("Ready", "1/3", Some(Health::Warn)),
        ("Ready", "3/3", Some(Health::Good)),
        ("Phase", "Pending", Some(Health::Busy)),
        ("Status", "InstallFailed", Some(Health::Bad)),
        ("Sync Status", "OutOfSync", Some(Health::Warn)),
        ("Secret", "False", None),
    ] {
        assert_eq!(guess(header, cell), expected, "{header} {cell}");
    }
}

#[test]
fn rules_say_what_is_permitted() {
    let rules = Rules::read(&json!({ "status": { "resourceRules": [
        { "verbs": ["get", "list"], "apiGroups": [""], "resources": ["pods", "pods/log"] },
        { "verbs": ["*"], "apiGroups": ["apps"], "resources": ["*"] },
        { "verbs": ["get"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["one"] },
        { "verbs": ["update"], "apiGroups": ["*"], "resources": ["*/scale"] },
    ] } }));
    assert!(rules.lists(&Kind::Pod) && rules.lists(&Kind::Deployment));
    assert!(rules.allow("get", "", "pods/log"));
    assert!(rules.allow("update", "batch", "things/scale"));
    assert!(!rules.lists(&Kind::Secret) && !rules.allow("get", "", "secrets"));
    assert!(!rules.allow("delete", "", "pods"));
}
