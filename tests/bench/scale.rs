//! How the whole program feels and what it costs at size: `cargo bench --bench scale`.
//!
//! The simulated API server runs in this process with as many pods as asked (`QD_SCALE=10000,50000`, the default), and
//! `qd` runs in a pseudo-terminal of 200×50 against it, a process of its own. Printed are: the time from start to the
//! first pod on screen and to the full count; resident memory; CPU and terminal bytes while nothing happens and while
//! 200 and 1,000 pods change every second; the time from a key to the last byte of its frame; and from the last letter
//! of a filter to the screen that obeys it. Linux only: the figures come from `/proc`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};
use quarterdeck::demo;

const COLUMNS: NonZeroU16 = NonZeroU16::new(200).expect("not zero");
const ROWS: NonZeroU16 = NonZeroU16::new(50).expect("not zero");
const PATIENCE: Duration = Duration::from_mins(3);
const QUIET: Duration = Duration::from_millis(8);

fn main() {
    let sizes = std::env::var("QD_SCALE").unwrap_or_else(|_| "10000,50000".into());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    println!(
        "| pods | first rows s | complete s | RSS MB | most MB | idle CPU % | idle bytes | CPU % at 200/s | kB/s | CPU % at 1000/s | kB/s | key p50 ms | p95 | max | filter ms |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    for size in sizes.split(',').filter_map(|size| size.trim().parse().ok()) {
        println!("{}", line(&runtime, size));
    }
}

/// All figures of one size, as a line of the table.
fn line(runtime: &tokio::runtime::Runtime, pods: usize) -> String {
    let calm = runtime.block_on(serve(pods, 0.0));
    let mut run = Run::start(calm.servers()[0].url.as_str());
    let (first, complete) = run.load(pods);
    run.rest(Duration::from_secs(3));
    let (idle_cpu, idle_bytes) = run.rest(Duration::from_secs(10));
    let mut keys: Vec<f64> = (0..50).filter_map(|_| run.key()).collect();
    keys.sort_by(f64::total_cmp);
    let filter = run.filter();
    let (rss, most) = run.memory();
    drop(run);
    drop(calm);
    let busy = [200.0, 1000.0].map(|rate| {
        let estate = runtime.block_on(serve(pods, rate));
        let mut run = Run::start(estate.servers()[0].url.as_str());
        run.load(pods);
        run.rest(Duration::from_secs(3));
        let (cpu, bytes) = run.rest(Duration::from_secs(10));
        (cpu, bytes as f64 / 10_000.0)
    });
    let at = |share: f64| {
        keys.get(((keys.len() as f64 * share) as usize).min(keys.len() - 1))
            .copied()
            .unwrap_or(f64::NAN)
    };
    format!(
        "| {pods} | {first:.3} | {complete:.2} | {rss:.1} | {most:.1} | {idle_cpu:.2} | {idle_bytes} | {:.1} | {:.1} | {:.1} | {:.1} | {:.2} | {:.2} | {:.2} | {filter:.1} |",
        busy[0].0,
        busy[0].1,
        busy[1].0,
        busy[1].1,
        at(0.5),
        at(0.95),
        at(1.0),
    )
}

async fn serve(pods: usize, churn: f64) -> demo::Estate {
    let options = demo::Options {
        pods: Some(pods),
        churn,
        scenario: Some("calm".into()),
        seed: 1,
        epoch: None,
    };
    demo::serve(options).await.expect("the simulated server")
}

/// Bytes of the terminal with the time at which they came.
#[derive(Default)]
struct Arrived {
    chunks: VecDeque<(Instant, Vec<u8>)>,
    last: Option<Instant>,
    bytes: usize,
}

/// One run of the program.
struct Run {
    child: Box<dyn Child + Send + Sync>,
    keys: Box<dyn Write + Send>,
    screen: vt100::Parser,
    arrived: Arc<(Mutex<Arrived>, Condvar)>,
    began: Instant,
    _home: tempfile::TempDir,
    _master: Box<dyn portable_pty::MasterPty + Send>,
}

