//! Boards at the keys: what they ask, what they show of what came, and that nothing that is not well looks well.

use std::sync::Arc;

use quarterdeck::config::{BoardSettings, Config, PanelSettings};
use quarterdeck::model::*;
use quarterdeck::store::Store;

use crate::estate::{self, EU, live, now};
use crate::operator::Operator;

const PROMETHEUS: EndpointId = EndpointId(7);

/// What the server of these tests says to a query.
type Answers = fn(&str) -> Result<Vec<Series>, &'static str>;

/// The estate with a Prometheus beside it.
fn watched() -> Store {
    let mut store = live();
    let endpoint = Endpoint {
        id: PROMETHEUS,
        engine: Engine::Prometheus,
        name: "prometheus".into(),
        environment: Environment::Production,
        ..Endpoint::default()
    };
    tell(&mut store, Topic::Server, Change::Endpoint(endpoint));
    tell(
        &mut store,
        Topic::Server,
        Change::Status(SourceStatus::Live),
    );
    store
}

fn tell(store: &mut Store, topic: Topic, change: Change) {
    let feed = Feed {
        endpoint: PROMETHEUS,
        topic,
    };
    let changes = vec![change];
    store.apply(Batch { feed, changes }, now());
}

fn operator(config: &Config, size: (u16, u16)) -> Operator {
    Operator::with(watched(), config, size)
}

const NAMES: [&str; 8] = [
    "http_requests_total",
    "http_request_duration_seconds_bucket",
    "container_cpu_usage_seconds_total",
    "container_memory_working_set_bytes",
    "kube_pod_status_phase",
    "kube_pod_container_status_restarts_total",
    "node_cpu_seconds_total",
    "up",
];

/// A line over the asked time, from one value to another.
fn line(pairs: &[(&str, &str)], from: f64, to: f64) -> Series {
    let end = now().second() / 15 * 15;
    Series {
        labels: estate::labels(pairs),
        points: (0..=240_i32)
            .map(|at| Point {
                millis: (end - 3600 + i64::from(at) * 15) * 1000,
                value: from + (to - from) * f64::from(at) / 240.0,
            })
            .collect(),
        histograms: 0,
    }
}

#[allow(clippy::unnecessary_wraps, reason = "it is one of several answers")]
fn well(promql: &str) -> Result<Vec<Series>, &'static str> {
    let by = |label: &str, shop: (f64, f64), web: (f64, f64)| {
        vec![
            line(&[(label, "shop")], shop.0, shop.1),
            line(&[(label, "web")], web.0, web.1),
        ]
    };
    Ok(if promql.contains("histogram_quantile") {
        by("service", (0.12, 2.3), (0.05, 0.06))
    } else if promql.contains("5..") {
        by("service", (0.002, 0.207), (0.001, 0.001))
    } else if promql.contains("http_requests_total") {
        by("service", (40.0, 52.0), (11.0, 9.0))
    } else if promql.contains("cpu_usage") {
        by("pod", (0.2, 0.4), (0.05, 0.05))
    } else if promql.contains("memory_working") {
        by("pod", (6.0e7, 9.0e7), (3.0e7, 3.1e7))
    } else if promql.contains("phase") {
        vec![
            line(&[("phase", "Running")], 31.0, 30.0),
            line(&[("phase", "Pending")], 1.0, 2.0),
        ]
    } else {
        Vec::new()
    })
}

/// Lets the server answer what is asked, until nothing new is.
fn answer(operator: &mut Operator, answers: Answers) {
    for _ in 0..6 {
        let asked = operator.ui.demand(&operator.store).metrics;
        for query in asked {
            let words = |words: &[&str]| {
                Ok(Replied::Words(
                    words.iter().map(|word| Text::new(word)).collect(),
                ))
            };
            let reply = match &query.ask {
                Ask::Values { label, .. } if &**label == "__name__" => words(&NAMES),
                Ask::Values { label, .. } => words(&[label, "shop", "web"]),
                Ask::Labels { selector } if selector.starts_with("http_requests") => {
                    words(&["namespace", "service", "status"])
                }
                Ask::Labels { .. } => words(&["namespace", "pod", "container"]),
                ask => match answers(ask.expr().unwrap_or_default()) {
                    Ok(series) => Ok(Replied::Series(series)),
                    Err(why) => Err(Text::new(why)),
                },
            };
            let warnings = Vec::new();
            let answer = MetricAnswer {
                query,
                at: now(),
                reply,
                warnings,
            };
            tell(
                &mut operator.store,
                Topic::Metrics,
                Change::Answer(Box::new(answer)),
            );
        }
        operator.screen();
    }
}

