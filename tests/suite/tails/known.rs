//! Going on after a break: a file that grows, rotates and is read again and again, and every line accounted for.

use proptest::prelude::*;
use quarterdeck::sources::logs::known::{Known, Verdict};
use quarterdeck::sources::logs::line::Line;
use quarterdeck::sources::logs::older::Older;

const SECOND: i64 = 1_000_000_000;

fn line(time: i64, text: &[u8]) -> Line<'_> {
    Line {
        time: Some(time),
        text,
        cut: 0,
        stderr: false,
    }
}

/// One thing that happens to a log and its reader.
#[derive(Clone, Debug)]
enum Turn {
    /// A line is written, so many milliseconds after the one before (stdout and stderr differ a little).
    Write(i16, u8),
    /// The reader gets so many lines of what there is.
    Read(u8),
    /// The connection breaks; the next one begins where `since` says.
    Break,
    /// The file is put away; only what is written from now on can be read.
    Rotate,
}

fn turn() -> impl Strategy<Value = Turn> {
    prop_oneof![
        6 => (-300_i16..900, 0_u8..3).prop_map(|(after, text)| Turn::Write(after, text)),
        4 => (1_u8..20).prop_map(Turn::Read),
        2 => Just(Turn::Break),
        1 => Just(Turn::Rotate),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]
    /// A line that is the same to the nanosecond as one of the file before is taken for it, so no two files share a time.
    /// The texts are few, so that many lines are alike; times repeat and go backwards.
    #[test]
    fn nothing_is_lost_or_repeated_without_a_word(turns in prop::collection::vec(turn(), 1..120)) {
        let mut known = Known::of_all();
        let (mut file, mut gone): (Vec<(i64, u64, u8)>, Vec<u64>) = (Vec::new(), Vec::new());
        let (mut clock, mut number, mut files) = (1_000 * SECOND, 0, 0);
        // What the open connection still brings.
        let mut body: Vec<(i64, u64, u8)> = Vec::new();
        let mut position = 0;
        let mut told: Vec<u64> = Vec::new();
        let mut gaps = 0;
        for turn in turns.into_iter().chain([Turn::Break, Turn::Read(255)]) {
            match turn {
                Turn::Write(after, text) => {
                    clock += i64::from(after) * 1_000_000;
                    file.push((clock + files, number, text));
                    number += 1;
                }
                Turn::Read(count) => {
                    body.extend_from_slice(&file[position..]);
                    position = file.len();
                    let count = usize::from(count).min(body.len());
                    for (time, number, text) in body.drain(..count) {
                        match known.judge(&line(time, &[text])) {
                            Verdict::New => told.push(number),
                            Verdict::AfterGap { .. } => {
                                gaps += 1;
                                told.push(number);
                            }
                            Verdict::Again | Verdict::Before => {}
                        }
                    }
                }
                Turn::Break => {
                    body.clear();
                    let since = known.since(None).unwrap_or(i64::MIN);
                    known.again(None);
                    body = file.iter().filter(|(time, ..)| time.div_euclid(SECOND) >= since).copied().collect();
                    position = file.len();
                }
                Turn::Rotate => {
                    // What the open connection has not sent yet comes no more.
                    gone.extend(body.drain(..).map(|(_, number, _)| number));
                    gone.extend(file[position..].iter().map(|(_, number, _)| *number));
                    file.clear();
                    files += 1;
                    position = 0;
                    let since_break = known.since(None);
                    if since_break.is_some() {
                        known.again(None);
                    }
                }
            }
        }
        let mut once = told.clone();
        once.sort_unstable();
        once.dedup();
        prop_assert_eq!(once.len(), told.len(), "a line was told twice");
        let lost: Vec<u64> = (0..number)
            .filter(|number| told.binary_search(number).is_err() && !once.contains(number))
            .filter(|number| *number < once.last().copied().unwrap_or(0))
            .collect();
        if gone.is_empty() {
            prop_assert!(lost.is_empty(), "lost {lost:?}");
        } else if lost.iter().any(|lost| once.first().is_some_and(|first| lost > first)) {
            prop_assert!(gaps > 0, "lost {lost:?} and said nothing");
        }
    }
}

