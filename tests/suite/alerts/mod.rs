//! Alerts: what servers say, put together to one row an alert, with its workload, its limit and its countdown.

mod estate;
mod rows;

use quarterdeck::clients::fault::Fault;
use quarterdeck::model::{
    AlertState, EndpointId, Health, Labels, Match, Matchers, Moment, Name, Replied, Unit,
};
use quarterdeck::sources::alertmanager::decode as manager;
use quarterdeck::sources::prometheus::decode::decode;
use quarterdeck::sources::prometheus::{rules, split};

fn labels(pairs: &[(&str, &str)]) -> Labels {
    let pairs = pairs.iter();
    Labels::new(
        pairs
            .map(|(name, value)| (Name::new(name), Name::new(value)))
            .collect(),
    )
}

fn at(text: &str) -> Moment {
    Moment::parse(text).unwrap()
}

#[test]
fn expressions_are_taken_apart_into_what_is_watched_and_its_limit() {
    let cases = [
        (
            "rate(x[5m]) > 0.1",
            "rate(x[5m])",
            ">",
            Some(0.1),
            Unit::Number,
        ),
        ("0.9 < a / b", "a / b", ">", Some(0.9), Unit::Ratio),
        (
            "1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes > 0.8",
            "1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes",
            ">",
            Some(0.8),
            Unit::Ratio,
        ),
        (
            "(a > 2 * 3) and on (x) b",
            "a",
            ">",
            Some(6.0),
            Unit::Number,
        ),
        (
            "up{job=\"redis\"} == 0",
            "up{job=\"redis\"}",
            "==",
            Some(0.0),
            Unit::Number,
        ),
        ("a > b", "a", ">", None, Unit::Number),
        (
            "container_memory_bytes > 1024",
            "container_memory_bytes",
            ">",
            Some(1024.0),
            Unit::Bytes,
        ),
        (
            "histogram_quantile(0.95, x_seconds_bucket) > 0.5",
            "histogram_quantile(0.95, x_seconds_bucket)",
            ">",
            Some(0.5),
            Unit::Seconds,
        ),
        ("a < -1", "a", "<", Some(-1.0), Unit::Number),
    ];
    for (expr, left, operator, bound, unit) in cases {
        let limit = split::split(expr).unwrap_or_else(|| panic!("{expr}"));
        assert_eq!(limit.left.as_str(), left, "{expr}");
        assert_eq!(limit.operator.as_str(), operator, "{expr}");
        assert_eq!(limit.bound, bound, "{expr}");
        assert_eq!(limit.unit, unit, "{expr}");
    }
    for nothing in ["vector(1)", "absent(up)", "a b c ("] {
        assert_eq!(split::split(nothing), None, "{nothing}");
    }
}

#[test]
fn matchers_fit_as_alertmanagers_do() {
    let own = labels(&[("severity", "critical"), ("namespace", "ecommerce-prod")]);
    let cases = [
        ("severity=\"critical\"", true),
        ("severity=critical", true),
        ("{severity=\"critical\",namespace=~\"ecom.*\"}", true),
        // Expressions fit whole values only.
        ("namespace=~\"ecom\"", false),
        ("namespace!~\"arq.*\", severity!=\"warning\"", true),
        ("team=\"\"", true),
        ("team!=\"\"", false),
        ("", false),
    ];
    for (text, expected) in cases {
        assert_eq!(Matchers::parse(text).unwrap().fit(&own), expected, "{text}");
    }
    let quoted = Matchers::parse(r#"a="x\"y,z\\",b=~"1|2""#).unwrap();
    assert_eq!(quoted.to_string(), r#"a="x\"y,z\\",b=~"1|2""#);
    assert!(quoted.iter().next().unwrap().operator == Match::Is);
    for (wrong, words) in [
        ("severity", "\"severity\" has no =, !=, =~ or !~"),
        ("=\"x\"", "a label's name is missing"),
        ("a=~\"(\"", "\"(\" is no regular expression"),
        ("a=\"x", "a quote is open"),
        ("a=\"x\" b=\"y\"", "a comma is missing before: b"),
    ] {
        let error = Matchers::parse(wrong).unwrap_err();
        assert!(error.contains(words), "{wrong}: {error}");
    }
}

#[test]
fn rules_tell_broken_ones_and_when_a_pending_alert_fires() {
    let body = r#"{"status":"success","data":{"groups":[{"name":"g","file":"f","interval":60,
      "rules":[
        {"type":"alerting","name":"Slow","query":"x > 1","duration":120,"labels":{"severity":"critical"},"health":"ok","state":"pending",
         "lastEvaluation":"2026-11-27T10:01:00.5Z","evaluationTime":0.1,
         "alerts":[{"labels":{"alertname":"Slow","namespace":"shop","replica":"a"},"annotations":{},"state":"pending","activeAt":"2026-11-27T10:00:00.5Z","value":"NaN"}]},
        {"type":"alerting","name":"Broken","query":"a * on (x) b","health":"err","lastError":"many-to-many \u001b[2J","state":"inactive","lastEvaluation":"2026-11-27T10:01:00Z"},
        {"type":"recording","name":"r:x","query":"x","health":"ok"}]}]},"unknown":1}"#;
    let now = at("2026-11-27T10:01:10Z");
    let found = rules::decode(
        body.as_bytes(),
        EndpointId(1),
        &[Name::new("replica")],
        0,
        now,
    )
    .unwrap();
    assert_eq!(found.rules.len(), 2, "recording rules raise nothing");
    assert_eq!(found.rules[1].health, Health::Bad);
    assert_eq!(found.rules[1].state.as_str(), "broken");
    assert!(
        !found.rules[1].why.as_deref().unwrap().contains('\u{1b}'),
        "made inert"
    );
    let alert = &found.alerts[0];
    assert_eq!(alert.state, AlertState::Pending);
    assert!(alert.value.unwrap().is_nan());
    assert_eq!(alert.meta.labels.get("replica"), None);
    assert_eq!(
        alert.fires,
        Some(at("2026-11-27T10:02:00Z")),
        "at an evaluation, not between two"
    );
    assert_eq!(found.trouble, None);

    // The same, told by a server whose clock is ten minutes ahead.
    let skewed = rules::decode(body.as_bytes(), EndpointId(1), &[], 600, now).unwrap();
    assert_eq!(skewed.alerts[0].active, Some(at("2026-11-27T09:50:00Z")));
    // Nobody evaluates them any more.
    let late = rules::decode(
        body.as_bytes(),
        EndpointId(1),
        &[],
        0,
        at("2026-11-27T10:30:00Z"),
    );
    assert_eq!(
        late.unwrap().trouble.as_deref(),
        Some("rules of g were last evaluated 29 min ago")
    );
    let fault = rules::decode(b"[1]", EndpointId(1), &[], 0, now)
        .err()
        .unwrap();
    assert!(
        fault
            .to_string()
            .starts_with("answered with something else than rules"),
        "{fault}"
    );
}

