//! Which boards there are: found by what a server has, written by the operator, imported from Grafana.

use promql_parser::parser::parse;
use quarterdeck::config::{BoardSettings, PanelSettings, SloSettings};
use quarterdeck::model::{EndpointId, Health, Kind, Target, Unit};
use quarterdeck::ui::boards::{
    Board, Form, Ground, Known, Panel, Variable, Variables, Window, boards, choices, fill, import,
    of_object,
};
use quarterdeck::ui::widgets::chart::Bound;

fn known(names: &[&str], labels: &[(&str, &[&str])]) -> Known {
    let mut names: Vec<String> = names.iter().map(ToString::to_string).collect();
    names.sort();
    let labels = labels.iter();
    let labels = labels.map(|(family, labels)| {
        let labels = labels.iter().map(ToString::to_string).collect();
        ((*family).to_owned(), labels)
    });
    Known {
        names,
        labels: labels.collect(),
        scrape_seconds: 15,
        kept_seconds: Some(15 * 86_400),
    }
}

/// A server with everything that boards know.
fn rich() -> Known {
    known(
        &[
            "http_requests_total",
            "http_request_duration_seconds_bucket",
            "container_cpu_usage_seconds_total",
            "container_memory_working_set_bytes",
            "container_cpu_cfs_periods_total",
            "container_cpu_cfs_throttled_periods_total",
            "kube_pod_container_resource_limits",
            "kube_pod_container_status_restarts_total",
            "kube_pod_status_phase",
            "kube_deployment_spec_replicas",
            "kube_deployment_status_replicas_available",
            "node_cpu_seconds_total",
            "node_memory_MemAvailable_bytes",
            "node_load1",
            "node_filesystem_avail_bytes",
            "node_network_receive_bytes_total",
            "node_network_transmit_bytes_total",
            "pg_up",
            "pg_stat_database_numbackends",
            "pg_settings_max_connections",
            "pg_stat_database_xact_commit",
            "pg_locks_count",
            "pg_stat_statements_seconds_total",
            "pg_database_size_bytes",
            "redis_up",
            "nginx_up",
            "nginx_connections_active",
            "probe_success",
            "probe_ssl_earliest_cert_expiry",
            "up",
            "prometheus_tsdb_head_series",
            "prometheus_rule_evaluation_failures_total",
            "slo:sli_error:ratio_rate5m",
            "slo:sli_error:ratio_rate1h",
            "slo:objective:ratio",
            "slo:period_error_budget_remaining:ratio",
            "pyrra_objective",
            "pyrra_availability",
            "http_requests:burnrate1h",
        ],
        &[
            (
                "http_requests_total",
                &["namespace", "service", "status", "job", "pod"],
            ),
            (
                "container_cpu_usage_seconds_total",
                &["namespace", "pod", "container", "name"],
            ),
            (
                "kube_pod_container_status_restarts_total",
                &["exported_namespace", "exported_pod", "namespace", "pod"],
            ),
        ],
    )
}

fn on(known: &Known, variables: &Variables) -> Vec<Board> {
    let ground = Ground { known, variables };
    boards(&[], &[], &ground)
}

fn find<'b>(boards: &'b [Board], name: &str) -> &'b Board {
    boards.iter().find(|board| board.name == name).unwrap()
}

fn panel<'p>(panels: &'p [Panel], title: &str) -> &'p Panel {
    panels.iter().find(|panel| panel.title == title).unwrap()
}

fn window() -> Window {
    Window {
        range: 3600,
        step: 15,
        scrape: 15,
    }
}

#[test]
fn every_query_of_every_board_is_promql() {
    let narrow = Variables {
        namespace: vec!["ecommerce-prod".to_owned(), "a.b".to_owned()],
        service: vec!["shop \"x\"".to_owned()],
        pod: vec!["shop-1".to_owned()],
        pods_like: None,
    };
    let slo = SloSettings {
        service: "shop".to_owned(),
        ..SloSettings::default()
    };
    let mut count = 0;
    for variables in [Variables::default(), narrow] {
        let known = rich();
        let ground = Ground {
            known: &known,
            variables: &variables,
        };
        for board in boards(&[], std::slice::from_ref(&slo), &ground) {
            assert_eq!(board.missing, None, "{}", board.name);
            for query in board.panels.iter().flat_map(|panel| &panel.queries) {
                let promql = fill(&query.promql, window(), &variables);
                assert!(
                    parse(&promql).is_ok(),
                    "{}: {promql}\n{:?}",
                    board.name,
                    parse(&promql).err()
                );
                assert!(!promql.contains("$__"), "{promql}");
                count += 1;
            }
        }
    }
    assert!(count > 100, "{count}");
}

