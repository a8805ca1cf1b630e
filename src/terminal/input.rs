//! Keys, mouse, paste, size and focus as the terminal reports them, and the watch over the terminal itself.
//!
//! crossterm's reader spins when its terminal vanishes without a signal, so a second thread waits for the hang-up and
//! ends the process if the loop does not do so itself within a second. While another program has the terminal
//! ([`Keys::rest`]) the reader waits, so that no key meant for that program is taken from it.

use std::io;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crossterm::event::{self, Event};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Signal, getpid, kill_process};
use tokio::sync::mpsc::{Receiver, channel};

/// How often the reader is woken until it rests, and how long each time is waited.
const WAKES: (u32, Duration) = (40, Duration::from_millis(50));

/// What the terminal reports.
#[derive(Debug)]
pub enum Report {
    /// With the time when it was read, which may be before it is looked at.
    Event(Event, Instant),
    /// The terminal is gone.
    HungUp,
}

/// Asks the reader to wait: it says when it does, and goes on when the other end is gone.
struct Pause {
    resting: mpsc::Sender<()>,
    on: mpsc::Receiver<()>,
}

/// The reader at rest, until this is dropped.
pub struct Rest {
    _on: mpsc::Sender<()>,
}

/// Makes the reader rest.
pub struct Keys {
    pauses: mpsc::Sender<Pause>,
}

impl Keys {
    /// Leaves the terminal's input to somebody else until what is returned is dropped.
    ///
    /// # Errors
    /// Fails if the reader is gone, or cannot be woken because nobody takes its reports.
    pub fn rest(&self) -> io::Result<Rest> {
        let (resting_tx, resting) = mpsc::channel();
        let (on_tx, on) = mpsc::channel();
        let pause = Pause {
            resting: resting_tx,
            on,
        };
        let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        self.pauses.send(pause).map_err(gone)?;
        for _ in 0..WAKES.0 {
            // A change of size is what ends the reader's wait without a key.
            kill_process(getpid(), Signal::WINCH)?;
            if resting.recv_timeout(WAKES.1).is_ok() {
                return Ok(Rest { _on: on_tx });
            }
        }
        Err(io::ErrorKind::TimedOut.into())
    }
}

/// Starts the reading thread and the watch; reports come in order.
///
/// # Errors
/// Fails if threads cannot be started.
pub fn start() -> io::Result<(Receiver<Report>, Keys)> {
    let (reports_tx, reports_rx) = channel(1024);
    let (pauses, paused) = mpsc::channel::<Pause>();
    let hang_up_tx = reports_tx.clone();
    thread::Builder::new()
        .name("terminal-reader".into())
        .spawn(move || {
            while let Ok(event) = event::read() {
                if reports_tx
                    .blocking_send(Report::Event(event, Instant::now()))
                    .is_err()
                {
                    return;
                }
                while let Ok(pause) = paused.try_recv() {
                    if pause.resting.send(()).is_ok() {
                        // Nothing is ever sent: the other end is dropped when its work is done.
                        let _ = pause.on.recv();
                    }
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
    Ok((reports_rx, Keys { pauses }))
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
