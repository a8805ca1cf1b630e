//! Bytes into lines, whatever the portions in which they come.

use proptest::prelude::*;
use quarterdeck::sources::logs::frames::{Frames, Garbled};
use quarterdeck::sources::logs::line::{LINE_AT_MOST, Line};
use quarterdeck::sources::logs::records::Records;
use quarterdeck::sources::logs::stamp;

/// A line that owns its text.
#[derive(Clone, Debug, PartialEq)]
struct Told {
    time: Option<i64>,
    text: Vec<u8>,
    cut: u64,
    stderr: bool,
}

fn told(line: Line<'_>) -> Told {
    Told {
        time: line.time,
        text: line.text.to_vec(),
        cut: line.cut,
        stderr: line.stderr,
    }
}

/// Cuts bytes at places that the sizes say.
fn portions<'a>(mut bytes: &'a [u8], sizes: &'a [usize]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    let mut sizes = sizes.iter().cycle();
    while !bytes.is_empty() {
        let size = sizes.next().copied().unwrap_or(1).clamp(1, bytes.len());
        let (part, rest) = bytes.split_at(size);
        parts.push(part);
        bytes = rest;
    }
    parts
}

fn records(bytes: &[u8], sizes: &[usize]) -> Vec<Told> {
    let mut records = Records::default();
    let mut lines = Vec::new();
    for part in portions(bytes, sizes) {
        records.feed(part, |line| lines.push(told(line)));
    }
    records.end(|line| lines.push(told(line)));
    lines
}

fn frames(tty: bool, bytes: &[u8], sizes: &[usize]) -> Result<Vec<Told>, Garbled> {
    let mut frames = Frames::new(tty);
    let mut lines = Vec::new();
    for part in portions(bytes, sizes) {
        frames.feed(part, |line| lines.push(told(line)))?;
    }
    frames.end(|line| lines.push(told(line)));
    Ok(lines)
}

fn nanos(time: &str) -> i64 {
    let time: jiff::Timestamp = time.parse().unwrap();
    i64::try_from(time.as_nanosecond()).unwrap()
}

fn frame(stream: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![stream, 0, 0, 0];
    bytes.extend(u32::try_from(payload.len()).unwrap().to_be_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

/// A time as engines write it.
fn written(nanos: i64) -> String {
    let time = jiff::Timestamp::from_nanosecond(i128::from(nanos)).unwrap();
    format!("{time:.9}")
}

fn some_text() -> impl Strategy<Value = Vec<u8>> {
    // Any bytes but newlines: NUL, escapes, carriage returns, broken UTF-8.
    prop::collection::vec(any::<u8>(), 0..60)
        .prop_map(|bytes| bytes.into_iter().filter(|byte| *byte != b'\n').collect())
}

proptest! {
    #[test]
    fn every_time_is_read_as_it_was_written(nanos in -2_000_000_000_000_000_000_i64..4_000_000_000_000_000_000) {
        let text = written(nanos);
        prop_assert_eq!(stamp::read(text.as_bytes()), Some((nanos, text.len())));
    }

    #[test]
    fn any_bytes_are_a_time_or_none(bytes in prop::collection::vec(any::<u8>(), 0..50)) {
        let _ = stamp::read(&bytes);
        let _ = stamp::split(&bytes);
    }

    #[test]
    fn lines_of_a_pod_come_whole_in_any_portions(
        lines in prop::collection::vec((0_i64..2_000_000_000_000_000_000, some_text()), 0..20),
        sizes in prop::collection::vec(1_usize..90, 1..6),
    ) {
        let mut bytes = Vec::new();
        for (time, text) in &lines {
            bytes.extend_from_slice(written(*time).as_bytes());
            bytes.push(b' ');
            bytes.extend_from_slice(text);
            bytes.push(b'\n');
        }
        let expected: Vec<Told> = lines
            .into_iter()
            .map(|(time, text)| Told { time: Some(time), text, cut: 0, stderr: false })
            .collect();
        prop_assert_eq!(records(&bytes, &sizes), expected);
    }

    #[test]
    fn lines_of_a_container_come_whole_in_any_portions_and_pieces(
        lines in prop::collection::vec(
            (0_i64..2_000_000_000_000_000_000, some_text(), any::<bool>(), 1_usize..40),
            0..20,
        ),
        sizes in prop::collection::vec(1_usize..90, 1..6),
    ) {
        let mut bytes = Vec::new();
        let mut expected = Vec::new();
        for (time, text, stderr, piece) in lines {
            let mut whole = text.clone();
            whole.push(b'\n');
            for (at, piece) in whole.chunks(piece).enumerate() {
                // Each piece has a time of its own, of which only the first counts.
                let mut payload = written(time + at as i64).into_bytes();
                payload.push(b' ');
                payload.extend_from_slice(piece);
                bytes.extend(frame(if stderr { 2 } else { 1 }, &payload));
            }
            expected.push(Told { time: Some(time), text, cut: 0, stderr });
        }
        prop_assert_eq!(frames(false, &bytes, &sizes).unwrap(), expected);
    }

    #[test]
    fn any_bytes_are_frames_or_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        sizes in prop::collection::vec(1_usize..90, 1..6),
        tty in any::<bool>(),
    ) {
        let _ = frames(tty, &bytes, &sizes);
        let _ = records(&bytes, &sizes);
    }

    #[test]
    fn a_terminals_lines_come_whole_in_any_portions(
        lines in prop::collection::vec((0_i64..2_000_000_000_000_000_000, some_text(), 0_usize..40_000), 0..6),
        sizes in prop::collection::vec(1_usize..9000, 1..6),
    ) {
        let mut bytes = Vec::new();
        let mut expected = Vec::new();
        for (time, mut text, more) in lines {
            text.resize(text.len() + more, b'x');
            let mut whole = text.clone();
            whole.push(b'\n');
            for piece in whole.chunks(16 << 10) {
                bytes.extend_from_slice(written(time).as_bytes());
                bytes.push(b' ');
                bytes.extend_from_slice(piece);
            }
            expected.push(Told { time: Some(time), text, cut: 0, stderr: false });
        }
        prop_assert_eq!(frames(true, &bytes, &sizes).unwrap(), expected);
    }
}

#[test]
fn pieces_of_a_pods_long_line_join() {
    // The kubelet writes no time before a piece that continues a line, and no newline behind one that is continued.
    let long = "x".repeat(40_000);
    let body = format!("2026-11-27T12:00:00.000000001Z {long}\n2026-11-27T12:00:01Z next\n");
    let lines = records(body.as_bytes(), &[8192]);
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0].text.len(), 40_000);
    assert_eq!(lines[1].time, Some(nanos("2026-11-27T12:00:01Z")));
}

