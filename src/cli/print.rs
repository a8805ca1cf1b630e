//! Printing: data to standard output, words to standard error, and nothing said when nobody reads any more.

use std::io::{self, ErrorKind, IsTerminal, Write};

use super::exit;
use super::parse::Stop;

/// Prints data. The exit code is that of success also when the reader went away, as after `| head`.
pub fn data(text: &str) -> u8 {
    let mut out = io::stdout().lock();
    ended(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// The exit code of a printing that ended so.
pub fn ended(result: io::Result<()>) -> u8 {
    match result {
        Ok(()) => exit::OK,
        Err(error) if error.kind() == ErrorKind::BrokenPipe => exit::OK,
        Err(error) => {
            words(&format!("qd: cannot write: {error}"));
            exit::FAILED
        }
    }
}

/// Says something to the person, as a line of its own.
pub fn words(text: &str) {
    // Nobody is left to be told if this fails.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Prints help, the version, or what is wrong with the arguments.
pub fn stop(stop: &Stop) -> u8 {
    let terminal = if stop.wanted() {
        io::stdout().is_terminal()
    } else {
        io::stderr().is_terminal()
    };
    let plain = !terminal || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let text = if plain { &stop.plain } else { &stop.styled };
    if stop.wanted() {
        data(text);
    } else {
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }
    stop.code
}
