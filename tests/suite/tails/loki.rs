//! Loki: pages, ranges that overlap, and lines that come late or are alike.

use proptest::prelude::*;
use quarterdeck::sources::logs::loki::{Page, Seen};

#[test]
fn an_answer_is_read_in_the_order_of_time() {
    let body = br#"{"status":"success","data":{"resultType":"streams","result":[
        {"stream":{"app":"shop","pod":"a"},"values":[["30","third"],["10","first"]]},
        {"stream":{"app":"shop","pod":"b"},"values":[["20","second",{"structuredMetadata":{}}]]}]}}"#;
    let page = Page::read(body).unwrap();
    let lines: Vec<&str> = page
        .entries
        .iter()
        .map(|entry| entry.line.as_str())
        .collect();
    assert_eq!(lines, ["first", "second", "third"]);
    assert_eq!(
        page.streams[page.entries[1].stream][1],
        ("pod".to_owned(), "b".to_owned())
    );
}

#[test]
fn a_query_of_metrics_is_refused_in_words() {
    let body = br#"{"data":{"resultType":"matrix","result":[]}}"#;
    assert!(Page::read(body).unwrap_err().contains("metrics"));
    assert!(Page::read(b"<html>").is_err());
}

proptest! {
    /// Lines come late, many are alike, ranges overlap and pages are small: each is told once.
    #[test]
    fn ranges_that_overlap_tell_every_line_once(
        steps in prop::collection::vec(prop::collection::vec((0_i64..40, 0_u64..2), 0..12), 1..20),
        page in 3_usize..9,
    ) {
        let mut stored: Vec<(i64, u64)> = Vec::new();
        let mut seen = Seen::default();
        let (mut told, mut lost) = (0, 0);
        for (step, arrived) in steps.iter().enumerate() {
            let now = step as i64 * 20;
            stored.extend(arrived.iter().map(|(back, line)| (now + 40 - back, *line)));
            stored.sort_unstable();
            let mut start = now - 60;
            seen.pass(start);
            loop {
                let lines: Vec<_> = stored.iter().filter(|(time, _)| *time >= start).take(page).copied().collect();
                let last = lines.last().map(|(time, _)| *time);
                told += lines.iter().filter(|(time, line)| seen.is_new(*time, *line)).count();
                match last {
                    Some(last) if lines.len() == page && last > start => start = last,
                    Some(last) if lines.len() == page => {
                        // As the reading does, and says so.
                        lost += 1;
                        start = last + 1;
                    }
                    _ => break,
                }
                seen.page(start);
            }
        }
        prop_assert!(told <= stored.len());
        if lost == 0 {
            prop_assert_eq!(told, stored.len());
        }
    }
}
