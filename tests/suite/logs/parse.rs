//! Formats, levels, groups and times of lines.

use quarterdeck::logs::parse::{self, Format};
use quarterdeck::logs::{Intake, LINE_BYTES, time};
use quarterdeck::model::{LogFlags, LogLevel};

#[test]
fn each_format_is_told_from_the_line_alone() {
    let cases: &[(&str, Format, LogLevel, &str)] = &[
        (
            r#"{"ts":"2026-11-27T03:50:01Z","level":"warn","msg":"slow \"answer\"","took":12}"#,
            Format::Json,
            LogLevel::Warn,
            "slow \"answer\"",
        ),
        (
            r#"{"level":50,"msg":"pino"}"#,
            Format::Json,
            LogLevel::Error,
            "pino",
        ),
        (
            r#"{"log":{"level":"error"},"message":"ecs"}"#,
            Format::Json,
            LogLevel::Error,
            "ecs",
        ),
        (
            r#"2026-11-27T03:50:01Z INFO app {"user":"a","msg":"in"}"#,
            Format::PrefixedJson,
            LogLevel::Info,
            "INFO app",
        ),
        (
            r#"time=2026-11-27T03:50:01Z level=error msg="it broke" code=7"#,
            Format::Logfmt,
            LogLevel::Error,
            "it broke",
        ),
        (
            r#"E1127 03:50:01.123456       1 reflector.go:42] "Failed" err="boom""#,
            Format::Klog,
            LogLevel::Error,
            "Failed",
        ),
        (
            r#"10.0.0.1 - - [27/Nov/2026:03:50:01 +0000] "GET /cart HTTP/1.1" 502 157 "-" "curl/8""#,
            Format::Nginx,
            LogLevel::Error,
            "GET /cart HTTP/1.1",
        ),
        (
            "2026/11/27 03:50:01 [warn] 12#12: *3 buffered to a file",
            Format::Nginx,
            LogLevel::Warn,
            "12#12: *3 buffered to a file",
        ),
        (
            "2026-11-27 03:50:01.123 UTC [42] ERROR:  duplicate key",
            Format::Postgres,
            LogLevel::Error,
            "duplicate key",
        ),
        (
            "2026-11-27 03:50:01,123 WARNING root: low disk",
            Format::Plain,
            LogLevel::Warn,
            "WARNING root: low disk",
        ),
        (
            "an ordinary sentence",
            Format::Plain,
            LogLevel::Unknown,
            "an ordinary sentence",
        ),
        (
            "x = 1 is no logfmt",
            Format::Plain,
            LogLevel::Unknown,
            "x = 1 is no logfmt",
        ),
        (
            "no errors found in info.txt",
            Format::Plain,
            LogLevel::Unknown,
            "no errors found in info.txt",
        ),
    ];
    for (line, format, level, message) in cases {
        let record = parse::read(line.as_bytes());
        assert_eq!(record.format, *format, "{line}");
        assert_eq!(record.level, *level, "{line}");
        assert_eq!(record.message, *message, "{line}");
    }
}

#[test]
fn fields_are_found_by_name_and_path() {
    let line = br#"{"message":"m","http":{"status":502},"trace_id":"76c7","ok":true}"#;
    assert_eq!(parse::field(line, "http.status").as_deref(), Some("502"));
    assert_eq!(parse::field(line, "ok").as_deref(), Some("true"));
    assert_eq!(parse::field(line, "gone"), None);
    let record = parse::read(line);
    assert_eq!(
        record.trace().map(|field| field.value.as_ref()),
        Some("76c7")
    );
    let access =
        br#"10.0.0.1 - - [27/Nov/2026:03:50:01 +0000] "GET /cart HTTP/1.1" 502 157 "-" "curl/8""#;
    assert_eq!(parse::field(access, "status").as_deref(), Some("502"));
}