#[test]
fn times_with_an_offset_are_understood() {
    let lines = records(
        b"2026-11-27T17:30:00.5+05:30 a\n2026-11-27T07:00:00.5-05:00 b\n",
        &[7],
    );
    assert_eq!(lines[0].time, lines[1].time);
    assert_eq!(lines[0].time, Some(nanos("2026-11-27T12:00:00.5Z")));
}

#[test]
fn a_line_without_a_time_is_the_engine_speaking() {
    let lines = records(
        b"unable to retrieve container logs for containerd://abc",
        &[9],
    );
    assert_eq!(lines[0].time, None);
    assert_eq!(
        lines[0].text,
        b"unable to retrieve container logs for containerd://abc"
    );
}

#[test]
fn a_line_without_end_costs_a_megabyte_and_says_what_is_missing() {
    let mut records = Records::default();
    let mut lines = Vec::new();
    records.feed(b"2026-11-27T12:00:00Z ", |line| lines.push(told(line)));
    let part = vec![b'x'; 1 << 20];
    for _ in 0..100 {
        records.feed(&part, |line| lines.push(told(line)));
    }
    assert!(lines.is_empty());
    records.feed(b"\n2026-11-27T12:00:01Z after\n", |line| {
        lines.push(told(line));
    });
    assert_eq!(lines.len(), 2);
    assert!(lines[0].text.len() <= LINE_AT_MOST);
    assert_eq!(lines[0].text.len() as u64 + lines[0].cut, 100 << 20);
    assert_eq!(lines[1].text, b"after");
}

#[test]
fn two_streams_do_not_run_into_each_other() {
    let mut bytes = frame(1, b"2026-11-27T12:00:00Z out begins, ");
    bytes.extend(frame(2, b"2026-11-27T12:00:01Z err whole\n"));
    bytes.extend(frame(1, b"2026-11-27T12:00:02Z out ends\n"));
    let lines = frames(false, &bytes, &[5]).unwrap();
    assert_eq!(lines[0].text, b"err whole");
    assert!(lines[0].stderr);
    assert_eq!(lines[1].text, b"out begins, out ends");
    assert_eq!(lines[1].time, Some(nanos("2026-11-27T12:00:00Z")));
}

#[test]
fn a_terminal_may_begin_with_any_byte() {
    for byte in 0..=3 {
        let mut bytes = b"2026-11-27T12:00:00Z ".to_vec();
        bytes.extend([byte, 0, 0, 0, 255, 255, 255, 255]);
        bytes.extend(b" text\n");
        let lines = frames(true, &bytes, &[3]).unwrap();
        assert_eq!(
            lines[0].text,
            [&[byte, 0, 0, 0, 255, 255, 255, 255][..], b" text"].concat()
        );
    }
}

#[test]
fn a_frame_of_four_gigabytes_is_refused_at_once() {
    let bytes = [1, 0, 0, 0, 255, 255, 255, 255];
    assert_eq!(frames(false, &bytes, &[8]), Err(Garbled::Huge(u32::MAX)));
    assert_eq!(frames(false, b"plain text", &[8]), Err(Garbled::NoFrame));
}

#[test]
fn empty_frames_and_empty_lines_are_what_they_are() {
    let mut bytes = frame(1, b"");
    bytes.extend(frame(1, b"2026-11-27T12:00:00Z \n"));
    let lines = frames(false, &bytes, &[1]).unwrap();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].text, b"");
}
