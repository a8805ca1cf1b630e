//! Logs on screen: what an operator sees of them and does with them at the keys.

use quarterdeck::config::Config;
use quarterdeck::logs::{Intake, time::SECOND};
use quarterdeck::model::{
    Kind, LogBatch, LogChange, LogCounts, LogFlags, LogMark, LogMarkKind, LogState, LogTarget,
    SourceStatus, Target, Text,
};
use quarterdeck::ui::{Effect, Gesture};

use super::book::{block, key, stream};
use crate::estate::{self, EU, now};
use crate::operator::Operator;

/// Nanoseconds of a second before now.
fn at(ago: i64) -> i64 {
    (now().second() - ago) * SECOND
}

fn shop() -> Vec<LogTarget> {
    vec![LogTarget::Object(Target {
        endpoint: EU,
        kind: Kind::Deployment,
        namespace: "ecommerce-prod".into(),
        name: "shop".into(),
        uid: None,
    })]
}

fn opened(size: (u16, u16)) -> Operator {
    let mut operator = Operator::with(estate::live(), &Config::default(), size);
    operator
        .ui
        .read_logs("Deployment ecommerce-prod/shop", shop());
    operator.wait(0);
    operator
}

fn tell(operator: &mut Operator, changes: Vec<LogChange>) {
    let looks = operator.ui.looks();
    let reading = looks.last().expect("logs are open").reading;
    operator.store.apply_logs(LogBatch {
        reading,
        endpoint: EU,
        changes,
    });
}

/// Two pods that have written a little of everything.
fn written(size: (u16, u16)) -> Operator {
    let mut operator = opened(size);
    let json = |level: &str, message: &str, status: u16, trace: &str| {
        format!(
            r#"{{"timestamp":"x","level":"{level}","service":"shop","message":"{message}","status":{status},"duration_ms":12,"trace_id":"{trace}"}}"#
        )
    };
    let one = "76c7b2a1f00d4e5c9a8b7c6d5e4fd521";
    let two = "11112222333344445555666677778888";
    let first = [
        (at(40), json("info", "order placed", 200, one)),
        (at(30), json("debug", "cache miss", 200, two)),
        (at(20), json("error", "order failed", 502, one)),
        (at(20), "Traceback (most recent call last):".to_owned()),
        (
            at(20),
            "  File \"/app/orders.py\", line 88, in place".to_owned(),
        ),
        (at(20), "PaymentError: gateway answered 502".to_owned()),
        (at(3), json("info", "order placed", 200, two)),
    ];
    let second = [
        (
            at(35),
            "I1127 03:50:01.123456       1 sync.go:42] \"Synced\" pod=\"shop/a\"".to_owned(),
        ),
        (
            at(15),
            "\u{1b}[33mwarning\u{1b}[0m: \u{1b}]0;evil\u{7}disk is nearly full".to_owned(),
        ),
        (at(10), json("warn", "slow answer", 200, one)),
    ];
    let lines = |lines: &[(i64, String)]| {
        let lines: Vec<(i64, &str)> = lines
            .iter()
            .map(|(at, text)| (*at, text.as_str()))
            .collect();
        block(&lines)
    };
    tell(
        &mut operator,
        vec![
            LogChange::Finding(SourceStatus::Live),
            stream(0),
            stream(1),
            LogChange::State(key(0), LogState::Live),
            LogChange::State(key(1), LogState::Live),
            LogChange::Lines(key(0), lines(&first)),
            LogChange::Lines(key(1), lines(&second)),
            LogChange::Mark(
                Some(key(1)),
                LogMark {
                    time: at(12),
                    kind: LogMarkKind::Failure,
                    words: Text::new("restarted: exit 3"),
                },
            ),
        ],
    );
    operator.wait(0);
    operator
}

#[test]
fn logs_are_shown_as_they_are_meant_to_look() {
    for size in [(80, 24), (160, 48)] {
        let mut operator = written(size);
        insta::assert_snapshot!(format!("logs_{}", size.0), operator.screen());
        operator.press("k k k k enter");
        insta::assert_snapshot!(format!("logs_detail_{}", size.0), operator.screen());
        operator.press("esc S");
        insta::assert_snapshot!(format!("logs_sources_{}", size.0), operator.screen());
        operator.press("P");
        operator.screen();
        insta::assert_snapshot!(format!("logs_patterns_{}", size.0), operator.screen());
    }
}

