//! Leaves the terminal as it was found, by every way out: return, error, panic, signal, suspension, a vanished tty.
//!
//! There is one terminal, so whether it is entered is one flag of the process. Leaving twice does nothing.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crossterm::cursor::Show;
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste,
    EnableFocusChange, EnableMouseCapture,
};
use crossterm::queue;
use crossterm::style::ResetColor;
use crossterm::terminal::{EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen};

use super::writer::write_now;

static ENTERED: AtomicBool = AtomicBool::new(false);

/// Leaves the terminal when it goes out of scope.
pub struct Guard(());

impl Guard {
    /// Enters the terminal: raw mode, alternate screen, pasted text marked, focus told, mouse if wanted.
    ///
    /// # Errors
    /// Fails if there is no terminal.
    pub fn enter(mouse: bool) -> io::Result<Self> {
        enter(mouse)?;
        Ok(Self(()))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        leave();
    }
}

/// Enters the terminal again after [`leave`].
///
/// # Errors
/// Fails if there is no terminal.
pub fn enter(mouse: bool) -> io::Result<()> {
    crossterm::terminal::enable_raw_mode()?;
    ENTERED.store(true, Ordering::SeqCst);
    let mut bytes = Vec::new();
    queue!(
        bytes,
        EnterAlternateScreen,
        EnableBracketedPaste,
        EnableFocusChange
    )?;
    if mouse {
        queue!(bytes, EnableMouseCapture)?;
    }
    write_now(&bytes)
}

/// Turns reporting of the mouse on or off.
///
/// # Errors
/// Fails if the terminal is gone.
pub fn mouse(on: bool) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if on {
        queue!(bytes, EnableMouseCapture)?;
    } else {
        queue!(bytes, DisableMouseCapture)?;
    }
    Ok(bytes)
}

/// Leaves the terminal; does nothing if it is not entered. Errors are of no use to anybody here: the terminal is gone.
pub fn leave() {
    if !ENTERED.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut bytes = Vec::new();
    let _ = queue!(
        bytes,
        EndSynchronizedUpdate,
        DisableMouseCapture,
        DisableFocusChange,
        DisableBracketedPaste,
        ResetColor,
        LeaveAlternateScreen,
        Show
    );
    // A terminal that does not read must not keep us from ending.
    let (done_tx, done_rx) = std::sync::mpsc::channel();
    let writes = thread::Builder::new()
        .name("terminal-leave".into())
        .spawn(move || {
            let _ = write_now(&bytes);
            let _ = done_tx.send(());
        });
    if writes.is_ok() {
        let _ = done_rx.recv_timeout(Duration::from_millis(500));
    }
    let _ = crossterm::terminal::disable_raw_mode();
}

/// Makes a panic of the calling (main) thread leave the terminal before its message is printed. A panic of another
/// thread or task is contained there and only goes to the log.
///
/// # Errors
/// Fails if error reports were set up before.
pub fn contain_panics() -> color_eyre::Result<()> {
    let main = thread::current().id();
    let (panics, errors) = color_eyre::config::HookBuilder::default()
        .display_env_section(false)
        .into_hooks();
    errors.install()?;
    std::panic::set_hook(Box::new(move |info| {
        if thread::current().id() == main {
            leave();
            let report = panics.panic_report(info).to_string();
            let _ = write_error(&report);
        } else {
            tracing::error!(target: "quarterdeck", "a task failed: {info}");
        }
    }));
    Ok(())
}

/// `eprintln!` panics itself when the terminal is gone.
fn write_error(report: &str) -> io::Result<()> {
    use io::Write;
    writeln!(io::stderr().lock(), "{report}")
}