#[test]
fn the_six_panels_of_the_platforms_are_there_without_configuration() {
    let boards = on(&rich(), &Variables::default());
    let titles: Vec<&str> = find(&boards, "overview")
        .panels
        .iter()
        .map(|panel| panel.title.as_str())
        .collect();
    assert_eq!(
        titles,
        [
            "Request rate",
            "Error rate",
            "Response time, P95",
            "CPU by pod",
            "Memory by pod",
            "Pods by phase"
        ]
    );
}

#[test]
fn a_board_without_its_exporter_stands_last_and_names_it() {
    let boards = on(&known(&["up"], &[]), &Variables::default());
    assert_eq!(boards[0].name, "prometheus");
    for (name, word) in [
        ("postgresql", "pg_up"),
        ("redis", "redis_up"),
        ("nginx", "nginx_connections_active"),
        ("nodes", "node exporter"),
        ("pods", "cAdvisor"),
        ("docker", "cAdvisor"),
        ("golden", "http_requests_total"),
    ] {
        let why = find(&boards, name).missing.clone().unwrap();
        assert!(why.contains(word), "{name}: {why}");
    }
}

#[test]
fn labels_are_those_that_the_server_has() {
    let known = known(
        &[
            "http_server_requests_seconds_count",
            "http_server_requests_seconds_bucket",
        ],
        &[(
            "http_server_requests_seconds_count",
            &["app", "http_status_code", "kubernetes_namespace"],
        )],
    );
    let variables = Variables {
        namespace: vec!["shop".to_owned()],
        ..Variables::default()
    };
    let boards = on(&known, &variables);
    let errors = &panel(&find(&boards, "golden").panels, "Error rate").queries[0].promql;
    assert!(errors.contains("http_status_code=~\"5..\""), "{errors}");
    assert!(errors.contains("sum by (app)"), "{errors}");
    assert!(
        errors.contains("kubernetes_namespace=~\"shop\""),
        "{errors}"
    );
    assert!(
        errors.contains("or 0 *"),
        "no failures are none, not unknown: {errors}"
    );
}

#[test]
fn what_exporters_say_of_others_is_asked_by_the_exported_labels() {
    let boards = on(&rich(), &Variables::default());
    let restarts = &panel(&find(&boards, "pods").panels, "Restarts in 15 min").queries[0].promql;
    assert!(
        restarts.contains("exported_namespace, exported_pod"),
        "{restarts}"
    );
}

#[test]
fn rates_look_over_four_scrapes_and_no_less_than_a_step() {
    let filled = |step, scrape| {
        let window = Window {
            range: 86_400,
            step,
            scrape,
        };
        fill(
            "rate(x[$__rate_interval])[$__range:$__interval]",
            window,
            &Variables::default(),
        )
    };
    assert_eq!(filled(15, 15), "rate(x[60s])[86400s:15s]");
    assert_eq!(filled(600, 15), "rate(x[615s])[86400s:600s]");
}

#[test]
fn variables_are_filled_in_every_way_of_writing_and_quoted() {
    let variables = Variables {
        namespace: vec!["a.b".to_owned(), "c".to_owned()],
        ..Variables::default()
    };
    let text = "x{n=~\"$namespace\",m=~\"${namespace:regex}\",o=~\"[[namespace]]\",p=~\"$pod\",q=\"$cluster\"}[5m]";
    assert_eq!(
        fill(text, window(), &variables),
        "x{n=~\"a\\\\.b|c\",m=~\"a\\\\.b|c\",o=~\"a\\\\.b|c\",p=~\".*\",q=\"$cluster\"}[5m]"
    );
}

