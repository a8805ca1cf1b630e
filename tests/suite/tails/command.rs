//! `qd logs`: what its arguments mean, in which order lines leave, and how they are printed.

use quarterdeck::cli::logs::{Form, Item, Merge, Printed, Printer, Words, targets};
use quarterdeck::cli::{Task, parse};
use quarterdeck::model::{
    Endpoint, EndpointId, Engine, Key, Kind, LogBlock, LogFlags, LogLevel, LogLine, LogSince,
    LogStream, LogTarget, Name, Target, Text, Uid,
};

fn asked(arguments: &[&str]) -> Result<quarterdeck::cli::logs::Logs, String> {
    let words = ["qd", "logs"].iter().chain(arguments);
    match parse(words.copied()) {
        Ok(invocation) => match invocation.task {
            Task::Logs(logs) => Ok(*logs),
            other => panic!("{other:?}"),
        },
        Err(stop) => Err(stop.plain),
    }
}

fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint {
            id: EndpointId(0),
            namespace: Name::new("shop"),
            ..Endpoint::default()
        },
        Endpoint {
            id: EndpointId(1),
            engine: Engine::Docker,
            ..Endpoint::default()
        },
    ]
}

fn found(words: &[&str]) -> Vec<(EndpointId, Kind, String, String)> {
    let words = Words {
        targets: words.iter().map(|word| (*word).to_owned()).collect(),
        ..Words::default()
    };
    let targets = targets(&words, &endpoints()).unwrap();
    let objects = targets.into_iter().map(|target| match target {
        LogTarget::Object(target) => (
            target.endpoint,
            target.kind,
            target.namespace.to_string(),
            target.name.to_string(),
        ),
        other => panic!("{other:?}"),
    });
    objects.collect()
}

#[test]
fn targets_are_written_as_people_think_of_them() {
    let object = |endpoint, kind, namespace: &str, name: &str| {
        (
            EndpointId(endpoint),
            kind,
            namespace.to_owned(),
            name.to_owned(),
        )
    };
    assert_eq!(
        found(&["deploy/api"]),
        [object(0, Kind::Deployment, "shop", "api")]
    );
    assert_eq!(found(&["api-0"]), [object(0, Kind::Pod, "shop", "api-0")]);
    assert_eq!(
        found(&["namespace/web"]),
        [object(0, Kind::Namespace, "", "web")]
    );
    assert_eq!(
        found(&["compose/store/api"]),
        [object(1, Kind::ComposeService, "store", "api")]
    );
    assert_eq!(
        found(&["compose/store"]),
        [object(1, Kind::ComposeProject, "", "store")]
    );
    assert_eq!(found(&["swarm/api", "svc/api"]).len(), 2);
}

#[test]
fn wrong_words_are_answered_with_right_ones() {
    for (words, part) in [
        (vec!["thing/x"], "is no kind that has logs"),
        (vec![], "say whose logs"),
        (vec!["pod/"], "names nothing"),
    ] {
        let words = Words {
            targets: words.into_iter().map(str::to_owned).collect(),
            ..Words::default()
        };
        let problem = targets(&words, &endpoints()).unwrap_err();
        assert!(problem.contains(part), "{problem}");
    }
    for (arguments, part) in [
        (["x", "--level", "loud"], "expected one of trace, debug"),
        (["x", "--since", "5 minutes"], "write an age such as"),
        (["x", "--grep", "("], "--grep"),
        (["x", "--where", "status>=many"], "compared with a number"),
    ] {
        let problem = asked(&arguments).unwrap_err();
        assert!(problem.contains(part), "{problem}");
    }
}

#[test]
fn arguments_are_understood() {
    let logs = asked(&[
        "x",
        "-f",
        "--level",
        "warn",
        "-o",
        "json",
        "--where",
        "status>=500",
    ])
    .unwrap();
    assert!(logs.follow);
    assert_eq!((logs.level, logs.form), (LogLevel::Warn, Form::Json));
    assert_eq!(
        logs.since,
        LogSince::Tail(200),
        "what is going on now, not all that was"
    );
    assert_eq!(asked(&["x"]).unwrap().since, LogSince::Start);
    assert_eq!(
        asked(&["x", "--tail", "7"]).unwrap().since,
        LogSince::Tail(7)
    );
    assert!(matches!(
        asked(&["x", "--since", "1h30m"]).unwrap().since,
        LogSince::Moment(_)
    ));
}

fn block(times: &[i64]) -> LogBlock {
    let mut block = LogBlock::default();
    for time in times {
        block.bytes.extend_from_slice(time.to_string().as_bytes());
        block.lines.push(LogLine {
            time: *time,
            end: block.bytes.len() as u32,
            ..LogLine::default()
        });
    }
    block
}

fn times(merge: &mut Merge, until: u64) -> Vec<i64> {
    std::iter::from_fn(|| merge.pop(until))
        .map(|(_, item): (_, Item)| item.time())
        .collect()
}

#[test]
fn lines_leave_in_their_order_once_it_is_known() {
    let mut merge = Merge::default();
    merge.open();
    merge.open();
    merge.lines(0, block(&[1, 4, 6]), 10);
    assert!(
        times(&mut merge, 0).is_empty(),
        "the other stream may have older lines"
    );
    merge.lines(1, block(&[2, 5]), 20);
    assert_eq!(times(&mut merge, 0), [1, 2, 4, 5]);
    assert!(times(&mut merge, 10).is_empty());
    assert_eq!(times(&mut merge, 11), [6], "it has waited long enough");
    merge.lines(0, block(&[7]), 30);
    merge.set_open(1, false);
    assert_eq!(
        times(&mut merge, 0),
        [7],
        "nothing comes from the other any more"
    );
}

fn stream() -> LogStream {
    LogStream {
        key: Key::default(),
        object: Target {
            endpoint: EndpointId(0),
            kind: Kind::Pod,
            namespace: Name::new("shop"),
            name: Name::new("api-0"),
            uid: Some(Uid::hash("x")),
        },
        container: Name::new("api"),
        label: Text::new("api-0"),
        command: Text::default(),
    }
}

fn printed(form: Form, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut printer = Printer::new(&mut out, form, None);
    printer.zone = jiff::tz::TimeZone::UTC;
    printer.several = true;
    let line = Printed {
        stream: &stream(),
        time: 1_600_000_000_123_000_000,
        level: LogLevel::Error,
        flags: LogFlags::NONE,
        bytes,
    };
    printer.line(&line).unwrap();
    out
}

#[test]
fn lines_for_people_show_what_they_say_and_act_on_nothing() {
    let text = printed(
        Form::Pretty,
        br#"{"level":"error","msg":"no \u001b[2Jluck","status":500}"#,
    );
    let text = String::from_utf8(text).unwrap();
    assert!(text.starts_with("12:26:40.123 api-0 ERROR no"), "{text:?}");
    assert!(text.contains("status=500"), "{text:?}");
    assert!(!text.contains('\u{1b}'), "{text:?}");
}

#[test]
fn raw_lines_are_the_bytes_that_were_written() {
    assert_eq!(printed(Form::Raw, b"a\0\x1b[31m\xff"), b"a\0\x1b[31m\xff\n");
}

#[test]
fn json_lines_are_objects() {
    let text = printed(Form::Json, b"broken \xff \"quoted\"");
    let value: serde_json::Value = serde_json::from_slice(&text).unwrap();
    assert_eq!(value["object"], "api-0");
    assert_eq!(value["time"], "2020-09-13T12:26:40.123000000Z");
    assert_eq!(value["line"], "broken \u{fffd} \"quoted\"");
}
