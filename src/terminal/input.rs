//! Keys, mouse, paste, size and focus as the terminal reports them, and the watch over the terminal itself.
//!
//! crossterm's reader spins when its terminal vanishes without a signal, so a second thread waits for the hang-up and
//! ends the process if the loop does not do so itself within a second.

use std::io;
use std::thread;
use std::time::Duration;

use crossterm::event::{self, Event};
use rustix::event::{PollFd, PollFlags, poll};
use tokio::sync::mpsc::{Receiver, channel};

/// What the terminal reports.
#[derive(Debug)]
pub enum Report {
    Event(Event),
    /// The terminal is gone.
    HungUp,
}

/// Starts the reading thread and the watch; reports come in order.
///
/// # Errors
/// Fails if threads cannot be started.
pub fn start() -> io::Result<Receiver<Report>> {
    let (reports_tx, reports_rx) = channel(1024);
    let hang_up_tx = reports_tx.clone();
    thread::Builder::new()
        .name("terminal-reader".into())
        .spawn(move || {
            while let Ok(event) = event::read() {
                if reports_tx.blocking_send(Report::Event(event)).is_err() {
                    return;
                }
            }
            let _ = reports_tx.blocking_send(Report::HungUp);
        })?;
    thread::Builder::new()
        .name("terminal-watch".into())
        .spawn(move || {
            wait_for_hang_up();
            let _ = hang_up_tx.try_send(Report::HungUp);
            thread::sleep(Duration::from_secs(1));
            std::process::exit(i32::from(HUNG_UP));
        })?;
    Ok(reports_rx)
}

/// The exit code of a run whose terminal vanished: 128 + SIGHUP.
pub const HUNG_UP: u8 = 129;

fn wait_for_hang_up() {
    let terminal = rustix::stdio::stdin();
    loop {
        let mut watched = [PollFd::new(&terminal, PollFlags::empty())];
        match poll(&mut watched, None) {
            Ok(_) => {
                let [watched] = watched;
                if watched
                    .revents()
                    .intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL)
                {
                    return;
                }
            }
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return,
        }
    }
}
