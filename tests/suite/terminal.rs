//! The terminal is left as it was found, by every way out; and no size breaks it.

use std::path::Path;

use quarterdeck::terminal::guard;
use rustix::process::{Pid, Signal, kill_process};

use crate::pty::Terminal;

const QD: &str = env!("CARGO_BIN_EXE_qd");

fn demo(columns: u16, rows: u16, home: &Path) -> Terminal {
    let terminal = Terminal::start(QD, &["demo", "pods"], columns, rows, home);
    terminal.shows("demo-eu");
    terminal
}

fn signal(terminal: &Terminal, signal: Signal) {
    kill_process(pid(terminal), signal).unwrap();
}

fn pid(terminal: &Terminal) -> Pid {
    Pid::from_raw(terminal.id().cast_signed()).unwrap()
}

/// Whether the terminal's line discipline is as a shell wants it: lines, echo and signals.
fn cooked(terminal: &Terminal) -> bool {
    let termios = terminal.master.as_ref().unwrap().get_termios().unwrap();
    let flags = format!("{:?}", termios.local_flags);
    ["ICANON", "ECHO", "ISIG"]
        .iter()
        .all(|flag| flags.contains(flag))
}

/// Whether the terminal is as it was found; the reader may lag behind the program's end.
fn restored(terminal: &Terminal) {
    terminal.wait("a restored terminal", || {
        (!terminal.taken() && cooked(terminal)).then_some(())
    });
}

#[test]
fn leaving_restores_the_terminal() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = demo(100, 30, home.path());
    assert!(!cooked(&terminal), "keys reach the program one by one");
    terminal.press("\x03");
    assert!(terminal.ended().success());
    restored(&terminal);
}

#[test]
fn frames_are_shown_whole_and_nothing_is_left_on() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = demo(100, 30, home.path());
    terminal.press("\x03");
    assert!(terminal.ended().success());
    restored(&terminal);
    let raw = String::from_utf8_lossy(&terminal.raw()).into_owned();
    let count = |sequence: &str| raw.matches(sequence).count();
    assert!(
        count("\x1b[?2026h") > 0,
        "frames are wrapped in synchronised output"
    );
    assert!(
        count("\x1b[?2026h") <= count("\x1b[?2026l"),
        "every frame is closed"
    );
    for mode in ["1049", "2004", "1004", "1000"] {
        let (on, off) = (
            count(&format!("\x1b[?{mode}h")),
            count(&format!("\x1b[?{mode}l")),
        );
        assert!(
            on > 0 && on == off,
            "mode {mode}: on {on} times, off {off} times"
        );
    }
}

#[test]
fn signals_restore_the_terminal() {
    for (number, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130)] {
        let home = tempfile::tempdir().unwrap();
        let mut terminal = demo(100, 30, home.path());
        signal(&terminal, number);
        assert_eq!(terminal.ended().exit_code(), code);
        restored(&terminal);
    }
}

#[test]
fn a_stop_hands_the_terminal_back_and_going_on_takes_it_again() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = demo(100, 30, home.path());
    terminal.press("\x1a");
    restored(&terminal);
    signal(&terminal, Signal::CONT);
    terminal.wait("the screen to be taken again", || {
        terminal.taken().then_some(())
    });
    terminal.shows("demo-eu");
    terminal.press("\x03");
    assert!(terminal.ended().success());
    restored(&terminal);
}

#[test]
fn a_vanished_terminal_ends_the_program() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = demo(100, 30, home.path());
    terminal.hang_up();
    terminal.ended();
}

#[test]
fn every_size_is_survived() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = demo(100, 30, home.path());
    for (columns, rows) in [(1, 1), (20, 4), (20, 5), (79, 23), (400, 100)] {
        terminal.resize(columns, rows);
    }
    for step in 0..1000_u16 {
        terminal.resize(40 + step % 120, 10 + step % 40);
    }
    terminal.resize(120, 40);
    terminal.shows("demo-eu");
    terminal.until("a frame of the last size", |text| text.lines().count() > 38);
    terminal.press("\x03");
    assert!(terminal.ended().success());
    restored(&terminal);
}

#[test]
fn a_panic_restores_the_terminal_and_is_told() {
    let home = tempfile::tempdir().unwrap();
    let program = std::env::current_exe().unwrap();
    let arguments = [
        "terminal::panics_in_a_terminal",
        "--exact",
        "--ignored",
        "--nocapture",
        "--test-threads=1",
    ];
    let mut terminal = Terminal::start(program.to_str().unwrap(), &arguments, 100, 30, home.path());
    assert!(!terminal.ended().success());
    restored(&terminal);
    terminal.shows("the mast broke");
}

#[test]
#[ignore = "panics on purpose; another test runs it in a pseudo-terminal"]
fn panics_in_a_terminal() {
    guard::contain_panics().unwrap();
    let _guard = guard::Guard::enter(true).unwrap();
    panic!("the mast broke");
}
