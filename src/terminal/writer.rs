//! The thread that writes to the terminal, so that a terminal that does not read blocks nobody else.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use tokio::sync::Notify;

/// Hands frames to the writing thread. The screen asks [`Writer::ready`] before it makes a frame, which bounds what
/// waits to one frame and a few short sequences.
pub(super) struct Writer {
    frames: Sender<Vec<u8>>,
    waiting: Arc<AtomicUsize>,
    taken: Arc<Notify>,
}

impl Writer {
    pub(super) fn start() -> io::Result<Self> {
        let (frames, next) = channel::<Vec<u8>>();
        let waiting = Arc::new(AtomicUsize::new(0));
        let taken = Arc::new(Notify::new());
        let (still, ring) = (Arc::clone(&waiting), Arc::clone(&taken));
        thread::Builder::new()
            .name("terminal-writer".into())
            .spawn(move || {
                let stdout = rustix::stdio::stdout();
                while let Ok(frame) = next.recv() {
                    let mut rest = frame.as_slice();
                    while !rest.is_empty() {
                        match rustix::io::write(stdout, rest) {
                            Ok(written) => rest = rest.get(written..).unwrap_or_default(),
                            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {
                                thread::yield_now();
                            }
                            // The watchdog sees a vanished terminal; nothing can be written to it.
                            Err(_) => return,
                        }
                    }
                    still.fetch_sub(1, Ordering::Release);
                    ring.notify_one();
                }
            })?;
        Ok(Self {
            frames,
            waiting,
            taken,
        })
    }

    pub(super) fn ready(&self) -> bool {
        self.waiting.load(Ordering::Acquire) == 0
    }

    pub(super) fn taken(&self) -> Arc<Notify> {
        Arc::clone(&self.taken)
    }

    pub(super) fn send(&self, frame: Vec<u8>) -> io::Result<()> {
        self.waiting.fetch_add(1, Ordering::Release);
        self.frames
            .send(frame)
            .map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

/// Writes at once and past the thread: for leaving the terminal. Gives up when the terminal does not take it.
pub(super) fn write_now(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}
