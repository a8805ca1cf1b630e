//! The logbook against a naive model: any lines in any blocks, any filter, give the same lines in the same order.

use proptest::prelude::*;
use quarterdeck::logs::{Filter, Intake, LineId, Logbook, Walk, time::SECOND};
use quarterdeck::model::{
    EndpointId, Key, LogBatch, LogBlock, LogChange, LogFlags, LogLevel, LogMark, LogMarkKind,
    LogReading, LogState, LogStream, Name, Target, Text, Uid,
};

const MUCH: usize = 1 << 30;

pub(crate) fn key(stream: usize) -> Key {
    Key {
        endpoint: EndpointId(0),
        uid: Uid::hash(&format!("stream {stream}")),
    }
}

pub(crate) fn stream(number: usize) -> LogChange {
    let name = format!("shop-{number}");
    LogChange::Stream(Box::new(LogStream {
        key: key(number),
        object: Target {
            endpoint: EndpointId(0),
            kind: quarterdeck::model::Kind::Pod,
            namespace: Name::new("shop"),
            name: Name::new(&name),
            uid: None,
        },
        container: Name::new("main"),
        label: Text::new(&name),
        command: Text::new(&format!("kubectl logs {name}")),
    }))
}

pub(crate) fn batch(changes: Vec<LogChange>) -> LogBatch {
    LogBatch {
        reading: LogReading(0),
        endpoint: EndpointId(0),
        changes,
    }
}

pub(crate) fn block(lines: &[(i64, &str)]) -> LogBlock {
    let mut intake = Intake::new();
    for (time, line) in lines {
        intake.push(line.as_bytes(), Some(*time), 0, LogFlags::NONE);
    }
    intake.take()
}

/// Everything that is walked, as text.
pub(crate) fn shown(book: &Logbook, walk: &Walk) -> Vec<String> {
    let ids = book.after(None, true, usize::MAX, walk);
    let lines = book.read(&ids).into_iter();
    lines
        .map(|line| match line.mark() {
            Some((_, words)) => format!("-- {words}"),
            None => String::from_utf8(line.bytes.clone()).unwrap(),
        })
        .collect()
}

fn finish(book: &mut Logbook) {
    while book.has_work() {
        book.work(1000);
    }
    book.settle();
}

#[derive(Clone, Debug)]
struct Written {
    stream: usize,
    time: i64,
    text: String,
}

fn written() -> impl Strategy<Value = Written> {
    let text = prop_oneof![
        "[abc]{0,3}( [abc]{1,2}){0,2}",
        (0..600_u32, "[abc]{1,2}").prop_map(|(status, word)| format!(
            "{{\"level\":\"{}\",\"status\":{status},\"msg\":\"{word}\"}}",
            ["info", "warn", "error"][status as usize % 3]
        )),
        "(  at|\tat) [abc]{1,3}",
    ];
    (0..4_usize, 0..40_i64, text).prop_map(|(stream, time, text)| Written {
        stream,
        time: time * SECOND / 2,
        text,
    })
}

/// A line as the model keeps it.
struct Kept {
    key: (i64, usize),
    arrival: usize,
    text: String,
    level: LogLevel,
    run: usize,
}