impl Run {
    fn start(server: &str) -> Self {
        let home = tempfile::tempdir().expect("a home");
        let config = home.path().join("config.toml");
        std::fs::write(
            &config,
            format!("[[kubernetes]]\nname = \"scale\"\nserver = \"{server}\"\n"),
        )
        .expect("a file");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_qd"));
        command.args(["--config", config.to_str().expect("a path"), "-A", "pods"]);
        command.env("HOME", home.path());
        command.env("TERM", "xterm-256color");
        command.env("COLORTERM", "truecolor");
        let size = PtySize {
            rows: ROWS.get(),
            cols: COLUMNS.get(),
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).expect("a terminal");
        let mut reader = pair.master.try_clone_reader().expect("its output");
        let keys = pair.master.take_writer().expect("its input");
        let arrived = Arc::new((Mutex::new(Arrived::default()), Condvar::new()));
        let fed = Arc::clone(&arrived);
        thread::spawn(move || {
            let mut buffer = vec![0; 65536];
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                let now = Instant::now();
                let mut arrived = fed.0.lock().expect("a lock");
                arrived.chunks.push_back((now, buffer[..read].to_vec()));
                arrived.last = Some(now);
                arrived.bytes += read;
                fed.1.notify_all();
            }
        });
        let began = Instant::now();
        let child = pair.slave.spawn_command(command).expect("qd");
        Self {
            child,
            keys,
            screen: vt100::Parser::new(ROWS, COLUMNS, 0),
            arrived,
            began,
            _home: home,
            _master: pair.master,
        }
    }

    /// Seconds until the first pod is on screen, and until the title has the full count.
    fn load(&mut self, pods: usize) -> (f64, f64) {
        let count = thousands(pods);
        let mut first = None;
        loop {
            while let Some(at) = self.feed() {
                let text = self.screen.screen().contents();
                let since = (at - self.began).as_secs_f64();
                if first.is_none() && text.lines().any(is_pod) {
                    first = Some(since);
                }
                let title = text
                    .lines()
                    .take(4)
                    .any(|line| line.contains(&count) && !line.contains(" of "));
                if let Some(first) = first
                    && title
                {
                    return (first, since);
                }
            }
            assert!(
                self.began.elapsed() < PATIENCE,
                "not complete:\n{}",
                self.screen.screen().contents()
            );
            thread::park_timeout(Duration::from_millis(2));
        }
    }

    /// CPU in percent of a core and bytes written while some time passes.
    fn rest(&mut self, time: Duration) -> (f64, usize) {
        let (cpu, bytes, began) = (self.cpu(), self.bytes(), Instant::now());
        thread::park_timeout(time);
        while began.elapsed() < time {
            thread::park_timeout(time.saturating_sub(began.elapsed()));
        }
        (
            (self.cpu() - cpu) * 100.0 / began.elapsed().as_secs_f64(),
            self.bytes() - bytes,
        )
    }

    /// Milliseconds from cursor-down to the last byte of its frame.
    fn key(&mut self) -> Option<f64> {
        let next = Instant::now() + Duration::from_millis(100);
        let pressed = self.press("j");
        let last = self.quiet(pressed)?;
        thread::park_timeout(next.saturating_duration_since(Instant::now()));
        Some((last - pressed).as_secs_f64() * 1000.0)
    }

    /// Milliseconds from the last letter of a filter until every row obeys it.
    fn filter(&mut self) -> f64 {
        while self.feed().is_some() {}
        let wanted = self
            .screen
            .screen()
            .contents()
            .lines()
            .filter(|line| is_pod(line))
            .nth(3)
            .map(|line| {
                let name = line
                    .split_whitespace()
                    .find(|word| word.matches('-').count() >= 2)
                    .unwrap_or("pod");
                name.chars().take(5).collect::<String>()
            });
        let wanted = wanted.unwrap_or_default();
        let mut pressed = self.press("/");
        for letter in wanted.chars() {
            thread::park_timeout(Duration::from_millis(50));
            pressed = self.press(&letter.to_string());
        }
        let mut obeyed = None;
        while pressed.elapsed() < Duration::from_secs(2) {
            while let Some(at) = self.feed() {
                let text = self.screen.screen().contents();
                let mut rows = text.lines().filter(|line| is_pod(line)).peekable();
                if rows.peek().is_some() && rows.all(|line| line.contains(&wanted)) {
                    obeyed = obeyed.or(Some(at));
                } else {
                    obeyed = None;
                }
            }
            thread::park_timeout(Duration::from_millis(2));
        }
        obeyed.map_or(f64::NAN, |at| {
            at.saturating_duration_since(pressed).as_secs_f64() * 1000.0
        })
    }

    fn press(&mut self, keys: &str) -> Instant {
        while self.feed().is_some() {}
        self.keys.write_all(keys.as_bytes()).expect("a terminal");
        Instant::now()
    }

    /// The last byte after a time, up to a pause.
    fn quiet(&self, after: Instant) -> Option<Instant> {
        let (lock, news) = &*self.arrived;
        let mut arrived = lock.lock().expect("a lock");
        while arrived.last.is_none_or(|last| last < after) {
            let (held, waited) = news
                .wait_timeout(arrived, Duration::from_secs(1))
                .expect("a lock");
            arrived = held;
            if waited.timed_out() {
                return None;
            }
        }
        loop {
            let last = arrived.last?;
            let (held, waited) = news.wait_timeout(arrived, QUIET).expect("a lock");
            arrived = held;
            if waited.timed_out() {
                return Some(last);
            }
        }
    }

    /// Shows the next chunk on the screen; the time at which it came.
    fn feed(&mut self) -> Option<Instant> {
        let (at, bytes) = self.arrived.0.lock().expect("a lock").chunks.pop_front()?;
        self.screen.process(&bytes);
        Some(at)
    }

    fn bytes(&self) -> usize {
        self.arrived.0.lock().expect("a lock").bytes
    }

    /// CPU seconds so far.
    fn cpu(&self) -> f64 {
        let stat = self.proc("stat");
        let fields: Vec<&str> = stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .collect();
        let ticks = |at: usize| {
            fields
                .get(at)
                .and_then(|ticks| ticks.parse::<f64>().ok())
                .unwrap_or_default()
        };
        (ticks(11) + ticks(12)) / 100.0
    }

    /// Resident memory now and at most, in MB.
    fn memory(&self) -> (f64, f64) {
        let status = self.proc("status");
        let megabytes = |name: &str| {
            let line = status
                .lines()
                .find_map(|line| line.strip_prefix(name))
                .unwrap_or_default();
            line.trim()
                .trim_end_matches(" kB")
                .parse::<f64>()
                .unwrap_or_default()
                * 1024.0
                / 1e6
        };
        (megabytes("VmRSS:"), megabytes("VmHWM:"))
    }

    fn proc(&self, name: &str) -> String {
        let id = self.child.process_id().unwrap_or_default().to_string();
        std::fs::read_to_string(Path::new("/proc").join(id).join(name)).unwrap_or_default()
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether a line of the screen shows a pod: a name with a hash or a number at its end.
fn is_pod(line: &str) -> bool {
    line.contains("Running") || line.contains("CrashLoop") || line.contains("Pending")
}

fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