#[test]
fn every_state_without_lines_says_what_it_is() {
    let mut operator = opened((120, 30));
    operator.sees("Looking for what runs for Deployment ecommerce-prod/shop…");
    tell(
        &mut operator,
        vec![LogChange::Finding(SourceStatus::Denied {
            verb: Text::new("get"),
            resource: Text::new("pods/log"),
        })],
    );
    operator.sees("You may not get pods/log");
    tell(&mut operator, vec![LogChange::Finding(SourceStatus::Live)]);
    operator.sees("Nothing runs for Deployment ecommerce-prod/shop now.");
    tell(
        &mut operator,
        vec![
            stream(0),
            LogChange::State(
                key(0),
                LogState::Waiting {
                    why: Text::new("ContainerCreating"),
                },
            ),
        ],
    );
    operator.sees("shop-0 has not started: ContainerCreating");
    tell(
        &mut operator,
        vec![LogChange::State(key(0), LogState::Live)],
    );
    operator.sees("1 stream is live; nothing has been written yet.");
}

#[test]
fn the_title_tells_what_is_live_lost_and_queued() {
    let mut operator = written((140, 30));
    operator.sees("2 live").sees("0 lost").sees("following");
    tell(
        &mut operator,
        vec![
            LogChange::State(
                key(1),
                LogState::Reconnecting {
                    since: now(),
                    cause: Text::new("connection reset"),
                    retry_at: None,
                },
            ),
            LogChange::Counts(
                key(0),
                LogCounts {
                    dropped: 1200,
                    duplicates: 3,
                },
            ),
            stream(2),
            LogChange::State(key(2), LogState::Queued),
        ],
    );
    operator
        .sees("2 of 3 streamed")
        .sees("1 reconnecting")
        .sees("▲ 1,200 lost");
}

#[test]
fn lines_that_come_while_one_reads_move_nothing_and_are_counted() {
    let mut operator = written((120, 12));
    operator.press("k");
    let before = operator.screen();
    tell(
        &mut operator,
        vec![LogChange::Lines(key(0), block(&[(at(0), "brand new")]))],
    );
    operator.misses("brand new").sees("paused, 1 new");
    let body = |screen: &str| screen.lines().skip(2).collect::<Vec<_>>().join("\n");
    assert_eq!(body(&operator.screen()), body(&before));
    operator.press("G");
    operator.sees("brand new").sees("following");
}

#[test]
fn a_filter_obeys_each_key_and_says_what_is_wrong() {
    let mut operator = written((140, 30));
    operator.press("/").write("status>=500");
    operator
        .sees("order failed")
        .misses("slow answer")
        .sees("1 of 11");
    operator.press("enter");
    operator.press("/ ctrl-u").write("a(b");
    operator.sees("unclosed group").sees("order failed");
    operator.press("esc");
    operator.sees("slow answer");
}

#[test]
fn the_level_floor_keeps_whole_traces() {
    let mut operator = written((140, 30));
    operator.press("!");
    operator
        .sees("order failed")
        .sees("Traceback")
        .misses("order placed")
        .sees("error and above");
    operator.press("!").press("> > > >");
    operator
        .sees("warn and above")
        .sees("slow answer")
        .misses("Synced");
}

#[test]
fn a_trace_unfolds_and_folds() {
    let mut operator = written((140, 30));
    operator
        .sees("▸ Traceback")
        .misses("orders.py")
        .sees("(+2 lines)");
    operator.press("k k k k").press("o");
    operator
        .sees("▾ Traceback")
        .sees("orders.py")
        .sees("PaymentError");
    operator.press("o");
    operator.misses("orders.py");
}

#[test]
fn a_pivot_shows_one_trace_across_pods_and_goes_back() {
    let mut operator = written((140, 30));
    operator.press("k").press("p");
    operator
        .sees("trace_id=76c7b2a1f00d4e5c9a8b7c6d5e4fd521")
        .sees("order failed")
        .sees("slow answer")
        .misses("cache miss");
    operator.press("esc");
    operator.sees("cache miss");
}

#[test]
fn a_hit_is_shown_in_its_context() {
    let mut operator = written((140, 30));
    operator.press("/").write("failed");
    operator.press("enter");
    operator.misses("cache miss");
    operator.press("k x");
    operator
        .sees("cache miss")
        .sees("order failed")
        .sees("in context");
    operator.press("x");
    operator.misses("cache miss");
}

#[test]
fn search_steps_through_its_hits_with_counts() {
    let mut operator = written((140, 30));
    operator.press("s").write("placed");
    operator.sees("2 found");
    operator.press("enter");
    operator.sees("search placed 1 of 2");
    operator.press("n");
    operator.sees("search placed 2 of 2");
    operator.press("N");
    operator.sees("search placed 1 of 2");
}

#[test]
fn sources_are_switched_off_and_on() {
    let mut operator = written((140, 40));
    operator.press("S");
    operator.sees("☑ shop-0");
    operator.press("space");
    operator
        .sees("☐ shop-0")
        .misses("order placed")
        .sees("slow answer");
    operator.press("space");
    operator.sees("order placed");
    operator.press("j enter");
    operator.misses("order placed").sees("slow answer");
}

