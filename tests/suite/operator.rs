//! An operator at the keys: a whole interface over a store, driven by chords and read as text.

use quarterdeck::config::{Config, chord::sequence};
use quarterdeck::model::Moment;
use quarterdeck::store::Store;
use quarterdeck::ui::theme::Theme;
use quarterdeck::ui::{Effect, Gesture, Input, Mouse, Start, Ui};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::estate;

/// An interface with its store, its size and its clock.
pub(crate) struct Operator {
    pub(crate) ui: Ui,
    pub(crate) store: Store,
    pub(crate) size: (u16, u16),
    pub(crate) now: Moment,
    /// What was asked of the outside.
    pub(crate) effects: Vec<Effect>,
    pub(crate) cursor: Option<(u16, u16)>,
}

impl Operator {
    /// Looks at the estate on a screen of this size.
    pub(crate) fn new(width: u16, height: u16) -> Self {
        Self::with(estate::live(), &Config::default(), (width, height))
    }

    pub(crate) fn with(store: Store, config: &Config, size: (u16, u16)) -> Self {
        Self::starting(store, config, Start::default(), size)
    }

    pub(crate) fn starting(store: Store, config: &Config, start: Start, size: (u16, u16)) -> Self {
        let start = Start {
            theme: Theme::default(),
            themes: ["daybreak", "fjord", "quarterdeck"]
                .map(str::to_owned)
                .to_vec(),
            ..start
        };
        let mut operator = Self {
            ui: Ui::new(config, start),
            store,
            size,
            now: estate::now(),
            effects: Vec::new(),
            cursor: None,
        };
        operator.input(Input::Resize(size.0, size.1));
        operator
    }

    fn input(&mut self, input: Input) {
        let effects = self.ui.handle(&self.store, input, self.now);
        self.effects.extend(effects);
        self.ui.prepare(&self.store, self.now, true);
    }

    /// Presses keys: words of several letters that are no key's name are typed letter by letter.
    pub(crate) fn press(&mut self, keys: &str) -> &mut Self {
        for word in keys.split(' ') {
            match sequence(word) {
                Ok(chords) => chords
                    .into_iter()
                    .for_each(|chord| self.input(Input::Key(chord))),
                Err(_) => self.write(word),
            }
        }
        self
    }

    /// Types text, spaces included.
    pub(crate) fn write(&mut self, text: &str) {
        for character in text.chars() {
            self.input(Input::Key(quarterdeck::config::Chord::char(character)));
        }
    }

    pub(crate) fn paste(&mut self, text: &str) -> &mut Self {
        self.input(Input::Paste(text.to_owned()));
        self
    }

    pub(crate) fn mouse(&mut self, gesture: Gesture, column: u16, row: u16) -> &mut Self {
        self.input(Input::Mouse(Mouse {
            gesture,
            column,
            row,
        }));
        self
    }

    pub(crate) fn resize(&mut self, width: u16, height: u16) -> &mut Self {
        self.size = (width, height);
        self.input(Input::Resize(width, height));
        self
    }

    /// Lets time pass.
    pub(crate) fn wait(&mut self, seconds: i64) -> &mut Self {
        self.now = Moment::from_second(self.now.second() + seconds).unwrap();
        self.ui.prepare(&self.store, self.now, true);
        self
    }

    /// The screen as text.
    pub(crate) fn screen(&mut self) -> String {
        self.ui.prepare(&self.store, self.now, true);
        let mut buffer = Buffer::empty(Rect::new(0, 0, self.size.0, self.size.1));
        self.cursor = self.ui.draw(&self.store, self.now, &mut buffer);
        estate::text(&buffer)
    }

    /// Asserts that the screen says something.
    #[track_caller]
    pub(crate) fn sees(&mut self, words: &str) -> &mut Self {
        let screen = self.screen();
        assert!(screen.contains(words), "no \"{words}\" in\n{screen}");
        self
    }

    /// Asserts that the screen does not say something.
    #[track_caller]
    pub(crate) fn misses(&mut self, words: &str) -> &mut Self {
        let screen = self.screen();
        assert!(!screen.contains(words), "\"{words}\" in\n{screen}");
        self
    }
}
