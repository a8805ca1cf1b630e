//! The whole dashboard without a terminal: real sources on the demo world, real actions, keys in and screen out.

use std::time::Duration;

use jiff::Timestamp;
use quarterdeck::actions::run::Pace;
use quarterdeck::app::acting::{Acts, World};
use quarterdeck::config::chord::sequence;
use quarterdeck::config::{Chord, Config};
use quarterdeck::model::{Batch, Moment};
use quarterdeck::sources::fleet::Fleet;
use quarterdeck::store::Store;
use quarterdeck::ui::acting::News;
use quarterdeck::ui::{Effect, Input, Start, Ui};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, timeout_at};

use crate::estate;

/// Far beyond what any step takes, so that only a hang fails.
const PATIENCE: Duration = Duration::from_mins(1);

/// An operator at the dashboard of a world that lives.
pub(crate) struct Deck {
    pub(crate) ui: Ui,
    pub(crate) store: Store,
    size: (u16, u16),
    fleet: Fleet,
    batches: Receiver<Batch>,
    acts: Acts,
    news: Receiver<News>,
    /// Seconds that the operator's clock is ahead.
    ahead: i64,
    /// What was asked that is none of the actions'.
    pub(crate) effects: Vec<Effect>,
}

impl Deck {
    /// Looks at a view of what the configuration names.
    pub(crate) fn new(config: &Config, line: &str, size: (u16, u16)) -> Self {
        let (mut fleet, batches) = Fleet::new();
        fleet.open_all(config);
        let pace = Pace {
            every: Duration::from_millis(100),
            steady: Some(Duration::ZERO),
            budget: Some(PATIENCE),
            watch: true,
        };
        let (acts, news) = Acts::new(config, pace);
        let start = Start {
            line: line.to_owned(),
            ..Start::default()
        };
        let mut deck = Self {
            ui: Ui::new(config, start),
            store: Store::default(),
            size,
            fleet,
            batches,
            acts,
            news,
            ahead: 0,
            effects: Vec::new(),
        };
        deck.input(Input::Resize(size.0, size.1));
        deck
    }

    fn now(&self) -> Moment {
        let now = Moment::from(Timestamp::now());
        Moment::from_second(now.second() + self.ahead).unwrap()
    }

    fn obey(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            let world = World {
                fleet: &self.fleet,
                store: &self.store,
            };
            self.effects.extend(self.acts.carry_out(world, effect));
        }
    }

    fn input(&mut self, input: Input) {
        let now = self.now();
        let effects = self.ui.handle(&self.store, input, now);
        self.obey(effects);
        self.settle();
    }

    fn settle(&mut self) {
        let now = self.now();
        self.ui.prepare(&self.store, now, true);
        self.fleet.want(self.ui.demand(&self.store));
        let wishes = self.ui.wishes(&self.store, now);
        self.obey(wishes);
    }

    /// Presses keys, each by a finger: words of several letters that are no key's name are typed letter by letter.
    pub(crate) fn press(&mut self, keys: &str) -> &mut Self {
        for chord in chords(keys) {
            self.input(Input::Key(chord));
        }
        self
    }

    /// The same keys as a keyboard repeats them while they are held.
    pub(crate) fn hold(&mut self, keys: &str) -> &mut Self {
        for chord in chords(keys) {
            self.input(Input::Held(chord));
        }
        self
    }

    pub(crate) fn paste(&mut self, text: &str) -> &mut Self {
        self.input(Input::Paste(text.to_owned()));
        self
    }

    /// Lets the operator's clock go on.
    pub(crate) fn wait(&mut self, seconds: i64) -> &mut Self {
        self.ahead += seconds;
        self.settle();
        self
    }

    /// The screen as text.
    pub(crate) fn screen(&mut self) -> String {
        let now = self.now();
        self.ui.prepare(&self.store, now, true);
        let mut buffer = Buffer::empty(Rect::new(0, 0, self.size.0, self.size.1));
        self.ui.draw(&self.store, now, &mut buffer);
        estate::text(&buffer)
    }

    /// Lets the world go on until the screen is as it should be.
    pub(crate) async fn until(&mut self, what: &str, right: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let screen = self.screen();
            if right(&screen) {
                return screen;
            }
            let waits = async {
                tokio::select! {
                    Some(batch) = self.batches.recv() => (Some(batch), None),
                    Some(news) = self.news.recv() => (None, Some(news)),
                    // Ages and countdowns on screen.
                    () = tokio::time::sleep(Duration::from_millis(300)) => (None, None),
                }
            };
            let Ok((batch, news)) = timeout_at(deadline, waits).await else {
                panic!("{what} was never seen:\n{screen}");
            };
            let now = self.now();
            if let Some(batch) = batch {
                self.store.apply(batch, now);
            }
            if let Some(news) = news {
                self.ui.told(&self.store, news, now);
            }
            self.settle();
        }
    }

    /// Lets the world go on until the screen says something.
    pub(crate) async fn shows(&mut self, words: &str) -> String {
        self.until(words, |screen| screen.contains(words)).await
    }

    /// Narrows the table to a row and waits for it.
    pub(crate) async fn row(&mut self, filter: &str) -> &mut Self {
        self.press("/").write(filter);
        self.press("enter");
        self.shows("a actions").await;
        self.press("g");
        self
    }

    /// Types text, spaces included.
    pub(crate) fn write(&mut self, text: &str) {
        for character in text.chars() {
            self.input(Input::Key(Chord::char(character)));
        }
    }

    /// Asserts that the screen says something now.
    #[track_caller]
    pub(crate) fn sees(&mut self, words: &str) -> &mut Self {
        let screen = self.screen();
        assert!(screen.contains(words), "no \"{words}\" in\n{screen}");
        self
    }

    /// Asserts that the screen does not say something now.
    #[track_caller]
    pub(crate) fn misses(&mut self, words: &str) -> &mut Self {
        let screen = self.screen();
        assert!(!screen.contains(words), "\"{words}\" in\n{screen}");
        self
    }
}

fn chords(keys: &str) -> Vec<Chord> {
    let of = |word: &str| match sequence(word) {
        Ok(chords) => chords,
        Err(_) => word.chars().map(Chord::char).collect(),
    };
    keys.split(' ').flat_map(of).collect()
}
