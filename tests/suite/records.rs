//! Rows as other programs read them: the fields hold still, and every format shows the same.

use std::sync::Arc;

use quarterdeck::cli::Output;
use quarterdeck::cli::output::Printing;
use quarterdeck::cli::snapshot;
use quarterdeck::model::{
    Allotment, Batch, Change, Container, Endpoint, EndpointId, Event, Feed, Health, Hpa, HpaMetric,
    Involved, Key, Kind, Meta, Moment, Name, Node, Owner, Pod, Resource, Rollout, Row, Schedule,
    Scope, SourceStatus, Text, Topic, Uid, Usage, Value, Workload, WorkloadKind,
};
use quarterdeck::store::Store;
use quarterdeck::ui::query::Query;
use quarterdeck::ui::theme::{Capability, Theme};
use quarterdeck::ui::views::{self, Prepared, World};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};

const HERE: EndpointId = EndpointId(0);

fn at(second: i64) -> Moment {
    Moment::from_second(1_700_000_000 + second).unwrap()
}

fn uid(name: &str) -> Uid {
    Uid::hash(name)
}

fn meta(name: &str) -> Meta {
    Meta {
        key: Key {
            endpoint: HERE,
            uid: Uid::parse("00000000-0000-4000-8000-000000000001"),
        },
        namespace: Name::new("shop"),
        name: Text::new(name),
        created: Some(at(0)),
        ..Meta::default()
    }
}

fn amount(cpu_millicores: u32, memory_bytes: u64) -> Allotment {
    Allotment {
        cpu_millicores,
        memory_bytes,
    }
}

fn batch(topic: Topic, changes: Vec<Change>) -> Batch {
    Batch {
        feed: Feed {
            endpoint: HERE,
            topic,
        },
        changes,
    }
}

/// A store that holds one row of a kind.
fn store(kind: Kind, row: Row) -> Store {
    let mut store = Store::default();
    let endpoint = Endpoint {
        name: Name::new("kind-qd"),
        ..Endpoint::default()
    };
    store.apply(
        batch(Topic::Server, vec![Change::Endpoint(endpoint)]),
        at(90),
    );
    let changes = vec![
        Change::Listing,
        Change::Row(row),
        Change::Listed,
        Change::Status(SourceStatus::Live),
    ];
    store.apply(batch(Topic::Objects(kind, Scope::All), changes), at(90));
    store
}

fn print(store: &Store, view: &str, output: Output, theme: Option<&Theme>) -> String {
    let view = views::find(view).unwrap();
    let world = World {
        store,
        now: at(90),
        several: false,
    };
    let mut prepared = Prepared::default();
    view.prepare(world, &Query::default(), &mut prepared);
    let mut out = Vec::new();
    Printing { output, theme }
        .rows(&mut out, world, view.as_ref(), &prepared)
        .unwrap();
    String::from_utf8(out).unwrap()
}

fn row(store: &Store, view: &str) -> String {
    print(store, view, Output::Ndjson, None)
}

fn pod() -> Pod {
    Pod {
        meta: meta("shop-1"),
        phase: Name::new("Running"),
        status: Name::new("CrashLoopBackOff"),
        health: Health::Bad,
        why: Some(Text::new("crashes: exit 3")),
        ready: 0,
        containers: 2,
        restarts: 4,
        restarted: Some(at(60)),
        node: Name::new("n1"),
        ip: Some([10, 0, 0, 7].into()),
        image: Name::new("shop:2.0"),
        requests: amount(100, 1 << 20),
        qos: Name::new("Burstable"),
        ..Pod::default()
    }
}