#[test]
fn variables_hang_on_each_other() {
    let known = rich();
    let mut chosen = Variables::default();
    let (label, selector) = choices(&known, Variable::Namespace, &chosen).unwrap();
    assert_eq!(
        (label.as_str(), selector.as_str()),
        ("namespace", "http_requests_total")
    );
    chosen.set(Variable::Namespace, Some("shop".to_owned()));
    let (label, selector) = choices(&known, Variable::Service, &chosen).unwrap();
    assert_eq!(
        (label.as_str(), selector.as_str()),
        ("service", "http_requests_total{namespace=~\"shop\"}")
    );
    chosen.set(Variable::Service, Some("web".to_owned()));
    chosen.set(Variable::Pod, Some("web-1".to_owned()));
    chosen.set(Variable::Namespace, None);
    assert!(chosen.is_empty(), "what hangs on a namespace goes with it");
}

#[test]
fn own_panels_say_what_the_configuration_says() {
    let own = BoardSettings {
        name: "orders".to_owned(),
        panels: vec![PanelSettings {
            title: "Orders".to_owned(),
            promql: vec!["orders_total".to_owned()],
            unit: "per second".to_owned(),
            form: "bars".to_owned(),
            bad_below: Some(1.0),
            ..PanelSettings::default()
        }],
        ..BoardSettings::default()
    };
    let known = rich();
    let variables = Variables::default();
    let ground = Ground {
        known: &known,
        variables: &variables,
    };
    let boards = boards(&[own], &[], &ground);
    assert_eq!(boards[0].name, "orders", "the operator's own come first");
    let panel = &boards[0].panels[0];
    assert_eq!((panel.unit, panel.form), (Unit::PerSecond, Form::Bars));
    let limit = panel.thresholds[0];
    assert_eq!(
        (limit.value, limit.bound, limit.health),
        (1.0, Bound::Below, Health::Bad)
    );
}

#[test]
fn an_objective_takes_two_lines_and_says_how_far_back_it_can_see() {
    let known = rich();
    let variables = Variables::default();
    let ground = Ground {
        known: &known,
        variables: &variables,
    };
    let slo = SloSettings {
        service: "shop".to_owned(),
        objective: 99.9,
        ..SloSettings::default()
    };
    let boards = boards(&[], &[slo], &ground);
    let panels = &find(&boards, "slo").panels;
    let left = panel(panels, "shop: budget of 30d left");
    assert!(
        left.queries[0].promql.contains("[30d]"),
        "{}",
        left.queries[0].promql
    );
    assert!(
        left.queries[0].promql.contains("/ 0.001"),
        "{}",
        left.queries[0].promql
    );
    assert!(left.note.contains("15d"), "{}", left.note);
    let rates = panel(panels, "shop: burn rate, 99.9 % promised");
    let windows: Vec<&str> = rates
        .queries
        .iter()
        .map(|query| query.legend.as_str())
        .collect();
    assert_eq!(
        windows,
        [
            "1h, limit 14.4",
            "6h, limit 6",
            "1d, limit 3",
            "3d, limit 1"
        ]
    );
    assert!(
        panels
            .iter()
            .any(|panel| panel.queries[0].promql.contains("sloth_id"))
    );
    assert!(
        panels
            .iter()
            .any(|panel| panel.queries[0].promql.contains("pyrra_availability"))
    );
}

#[test]
fn an_object_has_its_own_panels() {
    let known = rich();
    let variables = Variables::default();
    let ground = Ground {
        known: &known,
        variables: &variables,
    };
    let of = |kind: Kind, name: &str| {
        let target = Target {
            endpoint: EndpointId(1),
            kind,
            namespace: "ecommerce-prod".into(),
            name: name.into(),
            uid: None,
        };
        of_object(&target, "10.0.0.7", &ground)
    };
    let titles = |panels: Vec<Panel>| {
        panels
            .into_iter()
            .map(|panel| panel.title)
            .collect::<Vec<_>>()
    };
    let workload = of(Kind::Deployment, "shop").unwrap();
    let cpu = &workload[0].queries[0].promql;
    assert!(cpu.contains("pod=~\"shop-[a-z0-9]+-[a-z0-9]+\""), "{cpu}");
    assert_eq!(
        titles(workload),
        [
            "CPU by pod",
            "Memory by pod",
            "Restarts in 15 min",
            "Request rate",
            "Error rate",
            "Latency, P95"
        ]
    );
    let pod = of(Kind::Pod, "shop-7d9f8b6c5d-m2lz9").unwrap();
    assert!(pod[0].queries[0].promql.contains("sum by (container)"));
    let node = of(Kind::Node, "node-a").unwrap();
    assert!(
        node[0].queries[0]
            .promql
            .contains("instance=~\"(node-a|10\\\\.0\\\\.0\\\\.7)(:[0-9]+)?\"")
    );
    assert_eq!(of(Kind::ConfigMap, "shop"), None);
}