#[test]
fn the_second_is_asked_for_from_its_beginning() {
    let mut known = Known::default();
    known.judge(&line(12 * SECOND + 700_000_000, b"a"));
    // Rounding 12.7 to 13 would lose what was written between.
    assert_eq!(known.since(None), Some(11));
    assert_eq!(known.since(Some(9 * SECOND + 5)), Some(8));
}

#[test]
fn equal_lines_are_counted() {
    let mut known = Known::default();
    for _ in 0..3 {
        assert_eq!(known.judge(&line(5 * SECOND, b"tick")), Verdict::New);
    }
    known.again(None);
    for _ in 0..3 {
        assert_eq!(known.judge(&line(5 * SECOND, b"tick")), Verdict::Again);
    }
    assert_eq!(known.judge(&line(5 * SECOND, b"tick")), Verdict::New);
}

#[test]
fn a_line_that_was_written_late_is_new() {
    let mut known = Known::default();
    known.judge(&line(5 * SECOND, b"a"));
    known.judge(&line(5 * SECOND + 10, b"b"));
    known.again(None);
    known.judge(&line(5 * SECOND, b"a"));
    known.judge(&line(5 * SECOND + 10, b"b"));
    assert_eq!(known.judge(&line(5 * SECOND + 5, b"late")), Verdict::New);
}

#[test]
fn lines_before_the_first_are_not_wanted() {
    let mut known = Known::default();
    known.judge(&line(5 * SECOND + 500, b"first"));
    known.again(None);
    assert_eq!(
        known.judge(&line(5 * SECOND + 100, b"older")),
        Verdict::Before
    );
    assert_eq!(
        known.judge(&line(5 * SECOND + 500, b"first")),
        Verdict::Again
    );
    assert_eq!(known.judge(&line(5 * SECOND + 600, b"new")), Verdict::New);
}

#[test]
fn a_file_that_is_gone_is_a_gap() {
    let mut known = Known::default();
    known.judge(&line(5 * SECOND, b"a"));
    known.again(None);
    let verdict = known.judge(&line(9 * SECOND, b"z"));
    assert_eq!(verdict, Verdict::AfterGap { since: 5 * SECOND });
    assert_eq!(known.judge(&line(9 * SECOND, b"y")), Verdict::New);
    known.again(None);
    assert_eq!(known.ended(), Some(9 * SECOND), "nothing came back at all");
}

#[test]
fn a_burst_beyond_memory_is_not_repeated() {
    let mut known = Known::remembering(100);
    for at in 0..1000 {
        known.judge(&line(5 * SECOND + at, b"burst"));
    }
    known.again(None);
    for at in 0..1000 {
        assert_eq!(
            known.judge(&line(5 * SECOND + at, b"burst")),
            Verdict::Again
        );
    }
    assert_eq!(
        known.judge(&line(5 * SECOND + 1000, b"burst")),
        Verdict::New
    );
}

#[test]
fn older_lines_grow_by_as_much_as_is_known_and_end_where_it_begins() {
    let mut older = Older::default();
    older.read(&line(100, b"rest of a cut line"));
    older.read(&line(101, b"second"));
    older.read(&line(102, b"third"));
    let mut step = older.step();
    assert_eq!((step.tail, step.more), (1003, 1000));
    assert!(step.is_older(&line(98, b"old")));
    assert!(step.is_older(&line(
        99,
        b"a whole line, of which the rest of a cut line is known"
    )));
    assert!(!step.is_older(&line(101, b"second")));
    assert!(!step.is_older(&line(102, b"third")));
    assert!(step.met());
    older.grown(20_000, vec![(50, b"oldest".as_slice().into())]);
    assert_eq!(older.step().tail, 2 * 20_003);
}