#[test]
fn broken_json_never_stops_the_reader() {
    for line in [
        "{",
        "{\"a",
        "{\"a\":}",
        "{\"a\":[[[[}",
        "{}",
        "{\"a\":\"\\",
        "{:::}",
        "{\"a\":1,,,}",
    ] {
        let _ = parse::read(line.as_bytes());
        let _ = parse::field(line.as_bytes(), "a.b");
    }
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(parse::read(deep.as_bytes()).format, Format::Json);
}

#[test]
fn times_are_read_to_the_nanosecond() {
    let second = 1_795_751_401_i64 * time::SECOND;
    for (text, nanos) in [
        ("2026-11-27T03:50:01Z", 0),
        ("2026-11-27T03:50:01.123456789Z rest", 123_456_789),
        ("2026-11-27T04:50:01.5+01:00", 500_000_000),
        ("2026-11-27 03:50:01,123 x", 123_000_000),
        ("2026/11/27 03:50:01 [error]", 0),
    ] {
        let read = time::leading(text.as_bytes()).map(|(time, _)| time);
        assert_eq!(read, Some(second + nanos), "{text}");
    }
    assert_eq!(time::leading(b"2026-13-27T03:50:01Z"), None);
    assert_eq!(time::leading(b"2026-11-27"), None);
}

#[test]
fn a_trace_is_one_group_with_the_level_of_its_head() {
    let lines = [
        (
            r#"{"level":"error","message":"order failed"}"#,
            false,
            LogLevel::Error,
        ),
        ("Traceback (most recent call last):", false, LogLevel::Error),
        (
            "  File \"/app/orders.py\", line 88, in place",
            true,
            LogLevel::Error,
        ),
        ("    raise PaymentError(order)", true, LogLevel::Error),
        ("PaymentError: gateway answered 502", true, LogLevel::Error),
        (
            r#"{"level":"info","message":"next"}"#,
            false,
            LogLevel::Info,
        ),
        (
            "java.lang.IllegalStateException: no",
            false,
            LogLevel::Error,
        ),
        ("\tat com.shop.Main.run(Main.java:7)", true, LogLevel::Error),
        (
            "Caused by: java.io.IOException: gone",
            true,
            LogLevel::Error,
        ),
        ("\t... 3 more", true, LogLevel::Error),
        (
            "panic: runtime error: index out of range",
            false,
            LogLevel::Fatal,
        ),
        ("", true, LogLevel::Fatal),
        ("goroutine 1 [running]:", true, LogLevel::Fatal),
        ("main.main()", true, LogLevel::Fatal),
        ("\t/app/main.go:7 +0x1d", true, LogLevel::Fatal),
        ("started again", false, LogLevel::Unknown),
    ];
    let mut intake = Intake::new();
    for (at, (line, ..)) in lines.iter().enumerate() {
        intake.push(line.as_bytes(), Some(1_000 + at as i64), 0, LogFlags::NONE);
    }
    let block = intake.take();
    for ((line, bytes), (text, continues, level)) in block.iter().zip(lines) {
        assert_eq!(bytes, text.as_bytes());
        assert_eq!(line.flags.has(LogFlags::CONTINUES), continues, "{text}");
        assert_eq!(line.level, level, "{text}");
    }
}

#[test]
fn a_line_without_end_is_cut_and_says_so() {
    let mut intake = Intake::new();
    intake.push(&vec![b'x'; LINE_BYTES + 7], Some(1), 0, LogFlags::NONE);
    intake.push(b"2026-11-27T03:50:01Z own time", None, 5, LogFlags::NONE);
    intake.push(b"no time", None, 5 * time::SECOND, LogFlags::NONE);
    let block = intake.take();
    assert_eq!(block.lines[0].end as usize, LINE_BYTES);
    assert!(block.lines[0].flags.has(LogFlags::CUT));
    assert_eq!(block.lines[1].time, 1_795_751_401 * time::SECOND);
    assert!(block.lines[2].flags.has(LogFlags::UNTIMED));
    assert!(intake.is_empty());
}