#[test]
fn times_are_gone_to_and_shown_as_wished() {
    let mut operator = written((140, 30));
    operator.press("@").write("-18s");
    operator.press("enter");
    operator.sees("paused");
    operator.press("T");
    operator.sees(" 40s").sees("Ages.");
    operator.press("@").write("nonsense");
    operator.press("enter");
    operator.sees("no time: 12:04");
}

#[test]
fn lines_are_copied_inert_and_saved_where_one_says() {
    let mut operator = written((140, 30));
    operator.press("k k k").press("c");
    let copied = operator.effects.iter().find_map(|effect| match effect {
        Effect::Copy(text) => Some(text.clone()),
        _ => None,
    });
    assert_eq!(copied.as_deref(), Some("warning: disk is nearly full"));
    operator.press("W ctrl-u").write("/tmp/out.ndjson --all");
    operator.press("enter");
    let saved = operator.effects.iter().find_map(|effect| match effect {
        Effect::SaveLogs(save) => Some(save.clone()),
        _ => None,
    });
    let saved = saved.expect("a file");
    assert_eq!(
        (saved.path.as_str(), saved.all, saved.raw),
        ("/tmp/out.ndjson", true, false)
    );
    operator.press("K");
    assert!(
        operator
            .effects
            .contains(&Effect::Copy("kubectl logs shop-1".to_owned()))
    );
}

#[test]
fn nothing_of_a_line_acts_on_the_terminal() {
    let mut operator = written((140, 30));
    operator.sees("disk is nearly full").misses("evil");
    operator.press("v");
    operator
        .sees("disk is nearly full")
        .misses("evil")
        .misses("[33m");
}

#[test]
fn marks_stand_where_they_belong() {
    let mut operator = written((140, 30));
    let screen = operator.screen();
    let row = |words: &str| {
        screen
            .lines()
            .position(|line| line.contains(words))
            .unwrap()
    };
    assert!(row("disk is nearly full") < row("shop-1 restarted: exit 3"));
    assert!(row("shop-1 restarted: exit 3") < row("slow answer"));
}

#[test]
fn l_opens_the_logs_of_the_row_and_of_all_marked_rows() {
    let mut operator = Operator::new(140, 40);
    operator.press(": pods enter").press("l");
    operator.sees("Logs Pod ");
    let want = &operator.ui.demand(&operator.store).logs;
    assert_eq!(want.len(), 1);
    operator.press("esc space space l");
    operator.sees("Logs 2 pods");
    assert_eq!(operator.ui.demand(&operator.store).logs[0].targets.len(), 2);
}

#[test]
fn the_overview_reads_what_is_selected_beside_but_not_what_is_passed_by() {
    let mut operator = Operator::new(160, 48);
    let reading = |operator: &Operator| {
        let demand = operator.ui.demand(&operator.store);
        demand
            .logs
            .first()
            .map(|want| (want.reading, want.targets.clone()))
    };
    let first = reading(&operator).expect("the selected row");
    operator.press("j");
    assert_eq!(
        reading(&operator),
        Some(first.clone()),
        "a row that is passed by opens nothing"
    );
    operator.wait(1);
    let second = reading(&operator).expect("the selected row");
    assert_ne!(second, first);
}

#[test]
fn a_look_at_something_else_loses_nothing() {
    let mut operator = written((140, 30));
    operator.press("H");
    tell(
        &mut operator,
        vec![LogChange::Lines(key(0), block(&[(at(0), "meanwhile")]))],
    );
    operator.press("]");
    operator.sees("meanwhile").sees("order failed");
}

#[test]
fn no_size_and_no_key_breaks_the_screen() {
    for size in [(20, 5), (21, 6), (40, 10), (80, 24), (200, 50)] {
        let mut operator = written(size);
        for keys in [
            "w", "k k", "l l", "h", "v", "o", "O", "i", "enter", "tab", "C", "esc", "S", "space",
            "esc", "P", "enter", "esc", "b", "'", "V", "j", "c", "g", "ctrl-d", "ctrl-b", "T", "Z",
            "x", "n", "f",
        ] {
            operator.press(keys);
            operator.screen();
        }
    }
}

#[test]
fn a_long_line_wraps_and_scrolls() {
    let mut operator = opened((80, 24));
    let long = format!("start {} end", "word ".repeat(60));
    let mut intake = Intake::new();
    intake.push(long.as_bytes(), Some(at(1)), 0, LogFlags::NONE);
    tell(
        &mut operator,
        vec![stream(0), LogChange::Lines(key(0), intake.take())],
    );
    operator.misses(" end");
    operator.press("w");
    operator.sees(" end");
    operator.press("w");
    for _ in 0..34 {
        operator.press("l");
    }
    operator.sees(" end").misses("start");
}

#[test]
fn the_mouse_takes_lines_and_times() {
    let mut operator = written((140, 30));
    operator.mouse(Gesture::Press, 2, 2);
    operator.sees("paused");
}