/// What must be shown: a run (a head and what continues it as it arrived) passes as a whole.
fn expected(
    kept: &[Kept],
    floor: LogLevel,
    test: &dyn Fn(&str) -> bool,
    negated: bool,
) -> Vec<String> {
    let mut passing: Vec<&Kept> = kept
        .iter()
        .filter(|line| {
            let any = kept
                .iter()
                .any(|other| other.run == line.run && test(&other.text));
            any != negated && (line.level >= floor || floor == LogLevel::Unknown)
        })
        .collect();
    passing.sort_by_key(|line| (line.key, line.arrival));
    passing.iter().map(|line| line.text.clone()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn any_blocks_and_filters_equal_a_naive_model(
        lines in proptest::collection::vec(written(), 0..300),
        cuts in proptest::collection::vec(1..12_usize, 1..60),
        which in 0..6_usize,
        early in any::<bool>(),
    ) {
        let (text, floor, negated) = [
            ("", LogLevel::Unknown, false), ("ab", LogLevel::Unknown, false), ("!ab", LogLevel::Unknown, true),
            ("status>=300", LogLevel::Unknown, false), ("a[bc]", LogLevel::Unknown, false), ("", LogLevel::Warn, false),
        ][which];
        let test = move |line: &str| match which {
            1 | 2 => line.contains("ab"),
            3 => line.split("\"status\":").nth(1).is_some_and(|rest| {
                rest.split(',').next().unwrap().parse::<u32>().unwrap() >= 300
            }),
            4 => line.contains("ab") || line.contains("ac"),
            _ => true,
        };
        let mut filter = Filter::parse(text).unwrap();
        filter.floor = floor;
        let mut book = Logbook::new(MUCH);
        book.apply(batch((0..4).map(stream).collect()));
        if early {
            book.set_filter(filter.clone(), None);
        }
        let mut intakes: Vec<Intake> = (0..4).map(|_| Intake::new()).collect();
        let mut kept: Vec<Kept> = Vec::new();
        let mut rest = lines.as_slice();
        let mut cuts = cuts.iter().cycle();
        let mut before: Option<(usize, usize)> = None;
        while !rest.is_empty() {
            let (now, later) = rest.split_at((*cuts.next().unwrap()).min(rest.len()));
            rest = later;
            let mut changes = Vec::new();
            for (stream, intake) in intakes.iter_mut().enumerate() {
                for line in now.iter().filter(|line| line.stream == stream) {
                    intake.push(line.text.as_bytes(), Some(line.time), 0, LogFlags::NONE);
                }
                let block = intake.take();
                for (line, bytes) in block.iter() {
                    let continues = line.flags.has(LogFlags::CONTINUES);
                    let run = match before {
                        Some((was, run)) if continues && was == stream => run,
                        _ => kept.len(),
                    };
                    before = Some((stream, run));
                    kept.push(Kept {
                        key: (line.time, stream),
                        arrival: kept.len(),
                        text: String::from_utf8(bytes.to_vec()).unwrap(),
                        level: line.level,
                        run,
                    });
                }
                changes.push(LogChange::Lines(key(stream), block));
            }
            book.apply(batch(changes));
        }
        if !early {
            book.set_filter(filter, None);
        }
        finish(&mut book);
        let walk = Walk::default();
        let wanted = expected(&kept, floor, &test, negated);
        prop_assert_eq!(&shown(&book, &walk), &wanted);
        prop_assert_eq!(book.shown(), wanted.len());
        for (number, text) in wanted.iter().enumerate() {
            let id = book.nth(number).unwrap();
            prop_assert_eq!(book.number(id), Some(number));
            let line = &book.read(&[id])[0];
            prop_assert_eq!(&String::from_utf8(line.bytes.clone()).unwrap(), text);
        }
        let all = Walk { all: true, ..Walk::default() };
        prop_assert_eq!(shown(&book, &all).len(), kept.len());
        let mut back: Vec<LineId> = book.before(None, usize::MAX, &walk);
        back.reverse();
        prop_assert_eq!(back, book.after(None, true, usize::MAX, &walk));
        let counted: u32 = book.histogram((0, 40 * SECOND), 10, false).iter().flatten().sum();
        prop_assert_eq!(counted as usize, wanted.len());
    }
}

fn filled(streams: usize, lines: usize, cap: usize) -> Logbook {
    let mut book = Logbook::new(cap);
    book.apply(batch((0..streams).map(stream).collect()));
    for from in (0..lines).step_by(500) {
        let mut changes = Vec::new();
        for number in 0..streams {
            let texts: Vec<(i64, String)> = (from..lines.min(from + 500))
                .filter(|line| line % streams == number)
                .map(|line| {
                    let level = ["info", "warn", "error"][line % 3];
                    let text = format!(
                        "{{\"level\":\"{level}\",\"msg\":\"order {line} placed\",\"id\":{}}}",
                        line * 7919 % 100_003
                    );
                    (line as i64 * 1_000_000, text)
                })
                .collect();
            let lines: Vec<(i64, &str)> = texts
                .iter()
                .map(|(at, text)| (*at, text.as_str()))
                .collect();
            changes.push(LogChange::Lines(key(number), block(&lines)));
        }
        book.apply(batch(changes));
    }
    book.settle();
    book
}

#[test]
fn older_lines_go_before_their_equals_and_late_ones_are_marked() {
    let mut book = Logbook::new(MUCH);
    book.apply(batch(vec![stream(0), stream(1)]));
    let mut older = block(&[(5 * SECOND, "older")]);
    older.older = true;
    book.apply(batch(vec![
        LogChange::Lines(
            key(0),
            block(&[(5 * SECOND, "first"), (9 * SECOND, "last")]),
        ),
        LogChange::Lines(key(1), block(&[(9 * SECOND, "other")])),
        LogChange::Lines(key(0), older),
        LogChange::Lines(key(1), block(&[(6 * SECOND, "late")])),
        LogChange::Mark(
            Some(key(1)),
            LogMark {
                time: 7 * SECOND,
                kind: LogMarkKind::Failure,
                words: Text::new("restarted: exit 3"),
            },
        ),
    ]));
    book.settle();
    let walk = Walk::default();
    assert_eq!(
        shown(&book, &walk),
        [
            "older",
            "first",
            "late",
            "-- restarted: exit 3",
            "last",
            "other"
        ]
    );
    let late = book.read(&book.after(None, true, 10, &walk));
    assert!(late[2].flags.has(LogFlags::LATE));
    assert_eq!(book.totals().late, 1);
    assert_eq!(book.shown(), 5, "marks are no lines");
}

#[test]
fn groups_fold_and_open() {
    let mut book = Logbook::new(MUCH);
    book.apply(batch(vec![stream(0), stream(1)]));
    book.apply(batch(vec![
        LogChange::Lines(
            key(0),
            block(&[
                (1, "java.lang.Error: no"),
                (2, "\tat a"),
                (3, "\tat b"),
                (2_000_000_000, "next"),
            ]),
        ),
        LogChange::Lines(key(1), block(&[(2, "between")])),
    ]));
    let mut walk = Walk {
        fold: true,
        ..Walk::default()
    };
    assert_eq!(
        shown(&book, &walk),
        ["java.lang.Error: no", "between", "next"]
    );
    let head = book.after(None, true, 1, &walk)[0];
    assert_eq!(book.read(&[head])[0].more, 2);
    walk.open.insert(head);
    assert_eq!(
        shown(&book, &walk),
        ["java.lang.Error: no", "\tat a", "\tat b", "between", "next"]
    );
}

#[test]
fn memory_is_bounded_and_what_goes_is_the_oldest_and_counted() {
    let cap = 1 << 20;
    let book = filled(3, 60_000, cap);
    assert!(book.bytes() <= cap + 200_000, "{}", book.bytes());
    let totals = book.totals();
    assert!(totals.evicted > 10_000);
    assert_eq!(totals.evicted + book.len() as u64, 60_000);
    let walk = Walk::default();
    let first = book.read(&book.after(None, true, 1, &walk));
    let kept = 60_000 - book.len() as i64;
    assert!(
        (first[0].time / 1_000_000 - kept).abs() < 1500,
        "the oldest went"
    );
    assert!(!book.has_past(), "what was let go is not asked for again");
}

#[test]
fn a_line_that_went_is_never_taken_for_another() {
    let mut book = filled(1, 3_000, 200_000);
    let first = book.after(None, true, 1, &Walk::default())[0];
    for round in 0..40 {
        let texts: Vec<(i64, String)> = (0..500)
            .map(|line| {
                (
                    (10_000_000 + round * 500 + line) * 1_000_000,
                    format!("new {round} {line}"),
                )
            })
            .collect();
        let lines: Vec<(i64, &str)> = texts
            .iter()
            .map(|(at, text)| (*at, text.as_str()))
            .collect();
        book.apply(batch(vec![LogChange::Lines(key(0), block(&lines))]));
    }
    assert!(book.read(&[first]).is_empty());
    assert_eq!(book.near(first, &Walk::default()), None);
}

#[test]
fn search_goes_round_and_counts() {
    let mut book = filled(2, 9_000, MUCH);
    book.set_search(Filter::parse("\"order 8[0-9]00 \"").unwrap(), None);
    finish(&mut book);
    assert_eq!(book.hits(None).0, 10);
    let walk = Walk::default();
    let mut at = None;
    let mut found = Vec::new();
    for _ in 0..11 {
        at = book.next_hit(at, false, &walk);
        found.push(book.read(&[at.unwrap()])[0].time / 1_000_000);
    }
    assert_eq!(found[..3], [8000, 8100, 8200]);
    assert_eq!(found[10], 8000, "round at the end");
    assert_eq!(book.hits(at).1, 1);
    let back = book.next_hit(at, true, &walk).unwrap();
    assert_eq!(book.read(&[back])[0].time / 1_000_000, 8900);
}

#[test]
fn a_filter_is_answered_from_where_one_looks_and_dropped_for_the_next() {
    let mut book = filled(1, 20_000, MUCH);
    book.set_filter(Filter::parse("order").unwrap(), Some(10_000 * 1_000_000));
    book.work(1);
    book.settle();
    assert!(book.progress().is_some());
    let walk = Walk::default();
    let near = book.at_time(10_000 * 1_000_000, &walk).unwrap();
    let near = book.read(&[near])[0].time / 1_000_000;
    assert!((near - 10_000).abs() < 800, "{near}");
    book.set_filter(Filter::parse("\"order 19999\"").unwrap(), None);
    finish(&mut book);
    assert_eq!(book.progress(), None);
    assert_eq!(book.shown(), 1);
    book.set_filter(Filter::default(), None);
    book.settle();
    assert_eq!(book.shown(), 20_000);
}

#[test]
fn typing_on_gives_what_typing_at_once_gives() {
    let mut typed = filled(2, 6_000, MUCH);
    for text in [
        "o",
        "or",
        "order 5",
        "\"order 59",
        "\"order 599",
        "\"order 5999",
    ] {
        typed.set_filter(Filter::parse(text).unwrap(), None);
        finish(&mut typed);
    }
    let mut at_once = filled(2, 6_000, MUCH);
    at_once.set_filter(Filter::parse("\"order 5999").unwrap(), None);
    finish(&mut at_once);
    assert_eq!(
        shown(&typed, &Walk::default()),
        shown(&at_once, &Walk::default())
    );
}

#[test]
fn filters_say_what_is_wrong_with_them() {
    for (text, problem) in [
        ("a(b", "unclosed group"),
        ("status>=x", "status can only be compared with a number"),
        ("(a{1000}){1000}", "the expression is too large"),
    ] {
        assert_eq!(
            Filter::parse(text).err().as_deref(),
            Some(problem),
            "{text}"
        );
    }
    assert!(Filter::parse("status>=").is_ok(), "still being typed");
}

#[test]
fn switched_off_streams_and_the_level_floor_hide_lines_at_once() {
    let mut book = filled(3, 3_000, MUCH);
    let mut filter = Filter::default();
    filter.muted.insert(key(1));
    book.set_filter(filter.clone(), None);
    finish(&mut book);
    assert_eq!(book.shown(), 2_000);
    filter.floor = LogLevel::Error;
    book.set_filter(filter, None);
    finish(&mut book);
    // Every third line is of stream 1, and every third one an error: the same ones of stream 2.
    assert_eq!(book.shown(), 1_000);
}

#[test]
fn kinds_of_lines_are_counted_and_new_ones_come_first() {
    let mut book = filled(1, 1_000, MUCH);
    book.apply(batch(vec![
        LogChange::Mark(
            None,
            LogMark {
                time: 900 * 1_000_000,
                kind: LogMarkKind::Rollout,
                words: Text::new("revision 43"),
            },
        ),
        LogChange::Lines(
            key(0),
            block(&[(2 * SECOND, "PaymentError: gateway answered 502")]),
        ),
    ]));
    book.set_patterns(true);
    finish(&mut book);
    let (templates, others) = book.templates().unwrap();
    assert_eq!(others, 0);
    assert_eq!(templates[0].text, "PaymentError: gateway answered #");
    assert!(book.is_new(templates[0]));
    assert_eq!(templates[1].text, "order # placed");
    assert_eq!(templates.iter().map(|it| it.count).sum::<u64>(), 1_001);
}

#[test]
fn states_are_counted() {
    let mut book = Logbook::new(MUCH);
    book.apply(batch(vec![
        stream(0),
        stream(1),
        stream(2),
        LogChange::State(key(0), LogState::Live),
        LogChange::State(key(1), LogState::Queued),
    ]));
    let totals = book.totals();
    assert_eq!(
        (
            totals.streams,
            totals.live,
            totals.queued,
            totals.connecting
        ),
        (3, 1, 1, 1)
    );
}
