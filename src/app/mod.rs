//! The loop: the one task that owns the store and the ui, and the only module that sees all others.
//!
//! Order of attention: input, signals, a frame that is due, batches (4 ms of them, then a look around), the tick of an
//! age on screen. Input draws at once; data draws at once after a pause and at most every [`DATA_FRAME`] under load.
//! When nothing moves, nothing wakes and nothing is drawn.

pub mod acting;
mod clipboard;
mod effects;
mod input;
mod signals;
mod switch;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use color_eyre::eyre::{Result, WrapErr};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::widgets::Widget;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tui_logger::TuiLoggerWidget;

use crate::actions::run::Pace;
use crate::cli::Look;
use crate::cli::dispatch::Prepared;
use crate::clients::clock::now;
use crate::clients::{docker, kubeconfig};
use crate::config::{Config, Loaded, Problem, Remembered};
use crate::model::{Batch, Change, Engine, Moment};
use crate::sources::fleet::Fleet;
use crate::store::Store;
use crate::terminal::input::{HUNG_UP, Report};
use crate::terminal::{Screen, guard};
use crate::ui::acting::News;
use crate::ui::theme::{Capability, Theme};
use crate::ui::{Input, Start, Ui};

use acting::Acts;
use clipboard::Clipboard;
use signals::{Signal, Signals};
use switch::Switch;

/// Shortest time between two frames that data alone asks for.
const DATA_FRAME: Duration = Duration::from_millis(50);
/// Shortest time between two sorts that data alone asks for.
const RESORT: Duration = Duration::from_millis(250);
/// How long batches are applied before input is looked at again.
const WORK: Duration = Duration::from_millis(4);

/// What the loop owns.
struct App {
    loaded: Loaded,
    able: Capability,
    store: Store,
    ui: Ui,
    fleet: Fleet,
    acts: Acts,
    news: mpsc::Receiver<News>,
    batches: mpsc::Receiver<Batch>,
    screen: Screen,
    signals: Signals,
    by_hand: input::ByHand,
    clipboard: Clipboard,
    switch: Option<Switch>,
    /// Where choices are kept for the next run; none where they are not.
    remembered: Option<PathBuf>,
    frame: Frame,
    /// Set when the run ends, with its exit code.
    over: Option<u8>,
}

/// When the next frame is due, and why.
#[derive(Default)]
struct Frame {
    /// Something changed since the last frame.
    dirty: bool,
    /// The operator did something: draw now, and sort now.
    urgent: bool,
    drawn: Option<Instant>,
    sorted: Option<Instant>,
    /// The second in which an age on screen changes.
    tick: Option<Moment>,
}

/// Runs the dashboard until the operator leaves, a signal comes or the terminal vanishes; returns the exit code.
///
/// # Errors
/// Fails if there is no terminal to draw on.
pub async fn run(prepared: Prepared, look: Look) -> Result<u8> {
    let Prepared {
        loaded,
        theme,
        able,
        problems,
        remembered,
    } = prepared;
    let settings = &loaded.config.ui;
    let guard = guard::Guard::enter(settings.mouse)
        .wrap_err("the dashboard needs a terminal; `qd get` and `qd snapshot` do not")?;
    let (reports, _) = crate::terminal::input::start()?;
    let signals = Signals::listen()?;
    let screen = Screen::new(settings.synchronised_output)?;
    let (mut fleet, batches) = Fleet::new();
    fleet.open_all(&loaded.config);
    let (acts, news) = Acts::new(&loaded.config, Pace::default());
    let kept = recall(remembered.as_deref());
    let start = start(&loaded, theme, look, kept, &fleet);
    let area = screen.area();
    let mut app = App {
        ui: Ui::new(&loaded.config, start),
        loaded,
        able,
        store: Store::default(),
        fleet,
        acts,
        news,
        batches,
        screen,
        signals,
        by_hand: input::ByHand::default(),
        clipboard: Clipboard::default(),
        switch: None,
        remembered,
        frame: Frame {
            dirty: true,
            urgent: true,
            ..Frame::default()
        },
        over: None,
    };
    app.tell_contexts();
    app.complain(&problems);
    app.resize(area.width, area.height);
    let code = app.turn(reports).await?;
    drop(guard);
    Ok(code)
}