#[test]
fn a_pod() {
    let mut store = store(Kind::Pod, Row::Pod(pod()));
    let unknown = "{\"cluster\":\"kind-qd\",\"namespace\":\"shop\",\"name\":\"shop-1\",\"uid\":\"00000000-0000-4000-8000-000000000001\",\"age_seconds\":90,\"phase\":\"Running\",\"status\":\"CrashLoopBackOff\",\"ready\":0,\"containers\":2,\"restarts\":4,\"node\":\"n1\",\"ip\":\"10.0.0.7\",\"cpu_millicores\":null,\"memory_bytes\":null,\"cpu_request_millicores\":100,\"cpu_limit_millicores\":null,\"memory_request_bytes\":1048576,\"memory_limit_bytes\":null,\"image\":\"shop:2.0\",\"qos\":\"Burstable\",\"last_restart\":\"2023-11-14T22:14:20Z\",\"deleting\":false,\"health\":\"bad\",\"why\":\"crashes: exit 3\"}\n";
    assert_eq!(row(&store, "pods"), unknown);
    let usage = Usage {
        used: amount(0, 4096),
        at: at(80),
    };
    let change = Change::Usage(pod().meta.key, usage);
    store.apply(batch(Topic::Usage, vec![change]), at(90));
    assert!(row(&store, "pods").contains("\"cpu_millicores\":0,\"memory_bytes\":4096,"));
}

#[test]
fn a_workload() {
    let workload = Workload {
        meta: meta("shop"),
        kind: WorkloadKind::Deployment,
        status: Name::new("Rolling out"),
        health: Health::Busy,
        desired: Some(3),
        ready: 2,
        updated: 1,
        available: 2,
        current: 4,
        images: Name::new("shop:2.0"),
        containers: Name::new("shop"),
        rollout: Some(Rollout {
            revision: Name::new("44"),
            rolling: true,
            since: Some(at(30)),
            paused: false,
            stuck: None,
        }),
        ..Workload::default()
    };
    let store = store(Kind::Deployment, Row::Workload(Box::new(workload)));
    let expected = "{\"cluster\":\"kind-qd\",\"namespace\":\"shop\",\"name\":\"shop\",\"uid\":\"00000000-0000-4000-8000-000000000001\",\"age_seconds\":90,\"kind\":\"Deployment\",\"status\":\"Rolling out\",\"desired\":3,\"ready\":2,\"updated\":1,\"available\":2,\"current\":4,\"failed\":0,\"images\":\"shop:2.0\",\"container_names\":\"shop\",\"cpu_millicores\":null,\"memory_bytes\":null,\"cpu_request_millicores\":null,\"cpu_limit_millicores\":null,\"memory_request_bytes\":null,\"memory_limit_bytes\":null,\"revision\":\"44\",\"rolling\":true,\"rollout_since\":\"2023-11-14T22:13:50Z\",\"paused\":false,\"stuck\":null,\"schedule\":null,\"time_zone\":null,\"suspended\":null,\"last_schedule\":null,\"last_success\":null,\"started\":null,\"finished\":null,\"health\":\"busy\",\"why\":null}\n";
    assert_eq!(row(&store, "workloads"), expected);
    assert_eq!(row(&store, "deployments"), expected);
}

#[test]
fn a_cron_job() {
    let workload = Workload {
        meta: meta("backup"),
        kind: WorkloadKind::CronJob,
        schedule: Some(Schedule {
            cron: Name::new("0 2 * * *"),
            zone: Name::new("Europe/Berlin"),
            suspended: true,
            last: Some(at(10)),
            last_success: None,
        }),
        ..Workload::default()
    };
    let store = store(Kind::CronJob, Row::Workload(Box::new(workload)));
    let printed = row(&store, "cronjobs");
    assert!(printed.contains("\"desired\":null,") && printed.contains("\"revision\":null,"));
    assert!(printed.contains("\"schedule\":\"0 2 * * *\",\"time_zone\":\"Europe/Berlin\",\"suspended\":true,\"last_schedule\":\"2023-11-14T22:13:30Z\",\"last_success\":null,"), "{printed}");
}