#[test]
fn answers_of_every_shape_become_plain_series() {
    let matrix = r#"{"status":"success","warnings":["only half \u0007"],"isPartial":true,"data":{"resultType":"matrix","result":[
        {"metric":{"__name__":"x","pod":"a"},"values":[[10,"1e+00"],[20.5,"NaN"],[40,"+Inf"],[50,"-Inf"]]},
        {"metric":{},"histograms":[[1,{}],[2,{}]]}]}}"#;
    let answer = decode(matrix.as_bytes(), 5000).unwrap();
    let Replied::Series(list) = answer.reply else {
        panic!()
    };
    assert_eq!(list[0].labels.get("pod"), Some("a"));
    let points = &list[0].points;
    assert_eq!(
        (points[0].millis, points[0].value),
        (5000, 1.0),
        "by our clock"
    );
    assert!(points[1].millis == 15_500 && points[1].value.is_nan());
    assert_eq!(
        (points[2].value, points[3].value),
        (f64::INFINITY, f64::NEG_INFINITY)
    );
    assert_eq!(list[1].histograms, 2);
    assert_eq!(answer.warnings.len(), 2);
    assert!(!answer.warnings[0].contains('\u{7}'));

    let scalar = r#"{"status":"success","data":{"resultType":"scalar","result":[1.5,"2"]}}"#;
    let Replied::Series(list) = decode(scalar.as_bytes(), 0).unwrap().reply else {
        panic!()
    };
    assert_eq!(
        (list[0].points[0].millis, list[0].points[0].value),
        (1500, 2.0)
    );
    let empty = r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#;
    assert_eq!(
        decode(empty.as_bytes(), 0).unwrap().reply,
        Replied::Series(Vec::new())
    );
    let words = r#"{"status":"success","data":["a","b"]}"#;
    let Replied::Words(list) = decode(words.as_bytes(), 0).unwrap().reply else {
        panic!()
    };
    assert_eq!(list.len(), 2);
    let refused = decode(br#"{"status":"error","errorType":"x","error":"no"}"#, 0);
    assert!(matches!(refused, Err(Fault::Refused { message, .. }) if message == "no"));
    assert!(decode(b"<html>", 0).is_err());
}

#[test]
fn alertmanagers_of_any_age_are_read_leniently() {
    let body = r#"[
      {"labels":{"alertname":"A","namespace":"shop"},"fingerprint":"f1","startsAt":"2026-11-27T10:00:00Z","receivers":[{"name":"pager"}],"status":{"state":"active"}},
      {"labels":{"alertname":"B"},"status":{"state":"suppressed","silencedBy":["s1"],"inhibitedBy":[]}},
      {"labels":{"alertname":"C"},"status":{"state":"suppressed","silencedBy":[],"inhibitedBy":["f1"]},"new":{}},
      {"labels":{"alertname":"D"},"status":{"state":"suppressed","mutedBy":["nights"]}}]"#;
    let list = manager::alerts(body.as_bytes(), EndpointId(2), &[], 0).unwrap();
    let states: Vec<AlertState> = list.iter().map(|alert| alert.state).collect();
    assert_eq!(
        states,
        [
            AlertState::Firing,
            AlertState::Silenced,
            AlertState::Inhibited,
            AlertState::Silenced
        ]
    );
    assert_eq!(list[0].receivers[0].as_str(), "pager");

    let silences = r#"[
      {"id":"12345678-9","matchers":[{"name":"a","value":"b","isRegex":false}],"startsAt":"2026-11-27T10:00:00Z","endsAt":"2026-11-27T11:00:00Z","createdBy":"me","comment":"c","status":{"state":"active"}},
      {"id":"2","matchers":[],"matcherSets":[[],[]],"status":{"state":"expired"}}]"#;
    let list = manager::silences(silences.as_bytes(), EndpointId(2), 0).unwrap();
    assert_eq!(list[0].matchers.to_string(), "a=\"b\"");
    assert!(
        !list[0].foreign && list[1].foreign,
        "what is not understood is left alone"
    );
}