/// Where the interface begins: what the command line asks for, else the namespaces that the contexts name.
fn start(loaded: &Loaded, theme: Theme, look: Look, kept: Remembered, fleet: &Fleet) -> Start {
    let named = || {
        let named: BTreeSet<&str> = fleet
            .endpoints()
            .filter(|endpoint| endpoint.engine.runs())
            .map(|endpoint| endpoint.namespace.as_str())
            .collect();
        if named.contains("") {
            Vec::new()
        } else {
            named.into_iter().map(str::to_owned).collect()
        }
    };
    Start {
        theme,
        themes: Theme::names(loaded.themes().as_deref()),
        line: look.view.unwrap_or_default(),
        namespaces: look.namespaces.unwrap_or_else(named),
        zone: Some(TimeZone::system()),
        remembered: kept,
    }
}

/// What was remembered; nothing if it cannot be read.
fn recall(path: Option<&Path>) -> Remembered {
    let Some(path) = path else {
        return Remembered::default();
    };
    Remembered::load(path).unwrap_or_else(|error| {
        tracing::warn!("{} cannot be read: {error}", path.display());
        Remembered::default()
    })
}

impl App {
    async fn turn(&mut self, mut reports: mpsc::Receiver<Report>) -> Result<u8> {
        let taken = self.screen.taken();
        loop {
            if let Some(code) = self.over {
                return Ok(code);
            }
            let due = self.frame.due();
            let ready = self.screen.ready();
            tokio::select! {
                biased;
                report = reports.recv() => self.reported(report, &mut reports)?,
                signal = self.signals.next() => self.signalled(signal)?,
                Some(news) = self.news.recv() => {
                    self.ui.told(&self.store, news, now());
                    self.frame.dirty = true;
                    self.frame.urgent = true;
                }
                () = taken.notified(), if !ready => {}
                () = until(due), if ready && due.is_some() => self.draw()?,
                Some(batch) = self.batches.recv() => self.apply(batch),
                () = second(self.frame.tick), if self.frame.tick.is_some() => {
                    self.frame.tick = None;
                    self.frame.dirty = true;
                }
            }
        }
    }

    /// Takes a report and those that wait behind it: a held key or a paste costs one frame.
    fn reported(
        &mut self,
        first: Option<Report>,
        reports: &mut mpsc::Receiver<Report>,
    ) -> Result<()> {
        let mut next = first;
        if next.is_none() {
            self.over = Some(HUNG_UP);
        }
        while let Some(report) = next {
            match report {
                Report::HungUp => self.over = Some(HUNG_UP),
                Report::Event(event, at) => {
                    if let Some(input) = self.by_hand.input(event, at) {
                        self.input(input)?;
                    }
                }
            }
            next = if self.over.is_none() {
                reports.try_recv().ok()
            } else {
                None
            };
        }
        Ok(())
    }

    fn input(&mut self, input: Input) -> Result<()> {
        if let Input::Resize(width, height) = input {
            self.screen.resize(width, height);
        }
        self.frame.dirty = true;
        self.frame.urgent = true;
        for effect in self.ui.handle(&self.store, input, now()) {
            self.effect(effect)?;
        }
        Ok(())
    }

    /// Says what is wrong with settings that do not keep us from starting.
    fn complain(&mut self, problems: &[Problem]) {
        for problem in problems {
            tracing::warn!("{}", problem.line());
        }
        if let [first, rest @ ..] = problems {
            let more = match rest.len() {
                0 => String::new(),
                more => format!(" (and {more} more: qd config check)"),
            };
            self.ui.say(format!("{}{more}", first.line()), true, now());
        }
    }

    fn resize(&mut self, width: u16, height: u16) {
        let _ = self
            .ui
            .handle(&self.store, Input::Resize(width, height), now());
    }