#[test]
fn an_autoscaler() {
    let hpa = Hpa {
        meta: meta("shop"),
        target_kind: Name::new("Deployment"),
        target_name: Name::new("shop"),
        min: 3,
        max: 10,
        current: 3,
        desired: 3,
        metrics: vec![
            HpaMetric {
                name: Name::new("cpu"),
                share: Some(0.5),
                current: Text::new("35"),
                target: Text::new("70 %"),
            },
            HpaMetric {
                name: Name::new("queue"),
                share: None,
                current: Text::default(),
                target: Text::new("10"),
            },
        ],
        health: Health::Good,
        status: Name::new("Steady"),
        ..Hpa::default()
    };
    let store = store(Kind::HorizontalPodAutoscaler, Row::Hpa(Box::new(hpa)));
    assert_eq!(
        row(&store, "hpa"),
        "{\"cluster\":\"kind-qd\",\"namespace\":\"shop\",\"name\":\"shop\",\"uid\":\"00000000-0000-4000-8000-000000000001\",\"age_seconds\":90,\"target_kind\":\"Deployment\",\"target_name\":\"shop\",\"min\":3,\"max\":10,\"current\":3,\"desired\":3,\"last_scale\":null,\"metrics\":[{\"current\":\"35\",\"name\":\"cpu\",\"share\":0.5,\"target\":\"70 %\"},{\"current\":null,\"name\":\"queue\",\"share\":null,\"target\":\"10\"}],\"status\":\"Steady\",\"health\":\"good\",\"why\":null}\n"
    );
}

#[test]
fn a_node() {
    let node = Node {
        meta: Meta {
            namespace: Name::default(),
            created: None,
            ..meta("n1")
        },
        status: Name::new("Ready"),
        health: Health::Good,
        roles: Name::new("control-plane"),
        version: Name::new("v1.33.0"),
        internal_ip: Name::new("10.0.0.1"),
        allocatable: amount(3900, 1 << 30),
        capacity: amount(4000, 1 << 31),
        pods_capacity: 110,
        ..Node::default()
    };
    let store = store(Kind::Node, Row::Node(Box::new(node)));
    assert_eq!(
        row(&store, "nodes"),
        "{\"cluster\":\"kind-qd\",\"namespace\":null,\"name\":\"n1\",\"uid\":\"00000000-0000-4000-8000-000000000001\",\"age_seconds\":null,\"status\":\"Ready\",\"roles\":\"control-plane\",\"version\":\"v1.33.0\",\"internal_ip\":\"10.0.0.1\",\"external_ip\":null,\"os_image\":null,\"kernel\":null,\"runtime\":null,\"cordoned\":false,\"taints\":0,\"cpu_millicores\":null,\"memory_bytes\":null,\"cpu_allocatable_millicores\":3900,\"memory_allocatable_bytes\":1073741824,\"cpu_capacity_millicores\":4000,\"memory_capacity_bytes\":2147483648,\"pods_capacity\":110,\"health\":\"good\",\"why\":null}\n"
    );
}

#[test]
fn an_event() {
    let event = Event {
        meta: meta("shop-1.17a"),
        warning: true,
        level: Name::new("Warning"),
        reason: Name::new("BackOff"),
        message: Text::new("Back-off restarting \u{1b}[31mfailed"),
        count: 7,
        first: Some(at(1)),
        last: Some(at(89)),
        component: Name::new("kubelet"),
        involved: Involved {
            kind: Name::new("Pod"),
            namespace: Name::new("shop"),
            name: Name::new("shop-1"),
            uid: Uid::parse("00000000-0000-4000-8000-000000000002"),
        },
    };
    let store = store(Kind::Event, Row::Event(Box::new(event)));
    assert_eq!(
        row(&store, "events"),
        "{\"cluster\":\"kind-qd\",\"namespace\":\"shop\",\"name\":\"shop-1.17a\",\"uid\":\"00000000-0000-4000-8000-000000000001\",\"age_seconds\":90,\"level\":\"Warning\",\"reason\":\"BackOff\",\"message\":\"Back-off restarting \u{241b}[31mfailed\",\"count\":7,\"first\":\"2023-11-14T22:13:21Z\",\"last\":\"2023-11-14T22:14:49Z\",\"component\":\"kubelet\",\"object_kind\":\"Pod\",\"object_namespace\":\"shop\",\"object_name\":\"shop-1\",\"object_uid\":\"00000000-0000-4000-8000-000000000002\"}\n"
    );
}

