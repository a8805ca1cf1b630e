//! A program in a pseudo-terminal: keys in, screen out, every wait with a deadline.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

/// Far beyond what any step takes, so that only a hang fails.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running program and the terminal around it.
pub(crate) struct Terminal {
    pub(crate) master: Option<Box<dyn MasterPty + Send>>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    seen: Arc<Mutex<Seen>>,
    reader: Option<JoinHandle<()>>,
    deaf: Arc<AtomicBool>,
}

struct Seen {
    screen: vt100::Parser,
    raw: Vec<u8>,
}

impl Terminal {
    /// Starts a program with arguments on a terminal of a size, in an empty home.
    pub(crate) fn start(
        program: &str,
        arguments: &[&str],
        columns: u16,
        rows: u16,
        home: &std::path::Path,
    ) -> Self {
        Self::spawn(command(program, arguments, home), columns, rows)
    }

    /// Starts a command on a terminal of a size.
    pub(crate) fn spawn(command: CommandBuilder, columns: u16, rows: u16) -> Self {
        let size = PtySize {
            rows,
            cols: columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let keys = pair.master.take_writer().unwrap();
        let seen = Arc::new(Mutex::new(Seen {
            screen: vt100::Parser::new(cells(rows), cells(columns), 0),
            raw: Vec::new(),
        }));
        let fed = Arc::clone(&seen);
        let deaf = Arc::new(AtomicBool::new(false));
        let stops = Arc::clone(&deaf);
        let reader = thread::spawn(move || {
            let mut buffer = vec![0; 65536];
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                if stops.load(Ordering::SeqCst) {
                    return;
                }
                let mut seen = fed.lock().unwrap();
                seen.screen.process(&buffer[..read]);
                seen.raw.extend_from_slice(&buffer[..read]);
            }
        });
        Self {
            master: Some(pair.master),
            keys,
            child,
            seen,
            reader: Some(reader),
            deaf,
        }
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        self.seen
            .lock()
            .unwrap()
            .screen
            .screen_mut()
            .set_size(cells(rows), cells(columns));
        let size = PtySize {
            rows,
            cols: columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        self.master.as_ref().unwrap().resize(size).unwrap();
    }

    /// The text on the screen.
    pub(crate) fn text(&self) -> String {
        self.seen.lock().unwrap().screen.screen().contents()
    }

    /// Every byte written so far.
    pub(crate) fn raw(&self) -> Vec<u8> {
        self.seen.lock().unwrap().raw.clone()
    }

    /// Whether the alternate screen, the mouse or bracketed paste is still on, or the cursor hidden.
    pub(crate) fn taken(&self) -> bool {
        let seen = self.seen.lock().unwrap();
        let screen = seen.screen.screen();
        screen.alternate_screen()
            || screen.bracketed_paste()
            || screen.hide_cursor()
            || screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None
    }

    /// Takes the terminal away, as a broken connection does: nobody holds its other end any more.
    pub(crate) fn hang_up(&mut self) {
        self.deaf.store(true, Ordering::SeqCst);
        // Another size makes the program write once more, which ends the thread that reads.
        self.resize(101, 31);
        self.reader.take().unwrap().join().unwrap();
        self.master = None;
        self.keys = Box::new(std::io::sink());
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Waits until the screen's text is as asked, and returns it.
    pub(crate) fn until(&self, what: &str, holds: impl Fn(&str) -> bool) -> String {
        self.wait(what, || {
            let text = self.text();
            holds(&text).then_some(text)
        })
    }

    /// Waits until the screen shows a text.
    pub(crate) fn shows(&self, wanted: &str) -> String {
        self.until(wanted, |text| text.contains(wanted))
    }

    /// Waits until something is there.
    pub(crate) fn wait<T>(&self, what: &str, find: impl Fn() -> Option<T>) -> T {
        let began = Instant::now();
        loop {
            if let Some(found) = find() {
                return found;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "waited in vain for {what}; the screen shows:\n{}",
                self.text()
            );
            thread::yield_now();
            thread::park_timeout(Duration::from_millis(5));
        }
    }

    /// Waits until the program has ended.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "it does not end; the screen shows:\n{}",
                self.text()
            );
            thread::park_timeout(Duration::from_millis(5));
        }
    }
}

/// A program with arguments in an empty home.
pub(crate) fn command(program: &str, arguments: &[&str], home: &std::path::Path) -> CommandBuilder {
    let mut command = CommandBuilder::new(program);
    command.args(arguments);
    for name in ["KUBECONFIG", "NO_COLOR", "TMUX", "QD_CONFIG", "QD_THEME"] {
        command.env_remove(name);
    }
    command.env("HOME", home);
    for name in [
        "XDG_CONFIG_HOME",
        "XDG_STATE_HOME",
        "XDG_DATA_HOME",
        "XDG_CACHE_HOME",
    ] {
        command.env(name, home.join(name.to_lowercase()));
    }
    command.env("RUST_BACKTRACE", "0");
    command.env("TERM", "xterm-256color");
    command.env("COLORTERM", "truecolor");
    command
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A count of rows or columns; none is taken for one.
pub(crate) fn cells(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).unwrap_or(NonZeroU16::MIN)
}