    fn signalled(&mut self, signal: Signal) -> Result<()> {
        match signal {
            Signal::End(code) => self.over = Some(code),
            Signal::Suspend => self.suspend()?,
            Signal::Continue => {
                self.screen.repaint();
                self.frame.dirty = true;
            }
        }
        Ok(())
    }

    /// Applies batches for a while.
    fn apply(&mut self, first: Batch) {
        let began = Instant::now();
        let at = now();
        let mut next = Some(first);
        while let Some(batch) = next {
            // A source that opens, begins, ends or fails is told at once: the first page of a list comes with such a
            // word, and what an endpoint is asked for follows from the screen.
            self.frame.urgent |= batch.changes.iter().any(turns);
            self.store.apply(batch, at);
            next = if began.elapsed() < WORK {
                self.batches.try_recv().ok()
            } else {
                None
            };
        }
        self.follow_switch();
        self.frame.dirty = true;
    }

    fn draw(&mut self) -> Result<()> {
        let at = Instant::now();
        let now = now();
        let resort =
            self.frame.urgent || self.frame.sorted.is_none_or(|sorted| at - sorted >= RESORT);
        self.ui.prepare(&self.store, now, resort);
        if resort {
            self.frame.sorted = Some(at);
        }
        let (ui, store) = (&self.ui, &self.store);
        self.screen.draw(|buffer| paint(ui, store, now, buffer))?;
        self.fleet.want(self.ui.demand(&self.store));
        for wish in self.ui.wishes(&self.store, now) {
            self.effect(wish)?;
        }
        self.frame = Frame {
            // What was not sorted now is sorted when its time has come.
            dirty: !resort && self.ui.unsorted(&self.store),
            urgent: false,
            drawn: Some(at),
            sorted: self.frame.sorted,
            tick: self.ui.next_tick(&self.store, now),
        };
        Ok(())
    }
}

/// Whether a change is a turn in a source's life, and not one of many rows.
fn turns(change: &Change) -> bool {
    matches!(
        change,
        Change::Endpoint(_) | Change::Status(_) | Change::Listed
    )
}

/// Paints the interface, and our own log into the place that it leaves for it.
fn paint(ui: &Ui, store: &Store, now: Moment, buffer: &mut Buffer) -> Option<(u16, u16)> {
    let cursor = ui.draw(store, now, buffer);
    if let Some(area) = ui.own_log_area() {
        tui_logger::move_events();
        TuiLoggerWidget::default()
            .output_file(false)
            .output_line(false)
            .output_timestamp(Some("%H:%M:%S".into()))
            .render(area, buffer);
    }
    cursor
}

impl Frame {
    /// When to draw; none while there is nothing to draw.
    fn due(&self) -> Option<Instant> {
        let now = Instant::now();
        self.dirty.then(|| match self.drawn {
            Some(drawn) if !self.urgent => (drawn + DATA_FRAME).max(now),
            _ => now,
        })
    }
}

async fn until(due: Option<Instant>) {
    if let Some(due) = due {
        tokio::time::sleep_until(due).await;
    }
}

/// Waits until the clock shows a second.
async fn second(moment: Option<Moment>) {
    if let Some(moment) = moment {
        let ahead = moment.timestamp().duration_since(Timestamp::now());
        tokio::time::sleep(Duration::try_from(ahead).unwrap_or_default()).await;
    }
}

/// What to say instead of starting when there is no cluster to show: where was looked, and the way out.
pub fn nothing_to_show(config: &Config) -> Option<String> {
    let docker = !config.docker.is_empty()
        || config.looks_for(Engine::Docker) && docker::host::there_is_one();
    if docker || !config.kubernetes.is_empty() || kubeconfig::in_cluster() {
        return None;
    }
    if config.only == Some(Engine::Docker) {
        return Some(
            "qd: no Docker host is named by --docker, DOCKER_HOST or a context, and there is no socket\n\n\
             To see quarterdeck at work without one:  qd demo"
                .to_owned(),
        );
    }
    let problem = kubeconfig::contexts(None).err()?;
    Some(format!(
        "qd: {problem}\n\nTo see quarterdeck at work without a cluster:  qd demo\nTo name a cluster in its settings:             qd config example"
    ))
}