#[test]
fn a_container() {
    let container = Container {
        meta: Meta {
            owner: Some(Arc::new(Owner {
                kind: Name::new("Pod"),
                name: Name::new("shop-1"),
                uid: uid("pod"),
            })),
            key: Key {
                endpoint: HERE,
                uid: uid("pod app"),
            },
            ..meta("app")
        },
        image: Name::new("shop:2.0"),
        state: Name::new("Running"),
        health: Health::Good,
        ready: true,
        started: Some(at(5)),
        ..Container::default()
    };
    let mut store = store(Kind::Pod, Row::Pod(pod()));
    let told = vec![Change::Row(Row::Container(Box::new(container)))];
    store.apply(batch(Topic::Document, told), at(90));
    let printed = row(&store, "pod-containers");
    assert!(printed.contains("\"name\":\"app\","), "{printed}");
    assert!(printed.ends_with("\"pod\":\"shop-1\",\"role\":\"main\",\"image\":\"shop:2.0\",\"state\":\"Running\",\"ready\":true,\"restarts\":0,\"started\":\"2023-11-14T22:13:25Z\",\"exit_code\":null,\"cpu_request_millicores\":null,\"cpu_limit_millicores\":null,\"memory_request_bytes\":null,\"memory_limit_bytes\":null,\"ports\":null,\"probes\":null,\"health\":\"good\",\"why\":null}\n"), "{printed}");
}

#[test]
fn any_other_kind_has_its_columns_as_fields() {
    let resource = Resource {
        meta: meta("conf"),
        cells: Box::new([Value::Number(3), Value::Bytes(2048), Value::None]),
        ..Resource::default()
    };
    let store = store(
        Kind::ConfigMap,
        Row::Resource(Kind::ConfigMap, Box::new(resource)),
    );
    assert_eq!(
        row(&store, "configmaps"),
        "{\"cluster\":\"kind-qd\",\"namespace\":\"shop\",\"name\":\"conf\",\"uid\":\"00000000-0000-4000-8000-000000000001\",\"age_seconds\":90,\"kind\":\"ConfigMap\",\"data\":3,\"size_bytes\":2048,\"immutable\":null,\"health\":\"good\",\"why\":null}\n"
    );
}

#[test]
fn every_format_shows_the_same_rows() {
    let store = store(Kind::Pod, Row::Pod(pod()));
    let json: serde_json::Value =
        serde_json::from_str(&print(&store, "pods", Output::Json, None)).unwrap();
    let ndjson: serde_json::Value = serde_json::from_str(&row(&store, "pods")).unwrap();
    assert_eq!(json[0], ndjson);
    let yaml = print(&store, "pods", Output::Yaml, None);
    let read: serde_json::Value = serde_saphyr::from_str(&yaml).unwrap();
    assert_eq!(read, json, "{yaml}");
    assert_eq!(print(&store, "pods", Output::Name, None), "pod/shop-1\n");
    let table = print(&store, "pods", Output::Table { wide: false }, None);
    let wide = print(&store, "pods", Output::Table { wide: true }, None);
    assert!(
        table.contains("CrashLoopBackOff") && table.contains("shop-1"),
        "{table}"
    );
    assert!(wide.lines().next().unwrap().len() > table.lines().next().unwrap().len());
    assert!(!table.contains('\u{1b}'));
}