/// What is asked as PromQL over a range now.
fn asked(operator: &Operator) -> Vec<Ask> {
    let all = operator.ui.demand(&operator.store).metrics.into_iter();
    all.map(|query| query.ask)
        .filter(|ask| matches!(ask, Ask::Last { .. } | Ask::Between { .. }))
        .collect()
}

#[test]
fn the_platforms_board_is_one_key_away() {
    for size in [(80, 24), (160, 48)] {
        let mut operator = operator(&Config::default(), size);
        operator.press("B");
        answer(&mut operator, well);
        insta::assert_snapshot!(format!("board_{}", size.0), operator.screen());
    }
}

#[test]
fn a_panel_alone_shows_its_query_its_legend_and_the_crosshair() {
    let mut operator = operator(&Config::default(), (110, 34));
    operator.press("B");
    answer(&mut operator, well);
    operator.press("n enter h h h h h h h h h h");
    insta::assert_snapshot!("board_zoomed", operator.screen());
    operator.sees("AT").sees("sum by (service)");
    operator.press("esc").sees("sum by (service)");
    operator
        .press("esc")
        .misses("sum by (service)")
        .sees("Request rate");
}

#[test]
fn nothing_is_asked_while_no_chart_is_on_screen() {
    let mut operator = operator(&Config::default(), (120, 40));
    assert!(operator.ui.demand(&operator.store).metrics.is_empty());
    operator.press("B");
    operator.screen();
    let first = operator.ui.demand(&operator.store).metrics;
    assert!(
        first
            .iter()
            .any(|query| matches!(&query.ask, Ask::Values { label, .. } if &**label == "__name__"))
    );
    answer(&mut operator, well);
    let panels = asked(&operator).len();
    assert!(
        (4..=12).contains(&panels),
        "only what is on screen: {panels}"
    );
    operator.press("esc");
    operator.screen();
    assert!(operator.ui.demand(&operator.store).metrics.is_empty());
}

#[test]
fn the_range_is_one_for_all_by_keys_and_typed() {
    let mut operator = operator(&Config::default(), (160, 48));
    operator.press("B");
    answer(&mut operator, well);
    let ranges = |operator: &Operator| {
        let mut ranges: Vec<(u32, u32)> = asked(operator)
            .iter()
            .filter_map(|ask| match ask {
                Ask::Last { seconds, step, .. } => Some((*seconds, *step)),
                _ => None,
            })
            .collect();
        ranges.dedup();
        ranges
    };
    assert_eq!(ranges(&operator), [(3600, 15)]);
    operator.press(">").screen();
    assert_eq!(ranges(&operator), [(10_800, 60)]);
    operator.press("r");
    operator.write("90m");
    operator.press("enter").screen();
    assert_eq!(ranges(&operator), [(5400, 30)]);
    operator.sees("last 90 min");
    operator.press("r");
    operator.write("soon");
    operator.press("enter").sees("no range");
    operator.press("p").sees("paused");
    let paused = asked(&operator);
    assert!(
        paused.iter().all(|ask| matches!(ask, Ask::Between { .. })),
        "{paused:?}"
    );
    let every = operator.ui.demand(&operator.store).metrics;
    assert!(
        every
            .iter()
            .all(|query| query.every == 0 || query.ask.expr().is_none() || query.every == 300)
    );
}