#[test]
fn a_dashboard_of_grafana_comes_over_as_far_as_it_maps() {
    let text = r#"{
      "title": "Shop",
      "templating": {"list": [
        {"name": "namespace", "type": "query"},
        {"name": "cluster", "type": "query", "current": {"value": "eu-1"}},
        {"name": "region", "type": "query", "current": {"value": ["$__all"]}},
        {"name": "window", "type": "interval", "current": {"value": "5m"}},
        {"name": "ds", "type": "datasource"}]},
      "annotations": {"list": [{"builtIn": 1}, {"name": "deploys"}]},
      "panels": [
        {"type": "row", "title": "Traffic", "panels": [
          {"type": "timeseries", "title": "Errors",
           "fieldConfig": {"defaults": {"unit": "percentunit",
             "custom": {"thresholdsStyle": {"mode": "line"}},
             "thresholds": {"mode": "absolute", "steps": [
               {"color": "green", "value": null}, {"color": "orange", "value": 0.02}, {"color": "red", "value": 0.05}]}}},
           "targets": [{"expr": "sum(rate(x{cluster=\"$cluster\",region=~\"$region\",ns=~\"$namespace\"}[$window]))",
                        "legendFormat": "{{service}}"}, {"query": "SELECT 1"}]}]},
        {"type": "gauge", "title": "Free", "fieldConfig": {"defaults": {"unit": "furlongs",
           "thresholds": {"mode": "absolute", "steps": [{"color": "red", "value": null}, {"color": "green", "value": 10}]}}},
           "targets": [{"expr": "free"}], "repeat": "pod"},
        {"type": "logs", "title": "Lines", "targets": [{"expr": "{app=\"x\"}"}]},
        {"type": "stat", "title": "From SQL", "targets": [{"rawSql": "SELECT 2"}]},
        {"type": "text", "title": "Read me"}]}"#;
    let imported = import(text).unwrap();
    assert_eq!(imported.title, "Shop");
    let titles: Vec<&str> = imported
        .panels
        .iter()
        .map(|panel| panel.title.as_str())
        .collect();
    assert_eq!(titles, ["Errors", "Free"]);
    let errors = &imported.panels[0];
    assert_eq!(
        errors.queries[0].promql,
        "sum(rate(x{cluster=\"eu-1\",region=~\".*\",ns=~\"$namespace\"}[$__rate_interval]))"
    );
    assert_eq!(errors.unit, Unit::Ratio);
    let limits: Vec<(f64, Bound, Health)> = errors
        .thresholds
        .iter()
        .map(|limit| (limit.value, limit.bound, limit.health))
        .collect();
    assert_eq!(
        limits,
        [
            (0.02, Bound::Above, Health::Warn),
            (0.05, Bound::Above, Health::Bad)
        ]
    );
    assert_eq!(imported.panels[1].thresholds[0].bound, Bound::Below);
    let left = imported.left_out.join("\n");
    for word in [
        "$cluster is fixed to \"eu-1\"",
        "\"Errors\": 1 queries",
        "furlongs",
        "repeating",
        "\"Lines\": panels of type logs",
        "From SQL",
        "Read me",
        "annotations",
    ] {
        assert!(left.contains(word), "{word} in\n{left}");
    }
}

#[test]
fn what_is_no_dashboard_is_said() {
    assert!(import("<html>").unwrap_err().contains("no JSON"));
    assert!(import("{\"a\": 1}").unwrap_err().contains("no dashboard"));
    let wrapped = import("{\"dashboard\": {\"title\": \"T\", \"panels\": []}}").unwrap();
    assert_eq!(wrapped.title, "T");
}