#[test]
fn nothing_is_an_empty_list() {
    let store = store(Kind::Pod, Row::Pod(pod()));
    assert_eq!(print(&store, "nodes", Output::Json, None), "[]\n");
    assert_eq!(print(&store, "nodes", Output::Ndjson, None), "");
    assert_eq!(
        print(&store, "nodes", Output::Table { wide: false }, None),
        ""
    );
    let yaml: Vec<String> =
        serde_saphyr::from_str(&print(&store, "nodes", Output::Yaml, None)).unwrap();
    assert!(yaml.is_empty());
}

#[test]
fn a_table_on_a_terminal_has_colours_and_the_same_text() {
    let store = store(Kind::Pod, Row::Pod(pod()));
    let theme = Theme::load("quarterdeck", None, Capability::TrueColor).unwrap();
    let plain = print(&store, "pods", Output::Table { wide: false }, None);
    let coloured = print(&store, "pods", Output::Table { wide: false }, Some(&theme));
    assert!(
        coloured.contains("\u{1b}[0;1;38;2;255;128;120m"),
        "{coloured:?}"
    );
    let mut parser = vt100::Parser::new(crate::pty::cells(10), crate::pty::cells(300), 0);
    parser.process(coloured.replace('\n', "\r\n").as_bytes());
    let seen: Vec<String> = parser.screen().rows(0, 300).take(2).collect();
    let expected: Vec<&str> = plain.lines().collect();
    assert_eq!(seen, expected);
}

fn frame() -> Buffer {
    let theme = Theme::default();
    let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 3));
    let background = theme.part(quarterdeck::ui::theme::Part::Background);
    buffer.set_style(buffer.area, background);
    buffer.set_string(1, 0, "a<b & \"c\"", Style::new());
    buffer.set_string(
        0,
        1,
        "日本 ok",
        Style::new()
            .fg(Color::Rgb(255, 0, 0))
            .bg(Color::Rgb(0, 0, 9)),
    );
    buffer.set_string(
        0,
        2,
        "rev",
        Style::new().add_modifier(ratatui::style::Modifier::REVERSED),
    );
    buffer
}

#[test]
fn a_frame_as_text() {
    assert_eq!(snapshot::text(&frame()), " a<b & \"c\"\n日本 ok\nrev\n");
}

#[test]
fn a_frame_as_coloured_text_shows_the_same() {
    let ansi = snapshot::ansi::render(&frame());
    let mut parser = vt100::Parser::new(crate::pty::cells(3), crate::pty::cells(12), 0);
    parser.process(ansi.trim_end().replace('\n', "\r\n").as_bytes());
    let rows: Vec<String> = parser
        .screen()
        .rows(0, 12)
        .map(|row| row.trim_end().to_owned())
        .collect();
    assert_eq!(
        rows,
        [" a<b & \"c\"  ", "日本 ok     ", "rev         "].map(|row| row.trim_end().to_owned())
    );
    let cell = parser.screen().cell(1, 0).unwrap();
    assert_eq!(cell.fgcolor(), vt100::Color::Rgb(255, 0, 0));
    assert!(parser.screen().cell(2, 0).unwrap().inverse());
}

#[test]
fn a_frame_as_a_picture_is_escaped_and_needs_nothing_from_outside() {
    let svg = snapshot::svg::render(&frame(), &Theme::default(), "qd <pods>");
    assert!(
        svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 129 102\""),
        "{svg}"
    );
    assert!(svg.contains("a&lt;b &amp; &quot;c&quot;") && svg.contains("qd &lt;pods&gt;"));
    assert!(
        svg.contains("日本 ok")
            && svg.contains("fill=\"#ff0000\"")
            && svg.contains("fill=\"#000009\"")
    );
    for outside in ["href", "url(", "<script", "<style", "@import"] {
        assert!(!svg.contains(outside), "{outside}");
    }
    // Every element is closed.
    for tag in ["text", "g", "svg"] {
        assert_eq!(
            svg.matches(&format!("<{tag} ")).count(),
            svg.matches(&format!("</{tag}>")).count(),
            "{tag}"
        );
    }
}