#[test]
fn the_crosshair_stands_on_every_chart_at_once() {
    let mut operator = operator(&Config::default(), (160, 48));
    operator.press("B");
    answer(&mut operator, well);
    operator.press("h h h");
    let screen = operator.screen();
    let badge = screen.matches("12:03:").count();
    assert!(badge >= 5, "{badge} in\n{screen}");
}

#[test]
fn narrowing_changes_what_is_asked_and_says_so() {
    let mut operator = operator(&Config::default(), (160, 48));
    operator.press("B");
    answer(&mut operator, well);
    operator.press("v").sees("service=web");
    operator.write("service=web");
    operator.press("enter").sees("service=web");
    assert!(
        asked(&operator)
            .iter()
            .any(|ask| ask.expr().unwrap().contains("service=~\"web\""))
    );
    operator.press(":");
    operator.write("ns shop");
    operator.press("enter").sees("namespace=shop");
    assert!(
        asked(&operator)
            .iter()
            .any(|ask| ask.expr().unwrap().contains("namespace=~\"shop\""))
    );
}

fn troubled(promql: &str) -> Result<Vec<Series>, &'static str> {
    match promql {
        "none" => Ok(Vec::new()),
        "nan" => Ok(vec![line(&[], f64::NAN, f64::NAN)]),
        "slow" => Err("answered 422: query processing would load too many samples into memory"),
        "down" => Err("the server refused the connection"),
        "gone" => {
            let mut old = line(&[("pod", "old")], 1.0, 2.0);
            old.points.truncate(120);
            Ok(vec![old])
        }
        "half" => Ok(vec![
            line(&[], 1.0, f64::NAN),
            line(&[("pod", "b")], 3.0, 4.0),
        ]),
        promql if promql.starts_with("sum(") => {
            Err("answered 400: invalid parameter \"query\": 1:9: parse error: unexpected <op:*>")
        }
        _ => Ok(vec![line(&[("pod", "a")], 1.0, 2.0)]),
    }
}

fn own(queries: &[&str]) -> Config {
    let panels = queries.iter().map(|promql| PanelSettings {
        title: format!("panel {promql}"),
        promql: vec![(*promql).to_owned()],
        ..PanelSettings::default()
    });
    Config {
        boards: vec![BoardSettings {
            name: "mine".to_owned(),
            panels: panels.collect(),
            ..BoardSettings::default()
        }],
        ..Config::default()
    }
}

#[test]
fn a_broken_query_is_that_panels_trouble_alone_and_says_where() {
    let mut operator = operator(&own(&["good", "sum(rate(*))"]), (120, 40));
    operator.press(":");
    operator.write("board mine");
    operator.press("enter");
    answer(&mut operator, troubled);
    let screen = operator.screen();
    assert!(screen.contains("query refused"), "{screen}");
    let lines: Vec<&str> = screen.lines().collect();
    let at = lines
        .iter()
        .position(|line| line.contains("sum(rate(*))") && !line.contains("panel"))
        .unwrap();
    let column = |line: &str, sign: &str| line.split(sign).next().unwrap().chars().count();
    let query = column(lines[at], "sum(");
    let caret = column(lines[at + 1], "^");
    assert_eq!(
        caret - query,
        8,
        "the sign stands under the place that the server named\n{screen}"
    );
    assert!(
        screen.contains("pod=a"),
        "the other panel shows its values\n{screen}"
    );
}

#[test]
fn no_two_kinds_of_trouble_look_alike_and_none_looks_well() {
    let words = [
        ("none", "no data"),
        ("nan", "not a number"),
        ("slow", "query refused"),
        ("down", "refused the connection"),
        ("gone", "no values for"),
        ("half", "not numbers"),
    ];
    for (query, word) in words {
        let mut operator = operator(&own(&[query]), (120, 30));
        operator.press(":");
        operator.write("board mine");
        operator.press("enter");
        answer(&mut operator, troubled);
        let screen = operator.screen();
        // What is no number at all is counted too.
        let own = |other: &str| other == query || (query, other) == ("nan", "half");
        let others = words.iter().filter(|(other, _)| !own(other));
        assert!(screen.contains(word), "{query}: {word}\n{screen}");
        for (_, other) in others {
            assert!(
                !screen.contains(other),
                "{query} also says {other}\n{screen}"
            );
        }
        let title = screen
            .lines()
            .find(|line| line.contains(&format!("panel {query}")))
            .unwrap();
        assert!(!title.contains('●'), "{title}");
    }
}

#[test]
fn good_values_stay_when_the_next_answer_fails_and_are_called_stale() {
    let mut operator = operator(&own(&["good"]), (120, 30));
    operator.press(":");
    operator.write("board mine");
    operator.press("enter");
    answer(&mut operator, troubled);
    operator.sees("pod=a").misses("stale");
    operator.wait(42);
    answer(&mut operator, |_| Err("the server refused the connection"));
    operator
        .sees("pod=a")
        .sees("stale 42s")
        .sees("refused the connection");
}

#[test]
fn without_a_prometheus_boards_say_what_to_do() {
    let mut operator = Operator::new(100, 30);
    operator
        .press("B")
        .sees("No Prometheus is open")
        .sees("PROMETHEUS_URL");
}

#[test]
fn an_exporter_that_is_missing_is_named_on_its_board() {
    let mut operator = operator(&Config::default(), (160, 48));
    operator.press(":");
    operator.write("board redis");
    operator.press("enter");
    answer(&mut operator, well);
    operator.sees("The Redis exporter is missing: no redis_up");
}

#[test]
fn rollouts_and_restarts_are_marked_and_told_under_the_crosshair() {
    let mut operator = operator(&Config::default(), (140, 40));
    let mut set = estate::workload(
        WorkloadKind::ReplicaSet,
        "ecommerce-prod",
        "shop-7d9f8b6c5d",
        1200,
    );
    set.meta.owner = estate::owner("Deployment", "ecommerce-prod", "shop");
    set.images = "registry.example.com/shop:1.9".into();
    estate::tell(
        &mut operator.store,
        Kind::ReplicaSet,
        [Row::Workload(Box::new(set))],
    );
    operator.press("B");
    answer(&mut operator, well);
    let screen = operator.screen();
    assert!(screen.contains('▲') && screen.contains('↻'), "{screen}");
    operator.press("enter").sees("shop rolls out shop:1.9");
    let wants = operator.ui.demand(&operator.store).objects;
    assert!(
        wants
            .iter()
            .any(|want| want.kind == Kind::ReplicaSet && want.endpoint == EU)
    );
}

#[test]
fn an_opened_workload_has_its_metrics_on_a_tab() {
    let mut operator = operator(&Config::default(), (140, 40));
    operator.press(":");
    operator.write("deployments");
    operator.press("enter d tab");
    answer(&mut operator, well);
    operator.sees("CPU by pod").sees("Memory by pod");
    let own: Vec<Arc<str>> = asked(&operator)
        .iter()
        .map(|ask| ask.expr().unwrap().into())
        .collect();
    assert!(
        own.iter().all(|promql| promql.contains("namespace=~")),
        "{own:?}"
    );
    operator.press("tab").misses("CPU by pod");
    assert!(asked(&operator).is_empty());
}

#[test]
fn every_form_shows_the_newest_values() {
    let mut operator = operator(&own(&["good"]), (100, 30));
    operator.press(":");
    operator.write("board mine");
    operator.press("enter");
    answer(&mut operator, troubled);
    for word in ["stat", "gauge", "bars", "table", "strip", "lines"] {
        operator.press("f");
        operator.sees(&format!("Shown as {word}"));
        let screen = operator.screen();
        assert!(screen.contains('2') || word == "stat", "{screen}");
    }
}

#[test]
fn boards_fit_every_size() {
    let mut operator = operator(&Config::default(), (160, 48));
    operator.press("B");
    answer(&mut operator, well);
    for zoom in ["", "z"] {
        if !zoom.is_empty() {
            operator.press(zoom);
        }
        for width in [20, 33, 60, 80, 101, 170, 240] {
            for height in [5, 6, 9, 14, 24, 60] {
                operator.resize(width, height).press("j h").screen();
            }
        }
    }
}
